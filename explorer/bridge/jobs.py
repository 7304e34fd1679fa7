"""Work that takes longer than a frame, on a thread of its own, with progress and Cancel.

A job gets a `Progress` to report to. Reports reach the window at most 20 times a second, as frozen
values. What the job returns, or the sentence it failed with, arrives once, on the window's thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

from explorer.core.errors import ShownError

_log = logging.getLogger(__name__)
REPORT_EVERY = 0.05  # seconds


class Cancelled(ShownError):
    """The user took the job back."""


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is. total 0: not known. Units are the job's own."""

    number: int
    title: str
    done: int
    total: int


class Progress:
    """What a job reports to; usable as the `progress(done, total) -> bool` that captures ask for."""

    def __init__(self, report: Callable[[int, int], None]) -> None:
        self._report = report
        self._cancelled = threading.Event()
        self._last = 0.0

    def __call__(self, done: int, total: int) -> bool:
        """Report; False asks the job to stop."""
        now = time.monotonic()
        if now - self._last >= REPORT_EVERY:
            self._last = now
            self._report(done, total)
        return not self._cancelled.is_set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def cancel(self) -> None:
        self._cancelled.set()


class Job(QObject):
    """One job under way. Signals (all on the window's thread):
    progressed(JobState)
    succeeded(object): what the work returned.
    failed(str): a sentence; "" when it was cancelled.
    ended(): after either.
    """

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(str)
    ended = Signal()
    _told = Signal(int, int)
    _result = Signal(object, object)

    def __init__(self, number: int, title: str, parent: QObject) -> None:
        super().__init__(parent)
        self.number = number
        self.title = title
        self.progress = Progress(self._told.emit)
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)
        self._result.connect(self._on_result, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        self.progress.cancel()

    @Slot(int, int)
    def _on_told(self, done: int, total: int) -> None:
        self.progressed.emit(JobState(self.number, self.title, done, total))

    @Slot(object, object)
    def _on_result(self, value: object, error: BaseException | None) -> None:
        if error is None:
            self.succeeded.emit(value)
        elif isinstance(error, Cancelled) or self.progress.cancelled:
            self.failed.emit("")
        elif isinstance(error, ShownError):
            self.failed.emit(str(error))
        else:
            self.failed.emit(f"{self.title} failed: {error}")
        self.ended.emit()


class _Work(QRunnable):
    def __init__(self, job: Job, work: Callable[[Progress], Any]) -> None:
        super().__init__()
        self._job = job
        self._work = work

    def run(self) -> None:
        try:
            value, error = self._work(self._job.progress), None
        except Exception as problem:
            if not isinstance(problem, (ShownError, OSError)):
                _log.exception("the job %r failed", self._job.title)
            value, error = None, problem
        self._job._result.emit(value, error)


class JobRunner(QObject):
    """Starts jobs, two at a time. Signal: started(Job)."""

    started = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)
        self._jobs: dict[int, Job] = {}
        self._count = 0

    def start(self, title: str, work: Callable[[Progress], Any]) -> Job:
        """Run `work(progress)`. Connect to the job's signals before returning to the event loop."""
        self._count += 1
        job = Job(self._count, title, self)
        self._jobs[job.number] = job
        job.ended.connect(self._on_ended)
        self.started.emit(job)
        self._pool.start(_Work(job, work))
        return job

    @Slot()
    def _on_ended(self) -> None:
        job = self.sender()
        if isinstance(job, Job):
            self._jobs.pop(job.number, None)
            job.deleteLater()

    def shut_down(self) -> None:
        """Cancel everything and wait for it."""
        for job in list(self._jobs.values()):
            job.cancel()
        self._pool.waitForDone(5000)
