"""Panes behind tabs and docks are made when they are first looked at, and are then as if they had always been there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.capture.span import Span
from explorer.settings import Settings
from explorer.ui.panes.messages_pane import MessagesPane
from explorer.ui.panes.notes_pane import NotesPane
from explorer.ui.panes.registry import PANES
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.snippet_keys import taken_keys
from explorer.ui.theme import Theme
from explorer.ui.try_it import LINE
from explorer.ui.widgets.accessible_choice import AccessibleChoice
from explorer.ui.window_layout import LARGEST, LEAST_SIZE

LATE = {spec.name for spec in PANES if spec.late}


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    made = Program(Theme("light"), Settings(tmp_path))
    made.open(None, start=False)
    with qtbot.waitActive(made.window):
        made.window.activateWindow()
    yield made
    made.window.close()


@pytest.fixture
def talked(program: Program, qtbot: QtBot) -> Program:
    """An exchange was captured; the Inspector is in front."""
    program.window.actions_["try_it"].trigger()
    qtbot.waitUntil(lambda: program.live.tally.received == 2 * len(LINE), timeout=10_000)
    qtbot.waitUntil(lambda: program.window.panes.is_made("inspector"))
    return program


def made(program: Program) -> set[str]:
    return {name for name in LATE if program.window.panes.is_made(name)}


def test_none_is_made_before_it_is_looked_at(program: Program, qtbot: QtBot) -> None:
    QApplication.processEvents()
    assert LATE
    assert made(program) == set()
    program.window.actions_["new_server"].trigger()
    qtbot.waitUntil(lambda: made(program) == {"inspector"})
    QApplication.processEvents()
    assert made(program) == {"inspector"}  # the other docks stand behind it, the other tabs behind Calls


def test_every_pane_has_a_key_of_its_own_that_makes_and_shows_it(talked: Program) -> None:
    window = talked.window
    keys = [window.actions_[f"go_{name}"].shortcut().toString() for name in window.panes]
    assert len(set(keys)) == len(keys)
    assert all(key.startswith("Alt+") for key in keys)
    listed = {row[1] for row in window.actions_.listing()}
    assert {*keys, "Ctrl+Shift+F"} <= listed
    for name in window.panes:
        window.actions_[f"go_{name}"].trigger()
        focus = QApplication.focusWidget()
        assert focus is not None
        assert window.panes[name].isAncestorOf(focus)
        assert not focus.visibleRegion().isEmpty()


def test_the_results_of_find_are_listed_by_a_key(talked: Program) -> None:
    talked.window.actions_["list_results"].trigger()
    assert talked.window.panes["found"].isVisible()


def test_tab_comes_to_a_late_pane_where_it_stands(talked: Program) -> None:
    window = talked.window
    window.actions_["go_messages"].trigger()
    pane = window.panes.get_as(MessagesPane, "messages")
    window.tables.tabBar().setFocus()
    reached: list[QWidget] = []
    while (focus := QApplication.focusWidget()) is not None and not window.panes["bytes"].isAncestorOf(focus):
        reached.append(focus)
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab)
        assert len(reached) < 50
    inside = [widget for widget in reached if pane.isAncestorOf(widget)]
    assert inside[0] is pane.filter.edit
    assert inside[-1] is pane.table
    assert reached[-len(inside) :] == inside  # and then come the bytes


def test_what_is_made_late_can_be_chosen_from_by_a_screen_reader(talked: Program) -> None:
    for name in LATE:
        for box in talked.window.panes[name].findChildren(QComboBox):
            assert box.findChild(AccessibleChoice) is not None


def test_a_note_is_typed_though_the_list_was_never_seen(talked: Program, qtbot: QtBot) -> None:
    bench = talked.workbench
    assert not talked.window.panes.is_made("notes")
    call = next(call for call in bench.reader.calls(0, bench.reader.count) if call.sent and call.size)
    bench.selection.choose_span(Span.of_call(call), None)
    talked.window.actions_["add_note"].trigger()
    notes = talked.window.panes.get_as(NotesPane, "notes")
    assert notes.model.rowCount() == 1
    focus = QApplication.focusWidget()
    assert focus is not None
    assert notes.table.isAncestorOf(focus)
    QTest.keyClicks(focus, "greeting")
    QTest.keyClick(focus, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [note.text for note in bench.notes.notes] == ["greeting"])


def test_no_snippet_takes_a_key_of_a_pane_that_is_not_made(program: Program) -> None:
    window = program.window
    assert {"Ctrl+K", "Alt+9", "Ctrl+Shift+F"} <= taken_keys(window).keys()
    before = set(window.findChildren(QAction))
    for name in LATE:
        assert window.panes[name] is not None
    window.panes.get_as(SendPane, "send")
    new = [one for action in set(window.findChildren(QAction)) - before for one in action.shortcuts()]
    assert new
    assert {one.toString() for one in new} <= {"Ctrl+K", "Ctrl+C"}  # another one belongs into `snippet_keys`


class Windows(QObject):
    """Remembers which windows were shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def test_a_pane_that_is_made_flashes_no_window(program: Program, qapp: QApplication, qtbot: QtBot) -> None:
    """A part that is shown before it stands in the window is a window: it takes the keyboard away for a moment."""
    windows = Windows()
    qapp.installEventFilter(windows)
    program.window.actions_["new_server"].trigger()
    for name in program.window.panes:
        program.window.panes.bring_to_front(name)
        QApplication.processEvents()
    qtbot.waitUntil(lambda: made(program) == LATE)
    qapp.removeEventFilter(windows)
    assert windows.shown == []


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1366, 768), (1600, 1000), (3840, 2160)])
def test_a_first_window_is_as_large_as_fits(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int, height: int
) -> None:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    monkeypatch.setattr(
        type(QGuiApplication.primaryScreen()), "availableSize", lambda screen: QRect(0, 0, width, height).size()
    )
    program = Program(Theme("light"), Settings(tmp_path))
    size = program.window.size()
    assert size.boundedTo(LARGEST) == size
    assert size.width() <= width
    assert size.height() <= height
    assert size == LARGEST or size.width() >= min(LARGEST.width(), 0.94 * width) or size.width() == LEAST_SIZE.width()
    program.window.resize(750, 700)
    program.window.close()
    again = Program(Theme("light"), Settings(tmp_path))
    assert (again.window.width(), again.window.height()) == (750, 700)  # what is remembered counts
    again.window.close()
