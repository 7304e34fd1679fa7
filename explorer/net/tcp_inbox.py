"""What a TCP connection receives, one recv call after another, each into the capture as it is made."""

from __future__ import annotations

import socket

from explorer.core.calls import CallFlag, CallKind
from explorer.core.capture_writer import Pulled
from explorer.net.call_log import clock, since
from explorer.net.context import Context
from explorer.net.conversation import Conversation
from explorer.net.pacing import Pacing

PULL_CALLS = 512  # recv calls of one round …
PULL_BYTES = 4 << 20  # … or about so many bytes: some milliseconds
READ_CALLS = 64
READ_BYTES = 1 << 20
LEAVING = 10_000_000  # nanoseconds for receiving what lies unread before a close


class TcpInbox:
    """The connection decides when to receive, and what becomes of it.

    size: bytes that each call asks for. pacing: None for a connection that is not slowed. received: bytes so far.
    since: when somebody began to wait for the next call (`Context.waits`), by `clock`; 0 while nobody does.
    """

    __slots__ = (
        "_context",
        "_last_size",
        "_number",
        "_sock",
        "_socket",
        "_talk",
        "_waited_for",
        "pacing",
        "received",
        "since",
        "size",
    )

    def __init__(
        self, context: Context, sock: socket.socket, whose: tuple[int, int], size: int, talk: Conversation
    ) -> None:
        """whose: the numbers of the socket and of the connection."""
        self._talk = talk
        self._context = context
        self._sock = sock
        self._socket, self._number = whose
        self.size = size
        self.pacing: Pacing | None = None
        self.received = 0
        self._last_size = 0  # bytes of the last call of `receive`
        self.since = 0
        self._waited_for = context.waits

    def unread(self, most: int) -> int:
        """How many bytes the system has for the next calls, with those of the last call; 0 if it has none. As many as
        `most` where that is the end of the stream, or where the system may have no room for more. Nothing is
        received."""
        try:
            waiting = len(self._sock.recv(most, socket.MSG_PEEK))
            room = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        except BlockingIOError:
            return 0
        except OSError:
            return most
        return most if not waiting or waiting * 2 > room else min(most, waiting + self._last_size)

    @property
    def paused(self) -> bool:
        """Whether the pace wants a pause before the next call."""
        return self.pacing is not None and self.pacing.receive.shut

    @property
    def reads(self) -> int:
        """How many calls of `receive` one round has."""
        return self._calls(READ_CALLS, READ_BYTES)

    def pull(self) -> Pulled:
        """One round of calls straight into the capture; nobody looks at what comes."""
        most = self._calls(PULL_CALLS, PULL_BYTES)
        pulled = self._context.writer.pull(self._sock.recv_into, self._socket, self._number, self.size, most)
        if pulled.calls:
            self.received += pulled.size
            self._context.tally.add_received(self._number, pulled.size)
            if self.pacing is not None:
                self.pacing.receive.called()
        return pulled

    def receive(self) -> bytes | OSError | None:
        """One call: a copy of what came, b"" at the end of the stream; why the connection is over; None when nothing
        can be read now."""
        writer = self._context.writer
        room = writer.room(self.size)
        if room is None:
            self._context.capture_is_full()
            return None
        # What may hold a secret gets into the capture only when that is covered.
        into = memoryview(bytearray(self.size)) if self._talk.hides else room
        try:
            got = self._sock.recv_into(into)
        except BlockingIOError:
            return None
        except OSError as error:
            waited = since(self.since) if self.since else 0
            writer.add(
                CallKind.recv, self._socket, self._number, asked=self.size, errno=error.errno or 0, duration=waited
            )
            return error
        data = bytes(into[:got])
        if into is not room:
            room[:got] = self._talk.cover(data)
        flags = CallFlag.NONE if got else CallFlag.END
        waited = 0
        if self.since:
            waited, self.since = since(self.since), 0
        writer.add(CallKind.recv, self._socket, self._number, size=got, asked=self.size, flags=flags, duration=waited)
        self._last_size = got
        self.received += got
        self._context.tally.add_received(self._number, got)
        if self.pacing is not None:
            self.pacing.receive.called()
        return data

    def receive_unread(self) -> OSError | None:
        """Into the capture with what lies unread, without pauses. Why the connection is over, if it is."""
        until = clock() + LEAVING
        for _ in range(READ_CALLS):
            data = self.receive()
            if isinstance(data, OSError):
                return data
            if not data or clock() >= until:
                break
        return None

    def _calls(self, most: int, size: int) -> int:
        """As many as one round may have: one, where a pause follows each, or somebody waits for each."""
        if self._waited_for or (self.pacing is not None and self.pacing.receive.pause > 0):
            return 1
        return min(most, max(1, size // self.size))
