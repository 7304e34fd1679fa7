"""What a search found: millions of hits in the order of the capture, in 24 bytes each.

One thread adds, others look at the same time.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from operator import itemgetter

from explorer.capture.span import Place, Span

Flow = tuple[int, int, int]
"""socket, connection, and 1 for received bytes."""

Found = tuple[int, int, int, int]
"""Keys of the hit's first byte and of the place behind its last one; its size; its flow's number."""

Columns = tuple["array[int]", "array[int]", "array[int]", "array[int]"]
"""Of hits, what `Found` says, each number in a column of its own."""

_LOOK_BACK = 4096
_FEW = 4  # times as many hits behind the first new one: these are copied, not gone through
_AT_ONCE = 8192  # hits, while nobody else gets a turn
SKIP_BITS = 32
"""Of a key, those that tell which byte of the call it is."""
_SKIPS = (1 << SKIP_BITS) - 1


def place_of(key: int) -> tuple[int, int]:
    """The call, and which of its bytes."""
    return key >> SKIP_BITS, key & _SKIPS


def key_of(call: int, skip: int) -> int:
    """A place as one number, in the order of places. Calls are fewer than 2**32, and so are bytes of a call."""
    return call << SKIP_BITS | skip


@dataclass(frozen=True, slots=True)
class Hit:
    """Where the pattern stands: from `first` up to, not including, `last`; both in calls of its flow.

    size: bytes, without those of other flows that came between. connection: 0 for calls of no connection.
    """

    first: Place
    last: Place
    size: int
    socket: int
    connection: int
    received: bool

    @property
    def span(self) -> Span:
        """Its bytes, as the window selects them. In a single call nothing stands between them."""
        ends = self.first.call, self.first.skip, self.last.call, self.last.skip
        return Span(*ends) if ends[0] == ends[2] else Span(*ends, self.connection or None, self.received)


class HitList:
    """Hits by where they begin. version: changes when hits come between others, or go; not when they come last."""

    def __init__(self) -> None:
        self.version = 0
        self._columns = _columns()
        self._firsts, self._lasts, self._sizes, self._flows = self._columns
        self._names: list[Flow] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._flows)  # the last one to grow

    def flow_number(self, flow: Flow) -> int:
        """What stands for a flow in `Found`."""
        self._names.append(flow)
        return len(self._names) - 1

    # -- adding ---------------------------------------------------------------------------------

    def add(self, found: Sequence[Found]) -> None:
        """In any order. Others are let in between every few thousand."""
        if not found:
            return
        found = _in_order(found)
        place = bisect_left(self._firsts, found[0][0])
        if place < len(self):
            few = len(found) * _FEW < len(self) - place
            self._replace(place, self._spliced(place, found) if few else self._merged(place, found))
        else:
            for some in _parts(found):
                with self._lock:
                    _extend(self._columns, some)

    def remove(self, found: Iterable[Found]) -> None:
        """Hits that are no longer true."""
        gone: list[int] = []
        for one in found:
            place = bisect_left(self._firsts, one[0])
            if place < len(self) and self._firsts[place] == one[0]:
                gone.append(place)
        if not gone:
            return
        gone.sort()
        kept = _columns()
        begin = gone[0]
        for place in gone:
            self._copy(begin, place, kept)
            begin = place + 1
        self._copy(begin, len(self), kept)
        self._replace(gone[0], kept)

    def _merged(self, start: int, found: Sequence[Found]) -> Columns:
        """What is there from `start` on, and further hits, one by one."""
        merged = _columns()
        for some in _parts(list(merge(self._rows(start), found))):
            _extend(merged, some)
        return merged

    def _spliced(self, start: int, found: Sequence[Found]) -> Columns:
        """The same where few hits come between many, which are copied in stretches."""
        spliced = _columns()
        begin = 0
        while begin < len(found):
            stop = bisect_left(self._firsts, found[begin][0], start)
            self._copy(start, stop, spliced)
            start = stop
            end = bisect_left(found, (self._firsts[start],), begin) if start < len(self) else len(found)
            end = max(begin + 1, end)  # one that begins where another does
            _extend(spliced, found[begin:end])
            begin = end
        self._copy(start, len(self), spliced)
        return spliced

    def _copy(self, start: int, stop: int, to: Columns) -> None:
        if start < stop:
            for column, copied in zip(self._columns, to, strict=True):
                copied.extend(column[start:stop])

    def _replace(self, start: int, by: Columns) -> None:
        """Put other hits in the place of all from `start` on."""
        with self._lock:
            for column, tail in zip(self._columns, by, strict=True):
                del column[start:]
                column.extend(tail)
            self.version += 1

    def _rows(self, start: int) -> Iterator[Found]:
        yield from zip(*(column[start:] for column in self._columns), strict=True)

    # -- looking --------------------------------------------------------------------------------

    def hit(self, index: int) -> Hit:
        """Raises IndexError."""
        with self._lock:
            first, last = self._firsts[index], self._lasts[index]
            size, flow = self._sizes[index], self._names[self._flows[index]]
        return Hit(_place(first), _place(last), size, flow[0], flow[1], bool(flow[2]))

    def hits(self, start: int, stop: int) -> list[Hit]:
        """Hits `start` … `stop` - 1, as far as there are."""
        found = []
        for index in range(max(0, start), min(stop, len(self))):
            try:
                found.append(self.hit(index))
            except IndexError:  # some went meanwhile
                break
        return found

    def first_from(self, place: Place) -> int:
        """The index of the first hit that begins at or behind a place (as many as there are when none does)."""
        with self._lock:
            return bisect_left(self._firsts, key_of(place.call, place.skip))

    def seen(self, bounds: Sequence[tuple[int, int]]) -> list[tuple[int, int, Flow]]:
        """Hits that begin in one of these ranges of keys, and those of the `_LOOK_BACK` before them that reach in:
        their keys, and their flow. There may be others between them. bounds: in order; they do not overlap."""
        found: list[tuple[int, int, Flow]] = []
        left, at, low = _LOOK_BACK, 0, 0
        with self._lock:
            while at < len(bounds):
                begin, end = bounds[at]
                start = bisect_left(self._firsts, begin, low)
                back = max(low, start - left)
                left -= start - back
                stop = bisect_left(self._firsts, bounds[-1][1], start)
                if stop - start > 4 * (len(bounds) - at):  # else nearly all are seen
                    stop = bisect_left(self._firsts, end, start)
                else:
                    at = len(bounds)
                found += [one for one in self._reaches(back, start) if one[1] > begin]
                found += self._reaches(start, stop)
                if stop == len(self):
                    break
                low, at = stop, max(at + 1, bisect_right(bounds, self._firsts[stop], at, key=_end))
        return found

    def _reaches(self, start: int, stop: int) -> Iterable[tuple[int, int, Flow]]:
        columns = self._firsts[start:stop], self._lasts[start:stop], self._flows[start:stop]
        return zip(columns[0], columns[1], map(self._names.__getitem__, columns[2]), strict=True)

    def places(self, most: int) -> list[Place]:
        """Where hits begin: all, or `most` of them evenly thinned."""
        with self._lock:
            count = len(self._firsts)
            if count <= most:
                return list(map(_place, self._firsts))
            return [_place(self._firsts[at * count // most]) for at in range(most)]


def _columns() -> Columns:
    """Of hits: keys of the first byte, keys of the place behind, sizes, numbers of flows."""
    return array("Q"), array("Q"), array("I"), array("I")


def _extend(columns: Iterable[array[int]], found: Sequence[Found]) -> None:
    for number, column in enumerate(columns):
        column.extend(map(itemgetter(number), found))


def _parts(found: Sequence[Found]) -> Iterator[Sequence[Found]]:
    for start in range(0, len(found), _AT_ONCE):
        yield found[start : start + _AT_ONCE]


def _in_order(found: Sequence[Found]) -> Sequence[Found]:
    """Sorted. A million of them at once would let no other thread run meanwhile."""
    sorted_parts = [sorted(some) for some in _parts(found)]
    return sorted_parts[0] if len(sorted_parts) == 1 else list(merge(*sorted_parts))


def _end(bounds: tuple[int, int]) -> int:
    return bounds[1]


def _place(key: int) -> Place:
    return Place(*place_of(key))
