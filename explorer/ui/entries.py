"""What the window knows about each socket and connection: frozen values, replaced when the engine tells news."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.endpoint import Endpoint
from explorer.core.events import QueueSampled
from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import CloseReason, State


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure that the socket survived. connection: of which it was told. record: of the capture; -1: none."""

    connection: int
    failure: Failure
    record: int = -1


@dataclass(frozen=True, slots=True)
class SocketEntry:
    """A socket of the workspace. `number` is the engine's and the capture's.

    spec: what is asked for now. started: what it was last started with on this capture.
    starting: the engine was asked to start it, and has told nothing of it since.
    queue: who waits to be accepted, as the engine told last.
    trouble: the newest that was told of a connection which goes on without it, until the user has read it.
    """

    number: int
    spec: SocketSpec
    state: State = State.CLOSED
    local: Endpoint | None = None
    remote: Endpoint | None = None
    failure: Failure | None = None
    failed_record: int = -1
    options: tuple[tuple[str, str, str], ...] = ()
    paused: str = ""
    lost: int = 0  # datagrams the system dropped
    started: SocketSpec | None = None
    starting: bool = False
    queue: QueueSampled | None = None
    trouble: Trouble | None = None

    @property
    def running(self) -> bool:
        return self.state.is_open

    @property
    def in_engine(self) -> bool:
        """Whether the engine may have it, so that what is changed or stopped must be told there."""
        return self.running or self.starting

    @property
    def status(self) -> str:
        """One line: what it does now, and where."""
        if self.failure is not None and not self.running:
            return f"failed: {self.failure.sentence}"
        if self.state in (State.LISTEN, State.BOUND) and self.local:
            what = "listening on" if self.state is State.LISTEN else "receiving on"
            return f"{what} {self.local}" + (f" · {self.paused}" if self.paused else "")
        if self.remote and self.running:
            verb = "to" if self.state in (State.ESTABLISHED, State.SYN_SENT) else "·"
            return f"{self.state.value} {verb} {self.remote}"
        if self.state is State.CLOSED:
            return "not started" if self.started is None else "closed"
        return str(self.state.value)


@dataclass(frozen=True, slots=True)
class ConnectionEntry:
    """One peer of a socket. left_open: it is of a capture from disk, which ended before it was closed.
    trouble: the newest that was told of it while it went on, until the user has read it."""

    number: int
    socket: int
    local: Endpoint
    remote: Endpoint
    accepted: bool
    state: State = State.ESTABLISHED
    reason: CloseReason | None = None
    failure: Failure | None = None
    left_open: bool = False
    trouble: Trouble | None = None

    @property
    def open(self) -> bool:
        return self.state.is_open


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the user, shown without stopping them. action: what a button beside it offers."""

    text: str
    serious: bool = False
    action: str = ""
    key: str = ""  # a later notice with the same key takes its place; "" text removes it
