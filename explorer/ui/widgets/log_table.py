"""A table of rows that only grow, at any number of rows and any rate.

It is a QTableView to the model, the selection, the keyboard and screen readers. But it paints its
visible rows itself, with one call per cell (the usual delegates ask the model eight times per cell),
and its scroll bar counts rows, not pixels, so that 2,147,483,647 of them fit.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
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
    QTableView,
    QWidget,
)

from explorer.ui.models.log_model import Index, LogModel
from explorer.ui.theme import Theme
from explorer.ui.widgets.column_widths import ColumnWidths
from explorer.ui.widgets.follow_tail import FollowTail
from explorer.ui.widgets.row_painter import RowPainter

MOST_COPIED = 50_000  # rows
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
CALM = 0.033  # seconds between two pictures while rows rush by: nobody reads them, and the engine needs the time


class LogTable(QTableView):
    """Signals:
    chosen(int, int): the user selected these rows, the first and the last of them.
    filter_wanted(): the user typed "/".
    copied(int, int): so many of so many selected rows were copied.
    """

    chosen = Signal(int, int)
    filter_wanted = Signal()
    copied = Signal(int, int)

    def __init__(self, model: LogModel, theme: Theme, parent: QWidget | None = None, *, follows: bool = True) -> None:
        """follows: see `FollowTail`."""
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._moving = False  # the scroll bar or the current row is moved by us, not by the user
        self._arranging = False
        self._anchor = 0
        self._rushing = False  # more than a page of rows came at once
        self._taken = 0.0
        self._looks = RowPainter(theme)
        self._tail = FollowTail(self, model, theme, follows)
        self.setModel(model)
        self._set_up()
        self._widths = ColumnWidths(self, model.columns, self._looks)
        self._tail.wanted.connect(self.follow)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        model.modelReset.connect(self._on_reset)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

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

    def _on_scrolled(self, value: int) -> None:
        if not self._moving:
            self._tail.set_following(value >= self.verticalScrollBar().maximum())

    def _on_reset(self) -> None:
        self._anchor = 0
        self._tail.begin_anew()
        self.updateGeometries()
        self.viewport().update()

    # -- choosing -------------------------------------------------------------------------------

    def reveal(self, parts: Sequence[range], scroll: bool = True) -> None:
        """Select rows that were chosen elsewhere. scroll: bring the first into view, and follow the newest no more."""
        count = self._model.rowCount()
        if not parts or parts[-1].stop > count:
            return
        row = parts[0].start
        if self.selected_rows() != list(parts):
            self._moving = True
            self._select_parts(parts, row)
            self._anchor = parts[-1].stop - 1
            self._moving = False
        if scroll:
            if parts[-1].stop < count:
                self._tail.set_following(False)
            if not self.first <= row < self.first + self.page:
                self.scrollTo(self._model.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)

    def forget(self) -> None:
        """Nothing is selected any more."""
        self._moving = True
        self.selectionModel().clear()
        self._moving = False

    def _select(self, anchor: int, row: int) -> None:
        """Select all rows between two, and make the second the current one."""
        self._anchor = anchor
        self._select_parts([range(min(anchor, row), max(anchor, row) + 1)], row)

    def _select_parts(self, parts: Sequence[range], current: int) -> None:
        model, chosen = self._model, self.selectionModel()
        selection, last = QItemSelection(), len(model.columns) - 1
        for part in parts:
            selection.select(model.index(part.start, 0), model.index(part.stop - 1, last))
        chosen.setCurrentIndex(model.index(current, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        chosen.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _toggle(self, row: int) -> None:
        """Choose a row beside those chosen, or no longer; it is the one that is told, not all between."""
        parts = toggled(self.selected_rows(), row)
        if not parts:
            self.forget()
            return
        self._moving = True
        self._select_parts(parts, row)
        self._moving = False
        self._anchor = row
        told = row if self._is_selected(row) else parts[-1].stop - 1
        self.chosen.emit(told, told)

    def _step(self, row: int) -> None:
        """Move the current row alone."""
        row = max(0, min(row, self._model.rowCount() - 1))
        index = self._model.index(row, 0)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._tail.set_following(False)
        self.scrollTo(index)
        self.viewport().update()

    def _go(self, row: int, extend: bool) -> None:
        """Move the current row as the user asked."""
        count = self._model.rowCount()
        if not count:
            return
        row = max(0, min(row, count - 1))
        self._select(min(self._anchor, count - 1) if extend else row, row)
        if row < count - 1:
            self._tail.set_following(False)
        self.scrollTo(self._model.index(row, 0))

    def _on_selection_changed(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        rows = self.selected_rows()
        if rows and not self._moving:
            self.chosen.emit(rows[0].start, rows[-1].stop - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(int(event.position().y()))
        if row < 0:
            return
        if event.button() is Qt.MouseButton.LeftButton and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._toggle(row)
        elif event.button() is Qt.MouseButton.LeftButton:
            self._go(row, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif event.button() is Qt.MouseButton.RightButton and not self._is_selected(row):
            self._go(row, False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(self.first + int(event.position().y()) // self._looks.height, True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
            return
        if event.matches(QKeySequence.StandardKey.SelectAll):
            self._select(0, max(0, self._model.rowCount() - 1))
            return
        if event.text() == "/":
            self.filter_wanted.emit()
            return
        key, here = event.key(), self.currentIndex().row()
        if here >= 0 and key == Qt.Key.Key_Space and not event.modifiers():
            self._toggle(here)
            return
        if here >= 0 and key in _STEPS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._step(here + _STEPS[Qt.Key(key)])
            return
        last = self._model.rowCount() - 1
        if not self.selectionModel().hasSelection():  # nothing chosen yet: arrows begin with what is visible
            here = self.first - 1 if key in (Qt.Key.Key_Down, Qt.Key.Key_PageDown) else self.first + self.page
        goal = {
            Qt.Key.Key_Up: here - 1,
            Qt.Key.Key_Down: here + 1,
            Qt.Key.Key_PageUp: here - self.page,
            Qt.Key.Key_PageDown: here + self.page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(key))
        if goal is None:
            super().keyPressEvent(event)
            return
        self._go(goal, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        if key == Qt.Key.Key_End:
            self.follow()

    def keyboardSearch(self, search: str) -> None:
        """Typing letters searches nothing: Qt would ask for millions of rows. There is the filter."""

    # -- copying --------------------------------------------------------------------------------

    def selected_rows(self) -> list[range]:
        """Selected rows, as ranges in order."""
        selection = self.selectionModel().selection()
        ranges = [range(part.top(), part.bottom() + 1) for part in map(selection.at, range(selection.count()))]
        return sorted(ranges, key=lambda part: part.start)

    def _is_selected(self, row: int) -> bool:
        return any(row in part for part in self.selected_rows())

    def selected_text(self) -> str:
        """Selected rows, one a line, cells parted by tabs; at most `MOST_COPIED`."""
        lines: list[str] = []
        for part in self.selected_rows():
            part = part[: MOST_COPIED - len(lines)]
            for row in self._model.make_rows(part.start, len(part)) if part else []:
                lines.append("\t".join(cell.replace("\t", " ") for cell in row.cells))
        return "\n".join(lines)

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
        self.updateGeometries()
        self.viewport().update()

    def sizeHintForColumn(self, column: int) -> int:
        """Wide enough for what is visible (a double click between two headings asks)."""
        rows = self._model.rows(self.first, self.page)
        longest = max((len(row.cells[column]) for row in rows), default=self._model.columns[column].width)
        return self._looks.width(min(longest, 200))

    def sizeHint(self) -> QSize:
        return QSize(self._looks.width(90), 14 * self._looks.height)

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

    def paintEvent(self, event: QPaintEvent) -> None:
        rows = self._model.rows(self.first, self.page + 1)
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


def toggled(parts: Sequence[range], row: int) -> list[range]:
    """Rows chosen, in order, when one more is chosen, or one of them no longer."""
    found: list[range] = []
    for part in parts:
        if row in part:
            found += [piece for piece in (range(part.start, row), range(row + 1, part.stop)) if piece]
        else:
            found.append(part)
    if not any(row in part for part in parts):
        found.append(range(row, row + 1))
    return sorted(found, key=lambda part: part.start)


def copied_text(copied: int, selected: int) -> str:
    """What to say when not all selected rows were copied."""
    return (
        f"The first {copied:,} of {selected:,} selected rows were copied; that is as many as are copied at once. "
        "Choose Export in the File menu to write everything."
    )
