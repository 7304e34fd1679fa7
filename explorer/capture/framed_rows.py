"""Rows of framed messages as they are packed, and the packing of very many at once.

Messages of a run are packed column by column at the speed of C: a loop over them would cost more than finding them.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, repeat
from operator import ne, sub
from typing import NamedTuple

from explorer.wire.framing.runs import Run

ROW = struct.Struct("<QQQIIIIIIIHBB")
"""First call, completing call, stream offset, skip in first call, end in last, size, payload size, framing,
socket, connection, sentence of the error, whether received, what it is."""
MESSAGE, BROKEN, WRONG = 0, 1, 2
"""What a row is: a message; a place where the framing is broken; a message whose checksum is wrong."""
FRAMING = 7  # the place of the framing in a row
LARGEST = 0xFFFF_FFFF  # bytes on the wire that a row can tell
_CALL = struct.Struct("<Q")  # the completing call in a row, 8 bytes from its beginning
_WIDE, _NARROW = ROW.size // 8, ROW.size // 4


class Whose(NamedTuple):
    """What all rows of one direction of a connection have in common. framing: a number; the rest as in `Call`."""

    framing: int
    socket: int
    connection: int
    received: bool


class Part(NamedTuple):
    """Rows, packed, that one call completed, or (as a whole batch) several calls, `call` the first of them."""

    call: int
    raw: bytes


def pack_run(run: Run, whose: Whose, starts: list[int], calls: Sequence[int]) -> bytes:
    """The rows of messages that follow each other.

    starts: stream offsets at which calls begin, up from that which holds the run's first byte; calls: their numbers.
    All bytes of the run are in these calls.
    """
    count = len(run.sizes)
    offsets, ends = run.bounds()
    if offsets == starts:  # each call is one message, as it often is
        firsts = lasts = array("Q", calls)
        skips, reaches = array("I", bytes(4 * count)), array("I", run.sizes)
    else:
        # How many messages begin, and end, in each call: those that do before the next one begins, less earlier ones.
        later = starts[1:]
        begun = _differences(map(bisect_left, repeat(offsets), later), count)
        ended = _differences(map(bisect_right, repeat(ends), later), count)
        firsts, lasts = array("Q", _repeated(calls, begun)), array("Q", _repeated(calls, ended))
        skips = array("I", map(sub, offsets, _repeated(starts, begun)))
        reaches = array("I", map(sub, ends, _repeated(starts, ended)))
    packed = bytearray(_constant(whose) * count)
    with memoryview(packed) as rows, rows.cast("Q") as wide, rows.cast("I") as narrow:
        wide[0::_WIDE] = firsts
        wide[1::_WIDE] = lasts
        wide[2::_WIDE] = array("Q", offsets)
        narrow[6::_NARROW] = skips
        narrow[7::_NARROW] = reaches
        narrow[8::_NARROW] = array("I", run.sizes)
        narrow[9::_NARROW] = array("I", run.payload_sizes)
    return bytes(packed)


def _constant(whose: Whose) -> bytes:
    return ROW.pack(0, 0, 0, 0, 0, 0, 0, whose.framing, whose.socket, whose.connection, 0, whose.received, MESSAGE)


def _differences(totals: Iterable[int], last: int) -> list[int]:
    """From running totals, the last of which is `last`: how much each adds."""
    running = [*totals, last]
    return [running[0], *map(sub, running[1:], running)]


def _repeated(values: Sequence[int], times: Iterable[int]) -> Iterator[int]:
    return chain.from_iterable(map(repeat, values, times))


def in_order(batches: Sequence[bytes]) -> bytes:
    """Rows of several batches, each in the order of its completing calls, in that order."""
    whole = b"".join(batches)
    if len(batches) < 2 or not whole:
        return whole
    calls = array("Q", memoryview(whole).cast("Q")[1::_WIDE].tobytes())
    # Rows of one call stay together and as they were: where there are very many rows, many are of one call.
    starts = [0, *compress(range(1, len(calls)), map(ne, calls[1:], calls))]
    bounds = [start * ROW.size for start in starts] + [len(whole)]
    order = sorted(range(len(starts)), key=[calls[start] for start in starts].__getitem__)
    return b"".join([whole[bounds[place] : bounds[place + 1]] for place in order])


def whats_of(rows: bytes) -> bytes:
    """What each row is."""
    return rows[ROW.size - 1 :: ROW.size]


def parts_of(batch: bytes) -> Iterator[Part]:
    """The rows of each completing call."""
    if len(batch) == ROW.size:  # as it mostly is where silence ends messages
        yield Part(_CALL.unpack_from(batch, 8)[0], batch)
        return
    calls, start = _completing(batch), 0
    while start < len(calls):
        call = calls[start]
        stop = start + 1 if calls[start + 1 : start + 2] != [call] else bisect_right(calls, call, start)
        yield Part(call, batch[start * ROW.size : stop * ROW.size])
        start = stop


def _completing(rows: bytes) -> list[int]:
    return memoryview(rows).cast("Q")[1::_WIDE].tolist()
