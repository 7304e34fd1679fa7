"""Which byte of a stream stands in which row: arrangements, and nothing of how they look.

Three are known: rows that follow each other without a gap (`RowMap`), and rows that are broken where a call
or a message begins (see `explorer.capture.unit_rows`), each of which begins with a rule: a row without bytes
that says what follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from explorer.capture.messages import Message
from explorer.capture.stream import Stream
from explorer.core.calls import Call


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of bytes: `rows` rows from `row`, and in each the columns `first` … `last` - 1."""

    row: int
    rows: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class CallRule:
    """A call begins here. gap: nanoseconds since the call of the rule before; None for the first one."""

    call: Call
    gap: int | None


@dataclass(frozen=True, slots=True)
class MessageRule:
    """A message begins here, or the framing is broken. gap: as in `CallRule`.

    shown: its bytes that are in the stream; fewer than its size only where broken framing skips bytes to come.
    same_call: whether the call that completed the message of the rule before completed this one, too.
    """

    message: Message
    shown: int
    gap: int | None
    same_call: bool = False


Rule = CallRule | MessageRule


class Line(NamedTuple):
    """One row: the bytes `start` … `stop` - 1 from column 0 on; none in a rule.

    label: the offset that is shown before them; None in a rule.
    """

    start: int
    stop: int
    label: int | None


class Arrangement(Protocol):
    """Rows over the first `size` bytes of a stream; it never changes. `count`: rows, rules among them."""

    @property
    def size(self) -> int: ...

    @property
    def count(self) -> int: ...

    @property
    def per_row(self) -> int: ...

    def row(self, offset: int) -> int:
        """The row of a stream offset; of one behind the last byte, the last row with bytes. 0 without bytes."""

    def column(self, offset: int) -> int:
        """The column of a stream offset."""

    def line(self, row: int) -> Line:
        """What a row shows. Raises IndexError."""

    def start(self, row: int) -> int:
        """The stream offset of a row's first byte; of a rule, that of the next byte."""

    def stop(self, row: int) -> int:
        """The stream offset behind a row's last byte; of a rule, its start."""

    def offset(self, row: int, column: int) -> int:
        """The stream offset at a place, or of a byte nearest to it. 0 without bytes."""

    def blocks(self, start: int, stop: int) -> Iterator[Block]:
        """The rectangles that the bytes `start` … `stop` - 1 cover, from top to bottom."""

    def rule(self, row: int) -> Rule | None:
        """What a rule says; None: the row shows bytes."""


class Arranger(Protocol):
    """Arranges a stream as it grows. `advance` from one thread; `rows` from any."""

    @property
    def per_row(self) -> int: ...

    @property
    def done(self) -> int:
        """Calls whose bytes have their rows."""

    def advance(self, most: int) -> bool:
        """Count up to `most` further units. Whether there are more to count now."""

    def rows(self) -> Arrangement:
        """The rows of now. Takes no time."""


@dataclass(frozen=True, slots=True)
class RowMap:
    """Rows of `per_row` bytes over a stream of `size` bytes, without a gap."""

    size: int
    per_row: int

    @property
    def count(self) -> int:
        """Rows, the last of which may be short."""
        return -(-self.size // self.per_row)

    def row(self, offset: int) -> int:
        return offset // self.per_row

    def column(self, offset: int) -> int:
        return offset % self.per_row

    def line(self, row: int) -> Line:
        if not 0 <= row < self.count:
            raise IndexError(row)
        start = self.start(row)
        return Line(start, self.stop(row), start)

    def start(self, row: int) -> int:
        return row * self.per_row

    def stop(self, row: int) -> int:
        return min(self.size, (row + 1) * self.per_row)

    def offset(self, row: int, column: int) -> int:
        row = max(0, min(row, self.count - 1))
        return max(0, min(self.start(row) + column, self.stop(row) - 1))

    def blocks(self, start: int, stop: int) -> Iterator[Block]:
        return rectangles(0, start, stop, self.per_row)

    def rule(self, row: int) -> Rule | None:
        return None


def rectangles(row: int, start: int, stop: int, per_row: int) -> Iterator[Block]:
    """Those, at most three, of the bytes `start` … `stop` - 1 of a run that begins in `row`, column 0."""
    if start >= stop:
        return
    last_row, end = row + (stop - 1) // per_row, (stop - 1) % per_row + 1
    row, first = row + start // per_row, start % per_row
    if row == last_row:
        yield Block(row, 1, first, end)
        return
    if first:
        yield Block(row, 1, first, per_row)
        row += 1
    whole_end = last_row + 1 if end == per_row else last_row
    if whole_end > row:
        yield Block(row, whole_end - row, 0, per_row)
    if end != per_row:
        yield Block(last_row, 1, 0, end)


class Continuous:
    """Arranges a stream without a gap; see `Arranger`."""

    def __init__(self, stream: Stream, per_row: int) -> None:
        self.stream = stream
        self.per_row = per_row

    @property
    def done(self) -> int:
        return self.stream.done

    def advance(self, most: int) -> bool:
        return False

    def rows(self) -> RowMap:
        return RowMap(self.stream.size, self.per_row)
