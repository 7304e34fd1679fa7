"""What the unfinished message at the end of a stream waits for, in a few words: "waits for 12 more bytes"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from explorer.capture.words import counted
from explorer.core.errors import InputError
from explorer.core.fields import Value, check, whole
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import FramingKind
from explorer.wire.framing.registry import find_kind

HEAD = 64
"""Bytes of the unfinished message that must be known to tell; fewer where it has fewer."""
SHOWN = 12
"""And so many are shown."""
_ENDS = {
    "LF": "the line feed",
    "CR LF": "the carriage return and line feed",
    "LF or CR LF": "the line feed",
}
_HEADER = "the rest of its length"
_MOST_DIGITS = 20

Values = Mapping[str, Value]


def pending_text(framing: Choice, size: int, head: bytes, start: int) -> str:
    """``pending: 2 bytes: 61 62 · waits for the line feed``. What they are: see `waits_for`."""
    more = " …" if size > SHOWN else ""
    waits = waits_for(framing, size, head, start)
    return f"pending: {counted(size, 'byte')}: {head[:SHOWN].hex(' ')}{more} · {waits}"


def waits_for(framing: Choice, size: int, head: bytes, start: int = 0) -> str:
    """size: bytes that are there; head: the first of them, at least `HEAD` where there are so many; start: where they
    begin in the stream."""
    try:
        kind = find_kind(framing.kind)
        values = check(kind.fields, framing.settings)
    except InputError:
        return "waits for more bytes"
    if kind.name == "idle":
        return f"waits for {values['ms']:,} ms of silence"
    whole = _WHOLE[kind.name](values, size, head) if kind.name in _WHOLE else None
    if isinstance(whole, _Frame):
        left = whole.size - size
        if left <= 0:
            return "waits for more bytes"
        because = f": the length at byte {start + whole.place:,} says {whole.said:,}" if whole.said is not None else ""
        return f"waits for {counted(left, 'more byte')} of {whole.size:,}{because}"
    return f"waits for {whole or _end(kind, values)}"


def _end(kind: FramingKind, values: Values) -> str:
    """What ends a message of this kind, by its own picture."""
    label = next((part.label for part in reversed(kind.picture(values)) if part.role == "end"), "")
    return _ENDS.get(label) or (f"its end: {label.removeprefix('end ')}" if label else "more bytes")


class _Frame(NamedTuple):
    """size: of the whole frame. said: by its length, which stands at `place` in it; None where it has none."""

    size: int
    said: int | None = None
    place: int = 0


# Each gives the whole frame, or what it waits for to know that.


def _fixed(values: Values, size: int, head: bytes) -> _Frame | str:
    return _Frame(whole(values["size"]))


def _length(values: Values, size: int, head: bytes) -> _Frame | str:
    width, offset, adjustment = (whole(values[name]) for name in ("width", "offset", "adjustment"))
    header = offset + width
    if size < header:
        return f"{counted(header - size, 'more byte')} of its header"
    if len(head) < header:
        return "as many bytes as its length says"
    order: Literal["big", "little"] = "little" if values["order"] == "little" else "big"
    said = int.from_bytes(head[offset:header], order)
    return _Frame(said + adjustment + header, said, offset)


def _varint(values: Values, size: int, head: bytes) -> _Frame | str:
    length = shift = 0
    for place, byte in enumerate(head[:10], 1):
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return _Frame(place + length, length)
    return _HEADER


def _netstring(values: Values, size: int, head: bytes) -> _Frame | str:
    digits, colon, _ = head[: _MOST_DIGITS + 1].partition(b":")
    return _Frame(len(digits) + 1 + int(digits) + 1, int(digits)) if colon and digits.isdigit() else _HEADER


_WHOLE: Mapping[str, Callable[[Values, int, bytes], _Frame | str]] = {
    "fixed": _fixed,
    "length": _length,
    "varint": _varint,
    "netstring": _netstring,
}
