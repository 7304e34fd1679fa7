"""The Calls table: rows, following, filtering, selection across panes, copying, time, size."""

from __future__ import annotations

import errno
import time

import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import events
from explorer.core.calls import CallFlag, CallKind
from explorer.core.failure import Failure
from explorer.ui.entries import Notice
from explorer.ui.models.log_model import Column, LogModel, Row, Tone
from explorer.ui.panes import calls_pane
from explorer.ui.panes.calls_pane import CallsPane
from explorer.ui.theme import Theme
from explorer.ui.time_format import TimeStyle
from explorer.ui.widgets import log_table
from explorer.ui.widgets.log_table import LogTable
from explorer.ui.workbench import Workbench
from tests.fakes.untraced import untraced
from tests.gui.conftest import FakeLink

TIME, WHO, BY, CALL, RESULT, BYTES, PREVIEW = range(7)


def receive(writer: Writer, data: bytes, socket: int = 1, connection: int = 1, **more: int) -> int:
    room = writer.room(len(data))
    assert room is not None
    room[: len(data)] = data
    return writer.add(CallKind.recv, socket, connection, size=len(data), asked=1024, **more)  # type: ignore[arg-type]


def send(writer: Writer, data: bytes, socket: int = 1, connection: int = 1) -> int:
    room = writer.room(len(data))
    assert room is not None
    room[: len(data)] = data
    return writer.add(CallKind.send, socket, connection, size=len(data), asked=len(data))


def open_echo(writer: Writer) -> None:
    """Four calls: a server is opened and a client comes."""
    writer.add_detail(
        CallKind.socket, 1, 0,
        {"name": "echo", "transport": "tcp", "role": "server", "family": "AF_INET", "type": "SOCK_STREAM"},
    )  # fmt: skip
    writer.add_detail(CallKind.bind, 1, 0, {"address": "127.0.0.1:9000", "local": "127.0.0.1:9000"})
    writer.add_detail(CallKind.listen, 1, 0, {"backlog": 5})
    writer.add_detail(CallKind.accept, 1, 1, {"peer": "127.0.0.1:51514", "local": "127.0.0.1:9000"})


@pytest.fixture
def pane(workbench: Workbench, theme: Theme, qtbot: QtBot) -> CallsPane:
    made = CallsPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def rows(pane: CallsPane) -> int:
    return pane.model.rowCount()


def cell(pane: CallsPane, row: int, column: int) -> str:
    return str(pane.model.data(pane.model.index(row, column)))


def wait_for_rows(qtbot: QtBot, pane: CallsPane, count: int) -> None:
    qtbot.waitUntil(lambda: rows(pane) == count)


def click(qtbot: QtBot, pane: CallsPane, row: int, modifier: Qt.KeyboardModifier | None = None) -> None:
    place = pane.table.visualRect(pane.model.index(row, CALL)).center()
    qtbot.mouseClick(
        pane.table.viewport(), Qt.MouseButton.LeftButton, modifier or Qt.KeyboardModifier.NoModifier, place
    )


def test_an_empty_table_says_what_will_appear(pane: CallsPane, workbench: Workbench, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "Start a socket" in pane.table.hint)
    assert pane.count.text() == "0 calls"


