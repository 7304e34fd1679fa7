"""Framing `varint`: each message stands behind its length, written as protobuf writes an unsigned integer.

The prefix is a base-128 number, lowest seven bits first; the top bit of a byte says that another follows (protobuf's
guide to its wire format, "Base 128 Varints"). Whole frame = prefix + as many bytes as it says. Protobuf calls such
a stream delimited (`writeDelimitedTo`, `parseDelimitedFrom`). As its readers do, a prefix that is longer than needed
(``80 00`` for 0) is accepted, up to the ten bytes that 64 bits take.

A frame that cannot be is one error at its start, and the framer finds its way back:

- longer than `max`: exactly the declared frame is skipped, over as many reads as it takes;
- ten prefix bytes that all say that another follows: all up to and including the first byte that does not is
  skipped, which is where the number would end, and the next frame is read from there;
- a number of ten bytes that does not fit into 64 bits: those ten bytes are skipped.

What a length declares is never allocated; only what has arrived is held.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from explorer.core.fields import Value
from explorer.wire.framing.api import MAX_FIELD, FramingError, FramingKind, Part, check_size
from explorer.wire.framing.declared import Declared
from explorer.wire.framing.runs import Run
from explorer.wire.framing.values import integer

LONGEST_PREFIX = 10  # bytes: 64 bits, seven in each
_LARGEST = (1 << 64) - 1
_LAST = re.compile(rb"[\x00-\x7f]")  # a byte after which a varint does not go on


class VarintFramer(Declared):
    """Frames behind a varint. `maximum` covers the message without its prefix, in bytes."""

    def __init__(self, maximum: int) -> None:
        super().__init__(1)
        self._maximum = maximum
        self._endless = False  # in a prefix of more than ten bytes: drop all up to its last one

    def encode(self, payload: bytes) -> bytes:
        """The payload behind its length, in as few bytes as it takes. Raises InputError when it is longer than max."""
        check_size(len(payload), self._maximum)
        return varint(len(payload)) + payload

    def restore(self, payload: bytes) -> bytes:
        return self.encode(payload)

    def _split(self, chunk: bytes, found: list[Run | FramingError]) -> int:
        """Take frames from `chunk`; how many of its bytes are done with. Sets what is needed next."""
        start, maximum = self._start, self._maximum
        at, end = self._skip_endless(chunk, 0) if self._endless else 0, len(chunk)
        sizes, payload_sizes = list[int](), list[int]()  # of the frames since the last error
        self._needed = 1
        while at < end:
            value, begin = chunk[at], at + 1
            if value >= 0x80:
                if begin < end and chunk[begin] < 0x80:
                    value += (chunk[begin] << 7) - 0x80
                    begin += 1
                elif last := _LAST.search(chunk, begin, at + LONGEST_PREFIX):
                    begin = last.end()
                    value = number(chunk[at:begin])
                elif end - at < LONGEST_PREFIX:
                    self._needed = end - at + 1
                    break
                else:
                    sizes, payload_sizes = self._end_run(found, at, sizes, payload_sizes)
                    found.append(_endless(start + at))
                    at = self._skip_endless(chunk, at + LONGEST_PREFIX)
                    continue
            stop = begin + value
            if value > maximum:
                sizes, payload_sizes = self._end_run(found, at, sizes, payload_sizes)
                found.append(self._refuse(start + at, value, begin - at))
                at = stop if value <= _LARGEST else begin
            elif stop <= end:
                sizes.append(stop - at)
                payload_sizes.append(value)
                at = stop
            else:
                self._needed = stop - at
                break
        self._end_run(found, at, sizes, payload_sizes)
        self._discard = max(0, at - end)
        return min(at, end)

    def _end_run(
        self, found: list[Run | FramingError], at: int, sizes: list[int], payload_sizes: list[int]
    ) -> tuple[list[int], list[int]]:
        """Frames of these sizes end `at` bytes behind `_start`: take them as a run. Lists for the next ones."""
        if sizes:
            found.append(Run(self._start + at - sum(sizes), sizes, payload_sizes))
        return [], []

    def _skip_endless(self, chunk: bytes, at: int) -> int:
        """Where a prefix of too many bytes, of which `chunk` has more from `at` on, is over."""
        last = _LAST.search(chunk, at)
        self._endless = last is None
        return last.end() if last else len(chunk)

    def _refuse(self, start: int, value: int, width: int) -> FramingError:
        if value > _LARGEST:
            said = (
                "The length does not fit into 64 bits; expected at most 10 bytes that hold no more. They are skipped."
            )
            return FramingError(start, width, said)
        said = f"The length says {value:,} bytes; expected at most {self._maximum:,}. The frame is skipped."
        return FramingError(start, width + value, said)


def varint(value: int) -> bytes:
    """`value`, from 0 on, in as few bytes as it takes."""
    groups = bytearray()
    while value >= 0x80:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def number(groups: bytes) -> int:
    """The value of a whole varint."""
    value = 0
    for group in reversed(groups):
        value = value << 7 | group & 0x7F
    return value


def _endless(start: int) -> FramingError:
    said = (
        "Expected a length of at most 10 bytes, of which the last is 00 to 7f, but all ten say that another follows; "
        "all up to such a last byte is skipped."
    )
    return FramingError(start, None, said)


def make(values: Mapping[str, Value]) -> VarintFramer:
    return VarintFramer(integer(values, "max"))


def picture(_values: Mapping[str, Value]) -> tuple[Part, ...]:
    note = "Counts the bytes after it, seven bits in each byte, lowest first; a top bit says that another follows."
    return (
        Part("length: varint", "length", note, cut=True),
        Part("payload", "payload", "As many bytes as the length says."),
    )


KIND = FramingKind(
    "varint",
    "Varint length",
    "Each message behind its length as a varint, as protobuf's delimited streams are.",
    (MAX_FIELD,),
    make,
    picture,
    payload_at="end",
)
