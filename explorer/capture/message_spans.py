"""Where messages stand: the bytes of a message as a span, and the messages that hold bytes of a span.

A message is listed when its last byte came. So the messages of some bytes may be listed far below: other
connections completed theirs in the meantime.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from itertools import compress, repeat
from operator import and_, eq
from typing import Protocol

from explorer.capture.match import both, carries, of_connections, stretches
from explorer.capture.messages import Message
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.steps import Work, finish
from explorer.core.calls import PAYLOAD, RECEIVING

FAR = 1 << 17  # calls behind a span that are looked at for those that complete its messages
MOST_PARTS = 200  # runs of rows that are selected at once
_LATEST = 64  # calls at the end of a span of several connections whose messages may be completed later
_NEAR = 1 << 14  # rows of a span that are looked at for errors that stand before it
_LOOK = 4096  # records or messages looked at in one step
_FIRST_LOOK = 64  # of messages: the next one of a flow is mostly near
_INVERSE = bytes([1, 0]) + bytes(254)

Flow = tuple[int, bool]  # connection, whether received
Place = tuple[int, int]  # call, byte in it


class FlowColumns(Protocol):
    """Of which flows `count` messages are, and which are errors: see
    `explorer.capture.message_columns.MessageColumns`."""

    @property
    def count(self) -> int: ...

    @property
    def connections(self) -> array[int]: ...

    @property
    def received(self) -> bytes: ...

    @property
    def errors(self) -> bytes: ...


class MessageRows(Protocol):
    """What the table shows: messages, or those of them that fit a filter."""

    @property
    def rows(self) -> int: ...

    @property
    def done(self) -> int: ...

    def message(self, row: int) -> Message: ...

    def payload(self, message: Message, most: int | None = None) -> bytes: ...

    def is_piece(self, message: Message) -> bool: ...

    def row_of(self, call: int) -> int: ...

    def columns(self, first: int, most: int) -> FlowColumns:
        """Of up to `most` rows from row `first` on, at least one. Raises IndexError."""


def span_of(message: Message) -> Span:
    """The bytes of a message as they went over the wire, and no others that came in between.

    Of one without bytes, as an error whose extent is not known: the place where it stands.
    """
    begin = message.first_call, message.skip
    end = (message.call, message.end) if message.size else begin
    return Span(*begin, *end, message.connection, message.received)


def spans_of(first: Message, last: Message) -> Span:
    """From the first byte of two messages to the last, with all that stands in between."""
    one, other = span_of(first), span_of(last)
    begin = min((one.first_call, one.first_skip), (other.first_call, other.first_skip))
    end = max((one.last_call, one.last_skip), (other.last_call, other.last_skip))
    return Span(*begin, *end)


def calls_of(reader: Reader, flows: Collection[Flow], start: int, stop: int) -> Iterator[tuple[int, Flow]]:
    """Which of the calls `start` … `stop` - 1 belong to these connections and directions, and to which."""
    match = both(of_connections([connection for connection, _ in flows]), carries())
    while start < stop:
        columns = reader.columns(start, min(stop, start + _LOOK))
        span, mask = range(start, start + columns.count), match(columns)
        if mask is None or mask.count(1):
            connections, kinds = columns.connections, columns.kinds
            for number in span if mask is None else compress(span, mask):
                flow = (connections[number - start], kinds[number - start] in RECEIVING)
                if flow in flows:
                    yield number, flow
        start = span.stop


def find_rows(reader: Reader, messages: MessageRows, span: Span) -> list[range]:
    """The rows of the messages that hold bytes of a span, in runs. Of a call without bytes: what it completed.

    A message is not found if it is completed more than `FAR` calls later.
    """
    return finish(row_steps(reader, messages, span))


def row_steps(reader: Reader, messages: MessageRows, span: Span) -> Work[list[range]]:
    """The same in steps, as a span of one connection and direction needs it: all messages of others that were
    completed in the meantime are looked at."""
    first, last = reader.call(span.first_call), reader.call(span.last_call)
    begin, end = (span.first_call, span.first_skip), (span.last_call, span.last_skip)
    if not last.size or begin == end:
        end = (end[0], end[1] + 1)  # the call itself is meant, or what stands at this place
    runs = Runs()
    if span.connection is not None and span.received is not None:
        flows = {(span.connection, span.received)}
        for rows in (yield from _standing(messages, rows_between(messages, begin, end), begin)):
            yield from _of_flow(messages, rows, (span.connection, span.received), runs)
    elif first.number != last.number:
        latest = reader.calls(max(first.number, last.number + 1 - _LATEST), last.number + 1)
        flows = {(call.connection, call.received) for call in latest if call.kind in PAYLOAD}
        for rows in (yield from _standing(messages, rows_between(messages, begin, end), begin)):
            runs.add(rows)
    elif first.kind in PAYLOAD and first.size:
        flows = {(first.connection, first.received)}
        runs.add(rows_between(messages, begin, end))
    else:
        return joined([range(messages.row_of(first.number), messages.row_of(first.number + 1))])
    later = [] if runs.full else (yield from _completed_later(reader, messages, last.number, flows))
    return joined([*runs.found, *(_touching(messages, rows, begin, end) for rows in later)])


def _standing(messages: MessageRows, rows: range, begin: Place) -> Work[list[range]]:
    """Those of some rows that do not stand before a place altogether, in runs: that something is too long may be found
    out long after where it begins. Each flow has one such row at most, and mostly near."""
    found, start, row = list[range](), rows.start, rows.start
    while row < min(rows.stop, rows.start + _NEAR):
        columns = messages.columns(row, min(_LOOK, rows.stop - row))
        span = range(row, row + columns.count)
        for place in compress(span, columns.errors):
            message = messages.message(place)
            if not message.size and (message.first_call, message.skip) < begin:
                found.append(range(start, place))
                start = place + 1
        row = span.stop
        yield len(span)
    return [*found, range(start, rows.stop)]


def _of_flow(messages: MessageRows, rows: range, flow: Flow, runs: Runs) -> Work[None]:
    """Those of some rows that are of one connection and direction."""
    row = rows.start
    while row < rows.stop and not runs.full:
        columns = messages.columns(row, min(_LOOK, rows.stop - row))
        runs.add_mask(row, _mask(columns, flow))
        row += columns.count
        yield columns.count


def _mask(columns: FlowColumns, flow: Flow) -> bytes:
    """Which of the messages are of a flow: one byte each."""
    connection, received = flow
    mask = columns.received if received else columns.received.translate(_INVERSE)
    connections = columns.connections
    its = connections.count(connection)
    if its == len(mask):  # the usual case
        return mask
    return bytes(map(and_, mask, map(eq, connections, repeat(connection)))) if its else bytes(len(mask))


def _completed_later(reader: Reader, messages: MessageRows, last: int, flows: Collection[Flow]) -> Work[list[range]]:
    """For each flow, what the first call completed that completed any of its messages after call `last`."""
    rows = range(messages.row_of(last + 1), messages.row_of(last + FAR))
    if len(rows) <= FAR:
        return (yield from _later_among(messages, rows, set(flows)))
    return (yield from _later_by_calls(reader, messages, last, set(flows)))


def _later_among(messages: MessageRows, rows: range, left: set[Flow]) -> Work[list[range]]:
    """The same, looked for among all messages."""
    found: list[range] = []
    row, step = rows.start, _FIRST_LOOK
    while left and row < rows.stop:
        columns = messages.columns(row, min(step, rows.stop - row))
        if not {connection for connection, _ in left}.isdisjoint(columns.connections):
            for place, one in enumerate(zip(columns.connections, columns.received, strict=True), row):
                if one in left:  # a direction is 0 or 1 there, which is False or True
                    left.discard(one)
                    found.append(range(place, messages.row_of(messages.message(place).call + 1)))
        row += columns.count
        step = min(_LOOK, step * 8)
        yield columns.count
    return found


def _later_by_calls(reader: Reader, messages: MessageRows, last: int, left: set[Flow]) -> Work[list[range]]:
    """The same, looked for by the calls of the flows: where others complete many messages with each of theirs."""
    found: list[range] = []
    start, stop = last + 1, min(reader.count, last + FAR)
    behind = start  # the next call that completed anything
    while left and start < stop:
        step = min(_LOOK, stop - start)
        for number, flow in calls_of(reader, frozenset(left), start, start + step):
            if number < behind or flow not in left:
                continue
            row = messages.row_of(number)
            if row >= messages.rows:
                return found
            behind = messages.message(row).call
            if behind == number:
                left.discard(flow)
                found.append(range(row, messages.row_of(number + 1)))
        start += step
        yield step
    return found


def rows_between(messages: MessageRows, begin: Place, end: Place) -> range:
    """The rows that the calls from one place to another completed; the outermost only if they hold bytes there."""
    low, high = messages.row_of(begin[0]), messages.row_of(end[0])
    of_first = range(low, messages.row_of(begin[0] + 1))
    of_last = range(high, messages.row_of(end[0] + 1))
    return range(_touching(messages, of_first, begin, end).start, _touching(messages, of_last, begin, end).stop)


def _touching(messages: MessageRows, rows: range, begin: Place, end: Place) -> range:
    """Those of the rows that one call completed which hold bytes between two places."""

    def begins(row: int) -> Place:
        message = messages.message(row)
        return message.first_call, message.skip

    def ends(row: int) -> Place:
        message = messages.message(row)
        if message.size:
            return message.call, message.end
        return message.first_call, message.skip + 1  # nothing at all is found where it stands

    start = bisect_right(rows, begin, key=ends)
    return rows[start : bisect_left(rows, end, start, key=begins)]


class Runs:
    """Rows found in order, as runs; at most `MOST_PARTS`. full: there are more than that."""

    def __init__(self) -> None:
        self.found: list[range] = []
        self.full = False

    def add(self, rows: range) -> None:
        if not rows:
            return
        if self.found and rows.start <= self.found[-1].stop:
            self.found[-1] = range(self.found[-1].start, max(self.found[-1].stop, rows.stop))
        elif len(self.found) < MOST_PARTS:
            self.found.append(rows)
        else:
            self.full = True

    def add_mask(self, first: int, mask: bytes) -> None:
        """Of the rows from `first` on, those where the mask has a 1."""
        for start, stop in stretches(mask):
            self.add(range(first + start, first + stop))
            if self.full:
                return


def joined(parts: Iterable[range]) -> list[range]:
    """In order, neighbours as one; at most `MOST_PARTS`."""
    runs = Runs()
    for part in sorted((part for part in parts if part), key=lambda part: part.start):
        runs.add(part)
    return runs.found
