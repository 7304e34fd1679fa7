"""What the scripts of sockets printed, and the tracebacks of their failures: the newest lines of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from explorer.core.events import ScriptOutput

MOST_LINES = 1000  # of each socket; older ones go


class ScriptOutputs:
    """By socket."""

    def __init__(self) -> None:
        self._lines: dict[int, deque[ScriptOutput]] = {}
        self._counts: dict[int, int] = {}
        self._failed: dict[int, int] = {}

    def add(self, line: ScriptOutput) -> None:
        if line.stream == "traceback" and line.line:
            self._failed[line.socket] = line.line
        self._lines.setdefault(line.socket, deque(maxlen=MOST_LINES)).append(line)
        self._counts[line.socket] = self._counts.get(line.socket, 0) + 1

    def count(self, socket: int) -> int:
        """How many lines there were in all, kept or not."""
        return self._counts.get(socket, 0)

    def since(self, socket: int, seen: int) -> Sequence[ScriptOutput]:
        """The lines that are kept of those behind the first `seen`."""
        lines = self._lines.get(socket, deque())
        new = min(len(lines), max(0, self.count(socket) - seen))
        return list(islice(lines, len(lines) - new, None))

    def clear(self, socket: int) -> None:
        """Forget the lines of a socket; they stay counted."""
        self._lines.pop(socket, None)
        self.forget_failure(socket)

    def failed_line(self, socket: int) -> int:
        """The line of the script in which it failed the last time; 0 when it did not."""
        return self._failed.get(socket, 0)

    def forget_failure(self, socket: int) -> None:
        """The script is another now."""
        self._failed.pop(socket, None)


def words(line: ScriptOutput) -> str:
    """As a list shows it, e.g. ``line 7  connection 2  hello``."""
    where = f"line {line.line}  " if line.line else ""
    who = f"connection {line.connection}  " if line.connection else ""
    return f"{where}{who}{line.text}"
