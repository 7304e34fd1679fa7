r"""Text with escapes, as typed into the composer, and back.

``\n \r \t \0 \\`` and ``\uXXXX`` or ``\u{…}`` (one to six hex digits) are characters and are encoded
like the text around them; ``\xHH`` is one byte whatever the encoding. Two ``\uXXXX`` that are the halves
of a surrogate pair are one character, as in JSON.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from explorer.wire.placed_error import PlacedError
from explorer.wire.visible import is_seen

_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\"}
_NAMES = {character: "\\" + letter for letter, character in _SIMPLE.items()}
_PIECE = re.compile(
    r"""(?P<text> [^\\]+ )
      | \\x (?P<byte> [0-9a-fA-F]{2} )
      | \\u (?P<high> [dD][89abAB][0-9a-fA-F]{2} ) \\u (?P<low> [dD][c-fC-F][0-9a-fA-F]{2} )
      | \\u (?: (?P<code> [0-9a-fA-F]{4} ) | \{ (?P<braced> [0-9a-fA-F]{1,6} ) \} )
      | \\ (?P<simple> [nrt0\\] )""",
    re.VERBOSE,
)


def parse_escaped(text: str, encoding: str) -> bytes:
    """The bytes that `text` stands for. Raises PlacedError."""
    encoder = codecs.getincrementalencoder(encoding)()  # one for all: a byte order mark comes once
    data = bytearray()
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            raise PlacedError(at, _explain(text[at:]))
        if piece["byte"]:
            data.append(int(piece["byte"], 16))
        else:
            data += _encode(_characters(piece, at), encoder, encoding, at, literal=piece["text"] is not None)
        at = piece.end()
    return bytes(data)


def escape(data: bytes, encoding: str) -> str:
    r"""Text that `parse_escaped` turns into `data` again: unseen characters and ``\`` escaped, non-text as ``\xHH``."""
    return "".join(escape_pieces((data,), encoding))


def escape_pieces(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The same for bytes that come in pieces; a character may be split between two of them."""
    table = _ESCAPED_BYTES if _has_ascii(encoding) else _ESCAPED
    for text in decode_pieces(pieces, encoding):
        yield text.translate(table)


def decode_pieces(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Text that holds every byte: one that is no text stands as U+DC00 + byte, which no text holds."""
    decoder = codecs.getincrementaldecoder(encoding)(KEEP_BYTES)
    for data in pieces:
        yield decoder.decode(data)
    yield decoder.decode(b"", True)


@lru_cache
def _has_ascii(encoding: str) -> bool:
    """Whether each ASCII character is one byte of the same number."""
    return bytes(range(0x80)).decode("ascii").encode(encoding, "replace") == bytes(range(0x80))


def _characters(piece: re.Match[str], at: int) -> str:
    if piece["text"]:
        return piece["text"]
    if piece["simple"]:
        return _SIMPLE[piece["simple"]]
    if piece["high"]:
        return chr(0x10000 + ((int(piece["high"], 16) & 0x3FF) << 10 | int(piece["low"], 16) & 0x3FF))
    code = int(piece["code"] or piece["braced"], 16)
    if code > 0x10FFFF:
        raise PlacedError(at, f"U+{code:X} is no character; the last one is U+10FFFF.")
    return chr(code)


def _encode(characters: str, encoder: codecs.IncrementalEncoder, encoding: str, at: int, *, literal: bool) -> bytes:
    try:
        return encoder.encode(characters, final=True)
    except UnicodeEncodeError as error:
        wrong = characters[error.start]
        place = at + error.start if literal else at
        if 0xD800 <= ord(wrong) <= 0xDFFF:
            raise PlacedError(
                place, f"U+{ord(wrong):04X} is half of a surrogate pair, not a character; write \\u{{…}}."
            ) from None
        raise PlacedError(
            place,
            f"{wrong!r} (U+{ord(wrong):04X}) does not exist in {encoding}. Choose another encoding, "
            "or write the byte as \\xHH.",
        ) from None


def _explain(rest: str) -> str:
    """Why the text from a backslash on is not an escape."""
    letter = rest[1:2]
    if not letter:
        return "A backslash stands at the end; write \\\\ for a backslash."
    if letter == "x":
        return "\\x needs two hex digits, e.g. \\x1b."
    if letter == "u":
        return "\\u needs four hex digits, or one to six in braces, e.g. \\u20ac or \\u{1f600}."
    return (
        f"\\{letter} is not an escape (known: \\n \\r \\t \\0 \\\\ \\xHH \\uXXXX \\u{{…}}); write \\\\ for a backslash."
    )


# Bytes that are no text pass the decoder as U+DC00 + byte. No decoder gives such a character for
# text, so they can be told apart afterwards. (Python's own surrogateescape refuses bytes below 128,
# which UTF-16 needs.)
KEEP_BYTES = "socket-explorer.keep-bytes"


def _keep_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(KEEP_BYTES, _keep_bytes)


class _Escaped(dict[int, int | str]):
    """A table for str.translate that works out each character when it is asked for.

    single: ASCII characters are one byte in the encoding, so unseen ones are written the short way, ``\\xHH``.
    """

    def __init__(self, single: bool) -> None:
        super().__init__()
        self._single = single
        for code in (*range(0x100), *range(0xDC00, 0xDD00)):  # the usual ones, for speed
            self[code] = self.__missing__(code)

    def __missing__(self, code: int) -> int | str:
        if 0xDC00 <= code <= 0xDCFF:
            return f"\\x{code - 0xDC00:02x}"
        character = chr(code)
        if character in _NAMES:
            return _NAMES[character]
        if is_seen(character):
            return code
        return f"\\x{code:02x}" if self._single and code < 0x80 else f"\\u{{{code:x}}}"


_ESCAPED = _Escaped(single=False)
_ESCAPED_BYTES = _Escaped(single=True)
