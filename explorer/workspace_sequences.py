"""The sequences of a workspace: how they stand in its file, and what is refused.

A step is an object with ``do``, the kind of step, and what that kind needs; what is usual is left out:

    {"name": "login", "socket": "client", "steps": [
      {"do": "connect"},
      {"do": "send", "text": "user ann\\n"},
      {"do": "wait", "match": {"how": "regex", "pattern": "^OK (?P<id>\\d+)"}, "seconds": 2},
      {"do": "repeat", "times": 3, "counter": "n", "steps": [{"do": "send", "text": "{{id}} {{n}}\\n"}]}]}

Everything is checked that can be without running it: names of sockets and snippets, patterns, fields of messages, and
whether something may be remembered under each name that is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from explorer.core.errors import InputError
from explorer.core.names import LONGEST_NAME, check_whole
from explorer.core.sequence import (
    DEFAULT_TIMEOUT,
    LONGEST_TEXT,
    MAX_CASES,
    MAX_COUNT,
    MAX_DEPTH,
    MAX_SECONDS,
    MAX_SEQUENCES,
    MAX_STEPS,
    MAX_TIMES,
    BranchStep,
    Case,
    CheckStep,
    ConnectStep,
    EndStep,
    FailStep,
    How,
    Match,
    PauseStep,
    RepeatStep,
    SendStep,
    Sequence,
    StartStep,
    Step,
    StopStep,
    WaitStep,
    What,
    Written,
    matches,
    walk,
)
from explorer.wire.matching import make_matcher
from explorer.wire.placed_error import PlacedError
from explorer.wire.remembered import check_name, example_of, fill_in, remembered_by, used_in
from explorer.wire.typed_message import read_message

Name = Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]
Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=MAX_SECONDS)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)]


class MatchEntry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a message must be like (see `explorer.core.sequence.Match`)."""

    how: How
    pattern: Text
    written: Written = "text"


class StepEntry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, tag_field="do"):
    """What all steps have in common: nothing but their kind."""


class StartEntry(StepEntry, tag="start"):
    """Start a socket and wait until it is up."""

    socket: Name = ""
    seconds: Seconds | None = None


class StopEntry(StepEntry, tag="stop"):
    """Stop a socket."""

    socket: Name = ""


class ConnectEntry(StepEntry, tag="connect"):
    """Start a client and wait until it is connected, or a server and wait until somebody connects."""

    socket: Name = ""
    seconds: Seconds | None = None


class SendEntry(StepEntry, tag="send"):
    """Send a message, or a snippet."""

    text: Text = ""
    written: Written = "text"
    snippet: Name = ""
    socket: Name = ""
    framed: bool = True


class WaitEntry(StepEntry, tag="wait"):
    """Wait for a message that matches, or for any."""

    match: MatchEntry | None = None
    socket: Name = ""
    seconds: Seconds | None = None


class PauseEntry(StepEntry, tag="pause"):
    """Let time pass."""

    seconds: Seconds


class CheckEntry(StepEntry, tag="check"):
    """Something must hold."""

    what: What
    match: MatchEntry | None = None
    group: Name = ""
    least: Count = 0
    most: Count | None = None
    expect: Text = ""
    socket: Name = ""
    seconds: Seconds | None = None


class RepeatEntry(StepEntry, tag="repeat"):
    """Carry out a block several times."""

    times: Annotated[int, msgspec.Meta(ge=1, le=MAX_TIMES)]
    steps: list[AnyEntry]
    counter: Name = ""


class CaseEntry(msgspec.Struct, forbid_unknown_fields=True):
    """What is done when a message matches."""

    match: MatchEntry
    steps: list[AnyEntry]


class BranchEntry(StepEntry, tag="branch"):
    """Wait for a message that one of the cases matches, and carry out its block."""

    cases: Annotated[list[CaseEntry], msgspec.Meta(min_length=1, max_length=MAX_CASES)]
    otherwise: list[AnyEntry] | None = None
    socket: Name = ""
    seconds: Seconds | None = None


class EndEntry(StepEntry, tag="end"):
    """The sequence ends here, and has passed."""

    text: Text = ""


class FailEntry(StepEntry, tag="fail"):
    """The sequence ends here, and has failed."""

    text: Text = ""


AnyEntry = (
    StartEntry | StopEntry | ConnectEntry | SendEntry | WaitEntry | PauseEntry | CheckEntry | RepeatEntry | BranchEntry
    | EndEntry | FailEntry
)  # fmt: skip


class SequenceEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One sequence, as in the file."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME)]
    steps: list[AnyEntry]
    socket: Name = ""
    timeout: Seconds = DEFAULT_TIMEOUT


