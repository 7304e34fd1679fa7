"""Bytes to find, typed as hex; ``?`` stands for any digit: ``48 ?? 6? 0a``."""

from __future__ import annotations

import re
import string
from collections.abc import Set

from explorer.core.errors import InputError
from explorer.wire.hex_input import parse_hex
from explorer.wire.patterns.compiled import LESS, AnyOf, Pattern, Shape, check_length
from explorer.wire.patterns.kind import Option, PatternOptions
from explorer.wire.placed_error import PlacedError

_GROUP = re.compile(r"[^\s,;:_-]+")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_DIGITS = re.compile(r"[0-9a-fA-F?]*")


class HexKind:
    name = "hex"
    label = "Hex"
    example = "48 ?? 6? 0a"
    help = "Bytes as hex, two digits each; blanks are optional. ? stands for any digit, ?? for any byte."
    options: Set[Option] = frozenset()

    def make(self, typed: str, options: PatternOptions) -> Pattern:
        if "?" not in typed:
            data = _parse(typed)
            if not data:
                raise InputError("pattern", "There are no hex digits here; write bytes such as 48 65 6c.")
            return AnyOf([data])
        values, masks = parse_shape(typed)
        if not any(masks):
            raise InputError("pattern", "?? alone fits every byte. Write at least one hex digit, e.g. 0d ?? 0a.")
        return Shape(values, masks)


def _parse(typed: str) -> bytes:
    """The bytes. Brackets may stand around them, as in ``{0x48, 0x65}``; one that is never closed is where a mistake
    begins, such as a regular expression that was typed here."""
    try:
        return parse_hex(typed)
    except PlacedError as error:
        for place, character in enumerate(typed[: error.position]):
            closing = _CLOSING.get(character)
            if closing is not None and closing not in typed[place:]:
                raise PlacedError(place, f"{character!r} is no hex digit (0-9, a-f).") from error
        raise


def parse_shape(typed: str) -> tuple[bytes, bytes]:
    """Bytes, and which of their bits are given. Raises PlacedError at the first wrong character, and InputError if
    they are too many."""
    check_length(sum(map(typed.count, string.hexdigits + "?")) // 2, "bytes", LESS)
    values, masks = bytearray(), bytearray()
    for group in _GROUP.finditer(typed):
        begin = group.start() + (2 if group[0][:2] in ("0x", "0X") else 0)
        digits = typed[begin : group.end()]
        right = _DIGITS.match(digits)
        assert right is not None
        if right.end() < len(digits):
            wrong = digits[right.end()]
            raise PlacedError(begin + right.end(), f"{wrong!r} is neither a hex digit (0-9, a-f) nor ?.")
        if len(digits) % 2:
            raise PlacedError(
                begin,
                f"{digits!r} has an odd number of digits; every byte has two, so one is missing. "
                "? stands for one digit, ?? for one byte.",
            )
        values += bytes.fromhex(digits.replace("?", "0"))
        masks += bytes.fromhex("".join("0" if digit == "?" else "f" for digit in digits))
    return bytes(values), bytes(masks)
