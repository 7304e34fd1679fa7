"""The rows of the inspector as a table: name, value in little endian, value in big endian."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from explorer.ui.theme import Theme
from explorer.wire.inspector.api import Row, Value

Index = QModelIndex | QPersistentModelIndex
NAME, LITTLE, BIG = range(3)
HEADINGS = ("Type", "Little endian", "Big endian")


class InspectorModel(QAbstractTableModel):
    """Shows what `explorer.wire.inspector` found. The fonts and colours are the theme's."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: tuple[Row, ...] = ()

    def show(self, rows: tuple[Row, ...]) -> None:
        """Show these; while the kinds stay the same, what is selected stays so too."""
        if [row.kind for row in rows] != [row.kind for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0, LITTLE), self.index(len(rows) - 1, BIG))

    def value(self, row: int, column: int) -> Value:
        one = self.rows[row]
        return one.little if column == LITTLE else one.big

    def row_text(self, row: int) -> str:
        """Name and values, with tabs between them, as it is copied."""
        one = self.rows[row]
        values = (one.little, one.big) if one.kind.ordered else (one.big,)
        return "\t".join((one.kind.name, *(value.text or value.problem for value in values)))

    # -- Qt's -----------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and 0 <= section < len(HEADINGS):
            if role == Qt.ItemDataRole.DisplayRole:
                return HEADINGS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row, column = self.rows[index.row()], index.column()
        if column == NAME:
            return self._name(row, role)
        value = self.value(index.row(), column)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return value.shown
        if role == Qt.ItemDataRole.FontRole:
            return QFont() if value.problem else self._theme.mono
        if role == Qt.ItemDataRole.ForegroundRole and value.problem:
            return QColor(self._theme.colors.muted)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return row.kind.title + (f", {HEADINGS[column].lower()}" if row.kind.ordered else "")
        return None

    def _name(self, row: Row, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return row.kind.name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return row.kind.title
        return None
