"""The Chat dock: the messages of the chosen connection, or of all of a socket, as bubbles; and a line to say something.

It works only while it is seen.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget

from explorer.capture.filters import Filter, parse_filter
from explorer.ui.models.chat_choice import ALL, CAME
from explorer.ui.models.chat_model import ChatModel
from explorer.ui.models.log_model import LogModel
from explorer.ui.models.messages_model import MessagesModel
from explorer.ui.panes.messages_pane import EMPTY_FILTERED, EMPTY_WAITING, MessagesPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.bubble_table import BubbleTable
from explorer.ui.widgets.chat_line import ChatLine
from explorer.ui.widgets.inputs import QuietCombo
from explorer.ui.widgets.log_table import LogTable
from explorer.ui.workbench import Workbench

EMPTY = (
    "What is said appears here as bubbles: what was received at the left, what was sent at the right.\n"
    "Start a socket, choose it (or one of its connections), and type a line below."
)
EMPTY_CAME = "Nothing came yet. Choose “Everything” to see what was sent."
ROOMS = ("chat",)  # programs that hand on what came to everybody else


class ChatPane(MessagesPane):
    """Of a whole server, what came can be shown alone: a room sends each line once for each who hears it."""

    NAME = "Conversation"
    EXAMPLE = "for example: hello   dir:in"
    IN_DOCK = True
    LEAST_LINES = 9

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        self.shows = QuietCombo("Show")
        self._show_label = QLabel("Show")
        self._shown_now = ALL  # what the rows were found for
        super().__init__(workbench, theme, parent)
        self.shows.addItem("What came", CAME)
        self.shows.addItem("Everything", ALL)
        self._show_label.setBuddy(self.shows)
        self.filter.add_beside(self._show_label, self.shows, self.count)
        self.line = ChatLine(workbench, theme, self)
        self.column.addWidget(self.line)
        self._show_choice()
        self.shows.activated.connect(self._on_shows)
        workbench.selection.scope_changed.connect(self._on_surroundings)
        workbench.socket_changed.connect(self._on_surroundings)
        workbench.chat_choice.changed.connect(self._on_surroundings)

    def _make_model(self) -> type[MessagesModel]:
        return ChatModel

    def _make_table(self, model: LogModel, theme: Theme) -> LogTable:
        return BubbleTable(model, theme)

    # -- what came, or everything ------------------------------------------------------------------

    def _program(self) -> str:
        """Of the server that is chosen as a whole; "" where the choice means nothing."""
        scope = self._workbench.selection.scope
        if scope.socket is None or scope.connection is not None:
            return ""
        entry, known = self._workbench.socket(scope.socket), self._workbench.catalog.socket(scope.socket)
        if entry is not None:
            return entry.spec.program.kind if entry.spec.role == "server" else ""
        return known.program.kind if known is not None and known.role == "server" else ""

    def _choice(self) -> str:
        program = self._program()
        return self._workbench.chat_choice.shown(program in ROOMS) if program else ALL

    def _whole_filter(self) -> Filter:
        """Of a room, nothing that was sent, unless it is wanted."""
        self._shown_now = self._choice()
        if self._shown_now == ALL:
            return self._filter
        came = parse_filter("dir:in", self._workbench.catalog).conditions
        return replace(self._filter, conditions=(*came, *self._filter.conditions))

    @Slot()
    def _on_surroundings(self) -> None:
        """Another socket, program or choice."""
        self._show_choice()
        if self._choice() != self._shown_now:
            self._want_again()
            self._open_filter()

    def _show_choice(self) -> None:
        there = bool(self._program())
        self._show_label.setVisible(there)
        self.shows.setVisible(there)
        self.shows.choose(self._choice())

    @Slot()
    def _on_shows(self) -> None:
        self._workbench.chat_choice.choose(self._program() in ROOMS, self.shows.currentData())

    def _on_seen(self) -> None:
        super()._on_seen()
        self.line.set_seen(self.seen)

    def focus_first(self) -> None:
        """Take the keyboard: to say something, or where nothing can be said, in the conversation."""
        where = self.table if self._workbench.viewing else self.line.field
        where.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_header(self) -> None:
        """A framing is told only where it cannot be used."""
        super()._show_header()
        self.header.setVisible(bool(self._workbench.messages.problem))

    def _why_empty(self, waiting: bool) -> str:
        if self._messages is not None and self._messages.rows:
            if not self._filter.is_empty:
                return EMPTY_FILTERED
            if self._choice() == CAME:
                return EMPTY_CAME
        return EMPTY_WAITING if waiting else EMPTY
