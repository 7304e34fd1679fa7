"""Carries out Repeat: one message again and again, at steady times.

Beats lie on a grid: the first message's time and whole intervals after it, so a beat that is late makes none of
the following late. Beats missed in the last `CATCH_UP` seconds (the machine was busy, the peer did not read) are
made up for; older ones are skipped and counted. A skipped beat is no message: it takes nothing from the number of
messages that is asked for, and the counter in messages has no gaps.

A message waits until the system has taken the one before it on every connection it goes to. So at most one
waits, however slowly the peer reads.

A turn of the loop in which sending took long, because the message is large or has much to fill in, is followed by
as long a pause (`LONGEST_REST` at most), in which the other sockets have theirs.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Literal

from explorer.core.commands import MAX_INTERVAL, MIN_INTERVAL, Repeat
from explorer.core.errors import ShownError
from explorer.core.events import RepeatProgress
from explorer.core.filling import Filling
from explorer.net.context import Context
from explorer.net.jobs import Job
from explorer.net.os_errors import bug
from explorer.net.reactor import Timer
from explorer.net.running import Peer
from explorer.net.send_queue import BytesPiece
from explorer.net.targets import find_targets
from explorer.wire.framing.api import Framer
from explorer.wire.framing.registry import make_framer

CATCH_UP = 0.05  # seconds of missed beats that are made up for
TURN = 0.002  # seconds of sending in one turn of the loop
LONG_TURN = 2 * TURN  # seconds; a turn cannot end before the message it began with is made
LONGEST_REST = 0.05  # seconds
RETRY = 0.02  # seconds until a full queue is looked at again
PATIENCE = 0.05  # seconds that a message may wait before that is told
STILL_WAITING = 0.5  # seconds between two reports while nothing can be sent
NOT_TAKEN = "The peer does not read as fast as this is sent; the next message waits until it does."
PACED = "The socket's pace holds the message back; the next one waits until it is sent."
NO_ROOM = "Too much else waits to be sent to the peer already; the next message waits for it."
CAPTURE_FULL = "The capture is full; sending goes on when there is room."
LEFT = "Nobody is connected any more, so nothing more is sent."
LEFT_ONE = "That connection is closed, so nothing more is sent."

End = Literal["count", "stopped", "failed"]


class Repetition(Job):
    """One Repeat under way. As a job it has the present message's parts, one per connection."""

    interval = 0.1

    def __init__(self, context: Context, command: Repeat) -> None:
        super().__init__(context.jobs, command.job, command.target.socket, 0)
        self._context = context
        self._command = command
        self._framer: Framer | None = None
        self._whole = False  # each message is a datagram
        self._begun = 0.0
        self._beat = 0  # number of the next beat of the grid
        self._rest_until = 0.0  # the loop is left to others
        self._timer: Timer | None = None
        self._round: list[tuple[Peer, _RoundPiece]] = []  # whom the present message goes to
        self._handing_out = False
        self._open = 0  # parts of it that are not over
        self._taken = 0  # parts of it that the system took whole
        self._trouble = ""  # why a part of it was not sent
        self._wait_began = 0.0
        self._wait_timer: Timer | None = None
        self._no_room = False  # a queue is full with other things
        self._left: str | None = None  # why a connection closed while a message was on its way
        self._first = 0.0  # when the first message was taken, and the last one
        self._last = 0.0
        self._ended = False
        self.messages = 0
        self.late = 0
        self.skipped = 0

    @property
    def over(self) -> bool:
        return self._ended

    def begin(self) -> None:
        """Send the first message, and go on."""
        command = self._command
        running, _, problem = find_targets(self._context, command.target)
        if not MIN_INTERVAL <= command.every <= MAX_INTERVAL:
            problem = (
                f"Nothing was sent: the interval must be from {MIN_INTERVAL * 1000:.0f} ms to {MAX_INTERVAL:,.0f} s."
            )
        try:
            self._framer = make_framer(command.framing) if command.framing is not None else None
        except ShownError as error:
            problem = f"Nothing was sent: {error}"
        if problem:
            self._end("failed", problem)
            return
        self._whole = running is not None and running.spec.transport == "udp"
        self._begun = time.perf_counter()
        self._go()

    def stop(self) -> None:
        """The user wants no more. A message of which a part went out already goes out whole."""
        for peer, piece in self._round:
            if not piece.over and not piece.begun:
                peer.cancel(self)
        self._end("stopped")

    def broke(self, error: Exception) -> None:
        """A bug, here or in what makes the message: repeating ends, and says so."""
        self._end("failed", bug(error, "repeating").sentence)

    def ready(self, events: int) -> None:
        raise NotImplementedError("a repetition waits on no socket")

    # -- beats --------------------------------------------------------------------------------------

    @property
    def _due(self) -> float:
        return self._begun + self._beat * self._command.every

    def _schedule(self, retry: bool = False) -> None:
        if not self.over and self._timer is None:
            when = time.perf_counter() + RETRY if retry else max(self._due, self._rest_until)
            self._timer = self._context.reactor.call_at(when, self._go, self)

    def _go(self) -> None:
        """Send what is due."""
        self._timer = None
        if self.over or self._open:
            return
        now, every = time.perf_counter(), self._command.every
        excess = int(max(0.0, now - self._due) / every) - int(CATCH_UP / every)
        if excess > 0:
            self.skipped += excess
            self._beat += excess
        while not self.over and not self._open and self._due <= now and time.perf_counter() - now < TURN:
            lag = now - self._due
            if not self._send_one():
                self._schedule(retry=True)
                return
            self.late += lag >= every
            self._beat += 1
        ended = time.perf_counter()
        if ended - now > LONG_TURN:
            self._rest_until = ended + min(ended - now, LONGEST_REST)
        if not self._open:
            self._schedule()

    def _send_one(self) -> bool:
        """Send the next message. False when a queue has no room for it now."""
        _, peers, problem = find_targets(self._context, self._command.target)
        if problem:
            self._end("failed", self._nobody)
            return True
        try:
            data = self._make()
        except ShownError as error:
            self._end("failed", f"{'Nothing more' if self.messages else 'Nothing'} is sent. {error}")
            return True
        self._no_room = not all(peer.has_room(len(data)) for peer in peers)
        if self._no_room:
            self.report_soon()
            return False
        self._hand_out(data, peers)
        if not self._open:
            self._message_over()
        else:
            self._wait_began = time.perf_counter()
            if self._wait_timer is None:
                self._wait_timer = self._context.reactor.call_later(PATIENCE, self._look_at_waiting)
        return True

    @property
    def _nobody(self) -> str:
        return LEFT if self._command.target.connection is None else LEFT_ONE

    def _make(self) -> bytes:
        """The next message, framed. Raises ShownError."""
        filling = Filling(self._command.first + self.messages, time.time_ns(), random.getrandbits(64))
        data = self._command.message.fill(filling)
        data = data if self._framer is None else self._framer.encode(data)
        if not data and not self._whole:
            raise ShownError("The message is empty. Write something, or choose a framing.")
        return data

    def _hand_out(self, data: bytes, peers: Sequence[Peer]) -> None:
        self._taken, self._trouble = 0, ""
        self._open = len(peers)
        self._round = []
        self._handing_out = True
        for peer in peers:
            piece = _RoundPiece(data, self, self._whole)
            self._round.append((peer, piece))
            refused = peer.queue(piece)
            if refused:
                piece.close()
                self.part_done(refused)
        self._handing_out = False

    # -- what becomes of a message ------------------------------------------------------------------

    def piece_taken(self) -> None:
        """The system took a whole part."""
        self._taken += 1

    def part_done(self, problem: str = "", parts: int = 1) -> None:
        if self.over:
            return
        self._open -= parts
        self._trouble = self._trouble or problem
        if self._open <= 0 and not self._handing_out:
            self._open = 0
            self._message_over()
            self._schedule()

    def _message_over(self) -> None:
        """Nothing of the message waits any more."""
        self._round = []
        if not self._taken:
            self._end("failed", self._trouble or self._nobody)
            return
        self.messages += 1
        self._last = time.perf_counter()
        self._first = self._first or self._last
        if self.messages == self._command.times:
            self._end("count")
            return
        self.report_soon()
        if self._left is not None:
            left, self._left = self._left, None
            self.peer_left(left)

    def peer_left(self, problem: str) -> None:
        if self._open or self._handing_out:
            self._left = problem  # looked at when the present message is over
        elif not self.over and find_targets(self._context, self._command.target)[2]:
            self._end("failed", f"{problem} {self._nobody}".strip())

    # -- reports ------------------------------------------------------------------------------------

    def progress(self, size: int) -> None:
        self.sent += size

    def news(self) -> RepeatProgress:
        return self._news()

    def _news(self, end: Literal["", "count", "stopped", "failed"] = "", problem: str = "") -> RepeatProgress:
        waiting = "" if end else self._why_waiting()
        until = time.perf_counter() if waiting and self._first else self._last
        seconds = until - self._first
        rate = (self.messages - 1) / seconds if self.messages > 1 and seconds > 0 else 0.0
        return RepeatProgress(
            self.number, self.socket, self.messages, self._command.times, self.sent, seconds, rate,
            self.late, self.skipped, waiting, end, problem,
        )  # fmt: skip

    def _why_waiting(self) -> str:
        if self._no_room:
            return NO_ROOM
        if not self._open or time.perf_counter() - self._wait_began < PATIENCE:
            return ""
        if self._context.blocked:
            return CAPTURE_FULL
        running = self._context.sockets.get(self.socket)
        return PACED if running is not None and running.spec.pace.slows_sending else NOT_TAKEN

    def _look_at_waiting(self) -> None:
        """Tell of a message that waits, again and again while it does."""
        self._wait_timer = None
        if self.over or not self._open:
            return
        wait = PATIENCE - (time.perf_counter() - self._wait_began)
        if wait <= 0:
            self.report_soon()
            wait = STILL_WAITING
        self._wait_timer = self._context.reactor.call_later(wait, self._look_at_waiting)

    def _end(self, end: End, problem: str = "") -> None:
        if self.over:
            return
        self._ended = True
        for timer in (self._timer, self._wait_timer):
            if timer is not None:
                timer.cancel()
        self.finish(self._news(end, problem))


class _RoundPiece(BytesPiece):
    """One message to one connection."""

    def __init__(self, data: bytes, job: Repetition, whole: bool) -> None:
        super().__init__(data, job, whole)
        self._repetition = job
        self.over = False

    @property
    def begun(self) -> bool:
        """Whether a part of it went out already."""
        return self._position > 0

    def sent(self, size: int) -> None:
        super().sent(size)
        if not self.left:
            self._repetition.piece_taken()

    def close(self) -> None:
        """It leaves its queue, because it was sent or dropped."""
        self.over = True


def repeat(context: Context, command: Repeat) -> None:
    """Begin a Repeat."""
    repetition = Repetition(context, command)
    context.jobs.open(repetition)
    context.reactor.guarded(repetition.begin, repetition)
