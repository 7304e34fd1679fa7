"""The byte pane with rows without a gap, per call and per message: by mouse, by keyboard, live and reopened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallFlag, CallKind
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.settings import Settings
from explorer.ui.go_to import Moment, parse_go_to
from explorer.ui.panes.bytes_header import FIT
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.bytes_source import ROW_MODES
from explorer.ui.theme import Theme
from explorer.ui.widgets import byte_accessible
from explorer.ui.widgets.byte_rows import gap_text
from explorer.ui.widgets.byte_table import ByteTable
from explorer.ui.widgets.text_page import TextPage
from explorer.ui.workbench import Workbench
from tests.capture.making import echo_exchange
from tests.gui.byte_captures import RECEIVED, SENT, put
from tests.gui.conftest import set_framing

LINES = Choice("line", {"ending": "lf"})
SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
NONE = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> Iterator[BytesPane]:
    """Of a socket whose messages are lines."""
    number = workbench.add_socket(SocketSpec("echo", framing=LINES))
    assert number == 1
    workbench.start(number)
    workbench.selection.choose_scope(Scope(number))
    made = BytesPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(1100, 500)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.source.let_go()


def choose_rows(pane: BytesPane, mode: str) -> None:
    """As the user does."""
    box = pane.header.rows_box
    box.setCurrentIndex(box.findData(mode))


def wait_size(qtbot: QtBot, pane: BytesPane, size: int) -> None:
    qtbot.waitUntil(lambda: pane.view.rows.size == size)


def wait_rows(qtbot: QtBot, pane: BytesPane, count: int) -> None:
    qtbot.waitUntil(lambda: pane.view.rows.count == count)


def lines(pane: BytesPane) -> list[str]:
    """What stands in each line that is seen; of rules, without times."""
    view = pane.view.shown_view()
    return [
        row.rule.split(" · +")[0] if row.rule else view.window.data[row.start - view.window.start :][
            : row.stop - row.start
        ].decode()
        for row in view.rows
    ]  # fmt: skip


def hello(writer: Writer) -> None:
    """Two lines cut into three recvs, an answer between, and the end of the stream."""
    put(writer, RECEIVED, b"Hel")
    put(writer, RECEIVED, b"lo\nWor")
    put(writer, SENT, b"Hi\n")
    put(writer, RECEIVED, b"ld\nun")
    writer.add(CallKind.recv, 1, 1, asked=4096, flags=CallFlag.END)


def test_rows_per_call(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    hello(writer)
    wait_size(qtbot, pane, 17)
    assert lines(pane) == ["Hello\nWorHi\nld\nu", "n"]
    choose_rows(pane, "call")
    wait_rows(qtbot, pane, 9)
    assert lines(pane) == [
        "recv #0 · 3 of 4096 B", "Hel",
        "recv #1 · 6 of 4096 B", "lo\nWor",
        "send #2 · 3 of 4096 B", "Hi\n",
        "recv #3 · 5 of 4096 B", "ld\nun",
        "recv #4 · end of the stream",
    ]  # fmt: skip
    view = pane.view.shown_view()
    assert [row.tone for row in view.rows if row.rule] == ["received", "received", "sent", "received", "received"]
    assert [row.label for row in view.rows if not row.rule] == [0, 3, 9, 12]


def test_rows_per_message(pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench) -> None:
    put(writer, RECEIVED, b"Hel")
    put(writer, RECEIVED, b"lo\nWor")
    put(writer, SENT, b"Hi\n")
    put(writer, RECEIVED, b"ld\nun")
    wait_size(qtbot, pane, 17)
    choose_rows(pane, "message")
    wait_rows(qtbot, pane, 6)
    said = [
        "message 1 ← · 5 B, 6 on the wire", "Hello\n", "message 2 → · 2 B, 3 on the wire", "Hi\n",
        "message 3 ← · 5 B, 6 on the wire", "World\n",
    ]  # fmt: skip
    assert lines(pane) == said
    assert all(row.strong for row in pane.view.shown_view().rows if row.rule)
    assert {row.label for row in pane.view.shown_view().rows if not row.rule} == {0}
    qtbot.waitUntil(lambda: pane.header.indexing == "2 bytes not shown: no whole message yet")
    pane.set_direction("sent")
    qtbot.waitUntil(lambda: lines(pane) == said[2:4])
    pane.set_direction("both")
    wait_rows(qtbot, pane, 6)
    set_framing(workbench, 1, Choice("fixed", {"size": 4}))
    qtbot.waitUntil(lambda: lines(pane)[:2] == ["message 1 ← · 4 B", "Hell"])
    choose_rows(pane, "continuous")
    wait_size(qtbot, pane, 17)
    assert pane.header.indexing == ""


def test_what_is_missing_is_said(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    choose_rows(pane, "message")
    assert "Bytes sent and received will appear here" in pane.pages.empty.text()
    put(writer, RECEIVED, b"no end")
    qtbot.waitUntil(lambda: "No whole message yet: 6 bytes of unfinished ones" in pane.pages.empty.text())
    assert pane.pages.currentWidget() is pane.pages.empty
    choose_rows(pane, "call")
    wait_rows(qtbot, pane, 2)
    assert pane.pages.currentWidget() is pane.view


@pytest.mark.parametrize("mode", ["call", "message"])
def test_the_cursor_goes_across_rules(pane: BytesPane, qtbot: QtBot, writer: Writer, mode: str) -> None:
    for size in (20, 3, 40):
        put(writer, RECEIVED, b"x" * (size - 1) + b"\n")
    wait_size(qtbot, pane, 63)
    choose_rows(pane, mode)
    wait_rows(qtbot, pane, 3 + 2 + 1 + 3)
    view = pane.view
    view.setFocus()

    def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> tuple[int, int] | None:
        qtbot.keyClick(view, key, modifiers)
        return view.selection

    assert press(Qt.Key.Key_Home, CONTROL) == (0, 1)
    for _ in range(5):
        press(Qt.Key.Key_Right)
    assert view.cursor_offset == 5
    # 16 and 4 bytes, a rule, 3 bytes, a rule, 16, 16 and 8: the column is kept where a row is too short for it.
    assert [press(Qt.Key.Key_Down) for _ in range(5)] == [(n, n + 1) for n in (19, 22, 28, 44, 60)]
    assert [press(Qt.Key.Key_Up) for _ in range(5)] == [(n, n + 1) for n in (44, 28, 22, 19, 5)]
    assert press(Qt.Key.Key_Right, CONTROL) == (20, 21)
    assert press(Qt.Key.Key_Right, CONTROL) == (23, 24)
    assert press(Qt.Key.Key_Right, CONTROL) == (62, 63)
    assert press(Qt.Key.Key_Left, CONTROL) == (23, 24)
    assert press(Qt.Key.Key_Left, CONTROL | SHIFT) == (20, 24)
    assert press(Qt.Key.Key_Down, SHIFT) == (23, 24)
    assert press(Qt.Key.Key_End) == (38, 39)
    assert press(Qt.Key.Key_Home) == (23, 24)
    assert press(Qt.Key.Key_C) == (23, 63)
    assert press(Qt.Key.Key_PageUp) == (0, 1)
    assert press(Qt.Key.Key_A, CONTROL) == (0, 63)
    assert press(Qt.Key.Key_Escape) is None
    assert press(Qt.Key.Key_End, CONTROL) == (62, 63)
    assert view.following


def test_a_click_hits_bytes_and_rules(pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench) -> None:
    hello(writer)
    wait_size(qtbot, pane, 17)
    choose_rows(pane, "call")
    wait_rows(qtbot, pane, 9)
    view = pane.view
    target = view.viewport()
    for side in ("hex", "text"):
        for offset in range(17):
            qtbot.mouseClick(target, LEFT, pos=view.byte_rect(offset, side).center())
            assert view.selection == (offset, offset + 1)
            assert view.side == side
    line = view.layout_of_row.line

    def click_row(row: int) -> None:
        place = view.byte_rect(0).center()
        place.setY(view.header_height + row * line + line // 2)
        qtbot.mouseClick(target, LEFT, pos=place)

    click_row(2)
    assert view.selection == (3, 9)
    assert workbench.selection.span == Span(1, 0, 1, 6)
    click_row(8)  # the end of the stream
    assert view.selection is None
    assert workbench.selection.span == Span(4, 0, 4, 0)
    qtbot.mousePress(target, LEFT, pos=view.byte_rect(1).center())
    qtbot.mouseMove(target, view.byte_rect(10).center())
    qtbot.mouseRelease(target, LEFT, pos=view.byte_rect(10).center())
    assert view.selection == (1, 11)
    qtbot.mouseDClick(target, LEFT, pos=view.byte_rect(13).center())
    assert view.selection == (12, 17)


@pytest.mark.parametrize("mode", ROW_MODES)
def test_a_message_is_selected_whole(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, mode: str
) -> None:
    hello(writer)
    wait_size(qtbot, pane, 17)
    choose_rows(pane, mode)
    wait_rows(qtbot, pane, {"continuous": 2, "call": 9, "message": 8}[mode])
    view = pane.view
    world = Span(1, 3, 3, 3, 1, True)
    workbench.selection.choose_span(Span(3, 0, 3, 1))
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: workbench.selection.span == world)
    assert view.ranges == (((9, 15),) if mode == "message" else ((6, 9), (12, 15)))
    place = view.byte_rect(0).center()
    qtbot.mouseDClick(view.viewport(), LEFT, ALT, place)
    qtbot.waitUntil(lambda: view.ranges == ((0, 6),))
    triple_click(view.viewport(), QPointF(view.byte_rect(8 if mode == "message" else 9).center()))
    qtbot.waitUntil(lambda: workbench.selection.span == Span(2, 0, 2, 3, 1, False))
    assert not workbench.messages.used or mode == "message"


def triple_click(target: QObject, place: QPointF) -> None:
    """A double click, and one more at once."""
    kinds = (QMouseEvent.Type.MouseButtonPress, QMouseEvent.Type.MouseButtonDblClick, QMouseEvent.Type.MouseButtonPress)
    for number, kind in enumerate(kinds):
        for one in (kind, QMouseEvent.Type.MouseButtonRelease):
            event = QMouseEvent(one, place, place, LEFT, LEFT, NONE)
            event.setTimestamp(1000 + 100 * number)
            QApplication.sendEvent(target, event)


def test_a_byte_without_a_message_is_said(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"one\nun")
    wait_size(qtbot, pane, 6)
    pane.view.select(5, 6, by_user=True)
    pane.menu.act("message")
    qtbot.waitUntil(lambda: "belongs to no message that is complete" in pane.notice.text.text())
    assert pane.view.selection == (5, 6)


@pytest.mark.parametrize("mode", ROW_MODES)
def test_selection_is_one_in_all_modes(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, mode: str
) -> None:
    hello(writer)
    wait_size(qtbot, pane, 17)
    choose_rows(pane, mode)
    wait_rows(qtbot, pane, {"continuous": 2, "call": 9, "message": 8}[mode])
    selection, other = workbench.selection, QObject()
    selection.choose_span(Span(1, 1, 3, 1), other)
    shown = b"".join(pane.view.stream.read(*part) for part in pane.view.ranges) if pane.view.stream else b""
    assert shown == (b"o\nHi\nWorl" if mode == "message" else b"o\nWorHi\nl")
    selection.choose_cursor(Place(2, 1), other)
    assert pane.view.stream is not None
    assert pane.view.stream.read(pane.view.cursor_offset, pane.view.cursor_offset + 1) == b"i"
    assert b"".join(pane.view.stream.read(*part) for part in pane.view.ranges) == shown
    pane.view.setFocus()
    with qtbot.waitSignal(selection.cursor_changed) as blocker:
        qtbot.keyClick(pane.view, Qt.Key.Key_Left)
    assert blocker.args == [Place(2, 0), pane]
    assert selection.span is not None
    assert selection.span.first == Place(2, 0)
    # What is selected stays so when rows change.
    for next_mode in ROW_MODES:
        choose_rows(pane, next_mode)
        qtbot.waitUntil(lambda: pane.view.selection is not None)
        assert pane.view.stream.read(*pane.view.selection) == b"H"  # type: ignore[misc]


@pytest.mark.parametrize("mode", ROW_MODES)
def test_live_bytes_are_followed(
    pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, mode: str
) -> None:
    choose_rows(pane, mode)
    for n in range(200):
        put(writer, RECEIVED if n % 3 else SENT, b"%03d\n" % n)
    wait_size(qtbot, pane, 800)
    view = pane.view
    assert view.following
    assert lines(pane)[-1].endswith("199\n")
    view.verticalScrollBar().setValue(3)
    top = view.top
    put(writer, RECEIVED, b"abc\n")
    wait_size(qtbot, pane, 804)
    assert view.top == top
    qtbot.waitUntil(lambda: view.tail_button.isVisible())
    assert view.tail_button.text() == "▼ 4 new bytes"
    workbench.set_frozen(True)
    put(writer, RECEIVED, b"later\n")
    workbench.poll()
    assert view.rows.size == 804
    workbench.set_frozen(False)
    wait_size(qtbot, pane, 810)
    view.follow()
    assert lines(pane)[-1].endswith("later\n")


@pytest.mark.parametrize("mode", ROW_MODES)
def test_the_same_bytes_stay_on_top(pane: BytesPane, qtbot: QtBot, writer: Writer, mode: str) -> None:
    for n in range(300):
        put(writer, RECEIVED, b"%09d\n" % n)
    wait_size(qtbot, pane, 3000)
    pane.view.verticalScrollBar().setValue(50)
    at = pane.view.rows.start(pane.view.top)
    choose_rows(pane, mode)
    wait_size(qtbot, pane, 3000)
    for width in (8, 32, 16):
        pane.header.width_box.setCurrentIndex(pane.header.width_box.findData(width))
        qtbot.waitUntil(lambda: pane.view.rows.size == 3000)
        qtbot.waitUntil(lambda: pane.view.rows.start(pane.view.top) <= at < pane.view.rows.start(pane.view.top) + 40)
    assert not pane.view.following


def test_rows_fit_the_width(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, bytes(5000))
    wait_size(qtbot, pane, 5000)
    box = pane.header.width_box
    box.setCurrentIndex(box.findData(FIT))
    for width in (1100, 500, 1600):
        pane.resize(width, 400)
        qtbot.waitUntil(lambda: pane.view.per_row == pane.view.fitting_per_row())
        assert pane.view.layout_of_row.width <= pane.view.viewport().width()
        wider = pane.view._painter.layout(pane.view.per_row + 4, 5000)
        assert wider.width > pane.view.viewport().width()


def test_borders_of_messages_and_calls(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    hello(writer)
    wait_size(qtbot, pane, 17)
    assert pane.view.shown_view().messages == ()
    pane.header.message_marks.trigger()
    qtbot.waitUntil(lambda: len(pane.view.shown_view().messages) == 5)
    view = pane.view.shown_view()
    assert (view.call_marks, view.message_marks) == (True, True)
    assert [tuple(part) for part in view.messages] == [
        (0, 6, 0, True, True),
        (6, 9, 2, True, False),
        (9, 12, 1, True, True),
        (12, 15, 2, False, True),
        (15, 17, 3, True, True),  # what the end of the stream cut off
    ]
    assert view.window.calls == (0, 3, 9, 12)
    put(writer, RECEIVED, b"finished\n")
    wait_size(qtbot, pane, 26)
    pane.header.call_marks.trigger()
    assert not pane.view.shown_view().call_marks
    pane.header.message_marks.trigger()
    assert pane.view.shown_view().messages == ()


def test_a_reopened_capture(qtbot: QtBot, qapp: QApplication, theme: Theme, tmp_path: Path) -> None:
    exchange = echo_exchange(tmp_path / "capture", (b"hello\nwor", b"ld\n"))
    bench = Workbench(Reader(exchange.folder), None)
    pane = BytesPane(bench, theme)
    qtbot.addWidget(pane)
    pane.resize(1000, 400)
    pane.show()
    size = 2 * len(exchange.received)
    wait_size(qtbot, pane, size)
    choose_rows(pane, "call")
    wait_rows(qtbot, pane, 4 * 2 + 1)
    choose_rows(pane, "message")
    wait_rows(qtbot, pane, 4 * 2)
    assert [line for line in lines(pane) if not line.startswith("message")] == [
        "hello\n",
        "hello\n",
        "world\n",
        "world\n",
    ]
    pane.view.setFocus()
    qtbot.keyClick(pane.view, Qt.Key.Key_Home, CONTROL)
    qtbot.keyClick(pane.view, Qt.Key.Key_M)
    assert pane.view.selection == (0, 6)
    pane.source.let_go()
    bench.shut_down()
    bench.deleteLater()


def test_the_table_shows_the_same(pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench) -> None:
    hello(writer)
    wait_size(qtbot, pane, 17)
    choose_rows(pane, "call")
    wait_rows(qtbot, pane, 9)
    pane.header.show_choices("call", 16, "direction", "table")
    page = pane.pages.page
    assert isinstance(page, ByteTable)
    assert pane.pages.currentWidget() is page
    qtbot.waitUntil(lambda: page.model().rowCount() == 9)
    workbench.selection.choose_span(Span(2, 0, 2, 3))
    assert page.ranges == ((9, 12),)
    pane.header.show_choices("call", 16, "direction", "hex")
    assert pane.pages.currentWidget() is pane.view
    assert pane.view.selection == (9, 12)


def test_choices_are_remembered(pane: BytesPane, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings")
    assert settings.bytes_view == {}
    text = {"wrap": False, "lines": False, "style": "escapes"}
    wanted = {
        "rows": "call", "width": 8, "view": "table", "color": "class", "calls": False, "messages": True, "text": text,
    }  # fmt: skip
    pane.set_choices(wanted)
    assert pane.choices == wanted
    assert (pane.source.mode, pane.source.per_row, pane.view.shown_view().mode) == ("call", 8, "class")
    settings.bytes_view = pane.choices
    assert settings.bytes_view == wanted
    nonsense = {"wrap": 1, "lines": "no", "style": "loud", "more": 0}
    pane.set_choices({"rows": "sideways", "width": "wide", "view": 7, "color": None, "calls": "yes", "text": 3})
    assert pane.choices == wanted
    pane.set_choices({"view": "text"})  # made now, as it was remembered
    page = pane.pages.page
    assert isinstance(page, TextPage)
    assert page.choices == pane.choices["text"] == text
    pane.set_choices({"text": nonsense})
    assert pane.choices["text"] == text
    pane.set_choices({"text": {"wrap": True}})
    assert page.wrap.isChecked()
    assert pane.choices["text"] == {**text, "wrap": True}


def test_rows_are_read_out(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    hello(writer)
    wait_size(qtbot, pane, 17)
    choose_rows(pane, "call")
    wait_rows(qtbot, pane, 9)
    said = byte_accessible.describe_row(pane.view, 10)
    assert said.startswith("send #2 · 3 of 4096 B")
    assert said.endswith("; offset 9, sent, 48 69 0a, text Hi·")
    shown = byte_accessible.describe_shown(pane.view)
    assert shown.startswith("recv #0 · 3 of 4096 B; offset 0, received, 48 65 6c, text Hel; recv #1")
    assert "recv #4 · end of the stream" in shown
    pane.view.select(9, 10)
    assert byte_accessible.describe_cursor(pane.view).startswith("send #2")
    pane.view.select(10, 11)
    assert byte_accessible.describe_cursor(pane.view) == "offset 10, sent, 69, text i"
    choose_rows(pane, "message")
    wait_rows(qtbot, pane, 8)
    assert byte_accessible.describe_row(pane.view, 7).endswith("; offset 0, sent, 48 69 0a, text Hi·")


# -- go to ------------------------------------------------------------------------------------------------

DAY = 86_400_000_000_000
STARTED = 1_700_000_000 * 1_000_000_000


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("500", 500), ("0x1f", 31), ("+16", 116), ("-16", 84), ("+0x10", 116), ("end", 999), ("end-16", 984),
        ("END - 0x10", 984), ("t=1.5s", Moment(1_500_000_000)), ("t=20ms", Moment(20_000_000)),
        ("t=3", Moment(3 * 10**9)), ("t=0.25us", Moment(250)),
    ],
)  # fmt: skip
def test_where_to_go(text: str, place: object) -> None:
    assert parse_go_to(text, 1000, 100, STARTED) == place


def test_a_time_of_day_is_the_next_one_of_the_capture() -> None:
    first = parse_go_to("12:00", 1000, 0, STARTED)
    second = parse_go_to("12:00:01.5", 1000, 0, STARTED)
    assert isinstance(first, Moment)
    assert isinstance(second, Moment)
    assert 0 <= first.time < DAY
    assert (second.time - first.time) % DAY == 1_500_000_000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("end+1", "beyond the end"), ("end-2000", "before the beginning"), ("-101", "before the beginning"),
        ("+900", "beyond the end"), ("t=x", "not a time"), ("25:00", "not a time of day"), ("+", "not an offset"),
        ("end-", "not an offset"), ("1:2:3:4", "not a time of day"),
    ],
)  # fmt: skip
def test_where_nobody_can_go(text: str, told: str) -> None:
    with pytest.raises(Exception, match=told):
        parse_go_to(text, 1000, 100, STARTED)


@pytest.mark.parametrize("mode", ROW_MODES)
def test_going_there(pane: BytesPane, qtbot: QtBot, writer: Writer, workbench: Workbench, mode: str) -> None:
    choose_rows(pane, mode)
    for n in range(50):
        put(writer, RECEIVED, b"%09d\n" % n)
    wait_size(qtbot, pane, 500)

    def go(text: str) -> tuple[int, int] | None:
        pane.open_go_to()
        pane.goto_bar.field.setText(text)
        qtbot.keyClick(pane.goto_bar.field, Qt.Key.Key_Return)
        return pane.view.selection

    assert go("123") == (123, 124)
    assert go("+7") == (130, 131)
    assert go("end-20") == (480, 481)
    assert go("500") == (480, 481)
    assert "Offset 500 is beyond the end; the last byte is at 499" in pane.goto_bar.problem.text()
    call = workbench.reader.call(30)
    assert go(f"t={call.time}ns") == (300, 310)
    assert workbench.selection.span is not None
    assert workbench.selection.span.first == Place(30, 0)
    assert go("t=999999s") == (490, 500)


def test_times_between_rules() -> None:
    assert [gap_text(gap) for gap in (0, 999, 1000, 4_100_000, 12_345_678, 1_500_000_000, 250_000_000_000, -2000)] == [
        "+0 ns", "+999 ns", "+1.0 µs", "+4.1 ms", "+12.3 ms", "+1.5 s", "+250 s", "−2.0 µs",
    ]  # fmt: skip
