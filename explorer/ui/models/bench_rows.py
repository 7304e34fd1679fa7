"""The same bytes under several framings: one direction of one connection, and the messages of each framing. No Qt.

All framings of the bench advance as one index, each in turn: four of them take no more of the other threads' time than
one, and need longer instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.capture.catalog import Catalog
from explorer.capture.messages import Messages, open_messages
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.stream import ByteStream, Scope
from explorer.core.socket_spec import Choice


@dataclass(frozen=True, slots=True)
class BenchFlow:
    """Whose bytes: a connection of a socket, and whether those that were received or those that were sent."""

    socket: int
    connection: int
    received: bool


@dataclass(frozen=True, slots=True)
class BenchState:
    """What a framing had found at one moment.

    rows: messages and errors together. done: calls looked at. pending: bytes of an unfinished message that had come
    with these calls.
    """

    rows: int = 0
    errors: int = 0
    done: int = 0
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Pending:
    """Bytes of an unfinished message. start: their place in the stream; head: the first of them, `size` in all."""

    start: int
    size: int
    head: bytes


class BenchMessages:
    """What one framing finds in the bytes of a flow. `advance` from one thread; the rest from any."""

    def __init__(self, flow: BenchFlow, stream: ByteStream, messages: Messages, framing: Choice) -> None:
        """stream: the bytes of the flow, advanced by another."""
        self.flow = flow
        self.stream = stream
        self.messages = messages
        self.framing = framing
        self.state = BenchState()

    def advance(self, most: int) -> bool:
        """Look at up to `most` further calls. Whether there are more to look at now."""
        more = self.messages.advance(most)
        flow, before = self.flow, self.state
        rows, pending = self.messages.rows, self.messages.pending(flow.socket, flow.connection)
        errors = before.errors + self._errors(before.rows, rows)
        state = BenchState(rows, errors, self.messages.done, pending[0 if flow.received else 1])
        if state != before:
            self.state = state
        return more

    def _errors(self, row: int, stop: int) -> int:
        """How many of some rows tell of an error."""
        found = 0
        while row < stop:
            columns = self.messages.columns(row, stop - row)
            found += columns.errors.count(1)
            row += columns.count
        return found

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

    def open(self, framing: Choice) -> BenchMessages:
        """The messages of the flow under a framing; they are found once they stand in `columns`. Raises InputError
        when the framing cannot be used."""
        flow = self.flow
        messages = open_messages(self.reader, self._catalog, self.scope, framing, flow.received, not flow.received)
        return BenchMessages(flow, self.stream, messages, framing)

    def advance(self, most: int) -> bool:
        """On the indexer's thread: the bytes, and one of the framings that are behind."""
        more = self.stream.advance(most)
        columns, there = self.columns, self.reader.count
        worked = False
        self._turn += 1
        for place in range(len(columns)):
            column = columns[(self._turn + place) % len(columns)]
            behind = column.messages.done < there
            if behind and worked:
                more = True
                continue
            more = column.advance(most) or more
            worked = worked or behind
        return more
