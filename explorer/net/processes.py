"""Fresh Python processes for our own code: started, talked to over a socket pair, ended whatever they do.

The child runs `explorer.worker`. It gets no shell, no output, a minimal environment and no descriptor but its end of
the pair and those that are meant for it. It leads a session of its own, so that what it starts ends with it, and it
ends by itself when our end is closed, even by a crash.

What a user's script starts can leave that session (setsid(2)), as a program does that is meant to go on alone; on
Windows nothing that a child starts ends with it. Such a program goes on, and has to be ended by whoever started it:
forbidding children (RLIMIT_NPROC) would forbid the script its threads too, and would not hold for root.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from explorer import worker
from explorer.core.parcels import BrokenParcel, Parcel, Unpacker, pack
from explorer.net.reactor import READ, WRITE, Reactor

PIECE = 262_144  # bytes received at once
PIECES = 8  # of them in one round, so that sockets have their turn
PATIENCE = 1.0  # seconds for a process to go once its socket is closed
_KEPT_VARIABLES = (
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ", "USERPROFILE", "WINDIR",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended. status: its exit status, -N after signal N (POSIX); killed: by us.
    trouble: a traceback, when our own code in it failed; "" otherwise."""

    status: int
    killed: bool
    trouble: str = ""

    @property
    def how(self) -> str:
        """For sentences: "with exit status 3"."""
        if self.status >= 0:
            return f"with exit status {self.status}"
        try:
            return f"by the signal {signal.Signals(-self.status).name}"
        except ValueError:
            return f"by signal {-self.status}"


def command(name: str, handle: int) -> list[str]:
    """How this program, from source, installed or packaged, starts a process of the kind `name`."""
    if name not in worker.WORK:
        raise ValueError(f"there is no work called {name!r}")
    if getattr(sys, "frozen", False):
        return [sys.executable, worker.OPTION, name, str(handle)]
    # -I and -S: neither variables nor .pth files make its start longer; it is told our sys.path.
    return [sys.executable, "-I", "-S", "-X", "utf8", worker.__file__, name, str(handle)]


