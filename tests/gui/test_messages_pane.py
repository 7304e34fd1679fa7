"""The Messages table: messages and errors under the socket's framing, selection, filter, work only while seen."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from explorer.capture.messages import Messages, open_messages
from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import events
from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui import newest_work, scoped_messages
from explorer.ui.models.log_model import Tone
from explorer.ui.panes import messages_pane
from explorer.ui.panes.calls_pane import CallsPane
from explorer.ui.panes.messages_pane import MessagesPane
from explorer.ui.theme import Theme
from explorer.ui.units import size_text
from explorer.ui.workbench import Workbench
from tests.fakes.untraced import untraced
from tests.gui.conftest import FakeLink, set_framing

NUMBER, TIME, CONNECTION, DIRECTION, SIZE, PREVIEW = range(6)
LINES = Choice("line", {"ending": "lf"})


def put(writer: Writer, data: bytes, kind: CallKind = CallKind.recv, socket: int = 1, connection: int = 1) -> int:
    room = writer.room(len(data))
    assert room is not None
    room[: len(data)] = data
    return writer.add(kind, socket, connection, size=len(data), asked=1024)


@pytest.fixture
def echo(workbench: Workbench, writer: Writer) -> int:
    """A server with framing "line" and one client. Calls 0 to 1."""
    number = workbench.add_socket(SocketSpec("echo", "tcp", "server", "127.0.0.1", 9000, framing=LINES))
    writer.add_detail(
        CallKind.socket, number, 0,
        {"name": "echo", "transport": "tcp", "role": "server", "framing": {"kind": "line", "ending": "lf"}},
    )  # fmt: skip
    writer.add_detail(CallKind.accept, number, 1, {"peer": "127.0.0.1:51514", "local": "127.0.0.1:9000"})
    return number


@pytest.fixture
def pane(workbench: Workbench, theme: Theme, qtbot: QtBot) -> MessagesPane:
    made = MessagesPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def cells(pane: MessagesPane, column: int) -> list[str]:
    return [str(pane.model.data(pane.model.index(row, column))) for row in range(pane.model.rowCount())]


def wait_for_rows(qtbot: QtBot, pane: MessagesPane, count: int) -> None:
    qtbot.waitUntil(lambda: pane.model.rowCount() == count)


def test_messages_are_what_the_framing_finds(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    assert pane.header.text() == "Framing: Lines, LF."
    put(writer, b"one\ntw")
    put(writer, b"o\n")
    put(writer, b"three\n", CallKind.send)
    wait_for_rows(qtbot, pane, 3)
    assert cells(pane, NUMBER) == ["1", "2", "3"]
    assert cells(pane, PREVIEW) == ["one", "two", "three"]
    assert cells(pane, SIZE) == ["3", "3", "5"]
    assert cells(pane, DIRECTION) == ["← received", "← received", "→ sent"]
    assert cells(pane, CONNECTION) == ["echo :51514"] * 3
    qtbot.waitUntil(lambda: pane.count.text() == "3 messages")


def test_previews_follow_the_encoding_of_the_socket(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, theme: Theme, qtbot: QtBot
) -> None:
    calls = CallsPane(workbench, theme)
    qtbot.addWidget(calls)
    calls.show()
    put(writer, "日本\n".encode("shift_jis"))
    wait_for_rows(qtbot, pane, 1)
    assert cells(pane, PREVIEW) != ["日本"]
    entry = workbench.socket(echo)
    assert entry is not None
    workbench.edit_socket(echo, replace(entry.spec, encoding="shift_jis"))
    assert cells(pane, PREVIEW) == ["日本"]
    qtbot.waitUntil(lambda: calls.model.rowCount() == 3)
    row = calls.model.row(2)
    assert row is not None
    assert row.cells[-1] == "日本\\n"


def test_a_character_split_between_two_messages_is_shown_once(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("raw"))
    workbench.selection.choose_scope(Scope(echo))
    for at in range(0, 9, 4):
        put(writer, "日本語".encode()[at : at + 4])
    wait_for_rows(qtbot, pane, 3)
    assert cells(pane, PREVIEW) == ["日", "本", "語"]
    set_framing(workbench, echo, Choice("fixed", {"size": 4}))
    wait_for_rows(qtbot, pane, 2)
    assert cells(pane, PREVIEW) == ["日", "本"]


def test_everything_shows_each_socket_under_its_own_framing(
    pane: MessagesPane, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    assert "each socket" in pane.header.text()
    put(writer, b"one\ntwo\n")
    wait_for_rows(qtbot, pane, 2)


def test_everything_follows_a_framing_that_is_changed_while_the_socket_runs(
    pane: MessagesPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    workbench.start(echo)
    link.news.append(events.SocketChanged(echo, State.LISTEN, Endpoint("127.0.0.1", 9000)))
    put(writer, b"one\ntwo\n")
    wait_for_rows(qtbot, pane, 2)
    set_framing(workbench, echo, Choice("fixed", {"size": 4}))
    qtbot.waitUntil(lambda: cells(pane, PREVIEW) == ["one\\n", "two\\n"])
    put(writer, b"abcdefgh")
    wait_for_rows(qtbot, pane, 4)
    workbench.undo.undo()
    qtbot.waitUntil(lambda: cells(pane, PREVIEW) == ["one", "two"])
    assert "each socket’s own" in pane.header.text()


def test_a_socket_that_was_never_started_has_nothing_to_be_found_anew(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    messages = pane._messages
    set_framing(workbench, echo, Choice("fixed", {"size": 4}))
    assert pane._messages is messages
    workbench.start(echo)
    put(writer, b"one\ntwo\n")
    wait_for_rows(qtbot, pane, 2)
    set_framing(workbench, echo, Choice("raw"))
    qtbot.waitUntil(lambda: cells(pane, PREVIEW) == ["one\\ntwo\\n"])


def test_unfinished_messages_of_very_many_connections_are_counted_in_no_time(
    pane: MessagesPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    here, total = Endpoint("127.0.0.1", 9000), 3000
    for number in range(1, total + 1):
        link.news.append(events.ConnectionOpened(echo, number, here, Endpoint("127.0.0.1", number), accepted=True))
        put(writer, b"no end", connection=number)
    told = "← received · pending on 100 connections: 600 bytes"  # the newest
    qtbot.waitUntil(lambda: pane.unfinished.text() == told)
    spent = []
    with untraced():
        for _ in range(5):
            begun = time.perf_counter()
            pane._news()
            spent.append(time.perf_counter() - begun)
    assert min(spent) < 0.003


def test_raw_says_what_a_row_is(pane: MessagesPane, workbench: Workbench, writer: Writer, qtbot: QtBot) -> None:
    number = workbench.add_socket(SocketSpec("plain"))
    workbench.selection.choose_scope(Scope(number))
    assert pane.header.text().startswith("Framing: raw. No boundaries: a row is what one recv brought")
    put(writer, b"one\ntwo\n", socket=number)
    wait_for_rows(qtbot, pane, 1)


def test_another_framing_shows_the_same_bytes_anew(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"abcdefgh")
    set_framing(workbench, echo, Choice("fixed", {"size": 4}))
    wait_for_rows(qtbot, pane, 2)
    assert pane.header.text() == "Framing: Fixed size, 4 bytes."
    assert cells(pane, PREVIEW) == ["abcd", "efgh"]


def test_a_broken_frame_is_a_row_of_its_own(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("line", {"ending": "lf", "max": 4}))
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"ok\nmuch too long\nok\n")
    wait_for_rows(qtbot, pane, 3)
    assert cells(pane, PREVIEW)[1].startswith("✕ ")
    row = pane.model.row(1)
    assert row is not None
    assert row.serious
    assert row.tones[PREVIEW] is Tone.ERROR
    pane.filter.set_text("error")
    wait_for_rows(qtbot, pane, 1)
    qtbot.waitUntil(lambda: pane.count.text() == "1 of 3 rows")


def test_errors_are_counted_apart_from_messages_and_shown_alone_with_a_key(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("line", {"ending": "lf", "max": 4}))
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"ok\n")
    qtbot.waitUntil(lambda: pane.count.text() == "1 message")
    assert not pane.errors.isVisible()
    put(writer, b"much too long\nok\nand this too\nok\n")
    qtbot.waitUntil(lambda: pane.count.text() == "3 messages")
    assert pane.errors.text() == "2 errors"
    pane.errors.setFocus()
    qtbot.keyClick(pane.errors, Qt.Key.Key_Space)
    wait_for_rows(qtbot, pane, 2)
    assert pane.errors.isChecked()
    assert pane.filter.text == "error"
    qtbot.waitUntil(lambda: pane.count.text() == "2 of 5 rows")
    qtbot.keyClick(pane.errors, Qt.Key.Key_Space)
    wait_for_rows(qtbot, pane, 5)
    assert pane.filter.text == ""
    pane.filter.set_text("dir:in ok")
    pane.toggle_errors()
    assert pane.filter.text == "error dir:in ok"
    assert pane.errors.isChecked()
    pane.toggle_errors()
    assert pane.filter.text == "dir:in ok"


def test_a_message_with_a_wrong_checksum_is_a_message(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("line", {"ending": "lf", "checksum": "sum8"}))
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"hello\x14\nhellO\x14\nhellO\x15\n")
    qtbot.waitUntil(lambda: pane.count.text() == "3 messages")
    assert pane.errors.text() == "2 wrong checksums"
    put(writer, b"\n")  # there is no room for a checksum
    qtbot.waitUntil(lambda: pane.errors.text() == "1 error, 2 wrong checksums")
    assert pane.count.text() == "3 messages"


def opened(link: FakeLink, socket: int, *numbers: int) -> None:
    for number in numbers:
        here, peer = Endpoint("127.0.0.1", 9000), Endpoint("127.0.0.1", 50_000 + number)
        link.news.append(events.ConnectionOpened(socket, number, here, peer, accepted=True))


def test_unfinished_bytes_are_told_however_many_messages_there_are(
    pane: MessagesPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    opened(link, echo, 1)
    put(writer, b"one\ntwo\nwaits for an end")
    wait_for_rows(qtbot, pane, 2)
    received = "← received · pending: 16 bytes: 77 61 69 74 73 20 66 6f 72 20 61 6e … · waits for the line feed"
    qtbot.waitUntil(lambda: pane.unfinished.text() == received)
    assert pane.unfinished.isVisible()
    put(writer, b"ab", CallKind.send)  # the directions are not added up
    sent = "→ sent · pending: 2 bytes: 61 62 · waits for the line feed"
    qtbot.waitUntil(lambda: pane.unfinished.text() == f"{received}\n{sent}")
    put(writer, b"\n")  # the line stays, so that the table does not jump
    qtbot.waitUntil(lambda: pane.unfinished.text() == f"← received · nothing is pending\n{sent}")
    opened(link, echo, 2)
    put(writer, b"cde", CallKind.send, connection=2)
    both = "→ sent · pending on 2 connections: 5 bytes · each waits for the line feed"
    qtbot.waitUntil(lambda: pane.unfinished.text() == f"← received · nothing is pending\n{both}")
    workbench.selection.choose_scope(Scope(echo, 1))
    qtbot.waitUntil(lambda: pane.unfinished.text() == sent)
    workbench.selection.choose_scope(Scope())
    qtbot.waitUntil(lambda: pane.unfinished.text() == both)
    put(writer, b"\n", CallKind.send)
    put(writer, b"\n", CallKind.send, connection=2)
    qtbot.waitUntil(lambda: pane.unfinished.text() == "→ sent · nothing is pending")
    workbench.selection.choose_scope(Scope(echo, 2))
    qtbot.waitUntil(lambda: not pane.unfinished.isVisible())


def test_a_framing_changed_in_midstream_says_what_it_waits_for(
    pane: MessagesPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    set_framing(workbench, echo, Choice("length", {"width": 2}))
    opened(link, echo, 1)
    put(writer, b"ahello\0\5world")
    told = "waits for 24,925 more bytes of 24,938: the length at byte 0 says 24,936"
    qtbot.waitUntil(lambda: pane.unfinished.text().endswith(told))
    put(writer, b"\0\5world")
    told = "waits for 24,918 more bytes of 24,938: the length at byte 0 says 24,936"
    qtbot.waitUntil(lambda: pane.unfinished.text().endswith(told))


def test_bytes_that_are_skipped_are_told(
    pane: MessagesPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    set_framing(workbench, echo, Choice("length", {"width": 4}))
    opened(link, echo, 1, 2)
    put(writer, b"line after line\n" * 1000)
    wait_for_rows(qtbot, pane, 1)
    behind = "the next message is looked for behind them"
    qtbot.waitUntil(lambda: pane.unfinished.text() == f"← received · skipping 16.0 kB of 1.8 GB; {behind}")
    assert pane.count.text() == "0 messages"
    assert pane.errors.text() == "1 error"
    assert cells(pane, SIZE) == [""]  # there is no message
    put(writer, b"line after line\n", connection=2)
    qtbot.waitUntil(lambda: pane.unfinished.text() == f"← received · skipping on 2 connections; {behind}")
    set_framing(workbench, echo, Choice("line", {"max": 20}))
    put(writer, b"no end " * 100, connection=2)
    qtbot.waitUntil(lambda: pane.unfinished.text() == f"← received · skipping: 700 B so far; {behind}")


def test_of_a_framing_that_cannot_be_used_nothing_is_told(
    pane: MessagesPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    set_framing(workbench, echo, Choice("line", {"max": 4}))
    opened(link, echo, 1)
    put(writer, b"much too long\nabc")
    qtbot.waitUntil(lambda: pane.errors.isVisible() and pane.unfinished.isVisible())
    set_framing(workbench, echo, Choice("fixed", {"size": 0}))
    qtbot.waitUntil(lambda: not pane.errors.isVisible() and not pane.unfinished.isVisible())


def test_the_reason_of_an_error_is_read_in_full_where_the_row_has_no_room(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("line", {"ending": "lf", "max": 4}))
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"ok\nmuch too long\nok\n")
    wait_for_rows(qtbot, pane, 3)
    assert not pane.reason.isVisible()
    pane.table.setFocus()
    for _ in range(2):
        qtbot.keyClick(pane.table, Qt.Key.Key_Home)
        assert not pane.reason.isVisible()
        qtbot.keyClick(pane.table, Qt.Key.Key_Down)
        assert pane.reason.isVisible()
        message = pane.model.message(1)
        assert message is not None
        assert message.error in pane.reason.text()
        assert "at byte 3 (0x3)" in pane.reason.text()
        assert pane.reason.focusPolicy() & Qt.FocusPolicy.TabFocus
        qtbot.waitUntil(lambda: pane.reason.height() >= pane.reason.heightForWidth(pane.reason.width()))
    workbench.selection.choose_scope(Scope())
    assert not pane.reason.isVisible()


def test_a_wrong_checksum_is_an_error_and_the_message_is_there_all_the_same(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("line", {"ending": "lf", "checksum": "sum8"}))
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"hello\x14\nhellO\x14\n" + b"a message of many words" + b"\x00\n")
    wait_for_rows(qtbot, pane, 3)
    assert cells(pane, SIZE) == ["5", "5", "23"]
    first, second, third = cells(pane, PREVIEW)
    assert first == "hello"
    assert second.startswith("✕ “hellO” Expected checksum f4 (sum8), got 14")
    assert third.startswith("✕ “a message of many words” Expected checksum ")
    row = pane.model.row(1)
    assert row is not None
    assert row.serious
    assert "The message all the same: 5 bytes, 7 on the wire." in row.tip
    message = pane.model.message(1)
    assert message is not None
    assert message.whole
    assert pane._messages is not None
    assert pane._messages.payload(message) == b"hellO"
    side = pane._side(1)
    assert side is not None
    assert side.title.endswith("received, 5 bytes")
    for text, count in (
        ("hello", 2),
        ("error hello", 1),
        ("error", 2),
        ("error size=23", 1),
        ("words -error", 0),
        ('"hellO\\x14"', 0),
    ):
        pane.filter.set_text(text)
        wait_for_rows(qtbot, pane, count)


def test_a_long_message_behind_its_length_is_previewed_without_it(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("length", {"width": 4, "skip": 4}))
    workbench.selection.choose_scope(Scope(echo))
    put(writer, (100_000).to_bytes(4, "big") + b"x" * 60_000)
    put(writer, b"x" * 40_000)
    wait_for_rows(qtbot, pane, 1)
    assert cells(pane, PREVIEW) == ["x" * 80]


def test_silence_ends_a_message_though_nothing_else_comes(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("idle", {"ms": 700}))
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"all ")
    put(writer, b"of it")
    last = writer.count - 1
    messages = workbench.messages.messages
    assert messages is not None
    qtbot.waitUntil(lambda: messages.looked == last + 1)
    assert pane.model.rowCount() == 0
    assert messages.done == last
    # By then nothing is painted any more: nothing comes, and for half a second nothing came.
    wait_for_rows(qtbot, pane, 1)
    assert cells(pane, PREVIEW) == ["all of it"]
    passed = writer.now() - workbench.reader.call(last).time
    assert 700_000_000 <= passed < 1_500_000_000
    assert workbench.indexer.by_itself >= 1
    wait_for_rows(qtbot, pane, 1)
    qtbot.waitUntil(lambda: pane.count.text() == "1 message")


class Slow:
    """Messages that are found no further than a test lets them. until: calls."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self.until = 0

    @property
    def looked(self) -> int:
        return self._messages.looked

    def __getattr__(self, name: str) -> object:
        return getattr(self._messages, name)

    def advance(self, most: int = 1 << 62) -> bool:
        return self._messages.advance(max(0, min(most, self.until - self.looked)))


