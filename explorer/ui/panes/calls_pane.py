"""The Calls table: every socket call of what is chosen at the left, filtered as typed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from explorer.capture.block_index import BlockIndex
from explorer.capture.match import both
from explorer.capture.span import Span
from explorer.capture.steps import Work
from explorer.capture.stream import Scope
from explorer.core import serving
from explorer.core.events import SocketFailed
from explorer.ui.models.calls_model import BY, CallsModel
from explorer.ui.panes.log_pane import LogPane
from explorer.ui.socket_encoding import encoding_of
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.workbench import Workbench

EMPTY = (
    "Every socket call appears here: bind, accept, recv, send, with its result and its bytes.\n"
    "Start a socket to see the first ones."
)
EMPTY_FILTERED = "No call fits this filter. Esc in the filter box clears it."
EMPTY_CHOSEN = "No calls of this one yet. Start it, or choose “Everything” at the left."
EXAMPLE = "for example: error   call:recv   size>100   hello"
BEHIND = 100_000  # calls not looked at yet, from which on it is said


class CallsPane(LogPane):
    """Rows come from a `BlockIndex` of its own, which the indexer's thread advances."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        self.model = CallsModel(workbench.reader, workbench.catalog, partial(encoding_of, workbench))
        super().__init__(workbench, theme, self.model, "Calls", EXAMPLE, parent)
        self.table.show_column(BY, False)
        workbench.failed.connect(self._on_failed)
        workbench.socket_changed.connect(self.model.repaint)  # its encoding may be another
        self._look_again()

    def _look_again(self) -> None:
        bench = self._workbench
        self._want_again()
        if self.model.found is not None:
            bench.indexer.unregister(self.model.found)
        match = both(bench.selection.scope.match(), self._filter.match)
        index = BlockIndex(bench.reader, match, self._filter.reads_bytes)
        self.model.show(bench.reader, bench.catalog, index)
        bench.indexer.register(index)
        self._work()

    @Slot()
    def _on_tick(self) -> None:
        if self.seen:
            self.table.show_column(BY, self._has_workers())
        super()._on_tick()

    def _has_workers(self) -> bool:
        """Whether others than the engine's thread may have made the calls that are shown."""
        entry = self._workbench.current
        alone = entry is not None and (entry.started or entry.spec).serving == serving.DEFAULT
        return self._workbench.catalog.has_workers and not alone

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._work()

    def _looked_at(self) -> int:
        return min(self.model.found.done, self._workbench.catalog.done) if self.model.found else 0

    @Slot()
    def _on_capture_changed(self) -> None:
        self.model.forget_failures()
        super()._on_capture_changed()

    def _reached(self, number: int) -> bool:
        index = self.model.found
        return index is not None and index.done > number and self.model.rowCount() >= index.row(number + 1)

    def _news(self) -> tuple[str, str]:
        index, count = self.model.found, self._workbench.reader.count
        if index is None:
            return "", EMPTY
        chosen = self._workbench.selection.scope != Scope()
        if count - index.done > BEHIND:
            return f"filtering… {100 * index.done // count} %", "filtering…"
        if chosen or not self._filter.is_empty:
            text = f"{index.rows:,} of {count_text(index.done, 'call')}"
        else:
            text = count_text(index.rows, "call")
        hint = EMPTY_FILTERED if not self._filter.is_empty else EMPTY_CHOSEN if chosen and count else EMPTY
        return text, hint

    # -- choosing -------------------------------------------------------------------------------

    def _row_steps(self, span: Span) -> Work[list[range]]:
        return self.model.row_steps(span)

    def _span_of(self, first: int, last: int) -> Span | None:
        begin, end = self.model.number(first), self.model.number(last)
        if begin is None or end is None:
            return None
        one, other = Span.of_call(self._workbench.reader.call(begin)), Span.of_call(self._workbench.reader.call(end))
        return Span(begin, 0, end, other.last_skip) if end != begin else one

    @Slot(object)
    def _on_failed(self, event: SocketFailed) -> None:
        if event.record >= 0:
            self.model.explain(event.record, event.failure)
