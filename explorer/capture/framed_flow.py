"""One direction of one connection under a framing: its framer, and the calls whose bytes it holds back."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import accumulate
from typing import Protocol

from explorer.capture.framed_rows import BROKEN, LARGEST, MESSAGE, ROW, WRONG, Whose, pack_run, whats_of
from explorer.capture.step_bytes import Calls, StepBytes
from explorer.capture.unfinished import MOST_CALLS, Unfinished
from explorer.capture.words import counted
from explorer.wire.framing.api import Found, Frame, Framer, FramingError, TimedFramer, timed
from explorer.wire.framing.runs import Run, measuring

FEW = 256  # bytes up to which messages are so few that it is not worth while to find them in bulk
_SLICE = 1 << 14  # bytes measured at once: each may be a message, and no thread has a turn while that many are packed
_PIECE = 1 << 11  # bytes framed at once where each message is made by itself, which takes ten times as long
_SEARCHED = 32  # bytes in which a framer that searches for the next beginning may find it, though none are pending

MakeFramer = Callable[[], Framer]


class FlowHost(Protocol):
    """What flows share."""

    def error(self, sentence: str) -> int:
        """The number of a sentence, for a row."""


class Flow:
    """Feeds the framer, and gives packed rows (`framed_rows.ROW`) in the order of their completing calls.

    unfinished: what stands at the end of the stream, as it was when the last bytes had been fed.
    """

    __slots__ = (
        "_broken", "_calls", "_constant", "_framer", "_host", "_make", "_measuring", "_size", "_starts", "_whose",
        "each_call", "last_call", "timed", "unfinished",
    )  # fmt: skip

    def __init__(self, host: FlowHost, make: MakeFramer, whose: Whose) -> None:
        self._host = host
        self._make = make
        self._whose = whose
        self._constant = whose[:3]
        self._framer = make()
        self._measuring = measuring(self._framer)
        self.each_call = isinstance(self._framer, EachCall)  # its messages depend on where calls ended
        self.timed: TimedFramer | None = timed(self._framer)
        self._size = 0  # bytes of the stream so far
        self._starts = array("Q")  # stream offsets at which calls begin whose bytes may be held back
        self._calls = array("Q")  # their numbers
        self.last_call = -1  # the call that brought the last bytes
        self._broken: FramingError | None = None  # the last error, while bytes may be skipped because of it
        self.unfinished: Unfinished | None = None

    @property
    def pending(self) -> int:
        return self._framer.pending

    # -- what comes -----------------------------------------------------------------------------

    def feed(self, calls: Calls, source: StepBytes) -> bytes:
        """The rows of what these calls complete. For few bytes, or where times or ends of calls matter."""
        # Where each call is a message only its size counts, and what it holds need not be read from the disk.
        data = bytes(sum(calls.sizes)) if self.each_call else source.joined(calls)
        begin = self._size
        if len(calls.numbers) == 1:
            [number], [size] = calls.numbers, calls.sizes
            self._take_one(number, size)
            found = self._framer.feed(data)
            rows = self._rows(found, number, begin) if found else b""
        else:
            self._take(calls)
            rows = b"".join(self._by_call(memoryview(data), begin))
        self._settle(rows)
        return rows

    def feed_in_slices(self, calls: Calls, source: StepBytes) -> Iterator[bytes]:
        """The same, a few milliseconds' worth of rows at a time. To be gone through to its end."""
        data, begin, last = memoryview(source.joined(calls)), self._size, b""
        self._take(calls)
        broken = False
        for start in range(0, len(data), _SLICE):
            part = data[start : start + _SLICE]
            measured = None if broken else self._measured(part)
            if measured is not None:
                last = measured or last
                yield measured
                continue
            # Which call showed that something is broken is only known where each is fed by itself. Where one thing
            # is broken more may be: only when nothing was, the next slice is measured again.
            broken = False
            for rows in self._by_call(part, begin + start):
                broken = broken or any(whats_of(rows))
                last = rows or last
                yield rows
        self._settle(last)

    def _measured(self, data: memoryview) -> bytes | None:
        """The rows of the next bytes, all at once: messages are complete with their last byte. None, and nothing is
        taken, where something is broken, or where so much is held back that to try would be dear."""
        if self._measuring is None or self._framer.pending > _SLICE:
            return None
        framer = deepcopy(self._measuring)
        runs = []
        for found in framer.measure(data):
            if not isinstance(found, Run):
                return None
            low, high = self._place(found.offset), self._place(found.end - 1) + 1
            runs.append(pack_run(found, self._whose, self._starts[low:high].tolist(), self._calls[low:high]))
        self._framer = self._measuring = framer
        return b"".join(runs)

    def _by_call(self, data: memoryview, begin: int) -> Iterator[bytes]:
        """The rows of bytes that stand at `begin` in the stream, each call fed by itself: so it is known which one
        completed what."""
        at, end, since = begin, begin + len(data), begin
        place, starts, rows = self._place(begin), self._starts, list[bytes]()
        while at < end:
            came = starts[place + 1] if place + 1 < len(starts) else self._size
            stop = min(came, end, at + _PIECE)
            if found := self._framer.feed(data[at - begin : stop - begin]):
                rows.append(self._rows(found, self._calls[place], starts[place], came))
            at = stop
            if at == came:
                place += 1
            if at - since >= _PIECE:
                yield b"".join(rows)
                rows.clear()
                since = at
        yield b"".join(rows)

    def _settle(self, rows: bytes) -> None:
        """All bytes so far were fed. rows: the last that came of it."""
        if not self._framer.pending:
            self._forget(max(self._size - _SEARCHED, 0))
        elif rows:
            last = ROW.unpack(rows[-ROW.size :])
            self._forget(last[2] + last[5])  # where it begins, and how long it is
        self.unfinished = self._unfinished()

    def at(self, time: int) -> bytes:
        """The rows of what the silence up to `time` completes: the call that brought their last byte did."""
        found = self.timed.at(time) if self.timed else []
        if not found and self._broken is None:
            return b""
        rows = self._rows(found, self.last_call, self._starts[-1])
        self.unfinished = self._unfinished()
        return rows

    def end(self, number: int, what: str = "The stream ended") -> bytes:
        """The rows of what the end of the stream completes, and of what is left over. number: of the call that told
        of the end."""
        # Of a timed framer, silence may have completed it before: what the last call with bytes completed stays that.
        rows, found = b"", self._framer.end()
        if self.timed and found:
            rows, found = self._rows(found, self.last_call, self._starts[-1]), []
        self._take_one(number, 0)
        if left := self._framer.pending:
            sentence = f"{what} in the middle of a message, {counted(left, 'byte')} after its beginning."
            found.append(FramingError(self._size - left, left, sentence))
        self._broken = self.unfinished = None
        return rows + self._rows(found, number, self._size)

    def datagram(self, calls: Calls, source: StepBytes, cut: bool) -> Iterator[bytes]:
        """The rows of a datagram, some at a time. It is framed on its own: what is left at its end is no beginning of
        the next."""
        framer, begin, [number], [size] = self._make(), self._size, calls.numbers, calls.sizes
        data = source.joined(calls)
        self._take_one(number, size)
        piece = size if self.each_call else _PIECE
        for at in range(0, max(1, size), max(1, piece)):
            yield self._rows(_moved(framer.feed(data[at : at + piece]), begin), number, begin)
        found = framer.end()
        if left := framer.pending:
            why = "was cut because it did not fit into the buffer" if cut else "ended"
            sentence = f"The datagram {why} in the middle of a message, {counted(left, 'byte')} after its beginning."
            found.append(FramingError(size - left, left, sentence))
        yield self._rows(_moved(found, begin), number, begin)
        self._broken = None
        self._forget(self._size)

    # -- where it stands ------------------------------------------------------------------------

    def _unfinished(self) -> Unfinished | None:
        if pending := self._framer.pending:
            start = self._size - pending
            place = self._place(start)
            skip = start - self._starts[place]
            return Unfinished(start, pending, self._calls[place : place + MOST_CALLS], skip)
        if (broken := self._broken) is None:
            return None
        whole = broken.size
        if not (_skips(self._framer) if whole is None else broken.offset + whole > self._size):
            self._broken = None
            return None
        return Unfinished(broken.offset, self._size - broken.offset, skipped=True, whole=whole)

    def _take_one(self, number: int, size: int) -> None:
        """Remember where a call's bytes stand in the stream."""
        self._starts.append(self._size)
        self._calls.append(number)
        self._size += size
        self.last_call = number

    def _take(self, calls: Calls) -> None:
        """The same of several."""
        ends = array("Q", accumulate(calls.sizes, initial=self._size))
        self._size = ends.pop()
        self._starts += ends
        self._calls += array("Q", calls.numbers)
        self.last_call = calls.numbers[-1]

    def _forget(self, offset: int) -> None:
        """No message will begin before stream offset `offset`."""
        drop = bisect_right(self._starts, offset) - 1
        if drop > 0:
            del self._starts[:drop]
            del self._calls[:drop]

    # -- rows -----------------------------------------------------------------------------------

    def _rows(self, found: Sequence[Found], call: int, begin: int, came: int | None = None) -> bytes:
        """call: that which completed them. begin: where its bytes do in the stream. came: where they end; None: at the
        end of all that came."""
        rows, came = [], self._size if came is None else came
        for one in found:
            start = one.offset - begin
            if start >= 0 and isinstance(one, Frame):  # as most are, where calls are small
                row = ROW.pack(
                    call, call, one.offset, start, start + one.size, one.size, len(one.payload), *self._constant,
                    0, self._whose.received, MESSAGE,
                )  # fmt: skip
            else:
                row = self._row(one, call, came)
            rows.append(row)
        return b"".join(rows)

    def _row(self, found: Found, least: int, came: int) -> bytes:
        """least: the first call that can have completed it. came: how far the stream had come then."""
        place = self._place(found.offset)
        first, skip = self._calls[place], max(0, found.offset - self._starts[place])
        size = found.size or 0
        stop = min(found.offset + size, came)  # of a frame that is too long, not all is here yet
        place = self._place(max(found.offset, stop - 1))
        last, end = self._calls[place], max(0, stop - self._starts[place])
        if last < least:
            last, end = least, 0
        if isinstance(found, Frame):
            what, error = MESSAGE, 0
        else:
            what, error = BROKEN if found.payload is None else WRONG, self._host.error(found.message)
            self._broken = found if what == BROKEN else None
        size = min(size, LARGEST)  # broken framing may claim to skip any number; its sentence says which
        return ROW.pack(
            first, last, found.offset, skip, end, size, len(found.payload or b""), *self._constant, error,
            self._whose.received, what,
        )  # fmt: skip

    def _place(self, offset: int) -> int:
        """Which of the calls carries stream offset `offset`."""
        return max(0, bisect_right(self._starts, offset) - 1)


def _moved(found: list[Found], by: int) -> list[Found]:
    return [replace(one, offset=one.offset + by) for one in found] if by else found


def _skips(framer: Framer) -> bool:
    """Whether a framer that holds nothing back passes over what comes: then one byte more changes nothing."""
    tried = deepcopy(framer)
    return not tried.feed(b"x") and not tried.pending


class EachCall:
    """Takes every call's bytes as one message: raw, among sockets with other framings.

    sentence: an error to give instead, once.
    """

    pending = 0
    held = b""

    def __init__(self, sentence: str = "") -> None:
        self._start = 0
        self._sentence = sentence

    def feed(self, data: bytes | memoryview) -> list[Found]:
        start = self._start
        self._start += len(data)
        if self._sentence:
            sentence, self._sentence = self._sentence, ""
            return [FramingError(start, len(data), sentence), Frame(start, len(data), bytes(data))]
        return [Frame(start, len(data), bytes(data))]

    def end(self) -> list[Found]:
        return []

    def encode(self, payload: bytes) -> bytes:
        return payload

    def restore(self, payload: bytes) -> bytes:
        return payload
