"""The loop of the engine: waits on sockets and timers, and takes work from other threads.

Its clock is `time.perf_counter`, as the capture's is: before Python 3.13, `time.monotonic` goes in steps of 15.6 ms
on Windows. Handlers run with the engine's lock held; whoever else holds it may call `do`, `call_later` and `call_at`
from another thread, and anyone may call `post`. An exception that escapes a handler never ends the loop: it is handed
to the watcher it happened to, which closes what it stands for.
"""

from __future__ import annotations

import contextlib
import errno
import heapq
import logging
import select
import selectors
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from explorer.net.engine_lock import EngineLock
from explorer.net.os_errors import OwnLimit

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE

# select(2) on Windows takes 512 sockets, one of which is the wake-up. Accepting leaves some for sockets of the user's.
MOST_WATCHED = 500 if sys.platform == "win32" else 1 << 30
KEPT = 11

LARGEST_SELECTABLE = 1024  # FD_SETSIZE of select(2): a descriptor from here on cannot be waited on by it

log = logging.getLogger(__name__)


def _descriptor(selector: selectors.BaseSelector) -> int:
    """Of a selector that does not wait exactly; 0 for others."""
    if sys.platform == "linux" and isinstance(selector, selectors.EpollSelector):
        return selector.fileno()
    return 0


def _look_again() -> None:
    """What a loop is woken up with."""


class Watcher(Protocol):
    """What the loop tells when something is ready."""

    def ready(self, events: int) -> None:
        """The socket can be read (READ), written (WRITE) or both."""

    def broke(self, error: Exception) -> None:
        """A bug: an exception escaped a handler of this watcher."""


class Watch:
    """One socket's place in the selector. `want` is cheap when nothing changes."""

    __slots__ = ("_reactor", "_wanted", "alive", "sock", "watcher")

    def __init__(self, reactor: Reactor, sock: socket.socket, watcher: Watcher) -> None:
        self._reactor = reactor
        self._wanted = 0
        self.sock = sock
        self.watcher = watcher
        self.alive = True

    @property
    def wanted(self) -> int:
        return self._wanted

    def want(self, events: int) -> None:
        """Be told of these events from now on; 0 takes the socket out of the selector altogether, because
        epoll reports hang-ups even of a socket that nothing is asked about."""
        if events == self._wanted or not self.alive:
            return
        selector = self._reactor.selector
        if not self._wanted:
            selector.register(self.sock, events, self)
        elif events:
            selector.modify(self.sock, events, self)
        else:
            selector.unregister(self.sock)
        self._wanted = events

    def end(self) -> None:
        """Before the socket is closed. Events already found in this round are not delivered any more."""
        self.want(0)
        self.alive = False


class Timer:
    """Something to do later; `cancel` takes it back. exact: a millisecond late is too late."""

    __slots__ = ("action", "exact", "owner")

    def __init__(self, action: Callable[[], None], owner: Watcher | None, exact: bool = False) -> None:
        self.action: Callable[[], None] | None = action
        self.owner = owner
        self.exact = exact

    def cancel(self) -> None:
        self.action = self.owner = None  # until its time has passed it is kept, and nothing should be kept by it


