"""One connection that a worker of its own serves: all calls on its socket are made on the worker's loop.

What the user or another connection wants of it is asked on any thread that holds the engine's lock. What changes the
connection only is done there and then; what may make a call is left to the worker.
"""

from __future__ import annotations

from functools import partial

from explorer.core.failure import Failure
from explorer.core.pace import Pace
from explorer.core.socket_spec import Choice
from explorer.core.states import CloseReason
from explorer.net.call_log import clock
from explorer.net.jobs import Job
from explorer.net.reactor import READ
from explorer.net.running import How
from explorer.net.send_queue import Piece
from explorer.net.service import Service
from explorer.net.tcp_connection import TcpConnection
from explorer.net.tcp_endings import CLOSED_EARLY


class ServedConnection(TcpConnection):
    """Each recv is waited for and made alone, so that its record tells how long it took."""

    __slots__ = ()

    def refresh(self) -> None:
        loop = self.context.reactor
        if not loop.here:
            loop.do(self.refresh, self)
            return
        super().refresh()
        inbox = self._inbox
        if not self._watch.wanted & READ:
            inbox.since = 0
        elif not inbox.since:
            inbox.since = clock()

    def _receive_round(self) -> None:
        self._read()

    def _push(self, piece: Piece) -> None:
        self._queue.push(piece)
        self.context.reactor.do(self._go_on, self)

    def cancel(self, job: Job) -> int:
        taken_back = self._queue.cancel(job)
        if taken_back:
            self.context.reactor.do(self._after_cancel, self)
        return taken_back

    def _after_cancel(self) -> None:
        if not self._queue:
            self.after_sending()
        self.refresh()

    def end(self, how: How) -> None:
        self.context.reactor.do(partial(super().end, how), self)

    def replace(self, framing: Choice, program: Service) -> None:
        self.context.reactor.do(partial(super().replace, framing, program), self)

    def set_pace(self, pace: Pace) -> None:
        self.context.reactor.do(partial(super().set_pace, pace), self)

    def close(self, reason: CloseReason, failure: Failure | None = None, problem: str = CLOSED_EARLY) -> None:
        self.context.reactor.do(partial(super().close, reason, failure, problem), self)
