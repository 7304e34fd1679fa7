"""What the unfinished message at the end of a stream waits for, in a few words: "waits for 12 more bytes"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from explorer.capture.words import counted
from explorer.core.errors import InputError
from explorer.core.fields import Value, check
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import FramingKind
from explorer.wire.framing.registry import find_kind

HEAD = 64
"""Bytes of the unfinished message that must be known to tell; fewer where it has fewer."""
_ENDS = {
    "LF": "the line feed",
    "CR LF": "the carriage return and line feed",
    "LF or CR LF": "the line feed",
}
_HEADER = "the rest of its length"
_MOST_DIGITS = 20

Values = Mapping[str, Value]


def waits_for(framing: Choice, size: int, head: bytes) -> str:
    """size: bytes that are there; head: the first of them, at least `HEAD` where there are so many."""
    try:
        kind = find_kind(framing.kind)
        values = check(kind.fields, framing.settings)
    except InputError:
        return "waits for more bytes"
    if kind.name == "idle":
        return f"waits for {values['ms']:,} ms of silence"
    whole = _WHOLE[kind.name](values, size, head) if kind.name in _WHOLE else None
    if isinstance(whole, int):
        left = whole - size
        return f"waits for {counted(left, 'more byte')} of {whole:,}" if left > 0 else "waits for more bytes"
    return f"waits for {whole or _end(kind, values)}"


def _end(kind: FramingKind, values: Values) -> str:
    """What ends a message of this kind, by its own picture."""
    label = next((part.label for part in reversed(kind.picture(values)) if part.role == "end"), "")
    return _ENDS.get(label) or (f"its end: {label.removeprefix('end ')}" if label else "more bytes")


# Each gives the size of the whole frame, or what it waits for to know that.


def _fixed(values: Values, size: int, head: bytes) -> int | str:
    return int(values["size"])


def _length(values: Values, size: int, head: bytes) -> int | str:
    width, offset, adjustment = (int(values[name]) for name in ("width", "offset", "adjustment"))
    header = offset + width
    if size < header:
        return f"{counted(header - size, 'more byte')} of its header"
    if len(head) < header:
        return "as many bytes as its length says"
    order: Literal["big", "little"] = "little" if values["order"] == "little" else "big"
    return int.from_bytes(head[offset:header], order) + adjustment + header


def _varint(values: Values, size: int, head: bytes) -> int | str:
    length = shift = 0
    for place, byte in enumerate(head[:10], 1):
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return place + length
    return _HEADER


def _netstring(values: Values, size: int, head: bytes) -> int | str:
    digits, colon, _ = head[: _MOST_DIGITS + 1].partition(b":")
    return len(digits) + 1 + int(digits) + 1 if colon and digits.isdigit() else _HEADER


_WHOLE: Mapping[str, Callable[[Values, int, bytes], int | str]] = {
    "fixed": _fixed,
    "length": _length,
    "varint": _varint,
    "netstring": _netstring,
}
