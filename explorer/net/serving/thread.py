"""A thread that accepts, and a thread for each client. Each may wait for its own client without holding up the others.

When as many clients are served as there may be threads, nobody is accepted until one of them leaves; the next ones
wait in the accept queue.
"""

from __future__ import annotations

import socket
from functools import partial

from explorer.core.endpoint import Endpoint
from explorer.core.serving import settings
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import CloseReason
from explorer.net.context import Context
from explorer.net.os_errors import explain
from explorer.net.serving.client import ServedConnection
from explorer.net.serving.server import WorkerServer
from explorer.net.serving.worker import Worker


class ThreadServer(WorkerServer):
    """The setting `most` limits the threads that serve."""

    accepts_in = "accept"

    def __init__(self, context: Context, number: int, spec: SocketSpec) -> None:
        super().__init__(context, number, spec)
        self.most = int(str(settings(spec.serving)["most"]))
        self.full_note = (
            f"All {self.most:,} threads serve a client, so accepting waits until one of them leaves. The next clients "
            "wait in the accept queue; allow more threads, or serve with selectors or asyncio, which need only one."
        )

    def serve(self, sock: socket.socket, number: int, local: Endpoint, remote: Endpoint) -> None:
        try:
            worker = Worker(self.context, self._thread_name(number), self)
            connection = ServedConnection(self, sock, number, remote, worker.context)
            self._connections[number] = connection
            self.start_worker(worker, partial(self._begin, connection, local))
        except OSError as error:
            self._connections.pop(number, None)
            self._cannot_serve(sock, number, error)

    def _begin(self, connection: ServedConnection, local: Endpoint) -> None:
        self.record_worker(f"thread client-{connection.number}", "thread", connection.number)
        connection.context.reactor.guarded(lambda: connection.begin(local, accepted=True), connection)

    def connection_closed(self, number: int) -> None:
        """Its thread ends with it."""
        worker = self._workers.get(self._thread_name(number))
        if worker is not None:
            worker.stop()
        super().connection_closed(number)

    def _thread_name(self, number: int) -> str:
        return f"{self.spec.name}: client-{number}"

    def _cannot_serve(self, sock: socket.socket, number: int, error: OSError) -> None:
        """The system gives nothing more for a client that was accepted: it is let go, the next ones wait."""
        why = explain(error, "accept").sentence
        self.log.note(f"Nobody can serve this client, so its connection is closed. {why}", number)
        self.close_socket(sock, CloseReason.LOCAL, number)
        self.pause_accepting(why)
