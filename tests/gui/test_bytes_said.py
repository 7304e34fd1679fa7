"""What the byte pane says beside the bytes, and what of it is in sight, in rows per call and per message."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.bytes_source import RowMode
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.byte_captures import RECEIVED, SENT, put

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> Iterator[BytesPane]:
    """Of a socket whose messages are lines."""
    number = workbench.add_socket(SocketSpec("echo", framing=Choice("line", {"ending": "lf"})))
    workbench.start(number)
    workbench.selection.choose_scope(Scope(number))
    made = BytesPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(1100, 300)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.source.let_go()


def choose_rows(qtbot: QtBot, pane: BytesPane, mode: RowMode, count: int) -> None:
    """As the user does; then there are so many rows."""
    box = pane.header.rows_box
    box.setCurrentIndex(box.findData(mode))
    qtbot.waitUntil(lambda: pane.view.rows.count == count)


def rules(pane: BytesPane) -> list[str]:
    return [row.rule for row in pane.view.shown_view().rows if row.rule]


def test_the_first_rule_is_seen_at_the_beginning(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    for _ in range(40):
        put(writer, RECEIVED, b"0123456789\n")
    choose_rows(qtbot, pane, "call", 80)
    view = pane.view
    assert view.top > 0
    qtbot.keyClick(view, Qt.Key.Key_Home, CONTROL)
    assert (view.cursor_offset, view.top) == (0, 0)
    assert rules(pane)[0] == "recv #0 · 11 of 4096 B"
    view.go_to_top(21)  # the bytes of call 10 in the first row
    view.put_cursor(11 * 11)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert (view.cursor_offset, view.top) == (110, 20)


def test_messages_of_one_read_have_no_time_between_them(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"one\ntwo\n")
    put(writer, SENT, b"three\nfour\n")
    put(writer, RECEIVED, b"five\n")
    choose_rows(qtbot, pane, "message", 10)
    said = [rule.rsplit(" · ", 1)[1] for rule in rules(pane)]
    assert said[1] == "same recv"
    assert said[3] == "same send"
    assert all(said[n].startswith("+") for n in (2, 4))


def test_bytes_that_are_left_out_are_explained(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"one\ntw")
    choose_rows(qtbot, pane, "message", 2)
    qtbot.waitUntil(lambda: pane.header.indexing == "2 bytes not shown: no whole message yet")
    assert "have not wholly arrived" in pane.header.indexing_tip


def test_the_way_to_new_bytes_stands_in_the_corner(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    for _ in range(100):
        put(writer, RECEIVED, bytes(16))
    qtbot.waitUntil(lambda: pane.view.rows.count == 100)
    view, button = pane.view, pane.view.tail_button
    view.go_to_top(0)
    view.following = False
    put(writer, RECEIVED, bytes(16))
    qtbot.waitUntil(button.isVisible)
    room, place = view.viewport().rect(), button.geometry()
    assert room.contains(place)
    assert room.right() - place.right() <= 10
    assert room.bottom() - place.bottom() <= 10
    assert not any(place.intersects(view.byte_rect(offset)) for offset in range(*view.seen))  # the hex is seen


def test_what_offsets_count_is_said(pane: BytesPane, qtbot: QtBot, writer: Writer) -> None:
    put(writer, RECEIVED, b"one\nsecond\n")
    qtbot.waitUntil(lambda: pane.view.rows.size == 11)
    pane.open_go_to()
    assert pane.goto_bar.note.isHidden()
    choose_rows(qtbot, pane, "message", 4)
    pane.open_go_to()
    pane.goto_bar.field.setText("6")
    qtbot.keyClick(pane.goto_bar.field, Qt.Key.Key_Return)
    assert pane.header.position == "message 2, offset in it 0x2 (2) · 1 byte selected"
    pane.open_go_to()
    assert pane.goto_bar.note.isVisible()
    assert "all messages shown, one after another; the cursor is at 0x6 (6)" in pane.goto_bar.note.text()
    pane.view.move_cursor(4)
    assert "at 0x4 (4)" in pane.goto_bar.note.text()
