r"""Where each byte of a message stands in the text that says it.

The text is gone through once, and a table is kept of it. Writings that are seldom typed (a whole dump, raw or joined
literals, encodings whose characters depend on those before) are parsed up to a place again and again instead, and
only where they are short.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

from explorer.core.snippet import Mode
from explorer.wire.placed_error import PlacedError
from explorer.wire.typed_message import parse_typed

LONGEST = 8192
"""Characters of a text in which the places of bytes are worked out; in a longer one it would slow the typing."""
LONGEST_SEARCHED = 1024
"""The same, where there is no table."""
_LONGEST_TOKEN = 12  # characters that stand for one byte or character: \u{10ffff} has 10
_QUOTES = ("", "'", '"', "'''", '"""')
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|[nrt0\\])")
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_GROUP = re.compile(r"0[xX](?P<prefixed>[0-9a-fA-F]+)|\\x(?P<escaped>[0-9a-fA-F]{2})|%(?P<percent>[0-9a-fA-F]{2})"
                    r"|(?P<plain>[0-9a-fA-F]+)[hH]?|(?P<other>.)", re.DOTALL)  # fmt: skip
_LITERAL = re.compile(r"""\s*(?P<kind>[bBuU]?)(?P<quote>['"])(?P<body>.*)(?P=quote)\s*""", re.DOTALL)
_PYTHON_ESCAPE = re.compile(
    r"""\\(?:[\\'"abfnrtv\n]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\})"""
)

_Token = tuple[int, int]  # the index behind it, and how many bytes it says


class Places:
    """Of the bytes of a text. `prefix` is all that differs between table and search."""

    def __init__(self, mode: Mode, text: str) -> None:
        self._mode = mode
        self._text = text

    def prefix(self, position: int) -> tuple[int, int]:
        """The longest front of at most `position` characters that can be read, and how many bytes it says."""
        raise NotImplementedError

    def bytes_of(self, first: int, last: int) -> tuple[int, int]:
        """The bytes [start, stop) that stand in the characters [first, last)."""
        start = self.prefix(first)[1]
        return start, max(start, self.prefix(last)[1]) if last > first else start

    def characters_of(self, start: int, stop: int) -> tuple[int, int]:
        """The characters [first, last) that stand for the bytes [start, stop); first == last where start == stop."""
        first = self._front(start)
        return (first, self._end(stop)) if stop > start else (first, first)

    def _front(self, offset: int) -> int:
        """Index of the first character that says the byte at `offset`; the end, where there is no such byte."""
        text = self._text
        if self.prefix(len(text))[1] <= offset:
            # Where a byte behind the last one would be typed: in Python, before the closing quote.
            return self._end(offset) if self._mode == "python" else len(text)
        if self._mode == "hex":
            behind = self._end(offset)
            return next((at for at in range(behind, len(text)) if text[at].isalnum() or text[at] in "\\%"), behind)
        end = self._end(offset + 1)
        before, count = self.prefix(end - 1)
        return before if count <= offset else end - 1

    def _end(self, count: int) -> int:
        """Index behind the character that completes the first `count` bytes; the text's length, where there are
        fewer."""
        text = self._text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high) // 2
            if self.prefix(middle)[1] >= count:
                high = middle
            else:
                low = middle + 1
        while self._mode == "hex" and 0 < low < len(text) and text[low].isalnum():  # 0x4 is a byte, and so is 0x48
            if self.prefix(low + 1) != (low + 1, count):
                break
            low += 1
        return low


class _Table(Places):
    def __init__(self, mode: Mode, text: str, tokens: Iterator[_Token]) -> None:
        super().__init__(mode, text)
        self._ends = [0]  # by position: up to where the text before it can be read,
        self._counts = [0]  # and how many bytes that says
        for stop, size in tokens:
            missing = stop - len(self._ends)
            self._ends += [self._ends[-1]] * missing + [stop]
            self._counts += [self._counts[-1]] * missing + [self._counts[-1] + size]
        rest = len(text) + 1 - len(self._ends)
        self._ends += [self._ends[-1]] * rest
        self._counts += [self._counts[-1]] * rest

    def prefix(self, position: int) -> tuple[int, int]:
        return self._ends[position], self._counts[position]


