"""Sending again and again: how often, Start and Stop, and the rate that is really reached."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.core.commands import MAX_INTERVAL, MIN_INTERVAL
from explorer.core.events import RepeatProgress
from explorer.ui.theme import Theme
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import ShortEdit, mark_wrong

MOST_TIMES = 1_000_000_000
MILLISECONDS = 1000
_WHOLE = re.compile(r"\d+|\d{1,3}(?:,\d{3})+", re.ASCII)
_DECIMAL = re.compile(rf"(?:{_WHOLE.pattern})(?:\.\d*)?", re.ASCII)
HINT = "0 times: until you stop it, or nobody is left to send to."


@dataclass(frozen=True, slots=True)
class _Running:
    job: int
    every: float  # seconds
    whom: str


class RepeatBar(QWidget):
    """Signals: start_wanted(float, int): every so many seconds, so many times. stop_wanted(int): this job."""

    start_wanted = Signal(float, int)
    stop_wanted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._running: _Running | None = None
        self._reason = ""  # why there is nothing to repeat now
        self._wrong = False
        self.every = ShortEdit(8, "Repeat every, in milliseconds")
        self.every.setText("1000")
        self.times = ShortEdit(9, "How many times; 0 until stopped")
        self.times.setText("0")
        self.button = QPushButton("Start")
        self.button.setAutoDefault(False)
        self.state = QLabel()
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setWordWrap(True)
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._lay_out()
        self.every.textChanged.connect(self._on_edited)
        self.times.textChanged.connect(self._on_edited)
        self.every.returnPressed.connect(self._on_button)
        self.times.returnPressed.connect(self._on_button)
        self.button.clicked.connect(self._on_button)
        theme.changed.connect(self._on_theme)
        self._on_edited()

    def _lay_out(self) -> None:
        row = QWidget()
        flow = FlowLayout(row, gap=10)
        flow.addWidget(_beside("Repeat every", self.every, "ms,"))
        flow.addWidget(_beside("", self.times, "times"))
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        flow.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.state)  # it may take two lines: above, so that the button stays where it is
        column.addWidget(row)
        QWidget.setTabOrder(self.every, self.times)
        QWidget.setTabOrder(self.times, self.button)

    # -- what the pane asks ------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        return self._running is not None

    @property
    def values(self) -> tuple[str, str]:
        """What stands in the fields, for the settings."""
        return self.every.text(), self.times.text()

    def set_values(self, every: str, times: str) -> None:
        self.every.setText(every)
        self.times.setText(times)

    def show_reason(self, reason: str) -> None:
        """Why there is nothing to repeat now; "" when there is."""
        self._reason = reason
        self._update_button()

    def started(self, job: int, every: float, whom: str) -> None:
        """The engine was asked to."""
        self._running = _Running(job, every, whom)
        self._say(f"Repeating to {whom}…")
        self._update_button()

    def on_progress(self, news: RepeatProgress) -> bool:
        """The engine's news. Whether it is about what was started here; else it is left alone."""
        running = self._running
        if running is None or news.job != running.job:
            return False
        said = describe(news, running.every)
        if news.waiting and not news.done:
            said += f" {news.waiting}"
        if news.problem:
            said += f" {news.problem}"
        self._say(f"{said} To {running.whom}.", wrong=bool(news.problem))
        if news.done:
            self._running = None
            self._update_button()
        return True

    def forget(self, problems_only: bool = False) -> None:
        """What came of the last repeat matters no more. problems_only: only if it was a problem."""
        if not self.busy and (self._wrong or not problems_only):
            problem = self._problems()
            self._say(problem or HINT, wrong=bool(problem))

    @Slot()
    def end_all(self) -> None:
        """Another capture is in place: the engine that repeated is gone."""
        if self._running is not None:
            self._running = None
            self._say("The repeat ended with the capture. Start the socket, then the repeat again.", wrong=True)
            self._update_button()

    # -- what the user does ------------------------------------------------------------------------

    @Slot()
    def _on_edited(self) -> None:
        problem = self._problems()
        if problem:
            self._say(problem, wrong=True)
        elif not self.busy and (self._wrong or not self.state.text()):
            self._say(HINT)
        self._update_button()

    def _problems(self) -> str:
        """What is wrong with the fields, and marks them."""
        every, times = read_every(self.every.text()), read_times(self.times.text())
        mark_wrong(self.every, every if isinstance(every, str) else "", self._theme)
        mark_wrong(self.times, times if isinstance(times, str) else "", self._theme)
        return " ".join(one for one in (every, times) if isinstance(one, str))

    @Slot()
    def _on_button(self) -> None:
        if self._running is not None:
            self.stop_wanted.emit(self._running.job)
            return
        every, times = read_every(self.every.text()), read_times(self.times.text())
        if isinstance(every, str) or isinstance(times, str):
            self._on_edited()
        elif self._reason:
            self._say(self._reason, wrong=True)
        else:
            self.start_wanted.emit(every, times)

    def _update_button(self) -> None:
        self.button.setText("Stop" if self.busy else "Start")
        reason = "" if self.busy else self._problems() or self._reason
        self.button.setEnabled(not reason)
        self.button.setToolTip(reason or ("Stop repeating" if self.busy else "Send the message again and again"))
        self.button.setAccessibleName("Stop repeating" if self.busy else "Start repeating")
        self.button.setAccessibleDescription(reason)

    def _say(self, sentence: str, wrong: bool = False) -> None:
        self._wrong = wrong
        self.state.setText(f"⚠ {sentence}" if wrong else sentence)
        self._color()

    def _color(self) -> None:
        colors = self._theme.colors
        palette = self.state.palette()
        plain = colors.text if self.busy else colors.muted
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colors.error if self._wrong else plain))
        self.state.setPalette(palette)

    @Slot()
    def _on_theme(self) -> None:
        self._problems()
        self._color()


