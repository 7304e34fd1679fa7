"""How far a byte view is scrolled: its scroll bars, and the wheel.

The place in the stream is the view's `top`, a row; the scroll bar follows it, scaled down where the rows are
more than a scroll bar can count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent

if TYPE_CHECKING:
    from explorer.ui.widgets.byte_area import ByteArea

MOST_STEPS = 2**31 - 1
"""What a scroll bar can count to."""
_NOTCH = 120  # QWheelEvent.angleDelta of one notch
_ROWS_A_NOTCH = 3


class ByteScroller:
    """Keeps nothing but what is left of a turn of the wheel, and whether it moves the bars itself."""

    def __init__(self, view: ByteArea) -> None:
        self._view = view
        self._wheel = 0.0
        self.syncing = False

    def scale(self) -> int:
        """Rows that one step of the scroll bar stands for."""
        return -(-max(1, self._view.last_top) // MOST_STEPS)

    def sync(self) -> None:
        """The bars show where the view is."""
        view, layout = self._view, self._view.layout_of_row
        self.syncing = True
        scale = self.scale()
        bar = view.verticalScrollBar()
        bar.setRange(0, -(-view.last_top // scale))
        bar.setPageStep(max(1, view.whole_rows // scale))
        bar.setValue(-(-view.top // scale))
        across = view.horizontalScrollBar()
        across.setRange(0, max(0, layout.width - view.viewport().width()))
        across.setPageStep(view.viewport().width())
        across.setSingleStep(layout.cell)
        self.syncing = False

    def show_across(self, left: int, width: int) -> None:
        """Scroll sideways by as little as shows these pixels."""
        across = self._view.horizontalScrollBar()
        across.setValue(max(left + width - self._view.viewport().width(), min(across.value(), left)))

    def wheel(self, event: QWheelEvent) -> bool:
        """Whether the view is scrolled or zoomed by it; else it turns sideways."""
        view = self._view
        across, down = event.angleDelta().x(), event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if down:
                (view.theme.zoom_in if down > 0 else view.theme.zoom_out)()
            event.accept()
            return True
        if across and not down:
            return False
        pixels = event.pixelDelta().y()
        self._wheel -= pixels / view.layout_of_row.line if pixels else down * _ROWS_A_NOTCH / _NOTCH
        rows = int(self._wheel)
        self._wheel -= rows
        if rows:
            view.scroll_rows(rows)
        event.accept()
        return True
