"""`socket-explorer run`: the engine without a window. One JSON object a line tells what happens.

Servers are started first, and clients once every server listens (or has failed), so that a client
finds the server that stands beside it in the workspace.

A workspace with sequences is a test: they are run one after the other once the servers are up, the run ends with the
last of them (or with --seconds, which none of them outlasts), and its exit status says whether all have passed
(`explorer.run_sequences`).

Lines beyond those of the contract: ``paused`` (accepting pauses, or the capture is full; "message" is
"" when it goes on), ``lost`` (datagrams that the system dropped, "count" so far) and ``script`` (the user's own code
printed "text" in its "line"; "stream" is stdout, stderr or traceback).

A full capture is tried again about once a second. An output that nobody reads holds up the lines only:
a signal or the end of --seconds still ends the run. A second signal ends it at once.
"""

from __future__ import annotations

import json
import queue
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from explorer import __version__
from explorer.capture.writer import Writer, default_quota
from explorer.core.commands import ResumeCapture, Shutdown, Start
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
    ScriptOutput,
    SequenceEnded,
    SequenceStep,
    SocketChanged,
    SocketFailed,
)
from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import State
from explorer.core.tally import Tally
from explorer.line_printer import LinePrinter
from explorer.net.engine import Engine, nothing
from explorer.net.limits import raise_open_files

if TYPE_CHECKING:
    from explorer.core.sequence import Sequence as Steps
    from explorer.core.snippet import Snippet
    from explorer.run_sequences import SequenceRuns

SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")
PATIENCE = 10.0  # seconds for the engine to close everything
MOST = 20_000_000_000  # bytes that the capture may take, as `default_quota` has it
RETRY = 1.0  # seconds until a full capture is tried again
LONGEST_WAIT = 0.25 if sys.platform == "win32" else 3600.0  # seconds; there, no signal interrupts a wait for a lock


@dataclass(slots=True)
class Totals:
    """What went through one socket."""

    received: int = 0
    sent: int = 0
    messages_in: int = 0
    messages_out: int = 0
    connections: int = 0


def run_workspace(
    specs: Sequence[SocketSpec],
    seconds: float | None,
    capture: Path | None,
    out: TextIO,
    trusts: Callable[[str], bool] = nothing,
    sequences: Sequence[Steps] = (),
    snippets: Sequence[Snippet] = (),
) -> int:
    """Run the sockets for `seconds` (None: no limit), until a signal to end, or until all of them are over.

    capture: a new folder that keeps the capture; None uses a temporary one. trusts: which scripts may run.
    sequences: run beside them; the run then ends with the last one. snippets: those that they may send.

    Returns the exit status: 1 when a socket failed or a sequence did not pass, else 0. Raises ShownError when the
    capture cannot be begun or ended or the output cannot be written, BrokenPipeError when its reader has gone, and
    KeyboardInterrupt at a second signal.
    """
    raise_open_files()
    with _folder(capture) as folder:
        try:
            writer = Writer(folder, program=f"Socket Explorer {__version__}")
        except FileExistsError:
            raise ShownError(f"{folder} exists already. Give --capture a folder that is new.") from None
        except OSError as error:
            raise _no_capture(folder, error) from None
        try:
            run = _Run(specs, writer, out, trusts)
            run.use(sequences, snippets)
            status = run.go(seconds)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise ShownError(f"The output cannot be written: {error.strerror or error}.") from None
        finally:
            problem = _close(writer)
        if problem is not None:
            raise ShownError(
                f"The capture in {folder} could not be ended in good order: {problem.strerror or problem}. "
                "Leave its folder alone while it runs."
            )
        return status


def _close(writer: Writer) -> OSError | None:
    try:
        writer.close()
    except OSError as error:
        return error
    return None


def _no_capture(folder: Path, error: OSError) -> ShownError:
    return ShownError(
        f"No capture can be begun in {folder}: {error.strerror or error}. "
        "Choose a place with --capture that you may write to and that has room."
    )


@contextmanager
def _folder(capture: Path | None) -> Iterator[Path]:
    if capture is not None:
        yield capture
        return
    try:
        made = tempfile.TemporaryDirectory(prefix="socket-explorer-", ignore_cleanup_errors=True)
    except OSError as error:  # no folder for temporary files can be written to
        raise ShownError(
            f"There is no place for the capture: {error.strerror or error}. Give one by --capture."
        ) from None
    with made as temporary:
        yield Path(temporary) / "capture"


