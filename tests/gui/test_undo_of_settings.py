"""What one Undo takes back of a socket's settings, and what it is called."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core import events
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui.dialogs.code_dialog import CodeDialog
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.undo import change_text
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink

GOOD = "def on_message(connection, message):\n    return message\n"
SPEC = SocketSpec("server 3", program=Choice("script", {"source": GOOD}), framing=Choice("line"))


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
    number = workbench.add_socket(SPEC)
    workbench.scripts.wrote(GOOD)
    workbench.selection.choose_scope(Scope(number))
    return number


@pytest.fixture
def dialog(pane: SettingsPane, server: int, qtbot: QtBot) -> CodeDialog:
    pane.program.open_cell("source")
    made = pane.program.window.dialog
    assert isinstance(made, CodeDialog)
    qtbot.waitUntil(made.isActiveWindow)
    made.editor.go_to_line(2)
    QTest.keyClick(made.editor, Qt.Key.Key_Return)
    return made


def source(workbench: Workbench, number: int) -> str:
    entry = workbench.socket(number)
    assert entry is not None
    return str(entry.spec.program.settings["source"])


def put(workbench: Workbench, link: FakeLink, number: int, state: State) -> None:
    link.news.append(events.SocketChanged(number, state))
    workbench.poll()


def apply(dialog: CodeDialog, text: str) -> None:
    QTest.keyClicks(dialog.editor, text)
    QTest.keyClick(dialog.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_each_start_and_each_apply_ends_the_step(
    dialog: CodeDialog, workbench: Workbench, link: FakeLink, server: int
) -> None:
    QTest.keyClicks(dialog.editor, "# one")
    one = source(workbench, server)
    assert one.rstrip().endswith("# one")
    workbench.start(server)
    put(workbench, link, server, State.LISTEN)
    apply(dialog, " two")
    two = source(workbench, server)
    apply(dialog, " three")
    three = source(workbench, server)
    assert (two.rstrip().endswith("# one two"), three.rstrip().endswith("# one two three")) == (True, True)
    assert workbench.undo.undoText() == "change script of server 3"
    workbench.undo.undo()
    assert source(workbench, server) == two
    workbench.undo.undo()
    assert source(workbench, server) == one
    workbench.undo.undo()
    assert source(workbench, server).rstrip() == GOOD.rstrip()


def test_what_is_applied_after_a_stop_is_a_step_too(
    dialog: CodeDialog, workbench: Workbench, link: FakeLink, server: int
) -> None:
    workbench.start(server)
    put(workbench, link, server, State.LISTEN)
    QTest.keyClicks(dialog.editor, "# held")
    put(workbench, link, server, State.CLOSED)
    dialog.apply.click()
    held = source(workbench, server)
    QTest.keyClicks(dialog.editor, " more")
    assert source(workbench, server) != held
    workbench.undo.undo()
    assert source(workbench, server) == held


@pytest.mark.parametrize(
    ("after", "text"),
    [
        ({"port": 9}, "change port of server 3"),
        ({"buffer_size": 9}, "change buffer size of server 3"),
        ({"serving": Choice("thread")}, "change way of serving of server 3"),
        ({"program": Choice("echo")}, "change program of server 3"),
        ({"program": Choice("script", {"source": "x = 1"})}, "change script of server 3"),
        ({"program": Choice("script", {"source": GOOD, "time_limit": 9})}, "change time limit (program) of server 3"),
        ({"program": Choice("script", {"time_limit": 9})}, "change settings of the program of server 3"),
        ({"framing": Choice("line", {"end": "crlf"})}, "change end (framing) of server 3"),
        ({"host": "::1", "port": 9}, "change server 3"),
    ],
)
def test_the_name_of_a_step_tells_the_setting(after: dict[str, object], text: str) -> None:
    assert change_text(SPEC, dataclasses.replace(SPEC, **after)) == text  # type: ignore[arg-type]
