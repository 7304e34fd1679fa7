"""Bytes as hex and as text, side by side, of a stream of any size. Only the rows that are seen are read.

What rows there are and which of them are seen is in `explorer.ui.widgets.byte_area`; here are the cursor, what is
selected, and the painting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from explorer.capture.arrangement import Arranger, Rule
from explorer.capture.stream import Ranges, Stream
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_area import ByteArea
from explorer.ui.widgets.byte_cursor import ByteCursor
from explorer.ui.widgets.byte_hints import Hint, show_hint
from explorer.ui.widgets.byte_input import ByteInput
from explorer.ui.widgets.byte_layout import Side
from explorer.ui.widgets.byte_rows import visible_rows
from explorer.ui.widgets.byte_scene import View

Marks = Callable[[int, int], Iterable[tuple[int, int]]]
"""Which ranges to mark of those that reach into `start` … `stop` - 1; asked at every painting."""


@dataclass(slots=True)
class Draft:
    """What is about to be painted: to be replaced by one with more marks."""

    view: View


class ByteView(ByteArea):
    """Signals:
    selected(): the user moved the cursor or selected other bytes.
    moved(): cursor or selection changed, by whomever.
    menu_requested(QPoint): a context menu is wanted at a place of the screen.
    rule_chosen(CallRule | MessageRule): the call or message of a rule is to be selected.
    message_wanted(int): the message that a byte belongs to is to be selected.
    composing(Draft): marks may be added to what is about to be painted; quickly, for it comes at every painting.
    reading(Draft): the text of a window is wanted, and no more of its view.
    hint_wanted(Hint): the mouse rests on a byte.

    legend: what the marks mean, for who points at the line above the rows.
    """

    selected = Signal()
    menu_requested = Signal(QPoint)
    rule_chosen = Signal(object)
    message_wanted = Signal(object)  # an int that may be larger than a C int
    composing = Signal(object)
    reading = Signal(object)
    hint_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.cursor_model = ByteCursor()
        self.side: Side = "hex"
        self.call_marks = True
        self.legend = ""
        self._marks: Marks | None = None
        self._input = ByteInput(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Bytes")
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.viewport().setAutoFillBackground(True)

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def selection(self) -> tuple[int, int] | None:
        """First selected byte and the one behind the last, as stream offsets; None when nothing is selected."""
        return self.cursor_model.selection

    @property
    def ranges(self) -> Ranges:
        """Exactly what is selected: several ranges where bytes between are not meant."""
        return self.cursor_model.ranges

    @property
    def cursor_offset(self) -> int:
        return self.cursor_model.offset

    def set_stream(self, stream: Stream | None, arranger: Arranger | None = None) -> None:
        """See `ByteArea`; nothing is selected then."""
        self._marks = None
        self.cursor_model = ByteCursor()
        super().set_stream(stream, arranger)

    def set_marks(self, marks: Marks | None) -> None:
        """Mark ranges, as a search found them."""
        self._marks = marks
        self.viewport().update()

    def shown_view(self) -> View:
        """What is to be painted."""
        window = self.shown_window()
        platform = self._stream.reader.header.platform if self._stream else ""
        view = View(
            rows=visible_rows(self._rows, self.top, self._painted_rows(), platform),
            window=window,
            selection=self.cursor_model.within(window.start, window.stop),
            cursor=self.cursor_model.offset if self._rows.size else None,
            side=self.side,
            focused=self.hasFocus(),
            hits=tuple(self._marks(window.start, window.stop)) if self._marks else (),
            call_marks=self.call_marks,
        )
        draft = Draft(view)
        self.composing.emit(draft)
        return draft.view

    # -- selecting --------------------------------------------------------------------------------

    def select(self, start: int, stop: int, by_user: bool = False) -> None:
        """Select `start` … `stop` - 1 (nothing, when they are equal) and show where they begin."""
        self.cursor_model.select(start, stop)
        self.cursor_model.clip(self._rows.size)
        self.show_offset(self.cursor_model.offset)
        self._tell(by_user)

    def select_ranges(self, ranges: Ranges) -> None:
        """Select these, at least one, and show where they begin."""
        self.cursor_model.select_ranges(ranges)
        self.cursor_model.clip(self._rows.size)
        self.show_offset(self.cursor_model.offset)
        self._tell(False)

    def put_cursor(self, offset: int) -> None:
        """Select nothing, and put the cursor on a byte; the view stays where it is."""
        self.cursor_model.select(offset, offset)
        self.cursor_model.clip(self._rows.size)
        self._tell(False)

    def stand_on(self, offset: int) -> None:
        """Put the cursor on a byte and show it; what is selected stays selected."""
        self.cursor_model.stand(offset)
        self.cursor_model.clip(self._rows.size)
        self.show_offset(self.cursor_model.offset)
        self._tell(False)

    def move_cursor(self, offset: int, extend: bool = False) -> None:
        """As the user does: select a byte, or (extend) up to it. The view stays where it is."""
        self.cursor_model.move(offset, extend)
        self.following = False
        self._tell(True)

    def walk_cursor(self, offset: int, extend: bool) -> None:
        """The same, and scroll by as little as shows it."""
        self.cursor_model.move(offset, extend)
        self._show_cursor()
        self._tell(True)

    def extend_from(self, call: tuple[int, int], offset: int) -> None:
        """Select from a whole call on, either way, up to a byte."""
        self.cursor_model.extend_from(*call, offset)
        self._tell(True)

    def clear_selection(self, by_user: bool = True) -> None:
        """Select nothing; the view stays where it is."""
        self.cursor_model.clear()
        self._tell(by_user)

    def select_all(self) -> None:
        """Everything that has arrived; the view stays where it is."""
        if self._rows.size:
            self.cursor_model.select(0, self._rows.size)
            self.following = False
            self._tell(True)

    def select_call(self, offset: int) -> tuple[int, int] | None:
        """Select the bytes of the call that carries a stream offset, and tell which they are."""
        call = self.call_at(offset)
        if call:
            self.cursor_model.select(*call)
            self.following = False
            self._tell(True)
        return call

    def choose_rule(self, rule: Rule) -> None:
        """The call or message that a rule stands for is to be selected."""
        self.following = False
        self.rule_chosen.emit(rule)

    def call_at(self, offset: int) -> tuple[int, int] | None:
        """The bytes around an offset that one call carried."""
        if self._stream is None or not 0 <= offset < min(self._rows.size, self._stream.size):
            return None
        return self._stream.call_at(offset)

    def _show_cursor(self) -> None:
        """Scroll by as little as shows the cursor, with the rule right above it."""
        row = self._rows.row(self.cursor_model.offset)
        if (first := self._row_with_rule(row)) < self.top:
            self.go_to_top(first)
        elif row >= self.top + self.whole_rows:
            self.go_to_top(row - self.whole_rows + 1)
        self._held = None
        self.following = False
        self._show_tail_button()
        column = self._rows.column(self.cursor_model.offset)
        self._scroller.show_across(*self._layout.span(self.side, column, column + 1))

    def _row_with_rule(self, row: int) -> int:
        """The row above if that is a rule and both can be seen at once, else the row itself."""
        above = self.whole_rows > 1 and 0 < row < self._rows.count and self._rows.rule(row - 1) is not None
        return row - 1 if above else row

    def _tell(self, by_user: bool) -> None:
        self.viewport().update()
        self.moved.emit()
        if by_user:
            self.selected.emit()

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        across = self.horizontalScrollBar().value()
        painter.translate(-across, 0)
        self._painter.paint_header(painter, self._layout, self.viewport().width() + across)
        painter.translate(0, self._header)
        self._painter.paint(painter, self._layout, self.shown_view())
        painter.end()

    def byte_rect(self, offset: int, side: Side = "hex") -> QRect:
        """Where a byte of a visible row stands in the viewport."""
        column, row = self._rows.column(offset), self._rows.row(offset) - self.top
        x, width = self._layout.span(side, column, column + 1)
        y = self._header + row * self._layout.line
        return QRect(x - self.horizontalScrollBar().value(), y, width, self._layout.line)

    # -- mouse and keyboard -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._input.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._input.drag(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._input.double_click(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._input.release()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(self._input.menu_place(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._input.key(event):
            event.ignore()  # the scroll bars are not asked: they do not know the rows

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from the hex side to the text side, then on; Shift+Tab the other way round."""
        if self.hasFocus() and self._rows.size > 0 and (self.side == "hex") == forward:
            self.side = "text" if forward else "hex"
            self._tell(False)
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() == Qt.FocusReason.TabFocusReason:
            self.side = "hex"
        elif event.reason() == Qt.FocusReason.BacktabFocusReason:
            self.side = "text"
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_hint(self, event, self._hint_at(event.pos()))
            return True
        return super().viewportEvent(event)

    def _hint_at(self, place: QPoint) -> str:
        """What is to be said of a place of the viewport."""
        if place.y() < self._header:
            return self.legend
        row = self.top + (place.y() - self._header) // self._layout.line
        _, column = self._layout.hit(place.x() + self.horizontalScrollBar().value())
        line = self._rows.line(row) if row < self._rows.count else None
        if line is None or not line.start <= (offset := line.start + column) < line.stop:
            return ""
        hint = Hint(offset)
        self.hint_wanted.emit(hint)
        return hint.text

    def event(self, event: QEvent) -> bool:
        # Home, End and Escape belong to the view while it can use them, not to the window's shortcuts.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._input.wants(event):
            event.accept()
            return True
        return super().event(event)
