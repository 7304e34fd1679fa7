"""The settings of programs as their user meets them: tables, secrets, code, the conversation, ways of serving."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core import commands, events
from explorer.core.endpoint import Endpoint
from explorer.core.fields import Field
from explorer.core.scripts import not_trusted
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.programs import registry
from explorer.programs.api import Line, ProgramKind
from explorer.trust import is_trusted
from explorer.ui.dialogs.code_dialog import CodeDialog
from explorer.ui.dialogs.setting_dialog import RowsDialog
from explorer.ui.entries import Notice
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.socket_actions import SocketActions
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink

RULES = Field(
    "rules", "rows", (), "Rules", "What is answered.", maximum=6,
    columns=(
        Field("match", "choice", "exact", "Match", "", choices=("exact", "hex"), labels=("is", "is (hex)")),
        Field("pattern", "text", None, "Pattern", "", minimum=1),
        Field("close", "bool", False, "Close", ""),
        Field("code", "secret", "", "Code", ""),
    ),
)  # fmt: skip
SECRET = Field("password", "secret", "", "Password", "Who knows it may come in.", maximum=8)
Made = registry.check_choice


def _kind(name: str) -> ProgramKind:
    echo = registry.find_kind("echo")
    return {
        "table": replace(echo, name="table", fields=(RULES, SECRET)),
        "lines": replace(echo, name="lines", fields=(), framing=Choice("line"), buffer_size=131072),
        "room": replace(
            echo, name="room", shared=True, transports=("tcp",), picture=lambda values: (Line("note", "Hi"),)
        ),
    }[name]


class _Listed(registry.Listed):
    @property
    def kind(self) -> ProgramKind:
        return _kind(self.name)


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))


@pytest.fixture(autouse=True)
def more_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    more = tuple(_Listed(name, name.capitalize(), f"Made for a test: {name}.") for name in ("table", "lines", "room"))
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, *more))


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
    number = workbench.add_socket(SocketSpec("server", port=9000))
    workbench.selection.choose_scope(Scope(number))
    return number


def spec(workbench: Workbench, number: int) -> SocketSpec:
    entry = workbench.socket(number)
    assert entry is not None
    return entry.spec


def choose(combo: QComboBox, data: object) -> None:
    """As a user does with the keyboard."""
    place = combo.findData(data)
    assert place >= 0
    combo.setFocus()
    while combo.currentIndex() != place:
        QTest.keyClick(combo, Qt.Key.Key_Down if combo.currentIndex() < place else Qt.Key.Key_Up)


def run(workbench: Workbench, link: FakeLink, number: int, state: State = State.LISTEN) -> None:
    link.news.append(events.SocketChanged(number, state, Endpoint("127.0.0.1", 9000)))
    workbench.poll()


def click(button: QWidget | None) -> None:
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def type_cell(dialog: RowsDialog, text: str) -> None:
    """Enter opens the cell, what is typed takes the place of what is there."""
    table = dialog.editor.table
    QTest.keyClick(table, Qt.Key.Key_Return)
    edit = table.viewport().findChild(QLineEdit)
    assert edit is not None
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    QApplication.processEvents()


@pytest.fixture
def rules(pane: SettingsPane, server: int, qtbot: QtBot) -> RowsDialog:
    """The window of a table without rows."""
    choose(pane.program.kinds, "table")
    click(pane.program.editor("rules"))
    dialog = pane.findChild(RowsDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def patterns(workbench: Workbench, number: int) -> list[object]:
    rows = spec(workbench, number).program.settings.get("rules", ())
    assert isinstance(rows, tuple)
    return [row["pattern"] for row in rows]


# -- tables ------------------------------------------------------------------------------------------


def test_rows_are_added_and_typed_with_the_keyboard(
    rules: RowsDialog, pane: SettingsPane, workbench: Workbench, server: int
) -> None:
    assert not rules.isModal()
    assert rules.editor.empty.isVisible()
    table = rules.editor.table
    QTest.keyClick(table, Qt.Key.Key_Insert)
    assert not rules.editor.empty.isVisible()
    assert pane.errors.sentences == ["Pattern must be at least 1 characters; 0 is not."]
    assert rules.editor.errors.sentences == pane.errors.sentences
    assert spec(workbench, server).program.settings.get("rules") is None
    QTest.keyClick(table, Qt.Key.Key_Tab)
    assert table.currentIndex().column() == 1
    type_cell(rules, "ping")
    assert patterns(workbench, server) == ["ping"]
    assert not pane.start_problem
    QTest.keyClick(table, Qt.Key.Key_Tab)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert spec(workbench, server).program.settings["rules"][0]["close"] is True  # type: ignore[index]
    assert "ping" in pane.program._summaries["rules"].text()


def fill(rules: RowsDialog, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    rules.editor.table.setFocus()
    QTest.keySequence(rules.editor.table, "Ctrl+V")


def test_rows_are_pasted_moved_doubled_and_removed_each_in_one_step_of_undo(
    rules: RowsDialog, workbench: Workbench, server: int
) -> None:
    fill(rules, "exact\ta\nexact\tb\nhex\tc")
    assert patterns(workbench, server) == ["a", "b", "c"]
    table = rules.editor.table
    table.clearSelection()
    table.go_to(2)
    QTest.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert patterns(workbench, server) == ["a", "c", "b"]
    assert table.currentIndex().row() == 1
    click(rules.editor.duplicate)
    assert patterns(workbench, server) == ["a", "c", "c", "b"]
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert patterns(workbench, server) == ["a", "c", "b"]
    assert not rules.editor.down.isEnabled()
    click(rules.editor.up)
    assert patterns(workbench, server) == ["a", "b", "c"]
    for expected in (["a", "c", "b"], ["a", "c", "c", "b"], ["a", "c", "b"], ["a", "b", "c"], []):
        QTest.keySequence(rules, "Ctrl+Z")
        assert patterns(workbench, server) == expected
        assert [row["pattern"] for row in rules.editor.rows] == expected
    workbench.undo.redo()
    assert patterns(workbench, server) == ["a", "b", "c"]


def test_a_wrong_cell_is_kept_and_undo_puts_back_what_the_document_has(
    rules: RowsDialog, pane: SettingsPane, workbench: Workbench, server: int, qtbot: QtBot
) -> None:
    fill(rules, "exact\ta\nexact\tb")
    rules.editor.table.go_to(1, 1)
    type_cell(rules, " ")
    assert patterns(workbench, server) == ["a", " "]
    rules.editor.table.go_to(1, 0)
    fill(rules, "never\tz")
    assert patterns(workbench, server) == ["a", " "]
    assert list(pane.errors.sentences) == ["Match must be one of exact, hex, not 'never'."]
    index = rules.editor.model.index(2, 0)
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == pane.errors.sentences[0]
    assert str(index.data()).startswith("⚠")
    other = workbench.add_socket(SocketSpec("other", port=1))
    workbench.selection.choose_scope(Scope(other))
    assert pane.findChild(RowsDialog) is None or not rules.isVisible()
    workbench.selection.choose_scope(Scope(server))
    assert list(pane.errors.sentences) == ["Match must be one of exact, hex, not 'never'."]
    pane.focus_field("program.rules[2].match")
    again = pane.program.window.dialog
    assert isinstance(again, RowsDialog)
    qtbot.waitUntil(again.isActiveWindow)
    assert (again.editor.table.currentIndex().row(), again.editor.table.currentIndex().column()) == (2, 0)
    QTest.keySequence(again, "Ctrl+Z")
    assert len(again.editor.rows) == 2
    assert not pane.start_problem
    assert patterns(workbench, server) == ["a", " "]


def test_tab_leaves_the_table_behind_its_last_cell(rules: RowsDialog) -> None:
    fill(rules, "exact\ta")
    table = rules.editor.table
    table.clearSelection()
    table.go_to(0, 0)
    for column in range(1, 4):
        QTest.keyClick(table, Qt.Key.Key_Tab)
        assert (table.hasFocus(), table.currentIndex().column()) == (True, column)
    QTest.keyClick(table, Qt.Key.Key_Tab)
    assert not table.hasFocus()


def test_no_more_rows_than_there_may_be(rules: RowsDialog, pane: SettingsPane) -> None:
    fill(rules, "exact\ta\n" * 6)
    assert not rules.editor.add.isEnabled()
    fill(rules, "exact\tb")
    assert pane.errors.sentences == ["Rules must be at most 6 rows; 7 is not."]
    assert len(rules.editor.rows) == 7


# -- secrets -----------------------------------------------------------------------------------------


def spoken(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return " ".join(interface.text(kind) for kind in QAccessible.Text)


def test_secrets_are_seen_only_while_the_eye_is_open(
    pane: SettingsPane, workbench: Workbench, server: int, theme: Theme
) -> None:
    choose(pane.program.kinds, "table")
    edit = pane.program.editor("password")
    assert isinstance(edit, QLineEdit)
    edit.setFocus()
    QTest.keyClicks(edit, "s3cret")
    assert spec(workbench, server).program.settings["password"] == "s3cret"
    assert "s3cret" not in edit.displayText() + spoken(edit) + edit.toolTip() + edit.accessibleDescription()
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    eye = QApplication.focusWidget()
    assert isinstance(eye, QToolButton)
    assert eye.accessibleName() == "Show password"
    QTest.keyClick(eye, Qt.Key.Key_Space)
    assert edit.displayText() == "s3cret"
    theme.set_mode("dark")
    assert edit.displayText() == "s3cret"
    QTest.keyClick(eye, Qt.Key.Key_Space)
    assert "s3cret" not in edit.displayText()
    QTest.keyClicks(edit, "toolong")
    assert pane.errors.sentences == ["Password must be at most 8 characters; 13 is not."]


def test_secrets_in_a_table_are_hidden_until_asked_for(rules: RowsDialog) -> None:
    fill(rules, "exact\ta\tno\ts3cret")
    index = rules.editor.model.index(0, 3)
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
    assert all("s3cret" not in str(index.data(role)) for role in roles)
    QTest.keySequence(rules.editor.table, "Ctrl+C")
    assert "s3cret" not in QGuiApplication.clipboard().text()
    rules.editor.table.go_to(0, 3)
    QTest.keyClick(rules.editor.table, Qt.Key.Key_F2)
    cell = rules.editor.table.viewport().findChild(QLineEdit)
    assert cell is not None
    assert cell.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClick(cell, Qt.Key.Key_Escape)
    click(rules.editor.reveal)
    assert index.data() == "s3cret"


# -- code --------------------------------------------------------------------------------------------

GOOD = "def on_message(connection, message):\n    return message\n"


@pytest.fixture
def script(pane: SettingsPane, server: int) -> CodeDialog:
    choose(pane.program.kinds, "script")
    click(pane.program.editor("source"))
    dialog = pane.findChild(CodeDialog)
    assert dialog is not None
    return dialog


def retype(dialog: CodeDialog, text: str) -> None:
    dialog.editor.setFocus()
    dialog.editor.selectAll()
    dialog.editor.insertPlainText(text)


def test_code_goes_to_the_document_and_the_wrong_line_is_marked(
    script: CodeDialog, pane: SettingsPane, workbench: Workbench, server: int
) -> None:
    retype(script, GOOD)
    assert spec(workbench, server).program.settings["source"] == GOOD
    assert script.editor.marked_line == 0
    retype(script, GOOD + "\nif x\n")
    assert spec(workbench, server).program.settings["source"] == GOOD
    assert script.editor.marked_line == 4
    assert "Line 4" in script.errors.sentences[0]
    assert pane.errors.sentences == script.errors.sentences
    script.errors.wanted.emit("source")
    assert script.editor.textCursor().blockNumber() == 3
    script.close()
    click(pane.program.editor("source"))
    again = pane.program.window.dialog
    assert isinstance(again, CodeDialog)
    assert again.editor.toPlainText() == GOOD + "\nif x\n"


def test_keys_of_the_code_editor(script: CodeDialog) -> None:
    editor = script.editor
    retype(script, "")
    QTest.keyClicks(editor, "def on_open(c):")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "if c:")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "return 1")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "return 2")
    assert editor.toPlainText() == "def on_open(c):\n    if c:\n        return 1\n    return 2"
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText().endswith("return 2\n    ")
    QTest.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.toPlainText().endswith("return 2\n")
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert editor.toPlainText() == "def on_open(c):\nif c:\n    return 1\nreturn 2\n"
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert script.isVisible()
    assert not editor.hasFocus()


def test_a_running_script_changes_when_it_is_applied(
    script: CodeDialog, workbench: Workbench, link: FakeLink, server: int, qtbot: QtBot
) -> None:
    retype(script, GOOD)
    assert not script.apply.isVisible()
    run(workbench, link, server)
    link.posted.clear()
    assert script.apply.isVisible()
    retype(script, GOOD + "x = 1\n")
    assert not [one for one in link.posted if isinstance(one, commands.SetProgram)]
    QTest.keyClick(script.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert spec(workbench, server).program.settings["source"] == GOOD + "x = 1\n"
    assert len([one for one in link.posted if isinstance(one, commands.SetProgram)]) == 1
    retype(script, "def")
    qtbot.waitUntil(lambda: script.editor.marked_line == 1)
    retype(script, GOOD + "x = 2\n")
    script.close()
    assert spec(workbench, server).program.settings["source"] == GOOD + "x = 2\n"


def test_what_a_script_prints_is_listed_and_leads_to_its_line(
    script: CodeDialog, workbench: Workbench, link: FakeLink, server: int, qtbot: QtBot
) -> None:
    assert script.no_output.isVisible()
    link.news.append(events.ScriptOutput(server, 3, "stdout", 2, "hello"))
    link.news.append(events.ScriptOutput(server + 1, 3, "stdout", 2, "of another"))
    link.news.append(events.ScriptOutput(server, 3, "traceback", 1, "ZeroDivisionError: division by zero"))
    workbench.poll()
    qtbot.waitUntil(lambda: script.output.count() == 2)
    assert script.output.item(0).text() == "line 2  connection 3  hello"
    script.output.setFocus()
    script.output.setCurrentRow(0)
    script.output.itemActivated.emit(script.output.item(0))
    assert script.editor.textCursor().blockNumber() == 1
    assert script.editor.hasFocus()
    click(script.clear)
    assert script.output.count() == 0
    assert script.no_output.isVisible()


# -- what a program is -------------------------------------------------------------------------------


def test_a_program_is_explained_by_a_conversation(pane: SettingsPane, server: int) -> None:
    assert pane._program_note is None
    choose(pane.program.kinds, "echo")
    note = pane.program_note
    assert note.isVisible()
    assert note.summary.text() == "Sends every message back as it came (RFC 862)."
    assert note.picture.text().splitlines()[:2] == ["The peer: Hello", "The program: Hello"]
    bubbles = note.picture.bubbles()
    assert len(bubbles) == 4
    assert bubbles[0].rect.top() < bubbles[1].rect.top()
    assert bubbles[0].rect.right() < bubbles[1].rect.left()
    assert bubbles[-1].rect.right() < note.picture.width()
    click(pane.program.toggle)
    assert not note.isVisible()
    choose(pane.program.kinds, "none")
    assert not note.isVisible()
    assert not pane.program.toggle.isVisible()


@pytest.mark.parametrize("width", [120, 300, 700])
def test_a_narrow_picture_cuts_lines_and_never_leaves_its_room(pane: SettingsPane, server: int, width: int) -> None:
    choose(pane.program.kinds, "login")
    picture = pane.program_note.picture
    picture.resize(width, picture.height())
    assert all(bubble.rect.right() < width for bubble in picture.bubbles())
    assert "password" in picture.text().lower()


def test_what_goes_with_a_program_is_one_click_away(pane: SettingsPane, workbench: Workbench, server: int) -> None:
    choose(pane.program.kinds, "lines")
    note = pane.program_note
    assert note.framing.accessibleName() == "Use the framing Lines"
    assert note.buffer.accessibleName() == "Use a buffer of 128 KiB"
    click(note.framing)
    assert spec(workbench, server).framing == Choice("line")
    assert not pane.framing.details.isVisible()  # nobody asked for its settings
    assert pane.framing.toggle.isVisible()
    assert not note.framing.isVisible()
    note.buffer.setFocus()
    QTest.keyClick(note.buffer, Qt.Key.Key_Space)
    assert spec(workbench, server).buffer_size == 131072
    assert pane.buffer_size.text() == "131072"
    assert not note.buffer.isVisible()
    workbench.undo.undo()
    workbench.undo.undo()
    assert spec(workbench, server).framing == Choice("raw")
    assert note.framing.isVisible()


def test_a_transport_that_a_program_does_not_work_over_is_told_at_its_field(
    pane: SettingsPane, workbench: Workbench, server: int
) -> None:
    choose(pane.program.kinds, "room")
    pane.transport.chosen.emit("udp")
    assert pane.start_problem == "Room works over TCP only; choose TCP, or another program."
    assert pane.program.kinds.accessibleDescription() == pane.start_problem
    pane.transport.chosen.emit("tcp")
    assert not pane.start_problem


# -- ways of serving ---------------------------------------------------------------------------------


def test_only_tcp_servers_choose_how_they_serve(pane: SettingsPane, workbench: Workbench, server: int) -> None:
    assert pane.serving.kinds.isVisible()
    choose(pane.serving.kinds, "thread")
    assert spec(workbench, server).serving == Choice("thread")
    assert pane.way.isVisible()
    assert "thread of its own" in pane.way.text()
    most = pane.serving.editor("most")
    assert isinstance(most, QLineEdit)
    most.setFocus()
    most.selectAll()
    QTest.keyClicks(most, "0")
    assert "from 1 to 2,000" in pane.start_problem
    for transport, role in (("udp", "server"), ("tcp", "client")):
        pane.transport.chosen.emit(transport)
        pane.role.chosen.emit(role)
        assert not pane.serving.kinds.isVisible()
        assert not pane.way.isVisible()
        assert not pane.serving.details.isVisible()
        assert not pane.start_problem
    pane.role.chosen.emit("server")
    assert pane.start_problem


def test_another_way_counts_from_the_next_start_on(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, server: int
) -> None:
    workbench.start(server)
    run(workbench, link, server)
    choose(pane.serving.kinds, "iterative")
    assert pane.errors.sentences == [
        "Serving: what stands here differs from what runs now, and counts from the next start on. Stop, then start."
    ]


def test_a_shared_program_is_not_served_by_processes(pane: SettingsPane, workbench: Workbench, server: int) -> None:
    choose(pane.program.kinds, "room")
    choose(pane.serving.kinds, "process")
    assert pane.start_problem.startswith("The clients of Room know of each other")
    assert pane.serving.kinds.accessibleDescription() == pane.start_problem
    choose(pane.serving.kinds, "thread")
    assert not pane.start_problem


# -- trust -------------------------------------------------------------------------------------------


@pytest.fixture
def from_file(pane: SettingsPane, workbench: Workbench) -> int:
    """A socket of a workspace with somebody's script."""
    [number] = workbench.load([SocketSpec("server", program=Choice("script", {"source": GOOD}))])
    workbench.selection.choose_scope(Scope(number))
    return number


