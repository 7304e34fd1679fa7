"""What a conversation still has to say: taken a turn at a time, because one read can hold a million messages.

Programs answer while the iterator runs, so what is not taken yet is not made yet either: neither time nor
memory is spent on it before its turn. Some actions suspend the others: a wait, a question to another process, a
message that goes to very many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import length_hint
from typing import TypeVar

from explorer.core.errors import InputError
from explorer.core.failure import Failure
from explorer.net.call_log import clock
from explorer.net.reactor import Reactor, Timer, Watcher
from explorer.programs.api import GO_ON, Action

TURN = 2_000_000  # nanoseconds that one socket's answers may take before others have their turn
LONGEST_WAIT = 86_400.0  # seconds; a Wait for longer is one for so long

T = TypeVar("T")


class Answers:
    """The actions under way. True while some may be left.

    go_on: told when they are not suspended any more. watcher: whom a bug in it belongs to. until: when the turn is
    over, by `clock`.
    """

    __slots__ = ("_actions", "_go_on", "_pause", "_reactor", "_watcher", "until")

    def __init__(self, reactor: Reactor, go_on: Callable[[], None], watcher: Watcher) -> None:
        self._reactor = reactor
        self._go_on = go_on
        self._watcher = watcher
        self._actions: list[Iterator[Action]] = []  # the last one is taken first
        self._pause: _Pause | None = None
        self.until = 0

    def __bool__(self) -> bool:
        return bool(self._actions)

    @property
    def suspended(self) -> bool:
        """Whether the next action may not be taken yet."""
        return self._pause is not None

    def start_turn(self) -> None:
        """From now on TURN is left."""
        self.until = clock() + TURN

    def begin(self, actions: Iterable[Action]) -> None:
        """These come next. None may be left of those before."""
        self._actions = [iter(actions)]

    def drop(self) -> None:
        """What was not taken will not be."""
        self._actions = []
        self._end_pause()

    def take(self, do: Callable[[Action], bool]) -> None:
        """Hand out one action after another, at least one, until the turn is over or `do` says that no other
        may follow at present."""
        while self._actions and self._pause is None:
            actions = self._actions
            action = next(actions[-1], None)
            if action is None:
                actions.pop()
            elif action is GO_ON:
                if clock() >= self.until:
                    return
            elif not do(action) or clock() >= self.until:
                return

    # -- suspending ---------------------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Suspend them for so long."""
        pause = self._begin_pause()
        wait = min(seconds, LONGEST_WAIT) if seconds > 0 else 0.0
        pause.timer = self._reactor.call_later(wait, lambda: self._resume(pause, ()), self._watcher)

    def expect(self, then: Callable[[T], Iterable[Action]]) -> Callable[[T], None]:
        """Suspend them until what this returns is told of a result; what `then` makes of it comes before the others.
        A result that comes too late, or a second one, does nothing."""
        pause = self._begin_pause()

        def told(result: T) -> None:
            if self._pause is pause:
                self._resume(pause, then(result))

        return told

    def hurry(self) -> None:
        """Wait for nothing any more: the other actions come at once."""
        if self._pause is not None:
            self._resume(self._pause, ())

    def _begin_pause(self) -> _Pause:
        self._end_pause()
        self._pause = _Pause()
        return self._pause

    def _end_pause(self) -> None:
        pause, self._pause = self._pause, None
        if pause is not None and pause.timer is not None:
            pause.timer.cancel()

    def _resume(self, pause: _Pause, first: Iterable[Action]) -> None:
        if self._pause is not pause:
            return
        self._end_pause()
        # A program that asks again and again, each time as the last thing it does, leaves nothing behind.
        while self._actions and length_hint(self._actions[-1], 1) == 0:
            self._actions.pop()
        self._actions.append(iter(first))
        self._go_on()


class _Pause:
    """One suspension; its identity tells it from the next one."""

    __slots__ = ("timer",)

    def __init__(self) -> None:
        self.timer: Timer | None = None


def cannot_frame(error: InputError) -> Failure:
    """An answer that its framing cannot carry."""
    return Failure("encode()", "", error.message, f"An answer was not sent: {error.message}", "Use another framing.")
