"""What the engine tells: rare things only, as frozen values. The twin of `explorer.core.commands`.

Traffic is not among them: every call and byte stands in the capture, where views look it up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.states import CloseReason, State


@dataclass(frozen=True, slots=True)
class SocketChanged:
    """A socket's state changed. local, remote: known addresses, else None."""

    socket: int
    state: State
    local: Endpoint | None = None
    remote: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class ConnectionOpened:
    """A peer: an accepted or connected TCP connection, or a UDP remote address. connection ≥ 1, never
    used twice in a capture. A client's own connection is announced by this too."""

    socket: int
    connection: int
    local: Endpoint
    remote: Endpoint
    accepted: bool  # by a server (TCP accept, or first datagram), rather than connected by us


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """A connection's state changed (half-closed by us or by the peer)."""

    socket: int
    connection: int
    state: State


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """A connection is over. messages_in, messages_out: as its framing and program counted them."""

    socket: int
    connection: int
    reason: CloseReason
    received: int
    sent: int
    messages_in: int
    messages_out: int
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class SocketFailed:
    """A call failed. connection 0: on the socket itself. fatal: the socket is not running any more.
    record: the number of the call's record in the capture (-1: none), to link the row."""

    socket: int
    connection: int
    failure: Failure
    fatal: bool
    record: int = -1


@dataclass(frozen=True, slots=True)
class OptionsApplied:
    """What the system made of the options: (name, asked, got), got read back by getsockopt."""

    socket: int
    options: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class SendProgress:
    """How far a job is, at most 20 times a second and once at its end (done True).

    sent, total: bytes over all of its connections. problem: a sentence when it ended early.
    seconds: since it was begun.
    """

    job: int
    socket: int
    sent: int
    total: int
    done: bool
    problem: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def rate(self) -> float:
        """Bytes a second on average; 0 while nothing can be said."""
        return self.sent / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class RepeatProgress:
    """How far a Repeat is, at most 10 times a second and once at its end.

    messages: those that the system took whole, one to several connections counted once; wanted: how many are
    asked for, 0 for no end. sent: bytes that the system took, over all connections.
    seconds: from the first message to the last one, or until now while it goes on.
    rate: messages a second on average over that time; 0 before there are two.
    late: messages sent one interval or more after their time; skipped: beats that passed without a message.
    waiting: why no message can be sent now, as a sentence; "" when nothing is in the way.
    end: "" while it goes on, else what ended it; problem: why it failed, as a sentence.
    """

    job: int
    socket: int
    messages: int
    wanted: int
    sent: int
    seconds: float
    rate: float
    late: int
    skipped: int
    waiting: str = ""
    end: Literal["", "count", "stopped", "failed"] = ""
    problem: str = ""

    @property
    def done(self) -> bool:
        return bool(self.end)


@dataclass(frozen=True, slots=True)
class AcceptPaused:
    """Accepting pauses or goes on (why, as a sentence; "" when it goes on)."""

    socket: int
    why: str


@dataclass(frozen=True, slots=True)
class CaptureFull:
    """The capture takes no more and reading is paused (why, as a sentence; "" when reading goes on)."""

    why: str


@dataclass(frozen=True, slots=True)
class DatagramsLost:
    """The system dropped datagrams before this socket read them: how many so far, as it counts them."""

    socket: int
    count: int


@dataclass(frozen=True, slots=True)
class EngineStopped:
    """All sockets are closed; the engine's thread ends. problem: a sentence if it ended by a bug."""

    problem: str = ""


Event = (
    SocketChanged
    | ConnectionOpened
    | ConnectionChanged
    | ConnectionClosed
    | SocketFailed
    | OptionsApplied
    | SendProgress
    | RepeatProgress
    | AcceptPaused
    | CaptureFull
    | DatagramsLost
    | EngineStopped
)
