"""Paints rows of a byte view: backgrounds first, then all characters of one colour in a single call.

Characters are placed as glyphs on the layout's grid, so columns line up whatever the font is, and a
screenful costs a handful of calls however often the direction changes in it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont

from explorer.capture.stream import Ranges
from explorer.ui.theme import Colors
from explorer.ui.widgets.byte_layout import ByteLayout, Side
from explorer.ui.widgets.byte_rows import RowMap
from explorer.ui.widgets.byte_window import ByteWindow
from explorer.wire.visible import visible

_HEX = "0123456789abcdef"
RECEIVED_ARROW, SENT_ARROW = "←", "→"
ARROW_SIZE = 1.4  # of the other characters
_HIT = {False: "#ffe28a", True: "#5c4b00"}  # behind what a search found, in light and in dark
_NOWHERE = (sys.maxsize, sys.maxsize)
_STAND_INS = {RECEIVED_ARROW: "<", SENT_ARROW: ">", "·": "."}


@dataclass(frozen=True, slots=True)
class View:
    """What is to be painted: rows `top` … `top` + `rows` - 1, whose bytes are in `window`.

    selection, hits: ranges of stream offsets; those of the selection ascend and stand apart. cursor: an offset, or
    None to show none.
    """

    top: int
    rows: int
    window: ByteWindow
    selection: Ranges
    cursor: int | None
    side: Side
    focused: bool
    hits: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Ink:
    """The colours, made once for a theme."""

    header: QColor
    text: QColor
    muted: QColor
    selection: QColor
    selected: QColor
    received: QColor
    sent: QColor
    received_text: QColor
    sent_text: QColor
    received_tint: QColor
    sent_tint: QColor
    error: QColor
    error_tint: QColor
    hit: QColor


class _Glyphs:
    """Glyphs to be painted in one colour, with their places."""

    __slots__ = ("indexes", "places")

    def __init__(self) -> None:
        self.indexes: list[int] = []
        self.places: list[QPointF] = []


class BytePainter:
    """Holds what depends on the font and the theme alone."""

    def __init__(self, font: QFont, colors: Colors) -> None:
        self._raw = QRawFont.fromFont(font)
        metrics = QFontMetricsF(font)
        known = dict(zip(map(chr, range(0x20, 0x7F)), self._indexes("".join(map(chr, range(0x20, 0x7F)))), strict=True))
        for character, stand_in in _STAND_INS.items():
            known[character] = self._indexes(character)[0] or known[stand_in]
        self._glyph = known
        self._hex = [(known[_HEX[byte >> 4]], known[_HEX[byte & 15]]) for byte in range(256)]
        self._text = [known[character] for character in visible(bytes(range(256)))]
        widest = max(metrics.horizontalAdvance(character) for character in _HEX + "mW")
        usual = metrics.horizontalAdvance("0")
        # A fixed font has one advance; in any other one wide letters may overlap a little, digits not.
        self.cell = math.ceil(min(widest, 1.4 * usual))
        self.line = math.ceil(metrics.height()) + 2
        self.ascent = math.ceil(metrics.ascent()) + 1
        self._run = QGlyphRun()
        self._run.setRawFont(self._raw)
        self._arrows = QGlyphRun()
        larger = QRawFont(self._raw)
        larger.setPixelSize(self._raw.pixelSize() * ARROW_SIZE)
        self._arrows.setRawFont(larger)
        self._ink = _ink(colors)
        self._grid_key: tuple[object, ...] = ()
        self._hex_places: list[QPointF] = []
        self._text_places: list[QPointF] = []
        self._hex_cells: list[QRect] = []
        self._text_cells: list[QRect] = []
        self._hex_ticks: list[QRect] = []
        self._text_ticks: list[QRect] = []

    def _indexes(self, text: str) -> list[int]:
        return list(self._raw.glyphIndexesForString(text))

    def layout(self, per_row: int, size: int) -> ByteLayout:
        """For a stream of `size` bytes: offsets have as many digits as its end needs, at least 8."""
        return ByteLayout(self.cell, self.line, self.ascent, per_row, max(8, len(f"{size:x}")))

    # -- the line above the rows ------------------------------------------------------------------

    def paint_header(self, painter: QPainter, layout: ByteLayout, width: int) -> None:
        """Names of the columns, one line high, from y = 0; its background is `width` pixels wide at least."""
        painter.fillRect(0, 0, max(width, layout.width), layout.line, self._ink.header)
        glyphs = _Glyphs()
        self._put(glyphs, "offset", layout.offset_x, layout.ascent)
        for column in range(layout.per_row):
            self._put(glyphs, f"{column:02x}", layout.hex_x[column], layout.ascent)
        self._put(glyphs, "text", layout.text_start, layout.ascent)
        self._draw(painter, glyphs, self._ink.muted)

    # -- the rows ---------------------------------------------------------------------------------

    def paint(self, painter: QPainter, layout: ByteLayout, rows: RowMap, view: View) -> None:
        """The rows, the first at y = 0."""
        self._paint_backgrounds(painter, layout, rows, view)
        self._paint_gutter(painter, layout, rows, view)
        self._paint_offsets(painter, layout, rows, view)
        self._paint_bytes(painter, layout, rows, view)
        self._paint_ticks(painter, layout, rows, view)
        self._paint_cursor(painter, layout, rows, view)

    def _paint_backgrounds(self, painter: QPainter, layout: ByteLayout, rows: RowMap, view: View) -> None:
        ink = self._ink
        tints: tuple[list[QRect], list[QRect]] = [], []
        self._make_grid(layout, view.rows)
        origin = rows.start(view.top)
        for start, stop, received, _ in view.window.runs:
            if stop - start == 1:  # there may be a thousand of them
                tints[received].append(self._hex_cells[start - origin])
                tints[received].append(self._text_cells[start - origin])
            else:
                tints[received].extend(_rects(layout, rows, view, start, stop))
        self._fill(painter, tints[True], ink.received_tint)
        self._fill(painter, tints[False], ink.sent_tint)
        for start, stop in view.window.missing:
            self._fill(painter, _rects(layout, rows, view, start, stop), ink.error_tint)
        marks = chain.from_iterable(_rects(layout, rows, view, start, stop) for start, stop in view.hits)
        self._fill(painter, list(marks), ink.hit)
        chosen = chain.from_iterable(_rects(layout, rows, view, start, stop) for start, stop in view.selection)
        self._fill(painter, list(chosen), ink.selection)

    def _paint_gutter(self, painter: QPainter, layout: ByteLayout, rows: RowMap, view: View) -> None:
        """Received stands in the left lane, sent in the right one; arrows where a run begins, and in the top row."""
        lanes: dict[bool, list[list[int]]] = {True: [], False: []}  # first and last rows of bars
        arrows: dict[int, list[bool]] = {}
        top, per_row = view.top, rows.per_row
        for run in view.window.runs:
            first, last = run.start // per_row - top, (run.stop - 1) // per_row - top
            lane = lanes[run.received]
            if lane and lane[-1][1] >= first - 1:
                lane[-1][1] = last
            else:
                lane.append([first, last])
            if run.begins or first == 0:
                found = arrows.setdefault(first, [])
                if run.received not in found:
                    found.append(run.received)
        for received in (True, False):
            color = self._ink.received if received else self._ink.sent
            x = layout.gutter_x if received else layout.sent_lane_x
            bars = [
                QRect(x, first * layout.line, layout.lane, (last - first + 1) * layout.line)
                for first, last in lanes[received]
            ]
            self._fill(painter, bars, color)
            glyphs = _Glyphs()
            character = RECEIVED_ARROW if received else SENT_ARROW
            for row, found in arrows.items():
                if received in found:
                    x = layout.arrow_x + found.index(received) * layout.arrow
                    self._put(glyphs, character, x if len(found) > 1 else x + layout.arrow // 2, _y(layout, row))
            self._draw(painter, glyphs, color, self._arrows)

    def _paint_offsets(self, painter: QPainter, layout: ByteLayout, rows: RowMap, view: View) -> None:
        glyphs = _Glyphs()
        for row in range(rows.row(max(0, view.window.stop - 1)) - view.top + 1 if view.window.data else 0):
            text = f"{rows.start(view.top + row):0{layout.digits}x}"
            self._put(glyphs, text, layout.offset_x, _y(layout, row))
        self._draw(painter, glyphs, self._ink.muted)

    def _paint_bytes(self, painter: QPainter, layout: ByteLayout, rows: RowMap, view: View) -> None:
        self._make_grid(layout, view.rows)
        window = view.window
        pairs = [self._hex[byte] for byte in window.data]
        dash = self._glyph["-"]
        for start, stop in window.missing:
            begin, end = max(start, window.start) - window.start, stop - window.start
            pairs[begin:end] = [(dash, dash)] * (end - begin)
        hexes = list(chain.from_iterable(pairs))
        texts = [self._text[byte] for byte in window.data]
        base = window.start - rows.start(view.top)  # the window's place in the grid
        colors = {False: self._ink.sent_text, True: self._ink.received_text, None: self._ink.selected}
        glyphs = {key: _Glyphs() for key in colors}
        for start, stop, key in colored(view):
            a, b = start - window.start, stop - window.start
            out = glyphs[key]
            out.indexes += hexes[2 * a : 2 * b]
            out.places += self._hex_places[2 * (a + base) : 2 * (b + base)]
            out.indexes += texts[a:b]
            out.places += self._text_places[a + base : b + base]
        for key, color in colors.items():
            self._draw(painter, glyphs[key], color)

    def _paint_ticks(self, painter: QPainter, layout: ByteLayout, rows: RowMap, view: View) -> None:
        """A thin edge where each call's bytes begin, in hex and in text."""
        self._make_grid(layout, view.rows)
        origin = rows.start(view.top)
        ticks = [self._hex_ticks[offset - origin] for offset in view.window.calls]
        ticks += [self._text_ticks[offset - origin] for offset in view.window.calls]
        self._fill(painter, ticks, self._ink.muted)

    def _paint_cursor(self, painter: QPainter, layout: ByteLayout, rows: RowMap, view: View) -> None:
        cursor = view.cursor
        if cursor is None or not view.window.start <= cursor < view.window.stop:
            return
        column, y = rows.column(cursor), (rows.row(cursor) - view.top) * layout.line
        painter.setPen(self._ink.text)
        for side in ("hex", "text"):
            x, width = layout.span(side, column, column + 1)
            painter.drawRect(x, y, width - 1, layout.line - 1)
            if view.focused and side == view.side:
                painter.drawRect(x - 1, y - 1, width + 1, layout.line + 1)

    # -- tools --------------------------------------------------------------------------------------

    def _make_grid(self, layout: ByteLayout, rows: int) -> None:
        """Places of every digit, character, background and tick, kept while the layout stays as it is."""
        key = (layout, rows)
        if key == self._grid_key:
            return
        self._grid_key = key
        hex_x = [layout.hex_x[column] + half for column in range(layout.per_row) for half in (0, layout.cell)]
        self._hex_places = [QPointF(x, _y(layout, row)) for row in range(rows) for x in hex_x]
        self._text_places = [QPointF(x, _y(layout, row)) for row in range(rows) for x in layout.text_x]
        tops, height = [row * layout.line for row in range(rows)], layout.line
        hexes = [layout.hex_span(column, column + 1) for column in range(layout.per_row)]
        self._hex_cells = [QRect(x, top, width, height) for top in tops for x, width in hexes]
        self._text_cells = [QRect(x, top, layout.cell, height) for top in tops for x in layout.text_x]
        tops, height = [top + 1 for top in tops], height - 2
        self._hex_ticks = [QRect(x, top, 1, height) for top in tops for x in layout.hex_left]
        self._text_ticks = [QRect(x, top, 1, height) for top in tops for x in layout.text_x]

    def _put(self, glyphs: _Glyphs, text: str, x: int, y: int) -> None:
        for place, character in enumerate(text):
            glyphs.indexes.append(self._glyph[character])
            glyphs.places.append(QPointF(x + place * self.cell, y))

    def _draw(self, painter: QPainter, glyphs: _Glyphs, color: QColor, run: QGlyphRun | None = None) -> None:
        if glyphs.indexes:
            run = run or self._run
            run.setGlyphIndexes(glyphs.indexes)
            run.setPositions(glyphs.places)
            painter.setPen(color)
            painter.drawGlyphRun(QPointF(0, 0), run)

    @staticmethod
    def _fill(painter: QPainter, rects: list[QRect], color: QColor) -> None:
        if rects:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRects(rects)
            painter.setBrush(Qt.BrushStyle.NoBrush)


