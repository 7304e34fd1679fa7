r"""A JSON string as bytes: its characters in an encoding, and ``\udcHH`` alone as the byte HH (see formats/json.py)."""

from __future__ import annotations

import codecs
import re

from explorer.wire.placed_error import PlacedError

_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_PIECE = re.compile(
    r"""(?P<text> [^"\\\x00-\x1f]+ )
      | \\u (?P<high> [dD][89abAB][0-9a-fA-F]{2} ) \\u (?P<low> [dD][c-fC-F][0-9a-fA-F]{2} )
      | \\u [dD][cC] (?P<byte> [0-9a-fA-F]{2} )
      | \\u (?P<code> [0-9a-fA-F]{4} )
      | \\ (?P<simple> [nrtbf"\\/] )""",
    re.VERBOSE,
)


def parse_json_string(text: str, encoding: str = "utf-8") -> bytes:
    """The bytes of one JSON string, in its quotes. Raises PlacedError."""
    at, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if text[at : at + 1] != '"':
        raise PlacedError(min(at, max(0, len(text) - 1)), 'A JSON string is expected, in quotes: "hello\\n".')
    at += 1
    encoder = codecs.getincrementalencoder(encoding)()
    data = bytearray()
    while at < end and text[at] != '"':
        piece = _PIECE.match(text, at, end)
        if piece is None:
            raise PlacedError(at, _explain(text[at : at + 2]))
        if piece["byte"]:
            data.append(int(piece["byte"], 16))
        else:
            data += _encode(piece, encoder, encoding)
        at = piece.end()
    if at >= end:
        raise PlacedError(max(0, end - 1), 'The JSON string has no end; a " is missing there.')
    if at + 1 < end:
        raise PlacedError(at + 1, "More stands behind the JSON string; paste one string at a time.")
    return bytes(data)


def _encode(piece: re.Match[str], encoder: codecs.IncrementalEncoder, encoding: str) -> bytes:
    try:
        return encoder.encode(_characters(piece), final=True)
    except UnicodeEncodeError as error:
        wrong = ord(error.object[error.start])
        place = piece.start() + (error.start if piece["text"] else 0)
        if 0xD800 <= wrong <= 0xDFFF:
            raise PlacedError(
                place,
                f"\\u{wrong:04x} is half of a surrogate pair and stands for no character; its other half is missing.",
            ) from None
        raise PlacedError(
            place, f"{chr(wrong)!r} (U+{wrong:04X}) does not exist in {encoding}. Choose another encoding."
        ) from None


def _characters(piece: re.Match[str]) -> str:
    if piece["text"]:
        return piece["text"]
    if piece["simple"]:
        return _SIMPLE[piece["simple"]]
    if piece["high"]:
        return chr(0x10000 + ((int(piece["high"], 16) & 0x3FF) << 10 | int(piece["low"], 16) & 0x3FF))
    return chr(int(piece["code"], 16))


def _explain(wrong: str) -> str:
    if wrong[0] != "\\":
        return "A control character cannot stand in a JSON string; write it as an escape, e.g. \\n or \\u0000."
    if wrong[1:2] == "u":
        return "\\u needs four hex digits, e.g. \\u20ac."
    return f'{wrong} is not an escape of JSON (known: \\n \\r \\t \\b \\f \\" \\\\ \\/ \\uXXXX).'
