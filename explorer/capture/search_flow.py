"""Where the bytes of one flow (a connection's one direction) stand in the byte log, as far as a search needs them.

Positions are counted from the flow's first byte that is searched, through all its calls. No bytes are kept here: the
few that a hit may still begin in are read once more when they are needed, and lie in the system's cache then.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, repeat
from operator import add, sub

from explorer.capture.reader import Reader
from explorer.capture.search_hits import key_of

Stretch = tuple[int, list[int], list[int]]
"""The number of a file of the byte log; where in it bytes of calls begin, and how many each time."""


class FlowText:
    """A flow that is being searched: 20 bytes for each call that a later hit may begin in.

    base: the position of the first byte that can still be read. end: the position behind the last one.
    """

    __slots__ = ("_calls", "_logs", "_reader", "_starts", "end", "number", "plain", "resume", "window")

    def __init__(self, reader: Reader, number: int) -> None:
        """number: of the flow in the list of hits."""
        self.number = number
        self.end = 0
        self.window = 0  # of a regular expression: the first window that is not searched for good
        self.resume = 0  # and the position behind its last match
        self.plain = 0  # what every match holds stands nowhere behind this position
        self._reader = reader
        self._starts = array("Q", (0,))  # where the bytes of each call begin; and the end
        self._calls = array("I")
        self._logs = array("Q")  # where they begin in the byte log

    @property
    def base(self) -> int:
        return self._starts[0]

    @property
    def calls(self) -> int:
        """How many are kept in mind."""
        return len(self._calls)

    def go_on(self, calls: Sequence[int], logs: Sequence[int], sizes: Sequence[int]) -> None:
        """The flow goes on with the bytes of these calls, and where these stand in the byte log. None is empty."""
        self._calls.extend(calls)
        self._logs.extend(logs)
        self._starts.extend(islice(accumulate(sizes, initial=self.end), 1, None))
        self.end = self._starts[-1]

    def forget_before(self, position: int) -> None:
        """No later hit begins before a position."""
        first = bisect_right(self._starts, position, 0, len(self._calls)) - 1
        if first > 0:
            del self._starts[:first]
            del self._calls[:first]
            del self._logs[:first]

    def key(self, position: int) -> int:
        """The place of a byte, as one number."""
        at = bisect_right(self._starts, position, 0, len(self._calls)) - 1
        return key_of(self._calls[at], position - self._starts[at])

    def keys(self, begin: int, end: int) -> tuple[int, int]:
        """The place of a byte, and the place behind the byte before another position."""
        starts = self._starts
        at = bisect_right(starts, begin, 0, len(self._calls)) - 1
        first = key_of(self._calls[at], begin - starts[at])
        return first, first + end - begin if end <= starts[at + 1] else self.key(end - 1) + 1

    def read(self, begin: int, end: int) -> bytes:
        """The bytes between two positions; zeros where a damaged capture lacks them."""
        return read_all(self._reader, [(self, begin, end)])[0]

    def stretches(self, begin: int, end: int) -> Iterator[Stretch]:
        """Where the bytes between two positions stand, file by file."""
        if end <= begin:
            return
        length = self._reader.header.segment_bytes
        first = bisect_right(self._starts, begin, 0, len(self._calls)) - 1
        stop = bisect_left(self._starts, end, first, len(self._calls))
        log, last = self._logs[first] + begin - self._starts[first], self._logs[stop - 1] + end - self._starts[stop - 1]
        if last - log == end - begin and (last - 1) // length == log // length:
            yield log // length, [log % length], [end - begin]
            return
        logs, starts = self._logs[first:stop].tolist(), self._starts[first : stop + 1].tolist()
        logs[0], starts[0], starts[-1] = log, begin, end
        sizes = list(map(sub, starts[1:], starts))
        at = 0
        while at < len(logs):
            segment = logs[at] // length
            after = max(at + 1, bisect_left(logs, (segment + 1) * length, at))
            yield segment, list(map(sub, logs[at:after], repeat(segment * length))), sizes[at:after]
            at = after


def read_all(reader: Reader, wanted: Sequence[tuple[FlowText, int, int]]) -> list[bytes]:
    """For each flow the bytes between two positions. Each file of the byte log is gone to once for all of them."""
    pieces: list[list[bytes]] = [[] for _ in wanted]
    files: dict[int, list[tuple[int, list[int], list[int]]]] = {}
    for number, (text, begin, end) in enumerate(wanted):
        for segment, begins, sizes in text.stretches(begin, end):
            files.setdefault(segment, []).append((number, begins, sizes))
    for segment in sorted(files):
        view, origin = reader.segment(segment), segment * reader.header.segment_bytes
        for number, begins, sizes in files[segment]:
            if len(begins) == 1:
                found = reader.data(origin + begins[0], sizes[0])  # which fetches much at once
            else:
                found = b"".join(map(view.__getitem__, map(slice, begins, map(add, begins, sizes))))
            if len(found) < sum(sizes):
                places = zip(begins, sizes, strict=True)
                found = b"".join(bytes(view[begin : begin + size]).ljust(size, b"\0") for begin, size in places)
            pieces[number].append(found)
    return [b"".join(some) for some in pieces]
