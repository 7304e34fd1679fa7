"""Framing `length`: each frame carries its length in a field near its front.

The dialect is stated once, here: whole frame = value + adjustment + offset + width. `offset` is
how many header bytes stand before the field, `width` the size of the field. Then `skip` bytes are
cut from the frame's front and the rest is the message. `max` covers the whole frame.

A frame that cannot be is one error at its start, and the framer finds its way back:

- longer than `max`, or shorter than the bytes to be cut: exactly the declared frame is skipped,
  over as many reads as it takes;
- shorter than its own header: the header is skipped.

What a length declares is never allocated; only what has arrived is held.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from operator import sub
from typing import Literal

from explorer.core.errors import InputError
from explorer.core.fields import Field, Value
from explorer.wire.framing.api import (
    LARGEST_MAX,
    MAX_FIELD,
    FramingError,
    FramingKind,
    Part,
    Role,
    check_size,
)
from explorer.wire.framing.declared import Declared
from explorer.wire.framing.length_presets import PRESETS
from explorer.wire.framing.runs import Run
from explorer.wire.framing.values import integer, text

FIELDS = (
    Field(
        "width",
        "int",
        4,
        "Length field size",
        "How many bytes the length field has.",
        minimum=1,
        maximum=8,
        unit="bytes",
    ),
    Field(
        "order",
        "choice",
        "big",
        "Byte order",
        "big: the first byte of the field weighs most (network order).",
        choices=("big", "little"),
    ),
    Field(
        "offset",
        "int",
        0,
        "Bytes before the length",
        "Header bytes in front of the length field.",
        minimum=0,
        maximum=LARGEST_MAX,
        unit="bytes",
    ),
    Field(
        "adjustment",
        "int",
        0,
        "Length adjustment",
        "Added to the value, which then counts the bytes after the length field; negative when the value counts more.",
        minimum=-(1 << 31),
        maximum=(1 << 31) - 1,
        unit="bytes",
    ),
    Field(
        "skip",
        "int",
        0,
        "Bytes to cut",
        "Cut from the front of each frame, e.g. the header and the length field.",
        minimum=0,
        maximum=LARGEST_MAX,
        unit="bytes",
    ),
    MAX_FIELD,
)


class LengthFramer(Declared):
    """Frames with a length field. Sizes and offsets are in bytes; `maximum` covers the whole frame."""

    def __init__(
        self, width: int, order: Literal["big", "little"], offset: int, adjustment: int, skip: int, maximum: int
    ) -> None:
        self._width = width
        self._order: Literal["big", "little"] = order
        self._offset = offset
        self._header = offset + width
        self._added = adjustment + offset + width  # whole frame = value + this
        self._skip = skip
        self._maximum = maximum
        super().__init__(self._header)

    def encode(self, payload: bytes) -> bytes:
        """A frame around `payload`, which is everything but the length field.

        Its first `offset` bytes are the header in front of the field: header bytes cannot be
        invented, so a shorter payload is refused. Raises InputError also when the field cannot
        hold the length, when the frame is longer than max, or when the peer would cut off more
        than the frame has.
        """
        if len(payload) < self._offset:
            raise InputError(
                "",
                f"The message must begin with the {self._offset:,} header bytes that stand before the length field; "
                f"it has {len(payload):,} bytes.",
            )
        return payload[: self._offset] + self._field(len(payload) + self._width) + payload[self._offset :]

    def restore(self, payload: bytes) -> bytes:
        """The frame that `payload` was found in, when nothing but length field bytes was cut from it."""
        if not self._skip:
            return payload
        if self._offset or self._skip > self._width:
            raise InputError(
                "",
                f"A message cannot be sent back as it came: this framing cuts {self._skip:,} bytes from the front, "
                "and not all of them belong to the length field. Cut less, or send a new message.",
            )
        return self._field(len(payload) + self._skip)[: self._skip] + payload

    def _split(self, chunk: bytes, found: list[Run | FramingError]) -> int:
        """Take frames from `chunk`; how many of its bytes are done with. Sets what is needed next."""
        offset, header, added, order = self._offset, self._header, self._added, self._order
        shortest, longest = max(header, self._skip), self._maximum
        at, end = 0, len(chunk)
        begin, sizes = 0, list[int]()  # of the frames since the last error
        while end - at >= header:
            value = int.from_bytes(chunk[at + offset : at + header], order)
            whole = value + added
            if shortest <= whole <= longest:
                if end - at < whole:
                    self._needed = whole
                    break
                sizes.append(whole)
                at += whole
                continue
            self._add_run(found, begin, sizes)
            error, drop = self._refuse(self._start + at, value, whole)
            found.append(error)
            at += drop
            begin, sizes = at, []
            if at > end:
                self._discard = at - end
                at = end
        else:
            self._needed = header
        self._add_run(found, begin, sizes)
        return at

    def _add_run(self, found: list[Run | FramingError], begin: int, sizes: list[int]) -> None:
        """Frames of these sizes, the first of which begins `begin` bytes behind `_start`."""
        if sizes:
            payload_sizes = list(map(sub, sizes, repeat(self._skip))) if self._skip else sizes
            found.append(Run(self._start + begin, sizes, payload_sizes))

    def _refuse(self, start: int, value: int, whole: int) -> tuple[FramingError, int]:
        """The error for a frame that cannot be, and how many bytes to drop."""
        said = f"The length field says {value:,}, so the whole frame would have {whole:,} bytes;"
        if whole < self._header:
            drop = self._header
            said += f" expected at least the {drop:,} bytes up to the end of that field, which are skipped."
        elif whole > self._maximum:
            drop = whole
            said += f" expected at most {self._maximum:,}. The frame is skipped."
        else:
            drop = whole
            said += f" expected at least the {self._skip:,} that are cut from its front. The frame is skipped."
        return FramingError(start, drop, said), drop

    def _field(self, whole: int) -> bytes:
        """The length field of a frame of `whole` bytes."""
        check_size(whole, self._maximum)
        if whole < self._skip:
            raise InputError(
                "", f"The frame would have {whole:,} bytes, fewer than the {self._skip:,} that are cut from its front."
            )
        value, largest = whole - self._added, (1 << 8 * self._width) - 1
        if not 0 <= value <= largest:
            raise InputError(
                "",
                f"The length field would have to say {value:,}, but {self._width} bytes hold only 0 to {largest:,}.",
            )
        return value.to_bytes(self._width, self._order)


def make(values: Mapping[str, Value]) -> LengthFramer:
    width, offset, skip = integer(values, "width"), integer(values, "offset"), integer(values, "skip")
    maximum = integer(values, "max")
    for name, size in (("offset", offset + width), ("skip", skip)):
        if size > maximum:
            raise InputError(
                name, f"No frame could be legal: {size:,} bytes at its front are needed, and max allows {maximum:,}."
            )
    order: Literal["big", "little"] = "little" if text(values, "order") == "little" else "big"
    return LengthFramer(width, order, offset, integer(values, "adjustment"), skip, maximum)


def picture(values: Mapping[str, Value]) -> tuple[Part, ...]:
    width, offset, skip = integer(values, "width"), integer(values, "offset"), integer(values, "skip")
    order = {"big": " BE", "little": " LE"}[text(values, "order")] if width > 1 else ""
    counts, said = _counted(offset, width, integer(values, "adjustment"))
    after = max(0, skip - offset - width)
    parts = _cut_at(skip, "header", "", "header", "Stands in front of the length.", offset)
    parts += _cut_at(skip - offset, "length", order + counts, "length", f"Its value counts {said}.", width)
    if after:
        parts.append(Part(f"cut: {after:,}", "header", "Follows the length and is cut off with it.", after, cut=True))
    return (*parts, Part("payload", "payload", "The length says where it ends."))


def _counted(offset: int, width: int, adjustment: int) -> tuple[str, str]:
    """What the value of the length field is the number of: as the end of a label, and in words."""
    if not adjustment:
        return "", "the bytes that follow it"
    if adjustment == -width - offset:
        return ", of the frame", "the whole frame, itself too"
    if adjustment == -width:
        return ", with itself", "itself and the bytes that follow it"
    if adjustment < 0:
        return f", with {-adjustment:,} more", f"the bytes that follow it, and {-adjustment:,} more"
    return f", without {adjustment:,}", f"the bytes that follow it without {adjustment:,} of them"


def _cut_at(cut: int, name: str, order: str, role: Role, note: str, size: int) -> list[Part]:
    """One stretch of `size` bytes, of which the first `cut` are cut off: one part, or two where it is cut in two."""
    if not size:
        return []
    if cut <= 0 or cut >= size:
        return [Part(f"{name}: {size:,}{order}", role, note, size, cut=cut > 0)]
    return [
        Part(f"{name}: first {cut:,} of {size:,}{order}", role, f"{note} This piece is cut off.", cut, cut=True),
        Part(f"{name}: last {size - cut:,} of {size:,}{order}", role, f"{note} This piece stays.", size - cut),
    ]


KIND = FramingKind(
    "length",
    "Length prefix",
    "Each frame says its length in a field near its front.",
    FIELDS,
    make,
    picture,
    PRESETS,
    payload_at="end",
)
