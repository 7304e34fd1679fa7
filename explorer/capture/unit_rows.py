"""Rows that are broken into units: calls or messages. Each begins with a rule, then its bytes from column 0.

As in `BlockIndex`, only running totals are kept: the rows and the bytes before every `BLOCK`-th unit. One block
is found by bisection and measured again. So rows are exact at any size, and a million units cost 12 kB.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress
from typing import Protocol

from explorer.capture.arrangement import Block, CallRule, Line, MessageRule, Rule, rectangles
from explorer.capture.block_index import BLOCK, bytes_carried
from explorer.capture.message_stream import MessageStream
from explorer.capture.raw_stream import RawStream
from explorer.capture.stream import ByteStream

_CACHED = 64


class UnitBlock(Protocol):
    """Units of one block: their numbers, and where the bytes of each end, counted from the block's first byte."""

    @property
    def numbers(self) -> Sequence[int]: ...

    @property
    def ends(self) -> Sequence[int]: ...


class Units(Protocol):
    """What breaks the rows. Its places (records, or messages) are gone through in order; some are units."""

    @property
    def ready(self) -> int:
        """Places that can be measured by now."""

    def calls_done(self, places: int) -> int:
        """Calls all of whose bytes stand in the units among the first `places`."""

    def measure(self, start: int, stop: int) -> Sequence[int]:
        """Sizes (bytes) of the units among some places of one block."""

    def block(self, number: int) -> UnitBlock:
        """The units among the places of a block, or of its part that is there already."""

    def label(self, unit: int, start: int) -> int:
        """The offset that is shown before a row of bytes. unit, start: positions of its unit's and its own first."""

    def rule(self, number: int) -> Rule:
        """What stands above a unit."""


