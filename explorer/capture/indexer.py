"""A thread that keeps indexes up with a growing capture, so that no view has to.

It works in short slices and pauses between them, so that the window's thread and the engine's get their
turn. `wake` is called whenever there may be something new (the window does so at each frame).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable

SLICE_TIME = 0.003  # seconds that a slice should take; its size follows
GRACE = 0.005  # seconds that `unregister` waits for a slice under way
_PAUSE = 0.25  # of the time worked, for the other threads
_LONGEST_PAUSE = 0.002  # seconds
_GENTLE_PAUSE = 2.0  # of the time worked, while gentle
_LONGEST_GENTLE_PAUSE = 0.008  # seconds
_SHORTEST_WAIT = 0.002  # seconds; for an index that says "at once" and then finds nothing
_SMALLEST, _FIRST, _LARGEST = 64, 1024, 1 << 20  # units of an index


class Advances(Protocol):
    """A `BlockIndex`, a `Catalog`, `Messages`, a `Search`: what grows with the capture."""

    def advance(self, most: int) -> bool:
        """Look at up to `most` further units. Whether there are more to look at now."""


@runtime_checkable
class ComesAgain(Protocol):
    """An index that may also find something because time passed, as `Messages` that silence ends."""

    @property
    def again_in(self) -> float | None:
        """Seconds after which it is to be advanced though nobody woke the indexer; None: no need. Asked on the
        indexer's thread after it was advanced."""


class _Turn:
    """A registered index. units: of its next slice. again: the index, if it comes again by itself."""

    __slots__ = ("again", "index", "units")

    def __init__(self, index: Advances) -> None:
        self.index = index
        self.units = _FIRST
        self.again = index if isinstance(index, ComesAgain) else None


class Indexer:
    """Advances registered indexes until `stop`. Its methods may be called from any thread.

    failed: called on the indexer's thread with the index and its exception; that index is then dropped.
    With no `failed`, the exception is raised by `stop`.
    gentle: set while very much arrives. Then an index that cannot keep up anyway, as of messages, does not take the
    window's and the engine's time for it: it catches up later.
    by_itself: how often it looked again without being woken, because of time (see `ComesAgain`).
    """

    def __init__(self, failed: Callable[[Advances, Exception], None] | None = None) -> None:
        self.errors: list[Exception] = []
        self.gentle = False
        self.by_itself = 0
        self._failed = failed
        self._turns: tuple[_Turn, ...] = ()
        self._current: Advances | None = None  # what is advanced now
        self._lock = threading.Lock()  # of the two above
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
            if not any(turn.index is index for turn in self._turns):
                turn = _Turn(index)
                self._turns = (turn, *self._turns) if first else (*self._turns, turn)
        self.wake()

    def unregister(self, index: Advances) -> None:
        """No further slice of the index begins. When this returns, none is under way either, unless it takes
        longer than `GRACE`: the window would stand still for it. Then that one slice still comes to its end."""
        with self._lock:
            self._take_out(index)
            under_way = self._current is index
        if under_way and threading.current_thread() is not self._thread and self._working.acquire(timeout=GRACE):
            self._working.release()

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
            if not self._awake.wait(self._longest_wait()):
                self.by_itself += 1
            self._active = True  # before the next line: it is never idle in between
            self._awake.clear()
            more = True
            while more and not self._stopping:
                begun = time.perf_counter()
                more = self._round()
                time.sleep(pause_after(time.perf_counter() - begun, self.gentle))
            self._active = False

    def _longest_wait(self) -> float | None:
        """Seconds until an index is to be advanced though nothing wakes us; None: none is."""
        asked = (turn.again.again_in for turn in self._turns if turn.again is not None)
        soonest = min((seconds for seconds in asked if seconds is not None), default=None)
        return None if soonest is None else min(max(soonest, _SHORTEST_WAIT), threading.TIMEOUT_MAX)

    def _round(self) -> bool:
        """One slice of each index. Whether any has more to do."""
        more = False
        for turn in self._turns:
            with self._working:
                if not self._begin(turn):
                    continue
                try:
                    more = self._advance(turn) or more
                except Exception as error:
                    self._drop(turn.index, error)
                finally:
                    self._current = None
        return more

    def _begin(self, turn: _Turn) -> bool:
        """Whether the index is still registered; from now on it is being advanced."""
        with self._lock:
            wanted = not self._stopping and turn in self._turns
            if wanted:
                self._current = turn.index
            return wanted

    def _advance(self, turn: _Turn) -> bool:
        """One slice, whose time decides the size of the next one."""
        begun = time.perf_counter()
        more = turn.index.advance(turn.units)
        taken = time.perf_counter() - begun
        if taken > SLICE_TIME:
            turn.units = max(_SMALLEST, int(turn.units * SLICE_TIME / taken))
        elif more and taken < SLICE_TIME / 2:
            turn.units = min(_LARGEST, turn.units * 2)
        return more

    def _drop(self, index: Advances, error: Exception) -> None:
        self.errors.append(error)
        with self._lock:
            self._take_out(index)
        if self._failed is not None:
            self._failed(index, error)

    def _take_out(self, index: Advances) -> None:
        self._turns = tuple(turn for turn in self._turns if turn.index is not index)


def pause_after(worked: float, gentle: bool) -> float:
    """Seconds that the other threads have for themselves after `worked` seconds."""
    if gentle and worked > SLICE_TIME / 2:
        return min(_LONGEST_GENTLE_PAUSE, _GENTLE_PAUSE * worked)
    return min(_LONGEST_PAUSE, _PAUSE * worked)
