"""All kinds of program. Another kind is one file with a `KIND`, and one line here."""

from __future__ import annotations

from explorer.core import kinds as choices
from explorer.core.socket_spec import Choice
from explorer.programs import discard, echo, none
from explorer.programs.api import Program, ProgramKind

KINDS: tuple[ProgramKind, ...] = (
    none.KIND,
    echo.KIND,
    discard.KIND,
)


def kinds() -> tuple[ProgramKind, ...]:
    """Descriptions of all kinds, in the order in which a form offers them."""
    return KINDS


def find_kind(name: object, path: str = "$.program") -> ProgramKind:
    """The description of the kind called `name`. Raises InputError at `path`.kind."""
    return choices.find(KINDS, name, "program", path)


def check_choice(given: object, path: str = "$.program") -> Choice:
    """A program from JSON, ``{"kind": …, settings}``, checked whole. Raises InputError with the JSON path."""
    return choices.check_choice(KINDS, given, "program", path)


def make_program(choice: Choice, path: str = "$.program") -> Program:
    """A new program, for one connection. Raises InputError with the JSON path."""
    return choices.make(KINDS, choice, "program", path)
