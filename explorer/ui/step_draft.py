"""Steps of sequences as a form shows them: which fields a step has, as text, and the step that is typed there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from explorer.core.errors import InputError
from explorer.core.sequence import (
    BranchStep,
    CheckStep,
    ConnectStep,
    EndStep,
    FailStep,
    How,
    Match,
    PauseStep,
    RepeatStep,
    SendStep,
    StartStep,
    Step,
    StopStep,
    WaitStep,
    What,
    Written,
)

ANY = "any"
_MATCH = ("how", "pattern", "written")
_PATTERN_HELP = (
    "Text may have escapes such as \\n and \\x1b; in hex, ? stands for any digit. A regex remembers its groups, "
    "(?P<name>…), for later steps: {{name}}."
)
_RAW = " Without framing, “is exactly” and “starts with” mean the very next bytes."


def fields_of(step: Step) -> tuple[str, ...]:
    """The names of the fields that mean something for this step, in the order in which they are shown."""
    match step:
        case StartStep() | ConnectStep():
            return ("socket", "seconds")
        case StopStep():
            return ("socket",)
        case SendStep():
            return ("socket", "snippet", *(() if step.snippet else ("text", "written")), "framed")
        case WaitStep():
            return ("socket", *_match_fields(step.match), "seconds")
        case PauseStep():
            return ("seconds",)
        case CheckStep():
            more = {"message": _match_fields(step.match), "group": ("group", *_match_fields(step.match)),
                    "count": ("least", "most", "seconds"), "closed": ("seconds",), "open": ()}  # fmt: skip
            return ("what", "socket", *more[step.what], "expect")
        case RepeatStep():
            return ("times", "counter")
        case BranchStep():
            return ("socket", "seconds")
        case EndStep() | FailStep():
            return ("text",)


def _match_fields(match: Match | None) -> tuple[str, ...]:
    if match is None:
        return ("how",)
    return _MATCH[:2] if match.how == "regex" else _MATCH


def about(step: Step) -> str:
    """A sentence or two for whoever sees this step for the first time."""
    match step:
        case StartStep():
            return "Starts the socket, unless it runs, and waits until it listens or is connected."
        case ConnectStep():
            return "A client is started and must be connected in time; a server waits until somebody connects."
        case StopStep():
            return "Closes the socket and all of its connections."
        case SendStep():
            return (
                "Escapes such as \\n, and fields such as {{counter}} (the round of a repeat) or {{crc32}}, work as in "
                "the composer. {{name}} is what a step before remembered."
            )
        case WaitStep():
            return "Messages that do not match are passed over. " + _PATTERN_HELP + _RAW
        case PauseStep():
            return "A step that waits for a message is quicker and surer than a pause."
        case CheckStep():
            return (
                "The last message is the one that a step before waited for. What is expected is said when it does not "
                "hold."
            )
        case RepeatStep():
            return "Add the steps to repeat while this one is chosen. {{name}} is the round, from 1."
        case BranchStep():
            return "The first case that fits a message counts. Add cases, or what is done otherwise, from Add."
        case EndStep():
            return "The sequence has passed when it comes here. The text is said with it."
        case FailStep():
            return "The sequence has failed when it comes here. Say why."


def to_values(step: Step) -> dict[str, str]:
    """What the fields of a step show."""
    found: dict[str, str] = {}
    for name in ("socket", "snippet", "text", "written", "what", "group", "counter", "expect"):
        if hasattr(step, name):
            found[name] = getattr(step, name)
    for name in ("seconds", "least", "most", "times"):
        if hasattr(step, name):
            value = getattr(step, name)
            found[name] = "" if value is None else f"{value:g}" if name == "seconds" else str(value)
    if isinstance(step, SendStep):
        found["framed"] = "yes" if step.framed else ""
    if isinstance(step, WaitStep | CheckStep):
        found.update(match_values(step.match))
    return found


def match_values(match: Match | None) -> dict[str, str]:
    if match is None:
        return {"how": ANY, "pattern": "", "written": "text"}
    return {"how": match.how, "pattern": match.pattern, "written": match.written}


def to_match(values: Mapping[str, str]) -> Match | None:
    """None: any message."""
    how = values["how"]
    if how in (ANY, ""):
        return None
    written = "text" if how == "regex" else values["written"] or "text"
    return Match(cast("How", how), values["pattern"], cast("Written", written))


def to_step(step: Step, values: Mapping[str, str]) -> tuple[Step, dict[str, str]]:
    """`step` with what was typed, and what of it is no value at all, by field."""
    problems: dict[str, str] = {}
    numbers: dict[str, float | int | None] = {}
    for name in ("seconds", "least", "most", "times"):
        if hasattr(step, name) and name in fields_of(step):
            try:
                numbers[name] = _number(name, values[name].strip(), isinstance(step, PauseStep))
            except InputError as error:
                problems[name] = error.message
                numbers[name] = getattr(step, name)
    match step:
        case StartStep() | ConnectStep() | BranchStep():
            return replace(step, socket=values["socket"], seconds=numbers["seconds"]), problems
        case StopStep():
            return StopStep(values["socket"]), problems
        case SendStep():
            snippet = values["snippet"]
            return SendStep(
                "" if snippet else values["text"], cast("Written", values["written"] or "text"), snippet,
                values["socket"], bool(values["framed"]),
            ), problems  # fmt: skip
        case WaitStep():
            return WaitStep(to_match(values), values["socket"], numbers["seconds"]), problems
        case PauseStep():
            return PauseStep(numbers["seconds"] or step.seconds), problems
        case CheckStep():
            return _to_check(step, values, numbers), problems
        case RepeatStep():
            return replace(step, times=int(numbers["times"] or 0), counter=values["counter"].strip()), problems
        case EndStep():
            return EndStep(values["text"]), problems
        case FailStep():
            return FailStep(values["text"]), problems


def _to_check(step: CheckStep, values: Mapping[str, str], numbers: Mapping[str, float | int | None]) -> CheckStep:
    what = cast("What", values["what"] or step.what)
    most = numbers.get("most")
    match = to_match(values) if what in ("message", "group") else None
    if what == "message" and match is None and step.what != "message":
        match = Match("contains", "OK")
    return CheckStep(
        what,
        match,
        values["group"].strip() if what == "group" else "",
        int(numbers.get("least") or 0) if what == "count" else 0,
        int(most) if what == "count" and most is not None else None,
        values["expect"],
        values["socket"],
        numbers.get("seconds") if what in ("count", "closed") else None,
    )


def _number(name: str, text: str, needed: bool) -> float | int | None:
    """Raises InputError for what is none."""
    whole = name != "seconds"
    if not text and name in ("seconds", "most") and not needed:
        return None
    try:
        if whole and not (text.isascii() and text.isdigit() and len(text) < 12):
            raise ValueError
        value = int(text) if whole else float(text.replace(",", "."))
    except ValueError:
        kind = "a whole number" if whole else "a number of seconds, e.g. 2 or 0.5"
        raise InputError(name, f"{text!r} is not {kind}." if text else f"Write {kind}.") from None
    return value
