"""Framing `delimiter`: messages that end with bytes of the user's choice."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.fields import Field, Value, hex_bytes
from explorer.wire.framing.api import MAX_FIELD, FramingKind, Part
from explorer.wire.framing.splitter import Splitter
from explorer.wire.framing.values import flag, integer, text

HEX_FIELD = Field(
    "hex",
    "hex",
    None,
    "Delimiter",
    "The bytes that end a message, as hex digits: 00 for a NUL, 0d0a for CR LF.",
    minimum=1,
    maximum=256,
)
KEEP_FIELD = Field("keep", "bool", False, "Keep delimiter", "The delimiter stays at the end of each message.")


def make(values: Mapping[str, Value]) -> Splitter:
    delimiter = hex_bytes(text(values, "hex"), "hex")
    what = f"delimiter ({delimiter.hex(' ')})"
    return Splitter(delimiter, integer(values, "max"), what, keep=flag(values, "keep"))


def picture(values: Mapping[str, Value]) -> tuple[Part, ...]:
    delimiter, keep = hex_bytes(text(values, "hex"), "hex"), flag(values, "keep")
    said = "Ends the message and stays in it." if keep else "Ends the message and is cut off."
    return (
        Part("payload", "payload", "Any bytes but the delimiter."),
        Part(delimiter.hex(" "), "end", said, len(delimiter), cut=not keep),
    )


KIND = FramingKind(
    "delimiter",
    "Delimiter",
    "Messages that end with chosen bytes.",
    (HEX_FIELD, KEEP_FIELD, MAX_FIELD),
    make,
    picture,
    payload_at="front",
)
