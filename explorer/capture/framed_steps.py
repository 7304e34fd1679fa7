"""What a step of framing is made of: records told apart by their connection and direction, and rows gathered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, repeat
from operator import and_, eq

from explorer.capture.framed_flow import FEW, Flow
from explorer.capture.layout import RECORD
from explorer.capture.reader import Columns
from explorer.capture.step_bytes import Calls, StepBytes

FEW_FLOWS = 8  # whose calls are picked out of all that are looked at in one step
FlowKey = tuple[int, int, bool]  # socket, connection, whether received
_INVERSE = bytes([1, 0]) + bytes(254)


def parted(pairs: Sequence[int], ways: bytes, calls: Calls) -> Iterator[tuple[int, int, Calls]]:
    """The calls of each direction of each connection."""
    keys = set(zip(pairs, ways, strict=True))
    if len(keys) == 1:
        yield *keys.pop(), calls
    elif len(keys) <= FEW_FLOWS:
        for pair, way in keys:
            its = list(map(and_, map(eq, pairs, repeat(pair)), ways if way else ways.translate(_INVERSE)))
            yield pair, way, Calls(*(list(compress(column, its)) for column in calls))
    else:
        places: dict[tuple[int, int], list[int]] = {key: [] for key in keys}
        for place, key in enumerate(zip(pairs, ways, strict=True)):
            places[key].append(place)
        for (pair, way), its in places.items():
            yield pair, way, Calls(*([column[place] for place in its] for column in calls))


def feed(flow: Flow, calls: Calls, source: StepBytes, batches: list[bytes]) -> Iterator[None]:
    """Feed a flow, some at a time; its rows are one batch."""
    if flow.each_call or (len(calls.sizes) <= FEW and sum(calls.sizes) <= FEW):
        batches.append(flow.feed(calls, source))
        yield
    else:
        yield from gather(flow.feed_in_slices(calls, source), batches)


def gather(parts: Iterator[bytes], batches: list[bytes]) -> Iterator[None]:
    """Take rows that come some at a time; all of them are one batch."""
    rows = []
    for part in parts:
        rows.append(part)
        yield
    batches.append(b"".join(rows))


def records(columns: Columns, mask: bytes | None) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Numbers and fields (`layout.RECORD`) of those that a mask says; None: all."""
    numbered = enumerate(RECORD.iter_unpack(columns.raw), columns.start)
    return numbered if mask is None else compress(numbered, mask)


def closed(flows: Mapping[FlowKey, Flow], socket: int, connection: int) -> list[FlowKey]:
    """Those that a close ends: of a connection, or with connection 0 all of a socket."""
    if not connection:  # in an order that does not depend on which was looked at first
        return sorted(key for key in flows if key[0] == socket)
    return [key for received in (False, True) if (key := (socket, connection, received)) in flows]
