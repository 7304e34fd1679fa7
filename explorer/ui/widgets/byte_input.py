"""Mouse and keyboard in a byte view: what they select, and where they take the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QMouseEvent

from explorer.ui.widgets.byte_layout import Side

if TYPE_CHECKING:
    from explorer.capture.arrangement import Rule
    from explorer.ui.widgets.byte_view import ByteView

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CONTROL = Qt.KeyboardModifier.ControlModifier
_ALT = Qt.KeyboardModifier.AltModifier
_VERTICAL = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
SELECT_CALL, SELECT_MESSAGE = Qt.Key.Key_C, Qt.Key.Key_M
"""Keys, pressed alone, that select what the cursor stands in."""


class ByteInput:
    """Given the view's events, it moves the view's cursor. It keeps nothing but what a drag needs, when and where
    the last double click was, and the column that the cursor had before it went up or down."""

    def __init__(self, view: ByteView) -> None:
        self._view = view
        self._call: tuple[int, int] | None = None  # a double-clicked call while the button is down
        self._doubled: tuple[int, QPoint] | None = None
        self._still = False  # a rule or message was clicked: moving with the button down selects nothing
        self._column: tuple[int, int] | None = None  # wanted column, and where the cursor then went

    # -- mouse ----------------------------------------------------------------------------------------

    def _hit(self, place: QPoint) -> tuple[Side, int]:
        """The side and the stream offset at a place of the viewport, or nearest to it."""
        view = self._view
        side, column = view.layout_of_row.hit(place.x() + view.horizontalScrollBar().value())
        row = view.top + (place.y() - view.header_height) // view.layout_of_row.line
        return side, view.rows.offset(row, column)

    def press(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._view.rows.count <= 0:
            return
        place = event.position().toPoint()
        self._call = None
        self._still = True
        if self._is_third(event):
            self._want_message(place)
        elif (rule := self._rule_at(place)) is not None:
            self._view.choose_rule(rule)
        elif self._view.rows.size > 0:
            self._still = False
            self._view.side, offset = self._hit(place)
            self._view.move_cursor(offset, bool(event.modifiers() & _SHIFT))

    def _rule_at(self, place: QPoint) -> Rule | None:
        view = self._view
        row = view.top + (place.y() - view.header_height) // view.layout_of_row.line
        return view.rows.rule(row) if place.y() >= view.header_height and row < view.rows.count else None

    def _is_third(self, event: QMouseEvent) -> bool:
        """Whether a click follows a double click at once."""
        doubled, self._doubled = self._doubled, None
        hints = QGuiApplication.styleHints()
        return (
            doubled is not None
            and event.timestamp() - doubled[0] <= hints.mouseDoubleClickInterval()
            and (event.position().toPoint() - doubled[1]).manhattanLength() <= hints.startDragDistance()
        )

    def _want_message(self, place: QPoint) -> None:
        if self._view.rows.size > 0 and self._rule_at(place) is None:
            self._view.side, offset = self._hit(place)
            self._view.message_wanted.emit(offset)

    def drag(self, event: QMouseEvent) -> None:
        view = self._view
        if not event.buttons() & Qt.MouseButton.LeftButton or view.rows.size <= 0 or self._still:
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
        place = event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton or self._view.rows.size <= 0 or self._rule_at(place) is not None:
            return
        self._doubled = event.timestamp(), place
        if event.modifiers() & _ALT:
            self._still = True
            self._want_message(place)
        else:
            self._still = False
            self._call = self._view.select_call(self._hit(place)[1])

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
        elif not modifiers and key in (SELECT_CALL, SELECT_MESSAGE) and view.rows.size > 0:
            if key == SELECT_CALL:
                view.select_call(view.cursor_offset)
            else:
                view.message_wanted.emit(view.cursor_offset)
        else:
            target = None if modifiers & _ALT else self._target(key, control)
            if target is None:
                return False
            extend = bool(modifiers & _SHIFT)
            target = max(0, min(target, view.rows.size - 1))
            view.walk_cursor(target, extend)
            self._column = (self._column[0], target) if self._column and key in _VERTICAL else None
            if control and key == Qt.Key.Key_End and not extend:
                view.follow()
        return True

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key belongs to the view while it has the focus, before it is taken for a shortcut."""
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        if modifiers not in (Qt.KeyboardModifier.NoModifier, _SHIFT):
            return False
        return key in (SELECT_CALL, SELECT_MESSAGE) or self._target(key, control=False) is not None

    def _target(self, key: Qt.Key, control: bool) -> int | None:
        """Where a key takes the cursor; beyond the ends means to them. None: nowhere."""
        view, rows = self._view, self._view.rows
        if rows.size <= 0:
            return None
        at = min(view.cursor_offset, rows.size - 1)
        if key in _VERTICAL:
            return self._above_or_below(key, at)
        if control and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            return self._call_border(at, key == Qt.Key.Key_Right)
        moves = {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Home: 0 if control else rows.start(rows.row(at)),
            Qt.Key.Key_End: rows.size - 1 if control else rows.stop(rows.row(at)) - 1,
        }
        return moves.get(key)

    def _above_or_below(self, key: Qt.Key, at: int) -> int:
        """The byte in the same column of another row, or the nearest; rules are stepped over."""
        rows, row = self._view.rows, self._view.rows.row(at)
        if self._column is None or self._column[1] != at:
            self._column = rows.column(at), at
        column = self._column[0]
        if key == Qt.Key.Key_Up:
            start = rows.start(row)
            return rows.offset(rows.row(start - 1), column) if start else at
        if key == Qt.Key.Key_Down:
            stop = rows.stop(row)
            return rows.offset(rows.row(stop), column) if stop < rows.size else at
        page = self._view.whole_rows
        if key == Qt.Key.Key_PageUp:
            return rows.offset(row - page, column) if row >= page else 0
        return rows.offset(row + page, column) if row + page < rows.count else rows.size - 1

    def _call_border(self, at: int, forward: bool) -> int:
        """Where the next call begins, or this one, or the one before."""
        call = self._view.call_at(at)
        if call is None:
            return at
        if forward:
            return call[1]
        before = None if at > call[0] else self._view.call_at(at - 1)
        return before[0] if before else call[0]
