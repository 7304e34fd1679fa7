"""What the actions about sockets do: add, start, stop, duplicate, remove, try it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from explorer.capture.stream import Scope
from explorer.core.socket_spec import Role, SocketSpec
from explorer.ui.try_it import TryIt
from explorer.ui.workbench import Workbench

FIRST_PORT = 9000


class SocketActions(QObject):
    """Signals:
    start_wanted(): start the chosen socket with what its form says, or go to the field that is wrong.
    focus_wanted(str): move the keyboard to the pane of that name.
    """

    start_wanted = Signal()
    focus_wanted = Signal(str)

    def __init__(self, workbench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._workbench = workbench

    @Slot()
    def add_server(self) -> None:
        self._add("server")

    @Slot()
    def add_client(self) -> None:
        self._add("client")

    def _add(self, role: Role) -> None:
        """A new socket, chosen, with the keyboard in its settings. A client takes the last server's port."""
        ports = [entry.spec.port for entry in self._workbench.sockets if entry.spec.role == "server"]
        if role == "server":
            port = next(port for port in range(FIRST_PORT, FIRST_PORT + len(ports) + 1) if port not in ports)
        else:
            port = ports[-1] if ports and ports[-1] else FIRST_PORT
        number = self._workbench.add_socket(SocketSpec(role, "tcp", role, "127.0.0.1", port))
        self._workbench.selection.choose_scope(Scope(number))
        self.focus_wanted.emit("settings")

    @Slot()
    def try_it(self) -> None:
        TryIt(self._workbench)
        self.focus_wanted.emit("send")

    @Slot()
    def start(self) -> None:
        """The chosen socket; all of them when none is chosen."""
        if self._workbench.current is not None:
            self.start_wanted.emit()
        else:
            self._workbench.start_all()

    @Slot(int)
    def start_one(self, number: int) -> None:
        """From the tree: the same way as the Start button, which looks at the form first."""
        if self._workbench.selection.scope.socket != number:
            self._workbench.selection.choose_scope(Scope(number))
        self.start_wanted.emit()

    @Slot()
    def stop(self) -> None:
        entry = self._workbench.current
        if entry is not None:
            self._workbench.stop(entry.number)
        else:
            self._workbench.stop_all()

    @Slot()
    def duplicate(self) -> None:
        entry = self._workbench.current
        if entry is not None:
            self._workbench.selection.choose_scope(Scope(self._workbench.duplicate(entry.number)))

    @Slot()
    def remove(self) -> None:
        entry = self._workbench.current
        if entry is not None:
            self._workbench.remove_socket(entry.number)
