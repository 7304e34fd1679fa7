"""Paints the bytes themselves into the lanes of the chunk ruler, each above the same byte in the lane below.

As text where a byte is as wide as a character, and as hex too where it is as wide as three.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGlyphRun, QPainter, QRawFont

from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_glyphs import ELSEWHERE, GlyphFont
from explorer.ui.widgets.ruler_layout import PAD
from explorer.ui.widgets.ruler_scale import Scale

_TEXT = [chr(byte) if 0x20 < byte < 0x7F else "·" for byte in range(256)]
for _byte in range(0x21):
    _TEXT[_byte] = chr(0x2400 + _byte)
_TEXT[0x20] = "␣"
_TEXT[0x7F] = "␡"
_HEX = [f"{byte:02x}" for byte in range(256)]
_LEAST = 0.98  # characters that a byte is wide where it is shown
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
        top = rect.bottom() - PAD - step * len(rows) if lines > 1 else rect.center().y() - step / 2
        plain: list[_Glyph] = []
        special: dict[int, list[_Glyph]] = defaultdict(list)
        for number, kind in enumerate(rows):
            base = top + number * step + self._ascent
            for start, data in texts:
                left = rect.left() + scale.x(start)
                if kind == "text":
                    self._put_text(plain, special, data, left, cell, base)
                else:
                    self._put_hex(plain, data, left, cell, base)
        self._draw(painter, plain, self._glyphs.raw, self._plain)
        for font, glyphs in special.items():
            raw = self._glyphs.raw if font < 0 else self._glyphs.fonts[font]
            self._draw(painter, glyphs, raw, self._special)

    def _put_text(
        self, plain: list[_Glyph], special: dict[int, list[_Glyph]], data: bytes, left: float, cell: float, base: float
    ) -> None:
        shown = [_TEXT[byte] for byte in data]
        inset = left + (cell - self.char) / 2
        for place, (byte, character, index) in enumerate(
            zip(data, shown, self._glyphs.indexes(shown), strict=True)
        ):  # fmt: skip
            x = inset + place * cell
            if index == ELSEWHERE:
                for one in self._glyphs.placed(character, False):
                    special[one.font].append((one.glyph, QPointF(x + one.x, base + one.y)))
            elif 0x20 < byte < 0x7F:
                plain.append((index, QPointF(x, base)))
            else:
                special[-1].append((index, QPointF(x, base)))

    def _put_hex(self, plain: list[_Glyph], data: bytes, left: float, cell: float, base: float) -> None:
        indexes = self._glyphs.indexes(list(chain.from_iterable(_HEX[byte] for byte in data)))
        inset = left + (cell - 2 * self.char) / 2
        for place, index in enumerate(indexes):
            byte, digit = divmod(place, 2)
            plain.append((index, QPointF(inset + byte * cell + digit * self.char, base)))

    def _draw(self, painter: QPainter, glyphs: Sequence[_Glyph], raw: QRawFont, color: QColor) -> None:
        if not glyphs:
            return
        run = QGlyphRun()
        run.setRawFont(raw)
        run.setGlyphIndexes([index for index, _ in glyphs])
        run.setPositions([place for _, place in glyphs])
        painter.setPen(color)
        painter.drawGlyphRun(QPointF(0, 0), run)
