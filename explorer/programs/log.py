"""Program `log`: takes in log messages over UDP or TCP, as a syslog server does.

It reads and keeps silent, unless an acknowledgement was asked for. What the lines say is for views to read
(`explorer.wire.log_lines`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.core.fields import Field, Value
from explorer.core.socket_spec import Choice
from explorer.programs import silent
from explorer.programs.api import Action, Line, ProgramKind, Send, Setup, World

BUFFER_SIZE = 128 << 10  # no datagram is longer, and many lines come in one call

FIELDS = (
    Field(
        "acknowledge",
        "text",
        "",
        "Acknowledgement",
        "Sent after every message, e.g. OK. Empty, as syslog has it: nothing is ever sent.",
        maximum=200,
    ),
)


class Acknowledging:
    """words: the answer to every message."""

    def __init__(self, words: bytes) -> None:
        self._answer = Send(words)

    def opened(self, peer: str) -> Sequence[Action]:
        return ()

    def message(self, payload: bytes) -> Sequence[Action]:
        return (self._answer,)

    def closed(self) -> Sequence[Action]:
        return ()


def make(values: Mapping[str, Value]) -> Setup:
    words = str(values["acknowledge"]).encode()
    if not words:
        return silent.make(values)

    def begin(world: World) -> Acknowledging:
        return Acknowledging(words)

    return begin


def picture(values: Mapping[str, Value]) -> tuple[Line, ...]:
    words = str(values["acknowledge"])
    answer = (Line("us", words),) if words else ()
    return (
        Line("peer", "<34>Nov 21 09:30:05 router su: access denied"),
        *answer,
        Line("note", "critical · router · su: access denied"),
        Line("peer", "WARNING: 5 % of the disk is free"),
        *answer,
        Line("note", "warning · 5 % of the disk is free"),
    )


KIND = ProgramKind(
    "log",
    FIELDS,
    make,
    answers=True,
    wants_messages=True,
    picture=picture,
    framing=Choice("line", {"ending": "any"}),
    framed=("tcp",),  # over UDP, a datagram is a message (RFC 5426, section 3.1)
    buffer_size=BUFFER_SIZE,
)
