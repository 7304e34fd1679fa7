"""All kinds of framing. Another kind is one file with a `KIND`, and one line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from explorer.core import kinds as choices
from explorer.core.fields import check
from explorer.core.socket_spec import Choice
from explorer.wire.framing import cobs, delimiter, fixed, idle, length, line, netstring, raw, slip, stx_etx, varint
from explorer.wire.framing.api import Framer, FramingKind
from explorer.wire.framing.trailer import payload_place as place_of
from explorer.wire.framing.trailer import with_trailer

_KINDS = (
    raw.KIND,
    line.KIND,
    delimiter.KIND,
    fixed.KIND,
    length.KIND,
    varint.KIND,
    netstring.KIND,
    slip.KIND,
    cobs.KIND,
    stx_etx.KIND,
    idle.KIND,
)

KINDS: tuple[FramingKind, ...] = tuple(kind if kind is raw.KIND else with_trailer(kind) for kind in _KINDS)
"""A checksum can end the messages of every kind that has messages."""


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


def framer_maker(choice: Choice, path: str = "$.framing") -> Callable[[], Framer]:
    """What makes framers of this choice, quickly. Raises InputError with the JSON path."""
    make_framer(choice, path)
    kind = find_kind(choice.kind, path)
    values = check(kind.fields, choice.settings, path)
    return lambda: kind.make(values)


def payload_place(choice: Choice) -> Literal["front", "end", ""]:
    """Where each message stands in its frame's bytes on the wire under this choice: "front" or "end" where it is a
    piece of them, "" where only framing them again tells. Raises InputError when there is no such kind."""
    return place_of(find_kind(choice.kind), choice.settings)
