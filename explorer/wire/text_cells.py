"""Which bytes make which character: for a text column that shows characters under their own bytes.

A window of a long text is cut out anywhere, perhaps amid a character. What stands before it tells where
characters begin, and how much of that is needed depends on the encoding:

- one byte a character (Latin-1, KOI8-R, EBCDIC …): nothing;
- UTF-8: the 3 bytes before, as a first byte never looks like a later one;
- UTF-16: the unit before, and whether the place is even or odd, counted from the beginning of the text;
- GB18030 and Shift-JIS: as far back as the last byte that can only stand alone (a line end, a space, most
  punctuation), or the beginning of the text. Where neither is within `LOOK_BACK` bytes, reading begins there
  as if it were the beginning: the column may then be wrong until the next such byte.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

LOOK_BACK = 4096
"""Bytes before a window that decide where its first character begins, where an encoding needs many."""
LOOK_ON = 3
"""Bytes behind a window that may belong to its last character."""


class TextCell(NamedTuple):
    """A character and the bytes it is made of.

    start: of its first byte; below 0 where it begins before the window. length: bytes, at least 1.
    character: None where the bytes are no text.
    """

    start: int
    length: int
    character: str | None


@dataclass(frozen=True, slots=True)
class _Family:
    """How characters of an encoding are made. alone: bytes (as a table of 0 and 1) that are always whole
    characters, and end whatever stands before them; empty where that is not needed."""

    unit: int  # bytes; characters are made of one or more of these
    longest: int  # bytes of a character
    back: int  # bytes before a window that are needed
    alone: bytes = b""


def _alone(*spans: tuple[int, int]) -> bytes:
    return bytes(any(first <= byte <= last for first, last in spans) for byte in range(256))


_ONE = _Family(1, 1, 0)
_FAMILIES = {
    "utf-8": _Family(1, 4, 3),
    "utf-16-le": _Family(2, 4, 3),
    "utf-16-be": _Family(2, 4, 3),
    # Neither a later byte of a character (GB 18030: 30-39, 40-7E, 80-FE) nor the first one of several.
    "gb18030": _Family(1, 4, LOOK_BACK, _alone((0x00, 0x2F), (0x3A, 0x3F), (0x7F, 0x7F), (0xFF, 0xFF))),
    # Likewise (JIS X 0208: 40-7E, 80-FC).
    "shift_jis": _Family(1, 2, LOOK_BACK, _alone((0x00, 0x3F), (0x7F, 0x7F), (0xFD, 0xFF))),
    "cp932": _Family(1, 2, LOOK_BACK, _alone((0x00, 0x3F), (0x7F, 0x7F), (0xFD, 0xFF))),
}


def _family(encoding: str) -> _Family:
    return _FAMILIES.get(codecs.lookup(encoding).name, _ONE)


def look_back(encoding: str) -> int:
    """How many bytes before a window `text_cells` wants to see. Raises LookupError for an unknown encoding."""
    return _family(encoding).back


def needs_offset(encoding: str) -> bool:
    """Whether it must be known how far from the beginning of the text a window stands."""
    return _family(encoding).unit > 1


def is_bytewise(data: bytes, encoding: str) -> bool:
    """Whether each byte of `data` is a character, or none, for itself alone, whatever stands around it."""
    family = _family(encoding)
    return family.longest == 1 or (family is _FAMILIES["utf-8"] and data.isascii())


def may_go_on(byte: int, encoding: str) -> bool:
    """Whether a window that begins with this byte may begin amid a character: else nothing before it matters."""
    family = _family(encoding)
    if family.alone:
        return not family.alone[byte]
    return family.unit > 1 or (family.longest > 1 and 0x80 <= byte < 0xC0)


def may_be_cut(end: bytes, encoding: str) -> bool:
    """Whether a character may go on behind a window with these last bytes: else nothing behind it matters."""
    family = _family(encoding)
    if family.unit == 1:  # the first byte of several has its highest bit set in every encoding
        return family.longest > 1 and not end[1 - family.longest :].isascii()
    return True


def is_enough(before: bytes, encoding: str) -> bool:
    """Whether no more need be known of what stands before a window."""
    family = _family(encoding)
    return len(before) >= family.back or 1 in before.translate(family.alone or None)


def text_cells(
    data: bytes, encoding: str, before: bytes = b"", after: bytes = b"", offset: int | None = None
) -> list[TextCell]:
    """The characters that have a byte in `data`, in turn; together they cover it without a gap.

    before, after: what stands directly around it. offset: of `data` in the whole text, in bytes; None: not known, then
    `before` (or `data`, if there is none) is taken for the beginning of a character.
    """
    name = codecs.lookup(encoding).name
    family = _FAMILIES.get(name, _ONE)
    if not data:
        return []
    whole = before + data + after
    low, high = len(before), len(before) + len(data)
    at = _first(family, before, len(before) if offset is None else offset)
    found = [TextCell(0, at - low, None)] if at > low else []  # the rest of a unit that is not in `before`
    while at < high:
        length, character = _next(name, family, whole, at)
        if at + length > low:
            found.append(TextCell(at - low, length, character))
        at += length
    return found


def _first(family: _Family, before: bytes, offset: int) -> int:
    """Where in `before` a character certainly begins, as far back as it matters. Behind `before`, where its end
    lies amid a unit that it lacks."""
    if family.alone:
        table = before.translate(family.alone)
        return table.rfind(1) + 1
    start = max(0, len(before) - family.back)
    return start + -(offset - len(before) + start) % family.unit


def _next(name: str, family: _Family, whole: bytes, at: int) -> tuple[int, str | None]:
    """Length and character of what begins at a place; bytes that are no text stand one unit each."""
    for length in range(family.unit, family.longest + 1, family.unit):
        part = whole[at : at + length]
        if len(part) < length:
            break
        if (character := _character(name, part)) is not None:
            return length, character
    return min(family.unit, len(whole) - at), None


@lru_cache(maxsize=1 << 14)
def _character(name: str, part: bytes) -> str | None:
    """The one character that these bytes are."""
    try:
        return part.decode(name) or None
    except UnicodeDecodeError:
        return None
