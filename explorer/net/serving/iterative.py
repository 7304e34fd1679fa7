"""One thread, one client at a time: it accepts a client, serves it to its end, and only then accepts the next.

Meanwhile the next ones wait where the system keeps them, in the accept queue (listen(2)'s backlog).
"""

from __future__ import annotations

import socket

from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import SocketSpec
from explorer.net.context import Context
from explorer.net.serving.client import ServedConnection
from explorer.net.serving.server import WorkerServer


class IterativeServer(WorkerServer):
    """The thread that accepts serves as well."""

    def __init__(self, context: Context, number: int, spec: SocketSpec) -> None:
        super().__init__(context, number, spec)
        self.most = 1

    def serve(self, sock: socket.socket, number: int, local: Endpoint, remote: Endpoint) -> None:
        context = self.accepting.context if self.accepting is not None else None
        connection = ServedConnection(self, sock, number, remote, context)
        self._connections[number] = connection
        self.record_worker(f"thread {self.accepts_in}", "thread", number)
        self.loop.guarded(lambda: connection.begin(local, accepted=True), connection)
