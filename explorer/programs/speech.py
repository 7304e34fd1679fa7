"""Lines of text as programs hear and say them.

Under a framing of lines a message is one line without its end. With raw framing a message is whatever one recv
returned: it may hold several lines, and what is answered to a line ends as that line did, so that it looks right in the
peer's window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from explorer.programs.api import Send

BLOCK = 4096  # bytes that are split at once: there can be a million lines


@dataclass(frozen=True, slots=True)
class Said:
    """One line. text: without the blanks around it. ending: what ended it inside the message; b"" where nothing did."""

    text: bytes
    ending: bytes = b""

    def answer(self, text: bytes) -> Send:
        """What is said in return."""
        return Send(text + self.ending)


def lines_of(payload: bytes) -> Iterator[Said]:
    """The lines of one message; an empty message is one empty line."""
    place = 0
    while (end := _line_end(payload, place)) >= 0:
        for piece in payload[place:end].split(b"\n"):
            yield Said(piece.strip(), b"\r\n" if piece.endswith(b"\r") else b"\n")
        place = end + 1
    if place < len(payload) or not payload:
        yield Said(payload[place:].strip())


def _line_end(payload: bytes, place: int) -> int:
    """Where the last line ends of those within BLOCK, or the first one that is longer; -1 without any."""
    end = payload.rfind(b"\n", place, place + BLOCK)
    return end if end >= 0 else payload.find(b"\n", place)
