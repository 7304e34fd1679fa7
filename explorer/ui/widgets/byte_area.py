"""A stretch of the rows of a stream of any size, scrolled by rows; what they look like is not known here.

In which row a byte stands says an arrangement (see `explorer.capture.arrangement`); the place in the stream is
`top`, a row.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from explorer.capture.arrangement import Arrangement, Arranger, Continuous, RowMap
from explorer.capture.stream import Stream
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_layout import ByteLayout
from explorer.ui.widgets.byte_painter import BytePainter
from explorer.ui.widgets.byte_rows import FIT_STEP, LEAST_FIT, MOST_FIT
from explorer.ui.widgets.byte_scroller import ByteScroller
from explorer.ui.widgets.byte_tail import TailButton
from explorer.ui.widgets.byte_window import EMPTY, ByteWindow, load_window
from explorer.ui.widgets.marked_scroll_bar import MarkedScrollBar


class ByteArea(QAbstractScrollArea):
    """Signals:
    moved(): the rows are others, or what is shown in them.
    resized(): the viewport has another size, or the text.
    """

    moved = Signal()
    resized = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.top = 0
        self.following = True
        self._stream: Stream | None = None
        self._per_row = 16
        self._arranger: Arranger | None = None
        self._rows: Arrangement = RowMap(0, self._per_row)
        self._held: int | None = None  # the offset to be at the top as soon as it has its row
        self._seen_size = 0  # what the stream held when the end was last in sight
        self._window = EMPTY
        self._scroller = ByteScroller(self)
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
    def per_row(self) -> int:
        return self._per_row

    @property
    def header_height(self) -> int:
        """Pixels above the first row."""
        return self._header

    @property
    def row_height(self) -> int:
        """Pixels."""
        return self._layout.line

    @property
    def whole_rows(self) -> int:
        """Rows that are seen from top to bottom; at least 1."""
        return max(1, (self.viewport().height() - self._header) // self._layout.line)

    @property
    def last_top(self) -> int:
        """The row at the top when the end is seen."""
        return max(0, self._rows.count - self.whole_rows)

    def set_stream(self, stream: Stream | None, arranger: Arranger | None = None) -> None:
        """Show another stream, from its end on. arranger: of its rows, which somebody else
        advances; None: they follow each other without a gap."""
        self._stream = stream
        if arranger is None and stream is not None:
            arranger = Continuous(stream, self._per_row)
        self._arranger = arranger
        self._per_row = arranger.per_row if arranger else self._per_row
        self.top = 0
        self._seen_size = 0
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

    @property
    def seen(self) -> tuple[int, int]:
        """The first position that is seen, and the one behind the last."""
        return self._rows.start(self.top), min(self._rows.size, self._rows.start(self.top + self._painted_rows()))

    def shown_window(self) -> ByteWindow:
        """What the visible rows hold."""
        start, stop = self.seen
        if self._stream is None or start >= stop:
            return EMPTY
        if (self._window.start, self._window.stop) != (start, stop):
            self._window = load_window(self._stream, start, stop)
        return self._window

    def _painted_rows(self) -> int:
        return -(-max(0, self.viewport().height() - self._header) // self._layout.line)

    # -- scrolling --------------------------------------------------------------------------------

    @Slot()
    def follow(self) -> None:
        """Go to the end and stay there as bytes arrive."""
        self.following = True
        self._held = None
        self.go_to_top(self.last_top)
        if self.tail_button.hasFocus():
            self.setFocus()
        self._show_tail_button()

    def show_at_top(self, offset: int) -> None:
        """Scroll so that a byte stands in the first row, or right below its rule. Ends following."""
        row = self._rows.row(offset)
        if row and self._rows.rule(row - 1) is not None:
            row -= 1
        self.following = False
        self.go_to_top(row)
        self._show_tail_button()

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

    def _show_tail_button(self) -> None:
        if self.following:
            self._seen_size = self._rows.size
        self.tail_button.show_new(self._rows.size - self._seen_size)

    # -- looks ------------------------------------------------------------------------------------

    def _make_painter(self) -> None:
        self._painter = BytePainter(self.theme.mono, self.theme.colors)
        self._relayout()

    @Slot()
    def _on_theme(self) -> None:
        self._make_painter()
        self.updateGeometry()
        self.tail_button.place()
        self.resized.emit()

    def _relayout(self) -> None:
        self._layout = self._painter.layout(self._per_row, max(0, self._rows.size))
        self._header = self._layout.line
        self.top = self.last_top if self.following else max(0, min(self.top, self.last_top))
        self._scroller.sync()
        self.viewport().update()

    def minimumSizeHint(self) -> QSize:
        """One row, and what stands above and below it."""
        around = 2 * self.frameWidth() + self.horizontalScrollBar().sizeHint().height()
        return QSize(super().minimumSizeHint().width(), self._header + self._layout.line + around)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        held = self._held
        self.go_to_top(self.last_top if self.following else self.top)
        self._held = held
        self.tail_button.place()
        self.resized.emit()
