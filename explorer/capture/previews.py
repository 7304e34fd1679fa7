"""The first bytes of a call or a message as visible text, from whole characters.

TCP cuts a stream anywhere, so a character may be split between two reads. It is shown where it ends: what begins
amid a character begins with all of it, and what ends amid one ends before it.
"""

from __future__ import annotations

from typing import NamedTuple

from explorer.capture.flow import read_back, read_on
from explorer.capture.reader import Reader
from explorer.capture.span import Place
from explorer.core.calls import CallFlag
from explorer.wire.characters import LONGEST, UNFINISHED, Codec, codec_of
from explorer.wire.escapes import escape
from explorer.wire.text_cells import LOOK_BACK

LOOK = 32
"""Calls that are looked at, either way, for the rest of a character: few, as each row may have to."""


class Shown(NamedTuple):
    """settled: no bytes that come later can change the text."""

    text: str
    settled: bool = True


class _Whole(NamedTuple):
    """data: the characters that end in a piece, with what stands before it of the first. left: bytes of a character
    that goes on behind the piece."""

    data: bytes
    left: bytes


def as_text(data: bytes, encoding: str) -> str:
    """Visible text in `encoding`, or in UTF-8 where a damaged capture names one that does not exist."""
    try:
        codec_of(encoding)
        return escape(data, encoding)
    except LookupError:
        return escape(data, "utf-8")


def cut_text(data: bytes, encoding: str, before: bytes = b"", cut: bool = True) -> str:
    """The text of a piece of a stream, `before` standing before it. cut: it goes on, so that half a character at the
    end is left out."""
    whole = _whole(data, _codec(encoding), before)
    return as_text(whole.data if cut else whole.data + whole.left, encoding)


def preview_of(reader: Reader, place: Place, data: bytes, size: int, encoding: str) -> Shown:
    """The text of `data`, the first bytes of a piece of `size` bytes that begins at a place of a stream.

    A datagram is no part of a stream: it begins and ends as it is.
    """
    if not data:
        return Shown("")
    codec = _codec(encoding)
    stream = not reader.call(place.call).flags & CallFlag.DATAGRAM
    before = b""
    if stream and codec.unit == 1 and codec.needs_lead(data[0]):
        # In UTF-8 the bytes of one character tell; elsewhere a line end or the like must be found, perhaps far back.
        before = read_back(reader, place, LONGEST if codec.encoding == "utf-8" else LOOK_BACK, LOOK)
    whole = _whole(data, codec, before)
    if not whole.left or len(data) < size:
        return Shown(as_text(whole.data, encoding))
    rest = b""
    if stream and data:
        rest = read_on(reader, place, size + LONGEST, LOOK)[size:]
    if rest and _completes(whole.left, rest, codec):
        return Shown(as_text(whole.data, encoding))
    return Shown(as_text(whole.data + whole.left, encoding), bool(rest) or not stream)


def _codec(encoding: str) -> Codec:
    try:
        return codec_of(encoding)
    except LookupError:
        return codec_of("utf-8")


def _whole(data: bytes, codec: Codec, before: bytes) -> _Whole:
    if not data:
        return _Whole(b"", b"")
    lead = codec.lead(before) if before and codec.unit == 1 and codec.needs_lead(data[0]) else b""
    found = codec.split(data, lead)
    joined = lead + data
    begin = len(lead) + min(found.starts[0], 0)
    end = len(lead) + found.starts[-1] if found.text.endswith(UNFINISHED) else len(joined)
    return _Whole(joined[begin:end], joined[end:])


def _completes(left: bytes, rest: bytes, codec: Codec) -> bool:
    """Whether what comes next makes a character of what is left, and not bytes that are no text."""
    text = codec.split(left + rest).text
    return text[:1] != UNFINISHED and not "\udc00" <= text[:1] <= "\udcff"
