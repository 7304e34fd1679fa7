"""The room of a small window, or of one with large text: rows of tables and bytes are seen, and nothing is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.capture.stream import Scope
from explorer.settings import Settings
from explorer.ui.models.inspector_model import BIG, LITTLE
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.inspector_pane import InspectorPane
from explorer.ui.panes.messages_pane import MessagesPane
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.try_it import LINE
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.log_table import LogTable


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """Echo and client have exchanged a line, and Messages shows it."""
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    made = Program(Theme("light"), Settings(tmp_path))
    made.open(None, start=False)
    with qtbot.waitActive(made.window):
        made.window.activateWindow()
    made.window.resize(1024, 700)
    made.window.actions_["try_it"].trigger()
    qtbot.waitUntil(lambda: made.live.tally.received == 2 * len(LINE), timeout=10_000)
    made.window.panes.bring_to_front("messages")
    qtbot.waitUntil(lambda: table_of(made).model().rowCount() == 2)
    yield made
    made.theme.zoom_reset()
    made.window.close()


def table_of(program: Program) -> LogTable:
    return program.window.panes.get_as(MessagesPane, "messages").table


def view_of(program: Program) -> ByteView:
    return program.window.panes.get_as(BytesPane, "bytes").view


def form_of(program: Program) -> SettingsPane:
    return program.window.panes.get_as(SettingsPane, "settings")


def table_rows(program: Program) -> float:
    table = table_of(program)
    return table.viewport().height() / table.row_height


def byte_rows(program: Program) -> float:
    view = view_of(program)
    return (view.viewport().height() - view.header_height) / view.row_height


def zoom_to(program: Program, zoom: float) -> None:
    while program.theme.zoom < zoom:
        program.theme.zoom_in()
        QApplication.processEvents()


def fill_composer(program: Program) -> SendPane:
    """Everything of it is open: the next bytes, the repeat, and what is wrong."""
    send = program.window.panes.get_as(SendPane, "send")
    send.editors.recall("hex", "aa 55 {{counter:u16be}} 01 {{crc16-modbus:le}}", True)
    send.repeats.setChecked(True)
    send._refuse("What was pasted was not taken, because it holds an odd number of digits.")
    return send


def test_rows_stay_however_much_the_composer_shows(program: Program, qtbot: QtBot) -> None:
    send = fill_composer(program)
    qtbot.waitUntil(lambda: send.height() == send.sizeHint().height() > 180)  # the form above gave its room first
    assert byte_rows(program) >= 4
    assert table_rows(program) >= 3
    assert program.window.size() == QSize(1024, 700)
    program.window.resize(1024, 560)
    qtbot.waitUntil(lambda: program.window.height() == 560 and send.height() < send.sizeHint().height())  # it scrolls
    qtbot.waitUntil(lambda: byte_rows(program) >= 4)  # rooms are shared out in several steps
    assert table_rows(program) >= 3


def test_a_form_without_room_puts_itself_away_while_the_socket_works(program: Program, qtbot: QtBot) -> None:
    form, window, bench = form_of(program), program.window, program.workbench
    server = next(entry.number for entry in bench.sockets if entry.spec.role == "server")
    bench.selection.choose_scope(Scope(server))
    qtbot.waitUntil(lambda: form.folded)
    assert not form.fold_choice
    form.header.fold.click()  # the user wants it all the same
    assert not form.folded
    fill_composer(program)
    QApplication.processEvents()
    assert not form.folded
    window.actions_["stop_all"].trigger()
    qtbot.waitUntil(lambda: form.header.action.text() == "Start")
    assert not form.folded
    bench.start(server)
    qtbot.waitUntil(lambda: form.folded, timeout=10_000)
    window.actions_["stop_all"].trigger()
    qtbot.waitUntil(lambda: not form.folded)


def test_a_form_comes_back_when_there_is_room(program: Program, qtbot: QtBot) -> None:
    form = form_of(program)
    qtbot.waitUntil(lambda: form.folded)
    program.window.resize(1024, 900)
    qtbot.waitUntil(lambda: not form.folded)
    assert byte_rows(program) >= 4
    assert table_rows(program) >= 3
    program.window.resize(1024, 700)
    qtbot.waitUntil(lambda: form.folded)


def test_only_what_the_user_chose_is_remembered_of_the_form(program: Program, qtbot: QtBot) -> None:
    form = form_of(program)
    qtbot.waitUntil(lambda: form.folded)
    program.window._memory._save_session()
    assert not program.settings.form_folded
    form.fold(True)
    program.window._memory._save_session()
    assert program.settings.form_folded
    again = Program(program.theme, program.settings)
    again.open(None, start=False)
    assert form_of(again).folded
    again.window.close()


@pytest.mark.parametrize(("zoom", "width", "height"), [(2.0, 1024, 700), (3.0, 1366, 768)])
def test_rows_are_seen_with_large_text(program: Program, qtbot: QtBot, zoom: float, width: int, height: int) -> None:
    program.window.resize(width, height)
    zoom_to(program, zoom)
    qtbot.waitUntil(lambda: byte_rows(program) >= 1 and table_rows(program) >= 1)
    qtbot.waitUntil(lambda: program.window.size() == QSize(width, height))


def test_a_window_that_large_text_made_larger_gives_the_room_back(program: Program, qtbot: QtBot) -> None:
    window = program.window
    zoom_to(program, 3.0)
    qtbot.waitUntil(lambda: window.width() > 1024 and window.height() > 700)
    least = window.minimumSizeHint()
    qtbot.waitUntil(lambda: window.size() == least)
    program.theme.zoom_reset()
    qtbot.waitUntil(lambda: window.size() == QSize(1024, 700))


def test_a_size_that_the_user_chose_meanwhile_stays(program: Program, qtbot: QtBot) -> None:
    window = program.window
    zoom_to(program, 3.0)
    qtbot.waitUntil(lambda: window.width() > 1024)
    window.resize(1500, 950)
    program.theme.zoom_reset()
    QApplication.processEvents()
    assert window.size() == QSize(1500, 950)


def test_the_inspector_has_room_for_64_bits_twice(program: Program, qtbot: QtBot) -> None:
    program.window.resize(1440, 900)
    table = program.window.panes.get_as(InspectorPane, "inspector").table
    room = QFontMetrics(program.theme.mono).horizontalAdvance("0") * 20
    qtbot.waitUntil(lambda: table.columnWidth(LITTLE) > room and table.columnWidth(BIG) > room)


def test_titles_of_docks_zoom(program: Program, qtbot: QtBot) -> None:
    dock = program.window.findChild(QDockWidget, "dock_sockets")
    assert isinstance(dock, QDockWidget)

    def ink() -> int:
        """Columns of pixels that the title takes, of the window's colour otherwise."""
        image = dock.grab().toImage()
        high = dock.widget().y()
        ground = image.pixelColor(1, 1)
        width = image.width() // 2  # the buttons stand in the other half
        return sum(any(image.pixelColor(x, y) != ground for y in range(2, high - 2)) for x in range(2, width))

    before = ink()
    zoom_to(program, 2.0)
    assert ink() > 1.5 * before


def test_the_framing_is_a_whole_line_or_none(program: Program, qtbot: QtBot) -> None:
    header = program.window.panes.get_as(MessagesPane, "messages").header
    assert "Lines" in header.text()
    line = header.fontMetrics().height()
    for height in (line * 3, line, line - 1, 3):
        header.resize(header.width(), height)
        image = header.grab().toImage()
        ground = image.pixelColor(image.width() - 1, image.height() - 1)
        inked = [
            y for y in range(image.height()) if any(image.pixelColor(x, y) != ground for x in range(image.width()))
        ]
        assert bool(inked) == (height >= line)


def test_a_filters_example_is_never_cut(program: Program, qtbot: QtBot) -> None:
    edit = program.window.panes.get_as(MessagesPane, "messages").filter.edit
    edit.resize(900, edit.height())
    assert edit.placeholderText().endswith("hello")
    seen = set()
    for width in range(900, 20, -20):
        edit.resize(width, edit.height())
        text = edit.placeholderText()
        assert edit.fontMetrics().horizontalAdvance(text) < width
        seen.add(text)
    assert len(seen) == 5
    assert "" in seen
