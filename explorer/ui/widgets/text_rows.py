"""Rows of a stream as text, worked out around any place without an index of lines. No painting, no Qt.

A row holds text of one connection and direction, up to an end of line or to the width of the view. Rows are found
from breaks that a look at the bytes around a place tells, so that they are the same wherever one begins:

- a break is where another connection or direction begins, where a datagram begins, and behind an end of line;
- a line that has no break for `SPAN` bytes is broken at every multiple of `SPAN`, at the next character;
- between breaks, rows are filled from left to right.

So at most twice `SPAN` bytes are looked at for the row of a place, however long a line is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from explorer.capture.flow import read_back, read_on
from explorer.capture.match import both, carries, of_connections, of_sockets
from explorer.capture.span import Place
from explorer.capture.stream import Stream
from explorer.ui.widgets.text_near import BLOCK, Run, TextLoader, Window
from explorer.ui.widgets.text_shapes import Shapes
from explorer.wire.characters import CONTEXT, LONGEST, Characters, codec_of
from explorer.wire.visible import Style

SPAN = 16 << 10
MOST_COLUMNS = 1000
"""Columns of a row where rows are not as wide as the view."""
_MOST_BYTES = 4096  # of a row, whatever little room its characters take
_AHEAD = 2 * LONGEST  # bytes around a place that tell whether it is a break
_LOOK = 64  # calls that are looked at for the beginning of a character
_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Row:
    """The bytes `start` … `stop` - 1 as text.

    starts: where the bytes of each character begin; the first one is `start`. shown: what is painted for each.
    columns: where each stands, and at last the width. special: 1 for each that is shown by a stand-in; None: no one is.
    begins: whether a connection, direction or datagram begins here. goes_on: whether the line began in a row before.
    """

    start: int
    stop: int
    connection: int
    received: bool
    begins: bool
    goes_on: bool
    starts: Sequence[int]
    shown: Sequence[str]
    columns: Sequence[int]
    special: bytes | None

    @property
    def width(self) -> int:
        return self.columns[-1]

    @property
    def text(self) -> str:
        return "".join(self.shown)

    def index(self, position: int) -> int:
        """Which character a byte of the row belongs to."""
        return max(0, bisect_right(self.starts, position) - 1)

    def bytes_of(self, index: int) -> tuple[int, int]:
        """The range of a character's bytes in this row."""
        stop = self.starts[index + 1] if index + 1 < len(self.starts) else self.stop
        return self.starts[index], stop

    def index_at(self, column: int) -> int:
        """The character that stands at a column, or nearest to it."""
        return max(0, bisect_right(self.columns, column, 0, len(self.starts)) - 1)


