"""The bytes as a plain table, for screen readers and whoever prefers one: the same rows and the same content.

Choosing rows selects their bytes in the whole window; selected bytes choose the rows that hold them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QScrollBar, QWidget

from explorer.capture.arrangement import Arrangement, RowMap, Rule
from explorer.capture.message_spans import Runs
from explorer.capture.stream import Ranges, Stream, united
from explorer.ui.models.byte_rows_model import ByteRowsModel
from explorer.ui.theme import Theme
from explorer.ui.widgets.log_table import LogTable

MOST_LOOKED_AT = 2_000  # stretches of a selection whose rows are looked for; `ranges` has them all


class ByteTable(LogTable):
    """Signals:
    selected(): the user chose other rows.
    moved(): the selection changed, by whomever.
    menu_requested(QPoint): a context menu is wanted at a place of the screen.
    """

    selected = Signal()
    moved = Signal()
    menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme, say: Callable[[Rule], str], parent: QWidget | None = None) -> None:
        self._bytes = ByteRowsModel(say)
        super().__init__(self._bytes, theme, parent)
        self._bytes.setParent(self)
        self._stream: Stream | None = None
        self._ranges: Ranges = ()
        self._cursor = 0
        self._to_reveal = False  # the selected bytes, whose rows are not announced yet
        self.setAccessibleName("Bytes as a table")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.chosen.connect(self._on_rows_chosen)
        self.unchosen.connect(self._on_unchosen)

    @property
    def rows(self) -> Arrangement:
        return self._bytes.arrangement

    @property
    def selection(self) -> tuple[int, int] | None:
        """First selected byte and the one behind the last; None when nothing is selected."""
        return (self._ranges[0][0], self._ranges[-1][1]) if self._ranges else None

    @property
    def ranges(self) -> Ranges:
        """Exactly what is selected."""
        return self._ranges

    @property
    def cursor_offset(self) -> int:
        """The first byte of the current row, or of what was selected elsewhere."""
        return self._cursor

    @property
    def scroll_bar(self) -> QScrollBar:
        return self.verticalScrollBar()

    @property
    def seen(self) -> tuple[int, int]:
        """The first position that is seen, and the one behind the last."""
        rows, below = self._bytes.arrangement, self.first + -(-self.viewport().height() // self.row_height)
        return rows.start(min(self.first, rows.count)), rows.start(min(below, rows.count))

    def set_stream(self, stream: Stream | None, rows: Arrangement | None = None) -> None:
        """Show another stream or other rows, with nothing selected."""
        self._stream = stream
        self._ranges, self._cursor, self._to_reveal = (), 0, False
        self._bytes.show(stream, rows or RowMap(0, 16))
        self.moved.emit()

    def refresh(self, rows: Arrangement) -> None:
        """There may be more rows by now, or some left that were let pass while they rushed by."""
        was = self._bytes.arrangement
        if (rows.size, rows.count) != (was.size, was.count):
            self._bytes.show_more(rows)
            self.viewport().update()
        self.take_new()
        if self._to_reveal:
            self._reveal_ranges()

    def select_ranges(self, ranges: Ranges) -> None:
        """Select these, at least one, and show the rows that hold them."""
        self._ranges, self._cursor = ranges, ranges[0][0]
        self._reveal_ranges()
        self.moved.emit()

    def _reveal_ranges(self) -> None:
        """Show the rows that hold the selected bytes, now or as soon as they are announced."""
        rows, runs = self._bytes.arrangement, Runs()
        for start, stop in islice(self._ranges, MOST_LOOKED_AT):
            runs.add(range(rows.row(start), rows.row(stop - 1) + 1))
            if runs.full:
                break
        self._to_reveal = runs.found[-1].stop > self._bytes.rowCount()
        if not self._to_reveal:
            self.reveal(runs.found)

    def clear_selection(self, by_user: bool = True) -> None:
        """Select nothing; the view stays where it is."""
        self._ranges, self._to_reveal = (), False
        self.forget()
        self.moved.emit()
        if by_user:
            self.selected.emit()

    def put_cursor(self, offset: int) -> None:
        """Select nothing, and stand on the row of a byte."""
        self._cursor = offset
        self.clear_selection(by_user=False)

    @Slot(int, int)
    def _on_rows_chosen(self, first: int, last: int) -> None:
        """Some rows, or one of several apart."""
        self._ranges = united(self._bytes_of(part.start, part.stop - 1) for part in self.selected_rows())
        self._cursor, self._to_reveal = self._bytes_of(first, last)[0], False
        self.moved.emit()
        self.selected.emit()

    def _bytes_of(self, first: int, last: int) -> tuple[int, int]:
        rows = self._bytes.arrangement
        start, stop = rows.start(first), rows.stop(last)
        if start == stop and last + 1 < rows.count:  # a rule stands for the row below it
            stop = rows.stop(last + 1)
        return start, stop

    @Slot()
    def _on_unchosen(self) -> None:
        self.clear_selection()

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        self.menu_requested.emit(self.viewport().mapToGlobal(place))
