"""The patterns of a sequence as Python: how a message must fit, in words, and the bytes or the expression for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass

from explorer.as_python.api import NoScript
from explorer.as_python.expressions import to_re
from explorer.as_python.programs.rules import raw_literal, shape
from explorer.as_python.template import quoted
from explorer.core.sequence import Match
from explorer.wire.escapes import parse_escaped
from explorer.wire.patterns.hexadecimal import parse_shape
from explorer.wire.remembered import NAME, example_of

_USE = re.compile(r"\{\{(?!\{)(" + NAME.pattern + r")\}\}")
_PLACE = "(?:zqx{}zqx)"
_PLACES = re.compile(r"\(\?:zqx(\d+)zqx\)")

EXPRESSIONS = {
    "is": r"\A%s\Z",
    "starts with": r"\A%s",
    "contains": "%s",
    "ends with": r"%s\Z",
    "fits": "%s",
    "holds": "(?s:.*)%s",
}
"""By the words that a script uses. What holds, holds whatever it is."""

_WORDS = {"exact": "is", "starts": "starts with", "contains": "contains", "ends": "ends with"}


_LONGEST = 85  # characters of a pattern that stands in a call
_CUT = 20  # bytes of a long literal on one line


@dataclass(frozen=True, slots=True)
class Pattern:
    """how: a key of EXPRESSIONS. parts: Python for the bytes to look for, to be added. said: how a sentence tells it.
    groups: it remembers something. used: the names that it wants."""

    how: str
    parts: tuple[str, ...]
    said: str
    groups: bool = False
    used: tuple[str, ...] = ()

    def arguments(self, name: str = "pattern") -> tuple[list[str], str]:
        """What stands in a call, and lines before it that give a long pattern this name."""
        whole = f"{quoted(self.how)}, {' + '.join(self.parts)}"
        if len(whole) <= _LONGEST:
            return [], whole
        lines = [f"{name} = ("]
        for number, part in enumerate(self.parts):
            first, *others = _cut_literal(part)
            lines.append(f"    {'+ ' if number else ''}{first}")
            lines += [f"    {'  ' if number else ''}{other}" for other in others]
        return [*lines, ")"], f"{quoted(self.how)}, {name}"


def _cut_literal(part: str) -> list[str]:
    """A long literal as several, one below the other."""
    if len(part) <= _LONGEST or not part.startswith(("b", "rb")) or part[part.index("b") + 1] not in "\"'":
        return [part]
    data = ast.literal_eval(part)
    return [quoted(data[at : at + _CUT]) for at in range(0, len(data), _CUT)]


ANYTHING = Pattern("holds", ('b""',), "anything")


def pattern_of(match: Match, encoding: str, stream: bool, names: Collection[str], path: str) -> Pattern:
    """stream: it is looked for in a stream without messages, in which the cuts do not matter. names: what may be
    remembered. Raises InputError, and NoScript at `path` for what has no equal."""
    used = tuple(found[1] for found in _USE.finditer(match.pattern) if found[1] in names)
    how = _WORDS.get(match.how, "fits")
    if stream:
        how = {"is": "starts with", "ends with": "contains"}.get(how, how)
    said = f"{how} {match.pattern if match.written == 'hex' else quoted(match.pattern)}"
    if match.how == "regex":
        return _regex(match, encoding, names, used, path)
    if used and "".encode(encoding):
        raise NoScript(path, f"In {encoding}, text begins with a byte order mark, which must not stand in its middle.")
    pieces = _cut(match.pattern, names)
    if match.written == "hex" and "?" in match.pattern:
        start = r"(?s:\A" if how in ("is", "starts with") else "(?s:"
        end = r"\Z)" if how in ("is", "ends with") else ")"
        shapes = [(text if name else shape(text).decode(), name) for text, name in pieces]
        return Pattern("fits", _expression([(start, False), *shapes, (end, False)]), said, used=used)

    def data(piece: str) -> str:
        return quoted(parse_shape(piece)[0] if match.written == "hex" else parse_escaped(piece, encoding))

    made = tuple(f"remembered({quoted(text)})" if name else data(text) for text, name in pieces if text) or ('b""',)
    if stream and made == ('b""',):
        raise NoScript(path, "An empty message never comes on a stream without framing. Say what the bytes must be.")
    return Pattern(how, made, said, used=used)


def _regex(match: Match, encoding: str, names: Collection[str], used: tuple[str, ...], path: str) -> Pattern:
    to_re(example_of(match, names).pattern, encoding, path=path)  # for its sentences
    places: list[str] = []

    def put(found: re.Match[str]) -> str:
        if found[1] not in names:
            return found[0]
        places.append(found[1])
        return _PLACE.format(len(places) - 1)

    made = to_re(_USE.sub(put, match.pattern), encoding, path=path)
    *pieces, last = _PLACES.split(made.text)
    if len(pieces) != 2 * len(places):
        raise NoScript(path, "What is remembered stands in […] here, where a script cannot put it. Write it otherwise.")
    parts: list[tuple[str, bool]] = []
    for before, number in zip(pieces[::2], pieces[1::2], strict=True):
        parts += [(f"{before}(?:", False), (places[int(number)], True), (")", False)]
    return Pattern(
        "fits", _expression([*parts, (last, False)]), f"fits {quoted(match.pattern)}", bool(made.names), used
    )


def _expression(parts: list[tuple[str, bool]]) -> tuple[str, ...]:
    """A regular expression from pieces of it and names of what is remembered."""
    made: list[str] = []
    literal = ""
    for text, name in parts:
        if name:
            made += [raw_literal(literal.encode()), f"re.escape(remembered({quoted(text)}))"]
            literal = ""
        else:
            literal += text
    return (*made, raw_literal(literal.encode()))


def _cut(text: str, names: Collection[str]) -> list[tuple[str, bool]]:
    """Pieces, and whether each is a name."""
    found: list[tuple[str, bool]] = []
    at = 0
    for use in _USE.finditer(text):
        if use[1] in names:
            found += [(text[at : use.start()], False), (use[1], True)]
            at = use.end()
    return [*found, (text[at:], False)]
