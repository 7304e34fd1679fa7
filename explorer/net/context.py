"""What all sockets of one engine share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from explorer.core.capture_writer import CaptureWriter
from explorer.core.events import CaptureFull, Event
from explorer.core.tally import Tally
from explorer.net.background import Background
from explorer.net.endings import Endings
from explorer.net.jobs import Jobs
from explorer.net.limits import FileReserve
from explorer.net.lingering import LingeringCloses
from explorer.net.loops import Loops
from explorer.net.owners import Holder
from explorer.net.reactor import Reactor

if TYPE_CHECKING:
    from explorer.net.running import RunningSocket


class Context:
    """The loop, the capture, the running sockets, and whether the capture takes traffic at present.

    sockets: the running ones by their numbers.
    counting: messages are counted even where no program wants them.
    blocked: the capture is full, so nothing is read, accepted or sent.
    endings: what goes on for a moment after it was told to end; sockets among it by their numbers.
    waits: each connection has somebody of its own who waits for each call, so its record tells how long that took.
    """

    waits = False

    def __init__(
        self, reactor: Reactor, writer: CaptureWriter, emit: Callable[[Event], None], tally: Tally, counting: bool
    ) -> None:
        self.reactor = reactor
        self.writer = writer
        self.emit = emit
        self.tally = tally
        self.counting = counting
        self.background = Background(reactor.post)
        self.lingering = LingeringCloses()
        self.jobs = Jobs(reactor, emit)
        self.reserve = FileReserve()
        self.sockets: dict[int, RunningSocket] = {}
        self.loops = Loops(self.sockets)
        self.endings = Endings()
        self.blocked = False
        self._connections = 0

    def new_connection(self) -> int:
        """A connection number that was not used before."""
        self._connections += 1
        self.tally.make_room(self._connections)
        return self._connections

    def capture_is_full(self) -> None:
        """The capture gave no room: stop all traffic until `resume`."""
        if self.blocked:
            return
        self.blocked = True
        self.reactor.do(self._refresh)
        self.emit(CaptureFull(self.writer.full or "The capture takes no more. Reading is paused, so nothing is lost."))

    def resume(self, quota: int | None) -> None:
        """Try the capture again, with another quota if one is given (bytes)."""
        if quota is not None:
            self.writer.quota = quota
        if not self.blocked:
            return
        if not self.writer.retry():
            self.emit(CaptureFull(self.writer.full))
            return
        self.blocked = False
        self.emit(CaptureFull(""))
        self._refresh()

    def _refresh(self) -> None:
        for running in tuple(self.sockets.values()):
            running.refresh()

    def holders(self) -> Iterator[Holder]:
        """Our sockets that have an address of their own."""
        for running in self.sockets.values():
            if running.local is not None:
                yield Holder(running.spec.name, running.spec.transport, running.local)
