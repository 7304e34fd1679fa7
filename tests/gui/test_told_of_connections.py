"""What is told of a connection that goes on stands in the settings and in the list, until it is read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import events
from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.states import State
from explorer.ui.models.log_model import Tone
from explorer.ui.models.socket_nodes import WARNING, Node
from explorer.ui.models.sockets_model import NODE, SocketsModel
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink

HERE = Endpoint("127.0.0.1", 9000)
LOOP = Failure("answer", "", "answers every answer", "Answers to 127.0.0.1:40001 are held back.", "Stop one program.")
LIMIT = Failure("answer", "", "more than 100 answers a second", "Answers are limited.", "Raise the limit.")


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
def server(workbench: Workbench, link: FakeLink, pane: SettingsPane, echo_server: int) -> int:
    """Two are connected."""
    for number in (1, 2):
        remote = Endpoint("127.0.0.1", 40000 + number)
        link.news.append(events.ConnectionOpened(echo_server, number, HERE, remote, accepted=True))
    workbench.poll()
    return echo_server


def tell(workbench: Workbench, link: FakeLink, *told: events.Event) -> None:
    link.news.extend(told)
    workbench.poll()


def failed(socket: int, connection: int, failure: Failure, record: int = -1) -> events.SocketFailed:
    return events.SocketFailed(socket, connection, failure, fatal=False, record=record)


def node(workbench: Workbench, scope: Scope) -> Node:
    model = SocketsModel(workbench)
    found = model.data(model.index_of(scope), NODE)
    assert isinstance(found, Node)
    return found


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_the_newest_stands_in_the_settings_until_it_is_read(
    workbench: Workbench, link: FakeLink, pane: SettingsPane, server: int
) -> None:
    assert node(workbench, Scope(server)).tone is Tone.GOOD
    tell(workbench, link, failed(server, 1, LOOP), failed(server, 2, LIMIT))
    assert pane.failure.sentences[0] == LIMIT.sentence
    marked = node(workbench, Scope(server))
    assert (marked.tone, marked.detail_tone) == (Tone.WARNING, Tone.WARNING)
    assert marked.detail.startswith(WARNING)
    assert LIMIT.sentence in marked.tip
    click(pane.failure._close)
    assert not pane.failure.sentences
    assert node(workbench, Scope(server)).tone is Tone.GOOD
    assert WARNING not in node(workbench, Scope(server)).detail
    tell(workbench, link, failed(server, 2, LIMIT))  # the same again is news
    assert pane.failure.sentences[0] == LIMIT.sentence


def test_of_a_chosen_connection_its_own_is_shown(
    workbench: Workbench, link: FakeLink, pane: SettingsPane, server: int
) -> None:
    tell(workbench, link, failed(server, 1, LOOP), failed(server, 2, LIMIT))
    workbench.selection.choose_scope(Scope(server, 1))
    assert pane.failure.sentences[0] == LOOP.sentence
    assert node(workbench, Scope(server, 1)).tone is Tone.WARNING
    click(pane.failure._close)
    assert not pane.failure.sentences
    assert node(workbench, Scope(server, 1)).tone is Tone.GOOD
    workbench.selection.choose_scope(Scope(server))
    assert pane.failure.sentences[0] == LIMIT.sentence  # that of the other is not read yet


def test_it_stays_when_its_connection_closes_and_goes_when_the_socket_starts_again(
    workbench: Workbench, link: FakeLink, pane: SettingsPane, server: int
) -> None:
    tell(workbench, link, failed(server, 1, LOOP), events.SocketChanged(server, State.CLOSED))
    assert pane.failure.sentences[0] == LOOP.sentence
    workbench.start(server)
    assert not pane.failure.sentences
    tell(workbench, link, events.SocketChanged(server, State.LISTEN, HERE))
    assert node(workbench, Scope(server)).tone is Tone.GOOD


def test_it_leads_to_its_call(
    workbench: Workbench, link: FakeLink, writer: Writer, pane: SettingsPane, server: int
) -> None:
    record = writer.add_detail(CallKind.note, server, 1, {"text": LOOP.means})
    tell(workbench, link, failed(server, 1, LOOP, record))
    click(pane.failure._show)
    assert workbench.selection.span is not None
    assert workbench.selection.span == Span.of_call(workbench.reader.call(record))


def test_why_a_socket_ended_comes_before_what_was_told_of_its_connections(
    workbench: Workbench, link: FakeLink, pane: SettingsPane, server: int
) -> None:
    end = Failure("accept()", "EMFILE", "Too many open files", "No more files.", "Close some.")
    tell(
        workbench,
        link,
        failed(server, 1, LOOP),
        events.SocketFailed(server, 0, end, fatal=True),
        events.SocketChanged(server, State.FAILED),
    )
    assert pane.failure.sentences[0] == end.sentence
    assert node(workbench, Scope(server)).tone is Tone.ERROR
