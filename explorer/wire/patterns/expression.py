r"""A regular expression over bytes, in the syntax of RE2: it takes time in proportion to the bytes, whatever is typed.

Letters stand for the bytes that ASCII gives them; other characters for their bytes in the chosen encoding; ``\xNN``
for one byte. ``^`` and ``$`` are the beginning and the end of a line.

What is typed is gone through once, to turn characters into bytes and to point at what RE2 leaves out.
"""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache

import re2

from explorer.core.errors import InputError
from explorer.wire.patterns.compiled import (
    LONGEST_MATCH,
    Expression,
    Pattern,
    check_length,
    check_steps,
    compile_bytes,
    quoted,
)
from explorer.wire.patterns.kind import Option, PatternOptions
from explorer.wire.patterns.required import Required
from explorer.wire.patterns.steps import Steps
from explorer.wire.patterns.text import encoded, fold_expression
from explorer.wire.placed_error import PlacedError

_PREFIX = "(?m)"
_LINEAR = "finding takes linear time, whatever is typed, and this cannot be done in linear time"
_GROUPS = {
    "(?=": f"(?=…) looks ahead, which is not available: {_LINEAR}.",
    "(?!": f"(?!…) looks ahead, which is not available: {_LINEAR}.",
    "(?<=": f"(?<=…) looks behind, which is not available: {_LINEAR}.",
    "(?<!": f"(?<!…) looks behind, which is not available: {_LINEAR}.",
    "(?P=": f"(?P=…) refers back to a group, which is not available: {_LINEAR}.",
    "(?>": "(?>…) is not needed: nothing is ever tried twice. Write (?:…) in its place.",
    "(?#": "(?#…) is a comment; comments are not available here. Leave it out.",
}
_MOST_QUOTED = 20  # characters of what is wrong that are repeated in a sentence
_SENTENCES = {
    "no argument for repetition operator": "{} repeats what stands before it, but nothing does. "
    "To find the character itself, write \\{}.",
    "bad repetition operator": "{} repeats twice. Leave one out, or put the first repetition "
    "into brackets, e.g. (?:a+)+.",
    "invalid repetition size": "{} is not possible: the smaller number comes first, and the larger is 1000 at most.",
    "invalid character class range": "{} is no range of characters: the first one must come before the second one, "
    "and names such as [:alpha:] must exist.",
    "invalid escape sequence": "{} has no meaning here. A byte is written \\xNN, e.g. \\x0d, and a backslash \\\\.",
    "invalid named capture group": "{} is no name of a group. Write (?P<name>…), or (…) without a name.",
    "invalid perl operator": "{} is not available. Groups are written (…), (?:…) or (?i:…).",
    "invalid group name": "{} is no name of a group. Write (…) without a name.",
    "pattern too large": "This grows too large when its repetitions are written out. Use smaller numbers in {{…}}.",
}


class ExpressionKind:
    name = "regex"
    label = "Regex"
    example = r"HTTP/1\.[01] 5\d\d"
    help = (
        r"A regular expression over bytes. "
        r"\xNN is a byte, . any byte but a line feed, (?s:.) any byte, \d a digit, \w a letter, digit or _; "
        "^ and $ are the beginning and end of a line. * + ? {m,n} repeat, | is “or”, (?:…) groups. "
        f"A match is found whole up to {LONGEST_MATCH // 1024} KiB; a longer one in parts, if at all. "
        "Looking ahead or behind and references back are not available, so that the time is always linear."
    )
    options: Set[Option] = frozenset({"encoding", "case"})

    def make(self, typed: str, options: PatternOptions) -> Pattern:
        if not typed:
            raise InputError("pattern", r"Write a regular expression, e.g. \d+ or HTTP/1\.[01].")
        check_length(len(typed), "characters", "Look for a part of it.")
        translated = _Translation(typed, options.encoding, not options.match_case)
        check_steps(translated.steps.total)
        try:
            expression = (_PREFIX + translated.text).encode("latin-1")
            pattern = Expression(expression, not options.match_case, translated.required.text.encode("ascii"))
        except re2.error as error:
            raise translated.explain(error) from None
        if pattern.fits_nothing():
            raise InputError(
                "pattern",
                "This also fits places without any bytes, so it would be found everywhere. "
                "Write + in place of *, or add what must stand there.",
            )
        return pattern


