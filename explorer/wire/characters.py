"""Characters with the bytes they stand for: which byte begins each one, wherever reading begins.

`Codec.split` cuts bytes into characters. So that it can begin anywhere in a stream, `Codec.lead` tells which
bytes before that place belong to a character that goes on behind it.
In the text a byte that is no text stands as U+DC00 + byte, and `UNFINISHED` for bytes of a character whose
rest is not there (yet); no real text holds either.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from explorer.wire.escapes import KEEP_BYTES

UNFINISHED = "\ud800"
LONGEST = 4
"""Bytes of one character at most, in every encoding that is offered."""
CONTEXT = 64
"""Bytes before a place that tell how reading goes on there."""


class Characters(NamedTuple):
    """text: one character each. starts: where the bytes of each begin; the first may have begun before 0."""

    text: str
    starts: Sequence[int]


class Codec:
    """One encoding. unit: bytes that are read together (2 in UTF-16), so that places have a phase."""

    unit = 1

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        ends = ["\r\n", "\n", "\r"] if self._ascii() else ["\r\n", "\n", "\r", "\x85"]  # EBCDIC ends lines with NEL
        written = [_encoded(end, encoding) for end in ends]
        self._ends = re.compile(b"|".join(re.escape(end) for end in written if end))

    def _ascii(self) -> bool:
        return _encoded("az09\n", self.encoding) == b"az09\n"

    def breaks(self, data: bytes, phase: int = 0) -> list[int]:
        """The places within `data` (neither its start nor its end) directly behind an end of line.

        phase: bytes at the front that belong to a unit that began before.
        """
        size = len(data)
        return [end for found in self._ends.finditer(data) if (end := found.end()) < size]

    def needs_lead(self, first: int) -> bool:
        """Whether a place whose first byte this is may stand within a character."""
        return False

    def lead(self, context: bytes) -> bytes:
        """The bytes at the end of `context` that belong to a character which goes on behind it."""
        return b""

    def split(self, data: bytes, lead: bytes = b"", final: bool = False) -> Characters:
        """The characters of `data`, after `lead`. final: no more can come, so that what is unfinished is no text."""
        return Characters(data.decode(self.encoding, KEEP_BYTES), range(len(data)))


class _Utf8(Codec):
    def needs_lead(self, first: int) -> bool:
        return 0x80 <= first < 0xC0

    def lead(self, context: bytes) -> bytes:
        for size in range(1, min(3, len(context)) + 1):
            tail = context[-size:]
            if tail[0] >= 0xC0:
                decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
                return tail if not decoder.decode(tail) else b""
            if tail[0] < 0x80:
                break
        return b""

    def split(self, data: bytes, lead: bytes = b"", final: bool = False) -> Characters:
        if not lead and data.isascii():
            return Characters(data.decode("ascii"), range(len(data)))
        # Bytes that are no text are all above 127 here: Python's own way of keeping them is the quick one.
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        text = decoder.decode(lead + data, final)
        starts, at = [], -len(lead)
        for character in text:
            starts.append(at)
            at += 1 if character < "\x80" or "\udc80" <= character <= "\udcff" else _size_in_utf8(character)
        return _without_lead(text, starts, at, len(data))


def _size_in_utf8(character: str) -> int:
    return 2 if character < "\u0800" else 3 if character < "\U00010000" else 4


class _Wide(Codec):
    """UTF-16 and UTF-32: units of a fixed size."""

    def __init__(self, encoding: str, unit: int) -> None:
        self.unit = unit
        super().__init__(encoding)
        self._ends = re.compile(b"(?=(" + self._ends.pattern + b"))")  # also those within another, out of phase

    def breaks(self, data: bytes, phase: int = 0) -> list[int]:
        places, last = [], -1
        for found in self._ends.finditer(data):
            start = found.start()
            if start % self.unit == phase and start >= last:
                last = found.end(1)
                if last < len(data):
                    places.append(last)
        return places

    def needs_lead(self, first: int) -> bool:
        return True

    def lead(self, context: bytes) -> bytes:
        """`context` has to begin with a whole unit."""
        decoder = codecs.getincrementaldecoder(self.encoding)(KEEP_BYTES)
        decoder.decode(context)
        return decoder.getstate()[0]

    def split(self, data: bytes, lead: bytes = b"", final: bool = False) -> Characters:
        decoder = codecs.getincrementaldecoder(self.encoding)(KEEP_BYTES)
        text = decoder.decode(lead + data, final)
        if not lead and len(text) * self.unit == len(data) and max(text, default="") < "\ud800":
            return Characters(text, range(0, len(data), self.unit))
        starts, at = [], -len(lead)
        for character in text:
            starts.append(at)
            if "\udc00" <= character <= "\udcff":
                at += 1
            else:
                at += 4 if character >= "\U00010000" else self.unit
        return _without_lead(text, starts, at, len(data))


_WITH_ASCII = frozenset({"gb18030", "gbk", "gb2312", "shift_jis", "cp932", "big5", "euc_jp", "euc_kr", "cp949"})
"""In which a byte below 0x80 that stands behind a whole character is a character."""


class _Multibyte(Codec):
    """Characters of one to four bytes whose ends only the bytes before them tell.

    Line ends, digits and punctuation below 0x30 are never part of another character: behind them a character begins.
    """

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self._sizes = _Sizes(encoding)
        self._with_ascii = encoding in _WITH_ASCII

    def needs_lead(self, first: int) -> bool:
        return first >= 0x30

    def lead(self, context: bytes) -> bytes:
        begin = next((at for at in range(len(context), 0, -1) if context[at - 1] < 0x30), 0)
        decoder = codecs.getincrementaldecoder(self.encoding)(KEEP_BYTES)
        decoder.decode(context[begin:])
        return decoder.getstate()[0]

    def split(self, data: bytes, lead: bytes = b"", final: bool = False) -> Characters:
        if self._with_ascii and not lead and data.isascii():
            return Characters(data.decode(self.encoding), range(len(data)))
        decoder = codecs.getincrementaldecoder(self.encoding)(KEEP_BYTES)
        whole = lead + data
        text = decoder.decode(whole, final)
        left = b"" if final else decoder.getstate()[0]
        sizes = [self._sizes[character] for character in text]
        if sum(sizes) + len(left) != len(whole):  # an encoding with two ways of writing one character
            text, sizes = self._slowly(whole, final)
        starts, at = [], -len(lead)
        for size in sizes:
            starts.append(at)
            at += size
        return _without_lead(text, starts, at, len(data))

    def _slowly(self, whole: bytes, final: bool) -> tuple[str, list[int]]:
        """Byte by byte; characters that one byte completes together share it."""
        decoder = codecs.getincrementaldecoder(self.encoding)(KEEP_BYTES)
        text, sizes, since = "", [], 0
        for at in range(len(whole) + final):
            found = decoder.decode(whole[at : at + 1], at == len(whole))
            if found:
                end = min(at + 1, len(whole))
                sizes += [0] * (len(found) - 1) + [end - since]
                text, since = text + found, end
        return text, sizes


class _Sizes(dict[str, int]):
    """Bytes of each character, worked out when it is first asked for."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    def __missing__(self, character: str) -> int:
        size = 1 if "\udc00" <= character <= "\udcff" else len(_encoded(character, self._encoding))
        self[character] = size
        return size


