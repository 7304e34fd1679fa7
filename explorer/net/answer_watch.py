"""Keeps what answers by itself from answering for ever, and from flooding somebody.

Three things are looked at, for each connection (of UDP: each peer) whose program answers:

1. Is the other end a socket of ours that answers too, or a service that answers everything (`explorer.net.loops`)?
   Then nothing is answered.
2. Does the other end send our own answers back? An echo does, without end. What gives it away are very many messages
   one after the other that are each an answer of ours, faster than people are. Somebody who streams the same message
   again and again looks alike, but does not wait for us: so, before the end is declared, one answer is held back for a
   moment. Whoever sends meanwhile is no echo.
3. Over UDP, how many answers a second are there? A sender's address may be forged, and its owner must not be flooded.

What is not answered is told: once for a loop, at most once a second for a limit. Whenever the program is set, all is
judged anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.socket_spec import DEFAULT_ANSWER_LIMIT, SocketSpec
from explorer.net.call_log import CallLog
from explorer.net.loops import Loops, answers_everything, would_never_end
from explorer.programs.api import Action, Send, Tell, Wait

MOST_RETURNED = 100_000  # answers that come back one after the other, before that is called a loop
FAST = 50_000_000  # nanoseconds between two messages; people are slower
HELD_BACK = 0.25  # seconds in which a stream that does not wait for answers goes on
PATIENCE = 10  # times as many returned answers are looked at before the next time that one is held back
IN_FLIGHT = 64  # answers that may be under way and come back
EDGE = 32  # bytes of an answer's beginning and end that are compared
SECOND = 1_000_000_000


class Owner(Protocol):
    """The socket."""

    number: int
    spec: SocketSpec
    log: CallLog

    def report(self, failure: Failure, record: int = -1, connection: int = 0) -> None: ...


class AnswerWatch:
    """Of one connection. Times are nanoseconds of the capture's clock."""

    __slots__ = (
        "_circles", "_count", "_flying", "_fresh", "_is_sent_more", "_last", "_limit", "_loops", "_most", "_number",
        "_owner", "_refused", "_remote", "_tokens", "_told", "_unanswered", "_version",
    )  # fmt: skip

    def __init__(
        self, loops: Loops, owner: Owner, number: int, remote: Endpoint, is_sent_more: Callable[[], bool]
    ) -> None:
        """number, remote: of the connection. is_sent_more: whether something came that was not looked at yet."""
        self._loops = loops
        self._owner = owner
        self._number = number
        self._remote = remote
        self._is_sent_more = is_sent_more
        self._fresh: deque[int] = deque(maxlen=IN_FLIGHT)  # answers to what came with the last recv
        self._flying: deque[int] = deque(maxlen=IN_FLIGHT)  # those before
        self._last = 0  # when the last message came
        self.restart()

    def restart(self) -> None:
        """The program was set again: everything is judged anew."""
        self._version = -1
        self._refused = False  # the other end is ours
        self._circles = False
        self._count = 0  # messages one after the other that were answers of ours
        self._most = MOST_RETURNED
        limit = self._owner.spec.options.answer_limit
        udp = self._owner.spec.transport == "udp"
        self._limit = (DEFAULT_ANSWER_LIMIT if limit is None else limit) if udp else 0
        self._tokens = float(self._limit)
        self._unanswered = 0  # of those above the limit, that were not told yet
        self._told = 0  # when they were told last
        self._fresh.clear()
        self._flying.clear()

    def screened(self, message: bytes, time: int, actions: Iterable[Action]) -> Iterator[Action]:
        """Those actions in answer to a message that may be carried out."""
        if self._hear(message, time):
            yield Wait(HELD_BACK)
            self._judge()
        yield from self.allowed(actions)

    def allowed(self, actions: Iterable[Action]) -> Iterator[Action]:
        """What else comes in answer to the last message."""
        for action in actions:
            if not isinstance(action, Send | Tell):
                yield action
            elif self._allows():
                self._fresh.append(_outline(action.payload))
                yield action

    def _allows(self) -> bool:
        if self._version != self._loops.version:
            self._look_for_partner()
        if self._refused or self._circles:
            return False
        if self._limit:
            if self._tokens < 1:
                if not self._unanswered:
                    self._told = max(self._told, self._last)  # all those of a second are told at once
                self._unanswered += 1
                return False
            self._tokens -= 1
        return True

    def _look_for_partner(self) -> None:
        self._version = self._loops.version
        pair = self._loops.pair(self._owner.number, self._remote)
        failure = would_never_end(*pair, self._remote) if pair else answers_everything(self._owner.spec, self._remote)
        if failure is not None and not self._refused:
            self._tell(failure)
        self._refused = failure is not None

    # -- answers that come back ---------------------------------------------------------------------

    def _hear(self, message: bytes, time: int) -> bool:
        """A message came. Whether it is time to find out whether the other end waits for us."""
        passed, self._last = time - self._last, time
        if passed and self._fresh:  # what came together with the message they answer is no answer of ours
            self._flying.extend(self._fresh)
            self._fresh.clear()
        if self._limit:
            self._refill(passed, time)
        if self._comes_back(message) and passed <= FAST:
            self._count += 1
            return self._count >= self._most and not self._circles
        self._count = 0
        return False

    def _comes_back(self, message: bytes) -> bool:
        """Whether this is an answer of ours that was not back yet. Those before it are lost."""
        flying, found = self._flying, _outline(message)
        if found not in flying:
            return False
        while flying.popleft() != found:
            pass
        return True

    def _judge(self) -> None:
        """One answer was held back for a moment."""
        if self._is_sent_more():
            self._count, self._most = 0, self._most * PATIENCE
            return
        self._circles = True
        name, times = self._owner.spec.name, f"{self._count:,}"
        self._tell(
            Failure(
                "answer",
                "",
                f"{self._remote} sends every answer back",
                f'{self._remote} sent {times} answers of "{name}" back to it, one after the other and each at once, so '
                f'both sides answer by themselves and this would never end. "{name}" does not answer it any more.',
                f'Let only one side answer. To let "{name}" answer again, start it again, or set its program to none '
                "and back.",
            )
        )

    # -- the limit ----------------------------------------------------------------------------------

    def _refill(self, passed: int, time: int) -> None:
        self._tokens = min(float(self._limit), self._tokens + passed * self._limit / SECOND)
        if self._unanswered and time - self._told >= SECOND:
            self._told = time
            self.tell_unanswered()

    def tell_unanswered(self) -> None:
        """Say how many answers the limit kept back since it was said last."""
        count, self._unanswered = self._unanswered, 0
        if not count:
            return
        what = "1 answer was" if count == 1 else f"{count:,} answers were"
        self._tell(
            Failure(
                "answer",
                "",
                f"more than {self._limit:,} answers a second",
                f"{what} not sent to {self._remote}: {self._limit:,} a second is the limit for one address, so that "
                "nobody who forges a sender's address can flood its owner.",
                "If all of this is meant, raise the answer limit among the options.",
            )
        )

    def _tell(self, failure: Failure) -> None:
        record = self._owner.log.note(failure.means, self._number)
        self._owner.report(failure, record, self._number)


def _outline(message: bytes) -> int:
    """What is remembered of a message, to know it again."""
    return hash((len(message), message[:EDGE], message[-EDGE:]))
