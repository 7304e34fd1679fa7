"""Likely framings of bytes that were received, each with the reason in a sentence.

`guess` looks at the beginnings of streams and tries each kind of framing that leaves traces in the bytes. A framing is
proposed only where chance is a poor explanation of what it found, and only after a framer of the registry has cut the
same bytes without an error. `raw` and `idle` leave no traces in the bytes and are never proposed.

Nothing here is wanted at start-up: import it where a user asks for a guess.
"""

from explorer.wire.framing.guess.guessing import guess
from explorer.wire.framing.guess.proposals import Guess

__all__ = ["Guess", "guess"]
