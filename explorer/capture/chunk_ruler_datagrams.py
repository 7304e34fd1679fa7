"""Which datagram that one end received is which that the other end sent.

UDP numbers nothing, so that is found out by what the datagrams hold. Between two sockets of one machine they come in
the order in which they were sent, and none twice; some may not come at all. So each received one is taken for the
first sent one that fits, behind the last that was taken. Those in between never came.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.capture.chunk_ruler_lanes import CallLane, Range
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import facts
from explorer.core.calls import Call, CallFlag

_AT_ONCE = 4096  # sent datagrams that are compared in one step, beyond what was asked for
_SPARSE = 8  # sent ones for each that came, up to which they are looked up together


class Loss(NamedTuple):
    """Sent datagrams in a row that never came: sent rows `first` … `stop` - 1.

    sure: it was these. Else as many were lost, but one that came before them holds the same bytes as one of them: that
    may be the lost one.
    """

    first: int
    stop: int
    sure: bool


class Cut(NamedTuple):
    """Bytes at the end of a sent datagram that did not fit into the receiver's buffer: positions in the stream."""

    start: int
    stop: int


class PairedLane:
    """The datagrams that were received, each where the sender's lane has it. As many rows as pairs were found.

    unpaired: a received datagram fits none that was sent; then nothing behind it is shown.
    """

    def __init__(self, reader: Reader, sent: CallLane, received: CallLane) -> None:
        """sent: advanced by somebody else, before this one."""
        self._reader = reader
        self._sent = sent
        self._received = received
        self._count = 0
        self._next = 0  # the next sent one to look at
        self._from = array("Q")  # rows from which on …
        self._to = array("Q")  # … each row is this sent one, the next row the next one, until another run begins
        self._sure = bytearray()  # whether the loss before each run is sure
        self._lost = array("Q")  # bytes lost before each run, from the beginning on
        self._cut_rows = array("Q")  # sent ones that were cut …
        self._cut_from = array("Q")  # … at these positions
        self._cut = array("Q", [0])  # bytes that were cut off all of them before each, and before the next to come
        self.unpaired = False

    @property
    def count(self) -> int:
        return self._count

    @property
    def done(self) -> int:
        """Records looked at, up to the first datagram whose partner is not found yet."""
        done, count = self._received.done, self._count
        return self._received.index.number(count) if count < self._received.count else done

    @property
    def stop(self) -> int:
        return self.range(self._count - 1).stop if self._count else 0

    # -- growing --------------------------------------------------------------------------------

    def advance(self, most: int = 1 << 62) -> bool:
        more = self._received.advance(most)
        return self._pair(most) or more

    def _pair(self, most: int) -> bool:
        """Find partners for up to about `most` datagrams. Whether there are more to be found now."""
        seen = self._sent.done
        left = most + _AT_ONCE
        while not self.unpaired and self._count < self._received.count:
            call = self._call(self._received, self._count)
            if call.number >= seen:  # what was sent is not known yet so far
                return False
            if left <= 0:
                return True
            left -= self._find(call)
        return False

    def _find(self, call: Call) -> int:
        """Find the partner of the next one. How many were compared."""
        data = self._reader.data(call.offset, call.size)
        row, count = self._next, self._sent.count
        while row < count and not self._fits(call, data, row):
            row += 1
        if row >= count or self._call(self._sent, row).number > call.number:
            self.unpaired = True
            return row + 1 - self._next
        lost = range(self._next, row)
        if lost or not self._from:
            # Other threads look in between: what they count by is there last.
            self._sure.append(self._is_sure(lost))
            self._lost.append((self._lost[-1] if self._lost else 0) + self._size_of(lost))
            self._from.append(self._count)
            self._to.append(row)
        if call.flags & CallFlag.CUT and self._call(self._sent, row).size > call.size:
            self._add_cut(row, call.size)
        self._next = row + 1
        self._count += 1
        return 2 * len(lost) + 1

    def _size_of(self, rows: range) -> int:
        """Bytes of sent datagrams in a row."""
        return self._sent.range(rows[-1]).stop - self._sent.range(rows[0]).start if rows else 0

    def _add_cut(self, row: int, came: int) -> None:
        sent = self._sent.range(row)
        self._cut_from.append(sent.start + came)
        self._cut.append(self._cut[-1] + sent.size - came)
        self._cut_rows.append(row)  # last: other threads count by it

    def _is_sure(self, lost: range) -> bool:
        """Whether none of these is like the one that came last: it would be the one that was taken if both had
        come, and might be the lost one."""
        if not self._count:
            return True
        call = self._call(self._received, self._count - 1)
        data = self._reader.data(call.offset, call.size)
        return not any(self._fits(call, data, row) for row in lost)

    def _fits(self, call: Call, data: bytes, row: int) -> bool:
        """Whether a received datagram may be this sent one. What did not fit into the buffer was cut."""
        sent = self._call(self._sent, row)
        if call.flags & CallFlag.CUT:
            whole = sent.size == call.extra if call.extra else sent.size > call.size
        else:
            whole = sent.size == call.size
        return whole and self._reader.data(sent.offset, call.size) == data

    def _call(self, lane: CallLane, row: int) -> Call:
        return self._reader.call(lane.index.number(row))

    # -- look-ups -------------------------------------------------------------------------------

    def sent_row(self, row: int) -> int:
        """The sent one that a row is. Raises IndexError."""
        if not 0 <= row < self._count:
            raise IndexError(row)
        run = bisect_right(self._from, row) - 1
        return self._to[run] + row - self._from[run]

    def _row_of(self, sent_row: int) -> int:
        """The first row whose sent one is this or a later one."""
        run = bisect_right(self._to, sent_row) - 1
        if run < 0:
            return 0
        behind = self._from[run + 1] if run + 1 < len(self._from) else self._count
        return min(self._from[run] + sent_row - self._to[run], behind)

    def losses(self, first: int, stop: int) -> Iterator[Loss]:
        """What was lost of some sent rows, as far as it is known."""
        run = max(0, bisect_left(self._to, first) - 1)
        while run < len(self._to):
            begin = self._loss_begin(run)
            if begin >= stop:
                return
            if begin < self._to[run] and self._to[run] > first:
                yield Loss(begin, self._to[run], bool(self._sure[run]))
            run += 1

    def cuts(self, first: int, stop: int) -> Iterator[Cut]:
        """What was cut off some sent rows."""
        place = bisect_left(self._cut_rows, first)
        while place < len(self._cut_rows) and self._cut_rows[place] < stop:
            start = self._cut_from[place]
            yield Cut(start, start + self._cut[place + 1] - self._cut[place])
            place += 1

    def never_came(self, first: int, stop: int) -> int:
        """Bytes of `losses` and `cuts` of some sent rows, without a look at each."""
        # The last loss that ends within, or else begins within, reaches the farthest.
        low, high = bisect_right(self._to, first), bisect_left(self._to, stop)
        if high < len(self._to) and self._loss_begin(high) < stop:
            high += 1
        lost = (self._lost[high - 1] if high else 0) - (self._lost[low - 1] if low else 0) if high > low else 0
        cut_low, cut_high = bisect_left(self._cut_rows, first), bisect_left(self._cut_rows, stop)
        return lost + self._cut[cut_high] - self._cut[cut_low]

    def _loss_begin(self, run: int) -> int:
        """The first sent row of what was lost before a run."""
        return self._to[run - 1] + self._from[run] - self._from[run - 1] if run else 0

    def row_at(self, position: int) -> int:
        row = self._row_of(self._sent.row_at(position))
        while row < self._count and self.range(row).stop <= position:  # it was cut there
            row += 1
        return row

    def range(self, row: int) -> Range:
        start = self._sent.range(self.sent_row(row)).start
        call = self._call(self._received, row)
        return Range(start, start + call.size, row, call.number)

    def ranges(self, first: int, stop: int) -> list[Range]:
        stop = min(stop, self._count)
        if first >= stop:
            return []
        base, behind = self.sent_row(first), self.sent_row(stop - 1) + 1
        if behind - base > _SPARSE * (stop - first):
            return [self.range(row) for row in range(first, stop)]
        starts = [one.start for one in self._sent.ranges(base, behind)]
        numbers = self._received.index.numbers(first, stop - first)
        found = []
        for row, (number, _, size, _, _) in enumerate(facts(self._reader, numbers), first):
            start = starts[self.sent_row(row) - base]
            found.append(Range(start, start + size, row, number))
        return found

    def span(self, row: int) -> Span:
        return self._received.span(row)

    def position(self, place: Place) -> int:
        row = self._received.index.row(place.call)
        if row >= self._count:
            return self.stop
        found = self.range(row)
        return found.start + min(place.skip, found.size) if found.call == place.call else found.start

    def about(self, positions: Sequence[int]) -> list[int]:
        return [self._row_of(row) for row in self._sent.about(positions)]

    def extent(self, position: int) -> tuple[int, int]:
        return self._sent.extent(position)
