"""A TCP server: one listener and the connections it accepted.

Here the engine's loop accepts and serves all of them. Other ways of serving (`explorer.net.serving`) inherit from this
class and do the same calls on loops of their own; what is common to all stands here.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Mapping

from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.events import AcceptPaused
from explorer.core.socket_spec import DEFAULT_BACKLOG, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import options
from explorer.net.call_log import clock
from explorer.net.context import Context
from explorer.net.limits import OUT_OF_FILES, PAUSE
from explorer.net.os_errors import explain
from explorer.net.reactor import MOST_WATCHED, READ, Reactor, Timer, Watch
from explorer.net.resolver import Address, Addresses
from explorer.net.running import CallFailed, RunningSocket
from explorer.net.serving.accept_queue import AcceptQueue
from explorer.net.serving.patience import AcceptPatience, IdleSweep
from explorer.net.serving.served import Served
from explorer.net.tcp_connection import TcpConnection

ACCEPTS = 64  # connections accepted in one round
if sys.platform == "win32":
    ACCEPTS = 8  # the selector is small there: look at its limit often


class TcpServer(RunningSocket):
    """Listens at the first address that can be bound.

    loop: that accepts. waits: its thread has nothing else to do, so an accept's record tells how long it waited.
    """

    waits = False

    def __init__(self, context: Context, number: int, spec: SocketSpec) -> None:
        super().__init__(context, number, spec)
        self._listener: socket.socket | None = None
        self._watch: Watch | None = None
        self._connections: dict[int, Served] = {}
        self._pause: Timer | None = None
        self._paused = ""  # why, as the user was told
        self.loop: Reactor = context.reactor
        self._patience = AcceptPatience(self.log, spec.options.accept_timeout, self)
        self._queue = AcceptQueue(context, number, self)
        self._idle = IdleSweep(context, self.log, spec.options.idle_timeout, self)

    @property
    def peers(self) -> Mapping[int, Served]:
        return self._connections

    # -- listening ----------------------------------------------------------------------------------

    def begin(self, addresses: Addresses) -> None:
        first: CallFailed | None = None
        tried: list[str] = []
        for address in addresses:
            try:
                self._listen(address)
                return
            except CallFailed as failed:
                first = first or failed
                tried.append(str(address.endpoint))
        if first is not None:
            also = f"({', '.join(tried)} were tried.)" if len(tried) > 1 else ""
            self.fail_call(first, also)

    def _listen(self, address: Address) -> None:
        """Raises CallFailed, with the socket closed."""
        try:
            sock = self.open_socket(address.family)
        except OSError as error:
            raise CallFailed(error, "socket", address.endpoint, self.context.writer.count - 1) from None
        try:
            self.bind(sock, address)
            self._call_listen(sock, address.endpoint)
        except CallFailed:
            self.close_socket(sock, CloseReason.LOCAL)
            raise
        self._listener = sock
        self.local = Endpoint.of(sock.getsockname())
        self.context.reserve.hold()
        self.set_state(State.LISTEN)
        self.attend(sock)

    def attend(self, listener: socket.socket) -> None:
        """Begin to accept."""
        self._watch = self.loop.watch(listener, self)
        self._idle.begin()
        self.refresh()

    def _call_listen(self, sock: socket.socket, where: Endpoint) -> None:
        asked = self.spec.options.backlog
        backlog = DEFAULT_BACKLOG if asked is None else asked
        started = clock()
        try:
            sock.listen(backlog)
        except OSError as error:
            record = self.log.write(CallKind.listen, {"backlog": backlog}, error=error, started=started)
            raise CallFailed(error, "listen", where, record) from None
        self.log.write(CallKind.listen, {"backlog": backlog}, started=started)
        if asked is not None:
            self.applied([("backlog", str(asked), options.read_backlog(sock))])

    def refresh(self) -> None:
        self.loop.do(self.look_at_listener, self)
        for connection in tuple(self._connections.values()):
            connection.refresh()

    # -- accepting ----------------------------------------------------------------------------------

    @property
    def full(self) -> bool:
        """Whether so many clients are being served that the next ones have to wait."""
        return False

    def look_at_listener(self) -> None:
        """On the accepting loop: wait for clients if any can be accepted now."""
        if self._watch is None or self._listener is None:
            return
        accepts = not (self.context.blocked or self._pause is not None or self.full)
        self._watch.want(READ if accepts else 0)
        self._patience.wait(self.loop, accepts)
        self._queue.follow(self._listener, self.local or Endpoint("", 0), self.waits or not accepts)

    def ready(self, events: int) -> None:
        for _ in range(1 if self.waits else ACCEPTS):
            if self._listener is None or self.context.blocked or self.full:
                return
            if self.loop.crowded:
                self.pause_accepting(
                    f"This system lets the program wait on {MOST_WATCHED} sockets at once, and all are in use. "
                    "Close some connections; waiting clients stay in the queue."
                )
                return
            if not self._accept(self._listener):
                return

    def _accept(self, listener: socket.socket) -> bool:
        """One accept call. Whether another may follow in this round."""
        started = self._patience.since if self.waits else clock()
        try:
            sock, address = listener.accept()
        except BlockingIOError:
            return False
        except OSError as error:
            self.log.write(CallKind.accept, {}, error=error, started=started)
            if error.errno in OUT_OF_FILES:
                self.context.reserve.release()
                self.pause_accepting(explain(error, "accept").sentence)
                return False
            return True  # the client is gone already (ECONNABORTED, or its network error; accept(2))
        self.goes_on()
        self._take(sock, Endpoint.of(address), started)
        self._patience.came(self.loop)
        return True

    def _take(self, sock: socket.socket, remote: Endpoint, started: int) -> None:
        sock.setblocking(False)
        local = self.local or Endpoint("", 0)
        if local.is_wildcard:
            with contextlib.suppress(OSError):  # reset already, on systems that forget the address then
                local = Endpoint.of(sock.getsockname())
        number = self.context.new_connection()
        self.log.write(CallKind.accept, {"peer": str(remote), "local": str(local)}, connection=number, started=started)
        self.serve(sock, number, local, remote)

    def serve(self, sock: socket.socket, number: int, local: Endpoint, remote: Endpoint) -> None:
        """Set a connection going that was just accepted."""
        connection = TcpConnection(self, sock, number, remote)
        self._connections[number] = connection
        self.context.reactor.guarded(lambda: connection.begin(local, accepted=True), connection)

    def pauses(self, why: str, note: str) -> None:
        """Tell that accepting pauses, unless it is known."""
        if self._paused != why:
            self._paused = why
            self.log.note(note)
            self.context.emit(AcceptPaused(self.number, why))

    def goes_on(self) -> None:
        """Tell that accepting goes on, if it paused."""
        if self._paused:
            self._paused = ""
            self.context.emit(AcceptPaused(self.number, ""))

    def pause_accepting(self, why: str) -> None:
        """The client that cannot be accepted keeps the listener readable: without a pause the loop would spin."""
        self._pause = self.loop.call_later(PAUSE, self._go_on, self)
        self.pauses(why, f"Accepting pauses for {PAUSE:.0f} s and is then tried again. {why}")
        self.look_at_listener()

    def _go_on(self) -> None:
        self._pause = None
        self.context.reserve.hold()
        self.look_at_listener()

    # -- the end ------------------------------------------------------------------------------------

    def pace_changed(self) -> None:
        for connection in tuple(self._connections.values()):
            connection.set_pace(self.spec.pace)

    def connection_changed(self, state: State) -> None:
        return None

    def connection_closed(self, number: int) -> None:
        self._connections.pop(number, None)

    def release(self, reason: CloseReason, problem: str) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._patience.end()
        self._queue.end()
        self._idle.end()
        if self._watch is not None:
            self._watch.end()
        listener, self._listener = self._listener, None
        for connection in tuple(self._connections.values()):
            connection.close(reason, problem=problem)
        if listener is not None:
            self.close_socket(listener, reason)