def started(link: FakeLink) -> bool:
    return any(isinstance(command, commands.Start) for command in link.posted)


def test_a_script_from_a_file_does_not_start_before_it_is_trusted(
    pane: SettingsPane, link: FakeLink, from_file: int
) -> None:
    assert pane._question is not None
    bar = pane._question.bar
    assert bar.isVisible()
    pane.start()
    assert not started(link)
    assert QApplication.focusWidget() is bar.look
    click(bar.look)
    dialog = pane.program.window.dialog
    assert isinstance(dialog, CodeDialog)
    assert dialog.editor.toPlainText() == GOOD
    dialog.close()
    assert bar.isVisible()
    assert not is_trusted(GOOD)
    assert not started(link)
    assert bar.trust.text() == "Trust and start"
    click(bar.trust)
    assert not bar.isVisible()
    assert is_trusted(GOOD)
    assert started(link)


def test_start_leads_to_the_login_that_is_missing_though_it_was_put_away(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, server: int
) -> None:
    choose(pane.program.kinds, "login")
    click(pane.program.toggle)
    assert not pane.program.details.isVisible()
    pane.host.setFocus()
    actions = SocketActions(workbench, pane)
    actions.start_wanted.connect(pane.start)
    actions.start()  # as the toolbar and F5 do
    assert not started(link)
    wrong = pane.program.editor("users")
    assert wrong is not None
    assert wrong.isVisible()
    assert QApplication.focusWidget() is wrong
    assert wrong.accessibleDescription() in pane.errors.sentences


