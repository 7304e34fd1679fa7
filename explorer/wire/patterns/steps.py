"""How many steps a regular expression takes at least when its repetitions are written out.

It is counted before RE2 sees the expression, which would take minutes over some that are a line long.
"""

from __future__ import annotations

import re

_COUNTED = re.compile(r"\{([0-9]{1,9})(,?)([0-9]{0,9})\}", re.ASCII)
_SIGNS = frozenset("?:*+|^$")


class Steps:
    """Told of an expression from left to right."""

    def __init__(self) -> None:
        self._totals = [0]  # of the whole, and of each group that is open
        self._last = 0  # of what a repetition would repeat
        self._known = 0  # what was typed up to here was counted with what stands before it

    def step(self, typed: str, at: int) -> None:
        """What stands at this place comes next: a character, a set, an escape, or a sign."""
        character = typed[at]
        if at < self._known or character in _SIGNS:
            return
        if character == "{" and (counted := _COUNTED.match(typed, at)) is not None:
            self._last *= max(1, int(counted[1]), int(counted[3] or 0))
            self._known = counted.end()
        elif character == ")" and len(self._totals) > 1:
            self._last += self._totals.pop()
        else:
            self._totals[-1] += self._last
            self._last = 1
            if character == "(":
                self._last = 0
                self._totals.append(0)

    @property
    def total(self) -> int:
        """Of the whole, so far."""
        return sum(self._totals) + self._last
