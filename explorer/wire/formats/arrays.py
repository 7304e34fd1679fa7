"""Arrays in the source code of C, Rust, Go, Java and JavaScript, twelve bytes a line.

Up to twelve bytes stand in one line with the declaration. The last of several lines ends with a comma too:
Go asks for it, the others allow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from explorer.wire.array_input import parse_array
from explorer.wire.formats.api import Format, Write, rows_of

A_LINE = 12
"""Bytes in a line."""

_JAVA = tuple(f"0x{byte:02x}" if byte < 0x80 else f"(byte) 0x{byte:02x}" for byte in range(256))


def _plain_items(row: bytes) -> str:
    return "0x" + row.hex(" ").replace(" ", ", 0x") if row else ""


def _java_items(row: bytes) -> str:
    """A byte of Java goes from -128 to 127: larger numbers need a cast."""
    return ", ".join([_JAVA[byte] for byte in row])


def _writer(head: str, foot: str, items: Callable[[bytes], str] = _plain_items) -> Write:
    """head: what stands before the bytes, with ``{size}`` where their number is wanted."""

    def write(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
        before = head.replace("{size}", str(size))
        if size <= A_LINE:
            yield f"{before}{items(b''.join(pieces))}{foot}"
            return
        yield before + "\n"
        for row in rows_of(pieces, A_LINE):
            yield f"    {items(row)},\n"
        yield foot + "\n"

    return write


def _parse(text: str, encoding: str) -> bytes:
    return parse_array(text)


def _format(name: str, label: str, suffix: str, write: Write) -> Format:
    return Format(name, f"{label} array", suffix, f"{label} source", write, _parse)


C = _format("c", "C", ".c", _writer("unsigned char data[] = {", "};"))
RUST = _format("rust", "Rust", ".rs", _writer("let data: [u8; {size}] = [", "];"))
GO = _format("go", "Go", ".go", _writer("data := []byte{", "}"))
JAVA = _format("java", "Java", ".java", _writer("byte[] data = {", "};", _java_items))
JAVASCRIPT = _format("javascript", "JavaScript", ".js", _writer("new Uint8Array([", "])"))
