"""Finds damaged records by their neighbours.

Each record's bytes begin where the last one's ended, or at the start of the next segment: sound records
form a chain. Where it breaks, the links around the break tell which record is the wrong one, so that
one damaged record never takes sound ones with it. Only the chain is asked, never the files of bytes: where
one of those is missing, the records are as good as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from explorer.core.calls import CallKind

KNOWN_KINDS = bytes(int(kind) for kind in CallKind)

Row = tuple[int, int, int]
"""Of a record: offset of its first byte, offset after its last, kind."""


class RecordCheck:
    """Judges the records of a capture from its first to its last, a part at a time.

    segment_bytes: the length of a byte segment. log_end: where the byte log ends, when that is known.
    """

    def __init__(self, segment_bytes: int, log_end: int | None) -> None:
        self._segment_bytes = segment_bytes
        self._log_end = log_end
        self._good_end = 0  # of the last sound record
        self._bad = 0  # damaged records since then

    def chained(self, offsets: list[int], ends: list[int], after: list[Row]) -> bool:
        """Whether these records and the one `after` form a chain: the quick test, which sound ones pass."""
        following = [*offsets[1:], *(row[0] for row in after)]
        if self._bad or not self._follows(self._good_end, offsets[0]) or not self._in_one(offsets[-1], ends[-1]):
            return False
        if following != ends[: len(following)]:
            breaks = [pair for pair in zip(ends, following, strict=False) if pair[0] != pair[1]]
            if not all(self._follows(end, offset) for end, offset in breaks):
                return False
        self._good_end = ends[-1]
        return True

    def damaged(self, rows_of: Callable[[int, int], list[Row]], start: int, stop: int, count: int) -> Iterator[int]:
        """Numbers of damaged records from `start` up to `stop`; `count` is of all records."""
        first = max(0, start - 1)
        rows = rows_of(first, min(count, stop + 2))
        for place in range(start - first, stop - first):
            before = rows[place - 1] if place else (0, 0, KNOWN_KINDS[0])
            if self._sound(before, *rows[place : place + 3]):
                self._good_end, self._bad = rows[place][1], 0
            else:
                self._bad += 1
                yield first + place

    def _sound(self, before: Row, row: Row, after: Row | None = None, next_after: Row | None = None) -> bool:
        offset, end, _ = row
        if not self._possible(row, self._bad + 1) or offset < self._good_end:
            return False
        follows = self._follows(before[1], offset)
        if after is None:
            return follows or self._bad > 0 or end == self._log_end
        if self._follows(end, after[0]):
            return follows or self._bad > 0
        if follows:  # the next one's offset is wrong, or this one's size: then the next fits what comes after it
            fits = self._follows(after[1], next_after[0]) if next_after else after[1] == self._log_end
            return not (fits and after[0] >= offset and self._possible(after, self._bad + 2))
        return self._bad > 0 and end <= after[0]

    def _possible(self, row: Row, steps: int) -> bool:
        """Whether its kind is known and its bytes lie in one segment, one that can be reached: the record comes
        `steps` records after the last sound one, and each goes to the next segment at most."""
        offset, end, kind = row
        within = end // self._segment_bytes <= self._good_end // self._segment_bytes + steps + 1
        return kind in KNOWN_KINDS and within and self._in_one(offset, end)

    def _in_one(self, offset: int, end: int) -> bool:
        return offset // self._segment_bytes == max(offset, end - 1) // self._segment_bytes

    def _follows(self, end: int, offset: int) -> bool:
        return offset in (end, -(-end // self._segment_bytes) * self._segment_bytes)
