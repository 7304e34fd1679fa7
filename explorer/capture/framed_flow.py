"""One direction of one connection under a framing: its framer, and the calls whose bytes it holds back."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple, Protocol

from explorer.capture.framed_rows import BROKEN, LARGEST, MESSAGE, ROW, WRONG, Whose, pack_run
from explorer.capture.reader import Reader
from explorer.capture.words import counted
from explorer.wire.framing.api import Found, Frame, Framer, FramingError, TimedFramer, timed
from explorer.wire.framing.runs import Run, measuring

_PIECE = 64  # bytes that a framer is given at first, to find out which call showed that something is broken
_SEARCHED = 32  # bytes in which a framer that searches for the next beginning may find it, though none are pending

MakeFramer = Callable[[], Framer]


class Calls(NamedTuple):
    """Calls with bytes that follow each other in one direction: their numbers, places in the byte log, and sizes."""

    numbers: Sequence[int]
    offsets: Sequence[int]
    sizes: Sequence[int]


class FlowHost(Protocol):
    """What flows share."""

    reader: Reader

    def error(self, sentence: str) -> int:
        """The number of a sentence, for a row."""


class Flow:
    """Feeds the framer, and gives packed rows (`framed_rows.ROW`) in the order of their completing calls."""

    __slots__ = ("_calls", "_framer", "_host", "_make", "_size", "_starts", "_whose", "each_call", "last_call", "timed")

    def __init__(self, host: FlowHost, make: MakeFramer, whose: Whose) -> None:
        self._host = host
        self._make = make
        self._whose = whose
        self._framer = make()
        self.each_call = isinstance(self._framer, EachCall)  # its messages depend on where calls ended
        self.timed: TimedFramer | None = timed(self._framer)
        self._size = 0  # bytes of the stream so far
        self._starts = array("Q")  # stream offsets at which calls begin whose bytes may be held back
        self._calls = array("Q")  # their numbers
        self.last_call = -1  # the call that brought the last bytes

    @property
    def pending(self) -> int:
        return self._framer.pending

    # -- what comes -----------------------------------------------------------------------------

    def feed(self, calls: Calls) -> bytes:
        """The rows of what these calls complete."""
        self._take(calls)
        # Where each call is a message only its size counts, and what it holds need not be read from the disk.
        data = bytes(sum(calls.sizes)) if self.each_call else joined(self._host.reader, calls)
        measure = measuring(self._framer)
        if measure is not None:
            rows = self._measured(measure.measure(data), calls)
        elif len(calls.sizes) == 1:
            rows = self._rows(self._framer.feed(data), calls.numbers[0], self._size)
        else:
            rows = self._fed(memoryview(data), calls)
        if not self._framer.pending:
            self._forget(max(self._size - _SEARCHED, 0))
        elif rows:
            *_, last = ROW.iter_unpack(rows[-ROW.size :])
            self._forget(last[2] + last[5])  # where it begins, and how long it is
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

    def _measured(self, found: Iterable[Run | FramingError], calls: Calls) -> bytes:
        """All calls at once: messages are complete with their last byte, and of errors it is looked up."""
        rows = []
        for one in found:
            if isinstance(one, Run):
                low = self._place(one.offset)
                rows.append(pack_run(one, self._whose, self._starts[low:].tolist(), self._calls[low:]))
            else:
                rows.append(self._row(one, *self._known_by(one.offset, calls)))
        return b"".join(rows)

    def _known_by(self, offset: int, calls: Calls) -> tuple[int, int]:
        """Which of these calls showed that what begins at a stream offset is broken, and where its bytes end."""
        reader, framer, piece = self._host.reader, self._make(), _PIECE
        for place in range(self._place(offset), len(self._calls) if len(calls.numbers) > 1 else 0):
            call = reader.call(self._calls[place])
            at = max(0, offset - self._starts[place])
            while at < call.size:
                if framer.feed(read(reader, call.offset + at, min(piece, call.size - at))):
                    return max(call.number, calls.numbers[0]), self._starts[place] + call.size
                at += piece
                piece *= 2
        return calls.numbers[-1], self._size

    def at(self, time: int) -> bytes:
        """The rows of what the silence up to `time` completes: the call that brought their last byte did."""
        return self._rows(self.timed.at(time), 0, self._size) if self.timed else b""

    def end(self, number: int) -> bytes:
        """The rows of what the end of the stream completes, and of what is left over. number: of the call that told
        of the end."""
        # Of a timed framer, silence may have completed it before: what the last call with bytes completed stays that.
        rows = self._rows(self._framer.end(), 0, self._size) if self.timed else b""
        self._take(Calls([number], [0], [0]))
        found = [] if self.timed else self._framer.end()
        if left := self._framer.pending:
            sentence = f"The stream ended in the middle of a message, {counted(left, 'byte')} after its beginning."
            found.append(FramingError(self._size - left, left, sentence))
        rows += self._rows(found, number, self._size)
        self._framer = self._make()
        self.timed = timed(self._framer)
        return rows

    def datagram(self, number: int, offset: int, size: int, cut: bool) -> bytes:
        """The rows of a datagram. It is framed on its own: what is left at its end is no beginning of the next."""
        framer = self._make()
        start, calls = self._size, Calls([number], [offset], [size])
        self._take(calls)
        found = [*framer.feed(joined(self._host.reader, calls)), *framer.end()]
        if left := framer.pending:
            why = "was cut because it did not fit into the buffer" if cut else "ended"
            sentence = f"The datagram {why} in the middle of a message, {counted(left, 'byte')} after its beginning."
            found.append(FramingError(size - left, left, sentence))
        rows = self._rows([replace(one, offset=start + one.offset) for one in found], number, self._size)
        self._forget(self._size)
        return rows

    # -- where it stands ------------------------------------------------------------------------

    def _take(self, calls: Calls) -> None:
        """Remember where the calls' bytes stand in the stream."""
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
        return b"".join(self._row(one, least, came) for one in found)

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
        size = min(size, LARGEST)  # broken framing may claim to skip any number; its sentence says which
        return ROW.pack(
            first, last, found.offset, skip, end, size, len(found.payload or b""), *self._whose[:3], error,
            self._whose.received, what,
        )  # fmt: skip

    def _place(self, offset: int) -> int:
        """Which of the calls carries stream offset `offset`."""
        return max(0, bisect_right(self._starts, offset) - 1)


def joined(reader: Reader, calls: Calls) -> bytes | memoryview:
    """The bytes of calls, as `read`; without a copy where they stand together."""
    first, last, size = calls.offsets[0], calls.offsets[-1], calls.sizes[-1]
    total = sum(calls.sizes)
    length = reader.header.segment_bytes
    if last + size - first == total and first // length == last // length:
        return read(reader, first, total)
    return b"".join(read(reader, *where) for where in zip(calls.offsets, calls.sizes, strict=True))


def read(reader: Reader, offset: int, size: int) -> bytes | memoryview:
    """Bytes of the log within one segment; zeros stand in for what a damaged capture lacks, so that what follows
    keeps its place."""
    found = reader.view(offset, size)
    return found if len(found) == size else bytes(found).ljust(size, b"\0")


class EachCall:
    """Takes every call's bytes as one message: raw, among sockets with other framings.

    sentence: an error to give instead, once.
    """

    pending = 0

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
