"""Finds bytes in a selection of the capture, across the borders of calls.

A hit never crosses from one connection or direction into another, even where their bytes stand side by
side in the byte log: each connection and direction is searched as the stream that it is. Every place
where the pattern begins is a hit; hits may overlap.

Runs of calls whose bytes lie together are searched in chunks at the speed of memory; for the places
where a run continues an earlier one, the last bytes of that one are kept.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, compress, groupby
from operator import add, itemgetter

from explorer.capture.reader import Columns
from explorer.capture.stream import ByteStream
from explorer.core.calls import RECEIVING
from explorer.core.errors import InputError

MOST_HITS = 1_000_000
STEP = 16 << 20  # bytes between two tellings of progress
_CHUNK = 1 << 18  # stays in the processor's cache
_RECORDS = 4096
_RECEIVED = bytes(1 if kind in {int(k) for k in RECEIVING} else 0 for kind in range(256))

Flow = tuple[int, int, int]
"""socket, connection, and 1 for received bytes."""


@dataclass(frozen=True, slots=True)
class Hit:
    """offset, stop: where it begins and ends in the searched stream (bytes); `stop` is more than `size`
    further where bytes of other connections or the other direction came between. call: the number of the
    call that carries its first byte."""

    offset: int
    stop: int
    size: int
    call: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Calls of one flow whose bytes stand together, in the log and in the stream.

    log, start: where its bytes begin in the log and in the stream. ends: where each call's bytes end,
    counted from the run's beginning.
    """

    flow: Flow
    log: int
    start: int
    numbers: list[int]
    ends: list[int]

    @property
    def size(self) -> int:
        return self.ends[-1]

    def call_at(self, position: int) -> int:
        return self.numbers[bisect_right(self.ends, position)]


@dataclass(frozen=True, slots=True)
class _Tail:
    """The last bytes of a flow.

    marks: (position in data, its stream offset, its call's number) where the bytes of another call begin.
    """

    data: bytes
    marks: list[tuple[int, int, int]]

    def place(self, position: int) -> tuple[int, int]:
        """(stream offset, call number) of a byte."""
        begin, offset, number = self.marks[bisect_right(self.marks, position, key=itemgetter(0)) - 1]
        return offset + position - begin, number

    def last(self, size: int) -> list[tuple[int, int, int]]:
        """The marks of the last `size` bytes."""
        cut = len(self.data) - size
        stops = [mark[0] for mark in self.marks[1:]] + [len(self.data)]
        return [
            (max(0, begin - cut), offset + max(0, cut - begin), number)
            for (begin, offset, number), stop in zip(self.marks, stops, strict=True)
            if stop > cut
        ]


