"""The same bytes under several framings: one direction of one connection, and the messages of each framing. No Qt.

All framings of the bench advance as one index, each in turn: four of them take no more of the other threads' time than
one, and need longer instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from explorer.capture.catalog import Catalog
from explorer.capture.messages import Messages, open_messages
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.unfinished import Unfinished
from explorer.core.socket_spec import Choice
from explorer.ui.found_text import skipping_text
from explorer.ui.units import count_text

COLUMN_TIME, STREAM_TIME = 0.001, 0.0003
"""Seconds of a slice. Together less than half of what the indexer grants: so it does not make them smaller."""
_FIRST, _LARGEST = 64, 1 << 20


@dataclass(frozen=True, slots=True)
class BenchFlow:
    """Whose bytes: a connection of a socket, and whether those that were received or those that were sent."""

    socket: int
    connection: int
    received: bool


@dataclass(frozen=True, slots=True)
class BenchState:
    """What a framing had found at one moment.

    rows: messages and errors together. errors: those without a message; wrong: messages whose checksum is wrong.
    done: calls looked at. pending: bytes of an unfinished message that had come with these calls. skipped: bytes that
    were passed over at the end, because of an error.
    """

    rows: int = 0
    errors: int = 0
    done: int = 0
    pending: int = 0
    wrong: int = 0
    skipped: Unfinished | None = None

    @property
    def parts(self) -> list[str]:
        """The same in words."""
        found = [count_text(self.rows - self.errors, "message")]
        if self.errors or not self.wrong:
            found.append(count_text(self.errors, "error"))
        if self.wrong:
            found.append(count_text(self.wrong, "wrong checksum"))
        return [*found, skipping_text(self.skipped) if self.skipped is not None else f"{self.pending:,} pending"]


@dataclass(frozen=True, slots=True)
class Pending:
    """Bytes of an unfinished message. start: their place in the stream; head: the first of them, `size` in all."""

    start: int
    size: int
    head: bytes


class Slices:
    """How much of some work is done at once, so that it takes a certain time. units: of the next slice."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.units = _FIRST

    def take(self, advance: Callable[[int], bool], most: int) -> bool:
        """Advance by the next slice, of at most so many units. Whether there is more to do now."""
        units, begun = min(most, self.units), time.perf_counter()
        more = advance(units)
        taken = time.perf_counter() - begun
        if taken > self._seconds:
            self.units = max(1, int(units * self._seconds / taken))
        elif more and taken < self._seconds / 2:
            self.units = min(_LARGEST, self.units * 2)
        return more


class BenchMessages:
    """What one framing finds in the bytes of a flow. `advance` from one thread; the rest from any."""

    def __init__(self, flow: BenchFlow, stream: ByteStream, messages: Messages, framing: Choice) -> None:
        """stream: the bytes of the flow, advanced by another."""
        self.flow = flow
        self.stream = stream
        self.messages = messages
        self.framing = framing
        self.state = BenchState()
        self.slices = Slices(COLUMN_TIME)

    def advance(self, most: int) -> bool:
        """Look at up to `most` further calls. Whether there are more to look at now."""
        more = self.messages.advance(most)
        flow, way = self.flow, 0 if self.flow.received else 1
        tally, end = self.messages.tally, self.messages.unfinished(flow.socket, flow.connection)[way]
        pending = end.size if end is not None and not end.skipped else 0
        skipped = end if end is not None and end.skipped else None
        state = BenchState(tally.rows, tally.broken, self.messages.looked, pending, tally.wrong, skipped)
        if state != self.state:
            self.state = state
        return more

    def pending(self, state: BenchState, most: int) -> Pending | None:
        """What was pending in a state, up to `most` bytes of it; None where nothing was, or the bytes are not found
        yet."""
        if not state.pending or self.stream.done < state.done:
            return None
        stop = self.stream.position(Place(state.done, 0))
        start = max(0, stop - state.pending)
        return Pending(start, stop - start, self.stream.read(start, min(stop, start + most)))

    def span_of_pending(self, state: BenchState) -> Span | None:
        """The same bytes, to be selected."""
        found = self.pending(state, 0)
        return self.stream.span_of(found.start, found.start + found.size) if found is not None else None

    def bytes_before(self, state: BenchState) -> int:
        """How many bytes of the flow it had looked at in a state, of those that are found."""
        return self.stream.position(Place(state.done, 0)) if self.stream.done > state.done else self.stream.size

    def offset_of(self, place: Place) -> int | None:
        """Where a byte stands in the flow; None while that is not found."""
        return self.stream.position(place) if place.call < self.stream.done else None


class BenchWork:
    """A flow's bytes and its messages under some framings, for the indexer.

    columns: replaced whole by the window's thread. Those that are behind advance in turn.
    """

    def __init__(self, reader: Reader, catalog: Catalog, flow: BenchFlow) -> None:
        self.reader = reader
        self.flow = flow
        self.scope = Scope(flow.socket, flow.connection)
        self.stream = ByteStream(reader, self.scope, flow.received, not flow.received)
        self.columns: tuple[BenchMessages, ...] = ()
        self._catalog = catalog
        self._turn = 0
        self._bytes = Slices(STREAM_TIME)

    def open(self, framing: Choice) -> BenchMessages:
        """The messages of the flow under a framing; they are found once they stand in `columns`. Raises InputError
        when the framing cannot be used."""
        flow = self.flow
        messages = open_messages(self.reader, self._catalog, self.scope, framing, flow.received, not flow.received)
        return BenchMessages(flow, self.stream, messages, framing)

    @property
    def again_in(self) -> float | None:
        """Seconds after which silence may have ended a message under one of the framings; None: under none."""
        waits = (column.messages.again_in for column in self.columns)
        return min((seconds for seconds in waits if seconds is not None), default=None)

    def advance(self, most: int) -> bool:
        """On the indexer's thread: the bytes, and one of the framings that are behind. Each has its own measure: what
        takes one of them a microsecond takes another a millisecond."""
        more = self._bytes.take(self.stream.advance, most)
        columns, there = self.columns, self.reader.count
        worked = False
        self._turn += 1
        for place in range(len(columns)):
            column = columns[(self._turn + place) % len(columns)]
            behind = column.messages.looked < there
            if behind and worked:
                more = True
                continue
            more = column.slices.take(column.advance, most) or more
            worked = worked or behind
        return more
