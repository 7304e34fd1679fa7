"""Try it: start an echo server and a client on loopback, send a line, and let it be seen coming back."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from explorer.capture.stream import Scope
from explorer.core.commands import Target
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui.workbench import Workbench

LINE = b"Hello, socket!\n"
FRAMING = Choice("line", {"ending": "lf"})


class TryIt(QObject):
    """One run of it. Goes on step by step as the engine tells what happened; a failure shows as any other."""

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self._client = 0
        self._sent = False
        workbench.socket_changed.connect(self._on_socket_changed)
        spec = SocketSpec("echo", "tcp", "server", "127.0.0.1", 0, framing=FRAMING, program=Choice("echo"))
        self._server = workbench.add_socket(spec)
        workbench.start(self._server)

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        entry = self._workbench.socket(number)
        if entry is None or self._sent:
            return
        if number == self._server and entry.state is State.LISTEN and entry.local and not self._client:
            # The port that the system chose becomes part of the settings, so that both can be started again.
            self._client = -1
            self._workbench.edit_socket(number, replace(entry.spec, port=entry.local.port))
            spec = SocketSpec("client", "tcp", "client", entry.local.host, entry.local.port, framing=FRAMING)
            self._client = self._workbench.add_socket(spec)
            self._workbench.start(self._client)
        elif number == self._client and entry.state is State.ESTABLISHED:
            self._sent = True
            self._workbench.selection.choose_scope(Scope(self._client))
            self._workbench.send(Target(self._client), LINE)
            self.deleteLater()
        elif entry.state is State.FAILED and number in (self._server, self._client):
            self._workbench.selection.choose_scope(Scope(number))
            self.deleteLater()
