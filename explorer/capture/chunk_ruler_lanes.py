"""What stands in a row over the bytes of one stream: the calls of one end, or the messages.

Positions are those of the stream, in bytes from 0: where the sender's calls put them. Only what is looked at is
looked up: a lane of a million calls costs what those between two positions cost. `advance` from one thread, as the
capture grows; the rest from any.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Protocol

from explorer.capture.block_index import BlockIndex
from explorer.capture.catalog import CapturedConnection
from explorer.capture.match import both, carries, failed, inverse, of_connections
from explorer.capture.message_spans import span_of
from explorer.capture.messages import Message, Messages, not_empty
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import facts

_FEW = 6  # columns of a picture up to which it is good enough to know how many begin in all of them together
_MANY = 200  # ranges from which on they are kept
_STEP = 1024  # messages between two whose places are remembered


class Range(NamedTuple):
    """One call or message: the bytes from `start` up to, not including, `stop`; none, for an empty datagram.

    row: its place in the lane, from 0. call: the number of the call (of a message: of the one that completed it).
    error: it tells that the framing is broken here.
    """

    start: int
    stop: int
    row: int
    call: int
    error: bool = False

    @property
    def size(self) -> int:
        return self.stop - self.start


class Lane(Protocol):
    """Ranges in the order of the stream, none over another.

    count: ranges so far; stop: the position behind the last of them; done: records looked at.
    """

    @property
    def count(self) -> int: ...

    @property
    def stop(self) -> int: ...

    @property
    def done(self) -> int: ...

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further records. Whether there are more to look at now."""

    def row_at(self, position: int) -> int:
        """The first range that ends behind a position; `count` if none does."""

    def range(self, row: int) -> Range:
        """Raises IndexError."""

    def ranges(self, first: int, stop: int) -> list[Range]:
        """Those of some rows."""

    def span(self, row: int) -> Span:
        """What a range means in every view. Raises IndexError."""

    def about(self, positions: Sequence[int]) -> list[int]:
        """Roughly how many ranges begin before each position; it takes a microsecond for each."""

    def extent(self, position: int) -> tuple[int, int]:
        """Between which positions, around this one, `about` is rough."""


def rows_between(lane: Lane, start: int, stop: int) -> range:
    """The rows of the ranges that hold bytes between two positions."""
    stop = min(stop, lane.stop)
    if start >= stop:
        return range(0)
    first = lane.row_at(start)
    last = lane.row_at(stop - 1)
    if last < lane.count and lane.range(last).start < stop:
        last += 1
    return range(first, max(first, last))


class Calls(Lane, Protocol):
    """A lane of calls."""

    def position(self, place: Place) -> int:
        """Where a byte of one of these calls stands; of a call of others, where the next byte after it stands."""


class _Kept:
    """The ranges looked up last, where they were many: of a stream that grows the same ones are asked for again and
    again, and a few more."""

    def __init__(self) -> None:
        self._all: tuple[int, list[Range]] = 0, []  # replaced as a whole: other threads may look at it

    def ranges(
        self, first: int, stop: int, find: Callable[[int, int], list[Range]], lasts: Callable[[Range], bool]
    ) -> list[Range]:
        """Those of some rows. find: looks rows up, from the first up to, not including, the second. lasts: whether a
        range never changes."""
        begun, kept = self._all
        found = kept[first - begun : stop - begun] if begun <= first < stop else []
        if first + len(found) < stop:
            found += find(first + len(found), stop)
        if len(found) > _MANY:
            lasting = len(found)
            while lasting and not lasts(found[lasting - 1]):
                lasting -= 1
            self._all = first, found[:lasting]
        return found


