"""The bytes of a stream of any size as text to read: what was received and sent, line by line, in their order.

What rows there are and which of them are seen is in `explorer.ui.widgets.text_area`; here are the cursor, what is
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
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from explorer.capture.stream import Ranges, Stream
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_cursor import ByteCursor
from explorer.ui.widgets.byte_hints import Hint, show_hint
from explorer.ui.widgets.byte_scene import Highlight
from explorer.ui.widgets.text_area import TextArea
from explorer.ui.widgets.text_input import TextInput
from explorer.ui.widgets.text_painter import TextScene

Marks = Callable[[int, int], Iterable[tuple[int, int]]]
"""Which ranges to mark of those that reach into `start` … `stop` - 1; asked at every painting."""


@dataclass(slots=True)
class TextMarks:
    """start, stop: the bytes that are seen; the others: what to mark among them, as in `byte_scene.View`."""

    start: int
    stop: int
    hits: Ranges = ()
    hit: Ranges = ()
    covered: Ranges = ()
    highlights: tuple[Highlight, ...] = ()


class TextView(TextArea):
    """Signals:
    selected(): the user moved the cursor or selected other bytes.
    moved(): cursor or selection changed, by whomever.
    menu_requested(QPoint): a context menu is wanted at a place of the screen.
    marking(TextMarks): rows are about to be painted; who has marks to show puts them there, quickly.
    hint_wanted(Hint): the mouse rests on a byte.
    """

    selected = Signal()
    menu_requested = Signal(QPoint)
    marking = Signal(object)
    hint_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.cursor_model = ByteCursor()
        self._pivot: tuple[int, int] | None = None  # the character from which a selection is extended
        self._marks: Marks | None = None
        self._input = TextInput(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Text")
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.viewport().setAutoFillBackground(True)

    # -- what is shown ----------------------------------------------------------------------------

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

    def set_stream(self, stream: Stream | None) -> None:
        """Show another stream, from its end on, with nothing selected."""
        self._marks = None
        self._pivot = None
        self.cursor_model = ByteCursor()
        super().set_stream(stream)

    def set_marks(self, marks: Marks | None) -> None:
        """Mark ranges, as a search found them."""
        self._marks = marks
        self.viewport().update()

    # -- selecting --------------------------------------------------------------------------------

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
        rows = self.shown_rows()
        start, stop = (rows[0].start, rows[-1].stop) if rows else (0, 0)
        marks = TextMarks(start, stop, tuple(self._marks(start, stop)) if self._marks else ())
        if rows:
            self.marking.emit(marks)
        scene = TextScene(
            rows=rows,
            selection=self.cursor_model.within(start, stop),
            hits=marks.hits,
            cursor=self.cursor_offset if rows else None,
            focused=self.hasFocus(),
            hit=marks.hit,
            covered=marks.covered,
            highlights=marks.highlights,
        )
        self.painter.paint(painter, scene, self.viewport().width() + across)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cursor stays in sight."""
        seen = bool(self._shown) and self._shown[0].start <= self.cursor_offset < self._shown[-1].stop
        super().resizeEvent(event)
        if seen and not self.following:
            self._show_cursor()

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

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_hint(self, event, self._hint_at(event.pos()))
            return True
        return super().viewportEvent(event)

    def _hint_at(self, place: QPoint) -> str:
        """What is to be said of a place of the viewport."""
        rows, number = self.shown_rows(), place.y() // self.painter.line
        column = (place.x() + self.horizontalScrollBar().value() - self.painter.text_x) // self.painter.cell
        if not 0 <= number < len(rows) or not 0 <= column < rows[number].width:
            return ""
        hint = Hint(rows[number].starts[rows[number].index_at(column)])
        self.hint_wanted.emit(hint)
        return hint.text

    def event(self, event: QEvent) -> bool:
        # Home, End and Escape belong to the view while it can use them, not to the window's shortcuts.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._input.wants(event):
            event.accept()
            return True
        return super().event(event)
