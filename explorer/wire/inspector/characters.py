"""Bytes as one character: in UTF-8 with its Unicode name, and in the encoding of the socket."""

from __future__ import annotations

import codecs
import unicodedata

from explorer.wire.inspector.api import Kind, Look, Order, Value, short
from explorer.wire.visible import visible_text

MOST = 8
"""Bytes in which any offered encoding has come to its next character."""
_CONTROLS = (
    "NULL", "START OF HEADING", "START OF TEXT", "END OF TEXT", "END OF TRANSMISSION", "ENQUIRY", "ACKNOWLEDGE",
    "BELL", "BACKSPACE", "CHARACTER TABULATION", "LINE FEED", "LINE TABULATION", "FORM FEED", "CARRIAGE RETURN",
    "SHIFT OUT", "SHIFT IN", "DATA LINK ESCAPE", "DEVICE CONTROL ONE", "DEVICE CONTROL TWO", "DEVICE CONTROL THREE",
    "DEVICE CONTROL FOUR", "NEGATIVE ACKNOWLEDGE", "SYNCHRONOUS IDLE", "END OF TRANSMISSION BLOCK", "CANCEL",
    "END OF MEDIUM", "SUBSTITUTE", "ESCAPE", "INFORMATION SEPARATOR FOUR", "INFORMATION SEPARATOR THREE",
    "INFORMATION SEPARATOR TWO", "INFORMATION SEPARATOR ONE",
)  # fmt: skip
_WITHOUT_NAME = {"Cc": "CONTROL CHARACTER", "Co": "PRIVATE USE", "Cs": "SURROGATE", "Cn": "NOT ASSIGNED"}


def character_name(character: str) -> str:
    """Its Unicode name in capitals; of one that has none, what it is for."""
    code = ord(character)
    if code < 0x20:
        return _CONTROLS[code]
    if code == 0x7F:
        return "DELETE"
    return unicodedata.name(character, "") or _WITHOUT_NAME.get(unicodedata.category(character), "WITHOUT A NAME")


def describe(character: str) -> str:
    """``é U+00E9 LATIN SMALL LETTER E WITH ACUTE``. What cannot be seen is shown by its picture or code alone; a
    mark that would sit on its neighbour sits on a dotted circle."""
    code = f"U+{ord(character):04X}"
    seen = visible_text(character)
    if seen == f"<{code}>" or seen.isspace():
        return f"{code} {character_name(character)}"
    if unicodedata.category(character).startswith("M"):
        seen = f"\u25cc{character}"
    return f"{seen} {code} {character_name(character)}"


def utf8() -> Kind:
    """The UTF-8 character that begins at the cursor (RFC 3629)."""

    def read(data: bytes, order: Order, look: Look) -> Value:
        lead = data[0]
        if 0x80 <= lead < 0xC0:
            return Value(problem=f"0x{lead:02X} goes on a character that began before")
        return _first(data, "utf-8", "UTF-8")

    return Kind("UTF-8", "Character in UTF-8, with its Unicode code point and name", 1, read, ordered=False)


def in_encoding() -> Kind:
    """The character that begins at the cursor in the socket's encoding."""

    def read(data: bytes, order: Order, look: Look) -> Value:
        return _first(data, look.encoding, look.encoding)

    return Kind("text", "Character in the socket's encoding", 1, read, ordered=False)


def _first(data: bytes, encoding: str, label: str) -> Value:
    """The first character; encodings that give several for one code give them all."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    for at, byte in enumerate(data[:MOST]):
        try:
            text = decoder.decode(bytes((byte,)))
        except UnicodeError:
            wrong = " ".join(f"0x{one:02X}" for one in data[: at + 1])
            return Value(problem=f"{wrong} is no character in {label}")
        if text:
            return Value(", ".join(map(describe, text)), at + 1)
    if len(data) >= MOST:
        return Value(problem=f"no character in {label}")
    return short(_size_of_utf8(data[0]) if encoding == "utf-8" else len(data) + 1, len(data))


def _size_of_utf8(lead: int) -> int:
    return 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
