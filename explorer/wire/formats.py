"""The formats in which bytes are copied out of the window.

Each but plain text can be typed or pasted back into the composer and gives the same bytes:
`Format.parse` says with which parser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from explorer.wire import text
from explorer.wire.escapes import escape, parse_escaped
from explorer.wire.hex_input import parse_hex
from explorer.wire.hexdump import dump
from explorer.wire.python_input import parse_python


@dataclass(frozen=True, slots=True)
class Format:
    """One way of writing bytes. Both functions take an encoding, which hex has no use for.

    parse: the composer's parser for it (raises PlacedError); None when bytes may be lost.
    """

    name: str
    label: str
    render: Callable[[bytes, str], str]
    parse: Callable[[str, str], bytes] | None


def to_hex(data: bytes) -> str:
    """``48656c6c6f``"""
    return data.hex()


def to_spaced_hex(data: bytes) -> str:
    """``48 65 6c 6c 6f``"""
    return data.hex(" ")


def to_python(data: bytes) -> str:
    """``b'Hello'``"""
    return repr(data)


def to_text(data: bytes, encoding: str) -> str:
    """The text itself; U+FFFD stands for what is no text."""
    return text.decode(data, encoding)


def _hex_of(written: str, encoding: str) -> bytes:
    return parse_hex(written)


FORMATS = (
    Format("hex", "Hex", lambda data, encoding: to_spaced_hex(data), _hex_of),
    Format("plain_hex", "Hex without spaces", lambda data, encoding: to_hex(data), _hex_of),
    Format("text", "Text", to_text, None),
    Format("escaped", "Text with escapes", escape, parse_escaped),
    Format("python", "Python bytes", lambda data, encoding: to_python(data), parse_python),
    Format("dump", "Hex dump", lambda data, encoding: dump(data), _hex_of),
)


def find_format(name: str) -> Format:
    """The format called `name`. Raises KeyError: only code names formats."""
    return {known.name: known for known in FORMATS}[name]
