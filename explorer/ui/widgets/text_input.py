"""Mouse and keyboard in a text view: what they select, and where they take the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent

from explorer.ui.widgets.text_rows import Row

if TYPE_CHECKING:
    from explorer.ui.widgets.text_view import TextView

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_PLAIN_KEYS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
)  # fmt: skip
_VERTICAL = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class TextInput:
    """Given the view's events, it moves the view's cursor. It remembers the column from which the cursor went up or
    down, and whether a drag selects."""

    def __init__(self, view: TextView) -> None:
        self._view = view
        self._column: tuple[int, int] | None = None  # wanted column, and where the cursor then went
        self._dragging = False

    # -- mouse ----------------------------------------------------------------------------------------

    def _hit(self, place: QPoint) -> int | None:
        """The first byte of the character at a place of the viewport, or nearest to it."""
        view, rows = self._view, self._view.shown_rows()
        if not rows:
            return None
        row = rows[max(0, min(place.y() // view.painter.line, len(rows) - 1))]
        across = place.x() + view.horizontalScrollBar().value() - view.painter.text_x
        return row.starts[row.index_at(across // view.painter.cell)]

    def press(self, event: QMouseEvent) -> None:
        offset = self._hit(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and offset is not None:
            self._dragging, self._column = True, None
            self._view.move_cursor(offset, bool(event.modifiers() & _SHIFT))

    def drag(self, event: QMouseEvent) -> None:
        if not self._dragging or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        place = event.position().toPoint()
        if place.y() < 0:
            self._view.scroll_rows(-1)
        elif place.y() >= self._view.viewport().height():
            self._view.scroll_rows(1)
        offset = self._hit(place)
        if offset is not None and offset != self._view.cursor_offset:
            self._view.move_cursor(offset, extend=True)

    def double_click(self, event: QMouseEvent) -> None:
        offset = self._hit(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and offset is not None:
            self._dragging = False
            self._view.select_call(offset)

    def release(self) -> None:
        self._dragging = False

    def menu_place(self, event: QContextMenuEvent) -> QPoint:
        """Where on the screen the menu is to open; what is clicked beside the selection is selected first."""
        view = self._view
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            return view.viewport().mapToGlobal(view.cursor_rect().bottomLeft())
        offset = self._hit(event.pos())
        if offset is not None and not view.cursor_model.within(offset, offset + 1):
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
            view.walk_cursor(target, extend)
            if control and key == Qt.Key.Key_End and not extend:
                view.follow()
        return True

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key belongs to the view while it has the focus, before it is taken for a shortcut."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, _SHIFT)
        return plain and self._view.total > 0 and Qt.Key(event.key()) in _PLAIN_KEYS

    def _target(self, key: Qt.Key, control: bool) -> int | None:
        """Where a key takes the cursor. None: nowhere."""
        view, at = self._view, self._view.cursor_offset
        row = view.rows.row_of(at) if view.rows else None
        if row is None or view.rows is None or key not in _PLAIN_KEYS:
            return None
        if control and key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            return 0 if key == Qt.Key.Key_Home else view.total - 1
        index = row.index(at)
        if key not in _VERTICAL:
            self._column = None
        if key == Qt.Key.Key_Left:
            return max(0, row.starts[index] - 1)
        if key == Qt.Key.Key_Right:
            return min(row.bytes_of(index)[1], view.total - 1)
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            return row.start if key == Qt.Key.Key_Home else row.starts[-1]
        steps = 1 if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) else view.whole_rows
        if key in (Qt.Key.Key_Up, Qt.Key.Key_PageUp):
            found = view.rows.rows_before(row.start, steps)
            return self._in_row(found[0] if found else row, row, at)
        found = view.rows.rows_from(row.start, steps + 1)
        return self._in_row(found[-1], row, at)

    def _in_row(self, target: Row, row: Row, at: int) -> int:
        """The character of another row that stands where the cursor stood before it went up or down."""
        column = row.columns[row.index(at)]
        if self._column is not None and self._column[1] == at:
            column = self._column[0]
        if target.start == row.start:
            return at
        offset = target.starts[target.index_at(column)]
        self._column = column, offset
        return offset