def test_progress_is_shown_when_it_takes_half_a_second(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(8):
        put(writer, b"x" * 124_999 + b"\n")
    made: list[Slow] = []

    def slow(*args: object, **kwargs: object) -> Slow:
        made.append(Slow(open_messages(*args, **kwargs)))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(scoped_messages, "open_messages", slow)
    workbench.selection.choose_scope(Scope(echo))
    assert not pane.progress.isVisible()
    begun = time.monotonic()
    qtbot.waitUntil(pane.progress.isVisible)
    assert time.monotonic() >= begun + 0.4
    made[0].until = looked = 4
    last = workbench.reader.call(writer.count - 1)
    done, total = workbench.reader.call(looked).offset, last.offset + last.size
    qtbot.waitUntil(lambda: pane.progress.bar.value() == 1000 * done // total)
    assert pane.progress.text.text() == f"{size_text(total - done)} left"
    qtbot.waitUntil(lambda: pane.progress.text.width() >= pane.progress.text.sizeHint().width())
    assert pane.progress.toolTip() == "Finding messages"
    # Another framing begins anew; what is left of the former is not done.
    set_framing(workbench, echo, Choice("fixed", {"size": 4}))
    assert not pane.progress.isVisible()
    made[0].until = 1 << 62
    qtbot.waitUntil(pane.progress.isVisible)
    assert made[0].looked == looked
    made[1].until = 1 << 62
    qtbot.waitUntil(lambda: not pane.progress.isVisible())
    wait_for_rows(qtbot, pane, 250_000)


def test_an_impossible_framing_is_a_sentence(pane: MessagesPane, workbench: Workbench, echo: int) -> None:
    set_framing(workbench, echo, Choice("fixed", {"size": 0}))
    workbench.selection.choose_scope(Scope(echo))
    assert pane.header.text().startswith("This framing cannot be used: ")
    assert pane.model.rowCount() == 0


def test_an_empty_table_says_why(
    pane: MessagesPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    qtbot.waitUntil(lambda: pane.table.hint == messages_pane.EMPTY)
    here, peer = Endpoint("127.0.0.1", 9000), Endpoint("127.0.0.1", 51514)
    link.news.append(events.ConnectionOpened(echo, 1, here, peer, accepted=True))
    put(writer, b"no end")
    qtbot.waitUntil(lambda: pane.table.hint == messages_pane.EMPTY_WAITING)
    qtbot.waitUntil(lambda: pane.unfinished.text().startswith("← received · pending: 6 bytes: "))


def test_choosing_a_message_selects_its_bytes_over_all_of_its_calls(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    first = put(writer, b"a\nbegin")
    put(writer, b"of the other direction\n", CallKind.send)
    put(writer, b"another connection\n", connection=2)
    put(writer, b" middle ")
    last = put(writer, b"end\nz")
    wait_for_rows(qtbot, pane, 4)
    row = cells(pane, PREVIEW).index("begin middle end")
    place = pane.table.visualRect(pane.model.index(row, PREVIEW)).center()
    qtbot.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert workbench.selection.span == Span(first, 2, last, 4, 1, True)  # not what came in between


def test_a_call_selected_elsewhere_selects_its_messages(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"a\n")
    call = put(writer, b"b\nc\nd")
    last = put(writer, b"\n")
    wait_for_rows(qtbot, pane, 4)
    workbench.selection.choose_span(Span(call, 0, call, 5), QObject())
    assert pane.table.selected_rows() == [range(1, 4)]
    workbench.selection.choose_span(Span(last, 0, last, 1), QObject())
    assert pane.table.selected_rows() == [range(3, 4)]


def test_a_call_chosen_while_nobody_looks_is_selected_when_the_pane_is_seen(
    workbench: Workbench, theme: Theme, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    numbers = [put(writer, b"line %d\n" % number) for number in range(300)]
    pane = MessagesPane(workbench, theme)
    qtbot.addWidget(pane)
    pane.resize(900, 400)
    for number in (numbers[40], numbers[250]):  # when it is opened, and when it is seen again
        workbench.selection.choose_span(Span(number, 0, number, 7), QObject())
        pane.show()
        row = number - numbers[0]
        qtbot.waitUntil(lambda row=row: pane.table.selected_rows() == [range(row, row + 1)])  # type: ignore[misc]
        assert pane.table.first <= row < pane.table.first + pane.table.page
        assert not pane.table.following
        pane.hide()


def test_the_selection_outlives_other_scopes_filters_and_framings(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    for number in range(100):
        put(writer, b"line %d\n" % number)
    put(writer, b"other\n", socket=7, connection=7)
    wait_for_rows(qtbot, pane, 101)
    call = 2 + 50
    workbench.selection.choose_span(Span(call, 0, call, 8), QObject())
    assert pane.table.selected_rows() == [range(50, 51)]
    workbench.selection.choose_scope(Scope(7))
    wait_for_rows(qtbot, pane, 1)
    assert pane.table.selected_rows() == []
    workbench.selection.choose_scope(Scope())
    qtbot.waitUntil(lambda: pane.table.selected_rows() == [range(50, 51)])
    assert pane.table.first <= 50 < pane.table.first + pane.table.page
    pane.filter.set_text('"line 5"')
    qtbot.waitUntil(lambda: pane.table.selected_rows() == [range(1, 2)])  # 5, 50, 51 …
    pane.filter.set_text("")
    qtbot.waitUntil(lambda: pane.table.selected_rows() == [range(50, 51)])
    workbench.selection.choose_scope(Scope(echo))
    set_framing(workbench, echo, Choice("fixed", {"size": 4}))
    begins = 10 * 7 + 40 * 8  # bytes before this line: of which 4 are a message
    qtbot.waitUntil(lambda: pane.table.selected_rows() == [range(begins // 4, (begins + 8 + 3) // 4)])


def test_who_follows_the_newest_rows_is_not_taken_elsewhere(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    for number in range(100):
        put(writer, b"line %d\n" % number)
    wait_for_rows(qtbot, pane, 100)
    qtbot.keyClick(pane.table, Qt.Key.Key_Home)
    assert not pane.table.following
    pane.table.follow()
    workbench.selection.choose_scope(Scope(echo))
    qtbot.waitUntil(lambda: pane.table.selected_rows() == [range(1)])
    assert pane.table.following
    assert pane.table.first == 100 - pane.table.page


def test_messages_of_mixed_connections_are_told_apart(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    calls = [put(writer, data, connection=who) for data, who in ((b"AAA", 1), (b"x\n", 2), (b"y\n", 2), (b"aaa\n", 1))]
    wait_for_rows(qtbot, pane, 3)
    selected = []
    for call, size in zip(calls, (3, 2, 2, 4), strict=True):
        workbench.selection.choose_span(Span(call, 0, call, size), QObject())
        selected.append([cells(pane, PREVIEW)[row] for part in pane.table.selected_rows() for row in part])
    assert selected == [["AAAaaa"], ["x"], ["y"], ["AAAaaa"]]


def test_a_filter_finds_messages(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"".join(b"line %d\n" % number for number in range(40)))
    put(writer, b"line of ours\n", CallKind.send)
    wait_for_rows(qtbot, pane, 41)
    qtbot.keyClicks(pane.filter.edit, '"line 1"')
    wait_for_rows(qtbot, pane, 11)
    put(writer, b"line 100\n")
    wait_for_rows(qtbot, pane, 12)
    workbench.selection.choose_span(Span(2, 0, 2, 1), QObject())
    pane.filter.set_text("dir:out")
    wait_for_rows(qtbot, pane, 1)
    pane.filter.set_text("size>500")
    qtbot.waitUntil(lambda: pane.table.hint == messages_pane.EMPTY_FILTERED)


def test_it_works_only_while_it_is_seen(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"one\n")
    wait_for_rows(qtbot, pane, 1)
    pane.hide()
    put(writer, b"two\n")
    with qtbot.waitSignal(workbench.ticked):
        workbench.refresh()
    qtbot.waitUntil(lambda: workbench.indexer.idle)
    assert pane._messages is not None
    assert pane._messages.rows == 1
    pane.show()
    wait_for_rows(qtbot, pane, 2)


def test_a_frozen_window_can_be_looked_around_in(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    put(writer, b"one\ntwo\n")
    wait_for_rows(qtbot, pane, 2)
    workbench.set_frozen(True)
    workbench.selection.choose_scope(Scope(echo))
    wait_for_rows(qtbot, pane, 2)
    pane.filter.set_text("two")
    wait_for_rows(qtbot, pane, 1)


def test_a_long_message_is_previewed_by_its_first_bytes(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    workbench.selection.choose_scope(Scope(echo))
    put(writer, b"x" * 100_000 + b"\n")
    wait_for_rows(qtbot, pane, 1)
    assert cells(pane, PREVIEW) == ["x" * 80]
    assert cells(pane, SIZE) == ["100,000"]


def test_a_datagram_that_was_cut_is_an_error(
    pane: MessagesPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    room = writer.room(4)
    assert room is not None
    room[:4] = b"abcd"
    flags = CallFlag.DATAGRAM | CallFlag.CUT
    number = workbench.add_socket(replace(SocketSpec("u"), transport="udp"))
    workbench.selection.choose_scope(Scope(number))
    writer.add(CallKind.recvfrom, number, 1, size=4, asked=4, flags=flags, extra=10)
    wait_for_rows(qtbot, pane, 1)
    assert "did not fit" in cells(pane, PREVIEW)[0]


def test_selecting_very_many_calls_never_holds_up_the_window(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    """As when the mouse is dragged over them in Bytes: each move selects others, and the last ones count."""
    workbench.selection.choose_scope(Scope(echo))
    many = 60_000
    for _ in range(many):
        put(writer, b"line\n")
    qtbot.waitUntil(lambda: pane.model.rowCount() == many, timeout=20_000)
    ends = list(range(many // 2, many, many // 20))
    spent = []
    with untraced():
        for end in ends:
            begun = time.perf_counter()
            workbench.selection.choose_span(Span(2, 0, end, 5, 1, True), QObject())
            pane._on_tick()
            spent.append(time.perf_counter() - begun)
    assert sorted(spent)[len(spent) // 2] < 0.008
    qtbot.waitUntil(lambda: pane.table.selected_rows() == [range(ends[-1] - 1)])


def test_a_long_selection_is_shown_in_a_frozen_window_too(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest_work, "AT_ONCE", 0.0)
    for _ in range(20_000):
        put(writer, b"line\n")
    wait_for_rows(qtbot, pane, 20_000)
    workbench.set_frozen(True)
    workbench.selection.choose_span(Span(2, 0, 20_001, 5, 1, True), QObject())
    assert pane.table.selected_rows() == []
    qtbot.waitUntil(lambda: pane.table.selected_rows() == [range(20_000)])
    workbench.selection.choose_span(Span(2, 0, 20_000, 5, 1, True), QObject())
    workbench.selection.choose_span(None)
    assert not pane._finding.under_way  # what was looked for is wanted no more
    assert pane.table.selected_rows() == []


def choose_rows(qtbot: QtBot, pane: MessagesPane, *rows: int) -> None:
    """Click the first, and the others with Ctrl."""
    for row in rows:
        keys = Qt.KeyboardModifier.NoModifier if row == rows[0] else Qt.KeyboardModifier.ControlModifier
        place = pane.table.visualRect(pane.model.index(row, PREVIEW)).center()
        qtbot.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, keys, place)


def test_rows_chosen_apart_are_the_parts_of_one_selection(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, theme: Theme, qtbot: QtBot
) -> None:
    for number in range(6):
        put(writer, b"line %d\n" % number, connection=1 + number % 2)
    wait_for_rows(qtbot, pane, 6)
    calls = CallsPane(workbench, theme)
    qtbot.addWidget(calls)
    calls.resize(900, 400)
    calls.show()
    qtbot.waitUntil(lambda: calls.model.rowCount() == 8)
    one, other = Span(3, 0, 3, 7, 2, True), Span(6, 0, 6, 7, 1, True)
    choose_rows(qtbot, pane, 1, 4)
    selection = workbench.selection
    assert (selection.span, selection.parts) == (other, (one, other))
    assert calls.table.selected_rows() == [range(3, 4), range(6, 7)]
    choose_rows(qtbot, pane, 1)
    assert (selection.span, selection.parts) == (one, (one,))
    choose_rows(qtbot, pane, 4, 1)
    assert (selection.span, selection.parts) == (one, (one, other))
    choose_rows(qtbot, pane, 4)
    qtbot.keyClick(pane.table, Qt.Key.Key_Space)  # the last of them is taken back
    assert (selection.span, selection.parts) == (None, ())
    assert calls.table.selected_rows() == []


def test_rows_chosen_apart_are_highlighted_apart(
    pane: MessagesPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    for number in range(6):
        put(writer, b"line %d\n" % number, connection=1 + number % 2)
    wait_for_rows(qtbot, pane, 6)
    choose_rows(qtbot, pane, 1, 4)
    notes = workbench.notes
    notes.highlight_selection()
    parts = workbench.selection.parts
    assert len(parts) == 2
    assert tuple(note.span for note in notes.notes) == parts
    workbench.undo.undo()  # both, in one step
    assert not notes.numbers
    pane._fill_note_menu()
    marking = next(menu for action in pane.note_menu.actions() if isinstance(menu := action.menu(), QMenu))
    pane.note_menu.triggered.emit(marking.actions()[3])
    assert [(note.span, note.color) for note in notes.notes] == [(part, 3) for part in parts]
    pane.note_menu.triggered.emit(marking.actions()[1])  # the same ones get another colour
    assert [(note.span, note.color) for note in notes.notes] == [(part, 1) for part in parts]
    pane._fill_note_menu()
    remove = pane.note_menu.actions()[-1]
    assert remove.text() == "&Remove 2 highlights"
    pane.note_menu.triggered.emit(remove)
    assert not notes.numbers
