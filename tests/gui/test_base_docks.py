"""Docks along the bottom of the window: hidden at first, in tabs, as high as is good, remembered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.settings import Settings
from explorer.ui.pane_places import BASE_LINES
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.chat_pane import ChatPane
from explorer.ui.panes.log_view_pane import LogViewPane
from explorer.ui.panes.messages_pane import MessagesPane
from explorer.ui.panes.registry import PANES
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.theme import Theme
from explorer.ui.try_it import LINE

BASE = [spec.name for spec in PANES if spec.area == "base"]


def open_window(qtbot: QtBot, folder: Path) -> Program:
    """An echo server and a client have exchanged a line."""
    made = Program(Theme("light"), Settings(folder))
    made.open(None, start=False)
    with qtbot.waitActive(made.window):
        made.window.activateWindow()
    made.window.actions_["try_it"].trigger()
    qtbot.waitUntil(lambda: made.live.tally.received == 2 * len(LINE), timeout=10_000)
    return made


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    made = open_window(qtbot, tmp_path)
    yield made
    made.theme.zoom_reset()
    made.window.close()


def dock(program: Program, name: str) -> QDockWidget:
    found = program.window.findChild(QDockWidget, f"dock_{name}")
    assert isinstance(found, QDockWidget)
    return found


def seen(program: Program, name: str) -> bool:
    return not dock(program, name).visibleRegion().isEmpty()


def test_they_are_hidden_until_somebody_wants_one(program: Program, qtbot: QtBot) -> None:
    window = program.window
    assert len(BASE) >= 2
    assert all(dock(program, name).isHidden() and not window.panes.is_made(name) for name in BASE)
    size, room = window.size(), window.panes.middle.height()
    dock(program, "ruler").toggleViewAction().trigger()
    qtbot.waitUntil(lambda: window.panes.is_made("ruler"))
    assert dock(program, "framing_bench").isHidden()
    assert window.size() == size
    assert dock(program, "ruler").width() == window.width()
    line = window.fontMetrics().lineSpacing()
    qtbot.waitUntil(lambda: abs(dock(program, "ruler").height() - line * BASE_LINES) <= 3 * line)
    dock(program, "ruler").toggleViewAction().trigger()
    qtbot.waitUntil(lambda: window.panes.middle.height() == room)


def test_they_share_a_place_in_tabs(program: Program, qtbot: QtBot) -> None:
    window = program.window
    window.panes.focus("ruler")
    window.panes.focus("framing_bench")
    qtbot.waitUntil(lambda: seen(program, "framing_bench") and not seen(program, "ruler"))
    assert dock(program, "ruler") in window.tabifiedDockWidgets(dock(program, "framing_bench"))
    window.panes.focus("ruler")
    qtbot.waitUntil(lambda: seen(program, "ruler") and not seen(program, "framing_bench"))
    area = window.dockWidgetArea(dock(program, "ruler"))
    assert area is Qt.DockWidgetArea.BottomDockWidgetArea


def test_they_are_remembered_and_reset(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    window = program.window
    window.panes.focus("ruler")
    qtbot.waitUntil(lambda: seen(program, "ruler"))
    window.resizeDocks([dock(program, "ruler")], [200], Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: dock(program, "ruler").height() == 200)
    window.close()
    again = open_window(qtbot, tmp_path)
    qtbot.waitUntil(lambda: seen(again, "ruler") and dock(again, "ruler").height() == 200)
    assert dock(again, "framing_bench").isHidden()
    again.window.layout_reset()
    QApplication.processEvents()
    assert all(dock(again, name).isHidden() for name in BASE)
    assert not dock(again, "sockets").isHidden()
    again.window.close()


def test_a_layout_that_knows_none_of_them_hides_them_in_their_place(
    program: Program, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one of an earlier version."""
    program.window.close()
    with monkeypatch.context() as earlier:
        earlier.setattr("explorer.ui.pane_areas.PANES", tuple(spec for spec in PANES if spec.area != "base"))
        open_window(qtbot, tmp_path).window.close()
    again = open_window(qtbot, tmp_path)
    assert all(dock(again, name).isHidden() for name in BASE)
    for name in BASE:
        again.window.panes.focus(name)
    QApplication.processEvents()
    assert dock(again, BASE[0]) in again.window.tabifiedDockWidgets(dock(again, BASE[1]))
    assert dock(again, BASE[1]).width() == again.window.width()
    again.window.close()


