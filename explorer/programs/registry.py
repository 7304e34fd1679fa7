"""All kinds of program. Another kind is one file with a `KIND`, and one line here.

A start of the window needs their names alone, so the files are imported when a kind is looked at.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from explorer.core import kinds as choices
from explorer.core.fields import UNKEPT, Field, Value
from explorer.core.socket_spec import Choice
from explorer.programs.api import ProgramKind, Setup


@dataclass(frozen=True, slots=True)
class Listed:
    """A kind as a list offers it. name: of its file, too. summary: a sentence that explains it."""

    name: str
    label: str
    summary: str

    @property
    def kind(self) -> ProgramKind:
        kind = importlib.import_module(f"explorer.programs.{self.name}").KIND
        assert isinstance(kind, ProgramKind)
        return kind

    @property
    def fields(self) -> tuple[Field, ...]:
        return self.kind.fields

    @property
    def make(self) -> Callable[[Mapping[str, Value]], Setup]:
        return self.kind.make


KINDS: tuple[Listed, ...] = (
    Listed("none", "None", "Nothing answers but you."),
    Listed("echo", "Echo", "Sends every message back as it came (RFC 862)."),
    Listed("discard", "Discard", "Reads everything and never answers (RFC 863)."),
    Listed("chargen", "Characters", "Sends lines of characters in a turning pattern, to see data flow (RFC 864)."),
    Listed("time", "Time", "Tells the time to whoever connects (RFC 868, RFC 867 or ISO 8601)."),
    Listed("greet", "Greeting", "Asks for a name and answers Hi and the name."),
    Listed("login", "Login", "Asks for a user's name and password, and greets who knows them."),
    Listed("command", "Commands", "Answers short commands from a table, such as T for the time."),
    Listed("chat", "Chat", "Passes lines between the people on its connections: all in one room, or two by turns."),
    Listed("log", "Log collector", "Takes in the log messages of other programs and devices, as a syslog server does."),
    Listed("http", "Web page", "Answers browsers with a page that shows their own request (HTTP/1.1)."),
    Listed("script", "Script (Python)", "Your own Python functions answer, in a process of their own."),
    Listed("rules", "Rules", "The first rule that fits a message answers it: a device or server without code."),
)


def kinds() -> tuple[Listed, ...]:
    """All kinds, in the order in which a form offers them."""
    return KINDS


def find_kind(name: object, path: str = "$.program") -> ProgramKind:
    """The description of the kind called `name`. Raises InputError at `path`.kind."""
    return choices.find(KINDS, name, "program", path).kind


def check_choice(given: object, path: str = "$.program") -> Choice:
    """A program from JSON, ``{"kind": …, settings}``, checked whole. Raises InputError with the JSON path."""
    return choices.check_choice(KINDS, given, "program", path)


def without_secrets(choice: Choice) -> dict[str, Value]:
    """The choice as JSON values in which nobody reads a secret: where one was given stands UNKEPT."""
    fields = {field.name: field for field in find_kind(choice.kind).fields}
    return {"kind": choice.kind, **{name: _unkept(fields[name], value) for name, value in choice.settings.items()}}


def _unkept(field: Field, value: Value) -> Value:
    if field.type == "secret":
        return UNKEPT if value else ""
    if isinstance(value, int | str):
        return value
    secret = {column.name for column in field.columns if column.type == "secret"}
    return tuple({name: UNKEPT if name in secret and cell else cell for name, cell in row.items()} for row in value)


def prepare(choice: Choice, path: str = "$.program") -> Setup:
    """What makes the programs of one socket's connections. Raises InputError with the JSON path."""
    return choices.make(KINDS, choice, "program", path)
