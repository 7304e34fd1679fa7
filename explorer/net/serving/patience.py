"""How long a server waits: for the next client (accept timeout), and for a client that is silent (idle timeout)."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Protocol

from explorer.core.calls import CallKind
from explorer.core.states import CloseReason
from explorer.net.call_log import CallLog, clock
from explorer.net.context import Context
from explorer.net.os_errors import error_of
from explorer.net.reactor import Reactor, Timer, Watcher
from explorer.net.serving.served import Served

LOOKS = 10  # times in one idle timeout that all connections are looked at …
SHORTEST = 0.02  # … but not more often than this
LONGEST = 1.0  # … and not less often, in seconds


class AcceptPatience:
    """Records that no client came for so long, as an accept that timed out; waiting goes on.

    seconds: None for endless patience. since: when waiting for the next client began, by `clock`; 0 while nobody does.
    """

    def __init__(self, log: CallLog, seconds: float | None, owner: Watcher) -> None:
        self._log = log
        self._seconds = seconds
        self._owner = owner
        self._timer: Timer | None = None
        self.since = 0

    def wait(self, loop: Reactor, waits: bool) -> None:
        """Clients are waited for from now on, or not."""
        if not waits:
            self.end()
        elif not self.since:
            self.came(loop)

    def came(self, loop: Reactor) -> None:
        """Waiting for the next one begins. The timer is not moved with each: it looks again when it is too early."""
        self.since = clock()
        if self._seconds and self._timer is None:
            self._timer = loop.call_later(self._seconds, lambda: self._look(loop), self._owner)

    def end(self) -> None:
        self.since = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, loop: Reactor) -> None:
        self._timer = None
        seconds = self._seconds or 0.0
        left = seconds - (clock() - self.since) / 1e9
        if left <= 0:
            detail = {"timeout": seconds}
            self._log.write(CallKind.accept, detail, error=error_of(errno.ETIMEDOUT), started=self.since)
            self.came(loop)
            return
        self._timer = loop.call_later(left, lambda: self._look(loop), self._owner)


class Serving(Watcher, Protocol):
    """A server, as far as silence matters."""

    @property
    def peers(self) -> Mapping[int, Served]: ...


class IdleSweep:
    """Closes connections on which nothing was received or sent for so long. One timer looks at all of them, at what
    the tally counts anyway, so a call costs nothing more.

    seconds: None to close none. A connection ends when it was idle for `seconds` and up to a tenth longer.
    """

    def __init__(self, context: Context, log: CallLog, seconds: float | None, server: Serving) -> None:
        self._context = context
        self._log = log
        self._seconds = seconds
        self._server = server
        self._timer: Timer | None = None
        self._known: dict[int, tuple[int, int]] = {}  # bytes of each so far, and since when, by `clock`

    def begin(self) -> None:
        if self._seconds:
            pause = min(LONGEST, max(SHORTEST, self._seconds / LOOKS))
            self._timer = self._context.reactor.call_later(pause, self._sweep, self._server)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sweep(self) -> None:
        self.begin()
        now, blocked = clock(), self._context.blocked
        limit = int((self._seconds or 0.0) * 1e9)
        known, self._known = self._known, {}
        for number, served in tuple(self._server.peers.items()):
            size = sum(self._context.tally.of(number))
            before, since = known.get(number, (-1, now))
            if size != before or blocked:  # a full capture stops all traffic: that is nobody's silence
                since = now
            if now - since >= limit:
                self._close(number, served)
                since = now  # whoever serves it may be slow to close it
            self._known[number] = (size, since)

    def _close(self, number: int, served: Served) -> None:
        text = f"Nothing was received or sent for {self._seconds:g} s (idle timeout), so the connection is closed."
        self._log.note(text, number)
        served.close(CloseReason.TIMEOUT, problem=text)
