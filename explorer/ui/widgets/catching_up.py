"""How far work has come that keeps up with a growing capture, where it takes its time: what is left, and a bar.

Nothing is shown of work that is done in half a second, and none while it keeps up with what comes.
"""

from __future__ import annotations

import time
from collections import deque
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

PATIENCE = 0.5  # seconds before it shows
_TELL_EVERY = 0.1  # seconds
_STEPS = 1000


class HowFar(NamedTuple):
    """title: what is being done, e.g. "Finding messages". done: of total, in any unit. left: the rest in the same unit,
    in a few words."""

    title: str
    done: int
    total: int
    left: str


class Lag:
    """Whether work is behind what was there half a second ago. Times are seconds of any clock."""

    def __init__(self) -> None:
        self._totals: deque[tuple[float, int]] = deque()  # when how much there was to do; one is older than all else
        self._title = ""

    def begin(self) -> None:
        """The work begins anew."""
        self._totals.clear()

    def is_long(self, now: float, work: HowFar) -> bool:
        """work: as it is at present."""
        if work.title != self._title:
            self.begin()
            self._title = work.title
        totals, total = self._totals, work.total
        if not totals or now - totals[-1][0] > PATIENCE / 10:
            totals.append((now, total))
        while len(totals) > 1 and totals[1][0] <= now - PATIENCE:
            totals.popleft()
        return totals[0][0] <= now - PATIENCE and work.done < totals[0][1]


class CatchingUp(QWidget):
    """Hidden, but while work takes long."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """name: of the bar, for screen readers."""
        super().__init__(parent)
        self.text = QLabel()  # never cut off: it is as wide as its text
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setMaximumWidth(120)
        self.bar.setAccessibleName(name)
        self.bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)  # as high as the text
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        row.addWidget(self.bar)
        self._told = 0.0
        self.hide()

    def show_work(self, work: HowFar | None) -> None:
        """How far it is now; None: nothing takes long."""
        if work is None:
            self.hide()
            return
        now = time.monotonic()
        if self.isHidden() or now >= self._told + _TELL_EVERY:
            self._told = now
            self.text.setText(f"{work.left} left")
            self.setToolTip(work.title)
            self.bar.setAccessibleDescription(f"{work.title}: {self.text.text()}")
            self.bar.setValue(min(_STEPS, work.done * _STEPS // max(1, work.total)))
            self.show()
