r"""Hex: ``48 65``, ``4865``, ``\x48\x65`` and hex dumps. The composer's hex input reads them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explorer.wire.formats.api import Format, rows_of
from explorer.wire.hex_input import parse_hex
from explorer.wire.hexdump import BYTES_PER_LINE, dump_line

_TEXT = "Text"


def to_hex(data: bytes) -> str:
    """``48656c6c6f``"""
    return data.hex()


def to_spaced_hex(data: bytes) -> str:
    """``48 65 6c 6c 6f``"""
    return data.hex(" ")


def _parse(text: str, encoding: str) -> bytes:
    return parse_hex(text)


def _write_spaced(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
    between = ""
    for data in pieces:
        if data:
            yield between + to_spaced_hex(data)
            between = " "


def _write_plain(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
    return map(to_hex, pieces)


def _write_escapes(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
    for data in pieces:
        if data:
            yield "\\x" + data.hex(" ").replace(" ", "\\x")


def _write_dump(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
    offset = 0
    for row in rows_of(pieces, BYTES_PER_LINE):
        yield dump_line(offset, row) + "\n"
        offset += len(row)


SPACED = Format("hex", "Hex", ".hex", "Hex digits", _write_spaced, _parse)
PLAIN = Format("plain_hex", "Hex without spaces", ".hex", "Hex digits", _write_plain, _parse)
ESCAPES = Format("hex_escapes", r"\x escapes", ".txt", _TEXT, _write_escapes, _parse)
DUMP = Format("dump", "Hex dump", ".txt", _TEXT, _write_dump, _parse)
