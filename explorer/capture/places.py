"""Where in a stream the bytes stand that a span of calls means."""

from __future__ import annotations

from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

from explorer.capture.block_index import BLOCK, Match, bytes_carried
from explorer.capture.match import both, carries, of_connections, stretches
from explorer.capture.span import Place, Span
from explorer.capture.steps import Work, finish

if TYPE_CHECKING:
    from explorer.capture.stream import ByteStream, Ranges

MOST_RANGES = 1 << 16
"""Stretches that are selected at once: more would take megabytes of memory, and milliseconds of every frame."""


def offset(stream: ByteStream, place: Place) -> int:
    """Where a place stands in the stream. A call that the stream leaves out counts as empty."""
    index = stream.index
    here = bool(index.numbers(index.row(place.call), 1) == [place.call])
    return index.offset(place.call) + (place.skip if here else 0)


def place(stream: ByteStream, span: Span) -> tuple[int, int]:
    """A span's first offset and the one behind its last. Calls that the stream leaves out count as empty."""
    return offset(stream, Place(span.first_call, span.first_skip)), offset(
        stream, Place(span.last_call, span.last_skip)
    )


def places(stream: ByteStream, span: Span) -> Ranges:
    """The ranges that a span means: one, but where it leaves out bytes that stand between; none, if it holds no
    bytes of this stream. At most `MOST_RANGES`: the first."""
    return finish(place_steps(stream, span))


def place_steps(stream: ByteStream, span: Span) -> Work[Ranges]:
    """The same in steps, as a span of one connection or direction among others needs it."""
    start, stop = place(stream, span)
    if start >= stop:
        return ()
    other_connections = span.connection is not None and span.connection != stream.scope.connection
    if not other_connections and span.received in (None, stream.direction):
        return ((start, stop),)
    return (yield from _places_of_flow(stream, span))


def _places_of_flow(stream: ByteStream, span: Span) -> Work[Ranges]:
    """Those of one connection or direction."""
    wanted, found = _flow(span), list[tuple[int, int]]()
    at, number = stream.index.offset(span.first_call), span.first_call
    while number <= span.last_call and len(found) <= MOST_RANGES:
        columns = stream.reader.columns(number, min(span.last_call + 1, number + BLOCK))
        sizes, inside, mask = bytes_carried(columns), stream.index.match(columns), wanted(columns)
        if inside is not None:
            sizes = list(map(mul, sizes, inside))
        ends = list(accumulate(sizes, initial=at))
        for first, behind in [(0, columns.count)] if mask is None else stretches(mask):
            start, stop = ends[first], ends[behind]
            if number + first == span.first_call:
                start += min(sizes[first], span.first_skip)
            if number + behind - 1 == span.last_call:
                stop = ends[behind - 1] + min(sizes[behind - 1], span.last_skip)
            if start >= stop:
                continue
            if found and found[-1][1] == start:
                start = found.pop()[0]
            found.append((start, stop))
        at = ends[-1]
        number += columns.count
        yield columns.count
    return tuple(found[:MOST_RANGES])


def _flow(span: Span) -> Match:
    direction = carries(span.received is not False, span.received is not True)
    return direction if span.connection is None else both(of_connections([span.connection]), direction)
