"""Finds a pattern in the capture, across the borders of calls.

A hit never crosses from one connection or direction into another, even where their bytes stand side by
side in the byte log: each connection and direction (a flow) is searched as the stream that it is. Where
the pattern begins at several places, each is a hit, and hits may overlap; only matches of a regular
expression stand one behind the other, as everywhere.

A regular expression is searched in windows of each flow, so that the time stays linear: a match that
begins in the first `WINDOW` bytes of one is looked for up to `LONGEST_MATCH` bytes further. Windows are
counted from the flow's first byte; so how it is cut into calls changes nothing. What is found in a
flow's last window is taken back if bytes that come later make it another match.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, compress

from explorer.capture.match import both, carries
from explorer.capture.reader import Columns, Reader
from explorer.capture.search_flow import FlowText, Part
from explorer.capture.search_hits import Flow, Found, Hit, HitList
from explorer.capture.span import Place
from explorer.capture.stream import Scope
from explorer.core.calls import RECEIVING
from explorer.wire.patterns.compiled import Pattern

__all__ = ["MOST_HITS", "STEP", "Hit", "Search"]

MOST_HITS = 1_000_000
STEP = 16 << 20  # bytes between two tellings of progress, at most
_FIRST_STEP = 64 << 10
_MANY, _FEW = 16 << 10, 2 << 10  # hits of a step that make the next one smaller, and larger
_LONG, _SHORT = 0.2, 0.05  # seconds of a step that do so
WINDOW = 512 << 10  # bytes of a flow
HELD = 64 << 20  # bytes of all flows together that are kept in memory for what comes later
_CHUNK = 128 << 10  # stays in the processor's cache
_RECORDS = 4096
_RECEIVED = bytes(1 if kind in {int(k) for k in RECEIVING} else 0 for kind in range(256))

_OneFlow = tuple[Flow, Sequence[int], Sequence[int], Sequence[int]]
"""A flow, and of some of its calls the numbers, places in the byte log, and sizes."""


class Search:
    """A search that can be taken further step by step, also while the capture grows.

    `advance` is called by one thread at a time; everything else may be asked by another one meanwhile.
    limited: there are more hits than are kept.
    """

    def __init__(
        self,
        reader: Reader,
        pattern: Pattern,
        scope: Scope | None = None,
        received: bool = True,
        sent: bool = True,
        most_hits: int = MOST_HITS,
        window: int = WINDOW,
    ) -> None:
        self.reader = reader
        self.pattern = pattern
        self.limited = False
        self.done = 0  # records looked at
        self.list = HitList()
        self._match = both((scope or Scope()).match(), carries(received, sent))
        self._most = most_hits
        self._window = window
        self._log_end = 0
        self._flows: dict[Flow, FlowText] = {}  # those searched lately last
        self._held = 0
        self._open: dict[FlowText, deque[Found]] = {}  # hits of last windows
        self._touched: dict[FlowText, None] = {}
        self._new: list[Found] = []
        self._step = _FIRST_STEP  # bytes of calls that are looked at before hits are told

    # -- what was found -------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Hits so far."""
        return len(self.list)

    def hit(self, index: int) -> Hit:
        """Hits are in the order of the capture. Raises IndexError."""
        return self.list.hit(index)

    def hits(self) -> list[Hit]:
        return self.list.hits(0, self.count)

    def hit_places(self, most: int) -> list[Place]:
        """Where hits begin, evenly thinned to `most`: for marks beside a scroll bar."""
        return self.list.places(most)

    @property
    def progress(self) -> tuple[int, int]:
        """(done, total) bytes of the byte log."""
        count = self.reader.count
        if self.done >= count:
            return self._log_end, self._log_end
        last = self.reader.call(count - 1)
        return self._log_end, max(self._log_end, last.offset + last.size)

    @property
    def finished(self) -> bool:
        """Whether everything that is there by now was looked at, or enough was found."""
        return self.limited or self.done >= self.reader.count

    # -- searching ------------------------------------------------------------------------------

    def run(self, progress: Callable[[int, int], bool] = lambda done, total: True) -> bool:
        """Search all that is there. progress is told (done, total) and cancels by returning False.
        Whether the search came to its end."""
        while self.advance(min(STEP, self._step)):
            if not progress(*self.progress):
                return False
        progress(*self.progress)
        return True

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at about `most` further bytes. Whether there are more to look at."""
        count = self.reader.count
        while most > 0 and self.done < count and not self.limited:
            begun, hits = time.perf_counter(), self.count
            columns = self.reader.columns(self.done, min(count, self.done + _RECORDS))
            sizes = list(accumulate(columns.sizes))
            fit = max(1, bisect_right(sizes, min(most, self._step)))
            if fit < columns.count:
                columns = self.reader.columns(self.done, self.done + fit)
            parts = list(self._flows_in(columns))
            for flow, numbers, logs, carried in parts:
                self._search(flow, Part(self.reader, numbers, logs, carried), len(parts) == 1)
            if self.done + columns.count >= count:
                self._search_ends()
            self._publish()
            self._choose_step(self.count - hits, time.perf_counter() - begun)
            most -= sizes[fit - 1] + 1
            self._log_end = max(self._log_end, columns.offsets[-1] + columns.sizes[-1])
            self.done += columns.count
        return self.done < count and not self.limited

    def _choose_step(self, hits: int, seconds: float) -> None:
        """Where there is much to find, or finding takes long, hits and progress are told of fewer bytes at once."""
        if hits > _MANY or seconds > _LONG:
            self._step = max(_FIRST_STEP, self._step // 2)
        elif hits < _FEW and seconds < _SHORT:
            self._step = min(STEP, self._step * 2)

    def _flows_in(self, columns: Columns) -> Iterator[_OneFlow]:
        """The calls that are searched, flow by flow."""
        mask = self._match(columns)
        if mask is not None and not mask.count(1):
            return
        numbers: Sequence[int] = range(columns.start, columns.start + columns.count)
        sizes, offsets = columns.sizes, columns.offsets.tolist()
        whole = mask is None or mask.count(1) == len(mask)
        if whole and _one_flow(columns):
            if any(sizes):
                yield (columns.sockets[0], columns.connections[0], _RECEIVED[columns.kinds[0]]), numbers, offsets, sizes
            return
        calls: dict[Flow, list[int]] = {}
        flows = zip(columns.sockets, columns.connections, columns.kinds.translate(_RECEIVED), strict=True)
        rows = enumerate(zip(flows, sizes, strict=True))
        for place, (flow, size) in rows if mask is None else compress(rows, mask):
            if size:
                calls.setdefault(flow, []).append(place)
        for flow, places in calls.items():
            yield (
                flow,
                [numbers[place] for place in places],
                [offsets[place] for place in places],
                [sizes[place] for place in places],
            )

    def _search(self, flow: Flow, part: Part, alone: bool) -> None:
        """alone: of the calls that are looked at now, no others are searched: hits come in order."""
        text = self._flows.pop(flow, None)
        if text is None:
            text = FlowText(self.reader, self.list.flow_number(flow))
        self._flows[flow] = text
        before = text.held
        for start in range(0, part.size, _CHUNK):
            if self.limited:
                return
            new = text.end
            text.append(part, start, min(part.size, start + _CHUNK))
            if self.pattern.overlapping:
                self._find_new(text, new)
            else:
                self._find_in_windows(text)
            if alone and len(self._new) > _MANY:
                self._publish()
        self._touched[text] = None
        self._held += text.held - before
        self._save_memory()

    def _save_memory(self) -> None:
        """Bytes of flows that were silent for longest are read again when more of them come."""
        if self._held <= HELD:
            return
        for text in list(self._flows.values())[:-1]:
            self._held -= text.held
            text.put_away()
            if self._held <= HELD // 2:
                return

    def _find_new(self, text: FlowText, new: int) -> None:
        """Hits that end behind the position `new`: those before are known."""
        base = text.base
        for begin, end in self.pattern.find(text.data):
            if base + end > new:
                self._new.append(self._found(text, base + begin, base + end))
                if self._is_enough():
                    return
        text.forget_before(text.end - self.pattern.longest + 1)

    # -- regular expressions --------------------------------------------------------------------

    def _find_in_windows(self, text: FlowText) -> None:
        """Hits in windows that are complete: with the longest match that may begin in it, and one byte behind that."""
        while text.end > (text.window + 1) * self._window + self.pattern.longest:
            for found in self._matches(text, text.window, text.resume):
                self._settle(text, found)
                text.resume = self._end
                if self._is_enough():
                    return
            text.window += 1
            text.resume = max(text.resume, text.window * self._window)
            text.forget_before(text.resume - 1)

    def _matches(self, text: FlowText, window: int, resume: int) -> Iterator[Found]:
        """Matches that begin in a window, from a position on. `_end` is where the last one ends."""
        base, stop = text.base, (window + 1) * self._window
        data = text.data
        for begin, end in self.pattern.find(data, resume - base, min(len(data), stop + self.pattern.longest - base)):
            if base + begin >= stop:
                return
            self._end = base + end
            yield self._found(text, base + begin, base + end)

    def _search_ends(self) -> None:
        """Nothing more is there now: what fits in the last windows of flows is a hit, until more comes."""
        if not self.pattern.overlapping:
            for text in self._touched:
                window, resume, away = text.window, text.resume, not text.held
                found: list[Found] = []
                while window * self._window < text.end and not self.limited:
                    for one in self._matches(text, window, resume):
                        found.append(one)
                        resume = self._end
                        if len(self.list) + len(self._new) + len(found) > self._most:
                            self.limited = True
                            break
                    window += 1
                    resume = max(resume, window * self._window)
                for one in found:
                    self._settle(text, one)
                self._take_back(text)
                if away:
                    text.put_away()
                if found:
                    self._open[text] = deque(found)
        self._touched.clear()

    def _settle(self, text: FlowText, found: Found) -> None:
        """A hit is one, unless it was told already, when the flow's last window was looked at before."""
        told = self._open.get(text)
        if told and told[0] == found:
            told.popleft()
            return
        self._take_back(text)
        self._new.append(found)

    def _take_back(self, text: FlowText) -> None:
        """Hits told of a last window are hits no more."""
        told = self._open.pop(text, None)
        if told:
            self.list.remove(told)

    # -- hits -----------------------------------------------------------------------------------

    def _found(self, text: FlowText, begin: int, end: int) -> Found:
        return text.key(begin), text.end_key(end), end - begin, text.number

    def _is_enough(self) -> bool:
        if len(self.list) + len(self._new) > self._most:
            self.limited = True
        return self.limited

    def _publish(self) -> None:
        new, self._new = self._new, []
        if self.limited:
            new = sorted(new)[: max(0, self._most - len(self.list))]
        self.list.add(new)


def _one_flow(columns: Columns) -> bool:
    """Whether all these calls are of one kind and one connection: the usual case where there is much traffic."""
    kinds, connections = columns.kinds, columns.connections
    same = kinds.count(kinds[:1]) == len(kinds)
    return same and bool(connections[0]) and connections.count(connections[0]) == len(connections)
