"""Where offset, hex and text stand in the hex editor, in pixels, on a grid of character cells. No painting."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.ui.hex_editing import Side

WIDTHS = (16, 8, 4)
"""Bytes per row that are tried, the widest first."""
GROUP = 8  # bytes between wider gaps


@dataclass(frozen=True, slots=True)
class HexGrid:
    """cell, line: width and height of a character; ascent: baseline below a row's top; all in pixels.

    per_row: bytes of a row. digits: of an offset.
    """

    cell: int
    line: int
    ascent: int
    per_row: int
    digits: int = 4

    @property
    def offset_x(self) -> int:
        return self.cell // 2

    def x(self, side: Side, column: int) -> int:
        """Left edge of a byte's first character; of `per_row`, that is where the next would stand."""
        start = self.offset_x + (self.digits + 1) * self.cell
        if side == "hex":
            return start + (3 * column + column // GROUP) * self.cell
        groups = (self.per_row - 1) // GROUP
        return start + (3 * self.per_row + groups + 1 + column) * self.cell

    def span(self, side: Side, first: int, last: int) -> tuple[int, int]:
        """Left edge and width of the background of columns `first` … `last` - 1."""
        left = self.x(side, first)
        right = self.x(side, last - 1) + self.cell * (2 if side == "hex" else 1)
        half = self.cell // 2 if side == "hex" else 0
        return left - half, right - left + 2 * half

    @property
    def width(self) -> int:
        """Of all columns and the margins."""
        return self.x("text", self.per_row) + self.cell

    def hit(self, x: int) -> tuple[Side, int]:
        """The side at `x`, and the gap between two bytes that is nearest: 0 … per_row."""
        if x >= self.x("text", 0) - self.cell:
            column = round((x - self.x("text", 0)) / self.cell)
            return "text", max(0, min(self.per_row, column))
        column = 0
        while column < self.per_row and x >= self.x("hex", column) + self.cell:
            column += 1
        return "hex", column


def fit(cell: int, line: int, ascent: int, width: int, digits: int = 4) -> HexGrid:
    """The grid with the most bytes per row that `width` pixels have room for; at least the narrowest."""
    grids = [HexGrid(cell, line, ascent, per_row, digits) for per_row in WIDTHS]
    return next((grid for grid in grids if grid.width <= width), grids[-1])
