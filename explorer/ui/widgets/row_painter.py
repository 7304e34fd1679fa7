"""Paints rows of a log table: grounds and gutters first, then each cell with one call, colour by colour."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPainter

from explorer.ui.models.log_model import Row, Tone
from explorer.ui.theme import Theme

PAD = 6  # pixels at both sides of a cell
GUTTER = 4
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class RowPainter:
    """Fonts, colours and measures (pixels), looked up once for each change of the theme.

    height: of a row. char: width of a digit.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.refresh()

    def refresh(self) -> None:
        """Look at the theme again."""
        self.font = self._theme.mono
        metrics = QFontMetricsF(self.font)
        self.char = metrics.horizontalAdvance("0")
        self.height = round(metrics.height() * 1.3)
        self._baseline = round((self.height + metrics.ascent() - metrics.descent()) / 2)
        self._even = QFontInfo(self.font).fixedPitch()
        colors = self._theme.colors
        self._pens = {tone: QColor(getattr(colors, tone.value)) for tone in Tone}
        self._marks = self._pens | {Tone.RECEIVED: QColor(colors.received), Tone.SENT: QColor(colors.sent)}
        self._serious = QColor(colors.error_tint)
        self._accent = QColor(colors.accent)
        self._chosen = QColor(colors.accent)
        self._chosen.setAlphaF(0.30 if colors.dark else 0.17)

    def width(self, characters: int) -> int:
        """Of a cell with room for so many characters."""
        return ceil(characters * self.char) + 2 * PAD

    def paint_grounds(self, painter: QPainter, rows: Sequence[Row], width: int) -> None:
        """Backgrounds of errors, and the gutters."""
        for line, row in enumerate(rows):
            if row.serious or row.tinted:
                painter.fillRect(0, line * self.height, width, self.height, self._serious)
        for mark, begin, end in _runs(rows):
            painter.fillRect(0, begin * self.height, GUTTER, (end - begin) * self.height, self._marks[mark])

    def paint_chosen(self, painter: QPainter, chosen: Sequence[range], current: int, count: int, width: int) -> None:
        """Selected lines, and a frame around the one that has the keyboard."""
        for part in chosen:
            begin, end = max(part.start, 0), min(part.stop, count)
            if begin < end:
                painter.fillRect(GUTTER, begin * self.height, width, (end - begin) * self.height, self._chosen)
        if 0 <= current < count:
            painter.setPen(self._accent)
            painter.drawRect(GUTTER, current * self.height, width - GUTTER - 1, self.height - 1)

    def paint_cells(
        self, painter: QPainter, rows: Sequence[Row], columns: Sequence[tuple[int, int, bool]], width: int
    ) -> None:
        """columns: (left, width, whether at the right) of each."""
        by_tone: dict[Tone, list[tuple[int, int, str, int, bool]]] = {}
        for place, (left, wide, right) in enumerate(columns):
            if left >= width:
                continue
            seen = left + wide > 0
            for line, row in enumerate(rows):
                text = row.cells[place]
                if text and (seen or row.runs_on):
                    room = (_room(row, columns, place) if row.runs_on else wide) - 2 * PAD
                    most = int(room / self.char + 0.01)
                    if len(text) > most:
                        text = text[: max(0, most - 1)] + "…"
                    cell = (left + PAD, line * self.height, text, room, right)
                    by_tone.setdefault(row.tones[place], []).append(cell)
        for tone, cells in by_tone.items():
            painter.setPen(self._pens[tone])
            for cell in cells:
                self._paint_cell(painter, *cell)

    def _paint_cell(self, painter: QPainter, left: int, top: int, text: str, width: int, right: bool) -> None:
        if self._even and text.isascii():
            if right:
                left += width - round(len(text) * self.char)
            painter.drawText(left, top + self._baseline, text)
        else:  # characters of other fonts may be wider: this way keeps them in their cell
            painter.drawText(QRect(left, top, width, self.height), _RIGHT if right else _LEFT, text)


def _room(row: Row, columns: Sequence[tuple[int, int, bool]], place: int) -> int:
    """How wide a text may be that goes on over empty cells."""
    behind = itertools.takewhile(lambda other: not row.cells[other], range(place + 1, len(columns)))
    return columns[place][1] + sum(columns[other][1] for other in behind)


def _runs(rows: Sequence[Row]) -> Iterator[tuple[Tone, int, int]]:
    """Neighbours with the same gutter: (mark, from, to)."""
    begin = 0
    for mark, group in groupby(rows, key=lambda row: row.mark):
        end = begin + len(list(group))
        if mark is not None:
            yield mark, begin, end
        begin = end
