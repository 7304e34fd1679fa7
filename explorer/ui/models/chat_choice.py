"""What the Chat dock shows of a whole server: everything, or what came alone. Remembered between starts."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

CAME, ALL = "in", "all"
SHOWN = (CAME, ALL)


class ChatChoice(QObject):
    """Signal: changed(): another choice is to be remembered.

    There is one choice for rooms, whose program hands on what came to everybody else, so that each line is sent once
    for each of them; and one for all other servers.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room, self._other = CAME, ALL

    def shown(self, room: bool) -> str:
        """CAME or ALL."""
        return self._room if room else self._other

    def choose(self, room: bool, shown: str) -> None:
        """Remember this from now on."""
        before = self.text
        if room:
            self._room = shown
        else:
            self._other = shown
        if self.text != before:
            self.changed.emit()

    @property
    def text(self) -> str:
        """For the settings."""
        return f"{self._room} {self._other}"

    def load(self, text: str) -> None:
        """Take what the settings remembered; what is not known there leaves the choice as it was."""
        parts = text.split()
        if len(parts) == len(SHOWN) and all(part in SHOWN for part in parts):
            self._room, self._other = parts
