"""The first messages of a connection under any framing: a preview, from its first bytes only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from explorer.capture.block_index import Match
from explorer.capture.match import any_of, both, carries, kinds, of_connections, of_sockets
from explorer.capture.reader import Columns, Reader
from explorer.capture.steps import Work
from explorer.capture.stream import Scope
from explorer.capture.words import counted
from explorer.core.calls import Call, CallFlag, CallKind
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, Frame, FramingError, timed
from explorer.wire.framing.registry import make_framer

MOST_BYTES = 1 << 16
MOST_FOUND = 8
SHOWN = 40  # bytes of each message that are kept
_LOOK = 4096  # records looked at in one step
_PIECE = 1024  # bytes framed in one step
_WHOLE = (CallKind.recvfrom, CallKind.sendto)
_RARE = kinds([CallKind.socket, CallKind.close])


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one call carried. time: nanoseconds since the capture began. ended: the stream ended, or (closed) the
    connection did; then there are no bytes. left: how many of the call's bytes were not taken, because enough were."""

    time: int
    data: bytes
    datagram: bool = False
    ended: bool = False
    closed: bool = False
    left: int = 0


class Beginning:
    """What is known of the connection so far. chunks: only ever grow. size: bytes of them. full: no more are wanted.
    number: its own, 0 for a socket without connections."""

    __slots__ = ("chunks", "full", "number", "size")

    def __init__(self, number: int) -> None:
        self.number = number
        self.chunks: list[Chunk] = []
        self.size = 0
        self.full = False


