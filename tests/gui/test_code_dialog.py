"""A script in its window: when what is typed is taken over, and that it is never taken over unasked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core import commands, events
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui.dialogs.code_dialog import HELD, LONG, RUNNING, STOPPED, CodeDialog
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink

GOOD = "def on_message(connection, message):\n    return message\n"
LENGTHY = GOOD + "# more\n" * (LONG // 7 + 1)


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
    number = workbench.add_socket(SocketSpec("server", program=Choice("script", {"source": GOOD})))
    workbench.scripts.wrote(GOOD)
    workbench.selection.choose_scope(Scope(number))
    return number


@pytest.fixture
def dialog(pane: SettingsPane, server: int, qtbot: QtBot) -> CodeDialog:
    pane.program.open_cell("source")
    made = pane.program.window.dialog
    assert isinstance(made, CodeDialog)
    qtbot.waitUntil(made.isActiveWindow)
    return made


def source(workbench: Workbench, number: int) -> object:
    entry = workbench.socket(number)
    assert entry is not None
    return entry.spec.program.settings["source"]


def put(workbench: Workbench, link: FakeLink, number: int, state: State) -> None:
    link.news.append(events.SocketChanged(number, state))
    workbench.poll()


def test_what_was_not_applied_when_the_socket_stops_waits_for_apply(
    dialog: CodeDialog, workbench: Workbench, link: FakeLink, server: int
) -> None:
    assert dialog.errors.sentences == [STOPPED]
    assert dialog.windowTitle() == "Script (Python)"
    workbench.start(server)
    put(workbench, link, server, State.LISTEN)
    assert dialog.errors.sentences == [RUNNING]
    dialog.editor.appendPlainText("x = 1")
    put(workbench, link, server, State.CLOSED)
    assert source(workbench, server) == GOOD
    assert dialog.unsaved == GOOD + "\nx = 1"
    assert dialog.apply.isVisible()
    assert dialog.errors.sentences == [HELD]
    dialog.editor.appendPlainText("y = 2")
    assert source(workbench, server) == GOOD
    dialog.apply.click()
    assert source(workbench, server) == GOOD + "\nx = 1\ny = 2"
    assert not dialog.apply.isVisible()
    dialog.editor.appendPlainText("z = 3")
    assert str(source(workbench, server)).endswith("z = 3")


def test_a_long_script_is_taken_over_a_moment_after_the_last_key(
    dialog: CodeDialog, workbench: Workbench, server: int, qtbot: QtBot
) -> None:
    dialog.editor.selectAll()
    dialog.editor.insertPlainText(LENGTHY)
    QTest.keyClicks(dialog.editor, "#!")
    assert source(workbench, server) == GOOD
    qtbot.waitUntil(lambda: source(workbench, server) == LENGTHY + "#!")


def test_a_start_takes_the_long_script_as_it_stands(
    dialog: CodeDialog, pane: SettingsPane, workbench: Workbench, link: FakeLink, server: int
) -> None:
    dialog.editor.selectAll()
    dialog.editor.insertPlainText(LENGTHY)
    pane.start()
    [start] = [one for one in link.posted if isinstance(one, commands.Start)]
    assert start.spec.program.settings["source"] == LENGTHY


def test_a_long_script_with_a_mistake_does_not_start(
    dialog: CodeDialog, pane: SettingsPane, workbench: Workbench, link: FakeLink, server: int
) -> None:
    dialog.editor.selectAll()
    dialog.editor.insertPlainText(LENGTHY + "def")
    pane.start()
    assert not [one for one in link.posted if isinstance(one, commands.Start)]
    assert dialog.editor.marked_line == LENGTHY.count("\n") + 1


def test_another_window_finds_the_long_script_in_the_document(
    dialog: CodeDialog, pane: SettingsPane, workbench: Workbench, server: int, qtbot: QtBot
) -> None:
    dialog._apply_soon.setInterval(60_000)  # it is not this that takes it over
    dialog.editor.selectAll()
    dialog.editor.insertPlainText(LENGTHY)
    assert source(workbench, server) == GOOD
    pane.activateWindow()
    qtbot.waitUntil(lambda: source(workbench, server) == LENGTHY)


def test_closing_takes_the_long_script_over(dialog: CodeDialog, workbench: Workbench, server: int) -> None:
    dialog.editor.selectAll()
    dialog.editor.insertPlainText(LENGTHY)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert source(workbench, server) == LENGTHY


def test_the_empty_list_of_what_was_printed_looks_like_other_empty_places(dialog: CodeDialog, theme: Theme) -> None:
    assert dialog.no_output.font().family() == dialog.font().family()
    ink = dialog.no_output.palette().color(dialog.no_output.foregroundRole())
    assert ink.name() == theme.colors.muted


def test_the_settings_tell_in_which_line_the_script_failed(
    dialog: CodeDialog, pane: SettingsPane, workbench: Workbench, link: FakeLink, server: int
) -> None:
    words = pane.program._summaries["source"]
    assert words.text() == "2 lines"
    for stream, line in (("stdout", 1), ("traceback", 0), ("traceback", 2), ("stderr", 1)):
        link.news.append(events.ScriptOutput(server, 1, stream, line, "what is said"))  # type: ignore[arg-type]
    workbench.poll()
    assert words.text() == "2 lines, failed in line 2"
    other = workbench.add_socket(SocketSpec("other", program=Choice("script", {"source": GOOD})))
    workbench.selection.choose_scope(Scope(other))
    assert pane.program._summaries["source"].text() == "2 lines"
    workbench.selection.choose_scope(Scope(server))
    words = pane.program._summaries["source"]
    assert words.text() == "2 lines, failed in line 2"
    pane.program.open_cell("source")
    again = pane.program.window.dialog
    assert isinstance(again, CodeDialog)
    again.editor.appendPlainText("x = 1")
    assert words.text() == "4 lines"


def focus() -> QWidget | None:
    return QApplication.focusWidget()


def test_esc_goes_to_the_output_and_tab_never_types_into_the_editor_on_its_way(dialog: CodeDialog) -> None:
    editor = dialog.editor
    before = editor.toPlainText()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert focus() is dialog.output
    seen: list[QWidget | None] = []
    for _ in range(12):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        seen.append(focus())
    assert {editor, dialog.output} <= set(seen)
    assert editor.toPlainText() == before
    while focus() is not editor:
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClick(editor, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert focus() is not editor
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert focus() is editor
    QTest.keyClick(editor, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(editor, Qt.Key.Key_Tab)  # who does something in it, writes
    assert focus() is editor
    assert editor.toPlainText() == before + "    "


def test_esc_chooses_the_newest_line_of_the_output(
    dialog: CodeDialog, workbench: Workbench, link: FakeLink, server: int, qtbot: QtBot
) -> None:
    link.news.append(events.ScriptOutput(server, 1, "stdout", 1, "said"))
    link.news.append(events.ScriptOutput(server, 1, "traceback", 2, "It was in line 2 then."))
    workbench.poll()
    qtbot.waitUntil(lambda: dialog.output.count() == 2)
    assert dialog.output.item(1).foreground().color() != dialog.output.item(0).foreground().color()
    QTest.keyClick(dialog.editor, Qt.Key.Key_Escape)
    assert focus() is dialog.output
    assert dialog.output.currentRow() == 1
    QTest.keyClick(dialog.output, Qt.Key.Key_Return)
    assert focus() is dialog.editor
    assert dialog.editor.textCursor().blockNumber() == 1


def test_esc_goes_to_apply_where_something_waits(
    dialog: CodeDialog, workbench: Workbench, link: FakeLink, server: int
) -> None:
    workbench.start(server)
    put(workbench, link, server, State.LISTEN)
    dialog.editor.go_to_line(2)
    QTest.keyClicks(dialog.editor, "  # more")
    QTest.keyClick(dialog.editor, Qt.Key.Key_Escape)
    assert focus() is dialog.apply
    QTest.keyClick(dialog.apply, Qt.Key.Key_Space)
    assert "message  # more" in str(source(workbench, server))
    for hint in (STOPPED, RUNNING, HELD):
        assert "Esc leaves the editor" in hint
