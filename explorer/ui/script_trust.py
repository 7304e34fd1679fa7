"""Which scripts may run here: those that the user wrote in this window, and those that he trusted. No Qt.

What came into the document in any other way than by the code editor (with a file, a pasted or restored socket, by
undoing, by choosing another kind of program and going back) was written by nobody here. It does not become the user's
own when the editor makes the same text of it again: by a letter that is typed and taken back, by other line ends.
"""

from __future__ import annotations

import re

from explorer import trust
from explorer.core.errors import ShownError


class ScriptTrust:
    """What is written here becomes trusted for good when it is to run, or when its window is closed: not at every
    letter that is typed."""

    def __init__(self) -> None:
        self._written: set[bytes] = set()
        self._foreign: set[bytes] = set()  # by their outlines: what came and is not trusted
        self._left: set[bytes] = set()

    def wrote(self, source: str) -> None:
        """The user made this in the code editor."""
        if _outline(source) not in self._foreign:
            self._written.add(_digest(source))

    def came(self, source: str) -> None:
        """The document has this now, wherever it comes from."""
        if not self.trusts(source):
            self._foreign.add(_outline(source))

    def trusts(self, source: str) -> bool:
        """Whether it may run."""
        return _digest(source) in self._written or trust.is_trusted(source)

    def settle(self, source: str) -> str:
        """Let others know before a script runs that was written here. Why that cannot be, as a sentence; ""."""
        return self.trust(source) if _digest(source) in self._written else ""

    def trust(self, source: str) -> str:
        """The user trusts it. Why that cannot be kept, as a sentence; ""."""
        try:
            trust.trust(source)
        except ShownError as error:
            return str(error)
        self._foreign.discard(_outline(source))
        return ""

    def leave_off(self, source: str) -> None:
        """The user does not want to be asked about it again, until he wants to start it."""
        self._left.add(_digest(source))

    def ask_again(self, source: str) -> None:
        self._left.discard(_digest(source))

    def asks(self, source: str) -> bool:
        """Whether the user is to be asked about it."""
        return _digest(source) not in self._left and not self.trusts(source)


def _outline(source: str) -> bytes:
    """The same for all that an editor may make of a text without a change that matters: it has line ends, blanks and
    characters of its own for some."""
    return _digest(re.sub(r"[^!-~]+", "", source))


def _digest(source: str) -> bytes:
    import hashlib  # seldom needed

    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).digest()
