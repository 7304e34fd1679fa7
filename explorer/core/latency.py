"""How long answers took: counted in buckets that grow with the time, so that a million answers take no more memory
than ten and every percentile is right to within 2 %.

A time of fewer than 128 ns has a bucket of its own. From there on each doubling is divided into 64 buckets of equal
width, so a bucket is never wider than 1/64 (1.6 %) of the times in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

SUB_BITS = 6
_SUB = 1 << SUB_BITS
LONGEST = (1 << 46) - 1  # nanoseconds, some 19 hours; a longer time counts as this one
_BUCKETS = ((46 - SUB_BITS - 1) << SUB_BITS) + 2 * _SUB


def bucket_of(time: int) -> int:
    """The number of the bucket for a time in nanoseconds (0 … LONGEST)."""
    shift = time.bit_length() - SUB_BITS - 1
    return time if shift <= 0 else (shift << SUB_BITS) + (time >> shift)


def bucket_start(number: int) -> int:
    """The shortest time, in nanoseconds, that this bucket counts; the next one's start is the first it does not."""
    if number < 2 * _SUB:
        return number
    shift = (number >> SUB_BITS) - 1
    return ((number & (_SUB - 1)) + _SUB) << shift


@dataclass(frozen=True, slots=True)
class Latencies:
    """What was counted so far.

    buckets: (number of a bucket, how many times fell into it), in ascending order, empty ones left out.
    least, most: the shortest and the longest time in nanoseconds, exactly; 0 when there is none.
    total: the sum of all times in nanoseconds.
    """

    buckets: tuple[tuple[int, int], ...] = ()
    count: int = 0
    least: int = 0
    most: int = 0
    total: int = 0

    @property
    def mean(self) -> float:
        """Nanoseconds; 0 when there is none."""
        return self.total / self.count if self.count else 0.0

    def percentile(self, share: float) -> int:
        """The time in nanoseconds within which this share (0 … 100 percent) of the answers came; 0 when none did.

        It is that of the smallest rank that covers the share (nearest rank), to within half a bucket.
        """
        wanted = max(1, ceil(self.count * share / 100 - 1e-9))
        if wanted >= self.count:
            return self.most
        seen = 0
        for number, count in self.buckets:
            seen += count
            if seen >= wanted:
                middle = (bucket_start(number) + bucket_start(number + 1) - 1) // 2
                return min(max(middle, self.least), self.most)
        return self.most

    def ranges(self) -> Iterator[tuple[int, int, int]]:
        """(first nanosecond, first one behind, how many) of each bucket that counted something."""
        for number, count in self.buckets:
            yield bucket_start(number), bucket_start(number + 1), count


NO_LATENCIES = Latencies()


class LatencyCount:
    """Counts times; not thread-safe."""

    __slots__ = ("_counts", "_least", "_most", "_total", "count")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self._least = LONGEST
        self._most = 0
        self._total = 0
        self.count = 0

    def add(self, time: int) -> None:
        """One answer took so many nanoseconds; less than none counts as none."""
        time = min(max(time, 0), LONGEST)
        shift = time.bit_length() - SUB_BITS - 1
        self._counts[time if shift <= 0 else (shift << SUB_BITS) + (time >> shift)] += 1
        self.count += 1
        self._total += time
        if time < self._least:
            self._least = time
        if time > self._most:
            self._most = time

    def snapshot(self) -> Latencies:
        """What was counted so far, as a value."""
        if not self.count:
            return NO_LATENCIES
        buckets = tuple((number, count) for number, count in enumerate(self._counts) if count)
        return Latencies(buckets, self.count, self._least, self._most, self._total)
