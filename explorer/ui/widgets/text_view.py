"""The bytes of a stream of any size as text to read: what was received and sent, line by line, in their order.

The place in the stream is `top`, the byte that the first row begins with. Rows are worked out around it when they
are looked at (see `text_rows`); nothing is kept of the others. The scroll bar counts bytes.
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
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSlider, QWidget

from explorer.capture.stream import Ranges, Stream
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_cursor import ByteCursor
from explorer.ui.widgets.byte_tail import TailButton
from explorer.ui.widgets.text_input import TextInput
from explorer.ui.widgets.text_painter import TextPainter, TextScene
from explorer.ui.widgets.text_rows import MOST_COLUMNS, Row, TextRows
from explorer.wire.visible import Style

Marks = Callable[[int, int], Iterable[tuple[int, int]]]
"""Which ranges to mark of those that reach into `start` … `stop` - 1; asked at every painting."""
MOST_STEPS = 2**31 - 1
"""What a scroll bar can count to."""
_NOTCH = 120  # QWheelEvent.angleDelta of one notch
_ROWS_A_NOTCH = 3


@dataclass(slots=True)
class TextMarks:
    """start, stop: the bytes that are seen. hits: ranges to mark among them."""

    start: int
    stop: int
    hits: Ranges = ()


class TextView(QAbstractScrollArea):
    """Signals:
    selected(): the user moved the cursor or selected other bytes.
    moved(): cursor or selection changed, by whomever.
    menu_requested(QPoint): a context menu is wanted at a place of the screen.
    marking(TextMarks): rows are about to be painted; who has hits to show puts them there, quickly.
    """

    selected = Signal()
    moved = Signal()
    menu_requested = Signal(QPoint)
    marking = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.cursor_model = ByteCursor()
        self.top = 0
        self.total = 0
        self.following = True
        self.rows: TextRows | None = None
        self._stream: Stream | None = None
        self._encoding = "utf-8"
        self._style: Style = "symbols"
        self._wrap = True
        self._lines = True
        self._shown: tuple[Row, ...] = ()
        self._shown_of: tuple[int, int, int] | None = None  # top, rows and size they were made for
        self._pivot: tuple[int, int] | None = None  # the character from which a selection is extended
        self._seen_size = 0
        self._marks: Marks | None = None
        self._input = TextInput(self)
        self._wheel = 0.0
        self._syncing = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Text")
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.viewport().setAutoFillBackground(True)
        bar = self.verticalScrollBar()
        bar.setAccessibleName("Place in the bytes")
        bar.actionTriggered.connect(self._on_scroll_action)
        bar.valueChanged.connect(self._on_scrolled)
        bar.sliderReleased.connect(self._settle)
        self.tail_button = TailButton(self.viewport())
        self.tail_button.clicked.connect(self.follow)
        theme.changed.connect(self._on_theme)
        self.painter = TextPainter(theme.mono, theme.colors)

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def stream(self) -> Stream | None:
        return self._stream

    @property
    def encoding(self) -> str:
        return self._encoding

    @property
    def selection(self) -> tuple[int, int] | None:
        """First selected byte and the one behind the last, as stream offsets; None when nothing is selected."""
        return self.cursor_model.selection

    @property
    def ranges(self) -> Ranges:
        """Exactly what is selected."""
        return self.cursor_model.ranges

    @property
    def cursor_offset(self) -> int:
        return self.cursor_model.offset

    @property
    def whole_rows(self) -> int:
        """Rows that are seen from top to bottom; at least 1."""
        return max(1, self.viewport().height() // self.painter.line)

    def set_stream(self, stream: Stream | None) -> None:
        """Show another stream, from its end on, with nothing selected."""
        self._stream = stream
        self._marks = None
        self._pivot = None
        self.top = self.total = self._seen_size = 0
        self.cursor_model = ByteCursor()
        self.following = True
        self._make_rows()
        self.refresh()
        self.moved.emit()

    def set_encoding(self, encoding: str) -> None:
        """An encoding that Python knows. The same bytes stay at the top."""
        if encoding != self._encoding:
            self._encoding = encoding
            self._make_rows()

    def set_options(self, wrap: bool, lines: bool, style: Style) -> None:
        """wrap: rows are as wide as the view. lines: an end of line ends a row. style: of control characters."""
        if (wrap, lines, style) != (self._wrap, self._lines, self._style):
            self._wrap, self._lines, self._style = wrap, lines, style
            self._make_rows()

    def set_marks(self, marks: Marks | None) -> None:
        """Mark ranges, as a search found them."""
        self._marks = marks
        self.viewport().update()

    def _make_rows(self) -> None:
        """The rows are other ones: of another stream, width or encoding."""
        stream = self._stream
        columns = self.painter.columns(self.viewport().width()) if self._wrap else MOST_COLUMNS
        self.rows = TextRows(stream, self._encoding, columns, self._lines, self._style) if stream else None
        self._shown_of = None
        if self.following:
            self.top = self._last_top()
        elif self.rows and (row := self.rows.row_of(self.top)):
            self.top = row.start
        self._settle()

    @Slot()
    def refresh(self) -> None:
        """Look whether the stream has grown. Cheap when it has not."""
        size = self._stream.size if self._stream else 0
        if size == self.total:
            return
        end_in_sight = not self._shown or self._shown[-1].stop >= self.total
        self.total = size
        if self.following:
            self.top = self._last_top()
        self._sync_bars()
        self._show_tail_button()
        if self.following or end_in_sight:
            self.viewport().update()

    def _room(self) -> int:
        """Rows that are seen, the last of them perhaps in part."""
        return -(-max(1, self.viewport().height()) // self.painter.line)

    def shown_rows(self) -> tuple[Row, ...]:
        """The rows that are seen, the last of them perhaps in part."""
        count = self._room()
        if self._shown_of is not None and self._shown_of[:2] == (self.top, count):
            full = len(self._shown) == count and self._shown[-1].stop < self._shown_of[2]
            if full or self._shown_of[2] == self.total:
                return self._shown
        self._shown = tuple(self.rows.rows_from(self.top, count)) if self.rows else ()
        self._shown_of = self.top, count, self.total
        return self._shown

    # -- going somewhere --------------------------------------------------------------------------

    @Slot()
    def follow(self) -> None:
        """Go to the end and stay there as bytes arrive."""
        self.following = True
        self.top = self._last_top()
        self._settle()
        if self.tail_button.hasFocus():
            self.setFocus()

    def select(self, start: int, stop: int, by_user: bool = False) -> None:
        """Select `start` … `stop` - 1 (nothing, when they are equal) and show where they begin."""
        self.cursor_model.select(start, stop)
        self._pivot = None
        self.cursor_model.clip(self.total)
        self.show_offset(self.cursor_model.offset)
        self._tell(by_user)

    def select_ranges(self, ranges: Ranges) -> None:
        """Select these, at least one, and show where they begin."""
        self.cursor_model.select_ranges(ranges)
        self._pivot = None
        self.cursor_model.clip(self.total)
        self.show_offset(self.cursor_model.offset)
        self._tell(False)

    def put_cursor(self, offset: int) -> None:
        """Select nothing, and put the cursor on a byte; the view stays where it is."""
        self.cursor_model.select(offset, offset)
        self._pivot = None
        self.cursor_model.clip(self.total)
        self._tell(False)

    def move_cursor(self, offset: int, extend: bool = False) -> None:
        """As the user does: select the character that a byte belongs to, or (extend) all up to it. The view stays."""
        start, stop = self._character(offset)
        if extend:
            pivot = self._pivot or self._character(self.cursor_offset)
            self.cursor_model.extend_from(*pivot, start if start < pivot[0] else stop - 1)
            self._pivot = pivot
        else:
            self.cursor_model.select(start, stop)
            self._pivot = start, stop
        self.following = False
        self._tell(True)

    def walk_cursor(self, offset: int, extend: bool) -> None:
        """The same, and scroll by as little as shows it."""
        self.move_cursor(offset, extend)
        self._show_cursor()

    def clear_selection(self, by_user: bool = True) -> None:
        """Select nothing; the view stays where it is."""
        self.cursor_model.clear()
        self._pivot = None
        self._tell(by_user)

    def select_all(self) -> None:
        """Everything that has arrived; the view stays where it is."""
        if self.total:
            self.cursor_model.select(0, self.total)
            self._pivot = None
            self.following = False
            self._tell(True)

    def select_call(self, offset: int) -> tuple[int, int] | None:
        """Select the bytes of the call that carries a stream offset, and tell which they are."""
        if self._stream is None or not 0 <= offset < self._stream.size:
            return None
        call = self._stream.call_at(offset)
        self.cursor_model.select(*call)
        self._pivot = None
        self.following = False
        self._tell(True)
        return call

    def show_offset(self, offset: int) -> None:
        """Scroll so that a byte is seen, with some rows before it when it was not. Ends following."""
        rows = self.shown_rows()[: self.whole_rows]
        if self.rows and not (rows and rows[0].start <= offset < rows[-1].stop):
            row = self.rows.row_of(offset)
            if row:
                before = self.rows.rows_before(row.start, self.whole_rows // 4)
                self._go_to(before[0].start if before else row.start)
        self.following = False
        self._settle()

    def scroll_rows(self, count: int) -> None:
        """As the user does; reaching the end means following."""
        if self.rows is None or not count:
            return
        if count < 0:
            before = self.rows.rows_before(self.top, -count)
            self.top = before[0].start if before else self.top
            self.following = False
        else:
            found = self.rows.rows_from(self.top, count + self.whole_rows + 1)
            step = min(count, max(0, len(found) - self.whole_rows))
            self.top = found[step].start if found else 0
            self.following = len(found) - step <= self.whole_rows
        self._settle()

    def _go_to(self, offset: int) -> None:
        """The row of a byte to the top, as far as there are rows below it."""
        row = self.rows.row_of(offset) if self.rows else None
        self.top = min(row.start, self._last_top()) if row else 0

    def _show_cursor(self) -> None:
        """Scroll by as little as shows the cursor."""
        row = self.rows.row_of(self.cursor_offset) if self.rows else None
        if row is None or self.rows is None:
            return
        seen = self.shown_rows()[: self.whole_rows]
        if row.start < self.top:
            self.top = row.start
        elif not seen or row.start >= seen[-1].stop:
            before = self.rows.rows_before(row.stop, self.whole_rows)
            self.top = before[0].start
        self.following = False
        box = self.painter.rect(row, *row.bytes_of(row.index(self.cursor_offset)), 0)
        across = self.horizontalScrollBar()
        self._settle()
        across.setValue(max(box.right() + 1 - self.viewport().width(), min(across.value(), box.left())))

    def _character(self, offset: int) -> tuple[int, int]:
        """The bytes of the character that a byte belongs to, as far as they stand in its row."""
        row = self.rows.row_of(offset) if self.rows else None
        return row.bytes_of(row.index(offset)) if row else (offset, offset + 1)

    def _last_top(self) -> int:
        """The top at which the end is seen."""
        if self.rows is None or self._stream is None:
            return 0
        size = self.total or self._stream.size
        found = self.rows.rows_before(size, self.whole_rows)
        top = found[0].start if found else 0
        self._shown, self._shown_of = tuple(found), (top, self._room(), size)  # they need not be worked out again
        return top

    def _tell(self, by_user: bool) -> None:
        self.viewport().update()
        self.moved.emit()
        if by_user:
            self.selected.emit()

    # -- scrolling --------------------------------------------------------------------------------

    @Slot()
    def _settle(self) -> None:
        """Another top: bring the bars and the button in step."""
        self._sync_bars()
        self._show_tail_button()
        self.viewport().update()

    def _scale(self) -> int:
        """Bytes that one step of the scroll bar stands for."""
        return -(-max(1, self.total) // MOST_STEPS)

    def _sync_bars(self) -> None:
        self._syncing = True
        rows, scale, bar = self.shown_rows()[: self.whole_rows], self._scale(), self.verticalScrollBar()
        seen = rows[-1].stop - rows[0].start if rows else 0
        last = max(0, self.total - seen)
        at_end = not rows or rows[-1].stop >= self.total
        bar.setRange(0, -(-last // scale))
        bar.setPageStep(max(1, seen // scale))
        bar.setValue(bar.maximum() if at_end else min(bar.maximum() - 1, self.top // scale))
        across = self.horizontalScrollBar()
        widest = max((row.width for row in self.shown_rows()), default=0) if not self._wrap else 0
        width = self.painter.text_x + (widest + 1) * self.painter.cell
        across.setRange(0, max(0, width - self.viewport().width()) if not self._wrap else 0)
        across.setPageStep(self.viewport().width())
        across.setSingleStep(self.painter.cell)
        self._syncing = False

    @Slot(int)
    def _on_scroll_action(self, action: int) -> None:
        """A step of the bar is a row, and a page the rows that are seen."""
        bar, kind = self.verticalScrollBar(), QAbstractSlider.SliderAction(action)
        rows = {
            QAbstractSlider.SliderAction.SliderSingleStepAdd: 1,
            QAbstractSlider.SliderAction.SliderSingleStepSub: -1,
            QAbstractSlider.SliderAction.SliderPageStepAdd: self.whole_rows,
            QAbstractSlider.SliderAction.SliderPageStepSub: -self.whole_rows,
        }.get(kind)
        if rows is not None:
            bar.setSliderPosition(bar.value())
            self.scroll_rows(rows)

    @Slot(int)
    def _on_scrolled(self, value: int) -> None:
        """The bar was drawn, or set by a screen reader."""
        if self._syncing:
            return
        if value >= self.verticalScrollBar().maximum():
            self.follow()
            return
        self.following = False
        self._go_to(value * self._scale())
        self._show_tail_button()
        self.viewport().update()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        across, down = event.angleDelta().x(), event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if down:
                (self.theme.zoom_in if down > 0 else self.theme.zoom_out)()
            event.accept()
            return
        if across and not down:
            super().wheelEvent(event)
            return
        pixels = event.pixelDelta().y()
        self._wheel -= pixels / self.painter.line if pixels else down * _ROWS_A_NOTCH / _NOTCH
        rows = int(self._wheel)
        self._wheel -= rows
        self.scroll_rows(rows)
        event.accept()

    def _show_tail_button(self) -> None:
        if self.following:
            self._seen_size = self.total
        self.tail_button.show_new(self.total - self._seen_size)

    # -- painting -----------------------------------------------------------------------------------

    @Slot()
    def _on_theme(self) -> None:
        self.painter = TextPainter(self.theme.mono, self.theme.colors)
        self._make_rows()
        self.tail_button.place()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        across = self.horizontalScrollBar().value()
        painter.translate(-across, 0)
        rows = self.shown_rows()
        start, stop = (rows[0].start, rows[-1].stop) if rows else (0, 0)
        scene = TextScene(
            rows=rows,
            selection=self.cursor_model.within(start, stop),
            hits=self._hits(start, stop) if rows else (),
            cursor=self.cursor_offset if rows else None,
            focused=self.hasFocus(),
        )
        self.painter.paint(painter, scene, self.viewport().width() + across)
        painter.end()

    def _hits(self, start: int, stop: int) -> Ranges:
        marks = TextMarks(start, stop, tuple(self._marks(start, stop)) if self._marks else ())
        self.marking.emit(marks)
        return marks.hits

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_rows()
        self.tail_button.place()

    def cursor_rect(self) -> QRect:
        """Where the cursor's character stands in the viewport; empty while it is not seen."""
        for number, row in enumerate(self.shown_rows()):
            if row.start <= self.cursor_offset < row.stop:
                box = self.painter.rect(row, *row.bytes_of(row.index(self.cursor_offset)), number * self.painter.line)
                return box.translated(-self.horizontalScrollBar().value(), 0)
        return QRect()

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
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
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
