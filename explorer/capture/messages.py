"""Messages: what a framing finds in the bytes that were received and sent.

Nothing is stored twice: a message is a row that says where it stands, and its payload is read from the
capture again when it is asked for. So the same bytes can be looked at under another framing at any time.

Without framing (`raw`) a message is what one recv or send call carried, found by a `BlockIndex`.
All other framings: `explorer.capture.framed_messages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import and_
from typing import NamedTuple, Protocol

from explorer.capture.block_index import BlockIndex
from explorer.capture.catalog import Catalog
from explorer.capture.match import both, carries, failed, inverse
from explorer.capture.message_columns import MessageColumns, RawColumns
from explorer.capture.reader import Columns, Reader
from explorer.capture.stream import Scope
from explorer.capture.unfinished import Unfinished
from explorer.core.calls import CallFlag
from explorer.core.socket_spec import Choice

_DATAGRAM = bytes(1 if flags & CallFlag.DATAGRAM else 0 for flags in range(256))
_CUT = bytes(1 if flags & CallFlag.CUT else 0 for flags in range(256))


@dataclass(frozen=True, slots=True)
class Message:
    """One message, or one place where the framing was broken.

    number: its row, from 0, in the order in which messages were completed.
    time: nanoseconds since the capture began, of the call that completed it.
    offset: where its first byte on the wire stands in the stream of its connection and direction, in
    bytes from 0; None where that is not counted (raw).
    size, payload_size: bytes on the wire, and of the message itself.
    error: "" or one sentence. call: the number of the call that completed it; end: how far into that call's
    bytes it reaches (0: its last byte came before). first_call: the number of the call that carried its first
    byte; skip: how far into that call's bytes it begins.
    whole: whether there is a message; not where the framing is broken, but where only its checksum is wrong, or where
    the end of a datagram is lost.
    """

    number: int
    time: int
    socket: int
    connection: int
    received: bool
    offset: int | None
    size: int
    payload_size: int
    error: str
    call: int
    end: int
    first_call: int
    skip: int
    whole: bool = True


class Tally(NamedTuple):
    """What some rows are. rows: all of them; broken: errors without a message; wrong: messages with an error, whose
    checksum is wrong or whose end is lost."""

    rows: int = 0
    broken: int = 0
    wrong: int = 0

    @property
    def messages(self) -> int:
        return self.rows - self.broken


class Messages(Protocol):
    """The messages of a scope. `advance` from one thread as the capture grows; the rest from any."""

    @property
    def rows(self) -> int:
        """Messages so far."""

    @property
    def tally(self) -> Tally:
        """What the rows so far are."""

    @property
    def done(self) -> int:
        """Calls whose messages are all here."""

    @property
    def looked(self) -> int:
        """Records looked at so far: more than `done` while only silence can tell whether a message is over."""

    @property
    def again_in(self) -> float | None:
        """Seconds after which `advance` may find more, even if no record comes; None: not before one does."""

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at up to `most` further records. Whether there are more to look at now."""

    def message(self, row: int) -> Message:
        """Raises IndexError."""

    def payload(self, message: Message, most: int | None = None) -> bytes:
        """The message itself, or its first `most` bytes; where there is none (not `whole`), the bytes skipped."""

    def is_piece(self, message: Message) -> bool:
        """Whether `payload` is a piece of the bytes on the wire, so that its first bytes are quickly read, however
        long it is."""

    def columns(self, first: int, most: int) -> MessageColumns:
        """Up to `most` messages from row `first` on, at least one, for work on many at once. Raises IndexError."""

    def row_of(self, call: int) -> int:
        """How many messages were complete before this call: the row of the first that it completed, if any."""

    def pending(self, socket: int, connection: int) -> tuple[int, int]:
        """Bytes of unfinished messages of a connection: (received, sent)."""

    def unfinished(self, socket: int, connection: int) -> tuple[Unfinished | None, Unfinished | None]:
        """The same bytes, or those passed over after an error: of what was received, and of what was sent."""


def open_messages(
    reader: Reader,
    catalog: Catalog,
    scope: Scope,
    framing: Choice | None = None,
    received: bool = True,
    sent: bool = True,
    present: Mapping[int, Choice] | None = None,
) -> Messages:
    """The messages of a scope under `framing`; None: each socket's own.

    present: framings by socket that count as their own; of all others, the one they were opened with.
    Raises InputError when the framing cannot be used.
    """
    from explorer.capture.framed_messages import FramedMessages

    present = present or {}
    if framing is None and scope.socket is not None:
        socket = catalog.socket(scope.socket)
        framing = present.get(scope.socket, socket.framing if socket else None)
    if framing is not None and framing.kind == "raw":
        return RawMessages(reader, scope, received, sent)
    return FramedMessages(reader, catalog, scope, framing, received, sent, present)


def not_empty(columns: Columns) -> bytes | None:
    """Records with bytes; an empty datagram counts, for it is a message, and an empty read does not."""
    sizes = columns.sizes
    if 0 not in sizes:
        return None
    datagrams = columns.flags.translate(_DATAGRAM)
    return bytes(map(max, map(bool, sizes), datagrams))


class RawMessages:
    """One message a call. Memory: that of a `BlockIndex`, whatever the number of messages."""

    def __init__(self, reader: Reader, scope: Scope, received: bool = True, sent: bool = True) -> None:
        self.reader = reader
        self.index = BlockIndex(
            reader, both(scope.match(), carries(received, sent), inverse(failed), not_empty), reads_bytes=False
        )
        self._cut = 0  # datagrams

    @property
    def rows(self) -> int:
        return self.index.rows

    @property
    def tally(self) -> Tally:
        return Tally(self.index.rows, 0, self._cut)

    @property
    def done(self) -> int:
        return self.index.done

    @property
    def looked(self) -> int:
        return self.index.done

    @property
    def again_in(self) -> float | None:
        return None

    def advance(self, most: int = 1 << 62) -> bool:
        start = self.index.done
        more = self.index.advance(most)
        while start < self.index.done:
            records = self.reader.columns(start, self.index.done)
            start += records.count
            cut = records.flags.translate(_CUT)
            if cut.count(1):
                mask = self.index.match(records)
                self._cut += cut.count(1) if mask is None else sum(map(and_, cut, mask))
        return more

    def message(self, row: int) -> Message:
        call = self.reader.call(self.index.number(row))
        error = ""
        if call.flags & CallFlag.CUT:
            error = "The datagram did not fit into the buffer; the rest of it is lost."
        return Message(
            row, call.time, call.socket, call.connection, call.received, None, call.size, call.size,
            error, call.number, call.size, call.number, 0,
        )  # fmt: skip

    def payload(self, message: Message, most: int | None = None) -> bytes:
        call = self.reader.call(message.call)
        return self.reader.data(call.offset, call.size if most is None else min(call.size, most))

    def is_piece(self, message: Message) -> bool:
        return True

    def columns(self, first: int, most: int) -> MessageColumns:
        start, stop = self.index.part(first)
        while True:  # the rest of a block may lie in several files; the first may hold no message
            records = self.reader.columns(start, stop)
            mask = self.index.match(records)
            if mask is None or mask.count(1):
                return RawColumns(first, records, mask, most)
            start += records.count

    def row_of(self, call: int) -> int:
        return self.index.row(min(call, self.index.done))

    def pending(self, socket: int, connection: int) -> tuple[int, int]:
        return 0, 0

    def unfinished(self, socket: int, connection: int) -> tuple[None, None]:
        return None, None
