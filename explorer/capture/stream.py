"""The bytes of a selection (everything, a socket, a connection; one direction or both) as one stream.

Offsets are those of the stream, from 0, in the order of the calls. Nothing is copied but what is
asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.capture.block_index import BlockIndex, Match
from explorer.capture.match import both, carries, everything, of_connections, of_sockets
from explorer.capture.reader import Reader
from explorer.core.calls import Call

Ranges = tuple[tuple[int, int], ...]
"""Stretches of a stream: the offset of each one's first byte and of the one behind its last. They ascend, stand
apart, and none is empty."""


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


def size_of(ranges: Ranges) -> int:
    """How many bytes they are."""
    return sum(stop - start for start, stop in ranges)


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
    """A stream over a reader. `advance` its `index` as the capture grows."""

    def __init__(self, reader: Reader, scope: Scope, received: bool = True, sent: bool = True) -> None:
        self.reader = reader
        self.scope = scope
        self.index = BlockIndex(reader, both(scope.match(), carries(received, sent)))

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.index.size

    def pieces(self, start: int, stop: int) -> list[Piece]:
        """What stands between two stream offsets, call by call."""
        stop = min(stop, self.size)
        if start >= stop:
            return []
        number, skip = self.index.at(start)
        row = self.index.row(number)
        found: list[Piece] = []
        while start < stop:
            for number in self.index.numbers(row, 256):
                row += 1
                call = self.reader.call(number)
                size = min(call.size - skip, stop - start)
                if size > 0:
                    found.append(Piece(call, start, skip, size))
                    start += size
                skip = 0
                if start >= stop:
                    break
            else:
                if row >= self.index.rows:
                    break
        return found

    def read(self, start: int, stop: int) -> bytes:
        """The bytes between two stream offsets (fewer at the end)."""
        return b"".join(self.data(piece) for piece in self.pieces(start, stop))

    def data(self, piece: Piece) -> bytes:
        """The bytes of a piece. Where a damaged capture lacks them, zeros stand in (a warning told so)."""
        found = self.reader.data(piece.call.offset + piece.skip, piece.size)
        return found + bytes(piece.size - len(found))
