"""The rows of a byte view as a plain table: offset, direction, hex and text, one cell each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from explorer.capture.arrangement import Arrangement, RowMap, Rule
from explorer.capture.stream import Stream
from explorer.ui.models.log_model import Column, LogModel, Row, Tone
from explorer.ui.widgets.byte_window import ByteWindow, load_window
from explorer.wire.visible import visible

COLUMNS = (
    Column("Offset", 10, right=True, tip="Of the row's first byte, in hexadecimal"),
    Column("Direction", 11),
    Column("Hex", 50, roomy=50),
    Column("Text", 18),
)
_ARROWS = {True: "← received", False: "→ sent"}


class ByteRowsModel(LogModel):
    """Shows what an arrangement says of a stream.

    say: what a rule says, as a sentence.
    """

    def __init__(self, say: Callable[[Rule], str], parent: QObject | None = None) -> None:
        self._say = say
        self._stream: Stream | None = None
        self._rows: Arrangement = RowMap(0, 16)
        super().__init__(COLUMNS, parent)

    @property
    def arrangement(self) -> Arrangement:
        return self._rows

    def show(self, stream: Stream | None, rows: Arrangement) -> None:
        """Other rows altogether."""
        self._stream, self._rows = stream, rows
        self.start_over()

    def show_more(self, rows: Arrangement) -> None:
        """The same rows and further ones; the last row of before may have grown. `grow` announces them."""
        if rows.size != self._rows.size or rows.count != self._rows.count:
            self._made.pop(self._rows.count - 1, None)
            self._rows = rows

    def available(self) -> int:
        return self._rows.count

    def make_rows(self, first: int, count: int) -> list[Row]:
        last = min(first + count, self._rows.count)
        if self._stream is None or first >= last:
            return []
        lines = [self._rows.line(row) for row in range(first, last)]
        window = load_window(self._stream, lines[0].start, lines[-1].stop)
        made = []
        for row, line in enumerate(lines, first):
            rule = self._rows.rule(row)
            if rule is not None:
                made.append(self._rule(row, rule))
            else:
                made.append(_bytes(row, line.label or 0, window, line.start, line.stop))
        return made

    def _rule(self, row: int, rule: Rule) -> Row:
        said = self._say(rule)
        return Row(row, ("", "", said, ""), (Tone.MUTED,) * len(COLUMNS), None, said)


def _bytes(row: int, label: int, window: ByteWindow, start: int, stop: int) -> Row:
    data = window.data[start - window.start : stop - window.start]
    ways = []
    for run in window.runs:
        if run.start < stop and start < run.stop and run.received not in ways:
            ways.append(run.received)
    way = ", ".join(_ARROWS[one] for one in ways)
    tone = Tone.RECEIVED if ways == [True] else Tone.SENT if ways == [False] else Tone.TEXT
    missing = any(low < stop and start < high for low, high in window.missing)
    tip = "Some of these bytes are missing from the damaged capture; zeros stand in." if missing else ""
    cells = (f"{label:08x}", way, data.hex(" "), visible(data))
    return Row(row, cells, (Tone.MUTED, tone, Tone.TEXT, Tone.TEXT), tone, tip, missing)
