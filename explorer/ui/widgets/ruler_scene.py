"""What one picture of the chunk ruler shows, looked up for the bytes that are seen and no others. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.capture.chunk_ruler import ChunkRuler, Missing
from explorer.capture.chunk_ruler_lanes import Columns, Lane, Range, rows_between
from explorer.ui.widgets.ruler_scale import Scale

NARROW = 4
"""Pixels: where ranges are narrower than this on average, a lane shows how many there are, not each of them."""
COLUMN = 2
"""Pixels that are one column, where a lane shows how many ranges there are."""
LOOK_UP = 0.0005  # seconds that a lane takes for exact counts in one picture
MOST_MISSING = 200  # stretches of missing bytes in a picture


@dataclass(frozen=True, slots=True)
class LaneScene:
    """ranges: what the lane shows one by one; None: too many, see `counts`, one for each column.

    count: how many there are in the picture. stop: where the lane's last range ends. missing: of the bytes that did
    not come. unfinished: bytes at the end of the messages that are no whole one yet. texts: the bytes of ranges by row,
    each with the position of its first, where bytes are wide enough to be read.
    """

    ranges: tuple[Range, ...] | None
    count: int
    stop: int
    counts: tuple[int, ...] = ()
    missing: tuple[Missing, ...] = ()
    unfinished: tuple[int, int] = (0, 0)
    texts: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """start, stop: the positions that are seen. lanes: from above; None where there is none.

    exact: whether the counts are as exact as they get; else they will be, when it is made again.
    """

    start: int
    stop: int
    lanes: tuple[LaneScene | None, ...]
    exact: bool = True


class SceneMaker:
    """Makes the scenes of one ruler, and makes none anew that is still right."""

    def __init__(self, ruler: ChunkRuler) -> None:
        self.ruler = ruler
        self._columns = [None if lane is None else Columns(lane) for lane in ruler.lanes]
        self._key: tuple[object, ...] = ()
        self._scene: Scene | None = None

    def state(self) -> tuple[object, ...]:
        """Differs when there is something new to be shown."""
        ruler = self.ruler
        told = [(lane.count, lane.stop) for lane in ruler.lanes if lane is not None]
        over = next((one.why for one in ruler.missing(ruler.size - 1, ruler.size)), "") if ruler.size else ""
        return (*told, ruler.unfinished, over)

    def make(self, scale: Scale, reads: bool) -> Scene:
        """reads: whether the bytes themselves are shown."""
        key = (self.state(), scale.left, scale.per_pixel, scale.width, scale.size, reads)
        if self._scene is None or key != self._key or not self._scene.exact:
            self._key, self._scene = key, self._make(scale, reads)
        return self._scene

    def _make(self, scale: Scale, reads: bool) -> Scene:
        start, stop = scale.shown
        lanes: list[LaneScene | None] = []
        edges: list[int] = []
        exact = True
        for lane, columns in zip(self.ruler.lanes, self._columns, strict=True):
            if lane is None or columns is None:
                lanes.append(None)
                continue
            rows = rows_between(lane, start, stop)
            counts: tuple[int, ...] = ()
            if len(rows) > scale.width // NARROW:
                edges = edges or [scale.position(x) for x in range(0, scale.width + COLUMN, COLUMN)]
                found, sure = columns.counts(edges, LOOK_UP)
                counts, exact = tuple(found), exact and sure
            made = self._make_lane(lane, rows, counts, scale, reads)
            lanes.append(made)
        return Scene(start, stop, tuple(lanes), exact)

    def _make_lane(
        self, lane: Lane, rows: range, counts: tuple[int, ...], scale: Scale, reads: bool
    ) -> LaneScene:  # fmt: skip
        (start, stop), ruler = scale.shown, self.ruler
        ranges = None if counts else tuple(lane.ranges(rows.start, rows.stop))
        missing: tuple[Missing, ...] = ()
        if lane is ruler.received:
            missing = tuple(one for one, _ in zip(ruler.missing(start, stop), range(MOST_MISSING), strict=False))
        unfinished = ruler.unfinished if lane is ruler.messages and ruler.framed else (0, 0)
        texts = self._texts(lane, ranges, start, stop) if reads and ranges is not None else ()
        return LaneScene(ranges, len(rows), lane.stop, counts, missing, unfinished, texts)

    def _texts(
        self, lane: Lane, ranges: tuple[Range, ...], start: int, stop: int
    ) -> tuple[tuple[int, bytes], ...]:  # fmt: skip
        """The bytes that are seen of each range, with their positions; of messages, those of the calls."""
        if lane is self.ruler.messages and self.ruler.framed:
            calls = self.ruler.calls
            rows = rows_between(calls, start, stop)
            ranges = tuple(calls.ranges(rows.start, rows.stop))
        found = []
        for one in ranges:
            first, last = max(start, one.start), min(stop, one.stop)
            if first < last:
                call = self.ruler.reader.call(one.call)
                found.append((first, self.ruler.reader.data(call.offset + first - one.start, last - first)))
        return tuple(found)
