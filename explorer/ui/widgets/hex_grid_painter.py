"""Paints the hex editor: visible rows only, backgrounds first, then runs of characters, then the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.ui.hex_editing import Side
from explorer.wire.visible import visible

if TYPE_CHECKING:
    from explorer.ui.widgets.hex_edit import HexEdit

UNREAD = "Cannot be read yet"
EMPTY = "Type hex digits, or paste bytes in any form"
_SIDES: tuple[Side, Side] = ("hex", "text")


def paint_grid(edit: HexEdit) -> None:
    """Everything in the viewport."""
    from explorer.ui.widgets.hex_edit import MARGIN

    painter = QPainter(edit.viewport())
    painter.setFont(edit.theme.mono)
    painter.translate(-edit.horizontalScrollBar().value(), MARGIN)
    top = edit.verticalScrollBar().value()
    for place in range(min(edit.rows - top, edit.page_rows + 1)):
        _paint_row(painter, edit, top + place, place * edit.grid.line)
    _paint_cursor(painter, edit, top)
    painter.end()


def _paint_row(painter: QPainter, edit: HexEdit, row: int, y: int) -> None:
    grid, editing, colors = edit.grid, edit.editing, edit.theme.colors
    start = row * grid.per_row
    data = editing.data[start : start + grid.per_row]
    first, last = (max(0, min(len(data), place - start)) for place in editing.selection)
    if last > first:
        for side in _SIDES:
            typed = side == editing.side and edit.hasFocus()
            left, wide = grid.span(side, first, last)
            color = QColor(colors.accent)
            color.setAlpha(255 if typed else 70)
            painter.fillRect(left, y, wide, grid.line, color)
    base = y + grid.ascent
    painter.setPen(QColor(colors.muted))
    painter.drawText(grid.offset_x, base, f"{start:0{grid.digits}x}")
    if not editing.size and not editing.pending:
        painter.drawText(grid.x("hex", 0) + grid.cell, base, UNREAD if edit.locked else EMPTY)
    letters = visible(data)
    for column, byte in enumerate(data):
        within = first <= column < last
        dull = edit.locked or byte == 0
        for side, shown in zip(_SIDES, (f"{byte:02x}", letters[column]), strict=True):
            typed = within and side == editing.side and edit.hasFocus()
            unseen = side == "text" and not 0x20 <= byte < 0x7F
            shade = colors.on_accent if typed else colors.muted if dull or unseen else colors.text
            painter.setPen(QColor(shade))
            painter.drawText(grid.x(side, column), base, shown)


def _paint_cursor(painter: QPainter, edit: HexEdit, top: int) -> None:
    """A bar where typing inserts, a box around what it overwrites; in the other column, a thin line below."""
    grid, editing, colors = edit.grid, edit.editing, edit.theme.colors
    row, column = divmod(editing.cursor, grid.per_row)
    y = (row - top) * grid.line
    pen = QPen(QColor(colors.text if edit.hasFocus() and not edit.locked else colors.muted))
    for side in _SIDES:
        x, wide = grid.x(side, column), grid.cell * (2 if side == "hex" else 1)
        typed = side == editing.side
        if editing.pending and side == "hex":
            _paint_pending(painter, edit, QRect(x, y, wide, grid.line))
        elif typed and editing.overwrite and editing.cursor < editing.size:
            painter.setPen(pen)
            painter.drawRect(x - 1, y, wide + 1, grid.line - 1)
        elif typed and edit.hasFocus():
            painter.fillRect(x - (2 if side == "hex" else 1), y, 2, grid.line, pen.color())
        else:
            painter.setPen(QColor(colors.muted))
            painter.drawLine(x, y + grid.line - 1, x + wide - 1, y + grid.line - 1)


def _paint_pending(painter: QPainter, edit: HexEdit, box: QRect) -> None:
    """The first digit of a byte, on a ground of its own over what stands there, and where the second will be."""
    colors = edit.theme.colors
    painter.fillRect(box, QColor(colors.base))
    painter.fillRect(box, QColor(colors.error_tint))
    painter.setPen(QColor(colors.error))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{edit.editing.pending}_")
