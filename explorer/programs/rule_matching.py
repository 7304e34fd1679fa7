"""Whether a message fits the pattern of a rule, and why it does not.

Everything takes time in proportion to the message: bytes are compared or looked for by `explorer.wire.patterns`, and
regular expressions are RE2's.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from explorer.core.errors import InputError
from explorer.wire.escapes import parse_escaped
from explorer.wire.patterns.compiled import AnyOf, Pattern, Shape, check_length, compile_bytes
from explorer.wire.patterns.expression import compile_groups
from explorer.wire.patterns.hexadecimal import HexKind, parse_shape
from explorer.wire.patterns.kind import PatternOptions
from explorer.wire.patterns.text import fold_expression

HOWS = ("any", "exact", "starts", "contains", "ends", "regex")
HOW_LABELS = ("Any message", "Is exactly", "Starts with", "Contains", "Ends with", "Regular expression")

Groups = Mapping[str, bytes]
NO_GROUPS: Groups = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Literal:
    """Bytes that a pattern gives: those of its bits that are set in `masks` count; masks b"": all. folded: the text
    without capitals where these do not count, else ""."""

    how: str
    values: bytes
    masks: bytes = b""
    folded: str = ""


class Matcher(ABC):
    """One pattern. literal: what it compares with; None for one that does not. names: of what it remembers."""

    literal: Literal | None = None
    names: tuple[str, ...] = ()

    @abstractmethod
    def match(self, message: bytes) -> Groups | None:
        """What the groups fit; None when the message does not fit."""

    @abstractmethod
    def why_not(self, message: bytes) -> str:
        """A sentence about a message that does not fit."""


def make_matcher(how: str, pattern: str, written: str, encoding: str, ignore_case: bool) -> Matcher:
    """written: "text", in which escapes stand for bytes, or "hex", in which ? stands for any digit. Raises InputError
    about the pattern."""
    if how == "any":
        return _Any()
    if how == "regex":
        return _Regex(pattern, encoding, ignore_case)
    literal = _literal(how, pattern, written, encoding, ignore_case)
    if not literal.values and how != "exact":
        raise InputError("pattern", "Enter what to look for; as it is, this would fit every message.")
    if literal.masks and not any(literal.masks) and how == "contains":
        raise InputError("pattern", "?? alone fits every byte. Write at least one hex digit, e.g. 0d ?? 0a.")
    return _AnyCase(literal, encoding) if literal.folded else _Bytes(literal)


def _literal(how: str, pattern: str, written: str, encoding: str, ignore_case: bool) -> Literal:
    if written == "text":
        data = parse_escaped(pattern, encoding)
        return Literal(how, data, folded=_text_of(data, encoding).casefold() if ignore_case else "")
    if not pattern.strip():
        return Literal(how, b"")
    if "?" not in pattern:
        HexKind().make(pattern, PatternOptions())  # for its sentences
    values, masks = parse_shape(pattern)
    return Literal(how, values, masks if "?" in pattern else b"")


def _text_of(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise InputError(
            "pattern", "Not all of this is text, so it has no capitals to pass over. Let capitals count in this rule."
        ) from None


class _Any(Matcher):
    def match(self, message: bytes) -> Groups | None:
        return NO_GROUPS

    def why_not(self, message: bytes) -> str:
        raise AssertionError("every message fits")


class _Bytes(Matcher):
    """Bytes at the front, at the end or anywhere, perhaps with some bits that do not count."""

    def __init__(self, literal: Literal) -> None:
        self.literal = literal
        self._size = len(literal.values)
        self._mask = int.from_bytes(literal.masks, "little") if literal.masks else -1
        self._value = int.from_bytes(literal.values, "little")
        self._within: Pattern | None = None
        if literal.how == "contains":
            self._within = Shape(literal.values, literal.masks) if literal.masks else AnyOf([literal.values])

    def match(self, message: bytes) -> Groups | None:
        return NO_GROUPS if self._fits(message) else None

    def _fits(self, message: bytes) -> bool:
        if self._within is not None:
            return next(self._within.find(message), None) is not None
        assert self.literal is not None
        if len(message) < self._size or (self.literal.how == "exact" and len(message) > self._size):
            return False
        at = len(message) - self._size if self.literal.how == "ends" else 0
        if self._mask < 0:
            return message.startswith(self.literal.values, at)
        return int.from_bytes(message[at : at + self._size], "little") & self._mask == self._value

    def why_not(self, message: bytes) -> str:
        assert self.literal is not None
        how = self.literal.how
        if how == "contains":
            return "The bytes of the pattern are nowhere in the message."
        if how == "exact" and len(message) != self._size:
            return f"The message has {_bytes(len(message))}, the pattern {self._size:,}."
        if len(message) < self._size:
            return f"The message has only {_bytes(len(message))}, and the pattern {self._size:,}."
        at = len(message) - self._size if how == "ends" else 0
        for place, wanted in enumerate(self.literal.values):
            mask = self.literal.masks[place] if self.literal.masks else 0xFF
            got = message[at + place]
            if got & mask != wanted:
                return (
                    f"Byte {at + place + 1:,} of the message is {_byte(got)}; the pattern wants {_byte(wanted, mask)}."
                )
        raise AssertionError("the message fits")


class _AnyCase(Matcher):
    """Text in which capitals do not count."""

    def __init__(self, literal: Literal, encoding: str) -> None:
        self.literal = literal
        text = _text_of(literal.values, encoding)
        check_length(len(text), "characters", "Let capitals count, or write the first part of it only.")
        expression = fold_expression(text, encoding)[0]
        before = rb"" if literal.how in ("contains", "ends") else rb"\A"
        behind = rb"" if literal.how in ("contains", "starts") else rb"\z"
        self._regexp = compile_bytes(before + b"(?:" + expression + b")" + behind)

    def match(self, message: bytes) -> Groups | None:
        return NO_GROUPS if self._regexp.search(message) is not None else None

    def why_not(self, message: bytes) -> str:
        assert self.literal is not None
        where = {"exact": "is not the message", "starts": "does not stand at the front", "ends": "is not at the end"}
        return f"The text {where.get(self.literal.how, 'is nowhere in the message')}, with capitals or without."


class _Regex(Matcher):
    """impossible: no message at all can fit."""

    def __init__(self, typed: str, encoding: str, ignore_case: bool) -> None:
        self._regexp = compile_groups(typed, encoding, ignore_case)
        self._numbers = {
            name.decode("latin-1") if isinstance(name, bytes) else name: number
            for name, number in self._regexp.groupindex.items()
        }
        self.names = (*map(str, range(1, self._regexp.groups + 1)), *self._numbers)
        # RE2 makes nothing but a failure of an expression such as [^\d\D], which no byte fits.
        self.impossible = self._regexp.programsize == 1

    def match(self, message: bytes) -> Groups | None:
        found = self._regexp.search(message)
        if found is None:
            return None
        groups = {str(number): value or b"" for number, value in enumerate(found.groups(), 1)}
        groups.update((name, groups[str(number)]) for name, number in self._numbers.items())
        return groups

    def why_not(self, message: bytes) -> str:
        return "The regular expression fits nowhere in the message."


def can_never_fit(matcher: Matcher) -> bool:
    """Whether a regular expression fits no message at all, as far as that can be told."""
    return isinstance(matcher, _Regex) and matcher.impossible


def fits_everything(matcher: Matcher) -> bool:
    return isinstance(matcher, _Any) or (
        isinstance(matcher, _Regex)
        and matcher.match(b"") is not None
        and all(matcher.match(sample) is not None for sample in _SAMPLES)
    )


_SAMPLES = (b"a", b" \n ", bytes(range(256)), b"\xff" * 3, b"0\r\n")


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes"


def _byte(value: int, mask: int = 0xFF) -> str:
    digits = "".join(
        "?" if not part else f"{digit:x}" for digit, part in ((value >> 4, mask & 0xF0), (value & 15, mask & 15))
    )
    return f"{digits} (“{chr(value)}”)" if mask == 0xFF and 0x20 < value < 0x7F else digits
