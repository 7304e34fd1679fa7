r"""Messages with fields that are filled when they are sent: counters, times, chance, lengths and checksums.

A field is written ``{{name}}`` or ``{{name:form option=value …}}`` in text or hex; everything else is read as
it is without fields. `HELP` lists all fields. Single braces mean nothing, and neither do ``}}`` outside a field;
of three opening braces or more the last two begin the field, so that JSON may hold one: ``{"id":{{{counter}}}``
is ``{"id":{``, a field, ``}``. An empty field, ``{{}}``, stands for two opening braces.

How a message is filled:

1. Counters, times and chance are written, and from the message's end to its beginning each length; so a length
   counts the fields behind it with the sizes that they have in this very message. Lengths of the whole message are
   written when all other fields have their size.
2. Checksums are written from left to right. Where a checksum sums up itself or one further on, it finds zeros
   there, as the Internet checksum wants it.

What is put behind the whole (`Template.ended`) is not part of the message: no length and no checksum knows it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from explorer.core.filling import Filling
from explorer.wire.placed_error import PlacedError
from explorer.wire.template_fields import ChecksumField, Fixed, LengthField, Part, RandomField
from explorer.wire.template_limits import MOST_BYTES, MOST_FIELDS, check_limits
from explorer.wire.template_reading import FIELD_HELP, read_field

_OPEN = re.compile(r"\{\{(?!\{)")
_BRACES = "{{"
_LONGEST_FIELD = 500  # characters between its braces; longer than any that makes sense

HELP: Final = "\n".join(
    (
        "A field is written {{name}} or {{name:form option=value}} and is filled anew for each message.",
        "",
        *(f"{entry.example}\n    {entry.summary}" for entry in FIELD_HELP),
        "",
        "Numbers are written as u8, u16, u24, u32, u48 or u64 with be or le behind it (big or little endian),",
        "or as digits: decimal, hex, HEX; width=4 makes them four, with zeros in front.",
        "Lengths are filled first, then checksums from left to right; a checksum not filled yet counts as zeros.",
        f"A message with fields has at most {MOST_BYTES:,} bytes and {MOST_FIELDS:,} fields.",
        "{{}} stands for two opening braces.",
    )
)


@dataclass(frozen=True, slots=True)
class Template:
    """A message: bytes and fields in order, and what is put behind it. Made by `parse_template` or `plain`."""

    parts: tuple[Part, ...]
    ending: bytes = b""

    @property
    def has_fields(self) -> bool:
        """Whether anything in it is filled at sending."""
        return any(not isinstance(part, Fixed) for part in self.parts)

    def ended(self, ending: bytes) -> Template:
        """The same message with these bytes behind it."""
        return replace(self, ending=self.ending + ending)

    def size(self, filling: Filling) -> int:
        """Bytes of the message filled with this. Raises PlacedError like `fill`."""
        return sum(map(len, self._lay_out(filling))) + len(self.ending)

    def fill(self, filling: Filling) -> bytes:
        """The message. Raises PlacedError, with the position of the field, when a value has no room in it."""
        pieces = self._lay_out(filling)
        message = bytearray().join(pieces)
        at = 0
        for part, piece in zip(self.parts, pieces, strict=True):
            if isinstance(part, ChecksumField):
                part.write(message, at)
            at += len(piece)
        return bytes(message) + self.ending

    def _lay_out(self, filling: Filling) -> list[bytes]:
        """Each part's bytes; zeros for a checksum."""
        pieces: list[bytes] = []
        chance = (
            random.Random(filling.seed) if any(isinstance(part, RandomField) for part in self.parts) else _NO_CHANCE
        )
        lengths = False
        for part in self.parts:
            if isinstance(part, ChecksumField):
                pieces.append(bytes(part.fixed_size))
            elif isinstance(part, LengthField):
                lengths = True
                pieces.append(bytes(part.fixed_size or 0))
            else:
                pieces.append(part.value(filling, chance))
        if lengths:
            self._write_lengths(pieces)
        return pieces

    def _write_lengths(self, pieces: list[bytes]) -> None:
        """Those of the whole come last: the digits of the others are part of it, and their own have a known size."""
        rest = 0
        checksums = 0  # bytes of the checksums that stand together at the end
        open_end = True
        whole: list[int] = []
        for place in range(len(pieces) - 1, -1, -1):
            part = self.parts[place]
            if isinstance(part, LengthField):
                if part.of == "all":
                    whole.append(place)
                else:
                    pieces[place] = part.write(rest if part.of == "rest" else rest - checksums)
            open_end = open_end and isinstance(part, ChecksumField)
            checksums += len(pieces[place]) if open_end else 0
            rest += len(pieces[place])
        for place in whole:
            part = self.parts[place]
            assert isinstance(part, LengthField)
            pieces[place] = part.write(rest)


_NO_CHANCE = random.Random(0)  # nobody draws from it


def plain(data: bytes) -> Template:
    """A message without fields."""
    return Template((Fixed(data),))


def parse_template(text: str, parse_literal: Callable[[str], bytes], encoding: str = "ascii") -> Template:
    """The message that `text` stands for.

    parse_literal: reads each piece between fields. encoding: of digits and times that are written as text; in a
    text message, the text's own. Raises PlacedError for a wrong field or piece.
    """
    parts: list[Part] = []
    at = 0
    while found := _OPEN.search(text, at):
        begin, inside = found.span()
        _add_literal(parts, text, at, begin, parse_literal)
        _check_encoding(begin, encoding)
        close = text.find("}}", inside)
        if not 0 <= close <= inside + _LONGEST_FIELD or "{" in text[inside:close] or "\n" in text[inside:close]:
            raise PlacedError(
                begin, "A field begins here, but }} is missing behind it. Two plain braces are written {{}}."
            )
        if text[inside:close]:
            parts.append(read_field(text[inside:close], inside, encoding))
        else:
            parts.append(Fixed(_BRACES.encode(encoding)))
        at = close + 2
    _add_literal(parts, text, at, len(text), parse_literal)
    check_limits(parts)
    return Template(tuple(parts))


def without_fields(text: str) -> str:
    """Text that `parse_template` reads as `text` is read without fields: no braces in it begin one."""
    return text.replace(_BRACES, "{{}}")


def _add_literal(parts: list[Part], text: str, begin: int, end: int, parse: Callable[[str], bytes]) -> None:
    if begin == end:
        return
    try:
        parts.append(Fixed(parse(text[begin:end])))
    except PlacedError as error:
        raise error.moved(begin) from None


def _check_encoding(position: int, encoding: str) -> None:
    """Between fields, a byte order mark would come again and again."""
    if "".encode(encoding):
        raise PlacedError(
            position,
            f"Fields cannot stand in {encoding} text, which begins with a byte order mark. "
            f"Choose an encoding without one, e.g. utf-16-le.",
        )
