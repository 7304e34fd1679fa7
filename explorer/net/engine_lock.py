"""The lock of one engine: whoever holds it may touch the capture, the tally, events, programs and connections.

The engine's own thread holds it except while it waits for sockets, and so does each thread of a server that serves
with threads. So everything they call needs no lock of its own, and is never run by two of them at once.

It is fair: who has waited longest gets it next. A plain lock would go to whoever happens to be running when it is let
go, which is the thread that just held it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class EngineLock:
    """Not re-entrant. sharers: threads besides the engine's own that take it, counted with it held; while there are
    none, the engine need not let go of it when it waits."""

    __slots__ = ("_held", "_mutex", "_waiting", "sharers")

    def __init__(self) -> None:
        self._mutex = threading.Lock()  # held for a few instructions only
        self._held = False
        self._waiting: deque[threading.Lock] = deque()  # a gate for each who waits, the longest first
        self.sharers = 0

    def acquire(self) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        gate.acquire()  # opened by whoever hands the lock over

    def release(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()  # it stays held, by another
            elif self._held:
                self._held = False
            else:
                raise RuntimeError("the engine's lock is not held")

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *unused: object) -> None:
        self.release()

    @contextmanager
    def let_go(self) -> Iterator[None]:
        """Give it to others for a while. The caller holds it."""
        self.release()
        try:
            yield
        finally:
            self.acquire()
