"""The work of a child process on a thread of the tests, which are the parent: what it says can be looked at, and its
lines count as run. The real processes have tests too; here nothing is held to limits, for they would be ours."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType

import pytest

from explorer.core.parcels import Parcel, Unpacker, pack
from explorer.worker import Parent

PATIENCE = 15.0


class ChildHere:
    """work: gets the child's end. Start it in a context of it; behind that the thread is over.

    left: what was given to `os._exit`, which only ends a thread here. failed: the exception that ended the work.
    """

    def __init__(self, patch: pytest.MonkeyPatch, work: Callable[[socket.socket], object]) -> None:
        self.left: list[int] = []
        self.failed: Exception | None = None
        self.result: object = None
        self._work = work
        self._unpacker = Unpacker()
        self._found: deque[Parcel] = deque()
        self.sock, self._theirs = socket.socketpair()
        self.sock.settimeout(PATIENCE)
        self._thread = threading.Thread(target=self._run, name="child here")
        self._before = set(threading.enumerate())
        patch.setattr(os, "_exit", self._leave)
        self._told_of = threading.excepthook
        patch.setattr(threading, "excepthook", self._thread_failed)

    def start(self) -> ChildHere:
        self._thread.start()
        return self

    def __enter__(self) -> ChildHere:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sock.close()
        for thread in set(threading.enumerate()) - self._before:  # the work's own end with it
            thread.join(PATIENCE)
            assert not thread.is_alive(), f"{thread.name} did not end"
        self._theirs.close()

    def _leave(self, status: int) -> None:
        self.left.append(status)
        raise SystemExit(status)

    def _thread_failed(self, failure: threading.ExceptHookArgs) -> None:
        if not issubclass(failure.exc_type, SystemExit):
            self._told_of(failure)

    def _run(self) -> None:
        try:
            self.result = self._work(self._theirs)
        except Exception as error:
            self.failed = error
            with contextlib.suppress(OSError):
                self._theirs.shutdown(socket.SHUT_RDWR)  # so that nobody waits for more

    def send(self, head: dict[str, object], body: bytes = b"") -> None:
        self.sock.sendall(pack(head, body))

    def receive(self) -> Parcel:
        """The next parcel that it tells."""
        while not self._found:
            data = self.sock.recv(65_536)
            assert data, (self.failed, self.left)
            self._found.extend(self._unpacker.feed(data))
        return self._found.popleft()

    def until(self, key: str) -> list[Parcel]:
        """What it tells, up to a parcel with that key."""
        told = [self.receive()]
        while key not in told[-1].head:
            told.append(self.receive())
        return told

    def wait(self) -> None:
        """Until the work is over."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the work goes on"


def child_of(patch: pytest.MonkeyPatch, main: Callable[[Parent], object]) -> ChildHere:
    """A child whose work is a `main` of explorer.worker.WORK."""
    return ChildHere(patch, lambda sock: main(Parent(sock)))
