"""The fields of a template: what each is filled with, and how its number is written.

A field is made once, when a template is read, and knows then whether its size is always the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from explorer.core.filling import Filling
from explorer.wire.checksums import Checksum
from explorer.wire.placed_error import PlacedError

Order = Literal["big", "little"]
Counted = Literal["rest", "body", "all"]


@dataclass(frozen=True, slots=True)
class NumberForm:
    """How a number is written.

    size: bytes of a binary number in this `order`; 0 for digits.
    digits: "d" decimal, "x" or "X" hexadecimal; `width` of them, with zeros in front (0: as many as it takes),
    in this text `encoding`.
    """

    name: str
    size: int = 0
    order: Order = "big"
    digits: Literal["d", "x", "X"] = "d"
    width: int = 0
    encoding: str = "ascii"

    @property
    def limit(self) -> int | None:
        """The first number that is too large; None when every number has room."""
        if self.size:
            return 1 << 8 * self.size
        return (10 if self.digits == "d" else 16) ** self.width if self.width else None

    @property
    def fixed_size(self) -> int | None:
        """Bytes of every number written; None when that depends on the number."""
        if self.size:
            return self.size
        return len(("0" * self.width).encode(self.encoding)) if self.width else None

    def fits(self, number: int) -> bool:
        limit = self.limit
        return limit is None or 0 <= number < limit

    def write(self, number: int) -> bytes:
        """The bytes of a number that fits."""
        if self.size:
            return number.to_bytes(self.size, self.order)
        return f"{number:0{self.width}{self.digits}}".encode(self.encoding)


@dataclass(frozen=True, slots=True)
class Fixed:
    """Bytes that stand in the message as they are."""

    data: bytes

    @property
    def fixed_size(self) -> int | None:
        return len(self.data)

    def value(self, filling: Filling, chance: random.Random) -> bytes:
        return self.data


@dataclass(frozen=True, slots=True)
class CounterField:
    """`start`, then `step` more in every message; after the largest number that has room comes 0."""

    position: int
    form: NumberForm
    start: int = 0
    step: int = 1

    @property
    def fixed_size(self) -> int | None:
        return self.form.fixed_size

    def value(self, filling: Filling, chance: random.Random) -> bytes:
        number = self.start + self.step * filling.counter
        limit = self.form.limit
        return self.form.write(number if limit is None else number % limit)


@dataclass(frozen=True, slots=True)
class TimeField:
    """The time since 1970-01-01 UTC, in units of `unit` nanoseconds."""

    position: int
    form: NumberForm
    unit: int = 1_000_000_000

    @property
    def fixed_size(self) -> int | None:
        return self.form.fixed_size

    def value(self, filling: Filling, chance: random.Random) -> bytes:
        number = filling.now_ns // self.unit
        if not self.form.fits(number):
            raise PlacedError(
                self.position,
                f"The time is {number:,} now, which has no room in {self.form.name}. Choose a wider form.",
            )
        return self.form.write(number)


@dataclass(frozen=True, slots=True)
class IsoTimeField:
    """The time as ISO 8601 writes it, in UTC, to the millisecond: ``2026-01-31T23:59:59.125Z``."""

    position: int
    encoding: str

    @property
    def fixed_size(self) -> int | None:
        return len("2026-01-31T23:59:59.125Z".encode(self.encoding))

    def value(self, filling: Filling, chance: random.Random) -> bytes:
        seconds, rest = divmod(filling.now_ns, 1_000_000_000)
        moment = datetime.fromtimestamp(seconds, UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest // 1_000_000:03d}Z".encode(self.encoding)


@dataclass(frozen=True, slots=True)
class RandomField:
    """`size` bytes of chance."""

    position: int
    size: int

    @property
    def fixed_size(self) -> int | None:
        return self.size

    def value(self, filling: Filling, chance: random.Random) -> bytes:
        return chance.randbytes(self.size)


@dataclass(frozen=True, slots=True)
class LengthField:
    """How many bytes there are, plus `add`.

    of: "rest": all that comes after this field; "body": that without the checksums at its end; "all": the
    whole message.
    """

    position: int
    form: NumberForm
    of: Counted = "rest"
    add: int = 0

    @property
    def fixed_size(self) -> int | None:
        return self.form.fixed_size

    def write(self, size: int) -> bytes:
        """The field for so many bytes."""
        number = size + self.add
        if number < 0:
            raise PlacedError(
                self.position, f"The length would be {number:,}: there are {size:,} bytes, and add={self.add}."
            )
        if not self.form.fits(number):
            raise PlacedError(
                self.position,
                f"The length is {number:,}, which has no room in {self.form.name}. Choose a wider form, or send less.",
            )
        return self.form.write(number)


@dataclass(frozen=True, slots=True)
class ChecksumField:
    """A checksum of the message's bytes from `first` up to and without `last`, counted from 0.

    Negative positions count back from the message's end. None stands, as `first`, for the byte after this
    field; as `last`, for the end of the message when `to_end`, else for where this field begins.
    """

    position: int
    form: NumberForm
    checksum: Checksum
    first: int | None = 0
    last: int | None = None
    to_end: bool = False

    @property
    def fixed_size(self) -> int:
        size = self.form.fixed_size
        assert size is not None, "a checksum's digits are as many as its largest number has"
        return size

    def write(self, message: bytearray, at: int) -> None:
        """Put the checksum in its place; `at` is where the field begins."""
        first, last = self._range(at, len(message))
        number = self.checksum.of(memoryview(message)[first:last])
        message[at : at + self.fixed_size] = self.form.write(number)

    def summed(self, at: int, size: int) -> int:
        """How many bytes are summed up in a message of this size; 0 where they cannot be."""
        try:
            first, last = self._range(at, size)
        except PlacedError:
            return 0
        return last - first

    def _range(self, at: int, size: int) -> tuple[int, int]:
        """The first byte, and the one behind the last. Raises PlacedError."""
        first = at + self.fixed_size if self.first is None else self._place("from", self.first, size)
        last = (size if self.to_end else at) if self.last is None else self._place("to", self.last, size)
        if first > last:
            raise PlacedError(
                self.position,
                f"There is nothing to sum up: it would begin at byte {first:,} and end before byte {last:,}. "
                "Change from= or to=.",
            )
        return first, last

    def _place(self, option: str, place: int, size: int) -> int:
        found = place if place >= 0 else size + place
        if not 0 <= found <= size:
            raise PlacedError(self.position, f"{option}={place} lies outside the message, which has {size:,} bytes.")
        return found


Immediate = Fixed | CounterField | TimeField | IsoTimeField | RandomField
Part = Immediate | LengthField | ChecksumField
