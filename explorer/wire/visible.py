"""Showing what cannot be seen: control, bidirectional and zero-width characters.

Traffic may hold characters that turn the direction of writing, hide themselves or ring the bell.
A pane that shows bytes must show those too, and must not obey them.
"""

from __future__ import annotations

import itertools
import unicodedata
from typing import Literal

Style = Literal["symbols", "escapes"]
"""How control characters are shown: as control pictures (␍␊) or as they are typed (\\r\\n)."""

_DOT = 0xB7  # the middle dot, in Latin-1

_COLUMN = bytes(byte if 0x20 <= byte < 0x7F else _DOT for byte in range(256))

# Printable by their Unicode category, yet blank: fillers, joiners, invisible vowels, variation selectors.
_BLANK = frozenset(
    itertools.chain(
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        range(0x180B, 0x1810),
        range(0xFE00, 0xFE10),
        range(0xE0100, 0xE01F0),
    )
)


def visible(data: bytes | memoryview) -> str:
    """One character per byte, for the text column of a hex pane: printable ASCII as it is, else a middle dot."""
    return bytes(data).translate(_COLUMN).decode("latin-1")


def is_seen(character: str) -> bool:
    """Whether a character shows itself and leaves the characters around it in their places."""
    if ord(character) in _BLANK:
        return False
    return character.isprintable() or unicodedata.category(character) == "Zs"


def visible_text(text: str, style: Style = "symbols") -> str:
    r"""`text` with every unseen character made visible.

    As symbols, C0 controls and DEL become control pictures (␀ … ␡), all others their code in angle brackets,
    e.g. ``<U+202E>``. As escapes, all become what the composer reads: ``\r``, ``\n``, ``\x1b``, ``\u{202e}``, and a
    backslash becomes two. So the result can be longer than `text`. It has no line breaks.
    """
    if text.isascii() and text.isprintable() and (style == "symbols" or "\\" not in text):
        return text
    return text.translate(_TABLES[style])


_NAMES = {0x00: "\\0", 0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r", 0x5C: "\\\\"}
_KEPT = 1 << 14  # characters that are remembered


class _Shown(dict[int, int | str]):
    """A table for str.translate that works out each character when it is first asked for."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._find = _symbol if style == "symbols" else _escape

    def __missing__(self, code: int) -> int | str:
        shown = self._find(code)
        if len(self) < _KEPT:
            self[code] = shown
        return shown


def _symbol(code: int) -> int | str:
    if code < 0x20:
        return 0x2400 + code
    if code == 0x7F:
        return 0x2421
    return code if is_seen(chr(code)) else f"<U+{code:04X}>"


def _escape(code: int) -> int | str:
    if code in _NAMES:
        return _NAMES[code]
    if is_seen(chr(code)):
        return code
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{{{code:x}}}"


_TABLES: dict[Style, _Shown] = {"symbols": _Shown("symbols"), "escapes": _Shown("escapes")}
