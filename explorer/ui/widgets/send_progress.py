"""A line about sends that take a while, or that ended early: how far, Cancel, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QToolButton, QWidget

from explorer.core.events import SendProgress
from explorer.ui.theme import Theme
from explorer.ui.units import rate_text, size_text

PATIENCE = 300  # milliseconds before a send that is not done shows
STEPS = 1000


@dataclass(slots=True)
class _Job:
    title: str
    sent: int
    total: int
    rate: float = 0.0  # bytes a second


class SendProgressLine(QWidget):
    """Hidden while there is nothing to say. Signal: cancelled(int): take this job back."""

    cancelled = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._jobs: dict[int, _Job] = {}
        self._outcome = ""
        self._wrong = False
        self._waited = False
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setMaximumWidth(220)
        self.bar.setAccessibleName("Sent so far")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Take back what is not sent yet")
        self.cancel.clicked.connect(self._on_cancel)
        self.dismiss = QToolButton()
        self.dismiss.setText("×")
        self.dismiss.setAutoRaise(True)
        self.dismiss.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.dismiss.setAccessibleName("Hide this message")
        self.dismiss.setToolTip("Hide this message")
        self.dismiss.clicked.connect(self.forget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        for widget in (self.bar, self.cancel, self.dismiss):
            row.addWidget(widget)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE)
        self._patience.timeout.connect(self._on_waited)
        theme.changed.connect(self._update)
        self._update()

    @property
    def busy(self) -> bool:
        return bool(self._jobs)

    def watch(self, job: int, title: str, total: int) -> None:
        """A send was asked for. title: what it is, e.g. a file's name; total: bytes, as far as is known."""
        if not self._jobs:
            self._waited = False
            self._patience.start()
        self._outcome, self._wrong = "", False
        self._jobs[job] = _Job(title, 0, total)
        self._update()

    @Slot(object)
    def on_progress(self, news: SendProgress) -> None:
        """The engine's news; those about sends that were asked for elsewhere are left alone."""
        job = self._jobs.get(news.job)
        if job is None:
            return
        job.sent, job.total, job.rate = news.sent, news.total, news.rate
        if news.done:
            del self._jobs[news.job]
            self._end(job, news.problem)
        self._update()

    @Slot()
    def end_all(self) -> None:
        """Another capture is in place: the engine that carried these sends is gone, and tells no more of them."""
        jobs, self._jobs = self._jobs, {}
        for job in jobs.values():
            self._end(job, "The rest ended with the capture; start the socket and send it again.")
        self._update()

    def _end(self, job: _Job, problem: str) -> None:
        if problem:
            self._outcome = f"{job.title}: {size_text(job.sent)} of {size_text(job.total)} sent. {problem}"
            self._wrong = True
        elif self._waited and not self._wrong:
            rate = f" ({rate_text(job.rate)})" if job.rate else ""
            self._outcome = f"{job.title}: sent, {size_text(job.sent)}{rate}."

    @Slot()
    def forget(self) -> None:
        """Take the outcome away."""
        self._outcome, self._wrong = "", False
        self._update()

    @Slot()
    def _on_waited(self) -> None:
        self._waited = True
        self._update()

    @Slot()
    def _on_cancel(self) -> None:
        for job in list(self._jobs):
            self.cancelled.emit(job)

    @Slot()
    def _update(self) -> None:
        busy = self._waited and bool(self._jobs)
        for widget in (self.bar, self.cancel):
            widget.setVisible(busy)
        self.dismiss.setVisible(not busy and bool(self._outcome))
        if busy:
            sent, total = sum(job.sent for job in self._jobs.values()), sum(job.total for job in self._jobs.values())
            first = next(iter(self._jobs.values())).title
            what = first if len(self._jobs) == 1 else f"{first} and {len(self._jobs) - 1:,} more"
            rate = sum(job.rate for job in self._jobs.values())
            speed = f" · {rate_text(rate)}" if rate else ""
            self.text.setText(f"{what}: {size_text(sent)} of {size_text(total)} sent{speed}")
            self.bar.setValue(min(STEPS, sent * STEPS // total) if total else 0)
        else:
            self.text.setText(self._outcome)
        wrong = self._wrong and not busy
        self.text.setStyleSheet(f"color: {self._theme.colors.error if wrong else self._theme.colors.text};")
        self.setVisible(busy or bool(self._outcome))
