"""An engine on a plain thread with a real capture, for tests: start sockets, wait for events, look at calls."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from explorer.capture.reader import Reader
from explorer.capture.writer import Writer
from explorer.core.calls import Call, CallKind
from explorer.core.commands import (
    CancelSend,
    Command,
    EndConnection,
    Repeat,
    Send,
    SendFile,
    Shutdown,
    Start,
    Stop,
    Target,
)
from explorer.core.endpoint import Endpoint
from explorer.core.events import (
    ConnectionClosed,
    ConnectionOpened,
    EngineStopped,
    Event,
    RepeatProgress,
    SendProgress,
    SocketChanged,
    SocketFailed,
)
from explorer.core.filling import Fillable
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.core.tally import Tally
from explorer.net.engine import Engine

PATIENCE = 15.0
E = TypeVar("E", bound=Event)


class RunningEngine:
    """Use as a context manager. All waits end after `PATIENCE` seconds with what had come until then."""

    def __init__(self, folder: Path, quota: int | None = None, **writer: Any) -> None:
        trusts: Callable[[str], bool] = writer.pop("trusts", lambda source: True)
        self.writer = Writer(folder, 4_000_000_000 if quota is None else quota, **writer)
        self.reader = Reader.of(self.writer)
        self.tally = Tally()
        self.events: list[Event] = []
        self._news = threading.Condition()
        self.engine = Engine(self.writer, self._sink, self.tally, trusts=trusts)
        self.thread = threading.Thread(target=self.engine.run, name="engine under test")
        self._numbers = itertools.count(1)
        self._jobs = itertools.count(1)

    def __enter__(self) -> RunningEngine:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shut_down()
        self.reader.close()
        self.writer.close()

    def shut_down(self) -> float:
        """End the engine. Seconds it took."""
        begun = time.monotonic()
        self.engine.post(Shutdown())
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive(), "the engine did not end"
        return time.monotonic() - begun

    def _sink(self, event: Event) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    # -- commands -----------------------------------------------------------------------------------

    def post(self, command: Command) -> None:
        self.engine.post(command)

    def start(self, spec: SocketSpec) -> int:
        """Start a socket; its number. Does not wait."""
        number = next(self._numbers)
        self.post(Start(number, spec))
        return number

    def listen(self, spec: SocketSpec) -> tuple[int, Endpoint]:
        """Start a server and wait until it listens: its number and address."""
        number = self.start(spec)
        event = self.state(number, State.LISTEN, State.BOUND, State.FAILED)
        assert event.state is not State.FAILED, self.events
        assert event.local is not None
        return number, event.local

    def connect(self, spec: SocketSpec) -> tuple[int, int]:
        """Start a client and wait until it is connected: its number and its connection's."""
        number = self.start(spec)
        return number, self.opened(number).connection

    def stop(self, number: int) -> None:
        self.post(Stop(number))

    def send(self, data: bytes, socket: int, connection: int | None = None) -> int:
        job = next(self._jobs)
        self.post(Send(Target(socket, connection), data, job))
        return job

    def send_file(self, path: Path, socket: int, connection: int | None = None, piece: int = 262_144) -> int:
        job = next(self._jobs)
        self.post(SendFile(Target(socket, connection), path, job, piece))
        return job

    def repeat(
        self, message: Fillable, socket: int, connection: int | None = None, *, every: float, times: int = 0,
        framing: Choice | None = None, first: int = 0,
    ) -> int:  # fmt: skip
        job = next(self._jobs)
        self.post(Repeat(Target(socket, connection), message, job, every, times, framing, first))
        return job

    def cancel(self, job: int) -> None:
        self.post(CancelSend(job))

    def end(self, how: Any, socket: int, connection: int | None = None) -> None:
        self.post(EndConnection(Target(socket, connection), how))

    # -- events -------------------------------------------------------------------------------------

    def wait(self, kind: type[E], matches: Callable[[E], bool] = lambda event: True, skip: int = 0) -> E:
        """The first event of this kind that matches (after `skip` of them)."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while True:
                found = [event for event in self.events if isinstance(event, kind) and matches(event)]
                if len(found) > skip:
                    return found[skip]
                left = deadline - time.monotonic()
                assert left > 0, f"no {kind.__name__} came; there were {self.events}"
                self._news.wait(left)

    def all(self, kind: type[E]) -> list[E]:
        with self._news:
            return [event for event in self.events if isinstance(event, kind)]

    def state(self, socket: int, *states: State) -> SocketChanged:
        return self.wait(SocketChanged, lambda event: event.socket == socket and event.state in states)

    def opened(self, socket: int, skip: int = 0) -> ConnectionOpened:
        return self.wait(ConnectionOpened, lambda event: event.socket == socket, skip)

    def closed(self, connection: int) -> ConnectionClosed:
        return self.wait(ConnectionClosed, lambda event: event.connection == connection)

    def failed(self, socket: int) -> SocketFailed:
        return self.wait(SocketFailed, lambda event: event.socket == socket)

    def job_done(self, job: int) -> SendProgress:
        return self.wait(SendProgress, lambda event: event.job == job and event.done)

    def repeat_done(self, job: int) -> RepeatProgress:
        return self.wait(RepeatProgress, lambda event: event.job == job and event.done)

    def stopped(self) -> EngineStopped:
        return self.wait(EngineStopped)

    # -- the capture --------------------------------------------------------------------------------

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something that no event tells, such as bytes in the capture."""
        deadline = time.monotonic() + PATIENCE
        pause = threading.Event()
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not happen"
            pause.wait(0.005)

    def until_next_try(self) -> None:
        """A moment's pause in a bounded loop that asks another program again."""
        threading.Event().wait(0.02)

    def received(self, connection: int, size: int) -> bytes:
        """All bytes received on a connection, once there are `size` of them."""
        self.until(lambda: self.tally.of(connection)[0] >= size, f"{size} bytes on connection {connection}")
        return self.bytes_of(connection, received=True)

    def bytes_of(self, connection: int, received: bool) -> bytes:
        return b"".join(
            self.reader.traffic(call)
            for call in self.calls()
            if call.connection == connection and (call.received if received else call.sent)
        )

    def calls(self, *kinds: CallKind, socket: int | None = None) -> list[Call]:
        found: Iterable[Call] = self.reader.calls(0, self.reader.count)
        return [
            call for call in found if (not kinds or call.kind in kinds) and (socket is None or call.socket == socket)
        ]

    def detail(self, kind: CallKind, socket: int | None = None, place: int = 0) -> dict[str, Any]:
        """Details of the `place`-th call of this kind."""
        return self.reader.detail(self.calls(kind, socket=socket)[place])

    def log(self) -> str:
        """The capture in words, for a failing test's message."""
        return "\n".join(
            f"{call.socket}/{call.connection} {call.kind.name} {call.size} errno={call.errno} "
            f"{json.dumps(self.reader.detail(call))}"
            for call in self.calls()
        )
