"""Many messages at once, column by column: what filters work on at the speed of C."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import TYPE_CHECKING, Protocol

from explorer.capture.layout import RECORD
from explorer.capture.match import table_of
from explorer.capture.reader import Columns
from explorer.core.calls import RECEIVING, CallFlag

if TYPE_CHECKING:
    from explorer.capture.contains import Contains

_RECEIVED = table_of(RECEIVING)
_CUT = bytes(1 if flags & CallFlag.CUT else 0 for flags in range(256))


MessagePlace = tuple[int, int, int, int, int, int, int, bool, bool]
"""Where a message stands, and no more, for views of very many small ones: number, first_call, skip, call, end, size,
connection, received (as in `Message`), and whether it tells of an error."""


class MessageColumns(Protocol):
    """Messages in rows `first` … `first` + `count` - 1, in the order in which they were completed.

    Each property copies one column; the masks have one byte a message, 0 or 1.
    """

    @property
    def first(self) -> int: ...

    @property
    def count(self) -> int: ...

    @property
    def calls(self) -> Sequence[int]:
        """Numbers of the calls that completed them; they never fall."""

    @property
    def last_call(self) -> int:
        """The last of `calls`."""

    @property
    def sizes(self) -> Sequence[int]:
        """Bytes on the wire."""

    @property
    def payload_sizes(self) -> Sequence[int]:
        """Bytes of the messages themselves; 0 where the framing is broken."""

    @property
    def sockets(self) -> array[int]: ...

    @property
    def connections(self) -> array[int]: ...

    @property
    def received(self) -> bytes:
        """A mask: whether received."""

    @property
    def errors(self) -> bytes:
        """A mask: whether the row tells of an error; there may be a message all the same (`Message.whole`)."""

    @property
    def kinds(self) -> bytes:
        """Kinds of the calls that completed them."""

    @property
    def places(self) -> Iterator[MessagePlace]:
        """Where they stand, row by row."""

    def containing(self, wanted: Contains) -> bytes:
        """A mask: which hold one of the patterns; where there is no message, the bytes that were skipped."""


class RawColumns:
    """Messages that are what one call each carried: the records that a mask (None: all) says, up to `most`."""

    def __init__(self, first: int, records: Columns, mask: bytes | None, most: int) -> None:
        found = records.count if mask is None else mask.count(1)
        if found > most:
            stop = most if mask is None else next(_nth(mask, most))
            records = Columns(records.start, stop, records.raw[: stop * RECORD.size])
            mask = None if mask is None else mask[:stop]
            found = most
        self.first = first
        self.count = found
        self._records = records
        self._mask = None if found == records.count else mask

    @property
    def calls(self) -> Sequence[int]:
        span = range(self._records.start, self._records.start + self._records.count)
        return span if self._mask is None else list(compress(span, self._mask))

    @property
    def last_call(self) -> int:
        last = self._records.count - 1 if self._mask is None else self._mask.rindex(1)
        return self._records.start + last

    @property
    def sizes(self) -> Sequence[int]:
        sizes = self._records.sizes
        return sizes if self._mask is None else list(compress(sizes, self._mask))

    @property
    def payload_sizes(self) -> Sequence[int]:
        return self.sizes

    @property
    def sockets(self) -> array[int]:
        return self._numbers(self._records.sockets)

    @property
    def connections(self) -> array[int]:
        return self._numbers(self._records.connections)

    @property
    def received(self) -> bytes:
        return self._bytes(self._records.kinds.translate(_RECEIVED))

    @property
    def errors(self) -> bytes:
        return self._bytes(self._records.flags.translate(_CUT))

    @property
    def kinds(self) -> bytes:
        return self._bytes(self._records.kinds)

    @property
    def places(self) -> Iterator[MessagePlace]:
        rows = zip(self.calls, self.sizes, self.connections, self.received, self.errors, strict=True)
        return (
            (row, call, 0, call, size, size, connection, bool(received), bool(error))
            for row, (call, size, connection, received, error) in enumerate(rows, self.first)
        )

    def containing(self, wanted: Contains) -> bytes:
        found = wanted.in_calls(self._records)
        return b"\1" * self.count if found is None else self._bytes(found)

    def _numbers(self, column: array[int]) -> array[int]:
        return column if self._mask is None else array("I", compress(column, self._mask))

    def _bytes(self, column: bytes) -> bytes:
        return column if self._mask is None else bytes(compress(column, self._mask))


def _nth(mask: bytes, number: int) -> compress[int]:
    """How many places of the mask reach up to, and with, its `number`-th 1 (from 1 on)."""
    places = compress(range(1, len(mask) + 1), mask)
    for _ in range(number - 1):
        next(places)
    return places
