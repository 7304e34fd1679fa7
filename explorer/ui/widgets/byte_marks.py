"""Marks of a byte view, all of them rectangles: tints, hits, highlights, borders of calls and of messages.

Those behind the characters are painted before them, those at their edges after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, compress

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter

from explorer.capture.stream import Ranges
from explorer.ui.palettes import Colors
from explorer.ui.widgets.byte_grid import ByteGrid, Places
from explorer.ui.widgets.byte_scene import Tie, View

_TIES = [bytes(value == tie for value in range(256)) for tie in (Tie.FIRST, Tie.AMID, Tie.LAST)]
_GOES_ON = (Tie.AMID, Tie.LAST)
_SENT = bytes([1]) + bytes(255)
_FAINT = 0.5  # lines below characters, which are read first


class MarkPainter:
    """Holds the colours, made once for a theme."""

    def __init__(self, colors: Colors) -> None:
        self._received_tint = QColor(colors.received_tint)
        self._sent_tint = QColor(colors.sent_tint)
        self._error_tint = QColor(colors.error_tint)
        self._selection = QColor(colors.accent)
        self._selected = QColor(colors.on_accent)
        self._muted = self._tie = QColor(colors.muted)
        if not colors.contrast:
            self._tie = QColor(colors.muted)
            self._tie.setAlphaF(_FAINT)
        self._text = QColor(colors.text)
        self._messages = [QColor(color) for color in colors.messages]
        self._hit = QColor(colors.hit)
        self._hit_now = QColor(colors.hit_now)
        self._highlights = [QColor(color) for color in colors.highlights]
        self._edges = [QColor(color) for color in colors.highlight_marks]

    def paint_behind(self, painter: QPainter, places: Places, view: View, directions: bytes) -> None:
        """What stands behind the characters; later ones cover earlier ones. directions: see `directions_of`."""
        if view.mode == "message":
            self._paint_messages(painter, places, view)
        else:
            self._paint_directions(painter, places, view, directions)
        fill(painter, places.all_rects(view.window.missing), self._error_tint)
        for mark in view.highlights:
            rects = places.rects(mark.start, mark.stop)
            fill(painter, rects, self._highlights[mark.color % len(self._highlights)])
        fill(painter, places.all_rects(view.hits), self._hit)
        fill(painter, places.all_rects(view.selection), self._selection)
        fill(painter, places.all_rects(view.hit), self._hit_now)

    def paint_edges(self, painter: QPainter, grid: ByteGrid, places: Places, view: View) -> None:
        """What stands at the edges of the bytes."""
        self._paint_highlight_edges(painter, places, view)
        if hit := places.all_rects(view.hit):
            painter.setPen(self._text)
            painter.drawRects([rect.adjusted(0, 0, -1, -1) for rect in hit])
        self._paint_covered(painter, places, view)
        self._paint_ties(painter, grid, places, view)
        if view.call_marks:
            shown = [at - places.start for at in view.window.calls if places.start <= at < places.stop]
            fill(painter, [places.hex_ticks[at] for at in shown] + _text_ticks(places, view, shown), self._muted)
        if view.message_marks:
            self._paint_corners(painter, grid, places, view)

    def _paint_directions(self, painter: QPainter, places: Places, view: View, directions: bytes) -> None:
        runs = view.window.runs
        if len(runs) > len(places.cells) // 4:  # many small ones: one direction below all, the other on it
            fill(painter, places.rects(places.start, places.stop), self._received_tint)
            first = places.start - view.window.start
            sent = directions[first : first + len(places.cells)].translate(_SENT)
            fill(painter, places.masked_rects(sent), self._sent_tint)
            return
        for received, color in ((True, self._received_tint), (False, self._sent_tint)):
            ranges = [(run.start, run.stop) for run in runs if run.received == received]
            fill(painter, places.all_rects(ranges), color)

    def _paint_messages(self, painter: QPainter, places: Places, view: View) -> None:
        count = len(self._messages)
        for tint, color in enumerate(self._messages):
            parts = [(part.start, part.stop) for part in view.messages if part.number % count == tint]
            fill(painter, places.all_rects(parts), color)

    def _paint_highlight_edges(self, painter: QPainter, places: Places, view: View) -> None:
        """A line below, and a square at the upper right of the first byte for a note."""
        for mark in view.highlights:
            color = self._edges[mark.color % len(self._edges)]
            lines = [QRect(one.left(), one.bottom() - 1, one.width(), 2) for one in places.rects(mark.start, mark.stop)]
            if mark.note and places.start <= mark.start < places.stop:
                at = mark.start - places.start
                for cell in (places.hex_cells[at], places.text_cells[at]):
                    side = max(4, cell.height() // 4)
                    lines.append(QRect(cell.right() - side + 1, cell.top(), side, side))
            fill(painter, lines, color)

    def _paint_covered(self, painter: QPainter, places: Places, view: View) -> None:
        """A thick line below, in the colour of the text of what is selected where it lies on that."""
        chosen = view.selection
        for selected, color in ((False, self._selection), (True, self._selected)):
            ranges = [one for start, stop in view.covered for one in _within(start, stop, chosen, selected)]
            rects = places.all_rects(ranges)
            fill(painter, [QRect(one.left(), one.bottom() - 2, one.width(), 3) for one in rects], color)

    def _paint_ties(self, painter: QPainter, grid: ByteGrid, places: Places, view: View) -> None:
        """A line below the bytes that are one character; a dot below those whose character stands in a line above."""
        if view.text is None or not any(view.text.ties):
            return
        first = places.start - view.window.start
        ties = bytearray(view.text.ties[first : first + len(places.cells)])
        dots = []
        for _, start, stop, _ in places.rows:
            at, end = start - places.start, stop - places.start
            if ties[end - 1] == Tie.FIRST:  # a line below one byte would tie it to nothing
                ties[end - 1] = Tie.ALONE
            while at < end and ties[at] in _GOES_ON:
                ties[at] = Tie.ALONE
                cell = places.text_cells[at]
                dots.append(QRect(cell.center().x(), cell.bottom() - 1, 2, 2))
                at += 1
        for table, rects in zip(_TIES, grid.ties, strict=True):
            fill(painter, [rects[cell] for cell in compress(places.cells, ties.translate(table))], self._tie)
        fill(painter, dots, self._tie)

    def _paint_corners(self, painter: QPainter, grid: ByteGrid, places: Places, view: View) -> None:
        """Where messages begin and end. On what is selected they have the colour of its text."""
        start, stop, cells = places.start, places.stop, places.cells
        begins = [part.start - start for part in view.messages if part.begins and start <= part.start < stop]
        ends = [part.stop - 1 - start for part in view.messages if part.ends and start < part.stop <= stop]
        chosen = bytearray(stop - start)
        for low, high in view.selection:
            low, high = max(low, start) - start, min(high, stop) - start
            if low < high:
                chosen[low:high] = b"\1" * (high - low)
        for selected, color in ((0, self._selection), (1, self._selected)):
            corners = [grid.begins[cells[at]] for at in begins if chosen[at] == selected]
            corners += [grid.ends[cells[at]] for at in ends if chosen[at] == selected]
            fill(painter, list(chain.from_iterable(corners)), color)


def _text_ticks(places: Places, view: View, shown: list[int]) -> list[QRect]:
    """The borders of calls in the text, at these bytes counted from `places.start`. One amid a character is short: it
    must not cut the character through."""
    ticks = [places.text_ticks[at] for at in shown]
    if view.text is None or not any(view.text.ties):
        return ticks
    ties, first = view.text.ties, places.start - view.window.start
    return [
        tick if ties[first + at] not in _GOES_ON else tick.adjusted(0, 3 * tick.height() // 4, 0, 0)
        for at, tick in zip(shown, ticks, strict=True)
    ]


def _within(start: int, stop: int, ranges: Ranges, inside: bool) -> Iterator[tuple[int, int]]:
    """The pieces of `start` … `stop` - 1 that lie in these ranges, or (inside false) between them."""
    for low, high in ranges:
        if high <= start or low >= stop:
            continue
        if inside:
            yield max(start, low), min(stop, high)
        elif start < low:
            yield start, low
        start = max(start, high)
    if not inside and start < stop:
        yield start, stop


def fill(painter: QPainter, rects: Iterable[QRect], color: QColor) -> None:
    """All rectangles in one colour."""
    if found := list(rects):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRects(found)
        painter.setBrush(Qt.BrushStyle.NoBrush)
