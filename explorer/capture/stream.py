"""The bytes of a selection (everything, a socket, a connection; one direction or both) as one stream.

Positions are those of the stream, in bytes from 0. `ByteStream` has them in the order of the calls; other
streams have another order (see `explorer.capture.message_stream`). Nothing is copied but what is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, Protocol

from explorer.capture import places
from explorer.capture.block_index import BlockIndex, Match
from explorer.capture.match import both, carries, everything, of_connections, of_sockets
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.steps import Work
from explorer.core.calls import RECEIVING, Call

Ranges = tuple[tuple[int, int], ...]
"""Stretches of a stream: the offset of each one's first byte and of the one behind its last. They ascend, stand
apart, and none is empty."""
_MOST_AT_ONCE = 512  # calls that are looked up together


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of one call's traffic: `size` bytes at stream offset `start`.

    call: the call; skip: how far into its traffic the piece begins.
    """

    call: Call
    start: int
    skip: int
    size: int

    @property
    def received(self) -> bool:
        return self.call.received


class CallPart(NamedTuple):
    """The same without the decoded call, which takes a tenth of the time: for views of very many small calls.

    start: stream position of its first byte; call, skip: where that byte is; size: bytes, at least 1; log: where
    they stand in the byte log.
    """

    start: int
    call: int
    skip: int
    size: int
    log: int
    connection: int
    received: bool


class Stream(Protocol):
    """Bytes of a capture in some order, as they grow. `advance` from one thread; the rest from any.

    size: bytes so far. done: calls looked at. Positions below `size` keep their bytes for ever.
    in_order: the bytes stand in the order of the calls, and of no connection and direction some are left out.
    """

    in_order: bool

    @property
    def reader(self) -> Reader: ...

    @property
    def size(self) -> int: ...

    @property
    def done(self) -> int: ...

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further units. Whether there are more to look at now."""

    def parts(self, start: int, stop: int) -> Iterator[CallPart]:
        """What stands between two positions (less at the end), call by call."""

    def pieces(self, start: int, stop: int) -> list[Piece]:
        """The same, with the calls."""

    def read(self, start: int, stop: int) -> bytes:
        """The bytes between two positions (fewer at the end)."""

    def data(self, piece: Piece) -> bytes:
        """The bytes of a piece. Where a damaged capture lacks them, zeros stand in (a warning told so)."""

    def locate(self, position: int) -> Place:
        """Which byte of which call stands at a position. Raises IndexError."""

    def position(self, place: Place) -> int:
        """Where a place stands; of one that this stream leaves out, where the next byte after it stands."""

    def places(self, span: Span) -> Ranges:
        """The ranges that a span means; none, if it holds no bytes of this stream."""

    def place_steps(self, span: Span) -> Work[Ranges]:
        """The same in steps, for spans of very many calls."""

    def span_of(self, start: int, stop: int) -> Span:
        """What `start` … `stop` - 1 (at least one byte) means in every view. Raises IndexError."""

    def call_at(self, position: int) -> tuple[int, int]:
        """The range around a position that one call's bytes fill. Raises IndexError."""


def size_of(ranges: Ranges) -> int:
    """How many bytes they are."""
    size: int = sum(map(itemgetter(1), ranges)) - sum(map(itemgetter(0), ranges))
    return size


def united(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Stretches in any order, that may meet, as ranges."""
    found: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        elif start < stop:
            found.append((start, stop))
    return tuple(found)


def read_data(reader: Reader, piece: Piece) -> bytes:
    """The bytes of a piece; zeros where a damaged capture lacks them."""
    found = reader.data(piece.call.offset + piece.skip, piece.size)
    return found + bytes(piece.size - len(found))


@dataclass(frozen=True, slots=True)
class Scope:
    """Which calls: socket None means all sockets, connection None all of its connections."""

    socket: int | None = None
    connection: int | None = None

    def match(self) -> Match:
        if self.connection is not None:
            return of_connections([self.connection])
        if self.socket is not None:
            return of_sockets([self.socket])
        return everything


class ByteStream:
    """The bytes of a scope in the order of the calls; see `Stream`.

    index: of the calls that carry them, and of those that carry none but could have.
    """

    in_order = True

    def __init__(self, reader: Reader, scope: Scope, received: bool = True, sent: bool = True) -> None:
        self.reader = reader
        self.scope = scope
        self.direction = None if received == sent else received
        self.index = BlockIndex(reader, both(scope.match(), carries(received, sent)), reads_bytes=False)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.index.size

    @property
    def done(self) -> int:
        """Calls looked at."""
        return self.index.done

    def advance(self, most: int = 1 << 62) -> bool:
        return self.index.advance(most)

    # -- reading ----------------------------------------------------------------------------------

    def parts(self, start: int, stop: int) -> Iterator[CallPart]:
        stop = min(stop, self.size)
        if start >= stop:
            return
        number, skip = self.index.at(start)
        row = self.index.row(number)
        most, begin, seen = 4, start, 0
        while numbers := self.index.numbers(row, most):
            for number, log, whole, connection, received in facts(self.reader, numbers):
                size = min(whole - skip, stop - start)
                if size > 0:
                    yield CallPart(start, number, skip, size, log + skip, connection, received)
                    start += size
                    if start >= stop:
                        return
                skip = 0
            row += len(numbers)
            # Looking up calls that are not shown costs time, where they lie far apart; as many as will fill the rest.
            seen += len(numbers)
            most = max(1, min(_MOST_AT_ONCE, (stop - start) * seen // max(1, start - begin) + 1))

    def pieces(self, start: int, stop: int) -> list[Piece]:
        """What stands between two stream offsets, call by call."""
        return [
            Piece(self.reader.call(part.call), part.start, part.skip, part.size) for part in self.parts(start, stop)
        ]

    def read(self, start: int, stop: int) -> bytes:
        """The bytes between two stream offsets (fewer at the end)."""
        return b"".join(self.data(piece) for piece in self.pieces(start, stop))

    def data(self, piece: Piece) -> bytes:
        """The bytes of a piece. Where a damaged capture lacks them, zeros stand in (a warning told so)."""
        return read_data(self.reader, piece)

    # -- places -----------------------------------------------------------------------------------

    def locate(self, position: int) -> Place:
        return Place(*self.index.at(position))

    def position(self, place: Place) -> int:
        return places.offset(self, place)

    def places(self, span: Span) -> Ranges:
        return places.places(self, span)

    def place_steps(self, span: Span) -> Work[Ranges]:
        return places.place_steps(self, span)

    def span_of(self, start: int, stop: int) -> Span:
        first, last = self.locate(start), self.locate(stop - 1)
        return Span(first.call, first.skip, last.call, last.skip + 1, self.scope.connection, self.direction)

    def call_at(self, position: int) -> tuple[int, int]:
        place = self.locate(position)
        start = position - place.skip
        return start, start + self.reader.call(place.call).size


def facts(reader: Reader, numbers: list[int]) -> Iterator[tuple[int, int, int, int, bool]]:
    """Number, offset in the byte log, size, connection and direction of each of these calls, which ascend.

    Neighbours are looked up together: it is ten times as fast, which views of many small calls need.
    """
    place = 0
    while place < len(numbers):
        first = numbers[place]
        columns = reader.columns(first, min(reader.count, first + 4 * len(numbers)))
        kinds, offsets, sizes, connections = columns.kinds, columns.offsets, columns.sizes, columns.connections
        while place < len(numbers) and numbers[place] - first < columns.count:
            at = numbers[place] - first
            yield numbers[place], offsets[at], sizes[at], connections[at], kinds[at] in RECEIVING
            place += 1
