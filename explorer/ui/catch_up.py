"""Frames for one view while all others stand still.

A frozen window has no ticks. But who freezes it wants to look around: another filter, another socket.
Then the view that looks anew gets frames of its own until it has seen what was there.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from explorer.ui.workbench import FRAME, Workbench

LAST = 15  # frames once everything is there: a view lets some pass while rows rush by, and counts a few times a second


class CatchUp(QObject):
    """Calls `frame` until `done()` records are looked at, as many as there were at `start`."""

    def __init__(
        self, workbench: Workbench, frame: Callable[[], None], done: Callable[[], int], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._frame = frame
        self._done = done
        self._goal = 0
        self._left = 0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._on_frame)

    def start(self) -> None:
        """A view looks anew. Without a freeze there are ticks, and nothing to do here."""
        if self._workbench.frozen:
            self._left = LAST
            self._goal = self._workbench.reader.count
            self._workbench.indexer.wake()
            self._timer.start()

    @Slot()
    def _on_frame(self) -> None:
        if self._done() >= self._goal:
            self._left -= 1
        self._frame()
        if self._left <= 0 or not self._workbench.frozen:
            self._timer.stop()
