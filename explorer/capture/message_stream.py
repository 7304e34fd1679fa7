"""The bytes of messages as one stream, in the order in which the messages were completed.

A message's bytes stand together here, though in the capture calls of others may stand between. Bytes that
belong to no message are left out: those of unfinished ones, and what broken framing skips. As in
`BlockIndex`, only running totals are kept, of every `BLOCK`-th message.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress

from explorer.capture.arrangement import MessageRule
from explorer.capture.block_index import BLOCK
from explorer.capture.flow import distance
from explorer.capture.match import both, carries, of_connections, of_sockets
from explorer.capture.message_spans import row_steps
from explorer.capture.messages import Message, Messages
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.steps import Work, finish
from explorer.capture.stream import CallPart, Piece, Ranges, read_data, united

MOST_ONE_BY_ONE = 512
"""Messages at either end of a run that are cut exactly where a span begins or ends; of a run of more, those in the
middle are taken whole."""
_CACHED = 64  # blocks
_PARTS_KEPT = 1 << 16  # parts of messages that came in several calls
_LOOK = 4096  # records looked at in one step
_CUT = 16  # units that cutting a message counts as


@dataclass(frozen=True, slots=True)
class MessageBlock:
    """Messages of one block: their numbers, and where the bytes of each end, counted from the block's first."""

    numbers: Sequence[int]
    ends: Sequence[int]


