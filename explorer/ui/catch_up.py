"""Frames for one view while all others stand still.

A frozen window has no ticks. But who freezes it wants to look around: another filter, another socket.
Then the view that looks anew gets frames of its own until it has seen what was there.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from explorer.ui.workbench import FRAME, Workbench


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
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._on_frame)

    def start(self) -> None:
        """A view looks anew. Without a freeze there are ticks, and nothing to do here."""
        if self._workbench.frozen:
            self._goal = self._workbench.reader.count
            self._workbench.indexer.wake()
            self._timer.start()

    @Slot()
    def _on_frame(self) -> None:
        arrived = self._done() >= self._goal  # asked first: the frame then shows all of it
        self._frame()
        if arrived or not self._workbench.frozen:
            self._timer.stop()
