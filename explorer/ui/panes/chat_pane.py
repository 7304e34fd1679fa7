"""The Chat dock: the messages of the chosen connection, or of all of a socket, as bubbles; and a line to say something.

It works only while it is seen.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from explorer.ui.models.chat_model import ChatModel
from explorer.ui.models.log_model import LogModel
from explorer.ui.models.messages_model import MessagesModel
from explorer.ui.panes.messages_pane import EMPTY_FILTERED, EMPTY_WAITING, MessagesPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.bubble_table import BubbleTable
from explorer.ui.widgets.chat_line import ChatLine
from explorer.ui.widgets.log_table import LogTable
from explorer.ui.workbench import Workbench

EMPTY = (
    "What is said appears here as bubbles: what was received at the left, what was sent at the right.\n"
    "Start a socket, choose it (or one of its connections), and type a line below."
)


class ChatPane(MessagesPane):
    NAME = "Conversation"
    EXAMPLE = "for example: hello   dir:in"
    IN_DOCK = True
    LEAST_LINES = 9

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(workbench, theme, parent)
        self.line = ChatLine(workbench, theme, self)
        self.column.addWidget(self.line)

    def _make_model(self) -> type[MessagesModel]:
        return ChatModel

    def _make_table(self, model: LogModel, theme: Theme) -> LogTable:
        return BubbleTable(model, theme)

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
        if not self._filter.is_empty and self._messages is not None and self._messages.rows:
            return EMPTY_FILTERED
        return EMPTY_WAITING if waiting else EMPTY
