"""The call of a stream that is nearest to a time."""

from __future__ import annotations

from bisect import bisect_left

from explorer.capture.stream import ByteStream
from explorer.core.calls import Call


def nearest_call(stream: ByteStream, time: int) -> Call | None:
    """Of the calls that carry bytes, or could; time: nanoseconds since the capture began. None: there are none."""
    index, reader = stream.index, stream.reader
    if not index.rows:
        return None
    first = bisect_left(range(stream.done), time, key=lambda number: reader.call(number).time)
    row = index.row(first)
    near = [reader.call(index.number(one)) for one in (row - 1, row) if 0 <= one < index.rows]
    return min(near, key=lambda call: abs(call.time - time))
