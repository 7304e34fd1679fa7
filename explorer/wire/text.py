"""Bytes to text: the encodings that are offered, and a decoder for a stream.

Text is decoded incrementally, one decoder per direction and connection: a character that is split
over two reads is one character. Bytes that are no text become U+FFFD, which is visible.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from explorer.core.errors import InputError

REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding that is offered. name: what workspaces hold and Python knows it by."""

    name: str
    label: str


ENCODINGS = (
    Encoding("utf-8", "UTF-8"),
    Encoding("ascii", "ASCII"),
    Encoding("latin-1", "Latin-1 (ISO 8859-1)"),
    Encoding("cp1252", "Windows-1252"),
    Encoding("utf-16-le", "UTF-16 little endian"),
    Encoding("utf-16-be", "UTF-16 big endian"),
    Encoding("gb18030", "GB18030 (Chinese)"),
    Encoding("shift_jis", "Shift-JIS (Japanese)"),
    Encoding("koi8-r", "KOI8-R (Russian)"),
    Encoding("cp037", "EBCDIC, US (cp037)"),
    Encoding("cp500", "EBCDIC, international (cp500)"),
)


def check_encoding(name: object, path: str = "$.encoding") -> str:
    """The offered name of the encoding `name`, which may be an alias such as ``UTF8``. Raises InputError."""
    if isinstance(name, str):
        try:
            wanted = codecs.lookup(name).name
        except (LookupError, ValueError):
            wanted = ""
        for encoding in ENCODINGS:
            if codecs.lookup(encoding.name).name == wanted:
                return encoding.name
    known = ", ".join(encoding.name for encoding in ENCODINGS)
    raise InputError(path, f"{name!r} is not an encoding that is offered here (offered: {known}).")


def decode(data: bytes, encoding: str) -> str:
    """`data` as text; what is no text becomes U+FFFD."""
    return data.decode(encoding, "replace")


class TextDecoder:
    """Text of one direction of one connection. Any cutting into chunks gives the same text."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def feed(self, data: bytes | memoryview) -> str:
        """The characters that these bytes complete."""
        return self._decoder.decode(data)

    def end(self) -> str:
        """What the end of the stream completes: U+FFFD for an unfinished character. The decoder is fresh again."""
        rest = self._decoder.decode(b"", True)
        self._decoder.reset()
        return rest
