"""What a TCP connection needs of the server or client it belongs to."""

from __future__ import annotations

import socket
from typing import Protocol

from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net.call_log import CallLog
from explorer.net.context import Context
from explorer.net.service import Service
from explorer.net.telling import Telling


class Owner(Protocol):
    """The server or client that a connection belongs to."""

    context: Context
    number: int
    spec: SocketSpec
    log: CallLog
    service: Service
    telling: Telling

    def close_socket(self, sock: socket.socket, reason: CloseReason, connection: int = 0) -> None: ...

    def report(self, failure: Failure, record: int = -1, connection: int = 0) -> None: ...

    def connection_changed(self, state: State) -> None: ...

    def connection_closed(self, number: int) -> None: ...
