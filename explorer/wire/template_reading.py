"""Reads what stands between ``{{`` and ``}}``: the name of a field, its form, and its options."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from explorer.wire.checksums import CHECKSUMS, Checksum, find_checksum
from explorer.wire.placed_error import PlacedError
from explorer.wire.template_fields import (
    ChecksumField,
    Counted,
    CounterField,
    IsoTimeField,
    LengthField,
    NumberForm,
    Order,
    Part,
    RandomField,
    TimeField,
)

MOST_RANDOM = 65_536  # bytes
MOST_DIGITS = 40
_LARGEST_NUMBER = 1 << 64

_UNITS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}  # nanoseconds
_SIZES = {"u8": 1, "u16": 2, "u24": 3, "u32": 4, "u48": 6, "u64": 8}
_ORDERS: dict[str, Order] = {"be": "big", "le": "little"}
_DIGITS: dict[str, Literal["d", "x", "X"]] = {"decimal": "d", "hex": "x", "HEX": "X"}
FORMS = (
    "u8", *(f"{size}{order}" for size in list(_SIZES)[1:] for order in _ORDERS), *_DIGITS,
)  # fmt: skip
_SUM_FORMS = (*_ORDERS, *_DIGITS)

_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)")


@dataclass(frozen=True, slots=True)
class FieldHelp:
    """One kind of field, for help and for a menu that inserts it. example: may be put into a message as it is."""

    name: str
    label: str
    example: str
    summary: str


FIELD_HELP: tuple[FieldHelp, ...] = (
    FieldHelp(
        "counter",
        "Counter",
        "{{counter:u16be}}",
        "Counts messages. start=0 and step=1 change where it begins and how far it goes; after the largest number "
        "comes 0. As digits, {{counter}} takes as many as it needs, {{counter:decimal width=4}} always four.",
    ),
    FieldHelp(
        "time",
        "Time",
        "{{time:u32be}}",
        "Seconds since 1970-01-01 UTC. ms-, us- or ns- in front of the form gives smaller units: {{time:ms-u64le}}. "
        "{{time:iso}} is 2026-01-31T23:59:59.125Z.",
    ),
    FieldHelp("random", "Random bytes", "{{random:4}}", "So many random bytes, new for each message."),
    FieldHelp(
        "length",
        "Length",
        "{{length:u16be}}",
        "Bytes that come after this field. of=body leaves out checksums at the end, of=all counts the whole message; "
        "add=-4 changes the number. The ending and the framing are never counted.",
    ),
    FieldHelp(
        "checksum",
        "Checksum",
        "{{crc16-modbus:le}}",
        "Checksum of everything before the field; be and le are its byte order, hex and HEX write digits. from=1 and "
        "to=8 choose bytes, counted from 0 and without the last; negative numbers count from the end; from=after "
        "and to=end stand for the byte after the field and the end of the message. "
        f"Known: {', '.join(checksum.name for checksum in CHECKSUMS)}.",
    ),
)


FIELD_NAMES = frozenset(
    (*(entry.name for entry in FIELD_HELP if entry.name != "checksum"), *(checksum.name for checksum in CHECKSUMS))
)
"""What a field may be called."""


class _Words:
    """Name, form and options of one field, taken one by one; what is left over is a mistake."""

    def __init__(self, inside: str, position: int) -> None:
        words = list(_WORD.finditer(inside))
        if not words:
            raise PlacedError(position, "The name of a field is missing between the braces, e.g. {{counter}}.")
        first = words[0]
        self.position = position + first.start()
        self.name, colon, self.form = first[0].partition(":")
        self.form_at = self.position + len(self.name) + len(colon)
        if colon and not self.form:
            raise PlacedError(self.form_at, f"The form is missing behind {self.name}:.")
        self._options: dict[str, tuple[str, int]] = {}
        for word in words[1:]:
            name, equals, value = word[0].partition("=")
            if not equals or not name or not value:
                raise PlacedError(position + word.start(), f"{word[0]!r} is no option; an option is name=value.")
            if name in self._options:
                raise PlacedError(position + word.start(), f"{name}= stands here twice.")
            self._options[name] = value, position + word.start()

    def only(self, *known: str) -> None:
        """Refuse any other option."""
        for name, (_, at) in self._options.items():
            if name not in known:
                these = f"it has {', '.join(f'{one}=' for one in known)}" if known else "it has none"
                raise PlacedError(at, f"{self.name} has no option {name}=; {these}.")

    def text(self, name: str, default: str) -> str:
        return self._options.get(name, (default, 0))[0]

    def at(self, name: str) -> int:
        return self._options[name][1] + len(name) + 1

    def number(self, name: str, default: int, least: int = 1 - _LARGEST_NUMBER, most: int = _LARGEST_NUMBER - 1) -> int:
        if name not in self._options:
            return default
        found = to_number(self._options[name][0])
        if found is None or not least <= found <= most:
            limits = f" from {least:,} to {most:,}" if most < _LARGEST_NUMBER - 1 else ""
            raise PlacedError(
                self.at(name), f"{name}= needs a whole number{limits}; {self._options[name][0]!r} is none."
            )
        return found


def read_field(inside: str, position: int, encoding: str) -> Part:
    """The field that `inside` describes, which stands at `position` of the text. Raises PlacedError."""
    words = _Words(inside, position)
    if words.name in _READERS:
        return _READERS[words.name](words, encoding)
    checksum = find_checksum(words.name)
    if checksum is None:
        known = (*_READERS, *(one.name for one in CHECKSUMS))
        raise PlacedError(
            words.position,
            f"There is no field called {words.name!r}{_perhaps(words.name, known)} "
            "Known are counter, time, random, length and checksums such as crc32; "
            "two plain braces are written {{}}.",
        )
    return _checksum(words, checksum, encoding)


def _counter(words: _Words, encoding: str) -> CounterField:
    form = _number_form(words, words.form or "decimal", words.form_at, encoding, "start", "step")
    return CounterField(words.position, form, words.number("start", 0), words.number("step", 1))


def _time(words: _Words, encoding: str) -> TimeField | IsoTimeField:
    if words.form == "iso":
        words.only()
        return IsoTimeField(words.position, encoding)
    unit, dash, form = words.form.partition("-")
    if not dash:
        unit, form = "s", words.form
    if unit not in _UNITS:
        raise PlacedError(words.form_at, f"There is no unit of time called {unit!r} (known: {', '.join(_UNITS)}).")
    at = words.form_at + (len(unit) + 1 if dash else 0)
    return TimeField(words.position, _number_form(words, form or "decimal", at, encoding), _UNITS[unit])


def _random(words: _Words, encoding: str) -> RandomField:
    words.only()
    size = to_number(words.form) if words.form else None
    if size is None or not 1 <= size <= MOST_RANDOM:
        raise PlacedError(
            words.form_at, f"random needs the number of bytes, from 1 to {MOST_RANDOM:,}, e.g. {{{{random:4}}}}."
        )
    return RandomField(words.position, size)


def _length(words: _Words, encoding: str) -> LengthField:
    form = _number_form(words, words.form or "decimal", words.form_at, encoding, "of", "add")
    counted: dict[str, Counted] = {"rest": "rest", "body": "body", "all": "all"}
    of = words.text("of", "rest")
    if of not in counted:
        raise PlacedError(words.at("of"), f"of= is rest, body or all; {of!r} is none of them.")
    return LengthField(words.position, form, counted[of], words.number("add", 0))


def _checksum(words: _Words, checksum: Checksum, encoding: str) -> ChecksumField:
    words.only("from", "to")
    name = words.form or "be"
    if name in _ORDERS:
        form = NumberForm(name, checksum.size, _ORDERS[name])
    elif name in _DIGITS:
        largest = (1 << 8 * checksum.size) - 1
        width = len(str(largest)) if name == "decimal" else 2 * checksum.size
        form = NumberForm(name, digits=_DIGITS[name], width=width, encoding=encoding)
    else:
        known = ", ".join(_SUM_FORMS)
        raise PlacedError(
            words.form_at,
            f"A checksum is written as one of {known}; {name!r} is none of them. Its size is its own: "
            f"{checksum.size} {'byte' if checksum.size == 1 else 'bytes'}.",
        )
    after, to_end = words.text("from", "0") == "after", words.text("to", "") == "end"
    first = None if after else words.number("from", 0)
    last = None if to_end or not words.text("to", "") else words.number("to", 0)
    return ChecksumField(words.position, form, checksum, first, last, to_end or (after and not words.text("to", "")))


_READERS: dict[str, Callable[[_Words, str], Part]] = {
    "counter": _counter,
    "time": _time,
    "random": _random,
    "length": _length,
}


def _number_form(words: _Words, name: str, at: int, encoding: str, *options: str) -> NumberForm:
    if name in _DIGITS:
        words.only(*options, "width")
        width = words.number("width", 0, 1, MOST_DIGITS)
        label = f"{width} digits" if width else name
        return NumberForm(label, digits=_DIGITS[name], width=width, encoding=encoding)
    if name not in FORMS:
        order = " Say which byte order: be (big endian) or le (little endian)." if f"{name}be" in FORMS else ""
        guess = "" if order else _perhaps(name, FORMS)
        raise PlacedError(at, f"{name!r} is no form of a number{guess or '.'}{order} Known are {', '.join(FORMS)}.")
    words.only(*options)
    bare = name if name == "u8" else name[:-2]
    return NumberForm(name, _SIZES[bare], _ORDERS.get(name[-2:], "big"))


def to_number(text: str) -> int | None:
    """A whole number, decimal or with 0x; None if it is none."""
    if not _NUMBER.fullmatch(text) or len(text) > 24:
        return None
    return int(text, 16 if "x" in text.lower() else 10)


def _perhaps(name: str, known: Iterable[str]) -> str:
    """``; did you mean x?`` when one is near, else a full stop."""
    near = difflib.get_close_matches(name.lower(), list(known), 1)
    return f"; did you mean {near[0]}?" if near else "."
