"""Text of a script with lines that stand there only where they are needed.

A line that ends with ``#? words`` is taken when the words hold: ``tcp & !framed`` wants the flag ``tcp`` and not the
flag ``framed``; ``a & b | c`` wants both a and b, or c. ``$name`` is replaced by a value; where that has several lines,
each gets the indentation of the first; where it is empty, a dot behind it goes, too. What comes of a template has no
such marks, and never three empty lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_MARK = re.compile(r"\s*#\?\s*(.*)$")
_NAME = re.compile(r"\$([a-z_]+)(\.?)")


def fill(template: str, flags: Collection[str], values: Mapping[str, str] | None = None) -> str:
    """The template under these flags and values. Raises KeyError for a name without a value."""
    lines: list[str] = []
    for line in template.strip("\n").split("\n"):
        mark = _MARK.search(line)
        if mark is not None:
            if not holds(mark[1], flags):
                continue
            line = line[: mark.start()]
        lines.append(_replaced(line, values or {}))
    text = re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines))
    text = re.sub(r"\n{3,}(?= )", "\n\n", text)  # within a class or function
    return text.strip("\n")


def quoted(value: str | bytes) -> str:
    """A literal in double quotes."""
    text = repr(value)
    start, body = (text[:2], text[2:-1]) if isinstance(value, bytes) else (text[:1], text[1:-1])
    if start[-1] == '"' or '"' in body:
        return text
    return f'{start[:-1]}"{body}"'.replace("\\'", "'")


def holds(words: str, flags: Collection[str]) -> bool:
    """Whether a condition is met."""
    return any(all(_is(word.strip(), flags) for word in part.split("&")) for part in words.split("|"))


def _is(word: str, flags: Collection[str]) -> bool:
    return word[1:] not in flags if word.startswith("!") else word in flags


def _replaced(line: str, values: Mapping[str, str]) -> str:
    indent = line[: len(line) - len(line.lstrip())]

    def value(found: re.Match[str]) -> str:
        text = values[found[1]].replace("\n", f"\n{indent}")
        return text + found[2] if text else ""

    return _NAME.sub(value, line)
