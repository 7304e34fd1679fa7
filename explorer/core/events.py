"""What the engine tells: rare things only, as frozen values. The twin of `explorer.core.commands`.

Traffic is not among them: every call and byte stands in the capture, where views look it up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.states import CloseReason, State

if TYPE_CHECKING:
    from explorer.core.load import LoadReport
    from explorer.core.sequence import Step


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
class WaitingClient:
    """A client that no server has accepted yet. since: when it was first seen waiting, in nanoseconds since the
    capture began. connecting: the system has not taken it into the queue yet (SYN-SENT or SYN-RECEIVED)."""

    peer: Endpoint
    since: int
    connecting: bool


@dataclass(frozen=True, slots=True)
class QueueSampled:
    """Who waits in a server's accept queue, at most 4 times a second and when it has changed.

    waiting, backlog: how many wait, and how many the system was asked to keep (Linux keeps one more); None where the
    system does not tell. clients: those that can be seen, the queue's first; () where none can.
    """

    socket: int
    waiting: int | None
    backlog: int | None
    clients: tuple[WaitingClient, ...]


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
class SocketStarted:
    """The engine itself starts this socket, as a step of a sequence asks for."""

    socket: int


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """How a step of a sequence fares, told when it is known, and at most about 20 times a second: of a step that is
    carried out more often, the last news count.

    path: the step's place, e.g. ``steps[2].cases[0].steps[1]``. text: what came, or why it failed, as a sentence.
    record: the number of the call's record in the capture that it ended with (-1: none).
    """

    job: int
    path: str
    state: Literal["waiting", "passed", "failed"]
    text: str = ""
    record: int = -1


@dataclass(frozen=True, slots=True)
class SequenceEnded:
    """A sequence is over. sentence: how it ended. path: the step at which it ended; "" behind the last one.

    record: as in `SequenceStep`. seconds: how long it took. cancelled: the user ended it.
    """

    job: int
    passed: bool
    sentence: str
    path: str
    seconds: float
    record: int = -1
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class StepRecorded:
    """Something was done by hand, or came. step: None where there is no step for it; note: why, as a sentence.

    again: it takes the place of the step recorded last, to which more was added. over: nothing more is recorded.
    """

    step: Step | None
    note: str = ""
    again: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class ScriptOutput:
    """One line that the user's own code printed, or of the traceback of its failure.

    connection: that it was about; 0 for none. line: of the script, 1 and up; 0 where it cannot be told.
    """

    socket: int
    connection: int
    stream: Literal["stdout", "stderr", "traceback"]
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far a load is, at most ten times a second and once at its end, when its process is gone."""

    job: int
    report: LoadReport


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
    | QueueSampled
    | CaptureFull
    | DatagramsLost
    | ScriptOutput
    | SocketStarted
    | SequenceStep
    | SequenceEnded
    | StepRecorded
    | LoadProgress
    | EngineStopped
)
