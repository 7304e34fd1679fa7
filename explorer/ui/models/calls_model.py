"""The calls of a selection as table rows: time, who, by what, call, result, bytes, preview."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from explorer.capture.block_index import BlockIndex
from explorer.capture.call_spans import call_row_steps
from explorer.capture.catalog import ENGINE, Catalog
from explorer.capture.describe import CallText, describe, preview_as
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.steps import Work
from explorer.core.calls import PAYLOAD, Call, CallFlag, CallKind
from explorer.core.failure import Failure
from explorer.ui.models.log_model import Column, LogModel, Row, Tone
from explorer.ui.time_format import TimeStyle, format_time

COLUMNS = (
    Column("Time", 15, tip="When the call returned"),
    Column("Who", 15, tip="The socket, and the peer's port", roomy=18),
    Column("By", 13, tip="The thread, coroutine or process that made the call"),
    Column("Call", 26, tip="← received   → sent   ✕ failed", roomy=34),
    Column("Result", 15, roomy=22),
    Column("Bytes", 8, right=True),
    Column("Preview", 28),
)
BY = 2  # a column that is shown where not the engine alone makes calls
MOST_FAILURES = 10_000  # sentences kept; the newest


class CallsModel(LogModel):
    """Shows what a `BlockIndex` has found; somebody else advances it. encoding: that of a socket's text."""

    def __init__(
        self, reader: Reader, catalog: Catalog, encoding: Callable[[int], str], parent: QObject | None = None
    ) -> None:
        self._encoding = encoding
        self._index: BlockIndex | None = None
        self._failures: dict[int, Failure] = {}
        self._reader = reader
        self._catalog = catalog
        super().__init__(COLUMNS, parent)
        self._explained = QTimer(self)  # very many calls may fail at once: their rows are written anew once
        self._explained.setSingleShot(True)
        self._explained.setInterval(0)
        self._explained.timeout.connect(self.repaint)

    @property
    def found(self) -> BlockIndex | None:
        """The index that is shown."""
        return self._index

    def show(self, reader: Reader, catalog: Catalog, index: BlockIndex) -> None:
        """Show other calls."""
        self._reader, self._catalog, self._index = reader, catalog, index
        self.start_over()

    def explain(self, number: int, failure: Failure) -> None:
        """Why call `number` failed, in words."""
        self._failures[number] = failure
        if len(self._failures) > MOST_FAILURES:
            del self._failures[next(iter(self._failures))]
        self._explained.start()

    def forget_failures(self) -> None:
        """The capture is another one."""
        self._failures.clear()

    def number(self, row: int) -> int | None:
        """The call that a row shows."""
        if self._index is None or not 0 <= row < self._index.rows:
            return None
        return self._index.number(row)

    def row_steps(self, span: Span) -> Work[list[range]]:
        """The rows of the calls that a span is about, in runs; only its own where it is of one connection."""
        if self._index is None:
            return []
        return (yield from call_row_steps(self._index, span))

    # -- rows -----------------------------------------------------------------------------------

    def available(self) -> int:
        """Only calls that the catalog has reached: before that, who made them is not known."""
        index, known = self._index, self._catalog.done
        if index is None:
            return 0
        return index.rows if index.done <= known else index.row(known)

    def make_rows(self, first: int, count: int) -> list[Row]:
        if self._index is None:
            return []
        before = 1 if first and self._style is TimeStyle.SINCE_PREVIOUS else 0
        calls = self._calls(self._index.numbers(first - before, count + before))
        previous = calls.pop(0).time if before and calls else None
        rows = []
        for call in calls:
            rows.append(self._make_row(call, previous))
            previous = call.time
        return rows

    def _calls(self, numbers: list[int]) -> list[Call]:
        """Those that stand together in one go: single looks wait for other threads too often."""
        if numbers and numbers[-1] - numbers[0] == len(numbers) - 1:
            return list(self._reader.calls(numbers[0], numbers[-1] + 1))
        return [self._reader.call(number) for number in numbers]

    def _make_row(self, call: Call, previous: int | None) -> Row:
        detail = self._reader.detail(call)
        text = describe(call, detail, self._catalog)
        when = format_time(self._style, call.time, self._reader.header.started, previous)
        if text.failed:
            return self._failed_row(call, when, text, str(detail.get("meaning", "")))
        if call.kind is CallKind.note:
            whose = text.who if call.socket else ""
            return Row(
                call.number, (when, whose, "", f"• {text.call}", "", "", ""), _NOTE, None, text.call, runs_on=True
            )
        carries = call.kind in PAYLOAD
        arrow = "← " if call.received else "→ " if call.sent else "  "
        size = f"{call.size:,}" if carries else ""
        shown = preview_as(self._reader, call, self._encoding(call.socket))
        tip = f"{text.call} → {text.result}" if text.result else text.call
        tones = _RECEIVED if call.received else _SENT if call.sent else _OTHER
        if call.flags & CallFlag.CUT:
            tones, tip = _CUT, f"{text.result}. Choose a larger buffer size to receive whole datagrams."
        mark = Tone.RECEIVED if call.received else Tone.SENT if call.sent else None
        return Row(
            call.number, (when, text.who, self._by(call), arrow + text.call, text.result, size, shown.text),
            tones, mark, tip, settled=shown.settled, runs_on=call.kind is CallKind.worker,
        )  # fmt: skip

    def _by(self, call: Call) -> str:
        """Who made it: sockets are opened and listen on the engine's thread, whoever serves their clients."""
        if call.connection:
            connection = self._catalog.connection(call.connection)
            return connection.worker.name if connection else ""
        socket = self._catalog.socket(call.socket) if call.kind is CallKind.accept else None
        return socket.worker.name if socket else ENGINE.name

    def _failed_row(self, call: Call, when: str, text: CallText, recorded: str) -> Row:
        """recorded: the sentence that stands in the capture; what the engine told live may say more."""
        failure = self._failures.get(call.number)
        sentence = failure.sentence if failure else recorded
        tip = f"{text.call} failed: {text.result}. {sentence}".strip()
        texts = (when, text.who, self._by(call), "✕ " + text.call, text.result, "", sentence)
        return Row(call.number, texts, _FAILED, Tone.ERROR, tip, True)


_OTHER = (Tone.MUTED, Tone.TEXT, Tone.MUTED, Tone.TEXT, Tone.TEXT, Tone.TEXT, Tone.TEXT)
_NOTE = (Tone.MUTED, Tone.TEXT, Tone.MUTED, Tone.WARNING, Tone.TEXT, Tone.TEXT, Tone.TEXT)
_RECEIVED = (Tone.MUTED, Tone.TEXT, Tone.MUTED, Tone.RECEIVED, Tone.TEXT, Tone.TEXT, Tone.TEXT)
_SENT = (Tone.MUTED, Tone.TEXT, Tone.MUTED, Tone.SENT, Tone.TEXT, Tone.TEXT, Tone.TEXT)
_CUT = (Tone.MUTED, Tone.TEXT, Tone.MUTED, Tone.RECEIVED, Tone.WARNING, Tone.TEXT, Tone.TEXT)
_FAILED = (Tone.MUTED, Tone.TEXT, Tone.MUTED, Tone.ERROR, Tone.ERROR, Tone.TEXT, Tone.ERROR)
