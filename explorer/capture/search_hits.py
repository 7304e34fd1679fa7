"""What a search found: millions of hits in the order of the capture, in 24 bytes each.

One thread adds, others look at the same time.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from explorer.capture.span import Place, Span

Flow = tuple[int, int, int]
"""socket, connection, and 1 for received bytes."""

Found = tuple[int, int, int, int]
"""Keys of the hit's first byte and of the place behind its last one; its size; its flow's number."""

_LOOK_BACK = 256
_SKIP_BITS = 32
_SKIPS = (1 << _SKIP_BITS) - 1


def key_of(call: int, skip: int) -> int:
    """A place as one number, in the order of places. Calls are fewer than 2**32, and so are bytes of a call."""
    return call << _SKIP_BITS | skip


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
        self._firsts = array("Q")
        self._lasts = array("Q")
        self._sizes = array("I")
        self._flows = array("I")
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
        """In any order."""
        if not found:
            return
        found = sorted(found)
        place = bisect_left(self._firsts, found[0][0])
        if place < len(self):
            found = sorted([*self._rows(place), *found])
            with self._lock:
                self._cut(place)
                self._extend(found)
                self.version += 1
        else:
            with self._lock:
                self._extend(found)

    def remove(self, found: Iterable[Found]) -> None:
        """Hits that are no longer true."""
        for one in found:
            place = bisect_left(self._firsts, one[0])
            if place < len(self) and self._firsts[place] == one[0]:
                with self._lock:
                    for column in (self._firsts, self._lasts, self._sizes, self._flows):
                        del column[place]
                    self.version += 1

    def _rows(self, start: int) -> list[Found]:
        columns = self._firsts[start:], self._lasts[start:], self._sizes[start:], self._flows[start:]
        return list(zip(*columns, strict=True))

    def _cut(self, place: int) -> None:
        for column in (self._firsts, self._lasts, self._sizes, self._flows):
            del column[place:]

    def _extend(self, found: Sequence[Found]) -> None:
        self._firsts.extend(map(itemgetter(0), found))
        self._lasts.extend(map(itemgetter(1), found))
        self._sizes.extend(map(itemgetter(2), found))
        self._flows.extend(map(itemgetter(3), found))

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

    def between(self, first_call: int, last_call: int, most: int) -> list[Hit]:
        """Up to `most` hits with bytes in these calls, or with such on both sides.

        Of hits that begin before, `_LOOK_BACK` are looked at.
        """
        start = self.first_from(Place(first_call, 0))
        with self._lock:
            begin = max(0, start - _LOOK_BACK)
            reaching = [at for at in range(begin, start) if self._lasts[at] > key_of(first_call, 0)]
            stop = min(bisect_left(self._firsts, key_of(last_call + 1, 0)), start + most)
        before = [hit for at in reaching for hit in self.hits(at, at + 1)]
        return (before + self.hits(start, stop))[:most]

    def places(self, most: int) -> list[Place]:
        """Where hits begin: all, or `most` of them evenly thinned."""
        with self._lock:
            count = len(self._firsts)
            if count <= most:
                return list(map(_place, self._firsts))
            return [_place(self._firsts[at * count // most]) for at in range(most)]


def _place(key: int) -> Place:
    return Place(key >> _SKIP_BITS, key & _SKIPS)
