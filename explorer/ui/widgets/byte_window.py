"""The bytes that a byte view shows at the moment, with what it must know of the calls they came through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream
from explorer.core.calls import RECEIVING


class Run(NamedTuple):
    """Bytes of one direction, by stream offsets. begins: whether the direction changes at `start`, rather
    than before what is shown."""

    start: int
    stop: int
    received: bool
    begins: bool


@dataclass(frozen=True, slots=True)
class ByteWindow:
    """The bytes from stream offset `start` on.

    calls: offsets at which a call's bytes begin. missing: ranges that a damaged capture lacks, where `data`
    holds zeros.
    """

    start: int
    data: bytes
    runs: tuple[Run, ...] = ()
    calls: tuple[int, ...] = ()
    missing: tuple[tuple[int, int], ...] = ()

    @property
    def stop(self) -> int:
        return self.start + len(self.data)


EMPTY = ByteWindow(0, b"")


@dataclass(slots=True)
class _Log:
    """Neighbouring bytes of the byte log, read in one go."""

    offset: int
    size: int


def load_window(stream: ByteStream, start: int, stop: int) -> ByteWindow:
    """What stands between two stream offsets (less at the end)."""
    before = 1 if start else 0  # one byte more tells whether the direction changes at `start`
    runs: list[Run] = []
    calls: list[int] = []
    logs: list[_Log] = []
    segment_bytes = stream.reader.header.segment_bytes
    direction: bool | None = None
    begun = end = start
    direction_begins = False
    for at, received, log, size, skip in _parts(stream, start - before, stop):
        if received != direction:
            if end > start:
                runs.append(Run(begun, end, bool(direction), direction_begins))
            direction, begun, direction_begins = received, max(start, at), at >= start
        end = at + size
        if not skip and at >= start:
            calls.append(at)
        if logs and logs[-1].offset + logs[-1].size == log and log % segment_bytes:
            logs[-1].size += size
        else:
            logs.append(_Log(log, size))
    if end > start:
        runs.append(Run(begun, end, bool(direction), direction_begins))
    data, missing = _read(stream, logs, start - before)
    return ByteWindow(start, data[before:], tuple(runs), tuple(calls), missing)


def _parts(stream: ByteStream, start: int, stop: int) -> Iterator[tuple[int, bool, int, int, int]]:
    """Parts of calls: (stream offset, received, offset in the byte log, size, bytes of the call before it)."""
    stop = min(stop, stream.size)
    if start >= stop:
        return
    number, skip = stream.index.at(start)
    row = stream.index.row(number)
    most, begin, seen = 4, start, 0
    while numbers := stream.index.numbers(row, most):
        for kind, offset, whole in _facts(stream.reader, numbers):
            size = min(whole - skip, stop - start)
            if size > 0:
                yield start, kind in RECEIVING, offset + skip, size, skip
                start += size
                if start >= stop:
                    return
            skip = 0
        row += len(numbers)
        # Looking up calls that are not shown costs time, where they lie far apart; as many as will fill the rest.
        seen += len(numbers)
        most = max(1, min(512, (stop - start) * seen // max(1, start - begin) + 1))


def _facts(reader: Reader, numbers: list[int]) -> Iterator[tuple[int, int, int]]:
    """Kind, offset in the byte log and size of each call. Neighbours are looked up together: it is ten times
    as fast, which views of many small calls need."""
    place = 0
    while place < len(numbers):
        first = numbers[place]
        columns = reader.columns(first, min(reader.count, first + 4 * len(numbers)))
        kinds, offsets, sizes = columns.kinds, columns.offsets, columns.sizes
        while place < len(numbers) and numbers[place] - first < columns.count:
            at = numbers[place] - first
            yield kinds[at], offsets[at], sizes[at]
            place += 1


def _read(stream: ByteStream, logs: list[_Log], at: int) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    parts: list[bytes] = []
    missing: list[tuple[int, int]] = []
    for log in logs:
        found = stream.reader.data(log.offset, log.size)
        if len(found) < log.size:
            missing.append((at + len(found), at + log.size))
            found += bytes(log.size - len(found))
        parts.append(found)
        at += log.size
    return b"".join(parts), tuple(missing)
