"""Cutting a stream into packets that end with one byte that stands nowhere else: what `slip` and `cobs` have in common.

Nothing between two of these bytes is no packet. A packet that is longer than any legal one is one error as soon as
that is certain; from then on nothing is held until the next such byte. Work is linear however small the chunks are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from explorer.wire.framing.api import Found, FramingError
from explorer.wire.framing.runs import Run, runs_of


class Packets(ABC):
    """A framer for encoded messages that end with `delimiter`, which is one byte.

    most: bytes that the longest message can have on the wire, the delimiter not counted.
    too_long: the sentence about a packet that has more.
    """

    def __init__(self, delimiter: bytes, most: int, too_long: str) -> None:
        self._delimiter = delimiter
        self._most = most
        self._too_long = too_long
        self._start = 0  # stream offset of the first byte held
        self._held = bytearray()
        self._skipping = False  # a packet was too long: drop all up to its delimiter

    @abstractmethod
    def _decode(self, start: int, packet: bytes) -> Found:
        """What a packet at stream offset `start` holds. It has at least one byte, and the delimiter is cut off."""

    @property
    def pending(self) -> int:
        return len(self._held)

    @property
    def held(self) -> bytes:
        return bytes(self._held)

    def feed(self, data: bytes | memoryview) -> list[Found]:
        found: list[Found] = []
        chunk = bytes(data)
        cut = chunk.find(self._delimiter) + 1
        if cut and self._skipping:
            self._start += cut
            self._skipping = False
            self._split(chunk[cut:], found)
        elif cut:
            self._split(b"".join((self._held, chunk)) if self._held else chunk, found)
        elif self._skipping:
            self._start += len(chunk)
        else:
            self._held += chunk
        if len(self._held) > self._most:
            found.append(FramingError(self._start, None, self._too_long))
            self._start += len(self._held)
            self._held = bytearray()
            self._skipping = True
        return found

    def measure(self, data: bytes | memoryview) -> list[Run | FramingError]:
        """See `runs.MeasuringFramer`."""
        return runs_of(self.feed(data))

    def end(self) -> list[Found]:
        return []

    def _split(self, chunk: bytes, found: list[Found]) -> None:
        """Take every finished packet from `chunk`, and hold the rest."""
        at, most, decode = self._start, self._most, self._decode
        parts = chunk.split(self._delimiter)
        self._held = bytearray(parts.pop())
        for part in parts:
            size = len(part)
            if size > most:
                found.append(FramingError(at, None, self._too_long))
            elif size:
                found.append(decode(at, part))
            at += size + 1
        self._start = at
