"""Where each byte of a view's lines stands, in pixels: glyphs, backgrounds and ticks, as lists by byte.

The places of all cells of the screen are made once for a layout. For a frame they are strung together in slices, a
line at a time, so that the cost does not grow with the number of marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import compress

from PySide6.QtCore import QPointF, QRect

from explorer.ui.widgets.byte_layout import GROUP, ByteLayout
from explorer.ui.widgets.byte_scene import VisibleRow

_MANY = 100
"""Ranges; more of them are not looked at one by one."""


class ByteGrid:
    """All cells of `rows` lines, line by line. offset_glyphs has a place for each digit of a line's offset,
    hex_glyphs two for each cell, all others one."""

    def __init__(self, layout: ByteLayout, rows: int) -> None:
        self.layout = layout
        self.rows = rows
        hex_x = [layout.hex_x[column] + half for column in range(layout.per_row) for half in (0, layout.cell)]
        bases = [row * layout.line + layout.ascent for row in range(rows)]
        offset_x = [layout.offset_x + digit * layout.cell for digit in range(layout.digits)]
        self.offset_glyphs = [QPointF(x, base) for base in bases for x in offset_x]
        self.hex_glyphs = [QPointF(x, base) for base in bases for x in hex_x]
        self.text_glyphs = [QPointF(x, base) for base in bases for x in layout.text_x]
        tops, height = [row * layout.line for row in range(rows)], layout.line
        hexes = [layout.hex_span(column, column + 1) for column in range(layout.per_row)]
        self.hex_cells = [QRect(x, top, width, height) for top in tops for x, width in hexes]
        self.text_cells = [QRect(x, top, layout.cell, height) for top in tops for x in layout.text_x]
        tops, height = [top + 1 for top in tops], height - 2
        self.hex_ticks = [QRect(x, top, 1, height) for top in tops for x in layout.hex_left]
        self.text_ticks = [QRect(x, top, 1, height) for top in tops for x in layout.text_x]

    @cached_property
    def begins(self) -> list[tuple[QRect, ...]]:
        """Corners at the upper left of each cell, in hex and in text."""
        return [
            (*self._corner(one, self.layout.corner), *self._corner(other, 1))
            for one, other in zip(self.hex_cells, self.text_cells, strict=True)
        ]

    @cached_property
    def ends(self) -> list[tuple[QRect, ...]]:
        """Corners at the lower right of each cell, in hex and in text."""
        return [
            (*self._end_corner(one, self.layout.corner), *self._end_corner(other, 1))
            for one, other in zip(self.hex_cells, self.text_cells, strict=True)
        ]

    def _corner(self, cell: QRect, width: int) -> tuple[QRect, QRect]:
        """Half as high as the cell, so that the border of a call is seen below it."""
        x, y, reach = cell.left(), cell.top(), 2 * self.layout.cell // 3
        return QRect(x, y, width, cell.height() // 2), QRect(x, y, reach, width)

    def _end_corner(self, cell: QRect, width: int) -> tuple[QRect, QRect]:
        right, below, reach = cell.right() + 1, cell.bottom() + 1, 2 * self.layout.cell // 3
        height = cell.height() // 2
        return QRect(right - width, below - height, width, height), QRect(right - reach, below - width, reach, width)

    @cached_property
    def ties(self) -> tuple[list[QRect], list[QRect], list[QRect]]:
        """Lines below the first, a middle and the last byte of one character."""
        gap, width = max(1, self.layout.cell // 4), self.layout.cell
        cells = [(cell.left(), cell.bottom()) for cell in self.text_cells]
        return (
            [QRect(x + gap, y, width - gap, 1) for x, y in cells],
            [QRect(x, y, width, 1) for x, y in cells],
            [QRect(x, y, width - gap, 1) for x, y in cells],
        )


class Places:
    """The cells of the bytes that these rows show, of the positions `start` … `stop` - 1 in turn.

    Rows of bytes follow each other without a gap in the stream. row_of: the line of each byte.
    """

    def __init__(self, grid: ByteGrid, rows: Iterable[VisibleRow], start: int, stop: int) -> None:
        self._layout = grid.layout
        self.start = self.stop = start
        self.rows: list[tuple[int, int, int, int]] = []  # line, start, stop, position of column 0
        self.row_of: list[int] = []
        self.hex_glyphs: list[QPointF] = []
        self.text_glyphs: list[QPointF] = []
        self.hex_cells: list[QRect] = []
        self.text_cells: list[QRect] = []
        self.hex_ticks: list[QRect] = []
        self.text_ticks: list[QRect] = []
        self.cells: list[int] = []  # of the grid
        per_row = grid.layout.per_row
        for line, row in enumerate(rows):
            begin, end = max(row.start, start), min(row.stop, stop, row.start + per_row)
            if begin >= end:
                continue
            self.rows.append((line, begin, end, row.start))
            a = line * per_row + begin - row.start
            b = a + end - begin
            self.row_of += [len(self.rows) - 1] * (end - begin)
            self.cells += range(a, b)
            self.hex_glyphs += grid.hex_glyphs[2 * a : 2 * b]
            self.text_glyphs += grid.text_glyphs[a:b]
            self.hex_cells += grid.hex_cells[a:b]
            self.text_cells += grid.text_cells[a:b]
            self.hex_ticks += grid.hex_ticks[a:b]
            self.text_ticks += grid.text_ticks[a:b]
        if self.rows:
            self.start, self.stop = self.rows[0][1], self.rows[-1][2]

    def all_rects(self, ranges: Sequence[tuple[int, int]]) -> list[QRect]:
        """The backgrounds of ranges. Those of very many are worked out cell by cell, at one cost for any number."""
        if len(ranges) <= _MANY:
            return [rect for start, stop in ranges for rect in self.rects(start, stop)]
        size, zero = self.stop - self.start, self.start
        mask = bytearray(size)
        for start, stop in ranges:
            low, high = start - zero, stop - zero
            if high - low == 1:
                if 0 <= low < size:
                    mask[low] = 1
                continue
            low, high = max(low, 0), min(high, size)
            if low < high:
                mask[low:high] = b"\1" * (high - low)
        return self.masked_rects(mask)

    def masked_rects(self, mask: bytes | bytearray) -> list[QRect]:
        """The backgrounds of the bytes where `mask` is 1 (elsewhere it is 0), and the gaps between two of them."""
        found = [*compress(self.hex_cells, mask), *compress(self.text_cells, mask)]
        layout, height = self._layout, self._layout.line
        for line, start, stop, zero in self.rows:
            for column in range(GROUP, stop - zero, GROUP):
                at = zero + column - self.start
                if zero + column > start and mask[at] and mask[at - 1]:
                    left = layout.hex_right[column - 1]
                    found.append(QRect(left, line * height, layout.hex_left[column] - left, height))
        return found

    def rects(self, start: int, stop: int) -> list[QRect]:
        """The backgrounds of a range of bytes, in hex and in text by turns, as far as it is shown."""
        start, stop = max(start, self.start), min(stop, self.stop)
        if start >= stop:
            return []
        if stop - start == 1:  # there may be a thousand of them
            at = start - self.start
            return [self.hex_cells[at], self.text_cells[at]]
        layout, found = self._layout, []
        height = layout.line
        for at in range(self.row_of[start - self.start], self.row_of[stop - 1 - self.start] + 1):
            line, begin, end, zero = self.rows[at]
            first, last = max(start, begin) - zero, min(stop, end) - zero
            top, left = line * height, layout.hex_left[first]
            found.append(QRect(left, top, layout.hex_right[last - 1] - left, height))
            found.append(QRect(layout.text_x[first], top, (last - first) * layout.cell, height))
        return found
