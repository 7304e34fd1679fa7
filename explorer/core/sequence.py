"""Sequences: steps that are carried out one after the other on sockets of the workspace, as a test or a demonstration.

A sequence starts and stops sockets, sends, waits for messages, checks what came, repeats blocks and goes one way or
another by what came. It passes when its end is reached and no step failed.

What a wait or a check remembers can be used further on: a regular expression's groups by their names or numbers, and
the counter of a repeat by its name, written ``{{name}}`` in what is sent and in patterns.

Which messages a step sees: those that came on its socket since the last one that a wait or a branch of this socket
took. Messages that do not match are passed over. On a stream with raw framing there are no messages, only bytes:
``exact`` and ``starts`` then mean the very next bytes and the others any place further on; what was taken ends with
the match, and the rest is left for the next step. So it does not matter how the stream was cut into recv calls.

On a server, a step sees the messages of all of its connections. What it sends goes to the connection that the last
taken message came from, or to all of them before there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

How = Literal["exact", "starts", "contains", "ends", "regex"]
HOWS: tuple[How, ...] = get_args(How)
Written = Literal["text", "hex"]
WRITTEN: tuple[Written, ...] = get_args(Written)
What = Literal["message", "group", "count", "open", "closed"]
WHATS: tuple[What, ...] = get_args(What)

DEFAULT_TIMEOUT = 5.0
MAX_SECONDS = 86_400
MAX_TIMES = 1_000_000
MAX_COUNT = 1_000_000_000
MAX_DEPTH = 8  # blocks within blocks; the steps of the sequence itself are the first
MAX_STEPS = 1000  # of one sequence, those in blocks included
MAX_CASES = 50
MAX_SEQUENCES = 200
LONGEST_TEXT = 1 << 16  # characters


@dataclass(frozen=True, slots=True)
class Match:
    """What a message must be like.

    how: ``exact`` the whole message, ``starts``, ``contains``, ``ends`` a part of it, ``regex`` a regular expression
    (RE2 syntax, over bytes) that fits somewhere in it.
    written: how `pattern` is written: as text with escapes, in the encoding of the socket, or as hex in which ``?``
    stands for any digit. A regular expression is text.
    """

    how: How = "exact"
    pattern: str = ""
    written: Written = "text"


@dataclass(frozen=True, slots=True)
class StartStep:
    """Start a socket that is not running, and wait until it listens, is bound or is connected.

    socket (here and in all steps): a name in the workspace; "" for the one that the sequence works on.
    seconds (here and in all steps that wait): the longest wait; None for the sequence's timeout.
    """

    socket: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class StopStep:
    """Stop a socket, with all of its connections."""

    socket: str = ""


@dataclass(frozen=True, slots=True)
class ConnectStep:
    """Start a client and wait until it is connected; start a server and wait until somebody is connected to it."""

    socket: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SendStep:
    """Send one message. text may have fields, as in the composer: ``{{counter}}`` is the round of the innermost
    repeat, from 0.

    snippet: the name of a snippet of the workspace that is sent in place of `text`; "" for none.
    framed: the socket's framing goes around it (a snippet that says so itself is not asked).
    """

    text: str = ""
    written: Written = "text"
    snippet: str = ""
    socket: str = ""
    framed: bool = True


@dataclass(frozen=True, slots=True)
class WaitStep:
    """Wait for a message that matches; match None: for any message."""

    match: Match | None = None
    socket: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class PauseStep:
    """Let time pass."""

    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class CheckStep:
    """Something must hold.

    what: ``message``: the last message that was taken matches. ``group``: what was remembered under the name `group`
    matches. ``count``: from `least` to `most` messages came on the socket since the sequence began (it waits until
    there are `least`). ``open``: somebody is connected. ``closed``: the peer has closed the connection (it waits for
    that).
    expect: a sentence that says what was expected, shown when it does not hold; "" makes one up.
    """

    what: What = "message"
    match: Match | None = None
    group: str = ""
    least: int = 0
    most: int | None = None
    expect: str = ""
    socket: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class RepeatStep:
    """Carry out a block so many times. counter: a name under which the round is known, from 1; "" for none."""

    times: int = 2
    steps: tuple[Step, ...] = ()
    counter: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What is done when a message matches."""

    match: Match
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class BranchStep:
    """Wait for a message that one of the cases matches, and go on with its block; of several that match, the first
    counts. otherwise: the block for when none came in time; None: the sequence fails then."""

    cases: tuple[Case, ...] = ()
    otherwise: tuple[Step, ...] | None = None
    socket: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class EndStep:
    """The sequence ends here, and has passed. text: said with it."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class FailStep:
    """The sequence ends here, and has failed. text: why."""

    text: str = ""


Step = (
    StartStep | StopStep | ConnectStep | SendStep | WaitStep | PauseStep | CheckStep | RepeatStep | BranchStep
    | EndStep | FailStep
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sequence:
    """A named sequence. socket: the name of the socket it mainly works on. timeout: seconds, for steps that wait and
    say nothing else."""

    name: str
    socket: str = ""
    steps: tuple[Step, ...] = ()
    timeout: float = DEFAULT_TIMEOUT


@dataclass(frozen=True, slots=True)
class Block:
    """A list of steps within a step. path: its place, e.g. ``cases[1].steps``. case: its number, None if it is none."""

    path: str
    steps: tuple[Step, ...]
    case: int | None = None


def blocks(step: Step) -> tuple[Block, ...]:
    """The blocks of a step, in order; none for most."""
    if isinstance(step, RepeatStep):
        return (Block("steps", step.steps),)
    if isinstance(step, BranchStep):
        found = [Block(f"cases[{place}].steps", case.steps, place) for place, case in enumerate(step.cases)]
        if step.otherwise is not None:
            found.append(Block("otherwise", step.otherwise))
        return tuple(found)
    return ()


def walk(steps: tuple[Step, ...], path: str = "steps") -> Iterator[tuple[str, Step]]:
    """Every step with its path, e.g. ``steps[2].cases[0].steps[1]``, in the order in which they are written."""
    for place, step in enumerate(steps):
        here = f"{path}[{place}]"
        yield here, step
        for block in blocks(step):
            yield from walk(block.steps, f"{here}.{block.path}")


def matches(step: Step) -> Iterator[tuple[str, Match]]:
    """The patterns of a step itself, with their paths in it; not those of steps in its blocks."""
    if isinstance(step, WaitStep | CheckStep) and step.match is not None:
        yield "match", step.match
    elif isinstance(step, BranchStep):
        for place, case in enumerate(step.cases):
            yield f"cases[{place}].match", case.match


def sockets_of(sequence: Sequence) -> frozenset[str]:
    """The names of the sockets that its steps are about."""
    names = {getattr(step, "socket", None) for _, step in walk(sequence.steps)}
    return frozenset(name or sequence.socket for name in names if name is not None)


def started_by(sequence: Sequence) -> frozenset[str]:
    """The names of the sockets that it starts itself."""
    return frozenset(
        step.socket or sequence.socket for _, step in walk(sequence.steps) if isinstance(step, StartStep | ConnectStep)
    )