def _without_lead(text: str, starts: list[int], end: int, size: int) -> Characters:
    """Leave out the characters that end at or before 0, and add what is unfinished at the end."""
    if end < size:
        text, starts = text + UNFINISHED, [*starts, end]
    first = 0
    while first + 1 < len(starts) and starts[first + 1] <= 0:
        first += 1
    return Characters(text[first:], starts[first:]) if first else Characters(text, starts)


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "ignore")


_UNITS = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
_MARKED = {"utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-8-sig": "utf-8"}  # a byte order mark shows itself


@lru_cache(maxsize=64)
def codec_of(encoding: str) -> Codec:
    """The codec for an encoding that Python knows. Raises LookupError."""
    name = codecs.lookup(encoding).name
    name = _MARKED.get(name, name)
    if name == "utf-8":
        return _Utf8(name)
    if name in _UNITS:
        return _Wide(name, _UNITS[name])
    if all(len(bytes([byte]).decode(name, KEEP_BYTES)) == 1 for byte in range(256)) and _is_table(name):
        return Codec(name)
    return _Multibyte(name)


def _is_table(encoding: str) -> bool:
    """Whether each byte alone is a character or none, whatever stands before it."""
    decoder = codecs.getincrementaldecoder(encoding)(KEEP_BYTES)
    return all(len(decoder.decode(bytes([byte]))) == 1 for byte in range(256))
