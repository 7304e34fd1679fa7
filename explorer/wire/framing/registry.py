"""All kinds of framing. Another kind is one file with a `KIND`, and one line here."""

from __future__ import annotations

from types import MappingProxyType

from explorer.core.errors import InputError
from explorer.core.fields import check
from explorer.core.socket_spec import Choice
from explorer.wire.framing import delimiter, fixed, length, line, raw
from explorer.wire.framing.api import Framer, FramingKind

KINDS: tuple[FramingKind, ...] = (
    raw.KIND,
    line.KIND,
    delimiter.KIND,
    fixed.KIND,
    length.KIND,
)


def kinds() -> tuple[FramingKind, ...]:
    """Descriptions of all kinds, in the order in which a form offers them."""
    return KINDS


def find_kind(name: object, path: str = "$.framing") -> FramingKind:
    """The description of the kind called `name`. Raises InputError at `path`.kind."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise InputError(f"{path}.kind", f"There is no framing called {name!r} (known: {known}).")


def check_choice(given: object, path: str = "$.framing") -> Choice:
    """A framing from JSON, ``{"kind": …, settings}``, checked whole. Raises InputError with the JSON path."""
    if not isinstance(given, dict):
        raise InputError(path, f'A framing must be an object such as {{"kind": "line"}}, not {given!r}.')
    if "kind" not in given:
        raise InputError(f"{path}.kind", "The framing's kind is missing.")
    choice = Choice(str(given["kind"]), MappingProxyType({k: v for k, v in given.items() if k != "kind"}))
    make_framer(choice, path)
    return choice


def make_framer(choice: Choice, path: str = "$.framing") -> Framer:
    """A new framer, for one direction of one connection. Raises InputError with the JSON path."""
    kind = find_kind(choice.kind, path)
    values = check(kind.fields, choice.settings, path)
    try:
        return kind.make(values)
    except InputError as error:
        raise InputError(f"{path}.{error.path}", error.message) from None
