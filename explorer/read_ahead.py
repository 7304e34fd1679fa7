"""Reads beside the work, for who must not wait longer for input than until some time.

A thread reads and notes when: waiting for input with a time limit works for files, pipes and terminals on every
system. It reads below the buffer of the file: a thread blocked inside a buffered reader holds its lock, and the
interpreter aborts on that when it ends.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import BinaryIO, NamedTuple

CHUNKS = 2  # that may wait
_STEP = 0.2  # seconds between two looks: waiting for a lock is not interruptible on Windows


class Chunk(NamedTuple):
    """time: nanoseconds of `time.perf_counter_ns` when the bytes were read. data: b"" at the end of the input."""

    time: int
    data: bytes


class ReadAhead:
    """Reads at most `size` bytes at a time, until the end or an error."""

    def __init__(self, source: BinaryIO, size: int) -> None:
        raw = getattr(source, "raw", source)
        self._read = raw.read
        self._size = size
        self._chunks: queue.Queue[Chunk | OSError] = queue.Queue(CHUNKS)
        threading.Thread(target=self._work, name="reader", daemon=True).start()

    def next(self, until: int | None) -> Chunk | None:
        """The next bytes, in the order in which they came; None: by `until` (as `Chunk.time`) none did. Raises
        OSError when the input cannot be read."""
        while True:
            left = _STEP if until is None else (until - time.perf_counter_ns()) / 1e9
            try:
                found = self._chunks.get(left > 0, max(0.0, min(_STEP, left)))
            except queue.Empty:
                if until is not None and time.perf_counter_ns() >= until:
                    return None
                continue
            if isinstance(found, OSError):
                raise found
            return found

    def _work(self) -> None:
        while True:
            try:
                data = self._read(self._size) or b""
            except OSError as error:
                self._chunks.put(error)
                return
            self._chunks.put(Chunk(time.perf_counter_ns(), data))
            if not data:
                return
