"""Patterns that are ready to be looked for.

Most are found at every place where they begin, also where such places overlap. A regular expression is
found as elsewhere: from the left, each match behind the one before it.
"""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence, Set
from typing import Protocol

import re2

from explorer.core.errors import InputError

LONGEST_MATCH = 64 << 10
"""Bytes up to which a match of a regular expression is found whole, and that any pattern may have."""

LONGEST_TYPED = 2048
"""Characters of a regular expression, or of what is found in any case; bytes of hex with ?. Each place where these may
begin costs as many steps, so more would stand still."""

LESS = "Write the first part of it only."
"""What to do then."""

MOST_STEPS = 4000
"""Of a regular expression whose repetitions are written out."""

_MEMORY = 64 << 20
"""Bytes that RE2 may take for one expression: enough to keep the states of the longest, which is many times faster."""

_SPARSE, _FEW = 512, 16
"""An anchor is given up when it stood where the pattern did not more than once in so many bytes, and not just a few
times."""
_SHORT = 8  # bytes
_USUAL = frozenset(b"\x00\xff ")


class Pattern(Protocol):
    """longest: bytes of its longest match. overlapping: every place where it begins is a match.

    alphabet: the bytes that a match may hold; None for all. required: what every match holds; None for nothing certain.
    """

    @property
    def longest(self) -> int: ...

    @property
    def overlapping(self) -> bool: ...

    @property
    def alphabet(self) -> Set[int] | None: ...

    @property
    def required(self) -> Pattern | None: ...

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
        """(begin, end) of matches that lie in data[start:stop], by where they begin; none is empty.

        Bytes outside `start` … `stop` are what stands around (for the beginning of a line, say).
        """


def compile_bytes(expression: bytes, ignore_case: bool = False, groups: bool = False) -> re2._Regexp:
    """A regular expression over bytes; groups are remembered only if that is asked for, for speed. Raises re2.error."""
    options = re2.Options()
    options.max_mem = _MEMORY
    options.encoding = re2.Options.Encoding.LATIN1  # a character is a byte
    options.never_capture = not groups
    options.log_errors = False
    options.case_sensitive = not ignore_case
    return re2.compile(expression, options)


def check_length(size: int, unit: str, advice: str, most: int = LONGEST_TYPED) -> None:
    """Raises InputError when there are more than can be looked for. unit: of the size, in the plural."""
    if size > most:
        raise InputError("pattern", f"This is {size:,} {unit} long; {most:,} at most can be looked for so. {advice}")


def check_steps(steps: int) -> None:
    """Raises InputError when a regular expression has more steps than can be taken in reasonable time."""
    if steps > MOST_STEPS:
        raise InputError(
            "pattern",
            f"This grows too large when its repetitions are written out: {steps:,} steps, and {MOST_STEPS:,} is the "
            "most. Use smaller numbers in {…}, or look for a part of it.",
        )


def quoted(data: bytes) -> bytes:
    """An expression for exactly these bytes."""
    return "".join(f"\\x{byte:02x}" for byte in data).encode("ascii")


class _Anchor:
    """The part of a pattern that is looked for first: bytes that are wholly given, as rare as one can tell.

    offset: where in the pattern it stands.

    RE2 finds a few bytes several times faster than `bytes.find` does, but not those that begin with a usual one.
    """

    def __init__(self, offset: int, data: bytes) -> None:
        common = next((place for place, byte in enumerate(data) if byte not in _USUAL), 0)
        self.offset = offset + common
        self._data = data[common:]
        self._regexp = compile_bytes(quoted(self._data)) if 1 < len(self._data) <= _SHORT else None

    def find(self, data: bytes, start: int, end: int) -> int:
        """Where it stands at or behind `start`; -1 if it does not."""
        if self._regexp is None:
            return data.find(self._data, start, end)
        match = self._regexp.search(data, start, end)
        return -1 if match is None else match.start()


