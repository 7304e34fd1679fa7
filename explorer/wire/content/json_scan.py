"""JSON text cut into its tokens, with the place of the first mistake (RFC 8259). One pass, in linear time.

No value is made: numbers stay as they were written, names that come twice both stay, and depth costs nothing
but one entry of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
    (?P<mark>[{}\[\]:,])
    |(?P<string>"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+")
    |(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?![0-9A-Za-z.+-])
    |(?P<word>true|false|null)(?![0-9A-Za-z_])
    )""",
    re.VERBOSE,
)
_BLANK = re.compile(r"[ \t\n\r]*+")
_STRING_BEGIN = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+')
_MOST_REPEATED = 3
_WORDS = ("true", "false", "null")


@dataclass(frozen=True, slots=True)
class Token:
    """kind: one of ``{}[]:,`` for itself, "name" (of a member), "string", "number", "word".

    text: as written. again: a name that this object has already.
    """

    kind: str
    text: str
    start: int
    again: bool = False


@dataclass(slots=True)
class Mistake:
    """Where the text stops being JSON. at: index of the character. early: the text merely ends too soon."""

    at: int
    sentence: str
    early: bool = False


class JsonScan:
    """Iterate to get the tokens; then `mistake` is None or tells why they ended, and `values` how many there were.

    Several values one after another are taken, as they stand in JSON Lines: each on a line of its own.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[set[str] | None] = []  # the names of each open object; None: an array
        self._wants = "value"
        self.mistake: Mistake | None = None
        self.values = 0
        self.deepest = 0
        self.tokens = 0
        self.repeated: list[str] = []  # the first names that an object has more than once, as written

    def __iter__(self) -> Iterator[Token]:
        at, end = 0, len(self._text)
        while True:
            found = _TOKEN.match(self._text, at)
            if found is None:
                start = _blank_end(self._text, at)
                if start < end:
                    self.mistake = self._why(start)
                elif self._open or not self.values:
                    self.mistake = Mistake(end, self._ends_early(), early=True)
                return
            kind = str(found.lastgroup)
            start = found.start(kind)
            token = self._take(kind, found.group(kind), start, "\n" in self._text[at:start])
            if token is None:
                return
            self.tokens += 1
            yield token
            at = found.end()

    # -- what may follow what -----------------------------------------------------------------------

    def _take(self, kind: str, text: str, start: int, new_line: bool) -> Token | None:
        """The token if it may stand here; else None, and `mistake` is set."""
        wants = self._wants
        if kind == "mark":
            kind = text
        if not self._open and self.values and not new_line:
            self.mistake = Mistake(start, "The value is complete, but more text follows on the same line")
            return None
        if wants in ("value", "value or ]") and kind in ("{", "[", "string", "number", "word"):
            return self._begin_value(kind, text, start)
        if (wants == "value or ]" and kind == "]") or (wants == "name or }" and kind == "}"):
            return self._close(kind, start)
        if wants in ("name", "name or }") and kind == "string":
            names = self._open[-1]
            assert names is not None
            again = text in names
            if again and len(self.repeated) < _MOST_REPEATED and text not in self.repeated:
                self.repeated.append(text)
            names.add(text)
            self._wants = ":"
            return Token("name", text, start, again)
        if wants == ":" and kind == ":":
            self._wants = "value"
            return Token(":", ":", start)
        if wants == "more":
            if kind == ",":
                self._wants = "value" if self._open[-1] is None else "name"
                return Token(",", ",", start)
            if kind == ("]" if self._open[-1] is None else "}"):
                return self._close(kind, start)
        found = text if len(text) <= 20 else f"{text[:19]}…"
        self.mistake = Mistake(start, f"{_expected(wants, self._open)}, not {found}")
        return None

    def _begin_value(self, kind: str, text: str, start: int) -> Token:
        if kind == "{":
            self._open.append(set())
            self._wants = "name or }"
        elif kind == "[":
            self._open.append(None)
            self._wants = "value or ]"
        else:
            self._complete()
        self.deepest = max(self.deepest, len(self._open))
        return Token(kind, text, start)

    def _close(self, kind: str, start: int) -> Token:
        self._open.pop()
        self._complete()
        return Token(kind, kind, start)

    def _complete(self) -> None:
        self._wants = "more" if self._open else "value"
        if not self._open:
            self.values += 1

    # -- mistakes -----------------------------------------------------------------------------------

    def _why(self, at: int) -> Mistake:
        """Why no token begins here."""
        text = self._text
        if text[at] == '"':
            found = _STRING_BEGIN.match(text, at)
            stop = found.end() if found else at + 1
            if stop >= len(text):
                return Mistake(stop, "The text ends within a string", early=True)
            if text[stop] == "\\":
                early = len(text) - stop < 6 and re.fullmatch(r"\\(u[0-9a-fA-F]{0,3})?", text[stop:]) is not None
                return Mistake(stop, "No such escape in a string; a backslash is written \\\\", early)
            return Mistake(stop, f"A string holds U+{ord(text[stop]):04X} as it is; it has to be escaped")
        rest = text[at : at + 40]
        early = at + len(rest) == len(text)
        if any(word.startswith(rest) for word in _WORDS):
            return Mistake(at, "The text ends within a word", early=True)
        if rest[0] in "-0123456789":
            cut = early and re.fullmatch(r"-|-?(0|[1-9][0-9]*)(\.|(\.[0-9]+)?[eE][+-]?)", rest) is not None
            return Mistake(at, "This is not how JSON writes a number", cut)
        if rest[0] == "'":
            return Mistake(at, 'Strings stand in double quotes: "…"')
        word = re.match(r"\w+", rest)
        return Mistake(at, f"{_expected(self._wants, self._open)}, not {word.group() if word else rest[0]}")

    def _ends_early(self) -> str:
        if not self._open:
            return "There is no value"
        count = len(self._open)
        return f"The text ends while {count:,} bracket{' is' if count == 1 else 's are'} open"


def _blank_end(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _expected(wants: str, still_open: list[set[str] | None]) -> str:
    if wants == "more":
        return "Expected , or ]" if still_open[-1] is None else "Expected , or }"
    return "Expected " + {"value": "a value", "value or ]": "a value or ]", "name": 'a "name"',
                          "name or }": 'a "name" or }', ":": ":"}[wants]  # fmt: skip
