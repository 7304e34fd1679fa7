"""The cursor of a byte view and what it has selected: offsets in the stream, and nothing of how it looks."""

from __future__ import annotations


class ByteCursor:
    """offset: the byte the cursor stands on (0 in an empty stream). A selection has at least one byte."""

    def __init__(self) -> None:
        self.offset = 0
        self._anchor: int | None = None

    @property
    def selection(self) -> tuple[int, int] | None:
        """First byte and the one behind the last; None when nothing is selected."""
        if self._anchor is None:
            return None
        return min(self._anchor, self.offset), max(self._anchor, self.offset) + 1

    def move(self, offset: int, extend: bool = False) -> None:
        """Go to a byte and select it, or (extend) everything from where the selection began."""
        if not extend:
            self._anchor = offset
        elif self._anchor is None:
            self._anchor = self.offset
        self.offset = offset

    def select(self, start: int, stop: int) -> None:
        """Select `start` … `stop` - 1 and stand on the first; with start == stop, select nothing."""
        self.offset = start
        self._anchor = None
        if stop > start:
            self._anchor = stop - 1

    def extend_from(self, start: int, stop: int, offset: int) -> None:
        """Select from one of the ends of `start` … `stop` - 1 up to `offset`, so that all of them stay selected."""
        self._anchor = start if offset >= start else stop - 1
        self.offset = max(offset, stop - 1) if offset >= start else offset

    def clear(self) -> None:
        self._anchor = None

    def clip(self, size: int) -> None:
        """Keep within a stream of `size` bytes."""
        self.offset = max(0, min(self.offset, size - 1))
        if self._anchor is not None:
            self._anchor = None if size == 0 else min(self._anchor, size - 1)
