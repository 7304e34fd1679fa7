"""A number to find: typed in decimal or as 0x…, of a given width and order of bytes, whole or floating."""

from __future__ import annotations

import re
import struct
from collections.abc import Set
from typing import Literal

from explorer.core.errors import InputError
from explorer.wire.patterns.compiled import AnyOf, Pattern
from explorer.wire.patterns.kind import Option, Order, PatternOptions

WIDTHS = (
    ("1", "1 byte"),
    ("2", "2 bytes"),
    ("3", "3 bytes"),
    ("4", "4 bytes"),
    ("6", "6 bytes"),
    ("8", "8 bytes"),
    ("float32", "float 32"),
    ("float64", "float 64"),
)
"""What options hold, and what the user reads."""

ORDERS: tuple[tuple[Order, str], ...] = (
    ("either", "either order"),
    ("little", "little endian"),
    ("big", "big endian"),
)

_WHOLE = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|[0-9]+)", re.ASCII)
_FLOATING = re.compile(r"[+-]?([0-9]+\.?[0-9]*([eE][+-]?[0-9]+)?|\.[0-9]+([eE][+-]?[0-9]+)?|inf)", re.ASCII | re.I)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+", re.ASCII)
_LONGEST = 40  # digits; no number of 8 bytes has more


class NumberKind:
    name = "number"
    label = "Number"
    example = "1234, -5 or 0x4d2"
    help = (
        "A number as it stands in bytes: decimal, negative or as 0x…. Signed or not is told by the number itself. "
        "For float 32 and float 64, the nearest value of that width is found."
    )
    options: Set[Option] = frozenset({"width", "order"})

    def make(self, typed: str, options: PatternOptions) -> Pattern:
        text = typed.strip().replace("_", "").replace("\u2212", "-")
        if _GROUPED.fullmatch(text):
            text = text.replace(",", "")
        if not text:
            raise InputError("pattern", "Write the number to find, e.g. 1234, -5 or 0x4d2.")
        orders: list[Literal["little", "big"]] = ["little", "big"] if options.order == "either" else [options.order]
        if options.width.startswith("float"):
            return AnyOf([_float_bytes(text, options.width, order) for order in orders])
        return AnyOf([_whole_bytes(text, int(options.width), order) for order in orders])


def _whole_bytes(text: str, width: int, order: Literal["little", "big"]) -> bytes:
    if not _WHOLE.fullmatch(text):
        hint = "Choose float 32 or float 64 for it." if _FLOATING.fullmatch(text) else "Write e.g. 1234, -5 or 0x4d2."
        raise InputError("pattern", f"{_short(text)!r} is not a whole number. {hint}")
    value = int(text, 16 if "x" in text.lower() else 10) if len(text) <= _LONGEST else 1 << 64
    least, most = -(1 << (8 * width - 1)), (1 << (8 * width)) - 1
    if not least <= value <= most:
        size = f"{width} byte{'s' if width > 1 else ''}"
        larger = " Choose a larger width." if width < 8 else ""
        raise InputError("pattern", f"{_short(text)} does not fit into {size} ({least:,} to {most:,}).{larger}")
    return value.to_bytes(width, order, signed=value < 0)


def _float_bytes(text: str, width: str, order: Literal["little", "big"]) -> bytes:
    if _WHOLE.fullmatch(text) and "x" in text.lower():
        raise InputError("pattern", f"{_short(text)!r} is hex; write a floating number in decimal, e.g. 1.5 or 2e-3.")
    if not _FLOATING.fullmatch(text):
        raise InputError("pattern", f"{_short(text)!r} is not a number. Write e.g. 1.5, -0.25 or 2e-3.")
    value = float(text)
    infinite = "inf" in text.lower()
    code = ("<" if order == "little" else ">") + ("f" if width == "float32" else "d")
    try:
        data = struct.pack(code, value)
    except OverflowError:
        raise InputError("pattern", f"{_short(text)} is too large for float 32. Choose float 64.") from None
    if value in (float("inf"), float("-inf")) and not infinite:
        raise InputError("pattern", f"{_short(text)} is too large even for float 64.")
    return data


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
