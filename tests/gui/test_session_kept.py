"""What a window keeps for the next start, and what it says when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from explorer.app import Program
from explorer.core.socket_spec import SocketSpec
from explorer.settings import Settings
from explorer.ui.entries import Notice
from explorer.ui.theme import Theme

pytestmark = pytest.mark.usefixtures("qapp")


def test_sockets_that_cannot_be_kept_are_told_of(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    program = Program(Theme("light"), Settings(tmp_path))
    program.open(None, start=False)
    notices: list[Notice] = []
    program.workbench.noticed.connect(notices.append)
    program.workbench.add_socket(SocketSpec("half \ud800", port=9003))
    qtbot.waitUntil(lambda: any("The next start cannot have" in notice.text for notice in notices))
    assert any("$.sockets[0].name" in notice.text and notice.serious for notice in notices)
    program.window.close()