class FirstBytes:
    """Finds the first bytes, up to `MOST_BYTES`, of a connection and direction. Of a socket, those of the connection
    that carried bytes first since the socket was started last (or the time before, while there are none since).

    `advance` from one thread; `begun` from any: None before there are bytes.
    """

    def __init__(self, reader: Reader, scope: Scope, received: bool) -> None:
        self.reader = reader
        self.scope = scope
        self.received = received
        self.begun: Beginning | None = None
        self._done = 0
        self._fresh = False  # the socket was started again
        self._socket = scope.match() if scope.socket is None else of_sockets([scope.socket])
        self._payload = carries(received, not received)

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further records. Whether there are more to look at now."""
        target = min(self.reader.count, self._done + most)
        while self._done < target:
            if self._over:
                self._done = target
                break
            columns = self.reader.columns(self._done, min(target, self._done + _LOOK))
            self._done = self._look(columns)
        return self._done < self.reader.count and not self._over

    @property
    def _over(self) -> bool:
        return self.scope.connection is not None and self.begun is not None and self.begun.full

    def _match(self) -> Match:
        begun = self.begun
        if begun is not None and begun.full and not self._fresh:
            return both(_RARE, self._socket)
        if self.scope.connection is not None:
            payload = both(self._payload, self.scope.match())
        elif begun is None or self._fresh:
            payload = both(self._payload, self._socket)
        else:
            payload = both(self._payload, self._socket, of_connections([begun.number]))
        return any_of(payload, both(_RARE, self._socket))

    def _look(self, columns: Columns) -> int:
        """Up to where they were looked at: others match from the start of the socket on."""
        mask = self._match()(columns)
        numbers = range(columns.start, columns.start + columns.count)
        for number in numbers if mask is None else compress(numbers, mask):
            call = self.reader.call(number)
            if call.kind is CallKind.socket:
                self._fresh = self.scope.connection is None and self.begun is not None
                return number + 1
            if call.kind is CallKind.close:
                self._close(call)
            elif not call.errno and not call.flags & CallFlag.DETAIL:
                self._take(call)
        return numbers.stop

    def _take(self, call: Call) -> None:
        begun = self.begun
        if begun is None or self._fresh:
            if call.flags & CallFlag.END:
                return  # it ended before it began: another one may have bytes
            begun = Beginning(call.connection)
        elif begun.full or begun.number != call.connection:
            return
        room = MOST_BYTES - begun.size
        datagram = bool(call.flags & CallFlag.DATAGRAM) or call.kind in _WHOLE
        if call.flags & CallFlag.END:
            begun.chunks.append(Chunk(call.time, b"", ended=True))
            begun.full = True
        elif room and (not datagram or call.size <= room):
            data = self.reader.data(call.offset, min(room, call.size))
            begun.size += len(data)
            begun.chunks.append(Chunk(call.time, data, datagram, left=call.size - len(data)))
            begun.full = begun.size == MOST_BYTES
        else:
            begun.full = True
        self.begun, self._fresh = begun, False

    def _close(self, call: Call) -> None:
        """Of the connection, or of its socket with all of them."""
        begun = self.begun
        if begun is not None and not begun.full and not self._fresh and call.connection in (0, begun.number):
            begun.chunks.append(Chunk(call.time, b"", ended=True, closed=True))
            begun.full = True


@dataclass(frozen=True, slots=True)
class FirstMessage:
    """offset: in the connection's bytes, from 0. data: its first bytes, at most `SHOWN`. size: bytes of the message.
    error: a sentence; then there is no message, or one whose checksum is wrong."""

    offset: int
    size: int
    data: bytes
    error: str = ""


@dataclass(frozen=True, slots=True)
class FirstMessages:
    """found: at most as many as were wanted. looked: bytes that were there. pending: those of them that belong to a
    message which is not whole yet. due: when silence makes it one, as `TimedFramer.due`; None: silence does not."""

    found: tuple[FirstMessage, ...]
    looked: int
    pending: int
    due: int | None = None


def first_messages(
    chunks: Sequence[Chunk], framing: Choice, now: int | None = None, most: int = MOST_FOUND
) -> Work[FirstMessages]:
    """now: on the clock of the chunks, where the capture goes on. The work raises InputError when there is no such
    framing."""
    if framing.kind == "raw":
        return _calls(chunks, most)
    if any(chunk.datagram for chunk in chunks):
        return _datagrams(chunks, framing, most)
    return _stream(chunks, framing, now, most)


def _calls(chunks: Sequence[Chunk], most: int) -> Work[FirstMessages]:
    """Without framing, what each call carried is a message."""
    found: list[FirstMessage] = []
    offset = 0
    for chunk in chunks[: most + 1]:
        if not chunk.ended:
            found.append(FirstMessage(offset, len(chunk.data) + chunk.left, chunk.data[:SHOWN]))
            offset += len(chunk.data)
    yield 1
    return FirstMessages(tuple(found[:most]), _size(chunks), 0)


def _datagrams(chunks: Sequence[Chunk], framing: Choice, most: int) -> Work[FirstMessages]:
    """Each is framed on its own."""
    found: list[Found] = []
    start = 0
    for chunk in chunks:
        if chunk.datagram and len(found) < most:
            framer = make_framer(framing)
            here = [*framer.feed(chunk.data), *framer.end()]
            if framer.pending:
                here.append(_broken("The datagram ended", len(chunk.data), framer.pending))
            found += [replace(one, offset=start + one.offset) for one in here]
            start += len(chunk.data)
            yield _PIECE
    return FirstMessages(tuple(map(_shown, found[:most])), _size(chunks), 0)


def _stream(chunks: Sequence[Chunk], framing: Choice, now: int | None, most: int) -> Work[FirstMessages]:
    framer = make_framer(framing)
    clock, size = timed(framer), _size(chunks)
    found: list[Found] = []
    # Where time does not matter, any pieces give the same messages: larger ones than the calls' are quicker.
    same = chunks if clock else [Chunk(0, b"".join(chunk.data for chunk in chunks))]
    for time, piece in _pieces(same):
        if clock:
            found += clock.at(time)
        found += framer.feed(piece)
        yield len(piece)
        if len(found) >= most:
            return FirstMessages(tuple(map(_shown, found[:most])), size, 0)
    if chunks and chunks[-1].ended:
        found += framer.end()
        if framer.pending:
            what = "The connection was closed" if chunks[-1].closed else "The stream ended"
            found.append(_broken(what, size, framer.pending))
        return FirstMessages(tuple(map(_shown, found[:most])), size, 0)
    if size >= MOST_BYTES:  # nobody looked whether more came: that is no silence
        return FirstMessages(tuple(map(_shown, found[:most])), size, framer.pending)
    if clock and now is not None:
        found += clock.at(now)
    return FirstMessages(tuple(map(_shown, found[:most])), size, framer.pending, clock.due if clock else None)


def _pieces(chunks: Sequence[Chunk]) -> Iterator[tuple[int, bytes]]:
    for chunk in chunks:
        for start in range(0, len(chunk.data), _PIECE):
            yield chunk.time, chunk.data[start : start + _PIECE]


def _size(chunks: Sequence[Chunk]) -> int:
    return sum(len(chunk.data) for chunk in chunks)


def _broken(what: str, size: int, left: int) -> FramingError:
    sentence = f"{what} in the middle of a message, {counted(left, 'byte')} after its beginning."
    return FramingError(size - left, left, sentence)


def _shown(found: Found) -> FirstMessage:
    if isinstance(found, Frame):
        return FirstMessage(found.offset, len(found.payload), found.payload[:SHOWN])
    data = found.payload or b""
    return FirstMessage(found.offset, len(data), data[:SHOWN], found.message)
