"""The bytes around places of a stream, and which of them are one text. No painting, no Qt.

What was loaded lately is kept: where calls are tiny, finding out which call each byte came through is what takes time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from explorer.capture.span import Place
from explorer.capture.stream import CallPart, Stream
from explorer.core.calls import CallFlag
from explorer.ui.widgets.byte_window import load_window

BLOCK = 4096
"""Calls: text of several bytes a unit is counted from a multiple of it."""
_MOST_NEAR = 128 << 10  # bytes that are kept of a place


class Run(NamedTuple):
    """Bytes of one text that stand side by side. place: of its first byte. begins: it is known to begin here, or
    (False) it may have begun before what was loaded."""

    start: int
    stop: int
    connection: int
    received: bool
    place: Place
    begins: bool


class Window(NamedTuple):
    start: int
    stop: int
    data: bytes
    runs: list[Run]

    def cut(self, start: int, stop: int) -> bytes:
        return self.data[start - self.start : stop - self.start]


class _Near:
    """What was loaded lately, from `start` on. It grows at its end."""

    __slots__ = ("data", "parts", "runs", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.data = bytearray()
        self.parts: list[CallPart] = []
        self.runs: list[Run] = []

    @property
    def stop(self) -> int:
        return self.start + len(self.data)

    def reaches(self, start: int, stop: int) -> bool:
        """Whether no gap is between these positions and what is here."""
        return start <= self.stop and self.start <= stop

    def cut(self, start: int, stop: int) -> bytes:
        return bytes(self.data[start - self.start : stop - self.start])

    def runs_between(self, start: int, stop: int) -> list[Run]:
        """The runs, cut at both ends."""
        first = bisect_right(self.runs, start, key=_stop_of)
        last = bisect_left(self.runs, stop, first, key=_start_of)
        found = self.runs[first:last]
        if found and found[0].start < start:
            part = self.parts[bisect_right(self.parts, start, key=_start_of) - 1]
            place = Place(part.call, part.skip + start - part.start)
            found[0] = found[0]._replace(start=start, place=place, begins=False)
        if found and found[-1].stop > stop:
            found[-1] = found[-1]._replace(stop=stop)
        return found


def _start_of(one: Run | CallPart) -> int:
    return one.start


def _stop_of(run: Run) -> int:
    return run.stop


class TextLoader:
    """unit: bytes that a unit of the encoding has."""

    def __init__(self, stream: Stream, unit: int) -> None:
        self._stream = stream
        self._unit = unit
        self._datagrams: dict[int, bool] = {}  # by connection
        self._near: list[_Near] = []  # what was used last stands first

    def load(self, start: int, stop: int) -> Window:
        """What stands between two positions. What was loaded lately around them is not read again: where calls are
        tiny, that is what takes time."""
        stop = min(stop, self._stream.size)
        near = self._near_to(start, stop)
        if start < near.start:
            before = _Near(start)
            self._extend(before, near.start)
            runs = self._runs_of(near.parts[:1], before.runs[-1:], near.runs[0].stop)
            near.runs = [*before.runs[:-1], *runs, *near.runs[1:]]
            near.parts = before.parts + near.parts
            near.data = before.data + near.data
            near.start = start
        if stop > near.stop:
            self._extend(near, stop)
        return Window(start, stop, near.cut(start, stop), near.runs_between(start, stop))

    def _near_to(self, start: int, stop: int) -> _Near:
        """What was loaded lately around two positions, or nothing as yet. Two places are kept: the one that is looked
        at and, mostly, the end."""
        for near in self._near:
            if near.data and near.reaches(start, stop) and max(stop, near.stop) - min(start, near.start) <= _MOST_NEAR:
                self._near.remove(near)
                break
        else:
            near = _Near(start)
        self._near = [near, *self._near[:1]]
        return near

    def _extend(self, near: _Near, stop: int) -> None:
        found = load_window(self._stream, near.stop, stop)
        near.parts += found.parts
        near.runs[-1:] = self._runs_of(found.parts, near.runs[-1:])
        near.data += found.data

    def _runs_of(self, parts: Iterable[CallPart], before: Sequence[Run], stop: int = 0) -> list[Run]:
        """The runs of parts, the first of which may go on the run before; that one stands first.

        stop: where the last run ends, if behind the last part.
        """
        runs, per_unit, end = list(before), self._unit > 1, 0
        run = runs.pop() if runs else None
        if run is not None:
            end = run.stop
        for part in parts:
            start, connection, received = part.start, part.connection, bool(part.received)
            starts_datagram = part.skip == 0 and self.is_datagram(connection, part.call)
            if (
                run is None
                or run.connection != connection
                or run.received != received
                or starts_datagram
                or (per_unit and part.call // BLOCK != run.place.call // BLOCK)
            ):
                begins = run is not None or start == 0 or starts_datagram
                if run is not None:
                    runs.append(run._replace(stop=end))
                run = Run(start, start, connection, received, Place(part.call, part.skip), begins)
            end = start + part.size
        if run is not None:
            runs.append(run._replace(stop=stop or end))
        return runs

    def is_datagram(self, connection: int, call: int) -> bool:
        known = self._datagrams.get(connection)
        if known is None:
            known = bool(self._stream.reader.call(call).flags & CallFlag.DATAGRAM)
            self._datagrams[connection] = known
        return known
