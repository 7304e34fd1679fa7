"""The box in which the engine leaves its events and from which the window takes them, once a frame."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, Signal

from explorer.core.events import Event


class Mailbox(QObject):
    """Filled on the engine's thread, emptied on the window's; deque's append and popleft need no lock.

    Signals:
    arrived(): the first event since the last `drain`. It is emitted on the engine's thread: connect it
    with a queued connection to a slot of a QObject.
    """

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events: deque[Event] = deque()
        self._told = False

    def put(self, event: Event) -> None:
        """The engine's sink."""
        self._events.append(event)
        if not self._told:
            self._told = True
            self.arrived.emit()

    def drain(self, most: int) -> list[Event]:
        """The oldest events, at most so many; what is left comes with the next call."""
        # Cleared before the look: an event that comes in between is told again rather than forgotten.
        self._told = False
        found: list[Event] = []
        while self._events and len(found) < most:
            found.append(self._events.popleft())
        return found
