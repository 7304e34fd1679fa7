"""Whether a message is as it should be: patterns made ready, and what is remembered of a match.

Everything takes time in proportion to the message: bytes are compared, or looked for by `explorer.wire.patterns`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from explorer.core.errors import InputError
from explorer.core.sequence import Match
from explorer.wire.escapes import parse_escaped
from explorer.wire.hex_input import parse_hex
from explorer.wire.patterns.compiled import AnyOf, Pattern, Shape
from explorer.wire.patterns.expression import compile_groups
from explorer.wire.patterns.hexadecimal import HexKind, parse_shape
from explorer.wire.patterns.kind import PatternOptions

LONGEST_GROUP = 64 << 10
"""Bytes of a group that are remembered; of a longer one, the first."""

_NOTHING: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Matched:
    """end: the byte behind the match. groups: what a regular expression's groups fit, by number and by name."""

    end: int
    groups: Mapping[str, bytes] = field(default_factory=lambda: _NOTHING)


class Matcher(Protocol):
    """Made by `make_matcher`."""

    def message(self, data: bytes) -> Matched | None:
        """The match in a whole message."""

    def stream(self, data: bytes) -> Matched | None:
        """The match in the bytes of a stream from the end of the last one on. More bytes may follow them."""


def make_matcher(match: Match, encoding: str) -> Matcher:
    """encoding: of text. Raises InputError, with a sentence that can stand under the field of the pattern."""
    if match.how == "regex":
        if match.written != "text":
            raise InputError("pattern", "A regular expression is written as text; a byte in it is \\xNN.")
        return _Regex(match.pattern, encoding)
    values, masks = _values(match, encoding)
    if not values and match.how != "exact":
        raise InputError("pattern", "Write what the message should hold; there is nothing to look for yet.")
    if match.how == "contains":
        return _Within(_pattern(values, masks), len(values))
    if match.how == "ends":
        return _End(values, masks)
    return _Front(values, masks, whole=match.how == "exact")


def _values(match: Match, encoding: str) -> tuple[bytes, bytes]:
    """The bytes, and which bits of them count: none given means all."""
    if match.written == "text":
        return parse_escaped(match.pattern, encoding), b""
    if "?" in match.pattern:
        return parse_shape(match.pattern)
    if not match.pattern.strip():
        return b"", b""
    HexKind().make(match.pattern, PatternOptions())  # for its sentences
    return parse_hex(match.pattern), b""


def _pattern(values: bytes, masks: bytes) -> Pattern:
    if not masks:
        return AnyOf([values])
    if not any(masks):
        raise InputError("pattern", "?? alone fits every byte. Write at least one hex digit, e.g. 0d ?? 0a.")
    return Shape(values, masks)


class _Bytes:
    """Bytes at a known place, perhaps with some bits that do not count."""

    def __init__(self, values: bytes, masks: bytes) -> None:
        self.size = len(values)
        self._values = values
        self._mask = int.from_bytes(masks, "little") if masks else -1
        self._value = int.from_bytes(values, "little")

    def stand_at(self, data: bytes, at: int) -> bool:
        """`data` has so many bytes from there on."""
        if self._mask < 0:
            return data.startswith(self._values, at)
        return int.from_bytes(data[at : at + self.size], "little") & self._mask == self._value


class _Front:
    """At the beginning; whole: and nothing behind."""

    def __init__(self, values: bytes, masks: bytes, whole: bool) -> None:
        self._bytes = _Bytes(values, masks)
        self._whole = whole

    def message(self, data: bytes) -> Matched | None:
        size = self._bytes.size
        if len(data) < size or (self._whole and len(data) > size):
            return None
        return Matched(len(data)) if self._bytes.stand_at(data, 0) else None

    def stream(self, data: bytes) -> Matched | None:
        size = self._bytes.size
        return Matched(size) if size and len(data) >= size and self._bytes.stand_at(data, 0) else None


class _End:
    """At the end. In a stream, which has none: wherever."""

    def __init__(self, values: bytes, masks: bytes) -> None:
        self._bytes = _Bytes(values, masks)
        self._within = _Within(_pattern(values, masks), len(values))

    def message(self, data: bytes) -> Matched | None:
        at = len(data) - self._bytes.size
        return Matched(len(data)) if at >= 0 and self._bytes.stand_at(data, at) else None

    def stream(self, data: bytes) -> Matched | None:
        return self._within.stream(data)


class _Within:
    """Anywhere."""

    def __init__(self, pattern: Pattern, size: int) -> None:
        self._pattern = pattern
        self._size = size

    def message(self, data: bytes) -> Matched | None:
        return self.stream(data)

    def stream(self, data: bytes) -> Matched | None:
        found = next(self._pattern.find(data), None)
        return None if found is None else Matched(found[1])


class _Regex:
    """A regular expression, anywhere."""

    def __init__(self, typed: str, encoding: str) -> None:
        self._regexp = compile_groups(typed, encoding)
        self._numbers = {
            name.decode("latin-1") if isinstance(name, bytes) else name: number
            for name, number in self._regexp.groupindex.items()
        }
        self.names = (*map(str, range(1, self._regexp.groups + 1)), *self._numbers)

    def message(self, data: bytes) -> Matched | None:
        return self.stream(data)

    def stream(self, data: bytes) -> Matched | None:
        found = self._regexp.search(data)
        if found is None:
            return None
        groups = {str(number): (value or b"")[:LONGEST_GROUP] for number, value in enumerate(found.groups(), 1)}
        for name, number in self._numbers.items():
            groups[name] = groups[str(number)]
        return Matched(found.end(), groups)


def groups_of(match: Match, encoding: str = "utf-8") -> tuple[str, ...]:
    """What a pattern remembers, by number and by name. Raises InputError when it cannot be read."""
    made = make_matcher(match, encoding)
    return made.names if isinstance(made, _Regex) else ()
