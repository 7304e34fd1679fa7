"""The script in the Python dock: where it is scrolled to."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core.socket_spec import SocketSpec
from explorer.ui.panes.python_pane import PythonPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.python_view import PythonView
from explorer.ui.workbench import Workbench

SCRIPT = "\n".join(f"line_{number} = {'x' * 300}" for number in range(200))


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> PythonView:
    made = PythonView("Script", theme)
    qtbot.addWidget(made)
    made.resize(400, 200)
    with qtbot.waitExposed(made):
        made.show()
    made.show_text(SCRIPT)
    return made


def scroll_away(view: PythonView) -> None:
    view.moveCursor(QTextCursor.MoveOperation.End)
    assert view.verticalScrollBar().value() > 0
    assert view.horizontalScrollBar().value() > 0


def test_a_line_is_marked_at_its_beginning(view: PythonView) -> None:
    scroll_away(view)
    view.mark_call(90)
    assert view.horizontalScrollBar().value() == 0
    assert view.firstVisibleBlock().blockNumber() + 1 <= 90


def test_another_script_is_read_from_its_top(view: PythonView) -> None:
    view.mark_call(150)
    scroll_away(view)
    view.go_to_top()
    assert (view.verticalScrollBar().value(), view.horizontalScrollBar().value()) == (0, 0)
    assert view.textCursor().position() == 0
    assert view.call_line == 0


def test_the_pane_goes_to_the_top_for_another_socket_alone(qtbot: QtBot, workbench: Workbench, theme: Theme) -> None:
    one, other = workbench.add_socket(SocketSpec("one")), workbench.add_socket(SocketSpec("other"))
    workbench.selection.choose_scope(Scope(one))
    pane = PythonPane(workbench, theme)
    qtbot.addWidget(pane)
    pane.resize(300, 260)
    with qtbot.waitExposed(pane):
        pane.show()
    pane.text.moveCursor(QTextCursor.MoveOperation.End)
    down = pane.text.verticalScrollBar()
    assert down.value() > 0
    workbench.edit_socket(one, SocketSpec("one", port=9555))
    assert "9555" in pane.text.toPlainText()
    assert down.value() > 0
    workbench.selection.choose_scope(Scope(other))
    assert down.value() == 0
    assert pane.text.horizontalScrollBar().value() == 0
    pane.runner.shut_down()
