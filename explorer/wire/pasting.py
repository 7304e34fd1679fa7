r"""What pasted text is, when it is to be bytes: hex, a dump, source code, base64, a JSON string, text with escapes.

Text is often readable in several ways: ``abcd`` is hex, and base64, and a word. The first of these wins:
a dump, an array that is declared, a Python literal, a string in quotes, numbers in brackets, hex, text with escapes,
base64. Numbers in brackets, without ``0x``, are decimal unless that cannot be.
`Recognised.label` is to be shown, so that the user sees how it was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from explorer.wire.array_input import find_head, parse_array
from explorer.wire.base64_input import parse_base64
from explorer.wire.escapes import parse_escaped
from explorer.wire.formats.registry import find_format
from explorer.wire.hex_input import is_dump, parse_hex
from explorer.wire.json_input import parse_json_string
from explorer.wire.placed_error import PlacedError
from explorer.wire.python_input import parse_python


@dataclass(frozen=True, slots=True)
class Recognised:
    """Bytes that a text stands for. name: of the format (`explorer.wire.formats`); label: as the window calls it."""

    data: bytes
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of reading. claims: whether the text begins as this way does, so that a mistake in it is one of it."""

    name: str
    claims: Callable[[str], bool]
    parse: Callable[[str, str], bytes]
    label: str = ""  # the format's own, if none is given


# Repetitions that stand side by side take all they can and give nothing back (++, *+): else the time that a long
# text takes would grow with the square of its length.
_PYTHON = re.compile(r"\s*+(?:\(\s*+)?+(?:[bB][rR]?|[rR][bB])[\"']")
_QUOTED = re.compile(r"\s*+(?:\(\s*+)?+[\"']")
_HEX_START = re.compile(r"[\s{\[(\"']*+(?:0[xX]|\\x|%[0-9a-fA-F]{2}|[0-9a-fA-F]{2}(?:[\s,;:_-]|$))")
_HEX_DIGITS = re.compile(r"[0-9a-fA-F\s]++")
_BARE_ARRAY = re.compile(r"\s*+(?:\w++\s*+=\s*+)?+[\[{]\s*+(?:(?:-\s*+)?+\d|'|\(\s*+byte)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\s]{2,}+(?:=\s*+){0,2}+")
_BASE64_WORD = re.compile(r"[A-Za-z0-9+/_-]{20,}")
_DATA_URL = re.compile(r"\s*+data:[^,\s]{0,200};base64,", re.IGNORECASE)
_LOOK = 4096  # characters that tell which way a text is meant


def recognise(text: str, encoding: str = "utf-8") -> Recognised | None:
    """The bytes that `text` stands for if it is one of the known formats without a mistake; None for other text.

    encoding: of text with escapes, and of strings. Takes a time that grows with the length of the text alone.
    """
    return _read(text, encoding)[0]


def parse_any(text: str, encoding: str = "utf-8") -> tuple[bytes, str]:
    """The bytes that `text` stands for, and the label of the format.

    Raises PlacedError: the mistake in the format that fits best.
    """
    found, mistake = _read(text, encoding)
    if found is not None:
        return found.data, found.label
    if mistake is not None:
        raise mistake
    raise PlacedError(
        max(0, min(len(text) - len(text.lstrip()), len(text) - 1)),
        "This is no format of bytes that is known here (hex, hex dump, base64, an array in source code, a Python or "
        "JSON string, text with escapes). Paste it as text instead.",
    )


def _read(text: str, encoding: str) -> tuple[Recognised | None, PlacedError | None]:
    """What the text is; if it is nothing, the mistake in the first format that it looks like."""
    mistake: PlacedError | None = None
    if not text.strip():
        return None, None
    for way in _WAYS:
        if not way.claims(text):
            continue
        try:
            data = way.parse(text, encoding)
        except PlacedError as error:
            if mistake is None and (way.name != "base64" or _BASE64_WORD.search(text, 0, _LOOK)):
                mistake = error
        else:
            return Recognised(data, way.name, way.label or find_format(way.name).label), None
    return None, mistake


def _declares(name: str, text: str) -> bool:
    head = find_head(text)
    return head is not None and head[0] == name


def _read_array(text: str, encoding: str) -> bytes:
    return parse_array(text)


def _is_hex(text: str) -> bool:
    return _HEX_START.match(text) is not None or _HEX_DIGITS.fullmatch(text) is not None


def _is_base64(text: str) -> bool:
    return _BASE64.fullmatch(text) is not None or _DATA_URL.match(text) is not None


_WAYS = (
    _Way("dump", is_dump, lambda text, encoding: parse_hex(text)),
    *(
        _Way(name, partial(_declares, name), _read_array)
        for name in ("c", "rust", "go", "java", "javascript", "python")
    ),
    _Way("python", lambda text: _PYTHON.match(text) is not None, parse_python),
    _Way("json", lambda text: text.lstrip()[:1] == '"', parse_json_string),
    _Way("python", lambda text: _QUOTED.match(text) is not None, parse_python),
    _Way("c", lambda text: _BARE_ARRAY.match(text) is not None, _read_array, "Array of numbers"),
    _Way("hex", _is_hex, lambda text, encoding: parse_hex(text)),
    _Way("escaped", lambda text: "\\" in text, parse_escaped),
    _Way("base64", _is_base64, lambda text, encoding: parse_base64(text)),
)
