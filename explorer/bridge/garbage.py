"""Cyclic garbage is collected on the window's thread only.

Python collects it on whichever thread happens to allocate. Among it may be widgets and timers, and Qt
aborts the process when one of those is destroyed on another thread than its own; with an engine, an
indexer and jobs running, that is a matter of time.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

EVERY = 250  # milliseconds


class GarbageCollection(QObject):
    """Takes the place of automatic collection from now on, by the same thresholds. Made on the window's thread."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()  # what start-up made stays: no need to look at it again
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    @Slot()
    def collect(self) -> None:
        """Collect the oldest generation that is due, and with it the younger ones."""
        due = [
            generation
            for generation, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            if 0 < most < count
        ]
        if due:
            gc.collect(due[-1])
