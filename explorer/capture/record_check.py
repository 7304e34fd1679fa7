"""Finds damaged records by their neighbours.

Each record's bytes begin where the last one's ended, or at the start of a later segment: sound records
form a chain. Where it breaks, the links around the break tell which record is the wrong one, so that
one damaged record never takes sound ones with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from explorer.core.calls import CallKind

KNOWN_KINDS = bytes(int(kind) for kind in CallKind)

Row = tuple[int, int, int]
"""Of a record: offset of its first byte, offset after its last, kind."""


class RecordCheck:
    """Judges records of a capture with `segments` byte segments of `segment_bytes` each."""

    def __init__(self, segment_bytes: int, segments: int) -> None:
        self._segment_bytes = segment_bytes
        self._limit = segments * segment_bytes
        self._good_end = 0  # of the last sound record
        self._last_bad = False

    def damaged(self, rows_of: Callable[[int, int], list[Row]], start: int, stop: int, count: int) -> Iterator[int]:
        """Numbers of damaged records from the one before `start` up to `stop`; `count` is of all records."""
        begin = max(0, start - 1)
        first = max(0, begin - 1)
        rows = rows_of(first, min(count, stop + 2))
        self._good_end = rows[0][1] if first < begin else 0
        self._last_bad = False
        for place in range(begin - first, stop - first):
            is_first, is_last = first + place == 0, first + place == count - 1
            self._last_bad = not self._sound(rows, place, is_first, is_last)
            if self._last_bad:
                yield first + place
            else:
                self._good_end = rows[place][1]

    def _sound(self, rows: list[Row], place: int, is_first: bool, is_last: bool) -> bool:
        offset, end, _ = row = rows[place]
        if not self._possible(row) or offset < self._good_end:
            return False
        before = self._linked((0, 0, 1), row) if is_first else self._linked(rows[place - 1], row)
        if is_last:
            return before or self._last_bad
        after = rows[place + 1]
        if self._linked(row, after):
            return before or self._last_bad or is_first or self._possible(after)
        if before:  # the next one's offset is wrong, or this one's size: then the next fits what follows it
            follows = place + 2 < len(rows) and self._linked(after, rows[place + 2])
            return not (follows and after[0] >= offset and self._possible(after))
        return self._last_bad and end <= after[0]

    def _possible(self, row: Row) -> bool:
        """Whether its kind is known and its bytes lie in one existing segment."""
        offset, end, kind = row
        one = offset // self._segment_bytes == max(offset, end - 1) // self._segment_bytes
        return kind in KNOWN_KINDS and end <= self._limit and one

    def _linked(self, row: Row, after: Row) -> bool:
        return after[0] == row[1] or (after[0] > row[1] and after[0] % self._segment_bytes == 0)