class _Search(Places):
    def __init__(self, mode: Mode, text: str, encoding: str) -> None:
        super().__init__(mode, text)
        self._encoding = encoding
        self._found: dict[int, tuple[int, int]] = {}

    def prefix(self, position: int) -> tuple[int, int]:
        if position not in self._found:
            self._found[position] = self._parse_up_to(position)
        return self._found[position]

    def _parse_up_to(self, position: int) -> tuple[int, int]:
        for end in range(position, max(-1, position - _LONGEST_TOKEN), -1):
            for quote in _QUOTES if self._mode == "python" else ("",):
                try:
                    return end, self._size_of(self._text[:end] + quote)
                except PlacedError:
                    continue
        return 0, 0

    def _size_of(self, text: str) -> int:
        """How many bytes a front says. Of a literal that has no character yet, none: a byte order mark goes with the
        first."""
        size = len(parse_typed(self._mode, text, self._encoding))
        if size and text != self._text and not parse_typed(self._mode, text, "utf-8"):
            return 0
        return size


@lru_cache(maxsize=4)
def find_places(mode: Mode, text: str, encoding: str) -> Places | None:
    """The places of the bytes in a text without fields; None where it cannot be read or finding them takes too
    long."""
    if len(text) > LONGEST:
        return None
    try:
        size = len(parse_typed(mode, text, encoding))
    except PlacedError:
        return None
    made = _Table(mode, text, _tokens(mode, text, encoding))
    if made.prefix(len(text)) == (len(text), size):
        return made
    return _Search(mode, text, encoding) if len(text) <= LONGEST_SEARCHED else None


def _tokens(mode: Mode, text: str, encoding: str) -> Iterator[_Token]:
    """The pieces that say bytes, or that stand between such, as far as they are of the usual kinds."""
    if mode == "text":
        return _text_tokens(text, _Sizes(encoding))
    return _hex_tokens(text) if mode == "hex" else _python_tokens(text, encoding)


class _Sizes(dict[str, int]):
    """How many bytes characters are, one behind the other: a byte order mark goes with the first."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoder = codecs.getincrementalencoder(encoding)()
        self._first = True

    def of(self, character: str) -> int:
        size = self.get(character)
        if size is None:
            size = len(self._encoder.encode(character, final=True))
            if not self._first:
                self[character] = size
            self._first = False
        return size


def _text_tokens(text: str, sizes: _Sizes) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        if text[at] != "\\":
            yield at + 1, sizes.of(text[at])
            at += 1
            continue
        found = _PAIR.match(text, at) or _ESCAPE.match(text, at)
        if found is None:
            return
        at = found.end()
        yield at, 1 if found[0][1] == "x" else sizes.of(parse_typed("text", found[0], "utf-8").decode())


def _hex_tokens(text: str) -> Iterator[_Token]:
    """Groups of digits; one that has only one digit stands behind 0x."""
    for group in _GROUP.finditer(text):
        if group["other"]:
            yield group.end(), 0
        elif group["plain"] or group["prefixed"]:
            start, stop = group.span("plain" if group["plain"] else "prefixed")
            if group["prefixed"]:
                yield start + 1, 1  # 0x4 is a byte already
            for behind in range(start + 2, stop + 1, 2):
                yield behind, 0 if group["prefixed"] and behind == start + 2 else 1
            if group.end() > stop:
                yield group.end(), 0  # the h
        else:
            yield group.end(), 1


def _python_tokens(text: str, encoding: str) -> Iterator[_Token]:
    """The characters of one literal in single quotes."""
    literal = _LITERAL.fullmatch(text)
    if literal is None:
        return
    sizes = _Sizes(encoding)
    is_bytes = literal["kind"] in ("b", "B")
    at, stop = literal.span("body")
    yield at, 0
    while at < stop:
        escape = _PYTHON_ESCAPE.match(text, at, stop)
        piece = escape[0] if escape else text[at]
        at += len(piece)
        if is_bytes:
            yield at, 0 if piece == "\\\n" else 1
        elif escape is None:
            yield at, sizes.of(piece)
        elif piece != "\\\n":
            yield at, sizes.of(parse_typed("python", f"'{piece}'", "utf-8").decode())
    yield len(text), 0
