"""What stands at the end of a stream and is no message yet: held back, or passed over after an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explorer.capture.reader import Reader

MOST_CALLS = 64
"""As many of the calls that hold it are known, from the first on."""


class Unfinished(NamedTuple):
    """The last bytes of one direction of one connection.

    start: where the first of them stands in the stream. size: how many have come.
    calls: numbers of the first calls that hold them; skip: how far into the first call's bytes they begin.
    skipped: whether they are passed over, because of an error that begins with them (its calls are not told);
    whole: then how many there are to be, or None where only the bytes to come can tell.
    """

    start: int
    size: int
    calls: Sequence[int] = ()
    skip: int = 0
    skipped: bool = False
    whole: int | None = None


def head_of(reader: Reader, unfinished: Unfinished, most: int) -> bytes:
    """The first `most` bytes, or as many as have come in the first `MOST_CALLS` calls."""
    head, skip, most = b"", unfinished.skip, min(most, unfinished.size)
    for number in unfinished.calls:
        call = reader.call(number)
        head += reader.data(call.offset + skip, max(0, min(call.size - skip, most - len(head))))
        skip = 0
        if len(head) >= most:
            break
    return head
