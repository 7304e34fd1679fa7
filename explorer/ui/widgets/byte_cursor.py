"""The cursor of a byte view and what it has selected: offsets in the stream, and nothing of how it looks."""

from __future__ import annotations

from bisect import bisect_left

from explorer.capture.stream import Ranges


class ByteCursor:
    """offset: the byte the cursor stands on (0 in an empty stream). A selection has at least one byte.

    A user selects one range. Several are selected where bytes that are not meant stand between.
    """

    def __init__(self) -> None:
        self.offset = 0
        self._anchor: int | None = None
        self._several: Ranges = ()

    @property
    def selection(self) -> tuple[int, int] | None:
        """The first selected byte and the one behind the last, whatever is left out between; None: there is none."""
        if self._several:
            return self._several[0][0], self._several[-1][1]
        if self._anchor is None:
            return None
        return min(self._anchor, self.offset), max(self._anchor, self.offset) + 1

    @property
    def ranges(self) -> Ranges:
        """Exactly what is selected."""
        whole = self.selection
        return self._several or (() if whole is None else (whole,))

    def within(self, start: int, stop: int) -> Ranges:
        """The selected ranges that reach into `start` … `stop` - 1."""
        ranges = self.ranges
        first = bisect_left(ranges, start + 1, key=lambda one: one[1])
        return ranges[first : bisect_left(ranges, stop, key=lambda one: one[0])]

    def move(self, offset: int, extend: bool = False) -> None:
        """Go to a byte and select it, or (extend) everything from where the selection began."""
        self._several = ()
        if not extend:
            self._anchor = offset
        elif self._anchor is None:
            self._anchor = self.offset
        self.offset = offset

    def select(self, start: int, stop: int) -> None:
        """Select `start` … `stop` - 1 and stand on the first; with start == stop, select nothing."""
        self._several = ()
        self.offset = start
        self._anchor = None
        if stop > start:
            self._anchor = stop - 1

    def select_ranges(self, ranges: Ranges) -> None:
        """Select these, at least one, and stand on their first byte."""
        self.select(ranges[0][0], ranges[-1][1])
        self._several = ranges if len(ranges) > 1 else ()

    def stand(self, offset: int) -> None:
        """Go to a byte and leave the selection as it is."""
        self._several = self.ranges
        self._anchor = None
        self.offset = offset

    def extend_from(self, start: int, stop: int, offset: int) -> None:
        """Select from one of the ends of `start` … `stop` - 1 up to `offset`, so that all of them stay selected."""
        self._several = ()
        self._anchor = start if offset >= start else stop - 1
        self.offset = max(offset, stop - 1) if offset >= start else offset

    def clear(self) -> None:
        self._several = ()
        self._anchor = None

    def clip(self, size: int) -> None:
        """Keep within a stream of `size` bytes."""
        self.offset = max(0, min(self.offset, size - 1))
        if self._anchor is not None:
            self._anchor = None if size == 0 else min(self._anchor, size - 1)
        if self._several and self._several[-1][1] > size:
            self._several = tuple((start, min(stop, size)) for start, stop in self._several if start < size)
