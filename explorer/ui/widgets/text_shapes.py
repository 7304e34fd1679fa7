"""What is painted for each character of a text view, how wide it is in columns, and where a row is full. No Qt."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from explorer.wire.characters import UNFINISHED
from explorer.wire.visible import Style, visible_text

TAB = 8
"""Columns between tab stops."""
WAITS = "…"
"""Stands for bytes of a character that is completed later, by another read."""
BROKEN = "\ufffd"
"""Stands for a byte that is no text."""
CARRIER = "◌"
"""What a combining mark sits on that has no character before it."""


class Shape(NamedTuple):
    """What is painted for a character. width: columns; special: it is a stand-in."""

    shown: str
    width: int
    special: bool


RowShape = tuple[int, int, Sequence[str], Sequence[int], bytes | None]
"""First and last character (exclusive), what is shown, where it stands, and which are stand-ins."""


class Shapes:
    """One style of showing control characters. Shapes of characters are kept."""

    def __init__(self, style: Style) -> None:
        self._style: Style = style
        self._known: dict[str, Shape] = {}

    @staticmethod
    @lru_cache
    def of(style: Style) -> Shapes:
        return Shapes(style)

    def shape(self, character: str) -> Shape:
        found = self._known.get(character)
        if found is None:
            found = self._find(character)
            if len(self._known) > 1 << 16:
                self._known.clear()
            self._known[character] = found
        return found

    def _find(self, character: str) -> Shape:
        if character == UNFINISHED:
            return Shape(WAITS, 1, True)
        if "\udc00" <= character <= "\udcff":
            return (
                Shape(BROKEN, 1, True)
                if self._style == "symbols"
                else Shape(f"\\x{ord(character) - 0xDC00:02x}", 4, True)
            )
        shown = visible_text(character, self._style)
        if shown != character:
            return Shape(shown, len(shown), True)
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            return Shape(character, 0, False)
        return Shape(character, 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1, False)

    def is_plain(self, text: str) -> bool:
        """Whether each character is shown as it is, in one column."""
        return text.isascii() and text.isprintable() and (self._style == "symbols" or "\\" not in text)

    def rows(
        self, text: str, starts: Sequence[int], size: int, columns: int, most: int, lines: bool
    ) -> Iterator[RowShape]:
        """A line in rows of `columns` columns and `most` bytes. lines: its end stands behind the last row, and needs no
        room in it."""
        end = len(text)
        body = len(text.rstrip("\r\n\x85")) if lines and end and text[-1] in "\r\n\x85" else end
        body = max(body, end - 2)
        at = 0
        single = isinstance(starts, range)  # one byte each
        while at < end:
            plain = text[at : min(at + columns, body)]
            if single and plain and self.is_plain(plain):
                row = self._plain_row(text, at, at + len(plain), body, end)
            else:
                row = self._row(text, starts, size, at, body, end, columns, most)
            yield row
            at = row[1]

    def _plain_row(self, text: str, at: int, last: int, body: int, end: int) -> RowShape:
        """A row of printable ASCII, perhaps with the end of its line."""
        plain, width = text[at:last], last - at
        if last < body or body == end:
            return at, last, plain, range(width + 1), None
        tail = [self.shape(character).shown for character in text[body:end]]
        places = [*range(width + 1)]
        for shown in tail:
            places.append(places[-1] + len(shown))
        return at, end, [*plain, *tail], places, bytes(width) + b"\x01" * len(tail)

    def _row(
        self, text: str, starts: Sequence[int], size: int, at: int, body: int, end: int, columns: int, most: int
    ) -> RowShape:
        shown: list[str] = []
        places = [0]
        special: list[bool] = []
        column, index = 0, at
        while index < end:
            found = self.shape(text[index])
            width, painted = found.width, found.shown
            if text[index] == "\t" and self._style == "symbols":
                width = TAB - column % TAB
            elif width == 0 and column == 0:
                painted, width = CARRIER + painted, 1
            stop = starts[index + 1] if index + 1 < len(starts) else size
            full = column + width > columns and index < body
            if index > at and (full or stop - starts[at] > most):
                break
            shown.append(painted)
            special.append(found.special)
            column += width
            places.append(column)
            index += 1
        return at, index, shown, places, bytes(special) if any(special) else None
