"""Widths of a table's columns: fitting to the window and to the numbers in them, until the user sets one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QTableView

from explorer.ui.models.log_model import Column
from explorer.ui.widgets.row_painter import RowPainter


class ColumnWidths(QObject):
    """The last column takes what is left; the others have their widths in characters."""

    def __init__(self, table: QTableView, columns: Sequence[Column], looks: RowPainter) -> None:
        super().__init__(table)
        self._table = table
        self._columns = columns
        self._looks = looks
        self._char = looks.char
        self._longest = [0] * len(columns)
        self._fitting = False
        self._by_hand = False  # the user has changed a width
        table.horizontalHeader().sectionResized.connect(self._on_resized)

    def fit(self) -> None:
        """The table has another size: roomy columns in a wide window."""
        if self._by_hand:
            return
        places = range(len(self._columns))
        roomy = [self._width(place, self._columns[place].roomy) for place in places]
        if (
            sum(width for place, width in enumerate(roomy) if not self._table.isColumnHidden(place))
            <= self._table.viewport().width()
        ):
            self._set(roomy[:-1])
        else:
            self._set([self._width(place) for place in places[:-1]])

    def show(self, place: int, shown: bool) -> None:
        """Let a column be there or not."""
        if self._table.isColumnHidden(place) == shown:
            self._fitting = True
            self._table.setColumnHidden(place, not shown)
            self._fitting = False
            self.fit()

    def fit_numbers(self, longest: Sequence[int]) -> None:
        """Have room for so many characters in each column at least: a part of a number is another number."""
        if list(longest) != self._longest:
            self._longest = list(longest)
            self.fit()

    def _width(self, place: int, roomy: int = 0) -> int:
        column = self._columns[place]
        return self._looks.width(max(roomy or column.width, self._longest[place]))

    def scale(self) -> None:
        """The text has another size."""
        before, self._char = self._char, self._looks.char
        if self._by_hand:
            widths = [self._table.columnWidth(place) for place in range(len(self._columns) - 1)]
            self._set([round(width * self._char / before) for width in widths])
        else:
            self.fit()

    def _set(self, widths: Sequence[int]) -> None:
        self._fitting = True
        for place, width in enumerate(widths):
            if self._table.columnWidth(place) != width:
                self._table.setColumnWidth(place, width)
        self._fitting = False

    @Slot(int, int, int)
    def _on_resized(self, section: int, before: int, after: int) -> None:
        if not self._fitting and section < len(self._columns) - 1:
            self._by_hand = True
        self._table.viewport().update()
