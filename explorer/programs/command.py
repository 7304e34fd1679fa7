"""Program `command`: answers short commands from a table.

A command is a whole message, without the blanks around it. What is in no row brings the list of commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from explorer.core.errors import InputError
from explorer.core.fields import Field, Rows, Value, rows_of
from explorer.core.socket_spec import Choice
from explorer.programs.api import Action, Close, Line, ProgramKind, Setup, World
from explorer.programs.speech import Said, lines_of

SHOWN = 60  # bytes of an unknown command that are repeated

DOES: dict[str, tuple[str, str]] = {
    "random": ("Random number", "a random number from 1 to 10"),
    "time": ("Time", "the system's time"),
    "version": ("Version of Python", "the language's version"),
    "count": ("Count", "how many commands came on this connection"),
    "peer": ("Peer's address", "your address"),
    "text": ("Text", "a text"),
    "list": ("List", "this list"),
    "close": ("Close", "closes the connection"),
}

DEFAULT: Rows = (
    {"key": "R", "does": "random", "text": ""},
    {"key": "T", "does": "time", "text": ""},
    {"key": "L", "does": "version", "text": ""},
    {"key": "E", "does": "close", "text": ""},
)

FIELDS = (
    Field(
        "commands",
        "rows",
        DEFAULT,
        "Commands",
        "One row a command. At least one is needed.",
        maximum=200,
        columns=(
            Field("key", "text", "", "Command", "What the peer sends, e.g. R.", maximum=100),
            Field(
                "does",
                "choice",
                "text",
                "What it does",
                "random: a number from 1 to 10. time: the system's time. version: of the language this is written in. "
                "count: how many commands came so far. peer: the address of who asks. text: sends the text. list: all "
                "commands. close: closes the connection.",
                choices=tuple(DOES),
                labels=tuple(label for label, _ in DOES.values()),
            ),
            Field(
                "text",
                "text",
                "",
                "Text",
                "For text: what is sent. For close: sent before, if it is not empty. The others have no use for it.",
                maximum=2000,
            ),
        ),
    ),
    Field("any_case", "bool", True, "Capitals do not matter", "r is taken as R, and T as t."),
)


@dataclass(frozen=True, slots=True)
class Command:
    key: str
    does: str
    text: str

    @property
    def explained(self) -> str:
        """A line of the list."""
        what = self.text if self.does == "text" else DOES[self.does][1]
        return f"{self.key}: {what}"


class Commands:
    """table: by what `fold` makes of their keys."""

    def __init__(self, table: Mapping[bytes, Command], fold: Callable[[bytes], bytes], world: World) -> None:
        self._table = table
        self._fold = fold
        self._world = world
        self._peer = ""
        self._count = 0

    def opened(self, peer: str) -> Sequence[Action]:
        self._peer = peer
        return ()

    def message(self, payload: bytes) -> Iterator[Action]:
        for said in lines_of(payload):
            self._count += 1
            found = self._table.get(self._fold(said.text))
            if found is None:
                yield from self._unknown(said)
                continue
            yield from self._answer(said, found)
            if found.does == "close":
                yield Close()
                return

    def closed(self) -> Sequence[Action]:
        return ()

    def _answer(self, said: Said, command: Command) -> Iterator[Action]:
        if command.does == "list":
            yield from self._list(said)
            return
        text = {
            "random": lambda: str(self._world.random.randint(1, 10)),
            "time": lambda: self._world.now().isoformat(sep=" ", timespec="seconds"),
            "version": lambda: f"Python {self._world.version}",
            "count": lambda: str(self._count),
            "peer": lambda: self._peer,
        }.get(command.does, lambda: command.text)()
        if text or command.does == "text":
            yield said.answer(text.encode())

    def _unknown(self, said: Said) -> Iterator[Action]:
        shown = said.text[:SHOWN] + (b"..." if len(said.text) > SHOWN else b"")
        yield said.answer(b'"' + shown + b'" is no command here. These are:' if shown else b"The commands are:")
        yield from self._list(said)

    def _list(self, said: Said) -> Iterator[Action]:
        for command in self._table.values():
            yield said.answer(command.explained.encode())


def make(values: Mapping[str, Value]) -> Setup:
    """Raises InputError with the path of the cell."""
    fold: Callable[[bytes], bytes] = _folded if values["any_case"] else _as_it_is
    table: dict[bytes, Command] = {}
    for place, row in enumerate(rows_of(values["commands"])):
        command = Command(str(row["key"]).strip(), str(row["does"]), str(row["text"]))
        path = f"commands[{place}].key"
        if not command.key:
            raise InputError(path, f"The command in row {place + 1} is empty. Enter one, or remove the row.")
        key = fold(command.key.encode())
        if key in table:
            why = " (capitals do not matter)" if table[key].key != command.key else ""
            raise InputError(path, f'"{command.key}" is in the table twice{why}; only one row could answer it.')
        table[key] = command
    if not table:
        raise InputError("commands", "There are no commands, so nothing could be asked. Add a row.")
    return lambda world: Commands(table, fold, world)


def _folded(key: bytes) -> bytes:
    """Without capitals, in any script; what is no UTF-8 is taken as it is."""
    try:
        return key.decode().casefold().encode()
    except UnicodeDecodeError:
        return key


def _as_it_is(key: bytes) -> bytes:
    return key


EXAMPLES = {
    "random": "7",
    "time": "2026-11-21 09:30:05+01:00",
    "version": "Python 3.11.2",
    "count": "1",
    "peer": "127.0.0.1:51514",
    "list": "…",
}


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    lines: list[Line] = []
    rows = [row for row in rows_of(values["commands"]) if row["key"]]
    ordered = sorted(rows, key=lambda row: row["does"] == "close")
    for row in ordered[:4] if any(row["does"] == "close" for row in ordered[:4]) else ordered[:3] + ordered[3:][-1:]:
        text = EXAMPLES.get(str(row["does"]), str(row["text"]))
        lines.append(Line("peer", str(row["key"])))
        lines += [Line("us", text)] if text else []
        lines += [Line("note", "The connection is closed.")] if row["does"] == "close" else []
    return tuple(lines)


KIND = ProgramKind(
    "command",
    FIELDS,
    make,
    answers=True,
    wants_messages=True,
    picture=picture,
    framing=Choice("line", {"ending": "any"}),
)
