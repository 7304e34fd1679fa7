"""Framing `line`: text lines that end with LF, CRLF, or either of them."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.fields import Field, Value
from explorer.wire.framing.api import MAX_FIELD, FramingKind, Part, Preset
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


def picture(values: Mapping[str, Value]) -> tuple[Part, ...]:
    ending = text(values, "ending")
    label = {"lf": "LF", "crlf": "CR LF", "any": "LF or CR LF"}[ending]
    size = {"lf": 1, "crlf": 2, "any": None}[ending]
    return (
        Part("text", "payload", "The line itself."),
        Part(label, "end", "Ends the line and is cut off.", size, cut=True),
    )


PRESETS = (
    Preset("LF", {}, "Text as Unix writes it, JSON Lines, many programs of one's own."),
    Preset("CR LF", {"ending": "crlf"}, "The text protocols of the internet: SMTP, FTP, IRC, the heads of HTTP."),
    Preset("LF or CR LF", {"ending": "any"}, "Where people type with netcat, telnet and the like."),
    Preset(
        "NMEA 0183 with its checksum",
        {"ending": "crlf", "checksum": "xor8", "checksum_as": "hex", "checksum_from": 1, "checksum_mark": "2a"},
        "Receivers of GPS and instruments on ships: * and the two digits behind it are checked and cut off, and added "
        "to what is sent.",
    ),
)

KIND = FramingKind(
    "line",
    "Lines",
    "Text lines, each ended by LF or CR LF.",
    (ENDING_FIELD, MAX_FIELD),
    make,
    picture,
    PRESETS,
    payload_at="front",
)