@pytest.mark.parametrize("name", BASE)
def test_a_small_window_keeps_its_size(program: Program, qtbot: QtBot, name: str) -> None:
    window = program.window
    window.resize(1024, 700)
    window.panes.focus(name)
    qtbot.waitUntil(lambda: seen(program, name))
    QApplication.processEvents()
    assert window.size() == QSize(1024, 700)
    while program.theme.zoom < 2.0:
        program.theme.zoom_in()
        QApplication.processEvents()
    assert window.minimumSizeHint().width() <= 1024
    assert window.minimumSizeHint().height() <= 700
    assert seen(program, name)


def is_of_size(program: Program, size: QSize) -> bool:
    return program.window.size() == size


@pytest.mark.parametrize(("zoom", "width", "height"), [(2.0, 1024, 700), (3.0, 1366, 768)])
def test_large_text_before_the_first_socket_and_every_dock_fit_a_small_screen(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zoom: float, width: int, height: int
) -> None:
    """No page that is not shown counts, each dock has room of its own, and what it shows is never squeezed."""
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    program = Program(Theme("light"), Settings(tmp_path))
    program.open(None, start=False)
    window = program.window
    with qtbot.waitActive(window):
        window.activateWindow()
    window.resize(width, height)
    while program.theme.zoom < zoom:
        program.theme.zoom_in()
    QApplication.processEvents()
    assert window.size() == QSize(width, height)
    window.actions_["try_it"].trigger()
    qtbot.waitUntil(lambda: program.live.tally.received == 2 * len(LINE), timeout=10_000)
    send = window.panes.get_as(SendPane, "send")
    try:
        for name in BASE:
            window.actions_[f"go_{name}"].trigger()
            qtbot.waitUntil(partial(seen, program, name))
            QApplication.processEvents()
            least = window.minimumSizeHint()
            assert least.width() <= width, name
            assert least.height() <= height, name
            qtbot.waitUntil(partial(is_of_size, program, QSize(width, height)))
            pane, place = window.panes[name], dock(program, name)
            line = window.fontMetrics().lineSpacing()
            assert place.widget().height() >= 3 * line, name
            assert pane.height() >= pane.minimumSizeHint().height(), name
            if lines := getattr(pane, "LEAST_LINES", 0):
                assert pane.height() >= lines * line, name
            focus = QApplication.focusWidget()
            assert focus is not None
            assert pane.isAncestorOf(focus), name
            assert not focus.visibleRegion().isEmpty(), name
        send.editor.setFocus()
        QApplication.processEvents()
        assert not send.editor.visibleRegion().isEmpty()
        assert send.height() >= send.line_height
    finally:
        program.theme.zoom_reset()
        window.close()


