"""Finds records by a condition, at any size, without a list of them.

Records are looked at in blocks of `BLOCK`. For each block only two running totals are kept: how many
records matched so far, and how many bytes of traffic those carried. To find the n-th match, or the
call at a stream offset, one block is found by bisection and decoded again, which takes a fraction of
a millisecond. 160 million records cost 1.3 MB.

`advance` is called as the capture grows, from one thread; the look-ups from any.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate, compress

from explorer.capture.reader import Columns, Reader
from explorer.core.calls import PAYLOAD

BLOCK = 2048
BYTES_A_RECORD = 16
"""`advance(most)` looks at no more than this many times `most` bytes of the byte log (but at one record): where
a match reads them, the largest slice of the indexer is 16 MiB, not 2,048 calls of a megabyte."""
_CACHED = 64

Match = Callable[[Columns], "bytes | None"]
"""One byte a record, 1 where it matches; None where all match."""

_CARRIES = bytes(1 if kind in {int(k) for k in PAYLOAD} else 0 for kind in range(256))


@dataclass(frozen=True, slots=True)
class Block:
    """The matches of one block: their numbers, and where each one's traffic ends, within the block."""

    numbers: list[int]
    ends: list[int]


def bytes_carried(columns: Columns) -> list[int]:
    """Bytes of traffic of each record (0 for calls that carry none)."""
    kinds = columns.kinds
    sizes = columns.sizes
    carries = kinds.translate(_CARRIES)
    if carries.count(1) == len(carries):
        return sizes
    return [size if carry else 0 for size, carry in zip(sizes, carries, strict=True)]


def _bytes_in(columns: Columns) -> int:
    """Bytes of the byte log that these records stand for, by its ends where it is sound: that takes no time."""
    begin, end = columns.span
    return end - begin if end >= begin else sum(columns.sizes)


def _fitting(columns: Columns, budget: int) -> int:
    """How many of these records, at least one, carry no more than `budget` bytes."""
    return max(1, bisect_right(list(accumulate(columns.sizes)), budget))


