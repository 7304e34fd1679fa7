"""The Calls table: every socket call of what is chosen at the left, filtered as typed."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.capture.block_index import BlockIndex
from explorer.capture.filters import WORDS, Filter, parse_filter
from explorer.capture.match import both
from explorer.capture.stream import Scope
from explorer.core.events import SocketFailed
from explorer.ui.catch_up import CatchUp
from explorer.ui.models.calls_model import CallsModel
from explorer.ui.selection import Span
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.filter_box import FilterBox
from explorer.ui.widgets.log_table import LogTable, copied_text
from explorer.ui.widgets.time_choice import TimeChoice
from explorer.ui.workbench import Workbench

EMPTY = (
    "Every socket call appears here: bind, accept, recv, send, with its result and its bytes.\n"
    "Start a socket to see the first ones."
)
EMPTY_FILTERED = "No call fits this filter. Esc in the filter box clears it."
EMPTY_CHOSEN = "No calls of this one yet. Start it, or choose “Everything” at the left."
EXAMPLE = "for example: error   call:recv   size>100   hello"
BEHIND = 100_000  # calls not looked at yet, from which on it is said
TELL_EVERY = 0.2  # seconds


class CallsPane(QWidget):
    """Rows come from a `BlockIndex` of its own, which the indexer's thread advances."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._filter = parse_filter("", workbench.catalog)
        self._wanted: Span | None = None  # to be selected when the index has reached it
        self._told = 0.0
        self.model = CallsModel(workbench.reader, workbench.catalog, self)
        self.table = LogTable(self.model, theme)
        self.table.setAccessibleName("Calls")
        self.filter = FilterBox(self._parse, WORDS, theme, "Filter calls", EXAMPLE)
        self.times = TimeChoice()
        self.count = QLabel()
        self.filter.add_beside(self.times, self.count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 0)
        layout.setSpacing(4)
        layout.addWidget(self.filter)
        layout.addWidget(self.table, 1)
        self._catch_up = CatchUp(workbench, self._on_tick, self._looked_at, self)
        self._connect()
        self._look_again()

    def _connect(self) -> None:
        bench = self._workbench
        self.filter.applied.connect(self._on_filter)
        self.filter.left.connect(self.table.setFocus)
        self.times.style_chosen.connect(self.model.set_time_style)
        self.table.chosen.connect(self._on_chosen)
        self.table.copied.connect(self._on_copied)
        self.table.filter_wanted.connect(self.focus_filter)
        bench.ticked.connect(self._on_tick)
        bench.failed.connect(self._on_failed)
        bench.capture_changed.connect(self._on_capture_changed)
        bench.selection.scope_changed.connect(self._on_scope)
        bench.selection.span_changed.connect(self._on_span)

    # -- which calls ----------------------------------------------------------------------------

    def _parse(self, text: str) -> Filter:
        return parse_filter(text, self._workbench.catalog)

    def focus_first(self) -> None:
        """Take the keyboard, in the table."""
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def focus_filter(self) -> None:
        self.filter.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.edit.selectAll()

    def _look_again(self) -> None:
        """Another scope, filter or capture: find its calls from the beginning."""
        bench = self._workbench
        span = bench.selection.span
        self._wanted = None if span is None or self.table.following else span
        if self.model.found is not None:
            bench.indexer.unregister(self.model.found)
        index = BlockIndex(bench.reader, both(bench.selection.scope.match(), self._filter.match))
        self.model.show(bench.reader, bench.catalog, index)
        bench.indexer.register(index)
        bench.refresh()
        self._catch_up.start()
        self._tell()

    def _looked_at(self) -> int:
        """Calls looked at."""
        return min(self.model.found.done, self._workbench.catalog.done) if self.model.found else 0

    @Slot(object)
    def _on_filter(self, chosen: Filter) -> None:
        self._filter = chosen
        self._look_again()

    @Slot(object)
    def _on_scope(self, scope: Scope) -> None:
        self._look_again()

    @Slot()
    def _on_capture_changed(self) -> None:
        self.model.forget_failures()
        self._filter = self._parse(self.filter.applied_text)  # names of sockets mean others now
        self._look_again()

    # -- frames ---------------------------------------------------------------------------------

    @Slot()
    def _on_tick(self) -> None:
        if not self.isVisible():
            return
        self.table.take_new()
        if self._wanted is not None and self._reached(self._wanted.last_call):
            wanted, self._wanted = self._wanted, None
            self._select_span(wanted)
        self._tell()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._workbench.refresh()
        self._catch_up.start()

    def _reached(self, number: int) -> bool:
        """Whether the call is looked at, and its row announced."""
        index = self.model.found
        return index is not None and index.done > number and self.model.rowCount() >= index.row(number + 1)

    def _tell(self) -> None:
        """How many there are, and what an empty table means; a few times a second."""
        now = time.monotonic()
        index, count = self.model.found, self._workbench.reader.count
        if index is None:
            return
        if index.rows and now < self._told + TELL_EVERY:
            return
        self._told = now
        behind = count - index.done
        chosen = self._workbench.selection.scope != Scope()
        if behind > BEHIND:
            text = f"filtering… {100 * index.done // count} %"
        elif chosen or not self._filter.is_empty:
            text = f"{index.rows:,} of {count_text(index.done, 'call')}"
        else:
            text = count_text(index.rows, "call")
        if text != self.count.text():
            self.count.setText(text)
        if not index.rows:
            hint = EMPTY_FILTERED if not self._filter.is_empty else EMPTY_CHOSEN if chosen and count else EMPTY
            self.table.set_hint("filtering…" if behind > BEHIND else hint)

    # -- choosing -------------------------------------------------------------------------------

    @Slot(int, int)
    def _on_chosen(self, first: int, last: int) -> None:
        begin, end = self.model.number(first), self.model.number(last)
        if begin is None or end is None:
            return
        one, other = Span.of_call(self._workbench.reader.call(begin)), Span.of_call(self._workbench.reader.call(end))
        self._workbench.selection.choose_span(Span(begin, 0, end, other.last_skip) if end != begin else one, self)

    @Slot(object, object)
    def _on_span(self, span: Span | None, origin: object) -> None:
        if origin is self:
            return
        if span is None:
            self.table.forget()
        elif self._reached(span.last_call):
            self._wanted = None
            self._select_span(span)
        else:
            self._wanted = span

    def _select_span(self, span: Span) -> None:
        """Select the rows of a span, as far as the filter shows them."""
        index = self.model.found
        if index is None:
            return
        first, end = index.row(span.first_call), index.row(span.last_call + 1)
        if first < end:
            self.table.reveal(first, end - 1)
        else:
            self.table.forget()

    @Slot(object)
    def _on_failed(self, event: SocketFailed) -> None:
        if event.record >= 0:
            self.model.explain(event.record, event.failure)

    @Slot(int, int)
    def _on_copied(self, copied: int, selected: int) -> None:
        if copied < selected:
            self._workbench.notice(copied_text(copied, selected), key="copied")
