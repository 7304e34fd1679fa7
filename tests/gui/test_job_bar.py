"""The bar of the jobs under way: the newest is seen, none is forgotten, each can be cancelled."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from explorer.bridge.jobs import JobRunner, Progress
from explorer.ui.widgets import job_bar
from explorer.ui.widgets.job_bar import JobBar

SOON = 10.0  # seconds


class Work:
    """Goes on until it is let go or cancelled."""

    def __init__(self, done: int = 0, total: int = 0) -> None:
        self.reported = done, total
        self.let_go = threading.Event()

    def __call__(self, progress: Progress) -> bool:
        progress(*self.reported)
        for _ in range(int(SOON / 0.01)):
            if self.let_go.wait(0.01) or progress.cancelled:
                break
        return progress.cancelled


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    made = JobRunner()
    yield made
    made.shut_down()
    made.deleteLater()


@pytest.fixture
def bar(qtbot: QtBot, runner: JobRunner, monkeypatch: pytest.MonkeyPatch) -> JobBar:
    monkeypatch.setattr(job_bar, "PATIENCE", 20)
    made = JobBar()
    qtbot.addWidget(made)
    runner.started.connect(made.watch)
    return made


def title(bar: JobBar) -> str:
    label = bar.findChild(QLabel)
    assert isinstance(label, QLabel)
    return label.text() if bar.isVisible() else ""


def progress(bar: JobBar) -> tuple[int, int]:
    found = bar.findChild(QProgressBar)
    assert isinstance(found, QProgressBar)
    return found.value(), found.maximum()


def test_a_job_shows_when_it_takes_long_and_goes_when_it_ends(qtbot: QtBot, bar: JobBar, runner: JobRunner) -> None:
    work = Work(25, 100)
    runner.start("Find", work)
    assert not bar.isVisible()
    qtbot.waitUntil(lambda: title(bar) == "Find")
    qtbot.waitUntil(lambda: progress(bar) == (250, 1000))
    work.let_go.set()
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_a_longer_job_keeps_its_bar_when_another_comes_and_goes(qtbot: QtBot, bar: JobBar, runner: JobRunner) -> None:
    export, find = Work(75, 100), Work()
    runner.start("Export", export)
    qtbot.waitUntil(lambda: title(bar) == "Export" and progress(bar) == (750, 1000))
    runner.start("Find", find)
    qtbot.waitUntil(lambda: title(bar) == "Find (1 more under way)")
    assert progress(bar)[1] == 0  # not known
    find.let_go.set()
    qtbot.waitUntil(lambda: title(bar) == "Export")
    assert progress(bar) == (750, 1000)
    export.let_go.set()
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_cancel_is_for_the_one_that_is_named(qtbot: QtBot, bar: JobBar, runner: JobRunner) -> None:
    works = [Work(), Work(), Work()]  # the third waits: two run at a time
    for number, work in enumerate(works):
        runner.start(f"Job {number}", work)
    qtbot.waitUntil(lambda: title(bar) == "Job 2 (2 more under way)")
    works[1].let_go.set()
    qtbot.waitUntil(lambda: title(bar) == "Job 2 (1 more under way)")
    cancel = bar.findChild(QPushButton)
    assert isinstance(cancel, QPushButton)
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: title(bar) == "Job 0")
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_a_short_job_does_not_take_the_bar_of_a_long_one(
    qtbot: QtBot, bar: JobBar, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = Work()
    runner.start("Export", export)
    qtbot.waitUntil(lambda: title(bar) == "Export")
    monkeypatch.setattr(job_bar, "PATIENCE", 60_000)
    find = Work()
    job = runner.start("Find", find)
    assert title(bar) == "Export"
    with qtbot.waitSignal(job.ended):
        find.let_go.set()
    assert title(bar) == "Export"
    export.let_go.set()
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_a_title_is_plain_text(qtbot: QtBot, bar: JobBar, runner: JobRunner) -> None:
    work = Work()
    runner.start("Save <b>bytes</b>.bin", work)
    qtbot.waitUntil(lambda: title(bar) == "Save <b>bytes</b>.bin")
    label = bar.findChild(QLabel)
    assert isinstance(label, QLabel)
    assert label.textFormat() == Qt.TextFormat.PlainText
    work.let_go.set()
    qtbot.waitUntil(lambda: not bar.isVisible())