class UnitArranger:
    """See `explorer.capture.arrangement.Arranger`."""

    def __init__(self, units: Units, per_row: int) -> None:
        self.units = units
        self.per_row = per_row
        self.counted = 0  # places
        self.rows_before = array("Q", [0])  # each block
        self.sizes_before = array("Q", [0])
        self._tail_rows = self._tail_size = 0
        self._published = (0, 0)
        self._lock = threading.Lock()  # of the cache
        self._cache: OrderedDict[int, _Block] = OrderedDict()

    @property
    def done(self) -> int:
        return self.units.calls_done(self.counted)

    def advance(self, most: int = 1 << 62) -> bool:
        target = min(self.units.ready, self.counted + most)
        per_row = self.per_row
        while self.counted < target:
            block_end = (self.counted // BLOCK + 1) * BLOCK
            stop = min(target, block_end)
            sizes = self.units.measure(self.counted, stop)
            self._tail_size += sum(sizes)
            self._tail_rows += len(sizes) + sum([-(-size // per_row) for size in sizes])
            rows, size = self.rows_before[-1] + self._tail_rows, self.sizes_before[-1] + self._tail_size
            if stop == block_end:
                self.sizes_before.append(size)
                self.rows_before.append(rows)
                self._tail_rows = self._tail_size = 0
            self._published = (size, rows)
            self.counted = stop
        return self.counted < self.units.ready

    def rows(self) -> UnitRows:
        return UnitRows(*self._published, self.per_row, self)

    def block(self, number: int) -> _Block:
        """A block with its rows. It may hold more units than are counted."""
        found = self.units.block(number)
        with self._lock:
            made = self._cache.get(number)
            if made is not None and made.units is found:
                self._cache.move_to_end(number)
                return made
        per_row, before = self.per_row, 0
        heights = []
        for end in found.ends:
            heights.append(1 - (before - end) // per_row)
            before = end
        made = _Block(found, list(accumulate(heights)))
        with self._lock:
            self._cache[number] = made
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return made


@dataclass(frozen=True, slots=True)
class _Block:
    """row_ends: the rows up to and with each unit, counted from the block's first row."""

    units: UnitBlock
    row_ends: list[int]


@dataclass(frozen=True, slots=True)
class _Unit:
    """number: of the call or message. row: of its rule. start, stop: its bytes."""

    number: int
    row: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class UnitRows:
    """The rows of one moment; see `explorer.capture.arrangement.Arrangement`."""

    size: int
    count: int
    per_row: int
    _arranger: UnitArranger

    def row(self, offset: int) -> int:
        if not self.size:
            return 0
        offset = max(0, min(offset, self.size - 1))
        unit = self._unit_at(offset)
        return unit.row + 1 + (offset - unit.start) // self.per_row

    def column(self, offset: int) -> int:
        if not self.size:
            return 0
        offset = max(0, min(offset, self.size - 1))
        return (offset - self._unit_at(offset).start) % self.per_row

    def line(self, row: int) -> Line:
        unit = self._unit_in(row)
        if row == unit.row:
            return Line(unit.start, unit.start, None)
        start = unit.start + (row - unit.row - 1) * self.per_row
        return Line(start, min(unit.stop, start + self.per_row), self._arranger.units.label(unit.start, start))

    def start(self, row: int) -> int:
        return self.size if row >= self.count else self.line(row).start

    def stop(self, row: int) -> int:
        return self.size if row >= self.count else self.line(row).stop

    def offset(self, row: int, column: int) -> int:
        if not self.size:
            return 0
        line = self.line(max(0, min(row, self.count - 1)))
        if line.start == line.stop:  # a rule: the byte in the next row with bytes, or else the last one
            if line.start >= self.size:
                return self.size - 1
            line = self.line(self.row(line.start))
        return max(line.start, min(line.start + column, line.stop - 1))

    def blocks(self, start: int, stop: int) -> Iterator[Block]:
        stop = min(stop, self.size)
        while start < stop:
            unit = self._unit_at(start)
            end = min(stop, unit.stop)
            yield from rectangles(unit.row + 1, start - unit.start, end - unit.start, self.per_row)
            start = end

    def rule(self, row: int) -> Rule | None:
        unit = self._unit_in(row)
        return self._arranger.units.rule(unit.number) if row == unit.row else None

    def _unit_at(self, offset: int) -> _Unit:
        """The unit that holds a byte."""
        number = bisect_right(self._arranger.sizes_before, offset) - 1
        before = self._arranger.sizes_before[number]
        block = self._arranger.block(number)
        return self._unit(number, block, bisect_right(block.units.ends, offset - before))

    def _unit_in(self, row: int) -> _Unit:
        """The unit that a row belongs to. Raises IndexError."""
        if not 0 <= row < self.count:
            raise IndexError(row)
        number = bisect_right(self._arranger.rows_before, row) - 1
        block = self._arranger.block(number)
        return self._unit(number, block, bisect_right(block.row_ends, row - self._arranger.rows_before[number]))

    def _unit(self, number: int, block: _Block, place: int) -> _Unit:
        rows, size = self._arranger.rows_before[number], self._arranger.sizes_before[number]
        ends = block.units.ends
        return _Unit(
            block.units.numbers[place],
            rows + (block.row_ends[place - 1] if place else 0),
            size + (ends[place - 1] if place else 0),
            size + ends[place],
        )


class CallUnits:
    """Every call that carries bytes or could: also the end of a stream, an empty datagram, and one that failed."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    @property
    def ready(self) -> int:
        return self._stream.done

    def calls_done(self, places: int) -> int:
        return places

    def measure(self, start: int, stop: int) -> Sequence[int]:
        sizes: list[int] = []
        while start < stop:
            columns = self._stream.reader.columns(start, stop)
            mask = self._stream.index.match(columns)
            carried = bytes_carried(columns)
            sizes += carried if mask is None else compress(carried, mask)
            start += columns.count
        return sizes

    def block(self, number: int) -> UnitBlock:
        return self._stream.index.block(number)

    def label(self, unit: int, start: int) -> int:
        return start

    def rule(self, number: int) -> Rule:
        index, call = self._stream.index, self._stream.reader.call(number)
        row = index.row(number)
        gap = call.time - self._stream.reader.call(index.number(row - 1)).time if row else None
        return CallRule(call, gap)


class MessageUnits:
    """Every message of a stream of messages."""

    def __init__(self, stream: MessageStream) -> None:
        self._stream = stream

    @property
    def ready(self) -> int:
        return self._stream.measured

    def calls_done(self, places: int) -> int:
        return self._stream.done if places == self._stream.measured else 0

    def measure(self, start: int, stop: int) -> Sequence[int]:
        return self._stream.measure(start, stop)[1]

    def block(self, number: int) -> UnitBlock:
        return self._stream.block(number)

    def label(self, unit: int, start: int) -> int:
        return start - unit

    def rule(self, number: int) -> MessageRule:
        return self._stream.rule(number)


class RawUnits(CallUnits):
    """Every message of a stream of messages that are one call each. Their numbers are those of their calls."""

    def __init__(self, stream: RawStream) -> None:
        super().__init__(stream)
        self._messages = stream

    def label(self, unit: int, start: int) -> int:
        return start - unit

    def rule(self, number: int) -> MessageRule:
        return self._messages.rule(number)


def per_call(stream: ByteStream, per_row: int) -> UnitArranger:
    """Rows that begin anew with every call."""
    return UnitArranger(CallUnits(stream), per_row)


def per_message(stream: MessageStream | RawStream, per_row: int) -> UnitArranger:
    """Rows that begin anew with every message."""
    return UnitArranger(RawUnits(stream) if isinstance(stream, RawStream) else MessageUnits(stream), per_row)
