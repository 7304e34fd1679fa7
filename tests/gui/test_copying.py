"""Copies and saved files beside each other: each says what it did."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from explorer.capture.writer import Writer
from explorer.ui import copying
from explorer.ui.workbench import Workbench
from explorer.wire.formats import find_format
from tests.gui.byte_captures import RECEIVED, stream_of


def test_two_jobs_at_once_each_say_what_they_did(
    qtbot: QtBot, workbench: Workbench, writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = stream_of(writer, [(RECEIVED, b"ab" * 100_000)])
    gate = threading.Event()
    render = copying.render

    def slow(*given: Any) -> str:
        assert gate.wait(10)
        return render(*given)

    monkeypatch.setattr(copying, "render", slow)
    copier = copying.Copier(workbench.jobs)
    said: list[str] = []
    copier.finished.connect(said.append)
    form = find_format("plain_hex")
    copier.copy(stream, ((0, 200_000),), form, "utf-8")
    copier.save(stream, ((0, 5),), None, "utf-8", tmp_path / "out")
    qtbot.waitUntil(lambda: len(said) == 1)
    gate.set()
    qtbot.waitUntil(lambda: len(said) == 2)
    assert said == [f"5 bytes saved to {tmp_path / 'out'}.", f"200,000 bytes copied as {form.label}."]
    assert not copier._sentences
