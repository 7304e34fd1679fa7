"""Paints the lines of a byte view: backgrounds first, then all characters of one colour in a single call.

Characters are placed as glyphs on the layout's grid, so columns line up whatever the font is, and a
screenful costs a handful of calls however often the direction changes in it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import chain, compress

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont

from explorer.ui.palettes import Colors
from explorer.ui.widgets.byte_colors import Ink, directions_of, ink_colors, inks_of
from explorer.ui.widgets.byte_glyphs import ELSEWHERE, GlyphFont
from explorer.ui.widgets.byte_grid import ByteGrid, Places
from explorer.ui.widgets.byte_gutter import Gutter, gutter_of
from explorer.ui.widgets.byte_layout import ByteLayout
from explorer.ui.widgets.byte_marks import MarkPainter, fill
from explorer.ui.widgets.byte_scene import Tie, Tone, View, VisibleRow
from explorer.wire.visible import visible

_HEX = "0123456789abcdef"
RECEIVED_ARROW, SENT_ARROW = "←", "→"
ARROW_SIZE = 1.4  # of the other characters
_SIGNS: dict[Tone, str] = {"received": RECEIVED_ARROW, "sent": SENT_ARROW, "error": "!", "muted": ""}
_STAND_INS = {RECEIVED_ARROW: "<", SENT_ARROW: ">", "·": ".", "▫": "?", "¤": "?", "–": "-", "…": "."}
"""For a font that lacks them."""
_ONLY = [bytes(value == ink for value in range(256)) for ink in range(len(Ink))]


class _Glyphs:
    """Glyphs to be painted in one colour, with their places."""

    __slots__ = ("indexes", "places")

    def __init__(self) -> None:
        self.indexes: list[int] = []
        self.places: list[QPointF] = []


class BytePainter:
    """Holds what depends on the font and the theme alone."""

    def __init__(self, font: QFont, colors: Colors) -> None:
        metrics = QFontMetricsF(font)
        widest = max(metrics.horizontalAdvance(character) for character in _HEX + "mW")
        usual = metrics.horizontalAdvance("0")
        # A fixed font has one advance; in any other one wide letters may overlap a little, digits not.
        self.cell = math.ceil(min(widest, 1.4 * usual))
        self.line = math.ceil(metrics.height()) + 2
        self.ascent = math.ceil(metrics.ascent()) + 1
        self._glyphs = GlyphFont(font, self.cell)
        for character, stand_in in _STAND_INS.items():
            self._glyphs.stand_in(character, stand_in)
        self._digits = dict(zip(_HEX, self._glyphs.indexes(_HEX), strict=True))
        self._hex = [(self._digits[_HEX[byte >> 4]], self._digits[_HEX[byte & 15]]) for byte in range(256)]
        space = self._glyphs.raw.glyphIndexesForString(" ")[0]
        self._text = [
            space if character == " " else self._glyphs.index(character) for character in visible(bytes(range(256)))
        ]
        self._run = QGlyphRun()
        self._run.setRawFont(self._glyphs.raw)
        self._arrows = QGlyphRun()
        larger = QRawFont(self._glyphs.raw)
        larger.setPixelSize(self._glyphs.raw.pixelSize() * ARROW_SIZE)
        self._arrows.setRawFont(larger)
        self._header, self._text_color = QColor(colors.window), QColor(colors.text)
        self._muted = QColor(colors.muted)
        self._sides = {True: QColor(colors.received), False: QColor(colors.sent)}
        tones = colors.received_text, colors.sent_text, colors.error, colors.muted
        self._tones = {tone: QColor(color) for tone, color in zip(_SIGNS, tones, strict=True)}
        self._inks = ink_colors(colors)
        self._marks = MarkPainter(colors)
        self._grid: ByteGrid | None = None

    def layout(self, per_row: int, size: int) -> ByteLayout:
        """For a stream of `size` bytes: offsets have as many digits as its end needs, at least 8."""
        return ByteLayout(self.cell, self.line, self.ascent, per_row, max(8, len(f"{size:x}")))

    # -- the line above the rows ------------------------------------------------------------------

    def paint_header(self, painter: QPainter, layout: ByteLayout, width: int) -> None:
        """Names of the columns, one line high, from y = 0; its background is `width` pixels wide at least."""
        painter.fillRect(0, 0, max(width, layout.width), layout.line, self._header)
        glyphs = _Glyphs()
        self._put(glyphs, "offset", layout.offset_x, layout.ascent)
        for column in range(layout.per_row):
            self._put(glyphs, f"{column:02x}", layout.hex_x[column], layout.ascent)
        self._put(glyphs, "text", layout.text_start, layout.ascent)
        self._draw(painter, glyphs, self._muted)

    # -- the rows ---------------------------------------------------------------------------------

    def paint(self, painter: QPainter, layout: ByteLayout, view: View) -> None:
        """The lines, the first at y = 0."""
        grid = self._grid_for(layout, len(view.rows))
        places = Places(grid, view.rows, view.window.start, view.window.stop)
        directions = directions_of(view.window)
        self._marks.paint_behind(painter, places, view, directions)
        self._marks.paint_edges(painter, grid, places, view)
        self._paint_gutter(painter, layout, gutter_of(places, view, directions))
        self._paint_offsets(painter, grid, view)
        self._paint_rules(painter, layout, view)
        self._paint_bytes(painter, places, view, directions)
        self._paint_cursor(painter, places, view)

    def _paint_gutter(self, painter: QPainter, layout: ByteLayout, gutter: Gutter) -> None:
        """Received stands in the left lane, sent in the right one."""
        for received, color in self._sides.items():
            x = layout.gutter_x if received else layout.sent_lane_x
            bars = [
                QRect(x, first * layout.line, layout.lane, (last - first + 1) * layout.line)
                for first, last in gutter.bars[received]
            ]
            fill(painter, bars, color)
            glyphs = _Glyphs()
            arrow = self._glyphs.index(RECEIVED_ARROW if received else SENT_ARROW)
            for row, found in gutter.arrows.items():
                if received in found:
                    x = layout.arrow_x + found.index(received) * layout.arrow
                    x = x if len(found) > 1 else x + layout.arrow // 2
                    glyphs.indexes.append(arrow)
                    glyphs.places.append(QPointF(x, _y(layout, row)))
            self._draw(painter, glyphs, color, self._arrows)

    def _paint_offsets(self, painter: QPainter, grid: ByteGrid, view: View) -> None:
        glyphs, digits = _Glyphs(), grid.layout.digits
        for line, row in enumerate(view.rows):
            if row.label is not None:
                text = f"{row.label:0{digits}x}"
                glyphs.indexes += [self._digits[digit] for digit in text]
                glyphs.places += grid.offset_glyphs[line * digits : line * digits + len(text)]
        self._draw(painter, glyphs, self._muted)

    def _paint_rules(self, painter: QPainter, layout: ByteLayout, view: View) -> None:
        """A line across, with a sentence on it. That of a message is thicker and has corners like its bytes."""
        tones: dict[Tone, list[tuple[int, VisibleRow]]] = defaultdict(list)
        for line, row in enumerate(view.rows):
            if row.rule:
                tones[row.tone].append((line, row))
        for tone, rules in tones.items():
            glyphs, signs, lines = _Glyphs(), _Glyphs(), list[QRect]()
            for line, row in rules:
                lines += self._rule_lines(layout, line, row)
                self._put(glyphs, row.rule, layout.hex_x[0], _y(layout, line))
                self._put(signs, _SIGNS[tone], layout.arrow_x + layout.arrow // 2, _y(layout, line))
            fill(painter, lines, self._tones[tone])
            self._draw(painter, glyphs, self._tones[tone])
            self._draw(painter, signs, self._tones[tone], self._arrows)

    def _rule_lines(self, layout: ByteLayout, line: int, row: VisibleRow) -> list[QRect]:
        top, middle = line * layout.line, line * layout.line + layout.line // 2
        thick = layout.corner if row.strong else 1
        end = layout.hex_x[0] + (len(row.rule) + 1) * layout.cell
        lines = [QRect(end, middle - thick // 2, max(layout.cell, layout.width - layout.cell - end), thick)]
        if row.strong:
            left = layout.hex_left[0] - layout.cell // 2
            lines += [QRect(left, middle - thick // 2, thick, top + layout.line - middle + thick // 2)]
            lines += [QRect(left, middle - thick // 2, layout.cell - layout.cell // 4, thick)]
        return lines

    def _paint_bytes(self, painter: QPainter, places: Places, view: View, directions: bytes) -> None:
        window = view.window
        first, last = places.start - window.start, places.stop - window.start
        data = window.data[first:last]
        pairs = [self._hex[byte] for byte in data]
        dash = (self._glyphs.index("-"),) * 2
        for start, stop in window.missing:
            begin, end = max(start, places.start) - places.start, min(stop, places.stop) - places.start
            if begin < end:
                pairs[begin:end] = [dash] * (end - begin)
        hexes = list(chain.from_iterable(pairs))
        inks, text_inks = (one[first:last] for one in inks_of(view, directions))
        if view.text is None:
            texts = [self._text[byte] for byte in data]
        else:
            texts = self._glyphs.indexes(view.text.characters[first:last])
            self._paint_elsewhere(painter, places, view, texts, text_inks)
            text_inks = bytes([Ink.NONE if glyph < 0 else ink for glyph, ink in zip(texts, text_inks, strict=True)])
        for ink in sorted({*inks, *text_inks} - {Ink.NONE}):
            shown, shown_text = inks.translate(_ONLY[ink]), text_inks.translate(_ONLY[ink])
            doubled = bytearray(2 * len(shown))
            doubled[::2] = doubled[1::2] = shown
            glyphs = _Glyphs()
            glyphs.indexes = [*compress(hexes, doubled), *compress(texts, shown_text)]
            glyphs.places = [*compress(places.hex_glyphs, doubled), *compress(places.text_glyphs, shown_text)]
            self._draw(painter, glyphs, self._inks[ink])

    def _paint_elsewhere(self, painter: QPainter, places: Places, view: View, glyphs: list[int], inks: bytes) -> None:
        """Characters whose glyphs other fonts have. One of several bytes may take two cells."""
        if view.text is None or ELSEWHERE not in glyphs:
            return
        first = places.start - view.window.start
        drawn: dict[tuple[int, int], _Glyphs] = defaultdict(_Glyphs)  # by font and ink
        ties = view.text.ties
        for at in [at for at, glyph in enumerate(glyphs) if glyph == ELSEWHERE]:
            behind = first + at + 1
            wide = behind < len(ties) and ties[behind] in (Tie.AMID, Tie.LAST) and ties[behind - 1] == Tie.FIRST
            place = places.text_glyphs[at]
            for glyph in self._glyphs.placed(view.text.characters[first + at], wide):
                found = drawn[glyph.font, inks[at]]
                found.indexes.append(glyph.glyph)
                found.places.append(QPointF(place.x() + glyph.x, place.y() + glyph.y))
        for (font, ink), found in drawn.items():
            run = QGlyphRun()
            run.setRawFont(self._glyphs.fonts[font])
            self._draw(painter, found, self._inks[ink], run)

    def _paint_cursor(self, painter: QPainter, places: Places, view: View) -> None:
        cursor = view.cursor
        if cursor is None or not places.start <= cursor < places.stop:
            return
        painter.setPen(self._text_color)
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
        """Our own words. A character that the font lacks is left out."""
        for place, index in enumerate(self._glyphs.indexes(text)):
            if index >= 0:
                glyphs.indexes.append(index)
                glyphs.places.append(QPointF(x + place * self.cell, y))

    def _draw(self, painter: QPainter, glyphs: _Glyphs, color: QColor, run: QGlyphRun | None = None) -> None:
        if glyphs.indexes:
            run = run or self._run
            run.setGlyphIndexes(glyphs.indexes)
            run.setPositions(glyphs.places)
            painter.setPen(color)
            painter.drawGlyphRun(QPointF(0, 0), run)


def _y(layout: ByteLayout, row: int) -> int:
    """The baseline of a row."""
    return row * layout.line + layout.ascent