def test_rows_say_who_called_what_and_what_came_of_it(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    open_echo(writer)
    receive(writer, b"hello\n")
    send(writer, b"\x00\xff")
    wait_for_rows(qtbot, pane, 6)
    assert pane.table.hint == ""
    texts = [tuple(cell(pane, row, column) for column in range(1, 7)) for row in range(6)]
    assert texts[1] == ("echo", "engine", '  bind(("127.0.0.1", 9000))', "ok", "", "")
    assert texts[3] == ("echo :51514", "engine", "  accept()", "127.0.0.1:51514", "", "")
    assert texts[4] == ("echo :51514", "engine", "← recv(1024)", "6 bytes", "6", "hello\\n")
    assert texts[5][2:5] == ("→ send(2 bytes)", "2 bytes", "2")
    qtbot.waitUntil(lambda: pane.count.text() == "6 calls")


def test_a_failed_call_is_marked_and_explained(
    pane: CallsPane, writer: Writer, workbench: Workbench, link: FakeLink, theme: Theme, qtbot: QtBot
) -> None:
    open_echo(writer)
    number = writer.add_detail(CallKind.bind, 1, 0, {"address": "127.0.0.1:80"}, errno=errno.EACCES)
    failure = Failure("bind", "EACCES", "Permission denied", "Port 80 needs more rights.", "Choose another.")
    wait_for_rows(qtbot, pane, 5)
    link.news.append(events.SocketFailed(1, 0, failure, True, number))
    qtbot.waitUntil(lambda: cell(pane, 4, PREVIEW) == "Port 80 needs more rights. Choose another.")
    assert cell(pane, 4, CALL) == '✕ bind(("127.0.0.1", 80))'
    assert cell(pane, 4, RESULT) == "EACCES"
    made = pane.model.row(4)
    assert made is not None
    assert made.tones[CALL] is Tone.ERROR
    assert "Port 80 needs more rights." in made.tip
    image = pane.table.viewport().grab().toImage()
    place = pane.table.visualRect(pane.model.index(4, TIME))
    assert image.pixelColor(place.right() - 1, place.center().y()) == QColor(theme.colors.error_tint)


def test_a_cut_datagram_is_a_warning(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    receive(writer, b"12345678", flags=CallFlag.CUT, extra=100)
    wait_for_rows(qtbot, pane, 1)
    made = pane.model.row(0)
    assert made is not None
    assert made.tones[RESULT] is Tone.WARNING
    assert "larger buffer" in made.tip


def test_it_follows_until_the_user_scrolls_up(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    for number in range(200):
        receive(writer, b"%d" % number)
    wait_for_rows(qtbot, pane, 200)
    bar = pane.table.verticalScrollBar()
    assert bar.value() == bar.maximum() == 200 - pane.table.page
    assert not pane.table.newer_button.isVisible()
    bar.setValue(10)
    for number in range(30):
        receive(writer, b"%d" % number)
    wait_for_rows(qtbot, pane, 230)
    assert bar.value() == 10
    qtbot.waitUntil(lambda: pane.table.newer_button.isVisible())
    assert pane.table.newer_button.text() == "↓ 30 new rows"
    qtbot.mouseClick(pane.table.newer_button, Qt.MouseButton.LeftButton)
    assert pane.table.following
    assert bar.value() == bar.maximum() == 230 - pane.table.page
    assert not pane.table.newer_button.isVisible()


def test_the_last_row_is_wholly_visible_while_following(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    for number in range(200):
        receive(writer, b"%d" % number)
    wait_for_rows(qtbot, pane, 200)
    last = pane.table.visualRect(pane.model.index(199, TIME))
    assert pane.table.viewport().rect().contains(QPoint(last.left() + 1, last.bottom()))


def test_a_filter_is_applied_while_typing(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    open_echo(writer)
    for number in range(20):
        receive(writer, b"number %d" % number)
    wait_for_rows(qtbot, pane, 24)
    qtbot.keyClicks(pane.filter.edit, '"number 1"')
    wait_for_rows(qtbot, pane, 11)
    qtbot.waitUntil(lambda: pane.count.text() == "11 of 24 calls")
    receive(writer, b"number 100")
    receive(writer, b"another")
    wait_for_rows(qtbot, pane, 12)
    qtbot.keyClick(pane.filter.edit, Qt.Key.Key_Escape)
    wait_for_rows(qtbot, pane, 26)


def test_a_filter_that_fits_nothing_says_so(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    open_echo(writer)
    pane.filter.set_text("size>1000")
    qtbot.waitUntil(lambda: pane.table.hint == calls_pane.EMPTY_FILTERED)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # the list of known words is a window
def test_a_wrong_filter_is_explained_and_the_old_one_stays(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    receive(writer, b"x")
    wait_for_rows(qtbot, pane, 1)
    qtbot.keyClicks(pane.filter.edit, "size>many")
    qtbot.waitUntil(lambda: pane.filter.problem.isVisible())
    assert "no size" in pane.filter.problem.text()
    assert rows(pane) == 1


def test_the_scope_chooses_the_calls(pane: CallsPane, writer: Writer, workbench: Workbench, qtbot: QtBot) -> None:
    receive(writer, b"a", 1, 1)
    receive(writer, b"b", 1, 2)
    receive(writer, b"c", 2, 3)
    wait_for_rows(qtbot, pane, 3)
    workbench.selection.choose_scope(Scope(1))
    wait_for_rows(qtbot, pane, 2)
    workbench.selection.choose_scope(Scope(1, 2))
    wait_for_rows(qtbot, pane, 1)
    assert cell(pane, 0, PREVIEW) == "b"
    workbench.selection.choose_scope(Scope(9))
    qtbot.waitUntil(lambda: pane.table.hint == calls_pane.EMPTY_CHOSEN)


def test_choosing_rows_selects_their_bytes(pane: CallsPane, writer: Writer, workbench: Workbench, qtbot: QtBot) -> None:
    open_echo(writer)
    for number in range(6):
        receive(writer, b"x" * (number + 1))
    wait_for_rows(qtbot, pane, 10)
    heard: list[tuple[Span | None, QObject | None]] = []
    workbench.selection.span_changed.connect(lambda span, origin: heard.append((span, origin)))
    click(qtbot, pane, 5)
    assert heard == [(Span(5, 0, 5, 2), pane)]
    qtbot.keyClick(pane.table, Qt.Key.Key_Down)
    assert heard[-1] == (Span(6, 0, 6, 3), pane)
    click(qtbot, pane, 8, Qt.KeyboardModifier.ShiftModifier)
    assert heard[-1] == (Span(6, 0, 8, 5), pane)
    click(qtbot, pane, 1)
    assert heard[-1] == (Span(1, 0, 1, 0), pane)


def test_a_selection_made_elsewhere_is_shown(
    pane: CallsPane, writer: Writer, workbench: Workbench, qtbot: QtBot
) -> None:
    for number in range(300):
        receive(writer, b"x" if number % 2 else b"longer")
    wait_for_rows(qtbot, pane, 300)
    elsewhere = QObject()
    workbench.selection.choose_span(Span(40, 2, 42, 1), elsewhere)
    assert pane.table.selected_rows() == [range(40, 43)]
    assert pane.table.first <= 40 < pane.table.first + pane.table.page
    assert not pane.table.following
    pane.filter.set_text("size=1")
    wait_for_rows(qtbot, pane, 150)
    qtbot.waitUntil(lambda: pane.table.selected_rows() == [range(20, 21)])  # the odd ones: call 41 alone
    workbench.selection.choose_span(Span(50, 0, 50, 3), elsewhere)
    assert pane.table.selected_rows() == []


def test_a_call_selected_before_its_row_is_found_later(
    pane: CallsPane, writer: Writer, workbench: Workbench, qtbot: QtBot
) -> None:
    number = receive(writer, b"abc")
    workbench.selection.choose_span(Span(number, 0, number, 3))
    qtbot.waitUntil(lambda: pane.table.selected_rows() == [range(number, number + 1)])


def test_the_selection_outlives_other_scopes(
    pane: CallsPane, writer: Writer, workbench: Workbench, qtbot: QtBot
) -> None:
    for number in range(300):
        receive(writer, b"%d" % number, 1 + number % 2, 1 + number % 2)
    wait_for_rows(qtbot, pane, 300)
    pane.table.verticalScrollBar().setValue(100)
    click(qtbot, pane, 101)
    for scope, selected in ((Scope(1), []), (Scope(), [range(101, 102)]), (Scope(2), [range(50, 51)])):
        workbench.selection.choose_scope(scope)
        qtbot.waitUntil(lambda selected=selected: pane.table.selected_rows() == selected)  # type: ignore[misc]
        if selected:
            assert pane.table.first <= selected[0].start < pane.table.first + pane.table.page


def test_bytes_of_one_connection_select_its_calls_only(
    pane: CallsPane, writer: Writer, workbench: Workbench, qtbot: QtBot
) -> None:
    for number in range(9):
        receive(writer, b"x", 1, 1 + number % 3)
    send(writer, b"x", 1, 1)
    wait_for_rows(qtbot, pane, 10)
    workbench.selection.choose_span(Span(0, 0, 9, 1, 1, True), QObject())
    assert pane.table.selected_rows() == [range(1), range(3, 4), range(6, 7)]
    assert pane.table.selected_text().count("\n") == 2
    workbench.selection.choose_span(Span(0, 0, 9, 1), QObject())
    assert pane.table.selected_rows() == [range(10)]


def test_very_many_failures_in_a_frame_are_written_once(
    pane: CallsPane, writer: Writer, link: FakeLink, qtbot: QtBot
) -> None:
    open_echo(writer)
    failure = Failure("bind", "EACCES", "Permission denied", "Port 80 needs more rights.", "Choose another.")
    numbers = [writer.add_detail(CallKind.bind, 1, 0, {}, errno=errno.EACCES) for _ in range(500)]
    wait_for_rows(qtbot, pane, 504)
    written = QSignalSpy(pane.model.dataChanged)
    link.news.extend(events.SocketFailed(1, 0, failure, False, number) for number in numbers)
    qtbot.waitUntil(lambda: cell(pane, 503, PREVIEW) == failure.sentence)
    assert written.count() < 5


def test_keys_move_and_extend(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    for number in range(100):
        receive(writer, b"%d" % number)
    wait_for_rows(qtbot, pane, 100)
    table = pane.table
    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert table.selected_rows() == [range(1)]
    qtbot.keyClick(table, Qt.Key.Key_PageDown)
    assert table.selected_rows() == [range(table.page, table.page + 1)]
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert table.selected_rows() == [range(table.page, table.page + 2)]
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.selected_rows() == [range(99, 100)]
    assert table.following
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert table.selected_rows() == [range(100)]


def test_without_a_selection_arrows_begin_with_what_is_visible(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    for number in range(100):
        receive(writer, b"%d" % number)
    wait_for_rows(qtbot, pane, 100)
    pane.table.verticalScrollBar().setValue(50)
    qtbot.keyClick(pane.table, Qt.Key.Key_Down)
    assert pane.table.selected_rows() == [range(50, 51)]
    assert pane.table.first == 50


def test_a_frozen_window_can_be_looked_around_in(
    pane: CallsPane, writer: Writer, workbench: Workbench, qtbot: QtBot
) -> None:
    for number in range(20):
        receive(writer, b"%d" % number)
    wait_for_rows(qtbot, pane, 20)
    workbench.set_frozen(True)
    for number in range(5):
        receive(writer, b"1%d" % number)
    workbench.poll()
    assert rows(pane) == 20
    pane.filter.set_text("text:1")
    wait_for_rows(qtbot, pane, 16)
    qtbot.waitUntil(lambda: not pane._catch_up._timer.isActive())
    receive(writer, b"1")
    workbench.poll()
    assert rows(pane) == 16
    workbench.set_frozen(False)
    wait_for_rows(qtbot, pane, 17)


def test_rows_are_copied_as_lines_with_tabs(
    pane: CallsPane, writer: Writer, workbench: Workbench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_echo(writer)
    receive(writer, b"one")
    receive(writer, b"two")
    wait_for_rows(qtbot, pane, 6)
    click(qtbot, pane, 4)
    qtbot.keyClick(pane.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QApplication.clipboard().text().split("\n")]
    assert [line[PREVIEW] for line in lines] == ["one", "two"]
    assert lines[0][WHO] == "echo :51514"
    monkeypatch.setattr(log_table, "MOST_COPIED", 3)
    notices: list[Notice] = []
    workbench.noticed.connect(notices.append)
    pane.table._select(0, 5)
    pane.table.copy_rows()
    assert QApplication.clipboard().text().count("\n") == 2
    assert notices[0].text.startswith("The first 3 of 6 selected rows were copied")


def test_times_are_shown_as_chosen(pane: CallsPane, writer: Writer, workbench: Workbench, qtbot: QtBot) -> None:
    first, second = receive(writer, b"a"), receive(writer, b"b")
    wait_for_rows(qtbot, pane, 2)
    reader = workbench.reader
    one, two = reader.call(first).time, reader.call(second).time
    assert cell(pane, 0, TIME).count(":") == 2
    qtbot.keyClick(pane.times.box, Qt.Key.Key_Down)
    assert cell(pane, 1, TIME) == f"{two // 10**9}.{two % 10**9 // 1000:06d}"
    pane.times.choose(TimeStyle.SINCE_PREVIOUS)
    assert cell(pane, 0, TIME) == "–"
    passed = two - one
    assert cell(pane, 1, TIME) == f"+{passed // 10**9}.{passed % 10**9 // 1000:06d}"


def test_a_slash_and_escape_go_to_the_filter_and_back(pane: CallsPane, qtbot: QtBot) -> None:
    pane.table.setFocus()
    qtbot.keyClicks(pane.table, "/")
    assert pane.filter.edit.hasFocus()
    qtbot.keyClick(pane.filter.edit, Qt.Key.Key_Escape)
    assert pane.table.hasFocus()


def test_letters_do_not_search_all_rows(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    receive(writer, b"a")
    wait_for_rows(qtbot, pane, 1)
    pane.model.data = lambda *_: pytest.fail("all rows were asked for")  # type: ignore[method-assign]
    qtbot.keyClicks(pane.table, "xyz")


def test_another_capture_takes_its_place(
    pane: CallsPane, writer: Writer, workbench: Workbench, link: FakeLink, qtbot: QtBot, tmp_path: object
) -> None:
    from pathlib import Path

    from explorer.capture.reader import Reader
    from explorer.core.tally import Tally

    receive(writer, b"old")
    receive(writer, b"old")
    wait_for_rows(qtbot, pane, 2)
    assert isinstance(tmp_path, Path)
    other = Writer(tmp_path / "other", segment_bytes=4 << 20, segment_records=1 << 12)
    try:
        workbench.set_capture(Reader.of(other), link, Tally())
        receive(other, b"new")
        wait_for_rows(qtbot, pane, 1)
        assert cell(pane, 0, PREVIEW) == "new"
    finally:
        other.close()


def test_zoom_makes_rows_higher(pane: CallsPane, writer: Writer, theme: Theme, qtbot: QtBot) -> None:
    receive(writer, b"a")
    wait_for_rows(qtbot, pane, 1)
    height = pane.table.visualRect(pane.model.index(0, 0)).height()
    width = pane.table.columnWidth(CALL)
    theme.zoom_in()
    try:
        assert pane.table.visualRect(pane.model.index(0, 0)).height() > height
        assert pane.table.columnWidth(CALL) > width
    finally:
        theme.zoom_reset()


def test_a_screen_reader_finds_headings_and_cells(pane: CallsPane, writer: Writer, qtbot: QtBot) -> None:
    receive(writer, b"hello")
    wait_for_rows(qtbot, pane, 1)
    table = QAccessible.queryAccessibleInterface(pane.table)
    assert table.role() == QAccessible.Role.Table
    assert table.text(QAccessible.Text.Name) == "Calls"
    texts = [table.child(place).text(QAccessible.Text.Name) for place in range(table.childCount())]
    assert {"Time", "Preview", "← recv(1024)", "hello"} <= set(texts)


def test_columns_take_the_room_there_is_until_the_user_sets_them(pane: CallsPane, qtbot: QtBot) -> None:
    narrow = pane.table.columnWidth(CALL)
    pane.resize(1600, 400)
    wide = pane.table.columnWidth(CALL)
    assert wide > narrow
    pane.resize(900, 400)
    assert pane.table.columnWidth(CALL) == narrow
    pane.table.horizontalHeader().resizeSection(CALL, narrow + 7)
    pane.resize(1600, 400)
    assert pane.table.columnWidth(CALL) == narrow + 7


class Numbers(LogModel):
    """As many rows as one likes."""

    def __init__(self) -> None:
        self.there = 0
        super().__init__((Column("Number", 12), Column("Text", 12)))

    def available(self) -> int:
        return self.there

    def make_rows(self, first: int, count: int) -> list[Row]:
        last = min(first + count, self.there)
        return [Row(row, (str(row), "text"), (Tone.TEXT, Tone.TEXT)) for row in range(first, last)]


def test_billions_of_rows_scroll_to_the_last_and_cost_little(theme: Theme, qtbot: QtBot) -> None:
    model = Numbers()
    table = LogTable(model, theme)
    qtbot.addWidget(table)
    table.show()
    qtbot.waitExposed(table)
    model.there = 2_000_000_000
    table.take_new()
    assert table.first == 2_000_000_000 - table.page
    assert model.data(table.indexAt(QPoint(5, 5))) == str(table.first)
    spent = []
    for _ in range(30):
        model.there += 16_000
        table._taken = 0.0
        begun = time.perf_counter()
        table.take_new()
        spent.append(time.perf_counter() - begun)
    assert sorted(spent)[15] < 0.003
    assert table.first == model.there - table.page
    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert table.first == 0
    table.reveal([range(1_234_567_890, 1_234_567_891)])
    assert table.first <= 1_234_567_890 < table.first + table.page


def test_very_many_selected_rows_cost_what_one_costs(theme: Theme, qtbot: QtBot) -> None:
    model = Numbers()
    table = LogTable(model, theme)
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.show()
    qtbot.waitExposed(table)
    model.there = 1_000_000
    table.take_new()
    was = QAccessible.isActive()
    QAccessible.setActive(True)  # as with a screen reader
    try:
        with untraced():
            begun = time.perf_counter()
            qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            table.horizontalHeader().viewport().repaint()
            table.viewport().repaint()
            spent = time.perf_counter() - begun
    finally:
        QAccessible.setActive(was)
    assert table.selected_rows() == [range(1_000_000)]
    assert spent < 0.05
