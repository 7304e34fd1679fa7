"""Painting of the byte view at random places of large captures: 60 rows, first paint after a jump, the
program's own caches cold.

Each place is painted three times, cold so each time, and the quickest counts: the others tell what else the machine
did. The number is that of the slowest place.

The captures are made of records and of sparse files, so 10 GB take a few megabytes of disk: bytes never
written read as zeros, which cost as much to paint as any others.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication

from explorer.capture.layout import RECORD, SEGMENT_BYTES, SEGMENT_RECORDS, VERSION, Header, bytes_file, calls_file
from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Scope
from explorer.core.calls import CallKind
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.byte_window import EMPTY
from tests.bench.row import Row

LIMIT = 8.0  # milliseconds
PLACES = 100
ROWS = 60
TOTAL = 10_000_000_000 if sys.platform == "linux" else 1_000_000_000  # bytes; not every file system is sparse


def rows() -> Iterator[Row]:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme("light")
    size = f"{TOTAL / 1e9:.0f} GB"
    yield _measure(app, theme, f"hex pane: paint anywhere, {size} in calls of 64 KiB", TOTAL, 65_536, Scope())
    yield _measure(app, theme, "hex pane: paint anywhere, 1,000,000 calls of 1 byte", 1_000_000, 1, Scope())
    yield _measure(app, theme, "hex pane: paint anywhere, one of 1,000 connections", 64_000_000, 64, Scope(1, 7))


def _measure(app: QApplication, theme: Theme, name: str, total: int, call: int, scope: Scope) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        make_capture(Path(folder), total, call, connections=1000 if scope.connection else 1)
        reader = Reader(Path(folder))
        stream = ByteStream(reader, scope)
        stream.index.advance()
        view = ByteView(theme)
        view.resize(900, (ROWS + 1) * view.layout_of_row.line + 4)
        view.show()
        view.set_stream(stream)
        app.processEvents()
        places = [random.randrange(stream.size) for _ in range(PLACES)]
        slowest = max(min(_paint_after_jump(view, stream, place) for _ in range(3)) for place in places)
        view.close()
        view.deleteLater()
        app.processEvents()
        reader.close()
    return Row(name, slowest, "ms", f"<= {LIMIT:g}", slowest <= LIMIT)


def _paint_after_jump(view: ByteView, stream: ByteStream, offset: int) -> float:
    """Milliseconds of one full paint at a place, as if nothing near it had been looked at before."""
    stream.index._cache.clear()
    view._window = EMPTY
    view.show_offset(offset)
    begin = time.perf_counter()
    view.viewport().repaint()
    return (time.perf_counter() - begin) * 1e3


def make_capture(folder: Path, total: int, call: int, connections: int) -> None:
    """A capture of `total` bytes in calls of `call` bytes, received and sent in turn, over sparse byte files."""
    Header(VERSION, 1, SEGMENT_BYTES, SEGMENT_RECORDS, "bench", closed=True).save(folder)
    in_segment = SEGMENT_BYTES // call
    kinds = int(CallKind.recv), int(CallKind.send)
    records = bytearray()
    part = 0
    count = total // call
    for number in range(count):
        segment, place = divmod(number, in_segment)
        records += RECORD.pack(
            number * 1000, segment * SEGMENT_BYTES + place * call, call, call, 1, 1 + number % connections, 0,
            kinds[number // connections % 2], 0, 0, 0, 0,
        )  # fmt: skip
        if len(records) == SEGMENT_RECORDS * RECORD.size or number == count - 1:
            calls_file(folder, part).write_bytes(records)
            records.clear()
            part += 1
    for segment in range(-(-count // in_segment)):
        with bytes_file(folder, segment).open("wb") as file:
            file.truncate(SEGMENT_BYTES)


if __name__ == "__main__":
    for row in rows():
        print(row)
