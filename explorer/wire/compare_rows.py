"""Two compared byte strings side by side: rows of cells, the equal ones opposite each other.

Cells are counted from 0 over all rows. A cell is a byte of each side, or of one side with a gap opposite it: a
difference takes as many cells as its longer side has bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from explorer.wire.compare import Comparison, Kind


@dataclass(frozen=True, slots=True)
class Part:
    """Neighbouring cells of a row: bytes of the old string from `start` on, of the new one from `new_start` on.

    difference: which one they belong to; None: they are equal. kind: of it.
    old, new: the bytes; the shorter side is followed by gaps up to `size` cells.
    """

    cell: int  # in the row, from 0
    size: int
    start: int
    new_start: int
    old: bytes
    new: bytes
    difference: int | None
    kind: Kind | None


class CompareRows:
    """width: cells in a row."""

    def __init__(self, comparison: Comparison, width: int = 16) -> None:
        self.comparison = comparison
        self.width = width
        self._cells: list[int] = []  # where pieces begin: equal ones and differences in turn
        self._starts: list[tuple[int, int]] = []
        self._ends: list[tuple[int, int]] = []
        self._of: list[int | None] = []
        cell, place, new_place = 0, 0, 0
        for number, one in enumerate(comparison.differences):
            cell = self._add(cell, place, one.start, new_place, one.new_start, None)
            cell = self._add(cell, one.start, one.stop, one.new_start, one.new_stop, number)
            place, new_place = one.stop, one.new_stop
        self.cells = self._add(cell, place, len(comparison.old), new_place, len(comparison.new), None)

    def _add(self, cell: int, start: int, stop: int, new_start: int, new_stop: int, difference: int | None) -> int:
        size = max(stop - start, new_stop - new_start)
        if size:
            self._cells.append(cell)
            self._starts.append((start, new_start))
            self._ends.append((stop, new_stop))
            self._of.append(difference)
        return cell + size

    @property
    def count(self) -> int:
        """Rows."""
        return -(-self.cells // self.width)

    def row(self, number: int) -> list[Part]:
        """The parts of a row, from left to right. Raises IndexError."""
        if not 0 <= number < self.count:
            raise IndexError(number)
        begin = number * self.width
        end = min(begin + self.width, self.cells)
        parts = []
        piece = bisect_right(self._cells, begin) - 1
        cell = begin
        while cell < end:
            stop = min(end, self._cells[piece + 1] if piece + 1 < len(self._cells) else self.cells)
            parts.append(self._part(piece, cell, stop, begin))
            cell, piece = stop, piece + 1
        return parts

    def _part(self, piece: int, cell: int, stop: int, begin: int) -> Part:
        both, skip, size = self.comparison, cell - self._cells[piece], stop - cell
        (start, new_start), (end, new_end) = self._starts[piece], self._ends[piece]
        start, new_start = min(start + skip, end), min(new_start + skip, new_end)
        number = self._of[piece]
        return Part(
            cell - begin, size, start, new_start,
            both.old[start : min(start + size, end)], both.new[new_start : min(new_start + size, new_end)],
            number, None if number is None else both.differences[number].kind,
        )  # fmt: skip

    def row_of(self, difference: int) -> int:
        """The row in which a difference begins."""
        one = self.comparison.differences[difference]
        place = bisect_right(self._starts, (one.start, one.new_start)) - 1  # no two pieces begin at the same places
        return self._cells[place] // self.width
