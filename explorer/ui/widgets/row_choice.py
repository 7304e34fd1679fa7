"""Choosing rows of a log table: by mouse and keyboard, one, a run of them, or several apart."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from explorer.ui.models.log_model import LogModel

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class RowChoice(QTableView):
    """The part of `explorer.ui.widgets.log_table.LogTable` that knows which rows are chosen. Signals:
    chosen(int, int): the user selected these rows, the first and the last of them; or, where several apart are
        selected, chose this one last: `selected_rows` tells all.
    unchosen(): the user took back the last of them.
    filter_wanted(): the user typed "/".
    """

    chosen = Signal(int, int)
    unchosen = Signal()
    filter_wanted = Signal()

    def __init__(self, model: LogModel, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._model = model
        self._moving = False  # the scroll bar or the current row is moved by us, not by the user
        self._anchor = 0

    # -- for the table --------------------------------------------------------------------------

    @property
    def page(self) -> int:
        """Whole rows that are visible."""
        raise NotImplementedError

    @property
    def first(self) -> int:
        """The row at the top."""
        raise NotImplementedError

    @property
    def row_height(self) -> int:
        """Pixels."""
        raise NotImplementedError

    def row_at(self, y: int) -> int:
        """The row at a height of the viewport; -1 for none."""
        raise NotImplementedError

    def follow(self) -> None:
        """Go to the newest row, and stay with the newest."""
        raise NotImplementedError

    def stay(self) -> None:
        """Follow the newest rows no more."""
        raise NotImplementedError

    # -- which are chosen -----------------------------------------------------------------------

    def selected_rows(self) -> list[range]:
        """Selected rows, as ranges in order."""
        selection = self.selectionModel().selection()
        ranges = [range(part.top(), part.bottom() + 1) for part in map(selection.at, range(selection.count()))]
        return sorted(ranges, key=lambda part: part.start)

    def _is_selected(self, row: int) -> bool:
        return any(row in part for part in self.selected_rows())

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
                self.stay()
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
        """Choose a row beside those chosen, or no longer. It is told as the last one, not all between."""
        parts = toggled(self.selected_rows(), row)
        if not parts:
            self.forget()
            self._anchor = row
            self.unchosen.emit()
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
        self.stay()
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
            self.stay()
        self.scrollTo(self._model.index(row, 0))

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """A screen reader is told of one cell of each; to find it, Qt would list them all."""
        super().selectionChanged(_corner(selected), _corner(deselected))

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
            self._go(self.first + int(event.position().y()) // self.row_height, True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
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


def _corner(selection: QItemSelection) -> QItemSelection:
    """Its first cell alone; nothing of nothing."""
    if not selection.count():
        return selection
    corner = selection.at(0).topLeft()
    return QItemSelection(corner, corner)


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
