"""What one framing finds, as rows of a table: messages, errors in their sentences, and last the bytes still pending."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject

from explorer.capture.message_spans import row_steps, span_of
from explorer.capture.messages import Message
from explorer.capture.previews import Shown, cut_text, preview_of
from explorer.capture.span import Place, Span
from explorer.capture.steps import Work
from explorer.ui.models.bench_rows import BenchMessages, BenchState
from explorer.ui.models.log_model import MOST_ROWS, Column, LogModel, Row, Tone
from explorer.ui.units import count_text
from explorer.ui.waiting_text import HEAD, pending_text

COLUMNS = (
    Column("No.", 4, right=True),
    Column("Offset", 7, right=True, tip="Where its first byte on the wire stands, counted from 0"),
    Column(
        "Size",
        5,
        right=True,
        tip="Bytes of the message; in brackets those on the wire, with what frames it, where they are more",
    ),
    Column("Text", 20, tip="The message as text, without what frames it"),
    Column("Hex", 20, tip="The message’s bytes, without what frames it"),
)
TEXT = 3  # the column that an error's sentence begins in; it goes on to the end of the row
PREVIEW = 80  # bytes of a message that are shown as text
SHOWN_HEX = 32  # and as hex
LONG = 16_384  # bytes of a message from which on its first bytes on the wire are shown, if it is no piece of them


class BenchModel(LogModel):
    """Shows what a column of the bench had found at the last `grow`. encoding: that of a socket's text."""

    def __init__(self, encoding: Callable[[int], str], parent: QObject | None = None) -> None:
        self._encoding = encoding
        self._source: BenchMessages | None = None
        self.state = BenchState()  # that is shown
        super().__init__(COLUMNS, parent)

    def show(self, source: BenchMessages | None) -> None:
        """Show another; None: nothing."""
        self._source = source
        self.state = source.state if source is not None else BenchState()
        self.start_over()

    # -- rows -----------------------------------------------------------------------------------

    def available(self) -> int:
        return self.state.rows + bool(self.state.pending)

    def grow(self) -> int:
        """Take what is found now. The last row may be another, or gone: what was pending became a message or not."""
        before, shown = self.state, self.rowCount()
        state = self._source.state if self._source is not None else BenchState()
        if state == before and shown == min(self.available(), MOST_ROWS):
            return 0
        self.state = state
        if self.available() < shown:
            self._made.pop(shown - 1, None)
            self.beginRemoveRows(QModelIndex(), shown - 1, shown - 1)
            self._shown = shown - 1
            self.endRemoveRows()
        elif before.pending and before.rows < MOST_ROWS:
            row = self.index(before.rows, 0)
            self.dataChanged.emit(row, row.siblingAtColumn(len(self.columns) - 1))
        return super().grow()

    def make_rows(self, first: int, count: int) -> list[Row]:
        source, state = self._source, self.state
        if source is None:
            return []
        rows = [
            self._make_row(source, source.messages.message(place))
            for place in range(first, min(first + count, state.rows))
        ]
        if first <= state.rows < first + count and state.pending:
            rows.append(self._pending_row(source, state))
        return rows

    def _make_row(self, source: BenchMessages, message: Message) -> Row:
        number = f"{message.number + 1:,}"
        offset = message.offset
        if offset is None:
            offset = source.offset_of(Place(message.first_call, message.skip))
        place = f"{offset:,}" if offset is not None else ""
        size = _size(message)
        if message.error:
            cells = (number, place, size, f"✕ {message.error}", "")
            tip = self._tip(message, offset)
            if message.whole and message.payload_size:  # only its checksum is wrong
                shown, data = self._preview(source, message)
                tip = f"{tip}\nThe message all the same: {shown.text}\n{data[:SHOWN_HEX].hex(' ')}"
            return Row(message.number, cells, _ERROR, Tone.ERROR, tip, serious=True)
        shown, data = self._preview(source, message)
        more = "…" if message.payload_size > SHOWN_HEX else ""
        cells = (number, place, size, shown.text or "(empty)", data[:SHOWN_HEX].hex(" ") + more)
        tones, mark = (_RECEIVED, Tone.RECEIVED) if message.received else (_SENT, Tone.SENT)
        settled = shown.settled and offset is not None
        tip = f"{cells[TEXT]}\n{cells[-1]}\n{self._tip(message, offset)}".replace("\n\n", "\n")
        return Row(message.number, cells, tones, mark, tip, settled=settled)

    def _preview(self, source: BenchMessages, message: Message) -> tuple[Shown, bytes]:
        """The text of a message's first bytes, and these."""
        encoding, reader = self._encoding(message.socket), source.stream.reader
        place = Place(message.first_call, message.skip)
        is_long = message.size > LONG and not source.messages.is_piece(message)
        if is_long and message.offset is not None and source.stream.done > message.call:
            data = source.stream.read(message.offset, message.offset + PREVIEW)
        else:
            data = source.messages.payload(message, PREVIEW)
        if message.size == message.payload_size:  # nothing frames it: a piece of a stream, cut anywhere
            return preview_of(reader, place, data, message.size, encoding), data
        return Shown(cut_text(data, encoding, cut=len(data) < message.payload_size)), data

    def _tip(self, message: Message, offset: int | None) -> str:
        """Where it stands, and how it came."""
        lines = [message.error] if message.error else []
        if offset is not None and message.size:
            reach = f"{offset:,}" if message.size == 1 else f"{offset:,} to {offset + message.size - 1:,}"
            way = "received" if message.received else "sent"
            lines.append(f"Byte{'s' * (message.size > 1)} {reach} of what this connection {way}.")
        if not message.error and message.size != message.payload_size:
            lines.append(f"{count_text(message.payload_size, 'byte')} of message, {message.size:,} on the wire.")
        if message.first_call != message.call and message.size:
            lines.append(f"It came in more than one call: #{message.first_call:,} to #{message.call:,}.")
        return "\n".join(lines)

    def _pending_row(self, source: BenchMessages, state: BenchState) -> Row:
        found = source.pending(state, HEAD)
        if found is None:
            text = f"pending: {count_text(state.pending, 'byte')}"
            return Row(state.rows, ("", "", f"{state.pending:,}", text, ""), _PENDING, Tone.WARNING, settled=False)
        text = pending_text(source.framing, found.size, found.head, found.start)
        tip = f"{text}\nThese bytes have come and are no whole message yet: they begin at byte {found.start:,}."
        cells = ("", f"{found.start:,}", f"{found.size:,}", text, "")
        return Row(state.rows, cells, _PENDING, Tone.WARNING, tip, settled=False)

    # -- bytes ----------------------------------------------------------------------------------

    def span_of(self, first: int, last: int) -> Span | None:
        """The bytes of some rows, from the first to the last; None if they are not there."""
        source, state = self._source, self.state
        if source is None or not 0 <= first <= last < self.rowCount():
            return None
        spans = [span_of(source.messages.message(row)) for row in (first, last) if row < state.rows]
        if last == state.rows:
            pending = source.span_of_pending(state)
            if pending is None:
                return None
            spans.append(pending)
        begin = min((span.first_call, span.first_skip) for span in spans)
        end = max((span.last_call, span.last_skip) for span in spans)
        return Span(*begin, *end, source.flow.connection, source.flow.received)

    def row_steps(self, span: Span) -> Work[list[range]]:
        """The rows that hold bytes of a span, in runs."""
        source, state = self._source, self.state
        if source is None:
            return []
        found = yield from row_steps(source.stream.reader, source.messages, span)
        rows = [range(part.start, min(part.stop, state.rows)) for part in found if part.start < state.rows]
        if self._holds_pending(source, state, span):
            rows.append(range(state.rows, state.rows + 1))
        return rows

    def _holds_pending(self, source: BenchMessages, state: BenchState, span: Span) -> bool:
        flow = source.flow
        if span.connection not in (None, flow.connection) or span.received not in (None, flow.received):
            return False
        pending = source.pending(state, 0)
        if pending is None:
            return False
        start = source.stream.position(Place(span.first_call, span.first_skip))
        stop = source.stream.position(Place(span.last_call, span.last_skip))
        return start < stop and stop > pending.start and start < pending.start + pending.size


def _size(message: Message) -> str:
    """``16``, or ``16 (18)`` where 18 bytes are on the wire; of an error without a message ``(18)``, all skipped."""
    wire = f"({message.size:,})" if message.size else ""
    if not message.whole:
        return wire
    return f"{message.payload_size:,}" if message.size == message.payload_size else f"{message.payload_size:,} {wire}"


_RECEIVED = (Tone.MUTED, Tone.MUTED, Tone.MUTED, Tone.TEXT, Tone.RECEIVED)
_SENT = (Tone.MUTED, Tone.MUTED, Tone.MUTED, Tone.TEXT, Tone.SENT)
_ERROR = (Tone.MUTED, Tone.MUTED, Tone.MUTED, Tone.ERROR, Tone.ERROR)
_PENDING = (Tone.MUTED, Tone.WARNING, Tone.WARNING, Tone.WARNING, Tone.WARNING)