class TextRows:
    """The rows of a stream in an encoding, `columns` wide. `lines`: whether ends of line break rows."""

    def __init__(self, stream: Stream, encoding: str, columns: int, lines: bool = True, style: Style = "symbols"):
        self.stream = stream
        self.columns = max(1, min(columns, MOST_COLUMNS))
        self.lines = lines
        self._codec = codec_of(encoding)
        self._shapes = Shapes.of(style)
        self._leads: dict[int, bytes] = {}  # by position
        self._counted: dict[tuple[int, bool], tuple[int, int]] = {}  # by text: bytes of it before a call
        self._loader = TextLoader(stream, self._codec.unit)

    # -- rows -------------------------------------------------------------------------------------

    def row_of(self, position: int) -> Row | None:
        """The row that holds a byte; None in an empty stream. A position beyond the end means the last byte."""
        position = min(position, self.stream.size - 1)
        if position < 0:
            return None
        for row in self._lay(*self._anchor(position)):
            if row.stop > position:
                return row
        return None

    def rows_from(self, start: int, count: int) -> list[Row]:
        """Up to `count` rows, the first of which holds the byte at `start`."""
        found: list[Row] = []
        if start < self.stream.size:
            for row in self._lay(*self._anchor(start)):
                if row.stop > start:
                    found.append(row)
                    if len(found) >= count:
                        break
        return found

    def rows_before(self, start: int, count: int) -> list[Row]:
        """Up to `count` rows that stand before the row at `start`, the last of them directly before it."""
        reach = 256
        start = min(start, self.stream.size)
        while count > 0 and start > 0:
            anchor = self._anchor(max(0, start - reach))
            found: list[Row] = []
            for row in self._lay(*anchor):
                if row.start >= start:
                    break
                found.append(row)
            if len(found) >= count or anchor[0] == 0:
                return found[-count:]
            enough = (start - anchor[0]) * count * 5 // (4 * max(1, len(found)))  # if the others are alike
            reach = max(2 * reach, min(enough, 2 * SPAN))
        return []

    # -- breaks -----------------------------------------------------------------------------------

    def _anchor(self, position: int) -> tuple[int, bool]:
        """The last place up to `position` at which rows begin anew, and whether that is a break of the text."""
        low = max(0, position // SPAN * SPAN - SPAN)
        reach = 256
        while True:
            begin = max(low, position - reach)
            found = self._last_break(begin, position)
            if found is not None:
                return found, True
            if begin == low:
                break
            reach *= 4
        forced = self._forced(position // SPAN * SPAN)
        return (forced, False) if forced <= position else self._anchor(position // SPAN * SPAN - 1)

    def _last_break(self, low: int, high: int) -> int | None:
        """The last break from `low` to `high`."""
        window = self._loader.load(max(0, low - _AHEAD), high + 1 + _AHEAD)
        for run in reversed(window.runs):
            if run.start > high:
                continue
            if self.lines:
                end = min(run.stop, high + 1 + _AHEAD)
                for place in reversed(self._codec.breaks(window.cut(run.start, end), self._phase(run))):
                    at = run.start + place
                    if low <= at <= high:
                        return at
            if run.begins and run.start >= low:
                return run.start
        return None

    def _forced(self, base: int) -> int:
        """Where the first character at or behind `base` begins, which stands amid a run."""
        window = self._loader.load(max(0, base - CONTEXT * 2), base + _AHEAD)
        for run in window.runs:
            if run.start <= base < run.stop:
                lead = self._codec.lead(window.cut(run.start + self._phase(run), base)) if run.start < base else b""
                if not lead:
                    return base
                starts = self._codec.split(window.cut(base, run.stop), lead).starts
                if starts[0] >= 0:
                    return base
                return base + starts[1] if len(starts) > 1 else run.stop
        return base

    # -- laying out -------------------------------------------------------------------------------

    def _lay(self, start: int, natural: bool) -> Iterator[Row]:
        """The rows from an anchor on."""
        size, chunk = self.stream.size, 1024
        forced = (start // SPAN + 2) * SPAN if natural else (start // SPAN + 1) * SPAN
        fresh = natural  # whether a line begins at `at`
        at = start
        while at < size:
            window = self._loader.load(max(0, at - 1), min(size, at + chunk))
            progress = at
            for run in window.runs:
                if run.stop <= at:
                    continue
                begin = max(run.start, at)
                begins = run.begins and begin == run.start
                if begins:
                    fresh = True
                if fresh:
                    forced = (begin // SPAN + 2) * SPAN
                open_end = run.stop == window.stop and window.stop < size
                for stop, at_line in self._pieces(window, run, begin, forced, open_end):
                    last = stop == run.stop
                    rows = self._wrap(window, run, begin, stop, begins, not fresh, final=not last)
                    if last and open_end:
                        rows = [row for row in rows[:-1] if row.stop <= stop - 2 * _AHEAD]  # more may belong to others
                    yield from rows
                    if rows:
                        progress = rows[-1].stop
                        begins = fresh = False
                    if last:
                        break
                    fresh = at_line
                    forced = (stop // SPAN + (2 if at_line else 1)) * SPAN
                    begin = stop
            chunk = min(4 * SPAN, chunk * 2) if progress > at else chunk * 4
            at = progress

    def _pieces(self, window: Window, run: Run, begin: int, forced: int, open_end: bool) -> Iterator[tuple[int, bool]]:
        """The ends of the lines of a run from `begin` on (True), and of the pieces that too long ones are broken into.

        open_end: more of the run is to come, so that a line's end at its very end cannot be told yet.
        """
        data = window.cut(begin, run.stop)
        phase = self._phase(run) if begin == run.start else 0
        sure = len(data) - (_AHEAD if open_end else 0)
        ends = [begin + place for place in self._codec.breaks(data, phase) if place <= sure] if self.lines else []
        for end in (*ends, run.stop):
            while forced < end:
                cut = self._forced(forced)
                forced += SPAN
                if begin < cut < end:
                    begin = cut
                    yield cut, False
            yield end, True
            begin, forced = end, (end // SPAN + 2) * SPAN

    def _wrap(
        self, window: Window, run: Run, start: int, stop: int, begins: bool, goes_on: bool, final: bool
    ) -> list[Row]:
        """The rows of a line."""
        data = window.cut(start, stop)
        lead = self._lead(run, data[0]) if begins else b""
        characters = self._codec.split(data, lead, final)
        if characters.starts[0] < 0:
            characters = Characters(characters.text, [0, *characters.starts[1:]])
        found = []
        for first, last, shown, columns, special in self._shapes.rows(
            characters.text, characters.starts, len(data), self.columns, _MOST_BYTES, self.lines
        ):
            starts = characters.starts[first:last]
            end = start + (characters.starts[last] if last < len(characters.starts) else len(data))
            places: Sequence[int] = (
                range(start + starts.start, start + starts.stop, starts.step)
                if isinstance(starts, range)
                else [start + place for place in starts]
            )
            found.append(
                Row(places[0], end, run.connection, run.received, begins, goes_on, places, shown, columns, special)
            )
            begins, goes_on = False, True
        return found

    # -- the bytes --------------------------------------------------------------------------------

    def _lead(self, run: Run, first: int) -> bytes:
        """The bytes of the same text before a run that belong to its first character."""
        if not self._codec.needs_lead(first) or self._loader.is_datagram(run.connection, run.place.call):
            return b""
        known = self._leads.get(run.start)
        if known is None:
            unit = self._codec.unit
            most = CONTEXT + (-self._phase(run)) % unit if unit > 1 else CONTEXT
            if unit > 1:
                context = read_back(self.stream.reader, run.place, most)
                known = self._codec.lead(context[(len(context) + self._phase(run)) % unit :])
                known = bytes((-self._phase(run) - len(known)) % unit) + known  # where it lies too far back
            else:
                known = self._codec.lead(read_back(self.stream.reader, run.place, most, _LOOK))
            if len(self._leads) > _KEPT:
                self._leads.clear()
            self._leads[run.start] = known
        return known

    # -- units of several bytes -------------------------------------------------------------------

    def _phase(self, run: Run) -> int:
        """How many bytes at the front of a run belong to a unit that began before."""
        unit = self._codec.unit
        if unit == 1:
            return 0
        if self._loader.is_datagram(run.connection, run.place.call):
            return -run.place.skip % unit
        return -(self._offset_of(run.place.call, run) + run.place.skip) % unit

    def _offset_of(self, number: int, run: Run) -> int:
        """Where in its text a call begins, but for whole units: counted from a block of calls on, so that it takes
        no time. Where that text begins in a unit, its bytes tell: one half of them is the more alike."""
        reader, unit = self.stream.reader, self._codec.unit
        block = number // BLOCK * BLOCK
        counted, known = self._counted.get((run.connection, run.received), (-1, 0))
        if block <= counted <= number:  # rows are laid out forwards: mostly it is the call after
            block, guess = counted, False
        else:
            known, guess = 0, block > 0
        whose = of_connections([run.connection]) if run.connection else of_sockets([reader.call(number).socket])
        match = both(whose, carries(run.received, not run.received))
        offset, first, at = known, number, block
        while at < number:
            columns = reader.columns(at, number)
            mask = match(columns)
            sizes = columns.sizes if mask is None else list(compress(columns.sizes, mask))
            if sizes and first == number:
                first = at + (0 if mask is None else mask.index(1))
            offset += sum(sizes)
            at += columns.count
        if guess:
            offset += _guess(read_on(reader, Place(first, 0), 512, _LOOK), unit, self._codec.encoding.endswith("be"))
        self._counted[run.connection, run.received] = number, offset % unit
        return offset % unit


def _guess(data: bytes, unit: int, big: bool) -> int:
    """How many bytes of a unit stand before `data`: its upper half varies least."""

    def variety(before: int) -> int:
        return len(set(data[(-before % unit) + (0 if big else unit - 1) :: unit]))

    return min(range(unit), key=variety) if data else 0
