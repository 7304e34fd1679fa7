"""All kinds of program. Another kind is one file with a `KIND`, and one line here."""

from __future__ import annotations

from types import MappingProxyType

from explorer.core.errors import InputError
from explorer.core.fields import check
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
    for kind in KINDS:
        if kind.name == name:
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise InputError(f"{path}.kind", f"There is no program called {name!r} (known: {known}).")


def check_choice(given: object, path: str = "$.program") -> Choice:
    """A program from JSON, ``{"kind": …, settings}``, checked whole. Raises InputError with the JSON path."""
    if not isinstance(given, dict):
        raise InputError(path, f'A program must be an object such as {{"kind": "echo"}}, not {given!r}.')
    if "kind" not in given:
        raise InputError(f"{path}.kind", "The program's kind is missing.")
    choice = Choice(str(given["kind"]), MappingProxyType({k: v for k, v in given.items() if k != "kind"}))
    make_program(choice, path)
    return choice


def make_program(choice: Choice, path: str = "$.program") -> Program:
    """A new program, for one connection. Raises InputError with the JSON path."""
    kind = find_kind(choice.kind, path)
    values = check(kind.fields, choice.settings, path)
    try:
        return kind.make(values)
    except InputError as error:
        raise InputError(f"{path}.{error.path}", error.message) from None
