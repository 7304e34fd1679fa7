"""Where messages stand: the bytes of a message as a span, and the messages that hold bytes of a span.

A message is listed when its last byte came. So the messages of some bytes may be listed far below: other
connections completed theirs in the meantime.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from itertools import compress
from typing import Protocol

from explorer.capture.match import both, carries, of_connections
from explorer.capture.messages import Message
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.core.calls import PAYLOAD, RECEIVING

FAR = 1 << 17  # calls that are looked at: back from the end of a span, and on for those that complete its messages
MOST_PARTS = 200  # runs of rows that are selected at once
_LATEST = 64  # calls at the end of a span of several connections whose messages may be completed later
_LOOK = 4096  # records looked at in one step

Flow = tuple[int, bool]  # connection, whether received
Place = tuple[int, int]  # call, byte in it


class MessageRows(Protocol):
    """What the table shows: messages, or those of them that fit a filter."""

    @property
    def rows(self) -> int: ...

    @property
    def done(self) -> int: ...

    def message(self, row: int) -> Message: ...

    def payload(self, message: Message, most: int | None = None) -> bytes: ...

    def row_of(self, call: int) -> int: ...


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
    first, last = reader.call(span.first_call), reader.call(span.last_call)
    begin, end = (span.first_call, span.first_skip), (span.last_call, span.last_skip)
    if not last.size or begin == end:
        end = (end[0], end[1] + 1)  # the call itself is meant, or what stands at this place
    parts: list[range] = []
    if span.connection is not None and span.received is not None:
        flows = {(span.connection, span.received)}
    elif first.number != last.number:
        latest = reader.calls(max(first.number, last.number + 1 - _LATEST), last.number + 1)
        flows = {(call.connection, call.received) for call in latest if call.kind in PAYLOAD}
        parts.append(rows_between(messages, begin, end))
    elif first.kind in PAYLOAD and first.size:
        flows = {(first.connection, first.received)}
    else:
        return joined([range(messages.row_of(first.number), messages.row_of(first.number + 1))])
    start = last.number + 1 if parts else max(first.number, last.number - FAR)
    calls = calls_of(reader, flows, start, min(reader.count, last.number + FAR))
    parts += [_touching(messages, rows, begin, end) for rows in _completed(messages, calls, last.number, flows)]
    return joined(parts)


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


def _completed(
    messages: MessageRows, calls: Iterator[tuple[int, Flow]], last: int, flows: Collection[Flow]
) -> Iterator[range]:
    """What these calls completed; after call `last` only the first of each flow."""
    left = set(flows)
    behind = 0  # the next call that completed anything
    for number, flow in calls:
        if number < behind or flow not in left:
            continue
        row = messages.row_of(number)
        if row >= messages.rows:
            return
        behind = messages.message(row).call
        if behind == number:
            yield range(row, messages.row_of(number + 1))
            if number > last:
                left.discard(flow)
                if not left:
                    return


def joined(parts: Iterable[range]) -> list[range]:
    """In order, neighbours as one; at most `MOST_PARTS`."""
    found: list[range] = []
    for part in sorted((part for part in parts if part), key=lambda part: part.start):
        if found and part.start <= found[-1].stop:
            found[-1] = range(found[-1].start, max(found[-1].stop, part.stop))
        elif len(found) < MOST_PARTS:
            found.append(part)
    return found
