"""A table of settings as Qt shows it: the cells as they were typed, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont

from explorer.core.fields import Field
from explorer.ui.choice_draft import TypedRow, TypedRows
from explorer.ui.theme import Theme
from explorer.ui.typed_rows import HIDDEN, applying, cell_path

Index = QModelIndex | QPersistentModelIndex
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class RowsModel(QAbstractTableModel):
    """It changes nothing itself: what is typed is asked for, and shown when whoever keeps the rows shows them again.

    Signal: edited(TypedRows): the rows as they should be now.
    """

    edited = Signal(object)

    def __init__(self, field: Field, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._theme = theme
        self.rows: TypedRows = ()
        self._problems: Mapping[str, str] = {}
        self._applying: dict[int, tuple[Field, ...]] = {}
        self._warnings: Mapping[int, str] = {}
        self._revealed = False

    def show(self, rows: TypedRows, problems: Mapping[str, str]) -> None:
        """problems: sentences by the path of their cell."""
        if rows is self.rows and problems == self._problems:
            return
        self._applying.clear()
        self._problems = problems
        if len(rows) == len(self.rows):
            self.rows = rows
            self._tell_all()
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def warn(self, warnings: Mapping[int, str]) -> None:
        """What is doubtful about rows, by their place: they are marked in front."""
        if warnings != self._warnings:
            self._warnings = dict(warnings)
            if self.rows:
                self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, len(self.rows) - 1)

    def reveal(self, revealed: bool) -> None:
        """Whether secrets are shown in the clear."""
        self._revealed = revealed
        self._tell_all()

    @property
    def revealed(self) -> bool:
        return self._revealed

    @property
    def mono(self) -> QFont:
        return self._theme.mono

    def _tell_all(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, self.columnCount() - 1))

    def column(self, index: Index) -> Field:
        return self._field.columns[index.column()]

    def problem(self, index: Index) -> str:
        """What is wrong with this cell, or with its row as a whole (then it is told at the first cell)."""
        found = self._problems.get(cell_path(self._field.name, index.row(), self.column(index).name), "")
        if not found and index.column() == 0:
            found = self._problems.get(f"{self._field.name}[{index.row()}]", "")
        return found

    # -- Qt -------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._field.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Vertical:
            doubt = self._warnings.get(section, "")
            if role == Qt.ItemDataRole.DisplayRole:
                return f"{section + 1} △" if doubt else str(section + 1)
            return doubt if role == Qt.ItemDataRole.ToolTipRole else None
        column = self._field.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{column.label} ({column.unit})" if column.unit else column.label
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.help
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def applies(self, index: Index) -> bool:
        """Whether the cell means something, as the others of its row stand."""
        row = index.row()
        if row not in self._applying:
            self._applying[row] = applying(self._field, self.rows[row])
        return self.column(index) in self._applying[row]

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if not index.isValid() or not self.applies(index):
            return flags
        bool_flag = Qt.ItemFlag.ItemIsUserCheckable
        return flags | (bool_flag if self.column(index).type == "bool" else Qt.ItemFlag.ItemIsEditable)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        column, cell = self.column(index), self.rows[index.row()][self.column(index).name]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if column.type == "bool" and role == Qt.ItemDataRole.DisplayRole:
                return None if self.applies(index) else "–"
            return self._shown(index, column, cell)
        if role == Qt.ItemDataRole.EditRole:
            return cell
        if role == Qt.ItemDataRole.CheckStateRole and column.type == "bool" and self.applies(index):
            return _CHECKED if cell else _UNCHECKED
        return self._looks(index, column, role)

    def _looks(self, index: Index, column: Field, role: int) -> object:
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.problem(index) or column.help
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self.problem(index)
        if role == Qt.ItemDataRole.FontRole and column.type in ("hex", "text", "code"):
            return self._theme.mono
        if role == Qt.ItemDataRole.TextAlignmentRole and column.type == "int":
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.BackgroundRole and self.problem(index):
            return QColor(self._theme.colors.error_tint)
        if role == Qt.ItemDataRole.ForegroundRole:
            if self.problem(index):
                return QColor(self._theme.colors.error)
            if not self.applies(index):
                return QColor(self._theme.colors.muted)
        return None

    def _shown(self, index: Index, column: Field, cell: str | bool) -> str:
        if not self.applies(index):
            return "–"
        mark = "⚠ " if self.problem(index) else ""
        if isinstance(cell, bool):
            return "yes" if cell else "no"
        if column.type == "secret" and cell and not self._revealed:
            return mark + HIDDEN
        if column.type == "choice" and cell in column.choices:
            return mark + column.label_of(cell)
        return mark + cell

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if not index.isValid() or not self.applies(index):
            return False
        if role == Qt.ItemDataRole.CheckStateRole:
            value = Qt.CheckState(value) is _CHECKED
        elif role != Qt.ItemDataRole.EditRole or not isinstance(value, str):
            return False
        row: TypedRow = self.rows[index.row()]
        name = self.column(index).name
        if row[name] != value:
            changed: TypedRow = {**row, name: value}
            self.edited.emit((*self.rows[: index.row()], changed, *self.rows[index.row() + 1 :]))
        return True
