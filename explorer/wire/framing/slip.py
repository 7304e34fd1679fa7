"""Framing `slip`: RFC 1055, a framing for serial lines that is also met inside TCP (Open Sound Control 1.1).

A message ends with END (c0). Inside it END is sent as ``db dc`` and ESC (db) as ``db dd``; nothing else is changed.
END in front of a message, and END after END, mean nothing: the RFC's sender begins with END to end what line noise
has left, and so does `encode`. For the same reason SLIP cannot carry a message of no bytes.

What may follow ESC is the one thing in which readers differ:

- lenient is what the RFC's own reader does: another byte after ESC is kept as it stands, and ESC is dropped;
- strict reports such a message as an error, as the Python package sliplib does.

END always ends a message, after ESC too, so that a broken message does not take its neighbour with it; an ESC with
nothing after it is kept as it stands where lenient. Bytes before the first END are a message with strict as well: the
RFC makes a leading END a wish and no rule, and sliplib accepts them too.

After an error the next message begins after the next END.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value
from explorer.wire.framing.api import MAX_FIELD, Found, Frame, FramingError, FramingKind, Part, Preset, check_size
from explorer.wire.framing.packets import Packets
from explorer.wire.framing.values import flag, integer

END, ESC = b"\xc0", b"\xdb"
ESC_END, ESC_ESC = b"\xdb\xdc", b"\xdb\xdd"
_BAD_ESCAPE = re.compile(rb"\xdb(?![\xdc\xdd])")
_ESCAPED = re.compile(rb"\xdb(.)", re.DOTALL)
_MEANT = {b"\xdc": END, b"\xdd": ESC}

STRICT_FIELD = Field(
    "strict",
    "bool",
    False,
    "Strict",
    "A message with a byte after ESC (db) other than dc or dd is an error. Otherwise that byte is kept as it stands.",
)


class SlipFramer(Packets):
    """SLIP. `maximum` covers the message itself, which takes up to twice as many bytes on the wire."""

    def __init__(self, strict: bool, maximum: int) -> None:
        said = (
            f"Expected END (c0) after at most {maximum:,} bytes, but more bytes came without it; "
            "all up to the next one is skipped."
        )
        super().__init__(END, 2 * maximum, said)
        self._strict = strict
        self._maximum = maximum

    def encode(self, payload: bytes) -> bytes:
        """The payload between two END. Raises InputError when it is empty or longer than max."""
        if not payload:
            raise InputError("", "SLIP cannot carry a message of no bytes: END after END means nothing. Send some.")
        check_size(len(payload), self._maximum)
        return END + payload.replace(ESC, ESC_ESC).replace(END, ESC_END) + END

    def restore(self, payload: bytes) -> bytes:
        return self.encode(payload)

    def _decode(self, start: int, packet: bytes) -> Found:
        payload = packet
        if ESC in packet:
            if packet.count(ESC_END) + packet.count(ESC_ESC) == packet.count(ESC):
                payload = packet.replace(ESC_END, END).replace(ESC_ESC, ESC)
            elif self._strict:
                return _bad_escape(start, packet)
            else:
                payload = _ESCAPED.sub(_meant, packet)
        if len(payload) > self._maximum:
            return FramingError(start, len(packet) + 1, self._too_long)
        return Frame(start, len(packet) + 1, payload)


def _meant(escaped: re.Match[bytes]) -> bytes:
    return _MEANT.get(escaped[1], escaped[1])


def _bad_escape(start: int, packet: bytes) -> FramingError:
    bad = _BAD_ESCAPE.search(packet)
    after = packet[bad.end() : bad.end() + 1] if bad else b""
    came = after.hex() or "END (c0)"
    said = f"Expected dc or dd after ESC (db), but {came} came. The message is skipped up to its END (c0)."
    return FramingError(start, len(packet) + 1, said)


def make(values: Mapping[str, Value]) -> SlipFramer:
    return SlipFramer(flag(values, "strict"), integer(values, "max"))


def picture(values: Mapping[str, Value]) -> tuple[Part, ...]:
    other = "is an error" if flag(values, "strict") else "keeps the byte after it as it stands"
    return (
        Part("END c0", "end", "Ends what line noise has left; may be missing.", 1, cut=True),
        Part("payload", "payload", f"c0 is sent as db dc, and db as db dd. Any other db {other}."),
        Part("END c0", "end", "Ends the message.", 1, cut=True),
    )


KIND = FramingKind(
    "slip",
    "SLIP",
    "RFC 1055: messages that end with END (c0), which is escaped inside them.",
    (STRICT_FIELD, MAX_FIELD),
    make,
    picture,
    presets=(
        Preset("Lenient, as RFC 1055's own reader", {}, "A byte after a wrong escape is kept as it stands."),
        Preset("Strict", {"strict": True}, "A message with a wrong escape is an error."),
    ),
)
