"""The process that serves one client: it makes all calls on the connection and tells the engine each of them.

The connection is the same as in all ways of serving; what is different is where its records go (`Records`), and what it
is told by whom (`Client`). The other side is `explorer.net.serving.process`.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Any

from explorer.core.calls import PAYLOAD, CallFlag, CallKind
from explorer.core.capture_writer import Pulled
from explorer.core.endpoint import Endpoint
from explorer.core.events import ConnectionChanged, ConnectionClosed, Event, SocketFailed
from explorer.core.failure import Failure
from explorer.core.pace import Pace
from explorer.core.parcels import Parcel
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.core.tally import Tally
from explorer.net.call_log import CallLog, clock
from explorer.net.context import Context
from explorer.net.jobs import Job
from explorer.net.reactor import READ, Reactor
from explorer.net.send_queue import BytesPiece
from explorer.net.service import Service
from explorer.net.serving.client import ServedConnection
from explorer.net.telling import Telling
from explorer.worker import Parent


class Records:
    """A capture that is somewhere else: each record goes there as a parcel. Sending it waits while nobody takes it,
    and so the connection is not read meanwhile."""

    quota = 0
    full = ""

    def __init__(self, parent: Parent, began: int) -> None:
        """began: when the capture began, by `clock`."""
        self._parent = parent
        self._began = began
        self._room = bytearray()
        self.count = 0
        self.last_time = 0
        self.messages: Callable[[], tuple[int, int]] = lambda: (0, 0)

    def now(self) -> int:
        return clock() - self._began

    def room(self, size: int) -> memoryview | None:
        if len(self._room) < size:
            self._room = bytearray(size)
        return memoryview(self._room)[:size]

    def retry(self) -> bool:
        return True

    def add(
        self,
        kind: CallKind,
        socket: int,
        connection: int = 0,
        *,
        size: int = 0,
        asked: int = 0,
        errno: int = 0,
        flags: CallFlag = CallFlag.NONE,
        duration: int = 0,
        extra: int = 0,
    ) -> int:
        self.last_time = self.now()
        record = {"kind": int(kind), "asked": asked, "errno": errno, "flags": int(flags), "duration": duration}
        body = bytes(self._room[:size]) if kind in PAYLOAD else b""
        return self._told({"record": record, "messages": self.messages()}, body)

    def add_detail(
        self,
        kind: CallKind,
        socket: int,
        connection: int,
        detail: Mapping[str, object],
        *,
        errno: int = 0,
        flags: CallFlag = CallFlag.NONE,
        duration: int = 0,
    ) -> int:
        self.last_time = self.now()
        record = {"kind": int(kind), "errno": errno, "flags": int(flags), "duration": duration}
        return self._told({"record": record, "detail": dict(detail), "number": self.count})

    def pull(
        self, receive: Callable[[memoryview], int], socket: int, connection: int, buffer_size: int, most: int
    ) -> Pulled:
        raise NotImplementedError("who waits for each call makes each alone")

    def _told(self, head: Mapping[str, object], body: bytes = b"") -> int:
        self._parent.send(head, body)
        self.count += 1
        return self.count - 1


class Here(Context):
    """The context of a process that serves one client."""

    waits = True

    def capture_is_full(self) -> None:
        """The engine sees to that."""


class Part(Job):
    """A part of what the user sends. last: it ends a message."""

    def __init__(self, client: Client, size: int, last: bool) -> None:
        super().__init__(client.context.jobs, 0, client.number, size)
        self._client = client
        self.last = last

    def progress(self, size: int) -> None:
        self._client.parent.send({"taken": size})

    def part_done(self, problem: str = "", parts: int = 1) -> None:
        if not self.last and not problem:
            self._client.connection.talk.messages_out -= 1  # it goes on with the next part
        self._client.parent.send({"part": problem})


class Client:
    """What the connection belongs to (`tcp_owner.Owner`), and what reads the engine's wishes."""

    def __init__(self, parent: Parent, head: Mapping[str, Any]) -> None:
        self.parent = parent
        self.number: int = head["socket"]
        self.spec = SocketSpec(
            head["name"],
            buffer_size=head["buffer_size"],
            framing=_choice(head["framing"]),
            program=_choice(head["program"]),
            pace=Pace(**head["pace"]),
        )
        records = Records(parent, head["began"])
        loop = Reactor(self.broke)
        self.context: Context = Here(loop, records, self._emit, Tally(), head["counting"])
        self.context.blocked = head["blocked"]
        self.log = CallLog(records, self.number)
        self.service = Service(self.spec.program)
        self.service.attach(self.context, self.number, self.log)
        self.telling = Telling(loop, dict, self)
        sock = socket.socket(fileno=head["handle"])
        sock.set_inheritable(False)
        sock.setblocking(False)
        number = head["connection"]
        self.context.tally.make_room(number)
        self._local = Endpoint(*head["local"])
        self.connection = ServedConnection(self, sock, number, Endpoint(*head["remote"]), self.context)
        talk = self.connection.talk
        records.messages = lambda: (talk.messages_in, talk.messages_out)
        self._part: Part | None = None
        self._watch = loop.watch(parent.sock, self)

    def run(self) -> None:
        """Until the connection is over."""
        loop = self.context.reactor
        self._watch.want(READ)
        with loop.lock:  # whatever the engine wishes comes behind the beginning
            loop.guarded(lambda: self.connection.begin(self._local, accepted=True), self.connection)
            loop.post(lambda: self._do_all(self.parent.left()))
            loop.run()

    # -- the engine's wishes ------------------------------------------------------------------------

    def ready(self, events: int) -> None:
        self._do_all(self.parent.take())

    def _do_all(self, parcels: list[Parcel]) -> None:
        for parcel in parcels:
            self._do(parcel)

    def broke(self, error: Exception) -> None:
        raise error

    def _do(self, parcel: Parcel) -> None:
        head, connection = parcel.head, self.connection
        match head["do"]:
            case "send":
                self._send(parcel.body, head["last"])
            case "take back":
                if self._part is not None and connection.cancel(self._part):
                    self.parent.send({"part": ""})
            case "tell":
                connection.tell(parcel.body)
            case "end":
                connection.end(head["how"])
            case "replace":
                if _choice(head["program"]) != self.service.choice:
                    self.service = Service(_choice(head["program"]))
                    self.service.attach(self.context, self.number, self.log)
                connection.replace(_choice(head["framing"]), self.service)
            case "pace":
                connection.set_pace(Pace(**head["pace"]))
            case "blocked":
                self.context.blocked = head["blocked"]
                connection.refresh()
            case "close":
                failure = Failure(**head["failure"]) if head["failure"] else None
                connection.close(CloseReason(head["reason"]), failure, head["problem"])

    def _send(self, data: bytes, last: bool) -> None:
        self._part = part = Part(self, len(data), last)
        problem = self.connection.queue(BytesPiece(data, part))
        if problem:
            self.parent.send({"part": problem})

    # -- what the connection needs of its owner -----------------------------------------------------

    def close_socket(self, sock: socket.socket, reason: CloseReason, connection: int = 0) -> None:
        """close(2), recorded. Where it lingers it may wait: nobody else is held up here."""
        started, error = clock(), None
        try:
            sock.close()
        except OSError as problem:
            error = problem
        self.log.write(CallKind.close, {"reason": reason.value}, connection=connection, error=error, started=started)

    def report(self, failure: Failure, record: int = -1, connection: int = 0) -> None:
        self._emit(SocketFailed(self.number, connection, failure, fatal=False, record=record))

    def connection_changed(self, state: State) -> None:
        return None

    def connection_closed(self, number: int) -> None:
        self.context.reactor.stop()

    def _emit(self, event: Event) -> None:
        match event:
            case ConnectionChanged():
                self.parent.send({"event": "changed", "state": event.state.name})
            case ConnectionClosed():
                told = {"reason": event.reason.value, "messages": (event.messages_in, event.messages_out)}
                self.parent.send({"event": "closed", **told, "failure": _plain(event.failure)})
            case SocketFailed():
                self.parent.send({"event": "failed", "record": event.record, "failure": _plain(event.failure)})


def _choice(given: Mapping[str, Any]) -> Choice:
    """As `Choice.to_json` wrote it."""
    return Choice(given["kind"], {name: value for name, value in given.items() if name != "kind"})


def _plain(failure: Failure | None) -> Mapping[str, str] | None:
    return None if failure is None else dataclasses.asdict(failure)


def main(parent: Parent) -> None:
    logging.getLogger("explorer").addHandler(logging.NullHandler())  # bugs come back as parcels
    sys.setswitchinterval(0.1)
    Client(parent, parent.receive().head).run()
    os._exit(0)  # nothing is left to be put away
