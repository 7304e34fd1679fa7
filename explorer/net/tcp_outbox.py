"""What a TCP connection has to send: as fast as the system takes it, or as slowly as the socket's pace wants it."""

from __future__ import annotations

import socket

from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.pace import Pace
from explorer.net.call_log import clock, since
from explorer.net.context import Context
from explorer.net.conversation import Conversation
from explorer.net.pacing import Pacing
from explorer.net.send_queue import Piece, SendQueue, unreadable

WRITE_CALLS = 64  # send calls of one round …
WRITE_BYTES = 1 << 20  # … or about so many bytes


class TcpOutbox:
    """The queue of one connection, and the calls that empty it.

    waiting: the system takes no more at present. pacing: None for a connection that is not slowed.
    sent: bytes that the system took.
    """

    __slots__ = ("_context", "_number", "_since", "_sock", "_socket", "_talk", "pacing", "queue", "sent", "waiting")

    def __init__(self, context: Context, sock: socket.socket, whose: tuple[int, int], talk: Conversation) -> None:
        """whose: the numbers of the socket and of the connection."""
        self._context = context
        self._sock = sock
        self._socket, self._number = whose
        self._talk = talk
        self._since = 0  # when somebody began to wait for this call (`Context.waits`), by `clock`
        self.queue = SendQueue()
        self.waiting = False
        self.pacing: Pacing | None = None
        self.sent = 0

    @property
    def paused(self) -> bool:
        """Whether the pace wants a pause before the next call."""
        return self.pacing is not None and self.pacing.send.shut

    def write(self) -> OSError | None:
        """Offer what waits to the system until it takes no more, a pause begins, or the round is over. The error by
        which the connection ended, if it did."""
        budget = WRITE_BYTES
        for _ in range(WRITE_CALLS):
            if not self.queue or budget <= 0 or self.waiting or self._context.blocked or self.paused:
                break
            taken = self._offer(self.queue.first)
            if isinstance(taken, OSError):
                return taken
            budget -= taken
        return None

    def _offer(self, piece: Piece) -> int | OSError:
        """One send call. Bytes taken, or why the connection is over."""
        try:
            offered = piece.offer()
        except (OSError, EOFError) as error:
            self._end_piece(unreadable(error))
            return 0
        if not offered:  # send(2) of nothing does nothing on a stream
            self._end_piece("")
            return 0
        if self.pacing is not None:
            offered = self.pacing.cut(offered)
        room = self._context.writer.room(len(offered))
        if room is None:
            self._context.capture_is_full()
            return 0
        taken = self._send(piece, offered, room)
        if self.pacing is not None:
            self.pacing.send.called()
        return taken

    def _send(self, piece: Piece, offered: memoryview, room: memoryview) -> int | OSError:
        writer, asked = self._context.writer, len(offered)
        started = clock()
        if self._since:
            started, self._since = self._since, 0
        try:
            size = self._sock.send(offered)
        except OSError as error:
            self.waiting = isinstance(error, BlockingIOError)
            if self.waiting and self._context.waits:
                self._since = started  # the call goes on, as one that blocks does
                return 0
            writer.add(
                CallKind.send, self._socket, self._number,
                asked=asked, errno=error.errno or 0, duration=since(started),
            )  # fmt: skip
            return 0 if self.waiting else error
        duration = since(started)
        room[:size] = offered[:size]
        writer.add(CallKind.send, self._socket, self._number, size=size, asked=asked, duration=duration)
        self.sent += size
        self._context.tally.add_sent(self._number, size)
        self.waiting = size < asked
        if self.waiting and self._context.waits:
            self._since = clock()
        piece.sent(size)
        if piece.job is not None:
            piece.job.progress(size)
        if not piece.left:
            self._talk.messages_out += 1
            self._end_piece("")
        return size

    def _end_piece(self, problem: str) -> None:
        job = self.queue.drop_first().job
        if job is not None:
            job.part_done(problem)

    def clear(self, problem: str) -> None:
        """Drop everything. problem: why it is not sent."""
        for job in self.queue.clear():
            job.part_done(problem)


def too_much_waits(waiting: int, peer: Endpoint, pace: Pace) -> str:
    """Why no more is taken while so many bytes wait, as a sentence."""
    said = f"{waiting / (1 << 20):.0f} MiB wait already"
    if pace.slows_sending:
        return f"This socket's pace sends slowly to {peer}: {said}. Wait, let it send faster, or cancel what waits."
    return f"{peer} does not take what is sent: {said}. Wait until the peer reads, or cancel what waits."
