"""Hex dumps: 16 bytes a line as offset, hex and text, in the layout of ``hexdump -C``; fewer where lines are short."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.wire.visible import visible

BYTES_PER_LINE = 16
_HALF = BYTES_PER_LINE // 2


def line_width(per_line: int = BYTES_PER_LINE) -> int:
    """Characters of a full line of so many bytes, at most 16, at an offset below 4 GiB."""
    return len(dump_line(0, bytes(per_line), per_line))


def dump_line(offset: int, row: bytes, per_line: int = BYTES_PER_LINE) -> str:
    """One line for at most `per_line` bytes (at most 16) that stand at `offset`."""
    digits = f"{row[:_HALF].hex(' ')}  {row[_HALF:].hex(' ')}" if per_line > _HALF else row.hex(" ")
    width = 3 * per_line - (per_line <= _HALF)
    return f"{offset:08x}  {digits:<{width}}  |{visible(row)}|"


def dump_lines(data: bytes | memoryview, start: int = 0, per_line: int = BYTES_PER_LINE) -> Iterator[str]:
    """Lines for `data`, whose first byte is called `start`. Every byte is shown; equal lines are not folded."""
    view = memoryview(data)
    for at in range(0, len(view), per_line):
        yield dump_line(start + at, bytes(view[at : at + per_line]), per_line)


def dump(data: bytes | memoryview, start: int = 0) -> str:
    """All lines, each with its line feed."""
    return "".join(line + "\n" for line in dump_lines(data, start))
