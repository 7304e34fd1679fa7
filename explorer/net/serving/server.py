"""A TCP server whose accepting is done by a worker: what the ways of serving that use threads have in common."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Literal

from explorer.core.calls import CallKind
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import CloseReason
from explorer.net.context import Context
from explorer.net.os_errors import explain
from explorer.net.reactor import Reactor
from explorer.net.serving.worker import Worker, join
from explorer.net.tcp_server import TcpServer


class WorkerServer(TcpServer):
    """most: clients served at once; 0 for as many as come. full_note: what the user is told when so many are."""

    waits = True
    accepts_in = "server"  # the end of the accepting thread's name

    def __init__(self, context: Context, number: int, spec: SocketSpec) -> None:
        super().__init__(context, number, spec)
        self.accepting: Worker | None = None
        self._workers: dict[str, Worker] = {}
        self.most = 0
        self.full_note = ""

    # -- what each way of serving does its own way --------------------------------------------------

    def make_loop(self) -> Reactor | None:
        """What the accepting thread runs; None for the loop that a worker has anyway."""
        return None

    def stop_loop(self) -> None:
        """The server is over: end the accepting thread, when all that it has to do is done."""
        self.loop.stop()

    # -- accepting ----------------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        return bool(self.most) and len(self._connections) >= self.most

    def attend(self, listener: socket.socket) -> None:
        try:
            worker = Worker(self.context, f"{self.spec.name}: {self.accepts_in}", self, self.make_loop())
        except OSError as error:
            self.fail(explain(error, "listen", self.local))
            return
        self.accepting, self.loop = worker, worker.loop
        try:
            self.start_worker(worker, partial(self._begin_accepting, worker, listener))
        except OSError as error:
            self.accepting, self.loop = None, self.context.reactor
            self.fail(explain(error, "listen", self.local))

    def _begin_accepting(self, worker: Worker, listener: socket.socket) -> None:
        self.record_worker(f"thread {self.accepts_in}", "thread")
        super().attend(listener)

    def look_at_listener(self) -> None:
        super().look_at_listener()
        if self._listener is None or not self.full_note:
            return
        if self.full:
            self.pauses(self.full_note, self.full_note)
        elif self._paused == self.full_note:
            self.goes_on()

    def ready(self, events: int) -> None:
        super().ready(events)
        self.look_at_listener()

    # -- workers ------------------------------------------------------------------------------------

    def start_worker(self, worker: Worker, first: Callable[[], None]) -> None:
        """Raises OSError when the system gives no more threads."""
        worker.start(first)
        self._workers[worker.name] = worker

    def record_worker(
        self, name: str, kind: Literal["thread", "coroutine", "process"], connection: int = 0, number: int = 0
    ) -> None:
        """Say who makes the calls from here on. number: of the thread or process; of this thread if none is given."""
        detail = {"worker": name, "kind": kind, "id": number or threading.get_native_id()}
        self.log.write(CallKind.worker, detail, connection=connection)

    def worker_gone(self, worker: Worker) -> None:
        self._workers.pop(worker.name, None)

    # -- the end ------------------------------------------------------------------------------------

    def refresh(self) -> None:
        for worker in self._workers.values():
            worker.context.look_again()
        super().refresh()

    def connection_closed(self, number: int) -> None:
        super().connection_closed(number)
        if self._listener is not None:
            self.loop.do(self.look_at_listener, self)

    def release(self, reason: CloseReason, problem: str) -> None:
        """All calls are made by those who made the ones before; then their threads end."""
        if self.accepting is None:
            super().release(reason, problem)
            return
        self.loop.do(partial(super().release, reason, problem), self)
        self.loop.do(self.stop_loop)
        lock = self.context.reactor.lock
        join((self.accepting,), lock)  # it may have accepted another client just now
        join(tuple(self._workers.values()), lock)
