"""Painting of the byte view at random places of large captures: 60 rows, first paint after a jump, the
program's own caches cold.

Each place is painted three times, cold so each time, and the quickest counts: the others tell what else the machine
did. The number is that of the slowest place.

The painter alone is measured with the fullest screens there can be: 60 lines of 32 bytes, a call and a change of
direction at each byte, 1,000 hits; all colours; a rule on every other line; text of several bytes a character.

The captures are made of records and of sparse files, so 10 GB take a few megabytes of disk: bytes never
written read as zeros, which cost as much to paint as any others.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from explorer.capture.layout import RECORD, SEGMENT_BYTES, SEGMENT_RECORDS, VERSION, Header, bytes_file, calls_file
from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_painter import BytePainter
from explorer.ui.widgets.byte_scene import ColorMode, MessagePart, View, VisibleRow, continuous_rows
from explorer.ui.widgets.byte_text import StreamText
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.byte_window import EMPTY, ByteWindow, Run, load_window
from tests.bench.row import Row

LIMIT = 8.0  # milliseconds
FULL = 4.0  # milliseconds, for the fullest screen
COLOR_MODES: tuple[ColorMode, ...] = ("direction", "class", "message")
RULE = "recv #12 · 1 of 1024 B · +4.1 ms"
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
    yield from _full_screens(theme)


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


def _full_screens(theme: Theme) -> Iterator[Row]:
    per_row = 32
    size = ROWS * per_row
    data = random.Random(1).randbytes(size // 2) + bytes(size // 2)
    lines = continuous_rows(0, size, per_row)
    small = ByteWindow(
        0, data, tuple(Run(at, at + 1, at % 2 == 0, True) for at in range(size)), tuple(range(size))
    )  # fmt: skip
    view = View(
        lines,
        small,
        hits=tuple((at, at + 1) for at in range(0, size, 2))[:1000],
        messages=tuple(MessagePart(at, at + 3, at // 3) for at in range(0, size, 3)),
    )
    for mode in COLOR_MODES:
        yield _paint_row(theme, f"hex pane: fullest screen, coloured by {mode}", replace(view, mode=mode), per_row)
    ruled = tuple(
        line
        for at in range(ROWS // 2)
        for line in (VisibleRow(at, at, None, RULE, "received", at % 2 == 0), VisibleRow(at, at + 1, at))
    )
    window = ByteWindow(0, data[: ROWS // 2], small.runs[: ROWS // 2], small.calls[: ROWS // 2])
    yield _paint_row(theme, "hex pane: a rule for every call of 1 byte", View(ruled, window), per_row)
    yield from _text_rows(theme, lines, per_row)


def _text_rows(theme: Theme, lines: tuple[VisibleRow, ...], per_row: int) -> Iterator[Row]:
    """Decoding a screen of text that was received in calls of one byte, and painting it."""
    size = ROWS * per_row
    data = ("漢字カナабвгдё" * size).encode()[:size]
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder) / "c")
        for at in range(size):
            room = writer.room(1)
            assert room is not None
            room[:] = data[at : at + 1]
            writer.add(CallKind.recv, 1, 1, size=1, asked=1)
        stream = ByteStream(Reader.of(writer), Scope())
        stream.index.advance()
        window = load_window(stream, 0, size)
        taken = []
        for _ in range(5):
            begin = time.perf_counter()
            text = StreamText(stream.reader, "utf-8").of(window)
            taken.append((time.perf_counter() - begin) * 1e3)
        name = "hex pane: UTF-8 of several bytes a character"
        yield Row(f"{name}, decoded", min(taken), "ms", f"<= {FULL:g}", min(taken) <= FULL)
        yield _paint_row(theme, f"{name}, painted", View(lines, window, text=text), per_row)
        stream.reader.close()
        writer.close()


def _paint_row(theme: Theme, name: str, view: View, per_row: int) -> Row:
    painter = BytePainter(theme.mono, theme.colors)
    layout = painter.layout(per_row, 1 << 30)
    image = QImage(layout.width, len(view.rows) * layout.line, QImage.Format.Format_ARGB32_Premultiplied)
    taken = []
    for _ in range(15):
        canvas = QPainter(image)
        begin = time.perf_counter()
        painter.paint(canvas, layout, view)
        taken.append((time.perf_counter() - begin) * 1e3)
        canvas.end()
    return Row(name, min(taken), "ms", f"<= {FULL:g}", min(taken) <= FULL)


def make_capture(folder: Path, total: int, call: int, connections: int) -> None:
    """A capture of `total` bytes in calls of `call` bytes, received and sent in turn, over sparse byte files."""
    folder.mkdir(exist_ok=True)
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
