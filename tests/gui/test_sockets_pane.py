"""The sockets tree: what it shows of sockets and connections, and what its keys and menu do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import commands, events
from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import CloseReason, State
from explorer.core.tally import Tally
from explorer.ui.connection_book import CLOSED_KEPT
from explorer.ui.models.log_model import Tone
from explorer.ui.models.peers import SHOWN
from explorer.ui.models.socket_nodes import Node, Shape
from explorer.ui.models.sockets_model import NODE
from explorer.ui.panes.sockets_pane import SocketsPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.node_delegate import NodeDelegate
from explorer.ui.workbench import Workbench
from tests.fakes.untraced import untraced
from tests.gui.conftest import FakeLink

HERE = Endpoint("127.0.0.1", 9000)
IN_USE = Failure("bind", "EADDRINUSE", "Address already in use", "Port 9000 is taken.", "Choose another port.")


def peer(port: int) -> Endpoint:
    return Endpoint("127.0.0.1", port)


def opened(socket: int, connection: int, port: int = 50_000) -> events.ConnectionOpened:
    return events.ConnectionOpened(socket, connection, HERE, peer(port + connection), accepted=True)


def closed(socket: int, connection: int, reason: CloseReason) -> events.ConnectionClosed:
    return events.ConnectionClosed(socket, connection, reason, 0, 0, 0, 0)


@pytest.fixture
def pane(workbench: Workbench, theme: Theme, qtbot: QtBot) -> Iterator[SocketsPane]:
    made = SocketsPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(320, 500)
    made.show()
    qtbot.waitExposed(made)
    tester = QAbstractItemModelTester(made.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    tester.deleteLater()


@pytest.fixture
def echo(workbench: Workbench, pane: SocketsPane) -> int:
    return workbench.add_socket(SocketSpec("echo", "tcp", "server", "127.0.0.1", 9000))


def tell(workbench: Workbench, link: FakeLink, *news: events.Event) -> None:
    link.news.extend(news)
    while link.news:
        workbench.poll()


def in_sight(pane: SocketsPane, scope: Scope) -> bool:
    place = pane.tree.visualRect(pane.model.index_of(scope))
    return place.isValid() and pane.tree.viewport().rect().contains(place.adjusted(0, 2, 0, -2))  # its edge is empty


def test_what_is_chosen_elsewhere_is_in_sight(
    qtbot: QtBot, pane: SocketsPane, workbench: Workbench, link: FakeLink
) -> None:
    """As by Try it, in a long workspace."""
    numbers = [workbench.add_socket(SocketSpec(f"s{n}", "tcp", "client", "127.0.0.1", 4000 + n)) for n in range(30)]
    for number in numbers:
        tell(workbench, link, events.SocketChanged(number, State.ESTABLISHED, HERE), opened(number, number))
    echo = workbench.add_socket(SocketSpec("echo"))
    client = workbench.add_socket(SocketSpec("client", "tcp", "client", "127.0.0.1", 9000))
    assert not in_sight(pane, Scope(client))
    workbench.selection.choose_scope(Scope(client))
    qtbot.waitUntil(lambda: in_sight(pane, Scope(client)))
    tell(workbench, link, opened(client, 500), opened(echo, 501))
    qtbot.waitUntil(lambda: in_sight(pane, Scope(client, 500)))
    assert in_sight(pane, Scope(client))
    pane.resize(320, 250)  # a dock opens below it
    qtbot.waitUntil(lambda: pane.tree.viewport().height() <= 250 and in_sight(pane, Scope(client, 500)))
    assert in_sight(pane, Scope(client))
    pane.tree.scrollToTop()
    tell(workbench, link, opened(client, 502))
    QApplication.processEvents()
    assert pane.tree.verticalScrollBar().value() == 0  # who looks elsewhere is left alone


def node(model: QAbstractItemModel, index: QModelIndex) -> Node:
    found = model.data(index, NODE)
    assert isinstance(found, Node)
    return found


def children(pane: SocketsPane, socket: int) -> list[Node]:
    parent = pane.model.index_of(Scope(socket))
    return [node(pane.model, pane.model.index(row, 0, parent)) for row in range(pane.model.rowCount(parent))]


def socket_node(pane: SocketsPane, socket: int) -> Node:
    return node(pane.model, pane.model.index_of(Scope(socket)))


def test_an_empty_tree_says_what_will_appear(pane: SocketsPane, workbench: Workbench) -> None:
    assert pane._empty.isVisible()
    assert "appears here" in pane._empty.text()
    workbench.add_socket(SocketSpec("echo"))
    assert not pane._empty.isVisible()


def test_a_socket_shows_its_name_kind_and_state(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink
) -> None:
    before = socket_node(pane, echo)
    assert (before.title, before.kind, before.shape) == ("echo", "TCP server", Shape.RING)
    assert before.detail == "not running · 127.0.0.1:9000"
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE))
    after = socket_node(pane, echo)
    assert after.shape is Shape.FULL
    assert after.detail == "listening on 127.0.0.1:9000"
    assert pane.model.data(pane.model.index_of(Scope(echo))) == "echo, TCP server, open, listening on 127.0.0.1:9000"


def test_a_failed_socket_shows_the_sentence(pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink) -> None:
    tell(workbench, link, events.SocketFailed(echo, 0, IN_USE, fatal=True), events.SocketChanged(echo, State.FAILED))
    shown = socket_node(pane, echo)
    assert shown.shape is Shape.CROSS
    assert shown.detail == "failed: Port 9000 is taken. Choose another port."
    assert "bind failed: EADDRINUSE (Address already in use)" in shown.tip


def test_connections_come_change_and_go(pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink) -> None:
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE), opened(echo, 1), opened(echo, 2))
    assert [one.title for one in children(pane, echo)] == ["127.0.0.1:50001", "127.0.0.1:50002"]
    assert [one.kind for one in children(pane, echo)] == ["connected", "connected"]
    assert socket_node(pane, echo).detail.endswith("· 2 open")
    tell(workbench, link, events.ConnectionChanged(echo, 2, State.CLOSE_WAIT), closed(echo, 1, CloseReason.RESET))
    first, second = children(pane, echo)
    assert (first.kind, first.shape, first.grey) == ("closed (reset)", Shape.CROSS, True)
    assert (second.kind, second.shape, second.grey) == ("peer finished sending", Shape.HALF, False)


def test_amounts_and_rates_are_measured(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic() + 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    workbench.tally.make_room(1)
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE), opened(echo, 1))
    pane.model.measure()
    workbench.tally.add_received(1, 1_200_000)
    workbench.tally.add_sent(1, 300_000)
    now += 1.0
    pane.model.measure()
    assert children(pane, echo)[0].amount == "↓1.2 MB ↑300 kB"
    assert socket_node(pane, echo).amount == "↓600 kB/s ↑150 kB/s"  # half of the latest, half of before
    for _ in range(40):
        now += 0.5
        pane.model.measure()
    assert socket_node(pane, echo).amount == ""


def test_choosing_a_row_chooses_the_scope(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE), opened(echo, 7))
    tree = pane.tree
    for scope in (Scope(echo, 7), Scope(), Scope(echo)):
        place = tree.visualRect(pane.model.index_of(scope)).center()
        qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert workbench.selection.scope == scope


def test_a_scope_chosen_elsewhere_is_selected_here(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink
) -> None:
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE), opened(echo, 7))
    workbench.selection.choose_scope(Scope(echo, 7))
    assert pane.model.scope(pane.tree.currentIndex()) == Scope(echo, 7)


def test_keys_start_stop_rename_and_remove(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    with qtbot.waitSignal(pane.start_wanted) as heard:
        qtbot.keyClick(pane.tree, Qt.Key.Key_Space)
    assert heard.args == [echo]
    assert link.posted == []  # whether it can start, its settings know
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE))
    with qtbot.waitSignal(pane.stop_wanted) as heard:
        qtbot.keyClick(pane.tree, Qt.Key.Key_Space)
    assert heard.args == [echo]
    with qtbot.waitSignal(pane.stop_wanted):
        qtbot.keyClick(pane.tree, Qt.Key.Key_Return)
    qtbot.keyClick(pane.tree, Qt.Key.Key_F2)
    editor = pane.tree.findChild(QLineEdit)
    assert editor is not None
    assert editor.accessibleName() == "New name of the socket"
    qtbot.keyClicks(editor, "door")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: workbench.specs[0].name == "door")
    tell(workbench, link, events.SocketChanged(echo, State.CLOSED))
    qtbot.keyClick(pane.tree, Qt.Key.Key_Delete)
    assert workbench.sockets == []
    workbench.undo.undo()
    assert [entry.spec.name for entry in workbench.sockets] == ["door"]
    assert pane.model.rowCount() == 2


def test_a_double_click_and_the_menu_ask_to_start(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    place = pane.tree.visualRect(pane.model.index_of(Scope(echo))).center()
    qtbot.mouseClick(pane.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(pane.start_wanted) as heard:
        qtbot.mouseDClick(pane.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert heard.args == [echo]
    with qtbot.waitSignal(pane.start_wanted) as heard:
        trigger(pane, "Start")
    assert heard.args == [echo]
    assert link.posted == []


def test_space_on_everything_starts_and_stops_all(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    qtbot.keyClick(pane.tree, Qt.Key.Key_Space)
    assert isinstance(link.posted[-1], commands.Start)
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE))
    qtbot.keyClick(pane.tree, Qt.Key.Key_Space)
    assert link.posted[1:] == [commands.Stop(echo)]


def test_an_empty_new_name_is_no_name(pane: SocketsPane, echo: int, workbench: Workbench) -> None:
    assert not pane.model.setData(pane.model.index_of(Scope(echo)), "  ")
    assert workbench.specs[0].name == "echo"


def menu_texts(pane: SocketsPane) -> dict[str, bool]:
    menu = pane.make_menu()
    return {act.text().replace("&", "").split("\t")[0]: act.isEnabled() for act in menu.actions() if act.text()}


def trigger(pane: SocketsPane, text: str) -> None:
    menu = pane.make_menu()
    (action,) = [act for act in menu.actions() if act.text().replace("&", "").split("\t")[0] == text]
    action.trigger()


def test_the_menu_of_a_connection(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE), opened(echo, 7))
    workbench.selection.choose_scope(Scope(echo, 7))
    for text in ("Finish sending", "Close", "Reset"):
        trigger(pane, text)
    target = commands.Target(echo, 7)
    assert link.posted == [
        commands.EndConnection(target, "finish"),
        commands.EndConnection(target, "close"),
        commands.EndConnection(target, "reset"),
    ]
    with qtbot.waitSignal(pane.send_wanted) as heard:
        trigger(pane, "Send to this one only")
    assert heard.args == [commands.Target(echo, 7)]
    tell(workbench, link, closed(echo, 7, CloseReason.EOF))
    assert not menu_texts(pane)["Close"]


def test_the_menu_of_a_server_ends_all_connections(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink
) -> None:
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE))
    workbench.selection.choose_scope(Scope(echo))
    assert not menu_texts(pane)["Reset all connections"]
    tell(workbench, link, opened(echo, 1))
    trigger(pane, "Reset all connections")
    assert link.posted[-1] == commands.EndConnection(commands.Target(echo, None), "reset")
    trigger(pane, "Copy address")
    assert QApplication.clipboard().text() == "127.0.0.1:9000"


def test_ten_thousand_connections_are_cheap_and_reachable(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE))
    tell(workbench, link, *(opened(echo, number, 0) for number in range(1, 10_001)))
    qtbot.waitUntil(lambda: pane.model.open_count(echo) == 10_000)
    shown = children(pane, echo)
    assert len(shown) == SHOWN + 1
    assert shown[-2].title == "127.0.0.1:10000"
    assert shown[-1].title == "… 9,800 more connections"
    spent = []
    with untraced():
        for number in range(10_001, 10_006):
            begun = time.perf_counter()
            tell(workbench, link, opened(echo, number, 0))
            pane._on_calm()
            spent.append(time.perf_counter() - begun)
    assert min(spent) < 0.05
    # One that is not shown can be chosen all the same, and is shown then.
    workbench.selection.choose_scope(Scope(echo, 5))
    assert children(pane, echo)[0].title == "127.0.0.1:5"
    parent = pane.model.index_of(Scope(echo))
    more = pane.model.index(pane.model.rowCount(parent) - 1, 0, parent)
    assert pane.model.stands_for_more(more)
    pane.tree.setCurrentIndex(more)
    qtbot.keyClick(pane.tree, Qt.Key.Key_Return)
    assert len(children(pane, echo)) > SHOWN + 1000


def test_very_many_connections_that_close_at_once_are_closed_in_the_tree(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    """Most of them are forgotten before the tree has looked again."""
    total = 5 * CLOSED_KEPT
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE))
    workbench.tally.make_room(total)
    tell(workbench, link, *(opened(echo, number, 0) for number in range(1, total + 1)))
    qtbot.waitUntil(lambda: pane.model.open_count(echo) == total)
    for number in range(1, total + 1):
        workbench.tally.add_received(number, 10)
    tell(workbench, link, *(closed(echo, number, CloseReason.EOF) for number in range(1, total + 1)))
    qtbot.waitUntil(lambda: pane.model.open_count(echo) == 0)
    peers = pane.model._peers[echo]
    assert peers.count == total
    assert peers.totals(workbench.tally) == (10 * total, 0)
    shown = children(pane, echo)
    assert [one.kind for one in shown[:-1]] == ["closed (eof)"] * SHOWN
    assert shown[-2].title == f"127.0.0.1:{total}"
    for _ in range(3):
        pane.model.show_more(echo)
    shown = children(pane, echo)
    assert shown[-1].more == total - len(shown) + 1
    assert "in the capture" in shown[-1].tip


def test_closed_connections_make_room_for_open_ones(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink
) -> None:
    tell(workbench, link, events.SocketChanged(echo, State.LISTEN, HERE))
    total = CLOSED_KEPT + 500
    for number in range(1, total + 1):
        link.news.append(opened(echo, number, 0))
        if number != 3:
            link.news.append(closed(echo, number, CloseReason.EOF))
    tell(workbench, link)
    shown = children(pane, echo)
    assert shown[0].title == "127.0.0.1:3"
    assert shown[0].kind == "connected"
    assert shown[-1].more == total - SHOWN
    tell(workbench, link, events.SocketChanged(echo, State.CLOSED))
    workbench.start(echo)
    workbench.poll()
    assert children(pane, echo) == []


def test_every_connection_of_a_capture_from_disk_can_be_reached(theme: Theme, qtbot: QtBot, writer: Writer) -> None:
    total = 2 * CLOSED_KEPT + 1000
    writer.add_detail(CallKind.socket, 1, 0, {"name": "echo", "transport": "tcp", "role": "server"})
    for number in range(1, total + 1):
        detail = {"peer": f"127.0.0.1:{number}", "local": "127.0.0.1:9000"}
        writer.add_detail(CallKind.accept, 1, number, detail)
    viewer = Workbench(Reader.of(writer), None, Tally())
    try:
        pane = SocketsPane(viewer, theme)
        qtbot.addWidget(pane)
        tester = QAbstractItemModelTester(pane.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        parent = pane.model.index_of(Scope(1))
        assert children(pane, 1)[-1].title == f"… {total - SHOWN:,} more connections"
        while pane.model.stands_for_more(more := pane.model.index(pane.model.rowCount(parent) - 1, 0, parent)):
            pane.tree.setCurrentIndex(more)
            qtbot.keyClick(pane.tree, Qt.Key.Key_Return)
        assert [one.title for one in children(pane, 1)] == [f"127.0.0.1:{number}" for number in range(1, total + 1)]
        tester.deleteLater()
    finally:
        viewer.shut_down()


def test_a_removed_socket_comes_back_to_its_place(pane: SocketsPane, workbench: Workbench) -> None:
    names = ["one", "two", "three"]
    numbers = [workbench.add_socket(SocketSpec(name)) for name in names]
    workbench.remove_socket(numbers[1])
    workbench.undo.undo()
    assert [node(pane.model, pane.model.index(row, 0)).title for row in (1, 2, 3)] == names


def test_very_many_failures_in_a_frame_are_one_piece_of_news_to_the_tree(
    pane: SocketsPane, echo: int, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    news = QSignalSpy(pane.model.dataChanged)
    tell(workbench, link, *(events.SocketFailed(echo, 0, IN_USE, fatal=False) for _ in range(500)))
    qtbot.waitUntil(lambda: news.count() > 0)
    assert news.count() < 10


def test_a_capture_from_disk_offers_nothing_that_needs_an_engine(
    theme: Theme, qtbot: QtBot, workbench: Workbench
) -> None:
    viewer = Workbench(Reader(workbench.reader.folder), None, Tally())
    try:
        pane = SocketsPane(viewer, theme)
        qtbot.addWidget(pane)
        assert pane.make_menu().isEmpty()
        qtbot.keyClick(pane.tree, Qt.Key.Key_Space)
    finally:
        viewer.shut_down()


def test_an_amount_without_room_is_left_out(theme: Theme) -> None:
    delegate = NodeDelegate(theme)
    whole = Node(Shape.FULL, Tone.GOOD, "127.0.0.1:40519", amount="↓15 B ↑15 B")

    def painted(node: Node, width: int) -> QImage:
        image = QImage(400, 60, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        delegate._paint_line(painter, node, QRect(40, 10, width, 40))
        painter.end()
        return image

    narrow = delegate._metrics.horizontalAdvance(whole.amount) + 20
    assert painted(whole, narrow) == painted(replace(whole, amount=""), narrow)
    assert painted(whole, 340) != painted(replace(whole, amount=""), 340)
    assert painted(whole, narrow).copy(0, 0, 40, 60) == painted(Node(Shape.NONE, Tone.TEXT, ""), 1).copy(0, 0, 40, 60)
