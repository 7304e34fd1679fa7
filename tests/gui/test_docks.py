"""The docks at the right: in tabs, the Inspector in front, and narrow enough for the bytes between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDockWidget, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.settings import Settings
from explorer.ui.panes.content_pane import ContentPane
from explorer.ui.panes.inspector_pane import InspectorPane
from explorer.ui.theme import Mode, Theme
from explorer.ui.try_it import LINE
from explorer.ui.window_layout import LEAST, MIDDLE
from tests.gui.test_theme import LOOKS, contrast


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


def test_their_menu_shows_the_keys_that_lead_there(program: Program, qtbot: QtBot) -> None:
    window = program.window
    entries = {entry.text(): entry.shortcut().toString() for entry in window.panes.dock_menu.actions()}
    assert entries["Inspector"] == window.actions_["go_inspector"].shortcut().toString() == "Alt+7"
    assert all(entries.values())
    QTest.keyClick(window, Qt.Key.Key_8, Qt.KeyboardModifier.AltModifier)  # not ambiguous: the view's action has it
    content = window.panes.get_as(ContentPane, "content")
    qtbot.waitUntil(lambda: QApplication.focusWidget() in content.findChildren(QWidget))
    dock(program, "content").close()
    QTest.keyClick(window, Qt.Key.Key_8, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: not dock(program, "content").isHidden())


@pytest.mark.qt_log_ignore(r"This plugin does not support raise", extend=True)
@LOOKS
def test_buttons_of_titles_are_seen(program: Program, qtbot: QtBot, mode: Mode, high: bool) -> None:
    program.theme.set_mode(mode)
    program.theme.set_high_contrast(high)
    QApplication.processEvents()
    docked = dock(program, "sockets")

    def shown() -> list[float]:
        """The contrast of each button's darkest or lightest point to the title."""
        image = docked.grab().toImage()
        found = []
        for button in docked.findChildren(QAbstractButton, options=Qt.FindChildOption.FindDirectChildrenOnly):
            place = button.geometry()
            seen = {image.pixelColor(x, y).name() for x in range(place.left(), place.right())
                    for y in range(place.top(), place.bottom())}  # fmt: skip
            found.append(max(contrast(color, program.theme.colors.window) for color in seen))
        return found

    qtbot.waitUntil(lambda: len(shown()) == 2 and min(shown()) >= 4.5)
    docked.setFloating(True)  # Qt puts its own icons there
    docked.setFloating(False)
    qtbot.waitUntil(lambda: len(shown()) == 2 and min(shown()) >= 4.5)
    program.theme.set_high_contrast(False)
    program.theme.set_mode("light")


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
