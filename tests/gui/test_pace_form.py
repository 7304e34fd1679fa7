"""Make it happen: the controls of a socket's pace, alone and in the settings form."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core import commands, events
from explorer.core.endpoint import Endpoint
from explorer.core.pace import Pace
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import State
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.pace_form import HOW, PaceForm
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink
from tests.gui.test_settings_pane import retype, spec


@pytest.fixture
def form(qtbot: QtBot, theme: Theme) -> PaceForm:
    made = PaceForm(theme)
    qtbot.addWidget(made)
    made.resize(700, 120)
    made.show_pace(Pace(), "tcp")
    made.edited.connect(lambda pace: made.show_pace(pace, "tcp"))  # as a document that takes it does
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def edit(form: PaceForm, name: str) -> QLineEdit:
    found = form.editor(name)
    assert isinstance(found, QLineEdit)
    return found


def test_every_control_is_named_for_what_it_does_and_tab_reaches_it(form: PaceForm) -> None:
    names = [widget.accessibleName() for widget in form.widgets()]
    assert names == [
        "Cut sends, bytes a call", "Cut sends at random", "Pause after each send, ms", "Pause after each receive, ms",
    ]  # fmt: skip
    assert len(set(names)) == len(names)
    form.random.setEnabled(True)
    edit(form, "send_size").setFocus()
    seen = []
    for _ in form.widgets():
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert seen == form.widgets()
    assert all(widget.toolTip() for widget in form.widgets())


def test_numbers_and_a_tick_make_a_pace(qtbot: QtBot, form: PaceForm) -> None:
    told: list[Pace] = []
    form.edited.connect(told.append)
    assert not form.random.isEnabled()
    retype(edit(form, "send_size"), "7")
    form.random.setFocus()
    QTest.keyClick(form.random, Qt.Key.Key_Space)
    retype(edit(form, "receive_pause"), "100")
    assert told[-1] == Pace(7, True, 0, 100)
    assert form.sentences == [
        f"Now it sends 1 to 7 bytes a call, at random, waits 100 ms after each recv. {HOW}",
    ]
    retype(edit(form, "send_size"), "")
    assert told[-1] == Pace(0, True, 0, 100)
    assert not form.random.isEnabled()


def test_a_mistake_stands_beside_the_field_and_changes_nothing(form: PaceForm) -> None:
    told: list[Pace] = []
    form.edited.connect(told.append)
    pause = edit(form, "send_pause")
    retype(pause, "70000")
    assert told[-1] == Pace()  # digits before the wrong one were a pause, but nobody asked for it
    assert form.sentences == ["Pause after each send must be from 0 to 60,000 ms; 70,000 is not."]
    assert pause.property("wrong") is True
    assert pause.accessibleDescription() == form.sentences[0]
    QTest.keyClick(pause, Qt.Key.Key_Tab)
    assert pause.text() == "70000"
    form.errors.wanted.emit("send_pause")
    assert pause.hasFocus()
    retype(pause, "5")
    assert told[-1] == Pace(send_pause=5)
    assert not form.errors.isVisible()


def test_a_datagram_is_never_cut(form: PaceForm) -> None:
    form.show_pace(Pace(7, receive_pause=3), "udp")
    assert not edit(form, "send_size").isEnabled()
    assert not form.random.isEnabled()
    assert edit(form, "receive_pause").isEnabled()
    assert form.sentences == [f"Now it waits 3 ms after each recvfrom. A datagram is never cut. {HOW}"]


def test_mistakes_stay_with_their_socket(form: PaceForm) -> None:
    form.show_pace(Pace(), "tcp", 1)
    retype(edit(form, "send_size"), "x")
    form.show_pace(Pace(9), "tcp", 2)
    assert edit(form, "send_size").text() == "9"
    form.show_pace(Pace(), "tcp", 1)
    assert edit(form, "send_size").text() == "x"
    form.forget(1)
    form.show_pace(Pace(), "tcp", 1)
    assert edit(form, "send_size").text() == ""


def test_typing_in_one_field_is_one_step(form: PaceForm) -> None:
    steps: list[int] = []
    form.edited.connect(lambda pace: steps.append(form.step))
    retype(edit(form, "send_size"), "12")
    retype(edit(form, "send_pause"), "34")
    retype(edit(form, "send_size"), "56")
    groups = [steps[0], steps[2], steps[4]]
    assert steps == [groups[0]] * 2 + [groups[1]] * 2 + [groups[2]] * (len(steps) - 4)
    assert len(set(groups)) == 3


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> SettingsPane:
    made = SettingsPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(1000, 320)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def echo(workbench: Workbench, pane: SettingsPane) -> int:
    number = workbench.add_socket(SocketSpec("echo", port=9000))
    workbench.selection.choose_scope(Scope(number))
    return number


def field(pane: SettingsPane, name: str) -> QWidget:
    found = pane.field(f"pace.{name}")
    assert found is not None
    return found


def test_the_pace_counts_at_once_while_the_socket_runs(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, link: FakeLink, echo: int
) -> None:
    link.news.append(events.SocketChanged(echo, State.LISTEN, Endpoint("127.0.0.1", 9000)))
    workbench.poll()
    assert not pane.pace.isVisible()
    QTest.mouseClick(pane.slow, Qt.MouseButton.LeftButton)
    assert pane.pace.isVisible()
    retype(field(pane, "send_size"), "7")
    assert link.posted == [commands.SetPace(echo, Pace(7))]
    retype(field(pane, "receive_pause"), "100")
    assert link.posted[-1] == commands.SetPace(echo, Pace(7, receive_pause=100))
    assert spec(workbench, echo).pace == Pace(7, receive_pause=100)
    says = "sends at most 7 bytes a call, waits 100 ms after each recv"
    assert pane.header.status.text() == f"slowed · listening on 127.0.0.1:9000 · {says}"
    pane.resize(1400, 320)
    qtbot.waitUntil(lambda: pane.header.status.seen == pane.header.status.text())
    pane.resize(760, 320)  # less room: how it is slowed is left out, not where it listens
    qtbot.waitUntil(lambda: pane.header.status.seen == "slowed · listening on 127.0.0.1:9000")
    assert says in pane.header.status.text()
    pane.header.status.grab()
    assert says in pane.header.status.toolTip()
    assert pane.slow.text() == "Pace (slowed)…"
    workbench.undo.undo()
    assert spec(workbench, echo).pace == Pace(7)
    assert link.posted[-1] == commands.SetPace(echo, Pace(7))
    workbench.undo.undo()
    assert spec(workbench, echo).pace == Pace()
    assert pane.header.status.text() == "listening on 127.0.0.1:9000"
    assert pane.slow.text() == "Pace…"


def test_a_wrong_pace_stops_the_start_and_is_found(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    QTest.mouseClick(pane.slow, Qt.MouseButton.LeftButton)
    retype(field(pane, "send_pause"), "x")
    assert pane.start_problem == "Pause after each send must be a whole number; 'x' is not."
    assert pane.pace.sentences == [pane.start_problem]
    assert pane.start_problem not in pane.errors.sentences  # once is enough
    assert not pane.header.action.isEnabled()
    pane.fold(True)
    assert pane.errors.sentences == [pane.start_problem]  # what is wrong stays in sight
    pane.header.name.setFocus()
    pane.start()
    assert field(pane, "send_pause").hasFocus()
    other = workbench.add_socket(SocketSpec("other", port=9001))
    workbench.selection.choose_scope(Scope(other))
    assert pane.start_problem == ""
    workbench.selection.choose_scope(Scope(echo))
    field_text = field(pane, "send_pause")
    assert isinstance(field_text, QLineEdit)
    assert field_text.text() == "x"


def test_a_pace_that_is_changed_elsewhere_is_shown(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    workbench.edit_socket(echo, replace(spec(workbench, echo), pace=Pace(send_pause=5)))
    shown = field(pane, "send_pause")
    assert isinstance(shown, QLineEdit)
    assert shown.text() == "5"
    assert pane.header.status.text() == "slowed · not started · waits 5 ms after each send"
