"""Program `chargen`: sends lines of characters in a turning pattern (RFC 864).

Over TCP it begins when somebody connects, and what the peer sends is thrown away. Over UDP each datagram brings one
back, of 0 to 512 characters; the settings mean nothing there. Lines are made when they can be sent: a peer that does
not read costs no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from explorer.core.fields import Field, Value, whole
from explorer.core.socket_spec import Choice
from explorer.programs.api import Action, Close, Line, ProgramKind, Send, Setup, World

PATTERN = bytes(range(0x20, 0x7F))  # the 95 characters of ASCII that are seen, from the space on
WIDTH = 72
MOST_IN_DATAGRAM = 512  # RFC 864

FIELDS = (
    Field(
        "lines",
        "int",
        1000,
        "Lines",
        "How many lines of 72 characters each connection gets (TCP). Over UDP each datagram is answered by one.",
        minimum=1,
        maximum=10_000_000,
        unit="lines",
    ),
    Field(
        "then",
        "choice",
        "close",
        "After the last",
        "close: the connection is closed. stay: it stays open, and nothing more is sent.",
        choices=("close", "stay"),
        labels=("Close", "Stay open"),
    ),
)


def line(number: int) -> bytes:
    """The `number`-th line, from 0, with its CR LF: each begins one character later in the pattern."""
    begin = number % len(PATTERN)
    return (PATTERN[begin:] + PATTERN)[:WIDTH] + b"\r\n"


class Chargen:
    """lines: of each TCP connection."""

    def __init__(self, lines: int, closes: bool, world: World) -> None:
        self._lines = lines
        self._closes = closes
        self._world = world
        self._datagrams = world.transport == "udp"

    def opened(self, peer: str) -> Iterable[Action]:
        return () if self._datagrams else _lines(self._lines, self._closes)

    def message(self, payload: bytes) -> Sequence[Action]:
        if not self._datagrams:
            return ()
        size = self._world.random.randint(0, MOST_IN_DATAGRAM)
        return (Send(b"".join(line(number) for number in range(size // (WIDTH + 2) + 1))[:size]),)

    def closed(self) -> Sequence[Action]:
        return ()


def _lines(count: int, closes: bool) -> Iterator[Action]:
    """Each is made when it is taken."""
    for number in range(count):
        yield Send(line(number))
    if closes:
        yield Close()


def make(values: Mapping[str, Value]) -> Setup:
    lines, closes = whole(values["lines"]), values["then"] == "close"
    return lambda world: Chargen(lines, closes, world)


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    lines = whole(values["lines"])
    shown = tuple(Line("us", line(number).decode().rstrip("\r\n")) for number in range(min(3, lines)))
    more = (Line("note", f"… {lines:,} lines in all"),) if lines > len(shown) else ()
    end = "The connection is closed." if values["then"] == "close" else "The connection stays open."
    return Line("note", "Somebody connects."), *shown, *more, Line("note", end)


KIND = ProgramKind("chargen", FIELDS, make, answers=True, wants_messages=True, picture=picture, framing=Choice("raw"))
