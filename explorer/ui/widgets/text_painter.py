"""Paints rows of a text view: backgrounds first, then the characters of a row in one call for each colour and font."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar

from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QPolygon, QRawFont

from explorer.capture.notes import COLORS
from explorer.capture.stream import Ranges
from explorer.ui.theme import Colors
from explorer.ui.widgets.byte_glyphs import ELSEWHERE, NOTHING, GlyphFont
from explorer.ui.widgets.byte_marks import fill
from explorer.ui.widgets.byte_scene import Highlight
from explorer.ui.widgets.text_rows import MOST_COLUMNS, Row

_ARROWS = {True: "←", False: "→"}
_ARROW_SIZE = 1.4  # of the other characters
_STAND_INS = {"←": "<", "→": ">", "…": ".", "\ufffd": "?", "◌": "o"}
# Few fonts have control pictures (U+2400 …): they are painted here, as two small letters one below the other.
_NAMES = "NUSHSXEXETEQAKBLBSHTLFVTFFCRSOSIDLD1D2D3D4NKSYEBCNEMSBECFSGSRSUS"
_PICTURES = {chr(0x2400 + code): _NAMES[2 * code : 2 * code + 2] for code in range(32)} | {"\u2421": "DT"}
_SMALL = 0.62  # of the other characters
_RAISED = 0.34  # the first of the two letters, of the ascent
_SMALL_FONT = -2
_MOST_KNOWN = 1 << 14  # characters that are kept

_Mark = TypeVar("_Mark", tuple[int, int], Highlight)


@dataclass(frozen=True, slots=True)
class TextScene:
    """What is to be painted. cursor: a position, None to show none. The marks are those of `byte_scene.View`."""

    rows: Sequence[Row]
    selection: Ranges
    hits: Ranges
    cursor: int | None
    focused: bool
    hit: Ranges = ()
    covered: Ranges = ()
    highlights: tuple[Highlight, ...] = ()


class _Glyphs:
    """Glyphs of one colour and font in a row, with their places."""

    __slots__ = ("indexes", "places")

    def __init__(self) -> None:
        self.indexes: list[int] = []
        self.places: list[QPointF] = []


class _Known(dict[str, int]):
    """The glyph of what is shown, in the view's own font; `ELSEWHERE` for all that is not one such glyph."""

    def __init__(self, glyphs: GlyphFont) -> None:
        super().__init__()
        self._glyphs = glyphs

    def __missing__(self, shown: str) -> int:
        if len(self) > _MOST_KNOWN:
            self.clear()
        found = self[shown] = self._glyphs.index(shown) if len(shown) == 1 else ELSEWHERE
        return found


