"""Asks in the settings of a socket whether a script that came with a file may run. Made when it is wanted."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.core.scripts import source_of
from explorer.ui.entries import SocketEntry
from explorer.ui.script_trust import ScriptTrust
from explorer.ui.theme import Theme
from explorer.ui.widgets.trust_bar import TrustBar
from explorer.ui.workbench import Workbench


class ScriptQuestion(QObject):
    """Signals: show_wanted(): the script itself. answered(bool): whether it is trusted; else it is left off."""

    show_wanted = Signal()
    answered = Signal(bool)

    def __init__(self, workbench: Workbench, theme: Theme, column: QVBoxLayout, before: QWidget) -> None:
        """The bar stands in `column`, before this widget."""
        super().__init__(before)
        self._workbench = workbench
        self._source = ""
        self.bar = TrustBar(theme)
        column.insertWidget(column.indexOf(before), self.bar)
        self.bar.show_wanted.connect(self.show_wanted)
        self.bar.trusted.connect(self._on_trusted)
        self.bar.left_off.connect(self._on_left_off)

    @property
    def _scripts(self) -> ScriptTrust:
        return self._workbench.scripts

    def ask(self, entry: SocketEntry, again: bool) -> bool:
        """Ask once. again: the socket is to start. Whether it is asked now."""
        self._source = source_of(entry.spec.program) or ""
        if again and self._source:
            self._scripts.ask_again(self._source)
        asks = bool(self._source) and not self._workbench.viewing and self._scripts.asks(self._source)
        if not asks:
            self.bar.hide()
            return False
        self.bar.trust.setText("Trust" if entry.running else "Trust and start")
        self.bar.ask()
        if again:
            self.bar.look.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    @Slot()
    def _on_trusted(self) -> None:
        problem = self._scripts.trust(self._source)
        if problem:
            self._workbench.notice(problem, serious=True)
        else:
            self.answered.emit(True)

    @Slot()
    def _on_left_off(self) -> None:
        self._scripts.leave_off(self._source)
        self.answered.emit(False)
