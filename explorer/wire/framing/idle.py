"""Framing `idle`: a message ends when no byte came for a while, as serial devices separate their frames.

Which bytes belong together depends on when they came, so this framer is told the time: `at(time)` before bytes that
came at `time`, and again when time passes without bytes. Bytes that are fed before any time is told count as
having come at the first time told; where none is ever told, all of them came at one moment.
"""

from __future__ import annotations

from collections.abc import Mapping

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value
from explorer.wire.framing.api import MAX_FIELD, Found, Frame, FramingError, FramingKind, Part, Preset, check_size
from explorer.wire.framing.values import integer

NANOSECONDS = 1_000_000  # of a millisecond

MS_FIELD = Field(
    "ms",
    "int",
    20,
    "Silence",
    "A message is over when no byte came for this long.",
    minimum=1,
    maximum=600_000,
    unit="ms",
)


class IdleFramer:
    """Messages with silence behind them. gap: nanoseconds without a byte that end one; maximum: bytes."""

    def __init__(self, gap: int, maximum: int) -> None:
        self._gap = gap
        self._maximum = maximum
        self._start = 0  # stream offset of the first byte held
        self._held = bytearray()
        self._now: int | None = None  # the time last told
        self._last: int | None = None  # when the last byte came
        self._skipping = False  # a message was too long: drop all up to the next silence

    @property
    def pending(self) -> int:
        return len(self._held)

    @property
    def held(self) -> bytes:
        return bytes(self._held)

    @property
    def due(self) -> int | None:
        return self._last + self._gap if self._held and self._last is not None else None

    def at(self, time: int) -> list[Found]:
        if self._last is None:
            self._last = time  # of bytes that came before any time was told
        silent = time - self._last >= self._gap
        self._now = time
        return self._finish() if silent else []

    def feed(self, data: bytes | memoryview) -> list[Found]:
        if not len(data):
            return []
        self._last = self._now
        if self._skipping:
            self._start += len(data)
            return []
        if len(self._held) + len(data) <= self._maximum:
            self._held += data
            return []
        error = FramingError(
            self._start,
            None,
            f"Expected a silence of {self._gap // NANOSECONDS:,} ms after at most {self._maximum:,} bytes, but more "
            "bytes came without it; all up to the next silence is skipped.",
        )
        self._start += len(self._held) + len(data)
        self._held = bytearray()
        self._skipping = True
        return [error]

    def end(self) -> list[Found]:
        """The end of the stream is followed by endless silence."""
        return self._finish()

    def encode(self, payload: bytes) -> bytes:
        """The payload itself: its end is the silence behind it, which is up to the sender. Raises InputError."""
        if not payload:
            raise InputError("", "An empty message cannot be sent: between two silences there must be at least a byte.")
        check_size(len(payload), self._maximum)
        return payload

    def restore(self, payload: bytes) -> bytes:
        return self.encode(payload)

    def _finish(self) -> list[Found]:
        """There was silence."""
        self._skipping = False
        if not self._held:
            return []
        frame = Frame(self._start, len(self._held), bytes(self._held))
        self._start += frame.size
        self._held = bytearray()
        return [frame]


def make(values: Mapping[str, Value]) -> IdleFramer:
    return IdleFramer(integer(values, "ms") * NANOSECONDS, integer(values, "max"))


def picture(values: Mapping[str, Value]) -> tuple[Part, ...]:
    gap = f"{integer(values, 'ms'):,} ms"
    return (
        Part("payload", "payload", "Any bytes, with no longer pause among them."),
        Part(f"silence: {gap}", "silence", f"When no byte came for {gap}, the message is over.", 0),
    )


_MODBUS: Mapping[str, Value] = {"checksum": "crc16-modbus", "checksum_order": "little"}

PRESETS = (
    Preset(
        "Modbus RTU, 9,600 Bd",
        {"ms": 4, **_MODBUS},
        "The silence of 3.5 characters of 11 bits that ends a frame, and its checksum.",
    ),
    Preset(
        "Modbus RTU, above 19,200 Bd",
        {"ms": 2, **_MODBUS},
        "There the silence is always 1.75 ms (Modbus over serial line 1.02), here in whole milliseconds.",
    ),
    Preset(
        "Bursts 100 ms apart",
        {"ms": 100},
        "For devices that say nothing of their frames: long enough for a network to bring them in pieces.",
    ),
)

KIND = FramingKind(
    "idle",
    "Silence",
    "A message ends when no byte came for a while.",
    (MS_FIELD, MAX_FIELD),
    make,
    picture,
    PRESETS,
    payload_at="front",
)
