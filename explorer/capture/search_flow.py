"""The bytes of one flow (a connection's one direction) as a search comes by them, and where in its calls they stand.

Positions are counted from the flow's first byte that is searched, through all its calls.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from explorer.capture.reader import Reader
from explorer.capture.search_hits import key_of


class Part:
    """Further bytes of one flow: those of some of its calls, which stand anywhere in the byte log.

    numbers, logs, sizes: of the calls: their numbers, where in the byte log their bytes begin, how many these are.
    """

    def __init__(self, reader: Reader, numbers: Sequence[int], logs: Sequence[int], sizes: Sequence[int]) -> None:
        self.numbers = numbers
        self.starts = [0, *accumulate(sizes)]
        self.size = self.starts.pop()
        self._reader = reader
        self._runs = list(self._find_runs(logs, sizes))
        self._ends = [start + size for start, _, size in self._runs]

    def _find_runs(self, logs: Sequence[int], sizes: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """Where bytes stand together in the log: (position in the part, place in the log, how many)."""
        length = self._reader.header.segment_bytes
        together = logs[-1] + sizes[-1] - logs[0] == self.size
        if together and (logs[-1] + sizes[-1] - 1) // length == logs[0] // length:
            yield 0, logs[0], self.size
            return
        begin, end, start = logs[0], logs[0], 0
        for log, size in zip(logs, sizes, strict=True):
            if size and (log != end or not log % length):
                if end > begin:
                    yield start, begin, end - begin
                start += end - begin
                begin = end = log
            end += size
        if end > begin:
            yield start, begin, end - begin

    def read(self, start: int, stop: int, before: bytes = b"") -> bytes:
        """The bytes between two positions of the part, behind some others."""
        pieces: list[bytes | memoryview] = [before]
        at = bisect_right(self._ends, start)
        while start < stop:
            begin, log, size = self._runs[at]
            wanted = min(stop, begin + size) - start
            piece = self._reader.view(log + start - begin, wanted)
            pieces.append(piece)
            if len(piece) < wanted:
                pieces.append(bytes(wanted - len(piece)))  # a damaged capture lacks them
            start += wanted
            at += 1
        return b"".join(pieces)


class FlowText:
    """Bytes of a flow that are being searched, or that a later hit may begin in.

    base: the position of the first one. data: None while it was put away to save memory.
    """

    def __init__(self, reader: Reader, number: int) -> None:
        """number: of the flow in the list of hits."""
        self.number = number
        self.base = 0
        self.end = 0
        self.window = 0  # of a regular expression: the first window that is not searched for good
        self.resume = 0  # and the position behind its last match
        self._reader = reader
        self._data: bytes | None = b""
        self._starts = array("Q")  # where the bytes of each call begin; of the first one that may be before `base`
        self._calls = array("Q")

    @property
    def data(self) -> bytes:
        if self._data is None:
            self._data = self._read_again()
        return self._data

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return len(self._data or b"")

    def put_away(self) -> None:
        """Keep only where the bytes stand."""
        if self.end > self.base:
            self._data = None

    def append(self, part: Part, start: int, stop: int) -> None:
        """The flow goes on with these bytes of a part."""
        first, last = bisect_right(part.starts, start) - 1, bisect_left(part.starts, stop)
        numbers, origin = part.numbers[first:last], self.end - start
        starts = [origin + one for one in part.starts[first:last]]
        if self._calls and self._calls[-1] == numbers[0]:  # the call was begun before
            starts, numbers = starts[1:], numbers[1:]
        self._data = part.read(start, stop, self.data)
        self._starts.extend(starts)
        self._calls.extend(numbers)
        self.end += stop - start

    def forget_before(self, position: int) -> None:
        """No later hit begins before a position."""
        position = max(self.base, min(position, self.end))
        self._data = self.data[position - self.base :]
        self.base = position
        first = max(0, bisect_right(self._starts, position) - 1) if position < self.end else len(self._starts) - 1
        del self._starts[:first]
        del self._calls[:first]

    def key(self, position: int) -> int:
        """The place of a byte, as one number."""
        at = bisect_right(self._starts, position) - 1
        return key_of(self._calls[at], position - self._starts[at])

    def end_key(self, position: int) -> int:
        """The place behind the byte before a position."""
        return self.key(position - 1) + 1

    def _read_again(self) -> bytes:
        """The bytes once more, from the byte log."""
        pieces = []
        stops = [*self._starts[1:], self.end]
        for number, start, stop in zip(self._calls, self._starts, stops, strict=True):
            begin = max(start, self.base)
            if begin < stop:
                found = self._reader.data(self._reader.call(number).offset + begin - start, stop - begin)
                pieces.append(found.ljust(stop - begin, b"\0"))
        return b"".join(pieces)
