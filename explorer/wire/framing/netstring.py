"""Framing `netstring`: D. J. Bernstein's netstrings of 1997, ``5:hello,``.

The length in decimal digits, a colon, as many bytes, and a comma. Extra zeros in front of the length are prohibited
by his definition; more than ten digits are refused before anybody computes with them.

Most readers close the connection at a mistake (Twisted's does). Here what came next shall be seen, so the framer
finds its way back, each time after one error at the beginning of the broken netstring:

- A length of more than `max`: exactly the declared bytes and the place of the comma are skipped, over as many reads as
  it takes. If no comma stood there, that is another error where the skipped bytes end.
- No length, no colon after it, or no comma at the end: the next place is searched where a netstring may begin, which
  is after a comma, where a length of at most `max` and a colon follow. The search begins where the mistake was seen;
  only where the comma at the end is missing it begins after the colon, for the length may be what is wrong.

What a length declares is never allocated; only what has arrived is held. Work is linear however small the chunks are,
and however many false beginnings lie in each other: bytes are looked at where they are held, and dropped in front.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from explorer.core.fields import Value
from explorer.wire.framing.api import MAX_FIELD, Found, Frame, FramingError, FramingKind, Part, check_size
from explorer.wire.framing.runs import Run, runs_of
from explorer.wire.framing.values import integer

MOST_DIGITS = 10  # enough for the largest `max`
_COMMA = b","[0]
_LENGTH = rb"(0|[1-9][0-9]{0,9})"
_HEADER = re.compile(_LENGTH + rb":")
_DIGITS = re.compile(_LENGTH)
_BEGINNING = re.compile(rb"," + _LENGTH + rb":")
_UNFINISHED = re.compile(rb"," + _LENGTH + rb"?\Z")
_SEARCH = "; the next netstring is searched after a comma."


class NetstringFramer:
    """Netstrings. `maximum` covers the message without its length and punctuation, in bytes."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._start = 0  # stream offset of the first byte held
        self._held = bytearray()
        self._needed = 1  # held bytes that make the next step possible
        self._discard = 0  # bytes of a message that is too long, which are still to come
        self._closing = False  # after such a message: its comma comes next, and is not yet known to be one
        self._seeking = False  # after a mistake; what is held is an unfinished comma, length and colon

    @property
    def pending(self) -> int:
        return 0 if self._seeking or self._closing else len(self._held)

    @property
    def held(self) -> bytes:
        return bytes(self._held) if self.pending else b""

    def feed(self, data: bytes | memoryview) -> list[Found]:
        found: list[Found] = []
        if self._discard:
            drop = min(self._discard, len(data))
            self._discard -= drop
            self._start += drop
            data = memoryview(data)[drop:]
        self._held += data
        if len(self._held) >= self._needed:
            used = self._split(self._held, found)
            self._start += used
            del self._held[:used]
        return found

    def measure(self, data: bytes | memoryview) -> list[Run | FramingError]:
        """See `runs.MeasuringFramer`."""
        return runs_of(self.feed(data))

    def end(self) -> list[Found]:
        return []

    def encode(self, payload: bytes) -> bytes:
        """The payload as a netstring. Raises InputError when it is longer than max."""
        check_size(len(payload), self._maximum)
        return b"%d:%b," % (len(payload), payload)

    def restore(self, payload: bytes) -> bytes:
        return self.encode(payload)

    def _split(self, held: bytearray, found: list[Found]) -> int:
        """Take netstrings from `held`; how many of its bytes are done with. Sets what is needed next."""
        start, maximum, end = self._start, self._maximum, len(held)
        self._needed = 1
        at = self._seek(0) if self._seeking else self._close(0, found) if self._closing else 0
        while at < end and not self._seeking and not self._closing:
            header = _HEADER.match(held, at)
            if header is None:
                place = _end_of_digits(held, at)
                if place == end:
                    self._needed = end - at + 1
                    return at
                found.append(FramingError(start + at, None, _no_length(held, at, place)))
                at = self._seek(place)
                continue
            size, begin = int(header[1]), header.end()
            stop = begin + size
            if size > maximum:
                said = f"The length says {size:,} bytes; expected at most {maximum:,}. The netstring is skipped."
                found.append(FramingError(start + at, stop + 1 - at, said))
                if stop >= end:
                    self._discard, self._closing = stop - end, True
                    return end
                at = self._close(stop, found)
            elif stop >= end:
                self._needed = stop + 1 - at
                return at
            elif held[stop] == _COMMA:
                found.append(Frame(start + at, stop + 1 - at, bytes(held[begin:stop])))
                at = stop + 1
            else:
                said = f"Expected a comma after the {size:,} bytes of the message, but {_named(held[stop])} came"
                found.append(FramingError(start + at, None, said + _SEARCH))
                at = self._seek(begin)
        return at

    def _close(self, at: int, found: list[Found]) -> int:
        """After a message that was too long: where to go on from the place of its comma.

        Another byte there belongs to what is skipped; that it was wrong is an error of the bytes behind it.
        """
        came, behind = self._held[at], at + 1
        self._closing = came != _COMMA and behind == len(self._held)
        if came == _COMMA:
            return behind
        if self._closing:
            self._needed = 2
            return at
        said = f"Expected the comma that ends the skipped message in front of this, but {_named(came)} came"
        found.append(FramingError(self._start + behind, None, said + _SEARCH))
        return self._seek(behind)

    def _seek(self, place: int) -> int:
        """Where in what is held, from `place` on, a netstring may begin; if nowhere, where the search goes on."""
        held = self._held
        for beginning in _BEGINNING.finditer(held, place):
            if int(beginning[1]) <= self._maximum:
                self._seeking = False
                return beginning.start() + 1
        self._seeking = True
        unfinished = _UNFINISHED.search(held, max(place, len(held) - MOST_DIGITS - 1))
        return unfinished.start() if unfinished else len(held)


def _end_of_digits(held: bytearray, at: int) -> int:
    digits = _DIGITS.match(held, at)
    return digits.end() if digits else at


def _no_length(held: bytearray, at: int, place: int) -> str:
    """The sentence about a netstring at `at` with a wrong byte at `place`."""
    digits = place - at
    if not digits:
        expected = "a digit of the length"
    elif digits == MOST_DIGITS:
        expected = f"a colon after at most {MOST_DIGITS} digits"
    elif held[at:place] == b"0":
        expected = "a colon after the length 0"
    else:
        expected = "a digit or a colon"
    return f"Expected {expected}, but {_named(held[place])} came{_SEARCH}"


def _named(byte: int) -> str:
    """A byte in a sentence: as the character that it is in ASCII, and in hex."""
    return f"'{chr(byte)}' ({byte:02x})" if 0x21 <= byte <= 0x7E else f"{byte:02x}"


def make(values: Mapping[str, Value]) -> NetstringFramer:
    return NetstringFramer(integer(values, "max"))


def picture(_values: Mapping[str, Value]) -> tuple[Part, ...]:
    return (
        Part("length: digits", "length", "Counts the bytes of the message, in decimal.", cut=True),
        Part(":", "header", "Ends the length.", 1, cut=True),
        Part("payload", "payload", "As many bytes as the length says."),
        Part(",", "end", "Ends the message.", 1, cut=True),
    )


KIND = FramingKind(
    "netstring",
    "Netstring",
    "Each message as its length in digits, a colon, its bytes and a comma (5:hello,).",
    (MAX_FIELD,),
    make,
    picture,
)