SequenceEntries = Annotated[list[SequenceEntry], msgspec.Meta(max_length=MAX_SEQUENCES)]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the steps of a sequence may name. sockets: name and text encoding. snippets: names."""

    sockets: Mapping[str, str]
    snippets: frozenset[str] = frozenset()


# -- from and to JSON ----------------------------------------------------------------------------------


def read_sequences(
    given: Iterable[Mapping[str, Any]], around: Surroundings, path: str = "$.sequences"
) -> tuple[Sequence, ...]:
    """The checked sequences of a file. Raises msgspec.ValidationError, whose path begins behind `path`, for a wrong
    field, and InputError with the whole path for everything else."""
    entries = msgspec.convert(list(given), type=SequenceEntries)
    found: list[Sequence] = []
    names: dict[str, int] = {}
    for place, entry in enumerate(entries):
        here = f"{path}[{place}]"
        if entry.name in names:
            raise InputError(
                f"{here}.name",
                f"{entry.name!r} is the name of {path}[{names[entry.name]}] already; names are used once.",
            )
        names[entry.name] = place
        sequence = Sequence(entry.name, entry.socket, tuple(map(_step, entry.steps)), entry.timeout)
        check_sequence(sequence, around, f"{here}.")
        found.append(sequence)
    return tuple(found)


_STEPS: dict[type[StepEntry], type[Any]] = {
    StartEntry: StartStep,
    StopEntry: StopStep,
    ConnectEntry: ConnectStep,
    SendEntry: SendStep,
    WaitEntry: WaitStep,
    PauseEntry: PauseStep,
    CheckEntry: CheckStep,
    RepeatEntry: RepeatStep,
    BranchEntry: BranchStep,
    EndEntry: EndStep,
    FailEntry: FailStep,
}
_ENTRIES = {step: entry for entry, step in _STEPS.items()}


def _step(entry: Any) -> Step:
    made: Step = _STEPS[type(entry)](**{name: _value(getattr(entry, name)) for name in entry.__struct_fields__})
    return made


def _value(value: Any) -> Any:
    match value:
        case MatchEntry():
            return Match(value.how, value.pattern, value.written)
        case CaseEntry():
            return Case(_value(value.match), _value(value.steps))
        case StepEntry():
            return _step(value)
        case list():
            return tuple(map(_value, value))
        case _:
            return value


def write_sequence(sequence: Sequence) -> dict[str, object]:
    """As it stands in the file; what is usual is left out."""
    made: dict[str, object] = {"name": sequence.name}
    if sequence.socket:
        made["socket"] = sequence.socket
    if sequence.timeout != DEFAULT_TIMEOUT:
        made["timeout"] = sequence.timeout
    made["steps"] = [msgspec.to_builtins(_entry(step)) for step in sequence.steps]
    return made


def _entry(step: Step) -> StepEntry:
    kind: Any = _ENTRIES[type(step)]
    made: StepEntry = kind(**{name: _written(getattr(step, name)) for name in kind.__struct_fields__})
    return made


def _written(value: Any) -> Any:
    match value:
        case Match():
            return MatchEntry(value.how, value.pattern, value.written)
        case Case():
            return CaseEntry(_written(value.match), _written(value.steps))
        case tuple():
            return [_written(one) for one in value]
        case _:
            return _entry(value) if type(value) in _ENTRIES else value


def json_schema() -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of the list of sequences, and of what it refers to."""
    (made,), parts = msgspec.json.schema_components([SequenceEntries], ref_template="#/$defs/{name}")
    return made, parts


# -- what is refused -----------------------------------------------------------------------------------


def check_sequence(sequence: Sequence, around: Surroundings, path: str = "") -> None:
    """Raise InputError, with the path of what is wrong, when a sequence cannot be run in a workspace with these
    sockets and snippets."""
    if not 1 <= len(sequence.name) <= LONGEST_NAME or not sequence.name.strip():
        raise InputError(f"{path}name", f"A sequence needs a name of 1 to {LONGEST_NAME} characters.")
    check_whole(sequence.name, f"{path}name")
    if not 0 < sequence.timeout <= MAX_SECONDS:
        raise InputError(f"{path}timeout", f"A timeout is above 0 and up to {MAX_SECONDS:,.0f} seconds.")
    if sequence.socket and sequence.socket not in around.sockets:
        raise InputError(f"{path}socket", _no_socket(sequence.socket, around))
    check_size(sequence, path)
    names = remembered_by(sequence)
    for here, step in walk(sequence.steps, f"{path}steps"):
        try:
            check_step(step, sequence, around, names)
        except InputError as error:
            raise InputError(f"{here}.{error.path}" if error.path else here, error.message) from None