@pytest.mark.parametrize("name", ["sequences", "load", "python", "sockets"])
def test_docks_are_reached_beside_the_welcome_page(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    program = Program(Theme("light"), Settings(tmp_path))
    program.open(None, start=False)
    window = program.window
    with qtbot.waitActive(window):
        window.activateWindow()
    window.actions_[f"go_{name}"].trigger()
    qtbot.waitUntil(lambda: seen(program, name))
    assert window.stack.currentWidget() is window.welcome
    focus = QApplication.focusWidget()
    assert focus is not None
    assert window.panes[name].isAncestorOf(focus) or window.panes[name] is focus
    window.actions_["new_server"].trigger()
    QApplication.processEvents()
    assert window.stack.currentWidget() is window.panes.room
    assert not dock(program, name).isHidden()
    window.close()


def shows_rows(pane: MessagesPane) -> bool:
    return pane.seen and pane.table.model().rowCount() > 0


def is_behind(pane: MessagesPane) -> bool:
    return not pane.seen


def test_chat_and_log_rest_behind_another_tab(program: Program, qtbot: QtBot) -> None:
    window, messages = program.window, program.workbench.messages
    for name, kind in (("chat", ChatPane), ("log_lines", LogViewPane)):
        window.panes.focus(name)
        pane = window.panes.get_as(kind, name)
        qtbot.waitUntil(partial(shows_rows, pane))
        assert messages.used
        window.panes.focus("ruler")
        qtbot.waitUntil(partial(is_behind, pane))
        assert not messages.used or window.panes.tables.currentIndex() == 1
    rows = {name: window.panes.get_as(MessagesPane, name).table.model().rowCount() for name in ("chat", "log_lines")}
    before = program.live.tally.received
    send = window.panes.get_as(SendPane, "send")
    send.editor.setFocus()
    send.editors.recall("text", "once more", True)
    send.button.click()
    qtbot.waitUntil(lambda: program.live.tally.received > before)
    qtbot.waitUntil(lambda: program.workbench.reader.count > 0 and not program.workbench.messages.used)
    assert {name: window.panes.get_as(MessagesPane, name).table.model().rowCount() for name in rows} == rows
    window.panes.focus("chat")
    qtbot.waitUntil(lambda: window.panes.get_as(ChatPane, "chat").table.model().rowCount() > rows["chat"])


def shrink(program: Program, qtbot: QtBot, name: str) -> None:
    program.window.resize(1440, 900)
    program.window.panes.focus(name)
    qtbot.waitUntil(lambda: seen(program, name))
    program.window.resize(1024, 700)
    QApplication.processEvents()


@pytest.mark.parametrize("name", BASE)
def test_what_is_needed_most_stays_in_a_low_window(program: Program, qtbot: QtBot, name: str) -> None:
    window = program.window
    shrink(program, qtbot, name)
    window.panes.bring_to_front("messages")
    table = window.panes.get_as(MessagesPane, "messages").table
    view = window.panes.get_as(BytesPane, "bytes").view
    send = window.panes.get_as(SendPane, "send")

    def whole(widget: QWidget) -> bool:
        return not widget.visibleRegion().isEmpty() and widget.visibleRegion().boundingRect() == widget.rect()

    qtbot.waitUntil(lambda: whole(send.editor) and whole(send.button))
    qtbot.waitUntil(lambda: table.viewport().height() >= 2 * table.row_height)
    assert view.viewport().height() - view.header_height >= view.row_height
    assert dock(program, name).height() <= 0.45 * 700


def test_the_height_that_is_wanted_comes_back(program: Program, qtbot: QtBot) -> None:
    window, theme = program.window, program.theme
    window.resize(1440, 900)
    window.panes.focus("framing_bench")
    bench = dock(program, "framing_bench")
    qtbot.waitUntil(lambda: seen(program, "framing_bench"))
    QApplication.processEvents()
    before = bench.height()
    window.resize(1024, 700)
    QApplication.processEvents()
    theme.zoom_in()
    theme.zoom_in()
    QApplication.processEvents()
    qtbot.waitUntil(lambda: bench.height() < before)
    theme.zoom_reset()
    QApplication.processEvents()
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: abs(bench.height() - before) <= 2)


def test_how_high_the_user_drags_them_counts(program: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = program.window
    window.resize(1440, 900)
    window.panes.focus("framing_bench")
    bench = dock(program, "framing_bench")
    qtbot.waitUntil(lambda: seen(program, "framing_bench"))
    QApplication.processEvents()
    with monkeypatch.context() as pressed:
        pressed.setattr(QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)
        window.resizeDocks([bench], [230], Qt.Orientation.Vertical)
        qtbot.waitUntil(lambda: bench.height() == 230)
    window.resize(1300, 800)
    window.resize(1440, 900)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: bench.height() == 230)
