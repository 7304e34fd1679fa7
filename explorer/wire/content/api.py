"""The seam between the Content pane and its views: what a view is told, and the lines that it gives.

A view is one file and one line in `explorer.wire.content.registry`. It takes any bytes, never raises, and gives
a bounded number of lines, so that no message can hold up the window.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

Tone = Literal["key", "string", "number", "word", "muted", "error"]
"""What a stretch of text is; what has no tone is plain. An error is told by its words or by ⚠ too."""

MOST_LINES = 100_000
MOST_CHARACTERS = 8 << 20
WARNING = "⚠"


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of the bytes beside themselves. encoding: of the socket's text, as Python knows it.

    whole: nothing was cut off behind them. per_row: bytes in hex that there is room for in a row, at most 16.
    """

    encoding: str = "utf-8"
    whole: bool = True
    per_row: int = 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """`size` characters of a line, from `start` on."""

    start: int
    size: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text without its end. toned: stretches that ascend and do not overlap."""

    text: str
    toned: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a view shows. facts: sentences about the whole; problems: what is wrong with it, as sentences.

    by_row: other hints of how many bytes fit in a row would show it otherwise.
    """

    lines: tuple[Line, ...]
    facts: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    by_row: bool = False

    @property
    def text(self) -> str:
        """All lines, as they are copied."""
        return "\n".join(line.text for line in self.lines)


class ContentView(Protocol):
    """name: for the choice to be remembered by; title: what the user reads; priority: of those that accept some
    bytes, the one with the highest is shown."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def priority(self) -> int: ...

    def accepts(self, data: bytes, hints: Hints) -> bool:
        """Whether these bytes look like what the view is for."""

    def render(self, data: bytes, hints: Hints) -> Rendered:
        """Show them, whatever they are."""


class TooMuch(Exception):
    """There are as many lines as are shown; those so far are kept."""


@dataclass(slots=True)
class LineMaker:
    """Puts lines together piece by piece. Raises TooMuch when there are too many."""

    lines: list[Line] = field(default_factory=list)
    full: bool = False
    _pieces: list[str] = field(default_factory=list)
    _toned: list[Stretch] = field(default_factory=list)
    _width: int = 0
    _left: int = MOST_CHARACTERS

    def put(self, text: str, tone: Tone | None = None) -> None:
        """More of the present line."""
        if not text:
            return
        if tone is not None:
            self._toned.append(Stretch(self._width, len(text), tone))
        self._pieces.append(text)
        self._width += len(text)

    def end(self) -> None:
        """The present line is complete."""
        self._left -= self._width + 1
        self.lines.append(Line("".join(self._pieces), tuple(self._toned)))
        self._pieces, self._toned, self._width = [], [], 0
        self._check()

    def line(self, text: str, tone: Tone | None = None) -> None:
        """A line of one piece."""
        self.put(text, tone)
        self.end()

    def add(self, lines: tuple[Line, ...]) -> None:
        """Complete lines that were made elsewhere."""
        for line in lines:
            self.lines.append(line)
            self._left -= len(line.text) + 1
            self._check()

    def end_begun(self) -> None:
        """The present line is complete, if there is anything in it."""
        if self._pieces:
            self.end()

    def _check(self) -> None:
        if len(self.lines) >= MOST_LINES or self._left <= 0:
            self.full = True
            raise TooMuch

    def finish(self) -> tuple[Line, ...]:
        """All lines, with the one that was begun."""
        if self._pieces and not self.full:
            self.lines.append(Line("".join(self._pieces), tuple(self._toned)))
            self._pieces = []
        return tuple(self.lines)

    @property
    def facts(self) -> tuple[str, ...]:
        """A sentence if not everything is shown."""
        if not self.full:
            return ()
        return (f"Only the first {len(self.lines):,} lines are shown. Bytes shows all of it, and can save it.",)
