"""Columns of numbers have room for the longest that was seen: a part of a number would be another number."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from explorer.ui.models.log_model import Column, LogModel, Row, Tone
from explorer.ui.theme import Theme
from explorer.ui.widgets.log_table import LogTable
from explorer.ui.widgets.row_painter import PAD

SMALL = 99


class Numbers(LogModel):
    """So many rows; in each its number and its square."""

    def __init__(self) -> None:
        self.count = SMALL
        super().__init__((Column("No.", 4, right=True), Column("Size", 5, right=True), Column("Text", 10)))

    def available(self) -> int:
        return self.count

    def make_rows(self, first: int, count: int) -> list[Row]:
        tones = (Tone.MUTED, Tone.TEXT, Tone.TEXT)
        return [
            Row(place, (f"{place + 1:,}", f"{place**2:,}", "x" * 300), tones)
            for place in range(first, min(first + count, self.count))
        ]


@pytest.fixture
def table(theme: Theme, qtbot: QtBot) -> LogTable:
    made = LogTable(Numbers(), theme)
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    qtbot.waitExposed(made)
    made.take_new()
    return made


def room_for(table: LogTable, text: str, column: int) -> bool:
    return table.columnWidth(column) - 2 * PAD >= QFontMetricsF(table.font()).horizontalAdvance(text)


def show_all(qtbot: QtBot, table: LogTable, model: Numbers, count: int) -> None:
    """So many rows, and the last of them in sight."""
    model.count = count

    def there() -> bool:
        table.take_new()
        return model.rowCount() == count

    qtbot.waitUntil(there)
    table.follow()


def test_numbers_that_grow_are_seen_whole(table: LogTable, qtbot: QtBot) -> None:
    model = table.model()
    assert isinstance(model, Numbers)
    before = table.columnWidth(0)
    show_all(qtbot, table, model, 5_435_432)
    qtbot.waitUntil(lambda: room_for(table, "5,435,432", 0) and room_for(table, f"{5_435_431**2:,}", 1))
    wide = table.columnWidth(0)
    qtbot.keyClick(table, Qt.Key.Key_Home)  # what is seen now is short; nothing jumps
    qtbot.waitUntil(lambda: table.first == 0)
    table.viewport().repaint()
    assert table.columnWidth(0) == wide > before
    model.count = SMALL
    model.start_over()
    qtbot.waitUntil(lambda: table.columnWidth(0) == before)


@pytest.mark.parametrize("steps", range(-3, 6))
def test_however_large_the_text_is_they_fit(table: LogTable, theme: Theme, qtbot: QtBot, steps: int) -> None:
    model = table.model()
    assert isinstance(model, Numbers)
    for _ in range(abs(steps)):
        theme.zoom_in() if steps > 0 else theme.zoom_out()
    show_all(qtbot, table, model, 5_435_432)
    numbers = "5,435,432", f"{5_435_431**2:,}"
    qtbot.waitUntil(lambda: all(room_for(table, text, column) for column, text in enumerate(numbers)))


def test_a_width_set_by_hand_stays(table: LogTable, qtbot: QtBot) -> None:
    model = table.model()
    assert isinstance(model, Numbers)
    table.setColumnWidth(0, 77)
    show_all(qtbot, table, model, 5_435_432)
    qtbot.waitUntil(lambda: model.longest[0] == len("5,435,432"))
    table.viewport().repaint()
    qtbot.wait(0)
    assert table.columnWidth(0) == 77
