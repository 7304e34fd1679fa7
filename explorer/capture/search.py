"""Finds a pattern in the capture, across the borders of calls.

A hit never crosses from one connection or direction into another, even where their bytes stand side by
side in the byte log: each connection and direction (a flow) is searched as the stream that it is. Where
the pattern begins at several places, each is a hit, and hits may overlap; only matches of a regular
expression stand one behind the other, as everywhere.

A regular expression is searched in windows of each flow, so that the time stays linear: a match that
begins in the first `WINDOW` bytes of one is looked for up to `LONGEST_MATCH` bytes further. Windows are
counted from the flow's first byte; so how it is cut into calls changes nothing. What is found in a
flow's last window is taken back if bytes that come later make it another match. Windows that lack what
every match holds are not even read.

No bytes are kept in memory, only where the last ones of each flow stand.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice

from explorer.capture.match import both, carries
from explorer.capture.reader import Columns, Reader
from explorer.capture.search_batch import CHUNK, Batch, FlowNumbers, LogSearch
from explorer.capture.search_flow import FlowText, read_all
from explorer.capture.search_hits import Found, Hit, HitList
from explorer.capture.span import Place
from explorer.capture.stream import Scope
from explorer.wire.patterns.compiled import Pattern

__all__ = ["MOST_HITS", "STEP", "Hit", "Search"]

MOST_HITS = 1_000_000
STEP = 16 << 20  # bytes between two tellings of progress, at most
WINDOW = 256 << 10  # bytes of a flow
_FIRST_STEP = 64 << 10
_LONG, _SHORT = 0.2, 0.05  # seconds of a step that make the next one smaller, and larger
_RECORDS = 16 << 10  # of a batch: few enough that no other thread waits long while they are sorted
_HIT_WORK = 1 << 10  # bytes that could be looked through in the time that a hit takes
_CALLS = 64 << 10  # whose bytes are read together, in as many windows as have no more
_WINDOWS = 16
_FEW = 32  # times as many hits are there: new ones wait a little
_WAIT = 0.25  # seconds, at most
_SOME = 64  # hits between two looks whether the step is over


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
        self._numbers = FlowNumbers()
        self._texts: dict[int, FlowText] = {}
        self._open: dict[FlowText, deque[Found]] = {}  # hits of last windows
        self._touched: dict[FlowText, None] = {}
        self._new: list[Found] = []
        self._told = 0.0  # when hits were told last, in seconds
        self._end = 0  # of the last match that was looked for
        self._going: Iterator[int] | None = None
        self._room = 0  # bytes that may still be looked at in this step
        self._records = 64  # asked for next

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
        return self.limited or (self.done >= self.reader.count and self._going is None)

    # -- searching ------------------------------------------------------------------------------

    def run(self, progress: Callable[[int, int], bool] = lambda done, total: True) -> bool:
        """Search all that is there. progress is told (done, total) and cancels by returning False.
        Whether the search came to its end."""
        step, begun = _FIRST_STEP, time.perf_counter()
        while self.advance(min(STEP, step)):
            if not progress(*self.progress):
                self._publish()
                return False
            now = time.perf_counter()
            if now - begun > _LONG:
                step = max(_FIRST_STEP, step // 2)
            elif now - begun < _SHORT:
                step = min(STEP, step * 2)
            begun = now
        progress(*self.progress)
        return True

    def advance(self, most: int = 1 << 62) -> bool:
        """Look at about `most` further bytes; what is found counts like bytes, as it takes time as well.
        Whether there are more to look at."""
        self._room = most
        while self._room > 0 and not self.limited and not self.finished:
            self._going = self._going or self._steps()
            for work in self._going:
                self._room -= work
                if self._room <= 0 or self.limited:
                    break
            else:
                self._going = None
        self._publish(self.finished)
        return not self.finished

    def _steps(self) -> Iterator[int]:
        """Look at all that is there. Can be left at each yield, which tells how many bytes were looked at."""
        while self.done < (count := self.reader.count):
            columns = self._next_records(count)
            yield from self._search(Batch(columns, self._match(columns), self._numbers))
            self._log_end = max(self._log_end, columns.span[1])
            self.done += columns.count
            yield columns.count
        yield from self._search_ends()
        self._publish()  # from now on they can be taken back

    def _next_records(self, count: int) -> Columns:
        """Some that are not looked at yet, with no more bytes than there is room for; as a rule all in one file."""
        columns = self.reader.columns(self.done, min(count, self.done + self._records))
        offsets, length = columns.offsets, self.reader.header.segment_bytes
        here = bisect_left(offsets, offsets[0] - offsets[0] % length + length)
        fit = max(1, min(here, bisect_right(list(accumulate(columns.sizes)), min(STEP, self._room))))
        self._records = min(_RECORDS, 64 + 2 * fit)
        return columns if fit >= columns.count else self.reader.columns(self.done, self.done + fit)

    def _search(self, batch: Batch) -> Iterator[int]:
        texts = [self._text(flow) for flow, _ in batch.flows]
        ends = [text.end for text in texts]
        first = 0
        for text, (_, count) in zip(texts, batch.flows, strict=True):
            stop = first + count
            text.go_on(batch.numbers[first:stop], batch.logs[first:stop], batch.sizes[first:stop])
            first = stop
        if self.pattern.overlapping:
            yield from self._find(self.pattern, batch, texts, ends)
            for text in texts:
                text.forget_before(text.end - self.pattern.longest + 1)
            return
        if self.pattern.required is not None:
            yield from self._find(self.pattern.required, batch, texts, ends)
        else:
            batch.will_be_read(self.reader)
        yield from self._find_in_windows(texts)

    def _text(self, flow: int) -> FlowText:
        text = self._texts.get(flow)
        if text is None:
            number = self.list.flow_number(self._numbers.flow(flow))
            text = self._texts[flow] = FlowText(self.reader, number)
        return text

    # -- bytes that are the same in every match ---------------------------------------------------

    def _find(self, pattern: Pattern, batch: Batch, texts: Sequence[FlowText], ends: Sequence[int]) -> Iterator[int]:
        """Find a pattern in the flows' new bytes. ends: where each flow ended before them."""
        log = LogSearch(self.reader, batch, pattern)
        if log.possible:
            yield from self._find_in_log(log, batch, texts, ends)
        for (flow, _), text, end in zip(batch.flows, texts, ends, strict=True):
            if not log.possible or flow in log.apart:
                yield from self._find_behind(pattern, text, end)

    def _find_in_log(
        self, log: LogSearch, batch: Batch, texts: Sequence[FlowText], ends: Sequence[int]
    ) -> Iterator[int]:
        """Where thousands of connections take turns."""
        hits = 0
        for first, last, size, flow in log.hits(texts, ends):
            if not size:
                yield last
                continue
            if self._note(self._texts[flow], first, last, size):
                return
            hits += 1
            if not hits % _SOME:
                yield _SOME * (_HIT_WORK + size)
            if not self.pattern.overlapping and hits > len(texts) + _SOME:  # it is everywhere
                for text in texts:
                    text.plain = text.end
                return

    def _find_behind(self, pattern: Pattern, text: FlowText, start: int) -> Iterator[int]:
        """In one flow, what ends behind a position: what ends before it is known."""
        hits, reach = 0, pattern.longest - 1
        for begin in range(start, text.end, CHUNK):
            base, end = max(text.base, begin - reach), min(text.end, begin + CHUNK)
            for first, last in pattern.find(text.read(base, end)):
                if base + last <= begin:
                    continue
                if self._note(text, *text.keys(base + first, base + last), last - first):
                    return
                if not self.pattern.overlapping:
                    return  # it stands somewhere in the new bytes: that is enough to know
                hits += 1
                if not hits % _SOME:
                    yield _SOME * (_HIT_WORK + last - first)
            yield end - base

    def _note(self, text: FlowText, first: int, last: int, size: int) -> bool:
        """A hit, or what every match of a regular expression holds. Whether no more are wanted."""
        if self.pattern.overlapping:
            self._new.append((first, last, size, text.number))
            return self._is_enough()
        text.plain = text.end
        return False

    # -- regular expressions --------------------------------------------------------------------

    def _find_in_windows(self, texts: Sequence[FlowText]) -> Iterator[int]:
        """Hits in windows that are complete: with the longest match that may begin in it, and one byte behind that."""
        waiting = [text for text in texts if self._has_window(text)]
        while waiting:
            some = _together(waiting)
            for text, base, data in self._read_windows(some):
                for found in self._matches(text, text.window, text.resume, base, data):
                    self._settle(text, found)
                    text.resume = self._end
                    if self._is_enough():
                        return
                    yield _HIT_WORK
                yield len(data)
                text.window += 1
                text.resume = max(text.resume, text.window * self._window)
            waiting = [text for text in some if self._has_window(text)] + waiting[len(some) :]
        for text in texts:
            text.forget_before(text.resume - 1)
            if text in self._open or self._may_match(text, text.resume):
                self._touched[text] = None

    def _has_window(self, text: FlowText) -> bool:
        """Whether a window is complete, and may hold matches. Those before it that cannot are done with."""
        while text.end > (text.window + 1) * self._window + self.pattern.longest:
            if self._may_match(text, text.resume):
                return True
            text.window += 1
            text.resume = max(text.resume, text.window * self._window)
        return False

    def _may_match(self, text: FlowText, position: int) -> bool:
        """Whether a match may begin at or behind a position, as far as is plain to see."""
        return self.pattern.required is None or text.plain > position

    def _read_windows(self, texts: Sequence[FlowText]) -> Iterator[tuple[FlowText, int, bytes]]:
        """The next window of each, with the byte before it and what a match may go on with: (flow, its base, bytes)."""
        longest = self.pattern.longest
        bounds = [
            (text, max(text.base, text.resume - 1), min(text.end, (text.window + 1) * self._window + longest + 1))
            for text in texts
        ]
        for (text, base, _), data in zip(bounds, read_all(self.reader, bounds), strict=True):
            yield text, base, data

    def _matches(self, text: FlowText, window: int, resume: int, base: int, data: bytes) -> Iterator[Found]:
        """Matches that begin in a window, from a position on. `_end` is where the last one ends.

        data: the bytes from `base` on.
        """
        stop = (window + 1) * self._window
        most = stop + self.pattern.longest - base
        for begin, end in self.pattern.find(data, resume - base, min(len(data), most)):
            if base + begin >= stop:
                return
            self._end = base + end
            yield *text.keys(base + begin, self._end), end - begin, text.number

    def _search_ends(self) -> Iterator[int]:
        """Nothing more is there now: what fits in the last windows of flows is a hit, until more comes."""
        while self._touched:
            for text, base, data in self._read_windows(_together(list(islice(self._touched, _WINDOWS)))):
                found: deque[Found] = deque()
                for one in self._last_matches(text, base, data):
                    self._settle(text, one)
                    found.append(one)
                    if self._is_enough():
                        return
                    yield _HIT_WORK
                self._take_back(text)
                if found:
                    self._open[text] = found
                del self._touched[text]
                yield len(data)

    def _last_matches(self, text: FlowText, base: int, data: bytes) -> Iterator[Found]:
        """Matches in one flow's last windows, which are all in `data`."""
        window, resume = text.window, text.resume
        while window * self._window < text.end:
            for found in self._matches(text, window, resume, base, data):
                resume = self._end
                yield found
            window += 1
            resume = max(resume, window * self._window)

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

    def _is_enough(self) -> bool:
        if len(self.list) + len(self._new) > self._most:
            self.limited = True
        return self.limited

    def _publish(self, at_once: bool = True) -> None:
        """Tell of the hits found. To put a few between very many takes longer than to find them: they may wait a
        little, unless they are wanted at once."""
        now = time.perf_counter()
        if not at_once and len(self._new) * _FEW < len(self.list) and now - self._told < _WAIT:
            return
        new, self._new, self._told = self._new, [], now
        if self.limited:
            new = sorted(new)[: max(0, self._most - len(self.list))]
        self.list.add(new)


def _together(texts: Sequence[FlowText]) -> Sequence[FlowText]:
    """The first ones, as many as are read at once: one at least."""
    calls = accumulate(text.calls for text in texts[:_WINDOWS])
    return texts[: max(1, sum(1 for total in calls if total <= _CALLS))]
