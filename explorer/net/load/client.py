"""One client of a load: what a TCP and a UDP one have in common."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from abc import ABC, abstractmethod
from enum import IntEnum
from typing import TYPE_CHECKING

from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.net.os_errors import call_text, explain

if TYPE_CHECKING:
    from explorer.net.load.run import LoadRun

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
AGAIN = (BlockingIOError, InterruptedError)


class Stage(IntEnum):
    """connecting → ready ⇄ sending → waiting … → held → closing → over."""

    CONNECTING = 0
    READY = 1  # may send its next message
    SENDING = 2  # the system has not taken the whole message yet
    WAITING = 3  # for the answer
    HELD = 4  # done, and connected until all are
    CLOSING = 5  # done, and reads what still comes until the server closes
    OVER = 6


class LoadClient(ABC):
    """number: from 0. next: the number of the message that is sent next, or waited for.

    deadline: nanoseconds of the clock at which it gives up what it waits for; 0 when it waits for nothing.
    """

    __slots__ = (
        "answer_came", "answers", "deadline", "expected", "listed", "next", "number", "rest", "run", "sent_at", "sock",
        "stage",
    )  # fmt: skip

    def __init__(self, run: LoadRun, number: int) -> None:
        self.run = run
        self.number = number
        self.next = 0
        self.stage = Stage.CONNECTING
        self.deadline = 0
        self.listed = 0  # where it stands in the run's list of deadlines
        self.sent_at = 0
        self.expected = b""
        self.rest = memoryview(b"")
        self.answer_came = False
        self.answers = run.messages.answers()
        self.sock: socket.socket | None = None

    @abstractmethod
    def begin(self) -> None:
        """Make the socket and connect it."""

    @abstractmethod
    def ready(self, events: int) -> None:
        """The socket can be read, written or both."""

    @abstractmethod
    def expire(self) -> None:
        """The deadline has passed."""

    @abstractmethod
    def finish(self) -> None:
        """It is done: let the server know, and close."""

    # -- messages -----------------------------------------------------------------------------------

    def send_next(self) -> None:
        """Send its next message now. It is in the stage READY."""
        run = self.run
        wire = run.messages.wire(self.number, self.next)
        if run.waits:
            self.expected = run.messages.expected(self.number, self.next)
        self.answer_came = False
        self.sent_at = now = time.perf_counter_ns()
        counting = run.counting
        if not counting.first_sent:
            counting.first_sent = now
        run.set_deadline(self, now + run.timeout)
        self.rest = memoryview(wire)
        self.send_rest()

    def send_rest(self) -> None:
        """Give the system what it takes of the message."""
        assert self.sock is not None
        try:
            size = self.sock.send(self.rest)
        except AGAIN:
            size = 0
        except OSError as error:
            if error.errno != errno.ENOBUFS:  # which means: later
                self.fail(error, "send")
                return
            size = 0
        counting = self.run.counting
        counting.bytes_sent += size
        if size < len(self.rest):
            self.rest = self.rest[size:]
            if self.stage is not Stage.SENDING:
                self.stage = Stage.SENDING
                self.run.watch(self, READ | WRITE)
            return
        self.rest = memoryview(b"")
        if self.stage is Stage.SENDING:
            self.run.watch(self, READ)
        counting.sent += 1
        if self.run.waits and not self.answer_came:
            self.stage = Stage.WAITING
        else:
            self.message_done(time.perf_counter_ns())

    def take(self, data: bytes) -> None:
        """These bytes came."""
        self.run.counting.bytes_received += len(data)
        if self.stage is Stage.WAITING or (self.stage is Stage.SENDING and self.run.waits and not self.answer_came):
            answer = self.answers.feed(data, self.expected)
            if answer is None:
                return
            now = time.perf_counter_ns()
            counting = self.run.counting
            counting.unasked += answer.unasked
            if self.is_late(answer.payload, answer.right):
                counting.late += 1
                return
            counting.latencies.add(now - self.sent_at)
            if answer.right:
                counting.answered += 1
            else:
                counting.wrong += 1
            self.answer_came = True
            if self.stage is Stage.WAITING:
                self.message_done(now)
        elif self.run.waits and self.stage in (Stage.READY, Stage.HELD):
            answer = self.answers.feed(data, b"")
            if answer is not None:
                self.run.counting.unasked += 1 + answer.unasked

    def is_late(self, payload: bytes, right: bool) -> bool:
        """Whether this is the answer to an earlier message that was counted as lost."""
        return False

    def message_done(self, now: int) -> None:
        """Nothing more is expected of this message."""
        counting = self.run.counting
        counting.settled += 1
        counting.last_settled = now
        self.next += 1
        self.deadline = 0
        self.stage = Stage.READY
        if self.next < self.run.plan.messages:
            self.run.ready.append(self)
        else:
            self.done()

    # -- the end ------------------------------------------------------------------------------------

    def done(self) -> None:
        """All its messages were dealt with."""
        counting = self.run.counting
        counting.open -= 1
        counting.done += 1
        if self.run.plan.hold:
            self.stage = Stage.HELD
            self.run.held.append(self)
        else:
            self.finish()

    def fail(self, error: OSError, call: str) -> None:
        self.fail_with(explain(error, call, self.where))

    def fail_with(self, failure: Failure) -> None:
        """It gives up; what it still had to send is settled."""
        counting = self.run.counting
        if self.stage is Stage.CONNECTING:
            counting.connecting -= 1
        else:
            counting.open -= 1
        counting.settled += self.run.plan.messages - self.next
        counting.fail(failure)
        self.close()

    def late_failure(self, call: str, means: str, advice: str) -> Failure:
        """What it waited for did not come in time."""
        seconds = self.run.plan.timeout
        said = f"nothing came within {seconds} s"
        return Failure(call_text(call, self.where), "timeout", said, means, advice)

    @property
    @abstractmethod
    def where(self) -> Endpoint:
        """Whom it talks to."""

    def close(self) -> None:
        """Close its socket; it is over."""
        if self.stage is not Stage.OVER:
            self.run.counting.connections -= self.stage is not Stage.CONNECTING
            self.stage = Stage.OVER
            self.deadline = 0
            self.run.forget(self)
