"""The table of one framing on the bench: it fits narrow places, and a sentence has all that is left of its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QPainter

from explorer.ui.models.bench_model import TEXT, BenchModel
from explorer.ui.models.log_model import Row
from explorer.ui.theme import Theme
from explorer.ui.widgets.column_widths import ColumnWidths
from explorer.ui.widgets.log_table import LogTable
from explorer.ui.widgets.row_painter import GUTTER, PAD, RowPainter

ROWS = 4  # that it asks room for
TEXT_SHARE = 0.42  # of what the numbers leave; the hex of as many bytes takes more
LEAST_TEXT = 8  # characters
LEAST_BOTH = 26  # of text and hex; with less room there is text alone, and the tip has the hex

_Places = Sequence[tuple[int, int, bool]]


class _BenchPainter(RowPainter):
    """A row whose last cell is empty is a sentence: it is painted over both cells of bytes. One without a number, of
    pending bytes, has the whole row where it would not fit there."""

    def paint_cells(self, painter: QPainter, rows: Sequence[Row], columns: _Places, width: int) -> None:
        left = columns[TEXT][0]
        most = (width - left - 2 * PAD) / self.char
        long = [not row.cells[0] and len(row.cells[TEXT]) > most for row in rows]
        pairs = list(zip(rows, long, strict=True))
        super().paint_cells(painter, [_numbers_and_bytes(row, whole) for row, whole in pairs], columns, width)
        sentences = [_sentence(row, not whole) for row, whole in pairs]
        super().paint_cells(painter, sentences, [(left, width - left, False)], width)
        wholes = [_sentence(row, whole) for row, whole in pairs]
        super().paint_cells(painter, wholes, [(GUTTER, width - GUTTER, False)], width)


class _BenchWidths(ColumnWidths):
    """Text and hex share what the numbers leave."""

    def fit(self) -> None:
        if self._by_hand:
            return
        numbers = [self._width(place) for place in range(TEXT)]
        room = self._table.viewport().width() - sum(numbers)
        hex_column, narrow = len(self._columns) - 1, room < self._looks.width(LEAST_BOTH)
        if self._table.isColumnHidden(hex_column) != narrow:
            self._fitting = True
            self._table.setColumnHidden(hex_column, narrow)
            self._fitting = False
        self._set([*numbers, max(self._looks.width(LEAST_TEXT), room if narrow else round(room * TEXT_SHARE))])

    @Slot(int, int, int)
    def _on_resized(self, section: int, before: int, after: int) -> None:
        """Where there is no hex, the text is stretched, and not by the user."""
        if section != TEXT or not self._table.isColumnHidden(TEXT + 1):
            super()._on_resized(section, before, after)


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


def _numbers_and_bytes(row: Row, whole: bool) -> Row:
    """Without its sentence. whole: that has the whole row."""
    if row.cells[-1]:
        return row
    return replace(row, cells=("",) * len(row.cells) if whole else (*row.cells[:TEXT], "", ""))


def _sentence(row: Row, wanted: bool) -> Row:
    return replace(row, cells=(row.cells[TEXT] if wanted and not row.cells[-1] else "",), tones=(row.tones[TEXT],))
