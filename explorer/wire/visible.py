"""Showing what cannot be seen: control, bidirectional and zero-width characters.

Traffic may hold characters that turn the direction of writing, hide themselves or ring the bell.
A pane that shows bytes must show those too, and must not obey them.
"""

from __future__ import annotations

import itertools
import unicodedata

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


def visible_text(text: str) -> str:
    """`text` with every unseen character made visible.

    C0 controls and DEL become control pictures (␀ … ␡), all others their code in angle brackets,
    e.g. ``<U+202E>``; so the result can be longer than `text`. The result has no line breaks.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_SHOWN)


class _Shown(dict[int, int | str]):
    """A table for str.translate that works out each character when it is asked for."""

    def __missing__(self, code: int) -> int | str:
        if code < 0x20:
            return 0x2400 + code
        if code == 0x7F:
            return 0x2421
        return code if is_seen(chr(code)) else f"<U+{code:04X}>"


_SHOWN = _Shown()
_SHOWN.update({code: _SHOWN[code] for code in (*range(0x100), 0xFFFD)})  # the usual ones, for speed
