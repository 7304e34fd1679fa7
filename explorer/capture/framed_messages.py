"""Messages under a framing that has boundaries: one framer for each connection and direction.

Two places in the capture are kept. `looked` is ahead where silence ends messages: only what comes behind tells that
it did (`TimedFlows`). `done` follows, no further than to what is sure by then; up to it all rows are made.

Memory: each open connection holds at most two unfinished messages (as long as the framing's `max`
allows) and 16 bytes for each call that brought a part of them; rows lie in a `RowFile` (some megabytes of
memory, 56 bytes a message in a temporary file); up to `MOST_ERRORS` different sentences about errors.
"""

from __future__ import annotations

import math
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, compress
from types import MappingProxyType

from explorer.capture.catalog import Catalog
from explorer.capture.framed_columns import FramedColumns
from explorer.capture.framed_flow import Flow
from explorer.capture.framed_rows import BROKEN, FRAMING, ROW, WRONG, Whose, in_order, whats_of
from explorer.capture.framed_steps import FEW_FLOWS, FlowKey, closed, feed, gather, parted, records
from explorer.capture.framings_used import FramingsUsed
from explorer.capture.layout import RECORD
from explorer.capture.match import any_of, both, carries, kinds, of_connections, of_sockets, table_of
from explorer.capture.message_columns import MessageColumns
from explorer.capture.messages import Message, Tally
from explorer.capture.reader import Columns, Reader
from explorer.capture.row_file import PAGE, RowFile
from explorer.capture.step_bytes import Calls, StepBytes
from explorer.capture.stream import Scope
from explorer.capture.timed_flows import TimedFlows
from explorer.capture.unfinished import Unfinished
from explorer.core.calls import RECEIVING, CallFlag, CallKind
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, FramingError

MOST_ERRORS = 10_000  # as many as a row can tell apart: less than 65,536
_RECORDS = 1 << 14  # records looked at in one step: the more, the more calls of each connection are framed at once
_FEW_RECORDS = 512  # the same where each is looked at by itself
_STEP_BYTES = 1 << 18  # and bytes, but for one call
_FLOW_RECORDS, _FLOW_BYTES = 16, 1 << 10  # but of many flows, as many of each: their calls are best framed together
_MOST_STEP_BYTES = 1 << 19  # each may be a message of its own
_LONGEST = 0.0025  # seconds after which `advance(most)` stops in the middle of a step: less than an indexer's slice
_ALL = 1 << 62
_BYTES_A_RECORD = 1024  # `advance(most)` looks at no more than this many times `most` bytes
_DATAGRAM, _CUT, _END, _DETAIL = map(int, (CallFlag.DATAGRAM, CallFlag.CUT, CallFlag.END, CallFlag.DETAIL))
_WHOLE = frozenset({CallKind.recvfrom, CallKind.sendto})
_STREAM = bytes({CallKind.recv, CallKind.send})
_RECEIVED = table_of(RECEIVING)
_DATAGRAMS = bytes(1 if flags & _DATAGRAM else 0 for flags in range(256))


