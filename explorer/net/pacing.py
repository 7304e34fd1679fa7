"""Calls that are made slowly on purpose: how many bytes a send call is given, and when the next call may be made.

A pause is a timer of the loop. While it runs, the socket is not watched for what it pauses: nothing is read, so the
system's buffers fill up and the peer has to wait. The end of the stream and a reset are found out by reading too, so
they are noticed when the pause is over.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from explorer.core.pace import Pace
from explorer.net.reactor import Reactor, Timer, Watcher


class Gate:
    """Shut for a while after each call of one direction. pause: seconds. opened: told when it opens by itself."""

    __slots__ = ("_last", "_opened", "_owner", "_reactor", "_timer", "pause")

    def __init__(self, reactor: Reactor, opened: Callable[[], None], owner: Watcher) -> None:
        self._reactor = reactor
        self._opened = opened
        self._owner = owner
        self._timer: Timer | None = None
        self._last = 0.0  # when the last call was made
        self.pause = 0.0

    @property
    def shut(self) -> bool:
        """Whether a pause is under way."""
        return self._timer is not None

    def called(self) -> None:
        """A call was made just now."""
        if self.pause:
            self._last = time.perf_counter()
            self._wait()

    def set_pause(self, pause: float) -> None:
        """From now on, and for the pause under way too: it began with the last call."""
        self.pause = pause
        if self.shut:
            self.close()
            if self._last + pause > time.perf_counter():
                self._wait()

    def close(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        self.close()
        self._timer = self._reactor.call_at(self._last + self.pause, self._open, self._owner)

    def _open(self) -> None:
        self._timer = None
        self._opened()


class Pacing:
    """Both directions of one connection (of a UDP socket: of all of it).

    go_on: look again at what can be done; called when a pause is over.
    """

    __slots__ = ("_random", "_size", "receive", "send")

    def __init__(self, pace: Pace, reactor: Reactor, go_on: Callable[[], None], owner: Watcher) -> None:
        self.send = Gate(reactor, go_on, owner)
        self.receive = Gate(reactor, go_on, owner)
        self.use(pace)

    def use(self, pace: Pace) -> None:
        """Go on at this pace, at once."""
        self._size, self._random = pace.send_size, pace.send_random
        self.send.set_pause(pace.send_pause / 1000)
        self.receive.set_pause(pace.receive_pause / 1000)

    def cut(self, offered: memoryview) -> memoryview:
        """What of it one send call is given."""
        if not self._size:
            return offered
        return offered[: random.randint(1, self._size) if self._random else self._size]

    def close(self) -> None:
        self.send.close()
        self.receive.close()
