"""Base64 with the standard alphabet (RFC 4648, section 4), in lines of 76 characters as in mail (RFC 2045)."""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator

from explorer.wire.base64_input import parse_base64
from explorer.wire.formats.api import Format, rows_of

_A_LINE = 57  # bytes, which are 76 characters


def _write(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
    end = "\n" if size > _A_LINE else ""
    for row in rows_of(pieces, _A_LINE):
        yield binascii.b2a_base64(row, newline=False).decode("ascii") + end


def _parse(text: str, encoding: str) -> bytes:
    return parse_base64(text)


BASE64 = Format("base64", "Base64", ".b64", "Base64", _write, _parse)
