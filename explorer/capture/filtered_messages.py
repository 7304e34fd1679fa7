"""The messages that fit a filter, found step by step, with little memory however many they are.

Rows are looked at in blocks of `BLOCK`. Of a block is kept how many fitted before it, and which ones fit:
nothing where none or all do, else their places or one bit a row, whatever is shorter.
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate, compress

from explorer.capture.filters import Filter
from explorer.capture.message_columns import MessageColumns
from explorer.capture.messages import Messages

BLOCK = 4096
_BYTES_A_MESSAGE = 16 << 10  # `advance(most)` reads no more than this many times `most` bytes (but one message)
_CACHED = 16  # blocks
_BITS = BLOCK // 16  # places, 2 bytes each, from which on one bit a row is shorter
_AS_DIGITS = bytes([48, 49]) + bytes(254)  # a mask as the digits of a number, and back
_AS_MASK = bytes(1 if code == 49 else 0 for code in range(256))


class FilteredMessages:
    """The rows of `messages` that a filter accepts. `advance` from one thread, the look-ups from any.

    done: rows looked at.
    """

    def __init__(self, messages: Messages, chosen: Filter) -> None:
        self.messages = messages
        self.filter = chosen
        self.done = 0
        self._rows = 0
        self._before = array("Q", [0])  # accepted before each block
        self._kept: dict[int, bytes] = {}  # of whole blocks where some fit and some do not
        self._tail = bytearray()  # mask of the last, incomplete block
        self._lock = threading.Lock()  # of all of these
        self._cache: OrderedDict[int, tuple[int, range | array[int]]] = OrderedDict()

    @property
    def rows(self) -> int:
        return self._rows

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further messages. Whether there are more to look at now."""
        stop = min(self.messages.rows, self.done + most)
        budget = most * _BYTES_A_MESSAGE
        while self.done < stop and budget > 0:
            part = self.messages.columns(self.done, min(BLOCK, stop - self.done))
            if self.filter.reads_bytes:
                sizes = list(accumulate(part.sizes))
                fit = max(1, bisect_right(sizes, budget))
                if fit < part.count:
                    part = self.messages.columns(self.done, fit)
                budget -= sizes[part.count - 1]
            self._take(part)
        return self.done < self.messages.rows

    def _take(self, part: MessageColumns) -> None:
        mask = self.filter.mask(part)
        with self._lock:
            self._tail += b"\1" * part.count if mask is None else mask
            while len(self._tail) >= BLOCK:
                self._seal()
            self._rows = self._before[-1] + self._tail.count(1)
            self.done += part.count

    def _seal(self) -> None:
        """The first rows of the tail are a whole block."""
        mask = bytes(self._tail[:BLOCK])
        del self._tail[:BLOCK]
        found = mask.count(1)
        if 0 < found < BLOCK:
            block = len(self._before) - 1
            self._kept[block] = _packed(mask, found)
        self._before.append(self._before[-1] + found)

    # -- look-ups -------------------------------------------------------------------------------

    def number(self, row: int) -> int:
        """The row in `messages` of the `row`-th that is shown. Raises IndexError."""
        with self._lock:
            if not 0 <= row < self._rows:
                raise IndexError(row)
            block = bisect_right(self._before, row) - 1
            return block * BLOCK + self._places(block)[row - self._before[block]]

    def numbers(self, row: int, most: int) -> Sequence[int]:
        """Rows in `messages` of up to `most` that are shown, from the `row`-th on, at least one, which lie near each
        other. Raises IndexError."""
        with self._lock:
            if not 0 <= row < self._rows:
                raise IndexError(row)
            block = bisect_right(self._before, row) - 1
            begin, first = row - self._before[block], block * BLOCK
            return [first + place for place in self._places(block)[begin : begin + most]]

    def row(self, number: int) -> int:
        """How many of those shown come before row `number` of `messages`."""
        with self._lock:
            block = min(number // BLOCK, len(self._before) - 1)
            return self._before[block] + bisect_left(self._places(block), number - block * BLOCK)

    def _places(self, block: int) -> range | array[int]:
        """Which rows of a block are shown, counted from its first."""
        last = block == len(self._before) - 1
        size = len(self._tail) if last else BLOCK
        known = self._cache.get(block)
        if known and known[0] == size:
            self._cache.move_to_end(block)
            return known[1]
        if last:
            places: range | array[int] = array("H", compress(range(size), self._tail))
        elif block in self._kept:
            places = _unpacked(self._kept[block])
        else:
            places = range(self._before[block + 1] - self._before[block])
        self._cache[block] = (size, places)
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return places


def _packed(mask: bytes, found: int) -> bytes:
    if found < _BITS:
        return array("H", compress(range(BLOCK), mask)).tobytes()
    return int(mask.translate(_AS_DIGITS), 2).to_bytes(BLOCK // 8, "big")


def _unpacked(kept: bytes) -> array[int]:
    if len(kept) < BLOCK // 8:
        return array("H", kept)
    mask = format(int.from_bytes(kept, "big"), f"0{BLOCK}b").encode().translate(_AS_MASK)
    return array("H", compress(range(BLOCK), mask))
