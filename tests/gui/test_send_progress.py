"""The line about sends that take a while: how far, and how quick."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from explorer.core.events import SendProgress
from explorer.ui.theme import Theme
from explorer.ui.widgets.send_progress import SendProgressLine


def test_the_rate_is_shown_while_it_goes_on_and_at_the_end(theme: Theme, qtbot: QtBot) -> None:
    line = SendProgressLine(theme)
    qtbot.addWidget(line)
    line.watch(1, "a.bin", 10_000_000)
    qtbot.waitUntil(lambda: line._waited, timeout=5000)
    line.on_progress(SendProgress(1, 1, 2_000_000, 10_000_000, False, seconds=2.0))
    assert line.text.text() == "a.bin: 2.0 MB of 10.0 MB sent · 1.0 MB/s"
    line.on_progress(SendProgress(1, 1, 10_000_000, 10_000_000, True, seconds=4.0))
    assert line.text.text() == "a.bin: sent, 10.0 MB (2.5 MB/s)."
