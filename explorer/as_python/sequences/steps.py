"""The steps of a sequence as the lines of a function."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from explorer.as_python import fields
from explorer.as_python.api import NoScript
from explorer.as_python.sequences.patterns import ANYTHING, Pattern, pattern_of
from explorer.as_python.template import quoted
from explorer.core.errors import InputError
from explorer.core.filling import Filling
from explorer.core.sequence import (
    BranchStep,
    CheckStep,
    ConnectStep,
    EndStep,
    FailStep,
    Match,
    PauseStep,
    RepeatStep,
    SendStep,
    StartStep,
    Step,
    StopStep,
    WaitStep,
    walk,
)  # fmt: skip
from explorer.core.sequence import (
    Sequence as Steps,
)
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import SocketSpec
from explorer.wire.remembered import NAME
from explorer.wire.template_fields import CounterField, Fixed, Part
from explorer.wire.typed_message import ENDINGS


@dataclass(frozen=True, slots=True)
class Place:
    """A socket of the sequence in the script. variable: its name there. encode: frames a message; "" for nothing.
    as_found: only one that was found."""

    spec: SocketSpec
    variable: str
    encode: str
    as_found: bool

    @property
    def is_stream(self) -> bool:
        """Whether it has no messages, only bytes."""
        return self.spec.transport == "tcp" and self.spec.framing.kind == "raw"


def up_before(sequence: Steps, specs: Mapping[str, SocketSpec], named: Collection[str]) -> list[str]:
    """Of these sockets, those that are up when the sequence begins: servers that it has no start step for, and clients
    that it does not connect."""
    starts = set()
    for _, step in walk(sequence.steps):
        if isinstance(step, StartStep | ConnectStep):
            name = step.socket or sequence.socket
            if isinstance(step, StartStep) or specs[name].role == "client":
                starts.add(name)
    left = [name for name in named if name not in starts]
    return sorted(left, key=lambda name: specs[name].role != "server")


@dataclass(slots=True)
class Lines:
    """Makes them. w: ``await `` where the steps are coroutines. pause: how time passes, with {} for the seconds.

    written, patterns: all messages and patterns that were put in, for what they need. used: words for the templates.
    """

    sequence: Steps
    places: Mapping[str, Place]
    snippets: Mapping[str, Snippet]
    names: Collection[str]
    w: str
    pause: str
    used: set[str] = field(default_factory=set)
    written: list[fields.Written] = field(default_factory=list)
    patterns: list[Pattern] = field(default_factory=list)

    def block(self, steps: Sequence[Step], path: str, depth: int = 0) -> list[str]:
        """depth: of repeats around it."""
        lines: list[str] = []
        for place, step in enumerate(steps):
            lines += self._step(step, f"{path}[{place}]", depth)
        return lines or ["pass"]

    def _step(self, step: Step, path: str, depth: int) -> list[str]:
        match step:
            case StartStep() | ConnectStep():
                return self._up(step)
            case StopStep():
                return [f"{self.w}{self._place(step.socket).variable}.stop()"]
            case SendStep():
                return self._send(step, path, depth)
            case WaitStep():
                return self._wait(step, path)
            case PauseStep(seconds):
                return [self.pause.format(f"{seconds:g}")]
            case CheckStep():
                return self._check(step, path)
            case RepeatStep():
                return self._repeat(step, path, depth)
            case BranchStep():
                return self._branch(step, path, depth)
            case EndStep(text):
                self.used.add("ends")
                return _call("raise Passed", quoted(text or "The sequence ends here."))
            case FailStep(text):
                return _call("raise Failed", quoted(text or "The sequence says that it has failed here."))
        raise AssertionError(step)

    def _place(self, name: str) -> Place:
        return self.places[name or self.sequence.socket]

    def _pattern(self, match: Match | None, place: Place, stream: bool, path: str) -> Pattern:
        if match is None:
            made = ANYTHING
        else:
            made = pattern_of(match, place.spec.encoding, stream, self.names, path)
        self.patterns.append(made)
        if made.used:
            self.used.add("remembered")
        return made

    def _up(self, step: StartStep | ConnectStep) -> list[str]:
        place = self._place(step.socket)
        seconds = _seconds(step.seconds)
        if place.spec.role == "server" and isinstance(step, ConnectStep):
            self.used.add("connects")
            return [f"{self.w}{place.variable}.wait_for_client({seconds})"]
        if place.spec.role == "server":
            return [f"{self.w}{place.variable}.start({seconds})"]
        limit = place.spec.options.timeout if place.spec.transport == "tcp" else None
        if limit is not None and limit < (self.sequence.timeout if step.seconds is None else step.seconds):
            seconds = f"{limit:g}"
        return [f"{self.w}{place.variable}.connect({seconds})"]

    # -- sending ----------------------------------------------------------------------------------------

    def _send(self, step: SendStep, path: str, depth: int) -> list[str]:
        place = self._place(step.socket)
        encoding, framed, ending, has_fields = place.spec.encoding, step.framed, "", True
        mode, text = step.written, step.text
        if step.snippet:
            snippet = self.snippets.get(step.snippet)
            if snippet is None:
                raise InputError(
                    path, f'There is no snippet called "{step.snippet}". Choose another one for this step.'
                )
            mode, text, has_fields = snippet.mode, snippet.text, snippet.fields  # type: ignore[assignment]
            ending = ENDINGS[snippet.ending]
            framed = step.framed if snippet.framed is None else snippet.framed
        pieces = fields.read(text, mode, encoding, lambda name: bool(NAME.fullmatch(name)), has_fields)
        if not depth:  # there is no round that could count
            pieces = [_first(piece) for piece in pieces]
        count = f"count_{depth}" if depth > 1 else "count"
        made = fields.write(pieces, self._remembered, lambda why: [f'raise Failed("Not sent: {why}.")'], count)
        self.written.append(made)
        self.used.add("sends")
        expression = made.expression
        if ending:
            more = ending.encode(encoding)
            fixed = not made.lines and all(isinstance(piece, Fixed) for piece in pieces)
            whole = b"".join(piece.data for piece in pieces if isinstance(piece, Fixed)) + more
            expression = quoted(whole) if fixed else f"{expression} + {quoted(more)}"
        if framed and place.as_found:
            raise NoScript(
                path,
                f"{place.spec.name} has a program that sends messages back as they came, with their lengths or ends in "
                "them, and this step sends another one. Send it without framing, or choose another program.",
            )
        if framed and place.encode:
            expression = f"{place.encode}({expression})"
        elif expression == 'b""' and place.spec.transport == "tcp":
            self._empty()
        return [*made.lines, f"{self.w}{place.variable}.send({expression})"]

    def _empty(self) -> NoReturn:
        raise NoScript("$", "A message is empty, and an empty message cannot be sent on a stream.")

    def _remembered(self, name: str) -> str:
        self.used.add("remembered")
        return f"remembered({quoted(name)})"

    # -- what comes -------------------------------------------------------------------------------------

    def _wait(self, step: WaitStep, path: str) -> list[str]:
        place = self._place(step.socket)
        pattern = self._pattern(step.match, place, place.is_stream, f"{path}.match.pattern")
        self.used |= {"takes", "tells", "waits_any" if step.match is None else "waits"}
        if step.match is None:
            return [f"{self.w}{place.variable}.wait_for_any({_seconds(step.seconds)})"]
        lines, arguments = pattern.arguments()
        return [*lines, f"{self.w}{place.variable}.wait_for({_list(arguments, _seconds(step.seconds, True))})"]

    def _branch(self, step: BranchStep, path: str, depth: int) -> list[str]:
        place = self._place(step.socket)
        self.used.add("takes")
        patterns = [
            self._pattern(case.match, place, place.is_stream, f"{path}.cases[{number}].match.pattern")
            for number, case in enumerate(step.cases)
        ]
        made = [pattern.arguments(f"pattern_{number}") for number, pattern in enumerate(patterns)]
        seconds = _seconds(step.seconds, True)
        lines = [line for before, _ in made for line in before]
        lines += ["cases = [", *(f"    ({arguments})," for _, arguments in made), "]"]
        lines.append(f"case = {self.w}{place.variable}.look_for({_list('cases', seconds)})")
        for number, case in enumerate(step.cases):
            lines.append(f"{'el' if number else ''}if case == {number}:")
            lines += _indented(self.block(case.steps, f"{path}.cases[{number}].steps", depth))
        if step.otherwise is None:
            self.used.add("tells")
            limit = "TIMEOUT" if step.seconds is None else f"{step.seconds:g}"
            sentence = quoted("No message that fits one of the cases came")
            lines += ["else:", f"    raise Failed({place.variable}.nothing({sentence}, {limit}))"]
        elif step.otherwise:
            lines += ["else:", *_indented(self.block(step.otherwise, f"{path}.otherwise", depth))]
        return lines

    def _check(self, step: CheckStep, path: str) -> list[str]:
        place = self._place(step.socket)
        name = place.variable
        about = step.what in ("message", "group") and step.match is not None
        pattern = self._pattern(step.match, place, False, f"{path}.match.pattern") if about else ANYTHING
        lines, arguments = pattern.arguments()
        seconds = _seconds(step.seconds, True)
        self.used.add(f"check_{step.what}")
        match step.what:
            case "message":
                self.used.add("check")
                expected = _expected(step, f"the last message {pattern.said}")
                return [*lines, *_call(f"{name}.check_last", expected, arguments)]
            case "group":
                self.used.add("check")
                wanted = f"what is remembered as {step.group} {pattern.said}"
                expected = _expected(step, f"something is remembered as {step.group}" if step.match is None else wanted)
                if step.match is None:
                    self.patterns.append(ANYTHING)
                    arguments = ""
                return [*lines, *_call("check_remembered", expected, quoted(step.group), arguments)]
            case "count":
                most = "" if step.most is None else f" to {step.most}" if step.most != step.least else ""
                things = "message" if (step.least, most) == (1, "") else "messages"
                expected = _expected(step, f"{step.least}{most} {things} on {place.spec.name}")
                limit = "" if step.most is None else str(step.most)
                if seconds and not limit:
                    limit = "None"
                return _call(f"{self.w}{name}.check_count", expected, str(step.least), limit, seconds)
            case "open":
                return _call(f"{self.w}{name}.check_open", _expected(step, f"{place.spec.name} is connected"))
        expected = _expected(step, f"the other side closes the connection of {place.spec.name}")
        if place.spec.transport == "udp":
            said = f"Expected: {ast.literal_eval(expected)}. UDP has no connections, so there is nothing to close."
            return _call("raise Failed", quoted(said))
        return _call(f"{self.w}{name}.check_closed", expected, seconds)

    def _repeat(self, step: RepeatStep, path: str, depth: int) -> list[str]:
        count = f"count_{depth + 1}" if depth else "count"
        lines = _indented(self.block(step.steps, f"{path}.steps", depth + 1))
        if step.counter and step.steps:
            self.used.add("known")
            lines.insert(0, f'    known[{quoted(step.counter)}] = b"%d" % ({count} + 1)')
        wanted = any(count in line for line in lines)
        return [f"for {count if wanted else '_'} in range({step.times}):", *lines]


def _first(piece: Part | str) -> Part | str:
    """A counter where nothing counts."""
    if not isinstance(piece, CounterField):
        return piece
    return Fixed(piece.value(Filling(0, 0, 0), random.Random(0)))


def _expected(step: CheckStep, made_up: str) -> str:
    return quoted((step.expect or made_up).rstrip(". "))


def _seconds(value: float | None, named: bool = False) -> str:
    return "" if value is None else f"seconds={value:g}" if named else f"{value:g}"


def _list(*arguments: str) -> str:
    return ", ".join(argument for argument in arguments if argument)


def _call(what: str, *arguments: str) -> list[str]:
    """A call on one line, or with each argument on lines of its own."""
    given = [argument for argument in arguments if argument]
    line = f"{what}({', '.join(given)})"
    if len(line) <= 88:
        return [line]
    lines = [f"{what}("]
    for argument in given:
        *first, last = _cut_text(argument)
        lines += [f"    {piece}" for piece in first]
        lines.append(f"    {last},")
    return [*lines, ")"]


def _cut_text(argument: str) -> list[str]:
    """A long text as several literals, one below the other."""
    if len(argument) <= 88 or argument[0] not in "\"'":
        return [argument]
    return [quoted(piece) for piece in re.findall(r"(?s).{1,60}(?:\s|\Z)|.{1,60}", ast.literal_eval(argument))]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
