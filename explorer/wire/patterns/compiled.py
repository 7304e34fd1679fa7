"""Patterns that are ready to be looked for.

Most are found at every place where they begin, also where such places overlap. A regular expression is
found as elsewhere: from the left, each match behind the one before it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Protocol

import re2

from explorer.core.errors import InputError

LONGEST_MATCH = 64 << 10
"""Bytes up to which a match of a regular expression is found whole."""

_SPARSE = 512
"""An anchor is used where it stands at most once in so many bytes."""


class Pattern(Protocol):
    """longest: bytes of its longest match. overlapping: every place where it begins is a match."""

    @property
    def longest(self) -> int: ...

    @property
    def overlapping(self) -> bool: ...

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
        """(begin, end) of matches that lie in data[start:stop], by where they begin; none is empty.

        Bytes outside `start` … `stop` are what stands around (for the beginning of a line, say).
        """


def compile_bytes(expression: bytes, ignore_case: bool = False) -> re2._Regexp:
    """A regular expression over bytes; groups are not remembered, for speed. Raises re2.error."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # a character is a byte
    options.never_capture = True
    options.log_errors = False
    options.case_sensitive = not ignore_case
    return re2.compile(expression, options)


def quoted(data: bytes) -> bytes:
    """An expression for exactly these bytes."""
    return "".join(f"\\x{byte:02x}" for byte in data).encode("ascii")


class AnyOf:
    """One or a few strings of bytes of the same length. Raises InputError for an empty one."""

    overlapping = True

    def __init__(self, literals: Sequence[bytes]) -> None:
        self.literals = tuple(dict.fromkeys(literals))
        self.longest = len(self.literals[0])
        if not self.longest:
            raise InputError("pattern", "Write what to find; there is nothing to look for yet.")

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
        found = [self._find(literal, data, start, stop) for literal in self.literals]
        return found[0] if len(found) == 1 else heapq.merge(*found)

    @staticmethod
    def _find(literal: bytes, data: bytes, start: int, stop: int | None) -> Iterator[tuple[int, int]]:
        end = len(data) if stop is None else stop
        width = len(literal)
        at = data.find(literal, start, end)
        while at >= 0:
            yield at, at + width
            at = data.find(literal, at + 1, end)


class Everywhere:
    """An expression none of whose matches begins with another one: so there is one match at most at each place."""

    overlapping = True

    def __init__(self, expression: bytes, longest: int) -> None:
        self.longest = longest
        try:
            self._regexp = compile_bytes(expression)
        except re2.error:
            raise InputError(
                "pattern", "This is too long to be looked for in one go. Write the first part of it only."
            ) from None

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
        end = len(data) if stop is None else stop
        search = self._regexp.search
        while (match := search(data, start, end)) is not None:
            begin, ended = match.span()
            yield begin, ended
            start = begin + 1


class Shape:
    """Bytes of which some bits are given: those set in `masks` must be as in `values`."""

    overlapping = True

    def __init__(self, values: bytes, masks: bytes) -> None:
        self.longest = len(values)
        self.values, self.masks = values, masks
        self._regexp = Everywhere(b"".join(map(_class, values, masks)), len(values))
        self._anchor_at, self._anchor = _longest_given(values, masks)

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
        """By way of the longest part that is wholly given, which is found several times faster, where it is rare."""
        end = len(data) if stop is None else stop
        anchor = self._anchor
        if not anchor or data.count(anchor, start, end) * _SPARSE > end - start:
            return self._regexp.find(data, start, end)
        return self._find_by_anchor(data, start, end)

    def _find_by_anchor(self, data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        size, before, after = self.longest, self._anchor_at, self.longest - self._anchor_at
        at = data.find(self._anchor, start + before, end)
        while 0 <= at <= end - after:
            if self._fits(data[at - before : at + after]):
                yield at - before, at - before + size
            at = data.find(self._anchor, at + 1, end)

    def _fits(self, data: bytes) -> bool:
        return all(byte & mask == value for byte, mask, value in zip(data, self.masks, self.values, strict=True))


def _class(value: int, mask: int) -> bytes:
    """An expression for one byte of which some bits are given."""
    if mask == 0xFF:
        return b"\\x%02x" % value
    if not mask:
        return b"(?s:.)"
    return b"[" + b"".join(b"\\x%02x" % byte for byte in range(256) if byte & mask == value) + b"]"


def _longest_given(values: bytes, masks: bytes) -> tuple[int, bytes]:
    """Where the longest run of whole bytes stands, and the run."""
    best = begin = 0
    found = b""
    for place in range(len(values) + 1):
        if place == len(values) or masks[place] != 0xFF:
            if place - begin > len(found):
                best, found = begin, values[begin:place]
            begin = place + 1
    return best, found


class Expression:
    """A regular expression: from the left, each match behind the one before it; those without bytes are left out."""

    overlapping = False
    longest = LONGEST_MATCH

    def __init__(self, expression: bytes, ignore_case: bool = False) -> None:
        """Raises re2.error."""
        self._regexp = compile_bytes(expression, ignore_case)

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
        for match in self._regexp.finditer(data, start, len(data) if stop is None else stop):
            begin, end = match.span()
            if begin < end:
                yield begin, end

    def fits_nothing(self) -> bool:
        """Whether it fits places without any bytes, and so would be found everywhere."""
        samples = (b"", b"a", b" a b ", b"\n", b"\na\n", b"\0\xff")
        return any(begin == end for data in samples for begin, end in map(_span, self._regexp.finditer(data)))


def _span(match: re2._Match) -> tuple[int, int]:
    begin, end = match.span()
    return begin, end
