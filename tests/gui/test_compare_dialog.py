"""Comparing two messages: chosen by mouse or keyboard, differences listed and marked, from one to the next."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.ui.dialogs import compare_dialog
from explorer.ui.dialogs.compare_dialog import CompareDialog
from explorer.ui.models.compare_models import LEFT_HEX, RIGHT_HEX, SIGN
from explorer.ui.panes.messages_pane import MessagesPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from explorer.wire.compare import Stopped
from tests.gui.test_messages_pane import PREVIEW, put, wait_for_rows

LINES = Choice("line", {"ending": "lf"})


@pytest.fixture
def pane(workbench: Workbench, theme: Theme, qtbot: QtBot) -> MessagesPane:
    number = workbench.add_socket(SocketSpec("echo", framing=LINES))
    workbench.selection.choose_scope(Scope(number))
    made = MessagesPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    made.activateWindow()
    qtbot.waitActive(made)
    made.focus_first()
    return made


def click(pane: MessagesPane, qtbot: QtBot, row: int, keys: Qt.KeyboardModifier) -> None:
    place = pane.table.visualRect(pane.model.index(row, PREVIEW)).center()
    qtbot.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, keys, place)


def opened(qtbot: QtBot) -> CompareDialog:
    """The one dialog there is, when it has compared."""

    def there() -> list[CompareDialog]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, CompareDialog) and one.isVisible()]

    qtbot.waitUntil(lambda: bool(there()))
    dialog = there()[0]
    qtbot.waitUntil(lambda: dialog.count.text() != "comparing…")
    return dialog


def text(dialog: CompareDialog, row: int, column: int, spoken: bool = False) -> str:
    role = Qt.ItemDataRole.AccessibleTextRole if spoken else Qt.ItemDataRole.DisplayRole
    return str(dialog.rows.data(dialog.rows.index(row, column), role))


def listed(dialog: CompareDialog) -> list[list[str]]:
    model = dialog.differences
    return [
        [str(model.data(model.index(row, column))) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_two_rows_chosen_by_mouse_are_compared(
    pane: MessagesPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    put(writer, b"hello world\nsomething else\nhello big WORLD\n")
    wait_for_rows(qtbot, pane, 3)
    click(pane, qtbot, 0, Qt.KeyboardModifier.NoModifier)
    assert pane.compare_action.text() == "Co&mpare with another…"
    click(pane, qtbot, 2, Qt.KeyboardModifier.ControlModifier)
    assert pane.table.selected_rows() == [range(1), range(2, 3)]
    span = workbench.selection.span
    assert span is not None
    assert (span.first_skip, span.last_skip) == (27, 43)  # the row that was clicked, not all between
    assert pane.compare_action.text() == "Co&mpare these two…"
    qtbot.keyClick(pane.table, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    dialog = opened(qtbot)
    assert dialog.windowTitle() == (
        "Compare message 1, socket 1 #1, received, 11 bytes with message 3, socket 1 #1, received, 15 bytes"
    )
    assert dialog.count.text() == "1 of 1 difference · 9 bytes"
    assert listed(dialog) == [
        ["1", "≠ changed", "0x6", "0x6", "77 6f 72 6c 64   world", "62 69 67 20 57 4f 52 4c 44   big WORLD"]
    ]
    dialog.close()


def test_next_previous_swap_and_same_offset(
    pane: MessagesPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    first = bytearray(b"abcdefghij" * 60)
    second = bytearray(first)
    second[5] = second[300] = second[590] = ord("!")
    put(writer, bytes(first) + b"\n" + bytes(second) + b"\n")
    wait_for_rows(qtbot, pane, 2)
    qtbot.keyClick(pane.table, Qt.Key.Key_Home)
    qtbot.keyClick(pane.table, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)  # marked
    assert pane.compare_action.text().startswith("Co&mpare with message 1")
    qtbot.keyClick(pane.table, Qt.Key.Key_Down)
    qtbot.keyClick(pane.table, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    dialog = opened(qtbot)
    qtbot.waitExposed(dialog)
    assert dialog.count.text() == "1 of 3 differences · 3 bytes"
    assert text(dialog, 0, SIGN) == "≠"
    assert text(dialog, 0, LEFT_HEX, spoken=True).startswith("61 62 63 64 65 [66] 67")
    assert text(dialog, 0, RIGHT_HEX, spoken=True).startswith("61 62 63 64 65 [21] 67")
    qtbot.keyClick(dialog, Qt.Key.Key_F8)
    assert dialog.table.currentIndex().row() == 300 // dialog.rows.rows.width
    assert dialog.list.currentIndex().row() == 1
    qtbot.keyClick(dialog, Qt.Key.Key_F8)
    qtbot.keyClick(dialog, Qt.Key.Key_F8)  # around
    assert dialog.count.text().startswith("1 of 3")
    qtbot.keyClick(dialog, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert dialog.count.text().startswith("3 of 3")
    qtbot.keyClick(dialog, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert dialog.count.text().startswith("2 of 3")
    qtbot.mouseClick(dialog.swap, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.count.text() == "1 of 3 differences · 3 bytes")
    assert text(dialog, 0, LEFT_HEX).startswith("61 62 63 64 65 21")
    qtbot.mouseClick(dialog.way.button("offset"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.count.text() == "1 of 3 differences · 3 bytes")
    dialog.close()


def test_equal_messages_are_said_to_be_equal(pane: MessagesPane, writer: Writer, qtbot: QtBot) -> None:
    put(writer, b"same\nsame\n")
    wait_for_rows(qtbot, pane, 2)
    qtbot.keyClick(pane.table, Qt.Key.Key_Home)
    qtbot.keyClick(pane.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert pane.table.selected_rows() == [range(1)]  # only the current row moved
    qtbot.keyClick(pane.table, Qt.Key.Key_Space)
    assert pane.table.selected_rows() == [range(1), range(1, 2)]
    qtbot.keyClick(pane.table, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    dialog = opened(qtbot)
    assert dialog.count.text() == "The messages are equal: 4 bytes."
    assert not dialog.next.isEnabled()
    assert not dialog.list.isVisible()
    dialog.close()


def test_differing_bytes_are_boxed(pane: MessagesPane, theme: Theme, writer: Writer, qtbot: QtBot) -> None:
    put(writer, b"hello\nhexlo and more\n")
    wait_for_rows(qtbot, pane, 2)
    pane.table.selectAll()
    pane.compare()
    dialog = opened(qtbot)
    qtbot.waitExposed(dialog)
    dialog.rows.now = None
    picture = dialog.table.viewport().grab().toImage()
    edges = {QColor(getattr(theme.colors, name)).rgb() for name in ("warning", "good")}
    seen = {picture.pixel(x, y) for x in range(picture.width()) for y in range(min(60, picture.height()))}
    assert edges & seen
    dialog.close()


def test_what_is_too_long_or_too_different_is_said(
    pane: MessagesPane, writer: Writer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_dialog, "MOST", 1000)
    put(writer, b"ab" * 800 + b"\n" + b"cde" * 500 + b"\n")
    wait_for_rows(qtbot, pane, 2)
    pane.table.selectAll()
    pane.compare()
    dialog = opened(qtbot)
    assert dialog.remark.isVisible()
    assert dialog.remark.text().startswith("Only the first ")
    assert "1,000 bytes differ too much to be aligned" in dialog.remark.text()
    dialog.close()


def test_a_cancelled_comparison_can_be_begun_again(
    pane: MessagesPane, writer: Writer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(writer, b"one\ntwo\n")
    wait_for_rows(qtbot, pane, 2)

    def stopped(*given: object) -> None:
        raise Stopped

    monkeypatch.setattr(compare_dialog, "compare", stopped)
    pane.table.selectAll()
    pane.compare()
    dialog = opened(qtbot)
    assert (dialog.count.text(), dialog.remark.text()) == ("not compared", "Comparing was cancelled.")
    monkeypatch.undo()
    qtbot.mouseClick(dialog.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "difference" in dialog.count.text())
    assert not dialog.again.isVisible()
    dialog.close()
