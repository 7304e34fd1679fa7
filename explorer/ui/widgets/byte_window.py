"""The bytes that a byte view shows at the moment, with what it must know of the calls they came through."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.capture.flow import distance
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import CallPart, Ranges, Stream

_ENDLESS = 1 << 62


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
    holds zeros. parts: what came through which call, ascending by position. reader: where they were read.
    in_order: see `explorer.capture.stream.Stream`.
    """

    start: int
    data: bytes
    runs: tuple[Run, ...] = ()
    calls: tuple[int, ...] = ()
    missing: tuple[tuple[int, int], ...] = ()
    parts: tuple[CallPart, ...] = ()
    reader: Reader | None = None
    in_order: bool = True
    _flows: dict[tuple[int, bool], _Flow] = field(default_factory=dict, compare=False, repr=False)

    @property
    def stop(self) -> int:
        return self.start + len(self.data)

    @property
    def span(self) -> Span | None:
        """From the first of the calls that are seen to the last, as far as they are; None: no bytes."""
        if not self.parts:
            return None
        first = min(self.parts, key=lambda part: (part.call, part.skip))
        last = max(self.parts, key=lambda part: (part.call, part.skip))
        return Span(first.call, first.skip, last.call, last.skip + last.size)

    def place(self, position: int) -> Place:
        """Which byte of which call a position of the window shows. Raises IndexError."""
        if not self.start <= position < self.stop:
            raise IndexError(position)
        part = self.parts[bisect_right(self.parts, position, key=lambda one: one.start) - 1]
        return Place(part.call, part.skip + position - part.start)

    def first_places(self) -> Iterator[tuple[int, Place]]:
        """Where the bytes of each connection and direction begin in the window: position and place. For who needs
        what stands before them (see `explorer.capture.flow.read_back`)."""
        seen: set[tuple[int, bool]] = set()
        for part in self.parts:
            if (flow := (part.connection, part.received)) not in seen:
                seen.add(flow)
                yield part.start, Place(part.call, part.skip)

    def ranges_of(self, first: Place, size: int, connection: int, received: bool) -> Ranges:
        """Where in the window `size` bytes of this connection and direction stand, from a place on.

        Quick for those that begin in the window, or end in the call that they begin in; else the calls up to the
        window are counted.
        """
        flow = self._flow(connection, received)
        if not flow.parts:
            return ()
        begin = flow.offset(first, size)
        if begin is None:
            return ()
        end = begin + size
        found: list[tuple[int, int]] = []
        at = max(0, bisect_right(flow.offsets, begin) - 1)
        while at < len(flow.parts) and flow.offsets[at] < end:
            part, offset = flow.parts[at], flow.offsets[at]
            start, stop = part.start + max(0, begin - offset), part.start + min(part.size, end - offset)
            at += 1
            if start < stop:
                if found and found[-1][1] == start:
                    start = found.pop()[0]
                found.append((start, stop))
        found.sort()  # by position: messages of a flow stand in another order only if they overlap
        return tuple(found)

    def _flow(self, connection: int, received: bool) -> _Flow:
        key = connection, received
        found = self._flows.get(key)
        if found is None:
            found = self._flows[key] = _Flow(self, connection, received)
        return found


EMPTY = ByteWindow(0, b"")


@dataclass(slots=True)
class _Log:
    """Neighbouring bytes of the byte log, read in one go."""

    offset: int
    size: int


class _Flow:
    """What a window shows of one connection and direction.

    parts: in the order of the calls. offsets: of each, counted from the first one along the flow.
    """

    def __init__(self, window: ByteWindow, connection: int, received: bool) -> None:
        mine = [part for part in window.parts if part.connection == connection and part.received == received]
        self.parts = sorted(mine, key=lambda part: (part.call, part.skip))
        self.offsets: list[int] = []
        self._begins = [(part.call, part.skip) for part in self.parts]
        self._key = connection, received
        self._reader = window.reader
        self._far: dict[tuple[Place, Place], tuple[int | None, int]] = {}  # counted already, up to so many
        offset, end = 0, Place(0, 0)
        for part in self.parts:
            begin = Place(part.call, part.skip)
            if self.offsets and end != begin and not window.in_order:
                gap = self._distance(end, begin, _ENDLESS)
                offset += _ENDLESS if gap is None else max(0, gap)
            self.offsets.append(offset)
            offset += part.size
            end = Place(part.call, part.skip + part.size)

    def offset(self, place: Place, size: int) -> int | None:
        """Where a place stands, counted from the first part; None if `size` bytes from it on are not in sight."""
        at = bisect_right(self._begins, (place.call, place.skip)) - 1
        if at >= 0:
            part = self.parts[at]
            if place.call == part.call:
                return self.offsets[at] + place.skip - part.skip
            if at == len(self.parts) - 1:
                return None
            ahead = self._distance(Place(part.call, part.skip), place, _ENDLESS)
            return None if ahead is None else self.offsets[at] + ahead
        first = Place(*self._begins[0])
        if place.call != first.call and self._reader and place.skip + size <= self._reader.call(place.call).size:
            return None  # it ends before the window
        ahead = self._distance(place, first, size)
        return None if ahead is None else -ahead

    def _distance(self, first: Place, last: Place, most: int) -> int | None:
        """Bytes of the flow between two places; None: more than `most`, or too far."""
        if first.call == last.call:
            return last.skip - first.skip
        if self._reader is None:
            return None
        known, tried = self._far.get((first, last), (None, -1))
        if known is None and tried < most:
            known = distance(self._reader, first, last, *self._key, most)
            self._far[first, last] = known, most
        return known


def load_window(stream: Stream, start: int, stop: int) -> ByteWindow:
    """What stands between two stream offsets (less at the end)."""
    before = 1 if start else 0  # one byte more tells whether the direction changes at `start`
    runs: list[Run] = []
    parts: list[CallPart] = []
    logs: list[_Log] = []
    segment_bytes = stream.reader.header.segment_bytes
    direction: bool | None = None
    begun = end = start
    direction_begins = False
    for part in stream.parts(start - before, stop):
        at, _, _, size, log, _, received = part
        if received != direction:
            if end > start:
                runs.append(Run(begun, end, bool(direction), direction_begins))
            direction, begun, direction_begins = received, max(start, at), at >= start
        end = at + size
        parts.append(part)
        if logs and logs[-1].offset + logs[-1].size == log and log % segment_bytes:
            logs[-1].size += size
        else:
            logs.append(_Log(log, size))
    if end > start:
        runs.append(Run(begun, end, bool(direction), direction_begins))
    data, missing = _read(stream.reader, logs, start - before)
    if before and parts:
        parts[:1] = _without_first(parts[0])
    calls = tuple(part.start for part in parts if not part.skip)
    return ByteWindow(
        start, data[before:], tuple(runs), calls, missing, tuple(parts), stream.reader, stream.in_order
    )  # fmt: skip


def _without_first(part: CallPart) -> list[CallPart]:
    """The part without its first byte."""
    if part.size == 1:
        return []
    return [part._replace(start=part.start + 1, skip=part.skip + 1, size=part.size - 1, log=part.log + 1)]


def _read(reader: Reader, logs: list[_Log], at: int) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    parts: list[bytes] = []
    missing: list[tuple[int, int]] = []
    for log in logs:
        found = reader.data(log.offset, log.size)
        if len(found) < log.size:
            missing.append((at + len(found), at + log.size))
            found += bytes(log.size - len(found))
        parts.append(found)
        at += log.size
    return b"".join(parts), tuple(missing)
