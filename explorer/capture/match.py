"""Conditions on records, as masks: one byte a record, computed a column at a time at the speed of C.

Masks combine as large integers, so that "and" and "or" over thousands of records are single steps.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Collection, Iterator
from operator import and_

from explorer.capture.block_index import Match
from explorer.capture.reader import Columns
from explorer.core.calls import PAYLOAD, RECEIVING, SENDING, CallFlag, CallKind

__all__ = [
    "any_of",
    "both",
    "carries",
    "everything",
    "failed",
    "inverse",
    "kinds",
    "of_connections",
    "of_sockets",
    "stretches",
    "table_of",
]

_RETURNED = bytes(0 if flags & CallFlag.PENDING else 1 for flags in range(256))


def everything(columns: Columns) -> bytes | None:
    """All records."""
    return None


def table_of(wanted: Collection[CallKind]) -> bytes:
    """Translates a column of kinds to a mask of those wanted."""
    chosen = {int(kind) for kind in wanted}
    return bytes(1 if kind in chosen else 0 for kind in range(256))


def kinds(wanted: Collection[CallKind]) -> Match:
    """Records of these kinds."""
    table = table_of(wanted)

    def match(columns: Columns) -> bytes | None:
        return columns.kinds.translate(table)

    return match


def carries(received: bool = True, sent: bool = True) -> Match:
    """Records that carry traffic, in either direction or one."""
    if received and sent:
        return kinds(PAYLOAD)
    return kinds(RECEIVING if received else SENDING)


def failed(columns: Columns) -> bytes | None:
    """Records of calls that failed. A call that goes on (connect's EINPROGRESS) has not."""
    errnos = columns.errnos
    if errnos.count(0) == len(errnos):
        return bytes(len(errnos))
    return bytes(map(and_, map(bool, errnos), columns.flags.translate(_RETURNED)))


def of_connections(wanted: Collection[int]) -> Match:
    """Records of these connections."""
    return _of(wanted, lambda columns: columns.connections)


def of_sockets(wanted: Collection[int]) -> Match:
    """Records of these sockets."""
    return _of(wanted, lambda columns: columns.sockets)


def _of(wanted: Collection[int], column: Callable[[Columns], array[int]]) -> Match:
    chosen = frozenset(wanted)

    def match(columns: Columns) -> bytes | None:
        values = column(columns)
        if values.tobytes() == struct.pack("=I", values[0]) * len(values):  # the usual case: one value only
            return None if values[0] in chosen else bytes(len(values))
        return bytes(map(chosen.__contains__, values))

    return match


def both(*matches: Match) -> Match:
    """Records that meet every condition."""

    def match(columns: Columns) -> bytes | None:
        result: int | None = None
        for one in matches:
            mask = one(columns)
            if mask is not None:
                value = int.from_bytes(mask, "little")
                result = value if result is None else result & value
                if not result:
                    break  # no record can meet them all: the other conditions need not be looked at
        return None if result is None else result.to_bytes(columns.count, "little")

    return match


def any_of(*matches: Match) -> Match:
    """Records that meet at least one condition."""

    def match(columns: Columns) -> bytes | None:
        result = 0
        for one in matches:
            mask = one(columns)
            if mask is None:
                return None
            result |= int.from_bytes(mask, "little")
        return result.to_bytes(columns.count, "little")

    return match


def stretches(mask: bytes) -> Iterator[tuple[int, int]]:
    """Where a mask of 0 and 1 has 1 after 1: from … up to, not including."""
    start = mask.find(1)
    while start >= 0:
        stop = mask.find(0, start)
        stop = stop if stop >= 0 else len(mask)
        yield start, stop
        start = mask.find(1, stop)


def inverse(one: Match) -> Match:
    """Records that do not meet the condition."""
    table = bytes([1, 0]) + bytes(254)

    def match(columns: Columns) -> bytes | None:
        mask = one(columns)
        return bytes(columns.count) if mask is None else mask.translate(table)

    return match
