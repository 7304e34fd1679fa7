"""A load from the real window, with its engine and a process of its own, on one of its own servers."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.capture.stream import Scope
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.settings import Settings
from explorer.ui.panes.load_pane import LoadPane
from explorer.ui.theme import Theme

PATIENCE = 20_000


@pytest.mark.parametrize("serving", ["selectors", "iterative", "thread", "asyncio"])
def test_a_load_on_a_server_of_the_window(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serving: str
) -> None:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    program = Program(Theme("light"), Settings(tmp_path))
    program.open(None, start=False)
    bench, panes = program.window.workbench, program.window.panes
    number = bench.add_socket(SocketSpec("echo", program=Choice("echo"), serving=Choice(serving)))
    bench.start(number)
    bench.selection.choose_scope(Scope(number))

    def listens() -> bool:
        entry = bench.socket(number)
        return entry is not None and entry.running

    qtbot.waitUntil(listens, timeout=PATIENCE)
    program.window.actions_["go_load"].trigger()
    qtbot.waitUntil(lambda: panes.is_made("load"))
    pane = panes.get_as(LoadPane, "load")
    assert pane.form.chosen is not None  # the one that is chosen in the window
    pane.form.settings.editor("clients").setText("20")  # type: ignore[union-attr]
    pane.start_button.click()
    qtbot.waitUntil(lambda: not pane.running, timeout=PATIENCE)
    (kept,) = pane.results.runs.runs
    assert (kept.report.done, kept.report.answered, kept.report.wrong, kept.report.failed) == (20, 200, 0, 0)
    assert kept.name == "echo"
    assert kept.report.latencies.count == 200
    assert program.live.tally.received == 200 * 64  # the server's side is in the capture
    assert not [one for one in psutil.Process().children() if one.is_running() and one.status() != "zombie"]
    program.window.close()
