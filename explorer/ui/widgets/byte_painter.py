"""Paints the lines of a byte view: backgrounds first, then all characters of one colour in a single call.

Characters are placed as glyphs on the layout's grid, so columns line up whatever the font is, and a
screenful costs a handful of calls however often the direction changes in it.
"""

from __future__ import annotations

import math
from itertools import chain, compress

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont

from explorer.ui.theme import Colors
from explorer.ui.widgets.byte_colors import Ink, ink_colors, inks_of
from explorer.ui.widgets.byte_grid import ByteGrid, Places
from explorer.ui.widgets.byte_layout import ByteLayout
from explorer.ui.widgets.byte_scene import View
from explorer.wire.visible import visible

_HEX = "0123456789abcdef"
RECEIVED_ARROW, SENT_ARROW = "←", "→"
ARROW_SIZE = 1.4  # of the other characters
_HIT = {False: "#ffe28a", True: "#5c4b00"}  # behind what a search found, in light and in dark
_STAND_INS = {RECEIVED_ARROW: "<", SENT_ARROW: ">", "·": "."}


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
        self._colors = {name: QColor(value) for name, value in _painted(colors).items()}
        self._inks = ink_colors(colors)
        self._hit = QColor(_HIT[colors.dark])
        self._grid: ByteGrid | None = None

    def _indexes(self, text: str) -> list[int]:
        return list(self._raw.glyphIndexesForString(text))

    def layout(self, per_row: int, size: int) -> ByteLayout:
        """For a stream of `size` bytes: offsets have as many digits as its end needs, at least 8."""
        return ByteLayout(self.cell, self.line, self.ascent, per_row, max(8, len(f"{size:x}")))

    # -- the line above the rows ------------------------------------------------------------------

    def paint_header(self, painter: QPainter, layout: ByteLayout, width: int) -> None:
        """Names of the columns, one line high, from y = 0; its background is `width` pixels wide at least."""
        painter.fillRect(0, 0, max(width, layout.width), layout.line, self._colors["window"])
        glyphs = _Glyphs()
        self._put(glyphs, "offset", layout.offset_x, layout.ascent)
        for column in range(layout.per_row):
            self._put(glyphs, f"{column:02x}", layout.hex_x[column], layout.ascent)
        self._put(glyphs, "text", layout.text_start, layout.ascent)
        self._draw(painter, glyphs, self._colors["muted"])

    # -- the rows ---------------------------------------------------------------------------------

    def paint(self, painter: QPainter, layout: ByteLayout, view: View) -> None:
        """The lines, the first at y = 0."""
        places = Places(self._grid_for(layout, len(view.rows)), view.rows, view.window.start, view.window.stop)
        self._paint_backgrounds(painter, places, view)
        self._paint_gutter(painter, layout, places, view)
        self._paint_offsets(painter, layout, view)
        self._paint_bytes(painter, places, view)
        self._paint_ticks(painter, places, view)
        self._paint_cursor(painter, places, view)

    def _paint_backgrounds(self, painter: QPainter, places: Places, view: View) -> None:
        tints: tuple[list[QRect], list[QRect]] = [], []
        for start, stop, received, _ in view.window.runs:
            tints[received].extend(places.rects(start, stop))
        self._fill(painter, tints[True], self._colors["received_tint"])
        self._fill(painter, tints[False], self._colors["sent_tint"])
        for ranges, color in (
            (view.window.missing, self._colors["error_tint"]),
            (view.hits, self._hit),
            (view.selection, self._colors["accent"]),
        ):
            self._fill(painter, [rect for start, stop in ranges for rect in places.rects(start, stop)], color)

    def _paint_gutter(self, painter: QPainter, layout: ByteLayout, places: Places, view: View) -> None:
        """Received stands in the left lane, sent in the right one; arrows where a run begins, and in the top row."""
        lanes: dict[bool, list[list[int]]] = {True: [], False: []}  # first and last lines of bars
        arrows: dict[int, list[bool]] = {}
        top = places.rows[0][0] if places.rows else 0
        for run in view.window.runs:
            begin, end = max(run.start, places.start), min(run.stop, places.stop)
            if begin >= end:
                continue
            first, last = places.line_of(begin), places.line_of(end - 1)
            lane = lanes[run.received]
            if lane and lane[-1][1] >= first - 1:
                lane[-1][1] = last
            else:
                lane.append([first, last])
            if run.begins or first == top:
                found = arrows.setdefault(first, [])
                if run.received not in found:
                    found.append(run.received)
        for received in (True, False):
            color = self._colors["received" if received else "sent"]
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

    def _paint_offsets(self, painter: QPainter, layout: ByteLayout, view: View) -> None:
        glyphs = _Glyphs()
        for line, row in enumerate(view.rows):
            if row.label is not None:
                self._put(glyphs, f"{row.label:0{layout.digits}x}", layout.offset_x, _y(layout, line))
        self._draw(painter, glyphs, self._colors["muted"])

    def _paint_bytes(self, painter: QPainter, places: Places, view: View) -> None:
        window = view.window
        first, last = places.start - window.start, places.stop - window.start
        data = window.data[first:last]
        pairs = [self._hex[byte] for byte in data]
        dash = self._glyph["-"]
        for start, stop in window.missing:
            begin, end = max(start, places.start) - places.start, min(stop, places.stop) - places.start
            if begin < end:
                pairs[begin:end] = [(dash, dash)] * (end - begin)
        hexes = list(chain.from_iterable(pairs))
        texts = [self._text[byte] for byte in data]
        inks = inks_of(view)[first:last]
        for ink in sorted(set(inks)):
            chosen = inks.translate(_ONLY[ink])
            doubled = bytearray(2 * len(chosen))
            doubled[::2] = doubled[1::2] = chosen
            glyphs = _Glyphs()
            glyphs.indexes = [*compress(hexes, doubled), *compress(texts, chosen)]
            glyphs.places = [*compress(places.hex_glyphs, doubled), *compress(places.text_glyphs, chosen)]
            self._draw(painter, glyphs, self._inks[Ink(ink)])

    def _paint_ticks(self, painter: QPainter, places: Places, view: View) -> None:
        """A thin edge where each call's bytes begin, in hex and in text."""
        if not view.call_marks:
            return
        start = places.start
        shown = [offset - start for offset in view.window.calls if start <= offset < places.stop]
        ticks = [places.hex_ticks[at] for at in shown] + [places.text_ticks[at] for at in shown]
        self._fill(painter, ticks, self._colors["muted"])

    def _paint_cursor(self, painter: QPainter, places: Places, view: View) -> None:
        cursor = view.cursor
        if cursor is None or not places.start <= cursor < places.stop:
            return
        painter.setPen(self._colors["text"])
        for side, cells in (("hex", places.hex_cells), ("text", places.text_cells)):
            cell = cells[cursor - places.start]
            painter.drawRect(cell.adjusted(0, 0, -1, -1))
            if view.focused and side == view.side:
                painter.drawRect(cell.adjusted(-1, -1, 0, 0))

    # -- tools --------------------------------------------------------------------------------------

    def _grid_for(self, layout: ByteLayout, rows: int) -> ByteGrid:
        """Kept while the layout stays as it is."""
        grid = self._grid
        if grid is None or grid.layout is not layout or grid.rows < rows:
            grid = self._grid = ByteGrid(layout, rows)
        return grid

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


_ONLY = [bytes(1 if value == ink else 0 for value in range(256)) for ink in range(len(Ink))]


def _painted(colors: Colors) -> dict[str, str]:
    names = ("window", "text", "muted", "accent", "received", "sent", "received_tint", "sent_tint", "error_tint")
    return {name: getattr(colors, name) for name in names}


def _y(layout: ByteLayout, row: int) -> int:
    """The baseline of a row."""
    return row * layout.line + layout.ascent
