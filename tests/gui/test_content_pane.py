"""The Content pane: the chosen message as what it is, live and from disk, by mouse and by keyboard."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture import span_bytes
from explorer.capture.framed_messages import FramedMessages
from explorer.capture.messages import Message
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.ui.panes import content_pane
from explorer.ui.panes.calls_pane import CallsPane
from explorer.ui.panes.content_pane import MOST, NOTHING, PER_ROW, ContentPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.content_text import LONGEST
from explorer.ui.workbench import Workbench
from tests.capture.making import echo_exchange
from tests.fakes.untraced import untraced
from tests.gui.byte_captures import RECEIVED, SENT, put

JSON = b'{"a": [1, 2.50], "b": null}\n'
HEAD = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> ContentPane:
    made = ContentPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(420, 600)
    with qtbot.waitExposed(made):
        made.show()
    return made


def add(workbench: Workbench, framing: Choice, encoding: str = "utf-8") -> int:
    number = workbench.add_socket(SocketSpec("s", "tcp", "server", "127.0.0.1", 0, framing=framing, encoding=encoding))
    workbench.selection.choose_scope(Scope(number))
    return number


def call_span(number: int, size: int) -> Span:
    return Span(number, 0, number, size)


def wait_text(qtbot: QtBot, pane: ContentPane, part: str) -> None:
    qtbot.waitUntil(
        lambda: pane.stack.currentIndex() == 1 and part in pane.text.toPlainText() and not pane.text.filling
    )


def test_an_empty_pane_says_what_will_appear(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    assert pane.empty.text() == NOTHING
    put(writer, RECEIVED, b"")
    workbench.selection.choose_span(call_span(0, 0))
    qtbot.waitUntil(lambda: "carried no bytes" in pane.empty.text())
    workbench.selection.clear()
    qtbot.waitUntil(lambda: pane.empty.text() == NOTHING)


def test_a_message_of_another_socket_is_not_shown(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    number = put(writer, RECEIVED, JSON)
    workbench.selection.choose_call(workbench.reader.call(number))
    wait_text(qtbot, pane, '  "a"')
    workbench.selection.choose_scope(Scope(2))
    qtbot.waitUntil(lambda: pane.stack.currentIndex() == 0)
    assert pane.empty.text().startswith("What is chosen belongs to socket 1 #1, which is not shown now.")
    workbench.selection.choose_scope(Scope())
    wait_text(qtbot, pane, '  "a"')


@pytest.mark.parametrize(
    ("data", "title", "part"),
    [
        (JSON, "JSON", '  "a": [\n    1,\n    2.50\n  ],'),
        (HEAD, "HTTP", "Host: a"),
        (b"hello\n", "Text", "hello\\n"),
        (bytes(range(40)), "Hex", "00000020  20 21"),
    ],
)
def test_the_view_is_chosen_by_what_the_bytes_are(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot, data: bytes, title: str, part: str
) -> None:
    number = put(writer, RECEIVED, data)
    workbench.selection.choose_call(workbench.reader.call(number))
    wait_text(qtbot, pane, part)
    assert pane.view_choice.currentText() == f"Automatic ({title})"
    assert f"{len(data)} bytes" in pane.where.text()


def test_the_view_can_be_overridden_and_is_remembered_for_the_socket(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    put(writer, RECEIVED, JSON, socket=1)
    put(writer, RECEIVED, JSON, socket=2, connection=2)
    put(writer, SENT, b"[7]", socket=1)
    workbench.selection.choose_call(workbench.reader.call(0))
    wait_text(qtbot, pane, '  "a"')
    pane.view_choice.setFocus()
    for _ in range(4):
        QTest.keyClick(pane.view_choice, Qt.Key.Key_Down)
    assert pane.view_choice.currentText() == "Hex"
    wait_text(qtbot, pane, "00000000  7b 22 61")
    workbench.selection.choose_call(workbench.reader.call(1))
    wait_text(qtbot, pane, '  "a"')
    workbench.selection.choose_call(workbench.reader.call(2))
    wait_text(qtbot, pane, "00000000  5b 37 5d")
    pane.view_choice.setCurrentIndex(0)
    wait_text(qtbot, pane, "  7")


def test_the_message_that_holds_the_cursor_is_shown_without_its_framing(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    socket = add(workbench, Choice("length", {"width": 2, "skip": 2}))
    put(writer, RECEIVED, b"\x00\x07[1, ", socket)
    put(writer, SENT, b"\x00\x02{}", socket)
    put(writer, RECEIVED, b"22]\x00\x02[]", socket)
    workbench.selection.choose_cursor(Place(2, 1))
    qtbot.waitUntil(lambda: pane.text.toPlainText() == "[\n  1,\n  22\n]")
    assert "received · 7 bytes" in pane.where.text()
    workbench.selection.choose_cursor(Place(1, 0))
    wait_text(qtbot, pane, "{}")
    workbench.selection.choose_span(Span(2, 3, 2, 7, 1, True))  # a row of the messages table
    qtbot.waitUntil(lambda: pane.text.toPlainText() == "[]")


def test_a_message_that_is_completed_later_is_taken_in(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    socket = add(workbench, Choice("line", {"ending": "lf"}))
    put(writer, RECEIVED, b'{"a":', socket)
    workbench.poll()
    workbench.selection.choose_cursor(Place(0, 2))
    wait_text(qtbot, pane, '"a"')
    assert "recv #0" in pane.where.text()
    put(writer, SENT, b"x\n", socket)
    put(writer, RECEIVED, b"5}\n{", socket)
    qtbot.waitUntil(lambda: pane.text.toPlainText() == '{\n  "a": 5\n}')
    assert pane.where.text().startswith("Message ")


def test_selected_bytes_are_those_of_one_flow(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    put(writer, RECEIVED, b"[1,")
    put(writer, SENT, b"other")
    put(writer, RECEIVED, b"2] \nrest")
    workbench.selection.choose_span(Span(0, 0, 2, 3))
    qtbot.waitUntil(lambda: pane.text.toPlainText() == "[\n  1,\n  2\n]")
    assert "only what recv #0's connection received" in pane.where.text()


def test_it_follows_the_calls_table_by_keyboard(
    qtbot: QtBot, workbench: Workbench, writer: Writer, theme: Theme
) -> None:
    put(writer, RECEIVED, JSON)
    put(writer, SENT, HEAD)
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    calls, pane = CallsPane(workbench, theme), ContentPane(workbench, theme)
    column.addWidget(calls)
    column.addWidget(pane)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(lambda: calls.model.rowCount() == 2)
    QTest.keyClick(calls.table, Qt.Key.Key_Home)
    wait_text(qtbot, pane, "2.50")
    QTest.keyClick(calls.table, Qt.Key.Key_Down)
    wait_text(qtbot, pane, "Host: a")


def test_mistakes_are_told_above_the_text(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    put(writer, RECEIVED, b'{"a": 1,}')
    workbench.selection.choose_call(workbench.reader.call(0))
    wait_text(qtbot, pane, '"a"')
    assert pane.problems.isVisible()
    assert pane.problems.text() == '⚠ Line 1, column 9: Expected a "name", not }.'
    put(writer, RECEIVED, b"[]")
    workbench.selection.choose_call(workbench.reader.call(1))
    qtbot.waitUntil(lambda: pane.text.toPlainText() == "[]")
    assert not pane.problems.isVisible()


def test_a_long_message_is_bounded_and_shown_piece_by_piece(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    size = MOST // 2 + 1
    for _ in range(3):
        put(writer, RECEIVED, b"ab\n" * (size // 3 + 1))
    workbench.selection.choose_span(Span(0, 0, 2, size))
    qtbot.waitUntil(lambda: pane.facts.isVisible() and "Only the first 1,048,576 bytes" in pane.facts.text())
    assert pane.text.filling
    qtbot.waitUntil(lambda: pane.text.blockCount() > 5000)
    workbench.selection.choose_span(Span(0, 0, 0, 6))
    qtbot.waitUntil(lambda: pane.text.toPlainText() == "ab\\n\nab\\n" and not pane.text.filling)


@pytest.fixture
def long_message(pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot) -> int:
    """The number of the first call of a line that came in 12,000 calls, with others in between."""
    socket = add(workbench, Choice("line", {"ending": "lf"}))
    first = put(writer, RECEIVED, b"first", socket)
    for number in range(6000):
        put(writer, RECEIVED, b"ab" * 32, socket)
        put(writer, SENT, b"%d\n" % number, socket)
    put(writer, RECEIVED, b"last\n", socket)
    qtbot.waitUntil(lambda: workbench.messages.messages is not None and workbench.messages.messages.done > 12_000)
    return first


def test_a_long_message_is_found_and_read_beside_the_window(
    pane: ContentPane, workbench: Workbench, long_message: int, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    payload = FramedMessages.payload

    def watched(self: FramedMessages, message: Message, most: int | None = None) -> bytes:
        threads.append(threading.get_ident())
        return payload(self, message, most)

    monkeypatch.setattr(FramedMessages, "payload", watched)
    workbench.selection.choose_cursor(Place(long_message + 401, 3))
    with untraced():
        begun = time.perf_counter()
        pane._look()
        took = time.perf_counter() - begun
    qtbot.waitUntil(lambda: "received · 384,009 bytes" in pane.where.text())
    assert took < 0.02
    assert threads
    assert threading.get_ident() not in threads
    # The cursor steps on in the same message: nothing is looked for or shown again, even if by now there is other room
    # for rows, as when a scroll bar came.
    shown, read = pane._rendered, len(threads)
    monkeypatch.setattr(content_pane, "Holder", None)
    other = next(count for count in PER_ROW if count != pane._per_row)
    monkeypatch.setattr(ContentPane, "_per_row", other)
    for step in range(3):
        workbench.selection.choose_cursor(Place(long_message + 403, step))
        pane._look()
    assert pane._rendered is shown
    assert len(threads) == read


def test_a_frozen_window_shows_a_message_that_is_chosen(
    pane: ContentPane, workbench: Workbench, long_message: int, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(span_bytes, "_ROWS", 1000)  # it takes some frames to find it
    workbench.set_frozen(True)
    workbench.selection.choose_cursor(Place(long_message + 401, 3))
    qtbot.waitUntil(lambda: "received · 384,009 bytes" in pane.where.text())


def test_copying(pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot) -> None:
    text = "x" * (LONGEST * 2 + 5)
    put(writer, RECEIVED, json.dumps([text, "\U0001f600"], ensure_ascii=False).encode())
    workbench.selection.choose_call(workbench.reader.call(0))
    wait_text(qtbot, pane, "\U0001f600")
    assert pane.text.blockCount() > 4  # a line that is too long goes on in the next
    clipboard = QGuiApplication.clipboard()
    qtbot.mouseClick(pane.copy_button, Qt.MouseButton.LeftButton)
    assert json.loads(clipboard.text()) == [text, "\U0001f600"]
    clipboard.clear()
    QTest.keyClick(pane.text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(pane.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert json.loads(clipboard.text()) == [text, "\U0001f600"]
    assert clipboard.text().count("\n") == 3


def test_lines_are_wrapped_or_not(pane: ContentPane) -> None:
    mode = pane.text.LineWrapMode
    assert pane.text.lineWrapMode() is mode.WidgetWidth
    QTest.keyClick(pane.wrap, Qt.Key.Key_Space)
    assert pane.text.lineWrapMode() is mode.NoWrap


def test_another_framing_shows_another_message(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    socket = add(workbench, Choice("raw"))
    put(writer, RECEIVED, b"one\ntwo\n", socket)
    workbench.selection.choose_cursor(Place(0, 1))
    wait_text(qtbot, pane, "two\\n")
    entry = workbench.socket(socket)
    assert entry is not None
    workbench.start(socket)  # only sockets that ran have bytes
    workbench.edit_socket(
        socket, SocketSpec("s", "tcp", "server", "127.0.0.1", 0, framing=Choice("line", {"ending": "lf"}))
    )
    workbench.selection.choose_cursor(Place(0, 2))
    qtbot.waitUntil(lambda: pane.text.toPlainText() == "one")


def test_a_capture_from_disk(qtbot: QtBot, tmp_path: Path, theme: Theme) -> None:
    exchange = echo_exchange(tmp_path / "capture", (b'{"x": 1}\n', b"[2]\n"))
    bench = Workbench(Reader(exchange.folder), None)
    pane = ContentPane(bench, theme)
    qtbot.addWidget(pane)
    with qtbot.waitExposed(pane):
        pane.show()
    first = next(call for call in bench.reader.calls(0, bench.reader.count) if call.received)
    bench.selection.choose_cursor(Place(first.number, 3))
    wait_text(qtbot, pane, '"x": 1')
    qtbot.waitUntil(lambda: pane.where.text().startswith("Message 1 "))
    bench.shut_down()
    bench.deleteLater()


def test_rows_of_hex_fit_the_pane(pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot) -> None:
    put(writer, RECEIVED, bytes(range(256)) * 4)
    workbench.selection.choose_span(call_span(0, 1024))

    def fits(per_row: int) -> bool:
        rows = -(-1024 // per_row)
        document = pane.text.document()
        blocks = [document.findBlockByNumber(at) for at in range(rows)]
        return document.blockCount() == rows and max(block.layout().lineCount() for block in blocks) == 1

    digit = QFontMetrics(pane.text.font()).horizontalAdvance("0")
    for width, per_row in ((100, 16), (60, 8), (40, 4), (60, 8), (100, 16)):
        pane.resize(width * digit, 600)
        qtbot.waitUntil(lambda per_row=per_row: fits(per_row))  # type: ignore[misc]
    pane.resize(60 * digit, 600)
    qtbot.waitUntil(lambda: fits(8))
    pane.wrap.setChecked(False)  # who wants long lines gets them
    qtbot.waitUntil(lambda: fits(16))


def test_what_is_no_hex_stays_as_it_is_in_another_width(
    pane: ContentPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    put(writer, RECEIVED, JSON)
    workbench.selection.choose_span(call_span(0, len(JSON)))
    wait_text(qtbot, pane, '"b": null')
    before = pane._rendered
    digit = QFontMetrics(pane.text.font()).horizontalAdvance("0")
    fitting = pane._per_row
    pane.resize(100 * digit, 600)
    qtbot.waitUntil(lambda: pane._wanted is not None and pane._wanted.per_row == pane._per_row != fitting)
    assert pane._rendered is before
