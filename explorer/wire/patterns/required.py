"""What every match of a regular expression must hold, as far as that is plain to see.

Where these bytes are not, there is no match: bytes are looked through for them several times faster than for
an expression that may begin with anything.
"""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-/:=,;<>@#%&!~'\"")
_COUNTED: Final = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}", re.ASCII)  # any other { stands for itself
_SHORTEST: Final = 2  # a single byte is nearly everywhere


class Required:
    """Told of an expression step by step, from left to right; it collects characters that stand outside of all
    groups and are not left out by a repetition. When in doubt, it forgets."""

    def __init__(self) -> None:
        self._runs: list[str] = []
        self._run = ""
        self._counted = 0  # characters of {m,n} that are still to come
        self._lost = False

    def lose(self) -> None:
        """The expression has alternatives, or flags that change what its characters mean: nothing is certain."""
        self._lost = True

    def end_run(self) -> None:
        """Something else stands here."""
        self._runs.append(self._run)
        self._run = ""

    def character(self, typed: str, at: int) -> None:
        """One that stands outside of all groups and sets, and is not escaped; at a place of what was typed."""
        character = typed[at]
        counted = _COUNTED.match(typed, at)
        if self._counted:
            self._counted -= 1
        elif character == "|":
            self.lose()
        elif character in "?*" or counted is not None:
            self._run = self._run[:-1]
            self.end_run()
            self._counted = 0 if counted is None else counted.end() - at - 1
        elif character in _PLAIN:
            self._run += character
        else:
            self.end_run()

    @property
    def text(self) -> str:
        """The longest run of ASCII characters that every match holds; "" for none."""
        best = max([*self._runs, self._run], key=len)
        return best if len(best) >= _SHORTEST and not self._lost else ""
