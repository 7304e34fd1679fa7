"""Bytes as lines of text in the socket's encoding. What cannot be seen is shown by its picture or its code."""

from __future__ import annotations

import re
import unicodedata

from explorer.wire.content.api import WARNING, Hints, LineMaker, Rendered, TooMuch
from explorer.wire.text import REPLACEMENT, TextDecoder
from explorer.wire.visible import is_seen, visible_text

SAMPLE = 4096
"""Characters by which text is told from other bytes."""
MOST_UNSEEN = 0.1
"""Of text, at most this part of the characters is not printable."""
TAB = 8
_LINE = re.compile(r"(?!\Z)([^\r\n]*)(\r\n|\r|\n|\Z)")
_ENDS = {"\r\n": r"\r\n", "\r": r"\r", "\n": r"\n", "": ""}
"""As escapes: not every font has the pictures ␍ and ␊, and they end nearly every line."""
_USUAL = "\t\r\n\f\x1b"


class TextView:
    name = "text"
    title = "Text"
    priority = 10

    def accepts(self, data: bytes, hints: Hints) -> bool:
        text = decoded(data[: SAMPLE * 4], Hints(hints.encoding, hints.whole and len(data) <= SAMPLE * 4))
        sample = text[:SAMPLE]
        unseen = sum(_is_odd(character) for character in sample)
        return bool(sample) and unseen <= MOST_UNSEEN * len(sample)

    def render(self, data: bytes, hints: Hints) -> Rendered:
        text = decoded(data, hints)
        made = LineMaker()
        put_text(made, text)
        problems: tuple[str, ...] = ()
        if count := text.count(REPLACEMENT) - data.decode(hints.encoding, "ignore").count(REPLACEMENT):
            places = "1 place is" if count == 1 else f"{count:,} places are"
            problems = (f"{WARNING} {places} no {hints.encoding} text, shown as {REPLACEMENT}. Is the encoding right?",)
        return Rendered(made.finish(), made.facts, problems)


def decoded(data: bytes, hints: Hints) -> str:
    """As text; of bytes that were cut, without the character that is unfinished at their end."""
    decoder = TextDecoder(hints.encoding)
    text = decoder.feed(data)
    return text + decoder.end() if hints.whole else text


def put_text(made: LineMaker, text: str) -> None:
    """Lines for a text, each with what ends it. Stops when there are too many."""
    try:
        for found in _LINE.finditer(text):
            line, end = found.groups()
            put_line(made, line)
            made.put(_ENDS[end], "muted")
            made.end()
    except TooMuch:
        return


def put_line(made: LineMaker, line: str) -> None:
    """Text without line ends: tabs as spaces up to the next stop behind an arrow, what is unseen made visible."""
    if line.isprintable() and REPLACEMENT not in line and line.isascii():
        made.put(line)
        return
    column = 0
    for plain, character in _PIECE.findall(line):
        if plain:
            made.put(plain)
            column += len(plain)
        if not character:
            continue
        if character == "\t":
            wide = TAB - column % TAB
            made.put("→".ljust(wide), "muted")
            column += wide
        elif character == REPLACEMENT:
            made.put(character, "error")
            column += 1
        elif is_seen(character):
            made.put(character)
            column += 1
        else:
            shown = visible_text(character)
            made.put(shown, "muted")
            column += len(shown)


_PIECE = re.compile(r"([ -~]*)([^ -~]?)")


def _is_odd(character: str) -> bool:
    if character == REPLACEMENT:
        return True
    if character in _USUAL or " " <= character <= "~":
        return False
    return unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")
