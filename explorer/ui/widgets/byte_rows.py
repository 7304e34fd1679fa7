"""Which byte stands in which row of a byte view: the mapping, and nothing of how it looks.

Here rows follow each other without a gap over the whole stream. Another arrangement is another class
with the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

WIDTHS = (8, 16, 32)
"""Bytes a row may hold."""


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of bytes: `rows` rows from `row`, and in each the columns `first` … `last` - 1."""

    row: int
    rows: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class RowMap:
    """Rows of `per_row` bytes over a stream of `size` bytes."""

    size: int
    per_row: int

    @property
    def count(self) -> int:
        """Rows, the last of which may be short."""
        return -(-self.size // self.per_row)

    def row(self, offset: int) -> int:
        """The row of a stream offset."""
        return offset // self.per_row

    def column(self, offset: int) -> int:
        return offset % self.per_row

    def start(self, row: int) -> int:
        """The stream offset of a row's first byte."""
        return row * self.per_row

    def stop(self, row: int) -> int:
        """The stream offset behind a row's last byte."""
        return min(self.size, (row + 1) * self.per_row)

    def offset(self, row: int, column: int) -> int:
        """The stream offset at a place, or of the nearest byte there is. 0 for an empty stream."""
        row = max(0, min(row, self.count - 1))
        return max(0, min(self.start(row) + column, self.stop(row) - 1))

    def blocks(self, start: int, stop: int) -> Iterator[Block]:
        """The rectangles, at most three, that the bytes `start` … `stop` - 1 cover."""
        if start >= stop:
            return
        row, last_row = self.row(start), self.row(stop - 1)
        first, end = self.column(start), self.column(stop - 1) + 1
        if row == last_row:
            yield Block(row, 1, first, end)
            return
        if first:
            yield Block(row, 1, first, self.per_row)
            row += 1
        whole_end = last_row + 1 if end == self.per_row else last_row
        if whole_end > row:
            yield Block(row, whole_end - row, 0, self.per_row)
        if end != self.per_row:
            yield Block(last_row, 1, 0, end)
