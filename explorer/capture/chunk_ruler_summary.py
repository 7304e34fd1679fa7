"""What a stretch of a stream shows, in numbers: how many calls, how many messages, and how they cut each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.capture.chunk_ruler import ChunkRuler
from explorer.capture.chunk_ruler_lanes import Lane, Range, rows_between

MOST = 2000
"""Calls, and messages, of a stretch in which it is found out how they cut each other."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Of all that holds bytes of a stretch.

    sends, receives, messages: how many; None where that end is not in the capture, or there is no framing.
    several: calls that carried bytes of more than one message, broken and unfinished ones included. split: messages
    whose bytes more than one call carried. None where the stretch holds too much. errors: places where the framing is
    broken, in the stretch.
    way, lost: bytes that are on their way, and that surely never come.
    """

    sends: int | None
    receives: int | None
    messages: int | None
    several: int | None = None
    split: int | None = None
    errors: int | None = None
    way: int = 0
    lost: int = 0


def summarize(ruler: ChunkRuler, start: int, stop: int) -> Summary:
    """What stands between two positions, and what reaches into it."""
    counts = [None if lane is None else len(rows_between(lane, start, stop)) for lane in ruler.lanes]
    sends, receives, messages = counts
    way, lost = ruler.missing_sizes(start, stop)
    found = Summary(sends, receives, messages if ruler.framed else None, way=way, lost=lost)
    calls = receives if ruler.received is not None else sends
    if not ruler.framed or messages is None or calls is None or max(calls, messages) > MOST:
        return found
    return _with_cuts(found, ruler, start, stop)


def _with_cuts(found: Summary, ruler: ChunkRuler, start: int, stop: int) -> Summary:
    calls = _ranges(ruler.calls, start, stop)
    if not calls:
        return found
    # Calls at the edges may carry messages of which nothing stands in the stretch.
    around = _ranges(ruler.messages, min(start, calls[0].start), max(stop, calls[-1].stop))
    begun, end = ruler.unfinished
    unfinished = [Range(begun, end, -1, -1)] if begun < end and calls[-1].stop > begun else []
    inside = [one for one in around if not one.error and one.start < stop and one.stop > start]
    errors = sum(one.error and one.start < stop and one.stop > start for one in around)
    messages = [*around, *unfinished]
    several, split = count_several(calls, messages), count_split(inside, _stretched(calls, inside))
    return Summary(found.sends, found.receives, len(inside), several, split, errors, found.way, found.lost)


def _stretched(calls: list[Range], messages: Sequence[Range]) -> list[Range]:
    """With what stands for the calls that carried the rest of messages at the edges."""
    if messages and messages[0].start < calls[0].start:
        calls = [Range(messages[0].start, calls[0].start, -1, -1), *calls]
    if messages and messages[-1].stop > calls[-1].stop:
        calls = [*calls, Range(calls[-1].stop, messages[-1].stop, -1, -1)]
    return calls


def _ranges(lane: Lane | None, start: int, stop: int) -> list[Range]:
    if lane is None:
        return []
    rows = rows_between(lane, start, stop)
    return lane.ranges(rows.start, rows.stop)


def count_several(calls: Sequence[Range], messages: Sequence[Range]) -> int:
    """How many calls carry bytes of more than one message. Both stand in the order of the stream."""
    several = place = 0
    for call in calls:
        while place < len(messages) and messages[place].stop <= call.start:
            place += 1
        held = place
        while held < len(messages) and messages[held].start < call.stop and held < place + 2:
            held += 1
        several += held - place > 1 and call.size > 0
    return several


def count_split(messages: Sequence[Range], calls: Sequence[Range]) -> int:
    """How many messages have bytes that more than one call carried."""
    split = place = 0
    for message in messages:
        while place < len(calls) and calls[place].stop <= message.start:
            place += 1
        held = place
        while held < len(calls) and calls[held].start < message.stop and held < place + 2:
            held += 1
        split += held - place > 1 and message.size > 0
    return split
