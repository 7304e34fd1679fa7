"""What a window shows of one connection and direction: where the bytes between two places of it stand."""

from __future__ import annotations

from bisect import bisect_right

from explorer.capture.flow import distance
from explorer.capture.reader import Reader
from explorer.capture.span import Place
from explorer.capture.stream import CallPart, Ranges

_ENDLESS = 1 << 62


class Flow:
    """parts: in the order of the calls. begins: where each begins, as (call, byte in it). start, stop: the first of
    these, and the place behind the last byte. behind: the position behind that."""

    __slots__ = ("_far", "_in_order", "_key", "_offsets", "_reader", "begins", "behind", "parts", "start", "stop")

    def __init__(self, parts: list[CallPart], key: tuple[int, bool], reader: Reader | None, in_order: bool) -> None:
        """parts: at least one, by position. key: connection, and whether received. in_order: no bytes of the flow that
        stand between these are left out."""
        self.parts = parts if in_order else sorted(parts, key=lambda part: (part.call, part.skip))
        self.begins = [(call, skip) for _, call, skip, _, _, _, _ in self.parts]
        self.start = self.begins[0]
        at, call, skip, size, _, _, _ = self.parts[-1]
        self.stop = call, skip + size
        self.behind = at + size
        self._key = key
        self._reader = reader
        self._in_order = in_order
        self._offsets: list[int] | None = None
        self._far: dict[tuple[Place, Place], tuple[int | None, int]] = {}  # counted already, up to so many

    def holds(self, place: tuple[int, int]) -> bool:
        """Whether this byte is seen."""
        at = bisect_right(self.begins, place) - 1
        return at >= 0 and place[0] == self.parts[at].call and place[1] < self.parts[at].skip + self.parts[at].size

    def ranges_between(self, first: tuple[int, int], stop: tuple[int, int]) -> list[tuple[int, int]]:
        """Where the bytes stand from a place up to another, by position. Takes no look into the capture."""
        begins = self.begins
        low = bisect_right(begins, first) - 1
        high = bisect_right(begins, stop, max(0, low))
        found: list[tuple[int, int]] = []
        for start, call, skip, size, _, _, _ in self.parts[max(0, low) : high]:
            end = start + size
            if call == stop[0] and stop[1] - skip < size:
                end = start + stop[1] - skip
            if call == first[0] and first[1] > skip:
                start += first[1] - skip
            elif call < first[0]:
                continue
            if start < end:
                if found and found[-1][1] == start:
                    start = found.pop()[0]
                found.append((start, end))
        if not self._in_order:
            found.sort()  # messages of a flow stand in another order only if they overlap
        return found

    def ranges_of(self, first: Place, size: int) -> Ranges:
        """Where `size` bytes from a place on stand, by position."""
        begin = self._offset(first, size)
        if begin is None:
            return ()
        end, offsets = begin + size, self._counted()
        found: list[tuple[int, int]] = []
        at = max(0, bisect_right(offsets, begin) - 1)
        while at < len(self.parts) and offsets[at] < end:
            part, offset = self.parts[at], offsets[at]
            start, stop = part.start + max(0, begin - offset), part.start + min(part.size, end - offset)
            at += 1
            if start < stop:
                if found and found[-1][1] == start:
                    start = found.pop()[0]
                found.append((start, stop))
        found.sort()  # as above
        return tuple(found)

    def _counted(self) -> list[int]:
        """Where each part begins, in bytes from the first one along the flow."""
        if self._offsets is not None:
            return self._offsets
        offsets: list[int] = []
        offset, end = 0, Place(0, 0)
        for part in self.parts:
            begin = Place(part.call, part.skip)
            if offsets and end != begin and not self._in_order:
                gap = self._distance(end, begin, _ENDLESS)
                offset += _ENDLESS if gap is None else max(0, gap)
            offsets.append(offset)
            offset += part.size
            end = Place(part.call, part.skip + part.size)
        self._offsets = offsets
        return offsets

    def _offset(self, place: Place, size: int) -> int | None:
        """Where a place stands, counted from the first part; None if `size` bytes from it on are not in sight."""
        at = bisect_right(self.begins, (place.call, place.skip)) - 1
        if at >= 0:
            part = self.parts[at]
            if place.call == part.call:
                return self._counted()[at] + place.skip - part.skip
            if at == len(self.parts) - 1:
                return None
            ahead = self._distance(Place(part.call, part.skip), place, _ENDLESS)
            return None if ahead is None else self._counted()[at] + ahead
        first = Place(*self.begins[0])
        if place.call != first.call and self._reader and place.skip + size <= self._reader.call(place.call).size:
            return None  # it ends before the window
        ahead = self._distance(place, first, size)
        return None if ahead is None else -ahead

    def _distance(self, first: Place, last: Place, most: int) -> int | None:
        """Bytes of the flow between two places; None: more than `most`, or too far."""
        if first.call == last.call:
            return last.skip - first.skip
        if self._reader is None:
            return None
        known, tried = self._far.get((first, last), (None, -1))
        if known is None and tried < most:
            known = distance(self._reader, first, last, *self._key, most)
            self._far[first, last] = known, most
        return known