def environment(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The few variables that a child gets."""
    return {name: given[name] for name in _KEPT_VARIABLES if name in given}


class Process:
    """A child and our end of the socket between us.

    inherit: sockets that the child gets too, under the numbers that `handles` tells afterwards; ours may be closed.
    Raises OSError when the system starts no further process.
    """

    def __init__(self, name: str, inherit: Sequence[socket.socket] = ()) -> None:
        self.name = name
        self.killed = False
        self.handles = [each.fileno() for each in inherit]
        self.sock, theirs = socket.socketpair()
        try:
            self._popen = _start(command(name, theirs.fileno()), [theirs.fileno(), *self.handles])
        except BaseException:
            self.sock.close()
            raise
        finally:
            theirs.close()
        # It fits into the socket's buffer, which is empty: this does not wait.
        path = [str(Path(each).absolute()) for each in sys.path]
        self.sock.sendall(pack({"path": path, "work": worker.WORK[name]}))

    @property
    def pid(self) -> int:
        return self._popen.pid

    def kill(self) -> None:
        """At once, on POSIX with whatever it has started in its session."""
        self.killed = True
        if sys.platform == "win32":
            self._popen.kill()
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # gone, or (macOS) about to be
            os.killpg(self._popen.pid, signal.SIGKILL)

    def reap(self) -> int:
        """Wait until it has ended, with patience for one that goes by itself. Its exit status."""
        with contextlib.suppress(OSError):
            self.sock.close()
        try:
            return self._popen.wait(0 if self.killed else PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._popen.wait()
        finally:
            killed = self.killed
            self.kill()  # what it may have started and left behind
            self.killed = killed


def _start(arguments: list[str], handles: list[int]) -> subprocess.Popen[bytes]:
    nowhere = subprocess.DEVNULL
    if sys.platform == "win32":
        for handle in handles:
            os.set_handle_inheritable(handle, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": handles})
        try:
            return subprocess.Popen(
                arguments, stdin=nowhere, stdout=nowhere, stderr=nowhere, env=environment(), startupinfo=startup,
                creationflags=subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP,
            )  # fmt: skip
        finally:
            for handle in handles:
                os.set_handle_inheritable(handle, False)
    return subprocess.Popen(
        arguments, stdin=nowhere, stdout=nowhere, stderr=nowhere, env=environment(), pass_fds=handles,
        start_new_session=True,
    )  # fmt: skip


class WatchedProcess:
    """A process whose parcels the engine's loop takes. Everything here is called, and calls, on that loop.

    told: gets each parcel. ended: told once, when the process is over, however that came about.
    """

    def __init__(
        self, reactor: Reactor, process: Process, told: Callable[[Parcel], None], ended: Callable[[Ended], None]
    ) -> None:
        self.process = process
        self._reactor = reactor
        self._told = told
        self._ended: Callable[[Ended], None] | None = ended
        self._unpacker = Unpacker()
        self._waiting: deque[memoryview] = deque()
        self._held = False
        self._over = False
        self._trouble = ""
        process.sock.setblocking(False)
        self._watch = reactor.watch(process.sock, self)
        self._watch.want(READ)
        _running.add(self)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def waiting(self) -> int:
        """Bytes that the process has not taken yet."""
        return sum(len(each) for each in self._waiting)

    def send(self, head: Mapping[str, object], body: bytes = b"") -> None:
        """A parcel to the process; what it does not take at once waits. To a process that is over: nothing."""
        if self._over:
            return
        self._waiting.append(memoryview(pack(head, body)))
        if len(self._waiting) == 1:
            self._write()
        self._want()

    def hold(self, held: bool = True) -> None:
        """Do not take what it sends for the present (it waits in `send` once the socket is full), or take it again."""
        self._held = held
        self._want()

    def kill(self) -> None:
        """At once. `ended` is told."""
        if not self._over:
            self.process.kill()
            self._finish()

    def forget(self) -> None:
        """Nobody wants to know any more: kill it, tell nobody."""
        self._ended = None
        self.kill()

    def ready(self, events: int) -> None:
        if events & WRITE:
            self._write()
        if events & READ:
            self._read()
        self._want()

    def broke(self, error: Exception) -> None:
        """Parcels that cannot be read, or a handler of them that failed."""
        self._trouble = self._trouble or str(error)
        self.kill()

    def _want(self) -> None:
        if not self._over:
            self._watch.want((0 if self._held else READ) | (WRITE if self._waiting else 0))

    def _write(self) -> None:
        while self._waiting and not self._over:
            first = self._waiting[0]
            try:
                sent = self.process.sock.send(first)
            except BlockingIOError:
                return
            except OSError:  # it is gone; what it said last is read first
                self._waiting.clear()
                return
            if sent < len(first):
                self._waiting[0] = first[sent:]
                return
            self._waiting.popleft()

    def _read(self) -> None:
        for _ in range(PIECES):
            if self._over or self._held:
                return
            try:
                data = self.process.sock.recv(PIECE)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._finish()
                return
            try:
                found = self._unpacker.feed(data)
            except BrokenParcel as error:
                self.broke(error)
                return
            for parcel in found:
                if self._over:
                    return
                if worker.TROUBLE in parcel.head:
                    self._trouble = str(parcel.head[worker.TROUBLE])
                else:
                    self._told(parcel)

    def _finish(self) -> None:
        """Its socket is closed or it was killed: wait for its end beside the loop."""
        self._over = True
        _running.discard(self)
        self._watch.end()
        self._waiting.clear()

        def reap() -> None:
            status = self.process.reap()
            self._reactor.post(lambda: self._tell(status))

        thread = threading.Thread(target=reap, name="end of a process", daemon=True)
        _reaping.add(thread)
        thread.start()

    def _tell(self, status: int) -> None:
        ended, self._ended = self._ended, None
        if ended is not None:
            ended(Ended(status, self.process.killed, self._trouble))


_running: weakref.WeakSet[WatchedProcess] = weakref.WeakSet()
_reaping: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


def end_all(reactor: Reactor) -> None:
    """Of those that this loop watches, before it is closed: none is left when this returns."""
    for watched in tuple(_running):
        if watched._reactor is reactor:
            watched.forget()
    wait_for_all()


def wait_for_all(patience: float = PATIENCE + 1.0) -> None:
    """Until every process that is being ended has gone, at most so many seconds."""
    deadline = time.monotonic() + patience
    for thread in tuple(_reaping):
        thread.join(max(0.0, deadline - time.monotonic()))
