"""Mouse and keyboard in a byte view: what they select, and where they take the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent

from explorer.ui.widgets.byte_layout import Side

if TYPE_CHECKING:
    from explorer.ui.widgets.byte_view import ByteView

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier


class ByteInput:
    """Given the view's events, it moves the view's cursor. It keeps nothing but what a drag needs."""

    def __init__(self, view: ByteView) -> None:
        self._view = view
        self._call: tuple[int, int] | None = None  # a double-clicked call while the button is down

    # -- mouse ----------------------------------------------------------------------------------------

    def _hit(self, place: QPoint) -> tuple[Side, int]:
        """The side and the stream offset at a place of the viewport, or nearest to it."""
        view = self._view
        side, column = view.layout_of_row.hit(place.x() + view.horizontalScrollBar().value())
        row = view.top + (place.y() - view.header_height) // view.layout_of_row.line
        return side, view.rows.offset(row, column)

    def press(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._view.rows.size <= 0:
            return
        self._view.side, offset = self._hit(event.position().toPoint())
        self._call = None
        self._view.move_cursor(offset, bool(event.modifiers() & _SHIFT))

    def drag(self, event: QMouseEvent) -> None:
        view = self._view
        if not event.buttons() & Qt.MouseButton.LeftButton or view.rows.size <= 0:
            return
        place = event.position().toPoint()
        if place.y() < view.header_height:
            view.go_to_top(view.top - 1)
        elif place.y() >= view.viewport().height():
            view.go_to_top(view.top + 1)
        _, offset = self._hit(place)
        if self._call:
            view.extend_from(self._call, offset)
        elif offset != view.cursor_offset:
            view.move_cursor(offset, extend=True)

    def double_click(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._view.rows.size > 0:
            _, offset = self._hit(event.position().toPoint())
            self._call = self._view.select_call(offset)

    def release(self) -> None:
        self._call = None

    def menu_place(self, event: QContextMenuEvent) -> QPoint:
        """Where on the screen the menu is to open; what is clicked beside the selection is selected first."""
        view = self._view
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            return view.viewport().mapToGlobal(view.byte_rect(view.cursor_offset, view.side).bottomLeft())
        if view.rows.size > 0:
            side, offset = self._hit(event.pos())
            if not view.cursor_model.within(offset, offset + 1):
                view.side = side
                view.move_cursor(offset)
        return event.globalPos()

    # -- keyboard -------------------------------------------------------------------------------------

    def key(self, event: QKeyEvent) -> bool:
        """Whether the view has a use for it, and has used it."""
        view, key, modifiers = self._view, Qt.Key(event.key()), event.modifiers()
        control = bool(modifiers & _CONTROL)
        if key == Qt.Key.Key_Escape and view.selection:
            view.clear_selection()
        elif control and key == Qt.Key.Key_A:
            view.select_all()
        else:
            target = None if modifiers & Qt.KeyboardModifier.AltModifier else self._target(key, control)
            if target is None:
                return False
            extend = bool(modifiers & _SHIFT)
            view.walk_cursor(max(0, min(target, view.rows.size - 1)), extend)
            if control and key == Qt.Key.Key_End and not extend:
                view.follow()
        return True

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key belongs to the view while it has the focus, before it is taken for a shortcut."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, _SHIFT)
        return plain and self._target(Qt.Key(event.key()), control=False) is not None

    def _target(self, key: Qt.Key, control: bool) -> int | None:
        """Where a key takes the cursor; beyond the ends means to them. None: nowhere."""
        view, rows = self._view, self._view.rows
        if rows.size <= 0:
            return None
        at, per_row = view.cursor_offset, rows.per_row
        page = view.whole_rows * per_row
        below, above = at + per_row, at - per_row
        moves = {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Up: above if above >= 0 else at,
            Qt.Key.Key_Down: below if below < rows.size else at,
            Qt.Key.Key_Home: 0 if control else rows.start(rows.row(at)),
            Qt.Key.Key_End: rows.size - 1 if control else rows.stop(rows.row(at)) - 1,
            Qt.Key.Key_PageUp: at - page,
            Qt.Key.Key_PageDown: at + page,
        }
        return moves.get(key)
