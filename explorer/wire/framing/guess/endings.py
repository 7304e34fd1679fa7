"""Messages that end with certain bytes: lines of text, and delimiters."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.core.socket_spec import Choice
from explorer.wire.framing.guess.proposals import Proposal

TEXT = bytes((9, 10, 13, 27, *range(32, 127), *range(128, 256)))
LINE_BITS = 40.0  # that a line feed in text ends a line is known beforehand
LINE_NAMES = {"lf": "LF", "crlf": "CR LF", "any": "LF or CR LF"}


def is_text(data: bytes) -> bool:
    """Whether these bytes are UTF-8, or nearly (a character cut at the end), without control characters."""
    if data.translate(None, TEXT):
        return False
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(data) - 3 and error.reason == "unexpected end of data"
    return True


def line_proposals(samples: Sequence[bytes]) -> list[Proposal]:
    """Lines, where the samples are text with line ends."""
    if not all(map(is_text, samples)):
        return []
    feeds = sum(sample.count(b"\n") for sample in samples)
    both = sum(sample.count(b"\r\n") for sample in samples)
    if not feeds:
        return []
    ending = "lf" if not both else "crlf" if both == feeds else "any"
    name = LINE_NAMES[ending]
    return [
        Proposal(
            Choice("line", {"ending": ending}),
            f"Lines ({name})",
            lambda count: f"Every message ends with {name} and what stands before it is text: {count:,} of {count:,}.",
            LINE_BITS + feeds,
        )
    ]