def test_a_refused_script_has_one_box_that_goes_when_it_is_trusted(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, from_file: int
) -> None:
    workbench.start(from_file)  # as by Start all, or a sequence
    link.news.append(events.SocketFailed(from_file, 0, not_trusted("server"), fatal=True))
    link.news.append(events.SocketChanged(from_file, State.FAILED))
    workbench.poll()
    assert pane._question is not None
    bar = pane._question.bar
    assert bar.isVisible()
    assert not pane.failure.sentences
    link.posted.clear()
    click(bar.trust)
    assert started(link)
    assert not bar.isVisible()
    assert not pane.failure.sentences


def test_who_leaves_a_refused_script_off_is_left_alone(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, from_file: int
) -> None:
    workbench.start(from_file)
    link.news.append(events.SocketFailed(from_file, 0, not_trusted("server"), fatal=True))
    link.news.append(events.SocketChanged(from_file, State.FAILED))
    workbench.poll()
    assert pane._question is not None
    click(pane._question.bar.leave)
    assert not pane._question.bar.isVisible()
    assert not pane.failure.sentences


def test_who_leaves_a_script_off_is_asked_again_when_it_is_to_start(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, from_file: int
) -> None:
    assert pane._question is not None
    bar = pane._question.bar
    click(bar.leave)
    assert not bar.isVisible()
    workbench.selection.clear()
    workbench.selection.choose_scope(Scope(from_file))
    assert not bar.isVisible()
    pane.start()
    assert bar.isVisible()
    assert not started(link)


