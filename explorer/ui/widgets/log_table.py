"""A table of rows that only grow, at any number of rows and any rate.

It is a QTableView to the model, the selection, the keyboard and screen readers. But it paints its
visible rows itself, with one call per cell (the usual delegates ask the model eight times per cell),
and its scroll bar counts rows, not pixels, so that 2,147,483,647 of them fit.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QPushButton,
    QWidget,
)

from explorer.ui.models.log_model import Index, LogModel
from explorer.ui.theme import Theme
from explorer.ui.widgets.column_widths import ColumnWidths
from explorer.ui.widgets.follow_tail import FollowTail
from explorer.ui.widgets.row_choice import RowChoice
from explorer.ui.widgets.row_painter import RowPainter

MOST_COPIED = 50_000  # rows
CALM = 0.033  # seconds between two pictures while rows rush by: nobody reads them, and the engine needs the time


class LogTable(RowChoice):
    """Signals, besides those of `RowChoice`:
    copied(int, int): so many of so many selected rows were copied.
    """

    copied = Signal(int, int)

    def __init__(self, model: LogModel, theme: Theme, parent: QWidget | None = None, *, follows: bool = True) -> None:
        """follows: see `FollowTail`."""
        super().__init__(model, parent)
        self._theme = theme
        self._arranging = False
        self._rushing = False  # more than a page of rows came at once
        self._taken = 0.0
        self._fitted: list[int] = []  # lengths of numbers that the columns have room for
        self._looks = self._make_looks()
        self._tail = FollowTail(self, model, theme, follows)
        self.setModel(model)
        self._set_up()
        self._widths = self._make_widths()
        self._numbers = QTimer(self)  # after a picture has shown how long they are
        self._numbers.setSingleShot(True)
        self._numbers.setInterval(0)
        self._numbers.timeout.connect(self._fit_numbers)
        self._tail.wanted.connect(self.follow)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        model.modelReset.connect(self._on_reset)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    # -- for tables that look otherwise -----------------------------------------------------------

    def _make_looks(self) -> RowPainter:
        return RowPainter(self._theme)

    def show_column(self, place: int, shown: bool) -> None:
        """Let a column be there or not."""
        self._widths.show(place, shown)

    def _make_widths(self) -> ColumnWidths:
        return ColumnWidths(self, self._model.columns, self._looks)

    def _set_up(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        # One pixel a row: the header adds these up in an int. Nothing here uses the sum.
        rows.setMinimumSectionSize(1)
        rows.setDefaultSectionSize(1)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(24)
        # One of its own, in which nothing is selected: at each painting a header asks whether whole columns are, which
        # takes the time of looking at every selected row.
        header.setSelectionModel(QItemSelectionModel(self._model, header))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAutoScroll(False)
        copy = QAction("&Copy rows\tCtrl+C", self)
        copy.triggered.connect(self.copy_rows)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        for corner in self.findChildren(QAbstractButton, options=Qt.FindChildOption.FindDirectChildrenOnly):
            corner.hide()  # it belongs to the two headers; one of them is hidden

    # -- the rows' place ------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """Whole rows that are visible."""
        return max(1, self.viewport().height() // self._looks.height)

    @property
    def first(self) -> int:
        """The row at the top."""
        return self.verticalScrollBar().value()

    @property
    def row_height(self) -> int:
        return self._looks.height

    def row_at(self, y: int) -> int:
        """The row at a height of the viewport; -1 for none."""
        row = self.first + y // self._looks.height
        return row if 0 <= row < self._model.rowCount() else -1

    def indexAt(self, pos: QPoint) -> QModelIndex:
        row, column = self.row_at(pos.y()), self.columnAt(pos.x())
        return self._model.index(row, column) if row >= 0 and column >= 0 else QModelIndex()

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid():
            return QRect()
        # Far away is as good as just outside, and does not overflow.
        away = max(-2, min(index.row() - self.first, self.page + 2))
        column = index.column()
        return QRect(
            self.columnViewportPosition(column), away * self._looks.height, self.columnWidth(column), self._looks.height
        )

    def visualRegionForSelection(self, selection: object) -> QRegion:
        return QRegion(self.viewport().rect())

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        row, bar = index.row(), self.verticalScrollBar()
        if row < 0:
            return
        if hint is QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(row - self.page // 2)
        elif row < self.first:
            bar.setValue(row)
        elif row >= self.first + self.page:
            bar.setValue(row - self.page + 1)

    def updateGeometries(self) -> None:
        """Place the header and give the scroll bars their ranges, in rows and in pixels."""
        if self._arranging:
            return
        self._arranging = True
        for _ in range(3):  # a scroll bar that appears or goes takes or gives room
            before = self.viewport().size()
            self._arrange()
            if self.viewport().size() == before:
                break
        self._arranging = False

    def _arrange(self) -> None:
        header = self.horizontalHeader()
        height = header.sizeHint().height()
        self.setViewportMargins(0, height, 0, 0)
        seen = self.viewport().geometry()
        header.setGeometry(seen.left(), seen.top() - height, seen.width(), height)
        across = self.horizontalScrollBar()
        across.setPageStep(seen.width())
        across.setSingleStep(max(1, int(self._looks.char * 4)))
        across.setRange(0, max(0, header.length() - seen.width()))
        down = self.verticalScrollBar()
        self._moving = True
        down.setPageStep(self.page)
        down.setRange(0, max(0, self._model.rowCount() - self.page))
        if self.following:
            down.setValue(down.maximum())
        self._moving = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._widths.fit()
        self._tail.place()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        if dx:
            self.horizontalHeader().setOffset(self.horizontalScrollBar().value())
        self.viewport().update()

    # -- new rows -------------------------------------------------------------------------------

    @property
    def hint(self) -> str:
        """What is said in place of rows; "" while there are rows."""
        return self._tail.hint

    def set_hint(self, text: str) -> None:
        """What an empty table says."""
        self._tail.set_hint(text)

    @property
    def newer_button(self) -> QPushButton:
        """Visible while there are new rows below: goes back to following."""
        return self._tail.button

    @property
    def following(self) -> bool:
        """Whether the newest rows are kept in view."""
        return self._tail.following

    def take_new(self) -> None:
        """Show what came since the last frame."""
        now = time.monotonic()
        if self._rushing and now < self._taken + CALM:
            return
        self._taken = now
        new = self._model.grow()
        self._rushing = new > self.page
        if new:
            self.updateGeometries()
            if self.following:
                self.viewport().update()
            else:
                self._tail.show_newer()
        self._tail.show_hint()

    def follow(self) -> None:
        """Go to the newest row, and stay with the newest."""
        self._tail.set_following(True)
        self.updateGeometries()
        self.viewport().update()

    def stay(self) -> None:
        """Follow the newest rows no more."""
        self._tail.set_following(False)

    def _on_scrolled(self, value: int) -> None:
        if not self._moving:
            self._tail.set_following(value >= self.verticalScrollBar().maximum())

    def _on_reset(self) -> None:
        self._anchor = 0
        self._tail.begin_anew()
        self.updateGeometries()
        self.viewport().update()

    # -- copying --------------------------------------------------------------------------------

    def selected_text(self) -> str:
        """Selected rows, one a line, cells parted by tabs; at most `MOST_COPIED`."""
        lines: list[str] = []
        for part in self.selected_rows():
            part = part[: MOST_COPIED - len(lines)]
            for row in self._model.make_rows(part.start, len(part)) if part else []:
                lines.append("\t".join(cell.replace("\t", " ") for cell in row.cells))
        return "\n".join(lines)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        else:
            super().keyPressEvent(event)

    def copy_rows(self) -> None:
        text = self.selected_text()
        if text:
            QApplication.clipboard().setText(text)
            self.copied.emit(text.count("\n") + 1, sum(map(len, self.selected_rows())))

    # -- looks ----------------------------------------------------------------------------------

    def _on_theme_changed(self) -> None:
        self._looks.refresh()
        self.setFont(self._looks.font)
        self.horizontalHeader().setFont(QApplication.font())
        self._widths.scale()
        self._tail.refresh()
        self.updateGeometry()
        self.updateGeometries()
        self.viewport().update()

    def sizeHintForColumn(self, column: int) -> int:
        """Wide enough for what is visible (a double click between two headings asks)."""
        rows = self._model.rows(self.first, self.page)
        longest = max((len(row.cells[column]) for row in rows), default=self._model.columns[column].width)
        return self._looks.width(min(longest, 200))

    def sizeHint(self) -> QSize:
        return QSize(self._looks.width(90), 14 * self._looks.height)

    def minimumSizeHint(self) -> QSize:
        """One row, and what stands above and below it."""
        around = 2 * self.frameWidth() + self.horizontalScrollBar().sizeHint().height()
        height = self.horizontalHeader().sizeHint().height() + self._looks.height + around
        return QSize(super().minimumSizeHint().width(), height)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # -- painting -------------------------------------------------------------------------------

    @Slot()
    def _fit_numbers(self) -> None:
        self._fitted = list(self._model.longest)
        self._widths.fit_numbers(self._fitted)

    def paintEvent(self, event: QPaintEvent) -> None:
        rows = self._model.rows(self.first, self.page + 1)
        if self._model.longest != self._fitted:
            self._numbers.start()
        columns = [
            (self.columnViewportPosition(place), self.columnWidth(place), column.right)
            for place, column in enumerate(self._model.columns)
        ]
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        width = self.viewport().width()
        self._looks.paint_grounds(painter, rows, width)
        current = self.currentIndex().row() - self.first if self.hasFocus() else -1
        chosen = [range(part.start - self.first, part.stop - self.first) for part in self.selected_rows()]
        self._looks.paint_chosen(painter, chosen, current, len(rows), width)
        self._looks.paint_cells(painter, rows, columns, width)
        painter.end()


def copied_text(copied: int, selected: int) -> str:
    """What to say when not all selected rows were copied."""
    return (
        f"The first {copied:,} of {selected:,} selected rows were copied; that is as many as are copied at once. "
        "Choose Export in the File menu to write everything."
    )
