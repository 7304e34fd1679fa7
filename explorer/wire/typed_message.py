"""What is typed into the composer, read as a message: text with escapes, hex or Python, with or without fields."""

from __future__ import annotations

from functools import partial

from explorer.core.snippet import Ending, Mode
from explorer.wire.escapes import parse_escaped
from explorer.wire.hex_input import parse_hex
from explorer.wire.python_input import parse_python
from explorer.wire.templates import Template, parse_template, plain

ENDINGS: dict[Ending, str] = {"none": "", "lf": "\n", "crlf": "\r\n", "cr": "\r", "nul": "\0"}
"""The characters of what can be put behind every message."""


def parse_typed(mode: Mode, text: str, encoding: str) -> bytes:
    """The bytes that `text` stands for; none for an empty one. Raises PlacedError."""
    if mode == "text":
        return parse_escaped(text, encoding)
    if mode == "hex":
        return parse_hex(text)
    return parse_python(text, encoding) if text.strip() else b""


def read_message(mode: Mode, text: str, encoding: str, fields: bool = False) -> Template:
    """The message that `text` stands for. fields: ``{{…}}`` is filled at sending (not in Python, which has its
    own braces). Raises PlacedError."""
    if not fields or mode == "python":
        return plain(parse_typed(mode, text, encoding))
    return parse_template(text, partial(_parse_piece, mode, encoding), encoding if mode == "text" else "ascii")


def _parse_piece(mode: Mode, encoding: str, text: str) -> bytes:
    return parse_typed(mode, text, encoding)