def test_another_setting_of_the_socket_trusts_nothing(pane: SettingsPane, workbench: Workbench, from_file: int) -> None:
    workbench.edit_socket(from_file, replace(spec(workbench, from_file), port=9))
    workbench.start(from_file)
    assert not is_trusted(GOOD)


def test_what_is_written_here_is_trusted_when_it_starts_and_undone_too(
    script: CodeDialog, pane: SettingsPane, workbench: Workbench, link: FakeLink, server: int
) -> None:
    retype(script, GOOD)
    retype(script, GOOD + "x = 1\n")
    assert not is_trusted(GOOD + "x = 1\n")
    pane.start()
    assert is_trusted(GOOD + "x = 1\n")
    assert started(link)
    assert pane._question is None or not pane._question.bar.isVisible()


def is_foreign(pane: SettingsPane, workbench: Workbench, link: FakeLink, number: int) -> bool:
    """Whether GOOD is asked about, and neither started nor trusted."""
    assert spec(workbench, number).program.settings["source"] == GOOD
    workbench.selection.clear()
    workbench.selection.choose_scope(Scope(number))
    asked = pane._question is not None and pane._question.bar.isVisible()
    pane.start()
    return asked and not started(link) and not is_trusted(GOOD)


def test_another_kind_of_program_and_back_trusts_nothing(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, from_file: int
) -> None:
    choose(pane.program.kinds, "echo")
    choose(pane.program.kinds, "script")
    assert is_foreign(pane, workbench, link, from_file)
    workbench.start(from_file)  # and no other way of starting it trusts it
    assert not is_trusted(GOOD)