class CallLane:
    """The calls of one connection that received, or sent, its bytes, one behind the other.

    Calls that carried nothing (they failed, or the stream had ended) are none of them; empty datagrams are.
    """

    def __init__(self, reader: Reader, connection: int, received: bool) -> None:
        self.reader = reader
        self.connection = connection
        self.received = received
        match = both(of_connections([connection]), carries(received, not received), inverse(failed), not_empty)
        self.index = BlockIndex(reader, match, reads_bytes=False)
        self._kept = _Kept()

    @property
    def count(self) -> int:
        return self.index.rows

    @property
    def stop(self) -> int:
        return self.index.size

    @property
    def done(self) -> int:
        return self.index.done

    def advance(self, most: int = 1 << 62) -> bool:
        return self.index.advance(most)

    def row_at(self, position: int) -> int:
        if position >= self.stop:
            return self.count
        return self.index.row(self.index.at(position)[0])

    def range(self, row: int) -> Range:
        number = self.index.number(row)
        start = self.index.offset(number)
        return Range(start, start + self.reader.call(number).size, row, number)

    def ranges(self, first: int, stop: int) -> list[Range]:
        return self._kept.ranges(first, min(stop, self.count), self._find, lambda _: True)

    def _find(self, first: int, stop: int) -> list[Range]:
        numbers = self.index.numbers(first, stop - first)
        if not numbers:
            return []
        start = self.index.offset(numbers[0])
        found = []
        for row, (number, _, size, _, _) in enumerate(facts(self.reader, numbers), first):
            found.append(Range(start, start + size, row, number))
            start += size
        return found

    def span(self, row: int) -> Span:
        return Span.of_call(self.reader.call(self.index.number(row)))

    def position(self, place: Place) -> int:
        start = self.index.offset(place.call)
        call = self.reader.call(place.call)
        own = call.connection == self.connection and (call.received if self.received else call.sent)
        return start + min(place.skip, call.size) if own else start

    def about(self, positions: Sequence[int]) -> list[int]:
        return self.index.about(positions)

    def extent(self, position: int) -> tuple[int, int]:
        return self.index.extent(position)


class MessageLane:
    """What a framing finds in the bytes that the calls of one lane carry.

    messages: of the connection and direction of these calls, and no others.
    """

    def __init__(self, messages: Messages, calls: Calls) -> None:
        self._messages = messages
        self._calls = calls
        self._starts = array("Q")  # positions of every `_STEP`-th message
        self._count = 0
        self._kept = _Kept()
        self._last = (0, 0)  # how many there were when their end was looked up last, and it

    @property
    def count(self) -> int:
        return self._count

    @property
    def done(self) -> int:
        return self._messages.done

    @property
    def stop(self) -> int:
        count, (known, stop) = self.count, self._last
        if count != known:
            stop = self.range(count - 1).stop
            self._last = count, stop
        return stop

    def advance(self, most: int = 1 << 62) -> bool:
        messages, calls = self._messages, self._calls
        more = messages.advance(most)
        # The capture may have grown since the calls were looked at: messages of calls that are not known yet wait.
        count = messages.rows if messages.done <= calls.done else messages.row_of(calls.done)
        while len(self._starts) * _STEP < count:
            self._starts.append(self._start(messages.message(len(self._starts) * _STEP)))
        self._count = count
        return more

    def _start(self, message: Message) -> int:
        return self._calls.position(Place(message.first_call, message.skip))

    def _stop(self, message: Message) -> int:
        """Of an error that skips bytes nobody can count yet: where the next begins, or all that came."""
        if message.size or not message.error:
            return self._start(message) + message.size
        following = message.number + 1
        return self._start(self._messages.message(following)) if following < self._count else self._calls.stop

    def row_at(self, position: int) -> int:
        """Messages that hold bytes of a call are completed by it or by later ones, in their order."""
        count = self.count
        step = max(0, bisect_right(self._starts, position) - 1)
        low, high = step * _STEP, min(count, (step + 1) * _STEP + 1)
        return bisect_right(range(low, high), position, key=self._stop_of) + low

    def _stop_of(self, row: int) -> int:
        return min(self._stop(self._messages.message(row)), self._calls.stop)

    def pending(self, connection: CapturedConnection) -> int:
        """Bytes of a message that is not whole yet."""
        return sum(self._messages.pending(connection.socket, connection.number))

    def message(self, row: int) -> Message:
        """Raises IndexError."""
        return self._messages.message(row)

    def payload(self, message: Message, most: int) -> bytes:
        """Its first bytes, without what the framing put around them."""
        return self._messages.payload(message, most)

    def range(self, row: int) -> Range:
        message = self._messages.message(row)
        start = self._start(message)
        stop = max(start, min(self._stop(message), self._calls.stop))
        return Range(start, stop, row, message.call, bool(message.error))

    def ranges(self, first: int, stop: int) -> list[Range]:
        end = self._calls.stop
        return self._kept.ranges(first, min(stop, self.count), self._find, lambda one: not one.error and one.stop < end)

    def _find(self, first: int, stop: int) -> list[Range]:
        found = list(self._rough(first, stop))
        for place, one in enumerate(found):
            if one.error and not one.size:
                found[place] = self.range(one.row)
        return found

    def _rough(self, row: int, stop: int) -> Iterator[Range]:
        """Without the ends of errors whose size nobody knows."""
        end = self._calls.stop
        while row < stop:
            columns = self._messages.columns(row, stop - row)
            places = list(columns.places)
            begins = self._begins([place[1] for place in places])
            for number, call, skip, last, _, size, _, _, error in places:
                start = begins[call] + skip
                yield Range(start, max(start, min(start + size, end)), number, last, error)
            row += columns.count

    def _begins(self, numbers: Sequence[int]) -> dict[int, int]:
        """Where some calls begin, by their numbers, which ascend. Neighbours are looked up together, which is several
        times as fast."""
        calls = self._calls
        asked = dict.fromkeys(numbers, -1)
        if len(asked) > _FEW:
            first, last = (calls.position(Place(number, 0)) for number in (numbers[0], numbers[-1]))
            rows = rows_between(calls, first, last + 1)
            if len(rows) <= 2 * len(asked):
                asked.update((one.call, one.start) for one in calls.ranges(rows.start, rows.stop))
        return {number: start if start >= 0 else calls.position(Place(number, 0)) for number, start in asked.items()}

    def span(self, row: int) -> Span:
        return span_of(self._messages.message(row))

    def about(self, positions: Sequence[int]) -> list[int]:
        starts, count, end = self._starts, self.count, self.stop
        found = []
        for position in positions:
            step = bisect_left(starts, position) - 1
            if step < 0:
                found.append(0)
                continue
            low, high = starts[step], starts[step + 1] if step + 1 < len(starts) else end
            rows = min(_STEP, count - step * _STEP)
            part = rows * (min(position, high) - low) // (high - low) if high > low else rows
            found.append(step * _STEP + part)
        return found

    def extent(self, position: int) -> tuple[int, int]:
        starts = self._starts
        step = bisect_right(starts, position)
        low = starts[step - 1] if step else 0
        return low, starts[step] if step < len(starts) else max(low, self.stop)


