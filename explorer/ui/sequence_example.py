"""An example to begin with: an echo server and a client on loopback, and a sequence that talks with it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from explorer.core.sequence import (
    CheckStep,
    ConnectStep,
    Match,
    RepeatStep,
    SendStep,
    Sequence,
    StartStep,
    WaitStep,
)
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui.workbench import Workbench

LOOPBACK = ("127.0.0.1", "localhost")
FRAMING = Choice("line", {"ending": "lf"})


class SequenceExample(QObject):
    """Starts the server once, to have the system choose its port. Signal: made(str): the name of the sequence."""

    made = Signal(str)

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self._over = False
        self._server = 0

    def begin(self) -> None:
        """With an echo server and its client that are there already, if so; else with two of its own."""
        pair = _pair(self._workbench.specs)
        if pair is not None:
            self._over = True
            self.made.emit(self._workbench.sequences.add(example(*pair)))
            self.deleteLater()
            return
        spec = SocketSpec("echo server", "tcp", "server", "127.0.0.1", 0, framing=FRAMING, program=Choice("echo"))
        self._workbench.socket_changed.connect(self._on_socket_changed)
        self._server = self._workbench.add_socket(spec)
        self._workbench.start(self._server)

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        entry = self._workbench.socket(number)
        if number != self._server or entry is None or self._over:
            return
        if entry.state is State.FAILED:
            self._over = True
            self.deleteLater()
        elif entry.state is State.LISTEN and entry.local is not None:
            self._over = True
            self._workbench.edit_socket(number, replace(entry.spec, port=entry.local.port))
            spec = SocketSpec("client", "tcp", "client", entry.local.host, entry.local.port, framing=FRAMING)
            client = self._workbench.socket(self._workbench.add_socket(spec))
            assert client is not None
            self.made.emit(self._workbench.sequences.add(example(entry.spec.name, client.spec.name)))
            self.deleteLater()


def _pair(specs: list[SocketSpec]) -> tuple[str, str] | None:
    """The names of an echo server and a client for it, on this computer and with lines as messages."""
    for server in specs:
        if server.role != "server" or server.program.kind != "echo" or server.host not in LOOPBACK or not server.port:
            continue
        for client in specs:
            same = (client.transport, client.port) == (server.transport, server.port) == ("tcp", server.port)
            lines = client.framing == server.framing == FRAMING
            if client.role == "client" and same and lines and client.host in LOOPBACK and client.program.kind == "none":
                return server.name, client.name
    return None


def example(server: str, client: str) -> Sequence:
    """A sequence for an echo server and its client."""
    return Sequence(
        "Example",
        client,
        (
            StartStep(server),
            ConnectStep(),
            SendStep("Hello, my name is Ann"),
            WaitStep(Match("regex", r"name is (?P<name>\w+)")),
            CheckStep("group", Match("exact", "Ann"), "name", expect="The name that was sent comes back"),
            RepeatStep(3, (SendStep("{{name}} {{round}}"), WaitStep(Match("exact", "{{name}} {{round}}"))), "round"),
            CheckStep("count", least=4, most=4, expect="Every message comes back once"),
        ),
    )