def colored(view: View) -> Iterator[tuple[int, int, bool | None]]:
    """Runs cut at the ends of what is selected: (start, stop, received), None for what is selected."""
    chosen = iter(view.selection)
    low, high = next(chosen, _NOWHERE)
    for run in view.window.runs:
        at = run.start
        while low < run.stop:
            begin, end = max(at, low), min(run.stop, high)
            if at < begin:
                yield at, begin, run.received
            if begin < end:
                yield begin, end, None
                at = end
            if high > run.stop:
                break  # it goes on in the next run
            low, high = next(chosen, _NOWHERE)
        if at < run.stop:
            yield at, run.stop, run.received


def _rects(layout: ByteLayout, rows: RowMap, view: View, start: int, stop: int) -> list[QRect]:
    """The backgrounds of a range of bytes, as far as it is shown."""
    start, stop = max(start, view.window.start), min(stop, view.window.stop)
    if start >= stop:
        return []
    row, line = start // rows.per_row, layout.line
    if row == (stop - 1) // rows.per_row:  # the usual case where the direction changes often: keep it cheap
        first, size = start - row * rows.per_row, stop - start
        y, left = (row - view.top) * line, layout.hex_left[first]
        return [
            QRect(left, y, layout.hex_right[first + size - 1] - left, line),
            QRect(layout.text_x[first], y, size * layout.cell, line),
        ]
    found = []
    for block in rows.blocks(start, stop):
        y, height = (block.row - view.top) * line, block.rows * line
        for x, width in (layout.hex_span(block.first, block.last), layout.text_span(block.first, block.last)):
            found.append(QRect(x, y, width, height))
    return found


def _y(layout: ByteLayout, row: int) -> int:
    """The baseline of a row."""
    return row * layout.line + layout.ascent


def _ink(colors: Colors) -> _Ink:
    return _Ink(
        header=QColor(colors.window),
        text=QColor(colors.text),
        muted=QColor(colors.muted),
        selection=QColor(colors.accent),
        selected=QColor(colors.on_accent),
        received=QColor(colors.received),
        sent=QColor(colors.sent),
        received_text=QColor(colors.received_text),
        sent_text=QColor(colors.sent_text),
        received_tint=QColor(colors.received_tint),
        sent_tint=QColor(colors.sent_tint),
        error=QColor(colors.error),
        error_tint=QColor(colors.error_tint),
        hit=QColor(_HIT[colors.dark]),
    )
