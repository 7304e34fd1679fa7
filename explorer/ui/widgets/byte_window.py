"""The bytes that a byte view shows at the moment, with what it must know of the calls they came through."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from explorer.capture.message_stream import MessageStream
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import CallPart, Ranges, Stream
from explorer.ui.widgets.byte_flow import Flow


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
    in_order: see `explorer.capture.stream.Stream`. messages: where a stream of messages is shown, the numbers of those
    that are seen, and of others between them.
    """

    start: int
    data: bytes
    runs: tuple[Run, ...] = ()
    calls: tuple[int, ...] = ()
    missing: tuple[tuple[int, int], ...] = ()
    parts: tuple[CallPart, ...] = ()
    reader: Reader | None = None
    in_order: bool = True
    messages: range | None = None
    _flows: dict[tuple[int, bool], Flow] = field(default_factory=dict, compare=False, repr=False)

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

    def ranges_of(self, first: Place, size: int, connection: int, received: bool) -> Ranges:
        """Where in the window `size` bytes of this connection and direction stand, from a place on.

        Quick for those that begin in the window, or end in the call that they begin in; else the calls up to the
        window are counted.
        """
        flow = self.flows.get((connection, received))
        return flow.ranges_of(first, size) if flow is not None else ()

    @property
    def flows(self) -> dict[tuple[int, bool], Flow]:
        """What is seen of each connection and direction."""
        if not self._flows:
            found: dict[tuple[int, bool], list[CallPart]] = {}
            for part in self.parts:
                found.setdefault((part.connection, part.received), []).append(part)
            for key, parts in found.items():
                self._flows[key] = Flow(parts, key, self.reader, self.in_order)
        return self._flows


EMPTY = ByteWindow(0, b"")


@dataclass(slots=True)
class _Log:
    """Neighbouring bytes of the byte log, read in one go."""

    offset: int
    size: int


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
    messages = None
    if isinstance(stream, MessageStream) and parts:
        messages = range(stream.message_at(start)[0], stream.message_at(parts[-1].start)[0] + 1)
    return ByteWindow(
        start, data[before:], tuple(runs), calls, missing, tuple(parts), stream.reader, stream.in_order, messages
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
