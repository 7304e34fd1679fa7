"""Prints lines beside the work: an output that nobody reads (a full pipe, a stopped terminal) holds up nothing else.

The lines wait in a bounded queue. They are written to the file descriptor itself where there is one: a thread
blocked inside a buffered writer would hold its lock, and the interpreter aborts on that when it ends.
"""

from __future__ import annotations

import os
import queue
import select
import threading
import time
from collections.abc import Callable
from typing import TextIO

LINES = 1024  # that may wait
GRACE = 1.0  # seconds without progress after which an output is taken for stuck, once the work is over
STEP = 0.05  # seconds between two looks: waiting for a lock is not interruptible on Windows


class LinePrinter:
    """Prints on a daemon thread. failed: told, on that thread, when the output cannot be written. lost: lines
    that were given up."""

    def __init__(self, out: TextIO, failed: Callable[[], None]) -> None:
        self.lost = 0
        self._failed = failed
        self._write = _writer(out)
        self._lines: queue.Queue[str | None] = queue.Queue(LINES)
        self._problem: OSError | None = None
        self._ending_since: float | None = None
        self._progress = 0.0  # when a line was last written
        self._thread = threading.Thread(target=self._work, name="printer", daemon=True)
        self._thread.start()

    def put(self, line: str | None, ending: Callable[[], bool]) -> None:
        """Print `line` after those before. It waits while the queue is full; once `ending`, only as long as the
        output makes progress. Raises OSError when the output cannot be written. None is the end."""
        while self._problem is None:
            try:
                self._lines.put(line, block=not (self.lost and self._stuck()), timeout=STEP)
                return
            except queue.Full:
                if ending() and self._stuck():
                    self.lost += line is not None
                    return
        raise self._problem

    def finish(self) -> None:
        """Wait until everything is printed, or the output is stuck. Raises OSError like `put`."""
        self.put(None, lambda: True)
        while self._thread.is_alive() and not self._stuck():
            self._thread.join(STEP)
        self.lost += sum(line is not None for line in tuple(self._lines.queue))
        if self._problem is not None:
            raise self._problem

    def _stuck(self) -> bool:
        now = time.monotonic()
        if self._ending_since is None:
            self._ending_since = now
        return now - max(self._progress, self._ending_since) > GRACE

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._write(line)
            except OSError as error:
                self._problem = error
                self._failed()
                return
            self._progress = time.monotonic()


def _writer(out: TextIO) -> Callable[[str], None]:
    try:
        number = out.fileno()
    except (OSError, ValueError):  # not a file
        number = -1

    def to_file(line: str) -> None:
        data = memoryview(line.encode())
        while data:
            try:
                data = data[os.write(number, data) :]
            except BlockingIOError:  # somebody made it non-blocking
                select.select([], [number], [])

    def to_object(line: str) -> None:
        out.write(line)
        out.flush()

    return to_object if number < 0 else to_file


def leave_output(out: TextIO) -> None:
    """Let what is still buffered go nowhere, instead of failing once more when the interpreter flushes at exit."""
    try:
        number = out.fileno()
    except (OSError, ValueError):  # not a file: nothing will be flushed
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
