"""What a search found as table rows: where each hit stands, and what stands around it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from explorer.capture.catalog import Catalog
from explorer.capture.describe import who
from explorer.capture.flow import read_back, read_on
from explorer.capture.previews import cut_text
from explorer.capture.reader import Reader
from explorer.capture.search import Hit, Search
from explorer.ui.models.log_model import Column, LogModel, Row, Tone
from explorer.ui.time_format import TimeStyle, format_time
from explorer.wire.characters import CONTEXT
from explorer.wire.visible import visible_text

BEFORE, FOUND, AFTER = 16, 64, 48  # bytes that are shown, at most
_LOOK = 128  # calls that are looked at for what stands around a hit

COLUMNS = (
    Column("No.", 7, right=True),
    Column("Before", 17, right=True, tip="What stands before it in the same connection and direction"),
    Column("Found", 14, roomy=20),
    Column("After", 17, tip="What stands behind it in the same connection and direction", roomy=24),
    Column("Direction", 11),
    Column("Place", 13, right=True, tip="The call that carries its first byte, and how far into the call that is"),
    Column("Size", 7, right=True, tip="Bytes of what was found"),
    Column("Connection", 15, tip="The socket, and the peer's port"),
    Column("Time", 15, tip="When its first byte came or went"),
)


class FoundModel(LogModel):
    """Shows the hits there are so far; somebody else advances the search. encoding: that of a socket's text."""

    def __init__(
        self, reader: Reader, catalog: Catalog, encoding: Callable[[int], str], parent: QObject | None = None
    ) -> None:
        self._encoding = encoding
        self._reader = reader
        self._catalog = catalog
        self._search: Search | None = None
        self._as_hex = False
        self._version = 0
        super().__init__(COLUMNS, parent)

    def show(self, reader: Reader, catalog: Catalog, search: Search | None, as_hex: bool) -> None:
        """Show another search; as_hex: what was found is written as hex."""
        self._reader, self._catalog, self._search, self._as_hex = reader, catalog, search, as_hex
        self._version = search.list.version if search is not None else 0
        self.start_over()

    def refresh(self) -> bool:
        """Begin again if rows came between others, or went. Whether that was so."""
        if self._search is None or self._search.list.version == self._version:
            return False
        self._version = self._search.list.version
        self.start_over()
        return True

    def hit(self, row: int) -> Hit | None:
        """What a row shows."""
        found = self._search.list.hits(row, row + 1) if self._search is not None else []
        return found[0] if found else None

    def available(self) -> int:
        return self._search.count if self._search is not None else 0

    def make_rows(self, first: int, count: int) -> list[Row]:
        if self._search is None:
            return []
        previous = None
        if first and self._style is TimeStyle.SINCE_PREVIOUS and (before := self.hit(first - 1)) is not None:
            previous = self._reader.call(before.first.call).time
        rows = []
        for number, hit in enumerate(self._search.list.hits(first, first + count), first):
            row, previous = self._make_row(number, hit, previous)
            rows.append(row)
        return rows

    def _make_row(self, number: int, hit: Hit, previous: int | None) -> tuple[Row, int]:
        """The row, and its time."""
        reader, call = self._reader, self._reader.call(hit.first.call)
        encoding = self._encoding(call.socket)
        earlier = read_back(reader, hit.first, BEFORE + CONTEXT, _LOOK)
        data = read_on(reader, hit.first, min(hit.size, FOUND), _LOOK)
        after = read_on(reader, hit.last, AFTER, _LOOK)
        found = data.hex(" ") if self._as_hex else cut_text(data, encoding, cut=hit.size > FOUND)
        cells = (
            f"{number + 1:,}",
            cut_text(earlier[-BEFORE:], encoding, earlier[:-BEFORE], cut=False),
            found if hit.size <= FOUND else found + "…",
            cut_text(after, encoding, data, cut=len(after) == AFTER),
            "← received" if hit.received else "→ sent",
            f"#{hit.first.call} + {hit.first.skip:,}",
            f"{hit.size:,}",
            visible_text(who(call, self._catalog)),
            format_time(self._style, call.time, reader.header.started, previous),
        )
        tip = f"{hit.size:,} bytes at byte {hit.first.skip:,} of call #{hit.first.call}"
        if hit.last.call != hit.first.call:
            tip += f", up to call #{hit.last.call}"
        tone, mark = (Tone.RECEIVED, Tone.RECEIVED) if hit.received else (Tone.SENT, Tone.SENT)
        muted, text = Tone.MUTED, Tone.TEXT
        return Row(number, cells, (muted, muted, tone, muted, tone, muted, muted, text, muted), mark, tip), call.time
