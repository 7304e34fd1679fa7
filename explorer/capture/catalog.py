"""The sockets and connections that a capture tells of, found from its rare records.

Traffic is passed over at the speed of C; only rare calls (socket, bind, accept, close, …) are decoded.
`advance` is called as the capture grows; that and the look-ups may be called from any thread. What is kept
is one value for each socket and connection, whatever the traffic.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import compress
from types import MappingProxyType
from typing import Any, cast

from explorer.capture.reader import Reader
from explorer.core.calls import PAYLOAD, Call, CallFlag, CallKind
from explorer.core.endpoint import MAX_PORT, Endpoint
from explorer.core.errors import InputError
from explorer.core.fields import Value
from explorer.core.socket_spec import MAX_BUFFER_SIZE, MIN_BUFFER_SIZE, Choice, Role, Transport

_RARE = bytes(0 if kind in {int(k) for k in PAYLOAD} else 1 for kind in range(256))
_LOOK = 1 << 14  # records looked at in one step
_RAW = Choice("raw")
_NONE = Choice("none")
_SELECTORS = Choice("selectors")
_REASONS = frozenset({"eof", "reset", "local", "timeout"})


@dataclass(frozen=True, slots=True)
class CapturedWorker:
    """Who makes calls. kind: "engine", "thread", "coroutine" or "process"; number: the system's, of the thread or
    process; 0 where the capture does not tell."""

    name: str
    kind: str
    number: int = 0


ENGINE = CapturedWorker("engine", "engine")
_WORKERS = ("thread", "coroutine", "process")


@dataclass(frozen=True, slots=True)
class CapturedSocket:
    """A socket as its records describe it. local: where it was bound, once that is known.

    host, port: as the user gave them; of captures of earlier versions, which did not record that, the address
    that a server was bound to or that a client connected to first. buffer_size: bytes asked of each recv.
    None where the capture does not tell. serving: how a TCP server serves its clients. worker: who accepts.
    """

    number: int
    name: str
    transport: Transport = "tcp"
    role: Role = "server"
    encoding: str = "utf-8"
    framing: Choice = _RAW
    program: Choice = _NONE
    local: Endpoint | None = None
    host: str | None = None
    port: int | None = None
    buffer_size: int | None = None
    serving: Choice = _SELECTORS
    worker: CapturedWorker = ENGINE


@dataclass(frozen=True, slots=True)
class CapturedConnection:
    """One peer of a socket.

    accepted: it came to us (TCP accept, or a first datagram); else we connected.
    begun_at: when connect was called (of one that came to us: when it was accepted, or its first datagram came);
    opened_at: when it was open; closed_at: when it was closed, None while it is open, and where that was not
    recorded. All in nanoseconds since the capture began.
    closed: why it is over ("eof", "reset", "local", "timeout"); None while it is open. worker: who makes its calls.
    """

    number: int
    socket: int
    local: Endpoint
    remote: Endpoint
    transport: Transport
    accepted: bool
    opened_at: int
    closed: str | None = None
    begun_at: int = 0
    closed_at: int | None = None
    worker: CapturedWorker = ENGINE


class Catalog:
    """Sockets and connections, as far as `advance` has come (`done` records).

    has_workers: some calls were made by others than the engine's thread.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.done = 0
        self.has_workers = False
        self._growing = threading.Lock()
        self._sockets: dict[int, CapturedSocket] = {}
        self._connections: dict[int, CapturedConnection] = {}
        self._by_ports: dict[tuple[int, int], list[int]] = {}  # the lower port first

    # -- look-ups -------------------------------------------------------------------------------

    def socket(self, number: int) -> CapturedSocket | None:
        return self._sockets.get(number)

    def connection(self, number: int) -> CapturedConnection | None:
        return self._connections.get(number)

    @property
    def sockets(self) -> tuple[CapturedSocket, ...]:
        """In the order in which they were opened."""
        return tuple(self._sockets.values())

    @property
    def connections(self) -> tuple[CapturedConnection, ...]:
        """In the order in which they were opened."""
        return tuple(self._connections.values())

    def connections_of(self, socket: int) -> tuple[CapturedConnection, ...]:
        return tuple(connection for connection in self.connections if connection.socket == socket)

    def between(self, port: int, other: int) -> tuple[CapturedConnection, ...]:
        """Those whose ends have these two ports, whichever is whose, in the order in which they were opened."""
        numbers = tuple(self._by_ports.get((min(port, other), max(port, other)), ()))
        return tuple(self._connections[number] for number in numbers)

    # -- growing --------------------------------------------------------------------------------

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further records. Whether there are more to look at."""
        with self._growing:
            self._look(min(self.reader.count, self.done + most))
        return self.done < self.reader.count

    def reach(self, count: int) -> None:
        """Know all that the first `count` records tell."""
        if self.done < count:
            with self._growing:
                self._look(min(self.reader.count, count))

    def _look(self, target: int) -> None:
        while self.done < target:
            columns = self.reader.columns(self.done, min(target, self.done + _LOOK))
            mask = columns.kinds.translate(_RARE)
            if mask.count(1):
                for number in compress(range(columns.start, columns.start + columns.count), mask):
                    self._learn(self.reader.call(number))
            self.done = columns.start + columns.count

    def _learn(self, call: Call) -> None:
        if call.kind is CallKind.socket:
            self._learn_socket(call)
        elif call.kind in (CallKind.accept, CallKind.connect, CallKind.peer):
            if call.kind is CallKind.connect:
                self._learn_address(call, "client")
            if call.connection and not call.errno and not call.flags & CallFlag.PENDING:
                self._learn_connection(call)
        elif call.kind is CallKind.bind:
            self._learn_address(call, "server")
            known = self._sockets.get(call.socket)
            local = endpoint(self.reader.detail(call).get("local"))
            if known and local and not call.errno:
                self._sockets[call.socket] = replace(known, local=local)
        elif call.kind is CallKind.close:
            self._learn_close(call)
        elif call.kind is CallKind.worker:
            self._learn_worker(call)

    def _learn_worker(self, call: Call) -> None:
        detail = self.reader.detail(call)
        kind = _text(detail, "kind")
        if kind not in _WORKERS:
            return  # damaged
        self.has_workers = True
        worker = CapturedWorker(_text(detail, "worker"), kind, _number(detail, "id", 0, 1 << 62) or 0)
        socket, connection = self._sockets.get(call.socket), self._connections.get(call.connection)
        if connection is not None:
            self._connections[call.connection] = replace(connection, worker=worker)
        elif socket is not None and not call.connection:
            self._sockets[call.socket] = replace(socket, worker=worker)

    def _learn_socket(self, call: Call) -> None:
        detail = self.reader.detail(call)
        known = self._sockets.get(call.socket)
        self._sockets[call.socket] = CapturedSocket(
            call.socket,
            _text(detail, "name") or (known.name if known else f"socket {call.socket}"),
            cast(Transport, _one_of(detail, "transport", ("tcp", "udp"))),
            cast(Role, _one_of(detail, "role", ("server", "client"))),
            _text(detail, "encoding") or "utf-8",
            choice(detail.get("framing"), _RAW),
            choice(detail.get("program"), _NONE),
            host=_text(detail, "host") if isinstance(detail.get("host"), str) else None,
            port=_number(detail, "port", 0, MAX_PORT),
            buffer_size=_number(detail, "buffer_size", MIN_BUFFER_SIZE, MAX_BUFFER_SIZE),
            serving=choice(detail.get("serving"), _SELECTORS),
        )

    def _learn_address(self, call: Call, role: Role) -> None:
        """From the arguments of a bind or connect, where the socket's own record does not tell."""
        known = self._sockets.get(call.socket)
        if known is None or known.role != role or (known.host is not None and known.port is not None):
            return
        asked = endpoint(self.reader.detail(call).get("address"))
        if asked is not None:
            host = asked.host if known.host is None else known.host
            port = asked.port if known.port is None else known.port
            self._sockets[call.socket] = replace(known, host=host, port=port)

    def _learn_connection(self, call: Call) -> None:
        detail = self.reader.detail(call)
        socket = self._sockets.get(call.socket)
        known = self._connections.get(call.connection)
        remote = endpoint(detail.get("peer") or detail.get("address"))
        if remote is None:
            return  # damaged: nothing is known of this peer
        local = endpoint(detail.get("local")) or (socket.local if socket else None) or Endpoint("", 0)
        self._connections[call.connection] = CapturedConnection(
            call.connection,
            call.socket,
            local,
            remote,
            socket.transport if socket else ("udp" if call.kind is CallKind.peer else "tcp"),
            known.accepted if known else self._accepted(call, socket),
            known.opened_at if known else call.time,
            begun_at=known.begun_at if known else self._begun(call),
            worker=known.worker if known else ENGINE,
        )
        if known is None:
            self._by_ports.setdefault((min(local.port, remote.port), max(local.port, remote.port)), []).append(
                call.connection
            )

    def _begun(self, call: Call) -> int:
        """When a call began that opened a connection; an accept does not begin one, but takes it."""
        return max(0, call.time - 1000 * call.duration) if call.kind is CallKind.connect else call.time

    def _accepted(self, call: Call, socket: CapturedSocket | None) -> bool:
        if call.kind is CallKind.peer:
            return socket is None or socket.role == "server"
        return call.kind is CallKind.accept

    def _learn_close(self, call: Call) -> None:
        reason = _text(self.reader.detail(call), "reason")
        reason = reason if reason in _REASONS else "local"
        if call.connection:
            over = [self._connections.get(call.connection)]
        else:  # a closed socket takes those with it that were not closed alone, as UDP's
            over = [one for one in self._connections.values() if one.socket == call.socket and one.closed is None]
        for connection in over:
            if connection is not None:
                self._connections[connection.number] = replace(connection, closed=reason, closed_at=call.time)


def endpoint(text: object) -> Endpoint | None:
    """From ``host:port``; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        return Endpoint.parse(text)
    except InputError:
        return None


def choice(given: object, default: Choice) -> Choice:
    """From ``{"kind": …, settings}`` as recorded; it is checked where it is used."""
    if not isinstance(given, dict) or not isinstance(given.get("kind"), str):
        return default
    settings: Mapping[str, Value] = {name: value for name, value in given.items() if name != "kind"}
    return Choice(given["kind"], MappingProxyType(dict(settings)))


def _text(detail: Mapping[str, Any], name: str) -> str:
    value = detail.get(name)
    return value if isinstance(value, str) else ""


def _number(detail: Mapping[str, Any], name: str, lowest: int, highest: int) -> int | None:
    value = detail.get(name)
    return value if type(value) is int and lowest <= value <= highest else None


def _one_of(detail: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = _text(detail, name)
    return value if value in known else known[0]
