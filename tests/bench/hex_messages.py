"""Painting of the byte view where calls or messages break its rows, and where borders of very many messages show.

Measured as in `hex_paint`: 60 rows at random places, the program's own caches cold, each place three times. A jump is
the whole way there: the place is worked out, selected and painted.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication

from explorer.bridge.garbage import GarbageCollection
from explorer.capture.catalog import Catalog
from explorer.capture.message_stream import MessageStream
from explorer.capture.messages import Messages, RawMessages, open_messages
from explorer.capture.raw_stream import RawStream
from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Scope, Stream
from explorer.capture.unit_rows import UnitArranger, per_call, per_message
from explorer.core.socket_spec import Choice
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_messages import WindowMessages
from explorer.ui.widgets.byte_view import ByteView, Draft
from explorer.ui.widgets.byte_window import EMPTY
from tests.bench.hex_paint import LIMIT, ROWS, TOTAL, make_capture
from tests.bench.row import Row

JUMP = 50.0  # milliseconds
PLACES = 50
RAW, TWO = Choice("raw"), Choice("fixed", {"size": 2})
ONE_OF_MANY = Scope(1, 7)


class Bench:
    """One capture under one view. mode: rows per call or per message; or borders and colours of messages."""

    def __init__(self, theme: Theme, folder: Path, scope: Scope, framing: Choice, mode: str) -> None:
        self.reader = Reader(folder)
        catalog = Catalog(self.reader)
        catalog.advance()
        self.messages: Messages = open_messages(self.reader, catalog, scope, framing)
        self.messages.advance()
        self.seen = WindowMessages()
        self.arranger: UnitArranger | None = None
        self.stream: Stream = ByteStream(self.reader, scope)
        if mode == "message":
            raw = self.messages if isinstance(self.messages, RawMessages) else None
            self.stream = RawStream(raw, scope) if raw else MessageStream(self.reader, self.messages)
        self.stream.advance()
        if isinstance(self.stream, MessageStream | RawStream):
            self.arranger = per_message(self.stream, 16)
        elif mode == "call" and isinstance(self.stream, ByteStream):
            self.arranger = per_call(self.stream, 16)
        if self.arranger is not None:
            self.arranger.advance()
        self.view = ByteView(theme)
        self.view.resize(900, (ROWS + 1) * self.view.layout_of_row.line + 4)
        self.view.show()
        self.view.set_stream(self.stream, self.arranger)
        if mode == "borders":
            self.seen.messages, self.seen.marks = self.messages, True
            self.view.composing.connect(self._decorate)

    def _decorate(self, draft: Draft) -> None:
        draft.view = self.seen.decorate(replace(draft.view, mode="message"))

    def forget(self) -> None:
        """As if nothing had been looked at before."""
        self.view._window = EMPTY
        for one in (self.stream, self.messages):
            if isinstance(one, ByteStream | RawMessages):
                one.index._cache.clear()
            elif isinstance(one, MessageStream):
                one._blocks.clear()
                one._parts.clear()
                one._kept = 0
        if (rows := getattr(self.messages, "_rows", None)) is not None:
            rows._pages.clear()
        if self.arranger is not None:
            self.arranger._cache.clear()

    def paint(self, place: int) -> float:
        """Milliseconds of one full paint at a place."""
        self.forget()
        self.view.show_offset(place)
        begin = time.perf_counter()
        self.view.viewport().repaint()
        return (time.perf_counter() - begin) * 1e3

    def jump(self, place: int) -> float:
        """Milliseconds from the wish to the picture."""
        self.forget()
        begin = time.perf_counter()
        self.view.select(place, place + 1)
        self.view.viewport().repaint()
        return (time.perf_counter() - begin) * 1e3

    def close(self) -> None:
        self.view.close()
        self.view.deleteLater()
        self.reader.close()


def rows() -> Iterator[Row]:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    GarbageCollection(app)  # as in the program
    theme = Theme("light")
    size = f"{TOTAL / 1e9:.0f} GB"
    captures = (
        (f"{size} in calls of 64 KiB", TOTAL, 65_536, Scope()),
        ("1,000,000 calls of 1 byte", 1_000_000, 1, Scope()),
        ("one of 1,000 connections", 64_000_000, 64, ONE_OF_MANY),
    )
    for mode in ("call", "message"):
        for name, total, call, scope in captures:
            yield from _measure(app, theme, f"rows per {mode}, {name}", total, call, scope, RAW, mode)
    two = 2_000_000
    yield from _measure(app, theme, "rows per message of 2 bytes", two, 65_536, Scope(), TWO, "message")
    for name, call in (("64 KiB", 65_536), ("1 byte", 1)):
        name = f"message borders, 1,000,000 of 2 B, calls of {name}"
        yield from _measure(app, theme, name, two, call, Scope(), TWO, "borders")
    name = "message borders, 2 B, 1,000 connections by turns"
    yield from _measure(app, theme, name, two, 1, Scope(), TWO, "borders", connections=1000)


def _measure(
    app: QApplication,
    theme: Theme,
    name: str,
    total: int,
    call: int,
    scope: Scope,
    framing: Choice,
    mode: str,
    connections: int = 1,
) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        make_capture(Path(folder), total, call, connections=1000 if scope.connection else connections)
        bench = Bench(theme, Path(folder), scope, framing, mode)
        app.processEvents()
        places = [random.randrange(bench.stream.size) for _ in range(PLACES)]
        painted = max(min(bench.paint(place) for _ in range(3)) for place in places)
        jumped = max(bench.jump(place) for place in places)
        bench.close()
        app.processEvents()
    yield Row(f"hex pane: {name}: paint", painted, "ms", f"<= {LIMIT:g}", painted <= LIMIT)
    yield Row(f"hex pane: {name}: jump", jumped, "ms", f"<= {JUMP:g}", jumped <= JUMP)


if __name__ == "__main__":
    for row in rows():
        print(row)
