"""Colours for Python in an editor: words of the language, texts, numbers, comments, and names that are defined."""

from __future__ import annotations

import builtins
import keyword
import re

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from explorer.ui.theme import Theme

_TOKEN = re.compile(
    r"""(?P<comment>\#.*)
      | (?P<text>[rRbBuUfF]{0,2}(?P<quote>\"{3}|'{3}|"|'))
      | (?P<number>\b(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?[jJ]?)\b)
      | (?P<name>@?\b[^\W\d]\w*)""",
    re.VERBOSE,
)
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_NOWHERE, _OPEN = -1, {'"""': 1, "'''": 2}
_CLOSES = {state: quote for quote, state in _OPEN.items()}


class PythonColors(QSyntaxHighlighter):
    """Keeps a document coloured while it is edited."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take over the colours of the theme as it is now."""
        colors = theme.colors
        looks = {
            "keyword": (colors.accent, True, False),
            "text": (colors.good, False, False),
            "number": (colors.sent_text, False, False),
            "comment": (colors.muted, False, True),
            "defined": (colors.whitespace, True, False),
            "builtin": (colors.high, False, False),
            "decorator": (colors.high, False, False),
        }
        for name, (color, bold, italic) in looks.items():
            form = QTextCharFormat()
            form.setForeground(QColor(color))
            form.setFontWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
            form.setFontItalic(italic)
            self._formats[name] = form
        self.rehighlight()

    def highlightBlock(self, line: str) -> None:
        self.setCurrentBlockState(_NOWHERE)
        place, before = 0, self.previousBlockState()
        if before in _CLOSES:
            place = self._rest_of_text(line, 0, 0, _CLOSES[before])
        defining = False
        while (found := _TOKEN.search(line, place)) is not None:
            start, place = found.span()
            if found.lastgroup == "name" or found["name"]:
                kind = "defined" if defining else _kind_of_name(found["name"])
                defining = found["name"] in ("def", "class")
                if kind:
                    self.setFormat(start, place - start, self._formats[kind])
            elif found["comment"] is not None:
                self.setFormat(start, place - start, self._formats["comment"])
            elif found["number"] is not None:
                self.setFormat(start, place - start, self._formats["number"])
            else:
                place = self._rest_of_text(line, start, place, found["quote"])

    def _rest_of_text(self, line: str, start: int, place: int, quote: str) -> int:
        """Colour a text up to its end, which may be in another line; where it ends in this one."""
        while place < len(line):
            if line[place] == "\\":
                place += 2
            elif line.startswith(quote, place):
                place += len(quote)
                break
            else:
                place += 1
        else:
            if quote in _OPEN:
                self.setCurrentBlockState(_OPEN[quote])
        place = min(place, len(line))
        self.setFormat(start, place - start, self._formats["text"])
        return place


def _kind_of_name(name: str) -> str:
    if name.startswith("@"):
        return "decorator"
    if keyword.iskeyword(name):
        return "keyword"
    return "builtin" if name in _BUILTINS else ""
