"""The Messages table: what the framing of a socket finds in its bytes. It works only while it is seen."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from explorer.capture.filters import WORDS, Filter, parse_filter
from explorer.capture.messages import Messages, open_messages
from explorer.capture.stream import Scope
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.ui.catch_up import CatchUp
from explorer.ui.framing_text import framing_text
from explorer.ui.models.message_filter import MessageFilter
from explorer.ui.models.messages_model import MessagesModel, span_of
from explorer.ui.selection import Span
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.filter_box import FilterBox
from explorer.ui.widgets.log_table import LogTable, copied_text
from explorer.ui.widgets.time_choice import TimeChoice
from explorer.ui.workbench import Workbench

EMPTY = (
    "Messages appear here: what the framing finds in the bytes that were received and sent.\n"
    "Start a socket and let it send or receive something."
)
EMPTY_WAITING = "No whole message yet: {pending} of an unfinished one are held back."
EMPTY_FILTERED = "No message fits this filter. Esc in the filter box clears it."
EXAMPLE = "for example: error   dir:in   size>100   hello"
BEHIND = 50_000  # calls not looked at yet, from which on it is said
TELL_EVERY = 0.2  # seconds
LOOKED_AT = 100  # newest connections whose unfinished messages are counted


class MessagesPane(QWidget):
    """One socket under its own framing, or all of them, each under its own."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._messages: Messages | None = None
        self._shown: Messages | MessageFilter | None = None
        self._filter = parse_filter("", workbench.catalog)
        self._framing: Choice | None = None
        self._problem = ""
        self._stale = True  # to be opened anew when seen
        self._wanted: Span | None = None
        self._told = 0.0
        self.model = MessagesModel(workbench.reader, workbench.catalog, self)
        self.table = LogTable(self.model, theme)
        self.table.setAccessibleName("Messages")
        self.header = QLabel()
        self.header.setAccessibleName("Framing")
        self.header.setTextFormat(Qt.TextFormat.PlainText)
        self.header.setWordWrap(True)
        self.filter = FilterBox(self._parse, WORDS, theme, "Filter messages", EXAMPLE)
        self.times = TimeChoice()
        self.count = QLabel()
        self.filter.add_beside(self.times, self.count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 0)
        layout.setSpacing(4)
        layout.addWidget(self.filter)
        layout.addWidget(self.header)
        layout.addWidget(self.table, 1)
        self._catch_up = CatchUp(workbench, self._on_tick, self._looked_at, self)
        self._connect()

    def _connect(self) -> None:
        bench = self._workbench
        self.filter.applied.connect(self._on_filter)
        self.filter.left.connect(self.table.setFocus)
        self.times.style_chosen.connect(self.model.set_time_style)
        self.table.chosen.connect(self._on_chosen)
        self.table.copied.connect(self._on_copied)
        self.table.filter_wanted.connect(self.focus_filter)
        self._theme.changed.connect(self._on_theme_changed)
        bench.ticked.connect(self._on_tick)
        bench.capture_changed.connect(self._on_capture_changed)
        bench.socket_changed.connect(self._on_socket_changed)
        bench.selection.scope_changed.connect(self._on_scope)
        bench.selection.span_changed.connect(self._on_span)

    # -- which messages -------------------------------------------------------------------------

    def _parse(self, text: str) -> Filter:
        return parse_filter(text, self._workbench.catalog)

    def focus_first(self) -> None:
        """Take the keyboard, in the table."""
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def focus_filter(self) -> None:
        self.filter.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.edit.selectAll()

    @property
    def _chosen_framing(self) -> Choice | None:
        """The framing of the chosen socket; None: each socket under its own."""
        entry = self._workbench.current
        return entry.spec.framing if entry else None

    def _let_go(self) -> None:
        for index in (self._shown, self._messages):
            if index is not None:
                self._workbench.indexer.unregister(index)

    def _open(self) -> None:
        """Find messages from the beginning: another scope, framing or capture."""
        bench = self._workbench
        self._let_go()
        self._stale = False
        self._framing = self._chosen_framing
        span = bench.selection.span
        self._wanted = None if span is None or self.table.following else span
        self._problem = ""
        try:
            self._messages = open_messages(bench.reader, bench.catalog, bench.selection.scope, self._framing)
        except InputError as error:
            self._messages = None
            self._problem = f"This framing cannot be used: {error.message}"
        self._show_header()
        self._open_filter()

    def _open_filter(self) -> None:
        """Show all messages, or those that fit the filter."""
        if isinstance(self._shown, MessageFilter):
            self._workbench.indexer.unregister(self._shown)
        filtered = self._messages is not None and not self._filter.is_empty
        self._shown = MessageFilter(self._messages, self._filter) if filtered and self._messages else self._messages
        self.model.show(self._workbench.reader, self._workbench.catalog, self._shown)
        self._work()

    def _work(self) -> None:
        """Have the messages advanced from now on."""
        for index in (self._messages, self._shown):
            if index is not None:
                self._workbench.indexer.register(index)
        self._workbench.refresh()
        self._catch_up.start()
        self._tell()

    def _looked_at(self) -> int:
        """Calls whose messages are found and held against the filter."""
        messages, shown = self._messages, self._shown
        if messages is None:
            return self._workbench.reader.count
        done = min(messages.done, self._workbench.catalog.done)
        return done if not isinstance(shown, MessageFilter) or shown.looked >= messages.rows else 0

    def _show_header(self) -> None:
        if self._problem:
            text = self._problem
        elif self._framing is None:
            text = "Framing: each socket’s own. Choose a socket at the left to see its framing and change it."
        elif self._framing.kind == "raw":
            text = "Framing: raw. No boundaries: a row is what one recv brought, or one send took."
        else:
            text = f"Framing: {framing_text(self._framing)}."
        self.header.setText(text)
        self._on_theme_changed()

    @Slot()
    def _on_theme_changed(self) -> None:
        colors = self._theme.colors
        self.header.setStyleSheet(f"color: {colors.error if self._problem else colors.muted};")

    @Slot(object)
    def _on_filter(self, chosen: Filter) -> None:
        self._filter = chosen
        if not self._stale:
            self._wanted = None if self.table.following else self._workbench.selection.span
            self._open_filter()

    @Slot(object)
    def _on_scope(self, scope: Scope) -> None:
        self._renew()

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        if number == self._workbench.selection.scope.socket and self._chosen_framing != self._framing:
            self._renew()

    @Slot()
    def _on_capture_changed(self) -> None:
        self._filter = self._parse(self.filter.applied_text)
        self._renew()

    def _renew(self) -> None:
        self._let_go()
        self._stale = True
        if self.isVisible():
            self._open()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._open()
        else:
            self._work()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: no more work."""
        super().hideEvent(event)
        self._let_go()

    # -- frames ---------------------------------------------------------------------------------

    @Slot()
    def _on_tick(self) -> None:
        if not self.isVisible() or self._messages is None:
            return
        self.table.take_new()
        if self._wanted is not None and self._reached(self._wanted.last_call):
            wanted, self._wanted = self._wanted, None
            self._select_span(wanted)
        self._tell()

    def _reached(self, number: int) -> bool:
        """Whether the messages of a call are found, and their rows announced."""
        if self._messages is None or self._shown is None or self._messages.done <= number:
            return False
        if isinstance(self._shown, MessageFilter) and self._shown.looked < self._messages.row_of(number + 1):
            return False
        return self.model.rowCount() >= self._shown.row_of(number + 1)

    def _tell(self) -> None:
        """How many there are, and what an empty table means; a few times a second."""
        messages, shown = self._messages, self._shown
        if messages is None or shown is None:
            self.count.clear()
            self.table.set_hint(self._problem)
            return
        now, calls = time.monotonic(), self._workbench.reader.count
        behind = calls - messages.done
        filtering = isinstance(shown, MessageFilter) and messages.rows - shown.looked > BEHIND
        if behind > BEHIND:
            text = f"framing… {100 * messages.done // calls} %"
        elif isinstance(shown, MessageFilter) and filtering:
            text = f"filtering… {100 * shown.looked // messages.rows} %"
        elif shown is not messages:
            text = f"{shown.rows:,} of {count_text(messages.rows, 'message')}"
        else:
            text = count_text(messages.rows, "message")
        if now < self._told + TELL_EVERY and (shown.rows or text == self.count.text()):
            return
        self._told = now
        self.count.setText(text)
        if not shown.rows:
            self.table.set_hint(self._why_empty(text if behind > BEHIND or filtering else ""))

    def _why_empty(self, under_way: str) -> str:
        if under_way:
            return under_way
        if not self._filter.is_empty and self._messages is not None and self._messages.rows:
            return EMPTY_FILTERED
        pending = self._pending()
        return EMPTY_WAITING.format(pending=count_text(pending, "byte")) if pending else EMPTY

    def _pending(self) -> int:
        """Bytes of unfinished messages of what is chosen."""
        scope = self._workbench.selection.scope
        if self._messages is None or scope.socket is None:
            return 0
        connections = self._workbench.connections(scope.socket) if scope.connection is None else [scope.connection]
        return sum(sum(self._messages.pending(number)) for number in list(connections)[-LOOKED_AT:])

    # -- choosing -------------------------------------------------------------------------------

    @Slot(int, int)
    def _on_chosen(self, first: int, last: int) -> None:
        begin, end = self.model.message(first), self.model.message(last)
        if begin is None or end is None:
            return
        span, other = span_of(self._workbench.reader, begin), span_of(self._workbench.reader, end)
        if first != last:
            span = Span(span.first_call, span.first_skip, other.last_call, other.last_skip)
        self._workbench.selection.choose_span(span, self)

    @Slot(object, object)
    def _on_span(self, span: Span | None, origin: object) -> None:
        if origin is self:
            return
        self._wanted = None
        if span is None:
            self.table.forget()
        elif self._reached(span.last_call):
            self._select_span(span)
        else:
            self._wanted = span

    def _select_span(self, span: Span) -> None:
        rows = self.model.find(span.first_call, span.last_call)
        if rows is None:
            self.table.forget()
        else:
            self.table.reveal(*rows)

    @Slot(int, int)
    def _on_copied(self, copied: int, selected: int) -> None:
        if copied < selected:
            self._workbench.notice(copied_text(copied, selected), key="copied")
