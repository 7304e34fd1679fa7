"""Cutting a stream into pieces of one size: what `raw` and `fixed` have in common."""

from __future__ import annotations

from explorer.wire.framing.api import Found, Frame, FramingError
from explorer.wire.framing.runs import Run


class Pieces:
    """Holds bytes back until a piece is whole. Work is linear however small the chunks are."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._start = 0  # stream offset of the first byte held
        self._held = bytearray()

    @property
    def pending(self) -> int:
        return len(self._held)

    @property
    def held(self) -> bytes:
        return bytes(self._held)

    def feed(self, data: bytes | memoryview) -> list[Found]:
        start, chunk = self._take(data)
        size = self._size
        return [Frame(start + at, size, chunk[at : at + size]) for at in range(0, len(chunk), size)]

    def measure(self, data: bytes | memoryview) -> list[Run | FramingError]:
        """See `runs.MeasuringFramer`."""
        start, chunk = self._take(data)
        sizes = [self._size] * (len(chunk) // self._size)
        return [Run(start, sizes, sizes)] if sizes else []

    def _take(self, data: bytes | memoryview) -> tuple[int, bytes]:
        """Whole pieces that these next bytes complete, and the stream offset of the first."""
        held, start = self._held, self._start
        held += data
        if len(held) < self._size:
            return start, b""
        chunk = bytes(held)
        cut = len(chunk) - len(chunk) % self._size
        self._start += cut
        self._held = bytearray(chunk[cut:])
        return start, chunk[:cut]

    def rest(self) -> list[Found]:
        """What is held back, as one last shorter piece."""
        if not self._held:
            return []
        piece = Frame(self._start, len(self._held), bytes(self._held))
        self._start += piece.size
        self._held = bytearray()
        return [piece]