def test_a_letter_typed_and_deleted_trusts_nothing(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, from_file: int
) -> None:
    pane.program.open_cell("source")
    dialog = pane.program.window.dialog
    assert isinstance(dialog, CodeDialog)
    QTest.keyClick(dialog.editor, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(dialog.editor, "x")
    assert spec(workbench, from_file).program.settings["source"] == GOOD + "x"
    QTest.keyClick(dialog.editor, Qt.Key.Key_Backspace)
    dialog.close()
    assert is_foreign(pane, workbench, link, from_file)
    assert not is_trusted(GOOD + "x")


def test_undo_and_redo_and_a_copy_trust_nothing(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, from_file: int
) -> None:
    pane.program.open_cell("source")
    dialog = pane.program.window.dialog
    assert isinstance(dialog, CodeDialog)
    retype(dialog, GOOD + "x = 1\n")
    workbench.undo.undo()
    dialog.close()
    assert is_foreign(pane, workbench, link, from_file)
    workbench.undo.redo()
    assert workbench.scripts.trusts(GOOD + "x = 1\n")  # that was written here
    workbench.undo.undo()
    copy = workbench.duplicate(from_file)
    assert is_foreign(pane, workbench, link, copy)
    choose(pane.program.kinds, "echo")
    while spec(workbench, copy).program.kind != "script":  # choosing by keys passes other kinds
        workbench.undo.undo()
    assert is_foreign(pane, workbench, link, copy)


def test_a_script_is_not_written_here_by_being_looked_at(
    pane: SettingsPane, workbench: Workbench, link: FakeLink
) -> None:
    """The editor has line ends of its own."""
    foreign = GOOD.replace("\n", "\r\n")
    [number] = workbench.load([SocketSpec("server", program=Choice("script", {"source": foreign}))])
    workbench.selection.choose_scope(Scope(number))
    pane.program.open_cell("source")
    dialog = pane.program.window.dialog
    assert isinstance(dialog, CodeDialog)
    dialog.close()
    assert spec(workbench, number).program.settings["source"] == foreign
    pane.start()
    assert not started(link)
    assert not is_trusted(foreign)
    assert not is_trusted(GOOD)


def test_a_running_socket_takes_no_foreign_script_for_its_own(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, from_file: int
) -> None:
    choose(pane.program.kinds, "echo")
    workbench.start(from_file)
    run(workbench, link, from_file)
    choose(pane.program.kinds, "script")
    assert any(isinstance(one, commands.SetProgram) for one in link.posted)  # the engine refuses it
    assert not workbench.scripts.trusts(GOOD)
    assert not is_trusted(GOOD)


def test_trust_that_cannot_be_kept_is_told(
    pane: SettingsPane, workbench: Workbench, from_file: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path / "file"))
    told: list[Notice] = []
    workbench.noticed.connect(told.append)
    assert pane._question is not None
    bar = pane._question.bar
    click(bar.trust)
    assert told[0].text.startswith("That the script is trusted cannot be kept")
    assert bar.isVisible()


