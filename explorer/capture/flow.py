"""The bytes around a place, in the stream they belong to: those of the same connection and direction.

Calls of other connections and of the other direction that stand between are left out. How far is
looked for them is bounded, so that a look-up always takes about a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress

from explorer.capture.block_index import Match
from explorer.capture.match import both, carries, of_connections, of_sockets
from explorer.capture.reader import Reader
from explorer.capture.span import Place
from explorer.core.calls import Call

LOOK = 1 << 14
"""Calls that are looked at, either way, for more bytes of the same flow."""
FAR = 1 << 17
"""Calls that are counted at most to tell how far two places of a flow are from each other."""
_STEP = 1024


def read_on(reader: Reader, place: Place, most: int, look: int = LOOK) -> bytes:
    """Up to `most` bytes of the flow from a place on. Raises IndexError for a call that is not there."""
    call = reader.call(place.call)
    parts: list[bytes] = []
    for one in _from(reader, call, look):
        skip = place.skip if one.number == call.number else 0
        data = reader.data(one.offset + skip, max(0, min(one.size - skip, most)))
        parts.append(data)
        most -= len(data)
        if most <= 0:
            break
    return b"".join(parts)


def read_back(reader: Reader, place: Place, most: int, look: int = LOOK) -> bytes:
    """Up to `most` bytes of the flow that stand directly before a place."""
    call = reader.call(place.call)
    parts: list[bytes] = []
    for one in _back_from(reader, call, look):
        stop = place.skip if one.number == call.number else one.size
        size = min(stop, most)
        parts.append(reader.data(one.offset + stop - size, size))
        most -= size
        if most <= 0:
            break
    return b"".join(reversed(parts))


def _match_of(call: Call) -> Match:
    whose = of_connections([call.connection]) if call.connection else of_sockets([call.socket])
    return both(whose, carries(call.received, call.sent))


def _from(reader: Reader, call: Call, look: int) -> Iterator[Call]:
    """Calls of the flow of `call`, itself first."""
    yield call
    match = _match_of(call)
    start, end = call.number + 1, min(reader.count, call.number + 1 + look)
    while start < end:
        columns = reader.columns(start, min(end, start + _STEP))
        mask = match(columns)
        for at in range(columns.count):
            if mask is None or mask[at]:
                yield reader.call(start + at)
        start += columns.count


def _back_from(reader: Reader, call: Call, look: int) -> Iterator[Call]:
    yield call
    match = _match_of(call)
    stop, end = call.number, max(0, call.number - look)
    while stop > end:
        start = max(end, stop - _STEP, stop - 1 - (stop - 1) % reader.header.segment_records)
        columns = reader.columns(start, stop)
        mask = match(columns)
        for at in reversed(range(columns.count)):
            if mask is None or mask[at]:
                yield reader.call(start + at)
        stop = start


def distance(reader: Reader, first: Place, last: Place, connection: int, received: bool, most: int) -> int | None:
    """Bytes of a connection and direction from one place to a later one; None when they are more than `most`, or
    more than `FAR` calls lie between."""
    if first.call == last.call:
        size = last.skip - first.skip
        return size if size <= most else None
    if last.call - first.call > FAR:
        return None
    match = both(of_connections([connection]), carries(received, not received))
    total, number = last.skip - first.skip, first.call
    while number < last.call:
        columns = reader.columns(number, min(last.call, number + _STEP))
        mask = match(columns)
        total += sum(columns.sizes if mask is None else compress(columns.sizes, mask))
        number += columns.count
        if total > most + last.skip:
            return None
    return total if total <= most else None
