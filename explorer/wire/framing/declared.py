"""Frames that declare their length at their front: what `length` and `varint` have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

from explorer.wire.framing.api import Found, Frame, FramingError
from explorer.wire.framing.runs import Run


class Declared(ABC):
    """Holds bytes back until a frame is whole. Every message is the end of its frame.

    `_split` is the kind's own. What a length declares is never allocated; only what has arrived is held.
    """

    def __init__(self, needed: int) -> None:
        """needed: bytes that make the first step possible."""
        self._start = 0  # stream offset of the first byte held
        self._held = bytearray()
        self._needed = needed  # held bytes that make the next step possible
        self._discard = 0  # bytes of a refused frame that are still to come

    @property
    def pending(self) -> int:
        return len(self._held)

    @property
    def held(self) -> bytes:
        return bytes(self._held)

    def feed(self, data: bytes | memoryview) -> list[Found]:
        found: list[Found] = []
        start, chunk, parts = self._take(data)
        for part in parts:
            if isinstance(part, FramingError):
                found.append(part)
                continue
            at = part.offset
            for whole, size in zip(part.sizes, part.payload_sizes, strict=True):
                stop = at - start + whole
                found.append(Frame(at, whole, chunk[stop - size : stop]))
                at += whole
        return found

    def measure(self, data: bytes | memoryview) -> list[Run | FramingError]:
        """See `runs.MeasuringFramer`."""
        return self._take(data)[2]

    def _take(self, data: bytes | memoryview) -> tuple[int, bytes, list[Run | FramingError]]:
        """What these next bytes complete, and the bytes that it stands in, with the stream offset of their first."""
        found: list[Run | FramingError] = []
        if self._discard:
            drop = min(self._discard, len(data))
            self._discard -= drop
            self._start += drop
            data = memoryview(data)[drop:]
        self._held += data
        start = self._start
        if len(self._held) < self._needed:
            return start, b"", found
        chunk = bytes(self._held)
        used = self._split(chunk, found)
        self._held = bytearray(chunk[used:])
        self._start += used
        return start, chunk, found

    def end(self) -> list[Found]:
        return []

    @abstractmethod
    def _split(self, chunk: bytes, found: list[Run | FramingError]) -> int:
        """Take frames from `chunk`; how many of its bytes are done with. Sets what is needed next."""
