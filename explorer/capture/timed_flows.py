"""Messages that silence ends: found by a look ahead of all others, so that rows come in the order of the calls.

A message that silence ends was completed by the call that brought its last byte. Which call that was is known only
later: by a record with a later time, by the end of the connection, or by the writer's clock. Up to then all that
later calls completed must wait.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Generic, TypeVar

from explorer.capture.framed_flow import Flow
from explorer.capture.framed_rows import parts_of
from explorer.capture.step_bytes import Calls, StepBytes
from explorer.capture.writer import NO_MORE

Key = TypeVar("Key")


class TimedFlows(Generic[Key]):
    """Flows whose framers know times; fed by the look ahead. Times are nanoseconds since the capture began."""

    def __init__(self) -> None:
        self.flows: dict[Key, Flow] = {}
        self._waiting: dict[Flow, None] = {}  # those that silence may complete, in the order of their last bytes
        self._found: list[tuple[int, int, bytes]] = []  # a heap of rows by completing call; the second: as they came
        self._made = 0
        self._time = 0

    # -- what comes -----------------------------------------------------------------------------

    def feed(self, flow: Flow, time: int, call: Calls, source: StepBytes) -> None:
        """A call brought bytes at `time`."""
        self._time = max(self._time, time)  # in a damaged capture times may fall
        self._add(flow.at(self._time))
        self._add(flow.feed(call, source))
        self._waiting.pop(flow, None)
        if flow.timed and flow.timed.due is not None:
            self._waiting[flow] = None

    def end(self, key: Key, number: int) -> None:
        """The stream ended, by what call `number` told."""
        if (flow := self.flows.pop(key, None)) is not None:
            self._waiting.pop(flow, None)
            self._add(flow.end(number))

    def forget(self, key: Key) -> None:
        """A connection is closed: for ever there is silence."""
        if (flow := self.flows.pop(key, None)) is not None and flow in self._waiting:
            self._complete(flow, NO_MORE)

    def pass_time(self, time: int) -> None:
        """Nothing came up to `time` that was not fed. Those behind one that still waits wait with it."""
        self._time = max(self._time, time)
        for flow in list(self._ready()):
            self._complete(flow, self._time)

    def _ready(self) -> Iterator[Flow]:
        for flow in self._waiting:
            due = flow.timed.due if flow.timed else None
            if due is not None and due > self._time:
                return
            yield flow

    def _complete(self, flow: Flow, time: int) -> None:
        self._waiting.pop(flow)
        self._add(flow.at(time))

    def _add(self, rows: bytes) -> None:
        if rows:
            for part in parts_of(rows):
                self._made += 1
                heapq.heappush(self._found, (part.call, self._made, part.raw))

    # -- what is sure ---------------------------------------------------------------------------

    @property
    def limit(self) -> int | None:
        """The first call that may still complete something not found yet; None: no call fed so far."""
        return next(iter(self._waiting)).last_call if self._waiting else None

    @property
    def due(self) -> int | None:
        """When silence completes the next, if nothing comes before."""
        first = next(iter(self._waiting), None)
        return first.timed.due if first is not None and first.timed else None

    def take(self, below: int) -> list[bytes]:
        """The rows that calls below `below` completed; they are not kept."""
        taken = []
        while self._found and self._found[0][0] < below:
            taken.append(heapq.heappop(self._found)[2])
        return taken
