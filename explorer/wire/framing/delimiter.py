"""Framing `delimiter`: messages that end with bytes of the user's choice."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.fields import Field, Value, hex_bytes
from explorer.wire.framing.api import MAX_FIELD, FramingKind, Part, Preset
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


PRESETS = (
    Preset("NUL", {"hex": "00"}, "Strings as C ends them, sent one after another."),
    Preset("CR LF", {"hex": "0d0a"}, "As the framing Lines with CR LF: the text protocols of the internet."),
    Preset("CR", {"hex": "0d"}, "Laboratory and other devices with a serial interface, and their answers."),
    Preset("Empty line (CR LF CR LF)", {"hex": "0d0a0d0a"}, "The end of the head of an HTTP message (RFC 9112)."),
    Preset("Line with a dot", {"hex": "0d0a2e0d0a"}, "The end of a mail in SMTP (RFC 5321)."),
    Preset("]]>]]>", {"hex": "5d5d3e5d5d3e"}, "The end of a NETCONF 1.0 message (RFC 6242)."),
    Preset("FS CR", {"hex": "1c0d"}, "The end of an HL7 message in MLLP; its first byte, 0b, stays in the message."),
    Preset("RS", {"hex": "1e"}, "The record separator of ASCII: messages of SignalR's JSON protocol."),
    Preset("Semicolon", {"hex": "3b"}, "Commands of radio transceivers, and statements typed one after another."),
    Preset("$$", {"hex": "2424"}, "Two dollar signs: an end that people choose for protocols of their own."),
)

KIND = FramingKind(
    "delimiter",
    "Delimiter",
    "Messages that end with chosen bytes.",
    (HEX_FIELD, KEEP_FIELD, MAX_FIELD),
    make,
    picture,
    PRESETS,
    payload_at="front",
)
