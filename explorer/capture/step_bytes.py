"""The bytes of calls that are looked at together: mapped once, since they mostly stand in one stretch of the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explorer.capture.reader import Reader


class Calls(NamedTuple):
    """Calls with bytes that follow each other in one direction: their numbers, places in the byte log, and sizes."""

    numbers: Sequence[int]
    offsets: Sequence[int]
    sizes: Sequence[int]


class StepBytes:
    """Reads bytes of the log; without a copy where it can. To be let go of soon: it keeps a segment mapped.

    Zeros stand in for what a damaged capture lacks, so that what follows keeps its place.
    """

    def __init__(self, reader: Reader, begin: int = 0, end: int = 0) -> None:
        """begin, end: most of what will be asked for lies in between."""
        self._reader = reader
        self._segment = reader.header.segment_bytes
        self._begin = begin
        together = begin // self._segment == max(begin, end - 1) // self._segment
        self._view = reader.view(begin, end - begin) if begin < end and together else memoryview(b"")
        self._end = begin + len(self._view)

    def read(self, offset: int, size: int) -> bytes | memoryview:
        """Bytes that lie in one segment."""
        if self._begin <= offset and offset + size <= self._end:
            return self._view[offset - self._begin : offset - self._begin + size]
        found = self._reader.view(offset, size)
        return found if len(found) == size else bytes(found).ljust(size, b"\0")

    def joined(self, calls: Calls) -> bytes | memoryview:
        """The bytes of calls, one after the other."""
        first, last, size = calls.offsets[0], calls.offsets[-1], calls.sizes[-1]
        total = sum(calls.sizes)
        if last + size - first == total and first // self._segment == last // self._segment:
            return self.read(first, total)
        return b"".join(map(self.read, calls.offsets, calls.sizes))