def compile_groups(typed: str, encoding: str, ignore_case: bool = False) -> re2._Regexp:
    """A regular expression that remembers what its groups fit, to be looked for in one message. It may fit places
    without any bytes. Raises InputError."""
    if not typed:
        raise InputError("pattern", r"Write a regular expression, e.g. \d+ or OK (?P<number>\d+).")
    check_length(len(typed), "characters", "Look for a part of it.")
    translated = _Translation(typed, encoding, ignore_case)
    check_steps(translated.steps.total)
    try:
        regexp = compile_bytes((_PREFIX + translated.text).encode("latin-1"), ignore_case, groups=True)
    except re2.error as error:
        raise translated.explain(error) from None
    check_steps(regexp.programsize)
    return regexp


def over_bytes(typed: str, encoding: str, ignore_case: bool = False) -> str:
    """A regular expression that `compile_groups` takes, as RE2 gets it: in ASCII, with bytes in place of other
    characters. Raises InputError."""
    compile_groups(typed, encoding, ignore_case)
    return _Translation(typed, encoding, ignore_case).text


class _Translation:
    """The typed expression as one over bytes. text: in Latin-1. Raises PlacedError."""

    def __init__(self, typed: str, encoding: str, ignore_case: bool) -> None:
        self._typed = typed
        self._encoding = encoding
        self._ignore_case = ignore_case
        self._at = 0
        self._parts: list[str] = []
        self._origins: list[int] = []  # for each character of the result: the place that it comes from
        self._open: list[int] = []
        self.required = Required()
        self.steps = Steps()
        while self._at < len(typed):
            self._step(typed[self._at])
        if self._open:
            raise PlacedError(self._open[-1], "This ( has no ) that closes it. To find a ( itself, write \\(.")
        self.text = "".join(self._parts)

    def explain(self, error: re2.error) -> InputError:
        """What RE2 says of the result, in a sentence about what was typed."""
        said = error.args[0]
        words = said.decode("latin-1") if isinstance(said, bytes) else str(said)
        what, _, fragment = words.partition(": ")
        sentence = _SENTENCES.get(what.removesuffix(" - compile failed"))
        if sentence is None:
            return InputError("pattern", f"This is no regular expression: {words}.")
        sentence = sentence.format(_shown(fragment), _shown(fragment))
        place = self.text.find(fragment) if fragment else -1
        return PlacedError(self._origins[place], sentence) if place >= 0 else InputError("pattern", sentence)

    def _put(self, text: str, size: int) -> None:
        """`text` stands for the next `size` characters."""
        self._parts.append(text)
        self._origins += [self._at] * len(text) if len(text) != size else range(self._at, self._at + size)
        self._at += size

    def _step(self, character: str) -> None:
        if self._open or not character.isascii() or character in "\\[()":
            self.required.end_run()
        else:
            self.required.character(self._typed, self._at)
        self.steps.step(self._typed, self._at)
        if character == "\\":
            self._escape()
        elif character == "[":
            self._set()
        elif character == "(":
            rest = self._typed[self._at : self._at + 4]
            for group, sentence in _GROUPS.items():
                if rest.startswith(group):
                    raise PlacedError(self._at, sentence)
            if rest.startswith("(?") and not rest.startswith(("(?:", "(?P<", "(?<")):
                self.required.lose()  # flags
            self._open.append(self._at)
            self._put(character, 1)
        elif character == ")":
            if not self._open:
                raise PlacedError(self._at, "This ) closes no (. To find a ) itself, write \\).")
            self._open.pop()
            self._put(character, 1)
        elif character.isascii():
            self._put(character, 1)
        else:
            self._put(self._character(character), 1)

    def _character(self, character: str) -> str:
        """One that ASCII lacks: its bytes, and those of its other case. RE2 would take bytes for Latin-1 letters."""
        data = encoded(character, self._encoding)
        found = fold_expression(character, self._encoding)[0] if self._ignore_case else quoted(data)
        return f"(?-i:{found.decode('ascii')})"

    def _escape(self) -> None:
        typed, at = self._typed, self._at
        after = typed[at + 1 : at + 2]
        if not after:
            raise PlacedError(at, "A backslash stands at the end with nothing behind it. To find one, write \\\\.")
        if after in "123456789" or after in "kg":
            raise PlacedError(
                at, f"\\{after} refers back to a group, which is not available: {_LINEAR}. A byte is written \\xNN."
            )
        if after == "Q":
            end = typed.find("\\E", at)
            stop = len(typed) if end < 0 else end
            exact = typed[at + 2 : stop]
            written = "".join(
                quoted(one.encode()).decode() if one.isascii() and not one.isalpha() else one for one in exact
            )
            self._put("".join(one if one.isascii() else self._character(one) for one in written), 0)
            self._at = stop + (2 if end >= 0 else 0)
        elif after == "x":
            self._byte()
        elif after in "pP":
            self._property("[{}]")
        elif not after.isascii():
            self._put(self._character(after), 2)
        else:
            self._put(typed[at : at + 2], 2)

    def _byte(self) -> None:
        r"""``\xNN``, which means that byte, whatever letter Latin-1 has for it."""
        written, value = _read_byte(self._typed, self._at)
        self._put(f"(?-i:{written})" if self._ignore_case and value >= 0x80 else written, len(written))

    def _property(self, form: str) -> None:
        r"""``\pN`` or ``\p{Greek}``: the bytes of it. RE2 takes very long over many of them when case is ignored."""
        typed, at = self._typed, self._at
        end = typed.find("}", at) if typed.startswith("{", at + 2) else at + 2
        written = typed[at : end + 1] if end >= 0 else typed[at:]
        try:
            members = _bytes_of(written, self._ignore_case)
        except (re2.error, UnicodeEncodeError):
            raise PlacedError(
                at, f"{_shown(written)} is no kind of characters. Write e.g. \\pL, \\pN or \\p{{Greek}}."
            ) from None
        self._put(form.format(members) if members else written, len(written))

    def _set(self) -> None:
        """``[…]``, in which a character must be one byte."""
        typed, begin = self._typed, self._at
        self._put("[", 1)
        if typed[self._at : self._at + 1] == "^":
            self._put("^", 1)
        if typed[self._at : self._at + 1] == "]":
            self._put("]", 1)
        while (character := typed[self._at : self._at + 1]) != "]":
            if not character:
                raise PlacedError(begin, "This [ has no ] that closes it. To find a [ itself, write \\[.")
            name_end = typed.find(":]", self._at)
            if typed.startswith("[:", self._at) and name_end >= 0:
                self._put(typed[self._at : name_end + 2], name_end + 2 - self._at)
            elif character == "\\" and typed[self._at + 1 : self._at + 2] == "x":
                written, _ = _read_byte(typed, self._at)
                self._put(written, len(written))
            elif typed.startswith(("\\p", "\\P"), self._at):
                self._property("{}")
            elif character == "\\":
                self._put(typed[self._at : self._at + 2], len(typed[self._at : self._at + 2]))
            elif character.isascii():
                self._put(character, 1)
            else:
                data = encoded(character, self._encoding)
                if len(data) > 1:
                    raise PlacedError(
                        self._at,
                        f"{character!r} is {len(data)} bytes long, and […] stands for one byte. Write (a|b) "
                        f"instead of [ab], here ({character}|…).",
                    )
                self._put(quoted(data).decode("ascii"), 1)
        self._put("]", 1)


def _read_byte(typed: str, at: int) -> tuple[str, int]:
    r"""``\xNN`` or ``\x{N…}`` at a place: as written, and its value. Raises PlacedError where it is no byte."""
    end = typed.find("}", at) if typed.startswith("{", at + 2) else at + 3
    written = typed[at : end + 1] if end >= 0 else typed[at:]
    digits = written[2:].strip("{}")
    try:
        value = int(digits, 16) if digits.isalnum() else -1
    except ValueError:
        value = -1
    if not 0 <= value <= 0xFF or len(written) < 4:
        raise PlacedError(at, f"{_shown(written)} is no byte. Write two hex digits after \\x, e.g. \\x0d.")
    return written, value


def _shown(written: str) -> str:
    return written if len(written) <= _MOST_QUOTED else written[:_MOST_QUOTED] + "…"


@lru_cache(maxsize=256)
def _bytes_of(property_: str, ignore_case: bool) -> str:
    r"""The bytes that a property such as ``\pN`` stands for, as they are written in a set; "" for none.
    Raises re2.error where there is no such property."""
    regexp = compile_bytes(property_.encode("latin-1"), ignore_case)
    return "".join(f"\\x{byte:02x}" for byte in range(256) if regexp.fullmatch(bytes([byte])))
