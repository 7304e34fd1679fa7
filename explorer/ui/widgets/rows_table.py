"""The grid of a table of settings: the keys that edit, remove and move its rows, and the inputs of its cells."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from explorer.ui.models.rows_model import RowsModel
from explorer.ui.theme import Theme
from explorer.ui.widgets.inputs import PlainCombo

Index = QModelIndex | QPersistentModelIndex
LEAST = {"int": 7, "bool": 4, "choice": 10, "hex": 12, "text": 12, "secret": 12, "code": 16}  # characters
MOST = 28  # characters that a column takes by itself; the last one with text has what is left


class _Cells(QStyledItemDelegate):
    """The input of a cell, by the type of its column."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, RowsModel)
        column = model.column(index)
        name = f"{column.label}, row {index.row() + 1}"
        if column.type == "choice":
            combo = PlainCombo(parent)
            for choice in column.choices:
                combo.addItem(column.label_of(choice), choice)
            combo.setAccessibleName(name)
            combo.activated.connect(self._on_chosen)
            return combo
        edit = QLineEdit(parent)
        edit.setAccessibleName(name)
        edit.setFrame(False)
        if column.type in ("hex", "text", "code"):
            edit.setFont(model.mono)
        if column.type == "int":
            edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        if column.type == "secret" and not model.revealed:
            edit.setEchoMode(QLineEdit.EchoMode.Password)
        return edit

    @Slot()
    def _on_chosen(self) -> None:
        combo = self.sender()
        if isinstance(combo, PlainCombo):
            self.commitData.emit(combo)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        value = str(index.data(Qt.ItemDataRole.EditRole))
        if isinstance(editor, PlainCombo):
            editor.setCurrentIndex(editor.findData(value))
        elif isinstance(editor, QLineEdit) and editor.text() != value:
            editor.setText(value)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, PlainCombo):
            model.setData(index, editor.currentData())
        elif isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(size.width(), option.fontMetrics.height() + 10)


class RowsTable(QTableView):
    """Signals: remove_wanted(), add_wanted(), move_wanted(int: up -1, down 1), copy_wanted(), paste_wanted()."""

    add_wanted = Signal()
    remove_wanted = Signal()
    move_wanted = Signal(int)
    copy_wanted = Signal()
    paste_wanted = Signal()

    def __init__(self, model: RowsModel, label: str, theme: Theme) -> None:
        super().__init__()
        self._rows = model
        self._theme = theme
        self.setModel(model)
        self.setAccessibleName(label)
        self.setItemDelegate(_Cells(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        written = [place for place, kind in enumerate(self._kinds()) if kind in ("text", "hex", "code")]
        self.horizontalHeader().setSectionResizeMode(
            written[-1] if written else model.columnCount() - 1, QHeaderView.ResizeMode.Stretch
        )
        self.horizontalHeader().setMinimumSectionSize(self.fontMetrics().horizontalAdvance("0") * 4)
        self.horizontalHeader().setHighlightSections(False)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @Slot()
    def _on_theme(self) -> None:
        metrics = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(metrics.height() + 10)
        self.fit()

    def fit(self) -> None:
        """Make the columns as wide as what is in them."""
        metrics = self.fontMetrics()
        digit = metrics.horizontalAdvance("0")
        for place, kind in enumerate(self._kinds()):
            header = metrics.horizontalAdvance(str(self._rows.headerData(place, Qt.Orientation.Horizontal)))
            inside = min(self.sizeHintForColumn(place) + digit, digit * MOST)
            self.setColumnWidth(place, max(digit * LEAST.get(kind, 12), header + 2 * digit, inside))

    def _kinds(self) -> list[str]:
        return [self._rows.column(self._rows.createIndex(0, place)).type for place in range(self._rows.columnCount())]

    def chosen_rows(self) -> list[int]:
        """Rows with a selected cell, or that of the current one, in order."""
        found = {index.row() for index in self.selectedIndexes()}
        if not found and self.currentIndex().isValid():
            found = {self.currentIndex().row()}
        return sorted(found)

    def go_to(self, row: int, column: int = 0) -> None:
        """Make a cell the current one; the nearest where there is none."""
        last = self._rows.rowCount() - 1
        if last >= 0:
            self.setCurrentIndex(self._rows.index(max(0, min(row, last)), max(0, column)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == Qt.KeyboardModifier.AltModifier and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_wanted.emit(-1 if key == Qt.Key.Key_Up else 1)
        elif modifiers == Qt.KeyboardModifier.NoModifier and key == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
        elif modifiers == Qt.KeyboardModifier.NoModifier and key == Qt.Key.Key_Insert:
            self.add_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and modifiers == Qt.KeyboardModifier.NoModifier:
            if self.state() is not QAbstractItemView.State.EditingState:  # else it ends there
                self._edit_current()
        else:
            super().keyPressEvent(event)

    def _edit_current(self) -> None:
        index = self.currentIndex()
        if not index.isValid():
            return
        if self._rows.column(index).type == "bool":
            checked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            state = Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked
            self._rows.setData(index, state, Qt.ItemDataRole.CheckStateRole)
        elif index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the cells, and on to the next control behind the last: it is no trap."""
        index, columns = self.currentIndex(), self._rows.columnCount()
        place = index.row() * columns + index.column() + (1 if forward else -1)
        if index.isValid() and 0 <= place < self._rows.rowCount() * columns:
            self.setCurrentIndex(self._rows.index(place // columns, place % columns))
            return True
        self.setTabKeyNavigation(False)
        moved = super().focusNextPrevChild(forward)
        self.setTabKeyNavigation(True)
        return moved
