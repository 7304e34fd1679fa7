"""A TCP client: tries the host's addresses in turn until one connects, then owns that connection."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping

from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net.call_log import clock
from explorer.net.context import Context
from explorer.net.os_errors import error_name, error_of
from explorer.net.reactor import WRITE, Timer, Watch
from explorer.net.resolver import Address, Addresses, numeric
from explorer.net.running import CallFailed, RunningSocket
from explorer.net.tcp_connection import TcpConnection

WILDCARD = {socket.AF_INET: "0.0.0.0", socket.AF_INET6: "::"}


class TcpClient(RunningSocket):
    """Connects without blocking; `stop` cancels at any moment.

    The option timeout (seconds) limits each connect; without it the system's own limit applies
    (on Linux about two minutes).
    """

    def __init__(self, context: Context, number: int, spec: SocketSpec) -> None:
        super().__init__(context, number, spec)
        self._left: Addresses = []
        self._own: Addresses = []  # what local_host stands for
        self._failed: list[CallFailed] = []
        self._sock: socket.socket | None = None  # while it connects
        self._watch: Watch | None = None
        self._target = Endpoint("", 0)
        self._started = 0
        self._timer: Timer | None = None
        self._connections: dict[int, TcpConnection] = {}

    @property
    def peers(self) -> Mapping[int, TcpConnection]:
        return self._connections

    # -- connecting ---------------------------------------------------------------------------------

    def begin(self, addresses: Addresses) -> None:
        self._left = list(addresses)
        own = self.spec.options
        if not own.local_host:
            self._try_next()
            return
        where = Endpoint(own.local_host, own.local_port or 0)
        found = numeric(where, self.kind, passive=True)
        if found is not None:
            self._bind_to(found)
        else:
            self.look_up(where, self._bind_to, passive=True)

    def _bind_to(self, own: Addresses) -> None:
        self._own = own
        self._try_next()

    def _try_next(self) -> None:
        """Connect to the next address. When none is left, the first failure is the one told."""
        while self._left:
            address = self._left.pop(0)
            try:
                self._connect(address)
                return
            except CallFailed as failed:
                self._failed.append(failed)
        tried = [f"{failed.where} ({error_name(failed.error)})" for failed in self._failed]
        self.fail_call(self._failed[0], f"(Tried: {', '.join(tried)}.)" if len(tried) > 1 else "")

    def _connect(self, address: Address) -> None:
        """Begin to connect. Raises CallFailed, with the socket closed."""
        self._target = address.endpoint
        try:
            self._sock = self.open_socket(address.family)
        except OSError as error:
            raise CallFailed(error, "socket", address.endpoint, self.context.writer.count - 1) from None
        sock = self._sock
        try:
            self._bind_own(sock, address)
            self._call_connect(sock, address)
        except CallFailed:
            self._drop()
            raise

    def _call_connect(self, sock: socket.socket, address: Address) -> None:
        self._started = clock()
        detail = {"address": str(address.endpoint)}
        try:
            sock.connect(address.sockaddr)
        except BlockingIOError as error:
            self.log.write(CallKind.connect, detail, errno=error.errno or errno.EINPROGRESS, flags=CallFlag.PENDING)
        except OSError as error:
            record = self.log.write(CallKind.connect, detail, error=error, started=self._started)
            raise CallFailed(error, "connect", address.endpoint, record) from None
        else:
            self._connected(sock)
            return
        self.remote = address.endpoint
        self.set_state(State.SYN_SENT)
        self._watch = self.context.reactor.watch(sock, self)
        self._watch.want(WRITE)
        if self.spec.options.timeout:
            self._timer = self.context.reactor.call_later(self.spec.options.timeout, self._timed_out, self)

    def _bind_own(self, sock: socket.socket, address: Address) -> None:
        """Bind to local_host and local_port, if they are asked for. Raises CallFailed."""
        own = self.spec.options
        if not own.local_host and not own.local_port:
            return
        for local in self._own:
            if local.family == address.family:
                self.bind(sock, local)
                return
        if own.local_host:
            error = error_of(errno.EAFNOSUPPORT)
            record = self.log.note(f"{own.local_host} is not of the same kind as {address.endpoint}.")
            raise CallFailed(error, "bind", Endpoint(own.local_host, own.local_port or 0), record)
        self.bind(sock, Address(address.family, (WILDCARD[address.family], own.local_port or 0)))

    def ready(self, events: int) -> None:
        """The connect under way has a result."""
        sock = self._sock
        if sock is None:
            return
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self._connect_failed(error_of(number))
        else:
            self._connected(sock)

    def _timed_out(self) -> None:
        self._timer = None
        self._connect_failed(error_of(errno.ETIMEDOUT))

    def _connect_failed(self, error: OSError) -> None:
        record = self.log.write(CallKind.connect, {"address": str(self._target)}, error=error, started=self._started)
        self._failed.append(CallFailed(error, "connect", self._target, record))
        self._drop()
        self._try_next()

    def _connected(self, sock: socket.socket) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._watch is not None:
            self._watch.end()
        self._sock = None
        number = self.context.new_connection()
        try:
            self.local = Endpoint.of(sock.getsockname())
        except OSError:
            self.local = Endpoint("", 0)
        self.remote = self._target
        self.log.write(
            CallKind.connect,
            {"address": str(self._target), "local": str(self.local)},
            connection=number,
            started=self._started,
        )
        if self.local == self.remote:
            self._refuse_itself(sock, number)
            return
        connection = TcpConnection(self, sock, number, self.remote)
        self._connections[number] = connection
        self.set_state(State.ESTABLISHED)
        self.context.reactor.guarded(lambda: connection.begin(self.local or self._target, accepted=False), connection)

    def _refuse_itself(self, sock: socket.socket, number: int) -> None:
        """Both ends have one address: TCP's simultaneous open, with nobody else there (RFC 9293, 3.5)."""
        text = f"The socket connected to itself: nothing listens on {self.remote}, and the system gave us that port."
        record = self.log.note(text, number)
        self.close_socket(sock, CloseReason.LOCAL, number)
        self.local = None  # a stopped client holds no address
        self.fail(
            Failure(
                f'connect(("{self._target.host}", {self._target.port}))',
                "",
                "connected to itself",
                text,
                "Start the server first, then connect again.",
            ),
            record,
        )

    def _drop(self) -> None:
        """Close the socket that did not connect."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._watch is not None:
            self._watch.end()
            self._watch = None
        if self._sock is not None:
            self.close_socket(self._sock, CloseReason.LOCAL)
            self._sock = None

    # -- the connection -----------------------------------------------------------------------------

    def refresh(self) -> None:
        for connection in tuple(self._connections.values()):
            connection.refresh()

    def pace_changed(self) -> None:
        for connection in tuple(self._connections.values()):
            connection.set_pace(self.spec.pace)

    def connection_changed(self, state: State) -> None:
        self.set_state(state)

    def connection_closed(self, number: int) -> None:
        if self._connections.pop(number, None) is not None and self.number in self.context.sockets:
            self.over(State.CLOSED)

    def release(self, reason: CloseReason, problem: str) -> None:
        self._left = []
        self._drop()
        connections, self._connections = tuple(self._connections.values()), {}
        for connection in connections:
            connection.close(reason, problem=problem)
