"""A thread that accepts, and a process for each client. The accepted socket is handed over to a fresh process, which
makes all further calls on it and has memory of its own: what goes wrong there ends that connection and no other.
What the processes tell, `explorer.net.serving.process_client` takes.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from functools import partial

from explorer.core.endpoint import Endpoint
from explorer.core.events import ConnectionOpened
from explorer.core.failure import Failure
from explorer.core.serving import settings
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason
from explorer.net.context import Context
from explorer.net.os_errors import explain
from explorer.net.processes import Process
from explorer.net.serving.process_client import ProcessClient
from explorer.net.serving.server import WorkerServer
from explorer.net.serving.worker import PATIENCE as ACCEPTING_PATIENCE
from explorer.net.serving.worker import Worker, join
from explorer.net.tcp_server import TcpServer
from explorer.programs.fitting import check_processes

PATIENCE = 2.0  # seconds for the processes of a server that stops to close their connections


class ProcessServer(WorkerServer):
    """The setting `most` limits the processes that serve. Raises InputError for a program that cannot be shared out."""

    accepts_in = "accept"

    def __init__(self, context: Context, number: int, spec: SocketSpec) -> None:
        super().__init__(context, number, spec)
        check_processes(spec.program)
        self.most = int(str(settings(spec.serving)["most"]))
        all_of_them = "The only process serves" if self.most == 1 else f"All {self.most:,} processes serve"
        self.full_note = (
            f"{all_of_them} a client, so accepting waits until a client leaves. The next "
            "clients wait in the accept queue; allow more processes, or serve with selectors or asyncio, which need "
            "none."
        )
        self._served: dict[int, ProcessClient] = {}  # processes that have not ended
        self._afterwards: Callable[[], None] | None = None  # what is done when all of them have

    def serve(self, sock: socket.socket, number: int, local: Endpoint, remote: Endpoint) -> None:
        try:
            with self.context.reactor.lock.let_go():  # it takes a while
                process = Process("serve", [sock])
        except OSError as error:
            why = explain(error, "accept").sentence
            self.log.note(f"No process can serve this client, so its connection is closed. {why}", number)
            self.close_socket(sock, CloseReason.LOCAL, number)
            self.pause_accepting(why)
            return
        self.record_worker(f"process client-{number}", "process", number, process.pid)
        client = ProcessClient(self, process, number, local, remote)
        self._connections[number] = self._served[number] = client
        sock.close()  # the process has it
        self.context.emit(ConnectionOpened(self.number, number, local, remote, True))

    def gone(self, number: int) -> None:
        """The process of this connection has ended."""
        self._served.pop(number, None)
        if self._listener is None and not self._served:
            self.loop.stop()

    def use(self, framing: Choice, program: Choice) -> None:
        check_processes(program)
        super().use(framing, program)

    # -- the end ------------------------------------------------------------------------------------

    def stop(self) -> None:
        if self._afterwards is None:
            super().stop()

    def fail(self, failure: Failure, record: int = -1) -> None:
        if self._afterwards is None:
            super().fail(failure, record)
        else:  # a bug in ending
            self._kill()
            self.loop.stop()

    def release(self, reason: CloseReason, problem: str) -> None:
        """Nobody is accepted any more when this returns. The processes close their connections, and those that do not,
        in a moment, are killed: that is not waited for here."""
        if self.accepting is None:
            super().release(reason, problem)
            return
        released = threading.Event()
        self.loop.do(lambda: self._release_here(reason, problem, released), self)
        with self.context.reactor.lock.let_go():
            released.wait(ACCEPTING_PATIENCE)

    def _release_here(self, reason: CloseReason, problem: str, released: threading.Event) -> None:
        """On the accepting loop."""
        try:
            for client in tuple(self._served.values()):
                client.drain()
            TcpServer.release(self, reason, problem)
        finally:
            released.set()
            self.loop.call_later(PATIENCE, self._kill, self)
            if not self._served:
                self.loop.stop()

    def _kill(self) -> None:
        for client in tuple(self._served.values()):
            client.kill(PATIENCE)

    def after_release(self, then: Callable[[], None]) -> None:
        if self.accepting is None or self.accepting.name not in self._workers:
            self._join()
            then()
            return
        self._afterwards = then
        self.context.sockets.pop(self.number, None)
        self.context.endings.begin(self.number)

    def worker_gone(self, worker: Worker) -> None:
        super().worker_gone(worker)
        if self._afterwards is not None:
            self.context.reactor.do(partial(self._all_gone, self._afterwards), self)

    def _all_gone(self, then: Callable[[], None]) -> None:
        self._join()
        then()
        self.context.endings.done(self.number)

    def _join(self) -> None:
        """The accepting thread has nothing more to do."""
        if self.accepting is not None:
            join((self.accepting,), self.context.reactor.lock)
