"""The rules of a program in their window: messages that are tried, rules that can never decide."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core import commands
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.ui.dialogs.rules_dialog import RulesDialog
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> SettingsPane:
    made = SettingsPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 500)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def server(workbench: Workbench, pane: SettingsPane) -> int:
    number = workbench.add_socket(SocketSpec("server", port=9000, program=Choice("rules")))
    workbench.selection.choose_scope(Scope(number))
    return number


def spec(workbench: Workbench, number: int) -> SocketSpec:
    entry = workbench.socket(number)
    assert entry is not None
    return entry.spec


def click(button: QWidget | None) -> None:
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def book(pane: SettingsPane, server: int, qtbot: QtBot) -> RulesDialog:
    """The rules that the program begins with."""
    click(pane.program.editor("rules"))
    dialog = pane.findChild(RulesDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def test_a_message_is_tried_against_the_rules(book: RulesDialog, link: FakeLink) -> None:
    attempt = book.attempt
    attempt.message.setFocus()
    QTest.keyClicks(attempt.message, "set temp 20")
    told = attempt.result.toPlainText().splitlines()
    assert told[0] == "Row 2 decides."
    assert told[1].startswith("Groups: ")
    assert {"what = temp", "value = 20"} <= set(told[1].removeprefix("Groups: ").split(", "))
    assert "Answer: temp is 20 now" in told
    assert f"    hex {b'temp is 20 now'.hex(' ')}  (14 bytes)" in told
    assert [line.partition(":")[0] for line in told[-2:]] == ["Row 1", "Row 3"]
    attempt.message.clear()
    click(attempt.written.button("hex"))
    QTest.keyClicks(attempt.message, "62 79 65")
    assert attempt.result.toPlainText().startswith("Row 3 decides.\nAnswer: See you\n")
    assert "The connection is closed." in attempt.result.toPlainText()
    QTest.keyClicks(attempt.message, "z")
    assert "'z' is not a hex digit" in attempt.result.toPlainText()
    assert attempt.message.accessibleDescription() == attempt.result.toPlainText()
    attempt.message.setText("00")
    assert attempt.result.toPlainText().startswith("No rule fits.\nNothing is answered.\nRow 1: ")
    assert not [one for one in link.posted if isinstance(one, commands.Send)]


def test_rules_that_never_decide_are_marked_and_told(book: RulesDialog, workbench: Workbench, server: int) -> None:
    assert not book.doubts.isVisible()
    book.editor.table.clearSelection()
    book.editor.table.go_to(0)
    click(book.editor.duplicate)
    assert book.doubts.text().startswith("△ Row 2: ")
    assert book.editor.model.headerData(1, Qt.Orientation.Vertical) == "2 △"
    click(book.editor.remove)
    assert not book.doubts.isVisible()
    fixed = Choice("fixed", {"size": 2})
    workbench.edit_socket(server, replace(spec(workbench, server), framing=fixed))
    assert book.doubts.text().startswith("△ Row 1: ")


def test_a_wrong_rule_is_told_at_its_cell_and_tried_as_it_was(book: RulesDialog, pane: SettingsPane) -> None:
    book.attempt.message.setText("set a 1")
    model = book.editor.model
    names = [column.name for column in book.field.columns]
    cell = model.index(1, names.index("pattern"))
    model.setData(cell, "(")
    assert len(pane.errors.sentences) == 1
    assert model.problem(cell) == pane.errors.sentences[0]
    told = book.attempt.result.toPlainText()
    assert told.startswith("A cell is wrong, so these are the rules as they were before.\nRow 2 decides.")
    model.setData(cell, "^set")
    assert not pane.start_problem or model.problem(cell) == ""


def test_another_program_puts_the_window_away(book: RulesDialog, pane: SettingsPane, qtbot: QtBot) -> None:
    pane.program.kinds.setFocus()
    QTest.keyClick(pane.program.kinds, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: pane.findChild(RulesDialog) is None)


def test_a_message_that_is_tried_is_converted_as_it_is_written_another_way(book: RulesDialog) -> None:
    attempt = book.attempt
    QTest.keyClicks(attempt.message, "bye")
    click(attempt.written.button("hex"))
    assert attempt.message.text() == "62 79 65"
    assert attempt.result.toPlainText().startswith("Row 3 decides.")
    click(attempt.written.button("text"))
    assert attempt.message.text() == "bye"
    assert attempt.result.toPlainText().startswith("Row 3 decides.")
    click(attempt.written.button("hex"))
    QTest.keyClicks(attempt.message, "z")
    click(attempt.written.button("text"))
    assert attempt.message.text() == "62 79 65z"  # nothing that was typed is lost


def test_a_warning_moves_no_button(book: RulesDialog) -> None:
    QApplication.processEvents()
    before = book.buttons.mapTo(book, QPoint()), book.attempt.mapTo(book, QPoint())
    book.doubts.setText("△ Row 1: short")
    book.doubts.show()
    QApplication.processEvents()
    assert (book.buttons.mapTo(book, QPoint()), book.attempt.mapTo(book, QPoint())) == before
