"""Bytes as hex and as text, side by side, of a stream of any size. Only the rows that are seen are read.

In which row a byte stands says an arrangement (see `explorer.capture.arrangement`); the place in the stream is
`top`, a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from explorer.capture.arrangement import Arrangement, Arranger, Continuous, RowMap, Rule
from explorer.capture.stream import Ranges, Stream
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_cursor import ByteCursor
from explorer.ui.widgets.byte_input import ByteInput
from explorer.ui.widgets.byte_layout import ByteLayout, Side
from explorer.ui.widgets.byte_painter import BytePainter
from explorer.ui.widgets.byte_rows import FIT_STEP, LEAST_FIT, MOST_FIT, visible_rows
from explorer.ui.widgets.byte_scene import View
from explorer.ui.widgets.byte_scroller import ByteScroller
from explorer.ui.widgets.byte_tail import TailButton
from explorer.ui.widgets.byte_window import EMPTY, ByteWindow, load_window
from explorer.ui.widgets.marked_scroll_bar import MarkedScrollBar

Marks = Callable[[int, int], Iterable[tuple[int, int]]]
"""Which ranges to mark of those that reach into `start` … `stop` - 1; asked at every painting."""


@dataclass(slots=True)
class Draft:
    """What is about to be painted: to be replaced by one with more marks."""

    view: View


class ByteView(QAbstractScrollArea):
    """Signals:
    selected(): the user moved the cursor or selected other bytes.
    moved(): cursor or selection changed, by whomever.
    menu_requested(QPoint): a context menu is wanted at a place of the screen.
    rule_chosen(CallRule | MessageRule): the call or message of a rule is to be selected.
    message_wanted(int): the message that a byte belongs to is to be selected.
    resized(): the viewport has another size, or the text.
    composing(Draft): marks may be added to what is about to be painted; quickly, for it comes at every painting.
    """

    selected = Signal()
    moved = Signal()
    menu_requested = Signal(QPoint)
    rule_chosen = Signal(object)
    message_wanted = Signal(object)  # an int that may be larger than a C int
    resized = Signal()
    composing = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.cursor_model = ByteCursor()
        self.side: Side = "hex"
        self.top = 0
        self.following = True
        self.call_marks = True
        self._stream: Stream | None = None
        self._per_row = 16
        self._arranger: Arranger | None = None
        self._rows: Arrangement = RowMap(0, self._per_row)
        self._held: int | None = None  # the offset to be at the top as soon as it has its row
        self._seen_size = 0  # what the stream held when the end was last in sight
        self._window = EMPTY
        self._marks: Marks | None = None
        self._input = ByteInput(self)
        self._scroller = ByteScroller(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Bytes")
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.viewport().setAutoFillBackground(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.scroll_bar = MarkedScrollBar()
        self.setVerticalScrollBar(self.scroll_bar)
        self.scroll_bar.setAccessibleName("Place in the bytes")
        self.scroll_bar.valueChanged.connect(self._on_scrolled)
        self.tail_button = TailButton(self.viewport())
        self.tail_button.clicked.connect(self.follow)
        theme.changed.connect(self._on_theme)
        self._make_painter()

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def stream(self) -> Stream | None:
        return self._stream

    @property
    def layout_of_row(self) -> ByteLayout:
        return self._layout

    @property
    def rows(self) -> Arrangement:
        return self._rows

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

    @property
    def per_row(self) -> int:
        return self._per_row

    @property
    def header_height(self) -> int:
        """Pixels above the first row."""
        return self._header

    @property
    def whole_rows(self) -> int:
        """Rows that are seen from top to bottom; at least 1."""
        return max(1, (self.viewport().height() - self._header) // self._layout.line)

    @property
    def last_top(self) -> int:
        """The row at the top when the end is seen."""
        return max(0, self._rows.count - self.whole_rows)

    def set_stream(self, stream: Stream | None, arranger: Arranger | None = None) -> None:
        """Show another stream, from its end on, with nothing selected. arranger: of its rows, which somebody else
        advances; None: they follow each other without a gap."""
        self._stream = stream
        if arranger is None and stream is not None:
            arranger = Continuous(stream, self._per_row)
        self._arranger = arranger
        self._per_row = arranger.per_row if arranger else self._per_row
        self._marks = None
        self.top = 0
        self._seen_size = 0
        self.cursor_model = ByteCursor()
        self.following = True
        self._held = None
        self._window = EMPTY
        self._rows = arranger.rows() if arranger else RowMap(0, self._per_row)
        self._relayout()
        self._show_tail_button()
        self.moved.emit()

    def arrange(self, arranger: Arranger) -> None:
        """Other rows of the same stream; the same bytes stay at the top, as soon as they have their rows."""
        self._held = None if self.following else self._rows.start(self.top) if self._held is None else self._held
        self._arranger = arranger
        self._per_row = arranger.per_row
        self._rows = arranger.rows()
        self._window = EMPTY
        self._relayout()
        self._take_held()
        self._show_tail_button()
        self.moved.emit()

    def set_per_row(self, per_row: int) -> None:
        """Show so many bytes in a row, without a gap; the same bytes stay at the top."""
        self._per_row = per_row
        if self._stream is not None:
            self.arrange(Continuous(self._stream, per_row))
        else:
            self._rows = RowMap(0, per_row)
            self._relayout()

    def fitting_per_row(self) -> int:
        """Bytes of a row that make the best of the view's width."""
        width, size = self.viewport().width(), max(0, self._rows.size)
        fitting = LEAST_FIT
        for per_row in range(LEAST_FIT, MOST_FIT + 1, FIT_STEP):
            if self._painter.layout(per_row, size).width > width:
                break
            fitting = per_row
        return fitting

    def set_marks(self, marks: Marks | None) -> None:
        """Mark ranges, as a search found them."""
        self._marks = marks
        self.viewport().update()

    @Slot()
    def refresh(self) -> None:
        """Look whether there are more rows. Cheap when there are not."""
        if self._arranger is None:
            return
        was, self._rows = self._rows, self._arranger.rows()
        size, count = self._rows.size, self._rows.count
        if (size, count) == (was.size, was.count):
            return
        in_sight = self.top + self.whole_rows >= was.count
        if len(f"{size:x}") > self._layout.digits or not was.count > 0:
            self._relayout()
        if self.following:
            self.top = self.last_top
        self._take_held()
        self._scroller.sync()
        self._show_tail_button()
        if self.following or in_sight:
            self.viewport().update()

    def _take_held(self) -> None:
        """Back to the bytes that were at the top before the rows changed, if they have their rows by now."""
        if self._held is not None and self._held < self._rows.size:
            self.show_at_top(self._held)

    def show_at_top(self, offset: int) -> None:
        """Scroll so that a byte stands in the first row, or right below its rule. Ends following."""
        row = self._rows.row(offset)
        if row and self._rows.rule(row - 1) is not None:
            row -= 1
        self.following = False
        self.go_to_top(row)
        self._show_tail_button()

    def shown_window(self) -> ByteWindow:
        """What the visible rows hold."""
        start = self._rows.start(self.top)
        stop = min(self._rows.size, self._rows.start(self.top + self._painted_rows()))
        if self._stream is None or start >= stop:
            return EMPTY
        if (self._window.start, self._window.stop) != (start, stop):
            self._window = load_window(self._stream, start, stop)
        return self._window

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

    # -- going somewhere --------------------------------------------------------------------------

    @Slot()
    def follow(self) -> None:
        """Go to the end and stay there as bytes arrive."""
        self.following = True
        self._held = None
        self.go_to_top(self.last_top)
        if self.tail_button.hasFocus():
            self.setFocus()
        self._show_tail_button()

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

    def show_offset(self, offset: int) -> None:
        """Scroll so that a byte is seen, with some rows before it when it was not. Ends following."""
        row = self._rows.row(offset)
        if not self.top <= row < self.top + self.whole_rows:
            self.go_to_top(row - self.whole_rows // 4)
        self._held = None
        self.following = False
        self._show_tail_button()

    def scroll_rows(self, rows: int) -> None:
        """As the user does; reaching the end means following."""
        self.go_to_top(self.top + rows)
        self.following = self.top >= self.last_top
        self._show_tail_button()

    def _show_cursor(self) -> None:
        """Scroll by as little as shows the cursor."""
        row = self._rows.row(self.cursor_model.offset)
        if row < self.top:
            self.go_to_top(row)
        elif row >= self.top + self.whole_rows:
            self.go_to_top(row - self.whole_rows + 1)
        self._held = None
        self.following = False
        self._show_tail_button()
        column = self._rows.column(self.cursor_model.offset)
        self._scroller.show_across(*self._layout.span(self.side, column, column + 1))

    def _tell(self, by_user: bool) -> None:
        self.viewport().update()
        self.moved.emit()
        if by_user:
            self.selected.emit()

    def call_at(self, offset: int) -> tuple[int, int] | None:
        """The bytes around an offset that one call carried."""
        if self._stream is None or not 0 <= offset < min(self._rows.size, self._stream.size):
            return None
        return self._stream.call_at(offset)

    # -- scrolling --------------------------------------------------------------------------------

    def go_to_top(self, top: int) -> None:
        """Scroll to a row, as far as there are rows."""
        self._held = None
        self.top = max(0, min(top, self.last_top))
        self._scroller.sync()
        self.viewport().update()

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        if not self._scroller.syncing:
            self.scroll_rows(value * self._scroller.scale() - self.top)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._scroller.wheel(event):
            super().wheelEvent(event)

    # -- new bytes ----------------------------------------------------------------------------------

    def _show_tail_button(self) -> None:
        if self.following:
            self._seen_size = self._rows.size
        self.tail_button.show_new(self._rows.size - self._seen_size)

    # -- painting -----------------------------------------------------------------------------------

    def _make_painter(self) -> None:
        self._painter = BytePainter(self.theme.mono, self.theme.colors)
        self._relayout()

    @Slot()
    def _on_theme(self) -> None:
        self._make_painter()
        self.tail_button.place()
        self.resized.emit()

    def _relayout(self) -> None:
        self._layout = self._painter.layout(self._per_row, max(0, self._rows.size))
        self._header = self._layout.line
        self.top = self.last_top if self.following else max(0, min(self.top, self.last_top))
        self._scroller.sync()
        self.viewport().update()

    def _painted_rows(self) -> int:
        return -(-max(0, self.viewport().height() - self._header) // self._layout.line)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        across = self.horizontalScrollBar().value()
        painter.translate(-across, 0)
        self._painter.paint_header(painter, self._layout, self.viewport().width() + across)
        painter.translate(0, self._header)
        self._painter.paint(painter, self._layout, self.shown_view())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        held = self._held
        self.go_to_top(self.last_top if self.following else self.top)
        self._held = held
        self.tail_button.place()
        self.resized.emit()

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

    def event(self, event: QEvent) -> bool:
        # Home, End and Escape belong to the view while it can use them, not to the window's shortcuts.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._input.wants(event):
            event.accept()
            return True
        return super().event(event)
