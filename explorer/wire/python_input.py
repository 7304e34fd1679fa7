"""Bytes typed as a Python literal: ``b"\\x01ok"``, or ``"text"``, which is encoded."""

from __future__ import annotations

import ast
import warnings

from explorer.wire.placed_error import PlacedError


def parse_python(text: str, encoding: str = "utf-8") -> bytes:
    """The bytes of one Python literal; neighbouring literals join, as in Python. Raises PlacedError."""
    lead = len(text) - len(text.lstrip())
    body = text.strip()
    if not body:
        raise PlacedError(0, 'A Python literal is expected, e.g. b"hello\\n".')
    node = _parse(body, lead).body
    if not isinstance(node, ast.Constant) or not isinstance(node.value, bytes | str):
        raise PlacedError(
            lead, 'Only a bytes or str literal can be sent, e.g. b"hello\\n" or "hello"; this is neither.'
        )
    if isinstance(node.value, bytes):
        return node.value
    try:
        return node.value.encode(encoding)
    except UnicodeEncodeError as error:
        wrong = node.value[error.start]
        raise PlacedError(
            lead, f"The text holds {wrong!r} (U+{ord(wrong):04X}), which does not exist in {encoding}."
        ) from None


def _parse(body: str, lead: int) -> ast.Expression:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an unknown escape such as \q is a mistake here
            return ast.parse(body, mode="eval")
    except SyntaxError as error:
        raise PlacedError(lead + _position(body, error), f"This is not a Python literal: {error.msg}.") from None
    except (ValueError, MemoryError, RecursionError):  # NUL or half a surrogate pair; far too deep
        raise PlacedError(lead, "This is not a Python literal that can be read.") from None


def _position(body: str, error: SyntaxError) -> int:
    """Index in `body` of what a SyntaxError points at (it counts lines and columns from 1, or has none)."""
    lines = body.split("\n")
    line = min(max(error.lineno or 1, 1), len(lines))
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return min(before + max((error.offset or 1) - 1, 0), len(body) - 1)
