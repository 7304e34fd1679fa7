"""Calls that are searched together: sorted by the flows that they belong to, column by column.

Where thousands of connections take turns, a flow has few bytes in each batch. Then the byte log is searched as it
stands there, for what lies within single calls, and the bytes at the borders of calls apart from it.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, compress, repeat
from operator import add, itemgetter, mul, sub

from explorer.capture.reader import Columns, Reader
from explorer.capture.search_flow import FlowText
from explorer.capture.search_hits import Flow, key_of
from explorer.core.calls import RECEIVING
from explorer.wire.patterns.compiled import Pattern

CHUNK = 256 << 10  # bytes looked through in one go; they stay in the processor's cache
_RECEIVED = bytes(1 if kind in {int(kind) for kind in RECEIVING} else 0 for kind in range(256))
_SPARSE = 2  # the byte log is searched as it stands if no more than one byte in so many is wanted


class FlowNumbers(dict[int, int]):
    """Numbers for flows: an even one for what is sent by a pair of socket and connection, the next for the received."""

    def __missing__(self, pair: int) -> int:
        number = self[pair] = 2 * len(self)
        self._pairs.append(pair)
        return number

    def __init__(self) -> None:
        super().__init__()
        self._pairs: list[int] = []

    def flow(self, number: int) -> Flow:
        socket, connection = struct.unpack("=II", struct.pack("=Q", self._pairs[number // 2]))
        return socket, connection, number % 2


class Batch:
    """Calls that carry bytes and are wanted, flow by flow; those of one flow in the order of the capture.

    flows: (number, how many of the calls). numbers, logs, sizes: of all the calls, and where their bytes stand.
    """

    def __init__(self, columns: Columns, mask: bytes | None, known: FlowNumbers) -> None:
        sizes, offsets, pairs = columns.sizes, columns.offsets, columns.pairs
        received = columns.kinds.translate(_RECEIVED)
        wanted = list(compress(range(columns.count), sizes if mask is None else map(mul, mask, sizes)))
        self.flows: list[tuple[int, int]] = []
        self.in_order = columns, offsets, sizes, mask
        if not wanted:
            return
        if (
            len(wanted) == columns.count
            and pairs.count(pairs[0]) == columns.count
            and received.count(received[:1]) == columns.count
        ):
            self.flows = [(known[pairs[0]] + received[0], columns.count)]
            self.numbers: Sequence[int] = range(columns.start, columns.start + columns.count)
            self.logs: array[int] = offsets
            self.sizes: Sequence[int] = sizes
            return
        self.flow_at = list(map(add, map(known.__getitem__, pairs), received))  # of each record, wanted or not
        wanted.sort(key=self.flow_at.__getitem__)
        take = itemgetter(*wanted, wanted[0])  # one more, as it gives no tuple for a single one
        self.flow_of: Sequence[int] = take(self.flow_at)[:-1]
        self.flows = list(Counter(self.flow_of).items())  # in order, as they are come by
        self.numbers = array("I", map(columns.start.__add__, wanted))
        self.logs, self.sizes = array("Q", take(offsets)[:-1]), take(sizes)[:-1]

    @property
    def firsts(self) -> list[int]:
        """Where the calls of each flow begin, and the end."""
        return list(accumulate((count for _, count in self.flows), initial=0))

    def will_be_read(self, reader: Reader) -> None:
        """Have the system fetch the bytes, if it must, in the order in which they stand."""
        begin, end = self.in_order[0].span
        reader.view(begin, max(0, end - begin))

    def with_calls_below(self, size: int) -> set[int]:
        """Numbers of flows that have calls of fewer bytes."""
        return set(compress(self.flow_of, map(size.__gt__, self.sizes)))


class LogSearch:
    """The search of a batch in the byte log as it stands there.

    apart: numbers of flows that are searched in another way. possible: whether it can be done, and is worth it.
    """

    def __init__(self, reader: Reader, batch: Batch, pattern: Pattern) -> None:
        self._batch = batch
        self._pattern = pattern
        self._reach = pattern.longest - 1
        self.possible = False
        if len(batch.flows) < 2:
            return
        self.apart = batch.with_calls_below(self._reach)
        _, offsets, sizes, _ = batch.in_order
        self._origin = offsets[0]
        span, length = offsets[-1] + sizes[-1] - self._origin, reader.header.segment_bytes
        self.possible = (
            len(self.apart) * 2 < len(batch.flows)
            and 0 < span <= _SPARSE * sum(batch.sizes)
            and self._origin // length == (self._origin + span - 1) // length
            and 0 not in offsets[1:]  # a damaged record
        )
        self._view = reader.view(self._origin, span) if self.possible else memoryview(b"")
        self.possible = self.possible and len(self._view) == span

    def hits(self, texts: Sequence[FlowText], ends: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
        """(key of the first byte, key of the place behind the last one, size, number of the flow) of each.

        Where size is 0, nothing was found, and the second number tells how many bytes were looked at.

        texts: of the flows; ends: where each of them ended before this batch.
        """
        yield from self._within_calls()
        numbers, sizes, flows, firsts = self._batch.numbers, self._batch.sizes, self._batch.flows, self._batch.firsts
        for border in self._over_borders(texts, ends):
            if border is None:
                yield 0, CHUNK, 0, 0
                continue
            flow, call, before, behind = border
            if call == firsts[flow]:
                first = texts[flow].key(ends[flow] - before)
            else:
                first = key_of(numbers[call - 1], sizes[call - 1] - before)
            yield first, key_of(numbers[call], behind), before + behind, flows[flow][0]

    def _within_calls(self) -> Iterator[tuple[int, int, int, int]]:
        """Those that lie within a wanted call."""
        columns, offsets, sizes, mask = self._batch.in_order
        flow_at, apart, find = self._batch.flow_at, self.apart, self._pattern.find
        places = offsets.tolist()
        for start in range(0, len(self._view), CHUNK):
            data = bytes(self._view[start : start + CHUNK + self._reach])
            origin = self._origin + start
            for begin, end in find(data):
                if begin >= CHUNK:
                    break
                at = bisect_right(places, origin + begin) - 1
                skip, size = origin + begin - places[at], end - begin
                if skip + size <= sizes[at] and (mask is None or mask[at]) and flow_at[at] not in apart:
                    first = key_of(columns.start + at, skip)
                    yield first, first + size, size, flow_at[at]
            yield 0, CHUNK, 0, 0

    def _over_borders(
        self, texts: Sequence[FlowText], ends: Sequence[int]
    ) -> Iterator[tuple[int, int, int, int] | None]:
        """(flow of the batch, call of the batch, bytes before the call, bytes in it) of what begins before a call;
        None when a chunk was gone through."""
        reach, logs, sizes = self._reach, self._batch.logs, self._batch.sizes
        if not reach:
            return
        inner, outer = self._candidates()
        origin, view = self._origin, self._view
        pieces: list[bytes | memoryview] = []
        borders: list[tuple[int, int, int]] = []  # the flow, the call, bytes that are there before it
        for flow, call in outer:
            text, end = texts[flow], ends[flow]
            before = text.read(max(text.base, end - reach), end)
            if before:
                begin = logs[call] - origin
                pieces += before.rjust(reach, b"\0"), view[begin : begin + reach]
                borders.append((flow, call, len(before)))
        for flow, call in inner:
            begin, end = logs[call] - origin, logs[call - 1] + sizes[call - 1] - origin
            pieces += view[end - reach : end], view[begin : begin + reach]
            borders.append((flow, call, reach))
        width = 2 * reach
        every = max(1, CHUNK // width)
        for start in range(0, len(borders), every):
            data = b"".join(pieces[2 * start : 2 * (start + every)])
            for begin, end in self._pattern.find(data):
                at, skip = divmod(begin, width)
                flow, call, there = borders[start + at]
                if reach - there <= skip < reach < skip + end - begin <= width:
                    yield flow, call, reach - skip, skip + end - begin - reach
            yield None

    def _candidates(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Borders that something may stand over, as (flow, call behind it): between calls of the batch; before it."""
        batch, origin = self._batch, self._origin
        firsts, count = batch.firsts, len(batch.sizes)
        alphabet = self._pattern.alphabet
        if alphabet is None:
            fits = bytearray(b"\1") * count
            outside = bytearray(fits)
        else:
            table = bytes(byte in alphabet for byte in range(256))
            heads = list(map(sub, batch.logs, repeat(origin)))
            tails = map(add, heads, map(sub, batch.sizes, repeat(1)))
            head = int.from_bytes(bytes(itemgetter(*heads)(self._view)).translate(table), "little")
            tail = int.from_bytes(bytes(itemgetter(*tails)(self._view)).translate(table), "little")
            outside = bytearray(head.to_bytes(count, "little"))
            fits = bytearray((head & tail << 8).to_bytes(count + 1, "little")[:-1])
        for first in firsts[:-1]:
            fits[first] = 0
        apart = [flow for flow, (number, _) in enumerate(batch.flows) if number in self.apart]
        for flow in apart:
            fits[firsts[flow] : firsts[flow + 1]] = bytes(firsts[flow + 1] - firsts[flow])
            outside[firsts[flow]] = 0
        outer = [(flow, first) for flow, first in enumerate(firsts[:-1]) if outside[first]]
        inner = [(bisect_right(firsts, call) - 1, call) for call in compress(range(count), fits)]
        return inner, outer
