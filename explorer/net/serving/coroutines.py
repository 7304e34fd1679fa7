"""A thread with a loop of asyncio, on which a coroutine accepts and one more serves each client.

Each coroutine awaits that its socket is ready, and then makes the call: what `loop.sock_recv` does too, but so the call
can be recorded with its result, and what it receives goes straight into the capture. While a coroutine waits, others
run; while none can run, the thread lets go of the engine's lock, as the engine's own does.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from explorer.core.endpoint import Endpoint
from explorer.net.engine_lock import EngineLock
from explorer.net.reactor import MOST_WATCHED, READ, WRITE, Reactor, Timer, Watch, Watcher
from explorer.net.serving.client import ServedConnection
from explorer.net.serving.server import WorkerServer

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike


class LettingGo(selectors.BaseSelector):
    """A selector that lets go of the engine's lock while it waits."""

    def __init__(self, lock: EngineLock) -> None:
        self._lock = lock
        self._inner = selectors.DefaultSelector()

    def register(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        with self._lock.let_go():
            return self._inner.select(timeout)

    def close(self) -> None:
        self._inner.close()

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:
        return self._inner.get_map()


class AwaitedWatch(Watch):
    """A socket whose readiness a coroutine awaits. `want` and `end` are called on the loop's thread."""

    __slots__ = ("_found", "_loop", "_task", "_waiter")

    def __init__(self, reactor: AsyncioReactor, sock: socket.socket, watcher: Watcher) -> None:
        super().__init__(reactor, sock, watcher)
        self._loop = reactor.loop
        self._found = 0
        self._waiter: asyncio.Future[None] | None = None
        self._task = self._loop.create_task(self._serve())

    def want(self, events: int) -> None:
        if events == self._wanted or not self.alive:
            return
        changed = events ^ self._wanted
        self._wanted = events
        if changed & READ:
            if events & READ:
                self._loop.add_reader(self.sock, self._ready, READ)
            else:
                self._loop.remove_reader(self.sock)
        if changed & WRITE:
            if events & WRITE:
                self._loop.add_writer(self.sock, self._ready, WRITE)
            else:
                self._loop.remove_writer(self.sock)

    def end(self) -> None:
        super().end()
        self._wake()

    def _ready(self, event: int) -> None:
        self._found |= event
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _serve(self) -> None:
        """One client, from its first byte to its last (or the listener and its clients)."""
        while self.alive:
            events, self._found = self._found & self._wanted, 0
            if events:
                self._reactor.guarded(partial(self.watcher.ready, events), self.watcher)
            else:
                self._waiter = self._loop.create_future()
                await self._waiter


class AsyncioReactor(Reactor):
    """What a connection asks of the engine's loop, done by one of asyncio. Its selector waits on sockets, so on Windows
    it takes as few as the engine's."""

    def __init__(self, on_error: Callable[[Exception], None], lock: EngineLock) -> None:
        self.lock = lock
        self.selector = LettingGo(lock)
        self.loop = asyncio.SelectorEventLoop(self.selector)
        self._thread = 0
        self._running = True
        self._on_error = on_error

    @property
    def here(self) -> bool:
        return self._thread == threading.get_ident()

    def post(self, action: Callable[[], None]) -> bool:
        try:
            self.loop.call_soon_threadsafe(self.guarded, action)
        except RuntimeError:  # the loop is closed
            return False
        return self._running

    def watch(self, sock: socket.socket, watcher: Watcher) -> AwaitedWatch:
        return AwaitedWatch(self, sock, watcher)

    @property
    def crowded(self) -> bool:
        return sys.platform == "win32" and len(self.selector.get_map()) >= MOST_WATCHED

    def check_room(self) -> None:
        return None

    def _add_timer(self, moment: float, timer: Timer) -> Timer:
        delay = moment - time.perf_counter()
        if self.here:
            self.loop.call_later(delay, self._run_timer, timer)
        else:
            self.loop.call_soon_threadsafe(self.loop.call_later, delay, self._run_timer, timer)
        return timer

    def _run_timer(self, timer: Timer) -> None:
        if timer.action is not None and self._running:
            self.guarded(timer.action, timer.owner)

    def stop(self) -> None:
        self._running = False
        self.loop.stop()

    def run(self) -> None:
        self._thread = threading.get_ident()
        self.loop.run_forever()
        self.loop.run_until_complete(self._let_coroutines_end())

    async def _let_coroutines_end(self) -> None:
        """Those of closed sockets end by themselves; a loop that failed may leave others."""
        await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def close(self) -> None:
        self._running = False
        self.loop.close()


class CoroutineServer(WorkerServer):
    """All clients share the accepting thread, each in a coroutine of its own."""

    accepts_in = "event loop"

    def make_loop(self) -> Reactor | None:
        return AsyncioReactor(self.broke, self.context.reactor.lock)

    def serve(self, sock: socket.socket, number: int, local: Endpoint, remote: Endpoint) -> None:
        context = self.accepting.context if self.accepting is not None else None
        connection = ServedConnection(self, sock, number, remote, context)
        self._connections[number] = connection
        self.record_worker(f"coroutine client-{number}", "coroutine", number)
        self.loop.guarded(lambda: connection.begin(local, accepted=True), connection)
