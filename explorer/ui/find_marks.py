"""Where hits of a search stand among the bytes that a view shows.

There may be a hit at every byte, and each may reach far: so those that touch each other become one mark, in the bytes
of their connection and direction, before any place in the view is worked out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from explorer.capture.search import Search
from explorer.capture.search_hits import SKIP_BITS, Flow, place_of
from explorer.capture.stream import CallPart, Ranges
from explorer.ui.widgets.byte_window import EMPTY, ByteWindow

_Reach = tuple[int, int]
"""Keys of a first byte and of the place behind a last one."""


class FindMarks:
    """Ranges of one window, kept until it or the hits change."""

    def __init__(self) -> None:
        self._window: ByteWindow = EMPTY
        self._search: Search | None = None
        self._state: tuple[int, int] = (0, 0)
        self._ranges: Ranges = ()

    def ranges_in(self, window: ByteWindow, search: Search | None) -> Ranges:
        """In order; they do not touch each other."""
        if search is None or not window.parts:
            return ()
        state = search.count, search.list.version
        if window is not self._window or search is not self._search or state != self._state:
            self._window, self._search, self._state = window, search, state
            self._ranges = find_ranges(window, search)
        return self._ranges


def find_ranges(window: ByteWindow, search: Search) -> Ranges:
    """Where hits stand in a window."""
    parts = window.parts if window.in_order else sorted(window.parts, key=_place)
    begins = [call << SKIP_BITS | skip for _, call, skip, _, _, _, _ in parts]
    bounds = [(begin, begin + size) for begin, (_, _, _, size, _, _, _) in zip(begins, parts, strict=True)]
    ranges: list[tuple[int, int]] = []
    for (_, connection, received), reaches in _joined(search.list.seen(bounds)).items():
        flow = window.flows.get((connection, bool(received)))
        if flow is None:
            continue
        for first, last in reaches:
            at = bisect_right(begins, first) - 1
            if window.in_order and at >= 0 and last <= bounds[at][1]:  # nearly all of them
                start = parts[at].start + first - begins[at]
                ranges.append((start, start + last - first))
            else:
                ranges += flow.ranges_between(place_of(first), place_of(last))
    return tuple(_united(sorted(ranges)))


def _joined(hits: Iterable[tuple[int, int, Flow]]) -> dict[Flow, list[_Reach]]:
    """What hits of each connection and direction cover; hits are in the order in which they begin."""
    found: dict[Flow, list[_Reach]] = {}
    for first, last, flow in hits:
        reaches = found.setdefault(flow, [])
        if reaches and first <= reaches[-1][1]:
            if last > reaches[-1][1]:
                reaches[-1] = reaches[-1][0], last
        else:
            reaches.append((first, last))
    return found


def _united(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ranges that overlap or touch as one."""
    begin = end = -1
    for start, stop in ranges:
        if start <= end:
            end = max(end, stop)
        else:
            if begin >= 0:
                yield begin, end
            begin, end = start, stop
    if begin >= 0:
        yield begin, end


def _place(part: CallPart) -> tuple[int, int]:
    return part.call, part.skip