class TextPainter:
    """Holds what depends on the font and the theme alone. cell, line: width of a column and height of a row, pixels.

    From left to right: the bar of what was received, the arrow, the bar of what was sent, a mark where a line goes
    on from the row above, the text from `text_x` on.
    """

    def __init__(self, font: QFont, colors: Colors) -> None:
        metrics = QFontMetricsF(font)
        widest = max(metrics.horizontalAdvance(character) for character in "mW0123456789")
        self.cell = math.ceil(min(widest, 1.4 * metrics.horizontalAdvance("0")))
        self.line = math.ceil(metrics.height()) + 2
        self.ascent = math.ceil(metrics.ascent()) + 1
        self.lane = max(3, self.cell // 2)
        self.received_x = self.cell // 2
        self.arrow_x = self.received_x + self.lane + self.cell // 2
        self.sent_x = self.arrow_x + 3 * self.cell // 2 + self.cell // 2
        self.goes_on_x = self.sent_x + self.lane + self.cell // 2
        self.text_x = self.goes_on_x + 3 * self.cell // 2
        self._glyphs = GlyphFont(font, self.cell)
        for character, other in _STAND_INS.items():
            self._glyphs.stand_in(character, other)
        self._ascii = {
            character: self._glyphs.raw.glyphIndexesForString(character)[0] for character in map(chr, range(0x20, 0x7F))
        }
        self._small = QRawFont(self._glyphs.raw)
        self._small.setPixelSize(self._small.pixelSize() * _SMALL)
        larger = QRawFont(self._glyphs.raw)
        larger.setPixelSize(larger.pixelSize() * _ARROW_SIZE)
        self._arrow_font = larger
        self._places = [QPointF(self.text_x + column * self.cell, 0) for column in range(MOST_COLUMNS + 16)]
        lower = self.cell * (1 - _SMALL)
        self._upper = [QPointF(place.x(), -_RAISED * self.ascent) for place in self._places]
        self._lower = [QPointF(place.x() + lower, 0) for place in self._places]
        self._pictures = {key: [self._ascii[letter] for letter in name] for key, name in _PICTURES.items()}
        self._known = _Known(self._glyphs)
        self._run = QGlyphRun()
        self._ink = {
            name: QColor(getattr(colors, name))
            for name in (
                "text", "muted", "border", "accent", "on_accent", "received", "sent",
                "received_text", "sent_text", "received_tint", "sent_tint", "hit", "hit_now", "on_hit_now",
            )
        }  # fmt: skip
        self._highlights = [QColor(color) for color in colors.highlights]
        self._edges = [QColor(color) for color in colors.highlight_marks]

    def columns(self, width: int) -> int:
        """Columns of text in a viewport `width` pixels wide; ends of line may stand beside them."""
        return max(1, (width - self.text_x) // self.cell - 3)

    def paint(self, painter: QPainter, scene: TextScene, width: int) -> None:
        """The rows, the first at y = 0; backgrounds reach up to x = `width`."""
        top = 0
        for row in scene.rows:
            self._paint_back(painter, row, scene, top, width)
            top += self.line
        self._paint_gutter(painter, scene.rows)
        top = 0
        for row in scene.rows:
            self._paint_text(painter, row, scene, top + self.ascent)
            self._paint_edges(painter, row, scene, top)
            top += self.line
        self._paint_cursor(painter, scene)

    def _paint_back(self, painter: QPainter, row: Row, scene: TextScene, top: int, width: int) -> None:
        ink, left = self._ink, self.text_x - self.cell // 2
        tint = ink["received_tint"] if row.received else ink["sent_tint"]
        painter.fillRect(left, top, max(0, width - left), self.line, tint)
        for mark in _in_row(row, scene.highlights):
            painter.fillRect(self.rect(row, mark.start, mark.stop, top), self._highlights[mark.color % COLORS])
        fill(painter, self._hit_rects(row, scene.hits, top), ink["hit"])
        for ranges, color in ((scene.selection, ink["accent"]), (scene.hit, ink["hit_now"])):
            for start, stop in _in_row(row, ranges):
                painter.fillRect(self.rect(row, start, stop, top), color)
        if row.begins and top:
            painter.fillRect(left, top, max(0, width - left), 1, ink["border"])

    def _paint_edges(self, painter: QPainter, row: Row, scene: TextScene, top: int) -> None:
        """Lines below what is highlighted, and what a value is made of; a square for a note; a frame for the hit."""
        for mark in _in_row(row, scene.highlights):
            box, color = self.rect(row, mark.start, mark.stop, top), self._edges[mark.color % COLORS]
            painter.fillRect(box.left(), box.bottom() - 1, box.width(), 2, color)
            if mark.note and mark.start >= row.start:
                side = max(4, self.line // 4)
                right = self.rect(row, mark.start, mark.start + 1, top).right()
                painter.fillRect(right - side + 1, top, side, side, color)
        painter.setPen(self._ink["text"])
        for start, stop in _in_row(row, scene.hit):
            painter.drawRect(self.rect(row, start, stop, top).adjusted(0, 0, -1, -1))
        for start, stop in _in_row(row, scene.covered):
            box = self.rect(row, start, stop, top)
            chosen = any(low <= start and stop <= high for low, high in scene.selection)
            ink = self._ink["on_accent" if chosen else "accent"]
            painter.fillRect(box.left(), box.bottom() - 2, box.width(), 3, ink)

    def _hit_rects(self, row: Row, ranges: Ranges, top: int) -> list[QRect]:
        """As `rect` for each; they are in order and do not overlap, and there may be one for every other byte."""
        first = bisect_right(ranges, row.start, key=itemgetter(1))
        last = bisect_left(ranges, row.stop, first, key=itemgetter(0))
        starts, columns, cell, left, line = row.starts, row.columns, self.cell, self.text_x, self.line
        rects = []
        for start, stop in ranges[first:last]:
            begin = columns[bisect_right(starts, start) - 1 if start > row.start else 0]
            end = columns[bisect_left(starts, stop) if stop < row.stop else -1]
            rects.append(QRect(left + begin * cell, top, max(2, (end - begin) * cell), line))
        return rects

    def rect(self, row: Row, start: int, stop: int, top: int) -> QRect:
        """The cells of the bytes `start` … `stop` - 1, as far as the row holds them."""
        first = row.columns[row.index(max(start, row.start))]
        last = row.columns[row.index(min(stop, row.stop) - 1) + 1]
        return QRect(self.text_x + first * self.cell, top, max(2, (last - first) * self.cell), self.line)

    def _paint_gutter(self, painter: QPainter, rows: Sequence[Row]) -> None:
        arrows: dict[bool, _Glyphs] = {True: _Glyphs(), False: _Glyphs()}
        painter.setPen(self._ink["muted"])
        for number, row in enumerate(rows):
            color = self._ink["received" if row.received else "sent"]
            top = number * self.line
            painter.fillRect(self.received_x if row.received else self.sent_x, top, self.lane, self.line, color)
            if row.begins or number == 0:
                found = arrows[row.received]
                found.indexes.append(self._glyphs.index(_ARROWS[row.received]))
                found.places.append(QPointF(self.arrow_x, top + self.ascent))
            if row.goes_on:
                x, middle, step = self.goes_on_x, top + self.line // 2, self.cell // 2
                painter.drawPolyline(QPolygon([QPoint(x, top + 3), QPoint(x, middle), QPoint(x + step, middle)]))
        for received, found in arrows.items():
            self._draw(painter, found, self._arrow_font, self._ink["received" if received else "sent"], 0)

    def _paint_text(self, painter: QPainter, row: Row, scene: TextScene, base: int) -> None:
        usual = self._ink["received_text" if row.received else "sent_text"]
        chosen = [(*one, self._ink["on_accent"].rgba()) for one in _in_row(row, scene.selection)]
        chosen += [(*one, self._ink["on_hit_now"].rgba()) for one in _in_row(row, scene.hit)]
        if isinstance(row.shown, str) and not chosen:  # printable ASCII, the usual case
            found = _Glyphs()
            ascii_glyphs = self._ascii
            found.indexes = [ascii_glyphs[character] for character in row.shown]
            found.places = self._places[: len(row.shown)]
            self._draw(painter, found, self._glyphs.raw, usual, base)
            return
        inks = [usual.rgba()] * len(row.shown)
        if row.special:
            muted = self._ink["muted"].rgba()
            inks = [muted if special else usual.rgba() for special in row.special]
        for start, stop, color in chosen:
            first, last = row.index(max(start, row.start)), row.index(min(stop, row.stop) - 1)
            inks[first : last + 1] = [color] * (last + 1 - first)
        for (color, font), found in self._spread(row, inks).items():
            own = self._small if font == _SMALL_FONT else self._glyphs.raw
            self._draw(painter, found, own if font < 0 else self._glyphs.fonts[font], QColor.fromRgba(color), base)

    def _spread(self, row: Row, inks: list[int]) -> dict[tuple[int, int], _Glyphs]:
        """The glyphs of a row by colour and font, which is -1 for the view's own. Rows of bytes that are no text have
        hundreds of stand-ins, so this counts."""
        spread: defaultdict[tuple[int, int], _Glyphs] = defaultdict(_Glyphs)
        columns, known, places = row.columns, self._known, self._places
        for color in set(inks):
            own, small = _Glyphs(), _Glyphs()
            for number, shown in enumerate(row.shown):
                if inks[number] != color:
                    continue
                column = columns[number]
                picture = self._pictures.get(shown)
                if picture is not None:
                    small.indexes += picture
                    small.places.append(self._upper[column])
                    small.places.append(self._lower[column])
                elif (glyph := known[shown]) >= 0:
                    own.indexes.append(glyph)
                    own.places.append(places[column])
                else:
                    self._put_other(spread, own, color, row, number)
            spread[color, -1], spread[color, _SMALL_FONT] = own, small
        return spread

    def _put_other(
        self, spread: dict[tuple[int, int], _Glyphs], own: _Glyphs, color: int, row: Row, number: int
    ) -> None:
        """A stand-in of several letters, or a character that the view's own font lacks."""
        shown, column = row.shown[number], row.columns[number]
        width = row.columns[number + 1] - column
        if width == 0 and number:  # a mark sits on the character before
            column = row.columns[number - 1]
        for step, letter in enumerate(shown if row.special and row.special[number] else (shown,)):
            glyph = self._glyphs.index(letter)
            if glyph >= 0:
                own.indexes.append(glyph)
                own.places.append(self._places[min(column + step, len(self._places) - 1)])
            elif glyph != NOTHING:
                for placed in self._glyphs.placed(letter, width > 1):
                    x = self.text_x + (column + step) * self.cell + placed.x
                    other = spread[color, placed.font]
                    other.indexes.append(placed.glyph)
                    other.places.append(QPointF(x, placed.y))

    def _paint_cursor(self, painter: QPainter, scene: TextScene) -> None:
        if scene.cursor is None:
            return
        for number, row in enumerate(scene.rows):
            if row.start <= scene.cursor < row.stop:
                box = self.rect(row, *row.bytes_of(row.index(scene.cursor)), number * self.line)
                painter.setPen(self._ink["text"])
                painter.drawRect(box.adjusted(0, 0, -1, -1))
                if scene.focused:
                    painter.drawRect(box.adjusted(-1, -1, 0, 0))

    def _draw(self, painter: QPainter, glyphs: _Glyphs, font: QRawFont, color: QColor, base: int) -> None:
        if glyphs.indexes:
            self._run.setRawFont(font)
            self._run.setGlyphIndexes(glyphs.indexes)
            self._run.setPositions(glyphs.places)
            painter.setPen(color)
            painter.drawGlyphRun(QPointF(0, base), self._run)


def _in_row(row: Row, marks: Sequence[_Mark]) -> list[_Mark]:
    """Those of these ranges, or highlights, that reach into a row."""
    return [mark for mark in marks if mark[0] < row.stop and row.start < mark[1]]
