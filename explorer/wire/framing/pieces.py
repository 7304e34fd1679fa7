"""Cutting a stream into pieces of one size: what `raw` and `fixed` have in common."""

from __future__ import annotations

from explorer.wire.framing.api import Found, Frame


class Pieces:
    """Holds bytes back until a piece is whole. Work is linear however small the chunks are."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._start = 0  # stream offset of the first byte held
        self._held = bytearray()

    @property
    def pending(self) -> int:
        return len(self._held)

    def feed(self, data: bytes | memoryview) -> list[Found]:
        held, size = self._held, self._size
        held += data
        if len(held) < size:
            return []
        chunk = bytes(held)
        cut = len(chunk) - len(chunk) % size
        start = self._start
        found: list[Found] = [Frame(start + at, size, chunk[at : at + size]) for at in range(0, cut, size)]
        self._start += cut
        self._held = bytearray(chunk[cut:])
        return found

    def rest(self) -> list[Found]:
        """What is held back, as one last shorter piece."""
        if not self._held:
            return []
        piece = Frame(self._start, len(self._held), bytes(self._held))
        self._start += piece.size
        self._held = bytearray()
        return [piece]
