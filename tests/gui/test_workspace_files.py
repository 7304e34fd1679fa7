"""Snippets in the workspace's file: saved, opened, and not lost without a question."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from explorer import workspace
from explorer.core.snippet import Snippet
from explorer.settings import Settings
from explorer.ui.entries import Notice
from explorer.ui.workbench import Workbench
from explorer.ui.workspace_files import WorkspaceFiles

POLL = Snippet("poll", "hex", "01 03 {{crc16-modbus:le}}", fields=True, shortcut="Ctrl+1")


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def files(workbench: Workbench, window: QWidget, tmp_path: Path) -> WorkspaceFiles:
    return WorkspaceFiles(workbench, Settings(tmp_path), window)


def test_snippets_are_saved_and_opened(files: WorkspaceFiles, workbench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    workbench.snippets.add(POLL)
    assert files.modified
    assert files._save(path)
    assert not files.modified
    assert workspace.load(path).snippets == (POLL,)
    workbench.undo.undo()
    assert files.modified
    workbench.undo.redo()
    assert not files.modified
    workbench.load([])
    files.take_session()
    assert files.open_path(path)
    assert workbench.snippets.items == (POLL,)


def test_snippets_alone_are_asked_about_too(files: WorkspaceFiles, workbench: Workbench, window: QWidget) -> None:
    workbench.snippets.add(POLL)
    files.new()
    (question,) = window.findChildren(QMessageBox)
    assert workbench.snippets.items == (POLL,)
    question.reject()
    assert workbench.snippets.items == (POLL,)


def test_a_wrong_snippet_is_told_with_its_place_and_the_present_ones_stay(
    files: WorkspaceFiles, workbench: Workbench, tmp_path: Path
) -> None:
    told: list[Notice] = []
    workbench.noticed.connect(told.append)
    workbench.snippets.add(POLL)
    path = tmp_path / "w.json"
    assert files._save(path)
    path.write_text(path.read_text(encoding="utf-8").replace("crc16", "crc17"), encoding="utf-8")
    assert not files.open_path(path)
    assert "$.snippets[0].text: Character 9: There is no field called 'crc17-modbus'" in told[-1].text
    assert workbench.snippets.items == (POLL,)