class _Run:
    """One run: the engine on its thread, its events printed on this one."""

    def __init__(
        self, specs: Sequence[SocketSpec], writer: Writer, out: TextIO, trusts: Callable[[str], bool] = nothing
    ) -> None:
        self._specs = dict(enumerate(specs, 1))
        self._writer = writer
        self._news: queue.SimpleQueue[Event | None] = queue.SimpleQueue()  # None: end (a signal, no output)
        self._printer = LinePrinter(out, lambda: self._news.put(None))
        self._asked_to_end = False
        self._deadline: float | None = None
        self._full = ""  # why the capture takes no more, as it was told
        self._engine = Engine(writer, self._news.put, Tally(), trusts=trusts)
        self._totals = {number: Totals() for number in self._specs}
        self._open = set(self._specs)
        self._servers = {number for number, spec in self._specs.items() if spec.role == "server"}
        self._starting = set(self._servers)  # servers that neither listen nor failed yet
        self._clients = [number for number in self._specs if number not in self._servers]
        self._remotes: dict[int, Endpoint] = {}
        self._failed = False
        self._sequences: SequenceRuns | None = None
        self._connecting: set[int] = set()  # clients that are neither connected nor failed yet

    def use(self, sequences: Sequence[Steps], snippets: Sequence[Snippet]) -> None:
        """Run these too."""
        if not sequences:
            return
        from explorer.run_sequences import SequenceRuns

        self._sequences = SequenceRuns(sequences, self._specs, tuple(snippets), self._engine.post, self._print)
        theirs = self._sequences.starts()
        self._servers -= theirs
        self._starting -= theirs
        self._clients = [number for number in self._clients if number not in theirs]

    def go(self, seconds: float | None) -> int:
        """The exit status."""
        self._deadline = None if seconds is None else time.monotonic() + seconds
        thread = threading.Thread(target=self._engine.run, name="engine", daemon=True)
        thread.start()
        with _signals(self._on_signal):
            try:
                for number in sorted(self._servers):
                    self._engine.post(Start(number, self._specs[number]))
                self._start_clients()
                self._watch()
            finally:
                if self._sequences is not None:
                    self._sequences.stop()
                self._engine.post(Shutdown())
                _join(thread)
            self._tell_rest()
        return 1 if self._failed or (self._sequences is not None and self._sequences.failed) else 0

    def _on_signal(self) -> None:
        if self._asked_to_end:
            raise KeyboardInterrupt
        self._asked_to_end = True
        self._news.put(None)

    def _ending(self) -> bool:
        return self._asked_to_end or (self._deadline is not None and time.monotonic() >= self._deadline)

    def _start_clients(self) -> None:
        if not self._starting:
            for number in self._clients:
                self._engine.post(Start(number, self._specs[number]))
            self._connecting.update(self._clients)
            self._clients = []
            self._begin_sequences()

    def _begin_sequences(self) -> None:
        """Once everything is up, or has failed."""
        if self._sequences is not None and not self._starting and not self._connecting:
            self._sequences.begin()

    @property
    def _goes_on(self) -> bool:
        """Whether there is anything left to wait for."""
        return bool(self._open) if self._sequences is None else self._sequences.busy

    def _watch(self) -> None:
        """Tell what happens until it is time to end."""
        retry = time.monotonic() + RETRY
        while self._goes_on and not self._ending():
            now = time.monotonic()
            if self._full and now >= retry:
                self._retry_capture()
                retry = now + RETRY
            wait = LONGEST_WAIT if self._deadline is None else min(LONGEST_WAIT, self._deadline - now)
            try:
                event = self._news.get(timeout=max(0.0, min(wait, RETRY) if self._full else wait))
            except queue.Empty:
                continue
            if event is None or isinstance(event, EngineStopped):
                if event is not None:
                    self._news.put(event)
                return
            self._tell(event)

    def _retry_capture(self) -> None:
        """The disk may have room again. What the capture may take of it is found anew, and never becomes less."""
        self._engine.post(ResumeCapture(max(self._writer.quota, _quota(self._writer))))

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
        self._printer.finish()
        if self._printer.lost:
            raise ShownError(f"Nobody read the output, so its last {self._printer.lost:,} lines were not printed.")

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
                self._capture_full(why)
            case ScriptOutput(number, _, stream, line, text):
                self._line("script", self._name(number), stream=stream, line=line, text=text)
            case DatagramsLost(number, count):
                self._line("lost", self._name(number), count=count)
            case SequenceStep() | SequenceEnded() if self._sequences is not None:
                self._sequences.take(event)

    def _capture_full(self, why: str) -> None:
        """Once, however often it is tried again in vain. Of `why`, the advice is for people with a window."""
        if why and not self._full:
            what, _, _ = why.partition(". ")
            message = (
                f"{what.removesuffix('.')}. Reading is paused, so nothing is lost; it goes on by itself when there is "
                f"room. Free space on the disk of {self._writer.folder.parent}, or end this run and start another."
            )
            self._line("paused", "", message=message)
        elif self._full and not why:
            self._line("paused", "", message="")
        self._full = why

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
        if number in self._connecting and state not in (State.RESOLVING, State.SYN_SENT):
            self._connecting.discard(number)
            self._begin_sequences()
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
        self._print({"event": event, "socket": name, **more})

    def _print(self, content: Mapping[str, object]) -> None:
        # ASCII alone: the output may have any encoding.
        self._printer.put(json.dumps(content) + "\n", self._ending)


def _quota(writer: Writer) -> int:
    """Bytes the capture could take if it began now; 0 when that cannot be told."""
    try:
        free = default_quota(writer.folder)
    except OSError:  # the folder is gone
        return 0
    return min(free + writer.taken // 2, MOST)


def _join(thread: threading.Thread) -> None:
    """Wait for the engine, so that signals still come through."""
    deadline = time.monotonic() + PATIENCE
    while thread.is_alive() and time.monotonic() < deadline:
        thread.join(min(LONGEST_WAIT, PATIENCE))


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
        # nohup has SIGHUP ignored, and means it.
        if hasattr(signal, name) and (name != "SIGHUP" or signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN):
            earlier[name] = signal.signal(getattr(signal, name), on_signal)
    try:
        yield
    finally:
        for name, handler in earlier.items():
            signal.signal(getattr(signal, name), handler)
