"""The Framing bench: the same bytes under several framings, selected together; a guess; everything by keyboard."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from explorer.bridge.jobs import Progress
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import events
from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason
from explorer.ui.captured import load_captured
from explorer.ui.models import connection_choice
from explorer.ui.models.bench_choices import OWN
from explorer.ui.models.bench_model import TEXT
from explorer.ui.models.bench_rows import BenchMessages
from explorer.ui.panes.framing_bench_pane import FramingBenchPane
from explorer.ui.theme import Theme
from explorer.ui.widgets import bench_column
from explorer.ui.widgets.bench_column import BenchColumn
from explorer.ui.workbench import Workbench
from tests.capture.making import closed, echo_exchange
from tests.fakes.untraced import untraced
from tests.gui.byte_captures import put
from tests.gui.conftest import FakeLink, set_framing

NUMBER, OFFSET, SIZE, HEX = 0, 1, 2, TEXT + 1
SERVER = Endpoint("127.0.0.1", 9000)
LINES = Choice("line", {"ending": "lf"})


def connect(workbench: Workbench, writer: Writer, link: FakeLink, connection: int, socket: int = 1) -> None:
    peer = Endpoint("127.0.0.1", 50_000 + connection)
    writer.add_detail(CallKind.accept, socket, connection, {"peer": str(peer), "local": str(SERVER)})
    link.news.append(events.ConnectionOpened(socket, connection, SERVER, peer, True))
    workbench.poll()


@pytest.fixture
def echo(workbench: Workbench, writer: Writer, link: FakeLink) -> int:
    """A server with framing "line", chosen, and one client."""
    number = workbench.add_socket(SocketSpec("echo", port=9000, framing=LINES))
    writer.add_detail(CallKind.socket, number, 0, {"name": "echo", "framing": {"kind": "line"}})
    connect(workbench, writer, link, 1, number)
    workbench.selection.choose_scope(Scope(number))
    return number


def show(qtbot: QtBot, workbench: Workbench, theme: Theme, width: int = 1300) -> FramingBenchPane:
    made = FramingBenchPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(width, 420)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def pane(workbench: Workbench, theme: Theme, echo: int, qtbot: QtBot) -> FramingBenchPane:
    """The socket's own framing, lines, and beside it raw."""
    return show(qtbot, workbench, theme)


def cells(column: BenchColumn, place: int) -> list[str]:
    model = column.model
    return [str(model.data(model.index(row, place))) for row in range(model.rowCount())]


def wait_for(qtbot: QtBot, column: BenchColumn, texts: list[str]) -> None:
    qtbot.waitUntil(lambda: cells(column, TEXT) == texts)


def chosen(column: BenchColumn) -> list[int]:
    return [row for part in column.table.selected_rows() for row in part]


def pick(qtbot: QtBot, column: BenchColumn, kind: str) -> None:
    """Choose a kind of framing with the keyboard."""
    kinds = column.form.kinds
    kinds.setFocus()
    away = kinds.findData(kind) - kinds.currentIndex()
    for _ in range(abs(away)):
        qtbot.keyClick(kinds, Qt.Key.Key_Down if away > 0 else Qt.Key.Key_Up)
    assert kinds.currentData() == kind


def write(column: BenchColumn, setting: str, text: str) -> None:
    editor = column.form.editor(setting)
    assert isinstance(editor, QLineEdit)
    editor.setText(text)


# -- messages ---------------------------------------------------------------------------------------


def test_the_same_bytes_side_by_side(pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot) -> None:
    lines, raw = pane.columns
    assert pane.framings == [OWN, Choice("raw")]
    put(writer, CallKind.recv, b"one\ntw", echo)
    put(writer, CallKind.recv, b"o\nabc", echo)
    put(writer, CallKind.send, b"not received\n", echo)
    wait_for(qtbot, lines, ["one", "two", "pending: 3 bytes: 61 62 63 · waits for the line feed"])
    wait_for(qtbot, raw, ["one\\ntw", "o\\nabc"])
    assert cells(lines, NUMBER) == ["1", "2", ""]
    assert cells(lines, OFFSET) == ["0", "4", "8"]
    assert cells(lines, SIZE) == ["3 (4)", "3 (4)", "3"]
    assert cells(lines, HEX) == ["6f 6e 65", "74 77 6f", ""]
    assert cells(raw, OFFSET) == ["0", "6"]
    qtbot.waitUntil(lambda: lines.counts.text() == "2 messages · 0 errors · 3 pending")
    qtbot.waitUntil(lambda: raw.counts.text() == "2 messages · 0 errors · 0 pending")
    assert lines.words.text() == "Lines, LF"
    assert lines.picture.text() == "[text][LF]"
    qtbot.waitUntil(lambda: pane.size_label.text() == "11 bytes received")


