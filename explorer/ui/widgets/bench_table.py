"""The table of one framing on the bench: it fits narrow places, and a sentence has all that is left of its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter

from explorer.ui.models.bench_model import TEXT, BenchModel
from explorer.ui.models.log_model import Row
from explorer.ui.theme import Theme
from explorer.ui.widgets.column_widths import ColumnWidths
from explorer.ui.widgets.log_table import LogTable
from explorer.ui.widgets.row_painter import RowPainter

ROWS = 4  # that it asks room for
TEXT_SHARE = 0.42  # of what the numbers leave; the hex of as many bytes takes more
LEAST_TEXT = 8  # characters

_Places = Sequence[tuple[int, int, bool]]


class _BenchPainter(RowPainter):
    """A row whose last cell is empty is a sentence: it is painted over both cells of bytes."""

    def paint_cells(self, painter: QPainter, rows: Sequence[Row], columns: _Places, width: int) -> None:
        super().paint_cells(painter, [_without_sentence(row) for row in rows], columns, width)
        left = columns[TEXT][0]
        super().paint_cells(painter, [_sentence(row) for row in rows], [(left, width - left, False)], width)


class _BenchWidths(ColumnWidths):
    """Text and hex share what the numbers leave."""

    def fit(self) -> None:
        if self._by_hand:
            return
        numbers = [self._looks.width(column.width) for column in self._columns[:TEXT]]
        text = round((self._table.viewport().width() - sum(numbers)) * TEXT_SHARE)
        self._set([*numbers, max(self._looks.width(LEAST_TEXT), text)])


class BenchTable(LogTable):
    """See `LogTable`."""

    def __init__(self, model: BenchModel, theme: Theme) -> None:
        super().__init__(model, theme)
        model.rowsRemoved.connect(self.updateGeometries)

    def _make_looks(self) -> RowPainter:
        return _BenchPainter(self._theme)

    def _make_widths(self) -> ColumnWidths:
        return _BenchWidths(self, self._model.columns, self._looks)

    def sizeHint(self) -> QSize:
        least = self.minimumSizeHint()
        return QSize(least.width(), least.height() + (ROWS - 1) * self.row_height)


def _without_sentence(row: Row) -> Row:
    return row if row.cells[-1] else replace(row, cells=(*row.cells[:TEXT], "", ""))


def _sentence(row: Row) -> Row:
    return replace(row, cells=("" if row.cells[-1] else row.cells[TEXT],), tones=(row.tones[TEXT],))
