"""A stream at a glance: which direction, how much and how fast, in a few hundred parts of equal size.

The parts grow with the stream: when there are too many, neighbours become one. So a capture of any size
costs the same memory, and a look at it costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import mul

from explorer.capture.block_index import bytes_carried
from explorer.capture.match import both, carries
from explorer.capture.reader import Columns, Reader
from explorer.capture.stream import Scope
from explorer.core.calls import RECEIVING

PARTS = 512
_SMALLEST = 16  # bytes of a part to begin with
_BLOCK = 2048
_RECEIVED = bytes(1 if kind in {int(k) for k in RECEIVING} else 0 for kind in range(256))


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of one part of the stream. began, ended: nanoseconds since the capture began, of its first and last
    byte; the same where they came at once."""

    received: int
    sent: int
    began: int
    ended: int

    @property
    def size(self) -> int:
        return self.received + self.sent


class Overview:
    """Parts of the bytes of a scope, in the order of the calls. `advance` from one thread; `parts` from any.

    Calls are attributed whole where many of them fit into one part; so a border is exact to a part or two.
    """

    def __init__(self, reader: Reader, scope: Scope, received: bool = True, sent: bool = True) -> None:
        self.reader = reader
        self.done = 0  # records looked at
        self.size = 0  # bytes so far
        self.width = _SMALLEST  # bytes of a part
        self._match = both(scope.match(), carries(received, sent))
        self._parts: list[list[int]] = []  # received, sent, began, ended
        self.parts: tuple[Part, ...] = ()
        """The parts so far, each of `width` bytes but the last."""

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further records. Whether there are more to look at."""
        target = min(self.reader.count, self.done + most)
        before = self.size
        while self.done < target:
            columns = self.reader.columns(self.done, min(target, self.done + _BLOCK))
            self._take(columns)
            self.done += columns.count
        if self.size != before:
            self.parts = tuple(Part(*part) for part in self._parts)
        return self.done < self.reader.count

    def _take(self, columns: Columns) -> None:
        mask = self._match(columns)
        if mask is not None and not mask.count(1):
            return
        sizes, kinds, times = bytes_carried(columns), columns.kinds, columns.times
        if (mask is None or mask.count(1) == len(mask)) and kinds.count(kinds[:1]) == len(kinds):
            size = sum(sizes)
            if size <= self.width:  # the usual case where very much arrives
                self._add(size, bool(_RECEIVED[kinds[0]]), times[0], times[-1])
                return
        received = kinds.translate(_RECEIVED)
        if mask is not None:
            sizes = list(map(mul, sizes, mask))
        inward = list(map(mul, sizes, received))
        # As many calls at once as fill about one part: a million small calls must not be a million steps.
        step = max(1, columns.count * self.width // max(1, sum(sizes)))
        for start in range(0, columns.count, step):
            stop = min(start + step, columns.count)
            size, came = sum(sizes[start:stop]), sum(inward[start:stop])
            self._add(came, True, times[start], times[stop - 1])
            self._add(size - came, False, times[start], times[stop - 1])

    def _add(self, size: int, received: bool, began: int, ended: int) -> None:
        """Append bytes of one direction, over as many parts as they fill."""
        while size:
            place, within = divmod(self.size, self.width)
            if place >= PARTS:
                self._halve()
                continue
            here = min(size, self.width - within)
            if place == len(self._parts):
                self._parts.append([0, 0, began, ended])
            part = self._parts[place]
            part[0 if received else 1] += here
            part[3] = max(part[3], ended)
            self.size += here
            size -= here

    def _halve(self) -> None:
        """Two neighbours become one part."""
        pairs = zip(self._parts[::2], self._parts[1::2], strict=True)
        self._parts = [[a[0] + b[0], a[1] + b[1], a[2], max(a[3], b[3])] for a, b in pairs]
        self.width *= 2
