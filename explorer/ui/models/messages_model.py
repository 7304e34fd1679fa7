"""Messages of a selection as table rows: number, time, connection, direction, size, preview; errors among them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from explorer.capture.catalog import Catalog
from explorer.capture.describe import who
from explorer.capture.message_spans import MessageRows, row_steps
from explorer.capture.messages import Message
from explorer.capture.previews import Shown, cut_text, preview_of
from explorer.capture.reader import Reader
from explorer.capture.span import Place, Span
from explorer.capture.steps import Work
from explorer.ui.models.log_model import Column, LogModel, Row, Tone
from explorer.ui.time_format import TimeStyle, format_time
from explorer.ui.units import count_text
from explorer.wire.visible import visible_text

COLUMNS = (
    Column("No.", 8, right=True),
    Column("Time", 15, tip="When its last byte came or went"),
    Column("Connection", 15, tip="The socket, and the peer's port"),
    Column("Direction", 11),
    Column(
        "Size",
        8,
        right=True,
        tip="Bytes of the message, without what frames it. A row’s tip has those on the wire.",
    ),
    Column("Preview", 28),
)
PREVIEW = 80  # bytes
LONG = (
    16_384  # bytes of a message from which on its preview is of its first bytes on the wire, if it is no piece of them
)
SHOWN = 24  # characters of a message that stand before the sentence that tells what is wrong with it


class MessagesModel(LogModel):
    """Shows what messages there are so far; somebody else advances them. encoding: that of a socket's text.

    LAYOUT: the columns. FRONT: bytes of a message that a row shows.
    """

    LAYOUT: tuple[Column, ...] = COLUMNS
    FRONT = PREVIEW

    def __init__(
        self, reader: Reader, catalog: Catalog, encoding: Callable[[int], str], parent: QObject | None = None
    ) -> None:
        self._encoding = encoding
        self._reader = reader
        self._catalog = catalog
        self._messages: MessageRows | None = None
        super().__init__(self.LAYOUT, parent)

    def show(self, reader: Reader, catalog: Catalog, messages: MessageRows | None) -> None:
        """Show other messages; None: there are none to show."""
        self._reader, self._catalog, self._messages = reader, catalog, messages
        self.start_over()

    def message(self, row: int) -> Message | None:
        """The message that a row shows."""
        if self._messages is None or not 0 <= row < self._messages.rows:
            return None
        return self._messages.message(row)

    def row_steps(self, span: Span) -> Work[list[range]]:
        """The rows of the messages that hold bytes of a span, in runs."""
        if self._messages is None:
            return []
        return (yield from row_steps(self._reader, self._messages, span))

    # -- rows -----------------------------------------------------------------------------------

    def available(self) -> int:
        """Only messages of calls that the catalog has reached: before that, whose they are is not known."""
        messages, known = self._messages, self._catalog.done
        if messages is None:
            return 0
        return messages.rows if messages.done <= known else messages.row_of(known)

    def make_rows(self, first: int, count: int) -> list[Row]:
        if self._messages is None:
            return []
        last = min(first + count, self._messages.rows)
        previous = None
        if first and self._style is TimeStyle.SINCE_PREVIOUS:
            previous = self._messages.message(first - 1).time
        rows = []
        for place in range(first, last):
            message = self._messages.message(place)
            rows.append(self._make_row(message, previous))
            previous = message.time
        return rows

    def _make_row(self, message: Message, previous: int | None) -> Row:
        when = format_time(self._style, message.time, self._reader.header.started, previous)
        whose = visible_text(who(self._reader.call(message.call), self._catalog))
        way = "← received" if message.received else "→ sent"
        number = f"{message.number + 1:,}"
        if message.error:
            size = f"{message.payload_size:,}" if message.whole else ""
            cells = (number, when, whose, way, size, f"✕ {self._said(message)}")
            return Row(message.number, cells, _ERROR, Tone.ERROR, self._error_tip(message), serious=True)
        shown = self._preview(message)
        cells = (number, when, whose, way, f"{message.payload_size:,}", shown.text)
        tones = _RECEIVED if message.received else _SENT
        mark = Tone.RECEIVED if message.received else Tone.SENT
        return Row(message.number, cells, tones, mark, _tip(message), settled=shown.settled)

    def _said(self, message: Message) -> str:
        """What is wrong, in the table: behind the message, where there is one all the same; else where it stands."""
        if message.whole and (text := self._preview(message).text):
            return f"“{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}” {message.error}"
        where = f"at byte {message.offset:,}: " if message.offset is not None else ""
        return f"{where}{message.error}"

    def _error_tip(self, message: Message) -> str:
        """What is wrong, and where: counted in what its connection received or sent, and in the call."""
        way = "received" if message.received else "sent"
        tip = message.error
        if message.whole:
            tip += f"\nThe message all the same: {_tip(message)}."
        elif message.size:
            tip += f"\nSkipped: {count_text(message.size, 'byte')} on the wire."
        if message.offset is not None:
            tip += f"\nIt begins at byte {message.offset:,} (0x{message.offset:X}) of what this connection {way}"
            tip += f", byte {message.skip:,} of call #{message.first_call:,}."
        return tip

    def _preview(self, message: Message) -> Shown:
        encoding = self._encoding(message.socket)
        assert self._messages is not None
        if message.size <= LONG or self._messages.is_piece(message):
            data = self._messages.payload(message, self.FRONT)
        else:
            call = self._reader.call(message.first_call)
            there = min(self.FRONT, call.size - message.skip)
            data = self._reader.data(call.offset + message.skip, max(0, there))
        if message.size == message.payload_size:  # nothing frames it: a piece of a stream, cut anywhere
            place = Place(message.first_call, message.skip)
            return preview_of(self._reader, place, data, message.size, encoding)
        return Shown(cut_text(data, encoding, cut=len(data) < message.payload_size))


def _tip(message: Message) -> str:
    tip = count_text(message.payload_size, "byte")
    if message.size != message.payload_size:
        tip += f", {message.size:,} on the wire"
    return f"{tip}, in more than one call" if message.first_call != message.call else tip


_RECEIVED = (Tone.MUTED, Tone.MUTED, Tone.TEXT, Tone.RECEIVED, Tone.TEXT, Tone.TEXT)
_SENT = (Tone.MUTED, Tone.MUTED, Tone.TEXT, Tone.SENT, Tone.TEXT, Tone.TEXT)
_ERROR = (Tone.MUTED, Tone.MUTED, Tone.TEXT, Tone.ERROR, Tone.ERROR, Tone.ERROR)
