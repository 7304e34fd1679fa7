"""The single conditions of a filter: each can judge calls (as a mask over columns) and messages.

A verdict about a socket or connection, once given, stays: an index that decodes a block again must find
the same rows. So before a verdict the catalog is brought as far as the records that are looked at.
"""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import accumulate, repeat
from typing import Protocol

from explorer.capture.block_index import Match
from explorer.capture.catalog import Catalog
from explorer.capture.match import both, carries, failed, kinds
from explorer.capture.messages import Message
from explorer.capture.reader import Columns, Reader
from explorer.core.calls import PAYLOAD, CallKind

Payload = Callable[[], bytes]

_BATCH = 1 << 20  # bytes searched at once
_SMALL = 256  # bytes of calls, on the average, that are quicker to cut out than to search in place
_WHERE_FOUND = (-1).__ne__  # of what bytes.find returns

COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    ":": operator.eq,
}
_MIRRORED = {"<": operator.gt, "<=": operator.ge, ">": operator.lt, ">=": operator.le}


class Condition(Protocol):
    """What a word of the filter asks for."""

    def match(self) -> Match:
        """As a condition on calls."""

    def accepts(self, message: Message, payload: Payload) -> bool:
        """The same of a message."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """Calls of these kinds; messages that such a call completed."""

    wanted: Collection[CallKind]
    reader: Reader

    def match(self) -> Match:
        return kinds(self.wanted)

    def accepts(self, message: Message, payload: Payload) -> bool:
        return self.reader.call(message.call).kind in self.wanted


@dataclass(frozen=True, slots=True)
class Direction:
    received: bool

    def match(self) -> Match:
        return carries(self.received, not self.received)

    def accepts(self, message: Message, payload: Payload) -> bool:
        return message.received is self.received


@dataclass(frozen=True, slots=True)
class Failed:
    """Calls that failed; messages that are none because their framing is broken."""

    def match(self) -> Match:
        return failed

    def accepts(self, message: Message, payload: Payload) -> bool:
        return bool(message.error)


@dataclass(frozen=True, slots=True)
class Size:
    """Traffic of so many bytes; messages with a payload of so many. Calls without traffic never match."""

    sign: str
    wanted: int

    def match(self) -> Match:
        compare = _MIRRORED.get(self.sign, operator.eq)
        wanted = self.wanted

        def sized(columns: Columns) -> bytes | None:
            return bytes(map(compare, repeat(wanted), columns.sizes))

        return both(kinds(PAYLOAD), sized)

    def accepts(self, message: Message, payload: Payload) -> bool:
        return COMPARE[self.sign](message.payload_size, self.wanted)


class _Verdicts(dict[int, bool]):
    """Whether a number is wanted: asked once, remembered."""

    def __init__(self, ask: Callable[[int], bool]) -> None:
        self._ask = ask

    def __missing__(self, number: int) -> bool:
        self[number] = verdict = self._ask(number)
        return verdict


class Peers:
    """Calls and messages of connections with this port at either end, or with this number (``#3``)."""

    def __init__(self, catalog: Catalog, port: int | None, number: int | None) -> None:
        def wanted(connection: int) -> bool:
            found = catalog.connection(connection)
            return connection == number or (found is not None and port in (found.remote.port, found.local.port))

        self._catalog = catalog
        self._verdicts = _Verdicts(wanted)

    def match(self) -> Match:
        def of_peers(columns: Columns) -> bytes:
            self._catalog.reach(columns.start + columns.count)
            return bytes(map(self._verdicts.__getitem__, columns.connections))

        return of_peers

    def accepts(self, message: Message, payload: Payload) -> bool:
        self._catalog.reach(message.call + 1)
        return self._verdicts[message.connection]


class OfSocket:
    """Calls and messages of sockets with this name, in capitals or not."""

    def __init__(self, catalog: Catalog, name: str) -> None:
        def wanted(socket: int) -> bool:
            found = catalog.socket(socket)
            return found is not None and found.name.casefold() == name.casefold()

        self._catalog = catalog
        self._verdicts = _Verdicts(wanted)

    def match(self) -> Match:
        def of_sockets(columns: Columns) -> bytes:
            self._catalog.reach(columns.start + columns.count)
            return bytes(map(self._verdicts.__getitem__, columns.sockets))

        return of_sockets

    def accepts(self, message: Message, payload: Payload) -> bool:
        self._catalog.reach(message.call + 1)
        return self._verdicts[message.socket]


class Contains:
    """Calls whose traffic contains one of the patterns, and messages whose payload does.

    ignore_case: of ASCII letters; the patterns are given in lower case. details: the recorded arguments
    and results of rare calls are searched too.
    """

    def __init__(self, reader: Reader, patterns: Collection[bytes], ignore_case: bool, details: bool) -> None:
        self._reader = reader
        self._patterns = tuple(patterns)
        self._lower = ignore_case and any(pattern.upper() != pattern for pattern in self._patterns)
        self._details = details

    def match(self) -> Match:
        return self._found if self._details else both(kinds(PAYLOAD), self._found)

    def accepts(self, message: Message, payload: Payload) -> bool:
        data = payload()
        return self._in(data.lower() if self._lower else data)

    def _in(self, data: bytes) -> bool:
        return any(pattern in data for pattern in self._patterns)

    def _found(self, columns: Columns) -> bytes | None:
        """The usual cases first: the calls' bytes stand together, and hold no pattern at all."""
        first, end = columns.span
        size = end - first
        length = self._reader.header.segment_bytes
        if 0 < size <= _BATCH and first % length + size <= length:
            data = self._data(first, size)
            if not self._in(data):
                return bytes(columns.count)
            sizes = columns.sizes
            if sum(sizes) == size:
                return self._judge(data, sizes)
        return self._found_in_parts(columns)

    def _found_in_parts(self, columns: Columns) -> bytes:
        offsets, sizes = columns.offsets.tolist(), columns.sizes
        ends = list(accumulate(sizes))
        mask = bytearray(columns.count)
        start = 0
        while start < columns.count:
            stop = self._batch(offsets, sizes, ends, start)
            first = offsets[start]
            data = self._data(first, offsets[stop - 1] + sizes[stop - 1] - first)
            if self._in(data):
                mask[start:stop] = self._judge(data, sizes[start:stop])
            start = stop
        return bytes(mask)

    def _data(self, offset: int, size: int) -> bytes:
        data = self._reader.data(offset, size)
        return data.lower() if self._lower else data

    def _batch(self, offsets: list[int], sizes: list[int], ends: list[int], start: int) -> int:
        """How far calls go on whose bytes stand together with those of call `start`, up to `_BATCH` bytes."""
        total = len(sizes)
        before = ends[start] - sizes[start]
        length = self._reader.header.segment_bytes
        segment_end = (offsets[start] // length + 1) * length
        if offsets[-1] + sizes[-1] - offsets[start] == ends[-1] - before and offsets[-1] < segment_end:
            last = total
        else:
            last = start + 1
            while last < total and offsets[last] == offsets[last - 1] + sizes[last - 1] < segment_end:
                last += 1
        return max(start + 1, bisect_right(ends, before + _BATCH, start, last))

    def _judge(self, data: bytes, sizes: Sequence[int]) -> bytes:
        """Which of the calls of these sizes, whose bytes are `data`, hold a pattern."""
        found = bytes(len(sizes))
        holding = _small_holding if len(data) < _SMALL * len(sizes) else _large_holding
        for pattern in self._patterns:
            hits = bytes(holding(pattern, data, sizes))
            found = bytes(map(operator.or_, found, hits)) if found.count(1) else hits
        return found


def _small_holding(pattern: bytes, data: bytes, sizes: Sequence[int]) -> Iterator[bool]:
    """As text, every byte a character: cutting it and `in` take half the time of `bytes.find`."""
    calls = map(StringIO(data.decode("latin-1"), newline="\n").read, sizes)
    return map(operator.contains, calls, repeat(pattern.decode("latin-1")))


def _large_holding(pattern: bytes, data: bytes, sizes: Sequence[int]) -> Iterator[bool]:
    """Without a copy, and no further than to the first hit in a call."""
    ends = list(accumulate(sizes))
    return map(_WHERE_FOUND, map(data.find, repeat(pattern), [0, *ends[:-1]], ends))