class _Anchored(ABC):
    """A pattern of `size` bytes, found by way of its anchor, where that is rare in the bytes.

    gives_up_hits: the other way is faster even where the pattern is what stands everywhere.
    """

    gives_up_hits = False

    def __init__(self, size: int, anchor: _Anchor) -> None:
        self.size = size
        self._anchor = anchor

    @abstractmethod
    def fits(self, data: bytes, at: int) -> bool:
        """Whether it stands there. There are `size` bytes."""

    @abstractmethod
    def find_otherwise(self, data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Without the anchor, which turned out to stand everywhere."""

    def find(self, data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        before, misses, last = self._anchor.offset, 0, end - self.size
        at = self._anchor.find(data, start + before, end) - before
        while start <= at <= last:
            fits = self.fits(data, at)
            if fits:
                yield at, at + self.size
            if not fits or self.gives_up_hits:
                misses += 1
                if misses > _FEW and misses * _SPARSE > at - start:
                    yield from self.find_otherwise(data, at + 1, end)
                    return
            at = self._anchor.find(data, at + 1 + before, end) - before


class _Literal(_Anchored):
    gives_up_hits = True

    def __init__(self, data: bytes) -> None:
        super().__init__(len(data), _Anchor(0, data))
        self._data = data

    def fits(self, data: bytes, at: int) -> bool:
        return data.startswith(self._data, at)

    def find_otherwise(self, data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        at = data.find(self._data, start, end)
        while at >= 0:
            yield at, at + self.size
            at = data.find(self._data, at + 1, end)


class AnyOf:
    """One or a few strings of bytes of the same length. Raises InputError for an empty one."""

    overlapping = True
    required = None

    def __init__(self, literals: Sequence[bytes]) -> None:
        self.longest = len(literals[0])
        if not self.longest:
            raise InputError("pattern", "Write what to find; there is nothing to look for yet.")
        check_length(self.longest, "bytes", LESS, LONGEST_MATCH)
        self.alphabet: Set[int] | None = frozenset(b"".join(literals))
        self._literals = [_Literal(data) for data in dict.fromkeys(literals)]

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
        end = len(data) if stop is None else stop
        found = [literal.find(data, start, end) for literal in self._literals]
        return found[0] if len(found) == 1 else heapq.merge(*found)


class Everywhere:
    """An expression none of whose matches begins with another one: so there is one match at most at each place."""

    overlapping = True
    required = None

    def __init__(self, expression: bytes, longest: int, alphabet: Set[int] | None = None) -> None:
        self.longest = longest
        self.alphabet = alphabet
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
    required = None

    def __init__(self, values: bytes, masks: bytes) -> None:
        self.longest = len(values)
        self.alphabet = _alphabet(values, masks)
        check_length(self.longest, "bytes", LESS)
        self._everywhere = Everywhere(b"".join(map(_class, values, masks)), len(values))
        offset, given = _longest_given(values, masks)
        self._anchored = _AnchoredShape(values, masks, _Anchor(offset, given), self._everywhere) if given else None

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
        end = len(data) if stop is None else stop
        return (self._anchored or self._everywhere).find(data, start, end)


class _AnchoredShape(_Anchored):
    def __init__(self, values: bytes, masks: bytes, anchor: _Anchor, everywhere: Everywhere) -> None:
        super().__init__(len(values), anchor)
        self._mask = int.from_bytes(masks, "little")
        self._value = int.from_bytes(values, "little")
        self._everywhere = everywhere

    def fits(self, data: bytes, at: int) -> bool:
        return int.from_bytes(data[at : at + self.size], "little") & self._mask == self._value

    def find_otherwise(self, data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        return self._everywhere.find(data, start, end)


def _class(value: int, mask: int) -> bytes:
    """An expression for one byte of which some bits are given."""
    if mask == 0xFF:
        return b"\\x%02x" % value
    if not mask:
        return b"(?s:.)"
    return b"[" + b"".join(b"\\x%02x" % byte for byte in range(256) if byte & mask == value) + b"]"


def _alphabet(values: bytes, masks: bytes) -> Set[int] | None:
    """The bytes that may stand there; None where any may."""
    given = set(zip(values, masks, strict=True))
    if any(not mask for _, mask in given):
        return None
    return {byte for byte in range(256) if any(byte & mask == value for value, mask in given)}


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
    alphabet = None

    def __init__(self, expression: bytes, ignore_case: bool = False, required: bytes = b"") -> None:
        """required: bytes that every match holds, in this or another case if that is ignored. Raises re2.error, and
        InputError for one that is too large to be looked for in reasonable time."""
        self._regexp = compile_bytes(expression, ignore_case)
        check_steps(self._regexp.programsize)
        self.required = _in_case(required, ignore_case) if required else None

    def find(self, data: bytes, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
        end = len(data) if stop is None else stop
        if self.required is not None and next(self.required.find(data, start, end), None) is None:
            return
        for match in self._regexp.finditer(data, start, end):
            begin, end = match.span()
            if begin < end:
                yield begin, end

    def fits_nothing(self) -> bool:
        """Whether it fits places without any bytes, and so would be found everywhere."""
        samples = (b"", b"a", b" a b ", b"\n", b"\na\n", b"\0\xff")
        return any(begin == end for data in samples for begin, end in map(_span, self._regexp.finditer(data)))


def _in_case(literal: bytes, ignore_case: bool) -> Pattern:
    """ASCII characters, in any case if that is ignored."""
    if not ignore_case:
        return AnyOf([literal])
    alphabet = frozenset(literal.lower() + literal.upper())
    return Everywhere(b"(?i:%s)" % quoted(literal), len(literal), alphabet)


def _span(match: re2._Match) -> tuple[int, int]:
    begin, end = match.span()
    return begin, end
