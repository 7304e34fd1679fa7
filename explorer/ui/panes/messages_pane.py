"""The Messages table: what the framing of a socket finds in its bytes. It works only while it is seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from explorer.capture.filters import Filter
from explorer.capture.message_spans import span_of, spans_of
from explorer.capture.messages import Messages, RawMessages, Tally
from explorer.capture.span import Span
from explorer.capture.steps import Work
from explorer.core.socket_spec import Choice
from explorer.ui.found_text import errors_text
from explorer.ui.framing_text import framing_text
from explorer.ui.models.log_model import Row
from explorer.ui.models.message_filter import MessageFilter
from explorer.ui.models.messages_model import MessagesModel
from explorer.ui.models.unfinished_lines import WAYS, Flow, unfinished_lines
from explorer.ui.note_actions import act_on_note, note_actions
from explorer.ui.panes.log_pane import LogPane
from explorer.ui.socket_encoding import encoding_of
from explorer.ui.theme import Theme
from explorer.ui.units import count_text, size_text
from explorer.ui.widgets.catching_up import CatchingUp, HowFar, Lag
from explorer.ui.widgets.elided_label import GivingLabel
from explorer.ui.widgets.said_line import SaidLine
from explorer.ui.workbench import Workbench

if TYPE_CHECKING:
    from explorer.ui.dialogs.compare_dialog import Side

EMPTY = (
    "Messages appear here: what the framing finds in the bytes that were received and sent.\n"
    "Start a socket and let it send or receive something."
)
EMPTY_WAITING = "No whole message yet. What has come of one is told above."
EMPTY_FILTERED = "No message fits this filter. Esc in the filter box clears it."
EXAMPLE = "for example: error   dir:in   size>100   hello"
BEHIND = 50_000  # calls or messages not looked at yet, from which on it is said
COMPARE_KEY = "Ctrl+K"
BEHIND_BYTES = 4 << 20  # or bytes of calls
LOOKED_AT = 100  # newest connections whose unfinished messages are told
NONE_PENDING = "nothing is pending"
FILTERING = "Filtering"
ERRORS = "error"  # the filter that shows errors alone


class MessagesPane(LogPane):
    """One socket under its present framing, or all of them, each under its own.

    Other views of messages are made of it: NAME is that of the table, EXAMPLE a filter that is shown while there is
    none.
    """

    NAME = "Messages"
    EXAMPLE = EXAMPLE

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        self._theme = theme
        self._messages: Messages | None = None
        self._shown: Messages | MessageFilter | None = None
        self.model = self._make_model()(workbench.reader, workbench.catalog, partial(encoding_of, workbench))
        super().__init__(workbench, theme, self.model, self.NAME, self.EXAMPLE, parent)
        self._applied = self._filter  # what `_shown` was opened with
        self.header = GivingLabel()
        self.header.setAccessibleName("Framing")
        self.progress = CatchingUp("Progress of finding messages")
        self._lag = Lag()
        self.errors = QToolButton()
        self.errors.setCheckable(True)
        self.errors.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.errors.hide()
        self.unfinished = SaidLine()
        self._ways = set[str]()  # directions that have a line: while bytes rush by, none comes and goes
        self.reason = SaidLine(stays=True)
        above = QHBoxLayout()
        above.addWidget(self.header, 1)
        above.addWidget(self.errors)
        above.addWidget(self.progress)
        self.column.insertLayout(1, above)
        self.column.insertWidget(2, self.unfinished)
        self.column.addWidget(self.reason)
        self._marked: Side | None = None  # to be compared with the next
        self._add_actions()
        self.errors.clicked.connect(self.toggle_errors)
        self.filter.applied.connect(self._on_filter_applied)
        self.table.selectionModel().currentChanged.connect(self._show_reason)
        self.model.modelReset.connect(self._show_reason)
        theme.changed.connect(self._on_theme_changed)
        workbench.messages.changed.connect(self._on_messages_changed)
        workbench.socket_changed.connect(self.model.repaint)  # its encoding may be another

    def _make_model(self) -> type[MessagesModel]:
        return MessagesModel

    def _whole_filter(self) -> Filter:
        """What the user asked for, and whatever else decides which messages are shown."""
        return self._filter

    def _add_actions(self) -> None:
        self.compare_action = QAction("Co&mpare…", self.table)
        self.compare_action.setShortcut(COMPARE_KEY)
        self.compare_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.compare_action.triggered.connect(self.compare)
        self.table.addAction(self.compare_action)
        self.note_menu = QMenu(self)
        self.note_menu.aboutToShow.connect(self._fill_note_menu)
        self.note_menu.triggered.connect(self._on_note_chosen)
        noting = QAction("High&lights and notes", self.table)
        noting.setMenu(self.note_menu)
        self.table.addAction(noting)
        self.table.selectionModel().selectionChanged.connect(self._on_rows_changed)
        self._on_rows_changed()

    # -- notes ----------------------------------------------------------------------------------

    @Slot()
    def _fill_note_menu(self) -> None:
        self.note_menu.clear()
        note_actions(self.note_menu, self._workbench.notes, self._chosen_parts(), self._theme.colors)

    @Slot(QAction)
    def _on_note_chosen(self, action: QAction) -> None:
        act_on_note(self._workbench.notes, self._chosen_parts(), action.data())

    # -- errors ---------------------------------------------------------------------------------

    @Slot()
    def toggle_errors(self) -> None:
        """Show only errors among what the filter shows; or take that back."""
        words = self.filter.text
        if words == ERRORS or words.startswith(f"{ERRORS} "):
            self.filter.set_text(words.removeprefix(ERRORS).strip())
        else:
            self.filter.set_text(f"{ERRORS} {words}".strip())

    @Slot()
    def _on_filter_applied(self) -> None:
        text = self.filter.applied_text.strip()
        self.errors.setChecked(text == ERRORS or text.startswith(f"{ERRORS} "))

    def _show_errors(self, tally: Tally) -> None:
        """How many there are: a button that shows them alone."""
        raw = isinstance(self._messages, RawMessages)
        text = errors_text(tally, "message cut off") if raw else errors_text(tally)
        if text != self.errors.text():
            self.errors.setText(text)
            self.errors.setToolTip("Show only these; once more shows all rows again")
        self.errors.setVisible(bool(text))

    @Slot()
    def _show_reason(self) -> None:
        """The whole sentence of the current row, if it tells of an error: a row has no room for it."""
        row = self.model.row(self.table.currentIndex().row()) if self.table.currentIndex().isValid() else None
        self._say_of(row)

    def _say_of(self, row: Row | None) -> None:
        """Below the table, of its current row."""
        self.reason.say(f"✕ {row.cells[0]}: {row.tip}" if row is not None and row.serious else "")

    # -- comparing ------------------------------------------------------------------------------

    @Slot()
    def _on_rows_changed(self) -> None:
        """What comparing would do now."""
        rows = sum(map(len, self.table.selected_rows()))
        if rows == 2:
            text = "Co&mpare these two…"
        elif self._marked is not None:
            text = f"Co&mpare with {self._marked.title.partition(',')[0]}…"
        else:
            text = "Co&mpare with another…"
        self.compare_action.setText(text)
        self.compare_action.setEnabled(1 <= rows <= 2)

    @Slot()
    def compare(self) -> None:
        """The two chosen messages; or the chosen one with that marked before; or mark it for the next."""
        rows = [row for part in self.table.selected_rows()[:3] for row in part[:3]]
        sides = [side for row in rows if (side := self._side(row)) is not None]
        if len(sides) == 1 and self._marked is not None and self._marked.message != sides[0].message:
            sides.insert(0, self._marked)
        if len(sides) == 2:
            from explorer.ui.dialogs.compare_dialog import CompareDialog  # much, and seldom wanted

            self._marked = None
            CompareDialog(self._workbench, self._theme, sides[0], sides[1], self.window()).show()
        elif len(sides) == 1:
            self._marked = sides[0]
            name = sides[0].title.partition(",")[0]
            self._workbench.notice(f"{name} is marked. Choose another and press {COMPARE_KEY} again.", key="compare")
        else:
            self._workbench.notice("Choose one or two messages to compare (Ctrl+click adds one).", key="compare")
        self._on_rows_changed()

    def _side(self, row: int) -> Side | None:
        from explorer.ui.dialogs.compare_dialog import Side

        message, messages = self.model.message(row), self._messages
        cells = self.model.row(row)
        if message is None or messages is None or cells is None:
            return None
        way = "received" if message.received else "sent"
        size = count_text(message.payload_size if message.whole else message.size, "byte")
        return Side(f"message {cells.cells[0]}, {cells.cells[2]}, {way}, {size}", messages, message)

    # -- which messages -------------------------------------------------------------------------

    @Slot()
    def _on_messages_changed(self) -> None:
        self._look_again()

    def _look_again(self) -> None:
        """The shared messages changed (another scope, framing or capture), or the filter did."""
        messages = self._workbench.messages.messages
        if messages is not self._messages or self._applied is not self._filter:
            self._want_again()
            if messages is not self._messages:
                self._ways.clear()
                self._marked = None  # it is a message of another capture, scope or framing
            self._messages = messages
            self._open_filter()
        self._show_header()

    def _open_filter(self) -> None:
        """Show all messages, or those that fit the filter."""
        self._rest()
        self._applied = self._filter
        chosen = self._whole_filter()
        filtered = self._messages is not None and not chosen.is_empty
        self._shown = MessageFilter(self._messages, chosen) if filtered and self._messages else self._messages
        self.model.show(self._workbench.reader, self._workbench.catalog, self._shown)
        self._lag.begin()
        self.progress.show_work(None)
        if self.seen:
            self._work()

    def _work(self) -> None:
        if isinstance(self._shown, MessageFilter):
            self._workbench.indexer.register(self._shown)
        super()._work()

    def _rest(self) -> None:
        if isinstance(self._shown, MessageFilter):
            self._workbench.indexer.unregister(self._shown)

    def _looked_at(self) -> int:
        """Calls whose messages are found and held against the filter. For one that only silence can end, nobody
        waits."""
        messages, shown = self._messages, self._shown
        if messages is None:
            return self._workbench.reader.count
        done = min(messages.looked, self._workbench.catalog.done)
        return done if not isinstance(shown, MessageFilter) or shown.looked >= messages.rows else 0

    def _show_header(self) -> None:
        framing, problem = self._workbench.messages.framing, self._workbench.messages.problem
        if problem:
            text = problem
        elif framing is None:
            text = "Framing: each socket’s own. Choose a socket at the left to see its framing and change it."
        elif framing.kind == "raw":
            text = "Framing: raw. No boundaries: a row is what one recv brought, or one send took."
        else:
            text = f"Framing: {framing_text(framing)}."
        self.header.setText(text)
        self._on_theme_changed()

    @Slot()
    def _on_theme_changed(self) -> None:
        colors = self._theme.colors
        self.header.setStyleSheet(f"color: {colors.error if self._workbench.messages.problem else colors.muted};")
        self.errors.setStyleSheet(f"QToolButton {{ color: {colors.error}; }}")
        self.reason.setStyleSheet(f"color: {colors.error};")
        self.unfinished.setStyleSheet(f"color: {colors.warning};")

    def _on_seen(self) -> None:
        """Where nobody looks, there is no more work."""
        if self.seen:
            self._workbench.messages.use(self)
            self._look_again()
            self._work()
        else:
            self._workbench.messages.leave(self)
            self._rest()

    # -- frames ---------------------------------------------------------------------------------

    @Slot()
    def _on_tick(self) -> None:
        super()._on_tick()
        if self.seen:
            work = self._under_way()
            late = work is not None and self._lag.is_long(time.monotonic(), work)
            self.progress.show_work(work if late else None)

    def _under_way(self) -> HowFar | None:
        """What is being done for this table: calls are framed, and then messages held against the filter."""
        messages, shown, reader = self._messages, self._shown, self._workbench.reader
        if messages is None:
            return None
        looked, count = messages.looked, reader.count
        if looked < count or not isinstance(shown, MessageFilter):
            done, total = self._bytes_before(looked), self._bytes_before(count)
            return HowFar("Finding messages", done, total, size_text(total - done))
        return HowFar(FILTERING, shown.looked, messages.rows, count_text(messages.rows - shown.looked, "message"))

    def _bytes_before(self, number: int) -> int:
        """Bytes of all calls before one."""
        reader = self._workbench.reader
        if number >= reader.count:
            last = reader.call(reader.count - 1) if reader.count else None
            return last.offset + last.size if last is not None else 0
        return reader.call(number).offset

    def _is_behind(self, work: HowFar) -> bool:
        """Whether so much is left to do that it is said."""
        messages, left = self._messages, work.total - work.done
        if messages is None or work.title == FILTERING:
            return left > BEHIND
        return left > BEHIND_BYTES or self._workbench.reader.count - messages.looked > BEHIND

    def _reached(self, number: int) -> bool:
        messages, shown = self._messages, self._shown
        if messages is None or shown is None or messages.done <= number:
            return False
        if isinstance(shown, MessageFilter) and shown.looked < messages.row_of(number + 1):
            return False
        return self.model.rowCount() >= shown.row_of(number + 1)

    def _news(self) -> tuple[str, str]:
        messages, shown = self._messages, self._shown
        if messages is None or shown is None:
            self._show_errors(Tally())
            self.unfinished.say("")
            return "", self._workbench.messages.problem
        tally, under_way = messages.tally, ""
        text = count_text(tally.messages, "message")
        if shown is not messages:
            text = f"{shown.rows:,} of {count_text(tally.rows, 'row')}" if tally.broken else f"{shown.rows:,} of {text}"
        work = self._under_way()
        if work is not None and (self._is_behind(work) or not self.progress.isHidden()):
            text += " so far"
            under_way = f"{work.title}… {100 * work.done // max(1, work.total)} %"
        self._show_errors(tally)
        lines = unfinished_lines(self._workbench.reader, messages, self._flows(), self._framing_of)
        self._ways |= set(lines)
        self.unfinished.say("\n".join(f"{way} · {lines.get(way, NONE_PENDING)}" for way in WAYS if way in self._ways))
        return text, "" if shown.rows else under_way or self._why_empty(bool(lines))

    def _why_empty(self, waiting: bool) -> str:
        if not self._whole_filter().is_empty and self._messages is not None and self._messages.rows:
            return EMPTY_FILTERED
        return EMPTY_WAITING if waiting else EMPTY

    def _flows(self) -> Iterator[Flow]:
        """The connections of what is chosen, the newest of very many."""
        bench, scope = self._workbench, self._workbench.selection.scope
        if scope.socket is not None and scope.connection is not None:
            return iter([(scope.socket, scope.connection)])
        sockets = [entry.number for entry in bench.sockets] if scope.socket is None else [scope.socket]
        pairs = ((number, one) for number in sockets for one in reversed(list(bench.connections(number))))
        return islice(pairs, LOOKED_AT)

    def _framing_of(self, socket: int) -> Choice:
        entry, known = self._workbench.socket(socket), self._workbench.catalog.socket(socket)
        return entry.spec.framing if entry is not None else known.framing if known is not None else Choice("raw")

    # -- choosing -------------------------------------------------------------------------------

    def _row_steps(self, span: Span) -> Work[list[range]]:
        return self.model.row_steps(span)

    def _span_of(self, first: int, last: int) -> Span | None:
        begin, end = self.model.message(first), self.model.message(last)
        if begin is None or end is None:
            return None
        return span_of(begin) if first == last else spans_of(begin, end)