def describe(news: RepeatProgress, every: float) -> str:
    """How far it is: ``Sent 1,240 of 5,000 · 987.3 per second (wanted 1,000) · 3 late.``"""
    of = f" of {news.wanted:,}" if news.wanted else ""
    said = [f"Sent {news.messages:,}{of}"]
    if news.rate > 0:
        said.append(f"{_rate_text(news.rate)} per second (wanted {_rate_text(1 / every)})")
    else:
        said.append(f"wanted {_rate_text(1 / every)} per second")
    if news.late:
        said.append(f"{news.late:,} late")
    if news.skipped:
        said.append(f"{news.skipped:,} left out")
    begin = {"count": "Done. ", "stopped": "Stopped. ", "failed": "Ended early. "}.get(news.end, "")
    return f"{begin}{' · '.join(said)}."


def _rate_text(rate: float) -> str:
    """Four digits at least, none that mean nothing."""
    if rate >= 1000 or rate == round(rate):
        return f"{round(rate):,}"
    return f"{rate:,.1f}" if rate >= 10 else f"{rate:.2g}"


def read_every(text: str) -> float | str:
    """Seconds, or as a sentence what is wrong with the milliseconds."""
    least, most = MIN_INTERVAL * MILLISECONDS, MAX_INTERVAL * MILLISECONDS
    sentence = f"The interval needs a number of milliseconds from {least:,.0f} to {most:,.0f}"
    if not _DECIMAL.fullmatch(text.strip()) or len(text) > 30:
        return f"{sentence}; {text!r} is none." if text.strip() else f"{sentence}."
    value = float(text.replace(",", ""))
    return value / MILLISECONDS if least <= value <= most else f"{sentence}; {text.strip()} is outside."


def read_times(text: str) -> int | str:
    """How many times, or as a sentence what is wrong."""
    sentence = f"Times needs a whole number from 0 (until stopped) to {MOST_TIMES:,}"
    if not _WHOLE.fullmatch(text.strip()) or len(text) > 30:
        return f"{sentence}; {text!r} is none." if text.strip() else f"{sentence}."
    value = int(text.replace(",", ""))
    return value if value <= MOST_TIMES else f"{sentence}; {text.strip()} is more."


def _beside(before: str, field: QWidget, after: str) -> QWidget:
    """A field between the words of a sentence."""
    box = QWidget()
    line = QHBoxLayout(box)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(5)
    label = QLabel(before or after)
    label.setBuddy(field)
    line.addWidget(label)
    line.insertWidget(1 if before else 0, field)
    if before:
        line.addWidget(QLabel(after))
    box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return box
