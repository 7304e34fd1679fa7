"""The Chunk ruler as a whole: which stream it shows, what its sentence says, what selects what, and Make it happen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.capture.chunk_ruler_summary import MOST
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import commands, events
from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.pace import Pace
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.core.tally import Tally
from explorer.settings import Settings
from explorer.ui.panes.ruler_pane import EMPTY, RulerPane
from explorer.ui.theme import Theme
from explorer.ui.try_it import LINE
from explorer.ui.widgets.ruler_header import DOWN, UP
from explorer.ui.widgets.ruler_words import MESSAGES, RECEIVED, SENT
from explorer.ui.workbench import Workbench
from tests.capture.making import accepted, closed, socket_record, traffic
from tests.fakes.untraced import untraced
from tests.gui.conftest import FakeLink
from tests.gui.test_keyboard import name_of, stops, tour

LINES = Choice("line", {"ending": "lf"})
SEND, RECV = CallKind.send, CallKind.recv
PORT, OTHER = 9000, 51514


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> RulerPane:
    made = RulerPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(1100, 300)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def pair(workbench: Workbench, link: FakeLink, writer: Writer) -> tuple[int, int]:
    """An echo server and a client that are connected: connections 1 and 2. Their numbers."""
    server = workbench.add_socket(SocketSpec("echo", port=PORT, framing=LINES))
    client = workbench.add_socket(SocketSpec("client", role="client", port=PORT, framing=LINES))
    socket_record(writer, server, "echo", framing=LINES.to_json())
    socket_record(writer, client, "client", role="client", framing=LINES.to_json())
    writer.add_detail(CallKind.connect, client, 2, {"address": f"127.0.0.1:{PORT}", "local": f"127.0.0.1:{OTHER}"})
    accepted(writer, 1, f"127.0.0.1:{OTHER}", f"127.0.0.1:{PORT}", server)
    here, there = Endpoint("127.0.0.1", PORT), Endpoint("127.0.0.1", OTHER)
    link.news += [
        events.SocketChanged(server, State.LISTEN, here),
        events.SocketChanged(client, State.ESTABLISHED, there, here),
        events.ConnectionOpened(client, 2, there, here, accepted=False),
        events.ConnectionOpened(server, 1, here, there, accepted=True),
    ]
    workbench.poll()
    return server, client


def said(pane: RulerPane, text: str) -> bool:
    return text in pane.sentence.text()


def has_messages(pane: RulerPane, count: int) -> bool:
    """And the picture has room for all of them."""
    ruler = pane.source.ruler
    found = ruler is not None and ruler.messages is not None and ruler.messages.count == count
    return found and ruler is not None and pane.view.scale.size == ruler.size


def wait_for(pane: RulerPane, qtbot: QtBot, text: str) -> None:
    qtbot.waitUntil(lambda: said(pane, text))


def test_an_empty_pane_says_what_will_appear_and_offers_to_try_it(
    pane: RulerPane, workbench: Workbench, link: FakeLink
) -> None:
    assert pane.empty.text() == EMPTY
    assert pane.empty.isVisible()
    assert pane.sentence.text() == ""
    QTest.mouseClick(pane.try_button, Qt.MouseButton.LeftButton)
    assert [command.spec.name for command in link.posted if isinstance(command, commands.Start)] == ["echo"]


def test_nothing_sent_yet_is_said(pane: RulerPane, pair: tuple[int, int], qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "from client to echo" in pane.empty.text())
    assert pane.empty.isVisible()
    assert not pane.try_button.isVisible()


def test_the_sentence_tells_splits_and_merges(
    pane: RulerPane, pair: tuple[int, int], writer: Writer, qtbot: QtBot
) -> None:
    server, client = pair
    for data in (b"one\n", b"two\nth", b"ree\n"):
        traffic(writer, SEND, data, 2, client)
    traffic(writer, RECV, b"one\ntwo\nth", 1, server)
    wait_for(
        pane, qtbot, "3 send calls arrived as 1 recv call and hold 2 messages: 1 call carried parts of more than one"
    )
    assert said(pane, "4 bytes are on the way.")
    traffic(writer, RECV, b"ree\n", 1, server)
    wait_for(pane, qtbot, "as 2 recv calls and hold 3 messages")
    assert said(pane, "1 message was split over calls.")
    assert pane.view.accessibleDescription() == pane.sentence.text()


def test_calls_that_each_carry_a_message_promise_nothing(
    pane: RulerPane, pair: tuple[int, int], writer: Writer, qtbot: QtBot
) -> None:
    server, client = pair
    traffic(writer, SEND, b"one\n", 2, client)
    traffic(writer, RECV, b"one\n", 1, server)
    wait_for(pane, qtbot, "1 send call arrived as 1 recv call and holds 1 message: here each call carried one whole")


def test_the_direction_of_the_first_bytes_is_shown_and_the_other_can_be_chosen(
    pane: RulerPane, pair: tuple[int, int], writer: Writer, qtbot: QtBot
) -> None:
    server, client = pair
    traffic(writer, SEND, b"welcome\n", 1, server)
    traffic(writer, RECV, b"welcome\n", 2, client)
    wait_for(pane, qtbot, "1 send call arrived")
    assert pane.header.direction.value == DOWN
    assert pane.header.direction.button(DOWN).text() == "echo → client"
    traffic(writer, SEND, b"a", 2, client)
    traffic(writer, SEND, b"b", 2, client)
    QTest.mouseClick(pane.header.direction.button(UP), Qt.MouseButton.LeftButton)
    wait_for(pane, qtbot, "2 send calls did not arrive yet")


def test_another_framing_is_shown_at_once(
    pane: RulerPane, pair: tuple[int, int], workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    server, client = pair
    traffic(writer, SEND, b"ab\ncd\n", 2, client)
    traffic(writer, RECV, b"ab\ncd\n", 1, server)
    wait_for(pane, qtbot, "hold")
    entry = workbench.socket(server)
    assert entry is not None
    workbench.edit_socket(server, replace(entry.spec, framing=Choice("fixed", {"size": 2})))
    wait_for(pane, qtbot, "holds 3 messages")
    workbench.edit_socket(server, replace(entry.spec, framing=Choice("raw")))
    wait_for(pane, qtbot, "Without framing each recv is taken for a message.")


def test_one_end_only_leaves_a_lane_that_says_why(
    pane: RulerPane, workbench: Workbench, link: FakeLink, writer: Writer, qtbot: QtBot
) -> None:
    client = workbench.add_socket(SocketSpec("probe", role="client", host="10.0.0.7", port=4001, framing=LINES))
    socket_record(writer, client, "probe", role="client")
    here, there = Endpoint("10.0.0.2", 50000), Endpoint("10.0.0.7", 4001)
    writer.add_detail(CallKind.connect, client, 5, {"address": str(there), "local": str(here)})
    link.news += [
        events.SocketChanged(client, State.ESTABLISHED, here, there),
        events.ConnectionOpened(client, 5, here, there, accepted=False),
    ]
    traffic(writer, RECV, b"TEMP 21\nTE", 5, client)
    traffic(writer, RECV, b"MP 22\n", 5, client)
    wait_for(pane, qtbot, "2 recv calls hold 2 messages: 1 call carried parts of more than one message, 1 message was")
    assert "10.0.0.7:4001 → probe" in pane.header.direction.button(DOWN).text()
    assert "not in this program" in pane.view.tip_at(pane.view.lane_rect(SENT).center())
    assert pane.pace.sender_form.absent.isVisibleTo(pane.pace)
    assert not pane.pace.lines_button.isVisibleTo(pane.pace)


def test_the_other_end_is_found_a_moment_later(
    pane: RulerPane, workbench: Workbench, writer: Writer, link: FakeLink, qtbot: QtBot
) -> None:
    server = workbench.add_socket(SocketSpec("echo", port=PORT, framing=LINES))
    client = workbench.add_socket(SocketSpec("client", role="client", port=PORT, framing=LINES))
    socket_record(writer, server, "echo")
    socket_record(writer, client, "client", role="client")
    writer.add_detail(CallKind.connect, client, 2, {"address": f"127.0.0.1:{PORT}", "local": f"127.0.0.1:{OTHER}"})
    here, there = Endpoint("127.0.0.1", OTHER), Endpoint("127.0.0.1", PORT)
    link.news += [events.ConnectionOpened(client, 2, here, there, accepted=False)]
    traffic(writer, SEND, b"hello\n", 2, client)
    wait_for(pane, qtbot, "1 send call holds 1 message")
    accepted(writer, 1, f"127.0.0.1:{OTHER}", f"127.0.0.1:{PORT}", server)
    traffic(writer, RECV, b"hel", 1, server)
    wait_for(pane, qtbot, "1 send call arrived as 1 recv call and holds no whole message yet")
    closed(writer, 1, "reset", server)
    wait_for(pane, qtbot, "3 bytes were never received.")


def test_the_sentence_of_a_stream_that_grows_is_found_quickly(
    pane: RulerPane, pair: tuple[int, int], writer: Writer, qtbot: QtBot
) -> None:
    """Nearly as many calls and messages as it looks at in full."""
    server, client = pair
    for number in range(MOST - 100):
        traffic(writer, SEND, b"hello %d\n" % number, 2, client)
        traffic(writer, RECV, b"hello %d\n" % number, 1, server)
    taken = []
    for number in range(MOST - 100, MOST - 94):
        qtbot.waitUntil(partial(has_messages, pane, number))
        pane.view.fit()
        with untraced():
            begun = time.perf_counter()
            pane._say()
            taken.append(time.perf_counter() - begun)
        assert said(pane, f"{number:,} messages: here each")
        traffic(writer, SEND, b"hello %d\n" % number, 2, client)
        traffic(writer, RECV, b"hello %d\n" % number, 1, server)
    assert min(taken) < 0.003


# -- selecting ------------------------------------------------------------------------------------


@pytest.fixture
def talked(pane: RulerPane, pair: tuple[int, int], writer: Writer, qtbot: QtBot) -> dict[str, int]:
    """Numbers of the calls."""
    server, client = pair
    calls = {
        "send": traffic(writer, SEND, b"one\ntwo\n", 2, client),
        "recv": traffic(writer, RECV, b"one\nt", 1, server),
        "rest": traffic(writer, RECV, b"wo\n", 1, server),
        "answer": traffic(writer, SEND, b"ok\n", 1, server),
        "came": traffic(writer, RECV, b"ok\n", 2, client),
    }
    wait_for(pane, qtbot, "1 send call arrived as 2 recv calls")
    return calls


def test_a_chosen_range_is_selected_everywhere(
    pane: RulerPane, pair: tuple[int, int], workbench: Workbench, talked: dict[str, int]
) -> None:
    pane.view.setFocus()
    pane.view.point(MESSAGES, 1)
    QTest.keyClick(pane.view, Qt.Key.Key_Return)
    selection = workbench.selection
    assert selection.span == Span(talked["recv"], 4, talked["rest"], 3, 1, True)
    assert pane.view.selected == (4, 8)
    assert selection.scope == Scope()  # its end is among what is shown
    pane.view.point(SENT, 0)
    QTest.keyClick(pane.view, Qt.Key.Key_Return)
    assert selection.span == Span(talked["send"], 0, talked["send"], 8)
    assert pane.view.selected == (0, 8)


def test_the_window_goes_to_the_end_whose_call_is_chosen(
    pane: RulerPane, pair: tuple[int, int], workbench: Workbench, talked: dict[str, int], qtbot: QtBot
) -> None:
    server, client = pair
    workbench.selection.choose_scope(Scope(client, 2))
    ruler = pane.source.ruler
    pane.view.point(RECEIVED, 1)
    pane.view.chosen.emit(RECEIVED, 1)
    assert workbench.selection.scope == Scope(server, 1)
    assert workbench.selection.span == Span(talked["rest"], 0, talked["rest"], 3)
    assert pane.source.ruler is ruler  # it is the same stream
    assert pane.view.selected == (5, 8)


def test_what_is_selected_elsewhere_is_marked_and_turns_the_direction(
    pane: RulerPane, workbench: Workbench, talked: dict[str, int], qtbot: QtBot
) -> None:
    reader = workbench.reader
    workbench.selection.choose_call(reader.call(talked["recv"]))
    assert pane.view.selected == (0, 5)
    workbench.selection.choose_call(reader.call(talked["came"]))
    qtbot.waitUntil(lambda: pane.header.direction.value == DOWN and pane.view.selected == (0, 3))
    workbench.selection.choose_span(None)
    assert pane.view.selected is None


def test_it_works_only_while_it_is_seen(
    pane: RulerPane, workbench: Workbench, writer: Writer, pair: tuple[int, int], talked: dict[str, int], qtbot: QtBot
) -> None:
    pane.hide()
    ruler = pane.source.ruler
    assert ruler is not None
    size = ruler.size
    traffic(writer, SEND, b"more\n", 2, pair[1])
    done = workbench.catalog.done
    qtbot.waitUntil(lambda: workbench.catalog.done > done)
    assert ruler.size == size
    pane.show()
    qtbot.waitUntil(lambda: ruler.size > size)


def test_another_capture_is_taken_while_it_is_hidden(
    pane: RulerPane, workbench: Workbench, talked: dict[str, int], qtbot: QtBot, tmp_path: Path
) -> None:
    pane.hide()
    other = Writer(tmp_path / "other", segment_bytes=4 << 20, segment_records=1 << 12)
    workbench.reader.close()
    workbench.set_capture(Reader.of(other), workbench.link, Tally())
    with qtbot.assertNotEmitted(workbench.noticed, wait=50):
        pane.show()
    assert pane.source.ruler is None
    assert pane.empty.text() == EMPTY
    other.close()


# -- the table ------------------------------------------------------------------------------------


def test_the_table_has_the_same_in_numbers(
    pane: RulerPane, workbench: Workbench, talked: dict[str, int], qtbot: QtBot
) -> None:
    pane.header.as_table.setChecked(True)
    assert pane.table.isVisible()
    assert not pane.header.zoom_in.isEnabled()
    rows = [row.cells for row in pane.model.rows(0, 9)]
    assert [row[:4] for row in rows] == [("recv 1", "0", "5", "5"), ("recv 2", "5", "3", "3")]
    assert [row[5:] for row in rows] == [
        ("send 1", "", "message 1 and 2", "one\\nt"),
        ("send 1", "", "message 2", "wo\\n"),
    ]
    QTest.mouseClick(pane.lane.button("sent"), Qt.MouseButton.LeftButton)
    assert [row.cells[6] for row in pane.model.rows(0, 9)] == ["recv 1 and 2"]
    QTest.mouseClick(pane.lane.button("messages"), Qt.MouseButton.LeftButton)
    assert [(row.cells[0], row.cells[6], row.cells[8]) for row in pane.model.rows(0, 9)] == [
        ("message 1", "recv 1", "one\\n"),
        ("message 2", "recv 1 and 2", "two\\n"),
    ]
    pane.focus_first()
    QTest.keyClick(pane.table, Qt.Key.Key_Home)
    QTest.keyClick(pane.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: workbench.selection.span == Span(talked["recv"], 4, talked["rest"], 3, 1, True))
    pane.header.as_table.setChecked(False)
    assert pane.view.isVisible()


def test_a_lane_that_is_not_there_is_explained_in_the_table(
    pane: RulerPane, pair: tuple[int, int], workbench: Workbench, talked: dict[str, int], writer: Writer, qtbot: QtBot
) -> None:
    entry = workbench.socket(pair[0])
    assert entry is not None
    workbench.edit_socket(pair[0], replace(entry.spec, framing=Choice("no such framing")))
    qtbot.waitUntil(lambda: pane.source.ruler is not None and bool(pane.source.ruler.problem))
    pane.header.as_table.setChecked(True)
    QTest.mouseClick(pane.lane.button("messages"), Qt.MouseButton.LeftButton)
    assert "cannot be used" in pane.table.hint


# -- make it happen -------------------------------------------------------------------------------


def test_cutting_sends_is_set_for_the_sender_and_can_be_undone(
    pane: RulerPane, pair: tuple[int, int], workbench: Workbench, qtbot: QtBot, talked: dict[str, int]
) -> None:
    edit = pane.pace.sender_form.form.editor("send_size")
    assert edit is not None
    assert "client" in pane.pace.sender_form.title.text()
    edit.setFocus()
    QTest.keyClicks(edit, "7")
    assert [entry.spec.pace for entry in workbench.sockets] == [Pace(), Pace(send_size=7)]
    workbench.undo.undo()
    assert [entry.spec.pace for entry in workbench.sockets] == [Pace(), Pace()]
    slow = pane.pace.receiver_form.form.editor("receive_pause")
    assert slow is not None
    assert slow.isVisibleTo(pane.pace)
    QTest.keyClicks(slow, "50")
    assert [entry.spec.pace for entry in workbench.sockets] == [Pace(receive_pause=50), Pace()]
    hidden = pane.pace.receiver_form.form.editor("send_size")
    assert hidden is not None
    assert not hidden.isVisibleTo(pane.pace)


def test_lines_are_sent_one_by_one_in_the_framing_of_the_sender(
    pane: RulerPane, pair: tuple[int, int], workbench: Workbench, link: FakeLink, talked: dict[str, int]
) -> None:
    link.posted.clear()
    QTest.mouseClick(pane.pace.lines_button, Qt.MouseButton.LeftButton)
    sent = [command for command in link.posted if isinstance(command, commands.Send)]
    assert [command.data for command in sent] == [b"This is line %d\n" % number for number in range(1, 6)]
    assert {command.target for command in sent} == {commands.Target(pair[1], 2)}
    entry = workbench.socket(pair[1])
    assert entry is not None
    workbench.edit_socket(pair[1], replace(entry.spec, framing=Choice("fixed", {"size": 3})))
    link.posted.clear()
    told: list[str] = []
    workbench.noticed.connect(lambda notice: told.append(notice.text))
    pane.happen.send_lines()
    assert [command for command in link.posted if isinstance(command, commands.Send)] == []
    assert told
    assert "framing of client" in told[0]


def test_the_buffer_size_is_changed_in_the_settings_when_the_socket_has_stopped(
    pane: RulerPane, pair: tuple[int, int], workbench: Workbench, link: FakeLink, qtbot: QtBot, talked: dict[str, int]
) -> None:
    assert "4,096 B" in pane.pace.buffer.text()
    assert "Stop" in pane.pace.buffer_button.text()
    link.posted.clear()
    with qtbot.assertNotEmitted(workbench.setting_wanted):
        QTest.mouseClick(pane.pace.buffer_button, Qt.MouseButton.LeftButton)
    assert link.posted == [commands.Stop(pair[0])]
    link.news.append(events.SocketChanged(pair[0], State.CLOSED))
    with qtbot.waitSignal(workbench.setting_wanted) as told:
        workbench.poll()
    assert told.args == [pair[0], "buffer_size"]
    assert "Stop" not in pane.pace.buffer_button.text()
    with qtbot.waitSignal(workbench.setting_wanted):
        QTest.mouseClick(pane.pace.buffer_button, Qt.MouseButton.LeftButton)


# -- the real engine --------------------------------------------------------------------------------


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    made = Program(Theme("light"), Settings(tmp_path))
    made.open(None, start=False)
    with qtbot.waitActive(made.window):
        made.window.activateWindow()
    made.window.actions_["try_it"].trigger()
    qtbot.waitUntil(lambda: made.live.tally.received == 2 * len(LINE), timeout=10_000)
    yield made
    made.window.close()


def test_sends_of_seven_bytes_are_seen_to_arrive_otherwise(program: Program, qtbot: QtBot) -> None:
    """On real sockets: the client cuts, the server reads slowly, and the messages are whole all the same."""
    window = program.window
    window.actions_["go_ruler"].trigger()
    pane = window.panes.get_as(RulerPane, "ruler")
    wait_for(pane, qtbot, "1 send call arrived as 1 recv call and holds 1 message")
    size = pane.pace.sender_form.form.editor("send_size")
    slow = pane.pace.receiver_form.form.editor("receive_pause")
    assert size is not None
    assert slow is not None
    QTest.keyClicks(size, "7")
    QTest.keyClicks(slow, "60")
    pane.happen.send_lines()
    total = len(LINE) + 5 * len(b"This is line 1\n")
    ruler = pane.source.ruler
    assert ruler is not None
    qtbot.waitUntil(lambda: ruler.received is not None and ruler.received.stop == total, timeout=10_000)
    assert ruler.sent is not None
    sent = ruler.sent.ranges(1, ruler.sent.count)
    assert all(one.size <= 7 for one in sent)
    assert len(sent) >= 11
    assert ruler.received is not None
    assert 2 <= ruler.received.count < ruler.sent.count
    assert ruler.messages is not None
    qtbot.waitUntil(lambda: ruler.messages is not None and ruler.messages.count == 6)
    pane.view.fit()
    wait_for(pane, qtbot, f"{ruler.sent.count} send calls arrived as {ruler.received.count} recv call")
    assert said(pane, "and hold 6 messages: ")
    assert said(pane, "carried parts of more than one message")


def test_the_button_for_the_buffer_moves_the_keyboard_into_the_settings(program: Program, qtbot: QtBot) -> None:
    window = program.window
    window.actions_["go_ruler"].trigger()
    pane = window.panes.get_as(RulerPane, "ruler")
    wait_for(pane, qtbot, "1 send call arrived")
    pane.pace.buffer_button.click()

    def is_there() -> bool:
        focus = QApplication.focusWidget()
        inside = focus is not None and window.panes["settings"].isAncestorOf(focus)
        return inside and focus is not None and focus.objectName() == "buffer_size"

    qtbot.waitUntil(is_there)
    assert program.workbench.selection.scope == Scope(program.workbench.sockets[0].number)


def test_tab_comes_to_all_of_it_and_out_again(program: Program, qtbot: QtBot) -> None:
    window = program.window
    window.actions_["go_ruler"].trigger()
    pane = window.panes.get_as(RulerPane, "ruler")
    wait_for(pane, qtbot, "1 send call arrived")
    for table in (False, True):
        pane.header.as_table.setChecked(table)
        pane.focus_first()
        seen = tour(window, Qt.Key.Key_Tab)
        missed = stops(window) - set(seen)
        assert not missed, [name_of(widget) for widget in missed]
        assert (pane.table if table else pane.view) in seen
