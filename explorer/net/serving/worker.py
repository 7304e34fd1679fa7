"""A thread that serves: it runs a loop of its own and holds the engine's lock except while it waits.

It waits as Python's own sockets with a timeout do: for the socket to be ready, and then makes the call, which is done
at once. In this way the thread can be woken up on every system, whatever it waits for (to send what the user wants
sent, to close, to stop), and received bytes go straight into the capture. What a record of such a call tells as its
duration is all the time from when the thread began to wait, as of a call that blocks.
"""

from __future__ import annotations

import errno
import logging
import selectors
import sys
import threading
import time
from collections.abc import Callable
from typing import Protocol

from explorer.core.events import Event
from explorer.net.background import Background
from explorer.net.context import Context
from explorer.net.engine_lock import EngineLock
from explorer.net.os_errors import OwnLimit
from explorer.net.reactor import Reactor

PATIENCE = 5.0  # seconds that a server gives all of its threads together to end

log = logging.getLogger(__name__)


def _few_sockets() -> selectors.BaseSelector:
    """A selector for two or three sockets. That of poll(2) has no descriptor of its own."""
    return selectors.SelectSelector() if sys.platform == "win32" else selectors.PollSelector()


class Branch(Context):
    """The engine's context, with the loop of one worker in the place of the engine's."""

    waits = True

    def __init__(self, whole: Context, loop: Reactor) -> None:
        vars(self).update(vars(whole))
        self._whole = whole
        self.emit = self._tell_news  # whoever hears the engine's news may come and go meanwhile
        self.reactor = loop
        self.background = Background(loop.post)

    def _tell_news(self, event: Event) -> None:
        self._whole.emit(event)

    def look_again(self) -> None:
        """The capture is full, or takes traffic again."""
        self.blocked = self._whole.blocked

    def new_connection(self) -> int:
        return self._whole.new_connection()

    def capture_is_full(self) -> None:
        self.blocked = True
        self._whole.capture_is_full()

    def resume(self, quota: int | None) -> None:
        self._whole.resume(quota)


class Boss(Protocol):
    """Whose work a worker does."""

    def broke(self, error: Exception) -> None:
        """A bug that no connection could be blamed for."""

    def worker_gone(self, worker: Worker) -> None:
        """Its thread ends now."""


class Worker:
    """One thread with its loop. Made, started and joined with the engine's lock held.

    name: of the thread. Raises OSError when the system gives no more files.
    """

    def __init__(self, whole: Context, name: str, boss: Boss, loop: Reactor | None = None) -> None:
        self._lock: EngineLock = whole.reactor.lock
        self._boss = boss
        self.loop = Reactor(boss.broke, self._lock, _few_sockets()) if loop is None else loop
        self.context = Branch(whole, self.loop)
        self.name = name
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self, first: Callable[[], None]) -> None:
        """Begin with this. Raises OSError when the system gives no more threads."""
        self.loop.post(first)
        self._lock.sharers += 1
        try:
            self.thread.start()
        except RuntimeError:
            self._lock.sharers -= 1
            self.loop.close()
            raise OwnLimit(
                errno.EAGAIN,
                "no more threads",
                "The system gives this program no more threads.",
                "Let fewer clients be served at once, or raise the limit (ulimit -u), then try again.",
            ) from None
        self.loop.given_to(self.thread.ident or 0)

    def stop(self) -> None:
        """End when what is being done is done."""
        self.loop.do(self.loop.stop)

    def _run(self) -> None:
        with self._lock:
            try:
                self.loop.run()
            except Exception as error:  # a bug of the loop: the thread ends, and says so
                log.exception("the thread %s failed", self.name)
                self._boss.broke(error)
            finally:
                self.loop.close()
                self._lock.sharers -= 1
                self._boss.worker_gone(self)


def join(workers: tuple[Worker, ...], lock: EngineLock) -> None:
    """Wait until they have ended, with the lock let go of meanwhile. The caller holds it."""
    others = [worker.thread for worker in workers if worker.thread is not threading.current_thread()]
    until = time.monotonic() + PATIENCE
    with lock.let_go():
        for thread in others:
            thread.join(max(0.0, until - time.monotonic()))
    for thread in others:
        if thread.is_alive():
            log.error("the thread %s did not end in time", thread.name)
