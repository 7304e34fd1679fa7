"""Framing `raw`: no boundaries at all; the stream is shown in pieces of at most `max` bytes.

A live socket with this framing takes what each recv returned as one message. That depends on
timing, not on bytes, so it is the engine's affair and not a framer's.
"""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.fields import Value
from explorer.wire.framing.api import MAX_FIELD, Found, FramingKind, Part
from explorer.wire.framing.pieces import Pieces
from explorer.wire.framing.values import integer


class RawFramer:
    """Pieces of `maximum` bytes; the end of the stream brings what is left."""

    def __init__(self, maximum: int) -> None:
        self._pieces = Pieces(maximum)

    @property
    def pending(self) -> int:
        return self._pieces.pending

    @property
    def held(self) -> bytes:
        return self._pieces.held

    def feed(self, data: bytes | memoryview) -> list[Found]:
        return self._pieces.feed(data)

    def end(self) -> list[Found]:
        return self._pieces.rest()

    def encode(self, payload: bytes) -> bytes:
        """The payload itself, of any size: there is no boundary that it could break."""
        return payload

    def restore(self, payload: bytes) -> bytes:
        return payload


def make(values: Mapping[str, Value]) -> RawFramer:
    return RawFramer(integer(values, "max"))


def picture(_values: Mapping[str, Value]) -> tuple[Part, ...]:
    return (Part("whatever one read brings", "payload", "No byte marks where a message begins or ends."),)


KIND = FramingKind(
    "raw",
    "Raw",
    "No boundaries: bytes as they come, one message per read.",
    (MAX_FIELD,),
    make,
    picture,
    payload_at="front",
)
