"""The Log dock: received messages as lines of a log, with their levels. It works only while it is seen."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QWidget

from explorer.capture.filters import Filter, parse_filter
from explorer.ui.models.log_lines_model import LEVEL, LogLinesModel, level_condition
from explorer.ui.models.log_model import Row
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
    IN_DOCK = True
    LEAST_LINES = 9

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        self.level = QuietCombo("Level")
        self._failed = False  # what is said of the current line is that it is none
        super().__init__(workbench, theme, parent)
        self.level.addItem("all levels", "")
        for name in LEVELS[1:-1]:
            self.level.addItem(f"{name} and graver", name)
        self.level.setCurrentIndex(max(0, self.level.findData(workbench.log_level.level)))
        label = QLabel("Level")
        label.setBuddy(self.level)
        self.filter.add_beside(label, self.level, self.count)
        self.compare_action.setVisible(False)
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
        self._workbench.log_level.choose(self.level.currentData())
        self._want_again()
        self._open_filter()

    def _news(self) -> tuple[str, str]:
        """Lines are counted: of what was sent, none is one."""
        text, hint = super()._news()
        rows = self._shown.rows if self._shown is not None else 0
        return f"{count_text(rows, 'line')}{' so far' if text.endswith(' so far') else ''}" if text else "", hint

    def _say_of(self, row: Row | None) -> None:
        """A line is no error here, however grave it is for whoever sent it: it has the sign of its level."""
        failed = row is not None and row.serious
        if row is None or failed:
            super()._say_of(row)
        else:
            level = row.cells[LEVEL].strip() or "no level"
            self.reason.say(f"{level}: " + " · ".join(row.tip.splitlines()))
        if failed != self._failed:
            self._failed = failed
            self._on_theme_changed()

    @Slot()
    def _on_theme_changed(self) -> None:
        super()._on_theme_changed()
        if not self._failed:
            self.reason.setStyleSheet(f"color: {self._theme.colors.muted};")

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
