"""All kinds of program. Another kind is one file with a `KIND`, and one line here.

A start of the window needs their names alone, so the files are imported when a kind is looked at.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from explorer.core import kinds as choices
from explorer.core.fields import Field, Value
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


def prepare(choice: Choice, path: str = "$.program") -> Setup:
    """What makes the programs of one socket's connections. Raises InputError with the JSON path."""
    return choices.make(KINDS, choice, "program", path)
