"""`socket-explorer run`: the engine without a window. One JSON object a line tells what happens.

Servers are started first, and clients once every server listens (or has failed), so that a client
finds the server that stands beside it in the workspace.

Lines beyond those of the contract: ``paused`` (accepting pauses, or the capture is full; "message" is
"" when it goes on) and ``lost`` (datagrams that the system dropped, "count" so far).
"""

from __future__ import annotations

import json
import queue
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TextIO

from explorer import __version__
from explorer.capture.writer import Writer
from explorer.core.commands import Shutdown, Start
from explorer.core.endpoint import Endpoint
from explorer.core.errors import ShownError
from explorer.core.events import (
    AcceptPaused,
    CaptureFull,
    ConnectionClosed,
    ConnectionOpened,
    DatagramsLost,
    EngineStopped,
    Event,
    SocketChanged,
    SocketFailed,
)
from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import State
from explorer.core.tally import Tally
from explorer.net.engine import Engine
from explorer.net.limits import raise_open_files

SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")
PATIENCE = 10.0  # seconds for the engine to close everything


@dataclass(slots=True)
class Totals:
    """What went through one socket."""

    received: int = 0
    sent: int = 0
    messages_in: int = 0
    messages_out: int = 0
    connections: int = 0


def run_workspace(specs: Sequence[SocketSpec], seconds: float | None, capture: Path | None, out: TextIO) -> int:
    """Run the sockets for `seconds` (None: no limit), until a signal to end, or until all of them are over.

    capture: a new folder that keeps the capture; None uses a temporary one. Returns the exit status: 1 when a
    socket failed, else 0. Raises ShownError when the capture cannot be begun.
    """
    raise_open_files()
    with _folder(capture) as folder:
        try:
            writer = Writer(folder, program=f"Socket Explorer {__version__}")
        except FileExistsError:
            raise ShownError(f"{folder} exists already. Give --capture a folder that is new.") from None
        except OSError as error:
            raise ShownError(f"No capture can be begun in {folder}: {error.strerror or error}.") from None
        try:
            return _Run(specs, writer, out).go(seconds)
        finally:
            writer.close()


@contextmanager
def _folder(capture: Path | None) -> Iterator[Path]:
    if capture is not None:
        yield capture
        return
    with tempfile.TemporaryDirectory(prefix="socket-explorer-") as temporary:
        yield Path(temporary) / "capture"


class _Run:
    """One run: the engine on its thread, its events printed on this one."""

    def __init__(self, specs: Sequence[SocketSpec], writer: Writer, out: TextIO) -> None:
        self._specs = dict(enumerate(specs, 1))
        self._out = out
        self._news: queue.SimpleQueue[Event | None] = queue.SimpleQueue()  # None: a signal asked to end
        self._engine = Engine(writer, self._news.put, Tally())
        self._totals = {number: Totals() for number in self._specs}
        self._open = set(self._specs)
        self._servers = {number for number, spec in self._specs.items() if spec.role == "server"}
        self._starting = set(self._servers)  # servers that neither listen nor failed yet
        self._clients = [number for number in self._specs if number not in self._servers]
        self._remotes: dict[int, Endpoint] = {}
        self._failed = False

    def go(self, seconds: float | None) -> int:
        deadline = None if seconds is None else time.monotonic() + seconds
        thread = threading.Thread(target=self._engine.run, name="engine")
        thread.start()
        with _signals(lambda: self._news.put(None)):
            try:
                for number in sorted(self._servers):
                    self._engine.post(Start(number, self._specs[number]))
                self._start_clients()
                self._watch(deadline)
            finally:
                self._engine.post(Shutdown())
                thread.join(PATIENCE)
        self._tell_rest()
        return 1 if self._failed else 0

    def _start_clients(self) -> None:
        if not self._starting:
            for number in self._clients:
                self._engine.post(Start(number, self._specs[number]))
            self._clients = []

    def _watch(self, deadline: float | None) -> None:
        while self._open:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            try:
                event = self._news.get(timeout=left)
            except queue.Empty:
                return
            if event is None or isinstance(event, EngineStopped):
                if event is not None:
                    self._news.put(event)
                return
            self._tell(event)

    def _tell_rest(self) -> None:
        """What closing brought, then the totals."""
        while not self._news.empty():
            event = self._news.get()
            if isinstance(event, EngineStopped) and event.problem:
                self._failed = True
                self._line("failed", "", call="engine", errno="", message=event.problem, advice="Please report it.")
            elif event is not None:
                self._tell(event)
        for number, totals in self._totals.items():
            self._line(
                "totals",
                self._specs[number].name,
                received=totals.received,
                sent=totals.sent,
                messages_in=totals.messages_in,
                messages_out=totals.messages_out,
                connections=totals.connections,
            )

    # -- events to lines ----------------------------------------------------------------------------

    def _tell(self, event: Event) -> None:
        match event:
            case SocketChanged():
                self._socket_changed(event)
            case ConnectionOpened(number, connection, _, remote, accepted):
                self._totals[number].connections += 1
                self._remotes[connection] = remote
                if accepted:
                    self._line("accepted", self._name(number), peer=str(remote))
            case ConnectionClosed():
                self._connection_closed(event)
            case SocketFailed(number, _, failure, fatal):
                self._failed = self._failed or fatal
                self._failure(number, failure)
            case AcceptPaused(number, why):
                self._line("paused", self._name(number), message=why)
            case CaptureFull(why):
                self._line("paused", "", message=why)
            case DatagramsLost(number, count):
                self._line("lost", self._name(number), count=count)

    def _socket_changed(self, event: SocketChanged) -> None:
        number, state = event.socket, event.state
        name = self._name(number)
        if state in (State.LISTEN, State.BOUND) and event.local is not None:
            self._line("listening", name, host=event.local.host, port=event.local.port)
        elif state is State.ESTABLISHED and event.remote is not None:
            self._line("connected", name, host=event.remote.host, port=event.remote.port)
        if number in self._starting and state is not State.RESOLVING:
            self._starting.discard(number)
            self._start_clients()
        if not state.is_open:
            self._open.discard(number)

    def _connection_closed(self, event: ConnectionClosed) -> None:
        totals = self._totals[event.socket]
        totals.received += event.received
        totals.sent += event.sent
        totals.messages_in += event.messages_in
        totals.messages_out += event.messages_out
        remote = self._remotes.pop(event.connection, None)
        self._line("closed", self._name(event.socket), peer=str(remote or ""), reason=event.reason.value)

    def _failure(self, number: int, failure: Failure) -> None:
        self._line(
            "failed",
            self._name(number),
            call=failure.call.partition("(")[0],
            errno=failure.errno,
            message=failure.means,
            advice=failure.advice,
        )

    def _name(self, number: int) -> str:
        spec = self._specs.get(number)
        return spec.name if spec else ""

    def _line(self, event: str, name: str, **more: object) -> None:
        self._out.write(json.dumps({"event": event, "socket": name, **more}, ensure_ascii=False) + "\n")
        self._out.flush()


@contextmanager
def _signals(tell: Callable[[], None]) -> Iterator[None]:
    """While this lasts, a signal to end the program is told instead. Signals come to the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(number: int, frame: FrameType | None) -> None:
        tell()

    earlier = {}
    for name in SIGNALS:
        if hasattr(signal, name):
            earlier[name] = signal.signal(getattr(signal, name), on_signal)
    try:
        yield
    finally:
        for name, handler in earlier.items():
            signal.signal(getattr(signal, name), handler)
