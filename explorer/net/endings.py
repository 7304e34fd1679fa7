"""What goes on for a moment after it was told to end, without holding up the engine: the processes of a server that
stops, the last calls of a script. Who wants to go on behind that waits here.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from explorer.net.engine_lock import EngineLock

PAUSE = 0.005  # seconds between two looks of a thread that waits


class Endings:
    """Used by whoever holds the engine's lock. What ends bounds its own time."""

    __slots__ = ("_behind", "_under_way")

    def __init__(self) -> None:
        self._under_way: dict[object, list[Callable[[], None]]] = {}  # each with what is done behind it
        self._behind: list[Callable[[], None]] = []  # what is done behind all of them

    def begin(self, what: object) -> None:
        """This is ending from now on."""
        self._under_way.setdefault(what, [])

    def done(self, what: object) -> None:
        """It has ended. What waits for that is done now."""
        waiting = self._under_way.pop(what, [])
        if not self._under_way:
            waiting += self._behind
            self._behind = []
        for action in waiting:
            action()

    def __contains__(self, what: object) -> bool:
        return what in self._under_way

    def waited_for(self, what: object) -> bool:
        """Whether something is to be done behind it."""
        return bool(self._under_way.get(what))

    def behind(self, what: object, action: Callable[[], None]) -> None:
        """Do this when it has ended."""
        self._under_way[what].append(action)

    def behind_all(self, action: Callable[[], None]) -> None:
        """Do this when nothing is ending any more, which may be at once."""
        if self._under_way:
            self._behind.append(action)
        else:
            action()

    def wait(self, lock: EngineLock, most: float) -> None:
        """Until nothing is ending any more, at most so many seconds, where no loop does anything behind it. The caller
        holds the lock, which is let go of meanwhile."""
        until = time.monotonic() + most
        while self._under_way and time.monotonic() < until:
            with lock.let_go():
                time.sleep(PAUSE)
