"""Framing `fixed`: every message has the same number of bytes."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value
from explorer.wire.framing.api import LARGEST_MAX, MAX_FIELD, Found, FramingError, FramingKind, Part, Preset
from explorer.wire.framing.pieces import Pieces
from explorer.wire.framing.runs import Run
from explorer.wire.framing.values import integer

SIZE_FIELD = Field(
    "size",
    "int",
    None,
    "Message size",
    "Every message has exactly this many bytes.",
    minimum=1,
    maximum=LARGEST_MAX,
    unit="bytes",
)


class FixedFramer:
    """Messages of `size` bytes; fewer at the end of the stream are no message and stay pending."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pieces = Pieces(size)

    @property
    def pending(self) -> int:
        return self._pieces.pending

    @property
    def held(self) -> bytes:
        return self._pieces.held

    def feed(self, data: bytes | memoryview) -> list[Found]:
        return self._pieces.feed(data)

    def measure(self, data: bytes | memoryview) -> list[Run | FramingError]:
        """See `runs.MeasuringFramer`."""
        return self._pieces.measure(data)

    def end(self) -> list[Found]:
        return []

    def encode(self, payload: bytes) -> bytes:
        """The payload itself. Raises InputError unless it has the exact size: padding would invent bytes."""
        if len(payload) != self._size:
            raise InputError(
                "", f"Every message of this framing has exactly {self._size:,} bytes; this one has {len(payload):,}."
            )
        return payload

    def restore(self, payload: bytes) -> bytes:
        return self.encode(payload)


def make(values: Mapping[str, Value]) -> FixedFramer:
    size, maximum = integer(values, "size"), integer(values, "max")
    if size > maximum:
        raise InputError("size", f"Messages of {size:,} bytes are longer than max allows ({maximum:,} bytes).")
    return FixedFramer(size)


def picture(values: Mapping[str, Value]) -> tuple[Part, ...]:
    size = integer(values, "size")
    return (Part(f"payload: {size:,}", "payload", f"Each frame has exactly {size:,} bytes.", size),)


PRESETS = (
    Preset("MPEG transport stream, 188 bytes", {"size": 188}, "Packets of digital television (ISO/IEC 13818-1)."),
    Preset("CAN frames of Linux, 16 bytes", {"size": 16}, "The struct can_frame that programs on Linux pass on."),
    Preset(
        "Pelco-D, 7 bytes with their sum",
        {"size": 7, "checksum": "sum8", "checksum_from": 1},
        "Commands to cameras that pan and tilt; the sum leaves out the first byte, ff.",
    ),
)

KIND = FramingKind(
    "fixed",
    "Fixed size",
    "Every message has the same number of bytes.",
    (SIZE_FIELD, MAX_FIELD),
    make,
    picture,
    PRESETS,
    payload_at="front",
)
