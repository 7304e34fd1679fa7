"""What a program tells all others: one message to every other open connection of the same socket.

Messages go out one after another, so everybody gets them in the same order. A message to thousands of connections
takes several turns of the loop, and the program that told it waits for it; no reader is waited for. Whose queue is
full misses the message, which is told. What waits for many is in memory once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from explorer.core.failure import Failure
from explorer.net import answers
from explorer.net.call_log import CallLog, clock
from explorer.net.reactor import Reactor, Timer, Watcher


class Member(Protocol):
    """A connection that can be told something."""

    def tell(self, payload: bytes) -> None:
        """Send this as one message, in the framing of this connection, unless too much waits there."""


class Telling:
    """Of one socket. members: its open connections by their numbers."""

    __slots__ = ("_closed", "_last", "_members", "_next_turn", "_reactor", "_told", "_waiting", "_watcher", "_working")

    def __init__(self, reactor: Reactor, members: Callable[[], Mapping[int, Member]], watcher: Watcher) -> None:
        self._reactor = reactor
        self._members = members
        self._watcher = watcher
        self._waiting: deque[_Message] = deque()
        self._told: Iterator[int] = iter(())  # who is still to be told the first of them
        self._working = False
        self._next_turn: Timer | None = None
        self._closed = False
        self._last = b""

    def shared(self, data: bytes) -> bytes:
        """The bytes that the one before was told, where they are equal. data: as they go out, in their frame."""
        if data != self._last:
            self._last = data
        return self._last

    def tell(self, payload: bytes, sender: int, suspend: Callable[[], Callable[[None], None]] | None = None) -> None:
        """Tell this to all but the connection `sender`. suspend: asked, where that takes longer than a turn, for what
        is to be told at the end."""
        if self._closed:
            return
        message = _Message(payload, sender)
        self._waiting.append(message)
        if len(self._waiting) == 1:
            self._begin_first()
        self._work()
        if not message.told and suspend is not None:
            message.done = suspend()

    def close(self) -> None:
        """The socket ends: nobody is told anything any more."""
        self._closed = True
        self._last = b""
        self._waiting.clear()
        if self._next_turn is not None:
            self._next_turn.cancel()
            self._next_turn = None

    def _begin_first(self) -> None:
        """Everybody who is there now is told."""
        self._told = iter(tuple(self._members()))

    def _work(self) -> None:
        """For one turn. Telling one may make another connection end, whose program tells that again: it waits."""
        if self._working:
            return
        self._working = True
        until = clock() + answers.TURN
        try:
            while self._waiting:
                self._tell_next()
                if clock() >= until:
                    break
        finally:
            self._working = False
        if self._waiting and self._next_turn is None:
            self._next_turn = self._reactor.call_later(0.0, self._go_on, self._watcher)

    def _go_on(self) -> None:
        self._next_turn = None
        self._work()

    def _tell_next(self) -> None:
        message = self._waiting[0]
        number = next(self._told, None)
        if number is None:
            self._waiting.popleft()
            if self._waiting:
                self._begin_first()
            message.told = True
            if message.done is not None:
                message.done(None)
        elif number != message.sender and (member := self._members().get(number)) is not None:
            self._reactor.guarded(lambda: member.tell(message.payload), self._watcher)


class _Message:
    """told: to everybody. done: who waits for that."""

    __slots__ = ("done", "payload", "sender", "told")

    def __init__(self, payload: bytes, sender: int) -> None:
        self.payload = payload
        self.sender = sender
        self.told = False
        self.done: Callable[[None], None] | None = None


class Missed:
    """What one connection was not told, because too much waits there: said when it begins and when it is over."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def miss(self, why: str) -> Failure | None:
        """A message was not passed on. What to report, the first time."""
        self.count += 1
        if self.count > 1:
            return None
        return Failure(
            "Tell",
            "",
            why,
            f"A message of another connection was not passed on. {why}",
            "The others got it all the same.",
        )

    def over(self, number: int, peer: str, log: CallLog) -> None:
        """Messages are passed on again."""
        if self.count:
            what = "1 message was" if self.count == 1 else f"{self.count:,} messages were"
            log.note(f"{what} not passed on to {peer} meanwhile. From here on they are again.", number)
        self.count = 0
