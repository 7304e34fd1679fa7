"""Make it happen, as it acts: whose pace its controls set, and what they make the two sockets of a stream do."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QWidget

from explorer.capture.chunk_ruler import ChunkRuler
from explorer.core.commands import Target
from explorer.core.errors import InputError
from explorer.core.pace import Pace
from explorer.ui.send_framing import SendFraming
from explorer.ui.widgets.ruler_pace import LINES, RulerPace
from explorer.ui.workbench import Workbench
from explorer.wire.visible import visible_text


class RulerHappen(QObject):
    """Stands behind one `RulerPace`."""

    def __init__(self, workbench: Workbench, panel: RulerPace, parent: QObject) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._panel = panel
        self._ruler: ChunkRuler | None = None
        self._wanted: tuple[int, str] | None = None  # a socket, and its setting to go to when it has stopped
        panel.edited.connect(self._on_pace)
        panel.setting_wanted.connect(self._on_setting)
        panel.lines_wanted.connect(self.send_lines)
        workbench.socket_changed.connect(self._on_socket)
        workbench.socket_removed.connect(self._on_removed)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus)

    def show(self, ruler: ChunkRuler | None) -> None:
        """The stream that it is about; None: there is none."""
        self._ruler = ruler
        self._show()

    def _show(self) -> None:
        bench, panel, ends = self._workbench, self._panel, self._ruler.ends if self._ruler is not None else None
        sender = bench.socket(ends.sender.socket) if ends is not None and ends.sender else None
        receiver = bench.socket(ends.receiver.socket) if ends is not None and ends.receiver else None
        if panel.in_use and not panel.shows(sender, receiver) and all(map(bench.socket, panel.numbers)):
            return  # what is typed is meant for the socket that it was begun for; see `_on_focus`
        if ends is None:
            panel.show_nothing()
            return
        connection = bench.connection(ends.sender.number) if ends.sender else None
        sends = sender is not None and sender.running and connection is not None and connection.open
        panel.show_ends(sender, receiver, sends)

    @Slot(QWidget, QWidget)
    def _on_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        """The keyboard left a field of the panel for another place of the window, and not for another program: now
        the panel may be about another stream."""
        if old is not None and new is not None and self._panel.isAncestorOf(old):
            self._show()

    @Slot(int)
    def _on_socket(self, number: int) -> None:
        entry = self._workbench.socket(number)
        if self._wanted is not None and number == self._wanted[0] and (entry is None or not entry.running):
            _, name = self._wanted
            self._wanted = None
            if entry is not None:
                self._workbench.setting_wanted.emit(number, name)
        self._show()

    @Slot(int)
    def _on_removed(self, number: int) -> None:
        self._panel.forget(number)
        self._on_socket(number)

    @Slot(int, object, int)
    def _on_pace(self, number: int, pace: Pace, step: int) -> None:
        entry = self._workbench.socket(number)
        if entry is not None:
            self._workbench.edit_socket(number, replace(entry.spec, pace=pace), step)

    @Slot(int, str)
    def _on_setting(self, number: int, name: str) -> None:
        """Its field takes nothing while the socket runs."""
        entry = self._workbench.socket(number)
        if entry is not None and entry.running:
            self._wanted = number, name
            self._workbench.stop(number)
        elif entry is not None:
            self._workbench.setting_wanted.emit(number, name)

    @Slot()
    def send_lines(self) -> None:
        """Some short messages from the sender, each with a send of its own, as its framing has them."""
        bench, ruler = self._workbench, self._ruler
        sender = ruler.ends.sender if ruler is not None else None
        entry = bench.socket(sender.socket) if sender is not None else None
        if sender is None or entry is None:
            return
        framing = SendFraming()
        framing.take(entry.spec.framing)
        end = "\n" if entry.spec.framing.kind == "raw" else ""
        try:
            messages = [framing.framer.encode(f"This is line {one}{end}".encode()) for one in range(1, LINES + 1)]
        except InputError as error:
            name = visible_text(entry.spec.name)
            bench.notice(f"The lines were not sent: the framing of {name} cannot hold them. {error.message}", True)
            return
        for message in messages:
            bench.send(Target(sender.socket, sender.number), message)
