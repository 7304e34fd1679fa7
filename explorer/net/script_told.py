"""What a script's process tells, looked at before it is believed: the user's own code runs there, and can write to the
connection between that process and this program as well.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from explorer.net.script_child import LINES, LONGEST_LINE, LONGEST_WAIT, MOST_LINES, left_out_words

FACTOR = 2  # the process limits its lines itself: here, so many times as many are let through
Stream = Literal["stdout", "stderr"]


class Nonsense(Exception):
    """What was told cannot be meant. The text says what it is, for the middle of a sentence."""


def check_printed(head: Mapping[str, Any]) -> tuple[int, Stream, int, str]:
    """(connection, stream, line, text) of a printed line. Raises Nonsense."""
    text, stream = head["printed"], head.get("stream")
    if not isinstance(text, str) or stream not in ("stdout", "stderr"):
        raise Nonsense("a printed line that is none")
    return _number(head, "connection"), stream, _number(head, "line"), text[: LONGEST_LINE + 1]


def check_where(head: Mapping[str, Any]) -> int:
    """The line in which the script is. Raises Nonsense."""
    return _number(head, "where")


def check_done(head: Mapping[str, Any]) -> tuple[list[list[Any]], Mapping[str, Any] | None]:
    """What a call that is over wants done, and how it failed, if it did. Raises Nonsense."""
    steps, failed = head.get("do"), head.get("failed")
    if not isinstance(steps, list):
        raise Nonsense("an answer that is no list")
    for step in steps:
        _check_step(step)
    if failed is not None:
        _check_failed(failed)
    return steps, failed


def _check_step(step: object) -> None:
    match step:
        case ["send" | "tell", str() as data]:
            try:
                bytes.fromhex(data)
            except ValueError:
                raise Nonsense("bytes that are none") from None
        case ["wait", int() | float() as seconds]:
            if not (math.isfinite(seconds) and 0 <= seconds <= LONGEST_WAIT):
                raise Nonsense(f"a wait of {seconds} s")
        case ["close" | "reset", _]:
            pass
        case _:
            raise Nonsense("something to do that it cannot ask for")


def _check_failed(failed: object) -> None:
    match failed:
        case {"line": int() as line, "what": str(), "memory": bool(), "trace": [*trace]} if line >= 0:
            if all(isinstance(text, str) for text in trace):
                return
    raise Nonsense("an exception that is none")


def _number(head: Mapping[str, Any], name: str) -> int:
    found = head.get(name)
    if not isinstance(found, int) or not 0 <= found < 1 << 31:
        raise Nonsense(f"no number where {name} should stand")
    return found


class LineLimit:
    """Lets so many lines a second through and counts the others."""

    __slots__ = ("_clock", "_filled", "_left_out", "_room")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._room = float(FACTOR * MOST_LINES)
        self._filled = clock()
        self._left_out = 0

    def let_through(self) -> bool:
        """Whether one more may be told now."""
        now = self._clock()
        self._room = min(FACTOR * MOST_LINES, self._room + (now - self._filled) * FACTOR * LINES)
        self._filled = now
        if self._room < 1:
            self._left_out += 1
            return False
        self._room -= 1
        return True

    def left_out(self) -> str:
        """A line about those that were not let through since this was asked last; "" for none."""
        count, self._left_out = self._left_out, 0
        return left_out_words(count) if count else ""
