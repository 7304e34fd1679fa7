"""Messages under a framing that has boundaries: one framer for each connection and direction.

Memory: each open connection holds at most two unfinished messages (as long as the framing's `max`
allows) and 16 bytes for each call that brought a part of them; rows lie in a `RowFile` (some megabytes of
memory, 56 bytes a message in a temporary file); up to `MOST_ERRORS` different sentences about errors.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import accumulate, compress
from operator import itemgetter
from types import MappingProxyType

from explorer.capture.catalog import Catalog
from explorer.capture.framed_columns import FRAMING, ROW, FramedColumns
from explorer.capture.layout import RECORD
from explorer.capture.match import any_of, both, carries, kinds, of_connections
from explorer.capture.message_columns import MessageColumns
from explorer.capture.messages import Message
from explorer.capture.reader import Columns, Reader
from explorer.capture.row_file import PAGE, RowFile
from explorer.capture.stream import Scope
from explorer.capture.words import counted
from explorer.core.calls import RECEIVING, CallFlag, CallKind
from explorer.core.errors import InputError
from explorer.core.fields import check
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, Frame, Framer, FramingError
from explorer.wire.framing.registry import find_kind, make_framer, payload_place

MOST_ERRORS = 10_000  # as many as a row can tell apart: less than 65,536
_IN_FRONT = {"front": True, "end": False, "": None}
"""Payloads that are a piece of the bytes on the wire: their beginning, or (False) their end. All others must be framed
again to be searched."""
_LOOK = 2048  # records looked at in one step
_LARGEST = 0xFFFF_FFFF  # bytes on the wire that a row can tell
_BYTES_A_RECORD = 1024  # `advance(most)` looks at no more than this many times `most` bytes
_DATAGRAM, _CUT, _END, _DETAIL = map(int, (CallFlag.DATAGRAM, CallFlag.CUT, CallFlag.END, CallFlag.DETAIL))
_WHOLE = frozenset({CallKind.recvfrom, CallKind.sendto})

MakeFramer = Callable[[], Framer]
_Call = tuple[int, int, int]  # number, offset in the byte log, size
_Row = tuple[int, int, int, int, int, int, int, int, int, int, int, int, bool]  # as in framed_columns.ROW


class _Flow:
    """One direction of one connection: its framer, and where the bytes it holds back came from."""

    __slots__ = ("calls", "each_call", "framer", "framing", "make", "size", "starts", "waiting", "whose")

    def __init__(self, make: MakeFramer, framing: int, whose: tuple[int, int, bool]) -> None:
        """whose: socket, connection, whether received."""
        self.make = make
        self.whose = whose
        self.framing = framing
        self.framer = make()
        self.each_call = isinstance(self.framer, _EachCall)  # its messages depend on where calls ended
        self.size = 0  # bytes of the stream so far
        self.starts = array("Q")  # stream offsets at which calls begin whose bytes may be held back
        self.calls = array("Q")  # their numbers
        self.waiting: list[_Call] = []  # calls whose bytes the framer has not been given yet

    def take(self, call: _Call) -> None:
        """Remember where the call's bytes stand in the stream."""
        self.starts.append(self.size)
        self.calls.append(call[0])
        self.size += call[2]

    def origin(self, offset: int) -> tuple[int, int]:
        """(call, skip): which call carries stream offset `offset`, and how far in."""
        place = max(0, bisect_right(self.starts, offset) - 1)
        return self.calls[place], max(0, offset - self.starts[place])

    def row(self, found: Found, error: int, least: int) -> _Row:
        """The row of what was found; `least`: the first call that can have completed it."""
        first, skip = self.origin(found.offset)
        size = found.size or 0
        stop = min(found.offset + size, self.size)  # of a frame that is too long, not all is here yet
        place = max(0, bisect_right(self.starts, max(found.offset, stop - 1)) - 1)
        last, end = self.calls[place], max(0, stop - self.starts[place])
        if last < least:
            last, end = least, 0
        payload_size = len(found.payload) if isinstance(found, Frame) else 0
        socket, connection, received = self.whose
        size = min(size, _LARGEST)  # broken framing may claim to skip any number; its sentence says which
        return (
            first, last, found.offset, skip, end, size, payload_size, self.framing, socket, connection,
            error, received, error > 0,
        )  # fmt: skip

    def forget(self, offset: int) -> None:
        """No message will begin before stream offset `offset`."""
        drop = bisect_right(self.starts, offset) - 1
        if drop > 0:
            del self.starts[:drop]
            del self.calls[:drop]


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
        self._catalog = catalog
        self._present = present
        self._framing = framing
        self._makers: list[MakeFramer] = []
        self._known: dict[tuple[str, str], int] = {}  # places in _makers
        self._in_front: list[bool | None] = []  # as _makers
        if framing:
            self._add_maker(maker(framing), framing)
        self._payload = both(scope.match(), carries(received, sent))
        self._match = any_of(self._payload, both(scope.match(), kinds([CallKind.close])))
        self._flows: dict[tuple[int, int, bool], _Flow] = {}
        self._rows = RowFile(ROW)
        self._page_calls = array("Q")  # the call that completed the first of every `PAGE` rows
        self._new: list[_Row] = []  # rows of the part that is being looked at
        self._errors: dict[str, int] = {"": 0}
        self._sentences = [""]

    @property
    def rows(self) -> int:
        return len(self._rows)

    # -- growing --------------------------------------------------------------------------------

    def advance(self, most: int = 1 << 62) -> bool:
        there = self.reader.count if self._framing else min(self.reader.count, self._catalog.done)
        target = min(there, self.done + most)
        budget = most * _BYTES_A_RECORD
        while self.done < target and budget > 0:
            columns = self.reader.columns(self.done, min(target, self.done + _LOOK))
            sizes = list(accumulate(columns.sizes))
            fit = max(1, bisect_right(sizes, budget))
            if fit < columns.count:
                columns = self.reader.columns(self.done, self.done + fit)
            self._take_part(columns)
            self.done += columns.count
            budget -= sizes[columns.count - 1]
        return self.done < there

    def _take_part(self, columns: Columns) -> None:
        """Flows do not depend on each other, and a framer finds the same in any chunks: so each flow's calls
        of a part are framed at once, and the rows are then brought into the order of the calls."""
        mask = self._match(columns)
        waiting: dict[_Flow, None] = {}
        numbered = enumerate(RECORD.iter_unpack(columns.raw), columns.start)
        for number, fields in numbered if mask is None else compress(numbered, mask):
            _, offset, size, _, socket, connection, errno, kind, flags, *_ = fields
            if kind == CallKind.close:
                self._forget(socket, connection)
            elif not errno and not flags & _DETAIL:
                flow = self._flow(socket, connection, kind)
                call = (number, offset, size)
                if flags & _DATAGRAM or kind in _WHOLE:
                    self._take_datagram(call, flow, bool(flags & _CUT))
                elif flags & _END:
                    self._take_end(call, flow)
                elif flow.each_call:
                    flow.waiting.append(call)
                    self._feed(flow)
                else:
                    flow.waiting.append(call)
                    waiting[flow] = None
        for flow in waiting:
            self._feed(flow)
        self._new.sort(key=itemgetter(1))
        self._rows.extend(self._new)
        self._new.clear()
        while len(self._page_calls) * PAGE < len(self._rows):
            self._page_calls.append(self._rows.get(len(self._page_calls) * PAGE)[1])

    def _feed(self, flow: _Flow) -> None:
        """Give the framer what waits."""
        calls, flow.waiting = flow.waiting, []
        if not calls:
            return
        for call in calls:
            flow.take(call)
        least = calls[0][0]
        # Where each call is a message only its size counts, and what it holds need not be read from the disk.
        found = flow.framer.feed(bytes(calls[0][2]) if flow.each_call else self._joined(calls))
        self._new += [flow.row(one, self._error_of(one), least) for one in found]
        if not flow.framer.pending:
            flow.forget(flow.starts[-1])
        elif found:
            flow.forget(found[-1].offset + (found[-1].size or 0))

    def _joined(self, calls: list[_Call]) -> bytes | memoryview:
        """The bytes of calls; without a copy where they stand together."""
        (_, first, _), (_, last, size) = calls[0], calls[-1]
        total = sum(call[2] for call in calls)
        length = self.reader.header.segment_bytes
        if last + size - first == total and first // length == last // length:
            return self._bytes(first, total)
        return b"".join(self._bytes(offset, size) for _, offset, size in calls)

    def _take_end(self, call: _Call, flow: _Flow) -> None:
        self._feed(flow)
        flow.take(call)
        found = flow.framer.end()
        if left := flow.framer.pending:
            sentence = f"The stream ended in the middle of a message, {counted(left, 'byte')} after its beginning."
            found.append(FramingError(flow.size - left, left, sentence))
        self._new += [flow.row(one, self._error_of(one), call[0]) for one in found]
        flow.framer = flow.make()

    def _take_datagram(self, call: _Call, flow: _Flow, cut: bool) -> None:
        """A datagram is framed on its own: what is left at its end is no beginning of the next."""
        framer = flow.make()
        start = flow.size
        flow.take(call)
        found = [*framer.feed(self._bytes(*call[1:])), *framer.end()]
        if left := framer.pending:
            why = "was cut because it did not fit into the buffer" if cut else "ended"
            sentence = f"The datagram {why} in the middle of a message, {counted(left, 'byte')} after its beginning."
            found.append(FramingError(call[2] - left, left, sentence))
        for one in found:
            self._new.append(flow.row(replace(one, offset=start + one.offset), self._error_of(one), call[0]))
        flow.forget(flow.size)

    def _error_of(self, found: Found) -> int:
        return self._error(found.message) if isinstance(found, FramingError) else 0

    def _error(self, sentence: str) -> int:
        if sentence not in self._errors and len(self._sentences) >= MOST_ERRORS:
            sentence = "The framing is broken here (one of very many errors of different sorts)."
        found = self._errors.setdefault(sentence, len(self._sentences))
        if found == len(self._sentences):
            self._sentences.append(sentence)
        return found

    def _bytes(self, offset: int, size: int) -> bytes | memoryview:
        """Zeros stand in for what a damaged capture lacks, so that what follows keeps its place."""
        found = self.reader.view(offset, size)
        return found if len(found) == size else bytes(found).ljust(size, b"\0")

    # -- flows ----------------------------------------------------------------------------------

    def _flow(self, socket: int, connection: int, kind: int) -> _Flow:
        key = (socket, connection, kind in RECEIVING)
        flow = self._flows.get(key)
        if flow is None:
            framing = 0 if self._framing else self._own(socket)
            flow = self._flows[key] = _Flow(self._makers[framing], framing, key)
        return flow

    def _own(self, socket: int) -> int:
        known = self._catalog.socket(socket)
        framing = self._present.get(socket, known.framing if known else Choice("raw"))
        key = (framing.kind, repr(sorted(framing.settings.items())))
        if key not in self._known:
            made = _EachCall if framing.kind == "raw" else self._maker_or_raw(socket, framing)
            self._known[key] = self._add_maker(made, framing)
        return self._known[key]

    def _add_maker(self, made: MakeFramer, framing: Choice) -> int:
        self._in_front.append(_payload_at(framing))
        self._makers.append(made)
        return len(self._makers) - 1

    def _maker_or_raw(self, socket: int, framing: Choice) -> MakeFramer:
        try:
            return maker(framing)
        except InputError as error:  # recorded by a later version, or damaged
            sentence = f"The framing {framing.kind!r} of socket {socket} cannot be used: {error.message}"
            return lambda: _EachCall(sentence)

    def _forget(self, socket: int, connection: int) -> None:
        """A connection, or with connection 0 all of a socket, is closed."""
        if connection:
            keys = [(socket, connection, received) for received in (True, False)]
        else:
            keys = [key for key in self._flows if key[0] == socket]
        for key in keys:
            if flow := self._flows.pop(key, None):
                self._feed(flow)

    # -- look-ups -------------------------------------------------------------------------------

    def message(self, row: int) -> Message:
        fields = self._rows.get(row)
        first, last, offset, skip, end, size, payload_size, _, socket, connection, error, received, _ = fields
        time = self.reader.call(last).time
        return Message(
            row, time, socket, connection, bool(received), offset, size, payload_size,
            self._sentences[error], last, end, first, skip,
        )  # fmt: skip

    def columns(self, first: int, most: int) -> MessageColumns:
        return FramedColumns(self, first, self._rows.read(first, most))

    def in_front(self, framing: int) -> bool | None:
        """Whether payloads under a framing (as in `FramedColumns.framings`) are the beginning of the bytes on the
        wire, or (False) their end; None: neither is sure."""
        return self._in_front[framing]

    def payload(self, message: Message, most: int | None = None) -> bytes:
        wire = self._wire(message)
        if message.error:
            return wire[:most]
        framer = self._makers[self._rows.get(message.number)[FRAMING]]()
        for found in (*framer.feed(wire), *framer.end()):
            if isinstance(found, Frame):
                return found.payload[:most]
        return wire[:most]

    def _wire(self, message: Message) -> bytes:
        """The message's bytes as they went over the wire, read from its calls."""
        call = self.reader.call(message.first_call)
        if message.skip + message.size <= call.size:
            return self.reader.data(call.offset + message.skip, message.size)
        parts = bytearray()
        skip = message.skip
        match = both(of_connections([message.connection]), carries(message.received, not message.received))
        start = message.first_call
        while start <= message.call and len(parts) < message.size:
            columns = self.reader.columns(start, min(message.call + 1, start + _LOOK))
            mask = match(columns)
            span = range(columns.start, columns.start + columns.count)
            for number in span if mask is None else compress(span, mask):
                part = self.reader.call(number)
                if part.socket == message.socket:
                    parts += self._bytes(part.offset, part.size)[skip : skip + message.size - len(parts)]
                    skip = 0
            start = span.stop
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
        flows = (self._flows.get((socket, connection, received)) for received in (True, False))
        received, sent = (flow.framer.pending if flow else 0 for flow in flows)
        return received, sent


class _EachCall:
    """Takes every call's bytes as one message: raw, among sockets with other framings.

    sentence: an error to give instead, once.
    """

    pending = 0

    def __init__(self, sentence: str = "") -> None:
        self._start = 0
        self._sentence = sentence

    def feed(self, data: bytes | memoryview) -> list[Found]:
        start = self._start
        self._start += len(data)
        if self._sentence:
            sentence, self._sentence = self._sentence, ""
            return [FramingError(start, len(data), sentence), Frame(start, len(data), bytes(data))]
        return [Frame(start, len(data), bytes(data))]

    def end(self) -> list[Found]:
        return []

    def encode(self, payload: bytes) -> bytes:
        return payload

    def restore(self, payload: bytes) -> bytes:
        return payload


def _payload_at(framing: Choice) -> bool | None:
    try:
        return _IN_FRONT[payload_place(framing)]
    except InputError:  # recorded by a later version: such a socket's calls are shown as they came
        return True


def maker(framing: Choice) -> MakeFramer:
    """What makes framers of this choice, quickly. Raises InputError when it cannot be used."""
    make_framer(framing)
    kind = find_kind(framing.kind)
    values = check(kind.fields, framing.settings)
    return lambda: kind.make(values)
