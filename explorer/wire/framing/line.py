"""Framing `line`: text lines that end with LF, CRLF, or either of them."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.fields import Field, Value
from explorer.wire.framing.api import MAX_FIELD, FramingKind
from explorer.wire.framing.splitter import Splitter
from explorer.wire.framing.values import integer, text

ENDING_FIELD = Field(
    "ending",
    "choice",
    "lf",
    "Line ending",
    "lf: \\n, a CR before it stays in the message. crlf: \\r\\n, a bare LF is data. any: either; a bare CR is data.",
    choices=("lf", "crlf", "any"),
)


def make(values: Mapping[str, Value]) -> Splitter:
    ending, maximum = text(values, "ending"), integer(values, "max")
    if ending == "crlf":
        return Splitter(b"\r\n", maximum, "line ending (CR LF)")
    if ending == "any":
        return Splitter(b"\n", maximum, "line ending (LF or CR LF)", drop_cr=True)
    return Splitter(b"\n", maximum, "line ending (LF)")


KIND = FramingKind("line", "Lines", "Text lines, each ended by LF or CR LF.", (ENDING_FIELD, MAX_FIELD), make)
