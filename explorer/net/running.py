"""What TCP and UDP sockets, servers and clients have in common while they run."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.events import OptionsApplied, SocketChanged, SocketFailed
from explorer.core.failure import Failure
from explorer.core.pace import FULL_PACE, Pace, describe
from explorer.core.serving import DEFAULT as SELECTORS
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import options, owners
from explorer.net.background import Task
from explorer.net.call_log import CallLog, clock
from explorer.net.context import Context
from explorer.net.jobs import Job
from explorer.net.limits import non_blocking
from explorer.net.os_errors import bug, error_name, explain
from explorer.net.resolver import Address, Addresses, numeric, resolve
from explorer.net.send_queue import Piece
from explorer.net.service import Service
from explorer.net.telling import Telling
from explorer.programs.registry import without_secrets

How = Literal["finish", "close", "reset"]


class Peer(Protocol):
    """One connection, as commands see it."""

    number: int

    @property
    def remote(self) -> Endpoint: ...

    def queue(self, piece: Piece) -> str:
        """Send this after what waits already. Why not, as a sentence; "" when it will be."""

    def has_room(self, size: int) -> bool:
        """Whether so many bytes more may wait to be sent here."""

    def tell(self, payload: bytes) -> None:
        """Send this as one message, in the framing of this connection, unless too much waits there."""

    def cancel(self, job: Job) -> int:
        """Take back what is left of a job; how many pieces that were."""

    def end(self, how: How) -> None: ...

    def replace(self, framing: Choice, program: Service) -> None:
        """Let this framing and program go on."""


class RunningSocket:
    """One socket that the user started.

    local, remote: its addresses once they are known.
    """

    def __init__(self, context: Context, number: int, spec: SocketSpec) -> None:
        self.context = context
        self.number = number
        self.spec = spec
        self.service = Service(spec.program, spec.transport)
        self.log = CallLog(context.writer, number)
        self.service.attach(context, number, self.log)
        self.telling = Telling(context.reactor, lambda: self.peers, self)
        self.state = State.CLOSED
        self.local: Endpoint | None = None
        self.remote: Endpoint | None = None
        self.task: Task[Addresses] | Task[str] | None = None
        self.kind = socket.SOCK_STREAM if spec.transport == "tcp" else socket.SOCK_DGRAM

    # -- what each kind of socket does its own way --------------------------------------------------

    @property
    def peers(self) -> Mapping[int, Peer]:
        """Its open connections by their numbers."""
        raise NotImplementedError

    def begin(self, addresses: Addresses) -> None:
        """The addresses are known."""
        raise NotImplementedError

    def refresh(self) -> None:
        """The capture is full, or takes traffic again: look again at what to wait for."""
        raise NotImplementedError

    def pace_changed(self) -> None:
        """Go on at the pace of `spec`."""
        raise NotImplementedError

    def release(self, reason: CloseReason, problem: str) -> None:
        """Close whatever is open, connections first. problem: why sends that wait will not happen."""
        raise NotImplementedError

    def after_release(self, then: Callable[[], None]) -> None:
        """Do this as soon as nothing is open any more."""
        then()

    # -- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        where, passive = self.spec.endpoint, self.spec.role == "server"
        addresses = numeric(where, self.kind, passive)
        if addresses is not None:
            self.begin(addresses)
            return
        self.set_state(State.RESOLVING)
        self.look_up(where, self.begin, passive)

    def look_up(self, where: Endpoint, then: Callable[[Addresses], None], passive: bool = False) -> None:
        """Resolve a name beside the loop; a failure ends the socket."""

        def done(found: Addresses | Exception, record: int) -> None:
            self.task = None
            if isinstance(found, list):
                self.context.reactor.guarded(lambda: then(found), self)
            elif isinstance(found, OSError):
                self.fail(explain(found, "getaddrinfo", where), record)
            else:
                self.broke(found)

        self.task = resolve(self.context.background, self.log, where, self.kind, done, passive)

    def stop(self) -> None:
        """The user's wish, at any moment of its life."""
        self._give_up_task()
        self.telling.close()
        self.release(CloseReason.LOCAL, "The socket was stopped before everything was sent.")
        self.after_release(lambda: self.over(State.CLOSED))

    def over(self, state: State) -> None:
        """Nothing is open any more."""
        self.service.close()
        self.context.sockets.pop(self.number, None)
        self.set_state(state)

    def use(self, framing: Choice, program: Choice) -> None:
        """Go on with another framing and program, on open connections too."""
        self.spec = dataclasses.replace(self.spec, framing=framing, program=program)
        earlier = self.service
        if program != self.service.choice:
            self.service = Service(program, self.spec.transport)
            self.service.tap = earlier.tap
            self.service.attach(self.context, self.number, self.log)
        self.context.loops.changed()
        for peer in tuple(self.peers.values()):
            peer.replace(framing, self.service)
        if self.service is not earlier:
            earlier.close()

    def set_pace(self, pace: Pace) -> None:
        """Send and receive at another pace, on open connections too, at once."""
        if pace == self.spec.pace:
            return
        self.spec = dataclasses.replace(self.spec, pace=pace)
        self.log.note(f"The pace was changed. {describe(pace)}")
        self.pace_changed()

    def fail(self, failure: Failure, record: int = -1) -> None:
        """The socket cannot run (any more)."""
        self._give_up_task()
        self.telling.close()
        self.release(CloseReason.LOCAL, failure.sentence)
        self.after_release(lambda: self._has_failed(failure, record))

    def _has_failed(self, failure: Failure, record: int) -> None:
        self.service.close()
        self.context.sockets.pop(self.number, None)
        self.context.emit(SocketFailed(self.number, 0, failure, fatal=True, record=record))
        self.set_state(State.FAILED)

    def report(self, failure: Failure, record: int = -1, connection: int = 0) -> None:
        """A failure that the socket survives."""
        self.context.emit(SocketFailed(self.number, connection, failure, fatal=False, record=record))

    def broke(self, error: Exception) -> None:
        """A bug in a handler: this socket ends, with an honest sentence."""
        self.fail(bug(error, f'socket "{self.spec.name}"'), self.log.note(f"internal error: {error!r}"))

    def set_state(self, state: State) -> None:
        self.state = state
        self.context.loops.changed()
        self.context.emit(SocketChanged(self.number, state, self.local, self.remote))

    def ready(self, events: int) -> None:
        raise NotImplementedError

    def _give_up_task(self) -> None:
        if self.task is not None:
            self.task.cancel()
            self.task = None

    # -- calls that all of them make ----------------------------------------------------------------

    def open_socket(self, family: socket.AddressFamily) -> socket.socket:
        """socket(2) and its options. Raises OSError, recorded."""
        spec, started = self.spec, clock()
        detail: dict[str, object] = {
            "name": spec.name,
            "transport": spec.transport,
            "role": spec.role,
            "family": family.name,
            "type": self.kind.name,
            "host": spec.host,
            "port": spec.port,
            "buffer_size": spec.buffer_size,
            "encoding": spec.encoding,
            "framing": spec.framing.to_json(),
            "program": without_secrets(spec.program),
        }
        if spec.pace != FULL_PACE:
            detail["pace"] = dataclasses.asdict(spec.pace)
        if (spec.transport, spec.role) == ("tcp", "server") and spec.serving != SELECTORS:
            detail["serving"] = spec.serving.to_json()
        try:
            self.context.reactor.check_room()
            sock = non_blocking(family, self.kind)
        except OSError as error:
            self.log.write(CallKind.socket, detail, error=error, started=started)
            raise
        self.log.write(CallKind.socket, detail, started=started)
        try:
            applied, troubles = options.apply(sock, spec, self.log)
        except BaseException:
            sock.close()
            raise
        for trouble in troubles:
            self.report(trouble.failure, trouble.record)
        self.applied(applied)
        return sock

    def applied(self, found: list[options.Applied]) -> None:
        if found:
            self.context.emit(OptionsApplied(self.number, tuple(found)))

    def bind(self, sock: socket.socket, address: Address) -> int:
        """bind(2), recorded; the record's number. Raises OSError, with the number as `record`."""
        started, detail = clock(), {"address": str(address.endpoint)}
        try:
            sock.bind(address.sockaddr)
        except OSError as error:
            record = self.log.write(CallKind.bind, detail, error=error, started=started)
            raise CallFailed(error, "bind", address.endpoint, record) from None
        local = Endpoint.of(sock.getsockname())
        return self.log.write(CallKind.bind, {**detail, "local": str(local)}, started=started)

    def close_socket(self, sock: socket.socket, reason: CloseReason, connection: int = 0) -> None:
        """close(2), recorded."""
        started = clock()
        if connection and self.spec.transport == "tcp" and self.spec.options.linger:
            self._close_beside(sock, reason, connection)
            return
        error: OSError | None = None
        try:
            sock.close()
        except OSError as problem:  # the descriptor is gone all the same (close(2))
            error = problem
        self.log.write(CallKind.close, {"reason": reason.value}, connection=connection, error=error, started=started)

    def _close_beside(self, sock: socket.socket, reason: CloseReason, connection: int) -> None:
        """With SO_LINGER, close(2) may wait for the peer for as long as was asked for, even on a non-blocking
        socket (Linux): not on the loop. Its record says that the call goes on."""

        detail = {"reason": reason.value}
        self.log.write(CallKind.close, detail, connection=connection, flags=CallFlag.PENDING)
        self.context.lingering.close(sock)

    def fail_call(self, failed: CallFailed, tried: str = "") -> None:
        """A call on the socket itself failed for good. An address in use is explained by who uses it, which
        may take a look at the machine's processes beside the loop. tried: what else was tried, as a sentence."""
        failure = explain(failed.error, failed.call, failed.where)
        if tried:
            failure = dataclasses.replace(failure, means=f"{failure.means} {tried}")
        if failure.errno != "EADDRINUSE" or failed.call not in ("bind", "listen"):
            self.fail(failure, failed.record)
            return
        where, transport = failed.where, self.spec.transport
        holder = owners.ours(transport, where, self.context.holders())
        if holder is not None:
            self.fail(owners.held_by_ours(failure, where, holder), failed.record)
            return

        def told(process: str | Exception) -> None:
            self.task = None
            name = process if isinstance(process, str) else ""
            self.fail(owners.held_by_process(failure, where, name), failed.record)

        self.task = self.context.background.call(
            "who holds the port", lambda: owners.process_at(transport, where), told
        )


class CallFailed(Exception):
    """A recorded call failed on its way; carries what a `Failure` needs. Never leaves this package."""

    def __init__(self, error: OSError, call: str, where: Endpoint, record: int) -> None:
        super().__init__(f"{call} failed with {error_name(error)}")
        self.error = error
        self.call = call
        self.where = where
        self.record = record