class FramedMessages:
    """See `explorer.capture.messages.Messages`. framing None: each socket's own, by `present` or else by the
    catalog, which must be advanced too: messages come no further than it."""

    def __init__(
        self,
        reader: Reader,
        catalog: Catalog,
        scope: Scope,
        framing: Choice | None,
        received: bool = True,
        sent: bool = True,
        present: Mapping[int, Choice] = MappingProxyType({}),
    ) -> None:
        self.reader = reader
        self.done = 0
        self._ahead = 0
        self._catalog = catalog
        self._framings = FramingsUsed(catalog, framing, present)
        payload = both(scope.match(), carries(received, sent))
        self._match = any_of(payload, both(scope.match(), kinds([CallKind.close])))
        self._flows: dict[FlowKey, Flow] = {}
        self._datagrams: dict[FlowKey, Flow] = {}  # in a damaged capture there may be both of one connection
        self._step: Iterator[None] | None = None  # the step under way
        self._timed: TimedFlows[FlowKey] = TimedFlows()
        self._rows = RowFile(ROW)
        self._page_calls = array("Q")  # the call that completed the first of every `PAGE` rows
        self._errors: dict[str, int] = {"": 0}
        self._sentences = [""]
        self.tally = Tally()

    @property
    def rows(self) -> int:
        return len(self._rows)

    @property
    def looked(self) -> int:
        return self.done if self._framings.never_timed else self._ahead

    # -- growing --------------------------------------------------------------------------------

    def advance(self, most: int = _ALL) -> bool:
        """Returns soon, whatever the bytes are, unless all is asked for."""
        stop_at = time.perf_counter() + _LONGEST if most < _ALL else math.inf
        until = self.reader.known_until()  # before the count
        count = self.reader.count
        there = count if self._framings.same else min(count, self._catalog.done)
        if self._framings.never_timed:
            self._ahead = there
        else:
            self._look_ahead(min(there, self._ahead + most), most * _BYTES_A_RECORD, stop_at)
            if self._ahead == count:
                self._timed.pass_time(until)
        limit = self._timed.limit
        sure = self._ahead if limit is None else limit
        self._go_on(sure, most, stop_at)
        return self._ahead < there or self.done < sure

    @property
    def again_in(self) -> float | None:
        due, writer = self._timed.due, self.reader.writer
        if due is None or writer is None or self._ahead < self.reader.count:
            return None
        return max(0, due - writer.now()) / 1e9

    def _steps(self, start: int, stop: int, budget: int) -> Iterator[Columns]:
        """Records to look at, few at a time; at most about `budget` bytes."""
        while start < stop and budget > 0:
            columns, size = self._next_step(start, min(stop, start + _FEW_RECORDS), budget)
            yield columns
            budget -= size
            start += columns.count

    def _next_step(self, start: int, stop: int, budget: int) -> tuple[Columns, int]:
        """Records to look at together, and how many bytes they have."""
        columns = self.reader.columns(start, min(stop, start + _RECORDS))
        sizes = list(accumulate(columns.sizes))
        together = min(max(_STEP_BYTES, _FLOW_BYTES * len(self._flows)), _MOST_STEP_BYTES)
        fit = max(1, bisect_right(sizes, min(budget, together)))
        return (columns if fit >= columns.count else self.reader.columns(start, start + fit)), sizes[:fit][-1]

    def _go_on(self, sure: int, most: int, stop_at: float) -> None:
        """Take steps, until it is late."""
        many = len(self._flows) if len(self._flows) > FEW_FLOWS else 0
        stop = min(sure, self.done + max(most, many * _FLOW_RECORDS))
        budget = max(most * _BYTES_A_RECORD, many * _FLOW_BYTES)
        while self._step is not None or (self.done < stop and budget > 0):
            if self._step is None:
                columns, size = self._next_step(self.done, stop, budget)
                self._step = self._take_step(columns)
                budget -= size
            for _ in self._step:
                if time.perf_counter() >= stop_at:
                    return
            self._step = None
            if time.perf_counter() >= stop_at:
                return

    def _take_step(self, columns: Columns) -> Iterator[None]:
        """Make the rows of what these records completed, in the order of the calls."""
        stop = columns.start + columns.count
        batches = self._timed.take(stop)
        if not self._framings.all_timed or self._datagrams or columns.flags.translate(_DATAGRAMS).count(1):
            yield from self._find(columns, batches)
        rows = in_order(batches)
        self._rows.extend(rows)
        whats, known = whats_of(rows), self.tally
        broken, wrong = known.broken + whats.count(BROKEN), known.wrong + whats.count(WRONG)
        self.tally = Tally(len(self._rows), broken, wrong)
        while len(self._page_calls) * PAGE < len(self._rows):
            self._page_calls.append(self._rows.get(len(self._page_calls) * PAGE)[1])
        self.done = stop

    def _find(self, columns: Columns, batches: list[bytes]) -> Iterator[None]:
        """What these records complete of all but timed flows, appended. Flows do not depend on each other, and a framer
        finds the same in any chunks: so each flow's calls are framed at once."""
        mask = self._match(columns)
        if mask is not None and not mask.count(1):
            return
        source = StepBytes(self.reader, *columns.span)
        streams = self._streams(columns, None if mask is None or mask.count(1) == columns.count else mask)
        if streams is None:
            yield from self._one_by_one(columns, mask, source, batches)
            return
        for flow, calls in streams:
            yield from feed(flow, calls, source, batches)

    def _streams(self, columns: Columns, mask: bytes | None) -> list[tuple[Flow, Calls]] | None:
        """The calls of each flow, found at the speed of C; None where that is not all there is to it."""
        span = range(columns.start, columns.start + columns.count)
        found, flags, ways = columns.kinds, columns.flags, columns.kinds.translate(_RECEIVED)
        pairs, errnos, offsets, sizes = columns.pairs, columns.errnos, columns.offsets, columns.sizes
        numbers: Sequence[int] = span
        if mask is not None:
            found, flags, ways = (bytes(compress(column, mask)) for column in (found, flags, ways))
            pairs, errnos, offsets = (array(one.typecode, compress(one, mask)) for one in (pairs, errnos, offsets))
            sizes, numbers = list(compress(sizes, mask)), list(compress(span, mask))
        if found.translate(None, _STREAM) or flags.count(0) < len(flags) or any(errnos):
            return None
        streams = []
        for pair, way, calls in parted(pairs, ways, Calls(numbers, offsets, sizes)):
            socket, connection = pair & 0xFFFF_FFFF, pair >> 32
            if self._framings.is_timed(socket):
                continue
            flow = self._flow((socket, connection, way == 1))
            if flow.each_call:
                return None
            streams.append((flow, calls))
        return streams

    def _one_by_one(
        self, columns: Columns, mask: bytes | None, source: StepBytes, batches: list[bytes]
    ) -> Iterator[None]:
        """The same for any records."""
        waiting: dict[Flow, tuple[list[int], list[int], list[int]]] = {}  # as `Calls`

        def feed_waiting(flow: Flow) -> Iterator[None]:
            if calls := waiting.pop(flow, None):
                yield from feed(flow, Calls(*calls), source, batches)

        for number, fields in records(columns, mask):
            _, offset, size, _, socket, connection, errno, kind, flags, *_ = fields
            key = (socket, connection, kind in RECEIVING)
            whole = flags & _DATAGRAM or kind in _WHOLE
            if kind == CallKind.close:
                for its in closed(self._flows, socket, connection):
                    ended = self._flows.pop(its)
                    yield from feed_waiting(ended)
                    batches.append(ended.end(number, _CLOSED))
                for its in closed(self._datagrams, socket, connection):
                    del self._datagrams[its]
            elif errno or flags & _DETAIL or (not whole and self._framings.is_timed(socket)):
                continue
            elif whole:
                call = Calls((number,), (offset,), (size,))
                yield from gather(self._datagram_flow(key).datagram(call, source, bool(flags & _CUT)), batches)
            elif flags & _END:
                if key in self._flows:
                    ended = self._flows.pop(key)
                    yield from feed_waiting(ended)
                    batches.append(ended.end(number))
            else:
                flow = self._flow(key)
                if flow.each_call:
                    batches.append(flow.feed(Calls((number,), (offset,), (size,)), source))
                else:
                    numbers, offsets, sizes = waiting.setdefault(flow, ([], [], []))
                    numbers.append(number)
                    offsets.append(offset)
                    sizes.append(size)
        for flow in list(waiting):
            yield from feed_waiting(flow)

    def _flow(self, key: FlowKey) -> Flow:
        flow = self._flows.get(key)
        if flow is None:
            flow = self._flows[key] = self._new_flow(key)
        return flow

    def _datagram_flow(self, key: FlowKey) -> Flow:
        flow = self._datagrams.get(key)
        if flow is None:
            flow = self._datagrams[key] = self._new_flow(key)
        return flow

    def _new_flow(self, key: FlowKey) -> Flow:
        framing = self._framings.of(key[0])
        return Flow(self, self._framings.maker(framing), Whose(framing, *key))

    def error(self, sentence: str) -> int:
        """The number of a sentence, for a row."""
        if sentence not in self._errors and len(self._sentences) >= MOST_ERRORS:
            sentence = _MANY
        found = self._errors.setdefault(sentence, len(self._sentences))
        if found == len(self._sentences):
            self._sentences.append(sentence)
        return found

    # -- looking ahead --------------------------------------------------------------------------

    def _look_ahead(self, stop: int, budget: int, stop_at: float) -> None:
        """Find what silence ends, up to record `stop` or until it is late."""
        for columns in self._steps(self._ahead, stop, budget):
            if (mask := self._timed_records(columns)) is None or mask.count(1):
                self._feed_timed(columns, mask)
            *_, last = RECORD.iter_unpack(columns.raw[-RECORD.size :])
            self._timed.pass_time(last[0])
            self._ahead = columns.start + columns.count
            if time.perf_counter() >= stop_at:
                return

    def _timed_records(self, columns: Columns) -> bytes | None:
        if self._framings.all_timed:
            return self._match(columns)
        sockets = [socket for socket in set(columns.sockets) if self._framings.is_timed(socket)]
        return both(of_sockets(sockets), self._match)(columns) if sockets else bytes(columns.count)

    def _feed_timed(self, columns: Columns, mask: bytes | None) -> None:
        flows, source = self._timed.flows, StepBytes(self.reader, *columns.span)
        for number, fields in records(columns, mask):
            moment, offset, size, _, socket, connection, errno, kind, flags, *_ = fields
            if kind == CallKind.close:
                for key in closed(flows, socket, connection):
                    self._timed.forget(key)
            elif not (errno or flags & (_DETAIL | _DATAGRAM) or kind in _WHOLE):
                key = (socket, connection, kind in RECEIVING)
                if flags & _END:
                    self._timed.end(key, number)
                elif size:
                    flow = flows.get(key)
                    if flow is None:
                        flow = flows[key] = self._new_flow(key)
                    self._timed.feed(flow, moment, Calls((number,), (offset,), (size,)), source)

    # -- look-ups -------------------------------------------------------------------------------

    def message(self, row: int) -> Message:
        fields = self._rows.get(row)
        first, last, offset, skip, end, size, payload_size, framing, socket, connection, error, received, what = fields
        moment, sentence = self.reader.call(last).time, self._sentences[error]
        found = Message(
            row, moment, socket, connection, bool(received), offset, size, payload_size,
            sentence, last, end, first, skip, what != BROKEN,
        )  # fmt: skip
        again = self._again(found, framing) if what == WRONG and sentence is _MANY else None
        return replace(found, error=again.message) if isinstance(again, FramingError) else found

    def columns(self, first: int, most: int) -> MessageColumns:
        return FramedColumns(self, first, self._rows.read(first, most))

    def in_front(self, framing: int) -> bool | None:
        """Whether payloads under a framing (as in `FramedColumns.framings`) are the beginning of the bytes on the
        wire, or (False) their end; None: neither is sure."""
        return self._framings.in_front(framing)

    def is_piece(self, message: Message) -> bool:
        return not message.whole or self._framings.in_front(self._rows.get(message.number)[FRAMING]) is not None

    def payload(self, message: Message, most: int | None = None) -> bytes:
        framing = self._rows.get(message.number)[FRAMING]
        front = self._framings.in_front(framing)
        if front is not None or not message.whole:
            size = message.payload_size if message.whole else message.size
            start = message.size - size if front is False else 0
            return self._wire(message, start, start + (size if most is None else min(size, most)))
        found = self._again(message, framing)
        return (found.payload or b"")[:most] if found else b""

    def _again(self, message: Message, framing: int) -> Found | None:
        """The message, found again in its bytes on the wire."""
        framer = self._framings.maker(framing)()
        for found in (*framer.feed(self._wire(message, 0, message.size)), *framer.end()):
            if found.payload is not None:
                return found
        return None

    def _wire(self, message: Message, start: int, stop: int) -> bytes:
        """Bytes `start` … `stop` - 1 of a message as it went over the wire, read from its calls."""
        call = self.reader.call(message.first_call)
        if message.skip + stop <= call.size:
            return self.reader.data(call.offset + message.skip + start, stop - start)
        parts, source = bytearray(), StepBytes(self.reader)
        at = -message.skip  # where in the message the call begins that comes next
        match = both(of_connections([message.connection]), carries(message.received, not message.received))
        for columns in self._steps(message.first_call, message.call + 1, 1 << 62):
            for number, (_, offset, size, _, socket, _, _, kind, flags, *_) in records(columns, match(columns)):
                datagram = flags & _DATAGRAM or kind in _WHOLE
                if socket != message.socket or (datagram and number != message.first_call):  # it is part of no other
                    continue
                begin, end = max(start, at), min(stop, at + size)
                if begin < end:
                    parts += source.read(offset + begin - at, end - begin)
                at += size
            if at >= stop:
                break
        return bytes(parts)

    def row_of(self, call: int) -> int:
        page = max(0, bisect_left(self._page_calls, call) - 1)  # the first such row is in it, or begins the next one
        low, high = page * PAGE, self.rows
        if page + 1 < len(self._page_calls):
            high = low + PAGE
        while low < high:
            middle = (low + high) // 2
            if self._rows.get(middle)[1] < call:
                low = middle + 1
            else:
                high = middle
        return low

    def pending(self, socket: int, connection: int) -> tuple[int, int]:
        received, sent = self._both_ways(socket, connection)
        return received.pending if received else 0, sent.pending if sent else 0

    def unfinished(self, socket: int, connection: int) -> tuple[Unfinished | None, Unfinished | None]:
        received, sent = self._both_ways(socket, connection)
        return received.unfinished if received else None, sent.unfinished if sent else None

    def _both_ways(self, socket: int, connection: int) -> tuple[Flow | None, Flow | None]:
        inward, outward = (socket, connection, True), (socket, connection, False)
        timed, others = self._timed.flows, self._flows
        return timed.get(inward) or others.get(inward), timed.get(outward) or others.get(outward)


_CLOSED = "The connection was closed"
_MANY = "The framing is broken here (one of very many errors of different sorts)."
