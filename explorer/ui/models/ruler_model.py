"""The chunk ruler as a table: every call or message with its bytes, and what carried them at the other end."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from explorer.capture.chunk_ruler import ChunkRuler
from explorer.capture.chunk_ruler_lanes import MessageLane, Range, rows_between
from explorer.capture.previews import as_text
from explorer.ui.models.log_model import Column, LogModel, Row, Tone
from explorer.ui.time_format import TimeStyle, format_time
from explorer.ui.widgets.ruler_words import MESSAGES, RECEIVED, SENT, SHORT_MISSING, describe, listed, words_of

PREVIEW = 60  # bytes of a range that its row shows
COLUMNS = (
    Column("No.", 13, tip="Calls and messages of this stream are counted from 1"),
    Column("From byte", 12, right=True, tip="Where its first byte stands in the stream, counted from 0"),
    Column("Bytes", 8, right=True),
    Column("Asked for", 9, right=True, tip="Of a recv the size of its buffer, of a send what it was given"),
    Column("Time", 12, tip="Since the call before, in this list"),
    Column("Sent by", 18, tip="The send calls that carried its bytes"),
    Column("Received by", 22, tip="The recv calls that carried its bytes, and what did not come"),
    Column("Messages", 18, tip="The messages that have bytes in it"),
    Column("Text", 26),
)
COLUMN_OF = {SENT: 5, RECEIVED: 6}
"""By lane, the column that tells of it, which is empty where that lane itself is listed."""
_TONES = {SENT: Tone.SENT, RECEIVED: Tone.RECEIVED, MESSAGES: Tone.TEXT}


class RulerModel(LogModel):
    """Shows one lane of a ruler; somebody else advances it. encoding: that of a socket's text."""

    def __init__(self, encoding: Callable[[int], str], parent: QObject | None = None) -> None:
        self._encoding = encoding
        self._ruler: ChunkRuler | None = None
        self._which = RECEIVED
        super().__init__(COLUMNS, parent)
        self._style = TimeStyle.SINCE_PREVIOUS

    @property
    def which(self) -> int:
        """The lane that is shown."""
        return self._which

    def show(self, ruler: ChunkRuler | None, which: int) -> None:
        """Another lane, or one of another ruler."""
        self._ruler, self._which = ruler, which
        self.start_over()

    def available(self) -> int:
        lane = self._ruler.lanes[self._which] if self._ruler is not None else None
        return lane.count if lane is not None else 0

    def make_rows(self, first: int, count: int) -> list[Row]:
        ruler = self._ruler
        lane = ruler.lanes[self._which] if ruler is not None else None
        if ruler is None or lane is None:
            return []
        ranges = lane.ranges(first, min(first + count, lane.count))
        before = ruler.reader.call(lane.range(first - 1).call).time if first and ranges else None
        rows = []
        for one in ranges:
            rows.append(self._row(ruler, one, before))
            before = ruler.reader.call(one.call).time
        return rows

    def _row(self, ruler: ChunkRuler, one: Range, before: int | None) -> Row:
        call, which = ruler.reader.call(one.call), self._which
        lane = ruler.lanes[which]
        message = lane.message(one.row) if isinstance(lane, MessageLane) else None
        settled = ruler.sent is None or ruler.received is None or one.stop <= ruler.received.stop
        cells = (
            f"{words_of(ruler, which)} {one.row + 1:,}",
            f"{one.start:,}",
            f"{one.size:,}",
            "" if message is not None else f"{call.asked:,}",
            format_time(self._style, call.time, ruler.reader.header.started, before),
            "" if which == SENT else self._carried(ruler, SENT, one),
            "" if which == RECEIVED else self._carried(ruler, RECEIVED, one),
            message.error if message is not None else self._carried(ruler, MESSAGES, one) if ruler.framed else "",
            self._text(ruler, one),
        )
        tones = (_TONES[which], Tone.MUTED, Tone.TEXT, Tone.MUTED, Tone.MUTED, Tone.SENT, Tone.RECEIVED)
        error = Tone.ERROR if one.error else Tone.TEXT
        tip = describe(ruler, which, one.row)
        return Row(one.row, cells, (*tones, error, Tone.TEXT), _TONES[which], tip, one.error, settled)

    def _carried(self, ruler: ChunkRuler, which: int, one: Range) -> str:
        """What of another lane has bytes of a range, and what is missing."""
        lane, parts = ruler.lanes[which], []
        if lane is None:
            return "not in this program" if which != MESSAGES else ""
        if rows := rows_between(lane, one.start, one.stop):
            parts.append(listed(words_of(ruler, which), rows))
        if which == RECEIVED:
            parts += [
                f"{min(gap.stop, one.stop) - max(gap.start, one.start):,} B {SHORT_MISSING[gap.why]}"
                for gap in ruler.missing(one.start, one.stop)
            ]
        return "; ".join(parts)

    def _text(self, ruler: ChunkRuler, one: Range) -> str:
        calls, reader = ruler.calls, ruler.reader
        lane = calls if self._which == MESSAGES else ruler.lanes[self._which]
        assert lane is not None
        stop, data = min(one.stop, one.start + PREVIEW), b""
        rows = rows_between(lane, one.start, stop)
        for piece in lane.ranges(rows.start, min(rows.stop, rows.start + PREVIEW)):
            first, last = max(piece.start, one.start), min(piece.stop, stop)
            data += reader.data(reader.call(piece.call).offset + first - piece.start, last - first)
        return as_text(data, self._encoding(reader.call(one.call).socket)) + ("…" if one.size > PREVIEW else "")
