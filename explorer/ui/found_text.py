"""What a framing found, in the words of headers: "400 messages", "11 errors", "skipping 200 MB of 1.8 GB"."""

from __future__ import annotations

from explorer.capture.messages import Tally
from explorer.capture.unfinished import Unfinished
from explorer.ui.units import count_text, size_text


def errors_text(tally: Tally, wrong: str = "wrong checksum") -> str:
    """What is wrong among the rows; "" if nothing is. wrong: what is wrong with messages that are there all the same.

    Errors without a message and messages with a wrong checksum are not added up.
    """
    parts = [count_text(tally.broken, "error")] if tally.broken else []
    if tally.wrong:
        parts.append(count_text(tally.wrong, wrong))
    return ", ".join(parts)


def skipping_text(skipped: Unfinished) -> str:
    """How much of what came last is passed over because of an error."""
    if skipped.whole is None:
        return f"skipping: {size_text(skipped.size)} so far"
    return f"skipping {size_text(skipped.size)} of {size_text(skipped.whole)}"
