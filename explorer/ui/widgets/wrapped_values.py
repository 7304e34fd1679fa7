"""Values that are too long for their column stand in two or three lines, between digits too, rather than be cut."""

from __future__ import annotations

import textwrap

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

Index = QModelIndex | QPersistentModelIndex
MOST_LINES = 3
LINE = "\u2028"  # begins a line for Qt
LEAST = 8  # digits in a line: values in narrower columns are shortened
_GAP = 4  # pixels between rows
_EDGE = 4  # pixels that Qt may leave beside the text of a cell, more than its style says


class WrappedValues(QStyledItemDelegate):
    """Of a table with rows of a fixed height, which `fit_rows` sets. Its parent is the table."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table

    def fit_rows(self) -> None:
        """Make each row as high as its values need. One that has become high stays so, for else all the others would
        move whenever the values change (see `forget`)."""
        model, header = self._table.model(), self._table.verticalHeader()
        for row in range(model.rowCount()):
            lines = line = 0
            column = 0
            while column < model.columnCount():
                cell = model.index(row, column)
                lines = max(lines, self._lines(str(cell.data() or ""), cell).count(LINE) + 1)
                line = max(line, self._metrics(cell).height())
                column += self._table.columnSpan(row, column)
            height = lines * line + _GAP
            if height > header.sectionSize(row):
                header.resizeSection(row, height)

    def forget(self) -> None:
        """The columns or the text have another size: rows are as high as their present values need."""
        header = self._table.verticalHeader()
        header.setDefaultSectionSize(QFontMetrics(self._table.font()).height() + _GAP)
        for row in range(header.count()):
            header.resizeSection(row, header.defaultSectionSize())
        self.fit_rows()

    def _lines(self, text: str, index: Index) -> str:
        """The text with the ends of its lines."""
        metrics = self._metrics(index)
        margin = self._table.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self._table) + 1
        span = self._table.columnSpan(index.row(), index.column())
        width = sum(self._table.columnWidth(index.column() + more) for more in range(span)) - 2 * margin - _EDGE
        count = width // max(1, metrics.horizontalAdvance("0"))
        if count < LEAST or metrics.horizontalAdvance(text) <= width:
            return text
        lines = textwrap.wrap(text, count, break_on_hyphens=False)
        if len(lines) > MOST_LINES:
            lines[MOST_LINES - 1 :] = [" ".join(lines[MOST_LINES - 1 :])]  # ends in …
        return LINE.join(lines)

    def _metrics(self, index: Index) -> QFontMetrics:
        font = index.data(Qt.ItemDataRole.FontRole)
        return QFontMetrics(font if isinstance(font, QFont) else self._table.font())

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.text = self._lines(option.text, index)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Of a single line: columns are not made wider by what wraps."""
        plain = QStyleOptionViewItem(option)
        super().initStyleOption(plain, index)
        return QSize(plain.fontMetrics.horizontalAdvance(plain.text) + 8, plain.fontMetrics.height() + _GAP)