class BlockIndex:
    """The records that `match`, counted and measured as far as `advance` has come."""

    def __init__(self, reader: Reader, match: Match, reads_bytes: bool = True) -> None:
        """reads_bytes: whether `match` looks at the traffic itself, so that a slice must be bounded in bytes too."""
        self.reader = reader
        self.match = match
        self._reads_bytes = reads_bytes
        self.done = 0  # records looked at
        self._rows = array("Q", [0])  # matches before each block
        self._sizes = array("Q", [0])  # bytes of matches before each block
        self._tail_rows = 0  # of the last, incomplete block
        self._tail_size = 0
        self._published = (0, 0)
        self._lock = threading.Lock()  # of the cache
        self._cache: OrderedDict[int, tuple[int, Block]] = OrderedDict()

    @property
    def rows(self) -> int:
        """Matching records so far."""
        return self._published[0]

    @property
    def size(self) -> int:
        """Bytes of traffic of the matching records so far."""
        return self._published[1]

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further records. Whether there are more to look at."""
        target = min(self.reader.count, self.done + most)
        budget = most * BYTES_A_RECORD
        while self.done < target and budget > 0:
            block_end = (self.done // BLOCK + 1) * BLOCK
            columns = self.reader.columns(self.done, min(target, block_end))
            if self._reads_bytes:
                if (size := _bytes_in(columns)) > budget:
                    columns = self.reader.columns(self.done, self.done + _fitting(columns, budget))
                budget -= size
            mask = self.match(columns)
            matched = columns.count if mask is None else mask.count(1)
            if matched:
                carried = bytes_carried(columns)
                self._tail_rows += matched
                self._tail_size += sum(carried if mask is None or matched == columns.count else compress(carried, mask))
            done = self.done + columns.count
            rows, size = self._rows[-1] + self._tail_rows, self._sizes[-1] + self._tail_size
            if done == block_end:
                self._sizes.append(size)  # first: look-ups take the number of blocks from _rows
                self._rows.append(rows)
                self._tail_rows = self._tail_size = 0
            self.done = done
            self._published = (rows, size)
        return self.done < self.reader.count

    # -- look-ups -------------------------------------------------------------------------------

    def number(self, row: int) -> int:
        """The number of the `row`-th match. Raises IndexError."""
        if not 0 <= row < self.rows:
            raise IndexError(row)
        block = self._block_of(self._rows, row)
        return self._block(block).numbers[row - self._rows[block]]

    def part(self, row: int) -> tuple[int, int]:
        """(start, stop): records from the `row`-th match on, or with others before it, up to the end of its block.

        None of the others match. Raises IndexError.
        """
        if not 0 <= row < self.rows:
            raise IndexError(row)
        block = self._block_of(self._rows, row)
        start = block * BLOCK if row == self._rows[block] else self.number(row)
        return start, min(block * BLOCK + BLOCK, self.done)

    def row(self, number: int) -> int:
        """How many matches come before record `number`: its row, if it matches."""
        block = min(number // BLOCK, len(self._rows) - 1)
        return self._rows[block] + bisect_right(self._block(block).numbers, number - 1)

    def offset(self, number: int) -> int:
        """The stream offset (bytes) at which the traffic of record `number` begins, or would begin."""
        block = min(number // BLOCK, len(self._rows) - 1)
        found = self._block(block)
        place = bisect_right(found.numbers, number - 1)
        return self._sizes[block] + (found.ends[place - 1] if place else 0)

    def at(self, offset: int) -> tuple[int, int]:
        """(number, bytes into its traffic) of the match that carries stream offset `offset`. IndexError."""
        if not 0 <= offset < self.size:
            raise IndexError(offset)
        block = self._block_of(self._sizes, offset)
        found = self._block(block)
        place = bisect_right(found.ends, offset - self._sizes[block])
        before = found.ends[place - 1] if place else 0
        return found.numbers[place], offset - self._sizes[block] - before

    def about(self, offsets: Iterable[int]) -> list[int]:
        """Roughly how many matches begin before each of these stream offsets: exactly where a block begins, and in
        between as if all of its matches were of one size. No block is decoded for it."""
        rows, sizes, last = self._rows, self._sizes, len(self._rows) - 1
        there, stop = self._published
        found = []
        for offset in offsets:
            block = min(bisect_right(sizes, offset) - 1, last)
            row, begin = rows[block], sizes[block]
            more, end = (rows[block + 1] - row, sizes[block + 1]) if block < last else (there - row, stop)
            found.append(row + more * (min(offset, end) - begin) // (end - begin) if end > begin else row)
        return found

    def extent(self, offset: int) -> tuple[int, int]:
        """The stream offsets between which the block stands that carries this one."""
        block = self._block_of(self._sizes, offset)
        return self._sizes[block], self._sizes[block + 1] if block + 1 < len(self._sizes) else self.size

    def numbers(self, row: int, most: int) -> list[int]:
        """Numbers of up to `most` matches from `row` on."""
        found: list[int] = []
        stop = min(row + most, self.rows)
        while row < stop:
            block = self._block_of(self._rows, row)
            begin = row - self._rows[block]
            part = self._block(block).numbers[begin : begin + stop - row]
            if not part:
                break
            found += part
            row += len(part)
        return found

    def block(self, number: int) -> Block:
        """The matches of records `number` · `BLOCK` on, up to the end of that block or of what is looked at."""
        return self._block(number)

    def _block_of(self, totals: array[int], value: int) -> int:
        return bisect_right(totals, value) - 1

    def _block(self, block: int) -> Block:
        start = block * BLOCK
        stop = min(start + BLOCK, self.done)
        with self._lock:
            cached = self._cache.get(block)
            if cached and cached[0] == stop:
                self._cache.move_to_end(block)
                return cached[1]
        numbers: list[int] = []
        sizes: list[int] = []
        while start < stop:
            columns = self.reader.columns(start, stop)
            mask = self.match(columns)
            carried = bytes_carried(columns)
            span = range(start, start + columns.count)
            numbers += span if mask is None else compress(span, mask)
            sizes += carried if mask is None else compress(carried, mask)
            start += columns.count
        made = Block(numbers, list(accumulate(sizes)))
        with self._lock:
            self._cache[block] = (stop, made)
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return made
