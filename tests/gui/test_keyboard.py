"""The keyboard in the whole window: Tab comes everywhere and back, each letter means one thing, zoom leaves room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QMenu,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.capture.stream import Scope
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.settings import Settings
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.registry import PANES
from explorer.ui.theme import Theme
from explorer.ui.try_it import LINE
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.fitted import FittedPane

MOST_STOPS = 100
Prepare = Callable[[Program, QtBot], None]


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    made = Program(Theme("light"), Settings(tmp_path))
    made.open(None, start=False)
    with qtbot.waitActive(made.window):
        made.window.activateWindow()
    yield made
    made.theme.zoom_reset()
    made.window.close()


def add_server(program: Program, qtbot: QtBot, framing: str = "raw") -> int:
    number = program.workbench.add_socket(
        SocketSpec("server", "tcp", "server", "127.0.0.1", 0, framing=Choice(framing))
    )
    program.workbench.selection.choose_scope(Scope(number))
    return number


def stopped(program: Program, qtbot: QtBot) -> None:
    add_server(program, qtbot)


def running(program: Program, qtbot: QtBot) -> None:
    number = add_server(program, qtbot, "line")

    def listens() -> bool:
        entry = program.workbench.socket(number)
        return entry is not None and entry.state is State.LISTEN

    program.workbench.start(number)
    qtbot.waitUntil(listens, timeout=10_000)


def after_try_it(program: Program, qtbot: QtBot) -> None:
    program.window.actions_["try_it"].trigger()
    qtbot.waitUntil(lambda: program.live.tally.received == 2 * len(LINE), timeout=10_000)
    view = program.window.panes["bytes"]
    qtbot.waitUntil(lambda: view.isVisible() and view.pages.currentWidget() is view.view)  # type: ignore[attr-defined]


def all_bars_open(program: Program, qtbot: QtBot) -> None:
    after_try_it(program, qtbot)
    program.window.actions_["find"].trigger()
    program.window.actions_["go_to"].trigger()
    program.window.panes["send"]._refuse("x")  # type: ignore[attr-defined]


def name_of(widget: QWidget) -> str:
    text = widget.accessibleName() or widget.objectName()
    if not text and isinstance(widget, QAbstractButton):
        text = widget.text()
    return f"{type(widget).__name__} {text!r} in {type(widget.parentWidget()).__name__}"


def stops(window: QWidget) -> set[QWidget]:
    """Every control that Tab should come to."""
    return {
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.window() is window
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
    }


def tour(window: QWidget, key: Qt.Key) -> list[QWidget]:
    """Where the keyboard goes from where it is, until it is somewhere for the second time."""
    modifier = Qt.KeyboardModifier.ShiftModifier if key == Qt.Key.Key_Backtab else Qt.KeyboardModifier.NoModifier
    seen: list[QWidget] = []
    for _ in range(MOST_STOPS):
        focus = QApplication.focusWidget()
        assert focus is not None
        if isinstance(focus, ByteView) and seen and focus is seen[-1]:  # from its hex to its text, once
            QTest.keyClick(window.windowHandle(), key, modifier)
            focus = QApplication.focusWidget()
            assert focus is not None
        if focus in seen:
            assert focus is seen[0], f"caught: from {name_of(seen[-1])} back to {name_of(focus)}"
            return seen
        seen.append(focus)
        QTest.keyClick(window.windowHandle(), key, modifier)
    raise AssertionError(f"{MOST_STOPS} stops and not back at the start")


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
@pytest.mark.parametrize("prepare", [stopped, running, after_try_it, all_bars_open])
def test_tab_comes_everywhere_and_back(program: Program, qtbot: QtBot, prepare: Prepare, key: Qt.Key) -> None:
    prepare(program, qtbot)
    window = program.window
    for page in range(window.tables.count()):
        window.tables.setCurrentIndex(page)
        window.panes["sockets"].focus_first()  # type: ignore[attr-defined]
        seen = tour(window, key)
        missed = stops(window) - set(seen)
        assert not missed, [name_of(widget) for widget in missed]


def test_tab_enters_a_row_of_buttons_at_the_chosen_one(program: Program, qtbot: QtBot) -> None:
    number = program.workbench.add_socket(SocketSpec("client", "udp", "client", "127.0.0.1", 9000))
    program.workbench.selection.choose_scope(Scope(number))
    settings = program.window.panes["settings"]
    settings.header.name.setFocus()  # type: ignore[attr-defined]
    seen = tour(program.window, Qt.Key.Key_Tab)
    texts = [widget.text() for widget in seen if isinstance(widget, QAbstractButton)]
    assert "UDP" in texts
    assert "Client" in texts
    assert not {"TCP", "Server"} & set(texts)


@pytest.mark.parametrize("pane", ["sockets", "settings", "calls", "messages", "found", "bytes", "send", "notes"])
def test_each_pane_takes_the_keyboard(program: Program, qtbot: QtBot, pane: str) -> None:
    after_try_it(program, qtbot)
    program.window.actions_[f"go_{pane}"].trigger()
    focus = QApplication.focusWidget()
    assert focus is not None
    assert program.window.panes[pane].isAncestorOf(focus)


# -- letters --------------------------------------------------------------------------------------


def letter(text: str) -> str:
    return QKeySequence.mnemonic(text).toString()


def letters(window: QWidget) -> dict[str, list[str]]:
    """What can be reached with Alt and a letter now, by the key."""
    found: dict[str, list[str]] = defaultdict(list)
    for label in window.findChildren(QLabel):
        if label.isVisible() and label.buddy() is not None:
            found[letter(label.text())].append(label.text())
    for button in window.findChildren(QAbstractButton):
        action = button.defaultAction() if isinstance(button, QToolButton) else None
        if button.isVisible() and action is None:
            found[letter(button.text())].append(button.text())
    for bar in window.findChildren(QTabBar):
        for place in range(bar.count()):
            found[letter(bar.tabText(place))].append(bar.tabText(place))
    for action in window.menuBar().actions():  # type: ignore[attr-defined]
        found[letter(action.text())].append(action.text())
    found.pop("", None)
    return found


@pytest.mark.parametrize("prepare", [stopped, running, all_bars_open])
def test_a_letter_means_one_thing(program: Program, qtbot: QtBot, prepare: Prepare) -> None:
    prepare(program, qtbot)
    window = program.window
    for page in range(window.tables.count()):
        window.tables.setCurrentIndex(page)
        found = letters(window)
        assert {f"Alt+{key}" for key in "FESVH"} <= found.keys()
        assert not {key: texts for key, texts in found.items() if len(texts) > 1}


@pytest.mark.parametrize("name", [spec.name for spec in PANES if spec.area in ("base", "right")])
def test_a_letter_means_one_thing_beside_each_dock(program: Program, qtbot: QtBot, name: str) -> None:
    all_bars_open(program, qtbot)
    window = program.window
    window.actions_[f"go_{name}"].trigger()
    dock = window.findChild(QDockWidget, f"dock_{name}")
    assert isinstance(dock, QDockWidget)
    qtbot.waitUntil(lambda: not dock.visibleRegion().isEmpty() and window.panes.is_made(name))
    for page in range(window.tables.count()):
        window.tables.setCurrentIndex(page)
        found = letters(window)
        assert not {key: texts for key, texts in found.items() if len(texts) > 1}


def test_a_letter_means_one_thing_on_the_first_page_and_in_each_menu(program: Program, qtbot: QtBot) -> None:
    assert not {key: texts for key, texts in letters(program.window).items() if len(texts) > 1}
    menus = [action.menu() for action in program.window.menuBar().actions()]
    assert len(menus) == 5
    for menu in menus:
        assert isinstance(menu, QMenu)
        texts: dict[str, list[str]] = defaultdict(list)
        for action in menu.actions():
            assert isinstance(action, QAction)
            if action.isVisible() and not action.isSeparator():
                texts[letter(action.text())].append(action.text())
        assert not {key: found for key, found in texts.items() if len(found) > 1}, menu.title()


@pytest.mark.parametrize(
    ("key", "name"), [("O", "Host"), ("P", "Port"), ("G", "Framing"), ("A", "Program"), ("T", "Send to")]
)
def test_letters_lead_to_the_controls(program: Program, qtbot: QtBot, key: str, name: str) -> None:
    stopped(program, qtbot)
    program.window.panes["sockets"].focus_first()  # type: ignore[attr-defined]
    QTest.keyClick(program.window.windowHandle(), getattr(Qt.Key, f"Key_{key}"), Qt.KeyboardModifier.AltModifier)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus.accessibleName() == name


# -- for screen readers ---------------------------------------------------------------------------


def test_combo_boxes_are_labelled_and_inner_parts_are_named(program: Program, qtbot: QtBot) -> None:
    stopped(program, qtbot)
    window = program.window
    unlabelled = []
    for box in window.findChildren(QComboBox):
        interface = QAccessible.queryAccessibleInterface(box)
        relations = interface.relations(QAccessible.RelationFlag.Label)
        if box.isVisible() and not relations:
            unlabelled.append(name_of(box))
        edit = box.lineEdit()
        assert edit is None or edit.accessibleName() == box.accessibleName() != ""
    assert not unlabelled
    assert all(bar.accessibleName() for bar in window.findChildren(QTabBar) if bar.isVisible())
    assert window.findChildren(QLineEdit)


# -- large text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("zoom", "width", "height"), [(2.0, 1024, 700), (3.0, 1366, 768)])
def test_large_text_fits_a_small_screen_and_gives_the_room_back(
    program: Program, qtbot: QtBot, zoom: float, width: int, height: int
) -> None:
    add_server(program, qtbot, "length")  # the form with most settings
    window, theme = program.window, program.theme
    assert len(dict(window.panes)) == len(PANES)  # all are made, and take their room
    window.resize(width, height)
    settings, send = window.panes["settings"], window.panes["send"]
    seen: list[tuple[QSize, int, int]] = []

    def rests() -> bool:
        seen.append((window.minimumSizeHint(), settings.height(), send.height()))
        return seen[-5:] == [seen[-1]] * 5

    qtbot.waitUntil(rests)  # a form that breaks into other lines is laid out twice
    before = seen[-1]
    while theme.zoom < zoom:
        theme.zoom_in()
    QApplication.processEvents()
    least = window.minimumSizeHint()
    assert least.width() <= width
    assert least.height() <= height
    assert (window.width(), window.height()) == (width, height)
    for first in (settings.options, settings.program.kinds, send.editor, send.button):  # type: ignore[attr-defined]
        first.setEnabled(True)
        first.setFocus()
        assert not first.visibleRegion().isEmpty(), name_of(first)
    theme.zoom_reset()
    qtbot.waitUntil(lambda: (window.minimumSizeHint(), settings.height(), send.height()) == before)
    assert (window.width(), window.height()) == (width, height)


def is_whole(pane: FittedPane) -> bool:
    return pane.height() == pane.heightForWidth(pane.width())


def test_at_the_usual_size_nothing_scrolls(program: Program, qtbot: QtBot) -> None:
    add_server(program, qtbot, "length")
    program.window.resize(1280, 860)
    for pane in ("settings", "send"):
        fitted = program.window.panes[pane]
        assert isinstance(fitted, FittedPane)
        qtbot.waitUntil(partial(is_whole, fitted))
        assert fitted.content.height() == fitted.height()


def test_f3_goes_from_hit_to_hit_wherever_the_keyboard_is(program: Program, qtbot: QtBot) -> None:
    after_try_it(program, qtbot)
    window, finder = program.window, program.workbench.finder
    bytes_pane = window.panes["bytes"]
    assert isinstance(bytes_pane, BytesPane)
    bar = bytes_pane.find_bar
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.actions_["go_sockets"].trigger()
    before = QApplication.focusWidget()
    qtbot.keyClick(before, Qt.Key.Key_F3)  # nothing is typed yet: the bar asks
    assert bar.isVisible()
    assert QApplication.focusWidget() is bar.field
    assert "Write what to find" in bar.problem.text()
    bar.field.setText("o")
    bar.close_bar()
    for name in ("go_sockets", "go_calls", "list_results", "go_send"):
        window.actions_[name].trigger()
        focused = QApplication.focusWidget()
        places = []
        for key, modifiers in (
            (Qt.Key.Key_F3, Qt.KeyboardModifier.NoModifier),
            (Qt.Key.Key_F3, Qt.KeyboardModifier.NoModifier),
            (Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier),
        ):
            qtbot.keyClick(QApplication.focusWidget(), key, modifiers)
            qtbot.waitUntil(lambda: not finder.searching)
            assert finder.current is not None
            places.append(finder.current.first)
        assert places[0] == places[2] != places[1], name
        assert QApplication.focusWidget() is focused
        assert bar.isVisible()
