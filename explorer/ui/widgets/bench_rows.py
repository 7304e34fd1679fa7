"""The rows of one framing on the bench, kept in step with what is selected in the window.

Bytes that are selected anywhere select the messages that hold them here; messages selected here select their bytes
everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from explorer.capture.message_spans import joined
from explorer.capture.span import Span
from explorer.capture.steps import Work
from explorer.ui.models.bench_model import BenchModel
from explorer.ui.models.bench_rows import BenchMessages
from explorer.ui.newest_work import NewestWork
from explorer.ui.socket_encoding import encoding_of
from explorer.ui.theme import Theme
from explorer.ui.widgets.bench_table import BenchTable
from explorer.ui.widgets.log_table import copied_text
from explorer.ui.workbench import Workbench


class BenchRows(QWidget):
    """`table` shows `model`. `tick` is to be called while it is seen."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._wanted: tuple[Span, ...] = ()  # to be selected when their rows are found
        self._finding = NewestWork[list[range]](workbench)
        self._goes_there = True  # whether the table then scrolls to them, rather than follow the newest
        self.model = BenchModel(partial(encoding_of, workbench), self)
        self.table = BenchTable(self.model, theme)
        self.table.chosen.connect(self._on_chosen)
        self.table.unchosen.connect(self._on_unchosen)
        self.table.copied.connect(self._on_copied)
        workbench.selection.span_changed.connect(self._on_span)
        workbench.socket_changed.connect(self.model.repaint)  # its encoding may be another

    def show_messages(self, source: BenchMessages | None) -> None:
        """Show others; what is selected is looked for among them."""
        if not self._wanted and self.table.selected_rows():
            self._goes_there = not self.table.following
        self._want(self._workbench.selection.parts)
        self.model.show(source)

    def tick(self) -> None:
        """Show what came since."""
        self.table.take_new()
        self._show_wanted()

    def let_go(self) -> None:
        """It is to go: nothing is looked for any more."""
        self._want(())
        self._workbench.indexer.unregister(self._finding)

    @property
    def busy(self) -> bool:
        """Whether rows of the selection are being looked for."""
        return self._finding.under_way

    # -- selected elsewhere -----------------------------------------------------------------------

    def _want(self, parts: tuple[Span, ...]) -> None:
        self._wanted = parts
        self._finding.give_up()

    @Slot(object, object)
    def _on_span(self, span: Span | None, origin: object) -> None:
        if origin is self:
            self._want(())
            return
        self._goes_there = True
        self._want(self._workbench.selection.parts)
        if span is None:
            self.table.forget()
        elif self.isVisible():
            self._show_wanted()

    def _show_wanted(self) -> None:
        """Select the rows of the wanted bytes, once they are all found."""
        if not self._wanted:
            return
        if not self._finding.under_way:
            if self.model.state.done <= max(span.last_call for span in self._wanted):
                return
            self._finding.begin(self._find(self._wanted))
        rows = self._finding.take()
        if rows is None and self._finding.under_way:
            return
        self._wanted = ()
        there = self.model.rowCount()
        rows = [range(part.start, min(part.stop, there)) for part in rows or () if part.start < there]
        if rows:
            self.table.reveal(rows, self._goes_there)
        else:
            self.table.forget()

    def _find(self, spans: Sequence[Span]) -> Work[list[range]]:
        found: list[range] = []
        for span in spans:
            found += yield from self.model.row_steps(span)
        return joined(found)

    # -- selected here ----------------------------------------------------------------------------

    @Slot(int, int)
    def _on_chosen(self, first: int, last: int) -> None:
        span = self.model.span_of(first, last)
        if span is not None:
            parts = [self.model.span_of(rows.start, rows.stop - 1) for rows in self.table.selected_rows()]
            known = [part for part in parts if part is not None]
            self._workbench.selection.choose_span(span, self, parts=known)

    @Slot()
    def _on_unchosen(self) -> None:
        self._workbench.selection.choose_span(None, self)

    @Slot(int, int)
    def _on_copied(self, copied: int, selected: int) -> None:
        if copied < selected:
            self._workbench.notice(copied_text(copied, selected), key="copied")
