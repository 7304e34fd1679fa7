"""Python: one bytes literal, or several side by side in brackets, which are one value too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explorer.wire.formats.api import Format, rows_of
from explorer.wire.python_input import parse_python

_A_LINE = 64  # bytes


def to_python(data: bytes) -> str:
    """``b'Hello'``"""
    return repr(data)


def _write(pieces: Iterable[bytes], encoding: str, size: int) -> Iterator[str]:
    if size <= _A_LINE:
        yield to_python(b"".join(pieces))
        return
    yield "(\n"
    for row in rows_of(pieces, _A_LINE):
        yield f"    {to_python(row)}\n"
    yield ")\n"


PYTHON = Format("python", "Python bytes", ".py", "Python source", _write, parse_python)
