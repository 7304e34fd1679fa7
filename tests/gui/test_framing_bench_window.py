"""The Framing bench in the window: a dock that is hidden at first, found in a menu, and as it was at the next start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.capture.stream import Scope
from explorer.core.socket_spec import Choice
from explorer.settings import Settings
from explorer.ui.models.bench_model import TEXT
from explorer.ui.panes.framing_bench_pane import FramingBenchPane
from explorer.ui.theme import Theme
from explorer.ui.try_it import LINE
from tests.gui.test_keyboard import letters, name_of, stops, tour

Start = Callable[[], Program]


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts the program; one that ran before is closed first."""
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    programs: list[Program] = []

    def made() -> Program:
        for program in programs:
            program.window.close()
        programs[:] = [Program(Theme("light"), Settings(tmp_path))]
        programs[0].open(None, start=False)
        with qtbot.waitActive(programs[0].window):
            programs[0].window.activateWindow()
        return programs[0]

    yield made
    for program in programs:
        program.window.close()


def dock_of(program: Program) -> QDockWidget:
    found = program.window.findChild(QDockWidget, "dock_framing_bench")
    assert isinstance(found, QDockWidget)
    return found


def try_it(program: Program, qtbot: QtBot) -> None:
    """An echo server and a client have exchanged a line; the server is chosen."""
    program.window.actions_["try_it"].trigger()
    qtbot.waitUntil(lambda: program.live.tally.received == 2 * len(LINE), timeout=10_000)
    server = next(entry for entry in program.workbench.sockets if entry.spec.role == "server")
    program.workbench.selection.choose_scope(Scope(server.number))


def bench_of(program: Program, qtbot: QtBot) -> FramingBenchPane:
    program.window.actions_["go_framing_bench"].trigger()
    pane = program.window.panes.get_as(FramingBenchPane, "framing_bench")
    qtbot.waitUntil(lambda: pane.seen)
    return pane


def test_it_is_hidden_until_somebody_wants_it(start: Start, qtbot: QtBot) -> None:
    program = start()
    try_it(program, qtbot)
    assert dock_of(program).isHidden()
    assert not program.window.panes.is_made("framing_bench")
    entry = next(one for one in program.window.panes.dock_menu.actions() if one.text() == "Framing bench")
    entry.trigger()
    qtbot.waitUntil(lambda: program.window.panes.is_made("framing_bench"))
    pane = bench_of(program, qtbot)
    line = LINE.decode().rstrip("\n")
    qtbot.waitUntil(lambda: pane.columns[0].model.rowCount() == 1)
    assert str(pane.columns[0].model.data(pane.columns[0].model.index(0, TEXT))) == line
    focus = QApplication.focusWidget()
    assert focus is not None
    assert pane.isAncestorOf(focus)
    entry.trigger()
    qtbot.waitUntil(lambda: not pane.seen)


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
def test_tab_comes_to_it_and_back(start: Start, qtbot: QtBot, key: Qt.Key) -> None:
    program = start()
    try_it(program, qtbot)
    pane = bench_of(program, qtbot)
    pane.add_column()
    pane.guess()
    qtbot.waitUntil(lambda: not pane.guessing.under_way)
    program.window.panes["sockets"].focus_first()  # type: ignore[attr-defined]
    seen = tour(program.window, key)
    missed = stops(program.window) - set(seen)
    assert not missed, [name_of(widget) for widget in missed]
    assert not {letter: texts for letter, texts in letters(program.window).items() if len(texts) > 1}


def test_its_framings_are_there_at_the_next_start(start: Start, qtbot: QtBot) -> None:
    program = start()
    try_it(program, qtbot)
    pane = bench_of(program, qtbot)
    pane.show_framing(Choice("netstring"))
    wanted = pane.framings
    program = start()
    assert program.workbench.bench.framings == tuple(wanted)
    try_it(program, qtbot)
    assert bench_of(program, qtbot).framings == wanted
