"""Hex dumps: 16 bytes a line as offset, hex and text, in the layout of ``hexdump -C``."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.wire.visible import visible

BYTES_PER_LINE = 16
_HALF = BYTES_PER_LINE // 2
_HEX_WIDTH = 3 * BYTES_PER_LINE


def dump_line(offset: int, row: bytes) -> str:
    """One line for at most 16 bytes that stand at `offset`."""
    digits = f"{row[:_HALF].hex(' ')}  {row[_HALF:].hex(' ')}"
    return f"{offset:08x}  {digits:<{_HEX_WIDTH}}  |{visible(row)}|"


def dump_lines(data: bytes | memoryview, start: int = 0) -> Iterator[str]:
    """Lines for `data`, whose first byte is called `start`. Every byte is shown; equal lines are not folded."""
    view = memoryview(data)
    for at in range(0, len(view), BYTES_PER_LINE):
        yield dump_line(start + at, bytes(view[at : at + BYTES_PER_LINE]))


def dump(data: bytes | memoryview, start: int = 0) -> str:
    """All lines, each with its line feed."""
    return "".join(line + "\n" for line in dump_lines(data, start))
