"""The status bar's text: sockets, traffic, rate, how full the capture is, and what was lost."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QLabel, QWidget

from explorer.ui.units import count_text, rate_text, size_text
from explorer.ui.workbench import Workbench

EVERY = 500  # milliseconds


class StatusLine(QLabel):
    """Updated twice a second from running totals."""

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._last = (time.monotonic(), 0)
        self._rate = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        workbench.capture_changed.connect(self._on_capture_changed)
        self.refresh()

    @Slot()
    def _on_capture_changed(self) -> None:
        self._last = (time.monotonic(), 0)
        self._rate = 0.0
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        tally, now = self._workbench.tally, time.monotonic()
        total = tally.received + tally.sent
        then, before = self._last
        if now > then:
            self._rate = max(0.0, (total - before) / (now - then))
        self._last = (now, total)
        parts = [count_text(len(self._workbench.sockets), "socket")]
        if not self._workbench.viewing:
            parts += [f"in {size_text(tally.received)}", f"out {size_text(tally.sent)}", rate_text(self._rate)]
        parts += [self._capture(), self._losses()]
        self.setText(" · ".join(parts))

    def _capture(self) -> str:
        writer, calls = self._workbench.reader.writer, self._workbench.reader.count
        if writer is None:
            return f"capture of {count_text(calls, 'call')}, opened from disk"
        if writer.full:
            return "capture full: reading is paused"
        return f"capture {size_text(writer.used)} of {size_text(writer.quota)}, {count_text(calls, 'call')}"

    def _losses(self) -> str:
        writer = self._workbench.reader.writer
        lost = self._workbench.tally.dropped
        parts = []
        if lost:
            parts.append(f"{count_text(lost, 'datagram')} dropped by the system")
        if writer is not None and writer.unrecorded:
            parts.append(f"{count_text(writer.unrecorded, 'call')} not recorded")
        return ", ".join(parts) or "nothing dropped"
