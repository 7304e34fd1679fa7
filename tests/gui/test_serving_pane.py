"""The Serving dock: who is served, by what, who waits, and how it is selected; the calls say who made them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import events
from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.ui.models.serving_model import CLIENT, FOR, RECEIVED, WHAT, WORKER
from explorer.ui.panes.calls_pane import CallsPane
from explorer.ui.panes.serving_pane import ServingPane
from explorer.ui.serving_scene import Client, ServingScene, duration
from explorer.ui.theme import Theme
from explorer.ui.widgets.serving_picture import ServingPicture
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink

LOCAL = Endpoint("127.0.0.1", 9000)
BY = 2  # the column of the calls


def peer(port: int) -> Endpoint:
    return Endpoint("127.0.0.1", port)


@pytest.fixture
def number(workbench: Workbench, link: FakeLink, writer: Writer) -> int:
    """A server that serves one client at a time, chosen, nobody connected."""
    number = workbench.add_socket(SocketSpec("echo", port=9000, serving=Choice("iterative")))
    workbench.selection.choose_scope(Scope(number))
    writer.add_detail(CallKind.socket, number, 0, {"name": "echo", "transport": "tcp", "role": "server"})
    writer.add_detail(CallKind.listen, number, 0, {"backlog": 5})
    link.news.append(events.SocketChanged(number, State.LISTEN, LOCAL))
    workbench.poll()
    return number


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> ServingPane:
    made = ServingPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def accept(writer: Writer, link: FakeLink, socket: int, connection: int, worker: str = "thread server") -> None:
    remote = peer(50_000 + connection)
    writer.add_detail(CallKind.accept, socket, connection, {"peer": str(remote), "local": str(LOCAL)})
    writer.add_detail(CallKind.worker, socket, connection, {"worker": worker, "kind": "thread", "id": 4711})
    link.news.append(events.ConnectionOpened(socket, connection, LOCAL, remote, accepted=True))


def queue(link: FakeLink, socket: int, waiting: int | None, *clients: events.WaitingClient) -> None:
    link.news.append(events.QueueSampled(socket, waiting, None if waiting is None else 5, clients))


def text(pane: ServingPane, row: int, column: int) -> str:
    return str(pane.model.index(row, column).data())


def test_it_says_what_it_is_for_before_a_server_runs(pane: ServingPane) -> None:
    assert "running TCP server" in pane.empty.text()
    assert pane.stack.currentWidget() is pane.empty


def test_who_is_served_and_who_waits(
    pane: ServingPane, workbench: Workbench, link: FakeLink, writer: Writer, number: int, qtbot: QtBot
) -> None:
    accept(writer, link, number, 1)
    workbench.tally.make_room(1)
    workbench.tally.add_received(1, 12)
    waiting = [events.WaitingClient(peer(60_000 + place), 0, connecting=place >= 6) for place in range(8)]
    queue(link, number, 6, *waiting)
    qtbot.waitUntil(lambda: pane.model.rowCount() == 9 and text(pane, 0, WORKER) == "thread server")
    assert text(pane, 0, CLIENT) == "127.0.0.1:50001"
    assert text(pane, 0, WHAT) == "served"
    assert text(pane, 0, RECEIVED) == "12"
    assert text(pane, 0, FOR).endswith(" s")
    assert text(pane, 1, WHAT) == "waits in the accept queue"
    assert text(pane, 8, WHAT) == "still connecting"
    assert text(pane, 8, RECEIVED) == ""
    said = pane.sentence.text()
    assert "Iterative" in said
    assert "1 client served" in said
    assert "6 clients wait in the accept queue (6 of 5)" in said
    assert "2 more cannot even connect" in said
    qtbot.waitUntil(lambda: [len(boxes) for _, _, boxes in pane.picture.lanes()] == [2, 6, 1])  # it grew by a row
    headings = [heading for heading, _, _ in pane.picture.lanes()]
    assert headings == ["Still connecting", "Accept queue 6 of 5", "Being served"]
    assert pane.picture.accessibleDescription() in said


def test_where_the_system_does_not_tell_nothing_is_made_up(
    pane: ServingPane, link: FakeLink, writer: Writer, number: int, qtbot: QtBot
) -> None:
    accept(writer, link, number, 1)
    queue(link, number, None)
    qtbot.waitUntil(lambda: pane.model.rowCount() == 1)
    assert "does not tell how many clients wait" in pane.sentence.text()
    assert pane.picture.lanes()[0][0] == "Accept queue not told here"
    assert pane.picture.lanes()[0][2] == []


def test_a_client_that_is_gone_is_gone_here(
    pane: ServingPane, link: FakeLink, writer: Writer, number: int, qtbot: QtBot
) -> None:
    accept(writer, link, number, 1)
    accept(writer, link, number, 2, "thread client-2")
    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    link.news.append(events.ConnectionClosed(number, 1, CloseReason.EOF, 0, 0, 0, 0))
    qtbot.waitUntil(lambda: pane.model.rowCount() == 1)
    assert text(pane, 0, CLIENT) == "127.0.0.1:50002"
    link.news.append(events.SocketChanged(number, State.CLOSED))
    qtbot.waitUntil(lambda: pane.stack.currentWidget() is pane.empty)


def test_choosing_a_client_chooses_its_connection_everywhere(
    pane: ServingPane, workbench: Workbench, link: FakeLink, writer: Writer, number: int, qtbot: QtBot
) -> None:
    accept(writer, link, number, 1)
    accept(writer, link, number, 2)
    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    _, _, boxes = pane.picture.lanes()[-1]
    qtbot.mouseClick(pane.picture, Qt.MouseButton.LeftButton, pos=boxes[1].rect.center())
    assert workbench.selection.scope == Scope(number, 2)
    assert pane.table.currentIndex().row() == 1
    pane.focus_first()
    qtbot.keyClick(pane.table, Qt.Key.Key_Up)
    assert workbench.selection.scope == Scope(number, 1)


def test_the_keyboard_alone_chooses_nothing(
    pane: ServingPane, workbench: Workbench, link: FakeLink, writer: Writer, number: int, qtbot: QtBot
) -> None:
    accept(writer, link, number, 1)
    accept(writer, link, number, 2)
    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    with qtbot.waitActive(pane):
        pane.activateWindow()
    pane.focus_first()
    qtbot.waitUntil(pane.table.hasFocus)
    pane.look()
    assert workbench.selection.scope == Scope(number)
    assert not pane.table.selectionModel().selectedRows()
    qtbot.keyClick(pane.table, Qt.Key.Key_Down)
    assert workbench.selection.scope == Scope(number, pane.model.client(pane.table.currentIndex().row()).connection)  # type: ignore[union-attr]
    link.news.append(events.ConnectionClosed(number, 1, CloseReason.EOF, 0, 0, 0, 0))
    workbench.selection.choose_scope(Scope(number))
    qtbot.waitUntil(lambda: pane.model.rowCount() == 1)
    assert workbench.selection.scope == Scope(number)


def test_a_row_that_was_chosen_before_can_be_chosen_again(
    pane: ServingPane, workbench: Workbench, link: FakeLink, writer: Writer, number: int, qtbot: QtBot
) -> None:
    accept(writer, link, number, 1)
    qtbot.waitUntil(lambda: pane.model.rowCount() == 1)
    where = pane.table.visualRect(pane.model.index(0, 0)).center()
    for _ in range(2):
        qtbot.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
        assert workbench.selection.scope == Scope(number, 1)
        workbench.selection.choose_scope(Scope(number))
        assert not pane.table.selectionModel().selectedRows()
        assert not pane.table.currentIndex().isValid()


def test_a_client_that_waits_stays_selected_and_chooses_nothing(
    pane: ServingPane, workbench: Workbench, link: FakeLink, writer: Writer, number: int, qtbot: QtBot
) -> None:
    accept(writer, link, number, 1)
    queue(link, number, 1, events.WaitingClient(peer(60_000), 0, connecting=False))
    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    workbench.selection.choose_scope(Scope(number, 1))
    pane.focus_first()
    qtbot.keyClick(pane.table, Qt.Key.Key_Down)
    pane.look()
    assert [index.row() for index in pane.table.selectionModel().selectedRows()] == [1]
    assert workbench.selection.scope == Scope(number, 1)


def test_a_click_on_nobody_chooses_nothing(
    pane: ServingPane, workbench: Workbench, link: FakeLink, writer: Writer, number: int, qtbot: QtBot
) -> None:
    accept(writer, link, number, 1)
    queue(link, number, 1, events.WaitingClient(peer(60_000), 0, connecting=False))
    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    _, _, boxes = pane.picture.lanes()[0]
    for box in boxes:
        qtbot.mouseClick(pane.picture, Qt.MouseButton.LeftButton, pos=box.rect.center())
    assert workbench.selection.scope == Scope(number)


def test_what_does_not_fit_is_counted(qtbot: QtBot, theme: Theme) -> None:
    picture = ServingPicture(theme)
    qtbot.addWidget(picture)
    many = tuple(Client("served", f"127.0.0.1:{50_000 + place}", place, "engine", 1.0) for place in range(1, 3001))
    picture.show_scene(ServingScene("selectors", many), 0)
    picture.resize(600, picture.sizeHint().height())
    _, lane, boxes = picture.lanes()[-1]
    assert all(lane.contains(box.rect) for box in boxes)
    shown = sum(box.client is not None for box in boxes)
    assert boxes[-1].words == f"and {3000 - shown:,} more"


@pytest.mark.parametrize(
    ("waiting", "room", "words"),
    [
        (0, 128, "and {} more free"),
        (3, 128, "and {} more free"),
        (40, 128, "and {} more"),
        (129, 128, "and {} more"),
        (129, None, "and {} more"),
    ],
)
def test_all_places_of_a_long_queue_are_counted(
    qtbot: QtBot, theme: Theme, waiting: int, room: int | None, words: str
) -> None:
    picture = ServingPicture(theme)
    qtbot.addWidget(picture)
    queued = tuple(Client("queued", f"127.0.0.1:{50_000 + place}") for place in range(min(waiting, 3)))
    picture.show_scene(ServingScene("iterative", queued=queued, waiting=waiting, room=room), 0)
    picture.resize(1400, picture.sizeHint().height())
    _, _, boxes = picture.lanes()[0]
    assert boxes[-1].client is None
    assert boxes[-1].words == words.format(max(waiting, room or 0) - len(boxes) + 1)
    assert not any(box.words for box in boxes[:-1])


def test_a_short_queue_has_every_place_drawn(qtbot: QtBot, theme: Theme) -> None:
    picture = ServingPicture(theme)
    qtbot.addWidget(picture)
    picture.show_scene(ServingScene("iterative", queued=(Client("queued", "a:1"),), waiting=1, room=4), 0)
    picture.resize(3000, picture.sizeHint().height())
    assert [box.words for box in picture.lanes()[0][2]] == ["", "", "", ""]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (12, "12 s"), (185, "3 min 5 s"), (7_440, "2 h 4 min")],
)
def test_how_long_is_said_for_people(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_paused_server_says_why() -> None:
    scene = ServingScene("thread", (Client("served", "a:1", 1),), waiting=1, room=5, paused="All 2 threads are busy.")
    assert scene.sentence.endswith("1 client waits in the accept queue (1 of 5). All 2 threads are busy.")
    scene = replace(scene, waiting=0)
    assert scene.sentence == "1 client served. Each has a thread of its own. All 2 threads are busy."


def test_the_calls_say_who_made_them_once_that_differs(
    workbench: Workbench, link: FakeLink, writer: Writer, number: int, theme: Theme, qtbot: QtBot
) -> None:
    calls = CallsPane(workbench, theme)
    qtbot.addWidget(calls)
    with qtbot.waitExposed(calls):
        calls.show()
    qtbot.waitUntil(lambda: calls.table.model().rowCount() == 2)
    assert calls.table.isColumnHidden(BY)
    accept(writer, link, number, 1, "thread client-1")
    writer.add(CallKind.recv, number, 1, asked=100)
    qtbot.waitUntil(lambda: calls.table.model().rowCount() == 5)
    qtbot.waitUntil(lambda: not calls.table.isColumnHidden(BY))
    assert calls.model.index(0, BY).data() == "engine"
    assert calls.model.index(4, BY).data() == "thread client-1"


def test_a_note_is_read_in_the_row(
    workbench: Workbench, writer: Writer, number: int, theme: Theme, qtbot: QtBot
) -> None:
    calls = CallsPane(workbench, theme)
    qtbot.addWidget(calls)
    calls.resize(700, 300)
    with qtbot.waitExposed(calls):
        calls.show()
    text = "The answers stopped: this socket and the other one would answer each other for ever. Stop one of them."
    writer.add_detail(CallKind.note, number, 0, {"text": text})
    qtbot.waitUntil(lambda: calls.table.model().rowCount() == 3)
    row = calls.model.row(2)
    assert row is not None
    assert row.cells[BY + 1] == f"• {text}"
    image = calls.table.viewport().grab().toImage()
    behind = calls.table.columnViewportPosition(BY + 2), calls.table.columnViewportPosition(BY + 4)
    rect = calls.table.visualRect(calls.model.index(2, BY + 1))
    top, height = rect.top(), rect.height()
    ground = image.pixelColor(behind[0], top + 1)
    painted = [
        x for x in range(behind[0], min(behind[1], image.width()))
        if any(image.pixelColor(x, y) != ground for y in range(top, top + height - 1))
    ]  # fmt: skip
    assert len(painted) > (behind[1] - behind[0]) // 4, "the text ends with its cell"
