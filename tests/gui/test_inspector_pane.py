"""The Inspector pane: it follows the cursor of the window, by mouse and by keyboard, live and from disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyleOptionViewItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.socket_spec import SocketSpec
from explorer.ui.models.inspector_model import BIG, LITTLE, NAME
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.calls_pane import CallsPane
from explorer.ui.panes.inspector_pane import NOTHING, InspectorPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.wrapped_values import LINE
from explorer.ui.workbench import Workbench
from tests.capture.making import echo_exchange
from tests.gui.byte_captures import RECEIVED, SENT, put


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> InspectorPane:
    made = InspectorPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(420, 600)
    with qtbot.waitExposed(made):
        made.show()
    return made


def row_of(pane: InspectorPane, name: str) -> int:
    return [row.kind.name for row in pane.model.rows].index(name)


def shown(pane: InspectorPane, name: str, column: int = BIG) -> str:
    return str(pane.model.index(row_of(pane, name), column).data())


def choose(pane: InspectorPane, name: str, column: int) -> None:
    pane.table.setCurrentIndex(pane.model.index(row_of(pane, name), column))


def test_an_empty_pane_says_what_will_appear(pane: InspectorPane, workbench: Workbench, writer: Writer) -> None:
    assert pane.stack.currentWidget() is pane.empty
    assert pane.empty.text() == NOTHING
    number = writer.add(CallKind.recv, 1, 1)
    workbench.selection.choose_cursor(Place(number, 0))
    assert "carried no bytes" in pane.empty.text()
    workbench.selection.choose_cursor(Place(99, 0))
    assert pane.empty.text() == NOTHING


def test_values_at_the_cursor_go_on_in_the_next_calls_of_the_flow(
    pane: InspectorPane, workbench: Workbench, writer: Writer
) -> None:
    put(writer, RECEIVED, b"\x01")
    put(writer, SENT, b"\xee" * 8)
    put(writer, RECEIVED, b"\xff" * 8, connection=2)
    put(writer, RECEIVED, b"\x02\x03\x04")
    workbench.selection.choose_cursor(Place(0, 0))
    assert shown(pane, "u32") == str(0x01020304)
    assert shown(pane, "u32", LITTLE) == str(0x04030201)
    assert shown(pane, "u64") == "needs 8, 4 left"
    assert pane.where.text() == "recv #0 · offset 0 of 1 byte"
    workbench.selection.choose_cursor(Place(3, 1))
    assert shown(pane, "u16") == str(0x0304)
    assert pane.where.text() == "recv #3 · offset 1 of 3 bytes"


def test_a_byte_of_another_socket_is_not_shown(pane: InspectorPane, workbench: Workbench, writer: Writer) -> None:
    put(writer, RECEIVED, b"abcd")
    put(writer, RECEIVED, b"efgh", connection=2)
    writer.add(CallKind.recv, 2, 3)
    workbench.selection.choose_cursor(Place(0, 0))
    assert pane.stack.currentWidget() is pane.table
    for scope in (Scope(2), Scope(1, 2)):
        workbench.selection.choose_scope(scope)
        assert pane.stack.currentWidget() is pane.empty
        assert pane.empty.text().startswith("The byte at the cursor belongs to socket 1 #1, which is not shown now.")
        assert workbench.selection.covered is None
    workbench.selection.choose_scope(Scope(1, 1))
    assert pane.stack.currentWidget() is pane.table
    assert shown(pane, "u8") == str(ord("a"))


def test_bytes_that_arrive_later_are_taken_in(pane: InspectorPane, workbench: Workbench, writer: Writer) -> None:
    put(writer, RECEIVED, b"\x00\x01")
    workbench.selection.choose_cursor(Place(0, 0))
    assert shown(pane, "u32") == "needs 4, 2 left"
    put(writer, RECEIVED, b"\x00\x02")
    workbench.poll()
    assert shown(pane, "u32") == str(0x00010002)
    for _ in range(3):
        put(writer, RECEIVED, bytes(4))
        workbench.poll()
    assert shown(pane, "IPv6") == "1:2::"
    before = pane.model.rows
    put(writer, RECEIVED, b"more")
    workbench.poll()
    assert pane.model.rows is before  # nothing was read again


def test_it_follows_a_call_chosen_in_the_table_and_a_byte_chosen_by_keyboard(
    qtbot: QtBot, workbench: Workbench, writer: Writer, theme: Theme
) -> None:
    put(writer, RECEIVED, b"\x00\x2a")
    put(writer, SENT, b"\x01\x00\x07")
    workbench.add_socket(SocketSpec("s", "tcp", "server", "127.0.0.1", 0))
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    calls, view, pane = CallsPane(workbench, theme), BytesPane(workbench, theme), InspectorPane(workbench, theme)
    for widget in (calls, view, pane):
        column.addWidget(widget)
    window.resize(700, 900)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    qtbot.waitUntil(lambda: calls.model.rowCount() == 2 and view.view.isVisible())
    calls.focus_first()
    QTest.keyClick(calls.table, Qt.Key.Key_Home)
    assert shown(pane, "u16") == "42"
    QTest.keyClick(calls.table, Qt.Key.Key_Down)
    assert shown(pane, "u16") == "256"
    workbench.selection.choose_span(Span(1, 1, 1, 3), view, Place(1, 1))
    assert shown(pane, "u16") == "7"
    assert shown(pane, "u32") == "needs 4, 2 left"


def test_copying_by_keyboard(pane: InspectorPane, workbench: Workbench, writer: Writer, qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    put(writer, RECEIVED, b"\x01\x00\xac\x02")
    workbench.selection.choose_cursor(Place(0, 0))
    pane.activateWindow()
    pane.focus_first()
    assert pane.table.currentIndex().column() == LITTLE
    for _ in range(2):  # u8, i8, u16
        QTest.keyClick(pane.table, Qt.Key.Key_Down)
    QTest.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == "1"
    QTest.keyClick(pane.table, Qt.Key.Key_Right)
    QTest.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == "256"
    choose(pane, "u16", NAME)
    QTest.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == "u16\t1\t256"
    choose(pane, "u64", BIG)
    with qtbot.waitSignal(workbench.noticed) as told:
        QTest.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert told.args[0].text == "u64 has no value here to copy: needs 8, 4 left."
    assert clipboard.text() == "u16\t1\t256"


def test_the_menu_of_a_row(pane: InspectorPane, workbench: Workbench, writer: Writer) -> None:
    put(writer, RECEIVED, b"\x01\x00\xac\x02")
    workbench.selection.choose_cursor(Place(0, 2))
    texts = {
        name: [(action.text().replace("&", ""), action.isEnabled()) for action in pane.make_menu(row).actions()]
        for name in ("u16", "varint", "UUID")
        for row in (row_of(pane, name),)
    }
    assert texts["u16"] == [("Copy little endian", True), ("Copy big endian", True), ("Copy row", True)]
    assert texts["varint"] == [("Copy value", True), ("Copy row", True)]
    assert texts["UUID"] == [("Copy value", False), ("Copy row", True)]
    pane.copy(row_of(pane, "varint"), BIG)
    assert QGuiApplication.clipboard().text() == "300"  # without what is said beside it


def test_rows_tell_which_bytes_they_are_made_of(
    pane: InspectorPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    put(writer, RECEIVED, b"\xac\x02\x00\x00")
    workbench.selection.choose_cursor(Place(0, 0))
    told: list[tuple[Place, int]] = []
    pane.covers.connect(lambda place, size: told.append((place, size)))
    choose(pane, "u24", LITTLE)
    choose(pane, "varint", LITTLE)
    choose(pane, "u64", LITTLE)
    assert told == [(Place(0, 0), 3), (Place(0, 0), 2), (Place(0, 0), 0)]
    over = pane.table.visualRect(pane.model.index(row_of(pane, "u32"), LITTLE)).center()
    QTest.mouseMove(pane.table.viewport(), over - QPoint(0, 1))
    QTest.mouseMove(pane.table.viewport(), over)
    qtbot.waitUntil(lambda: told[-1] == (Place(0, 0), 4))


def test_values_without_order_stand_across_both_columns(
    pane: InspectorPane, workbench: Workbench, writer: Writer
) -> None:
    put(writer, RECEIVED, bytes(range(16)))
    workbench.selection.choose_cursor(Place(0, 0))
    assert pane.table.columnSpan(row_of(pane, "UUID"), LITTLE) == 2
    assert pane.table.columnSpan(row_of(pane, "u32"), LITTLE) == 1


def test_the_encoding_is_that_of_the_socket(pane: InspectorPane, workbench: Workbench, writer: Writer) -> None:
    number = workbench.add_socket(SocketSpec("s", "tcp", "server", "127.0.0.1", 0, encoding="utf-16-le"))
    put(writer, RECEIVED, "é!".encode("utf-16-le"), socket=number)
    put(writer, RECEIVED, b"hello there, bytes", socket=number + 1)
    workbench.selection.choose_cursor(Place(0, 0))
    choose(pane, "u32", BIG)
    assert shown(pane, "text") == "é U+00E9 LATIN SMALL LETTER E WITH ACUTE"
    workbench.selection.choose_cursor(Place(1, 0))
    assert "text" not in [row.kind.name for row in pane.model.rows]
    assert pane.table.columnSpan(row_of(pane, "UUID"), LITTLE) == 2


def test_a_screen_reader_finds_names_and_values(pane: InspectorPane, workbench: Workbench, writer: Writer) -> None:
    put(writer, RECEIVED, b"\x01\x02")
    workbench.selection.choose_cursor(Place(0, 0))
    table = QAccessible.queryAccessibleInterface(pane.table)
    assert table.text(QAccessible.Text.Name) == "Inspector"
    first = 4 * (row_of(pane, "u16") + 1) + 1  # headings above and at the left count too
    assert table.child(first + NAME).text(QAccessible.Text.Name) == "u16"
    cell = table.child(first + BIG)
    assert cell.text(QAccessible.Text.Name) == "258"
    assert cell.text(QAccessible.Text.Description) == "Whole number, unsigned, 16 bits, big endian"


def test_a_capture_from_disk(qtbot: QtBot, tmp_path: Path, theme: Theme) -> None:
    exchange = echo_exchange(tmp_path / "capture", (b"\x00\x00\x01", b"\x00rest of it all...", b"x"))
    bench = Workbench(Reader(exchange.folder), None)
    pane = InspectorPane(bench, theme)
    qtbot.addWidget(pane)
    with qtbot.waitExposed(pane):
        pane.show()
    first = next(call for call in bench.reader.calls(0, bench.reader.count) if call.received)
    bench.selection.choose_call(first)
    assert shown(pane, "u32") == "256"
    bench.shut_down()
    bench.deleteLater()


def test_the_current_row_is_written_out_below(pane: InspectorPane, workbench: Workbench, writer: Writer) -> None:
    put(writer, RECEIVED, b"\x01\x02\x03\x04\x05\x06\x07\x08")
    workbench.selection.choose_cursor(Place(0, 0))
    assert not pane.whole.isVisible()
    choose(pane, "u64", BIG)
    assert pane.whole.isVisible()
    assert pane.whole.text() == "Whole number, unsigned, 64 bits\n578437695752307201\n72623859790382856"
    workbench.selection.choose_cursor(Place(0, 1))
    assert pane.whole.text().endswith("needs 8, 7 left\nneeds 8, 7 left")
    workbench.selection.clear()
    assert not pane.whole.isVisible()


def test_values_are_whole_in_as_many_lines_as_they_need(
    pane: InspectorPane, workbench: Workbench, writer: Writer, theme: Theme, qtbot: QtBot
) -> None:
    put(writer, RECEIVED, b"\xff\xef" + bytes(range(0xF0, 0x100)) * 2)
    workbench.selection.choose_cursor(Place(0, 0))
    table, digit = pane.table, QFontMetrics(theme.mono)
    row = row_of(pane, "u64")
    texts = [str(pane.model.index(row, column).data()) for column in (LITTLE, BIG)]
    assert [len(text) for text in texts] == [20, 20]

    def drawn(row: int, column: int) -> list[str]:
        option = QStyleOptionViewItem()
        pane._values.initStyleOption(option, pane.model.index(row, column))
        return option.text.split(LINE)

    pane.resize(digit.horizontalAdvance("0") * 44 + 110, 900)  # as at the right of a window of 1440 pixels
    qtbot.waitUntil(lambda: table.columnWidth(BIG) > digit.horizontalAdvance("0") * 20)
    assert [drawn(row, LITTLE), drawn(row, BIG)] == [[texts[0]], [texts[1]]]
    high = table.rowHeight(row)
    pane.resize(300, 900)
    qtbot.waitUntil(lambda: table.rowHeight(row) > 1.5 * high)
    for at in range(pane.model.rowCount()):
        for column in (LITTLE, BIG) if table.columnSpan(at, LITTLE) == 1 else (LITTLE,):
            lines = drawn(at, column)
            assert "".join(lines).replace(" ", "") == shown_at(pane, at, column).replace(" ", "")
            assert table.rowHeight(at) >= len(lines) * digit.height()
    assert len(drawn(row, LITTLE)) == 2
    pane.resize(digit.horizontalAdvance("0") * 44 + 110, 900)
    qtbot.waitUntil(lambda: table.rowHeight(row) == high)


def shown_at(pane: InspectorPane, row: int, column: int) -> str:
    return str(pane.model.index(row, column).data())
