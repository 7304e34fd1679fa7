"""Copies and saved files beside each other: each says what it did."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from explorer.bridge.jobs import Cancelled
from explorer.capture.writer import Writer
from explorer.core.errors import ShownError
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


def test_a_save_that_is_cancelled_leaves_the_old_file(writer: Writer, tmp_path: Path) -> None:
    stream = stream_of(writer, [(RECEIVED, b"new")])
    path = tmp_path / "out.bin"
    path.write_bytes(b"precious")
    with pytest.raises(Cancelled):
        copying.save(stream, ((0, 3),), None, "utf-8", path, lambda done, total: False)
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.glob("out*")) == [path]


def test_a_save_that_fails_leaves_the_old_file(writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = stream_of(writer, [(RECEIVED, b"new")])
    path = tmp_path / "out.bin"
    path.write_bytes(b"precious")

    def full(start: int, stop: int) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stream, "read", full)
    with pytest.raises(ShownError, match="No space left"):
        copying.save(stream, ((0, 3),), None, "utf-8", path, lambda done, total: True)
    assert path.read_bytes() == b"precious"
    assert list(tmp_path.glob("out*")) == [path]


def test_what_was_selected_when_save_was_asked_for_is_saved(
    qtbot: QtBot, workbench: Workbench, writer: Writer, tmp_path: Path
) -> None:
    stream = stream_of(writer, [(RECEIVED, b"abcdef")])
    copier = copying.Copier(workbench.jobs)
    window = QWidget()
    qtbot.addWidget(window)
    choice = copying.find_save_choice("raw")
    one = copier.ask_to_save(window, stream, ((0, 2),), choice, "utf-8")
    other = copier.ask_to_save(window, stream, ((2, 6),), copying.find_save_choice("plain_hex"), "utf-8")
    assert not one.isModal(), "traffic is looked at meanwhile"
    assert one.windowTitle() == "Save 2 bytes as Bytes as they are"
    assert one.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    said: list[str] = []
    copier.finished.connect(said.append)
    for dialog, name in ((other, "other"), (one, "one")):
        dialog.setDirectory(str(tmp_path))
        dialog.selectFile(name)
        dialog.accept()
    qtbot.waitUntil(lambda: len(said) == 2)
    assert (tmp_path / "one.bin").read_bytes() == b"ab"
    assert (tmp_path / f"other{copying.find_save_choice('plain_hex').suffix}").read_bytes() == b"63646566"
    copier.ask_to_save(window, stream, ((0, 2),), choice, "utf-8").reject()
    assert not copier._asked
