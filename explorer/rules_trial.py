"""Rules tried without a network, for the window, which knows programs as settings only."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from explorer.core.fields import Value
from explorer.core.socket_spec import Choice


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done. payload: what is sent, else None. words: everything else, as a sentence."""

    payload: bytes | None
    words: str


@dataclass(frozen=True, slots=True)
class Trial:
    """row: of the rule that decides, from 0; None: none fits. groups: what its groups fit, by name or number.
    why_not: for each other row, a sentence."""

    row: int | None
    groups: tuple[tuple[str, bytes], ...]
    steps: tuple[Step, ...]
    why_not: tuple[tuple[int, str], ...]


def doubts(values: Mapping[str, Value], framing: Choice | None) -> dict[int, str]:
    """Rules that can never decide, by row, and why. values: checked. framing: of the socket, where it is known."""
    from explorer.programs.rule_checks import check_rules

    return dict(check_rules(values, framing))


def trial(values: Mapping[str, Value], message: bytes) -> Trial:
    """What these rules do with a message now; nothing is sent. values: checked. The counter stands at its start."""
    from random import Random

    from explorer.programs.api import World
    from explorer.programs.rule_trial import try_message

    found = try_message(
        values, message, World(lambda: datetime.now().astimezone(), Random(), platform.python_version())
    )
    steps = tuple(_step(action) for action in found.actions)
    return Trial(found.row, tuple(found.groups.items()), steps, found.why_not)


def _step(action: object) -> Step:
    from explorer.programs.api import Close, Reset, Send, Wait
    from explorer.programs.rule_answers import Unmade

    match action:
        case Unmade():
            return Step(None, action.problem)
        case Send(payload):
            return Step(payload, "")
        case Wait(seconds):
            return Step(None, f"{seconds:g} s pass.")
        case Close():
            return Step(None, "The connection is closed.")
        case Reset():
            return Step(None, "The connection is reset: the peer reads an error.")
        case _:
            raise TypeError(f"{action!r} is done by no rule")
