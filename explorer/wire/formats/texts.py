"""Text: as it is, which may lose what is no text, and with escapes, which loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explorer.wire import text
from explorer.wire.escapes import escape_pieces, parse_escaped
from explorer.wire.formats.api import Format


def _write_text(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
    decoder = text.TextDecoder(encoding)
    for data in pieces:
        yield decoder.feed(data)
    yield decoder.end()


def _write_escaped(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
    return escape_pieces(pieces, encoding)


TEXT = Format("text", "Text", ".txt", "Text", _write_text, None)
ESCAPED = Format("escaped", "Text with escapes", ".txt", "Text", _write_escaped, parse_escaped)
