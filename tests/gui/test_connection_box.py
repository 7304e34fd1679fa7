"""The list of connections above the framing bench and the chunk ruler: the same rules in both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import events
from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.ui.models import connection_choice
from explorer.ui.models.connection_choice import NEWEST, ConnectionChoice
from explorer.ui.panes.framing_bench_pane import FramingBenchPane
from explorer.ui.panes.ruler_pane import RulerPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.connection_box import ConnectionBox
from explorer.ui.workbench import Workbench
from tests.capture.making import accepted, traffic
from tests.gui.conftest import FakeLink

HERE = Endpoint("127.0.0.1", 9000)
LINES = Choice("line", {"ending": "lf"})

Open = Callable[[int, int], None]


@pytest.fixture
def opened(workbench: Workbench, writer: Writer, link: FakeLink) -> Open:
    """Opens a connection of a socket, on which a line is received."""

    def made(socket: int, connection: int) -> None:
        peer = Endpoint("127.0.0.1", 50_000 + connection)
        accepted(writer, connection, str(peer), str(HERE), socket)
        link.news.append(events.ConnectionOpened(socket, connection, HERE, peer, accepted=True))
        traffic(writer, CallKind.recv, b"of %d\n" % connection, connection, socket)
        workbench.poll()

    return made


@pytest.fixture
def server(workbench: Workbench, opened: Open) -> int:
    """With connections 1, 2 and 3."""
    number = workbench.add_socket(SocketSpec("echo", port=9000, framing=LINES))
    for connection in (1, 2, 3):
        opened(number, connection)
    return number


@pytest.fixture(params=[RulerPane, FramingBenchPane])
def pane(
    request: pytest.FixtureRequest, workbench: Workbench, theme: Theme, server: int, qtbot: QtBot
) -> RulerPane | FramingBenchPane:
    made = request.param(workbench, theme)
    assert isinstance(made, RulerPane | FramingBenchPane)
    qtbot.addWidget(made)
    made.resize(1200, 400)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def box(pane: QWidget) -> ConnectionBox:
    found = pane.findChildren(ConnectionBox)
    assert len(found) == 1
    return found[0]


def texts(box: ConnectionBox) -> list[str]:
    return [box.itemText(place) for place in range(box.count())]


def looked_at(pane: RulerPane | FramingBenchPane) -> int:
    """The connection whose bytes are shown."""
    if isinstance(pane, RulerPane):
        return pane.source.numbers[0]
    source = pane.columns[0].source
    return source.flow.connection if source is not None else NEWEST


def test_a_connection_is_picked(pane: RulerPane, box: ConnectionBox, workbench: Workbench, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: texts(box)[1:] == ["127.0.0.1:50003", "127.0.0.1:50002", "127.0.0.1:50001"])
    assert box.currentText() == "newest: 127.0.0.1:50003"
    assert looked_at(pane) == 3
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_End)
    assert looked_at(pane) == 1
    assert workbench.selection.scope.connection is None
    qtbot.keyClick(box, Qt.Key.Key_Home)
    assert looked_at(pane) == 3


def test_where_the_window_is_about_one_connection_it_goes_along(
    pane: RulerPane, box: ConnectionBox, workbench: Workbench, server: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(server, 1))
    qtbot.waitUntil(lambda: looked_at(pane) == 1)
    assert texts(box) == ["127.0.0.1:50003", "127.0.0.1:50002", "127.0.0.1:50001"]
    assert box.currentText() == "127.0.0.1:50001"
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    assert workbench.selection.scope == Scope(server, 3)
    assert looked_at(pane) == 3
    assert box.currentText() == "127.0.0.1:50003"
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert (workbench.selection.scope, looked_at(pane)) == (Scope(server, 2), 2)
    workbench.selection.choose_scope(Scope(server))
    qtbot.waitUntil(lambda: looked_at(pane) == 3)
    assert box.currentText() == "newest: 127.0.0.1:50003"


def test_a_socket_that_is_renamed_is_listed_by_its_new_name(
    box: ConnectionBox, workbench: Workbench, server: int, opened: Open, qtbot: QtBot
) -> None:
    other = workbench.add_socket(SocketSpec("other", port=9001))
    opened(other, 4)
    workbench.selection.choose_scope(Scope())
    qtbot.waitUntil(lambda: texts(box)[:2] == ["newest: other · 127.0.0.1:50004", "other · 127.0.0.1:50004"])
    assert texts(box)[-1] == "echo · 127.0.0.1:50001"
    entry = workbench.socket(server)
    assert entry is not None
    workbench.edit_socket(server, replace(entry.spec, name="renamed"))
    qtbot.waitUntil(lambda: texts(box)[-1] == "renamed · 127.0.0.1:50001")


def test_of_very_many_connections_the_newest_are_offered(
    box: ConnectionBox, server: int, opened: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_choice.newest_of, "__defaults__", (3,))
    opened(server, 4)
    qtbot.waitUntil(lambda: texts(box)[-1] == "and 1 more; choose one in Sockets")
    assert texts(box)[1:-1] == ["127.0.0.1:50004", "127.0.0.1:50003", "127.0.0.1:50002"]
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_End)
    assert box.currentText() == "127.0.0.1:50002"  # the last only says something


def test_the_newest_that_is_held_stays_while_others_open(
    workbench: Workbench, server: int, opened: Open, qtbot: QtBot
) -> None:
    choice = ConnectionChoice(workbench)
    found = choice.look()
    assert (found.shown and found.shown.number, found.chosen) == (3, NEWEST)
    choice.holding = True
    opened(server, 4)
    found = choice.look()
    assert (found.shown and found.shown.number, found.chosen) == (3, 3)
    choice.pick(NEWEST)
    opened(server, 5)
    assert choice.look().shown is workbench.connection(5)
    opened(server, 6)
    assert choice.look().shown is workbench.connection(5)
    choice.holding = False
    found = choice.look()
    assert (found.shown and found.shown.number, found.chosen) == (6, NEWEST)
    choice.pick(2)
    choice.forget()
    assert choice.look().chosen == NEWEST
