"""What the window (or the command line) tells the engine. The twin of `explorer.core.events`.

Commands are put on the engine's queue from any thread and carried out on its own. Each is answered by
events, never by a return value. Socket numbers are chosen by the caller; connection numbers by the
engine. A command about something that is gone is ignored: its event has told already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from explorer.core.filling import Fillable
from explorer.core.pace import Pace
from explorer.core.socket_spec import Choice, SocketSpec

if TYPE_CHECKING:
    from explorer.core.load import LoadPlan
    from explorer.core.sequence import Sequence
    from explorer.core.snippet import Snippet


@dataclass(frozen=True, slots=True)
class Start:
    """Open this socket and set it going. `socket` is a number the caller has not used before or whose
    earlier socket is closed."""

    socket: int
    spec: SocketSpec


@dataclass(frozen=True, slots=True)
class Stop:
    """Close this socket and all of its connections. Cancels a name look-up or a connect under way."""

    socket: int


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to send to. connection None: every open connection of the socket."""

    socket: int
    connection: int | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Send these bytes (framing is already around them). job: a number that events will repeat."""

    target: Target
    data: bytes
    job: int


@dataclass(frozen=True, slots=True)
class SendFile:
    """Send a file's content, read piece by piece as the peer takes it. Over UDP, one datagram a piece of
    `piece` bytes."""

    target: Target
    path: Path
    job: int
    piece: int = 262_144


MIN_INTERVAL = 0.001
MAX_INTERVAL = 3600.0


@dataclass(frozen=True, slots=True)
class Repeat:
    """Send a message every `every` seconds (MIN_INTERVAL to MAX_INTERVAL), the first one at once.

    times: how often; 0 until CancelSend, or until nobody is left to send to.
    framing: put around each message; None sends it as it is filled.
    first: the counter of the first message (`Filling.counter`).
    """

    target: Target
    message: Fillable
    job: int
    every: float
    times: int = 0
    framing: Choice | None = None
    first: int = 0


@dataclass(frozen=True, slots=True)
class CancelSend:
    """Take back what of this job is not sent yet; end a Repeat or a load."""

    job: int


@dataclass(frozen=True, slots=True)
class EndConnection:
    """End one connection (None: all of the socket).

    finish: shutdown(SHUT_WR), reading goes on. close: close(2). reset: SO_LINGER 0, then close.
    """

    target: Target
    how: Literal["finish", "close", "reset"]


@dataclass(frozen=True, slots=True)
class SetProgram:
    """Let another program answer on this socket from now on, on its open connections too."""

    socket: int
    program: Choice
    framing: Choice


@dataclass(frozen=True, slots=True)
class SetPace:
    """Send and receive at this pace from now on, on all connections of this socket."""

    socket: int
    pace: Pace


@dataclass(frozen=True, slots=True)
class ResumeCapture:
    """Look again whether the capture has room (disk freed, quota raised), and read on if so."""

    quota: int | None = None


@dataclass(frozen=True, slots=True)
class RunSequence:
    """Carry out a sequence. job: a number that `SequenceStep` and `SequenceEnded` will repeat.

    sockets: the workspace's, by name: the number under which each runs or is to be started, and what is started.
    snippets: those that its steps may name.
    """

    sequence: Sequence
    job: int
    sockets: Mapping[str, tuple[int, SocketSpec]]
    snippets: tuple[Snippet, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelSequence:
    """End a sequence that is under way; it has not passed. Sockets that it started go on."""

    job: int


@dataclass(frozen=True, slots=True)
class RecordSteps:
    """From now on, tell by `StepRecorded` what is done by hand and what comes, as steps of a sequence; or no longer.

    names: those of the sockets in the workspace, by number; None: no longer.
    """

    names: Mapping[int, str] | None


@dataclass(frozen=True, slots=True)
class StartLoad:
    """Begin a load, in a process of its own. job: a number that `LoadProgress` will repeat; CancelSend ends it."""

    plan: LoadPlan
    job: int


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Close everything and end the engine's thread."""


Command = (
    Start | Stop | Send | SendFile | Repeat | CancelSend | EndConnection
    | SetProgram | SetPace | ResumeCapture | Shutdown
    | RunSequence | CancelSequence | RecordSteps | StartLoad
)  # fmt: skip
