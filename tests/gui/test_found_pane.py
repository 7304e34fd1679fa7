"""The list of results: rows for hits, one selection with the rest of the window, at any number of hits."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.search import Search
from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.socket_spec import SocketSpec
from explorer.ui.finder import Wanted
from explorer.ui.panes.found_pane import FoundPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from explorer.wire.patterns import PatternOptions, find_kind
from tests.fakes.untraced import untraced
from tests.gui.byte_captures import RECEIVED, SENT, put

NUMBER, BEFORE, FOUND, AFTER, DIRECTION, PLACE, SIZE = range(7)


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> FoundPane:
    made = FoundPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(1100, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def look_for(qtbot: QtBot, workbench: Workbench, typed: str, kind: str = "text", scope: Scope | None = None) -> None:
    pattern = find_kind(kind).make(typed, PatternOptions(width="2"))
    workbench.finder.start(Wanted(kind, typed, pattern, scope or Scope()))
    qtbot.waitUntil(lambda: not workbench.finder.searching)


def cells(pane: FoundPane, row: int) -> tuple[str, ...]:
    found = pane.model.row(row)
    assert found is not None
    return found.cells


def test_it_says_what_will_appear(pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer) -> None:
    assert "Press Ctrl+F" in pane.table.hint
    assert not pane.clear_button.isEnabled()
    put(writer, RECEIVED, b"abc")
    look_for(qtbot, workbench, "nowhere")
    assert pane.status.text() == "0 hits of “nowhere”"
    assert pane.table.hint.startswith("Not found.")
    qtbot.mouseClick(pane.clear_button, Qt.MouseButton.LeftButton)
    assert pane.status.text() == ""
    assert "Press Ctrl+F" in pane.table.hint


def test_a_row_shows_the_hit_and_what_stands_around_it(
    pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer
) -> None:
    put(writer, RECEIVED, b"GET /index HT", 1, 3)
    put(writer, SENT, b"in between", 1, 3)
    put(writer, RECEIVED, b"TP/1.1\r\nHost", 1, 3)
    look_for(qtbot, workbench, "http")
    qtbot.waitUntil(lambda: pane.model.rowCount() == 1)
    row = cells(pane, 0)
    assert row[NUMBER] == "1"
    assert row[DIRECTION] == "← received"
    assert (row[PLACE], row[SIZE]) == ("#0 + 11", "4")
    assert (row[BEFORE], row[FOUND], row[AFTER]) == ("GET /index ", "HTTP", "/1.1\\r\\nHost")
    assert pane.status.text() == "1 hit of “http”"


def test_numbers_and_hex_are_shown_as_hex(pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer) -> None:
    put(writer, SENT, b"\x00\x01\x02\x03")
    look_for(qtbot, workbench, "0x102", "number")
    qtbot.waitUntil(lambda: pane.model.rowCount() == 1)
    assert cells(pane, 0)[FOUND] == "01 02"


def test_a_row_is_selected_everywhere_and_the_hit_that_is_gone_to_is_selected_here(
    pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer
) -> None:
    for _ in range(5):
        put(writer, RECEIVED, b"..ab")
        put(writer, RECEIVED, b"ab..")
    look_for(qtbot, workbench, "abab")
    qtbot.waitUntil(lambda: pane.model.rowCount() == 5)
    qtbot.keyClick(pane.table, Qt.Key.Key_Down)
    qtbot.keyClick(pane.table, Qt.Key.Key_Down)
    assert workbench.selection.span == Span(2, 2, 3, 2, 1, True)
    assert workbench.finder.search is not None
    workbench.finder.choose(workbench.finder.search.hit(4))
    assert pane.table.selected_rows() == [range(4, 5)]
    workbench.selection.choose_span(Span(0, 0, 0, 1))
    assert pane.table.selected_rows() == []
    pane.table.setFocus()
    qtbot.keyClick(pane.table, Qt.Key.Key_Return)
    assert workbench.selection.span == Span(8, 2, 9, 2, 1, True)


def test_the_present_hit_is_selected_when_the_list_is_opened(
    pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer
) -> None:
    put(writer, RECEIVED, b"ab" * 50)
    pane.hide()
    look_for(qtbot, workbench, "ab")
    assert workbench.finder.search is not None
    workbench.finder.choose(workbench.finder.search.hit(3))
    pane.show()
    assert pane.table.selected_rows() == [range(3, 4)]
    assert pane.model.rowCount() == 50


def test_a_hit_of_another_connection_is_looked_at(
    pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer
) -> None:
    put(writer, RECEIVED, b"needle", 1, 3)
    put(writer, RECEIVED, b"needle", 2, 4)
    workbench.selection.choose_scope(Scope(1, 3))
    look_for(qtbot, workbench, "needle")
    assert workbench.finder.search is not None
    workbench.finder.choose(workbench.finder.search.hit(1))
    assert workbench.selection.scope == Scope(2, 4)
    assert workbench.selection.span == Span(1, 0, 1, 6)


def test_it_grows_with_the_capture(pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer) -> None:
    put(writer, RECEIVED, b"needle 1")
    look_for(qtbot, workbench, r"needle \d+", "regex")
    qtbot.waitUntil(lambda: pane.model.rowCount() == 1)
    assert cells(pane, 0)[FOUND] == "needle 1"
    put(writer, RECEIVED, b"2 needle 3")
    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    qtbot.waitUntil(lambda: cells(pane, 0)[FOUND] == "needle 12")
    assert cells(pane, 1)[FOUND] == "needle 3"


def test_it_can_be_cancelled(
    pane: FoundPane, qtbot: QtBot, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(self: Search, progress) -> bool:
        pause = threading.Event()
        while progress(2, 5):
            pause.wait(0.005)
        return False

    monkeypatch.setattr(Search, "run", slow)
    workbench.finder.start(Wanted("text", "x", find_kind("text").make("x", PatternOptions()), Scope()))
    qtbot.waitUntil(lambda: pane.status.text() == "0 hits of “x” · searching… 40 %")
    assert pane.table.hint == pane.status.text()
    qtbot.mouseClick(pane.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: pane.status.text() == "0 hits of “x” · stopped")
    assert not pane.cancel_button.isVisible()
    assert "stopped before" in pane.table.hint


def test_rows_are_copied(pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer) -> None:
    put(writer, RECEIVED, b"one two one")
    look_for(qtbot, workbench, "one")
    qtbot.waitUntil(lambda: pane.model.rowCount() == 2)
    qtbot.keyClick(pane.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert workbench.selection.span is None  # several rows are chosen to be copied, not to go to
    qtbot.keyClick(pane.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert [line.split("\t")[FOUND] for line in lines] == ["one", "one"]


def test_hundreds_of_thousands_of_hits_begin_at_the_top_and_cost_what_is_seen(
    pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer
) -> None:
    for _ in range(8):
        put(writer, RECEIVED, b"ab" * 25_000)
    look_for(qtbot, workbench, "a")
    qtbot.waitUntil(lambda: pane.model.rowCount() == 200_000)
    assert pane.table.first == 0
    assert not pane.table.newer_button.isVisible()

    with untraced():
        begun = time.perf_counter()
        for row in (199_950, 100_000, 7):
            pane.model.rows(row, 30)
        taken = time.perf_counter() - begun
    assert taken < 0.1
    assert cells(pane, 199_999)[NUMBER] == "200,000"


def test_text_around_a_hit_begins_with_a_whole_character_of_the_encoding(
    pane: FoundPane, qtbot: QtBot, workbench: Workbench, writer: Writer
) -> None:
    number = workbench.add_socket(SocketSpec("sjis", port=9000, encoding="shift_jis"))
    data = ("語" * 20 + "x" + "語" * 30).encode("shift_jis")
    assert number == 1
    put(writer, RECEIVED, data[:27])
    put(writer, RECEIVED, data[27:])
    look_for(qtbot, workbench, "x")
    assert cells(pane, 0)[BEFORE : AFTER + 1] == ("語" * 8, "x", "語" * 24)
    put(writer, RECEIVED, b"y" + data[:7])
    look_for(qtbot, workbench, "y")
    entry = workbench.socket(number)
    assert entry is not None
    workbench.edit_socket(number, replace(entry.spec, encoding="latin-1"))
    assert cells(pane, 0)[AFTER] == data[:7].decode("latin-1").replace("\x8c", "\\u{8c}")
