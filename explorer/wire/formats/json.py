r"""A JSON string (RFC 8259): the text that the bytes are in the encoding, as one string in quotes.

A byte that is no text stands as ``\udcHH``: a low surrogate without its other half, which no text holds. JSON
allows it and its parsers keep it, and Python's ``surrogateescape`` (PEP 383) turns it into the byte again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explorer.wire.escapes import decode_pieces
from explorer.wire.formats.api import Format
from explorer.wire.json_input import parse_json_string
from explorer.wire.visible import is_seen

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}
_KEPT = 1 << 14  # characters that are remembered


class _Escapes(dict[int, int | str]):
    """A table for str.translate that works out each character when it is asked for."""

    def __missing__(self, code: int) -> int | str:
        character = chr(code)
        shown: int | str = code
        if character in _SHORT:
            shown = _SHORT[character]
        elif not is_seen(character):
            units = character.encode("utf-16-be", "surrogatepass")
            shown = "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
        if len(self) < _KEPT:
            self[code] = shown
        return shown


_ESCAPES = _Escapes()


def _write(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
    yield '"'
    for text in decode_pieces(pieces, encoding):
        yield text.translate(_ESCAPES)
    yield '"'


JSON = Format("json", "JSON string", ".json", "JSON", _write, parse_json_string)
