"""The glyphs of characters in a byte view: from its own font, or from whichever font of the system has them.

Most characters have one glyph in the view's font. What has not (a CJK character, an emoji, a mark that sits on
another character) is laid out once by Qt, which knows the other fonts, and kept.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtGui import QFont, QRawFont, QTextLayout

ELSEWHERE = -2
"""In place of a glyph's index: see `GlyphFont.placed`."""
NOTHING = -1
"""In place of a glyph's index: nothing is to be painted."""
_MOST = 4096  # characters that are kept
_LARGER = 1.25  # cells; glyphs up to this wide stay in one


class Placed(NamedTuple):
    """A glyph of another font. font: its number in `GlyphFont.fonts`. x, y: from the cell's left edge and baseline."""

    font: int
    glyph: int
    x: float
    y: float


class GlyphFont:
    """Glyphs for cells `cell` pixels wide. known: what `index` told of each character lately."""

    def __init__(self, font: QFont, cell: int) -> None:
        self.raw = QRawFont.fromFont(font)
        self.fonts: list[QRawFont] = []
        self._always: dict[str, int] = {"": NOTHING, " ": NOTHING}
        self.known = dict(self._always)
        self._font = font
        self._cell = cell
        self._placed: dict[tuple[str, bool], tuple[Placed, ...]] = {}
        self._numbers: dict[tuple[str, str, float], int] = {}

    def index(self, character: str) -> int:
        """The glyph of a character in the view's own font, `NOTHING` or `ELSEWHERE`."""
        return self.indexes(character)[0]

    def indexes(self, characters: Sequence[str]) -> list[int]:
        """The glyph of each of them."""
        missing = set(characters) - self.known.keys()
        if missing and len(self.known) > _MOST:
            self.known = dict(self._always)
            missing = set(characters)
        for character in missing - self.known.keys():
            self.known[character] = self._own(character)
        known = self.known
        return [known[character] for character in characters]

    def stand_in(self, character: str, other: str) -> None:
        """Paint `other`, which every font has, where the view's own font lacks a character."""
        index = self.raw.glyphIndexesForString(character)[0] or self.raw.glyphIndexesForString(other)[0]
        self._always[character] = self.known[character] = index

    def placed(self, character: str, wide: bool) -> tuple[Placed, ...]:
        """The glyphs of a character that stands `ELSEWHERE`, in the middle of one cell, or (wide) of two if it needs
        them, and made smaller where it needs more."""
        key = character, wide
        found = self._placed.get(key)
        if found is None:
            if len(self._placed) > _MOST:
                self._placed.clear()
            found = self._placed[key] = self._lay_out(character, wide, self._font)
        return found

    def _own(self, character: str) -> int:
        if len(character) > 1 or unicodedata.combining(character):
            return ELSEWHERE
        index = self.raw.glyphIndexesForString(character)[0]
        if not index or self.raw.advancesForGlyphIndexes([index])[0].x() > _LARGER * self._cell:
            return ELSEWHERE
        return index

    def _lay_out(self, character: str, wide: bool, font: QFont) -> tuple[Placed, ...]:
        layout = QTextLayout(character, font)
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        advance = line.naturalTextWidth()
        room = self._cell * (2 if wide and advance > _LARGER * self._cell else 1)
        if advance > _LARGER * room and font is self._font:
            smaller = QFont(font)
            smaller.setPointSizeF(font.pointSizeF() * room / advance)
            return self._lay_out(character, wide, smaller)
        x = (room - advance) / 2
        return tuple(
            Placed(self._number(run.rawFont()), index, x + place.x(), place.y() - line.ascent())
            for run in layout.glyphRuns()
            for index, place in zip(run.glyphIndexes(), run.positions(), strict=True)
        )

    def _number(self, raw: QRawFont) -> int:
        size = raw.pixelSize()
        # Where no font at all has a character, Qt paints a box; asked for the name of that font, it crashes.
        key = (raw.familyName(), raw.styleName(), size) if size > 0 else ("", "", size)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.fonts)
            self.fonts.append(raw)
        return found