def test_a_hundred_wrong_cells_take_one_line_of_the_form(rules: RowsDialog, pane: SettingsPane) -> None:
    fill(rules, "never\ta\n" * 6)
    assert pane.errors.sentences == ["Match must be one of exact, hex, not 'never'. 5 more cells are wrong."]
    assert len(rules.editor.errors.sentences) == 4
    assert rules.editor.errors.sentences[-1].endswith(" 2 more cells are wrong, marked with ⚠.")


# -- room --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zoom", "width", "height"), [(2.0, 1024, 700), (3.0, 1366, 768)])
def test_no_program_needs_more_room_than_a_small_screen_has(
    pane: SettingsPane, server: int, theme: Theme, qtbot: QtBot, zoom: float, width: int, height: int
) -> None:
    while theme.zoom < zoom:
        theme.zoom_in()
    widths, dialogs = {}, {}
    for listed in registry.kinds():
        choose(pane.program.kinds, listed.name)
        QApplication.processEvents()
        widths[listed.name] = pane.minimumSizeHint().width()
        for field in listed.fields:
            if field.type in ("rows", "code"):
                click(pane.program.editor(field.name))
                dialog = pane.program.window.dialog
                assert dialog is not None
                dialogs[listed.name] = dialog.minimumSizeHint()
                dialog.close()
    assert {name for name in widths if widths[name] > widths["none"]} == set()
    wide = {name: size for name, size in dialogs.items() if size.width() > width or size.height() > height}
    assert not wide
    assert {"login", "command", "script"} <= dialogs.keys()
