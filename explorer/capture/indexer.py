"""A thread that keeps indexes up with a growing capture, so that no view has to.

It works in short slices and pauses between them, so that the window's thread and the engine's get their
turn. `wake` is called whenever there may be something new (the window does so at each frame).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

SLICE_TIME = 0.003  # seconds that a slice should take; its size follows
_PAUSE = 0.25  # of the time worked, for the other threads
_LONGEST_PAUSE = 0.002  # seconds
_SMALLEST, _FIRST, _LARGEST = 64, 1024, 1 << 20  # units of an index


class Advances(Protocol):
    """A `BlockIndex`, a `Catalog`, `Messages`, a `Search`: what grows with the capture."""

    def advance(self, most: int) -> bool:
        """Look at up to `most` further units. Whether there are more to look at now."""


class Indexer:
    """Advances registered indexes until `stop`. Its methods may be called from any thread.

    failed: called on the indexer's thread with the index and its exception; that index is then dropped.
    With no `failed`, the exception is raised by `stop`.
    """

    def __init__(self, failed: Callable[[Advances, Exception], None] | None = None) -> None:
        self.errors: list[Exception] = []
        self._failed = failed
        self._indexes: tuple[Advances, ...] = ()
        self._slices: dict[int, int] = {}  # by the id of an index: units of its next slice
        self._lock = threading.Lock()
        self._working = threading.Lock()  # held while an index is advanced
        self._awake = threading.Event()
        self._stopping = False
        self._active = False
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def idle(self) -> bool:
        """Whether everything that was there at the last `wake` has been looked at."""
        return not (self._active or self._awake.is_set())

    def register(self, index: Advances, first: bool = False) -> None:
        """first: before those registered already; for what the others wait for."""
        with self._lock:
            if not any(one is index for one in self._indexes):
                self._indexes = (index, *self._indexes) if first else (*self._indexes, index)
        self.wake()

    def unregister(self, index: Advances) -> None:
        """When this returns, the index is not advanced any more (unless its own slice made this call)."""
        with self._lock:
            self._indexes = tuple(one for one in self._indexes if one is not index)
            self._slices.pop(id(index), None)
        if threading.current_thread() is not self._thread:
            with self._working:
                pass

    def wake(self) -> None:
        """Look whether there is something new."""
        self._awake.set()

    def stop(self) -> None:
        """End the thread and wait for it. Raises what an index raised, if nobody was told."""
        self._stopping = True
        self._awake.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self.errors and self._failed is None:
            raise self.errors[0]

    def _run(self) -> None:
        while not self._stopping:
            self._awake.wait()
            self._awake.clear()
            more = True
            while more and not self._stopping:
                begun = time.perf_counter()
                more = self._round()
                time.sleep(min(_LONGEST_PAUSE, _PAUSE * (time.perf_counter() - begun)))

    def _round(self) -> bool:
        """One slice of each index. Whether any has more to do."""
        more = False
        for index in self._indexes:
            with self._working:
                if self._stopping or not any(one is index for one in self._indexes):
                    continue
                try:
                    more = self._advance(index) or more
                except Exception as error:
                    self._drop(index, error)
        return more

    def _advance(self, index: Advances) -> bool:
        """One slice, whose time decides the size of the next one."""
        size = self._slices.get(id(index), _FIRST)
        begun = time.perf_counter()
        more = index.advance(size)
        taken = time.perf_counter() - begun
        if taken > SLICE_TIME:
            size = max(_SMALLEST, int(size * SLICE_TIME / taken))
        elif more and taken < SLICE_TIME / 2:
            size = min(_LARGEST, size * 2)
        self._slices[id(index)] = size
        return more

    def _drop(self, index: Advances, error: Exception) -> None:
        self.errors.append(error)
        with self._lock:
            self._indexes = tuple(one for one in self._indexes if one is not index)
        if self._failed is not None:
            self._failed(index, error)
