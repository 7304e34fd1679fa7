"""Paints the bytes themselves into the lanes of the chunk ruler, each above the same byte in the lane below.

As text where a byte is as wide as a character, and as hex too where it is as wide as three.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont

from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_glyphs import GlyphFont
from explorer.ui.widgets.ruler_scale import Scale

_ESCAPES = {0x00: "\\0", 0x07: "\\a", 0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0B: "\\v", 0x0C: "\\f", 0x0D: "\\r"}
_SPACE, _OTHER = "␣", "·"  # the first from any font of the system
_HEX = [f"{byte:02x}" for byte in range(256)]
_LEAST = 0.98  # characters that a byte is wide where it is shown
_ESCAPE_LEAST = 1.9  # the same, for an escape
_HEX_LEAST = 2.6

_Glyph = tuple[int, QPointF]


class RulerBytes:
    """Glyphs go to the screen in one call for each font and colour."""

    def __init__(self, theme: Theme) -> None:
        self._font = QFont(theme.mono)
        metrics = QFontMetricsF(self._font)
        self.char = metrics.horizontalAdvance("0")
        self.height = metrics.height()
        self._ascent = metrics.ascent()
        self._glyphs = GlyphFont(self._font, max(1, round(self.char)))
        self._indexes = {byte: self._glyphs.index(chr(byte)) for byte in range(0x21, 0x7F)}
        self._dot = self._glyphs.index(_OTHER)
        self._space = next(iter(self._glyphs.placed(_SPACE, False)), None)
        self._plain, self._special = QColor(theme.colors.text), QColor(theme.colors.muted)

    def readable(self, scale: Scale) -> bool:
        """Whether bytes are wide enough to be shown."""
        return 1 / scale.per_pixel >= _LEAST * self.char

    def paint(
        self, painter: QPainter, rect: QRect, lines: int, scale: Scale, texts: Sequence[tuple[int, bytes]]
    ) -> None:
        """Into the lower lines of a lane."""
        cell = 1 / scale.per_pixel
        if not texts or not self.readable(scale):
            return
        as_hex = cell >= _HEX_LEAST * self.char
        rows = ["text", "hex"] if as_hex and lines >= 3 else ["hex"] if as_hex else ["text"]
        step = self.height
        label = step if lines > 1 else 0.0
        top = rect.top() + label + (rect.height() - label - step * len(rows)) / 2
        plain: list[_Glyph] = []
        special: list[_Glyph] = []
        spaces: list[QPointF] = []
        for number, kind in enumerate(rows):
            base = top + number * step + self._ascent
            for start, data in texts:
                left = rect.left() + scale.x(start)
                if kind == "text":
                    self._put_text(plain, special, data, left, cell, base)
                    inset = left + (cell - self.char) / 2
                    spaces += [QPointF(inset + at * cell, base) for at, byte in enumerate(data) if byte == 0x20]
                else:
                    self._put_hex(plain, data, left, cell, base)
        self._draw(painter, plain, self._plain, self._glyphs.raw)
        self._draw(painter, special, self._special, self._glyphs.raw)
        if self._space is not None and self._space.glyph:  # 0: no font has it; then a space is blank
            _, glyph, x, y = self._space
            moved = [(glyph, QPointF(place.x() + x, place.y() + y)) for place in spaces]
            self._draw(painter, moved, self._special, self._glyphs.fonts[self._space.font])

    def _put_text(
        self, plain: list[_Glyph], special: list[_Glyph], data: bytes, left: float, cell: float, base: float
    ) -> None:
        """Characters in the middle of their cells; what shows no character as an escape, or a dot."""
        escapes = _ESCAPES if cell >= _ESCAPE_LEAST * self.char else {}
        inset = left + (cell - self.char) / 2
        for place, byte in enumerate(data):
            x = inset + place * cell
            if 0x20 < byte < 0x7F:
                plain.append((self._indexes[byte], QPointF(x, base)))
            elif byte in escapes:
                for part, character in enumerate(escapes[byte]):
                    special.append((self._glyphs.index(character), QPointF(x + (part - 0.5) * self.char, base)))
            elif byte != 0x20:
                special.append((self._dot, QPointF(x, base)))

    def _put_hex(self, plain: list[_Glyph], data: bytes, left: float, cell: float, base: float) -> None:
        indexes = self._glyphs.indexes(list(chain.from_iterable(_HEX[byte] for byte in data)))
        inset = left + (cell - 2 * self.char) / 2
        for place, index in enumerate(indexes):
            byte, digit = divmod(place, 2)
            plain.append((index, QPointF(inset + byte * cell + digit * self.char, base)))

    def _draw(self, painter: QPainter, glyphs: Sequence[_Glyph], color: QColor, font: QRawFont) -> None:
        if not glyphs:
            return
        run = QGlyphRun()
        run.setRawFont(font)
        run.setGlyphIndexes([index for index, _ in glyphs])
        run.setPositions([place for _, place in glyphs])
        painter.setPen(color)
        painter.drawGlyphRun(QPointF(0, 0), run)
