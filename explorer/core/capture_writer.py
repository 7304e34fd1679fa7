"""The interface through which the engine writes the capture; `explorer.capture.writer` implements it.

The engine receives straight into the capture: it asks for `room`, lets the system write there, and
then `add`s the record. `pull` is the same in one tight loop, for streams that nothing answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from explorer.core.calls import CallFlag, CallKind


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one `pull` brought.

    calls, size: recv calls recorded and bytes received.
    ended: recv returned 0 bytes. blocked: the capture takes no more. error: recv failed (recorded).
    """

    calls: int
    size: int
    ended: bool
    blocked: bool
    error: OSError | None


class CaptureWriter(Protocol):
    """Append-only log of calls. Used by one thread.

    quota: bytes it may take on disk.
    """

    quota: int

    @property
    def count(self) -> int:
        """Records published so far."""

    @property
    def full(self) -> str:
        """Why the capture takes no more traffic, as a sentence; "" while it does."""

    @property
    def last_time(self) -> int:
        """The time of the record that was added just now, in nanoseconds since the capture began. Asked right after
        `add` or `pull`: what was received then came at this time, for a framing to which that matters."""

    def now(self) -> int:
        """Nanoseconds since the capture began, on the clock of the records."""

    def room(self, size: int) -> memoryview | None:
        """`size` writable bytes at the end of the byte log; None when the capture is full."""

    def retry(self) -> bool:
        """Look again whether there is room, after `full`. Whether there is."""

    def add(
        self,
        kind: CallKind,
        socket: int,
        connection: int = 0,
        *,
        size: int = 0,
        asked: int = 0,
        errno: int = 0,
        flags: CallFlag = CallFlag.NONE,
        duration: int = 0,
        extra: int = 0,
    ) -> int:
        """Append a record whose `size` bytes were just written into `room`. The record's number."""

    def add_detail(
        self,
        kind: CallKind,
        socket: int,
        connection: int,
        detail: Mapping[str, object],
        *,
        errno: int = 0,
        flags: CallFlag = CallFlag.NONE,
        duration: int = 0,
    ) -> int:
        """Append a rare call with its arguments and result as JSON. The record's number."""

    def pull(
        self, receive: Callable[[memoryview], int], socket: int, connection: int, buffer_size: int, most: int
    ) -> Pulled:
        """Call `receive` with `buffer_size` writable bytes up to `most` times, one record each.

        Stops at a short read (the queue is empty then), at the end of the stream, at an error, and
        when the system would block, which is not recorded: nothing was asked that it answered.
        """
