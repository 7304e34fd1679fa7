"""What differs between two byte strings, in bounded time.

Two ways. *Same offset*: byte 0 against byte 0, byte 1 against byte 1; what the longer one has more is at its end.
*Aligned*: bytes that were put in or left out move what follows, and what follows is still found to be equal:

1. What both begin and end with is equal.
2. The fewest single bytes put in and left out are looked for (Myers, 1986: "An O(ND) difference algorithm and its
   variations"), up to `MOST_EDITS` of them.
3. Where there are more, blocks that stand once in each hold both together, and what lies between two of them is
   compared on its own, with smaller blocks.
4. Where no block is found either, or `MOST_STEPS` have been taken: pieces of the same size are compared at the same
   offset, others count as changed as a whole. `Comparison.rough` tells how many bytes that are.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["changed", "inserted", "deleted"]
Progress = Callable[[int, int], bool]
"""Told (done, total); returns False to stop."""

MOST_EDITS = 200  # single bytes put in and left out that are looked for at once
MOST_STEPS = 3_000_000  # of that search altogether: some seconds
_BLOCKS = (64, 16, 6)  # bytes
_NOISE = 2  # equal bytes between two differences that are taken for chance
_OTHER = re.compile(rb"[^\0]+")


@dataclass(frozen=True, slots=True)
class Difference:
    """Bytes `start` … `stop` - 1 of the old string became `new_start` … `new_stop` - 1 of the new one."""

    start: int
    stop: int
    new_start: int
    new_stop: int

    @property
    def kind(self) -> Kind:
        if self.start == self.stop:
            return "inserted"
        return "deleted" if self.new_start == self.new_stop else "changed"

    @property
    def size(self) -> int:
        """Bytes that differ: of the longer side."""
        return max(self.stop - self.start, self.new_stop - self.new_start)


@dataclass(frozen=True, slots=True)
class Comparison:
    """differences: in order, apart from each other. rough: bytes that were not aligned (see above, 4.)."""

    old: bytes
    new: bytes
    differences: tuple[Difference, ...]
    aligned: bool
    rough: int = 0

    @property
    def size(self) -> int:
        """Bytes that differ."""
        return sum(one.size for one in self.differences)


class Stopped(Exception):
    """`progress` asked to stop."""


def compare(old: bytes, new: bytes, aligned: bool = True, progress: Progress = lambda done, total: True) -> Comparison:
    """Raises Stopped."""
    if not aligned:
        return Comparison(old, new, tuple(same_offset(old, new)), aligned)
    search = _Search(old, new, progress)
    search.align(0, len(old), 0, len(new), 0)
    return Comparison(old, new, tuple(_without_noise(search.found)), aligned, search.rough)


def same_offset(old: bytes, new: bytes, start: int = 0, new_start: int = 0) -> Iterator[Difference]:
    """Differences byte by byte. start, new_start: what the first bytes are called."""
    both = min(len(old), len(new))
    mixed = int.from_bytes(old[:both], "little") ^ int.from_bytes(new[:both], "little")
    longer = len(old) != len(new)
    for found in _OTHER.finditer(mixed.to_bytes(both, "little")):
        begin, end = found.span()
        if end == both and longer:  # goes on at the end
            yield Difference(start + begin, start + len(old), new_start + begin, new_start + len(new))
            return
        yield Difference(start + begin, start + end, new_start + begin, new_start + end)
    if longer:
        yield Difference(start + both, start + len(old), new_start + both, new_start + len(new))


class _Search:
    """One aligned comparison under way."""

    def __init__(self, old: bytes, new: bytes, progress: Progress) -> None:
        self._old = old
        self._new = new
        self._progress = progress
        self._steps = MOST_STEPS
        self.found: list[Difference] = []
        self.rough = 0

    def align(self, start: int, stop: int, new_start: int, new_stop: int, level: int) -> None:
        """Find the differences of two pieces. level: from which of `_BLOCKS` on."""
        same = self._ahead(start, stop, new_start, new_stop)
        start, new_start = start + same, new_start + same
        same = self._behind(start, stop, new_start, new_stop)
        stop, new_stop = stop - same, new_stop - same
        if start == stop or new_start == new_stop:
            if start < stop or new_start < new_stop:
                self.found.append(Difference(start, stop, new_start, new_stop))
            return
        if not self._progress(start, len(self._old)):
            raise Stopped
        if self._steps > 0 and (edits := self._fewest(start, stop, new_start, new_stop)) is not None:
            self.found += edits
            return
        for deeper in range(level, len(_BLOCKS)):
            if held := self._anchors(start, stop, new_start, new_stop, _BLOCKS[deeper]):
                for begin, end, new_begin, new_end in _between(held, start, stop, new_start, new_stop):
                    self.align(begin, end, new_begin, new_end, deeper + 1)
                return
        self.rough += max(stop - start, new_stop - new_start)
        if stop - start == new_stop - new_start:
            self.found += same_offset(self._old[start:stop], self._new[new_start:new_stop], start, new_start)
        else:
            self.found.append(Difference(start, stop, new_start, new_stop))

    def _ahead(self, start: int, stop: int, new_start: int, new_stop: int) -> int:
        """How many bytes are equal from here on."""
        old, new = self._old, self._new
        most = min(stop - start, new_stop - new_start)
        if not most or old[start] != new[new_start]:
            return 0
        low, step = 1, 16
        while low < most:  # in ever larger steps, then between the last two
            high = min(low + step, most)
            if old[start + low : start + high] != new[new_start + low : new_start + high]:
                while low + 1 < high:
                    middle = (low + high) // 2
                    if old[start + low : start + middle] == new[new_start + low : new_start + middle]:
                        low = middle
                    else:
                        high = middle
                return low if old[start + low] != new[new_start + low] else low + 1
            low, step = high, step * 2
        return most

    def _behind(self, start: int, stop: int, new_start: int, new_stop: int) -> int:
        """How many bytes are equal before here."""
        old, new = self._old, self._new
        most = min(stop - start, new_stop - new_start)
        low, step = 0, 16
        while low < most:
            high = min(low + step, most)
            if old[stop - high : stop - low] != new[new_stop - high : new_stop - low]:
                while low + 1 < high:
                    middle = (low + high) // 2
                    if old[stop - middle : stop - low] == new[new_stop - middle : new_stop - low]:
                        low = middle
                    else:
                        high = middle
                return low
            low, step = high, step * 2
        return most

    # -- the fewest edits -----------------------------------------------------------------------

    def _fewest(self, start: int, stop: int, new_start: int, new_stop: int) -> list[Difference] | None:
        """None when there are more than `MOST_EDITS`.

        furthest[k]: how far in the old piece one comes with so many edits on diagonal k (old minus new position).
        """
        size, new_size = stop - start, new_stop - new_start
        if abs(size - new_size) > MOST_EDITS:
            return None
        furthest = {1: 0}
        trail: list[dict[int, int]] = []
        for edits in range(MOST_EDITS + 1):
            trail.append(dict(furthest))
            self._steps -= edits + 1
            for k in range(-edits, edits + 1, 2):
                if k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1]):
                    x = furthest[k + 1]
                else:
                    x = furthest[k - 1] + 1
                if 0 <= x - k <= new_size and x <= size:
                    x += self._ahead(start + x, stop, new_start + x - k, new_stop)
                furthest[k] = x
                if x >= size and x - k >= new_size:
                    return _steps_back(trail, size, new_size, start, new_start)
            if self._steps <= 0:
                return None
        return None

    # -- blocks that hold both together ---------------------------------------------------------

    def _anchors(self, start: int, stop: int, new_start: int, new_stop: int, size: int) -> list[tuple[int, int, int]]:
        """(place, new place, size) of equal pieces, in order in both: of those that stand once, the most that agree."""
        old, new = self._old, self._new
        places: dict[bytes, int] = {}  # of blocks of the old piece, -1 where it stands twice
        for at in range(start, stop - size + 1, size):
            block = old[at : at + size]
            places[block] = -1 if block in places else at
        hits: dict[int, int] = {}  # by place in the old piece, -1 where the new one has it twice
        for at in range(new_start, new_stop - size + 1):
            place = places.get(new[at : at + size], -1)
            if place >= 0:
                hits[place] = -1 if place in hits else at
            if not at & 0xFFFF and not self._progress(start, len(old)):
                raise Stopped
        pairs = sorted((place, at) for place, at in hits.items() if at >= 0)
        return [(place, at, size) for place, at in _rising(pairs)]


def _steps_back(trail: list[dict[int, int]], x: int, size: int, start: int, new_start: int) -> list[Difference]:
    """The differences along the way that was found, from its end."""
    found: list[Difference] = []
    y = size
    for edits in range(len(trail) - 1, 0, -1):
        before, k = trail[edits], x - y
        down = k == -edits or (k != edits and before[k - 1] < before[k + 1])
        x = before[k + 1] if down else before[k - 1]
        y = x - (k + 1 if down else k - 1)
        one = (x, x, y, y + 1) if down else (x, x + 1, y, y)
        if found and found[-1].start == one[1] + start and found[-1].new_start == one[3] + new_start:
            last = found.pop()
            found.append(Difference(start + one[0], last.stop, new_start + one[2], last.new_stop))
        else:
            found.append(Difference(start + one[0], start + one[1], new_start + one[2], new_start + one[3]))
    found.reverse()
    return found


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest choice of pairs whose second numbers rise as the first ones do."""
    ends: list[int] = []  # the least second number that a choice of each length can end with
    last: list[int] = []  # which pair that is
    before: list[int] = []  # of each pair: the one before it in its choice
    for place, (_, at) in enumerate(pairs):
        length = bisect_left(ends, at)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [at]
        last[length : length + 1] = [place]
    chosen = []
    place = last[-1] if last else -1
    while place >= 0:
        chosen.append(pairs[place])
        place = before[place]
    chosen.reverse()
    return chosen


def _between(
    held: list[tuple[int, int, int]], start: int, stop: int, new_start: int, new_stop: int
) -> Iterator[tuple[int, int, int, int]]:
    """The pieces before, between and after equal ones; of equal ones that overlap in the new string, the first."""
    for place, at, size in held:
        if at < new_start:
            continue
        yield start, place, new_start, at
        start, new_start = place + size, at + size
    yield start, stop, new_start, new_stop


def _without_noise(found: Iterable[Difference]) -> Iterator[Difference]:
    """Differences with only a byte or two between them are one, where bytes were put in or left out: that these
    are equal is chance."""
    last: Difference | None = None
    for one in found:
        if (
            last is not None
            and one.start - last.stop <= _NOISE
            and (_moves(last) or _moves(one) or one.start == last.stop)
        ):
            last = Difference(last.start, one.stop, last.new_start, one.new_stop)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _moves(one: Difference) -> bool:
    """Whether it moves what follows."""
    return one.stop - one.start != one.new_stop - one.new_start