class Columns:
    """How many ranges of a lane begin in each column of a picture, where they are too many to be drawn one by one.

    Looked up exactly where that makes a difference, a few at a time.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._exact: dict[int, int] = {}
        self._edges: Sequence[int] = ()

    def counts(self, edges: Sequence[int], seconds: float) -> tuple[list[int], bool]:
        """edges: positions between the columns, which ascend. seconds: of looking up. The counts, and whether they
        are as exact as they get; else they are with some further calls."""
        if edges != self._edges:
            self._edges, self._exact = edges, {}
        lane, exact, until = self._lane, self._exact, time.perf_counter() + seconds
        whole = True
        for edge in (edge for start, stop in self._rough(edges) for edge in edges[start:stop] if edge not in exact):
            whole = time.perf_counter() < until
            if not whole:
                break
            exact[edge] = _begun(lane, edge)
        rows = lane.about(edges)
        if exact:
            rows = [exact.get(edge, rough) for edge, rough in zip(edges, rows, strict=True)]
        return [max(0, after - before) for before, after in pairwise(rows)], whole

    def _rough(self, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Runs of edges that lie within one stretch of which only the whole is known."""
        place = 0
        while place < len(edges) and edges[place] < self._lane.stop:
            _, end = self._lane.extent(edges[place])
            stop = max(place + 1, bisect_left(edges, end, place))
            if stop - place > _FEW:
                yield place, stop
            place = stop


def _begun(lane: Lane, position: int) -> int:
    """How many ranges begin before a position."""
    row = lane.row_at(position)
    return row + 1 if row < lane.count and lane.range(row).start < position else row
