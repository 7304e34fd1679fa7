"""All kinds of framing. Another kind is one file with a `KIND`, and one line here."""

from __future__ import annotations

from explorer.core import kinds as choices
from explorer.core.socket_spec import Choice
from explorer.wire.framing import delimiter, fixed, idle, length, line, raw
from explorer.wire.framing.api import Framer, FramingKind

KINDS: tuple[FramingKind, ...] = (
    raw.KIND,
    line.KIND,
    delimiter.KIND,
    fixed.KIND,
    length.KIND,
    idle.KIND,
)


def kinds() -> tuple[FramingKind, ...]:
    """Descriptions of all kinds, in the order in which a form offers them."""
    return KINDS


def find_kind(name: object, path: str = "$.framing") -> FramingKind:
    """The description of the kind called `name`. Raises InputError at `path`.kind."""
    return choices.find(KINDS, name, "framing", path)


def check_choice(given: object, path: str = "$.framing") -> Choice:
    """A framing from JSON, ``{"kind": …, settings}``, checked whole. Raises InputError with the JSON path."""
    return choices.check_choice(KINDS, given, "framing", path)


def make_framer(choice: Choice, path: str = "$.framing") -> Framer:
    """A new framer, for one direction of one connection. Raises InputError with the JSON path."""
    return choices.make(KINDS, choice, "framing", path)
