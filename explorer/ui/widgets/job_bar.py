"""Progress of the jobs that run beside the window, with Cancel. A job shows when it has taken half a second."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from explorer.bridge.jobs import Job, JobState

PATIENCE = 500  # milliseconds before a job shows
STEPS = 1000


@dataclass(slots=True)
class _Running:
    """due: when it is to be shown (monotonic seconds). state: what it reported last."""

    job: Job
    due: float
    state: JobState | None = None


class JobBar(QWidget):
    """Shows the newest of a runner's jobs that takes its time, and how many more there are.

    `watch` is connected to `JobRunner.started`.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._running: dict[int, _Running] = {}  # by number, so oldest first
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._bar = QProgressBar()
        self._bar.setMaximumWidth(180)
        self._bar.setAccessibleName("Progress")
        self._cancel = QPushButton("Cancel")
        self._cancel.clicked.connect(self._on_cancel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self._title, self._bar, self._cancel):
            layout.addWidget(widget)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setTimerType(Qt.TimerType.PreciseTimer)
        self._patience.timeout.connect(self._update)
        self.hide()

    @Slot(object)
    def watch(self, job: Job) -> None:
        """Show this job too, should it take long."""
        self._running[job.number] = _Running(job, time.monotonic() + PATIENCE / 1000)
        job.progressed.connect(self._on_progress)
        job.ended.connect(self._on_ended)
        self._update()

    @property
    def _due(self) -> list[_Running]:
        """Those that have taken their time, the newest last: that one is shown."""
        now = time.monotonic()
        return [one for one in self._running.values() if one.due <= now]

    @Slot()
    def _update(self) -> None:
        now = time.monotonic()
        if later := [one.due for one in self._running.values() if one.due > now]:
            self._patience.start(int((min(later) - now) * 1000) + 1)
        due = self._due
        self.setVisible(bool(due))
        if due:
            title, more = due[-1].job.title, len(due) - 1
            self._title.setText(f"{title} ({more} more under way)" if more else title)
            self._cancel.setAccessibleName(f"Cancel {title}")
            self._show_progress(due[-1].state)

    def _show_progress(self, state: JobState | None) -> None:
        known = state is not None and state.total > 0
        self._bar.setRange(0, STEPS if known else 0)
        if state is not None and known:
            self._bar.setValue(min(STEPS, state.done * STEPS // state.total))

    @Slot(object)
    def _on_progress(self, state: JobState) -> None:
        if one := self._running.get(state.number):
            one.state = state
            if one in self._due[-1:]:
                self._show_progress(state)

    @Slot()
    def _on_ended(self) -> None:
        job = self.sender()
        if isinstance(job, Job):
            self._running.pop(job.number, None)
            self._update()

    @Slot()
    def _on_cancel(self) -> None:
        for one in self._due[-1:]:
            one.job.cancel()
