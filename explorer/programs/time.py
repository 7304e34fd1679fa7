"""Program `time`: tells the time.

Over TCP it is told as soon as somebody connects, over UDP in answer to each datagram.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from explorer.core.fields import Field, Value
from explorer.core.socket_spec import Choice
from explorer.programs.api import Action, Close, Line, ProgramKind, Send, Setup, World

FROM_1900_TO_1970 = 2_208_988_800  # seconds (RFC 868)
EXAMPLE = datetime.fromisoformat("2026-11-21T09:30:05+01:00")

FIELDS = (
    Field(
        "format",
        "choice",
        "text",
        "Format",
        "text: a line such as Saturday, November 21, 2026 09:30:05 +0100 (RFC 867). iso: 2026-11-21T09:30:05+01:00 "
        "(ISO 8601). binary: four bytes, the seconds since 1900, most significant first (RFC 868); they start again "
        "from 0 in 2036.",
        choices=("text", "iso", "binary"),
        labels=("Text for people (RFC 867)", "ISO 8601", "4 bytes (RFC 868)"),
    ),
    Field(
        "when",
        "choice",
        "connect",
        "Tell it",
        "connect: once, as soon as somebody connects; then the connection is closed, as both RFCs say. message: in "
        "answer to every message; the connection stays open. Over UDP it is always every message.",
        choices=("connect", "message"),
        labels=("On connecting", "On every message"),
    ),
    Field(
        "line_end",
        "bool",
        True,
        "End the text with CR LF",
        "For the two formats of text, with raw framing. Switch it off for a framing that ends messages itself.",
    ),
)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def binary(now: datetime) -> bytes:
    """Seconds since 1900 modulo 2**32 (RFC 868)."""
    return struct.pack(">I", (int(now.timestamp()) + FROM_1900_TO_1970) % (1 << 32))


def text(now: datetime) -> bytes:
    """In English whatever the system's language: strftime would ask the locale."""
    day = f"{DAYS[now.weekday()]}, {MONTHS[now.month - 1]} {now.day}, {now.year}"
    return f"{day} {now:%H:%M:%S %z}".rstrip().encode("ascii")


def iso(now: datetime) -> bytes:
    return now.isoformat(timespec="seconds").encode("ascii")


FORMATS: dict[str, Callable[[datetime], bytes]] = {"text": text, "iso": iso, "binary": binary}


class Time:
    """tell: writes a moment down. once: on connecting, and no more."""

    def __init__(self, tell: Callable[[datetime], bytes], once: bool, world: World) -> None:
        self._tell = tell
        self._world = world
        self._once = once and world.transport == "tcp"

    def opened(self, peer: str) -> Sequence[Action]:
        return (self._now(), Close()) if self._once else ()

    def message(self, payload: bytes) -> Sequence[Action]:
        return () if self._once else (self._now(),)

    def closed(self) -> Sequence[Action]:
        return ()

    def _now(self) -> Send:
        return Send(self._tell(self._world.now()))


def make(values: Mapping[str, Value]) -> Setup:
    tell, once = _teller(values), values["when"] == "connect"
    return lambda world: Time(tell, once, world)


def _teller(values: Mapping[str, Value]) -> Callable[[datetime], bytes]:
    write = FORMATS[str(values["format"])]
    if values["format"] == "binary" or not values["line_end"]:
        return write
    return lambda now: write(now) + b"\r\n"


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    told = _teller(values)(EXAMPLE)
    shown = told.hex(" ") if values["format"] == "binary" else told.decode("ascii").rstrip("\r\n")
    if values["when"] == "connect":
        return (
            Line("note", "Somebody connects."),
            Line("us", shown),
            Line("note", "The connection is closed (over UDP: nothing to close)."),
        )
    return Line("peer", "anything"), Line("us", shown), Line("note", "The connection stays open for the next question.")


KIND = ProgramKind("time", FIELDS, make, answers=True, wants_messages=True, picture=picture, framing=Choice("raw"))
