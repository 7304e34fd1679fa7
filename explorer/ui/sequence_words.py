"""Steps of sequences in words, for lists, and the kinds of steps that can be added."""

from __future__ import annotations

from collections.abc import Callable

from explorer.core.sequence import (
    BranchStep,
    Case,
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
)

HOWS = {
    "exact": "is exactly",
    "starts": "starts with",
    "contains": "contains",
    "ends": "ends with",
    "regex": "fits the regex",
}
WHATS = {
    "message": "Last message matches",
    "group": "Something remembered matches",
    "count": "Number of messages",
    "open": "Somebody is connected",
    "closed": "Peer has closed",
}
SHOWN = 60  # characters of a text

KINDS: tuple[tuple[str, str, Callable[[], Step]], ...] = (
    ("Connec&t", "Start a client, or wait until somebody connects to a server", ConnectStep),
    ("&Send", "Send a message or a snippet", SendStep),
    ("&Wait for a message", "Wait until a message comes that matches", WaitStep),
    ("&Check", "Something must hold, else the sequence fails", lambda: CheckStep("message", Match("contains", "OK"))),
    ("&Pause", "Let time pass", PauseStep),
    ("&Repeat", "Carry out steps several times", RepeatStep),
    ("&Branch", "Go on by which of several messages comes", lambda: BranchStep((Case(Match("starts", "OK")),))),
    ("St&art a socket", "Start it and wait until it is up", StartStep),
    ("St&op a socket", "Stop it, with all of its connections", StopStep),
    ("&End", "End here: passed", EndStep),
    ("&Fail", "End here: failed", FailStep),
)  # fmt: skip
"""What can be added: label, hint, and how it is made."""


def title(step: Step) -> str:
    """What kind of step it is."""
    match step:
        case StartStep():
            return "Start"
        case StopStep():
            return "Stop"
        case ConnectStep():
            return "Connect"
        case SendStep():
            return "Send"
        case WaitStep():
            return "Wait"
        case PauseStep():
            return "Pause"
        case CheckStep():
            return "Check"
        case RepeatStep():
            return "Repeat"
        case BranchStep():
            return "Branch"
        case EndStep():
            return "End"
        case FailStep():
            return "Fail"


def describe(step: Step) -> str:
    """A step in one line, e.g. ``Wait for a message that starts with "OK" on client``."""
    socket = getattr(step, "socket", "")
    where = f" on {socket}" if socket else ""
    match step:
        case StartStep(socket) | ConnectStep(socket) | StopStep(socket):
            return f"{title(step)} {socket}".rstrip()
        case SendStep():
            what = f"snippet {step.snippet}" if step.snippet else quoted(step.text, step.written == "hex")
            return f"Send {what}{where}" + ("" if step.framed else ", without framing")
        case WaitStep():
            return f"Wait for {'any message' if step.match is None else f'a message that {like(step.match)}'}{where}"
        case PauseStep():
            return f"Pause for {step.seconds:g} s"
        case CheckStep():
            return f"Check: {_check(step)}{where}"
        case RepeatStep():
            counter = f", counted as {step.counter}" if step.counter else ""
            return f"Repeat {step.times:,} times{counter}"
        case BranchStep():
            return f"Branch by the next message{where}"
        case EndStep() | FailStep():
            return f"{title(step)}: {short(step.text)}" if step.text else title(step)


def like(match: Match) -> str:
    """E.g. ``starts with "OK"``."""
    return f"{HOWS[match.how]} {quoted(match.pattern, match.written == 'hex')}"


def _check(step: CheckStep) -> str:
    match step.what:
        case "message":
            return "the last message " + ("is there" if step.match is None else like(step.match))
        case "group":
            return f"{step.group or '?'} " + ("is remembered" if step.match is None else like(step.match))
        case "count":
            if step.most is None:
                return f"at least {step.least:,} messages came"
            if step.most == step.least:
                return f"exactly {step.least:,} {'message' if step.least == 1 else 'messages'} came"
            return f"{step.least:,} to {step.most:,} messages came"
        case "open":
            return "somebody is connected"
        case "closed":
            return "the peer has closed"


def quoted(text: str, bare: bool = False) -> str:
    return short(text) if bare else f"“{short(text)}”"


def short(text: str) -> str:
    """One line of it."""
    line = text.replace("\n", "⏎")
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"