class Search:
    """A search that can be taken further step by step, also while the capture grows.

    limited: there are more hits than are kept. Raises InputError for an empty pattern.
    """

    def __init__(
        self, stream: ByteStream, pattern: bytes, ignore_case: bool = False, most_hits: int = MOST_HITS
    ) -> None:
        if not pattern:
            raise InputError("pattern", "Write the bytes to find; there is nothing to look for yet.")
        self.reader = stream.reader
        self.pattern = pattern.lower() if ignore_case else pattern
        self.ignore_case = ignore_case
        self.limited = False
        self.done = 0  # records looked at
        self._match = stream.index.match
        self._most = most_hits
        self._position = 0  # in the stream
        self._log_end = 0
        self._tails: dict[Flow, _Tail] = {}
        self._offsets = array("Q")
        self._stops = array("Q")
        self._calls = array("Q")

    @property
    def count(self) -> int:
        """Hits so far."""
        return len(self._calls)

    def hit(self, index: int) -> Hit:
        """Hits are in the order of the stream. Raises IndexError."""
        return Hit(self._offsets[index], self._stops[index], len(self.pattern), self._calls[index])

    def hits(self) -> list[Hit]:
        return [self.hit(index) for index in range(self.count)]

    def first_from(self, offset: int) -> int:
        """The index of the first hit at or after a stream offset (`count` when there is none)."""
        return bisect_right(self._offsets, offset - 1) if offset > 0 else 0

    @property
    def progress(self) -> tuple[int, int]:
        """(done, total) bytes of the byte log."""
        count = self.reader.count
        if self.done >= count:
            return self._log_end, self._log_end
        last = self.reader.call(count - 1)
        return self._log_end, max(self._log_end, last.offset + last.size)

    def run(self, progress: Callable[[int, int], bool] = lambda done, total: True) -> bool:
        """Search all that is there. progress is told (done, total) and cancels by returning False.
        Whether the search came to its end."""
        while self.advance(STEP):
            if not progress(*self.progress):
                return False
        progress(*self.progress)
        return True

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at about `most` further bytes. Whether there are more to look at."""
        count = self.reader.count
        while most > 0 and self.done < count and not self.limited:
            columns = self.reader.columns(self.done, min(count, self.done + _RECORDS))
            sizes = list(accumulate(columns.sizes))
            fit = max(1, bisect_right(sizes, most))
            if fit < columns.count:
                columns = self.reader.columns(self.done, self.done + fit)
            for run in self._runs(columns):
                self._search(run)
            most -= sizes[fit - 1] + 1
            self.done += columns.count
            self._log_end = max(self._log_end, columns.offsets[-1] + columns.sizes[-1])
        return self.done < count and not self.limited

    # -- runs -----------------------------------------------------------------------------------

    def _runs(self, columns: Columns) -> Iterator[_Run]:
        mask = self._match(columns)
        if mask is not None and not mask.count(1):
            return
        numbers = list(range(columns.start, columns.start + columns.count))
        sizes, offsets = columns.sizes, columns.offsets.tolist()
        whole = mask is None or mask.count(1) == len(mask)
        if whole and _one_flow(columns):
            flow = (columns.sockets[0], columns.connections[0], _RECEIVED[columns.kinds[0]])
            yield from self._split(flow, numbers, offsets, sizes)
            return
        flows = list(zip(columns.sockets, columns.connections, columns.kinds.translate(_RECEIVED), strict=True))
        if mask is not None and not whole:
            numbers, sizes = list(compress(numbers, mask)), list(compress(sizes, mask))
            offsets, flows = list(compress(offsets, mask)), list(compress(flows, mask))
        place = 0
        for flow, group in groupby(flows):
            stop = place + len(list(group))
            yield from self._split(flow, numbers[place:stop], offsets[place:stop], sizes[place:stop])
            place = stop

    def _split(self, flow: Flow, numbers: list[int], offsets: list[int], sizes: list[int]) -> Iterator[_Run]:
        """Cut calls of one flow where their bytes do not stand together in one segment."""
        begin = 0
        cuts: list[int] = []
        length = self.reader.header.segment_bytes
        if offsets[-1] + sizes[-1] - offsets[0] != sum(sizes) or offsets[-1] // length != offsets[0] // length:
            ends = list(map(add, offsets, sizes))
            cuts = [
                place
                for place in range(1, len(ends))
                if offsets[place] != ends[place - 1] or not offsets[place] % length
            ]
        for stop in (*cuts, len(sizes)):
            run = _Run(flow, offsets[begin], self._position, numbers[begin:stop], list(accumulate(sizes[begin:stop])))
            self._position += run.size
            if run.size:
                yield run
            begin = stop

    # -- hits -----------------------------------------------------------------------------------

    def _search(self, run: _Run) -> None:
        overlap = len(self.pattern) - 1
        tail = self._tails.get(run.flow)
        if overlap and tail is not None:
            self._search_border(run, tail)
        for position in self._find(run):
            stop = run.start + position + len(self.pattern)
            self._add(run.start + position, stop, run.call_at(position))
            if self.limited:
                return
        if overlap:
            self._keep_tail(run, tail, overlap)

    def _find(self, run: _Run) -> Iterator[int]:
        """Positions in the run at which the pattern begins."""
        width = len(self.pattern)
        chunk = max(_CHUNK, 4 * width)
        for begin in range(0, run.size - width + 1, chunk):
            size = min(chunk + width - 1, run.size - begin)
            for position in self._find_in(self.reader.data(run.log + begin, size)):
                yield begin + position

    def _find_in(self, data: bytes) -> Iterator[int]:
        if self.ignore_case:
            data = data.lower()
        position = data.find(self.pattern)
        while position >= 0:
            yield position
            position = data.find(self.pattern, position + 1)

    def _search_border(self, run: _Run, tail: _Tail) -> None:
        """Hits that begin in earlier calls of the flow and end in this run."""
        head = self._bytes(run.log, min(run.size, len(self.pattern) - 1))
        for position in self._find_in(tail.data + head):
            offset, number = tail.place(position)
            stop = run.start + position + len(self.pattern) - len(tail.data)
            self._add(offset, stop, number)

    def _keep_tail(self, run: _Run, tail: _Tail | None, size: int) -> None:
        begin = max(0, run.size - size)
        data = self._bytes(run.log + begin, run.size - begin)
        marks = []
        position = begin
        for place in range(bisect_right(run.ends, begin), len(run.ends)):
            if run.ends[place] > position:
                marks.append((position - begin, run.start + position, run.numbers[place]))
                position = run.ends[place]
        if tail is not None and len(data) < size:
            keep = min(size - len(data), len(tail.data))
            marks = tail.last(keep) + [(keep + at, offset, number) for at, offset, number in marks]
            data = tail.data[-keep:] + data
        self._tails[run.flow] = _Tail(data, marks)

    def _bytes(self, log: int, size: int) -> bytes:
        return self.reader.data(log, size).ljust(size, b"\0")

    def _add(self, offset: int, stop: int, call: int) -> None:
        if self.count >= self._most:
            self.limited = True
            return
        place = bisect_right(self._offsets, offset) if self._offsets and offset < self._offsets[-1] else self.count
        self._offsets.insert(place, offset)
        self._stops.insert(place, stop)
        self._calls.insert(place, call)


def _one_flow(columns: Columns) -> bool:
    """Whether all these calls are of one kind and one connection: the usual case where there is much traffic."""
    kinds, connections = columns.kinds, columns.connections
    same = kinds.count(kinds[:1]) == len(kinds)
    return same and bool(connections[0]) and connections.count(connections[0]) == len(connections)