def test_pending_bytes_become_a_message(pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot) -> None:
    lines = pane.columns[0]
    put(writer, CallKind.recv, b"ab", echo)
    wait_for(qtbot, lines, ["pending: 2 bytes: 61 62 · waits for the line feed"])
    put(writer, CallKind.recv, b"c", echo)
    wait_for(qtbot, lines, ["pending: 3 bytes: 61 62 63 · waits for the line feed"])
    put(writer, CallKind.recv, b"\n", echo)
    wait_for(qtbot, lines, ["abc"])
    put(writer, CallKind.recv, b"x" * 40, echo)
    wait_for(qtbot, lines, ["abc", f"pending: 40 bytes: {'78 ' * 12}… · waits for the line feed"])
    row = lines.model.row(1)
    assert row is not None
    assert "begin at byte 4" in row.tip
    writer.add(CallKind.recv, echo, 1, asked=9, flags=CallFlag.END)
    qtbot.waitUntil(lambda: lines.counts.text() == "1 message · 1 error · 0 pending")
    assert "✕ The stream ended in the middle of a message" in cells(lines, TEXT)[1]


def test_a_row_of_pending_bytes_can_go(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    """As when a line gets too long to be one: from then on nothing waits."""
    lines = pane.columns[0]
    set_framing(workbench, echo, Choice("line", {"max": 4}))
    put(writer, CallKind.recv, b"abc", echo)
    qtbot.waitUntil(lambda: lines.model.rowCount() == 1)
    put(writer, CallKind.recv, b"defg", echo)
    qtbot.waitUntil(lambda: lines.counts.text() == "0 messages · 1 error · skipping: 7 B so far")
    assert lines.model.rowCount() == 1
    assert cells(lines, TEXT)[0].startswith("✕ ")
    put(writer, CallKind.recv, b"h\nok\nx", echo)
    qtbot.waitUntil(lambda: cells(lines, TEXT)[1:] == ["ok", "pending: 1 byte: 78 · waits for the line feed"])


def test_pending_bytes_of_a_connection_that_is_closed_are_an_error(
    pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    lines = pane.columns[0]
    put(writer, CallKind.recv, b"one\ntw", echo)
    qtbot.waitUntil(lambda: lines.model.rowCount() == 2)
    lines.table.setFocus()
    qtbot.keyClick(lines.table, Qt.Key.Key_End)
    closed(writer, 1, "reset", echo)
    qtbot.waitUntil(lambda: lines.counts.text() == "1 message · 1 error · 0 pending")
    assert cells(lines, TEXT)[0] == "one"
    assert cells(lines, TEXT)[1].startswith("✕ The connection was closed in the middle of a message, 2 bytes after")
    assert lines.table.verticalScrollBar().maximum() == 0
    assert chosen(lines) == [1]


def test_a_row_that_is_no_more_is_selected_no_more(
    pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    """As when what seemed to begin a message turns out to be none."""
    lines = pane.columns[0]
    put(writer, CallKind.recv, b"one\ntw", echo)
    qtbot.waitUntil(lambda: lines.model.rowCount() == 2)
    lines.table.setFocus()
    qtbot.keyClick(lines.table, Qt.Key.Key_End)
    assert chosen(lines) == [1]
    assert lines.source is not None
    lines.source.state = replace(lines.source.state, pending=0)
    pane._on_tick()
    assert cells(lines, TEXT) == ["one"]
    assert lines.table.verticalScrollBar().maximum() == 0
    assert chosen(lines) == []


def test_long_messages_and_empty_ones_have_rows_like_others(
    pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    lines = pane.columns[0]
    for data in (b"0123456789" * 2000, b"\n\n"):
        put(writer, CallKind.recv, data, echo)
    qtbot.waitUntil(lambda: lines.model.rowCount() == 2)
    assert cells(lines, TEXT) == ["0123456789" * 8, "(empty)"]
    assert cells(lines, SIZE) == ["20,000 (20,001)", "0 (1)"]
    row = lines.model.row(0)
    assert row is not None
    assert row.cells[HEX].startswith("30 31 32")
    assert row.cells[HEX].endswith(" 31…")
    assert "20,000 bytes of message, 20,001 on the wire" in row.tip
    assert "It came in more than one call" in row.tip


def test_of_a_long_message_what_frames_it_is_not_shown(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("length", {"width": 2, "skip": 2}))
    lines = pane.columns[0]
    put(writer, CallKind.recv, b"\x80\0" + b"a" * 0x8000, echo)
    wait_for(qtbot, lines, ["a" * 80])
    assert cells(lines, SIZE) == ["32,768 (32,770)"]
    assert cells(lines, HEX)[0].startswith("61 61")


def test_larger_text_and_other_colours(
    pane: FramingBenchPane, theme: Theme, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    put(writer, CallKind.recv, b"one\ntwo", echo)
    wait_for(qtbot, pane.columns[0], ["one", "pending: 3 bytes: 74 77 6f · waits for the line feed"])
    pane.guess()
    qtbot.waitUntil(lambda: not pane.guessing.under_way)
    before = pane.columns[0].table.row_height, pane.guesses.width()
    theme.set_mode("dark")
    for _ in range(3):
        theme.zoom_in()
    QApplication.processEvents()
    assert pane.columns[0].table.row_height > before[0]
    assert pane.guesses.width() > before[1]
    assert not pane.grab().isNull()


def test_errors_are_rows_with_their_sentence(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    column = pane.columns[1]
    pick(qtbot, column, "length")
    write(column, "width", "1")
    write(column, "max", "9")
    put(writer, CallKind.recv, b"\x02ab\x0a0123456789\x00\x01z", echo)
    qtbot.waitUntil(lambda: column.counts.text() == "3 messages · 1 error · 0 pending")
    said = cells(column, TEXT)
    assert said[1].startswith("✕ The length field says 10")
    row = column.model.row(1)
    assert row is not None
    assert row.serious
    assert row.cells[HEX] == ""
    assert said[1].removeprefix("✕ ") in row.tip
    assert cells(column, OFFSET) == ["0", "3", "14", "15"]


def test_silence_ends_messages_though_nothing_more_comes(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    """Long after the last byte, when the window's frames have stopped."""
    column = pane.columns[1]
    pick(qtbot, column, "idle")
    write(column, "ms", "1200")
    qtbot.waitUntil(lambda: column.framing.settings.get("ms") == 1200)
    put(writer, CallKind.recv, b"abc", echo)
    put(writer, CallKind.recv, b"de", echo)
    wait_for(qtbot, column, ["pending: 5 bytes: 61 62 63 64 65 · waits for 1,200 ms of silence"])
    wait_for(qtbot, column, ["abcde"])
    assert cells(column, OFFSET) == ["0"]


def test_a_wrong_checksum_is_an_error_with_its_message(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("line", {"checksum": "sum8"}))
    lines = pane.columns[0]
    put(writer, CallKind.recv, b"a" + b"a" + b"\n" + b"bc!\n", echo)
    qtbot.waitUntil(lambda: lines.counts.text() == "2 messages · 1 wrong checksum · 0 pending")
    assert cells(lines, TEXT)[0] == "a"
    row = lines.model.row(1)
    assert row is not None
    assert row.cells[TEXT].startswith("✕ ")
    assert "The message all the same: bc\n62 63" in row.tip


def test_the_other_direction(pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot) -> None:
    lines = pane.columns[0]
    put(writer, CallKind.send, b"sent\n", echo)
    qtbot.waitUntil(lambda: lines.table.hint.endswith("Nothing was received on this connection yet."))
    qtbot.mouseClick(pane.direction.button("sent"), Qt.MouseButton.LeftButton)
    wait_for(qtbot, lines, ["sent"])
    qtbot.waitUntil(lambda: pane.size_label.text() == "5 bytes sent")


def test_a_framing_that_finds_nothing_says_so(pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot) -> None:
    put(writer, CallKind.recv, b"", echo)
    for column in pane.columns:
        assert "Messages appear here" in column.table.hint
    assert "received" in pane.columns[0].table.hint


# -- selecting --------------------------------------------------------------------------------------


def test_a_message_selects_its_bytes_everywhere(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    lines, raw = pane.columns
    first = put(writer, CallKind.recv, b"one\ntw", echo)
    put(writer, CallKind.send, b"between\n", echo)
    last = put(writer, CallKind.recv, b"o\nthree\n", echo)
    wait_for(qtbot, lines, ["one", "two", "three"])
    qtbot.waitUntil(lambda: raw.model.rowCount() == 2)
    lines.table.setFocus()
    qtbot.keyClick(lines.table, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: chosen(raw) == [0])
    qtbot.keyClick(lines.table, Qt.Key.Key_Down)
    assert workbench.selection.span == Span(first, 4, last, 2, 1, True)
    qtbot.waitUntil(lambda: chosen(raw) == [0, 1])
    assert chosen(lines) == [1]
    raw.table.setFocus()
    qtbot.keyClick(raw.table, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: chosen(lines) == [1, 2])
    assert workbench.selection.span == Span(last, 0, last, 8, 1, True)


def test_pending_bytes_are_selected_like_others(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    lines, raw = pane.columns
    put(writer, CallKind.recv, b"one\ntw", echo)
    call = put(writer, CallKind.recv, b"o", echo)
    qtbot.waitUntil(lambda: lines.model.rowCount() == 2 and raw.model.rowCount() == 2)
    lines.table.setFocus()
    qtbot.keyClick(lines.table, Qt.Key.Key_End)
    assert workbench.selection.span == Span(call - 1, 4, call, 1, 1, True)
    qtbot.waitUntil(lambda: chosen(raw) == [0, 1])
    qtbot.keyClick(lines.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert workbench.selection.span == Span(call - 1, 0, call, 1, 1, True)
    raw.table.setFocus()
    qtbot.keyClick(raw.table, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: chosen(lines) == [1])


def test_what_is_selected_elsewhere_is_shown_and_scrolled_to(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    lines, raw = pane.columns
    calls = [put(writer, CallKind.recv, b"line %d\n" % number, echo) for number in range(400)]
    qtbot.waitUntil(lambda: lines.model.rowCount() == raw.model.rowCount() == 400)
    workbench.selection.choose_call(workbench.reader.call(calls[20]))
    qtbot.waitUntil(lambda: chosen(lines) == chosen(raw) == [20])
    for column in (lines, raw):
        assert column.table.first <= 20 < column.table.first + column.table.page
    sent = put(writer, CallKind.send, b"other\n", echo)
    workbench.selection.choose_call(workbench.reader.call(sent))
    qtbot.waitUntil(lambda: chosen(lines) == chosen(raw) == [])
    workbench.selection.choose_call(workbench.reader.call(calls[7]))
    qtbot.waitUntil(lambda: chosen(lines) == [7])
    pick(qtbot, raw, "line")  # what is selected is found again under another framing
    qtbot.waitUntil(lambda: raw.source is not None and raw.source.framing.kind == "line" and chosen(raw) == [7])
    lines.table.setFocus()
    qtbot.keyClick(lines.table, Qt.Key.Key_Home)
    qtbot.keyClick(lines.table, Qt.Key.Key_Space)  # takes the row back
    assert workbench.selection.span is None
    qtbot.waitUntil(lambda: chosen(raw) == [])


def test_rows_are_copied(pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot) -> None:
    lines = pane.columns[0]
    put(writer, CallKind.recv, b"one\ntwo\nx", echo)
    qtbot.waitUntil(lambda: lines.model.rowCount() == 3)
    lines.table.setFocus()
    qtbot.keyClick(lines.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(lines.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QApplication.clipboard().text().split("\n")
    assert copied[0] == "1\t0\t3 (4)\tone\t6f 6e 65"
    assert copied[2].startswith("\t8\t1\tpending: 1 byte: 78")


# -- columns ----------------------------------------------------------------------------------------


def test_framings_are_added_chosen_and_removed(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    put(writer, CallKind.recv, b"\x02ab\x01c", echo)
    qtbot.mouseClick(pane.add_button, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is pane.columns[2].form.kinds
    qtbot.mouseClick(pane.add_button, Qt.MouseButton.LeftButton)
    assert [framing.kind for framing in pane.framings] == ["own", "raw", "length", "line"]
    assert not pane.add_button.isEnabled()
    length = pane.columns[2]
    assert length.framing == Choice("length", {"width": 2, "skip": 2})
    write(length, "width", "1")
    write(length, "skip", "1")
    wait_for(qtbot, length, ["ab", "c"])  # without a further key, when the typing rests
    assert length.framing == Choice("length", {"width": 1, "skip": 1})
    assert length.picture.text() == "[length: 1][payload]"
    qtbot.mouseClick(pane.columns[1].remove_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(pane.columns[0].remove_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(pane.columns[1].remove_button, Qt.MouseButton.LeftButton)
    assert pane.columns == [length]
    assert not length.remove_button.isEnabled()
    assert cells(length, TEXT) == ["ab", "c"]
    assert QApplication.focusWidget() is length.table
    assert workbench.bench.framings == (Choice("length", {"width": 1, "skip": 1}),)


def test_a_wrong_setting_is_told_beside_it_and_loses_nothing(
    pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    column = pane.columns[1]
    put(writer, CallKind.recv, b"abcdef", echo)
    pick(qtbot, column, "delimiter")
    write(column, "hex", "7")
    assert not column.errors.isHidden()
    assert any("hex" in sentence.lower() or "digit" in sentence.lower() for sentence in column.errors.sentences)
    column.form.left.emit()  # as when the keyboard leaves it
    assert pane.framings[1].kind == "line"  # which the keys came by
    editor = column.form.editor("hex")
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "7"
    write(column, "hex", "63")
    assert column.errors.isHidden()
    wait_for(qtbot, column, ["ab", "pending: 3 bytes: 64 65 66 · waits for its end: 63"])


def test_a_framing_is_used_by_the_socket_and_taken_back(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    own, raw = pane.columns
    put(writer, CallKind.recv, b"one\ntwo", echo)
    assert (own.use_button.text(), raw.use_button.text()) == ("In use", "Use this framing")
    qtbot.mouseClick(raw.use_button, Qt.MouseButton.LeftButton)
    entry = workbench.socket(echo)
    assert entry is not None
    assert entry.spec.framing == Choice("raw")
    qtbot.waitUntil(lambda: raw.use_button.text() == "In use")
    wait_for(qtbot, own, ["one\\ntwo"])
    assert own.words.text() == "Raw"
    workbench.undo.undo()
    wait_for(qtbot, own, ["one", "pending: 3 bytes: 74 77 6f · waits for the line feed"])
    qtbot.waitUntil(lambda: raw.use_button.text() == "Use this framing")


def test_columns_stay_between_starts_and_connections(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, link: FakeLink, theme: Theme, qtbot: QtBot
) -> None:
    pick(qtbot, pane.columns[0], "fixed")
    write(pane.columns[0], "size", "3")
    qtbot.waitUntil(lambda: workbench.bench.framings == (Choice("fixed", {"size": 3}), Choice("raw")))
    qtbot.mouseClick(pane.direction.button("sent"), Qt.MouseButton.LeftButton)
    connect(workbench, writer, link, 2)
    put(writer, CallKind.send, b"abcdef", 1, 2)
    wait_for(qtbot, pane.columns[0], ["abc", "def"])
    lines = workbench.bench.lines
    workbench.bench.load(lines)
    again = show(qtbot, workbench, theme)
    assert again.framings == pane.framings
    assert again.direction.value == "sent"
    wait_for(qtbot, again.columns[0], ["abc", "def"])
    assert again.columns[0].form.toggle.isChecked() is False


# -- connections ------------------------------------------------------------------------------------


def test_the_newest_connection_is_shown_until_one_is_picked(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, link: FakeLink, echo: int, qtbot: QtBot
) -> None:
    lines = pane.columns[0]
    put(writer, CallKind.recv, b"of the first\n", echo, 1)
    wait_for(qtbot, lines, ["of the first"])
    connect(workbench, writer, link, 2, echo)
    put(writer, CallKind.recv, b"of the second\n", echo, 2)
    wait_for(qtbot, lines, ["of the second"])
    assert pane.connections.currentText() == "newest: 127.0.0.1:50002"
    pane.connections.setFocus()
    qtbot.keyClick(pane.connections, Qt.Key.Key_End)
    assert pane.connections.currentText() == "127.0.0.1:50001"
    wait_for(qtbot, lines, ["of the first"])
    connect(workbench, writer, link, 3, echo)
    link.news.append(events.ConnectionClosed(echo, 1, CloseReason.EOF, 0, 0, 0, 0))
    workbench.poll()
    qtbot.waitUntil(lambda: pane.connections.currentText() == "127.0.0.1:50001 (closed)")
    assert cells(lines, TEXT) == ["of the first"]
    workbench.selection.choose_scope(Scope(echo, 2))
    wait_for(qtbot, lines, ["of the second"])
    assert pane.connections.currentText() == "127.0.0.1:50002"
    qtbot.keyClick(pane.connections, Qt.Key.Key_End)  # the window goes along: it is about one connection
    assert workbench.selection.scope == Scope(echo, 1)
    wait_for(qtbot, lines, ["of the first"])


def test_where_nothing_is_chosen_the_newest_of_all_is_shown(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, link: FakeLink, qtbot: QtBot
) -> None:
    other = workbench.add_socket(SocketSpec("other", framing=Choice("fixed", {"size": 2})))
    connect(workbench, writer, link, 2, other)
    put(writer, CallKind.recv, b"abc", other, 2)
    workbench.selection.choose_scope(Scope())
    wait_for(qtbot, pane.columns[0], ["ab", "pending: 1 byte: 63 · waits for 1 more byte of 2"])
    texts = [pane.connections.itemText(place) for place in range(pane.connections.count())]
    assert texts == ["newest: other · 127.0.0.1:50002", "other · 127.0.0.1:50002", "echo · 127.0.0.1:50001"]
    workbench.remove_socket(other)
    qtbot.waitUntil(lambda: pane.connections.count() == 2)


def test_of_very_many_connections_the_newest_are_offered(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, link: FakeLink, qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(connection_choice, "MOST", 3)
    monkeypatch.setattr(connection_choice.newest_of, "__defaults__", (3,))
    for number in range(2, 7):
        connect(workbench, writer, link, number)
    qtbot.waitUntil(lambda: pane.connections.count() == 5)
    texts = [pane.connections.itemText(place) for place in range(5)]
    assert texts[1:] == ["127.0.0.1:50006", "127.0.0.1:50005", "127.0.0.1:50004", "and 3 more; choose one in Sockets"]


def test_without_connections_it_says_what_will_appear(
    workbench: Workbench, theme: Theme, writer: Writer, link: FakeLink, qtbot: QtBot
) -> None:
    pane = show(qtbot, workbench, theme)
    assert pane.stack.currentWidget() is pane.empty
    assert "side by side" in pane.empty.text()
    assert not pane.guess_button.isEnabled()
    pane.focus_first()
    assert QApplication.focusWidget() is pane.connections
    number = workbench.add_socket(SocketSpec("echo"))
    connect(workbench, writer, link, 1, number)
    qtbot.waitUntil(lambda: pane.stack.currentWidget() is pane.scroller)
    pane.focus_first()
    assert QApplication.focusWidget() is pane.columns[0].table


def test_it_works_only_while_it_is_seen(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    lines = pane.columns[0]
    put(writer, CallKind.recv, b"one\n", echo)
    wait_for(qtbot, lines, ["one"])
    pane.hide()
    put(writer, CallKind.recv, b"two\n", echo)
    workbench.refresh()
    qtbot.waitUntil(lambda: workbench.catalog.done == writer.count and workbench.indexer.idle)
    assert lines.source is not None
    found = lines.source
    assert found.state.done < writer.count
    pane.show()
    wait_for(qtbot, lines, ["one", "two"])
    assert lines.source is found  # it goes on from there


def test_a_frozen_window_shows_another_framing_all_the_same(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    put(writer, CallKind.recv, b"one\ntwo\n", echo)
    wait_for(qtbot, pane.columns[0], ["one", "two"])
    workbench.set_frozen(True)
    pick(qtbot, pane.columns[1], "line")
    wait_for(qtbot, pane.columns[1], ["one", "two"])


def test_another_capture_takes_the_place(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot, tmp_path: Path
) -> None:
    put(writer, CallKind.recv, b"one\n", echo)
    wait_for(qtbot, pane.columns[0], ["one"])
    other = Writer(tmp_path / "other", segment_bytes=1 << 20, segment_records=64)
    reader = workbench.reader
    workbench.set_capture(Reader.of(other), workbench.link, workbench.tally)
    reader.close()
    qtbot.waitUntil(lambda: pane.columns[0].model.rowCount() == 0)
    other.close()


# -- captures from disk -----------------------------------------------------------------------------


@pytest.fixture
def opened(tmp_path: Path, qapp: QApplication) -> Iterator[Workbench]:
    """A capture from disk: lines that were sent back."""
    exchange = echo_exchange(tmp_path / "capture", (b"hello\n", b"world\nagain", b"\n"))
    made = Workbench(load_captured(exchange.folder, Progress(lambda done, total: None)), None)
    yield made
    made.shut_down()


def test_a_capture_from_disk(opened: Workbench, theme: Theme, qtbot: QtBot) -> None:
    pane = show(qtbot, opened, theme)
    lines, raw = pane.columns
    wait_for(qtbot, lines, ["hello", "world", "again"])
    wait_for(qtbot, raw, ["hello\\n", "world\\nagain", "\\n"])
    qtbot.mouseClick(raw.use_button, Qt.MouseButton.LeftButton)
    wait_for(qtbot, lines, ["hello\\n", "world\\nagain", "\\n"])
    qtbot.mouseClick(pane.guess_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(pane.guesses.cards))
    assert pane.guesses.cards[0].guess.choice.kind == "line"


def test_a_column_that_is_far_behind_says_how_far(
    pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, raw = pane.columns
    put(writer, CallKind.recv, b"one\n" * 100, echo)
    qtbot.waitUntil(lambda: lines.model.rowCount() == 100)
    monkeypatch.setattr(BenchMessages, "bytes_before", lambda self, state: 300)
    monkeypatch.setattr(bench_column, "BEHIND_BYTES", 50)
    lines.tell()
    assert lines.counts.text() == "100 messages · 0 errors · 0 pending · framing… 75 %"
    monkeypatch.undo()
    monkeypatch.setattr(bench_column, "BEHIND", -1)
    raw.tell()
    assert raw.counts.text() == "1 message · 0 errors · 0 pending · framing… 100 %"


def test_while_very_much_arrives_each_column_has_its_turn(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    """Painting all of them at each frame would take the engine's time."""
    ticks: list[str] = []
    for column in pane.columns:
        column.table.take_new = partial(ticks.append, column.letter)  # type: ignore[method-assign]
    for gentle, seen in ((False, "ABABAB"), (True, "BAB")):
        ticks.clear()
        workbench.indexer.gentle = gentle
        for _ in range(3):
            pane._on_tick()
        assert "".join(ticks) == seen


def test_ticks_cost_little_however_much_was_found(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    pane.add_column()
    pane.add_column()
    for _ in range(40):
        put(writer, CallKind.recv, b"a line of text\n" * 1000, echo)
    qtbot.waitUntil(lambda: all(column.model.state.done == writer.count for column in pane.columns), timeout=20_000)
    qtbot.waitUntil(lambda: pane.columns[0].model.rowCount() == 40_000)
    taken = []
    with untraced():
        for _ in range(20):
            put(writer, CallKind.recv, b"x\n", echo)
            begun = time.thread_time()
            pane._on_tick()
            taken.append(time.thread_time() - begun)
    assert sorted(taken)[10] < 0.003


def test_a_framing_that_a_capture_cannot_use_says_why(
    pane: FramingBenchPane, workbench: Workbench, echo: int, qtbot: QtBot
) -> None:
    set_framing(workbench, echo, Choice("of a later version"))
    qtbot.waitUntil(lambda: "cannot be used" in pane.columns[0].table.hint)
    assert pane.columns[0].counts.text() == ""


# -- guessing ---------------------------------------------------------------------------------------


def prefixed(count: int) -> bytes:
    payloads = (bytes([number * 7 % 251] * (number % 19 + 5)) for number in range(count))
    return b"".join(struct.pack(">H", len(payload)) + payload for payload in payloads)


def test_a_guess_is_shown_and_used(
    pane: FramingBenchPane, workbench: Workbench, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    put(writer, CallKind.recv, prefixed(60), echo)
    qtbot.mouseClick(pane.guess_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(pane.guesses.cards))
    card = pane.guesses.cards[0]
    assert card.guess.choice.kind == "length"
    assert card.label.text() == card.guess.label
    assert "60 of 60" in card.reason.text()
    assert card.show_button.accessibleName() == f"Show {card.guess.label}"
    qtbot.mouseClick(card.show_button, Qt.MouseButton.LeftButton)
    assert [framing.kind for framing in pane.framings] == ["own", "raw", "length"]
    shown = pane.columns[2]
    qtbot.waitUntil(lambda: shown.counts.text() == "60 messages · 0 errors · 0 pending")
    qtbot.mouseClick(card.show_button, Qt.MouseButton.LeftButton)  # it is there already
    assert len(pane.columns) == 3
    card.use_button.setFocus()
    qtbot.keyClick(card.use_button, Qt.Key.Key_Space)
    entry = workbench.socket(echo)
    assert entry is not None
    assert entry.spec.framing == card.guess.choice
    qtbot.waitUntil(lambda: card.use_button.text() == "In use" and shown.use_button.text() == "In use")
    qtbot.mouseClick(pane.guesses.close_button, Qt.MouseButton.LeftButton)
    assert pane.guesses.isHidden()
    assert QApplication.focusWidget() is pane.guess_button
    workbench.undo.undo()
    assert workbench.specs[0].framing == LINES


def test_where_all_columns_are_taken_a_guess_is_shown_in_the_last(
    pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    pane.add_column()
    pane.add_column()
    guess = Choice("netstring")
    pane.show_framing(guess)
    assert [framing.kind for framing in pane.framings] == ["own", "raw", "length", "netstring"]


def test_where_nothing_fits_it_says_what_would_help(
    pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    qtbot.mouseClick(pane.guess_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "nothing to guess from" in pane.guesses.sentence.text())
    put(writer, CallKind.recv, b"\x8f\x01", echo)
    qtbot.mouseClick(pane.guess_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "No framing fits what was received so far (2 bytes)" in pane.guesses.sentence.text())
    assert pane.guesses.cards == []
    assert pane.guesses.cancel_button.isHidden()


def test_a_guess_under_way_can_be_cancelled(pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot) -> None:
    put(writer, CallKind.recv, b"one\ntwo\n", echo)
    pane.guess()
    assert pane.guesses.cancel_button.isVisible()
    assert "Looking at what was received" in pane.guesses.sentence.text()
    qtbot.mouseClick(pane.guesses.cancel_button, Qt.MouseButton.LeftButton)
    assert pane.guesses.isHidden()
    assert not pane.guessing.under_way
    assert QApplication.focusWidget() is pane.guess_button


# -- keyboard and screen readers --------------------------------------------------------------------


def test_tab_comes_to_everything_in_its_order(pane: FramingBenchPane, writer: Writer, echo: int, qtbot: QtBot) -> None:
    put(writer, CallKind.recv, b"one\ntwo\nthree\n", echo)
    pane.add_column()
    pane.guess()
    qtbot.waitUntil(lambda: bool(pane.guesses.cards))
    pane.columns[1].form.toggle.setChecked(True)
    wanted = [
        pane.connections,
        pane.direction.button("received"),
        pane.add_button,
        pane.guess_button,
        *(stop for column in pane.columns for stop in column.stops()),
        *pane.guesses.stops(),
    ]
    wanted = [widget for widget in wanted if widget.isVisible()]
    pane.connections.setFocus()
    seen = []
    for _ in wanted:
        seen.append(QApplication.focusWidget())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert seen == wanted
    assert QApplication.focusWidget() is pane.connections


def test_everything_has_a_name_of_its_own(pane: FramingBenchPane) -> None:
    pane.add_column()
    names = [name for column in pane.columns for name in (
        column.table.accessibleName(), column.use_button.accessibleName(), column.remove_button.accessibleName(),
        column.form.kinds.accessibleName(),
    )]  # fmt: skip
    assert all(names)
    assert len(set(names)) == len(names)
    buddies = {label.buddy() for label in pane.findChildren(QLabel)}
    assert {pane.connections, *(column.form.kinds for column in pane.columns)} <= buddies


def test_narrow_columns_leave_out_the_hex(
    workbench: Workbench, theme: Theme, writer: Writer, echo: int, qtbot: QtBot
) -> None:
    pane = show(qtbot, workbench, theme, 560)
    put(writer, CallKind.recv, b"one\n" * 9 + b"pending bytes", echo)
    lines = pane.columns[0]
    qtbot.waitUntil(lambda: lines.model.rowCount() == 10)
    assert lines.table.isColumnHidden(HEX)
    row = lines.model.row(0)
    assert row is not None
    assert "6f 6e 65" in row.tip
    pane.resize(1300, 420)
    qtbot.waitUntil(lambda: not lines.table.isColumnHidden(HEX))
    assert not pane.grab().isNull()
