"""The Chat and Log docks: bubbles and lines of a log, made of the messages of what is chosen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import commands, events
from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.ui.models.chat_choice import ChatChoice
from explorer.ui.models.chat_model import TEXT, WAY, WHO
from explorer.ui.panes import chat_pane, log_view_pane
from explorer.ui.panes.chat_pane import ChatPane
from explorer.ui.panes.log_view_pane import LogViewPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.fakes.untraced import untraced
from tests.gui.byte_captures import RECEIVED, SENT, put
from tests.gui.conftest import FakeLink, set_framing

LINES = Choice("line", {"ending": "lf"})
PEERS = ("127.0.0.1:51514", "127.0.0.1:51515")


@pytest.fixture
def room(workbench: Workbench, writer: Writer, link: FakeLink) -> int:
    """A running server with two clients, chosen."""
    number = workbench.add_socket(SocketSpec("room", port=9000, framing=LINES))
    writer.add_detail(
        CallKind.socket, number, 0,
        {"name": "room", "transport": "tcp", "role": "server", "framing": {"kind": "line", "ending": "lf"}},
    )  # fmt: skip
    here = Endpoint("127.0.0.1", 9000)
    workbench.start(number)
    link.news.append(events.SocketChanged(number, State.LISTEN, here))
    for connection, peer in enumerate(PEERS, 1):
        writer.add_detail(CallKind.accept, number, connection, {"peer": peer, "local": str(here)})
        link.news.append(events.ConnectionOpened(number, connection, here, Endpoint.parse(peer), accepted=True))
    workbench.poll()
    workbench.selection.choose_scope(Scope(number))
    link.posted.clear()
    return number


def shown(qtbot: QtBot, pane: QWidget) -> None:
    qtbot.addWidget(pane)
    pane.resize(700, 420)
    with qtbot.waitExposed(pane):
        pane.show()


@pytest.fixture
def chat(qtbot: QtBot, workbench: Workbench, theme: Theme) -> ChatPane:
    made = ChatPane(workbench, theme)
    shown(qtbot, made)
    return made


@pytest.fixture
def log(qtbot: QtBot, workbench: Workbench, theme: Theme) -> LogViewPane:
    made = LogViewPane(workbench, theme)
    shown(qtbot, made)
    return made


def rows(pane: ChatPane | LogViewPane) -> list[tuple[str, ...]]:
    return [row.cells for row in pane.model.rows(0, pane.model.rowCount())]


def wait_for(qtbot: QtBot, pane: ChatPane | LogViewPane, count: int) -> None:
    def there() -> bool:
        pane._workbench.poll()
        return pane.model.rowCount() == count

    qtbot.waitUntil(there, timeout=8000)


# -- chat ----------------------------------------------------------------------------------------------


def test_a_conversation_is_shown_with_names_and_sides(qtbot: QtBot, chat: ChatPane, writer: Writer, room: int) -> None:
    put(writer, RECEIVED, b"Hello\nWho is", room, 1)
    put(writer, RECEIVED, b" there?\n", room, 1)
    put(writer, SENT, "Zoë\n".encode(), room, 2)
    wait_for(qtbot, chat, 3)
    assert [(cells[WHO], cells[WAY], cells[TEXT]) for cells in rows(chat)] == [
        (PEERS[0], "← received by room", "Hello"),
        (PEERS[0], "← received by room", "Who is there?"),
        ("room", f"→ sent to {PEERS[1]}", "Zoë"),
    ]
    index = chat.model.index
    left, right = chat.table.visualRect(index(0, 0)), chat.table.visualRect(index(2, 0))
    middle = chat.table.viewport().width() // 2
    assert left.left() < 30
    assert left.right() < middle
    assert right.left() > middle
    assert right.top() > left.bottom()


def test_a_connection_shows_its_own_messages(
    qtbot: QtBot, chat: ChatPane, writer: Writer, room: int, workbench: Workbench
) -> None:
    put(writer, RECEIVED, b"one\n", room, 1)
    put(writer, RECEIVED, b"two\n", room, 2)
    wait_for(qtbot, chat, 2)
    workbench.selection.choose_scope(Scope(room, 2))
    wait_for(qtbot, chat, 1)
    assert rows(chat)[0][TEXT] == "two"


def test_clicking_a_bubble_selects_its_bytes_and_the_other_way_round(
    qtbot: QtBot, chat: ChatPane, writer: Writer, room: int, workbench: Workbench
) -> None:
    first = put(writer, RECEIVED, b"Hello\n", room, 1)
    second = put(writer, SENT, b"Hi\n", room, 1)
    wait_for(qtbot, chat, 2)
    where = chat.table.visualRect(chat.model.index(0, 0)).center()
    qtbot.mouseClick(chat.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert workbench.selection.span is not None
    assert (workbench.selection.span.first.call, workbench.selection.span.last_call) == (first, first)
    workbench.selection.choose_call(workbench.reader.call(second))
    qtbot.waitUntil(lambda: chat.table.selected_rows() == [range(1, 2)])
    qtbot.keyClick(chat.table, Qt.Key.Key_Up)
    assert chat.table.selected_rows() == [range(1)]
    assert isinstance(workbench.selection.span, Span)
    assert chat.table.row_at(-5) == -1
    assert chat.table.row_at(chat.table.viewport().height() - 1) == -1


def test_long_texts_wrap_and_are_cut_with_a_sign(qtbot: QtBot, chat: ChatPane, writer: Writer, room: int) -> None:
    put(writer, RECEIVED, b"short\n", room, 1)
    put(writer, RECEIVED, b"a word " * 30 + b"\n", room, 1)
    put(writer, RECEIVED, b"x" * 5000 + b"\n", room, 1)
    put(writer, RECEIVED, b"\n", room, 1)
    wait_for(qtbot, chat, 4)
    heights = [chat.table.visualRect(chat.model.index(row, 0)).height() for row in range(2)]
    chat.table.follow()
    heights.append(chat.table.visualRect(chat.model.index(2, 0)).height())
    assert heights[0] < heights[1] <= heights[2] <= chat.table.viewport().height()
    assert rows(chat)[2][TEXT] == "x" * 600 + " …"
    assert rows(chat)[3][TEXT] == "(empty)"


def test_the_newest_bubble_is_seen_whole_until_the_user_scrolls_up(
    qtbot: QtBot, chat: ChatPane, writer: Writer, room: int
) -> None:
    for number in range(60):
        put(writer, RECEIVED, b"%d %s\n" % (number, b"word " * (number % 40)), room, 1)
    wait_for(qtbot, chat, 60)
    last = chat.table.visualRect(chat.model.index(59, 0))
    assert chat.table.following
    assert 0 <= last.top() < last.bottom() <= chat.table.viewport().height()
    qtbot.keyClick(chat.table, Qt.Key.Key_Home)
    assert chat.table.visualRect(chat.model.index(0, 0)).top() < 10
    put(writer, RECEIVED, b"one more\n", room, 1)
    wait_for(qtbot, chat, 61)
    assert not chat.table.following
    assert chat.table.newer_button.isVisible()
    chat.table.scrollTo(chat.model.index(40, 0))
    seen = chat.table.visualRect(chat.model.index(40, 0))
    assert 0 <= seen.top() < seen.bottom() <= chat.table.viewport().height()


def test_what_is_typed_goes_to_whom_the_conversation_is_with(
    qtbot: QtBot, chat: ChatPane, room: int, workbench: Workbench, link: FakeLink
) -> None:
    assert chat.line.field.placeholderText() == "Enter sends to all 2 connections."
    chat.focus_first()
    qtbot.keyClicks(chat.line.field, "Hello")
    qtbot.keyClick(chat.line.field, Qt.Key.Key_Return)
    workbench.selection.choose_scope(Scope(room, 2))
    assert PEERS[1] in chat.line.field.placeholderText()
    set_framing(workbench, room, Choice("raw"))
    assert "line end" in chat.line.field.placeholderText()
    chat.line.field.setText("Zoë")
    qtbot.mouseClick(chat.line.send_button, Qt.MouseButton.LeftButton)
    sent = [command for command in link.posted if isinstance(command, commands.Send)]
    assert [(one.target, one.data) for one in sent] == [
        (commands.Target(room), b"Hello\n"),
        (commands.Target(room, 2), "Zoë\n".encode()),
    ]
    assert chat.line.field.text() == ""


def test_what_cannot_be_sent_stays_with_the_reason(
    qtbot: QtBot, chat: ChatPane, room: int, workbench: Workbench, link: FakeLink
) -> None:
    set_framing(workbench, room, Choice("fixed", {"size": 4}))
    qtbot.keyClicks(chat.line.field, "too long")
    qtbot.keyClick(chat.line.field, Qt.Key.Key_Return)
    assert chat.line.field.text() == "too long"
    assert "4" in chat.line.problem.text()
    assert chat.line.problem.isVisible()
    qtbot.keyClicks(chat.line.field, "x")
    assert not chat.line.problem.isVisible()
    for connection in (1, 2):
        link.news.append(events.ConnectionClosed(room, connection, CloseReason.EOF, 0, 0, 0, 0))
    workbench.poll()
    qtbot.keyClick(chat.line.field, Qt.Key.Key_Return)
    assert chat.line.problem.text() == "Nobody is connected any more."
    workbench.selection.clear()
    qtbot.keyClick(chat.line.field, Qt.Key.Key_Return)
    assert chat.line.problem.text() == "Choose a socket on the left first."
    assert not any(isinstance(command, commands.Send) for command in link.posted)


def test_the_line_follows_whether_anything_can_be_sent(
    qtbot: QtBot, chat: ChatPane, room: int, workbench: Workbench, link: FakeLink
) -> None:
    line = chat.line
    for connection in (1, 2):
        link.news.append(events.ConnectionClosed(room, connection, CloseReason.EOF, 0, 0, 0, 0))
    workbench.poll()
    assert line.field.placeholderText() == "Nobody is connected any more."
    link.news.append(events.SocketChanged(room, State.CLOSED))
    workbench.poll()
    assert line.field.placeholderText() == "Start the socket first."
    qtbot.keyClicks(line.field, "kept")
    qtbot.keyClick(line.field, Qt.Key.Key_Return)
    assert line.problem.isVisible()
    here = Endpoint("127.0.0.1", 9000)
    link.news.append(events.SocketChanged(room, State.LISTEN, here))
    link.news.append(events.ConnectionOpened(room, 3, here, Endpoint.parse("127.0.0.1:51516"), accepted=True))
    workbench.poll()
    assert line.field.placeholderText().startswith("Enter sends to")
    assert not line.problem.isVisible()
    assert line.field.text() == "kept"
    workbench.selection.clear()
    assert line.field.placeholderText() == "Choose a socket on the left first."


def test_an_empty_chat_says_what_will_appear(qtbot: QtBot, chat: ChatPane, room: int, workbench: Workbench) -> None:
    workbench.poll()
    qtbot.waitUntil(lambda: chat.table.hint == chat_pane.EMPTY)


def test_a_capture_from_disk_is_read_as_a_conversation(qtbot: QtBot, writer: Writer, theme: Theme) -> None:
    writer.add_detail(
        CallKind.socket, 1, 0,
        {"name": "room", "transport": "tcp", "role": "server", "framing": {"kind": "line", "ending": "lf"}},
    )  # fmt: skip
    writer.add_detail(CallKind.accept, 1, 1, {"peer": PEERS[0], "local": "127.0.0.1:9000"})
    put(writer, RECEIVED, b"Hello\nThere\n", 1, 1)
    writer.close()
    opened = Workbench(Reader(writer.folder), None)
    pane = ChatPane(opened, theme)
    shown(qtbot, pane)
    wait_for(qtbot, pane, 2)
    assert [cells[TEXT] for cells in rows(pane)] == ["Hello", "There"]
    assert not pane.line.isVisible()
    pane.focus_first()
    assert pane.table.hasFocus() or pane.focusWidget() is pane.table
    pane.hide()
    opened.shut_down()


def test_painting_many_messages_costs_what_is_seen(qtbot: QtBot, chat: ChatPane, writer: Writer, room: int) -> None:
    set_framing(chat._workbench, room, Choice("raw"))
    for _ in range(100):
        for _ in range(300):
            put(writer, RECEIVED, b"Hello again, this is a message of some length.", room, 1)
    wait_for(qtbot, chat, 30_000)
    chat.grab()

    def paint() -> None:
        chat.table.viewport().repaint()

    assert untraced_time(paint) < 0.02
    assert len(chat.table._bubbles) < 250  # type: ignore[attr-defined]


def untraced_time(act: Callable[[], None]) -> float:
    """Seconds, the best of several."""
    best = 9.0
    with untraced():
        for _ in range(5):
            begun = time.perf_counter()
            act()
            best = min(best, time.perf_counter() - begun)
    return best


def talk(writer: Writer, room: int) -> None:
    """One line came, and was handed on to two."""
    put(writer, RECEIVED, b"Hello\n", room, 1)
    put(writer, SENT, b"Hello\n", room, 1)
    put(writer, SENT, b"Hello\n", room, 2)


def test_of_a_room_what_came_is_shown_alone_unless_everything_is_wanted(
    qtbot: QtBot, chat: ChatPane, writer: Writer, room: int, workbench: Workbench, theme: Theme
) -> None:
    talk(writer, room)
    wait_for(qtbot, chat, 3)  # it is no room yet
    assert chat.shows.currentData() == "all"
    make_room(workbench, room)
    assert chat.shows.currentText() == "What came"
    wait_for(qtbot, chat, 1)
    assert rows(chat)[0][WHO] == PEERS[0]
    chat.filter.set_text("Hello")
    wait_for(qtbot, chat, 1)
    chat.filter.set_text("")
    workbench.selection.choose_scope(Scope(room, 2))  # of one connection all is shown
    wait_for(qtbot, chat, 1)
    assert rows(chat)[0][WAY].startswith("→")
    assert not chat.shows.isVisible()
    workbench.selection.choose_scope(Scope(room))
    wait_for(qtbot, chat, 1)
    assert rows(chat)[0][WAY].startswith("←")
    chat.shows.setFocus()
    with qtbot.waitSignal(workbench.chat_choice.changed):
        chat.shows.choose("all")
        chat.shows.activated.emit(1)
    wait_for(qtbot, chat, 3)
    assert workbench.chat_choice.text == "all all"
    other = ChatPane(workbench, theme)
    shown(qtbot, other)
    assert other.shows.currentText() == "Everything"


def make_room(workbench: Workbench, number: int) -> None:
    """The server is a room from now on."""
    entry = workbench.socket(number)
    assert entry is not None
    workbench.edit_socket(number, replace(entry.spec, program=Choice("chat")))


def test_a_room_in_which_nothing_was_said_says_so(
    qtbot: QtBot, chat: ChatPane, writer: Writer, room: int, workbench: Workbench
) -> None:
    make_room(workbench, room)
    put(writer, SENT, b"Welcome\n", room, 1)

    def told() -> bool:
        workbench.poll()
        return chat.table.hint == chat_pane.EMPTY_CAME

    qtbot.waitUntil(told, timeout=8000)


def test_what_the_chat_shows_is_remembered() -> None:
    choice = ChatChoice()
    assert (choice.shown(room=True), choice.shown(room=False)) == ("in", "all")
    choice.choose(room=False, shown="in")
    other = ChatChoice()
    other.load(choice.text)
    assert (other.shown(room=True), other.shown(room=False)) == ("in", "in")
    for damaged in ("", "in", "in x", "all all all"):
        other.load(damaged)
        assert other.text == "in in"


# -- log -----------------------------------------------------------------------------------------------


def test_lines_of_a_log_have_levels_and_sources(qtbot: QtBot, log: LogViewPane, writer: Writer, room: int) -> None:
    put(writer, RECEIVED, b"<34>Oct 11 22:14:15 mymachine su: failed\nWARNING: hot\nplain\n", room, 1)
    put(writer, SENT, b"ERROR that we sent\n", room, 1)
    wait_for(qtbot, log, 3)
    assert [cells[1:] for cells in rows(log)] == [
        ("✕✕ critical", "mymachine su", "failed"),
        ("▲  warning", "room :51514", "WARNING: hot"),
        ("", "room :51514", "plain"),
    ]
    tip = log.model.row(0)
    assert tip is not None
    assert "Its own time: Oct 11 22:14:15" in tip.tip
    assert "Facility auth" in tip.tip


def test_the_source_of_a_datagram_is_its_sender(qtbot: QtBot, log: LogViewPane, writer: Writer, room: int) -> None:
    number = room + 1
    writer.add_detail(
        CallKind.socket, number, 0,
        {"name": "syslog", "transport": "udp", "role": "server", "framing": {"kind": "raw"}},
    )  # fmt: skip
    writer.add_detail(CallKind.peer, number, 9, {"peer": "127.0.0.1:43354", "local": "127.0.0.1:514"})
    put(writer, RECEIVED, b"plain", number, 9)
    put(writer, RECEIVED, b"<34>Oct 11 22:14:15 mymachine su: failed", number, 9)
    log._workbench.selection.choose_scope(Scope(number))
    wait_for(qtbot, log, 2)
    assert [cells[2] for cells in rows(log)] == ["127.0.0.1:43354", "mymachine su"]


def test_only_grave_lines_are_shown_where_they_are_wanted(
    qtbot: QtBot, log: LogViewPane, writer: Writer, room: int, workbench: Workbench
) -> None:
    put(writer, RECEIVED, b"<7>a\n<3>b\n<4>c\n<0>d\nno level\n", room, 1)
    wait_for(qtbot, log, 5)
    log.level.setCurrentIndex(log.level.findData("error"))
    wait_for(qtbot, log, 2)
    assert [cells[3] for cells in rows(log)] == ["b", "d"]
    put(writer, RECEIVED, b"<1>e\n<6>f\n", room, 1)
    wait_for(qtbot, log, 3)
    log.table.setFocus()
    qtbot.keyClick(log.table, Qt.Key.Key_Home)
    assert workbench.selection.span is not None
    log.filter.set_text("d")
    wait_for(qtbot, log, 1)
    assert rows(log)[0][3] == "d"
    log.filter.set_text("")
    log.level.setCurrentIndex(log.level.findData("alert"))
    wait_for(qtbot, log, 2)
    log.level.setCurrentIndex(0)
    wait_for(qtbot, log, 7)


def test_a_grave_line_is_told_with_its_own_sign_and_is_no_error_here(
    qtbot: QtBot, log: LogViewPane, writer: Writer, room: int, theme: Theme
) -> None:
    put(writer, RECEIVED, b"<2>disk gone\n<7>all is well\n", room, 1)
    wait_for(qtbot, log, 2)
    log.focus_first()
    for key, words in ((Qt.Key.Key_Home, "✕✕ critical: From"), (Qt.Key.Key_End, "·  debug: From")):
        qtbot.keyClick(log.table, key)
        assert log.reason.text().startswith(words)
        assert "\n" not in log.reason.text()
        assert theme.colors.error not in log.reason.styleSheet()
    assert [row.serious for row in log.model.rows(0, 2)] == [False, False]


def test_the_level_is_chosen_as_it_was_last(qtbot: QtBot, workbench: Workbench, theme: Theme) -> None:
    workbench.log_level.level = "warning"
    made = LogViewPane(workbench, theme)
    shown(qtbot, made)
    assert made.level.currentText() == "warning and graver"
    with qtbot.waitSignal(workbench.log_level.changed):
        made.level.setCurrentIndex(0)
    assert workbench.log_level.level == ""
    workbench.log_level.level = "nonsense"
    other = LogViewPane(workbench, theme)
    shown(qtbot, other)
    assert other.level.currentText() == "all levels"


def test_an_empty_log_says_why(qtbot: QtBot, log: LogViewPane, writer: Writer, room: int) -> None:
    qtbot.waitUntil(lambda: log.table.hint == log_view_pane.EMPTY)
    put(writer, RECEIVED, b"<7>a\n", room, 1)
    wait_for(qtbot, log, 1)
    log.level.setCurrentIndex(log.level.findData("error"))
    qtbot.waitUntil(lambda: log.table.hint == log_view_pane.EMPTY_LEVEL)


def test_a_click_on_a_line_selects_its_bytes(
    qtbot: QtBot, log: LogViewPane, writer: Writer, room: int, workbench: Workbench
) -> None:
    call = put(writer, RECEIVED, b"<3>bad\n", room, 1)
    wait_for(qtbot, log, 1)
    qtbot.mouseClick(log.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 5))
    assert workbench.selection.span is not None
    assert workbench.selection.span.first.call == call
