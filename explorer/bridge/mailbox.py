"""The box in which the engine leaves its events and from which the window takes them, once a frame."""

from __future__ import annotations

from collections import deque

from explorer.core.events import Event


class Mailbox:
    """Filled on the engine's thread, emptied on the window's; deque's append and popleft need no lock.

    Nobody is told of an event: the window looks anyway, and a signal for each frame's first would cost both threads.
    """

    def __init__(self) -> None:
        self._events: deque[Event] = deque()

    def put(self, event: Event) -> None:
        """The engine's sink."""
        self._events.append(event)

    def drain(self, most: int) -> list[Event]:
        """The oldest events, at most so many; what is left comes with the next call."""
        found: list[Event] = []
        while self._events and len(found) < most:
            found.append(self._events.popleft())
        return found
