"""What a conversation still has to say: taken a turn at a time, because one read can hold a million messages.

Programs answer while the iterator runs, so what is not taken yet is not made yet either: neither time nor
memory is spent on it before its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from explorer.core.errors import InputError
from explorer.core.failure import Failure
from explorer.net.call_log import clock
from explorer.programs.api import Action

TURN = 2_000_000  # nanoseconds that one socket's answers may take before others have their turn


class Answers:
    """The actions under way, at most one iterator of them. True while some may be left."""

    __slots__ = ("_actions", "_until")

    def __init__(self) -> None:
        self._actions: Iterator[Action] | None = None
        self._until = 0

    def __bool__(self) -> bool:
        return self._actions is not None

    def start_turn(self) -> None:
        """From now on TURN is left."""
        self._until = clock() + TURN

    def begin(self, actions: Iterable[Action]) -> None:
        """These come next. None may be left of those before."""
        self._actions = iter(actions)

    def drop(self) -> None:
        """What was not taken will not be."""
        self._actions = None

    def take(self, do: Callable[[Action], bool]) -> None:
        """Hand out one action after another, at least one, until the turn is over or `do` says that no other
        may follow at present."""
        while self._actions is not None:
            action = next(self._actions, None)
            if action is None:
                self._actions = None
            elif not do(action) or clock() >= self._until:
                return


def cannot_frame(error: InputError) -> Failure:
    """An answer that its framing cannot carry."""
    return Failure("encode()", "", error.message, f"An answer was not sent: {error.message}", "Use another framing.")
