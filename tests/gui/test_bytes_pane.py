"""The byte pane in a workbench: scope, direction, linked selection, copying, saving."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from explorer.bridge.jobs import Cancelled
from explorer.capture import places as places_module
from explorer.capture.places import place, place_steps, places
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.steps import Steps
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.writer import Writer
from explorer.core import events
from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.errors import ShownError
from explorer.core.socket_spec import SocketSpec
from explorer.ui import copying, newest_work
from explorer.ui.panes import bytes_link
from explorer.ui.panes.bytes_pane import NOTHING_YET, BytesPane, describe_position
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_table import ByteTable
from explorer.ui.widgets.text_page import TextPage
from explorer.ui.workbench import Workbench
from explorer.wire.formats import FORMATS, find_format
from tests.fakes.untraced import untraced
from tests.gui.byte_captures import RECEIVED, SENT, put, stream_of
from tests.gui.conftest import FakeLink


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> BytesPane:
    made = BytesPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def wait_for(qtbot: QtBot, pane: BytesPane, size: int) -> None:
    qtbot.waitUntil(lambda: pane.view.rows.size == size)


def shown(pane: BytesPane) -> bytes:
    return pane.view.shown_window().data


def choose_file(pane: BytesPane, path: Path) -> None:
    """In the dialog that asks for the file to save to."""
    dialog = pane.findChildren(QFileDialog)[-1]
    dialog.setDirectory(str(path.parent))
    dialog.selectFile(path.name)
    dialog.accept()


def test_an_empty_pane_says_what_will_come(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    assert pane.pages.currentWidget() is pane.pages.empty
    assert pane.pages.empty.text() == NOTHING_YET
    put(writer, RECEIVED, b"Hello")
    wait_for(qtbot, pane, 5)
    assert pane.pages.currentWidget() is pane.view
    assert shown(pane) == b"Hello"


def test_a_direction_alone(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"in")
    put(writer, SENT, b"out")
    wait_for(qtbot, pane, 5)
    qtbot.mouseClick(pane.header.button("sent"), Qt.MouseButton.LeftButton)
    wait_for(qtbot, pane, 3)
    assert shown(pane) == b"out"
    qtbot.keyClick(pane, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    wait_for(qtbot, pane, 2)
    assert shown(pane) == b"in"
    assert pane.header.button("received").isChecked()


def test_a_direction_without_bytes_says_so(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"in")
    wait_for(qtbot, pane, 2)
    pane.set_direction("sent")
    qtbot.waitUntil(lambda: "Nothing was sent by all sockets" in pane.pages.empty.text())


def test_the_scope_is_named_and_shown(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, link: FakeLink
) -> None:
    assert pane.header.scope == "all sockets"
    number = workbench.add_socket(SocketSpec("echo"))
    local, remote = Endpoint("127.0.0.1", 9000), Endpoint("127.0.0.1", 51514)
    link.news.append(events.ConnectionOpened(number, 7, local, remote, accepted=True))
    qtbot.waitUntil(lambda: workbench.connection(7) is not None)
    put(writer, RECEIVED, b"mine", socket=number, connection=7)
    put(writer, RECEIVED, b"other", socket=99, connection=8)
    wait_for(qtbot, pane, 9)
    workbench.selection.choose_scope(Scope(number))
    wait_for(qtbot, pane, 4)
    assert pane.header.scope == "echo"
    workbench.selection.choose_scope(Scope(number, 7))
    assert pane.header.scope == "echo ← 127.0.0.1:51514"
    wait_for(qtbot, pane, 4)
    workbench.edit_socket(number, SocketSpec("renamed"))
    assert pane.header.scope == "renamed ← 127.0.0.1:51514"


def test_selecting_here_selects_calls_everywhere(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    for data in (b"0123456789", b"abcdefghij", b"ABCDEFGHIJ"):
        put(writer, RECEIVED, data)
    wait_for(qtbot, pane, 30)
    with qtbot.waitSignal(workbench.selection.span_changed) as blocker:
        pane.view.select(5, 12, by_user=True)
    assert blocker.args == [Span(0, 5, 1, 2), pane]
    assert pane.header.position == "offset 0x5 (5) · 7 bytes selected · ends 0xB"
    pane.view.setFocus()
    qtbot.keyClick(pane.view, Qt.Key.Key_Escape)
    assert workbench.selection.span is None


def test_calls_selected_elsewhere_are_shown_here(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    for n in range(100):
        put(writer, RECEIVED if n % 2 else SENT, bytes([n]) * 100)
    wait_for(qtbot, pane, 10_000)
    other = QObject()
    workbench.selection.choose_call(workbench.reader.call(11), other)
    assert pane.view.selection == (1100, 1200)
    assert pane.view.top <= 1100 // 16 < pane.view.top + pane.view.whole_rows
    # The same call in a stream that shows received bytes alone stands elsewhere.
    pane.set_direction("received")
    qtbot.waitUntil(lambda: pane.view.selection == (500, 600))
    # One that this stream leaves out is a place, and nothing to select.
    workbench.selection.choose_call(workbench.reader.call(20), other)
    assert pane.view.selection is None
    assert pane.view.cursor_offset == 1000


def test_a_call_behind_all_bytes_selects_nothing(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    put(writer, RECEIVED, bytes(10_000))
    number = writer.add(CallKind.recv, 1, 1, asked=4096, flags=CallFlag.END)
    wait_for(qtbot, pane, 10_000)
    workbench.selection.choose_span(Span(0, 10, 0, 20))
    assert pane.view.selection == (10, 20)
    workbench.selection.choose_call(workbench.reader.call(number))
    assert pane.view.selection is None
    assert pane.view.cursor_offset == 9_999
    assert pane.view.top == 0


def test_a_span_without_bytes_of_this_stream_leaves_the_view_where_it_is(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    for n in range(100):
        put(writer, RECEIVED, bytes([n]) * 100, socket=1, connection=1)
        put(writer, SENT, b"", socket=2, connection=2)
    put(writer, RECEIVED, b"elsewhere", socket=2, connection=2)
    workbench.selection.choose_scope(Scope(1))
    wait_for(qtbot, pane, 10_000)
    assert pane.view.following
    top = pane.view.top
    assert top > 0
    workbench.selection.choose_call(workbench.reader.call(3))
    assert (pane.view.selection, pane.view.following, pane.view.top) == (None, True, top)
    workbench.selection.choose_call(workbench.reader.call(0))
    assert (pane.view.selection, pane.view.following, pane.view.top) == ((0, 100), False, 0)
    workbench.selection.choose_call(workbench.reader.call(181))
    assert (pane.view.selection, pane.view.following, pane.view.top) == (None, False, 0)
    # A socket that is looked at from now on, and of whose bytes the span holds none, is shown from its end on.
    workbench.selection.choose_call(workbench.reader.call(200))
    workbench.selection.choose_scope(Scope())
    qtbot.waitUntil(lambda: pane.view.selection == (10_000, 10_009))
    workbench.selection.choose_scope(Scope(1))
    qtbot.waitUntil(lambda: pane.link.pending is None)
    assert (pane.view.rows.size, pane.view.selection, pane.view.following) == (10_000, None, True)
    assert pane.view.top + pane.view.whole_rows >= pane.view.rows.count


def test_a_frozen_window_can_be_looked_around_in(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, tmp_path: Path
) -> None:
    put(writer, RECEIVED, b"one", socket=1, connection=1)
    number = put(writer, RECEIVED, b"other", socket=2, connection=2)
    wait_for(qtbot, pane, 8)
    workbench.set_frozen(True)
    workbench.selection.choose_scope(Scope(2))
    wait_for(qtbot, pane, 5)
    assert shown(pane) == b"other"
    assert pane.pages.currentWidget() is pane.view
    workbench.selection.choose_call(workbench.reader.call(number))
    assert pane.view.selection == (0, 5)
    pane.set_direction("sent")
    qtbot.waitUntil(lambda: "Nothing was sent" in pane.pages.empty.text())
    pane.set_direction("both")
    wait_for(qtbot, pane, 5)
    qtbot.waitUntil(lambda: not pane._catch_up._timer.isActive())
    put(writer, RECEIVED, b"later", socket=2, connection=2)
    workbench.poll()
    assert pane.view.rows.size == 5
    another = Writer(tmp_path / "another", quota=1 << 30, segment_bytes=1 << 20, segment_records=64)
    put(another, SENT, b"newer", socket=2, connection=2)
    workbench.reader = Reader.of(another)
    workbench.capture_changed.emit()
    qtbot.waitUntil(lambda: shown(pane) == b"newer")
    another.close()


def test_clearing_the_selection_elsewhere_leaves_the_view_where_it_is(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    put(writer, RECEIVED, bytes(10_000))
    wait_for(qtbot, pane, 10_000)
    workbench.selection.choose_span(Span(0, 0, 0, 5))
    pane.view.follow()
    workbench.selection.choose_span(None)
    assert pane.view.selection is None
    assert pane.view.following
    assert pane.view.top > 0


def test_a_call_that_is_not_indexed_yet_is_selected_later(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    put(writer, RECEIVED, b"first")
    wait_for(qtbot, pane, 5)
    stream = pane.source.bytes
    workbench.indexer.unregister(stream.index)
    number = put(writer, RECEIVED, b"second")
    workbench.selection.choose_call(workbench.reader.call(number))
    assert pane.view.selection is None
    workbench.indexer.register(stream.index)
    qtbot.waitUntil(lambda: pane.view.selection == (5, 11))


def test_a_lagging_index_is_told(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = pane.source.bytes
    workbench.indexer.unregister(stream.index)
    monkeypatch.setattr("explorer.ui.panes.bytes_pane.LAG", 10)
    for _ in range(40):
        put(writer, RECEIVED, b"x")
    stream.index.advance(10)
    qtbot.waitUntil(lambda: pane.header.indexing == "indexing… 25 %")
    workbench.indexer.register(stream.index)
    qtbot.waitUntil(lambda: pane.header.indexing == "")


def test_old_indexes_are_let_go(pane: BytesPane, workbench: Workbench) -> None:
    before = len(workbench.indexer._turns)
    for direction in ("sent", "received", "both"):
        pane.set_direction(direction)
    assert len(workbench.indexer._turns) == before


def test_place_of_spans(writer: Writer) -> None:
    stream = stream_of(writer, [(RECEIVED, b"aaa"), (SENT, b""), (RECEIVED, b"bb")])
    assert place(stream, Span(0, 1, 2, 1)) == (1, 4)
    assert place(stream, Span(1, 0, 1, 0)) == (3, 3)


def test_places_of_one_connection_and_direction(writer: Writer) -> None:
    calls = [
        (RECEIVED, b"aaaa", 1), (RECEIVED, b"xx", 2), (SENT, b"y", 1), (RECEIVED, b"bbb", 1),
        (RECEIVED, b"cc", 1), (RECEIVED, b"zzz", 2), (RECEIVED, b"dddd", 1),
    ]  # fmt: skip
    for kind, data, connection in calls:
        put(writer, kind, data, connection=connection)
    stream = stream_of(writer)
    assert places(stream, Span(0, 1, 6, 2)) == ((1, 17),)
    one = Span(0, 1, 6, 2, connection=1, received=True)
    assert places(stream, one) == ((1, 4), (7, 12), (15, 17))
    assert b"".join(stream.read(*part) for part in places(stream, one)) == b"aaabbbccdd"
    assert places(stream, Span(0, 1, 6, 2, connection=1)) == ((1, 4), (6, 12), (15, 17))
    assert places(stream, Span(0, 1, 6, 2, received=False)) == ((6, 7),)
    assert places(stream, Span(1, 0, 1, 2, connection=1, received=True)) == ()
    sent = ByteStream(stream.reader, Scope(), received=False)
    sent.index.advance()
    assert places(sent, one) == ()
    alone = ByteStream(stream.reader, Scope(1, 1), sent=False)
    alone.index.advance()
    assert places(alone, one) == ((1, 11),)


def test_places_are_found_across_blocks_and_segments(writer: Writer) -> None:
    for n in range(5000):
        put(writer, RECEIVED, b"ab", connection=1 + n % 2)
    stream = stream_of(writer)
    found = places(stream, Span(100, 1, 4900, 1, connection=1, received=True))
    assert found[:2] == ((201, 202), (204, 206))
    assert found[-2:] == ((9796, 9798), (9800, 9801))
    assert len(found) == 2401


def test_places_of_very_many_calls_are_found_in_steps(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(30_000):
        put(writer, RECEIVED if n % 8 else SENT, b"ab")
    stream = stream_of(writer)
    span = Span(0, 0, 29_999, 1, 1, True)
    with untraced():
        begun = time.perf_counter()
        found = places(stream, span)
        spent = time.perf_counter() - begun
    assert (found[0], found[-1], len(found)) == ((2, 16), (59_986, 59_999), 3_750)
    assert spent < 0.01
    steps = Steps(place_steps(stream, span))
    taken = 0
    while steps.advance(1):
        taken += 1
    assert (steps.result, taken) == (found, len(range(0, 30_000, 2048)))
    monkeypatch.setattr(places_module, "MOST_RANGES", 1_000)
    assert places(stream, span) == found[:1_000]


def test_a_long_selection_of_one_direction_never_holds_up_the_window(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    many = 100_000
    for n in range(many):
        put(writer, RECEIVED if n % 2 else SENT, b"ab")
    wait_for(qtbot, pane, 2 * many)
    qtbot.waitUntil(lambda: pane.source.done == many, timeout=20_000)
    chosen = [Span(0, 0, last, 2, None, True) for last in range(many - 10, many)]
    spent = []
    with untraced():
        for span in chosen:
            begun = time.perf_counter()
            workbench.selection.choose_span(span, QObject())
            spent.append(time.perf_counter() - begun)
    assert sorted(spent)[len(spent) // 2] < 0.008
    qtbot.waitUntil(lambda: pane.link.pending is None, timeout=20_000)
    assert len(pane.view.ranges) == many // 2
    assert pane.view.ranges[-1] == (2 * many - 2, 2 * many)
    workbench.selection.choose_span(chosen[0], QObject())
    workbench.selection.choose_span(None)
    assert pane.link.pending is None
    assert pane.view.ranges == ()


def test_a_long_selection_is_found_in_a_frozen_window_too(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest_work, "AT_ONCE", 0.0)
    for n in range(20_000):
        put(writer, RECEIVED if n % 2 else SENT, b"ab")
    wait_for(qtbot, pane, 40_000)
    workbench.set_frozen(True)
    workbench.selection.choose_span(Span(0, 0, 19_999, 2, None, True), QObject())
    assert pane.view.ranges == ()
    qtbot.waitUntil(lambda: len(pane.view.ranges) == 10_000)


def test_more_pieces_than_are_selected_at_once_are_told(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places_module, "MOST_RANGES", 3)
    monkeypatch.setattr(bytes_link, "MOST_RANGES", 3)
    for n in range(10):
        put(writer, RECEIVED if n % 2 else SENT, b"ab")
    wait_for(qtbot, pane, 20)
    workbench.selection.choose_span(Span(0, 0, 9, 2, None, True), QObject())
    assert pane.view.ranges == ((2, 4), (6, 8), (10, 12))
    assert pane.notice.text.text() == bytes_link.TOO_MANY


def test_parts_chosen_elsewhere_are_selected_and_copied(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    for data in (b"one", b"two", b"three"):
        put(writer, RECEIVED, data)
    wait_for(qtbot, pane, 11)
    parts = Span(0, 0, 0, 3, 1, True), Span(2, 0, 2, 5, 1, True)
    workbench.selection.choose_span(parts[1], QObject(), parts=parts)
    assert pane.view.ranges == ((0, 3), (6, 11))
    pane.menu.act("text")
    assert QGuiApplication.clipboard().text() == "onethree"
    pane.link.tell()  # as when only the cursor is moved
    assert workbench.selection.parts == parts


def test_rows_of_the_table_chosen_apart_are_told_apart(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    put(writer, RECEIVED, bytes(range(48)))
    wait_for(qtbot, pane, 48)
    pane.header.view_chosen.emit("table")
    table = pane.pages.currentWidget()
    assert isinstance(table, ByteTable)
    table.take_new()
    for row in (0, 2):
        keys = Qt.KeyboardModifier.ControlModifier if row else Qt.KeyboardModifier.NoModifier
        place = table.visualRect(table.model().index(row, 2)).center()
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, keys, place)
    assert pane.view.ranges == ((0, 16), (32, 48))
    assert workbench.selection.parts == (Span(0, 0, 0, 16), Span(0, 32, 0, 48))
    workbench.notes.highlight_selection()
    assert tuple(note.span for note in workbench.notes.notes) == workbench.selection.parts


def test_positions_in_words() -> None:
    assert describe_position(500, ((500, 512),)) == "offset 0x1F4 (500) · 12 bytes selected · ends 0x1FF"
    assert describe_position(500, ((500, 501),)) == "offset 0x1F4 (500) · 1 byte selected"
    assert describe_position(500, ()) == "offset 0x1F4 (500)"
    said = "offset 0x1F4 (500) · 12 bytes selected in 2 parts · ends 0x3EA"
    assert describe_position(500, ((500, 511), (1002, 1003))) == said


def test_find_and_go_to_from_the_keyboard(pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench) -> None:
    put(writer, RECEIVED, b"." * 3000 + b"needle" + b"." * 3000)
    wait_for(qtbot, pane, 6006)
    pane.open_find()
    qtbot.waitUntil(pane.find_bar.field.hasFocus)
    qtbot.keyClicks(pane.find_bar.field, "needle")
    qtbot.keyClick(pane.find_bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: pane.view.selection == (3000, 3006))
    assert workbench.selection.span == Span(0, 3000, 0, 3006)
    qtbot.keyClick(pane.find_bar.field, Qt.Key.Key_Escape)
    assert pane.view.hasFocus()
    pane.open_go_to()
    qtbot.keyClicks(pane.goto_bar.field, "0x10")
    qtbot.keyClick(pane.goto_bar.field, Qt.Key.Key_Return)
    assert pane.view.selection == (16, 17)


# -- copying -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hex", "48 69 0a"),
        ("plain_hex", "48690a"),
        ("text", "Hi\n"),
        ("python", "b'Hi\\n'"),
        ("dump", "00000000  48 69 0a                                          |Hi·|\n"),
    ],
)
def test_copying(pane: BytesPane, qtbot: QtBot, writer: Writer, name: str, text: str) -> None:
    put(writer, RECEIVED, b"...Hi\n...")
    wait_for(qtbot, pane, 9)
    pane.view.select(3, 6, by_user=True)
    actions = {action.data(): action for action in pane.menu.make_menu().findChildren(QAction)}
    assert actions[name].isEnabled()
    pane.menu.act(name)
    assert QGuiApplication.clipboard().text() == text
    assert "3 bytes copied" in pane.notice.text.text()


def test_control_c_copies_what_the_side_shows(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"Hi there")
    wait_for(qtbot, pane, 8)
    pane.view.select(0, 2, by_user=True)
    pane.view.setFocus()
    qtbot.keyClick(pane.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "48 69"
    qtbot.keyClick(pane.view, Qt.Key.Key_Tab)
    qtbot.keyClick(pane.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Hi"


@pytest.mark.parametrize("form", [None, *FORMATS], ids=lambda form: form.name if form else "raw")
def test_parts_are_saved_as_if_they_were_one(writer: Writer, tmp_path: Path, monkeypatch, form) -> None:
    monkeypatch.setattr(copying, "_PIECE", 48)
    data = "Grüße, €\r\n".encode() * 40
    whole = stream_of(writer, [(RECEIVED, data)])
    ranges = tuple((at, at + 7 + at % 5) for at in range(0, 400, 13))
    alone = b"".join(data[start:stop] for start, stop in ranges)
    copying.save(whole, ranges, form, "utf-8", tmp_path / "parts", lambda done, total: done < total == len(alone))
    put(writer, RECEIVED, alone)
    whole.index.advance()
    end = len(data) + len(alone)
    copying.save(whole, ((len(data), end),), form, "utf-8", tmp_path / "one", lambda done, total: True)
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "one").read_bytes()


def test_a_message_between_the_bytes_of_others_is_copied_alone(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, tmp_path: Path
) -> None:
    for n, data in enumerate((b"..mes", b"OTHER", b"sa", b"MORE", b"ge..")):
        put(writer, RECEIVED, data, connection=1 + n % 2)
    wait_for(qtbot, pane, 20)
    workbench.selection.choose_span(Span(0, 2, 4, 2, connection=1, received=True))
    assert pane.view.ranges == ((2, 5), (10, 12), (16, 18))
    assert pane.header.position == "offset 0x2 (2) · 7 bytes selected in 3 parts · ends 0x11"
    pane.menu.act("text")
    assert QGuiApplication.clipboard().text() == "message"
    path = tmp_path / "saved.bin"
    pane.menu.act("save raw")
    choose_file(pane, path)
    qtbot.waitUntil(lambda: "7 bytes saved" in pane.notice.text.text())
    assert path.read_bytes() == b"message"
    # What the user then selects is one range again.
    pane.view.setFocus()
    qtbot.keyClick(pane.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert list(pane.view.ranges) == [(3, 18)]
    assert workbench.selection.span == Span(0, 3, 4, 2)


def test_a_long_copy_runs_beside_the_window(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"ab" * 100_000)
    wait_for(qtbot, pane, 200_000)
    pane.view.select_all()
    pane.menu.act("plain_hex")
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "6162" * 100_000)


def test_too_much_to_copy_can_be_saved(
    pane: BytesPane, qtbot: QtBot, writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(writer, RECEIVED, b"abc" * 1000)
    wait_for(qtbot, pane, 3000)
    monkeypatch.setattr(copying, "LIMIT", 1000)
    pane.view.select_all()
    pane.menu.act("hex")
    assert "3,000 bytes are selected; at most 1,000" in pane.notice.text.text()
    path = tmp_path / "saved.bin"
    qtbot.mouseClick(pane.notice.save_button, Qt.MouseButton.LeftButton)
    choose_file(pane, path)
    qtbot.waitUntil(lambda: "saved to" in pane.notice.text.text())
    assert path.read_bytes() == b"abc" * 1000


@pytest.mark.parametrize("form", [None, *FORMATS], ids=lambda form: form.name if form else "raw")
def test_a_saved_file_holds_the_same_bytes(writer: Writer, tmp_path: Path, monkeypatch, form) -> None:
    monkeypatch.setattr(copying, "_PIECE", 48)  # a multiple of a dump's line, as the real one
    data = "Grüße, €\r\n".encode() * 40 + bytes(range(256))
    stream = stream_of(writer, [(RECEIVED, data)])
    path = tmp_path / "out"
    copying.save(stream, ((5, len(data)),), form, "utf-8", path, lambda done, total: True)
    written = path.read_bytes()
    if form is None:
        assert written == data[5:]
    elif form.name == "text":
        assert written.decode() == data[5:].decode("utf-8", "replace")
    elif form.name == "python":
        assert eval(written) == data[5:]
    else:
        assert form.parse(written.decode(), "utf-8") == data[5:]


def test_saving_can_fail_or_be_cancelled(writer: Writer, tmp_path: Path) -> None:
    stream = stream_of(writer, [(RECEIVED, b"abc")])
    with pytest.raises(ShownError, match="could not be written"):
        copying.save(stream, ((0, 3),), None, "utf-8", tmp_path / "none" / "out", lambda done, total: True)
    with pytest.raises(Cancelled):
        copying.save(stream, ((0, 3),), find_format("hex"), "utf-8", tmp_path / "out", lambda done, total: False)
    assert not (tmp_path / "out").exists()


def test_names_and_paths_are_plain_text(pane: BytesPane) -> None:
    """A socket may be called <b>x</b>, and a file too."""
    for label in (pane.pages.empty, pane.notice.text, pane.find_bar.problem, pane.goto_bar.problem):
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_another_capture_takes_the_place(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, tmp_path: Path
) -> None:
    put(writer, RECEIVED, b"old")
    wait_for(qtbot, pane, 3)
    other = Writer(tmp_path / "other", quota=1 << 30, segment_bytes=1 << 20, segment_records=64)
    put(other, SENT, b"newer")
    workbench.reader = Reader.of(other)
    workbench.capture_changed.emit()
    wait_for(qtbot, pane, 5)
    assert shown(pane) == b"newer"
    other.close()


def test_in_a_narrow_pane_the_place_of_the_cursor_keeps_room(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"abc")
    wait_for(qtbot, pane, 3)
    for width in (900, 560, 500, 300):
        pane.resize(width, 400)
        label = pane.header._position
        qtbot.waitUntil(lambda: pane.header.width() <= pane.width())
        assert label.width() >= label.minimumWidth() > 0
        assert label.geometry().right() <= pane.header.width()
        assert pane.header.rect().contains(label.geometry())


# -- the page of text --------------------------------------------------------------------------------------------


def test_the_text_page_shares_selection_encoding_and_copying(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench
) -> None:
    put(writer, RECEIVED, "Grüße\n".encode())
    put(writer, SENT, b"thanks\n")
    wait_for(qtbot, pane, 15)
    pane.view.select(2, 4, by_user=True)
    pane._on_view("text")
    page = pane.pages.made["text"]
    assert isinstance(page, TextPage)
    assert pane.pages.currentWidget() is page
    assert page.ranges == ((2, 4),)
    assert [row.text for row in page.view.shown_rows()] == ["Grüße␊", "thanks␊"]
    page.view.move_cursor(8)
    page.view.move_cursor(10, extend=True)
    assert pane.view.ranges == ((8, 11),)
    assert workbench.selection.span == Span(1, 0, 1, 3)
    pane.menu.copy_as_seen()
    assert QGuiApplication.clipboard().text() == "tha"
    put(writer, RECEIVED, b"more\n")
    qtbot.waitUntil(lambda: page.view.total == 20)
    pane.open_go_to()
    qtbot.keyClick(pane.goto_bar.field, Qt.Key.Key_Escape)
    assert page.view.hasFocus()


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("raw", ".bin"), ("hex", ".hex"), ("c", ".c"), ("go", ".go"), ("base64", ".b64"), ("json", ".json")],
)
def test_a_saved_file_gets_the_suffix_of_its_format(
    pane: BytesPane,
    qtbot: QtBot,
    writer: Writer,
    tmp_path: Path,
    name: str,
    suffix: str,
) -> None:
    put(writer, RECEIVED, b"Hi")
    wait_for(qtbot, pane, 2)
    pane.view.select(0, 2, by_user=True)
    action = next(one for one in pane.menu.make_menu().findChildren(QAction) if one.data() == f"save {name}")
    pane.menu.act(action.data())
    dialog = pane.findChildren(QFileDialog)[-1]
    assert [Path(file).name for file in dialog.selectedFiles()] == [f"bytes{suffix}"]
    assert f"(*{suffix})" in dialog.nameFilters()[0]
    assert dialog.nameFilters()[1] == "All files (*)"
    choose_file(pane, tmp_path / "saved")
    qtbot.waitUntil(lambda: "saved to" in pane.notice.text.text())
    assert (tmp_path / f"saved{suffix}").exists()