def check_size(sequence: Sequence, path: str = "") -> None:
    """Raise InputError when there are too many steps, or too many blocks within blocks."""
    for count, (here, _) in enumerate(walk(sequence.steps, f"{path}steps"), 1):
        if count > MAX_STEPS:
            raise InputError(here, f"A sequence has at most {MAX_STEPS:,} steps. Make two of it, or use a repeat.")
        if len(re.findall(r"(?:steps|otherwise)\[", here.removeprefix(path))) > MAX_DEPTH:
            raise InputError(here, f"Blocks stand within blocks at most {MAX_DEPTH} deep. Move this step further out.")


def check_step(step: Step, sequence: Sequence, around: Surroundings, names: frozenset[str]) -> None:
    """Raise InputError, with the wrong field as its path, when a step alone is wrong; its blocks are not looked at.

    names: what may be remembered (`explorer.wire.remembered.remembered_by`).
    """
    encoding = _check_socket(step, sequence, around)
    for name in ("text", "expect", "pattern"):
        if isinstance(text := getattr(step, name, None), str):
            check_whole(text, name)
            if len(text) > LONGEST_TEXT:
                raise InputError(name, f"This has {len(text):,} characters; at most {LONGEST_TEXT:,} are kept.")
    if (limit := getattr(step, "seconds", None)) is not None and not 0 < limit <= MAX_SECONDS:
        raise InputError("seconds", f"A time is above 0 and up to {MAX_SECONDS:,.0f} seconds.")
    for here, match in matches(step):
        _check_match(match, encoding, names, here)
    match step:
        case SendStep():
            _check_send(step, around, encoding, names)
        case CheckStep():
            _check_check(step, names)
        case RepeatStep():
            if not 1 <= step.times <= MAX_TIMES:
                raise InputError("times", f"A block is repeated 1 to {MAX_TIMES:,} times.")
            if step.counter:
                check_name(step.counter, "counter")
        case BranchStep():
            if not 1 <= len(step.cases) <= MAX_CASES:
                raise InputError("cases", f"A branch has 1 to {MAX_CASES} cases.")
        case _:
            return


def _check_socket(step: Step, sequence: Sequence, around: Surroundings) -> str:
    """The text encoding of the socket that the step is about."""
    if not hasattr(step, "socket"):
        return "utf-8"
    name = step.socket or sequence.socket
    if not name:
        raise InputError("socket", "Choose the socket that this step is about, or one for the whole sequence.")
    if name not in around.sockets:
        raise InputError("socket", _no_socket(name, around))
    return around.sockets[name]


def _no_socket(name: str, around: Surroundings) -> str:
    known = ", ".join(around.sockets)
    return f"There is no socket called {name!r} in this workspace (there {f'are: {known}' if known else 'are none'})."


def _check_match(match: Match, encoding: str, names: frozenset[str], path: str) -> None:
    check_whole(match.pattern, f"{path}.pattern")
    try:
        made = make_matcher(example_of(match, names), encoding)
    except InputError as error:
        raise InputError(f"{path}.pattern", error.message) from None
    for name in getattr(made, "names", ()):
        if not name.isdigit():
            check_name(name, f"{path}.pattern")


def _check_send(step: SendStep, around: Surroundings, encoding: str, names: frozenset[str]) -> None:
    if step.snippet:
        if step.text:
            raise InputError("text", "Either a snippet is sent or a text, not both. Leave one of them out.")
        if step.snippet not in around.snippets:
            raise InputError("snippet", f"There is no snippet called {step.snippet!r} in this workspace.")
        return
    for at, name in used_in(step.text):
        if name not in names:
            raise InputError(
                "text",
                f"Character {at + 1}: nothing is remembered as {name!r} in this sequence. A group of a regular "
                f"expression, (?P<{name}>…), or the counter of a repeat can have this name.",
            )
    try:
        read_message(step.written, fill_in(step.text, step.written, dict.fromkeys(names, b"0")), encoding, True)
    except PlacedError as error:
        raise InputError("text", error.message if not any(used_in(step.text)) else error.reason) from None


def _check_check(step: CheckStep, names: frozenset[str]) -> None:
    if step.match is not None and step.what not in ("message", "group"):
        raise InputError("match", f"A check of {step.what!r} has no pattern.")
    if step.what == "message" and step.match is None:
        raise InputError("match", "Say what the message must be like.")
    if step.what == "group" and step.group not in names:
        known = ", ".join(sorted(names)) or "nothing"
        raise InputError("group", f"Nothing is remembered as {step.group!r} in this sequence (known: {known}).")
    if step.what != "group" and step.group:
        raise InputError("group", f"A check of {step.what!r} is about no group.")
    if step.what != "count" and (step.least or step.most is not None):
        raise InputError("least" if step.least else "most", f"A check of {step.what!r} counts nothing.")
    if step.most is not None and step.most < step.least:
        raise InputError("most", f"The largest number is below the smallest, {step.least:,}.")