class MessageStream:
    """See `explorer.capture.stream.Stream`. messages: advanced by another, before this is.

    measured: messages looked at.
    """

    in_order = False

    def __init__(self, reader: Reader, messages: Messages, received: bool = True, sent: bool = True) -> None:
        self.reader = reader
        self.messages = messages
        self.direction = None if received == sent else received
        self.measured = 0
        self._done = 0
        self._before = array("Q", [0])  # bytes before each block
        self._tail = 0
        self._size = 0
        self._lock = threading.Lock()  # of the caches
        self._blocks: OrderedDict[int, tuple[int, MessageBlock]] = OrderedDict()
        self._parts: OrderedDict[int, list[CallPart]] = OrderedDict()
        self._kept = 0  # parts in it

    @property
    def size(self) -> int:
        return self._size

    @property
    def done(self) -> int:
        """Calls whose messages are here."""
        return self._done

    # -- growing ----------------------------------------------------------------------------------

    def advance(self, most: int = 1 << 62) -> bool:
        done = self.messages.done  # before the rows: those of all these calls are there
        rows = self.messages.rows
        target = min(rows, self.measured + most)
        while self.measured < target:
            block_end = (self.measured // BLOCK + 1) * BLOCK
            stop = min(target, block_end)
            self._tail += sum(self.measure(self.measured, stop)[1])
            size = self._before[-1] + self._tail
            if stop == block_end:
                self._before.append(size)
                self._tail = 0
            self.measured, self._size = stop, size
        if self.measured == rows:
            self._done = done
        return self.measured < rows

    def measure(self, start: int, stop: int) -> tuple[Sequence[int], Sequence[int]]:
        """Numbers of the messages `start` … `stop` - 1 that are shown, and how many bytes of each."""
        numbers: list[int] = []
        sizes: list[int] = []
        while start < stop:
            columns = self.messages.columns(start, stop - start)
            found = list(columns.sizes)
            errors = columns.errors
            for place in compress(range(columns.count), errors) if errors.count(1) else ():
                found[place] = self._there(self.messages.message(start + place))
            span = range(start, start + columns.count)
            if self.direction is None:
                numbers += span
                sizes += found
            else:
                mask = columns.received if self.direction else columns.received.translate(_INVERSE)
                numbers += compress(span, mask)
                sizes += compress(found, mask)
            start = span.stop
        return numbers, sizes

    def _there(self, message: Message) -> int:
        """Bytes of a place where the framing is broken that were there when that was found. The rest of what it
        skips came later, among the bytes of others."""
        if not message.size:
            return 0
        if message.first_call == message.call:
            return max(0, min(message.size, message.end - message.skip))
        end = Place(message.call, message.end)
        found = distance(
            self.reader,
            Place(message.first_call, message.skip),
            end,
            message.connection,
            message.received,
            message.size,
        )
        return max(0, found or 0)

    def block(self, number: int) -> MessageBlock:
        """The messages of a block, as far as they are measured."""
        start = number * BLOCK
        stop = min(start + BLOCK, self.measured)
        with self._lock:
            cached = self._blocks.get(number)
            if cached and cached[0] == stop:
                self._blocks.move_to_end(number)
                return cached[1]
        numbers, sizes = self.measure(start, stop)
        made = MessageBlock(numbers, list(accumulate(sizes)))
        with self._lock:
            self._blocks[number] = stop, made
            if len(self._blocks) > _CACHED:
                self._blocks.popitem(last=False)
        return made

    # -- messages ---------------------------------------------------------------------------------

    def message_at(self, position: int) -> tuple[int, int, int]:
        """(number, start, stop): the message that a position belongs to, and the range of its bytes. IndexError."""
        if not 0 <= position < self._size:
            raise IndexError(position)
        number = bisect_right(self._before, position) - 1
        block, before = self.block(number), self._before[number]
        place = bisect_right(block.ends, position - before)
        return block.numbers[place], before + (block.ends[place - 1] if place else 0), before + block.ends[place]

    def range_of(self, number: int) -> tuple[int, int]:
        """The range of a message's bytes; of one that is left out, the place where the next one begins."""
        if number >= self.measured:
            return self._size, self._size
        block, before = self.block(number // BLOCK), self._before[number // BLOCK]
        place = bisect_left(block.numbers, number)
        start = before + (block.ends[place - 1] if place else 0)
        if place < len(block.numbers) and block.numbers[place] == number:
            return start, before + block.ends[place]
        return start, start

    def rule(self, number: int) -> MessageRule:
        """What stands above a message."""
        message = self.messages.message(number)
        start, stop = self.range_of(number)
        place = self._earlier(number)
        if place is None:
            return MessageRule(message, stop - start, None)
        earlier = self.messages.message(place)
        return MessageRule(message, stop - start, message.time - earlier.time, message.call == earlier.call)

    def _earlier(self, number: int) -> int | None:
        """The message that is shown before this one."""
        at = number // BLOCK
        while at >= 0:
            numbers = self.block(at).numbers
            if place := bisect_left(numbers, number):
                return numbers[place - 1]
            at -= 1
        return None

    # -- reading ----------------------------------------------------------------------------------

    def parts(self, start: int, stop: int) -> Iterator[CallPart]:
        stop = min(stop, self._size)
        while start < stop:
            number, begin, end = self.message_at(start)
            parts = self._parts_of(number, end - begin)
            first = bisect_right(parts, start - begin, key=lambda one: one.start) - 1
            for part in parts[max(0, first) :]:
                at = begin + part.start
                if at >= stop:
                    return
                skip = max(0, start - at)
                size = min(part.size, stop - at) - skip
                yield part._replace(start=at + skip, skip=part.skip + skip, size=size, log=part.log + skip)
            start = end

    def _parts_of(self, number: int, size: int) -> list[CallPart]:
        """Through which calls a message came; `start` counts from its first byte."""
        message = self.messages.message(number)
        call = self.reader.call(message.first_call)
        if message.skip + size <= call.size:
            log = call.offset + message.skip
            return [CallPart(0, call.number, message.skip, size, log, message.connection, message.received)]
        with self._lock:
            if (kept := self._parts.get(number)) is not None:
                self._parts.move_to_end(number)
                return kept
        found = list(self._find_parts(message, size))
        with self._lock:
            if number not in self._parts:
                self._parts[number] = found
                self._kept += len(found)
            while self._kept > _PARTS_KEPT and len(self._parts) > 1:
                self._kept -= len(self._parts.popitem(last=False)[1])
        return found

    def _find_parts(self, message: Message, size: int) -> Iterator[CallPart]:
        whose = of_connections([message.connection]) if message.connection else of_sockets([message.socket])
        match = both(whose, carries(message.received, not message.received))
        start, skip, at = message.first_call, message.skip, 0
        while at < size and start <= message.call:
            columns = self.reader.columns(start, min(message.call + 1, start + _LOOK))
            mask = match(columns)
            span = range(columns.start, columns.start + columns.count)
            found = zip(span, columns.sizes, columns.offsets, strict=True)
            for number, whole, log in found if mask is None else compress(found, mask):
                part = min(whole - skip, size - at)
                if part > 0:
                    yield CallPart(at, number, skip, part, log + skip, message.connection, message.received)
                    at += part
                skip = 0
            start = span.stop

    def pieces(self, start: int, stop: int) -> list[Piece]:
        return [
            Piece(self.reader.call(part.call), part.start, part.skip, part.size) for part in self.parts(start, stop)
        ]

    def read(self, start: int, stop: int) -> bytes:
        return b"".join(self.data(piece) for piece in self.pieces(start, stop))

    def data(self, piece: Piece) -> bytes:
        return read_data(self.reader, piece)

    # -- places -----------------------------------------------------------------------------------

    def locate(self, position: int) -> Place:
        if not 0 <= position < self._size:
            raise IndexError(position)
        part = next(self.parts(position, position + 1))
        return Place(part.call, part.skip)

    def position(self, place: Place) -> int:
        call = self.reader.call(place.call)
        span = Span(place.call, place.skip, place.call, place.skip + 1, call.connection, call.received)
        if found := self.places(span):
            return found[0][0]
        return self.range_of(self.messages.row_of(place.call + 1))[0]

    def places(self, span: Span) -> Ranges:
        """Of a span of very many messages, those in the middle that began before it count as a whole."""
        return finish(self.place_steps(span))

    def place_steps(self, span: Span) -> Work[Ranges]:
        found: list[tuple[int, int]] = []
        for rows in (yield from row_steps(self.reader, self.messages, span)):
            shown = range(rows.start, min(rows.stop, self.measured))
            for part in _thirds(shown):
                if len(part) > MOST_ONE_BY_ONE:
                    found.append((self.range_of(part.start)[0], self.range_of(part.stop)[0]))
                else:
                    for number in part:
                        found += self._cut(number, span)
                        yield _CUT
        return united(found)

    def _cut(self, number: int, span: Span) -> Iterator[tuple[int, int]]:
        """What a span holds of a message."""
        start, stop = self.range_of(number)
        if start == stop:
            return
        message = self.messages.message(number)
        if span.connection not in (None, message.connection) or span.received not in (None, message.received):
            return
        begin, end = (span.first_call, span.first_skip), (span.last_call, span.last_skip)
        if begin <= (message.first_call, message.skip) and (message.call, message.end) <= end:
            yield start, stop
            return
        for part in self._parts_of(number, stop - start):
            low = part.skip if part.call > begin[0] else max(part.skip, begin[1]) if part.call == begin[0] else None
            high = part.skip + part.size
            high = high if part.call < end[0] else min(high, end[1]) if part.call == end[0] else -1
            if low is not None and low < high:
                yield start + part.start + low - part.skip, start + part.start + high - part.skip

    def span_of(self, start: int, stop: int) -> Span:
        """From the first of the bytes to the last in the order of the calls. Of several messages, those that stand
        first decide where it begins: a later one of another connection may have begun earlier."""
        first, *_ = self.message_at(start)
        last, *_ = self.message_at(stop - 1)
        end = self.locate(stop - 1)
        if first == last:
            message, begin = self.messages.message(first), self.locate(start)
            return Span(begin.call, begin.skip, end.call, end.skip + 1, message.connection, message.received)
        flows: set[tuple[int, bool]] = set()
        begin, at, left = self.locate(start), start, 64
        while at < stop and left:
            number, _, at = self.message_at(at)
            message = self.messages.message(number)
            flows.add((message.connection, message.received))
            if number != first:
                begin = min(begin, Place(message.first_call, message.skip))
            end = max(end, Place(message.call, max(0, message.end - 1))) if at <= stop else end
            left -= 1
        connection, received = flows.pop() if at >= stop and len(flows) == 1 else (None, self.direction)
        return Span(begin.call, begin.skip, end.call, end.skip + 1, connection, received)

    def call_at(self, position: int) -> tuple[int, int]:
        number, call = self.message_at(position)[0], self.locate(position).call
        completed = range(self.messages.row_of(call), min(self.measured, self.messages.row_of(call + 1)))
        inside = number in completed
        start, _ = self._of_call(completed[0] if inside else number, call)
        _, stop = self._of_call(completed[-1] if inside else number, call)
        if inside and stop < self._size:  # one more may begin in it
            begin, end = self._of_call(self.message_at(stop)[0], call)
            stop = end if begin == stop else stop
        elif not inside and start and self.message_at(start - 1)[0] in completed:
            start, _ = self._of_call(completed[0], call)
        return start, stop

    def _of_call(self, number: int, call: int) -> tuple[int, int]:
        """The range of a message's bytes that one call carried; an empty one where it begins, if there are none."""
        start, stop = self.range_of(number)
        parts = [part for part in self._parts_of(number, stop - start) if part.call == call] if stop > start else []
        return (start + parts[0].start, start + parts[-1].start + parts[-1].size) if parts else (start, start)


_INVERSE = bytes([1, 0]) + bytes(254)


def _thirds(rows: range) -> tuple[range, ...]:
    """The ends of many rows, and what lies between; few rows as they are."""
    if len(rows) <= 2 * MOST_ONE_BY_ONE:
        return (rows[:MOST_ONE_BY_ONE], rows[MOST_ONE_BY_ONE:])
    return rows[:MOST_ONE_BY_ONE], rows[MOST_ONE_BY_ONE:-MOST_ONE_BY_ONE], rows[-MOST_ONE_BY_ONE:]
