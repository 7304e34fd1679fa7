"""The bytes that a span of calls means, and the message that holds a byte. Both look at a bounded number of calls."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import compress
from operator import and_

from explorer.capture.message_columns import MessageColumns
from explorer.capture.message_spans import calls_of, span_of
from explorer.capture.messages import Message, Messages
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.core.calls import PAYLOAD, Call

FAR = 1 << 17
"""Calls behind a byte among which the one is looked for that completed its message."""
_LOOK = 1 << 12
_ROWS = 1 << 14  # messages that are looked at in one step: about a millisecond
_OTHER = bytes((1, 0)) + bytes(254)  # turns a mask around


@dataclass(frozen=True, slots=True)
class SpanBytes:
    """data: bytes of one connection and direction, that of the call `first`. whole: nothing behind was left out.

    others: the span holds bytes of other connections or of the other direction too, which are not among these.
    """

    data: bytes
    first: Call | None = None
    whole: bool = True
    others: bool = False


def read_span(reader: Reader, span: Span, most: int) -> SpanBytes:
    """Up to `most` bytes of a span, from its first byte on; none if its calls carried none."""
    first = next((call for call in reader.calls(span.first_call, span.last_call + 1) if _carries(call, span)), None)
    if first is None:
        return SpanBytes(b"")
    flow = (first.connection, first.received)
    parts: list[bytes] = []
    left, seen, whole = most, 0, True
    for number, _ in calls_of(reader, {flow}, first.number, span.last_call + 1):
        seen += 1
        data = _data(reader, reader.call(number), span, left + 1)
        parts.append(data[:left])
        whole = len(data) <= left
        left -= len(parts[-1])
        if not whole:
            break
    others = span.connection is None and span.last_call - first.number + 1 != seen and _holds_others(reader, span, flow)
    return SpanBytes(b"".join(parts), first, whole, others)


def _carries(call: Call, span: Span) -> bool:
    if call.kind not in PAYLOAD or not call.size:
        return False
    return (span.connection is None or call.connection == span.connection) and (
        span.received is None or call.received == span.received
    )


def _data(reader: Reader, call: Call, span: Span, most: int) -> bytes:
    start = span.first_skip if call.number == span.first_call else 0
    stop = min(call.size, span.last_skip) if call.number == span.last_call else call.size
    return reader.data(call.offset + start, max(0, min(stop - start, most)))


def _holds_others(reader: Reader, span: Span, flow: tuple[int, bool]) -> bool:
    """Whether there are bytes of other flows among the first calls of a span."""
    stop = min(span.last_call, span.first_call + _LOOK) + 1
    return any(
        call.kind in PAYLOAD and call.size and (call.connection, call.received) != flow
        for call in reader.calls(span.first_call, stop)
    )


class Holder:
    """Finds the message that holds the byte at a place, as messages are completed.

    message: it, once it is found. over: it is found, or no complete message will hold this byte.
    done: calls that were looked at, of those whose messages are found.
    """

    def __init__(self, reader: Reader, messages: Messages, place: Place) -> None:
        self._messages = messages
        self._place = place
        call = reader.call(place.call)
        self._flow = (call.connection, call.received)
        self._row: int | None = None  # the next to be looked at
        self.done = 0
        self.message: Message | None = None
        self.over = not call.size or call.kind not in PAYLOAD

    def advance(self) -> None:
        """Look at some more messages of those that are found."""
        messages, first = self._messages, self._place.call
        done, rows = messages.done, messages.rows  # in this order: rows come before what they were found in is done
        if self.over or done <= first:
            return
        row = messages.row_of(first) if self._row is None else self._row
        stop = min(rows, row + _ROWS)
        while row < stop and not self.over:
            columns = messages.columns(row, stop - row)
            self._look(columns)
            row += columns.count
            self.done = columns.last_call
        self._row = row
        if row >= rows:
            self.done = done
        self.over = self.over or self.done - first >= FAR

    def _look(self, columns: MessageColumns) -> None:
        """Among those of the same connection and direction: they stand in the order of their bytes."""
        connection, received = self._flow
        whose = bytes(map(connection.__eq__, columns.connections))
        if not whose.count(1):
            return
        ways = columns.received if received else columns.received.translate(_OTHER)
        rows = list(compress(range(columns.first, columns.first + columns.count), map(and_, whose, ways)))

        def ends(row: int) -> Place:
            span = span_of(self._messages.message(row))
            return Place(span.last_call, span.last_skip)

        at = bisect_right(rows, self._place, key=ends)
        if at < len(rows):  # the first that reaches beyond it: if that begins behind it, nothing holds it
            found = self._messages.message(rows[at])
            self.over = True
            if span_of(found).first <= self._place:
                self.message = found
