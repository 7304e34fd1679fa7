"""Bytes as an array in source code: C, Rust, Go, Java, JavaScript, C#, Python lists.

Numbers are read as the compilers read them: ``0x48`` is hex, ``72`` is decimal, ``-1`` is 255, ``'H'`` is a
character; casts such as ``(byte)`` and endings such as ``u8`` are passed over. Comments may stand anywhere.
"""

from __future__ import annotations

import re

from explorer.wire.placed_error import PlacedError

_HEADS = (  # of each language: what stands right before the first bracket
    ("c", re.compile(r"\b\w++\s*+\[[\s\w]{0,40}+\]\s*+=\s*+(?=\{)")),
    ("rust", re.compile(r"(?:\[\s*u8\s*(?:;\s*(?P<size>\d{1,18})\s*)?\]\s*=\s*&?\s*|\bvec!\s*)(?=\[)")),
    ("go", re.compile(r"\[[\s\w.]{0,40}\]\s*(?:byte|uint8)\s*(?=\{)")),
    ("java", re.compile(r"\bbyte\s*\[\s*\]\s*(?:\w++\s*=\s*(?:new\s+byte\s*\[\s*\]\s*)?)?(?=\{)")),
    ("javascript", re.compile(r"\b(?:Uint8Array(?:\.from)?|Buffer\.from)\s*\(\s*(?=\[)")),
    ("python", re.compile(r"\b(?:bytes|bytearray)\s*\(\s*(?=[\[{])")),
)
_BARE = re.compile(r"\s*+(?:\w++\s*+=\s*+)?+(?=[\[{])")
_CLOSING = {"{": "}", "[": "]"}
_SKIP = re.compile(r"(?:[\s]|//[^\n]*|/\*.*?\*/|\(\s*(?:byte|char|uint8_t|unsigned\s+char)\s*\))+", re.DOTALL)
_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER = re.compile(
    r"""(?P<sign>-?)\s*
        (?: 0[xX](?P<hex>[0-9a-fA-F_]{1,40}) | 0[bB](?P<binary>[01_]{1,80})
          | (?P<decimal>0(?![0-9])|[1-9][0-9_]{0,40}) )
        (?: u8|U|u )?
      | '(?P<char>[\x20-\x26\x28-\x5b\x5d-\x7e])'""",
    re.VERBOSE,
)
_FAST = re.compile(r"\s*(?:0x[0-9a-fA-F]{2}\s*,\s*)*(?:0x[0-9a-fA-F]{2}\s*)?", re.ASCII)
_HEX_ONLY = str.maketrans({",": " ", "x": "0"})  # "0x48, 0x65" as "0048  0065": every other byte is wanted


def find_head(text: str) -> tuple[str, int, int | None] | None:
    """Name of the format, place of the opening bracket and the size that is declared; None: no array is declared."""
    for name, head in _HEADS:
        if found := head.search(text, 0, 2048):
            size = found.groupdict().get("size")
            return name, found.end(), int(size) if size else None
    return None


def parse_array(text: str) -> bytes:
    """The bytes of the first array in `text`, declared or bare (``{1, 2}``, ``[0x48]``). Raises PlacedError."""
    head = find_head(text)
    if head is None:
        bare = _BARE.match(text)
        if bare is None:
            raise PlacedError(0, "No array is found here, e.g. {0x48, 0x69} or [72, 105].")
        head = "", bare.end(), None
    _, start, size = head
    data = _parse_items(text, start + 1, _CLOSING[text[start]])
    if size is not None and size != len(data):
        raise PlacedError(start, f"The array is declared with {size:,} bytes but holds {len(data):,}.")
    return data


def _parse_items(text: str, at: int, closing: str) -> bytes:
    end = text.find(closing, at)
    if end >= 0 and _FAST.fullmatch(text, at, end):  # as it is written here, and by most programs
        return bytes.fromhex(text[at:end].translate(_HEX_ONLY))[1::2]
    data = bytearray()
    while True:
        at = _skip(text, at, _SKIP)
        if text[at : at + 1] == closing:
            return bytes(data)
        item = _NUMBER.match(text, at)
        if item is None:
            raise PlacedError(min(at, max(0, len(text) - 1)), _explain(text[at : at + 1], closing))
        data.append(_value(item))
        at = _skip(text, item.end(), _SPACE)
        if text[at : at + 1] in (",", ";"):
            at += 1
        elif text[at : at + 1] != closing:
            raise PlacedError(min(at, max(0, len(text) - 1)), _explain(text[at : at + 1], closing))


def _skip(text: str, at: int, what: re.Pattern[str]) -> int:
    found = what.match(text, at)
    return found.end() if found else at


def _value(item: re.Match[str]) -> int:
    if item["char"]:
        return ord(item["char"])
    digits, base = (
        (item["hex"], 16) if item["hex"] else (item["binary"], 2) if item["binary"] else (item["decimal"], 10)
    )
    bare = digits.replace("_", "")
    value = int(bare, base) if bare else 0
    if item["sign"]:
        value = -value
    if not -128 <= value <= 255:
        raise PlacedError(item.start(), f"{item[0]} does not fit into a byte (0 to 255, or -128 to -1).")
    return value & 0xFF


def _explain(wrong: str, closing: str) -> str:
    if not wrong:
        return f"The array has no end; a {closing} is missing there."
    return f"{wrong!r} cannot stand here in an array; numbers such as 0x48 or 72 are expected, with commas between."
