"""The docks at the right: in tabs, the Inspector in front, and narrow enough for the bytes between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QTabBar
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.settings import Settings
from explorer.ui.panes.content_pane import ContentPane
from explorer.ui.panes.inspector_pane import InspectorPane
from explorer.ui.theme import Theme
from explorer.ui.try_it import LINE
from explorer.ui.window_layout import LEAST, MIDDLE


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    made = Program(Theme("light"), Settings(tmp_path))
    made.open(None, start=False)
    with qtbot.waitActive(made.window):
        made.window.activateWindow()
    made.window.actions_["try_it"].trigger()
    qtbot.waitUntil(lambda: made.live.tally.received == 2 * len(LINE), timeout=10_000)
    yield made
    made.window.close()


def dock(program: Program, name: str) -> QDockWidget:
    found = program.window.findChild(QDockWidget, f"dock_{name}")
    assert isinstance(found, QDockWidget)
    return found


def test_they_share_a_place_with_the_inspector_in_front(program: Program, qtbot: QtBot) -> None:
    window = program.window
    inspector, content = window.panes["inspector"], window.panes["content"]
    assert isinstance(inspector, InspectorPane)
    assert isinstance(content, ContentPane)
    qtbot.waitUntil(lambda: inspector.seen and not content.seen)
    assert not content.visibleRegion().boundingRect().isValid()
    dock(program, "content").raise_()
    qtbot.waitUntil(lambda: content.seen and not inspector.seen)
    assert content.visibleRegion().boundingRect().isValid()
    dock(program, "content").close()
    qtbot.waitUntil(lambda: not content.seen)
    window.layout_reset()
    qtbot.waitUntil(lambda: inspector.seen and not content.seen)
    assert dock(program, "content") in window.tabifiedDockWidgets(dock(program, "inspector"))
    assert all(bar.accessibleName() for bar in window.findChildren(QTabBar) if bar.isVisible())


def test_the_keyboard_goes_there(program: Program, qtbot: QtBot) -> None:
    window = program.window
    call = next(call for call in program.workbench.reader.calls(0, program.workbench.reader.count) if call.sent)
    program.workbench.selection.choose_call(call)
    for key, name in ((Qt.Key.Key_8, "content"), (Qt.Key.Key_7, "inspector")):
        QTest.keyClick(window.windowHandle(), key, Qt.KeyboardModifier.AltModifier)
        focus = QApplication.focusWidget()
        assert focus is not None
        assert window.panes[name].isAncestorOf(focus)
        assert not window.panes[name].visibleRegion().isEmpty()


def test_they_give_way_in_a_narrow_window_and_come_back(program: Program, qtbot: QtBot) -> None:
    window = program.window
    character = window.fontMetrics().averageCharWidth()
    right, middle = dock(program, "inspector"), window.tables  # as wide as what stands between the docks
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: middle.width() >= MIDDLE * character - 24)
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: right.width() <= LEAST * character + 2)
    window.resize(1500, 800)
    qtbot.waitUntil(lambda: right.width() > 40 * character)
