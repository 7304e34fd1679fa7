"""The strip and the marks beside the byte pane: the whole stream at a glance, what was found in it, and what is noted.

Marks on the scroll bar are worked out a few at a time, for each takes a look into the capture.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from explorer.capture.overview import Overview
from explorer.capture.span import Place
from explorer.capture.stream import Stream
from explorer.ui.panes.bytes_pages import BytesPages
from explorer.ui.panes.bytes_source import BytesSource
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.marked_scroll_bar import Mark
from explorer.ui.widgets.overview_bar import OverviewBar
from explorer.ui.workbench import Workbench

MOST_MARKS = 300
"""Of each kind; more would be one broad bar."""
_BUDGET = 0.002  # seconds of the window's time for marks at once
_AGAIN = 500  # milliseconds until marks are placed anew in a stream that grows


class BytesOverview(QObject):
    """Signal: wanted(int): go to this position of what is shown.

    bar: the strip; to be put beside the view.
    """

    wanted = Signal(object)

    def __init__(
        self,
        workbench: Workbench,
        theme: Theme,
        source: BytesSource,
        view: ByteView,
        pages: BytesPages,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._source = source
        self._view = view
        self._pages = pages
        self._overview: Overview | None = None
        self._of: tuple[object, ...] = ()  # reader, scope and direction of the overview
        self._shown: tuple[object, ...] = ()
        self._placing: Iterator[Mark] = iter(())
        self._placed: list[Mark] = []
        self._placed_size = -1  # of the stream, when marks were placed last
        self.bar = OverviewBar(theme, parent)
        self.bar.wanted.connect(self._on_wanted)
        self._place_soon = self._timer(0, self._place_some)
        self._place_again = self._timer(_AGAIN, self.place_marks)
        source.changed.connect(self._on_changed)
        source.rearranged.connect(self.place_marks)
        workbench.finder.hits_changed.connect(self.place_marks)
        workbench.notes.notes_changed.connect(self.place_marks)
        theme.changed.connect(self.place_marks)
        view.scroll_bar.valueChanged.connect(self.refresh)
        view.resized.connect(self.refresh)
        pages.scrolled.connect(self.refresh)
        pages.currentChanged.connect(self.refresh)
        self._on_changed()

    def _timer(self, milliseconds: int, slot: Callable[[], object]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    @Slot()
    def _on_changed(self) -> None:
        """Another stream, or the same bytes in another order, of which the overview is the same."""
        bench, direction = self._workbench, self._source.direction
        of = bench.reader, bench.selection.scope, direction
        if of != self._of:
            self._of = of
            if self._overview is not None:
                bench.indexer.unregister(self._overview)
            self._overview = Overview(bench.reader, bench.selection.scope, direction != "sent", direction != "received")
            bench.indexer.register(self._overview)
            self.bar.set_overview(self._overview)
        self._shown = ()
        self.place_marks()

    @Slot()
    def refresh(self) -> None:
        """At every frame: cheap when nothing came and nobody scrolled."""
        self.bar.refresh()
        view = self._view
        shown = (*self._pages.seen, view.rows.size, self._source.bytes.done)
        if shown != self._shown:
            self._shown = shown
            self._show_place(shown[0], shown[1])
        grown = view.rows.count != self._placed_size
        if grown and (self._placed or self._view.scroll_bar.marks) and not self._place_again.isActive():
            self._place_again.start()

    def _show_place(self, start: int, stop: int) -> None:
        """The frame around what is seen: in the order of the calls, whatever order is shown."""
        stream, shown = self._source.bytes, self._source.stream
        if shown is stream:
            self.bar.set_shown(start, stop)
        elif shown is not None and start < min(stop, shown.size):
            span = shown.span_of(start, min(stop, shown.size))
            if span.last_call < stream.done:
                first, last = Place(span.first_call, span.first_skip), Place(span.last_call, span.last_skip)
                self.bar.set_shown(stream.position(first), stream.position(last))

    @Slot(object)
    def _on_wanted(self, offset: int) -> None:
        """From the order of the calls to that of what is shown."""
        stream, shown = self._source.bytes, self._source.stream
        if offset >= stream.size or shown is None or not shown.size:
            return
        position = offset if shown is stream else shown.position(stream.locate(offset))
        self.wanted.emit(min(position, shown.size - 1))

    # -- marks ------------------------------------------------------------------------------------

    @Slot()
    def place_marks(self) -> None:
        """Work out anew where they stand."""
        self._place_again.stop()
        self._placed = []
        self._placed_size = self._view.rows.count
        stream = self._source.stream
        self._placing = iter(()) if stream is None else self._marks(stream)
        self._place_soon.start()

    @Slot()
    def _place_some(self) -> None:
        deadline = time.perf_counter() + _BUDGET
        for mark in self._placing:
            self._placed.append(mark)
            if time.perf_counter() > deadline:
                self._place_soon.start()
                return
        self._view.scroll_bar.set_marks(self._placed)

    def _marks(self, stream: Stream) -> Iterator[Mark]:
        colors, bench = self._theme.colors, self._workbench
        for note in bench.notes.notes[:MOST_MARKS]:
            yield from self._mark(stream, note.span.first, colors.highlight_marks[note.color], 0)
        search = bench.finder.search
        for place in search.hit_places(MOST_MARKS) if search is not None else ():
            yield from self._mark(stream, place, colors.warning, 1)

    def _mark(self, stream: Stream, place: Place, color: str, side: int) -> Iterator[Mark]:
        """None, if the stream does not hold the byte."""
        rows = self._view.rows
        if place.call >= self._source.done:
            return
        position = stream.position(place)
        if position < min(rows.size, stream.size) and stream.locate(position) == place:
            yield Mark(rows.row(position) / max(1, rows.count - 1), color, side)