class Reactor:
    """One selector, a heap of timers, and a queue that other threads fill.

    on_error: told of an exception that belongs to no watcher.
    lock: the engine's, which is let go of while the loop waits; a loop alone has one that nobody shares.
    selector: what it waits with.
    """

    def __init__(
        self,
        on_error: Callable[[Exception], None],
        lock: EngineLock | None = None,
        selector: selectors.BaseSelector | None = None,
    ) -> None:
        self.lock = EngineLock() if lock is None else lock
        self.selector = selectors.DefaultSelector() if selector is None else selector
        self._thread = 0  # that runs the loop; 0 while none does
        self._on_error = on_error
        self._posted: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._timer_number = 0
        self._awake = True  # the next look at the queue comes without a wake-up
        self._running = True
        self._lock = threading.Lock()  # guards the wake-up socket against its closing
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self.selector.register(self._wake_in, READ, None)
        own = _descriptor(self.selector)
        self._exact_wait = own if own < LARGEST_SELECTABLE else 0  # the selector's descriptor; 0: it is exact itself

    # -- from any thread ------------------------------------------------------------------------

    def post(self, action: Callable[[], None]) -> bool:
        """Have the loop do this. False when the loop has ended and nothing will."""
        self._posted.append(action)
        # The loop clears the flag before it empties the queue: an action appended while the flag is set is seen.
        if self._awake:
            return self._running
        with self._lock:
            if not self._running:
                return False
            self._awake = True
            with contextlib.suppress(BlockingIOError):  # many wake-ups are on their way already
                self._wake_out.send(b"\0")
        return True

    # -- from any thread that holds the engine's lock --------------------------------------------

    @property
    def here(self) -> bool:
        """Whether this is the loop's thread, or the loop has none yet."""
        return self._thread in (0, threading.get_ident())

    def given_to(self, thread: int) -> None:
        """This thread will run the loop: what others want done before it comes to that waits for it too."""
        self._thread = thread

    def do(self, action: Callable[[], None], owner: Watcher | None = None) -> None:
        """Have the loop's thread do this: at once if this is it, or if the loop has ended, else as soon as it can.
        owner: see `guarded`."""
        if self.here or not self.post(lambda: self.guarded(action, owner)):
            action()

    def call_later(self, delay: float, action: Callable[[], None], owner: Watcher | None = None) -> Timer:
        """Do this in `delay` seconds."""
        return self._add_timer(time.perf_counter() + delay, Timer(action, owner))

    def call_at(self, moment: float, action: Callable[[], None], owner: Watcher | None = None) -> Timer:
        """Do this at a moment of `time.perf_counter`, exactly."""
        return self._add_timer(moment, Timer(action, owner, exact=True))

    def _add_timer(self, moment: float, timer: Timer) -> Timer:
        self._timer_number += 1
        heapq.heappush(self._timers, (moment, self._timer_number, timer))
        if self.lock.sharers and not self.here:
            self.post(_look_again)  # the loop waits, and for longer perhaps
        return timer

    # -- on the loop's thread -------------------------------------------------------------------

    def watch(self, sock: socket.socket, watcher: Watcher) -> Watch:
        return Watch(self, sock, watcher)

    @property
    def crowded(self) -> bool:
        """Whether the selector takes no further socket that was accepted."""
        return len(self.selector.get_map()) >= MOST_WATCHED

    def check_room(self) -> None:
        """Raise OwnLimit when the selector takes no further socket at all."""
        if len(self.selector.get_map()) >= MOST_WATCHED + KEPT:
            raise OwnLimit(
                errno.EMFILE,
                "no room in select()",
                f"This system lets the program wait on {MOST_WATCHED + KEPT} sockets at once, and all are in use.",
                "Stop some sockets or close some connections, then start this one again.",
            )

    def stop(self) -> None:
        self._running = False

    def run(self) -> None:
        """Go on until `stop`. The caller holds the engine's lock."""
        self._thread = threading.get_ident()
        lock, select_here = self.lock, self.selector.select
        while self._running:
            self._awake = False
            timeout = 0.0 if self._posted else self._patience()
            if lock.sharers:
                with lock.let_go():
                    found = self._wait(timeout)
            elif timeout and self._timers:
                found = self._wait(timeout)
            else:
                found = select_here(timeout)
            for key, events in found:
                watch: Watch | None = key.data
                if watch is None:
                    self._drain_wake_up()
                elif watch.alive and events & watch.wanted:
                    try:
                        watch.watcher.ready(events)
                    except Exception as error:
                        self._hand_over(error, watch.watcher)
            self._run_timers()
            self._run_posted()

    def _wait(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout and self._exact_wait and self._timers and self._timers[0][2].exact:
            # epoll_wait(2) counts in milliseconds, select(2) in microseconds; the selector itself can be waited on.
            select.select((self._exact_wait,), (), (), timeout)
            timeout = 0.0
        return self.selector.select(timeout)

    def guarded(self, action: Callable[[], None], owner: Watcher | None = None) -> None:
        """Do it; an exception goes to its owner."""
        try:
            action()
        except Exception as error:
            self._hand_over(error, owner)

    def _hand_over(self, error: Exception, owner: Watcher | None) -> None:
        log.error("a handler of the engine failed", exc_info=error)
        if owner is None:
            self._on_error(error)
            return
        try:
            owner.broke(error)
        except Exception as second:
            log.exception("closing after a failed handler failed too")
            self._on_error(second)

    def _patience(self) -> float | None:
        while self._timers and self._timers[0][2].action is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - time.perf_counter())

    def _run_timers(self) -> None:
        now = time.perf_counter()
        while self._timers and self._timers[0][0] <= now and self._running:
            timer = heapq.heappop(self._timers)[2]
            if timer.action is not None:
                self.guarded(timer.action, timer.owner)

    def _run_posted(self) -> None:
        self._awake = True
        for _ in range(len(self._posted)):  # what is added meanwhile waits for the next round: sockets come first
            if not self._running:
                return
            self.guarded(self._posted.popleft())

    def _drain_wake_up(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while len(self._wake_in.recv(4096)) == 4096:
                pass

    def close(self) -> None:
        """Close the selector and the wake-up, after `run`. What is posted from now on is refused."""
        with self._lock:
            self._running = False
            self.selector.close()
            self._wake_in.close()
            self._wake_out.close()
