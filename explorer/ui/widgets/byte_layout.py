"""Where the columns of a byte view stand, in pixels, on a grid of character cells. No painting.

From left to right: the offset, the direction gutter, the bytes as hex in groups of eight, the same
bytes as text. x is counted from the left end of the content, y from the top of the first row.
"""

from __future__ import annotations

from typing import Literal

Side = Literal["hex", "text"]
GROUP = 8
"""Bytes between wider gaps."""


class ByteLayout:
    """cell: width of a character; line: height of a row; ascent: baseline below a row's top; all in pixels.

    digits: of an offset. Not to be changed once made: what it works out, painting asks for thousands of times.
    lane: width of one direction's bar in the gutter. arrow_x: of the first of the gutter's two places for arrows.
    corner: thickness of the corners of a message.
    hex_x, text_x: the left edge of each column's first character. hex_left, hex_right: of its background.
    """

    def __init__(self, cell: int, line: int, ascent: int, per_row: int, digits: int) -> None:
        self.cell = cell
        self.line = line
        self.ascent = ascent
        self.per_row = per_row
        self.digits = digits
        self.lane = max(3, cell // 2)
        self.corner = max(2, cell // 4)
        self.arrow = 3 * cell // 2  # width of a place for an arrow
        self.offset_x = cell
        self.gutter_x = self.offset_x + (digits + 1) * cell
        self.arrow_x = self.gutter_x + self.lane + cell // 2
        self.sent_lane_x = self.arrow_x + 2 * self.arrow + cell // 2
        hex_start = self.sent_lane_x + self.lane + 3 * cell // 2
        self.hex_x = tuple(hex_start + (3 * column + column // GROUP) * cell for column in range(per_row))
        self.hex_left = tuple(x - cell // 2 for x in self.hex_x)
        self.hex_right = tuple(x + 2 * cell + (cell + 1) // 2 for x in self.hex_x)
        self.text_start = self.hex_x[-1] + 4 * cell
        self.text_x = tuple(self.text_start + column * cell for column in range(per_row))
        self.width = self.text_start + (per_row + 1) * cell

    def hex_span(self, first: int, last: int) -> tuple[int, int]:
        """Left edge and width of the background of columns `first` … `last` - 1, half a gap on either side."""
        return self.hex_left[first], self.hex_right[last - 1] - self.hex_left[first]

    def text_span(self, first: int, last: int) -> tuple[int, int]:
        return self.text_x[first], (last - first) * self.cell

    def span(self, side: Side, first: int, last: int) -> tuple[int, int]:
        return self.hex_span(first, last) if side == "hex" else self.text_span(first, last)

    def hit(self, x: int) -> tuple[Side, int]:
        """The side and the column nearest to `x`."""
        if x >= self.text_start - self.cell:
            return "text", max(0, min(self.per_row - 1, (x - self.text_start) // self.cell))
        column = 0
        while column + 1 < self.per_row and x >= self.hex_span(column + 1, column + 2)[0]:
            column += 1
        return "hex", column
