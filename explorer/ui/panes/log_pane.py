"""What the Calls and the Messages pane are made of: a filter, the times' style, a count, a table that follows.

And the selection: the bytes that are selected in the window are kept in step with the rows that hold them,
through every change of scope, filter or framing, however late these rows are found.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.capture.filters import EXAMPLES, MEANINGS, WORDS, Filter, parse_filter
from explorer.capture.message_spans import joined
from explorer.capture.span import Span
from explorer.capture.steps import Work
from explorer.capture.stream import Scope
from explorer.ui.catch_up import CatchUp
from explorer.ui.models.log_model import LogModel
from explorer.ui.newest_work import NewestWork
from explorer.ui.theme import Theme
from explorer.ui.widgets.docked_pane import DockedPane
from explorer.ui.widgets.filter_box import FilterBox
from explorer.ui.widgets.log_table import LogTable, copied_text
from explorer.ui.widgets.time_choice import TimeChoice
from explorer.ui.workbench import Workbench

TELL_EVERY = 0.2  # seconds


class LogPane(DockedPane):
    """Subclasses say which rows there are (`_look_again`, `_on_filter`), and answer what is asked below.

    IN_DOCK: it may stand beside a table of the middle, whose letters it then leaves alone. LEAST_LINES: of text that
    it is high at least in a dock; where that is lower, it scrolls.
    """

    IN_DOCK = False
    LEAST_LINES = 0

    def __init__(
        self, workbench: Workbench, theme: Theme, model: LogModel, name: str, example: str, parent: QWidget | None
    ) -> None:
        """name: of the table. example: a filter, shown while there is none."""
        super().__init__(parent)
        self._workbench = workbench
        self._filter = parse_filter("", workbench.catalog)
        self._wanted: tuple[Span, ...] = ()  # to be selected when their rows are found
        self._finding = NewestWork[list[range]](workbench)
        self._goes_there = True  # whether the table then scrolls to them, rather than follow the newest
        self._told = 0.0
        self._model = model
        model.setParent(self)
        self.table = self._make_table(model, theme)
        self.table.setAccessibleName(name)
        self.filter = FilterBox(self._parse, WORDS, theme, f"Filter {name.lower()}", example, MEANINGS, EXAMPLES)
        self.times = TimeChoice(letter=not self.IN_DOCK)
        self.count = QLabel()
        self.filter.add_beside(self.times, self.count)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(6, 6, 6, 0)
        self.column.setSpacing(4)
        self.column.addWidget(self.filter)
        self.column.addWidget(self.table, 1)
        self._catch_up = CatchUp(workbench, self._on_tick, self._caught_up, self)
        self._listen()

    def _listen(self) -> None:
        bench = self._workbench
        self.filter.applied.connect(self._on_filter)
        self.filter.left.connect(self.table.setFocus)
        self.times.style_chosen.connect(self._model.set_time_style)
        self.table.chosen.connect(self._on_chosen)
        self.table.unchosen.connect(self._on_unchosen)
        self.table.copied.connect(self._on_copied)
        self.table.filter_wanted.connect(self.focus_filter)
        bench.ticked.connect(self._on_tick)
        bench.capture_changed.connect(self._on_capture_changed)
        bench.selection.scope_changed.connect(self._on_scope)
        bench.selection.span_changed.connect(self._on_span)

    # -- for subclasses -------------------------------------------------------------------------

    def _on_seen(self) -> None:
        """What is not seen waits for the next frame in which it is."""

    def _make_table(self, model: LogModel, theme: Theme) -> LogTable:
        return LogTable(model, theme)

    def _look_again(self) -> None:
        """Another scope or capture: find its rows from the beginning."""
        raise NotImplementedError

    def _looked_at(self) -> int:
        """Calls whose rows are found."""
        raise NotImplementedError

    def _reached(self, number: int) -> bool:
        """Whether the rows of a call are found, and announced."""
        raise NotImplementedError

    def _row_steps(self, span: Span) -> Work[list[range]]:
        """The rows of some bytes, in runs."""
        raise NotImplementedError

    def _span_of(self, first: int, last: int) -> Span | None:
        """The bytes of some rows; None if these are gone."""
        raise NotImplementedError

    def _news(self) -> tuple[str, str]:
        """How many rows there are, in words, and what an empty table says ("" while there are rows)."""
        raise NotImplementedError

    # -- which rows -----------------------------------------------------------------------------

    def _parse(self, text: str) -> Filter:
        return parse_filter(text, self._workbench.catalog)

    def focus_first(self) -> None:
        """Take the keyboard, in the table."""
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def focus_filter(self) -> None:
        self.filter.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.edit.selectAll()

    @Slot(object)
    def _on_filter(self, chosen: Filter) -> None:
        self._filter = chosen
        self._look_again()

    @Slot(object)
    def _on_scope(self, scope: Scope) -> None:
        self._look_again()

    @Slot()
    def _on_capture_changed(self) -> None:
        self._filter = self._parse(self.filter.applied_text)  # names of sockets mean others now
        self._look_again()

    # -- frames ---------------------------------------------------------------------------------

    @Slot()
    def _on_tick(self) -> None:
        if self.seen:
            self.table.take_new()
            self._show_wanted()
            self._tell()

    def _work(self) -> None:
        """Rows are looked for from now on."""
        self._workbench.refresh()
        self._catch_up.start()
        self._tell()

    def _tell(self) -> None:
        """A few times a second while there are rows."""
        now = time.monotonic()
        if self._model.rowCount() and now < self._told + TELL_EVERY:
            return
        self._told = now
        text, hint = self._news()
        if text != self.count.text():
            self.count.setText(text)
        if hint:
            self.table.set_hint(hint)

    # -- choosing -------------------------------------------------------------------------------

    def _want_again(self) -> None:
        """Other rows are about to be shown: the selected bytes are looked for among them.

        The table goes there unless it was following the newest rows when the selection was last seen.
        """
        if not self._wanted and self.table.selected_rows():
            self._goes_there = not self.table.following
        self._want(self._workbench.selection.parts)

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
        else:
            self._show_wanted()

    def _show_wanted(self) -> None:
        """Select the rows of the wanted bytes, as far as the filter shows them; not before they are all found.

        Of very many, that takes more than one frame.
        """
        if not self._wanted or not self.seen:
            return
        if not self._finding.under_way:
            if not self._reached(max(span.last_call for span in self._wanted)):
                return
            self._finding.begin(self._find(self._wanted))
        if self._finding.under_way and (rows := self._finding.take()) is None:
            self._catch_up.start()
            return
        self._wanted = ()
        there = self._model.rowCount()
        rows = [range(part.start, min(part.stop, there)) for part in rows or () if part.start < there]
        if rows:
            self.table.reveal(rows, self._goes_there)
        else:
            self.table.forget()

    def _find(self, spans: Sequence[Span]) -> Work[list[range]]:
        found: list[range] = []
        for span in spans:
            found += yield from self._row_steps(span)
        return joined(found)

    def _caught_up(self) -> int:
        """Calls that have their rows, and their place in the selection."""
        return -1 if self._finding.under_way else self._looked_at()

    @Slot(int, int)
    def _on_chosen(self, first: int, last: int) -> None:
        """Some rows, or one of several apart."""
        span = self._span_of(first, last)
        if span is not None:
            self._workbench.selection.choose_span(span, self, parts=self._chosen_parts())

    def _chosen_parts(self) -> list[Span]:
        """The bytes of the selected rows, one span for each run of them."""
        parts = [self._span_of(rows.start, rows.stop - 1) for rows in self.table.selected_rows()]
        return [part for part in parts if part is not None]

    @Slot()
    def _on_unchosen(self) -> None:
        self._workbench.selection.choose_span(None, self)

    @Slot(int, int)
    def _on_copied(self, copied: int, selected: int) -> None:
        if copied < selected:
            self._workbench.notice(copied_text(copied, selected), key="copied")
