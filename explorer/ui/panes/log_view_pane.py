"""The Log dock: received messages as lines of a log, with their levels. It works only while it is seen."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QWidget

from explorer.capture.filters import Filter, parse_filter
from explorer.ui.models.log_lines_model import LogLinesModel, level_condition
from explorer.ui.models.messages_model import MessagesModel
from explorer.ui.panes.messages_pane import EMPTY_FILTERED, EMPTY_WAITING, MessagesPane
from explorer.ui.theme import Theme
from explorer.ui.units import count_text
from explorer.ui.widgets.inputs import QuietCombo
from explorer.ui.workbench import Workbench
from explorer.wire.log_lines import LEVELS

EMPTY = (
    "Received messages appear here as lines of a log: time, level, source, text.\n"
    "Start a socket with the program “Log collector” (UDP port 514 is that of syslog), and send it something."
)
EMPTY_LEVEL = "No line is that grave. Choose “all levels” to see every line."


class LogViewPane(MessagesPane):
    """What the chosen scope received, the gravest alone if the user wants."""

    NAME = "Log lines"
    EXAMPLE = "for example: disk full   port:514"

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        self.level = QuietCombo("Level")
        super().__init__(workbench, theme, parent)
        self.level.addItem("all levels", "")
        for name in LEVELS[1:-1]:
            self.level.addItem(f"{name} and graver", name)
        label = QLabel("&Level")
        label.setBuddy(self.level)
        self.filter.add_beside(label, self.level, self.count)
        self.compare_action.setVisible(False)
        self.setMinimumSize(1, 1)  # a dock along the bottom may be made as low as the user wants
        self.level.currentIndexChanged.connect(self._on_level)

    def _make_model(self) -> type[MessagesModel]:
        return LogLinesModel

    def _whole_filter(self) -> Filter:
        """Nothing that was sent; and, of some level, what tells of it."""
        chosen = (*parse_filter("dir:in", self._workbench.catalog).conditions, *self._filter.conditions)
        level = self.level.currentData()
        if level and self._messages is not None:
            chosen = (*chosen, (True, level_condition(self._messages, level)))
        return replace(self._filter, conditions=chosen)

    @Slot()
    def _on_level(self) -> None:
        self._want_again()
        self._open_filter()

    def _news(self) -> tuple[str, str]:
        """Lines are counted: of what was sent, none is one."""
        text, hint = super()._news()
        rows = self._shown.rows if self._shown is not None else 0
        return f"{count_text(rows, 'line')}{' so far' if text.endswith(' so far') else ''}" if text else "", hint

    def _show_header(self) -> None:
        """A framing is told only where it cannot be used."""
        super()._show_header()
        self.header.setVisible(bool(self._workbench.messages.problem))

    def _why_empty(self, waiting: bool) -> str:
        if self._messages is not None and self._messages.rows:
            if not self._filter.is_empty:
                return EMPTY_FILTERED
            if self.level.currentData():
                return EMPTY_LEVEL
        return EMPTY_WAITING if waiting else EMPTY
