"""The rows of a stream of any size as text, scrolled by bytes; the cursor and the painting are elsewhere.

The place in the stream is `top`, the byte that the first row begins with. Rows are worked out around it when they
are looked at (see `text_rows`); nothing is kept of the others. The scroll bar counts bytes.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSlider, QWidget

from explorer.capture.stream import Stream
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_tail import TailButton
from explorer.ui.widgets.text_painter import TextPainter
from explorer.ui.widgets.text_rows import MOST_COLUMNS, Row, TextRows
from explorer.wire.visible import Style

MOST_STEPS = 2**31 - 1
"""What a scroll bar can count to."""
_NOTCH = 120  # QWheelEvent.angleDelta of one notch
_ROWS_A_NOTCH = 3


class TextArea(QAbstractScrollArea):
    """Signal: moved(): what is shown is another stream."""

    moved = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
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
        self._seen_size = 0
        self._wheel = 0.0
        self._syncing = False
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
    def whole_rows(self) -> int:
        """Rows that are seen from top to bottom; at least 1."""
        return max(1, self.viewport().height() // self.painter.line)

    def set_stream(self, stream: Stream | None) -> None:
        """Show another stream, from its end on."""
        self._stream = stream
        self.top = self.total = self._seen_size = 0
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

    @Slot()
    def _on_theme(self) -> None:
        self.painter = TextPainter(self.theme.mono, self.theme.colors)
        self._make_rows()
        self.tail_button.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_rows()
        self.tail_button.place()

    # -- going somewhere --------------------------------------------------------------------------

    @Slot()
    def follow(self) -> None:
        """Go to the end and stay there as bytes arrive."""
        self.following = True
        self.top = self._last_top()
        self._settle()
        if self.tail_button.hasFocus():
            self.setFocus()

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

    def _last_top(self) -> int:
        """The top at which the end is seen."""
        if self.rows is None or self._stream is None:
            return 0
        size = self.total or self._stream.size
        found = self.rows.rows_before(size, self.whole_rows)
        top = found[0].start if found else 0
        self._shown, self._shown_of = tuple(found), (top, self._room(), size)  # they need not be worked out again
        return top

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
