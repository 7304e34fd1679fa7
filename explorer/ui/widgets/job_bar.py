"""Progress of a job that runs beside the window, with Cancel. Hidden until a job takes half a second."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from explorer.bridge.jobs import Job, JobState

PATIENCE = 500  # milliseconds before it shows
STEPS = 1000


class JobBar(QWidget):
    """Shows the newest job of a runner; `watch` is connected to `JobRunner.started`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job: Job | None = None
        self._title = QLabel()
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
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
        self._patience.setInterval(PATIENCE)
        self._patience.timeout.connect(self.show)
        self.hide()

    @Slot(object)
    def watch(self, job: Job) -> None:
        self._job = job
        self._title.setText(job.title)
        self._bar.setRange(0, 0)
        job.progressed.connect(self._on_progress)
        job.ended.connect(self._on_ended)
        self._patience.start()

    @Slot(object)
    def _on_progress(self, state: JobState) -> None:
        if self._job is not None and state.number == self._job.number and state.total > 0:
            self._bar.setRange(0, STEPS)
            self._bar.setValue(min(STEPS, state.done * STEPS // state.total))

    @Slot()
    def _on_ended(self) -> None:
        if self.sender() is self._job:
            self._job = None
            self._patience.stop()
            self.hide()

    @Slot()
    def _on_cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
