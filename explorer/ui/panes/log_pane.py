"""What the Calls and the Messages pane are made of: a filter, the times' style, a count, a table that follows.

And the selection: the bytes that are selected in the window are kept in step with the rows that hold them,
through every change of scope, filter or framing, however late these rows are found.
"""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.capture.filters import EXAMPLES, MEANINGS, WORDS, Filter, parse_filter
from explorer.capture.span import Span
from explorer.capture.stream import Scope
from explorer.ui.catch_up import CatchUp
from explorer.ui.models.log_model import LogModel
from explorer.ui.theme import Theme
from explorer.ui.widgets.filter_box import FilterBox
from explorer.ui.widgets.log_table import LogTable, copied_text
from explorer.ui.widgets.time_choice import TimeChoice
from explorer.ui.workbench import Workbench

TELL_EVERY = 0.2  # seconds


class LogPane(QWidget):
    """Subclasses say which rows there are (`_look_again`, `_on_filter`), and answer what is asked below."""

    def __init__(
        self, workbench: Workbench, theme: Theme, model: LogModel, name: str, example: str, parent: QWidget | None
    ) -> None:
        """name: of the table. example: a filter, shown while there is none."""
        super().__init__(parent)
        self._workbench = workbench
        self._filter = parse_filter("", workbench.catalog)
        self._wanted: Span | None = None  # to be selected when its rows are found
        self._goes_there = True  # whether the table then scrolls to them, rather than follow the newest
        self._told = 0.0
        self._model = model
        model.setParent(self)
        self.table = LogTable(model, theme)
        self.table.setAccessibleName(name)
        self.filter = FilterBox(self._parse, WORDS, theme, f"Filter {name.lower()}", example, MEANINGS, EXAMPLES)
        self.times = TimeChoice()
        self.count = QLabel()
        self.filter.add_beside(self.times, self.count)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(6, 6, 6, 0)
        self.column.setSpacing(4)
        self.column.addWidget(self.filter)
        self.column.addWidget(self.table, 1)
        self._catch_up = CatchUp(workbench, self._on_tick, self._looked_at, self)
        self._listen()

    def _listen(self) -> None:
        bench = self._workbench
        self.filter.applied.connect(self._on_filter)
        self.filter.left.connect(self.table.setFocus)
        self.times.style_chosen.connect(self._model.set_time_style)
        self.table.chosen.connect(self._on_chosen)
        self.table.copied.connect(self._on_copied)
        self.table.filter_wanted.connect(self.focus_filter)
        bench.ticked.connect(self._on_tick)
        bench.capture_changed.connect(self._on_capture_changed)
        bench.selection.scope_changed.connect(self._on_scope)
        bench.selection.span_changed.connect(self._on_span)

    # -- for subclasses -------------------------------------------------------------------------

    def _look_again(self) -> None:
        """Another scope or capture: find its rows from the beginning."""
        raise NotImplementedError

    def _looked_at(self) -> int:
        """Calls whose rows are found."""
        raise NotImplementedError

    def _reached(self, number: int) -> bool:
        """Whether the rows of a call are found, and announced."""
        raise NotImplementedError

    def _rows_of(self, span: Span) -> list[range]:
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
        if self.isVisible():
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
        if self._wanted is None and self.table.selected_rows():
            self._goes_there = not self.table.following
        self._wanted = self._workbench.selection.span

    @Slot(object, object)
    def _on_span(self, span: Span | None, origin: object) -> None:
        if origin is self:
            self._wanted = None
            return
        self._wanted, self._goes_there = span, True
        if span is None:
            self.table.forget()
        else:
            self._show_wanted()

    def _show_wanted(self) -> None:
        """Select the rows of the wanted bytes, as far as the filter shows them; not before they are all found."""
        wanted = self._wanted
        if wanted is None or not self.isVisible() or not self._reached(wanted.last_call):
            return
        self._wanted = None
        rows = self._rows_of(wanted)
        if rows:
            self.table.reveal(rows, self._goes_there)
        else:
            self.table.forget()

    @Slot(int, int)
    def _on_chosen(self, first: int, last: int) -> None:
        span = self._span_of(first, last)
        if span is not None:
            self._workbench.selection.choose_span(span, self)

    @Slot(int, int)
    def _on_copied(self, copied: int, selected: int) -> None:
        if copied < selected:
            self._workbench.notice(copied_text(copied, selected), key="copied")
