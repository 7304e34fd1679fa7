"""Rows of framed messages, as they are packed, and many of them at once for filters."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from operator import add, and_, eq, or_, sub
from typing import TYPE_CHECKING

from explorer.capture.contains import Contains
from explorer.capture.framed_rows import ROW
from explorer.capture.message_columns import MessagePlace
from explorer.capture.reader import Columns, Reader

if TYPE_CHECKING:
    from explorer.capture.framed_messages import FramedMessages

_ERROR = bytes([0, 1, 1]) + bytes(253)  # of what a row is: whether it tells of an error
_WHOLE = bytes([1, 0, 1]) + bytes(253)  # and whether there is a message
_WORDS = ROW.size // 4
_FEW = 64  # messages whose bytes lie far apart that are read one by one
_FAR = 1 << 16  # calls that are looked at to place a page of messages
_AROUND = 64 << 10  # bytes of others among the messages' that are searched along with them


class FramedColumns:
    """See `explorer.capture.message_columns.MessageColumns`. raw: the rows, packed."""

    def __init__(self, messages: FramedMessages, first: int, raw: bytes) -> None:
        self.first = first
        self.count = len(raw) // ROW.size
        self._messages = messages
        self._raw = raw

    @property
    def first_calls(self) -> list[int]:
        """Numbers of the calls that carried their first bytes."""
        return self._wide(0)

    @property
    def calls(self) -> list[int]:
        return self._wide(1)

    @property
    def last_call(self) -> int:
        last: int = ROW.unpack_from(self._raw, (self.count - 1) * ROW.size)[1]
        return last

    @property
    def sizes(self) -> list[int]:
        return self._narrow(8)

    @property
    def payload_sizes(self) -> list[int]:
        return self._narrow(9)

    @property
    def framings(self) -> list[int]:
        """Numbers that `FramedMessages.in_front` knows."""
        return self._narrow(10)

    @property
    def sockets(self) -> array[int]:
        return self._numbers(11)

    @property
    def connections(self) -> array[int]:
        return self._numbers(12)

    @property
    def received(self) -> bytes:
        return self._raw[ROW.size - 2 :: ROW.size]

    @property
    def errors(self) -> bytes:
        return self._raw[ROW.size - 1 :: ROW.size].translate(_ERROR)

    @property
    def whole(self) -> bytes:
        return self._raw[ROW.size - 1 :: ROW.size].translate(_WHOLE)

    @property
    def kinds(self) -> bytes:
        calls, reader = self.calls, self._messages.reader
        if calls[-1] - calls[0] < _FAR:
            kinds = b"".join(part.kinds for part in _parts(reader, calls[0], calls[-1] + 1))
            return bytes(map(kinds.__getitem__, map(sub, calls, repeat(calls[0]))))
        return bytes(reader.call(number).kind for number in calls)

    @property
    def places(self) -> Iterator[MessagePlace]:
        rows = enumerate(ROW.iter_unpack(self._raw), self.first)
        return (
            (row, first, skip, last, end, size, connection, received == 1, what > 0)
            for row, (first, last, _, skip, end, size, _, _, _, connection, _, received, what) in rows
        )

    def _wide(self, column: int) -> list[int]:
        return memoryview(self._raw).cast("Q")[column :: ROW.size // 8].tolist()

    def _narrow(self, column: int) -> list[int]:
        return memoryview(self._raw).cast("I")[column::_WORDS].tolist()

    def _numbers(self, column: int) -> array[int]:
        return array("I", memoryview(self._raw).cast("I")[column::_WORDS].tobytes())

    # -- searching ------------------------------------------------------------------------------

    def containing(self, wanted: Contains) -> bytes:
        """Most messages lie whole within one call: so the bytes of all calls are searched at once, and each
        message only where that finds something. What lies apart is taken in halves, and at last one by one."""
        if None in map(self._messages.in_front, set(self.framings)):
            return self._one_by_one(range(self.count), wanted)
        calls = self.calls
        span = self._span(calls)
        if span is None:
            if self.count <= _FEW:
                return self._one_by_one(range(self.count), wanted)
            middle = self.count // 2 * ROW.size
            low = FramedColumns(self._messages, self.first, self._raw[:middle])
            high = FramedColumns(self._messages, self.first + low.count, self._raw[middle:])
            return low.containing(wanted) + high.containing(wanted)
        begin, end, offsets = span
        data = wanted.prepared(begin, end - begin)
        whole = bytes(map(eq, self.first_calls, calls))  # within one call
        if wanted.may_be_in(data):
            mask = self._in_calls(wanted, data, calls, array("Q", map(sub, offsets, repeat(begin))), whole)
        else:
            mask = bytearray(self.count)
        if whole.count(1) < self.count:
            parted = [place for place in range(self.count) if not whole[place]]
            for place, found in zip(parted, self._one_by_one(parted, wanted), strict=True):
                mask[place] = found
        return bytes(mask)

    def _span(self, calls: list[int]) -> tuple[int, int, list[int]] | None:
        """Where the bytes of the completing calls begin and end in the byte log, and of each call from the first
        of them to the last. None where they lie too far apart, or in several segments."""
        if calls[-1] - calls[0] >= _FAR:
            return None
        reader = self._messages.reader
        length = reader.header.segment_bytes
        parts = list(_parts(reader, calls[0], calls[-1] + 1))
        begin, end = parts[0].span[0], parts[-1].span[1]
        if begin // length != max(begin, end - 1) // length or end - begin > 4 * sum(self.sizes) + _AROUND:
            return None
        return begin, end, list(chain.from_iterable(part.offsets for part in parts))

    def _in_calls(
        self, wanted: Contains, data: bytes, calls: list[int], offsets: Sequence[int], whole: bytes
    ) -> bytearray:
        """Of messages that lie in one call each: which hold a pattern. data: of the calls, which begin at `offsets`."""
        of_call = list(map(offsets.__getitem__, map(sub, calls, repeat(calls[0]))))
        ends = list(map(add, of_call, self._narrow(7)))
        starts = list(map(add, of_call, self._narrow(6)))  # of what is too long not all may have come: not end - size
        mask = bytearray(self.count)
        for places in wanted.places(data, *self._payloads(starts, ends)):
            mask[:] = map(or_, mask, map(and_, map((-1).__ne__, places), whole))
        return mask

    def _payloads(self, starts: list[int], ends: list[int]) -> tuple[list[int], list[int]]:
        """Where the messages themselves begin and end, of those on the wire; broken ones are taken whole."""
        front, payloads, whole = self._messages.in_front, self.payload_sizes, self.whole
        ways = set(map(front, set(self.framings)))
        if not whole.count(0) and len(ways) == 1:
            if ways == {True}:
                return starts, list(map(add, starts, payloads))
            return list(map(sub, ends, payloads)), ends
        rows = zip(starts, ends, payloads, whole, map(front, self.framings), strict=True)
        found = [
            (start, end) if not there else (start, start + size) if ahead else (end - size, end)
            for start, end, size, there, ahead in rows
        ]
        return [start for start, _ in found], [end for _, end in found]

    def _one_by_one(self, places: Sequence[int], wanted: Contains) -> bytes:
        messages = self._messages
        return bytes(wanted.is_in(messages.payload(messages.message(self.first + place))) for place in places)


def _parts(reader: Reader, start: int, stop: int) -> list[Columns]:
    """Records `start` … `stop` - 1, however many files they lie in."""
    parts = []
    while start < stop:
        parts.append(reader.columns(start, stop))
        start += parts[-1].count
    return parts
