"""The level from which on the Log dock shows lines: remembered between starts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class LogLevel(QObject):
    """Signal: changed(): another level is to be remembered.

    level: as `explorer.wire.log_lines.LEVELS` calls it; "" for all. One that is not known there is as good as none.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.level = ""

    def choose(self, level: str) -> None:
        """Remember this from now on."""
        if level != self.level:
            self.level = level
            self.changed.emit()
