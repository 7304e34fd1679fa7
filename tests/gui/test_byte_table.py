"""The bytes as a plain table: what a screen reader finds, and how choosing rows and bytes is one thing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from explorer.capture.arrangement import CallRule, RowMap
from explorer.ui.widgets.byte_table import ByteTable
from tests.gui.byte_captures import RECEIVED, SENT, put, stream_of


def say(rule: object) -> str:
    assert isinstance(rule, CallRule)
    return f"{rule.call.kind.name} of {rule.call.size}"


@pytest.fixture
def stream(writer):
    return stream_of(writer, [(RECEIVED, b"GET / HTTP/1.1\r\n\r\n"), (SENT, b"HTTP/1.1 200 OK\r\n"), (RECEIVED, b"\0")])


@pytest.fixture
def table(qtbot, theme, stream):
    table = ByteTable(theme, say)
    qtbot.addWidget(table)
    table.resize(900, 300)
    table.set_stream(stream, RowMap(stream.size, 16))
    table.show()
    qtbot.waitExposed(table)
    return table


def cells(table: ByteTable) -> list[list[str]]:
    model = table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def test_every_byte_stands_in_the_table_once(table, stream):
    rows = cells(table)
    assert bytes.fromhex(" ".join(row[2] for row in rows)) == stream.read(0, stream.size)
    assert [row[0] for row in rows] == ["00000000", "00000010", "00000020"]
    assert [row[1] for row in rows] == ["← received", "← received, → sent", "→ sent, ← received"]
    assert rows[0][3] == "GET / HTTP/1.1··"


def test_a_screen_reader_finds_the_cells(table):
    found = QAccessible.queryAccessibleInterface(table)
    assert found is not None
    assert found.text(QAccessible.Text.Name) == "Bytes as a table"
    said = [found.child(place).text(QAccessible.Text.Name) for place in range(found.childCount())]
    assert said[1:5] == ["Offset", "Direction", "Hex", "Text"]  # after the corner
    assert said[6:10] == ["00000000", "← received", b"GET / HTTP/1.1\r\n".hex(" "), "GET / HTTP/1.1··"]


def test_arrows_select_the_bytes_of_rows(table, qtbot):
    table.setFocus()
    with qtbot.waitSignal(table.selected):
        qtbot.keyClick(table, Qt.Key.Key_Home)
    assert table.ranges == ((0, 16),)
    with qtbot.waitSignal(table.selected):
        qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert table.ranges == ((0, 32),)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert (table.selection, table.cursor_offset) == ((32, 36), 32)


def test_selected_bytes_choose_their_rows(table, qtbot):
    with qtbot.assertNotEmitted(table.selected), qtbot.waitSignal(table.moved):
        table.select_ranges(((18, 34),))
    assert table.selected_rows() == [range(1, 3)]
    assert table.ranges == ((18, 34),)
    table.clear_selection(by_user=False)
    assert (table.selected_rows(), table.selection) == ([], None)


def test_a_row_that_was_short_grows(table, stream, writer):
    put(writer, SENT, b"more")
    stream.index.advance()
    table.refresh(RowMap(stream.size, 16))
    assert bytes.fromhex(" ".join(row[2] for row in cells(table))) == stream.read(0, stream.size)
    put(writer, SENT, bytes(16))
    stream.index.advance()
    table.refresh(RowMap(stream.size, 16))
    assert table.model().rowCount() == 4


def test_what_came_in_a_burst_is_shown_to_its_end(table, stream, writer, qtbot):
    """While rows rush by some frames are let pass; those that come after the last byte show the rest."""
    for size in (50_000, 640):
        put(writer, SENT, bytes(size))
        stream.index.advance()
        rows = RowMap(stream.size, 16)
        table.refresh(rows)
    qtbot.waitUntil(lambda: (table.refresh(rows), table.model().rowCount())[1] == rows.count)
    assert table.first == rows.count - table.page


def test_bytes_selected_before_their_row_is_shown_are_selected_then(table, stream, writer, qtbot):
    for size in (50_000, 640):
        put(writer, SENT, bytes(size))
        stream.index.advance()
        rows = RowMap(stream.size, 16)
        table.refresh(rows)
    assert table.model().rowCount() < rows.count
    table.select_ranges(((stream.size - 1, stream.size),))
    qtbot.waitUntil(lambda: (table.refresh(rows), table.selected_rows())[1] == [range(rows.count - 1, rows.count)])


def test_rows_chosen_apart_are_the_bytes_of_these_rows(table, qtbot):
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Home)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(table, key, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.selected_rows() == [range(1), range(2, 3)]
    assert (table.ranges, table.cursor_offset) == (((0, 16), (32, 36)), 32)
    for key in (
        Qt.Key.Key_Space,
        Qt.Key.Key_Home,
        Qt.Key.Key_Space,
    ):  # the last one, and then the only one, is put back
        qtbot.keyClick(table, key)
    assert (table.selected_rows(), table.ranges) == ([], ())


def test_all_of_several_stretches_are_chosen(table):
    table.select_ranges(((0, 4), (34, 36)))
    assert table.selected_rows() == [range(1), range(2, 3)]
