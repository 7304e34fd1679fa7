"""One direction of one connection under a framing: its framer, and the calls whose bytes it holds back."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import replace
from itertools import accumulate
from typing import Protocol

from explorer.capture.framed_rows import BROKEN, LARGEST, MESSAGE, ROW, WRONG, Whose, pack_run
from explorer.capture.reader import Reader
from explorer.capture.step_bytes import Calls, StepBytes
from explorer.capture.unfinished import MOST_CALLS, Unfinished
from explorer.capture.words import counted
from explorer.wire.framing.api import Found, Frame, Framer, FramingError, TimedFramer, timed
from explorer.wire.framing.runs import MeasuringFramer, Run, measuring

_FEW = 256  # bytes up to which messages are so few that it is not worth while to find them in bulk
_SLICE = 1 << 16  # bytes measured at once: each may be a message, and no thread has a turn while that many are packed
_PIECE = 64  # bytes that a framer is given at first, to find out which call showed that something is broken
_SEARCHED = 32  # bytes in which a framer that searches for the next beginning may find it, though none are pending

MakeFramer = Callable[[], Framer]


class FlowHost(Protocol):
    """What flows share."""

    reader: Reader

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
        """The rows of what these calls complete."""
        # Where each call is a message only its size counts, and what it holds need not be read from the disk.
        data = bytes(sum(calls.sizes)) if self.each_call else source.joined(calls)
        if len(calls.numbers) == 1:
            self._take_one(calls.numbers[0], calls.sizes[0])
        else:
            self._take(calls)
        if self._measuring is not None and len(data) > _FEW:
            rows = self._measured(self._measuring, data, calls)
        elif len(calls.numbers) == 1:
            rows = self._rows(self._framer.feed(data), calls.numbers[0], self._size)
        else:
            rows = self._fed(memoryview(data), calls)
        if not self._framer.pending:
            self._forget(max(self._size - _SEARCHED, 0))
        elif rows:
            last = ROW.unpack(rows[-ROW.size :])
            self._forget(last[2] + last[5])  # where it begins, and how long it is
        self.unfinished = self._unfinished()
        return rows

    def _fed(self, data: memoryview, calls: Calls) -> bytes:
        """Each call by itself, so that it is known which one completed what."""
        rows, at, came = [], 0, self._size - len(data)
        for number, size in zip(calls.numbers, calls.sizes, strict=True):
            found = self._framer.feed(data[at : at + size])
            at += size
            if found:
                rows.append(self._rows(found, number, came + at))
        return b"".join(rows)

    def _measured(self, framer: MeasuringFramer, data: bytes | memoryview, calls: Calls) -> bytes:
        """All calls at once: messages are complete with their last byte, and of errors it is looked up."""
        rows = []
        for start in range(0, len(data), _SLICE):
            for one in framer.measure(data[start : start + _SLICE]):
                if isinstance(one, Run):
                    low = self._place(one.offset)
                    rows.append(pack_run(one, self._whose, self._starts[low:].tolist(), self._calls[low:]))
                else:
                    rows.append(self._row(one, *self._known_by(one.offset, calls)))
        return b"".join(rows)

    def _known_by(self, offset: int, calls: Calls) -> tuple[int, int]:
        """Which of these calls showed that what begins at a stream offset is broken, and where its bytes end."""
        reader, source, framer, piece = self._host.reader, StepBytes(self._host.reader), self._make(), _PIECE
        for place in range(self._place(offset), len(self._calls) if len(calls.numbers) > 1 else 0):
            call = reader.call(self._calls[place])
            at = max(0, offset - self._starts[place])
            while at < call.size:
                if framer.feed(source.read(call.offset + at, min(piece, call.size - at))):
                    return max(call.number, calls.numbers[0]), self._starts[place] + call.size
                at += piece
                piece *= 2
        return calls.numbers[-1], self._size

    def at(self, time: int) -> bytes:
        """The rows of what the silence up to `time` completes: the call that brought their last byte did."""
        rows = self._rows(self.timed.at(time), 0, self._size) if self.timed else b""
        self.unfinished = self._unfinished()
        return rows

    def end(self, number: int) -> bytes:
        """The rows of what the end of the stream completes, and of what is left over. number: of the call that told
        of the end."""
        # Of a timed framer, silence may have completed it before: what the last call with bytes completed stays that.
        rows = self._rows(self._framer.end(), 0, self._size) if self.timed else b""
        self._take_one(number, 0)
        found = [] if self.timed else self._framer.end()
        if left := self._framer.pending:
            sentence = f"The stream ended in the middle of a message, {counted(left, 'byte')} after its beginning."
            found.append(FramingError(self._size - left, left, sentence))
        rows += self._rows(found, number, self._size)
        self._framer = self._make()
        self._measuring = measuring(self._framer)
        self.timed = timed(self._framer)
        self._broken = self.unfinished = None
        return rows

    def datagram(self, calls: Calls, source: StepBytes, cut: bool) -> bytes:
        """The rows of a datagram. It is framed on its own: what is left at its end is no beginning of the next."""
        framer = self._make()
        start, [number], [size] = self._size, calls.numbers, calls.sizes
        self._take_one(number, size)
        found = [*framer.feed(source.joined(calls)), *framer.end()]
        if left := framer.pending:
            why = "was cut because it did not fit into the buffer" if cut else "ended"
            sentence = f"The datagram {why} in the middle of a message, {counted(left, 'byte')} after its beginning."
            found.append(FramingError(size - left, left, sentence))
        rows = self._rows([replace(one, offset=start + one.offset) for one in found], number, self._size)
        self._broken = None
        self._forget(self._size)
        return rows

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

    def _rows(self, found: Iterable[Found], least: int, came: int) -> bytes:
        rows = [self._row(one, least, came) for one in found]
        return rows[0] if len(rows) == 1 else b"".join(rows)

    def _row(self, found: Found, least: int, came: int) -> bytes:
        """least: the first call that can have completed it. came: how far the stream had come then."""
        last, start = self._calls[-1], self._starts[-1]
        if found.offset >= start and isinstance(found, Frame):  # as most are, where calls are small
            begin = found.offset - start
            return ROW.pack(
                last, last, found.offset, begin, begin + found.size, found.size, len(found.payload), *self._constant,
                0, self._whose.received, MESSAGE,
            )  # fmt: skip
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
