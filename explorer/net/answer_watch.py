"""Keeps what answers by itself from answering for ever, and from flooding somebody.

Four things are looked at, for each connection (of UDP: each peer) whose program answers:

1. Is the other end a socket of ours that answers too, or a service that answers everything (`explorer.net.loops`)?
   Then nothing is answered.
2. Does the other end send our own answers back? An echo does, without end. What gives it away are very many receives
   one after the other, faster than people are, of nothing but our answers (`explorer.net.returned`).
3. Is there something to answer without end, whatever it is? Two programs with rules for each other's answers look just
   like a client that measures us, which asks again once it was answered. So they are not stopped: after very many, and
   then for as long as there is no pause, each is answered a moment later.
4. Over UDP, how many answers a second does one host get (`explorer.net.answer_limit`)?

Of 2 and 3, somebody who streams does not wait for us, and is neither. So, before it is decided, one answer is held back
for a moment: who sends more meanwhile than was under way does not wait.

What is not answered is told: once for a loop, at most once a second for a limit. Whenever the program is set, all is
judged anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketSpec
from explorer.net.answer_limit import AnswerLimits
from explorer.net.call_log import CallLog
from explorer.net.loops import Loops, answers_everything, would_never_end
from explorer.net.returned import FRAME, Returned
from explorer.programs.api import Action, Send, Tell, Wait

MOST_RETURNED = 100_000  # receives one after the other of what we answered, before that is called a loop
MOST_ANSWERED = {  # receives above BRISK that wait for our answers, before those are slowed, …
    "client": 25_000,  # … of somebody we went to, who is seldom there to measure us
    "server": 1_000_000,
}
BRISK = 1_000_000  # nanoseconds between two receives; slower ones do no harm, be they without end
SLOWED = 0.001  # seconds that an answer waits then
FAST = 50_000_000  # nanoseconds between two messages; people are slower
HELD_BACK = 0.25  # seconds in which a stream that does not wait for answers goes on
SETTLED = 0.15  # seconds in which nothing came of what was under way: all is there
LOOKS = 6  # at whether all is there
MOST_SAME = 2  # times that as much was under way as before
MOST_LOOKS = 8  # at how much is under way, before they become seldom
BETWEEN = 1000  # receives between two of them
MOST_UNREAD = 4 << 20  # bytes under way that are counted
FEW = 4096  # bytes that are under way at once where programs answer each other
PATIENCE = 10  # times as many are looked at before the next time that one is held back
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
        "_busy", "_came", "_circles", "_count", "_full", "_last", "_limits", "_looks", "_loops", "_most", "_most_busy",
        "_number", "_owner", "_pause", "_refused", "_remote", "_returned", "_same", "_slowed", "_unread", "_version",
    )  # fmt: skip

    def __init__(
        self,
        loops: Loops,
        owner: Owner,
        number: int,
        remote: Endpoint,
        unread: Callable[[int], int],
        limits: AnswerLimits | None = None,
        full: Callable[[], bool] = lambda: False,
    ) -> None:
        """number, remote: of the connection. unread: how many bytes, up to so many, came that were not looked at yet,
        with those of the last receive; 0 where nothing came since, and as many as that where it cannot be told.
        limits: of the socket, where there are any. full: whether what is sent now is thrown away anyway, so that it
        does not count."""
        self._loops = loops
        self._owner = owner
        self._number = number
        self._remote = remote
        self._unread = unread
        self._limits = limits
        self._full = full
        self._last = -2 * SECOND  # when the last message came
        self.restart()

    def restart(self) -> None:
        """The program was set again: everything is judged anew."""
        self._version = -1
        self._refused = False  # the other end is ours
        self._circles = False
        self._slowed = False
        self._count = 0  # receives one after the other that may be of answers of ours …
        self._returned: Returned | None = None  # … which the last of them have to prove
        self._most = MOST_RETURNED
        self._pause = 0  # the count before which nothing is held back again
        self._looks = 0  # while an answer was held back and more was under way than was known …
        self._came = 0  # … which was so much at the last look …
        self._same = 0  # … and at so many before
        self._busy = 0.0  # receives above BRISK
        self._most_busy = MOST_ANSWERED[self._owner.spec.role]

    def screened(self, message: bytes, time: int, actions: Iterable[Action]) -> Iterator[Action]:
        """Those actions in answer to a message that may be carried out."""
        before = self._last
        if self._hear(message, time):
            yield from self._hold_back(len(message))
        elif self._slowed and time != before:
            yield Wait(SLOWED)
        yield from self.allowed(actions)

    def allowed(self, actions: Iterable[Action]) -> Iterator[Action]:
        """What else comes in answer to the last message."""
        for action in actions:
            if not isinstance(action, Send | Tell):
                yield action
            elif self._allows(action):
                if self._returned is not None:
                    self._returned.answered(action.payload)
                yield action

    def _allows(self, action: Send | Tell) -> bool:
        if self._version != self._loops.version:
            self._look_for_partner()
        if self._refused or self._circles:
            return False
        if self._limits is None or (isinstance(action, Send) and self._full()):
            return True
        return self._limits.allows(self._remote.host, self._last, self._number)

    def _look_for_partner(self) -> None:
        self._version = self._loops.version
        pair = self._loops.pair(self._owner.number, self._remote)
        failure = would_never_end(*pair, self._remote) if pair else answers_everything(self._owner.spec, self._remote)
        if failure is not None and not self._refused:
            self._tell(failure)
        self._refused = failure is not None

    # -- what never ends ----------------------------------------------------------------------------

    def _hear(self, message: bytes, time: int) -> bool:
        """A message came. Whether it is time to find out whether the other end waits for us."""
        passed, self._last = time - self._last, time
        if passed > FAST:
            self._count, self._returned = 0, None
            if passed > SECOND:
                self._busy, self._slowed = 0.0, False
        elif passed:  # else it came with the one before
            self._count += 1
            busy = self._busy + 1.0 - passed / BRISK
            self._busy = busy if busy > 0.0 else 0.0
        if self._returned is not None:
            if not self._returned.heard(message):
                self._count, self._returned = 0, None
        elif self._count > self._most >> 6:  # so that nothing is remembered of those who ask a few times
            self._returned = Returned()
        return not self._circles and (self._is_returned or (self._busy >= self._most_busy and not self._slowed))

    @property
    def _is_returned(self) -> bool:
        back = self._returned
        if back is None or self._count < self._pause:
            return False
        if self._count >= self._most:
            return back.matched >= self._most >> 2
        return back.matched >= self._most and self._count >= self._most >> 5  # many came with each receive

    def _hold_back(self, size: int) -> Iterator[Action]:
        """An answer to a message of so many bytes, for a moment. Then it is decided."""
        yield Wait(HELD_BACK)
        came, before = self._unread(MOST_UNREAD), -1
        for _ in range(LOOKS):
            if came in (0, before):
                break
            yield Wait(SETTLED)
            before, came = came, self._unread(MOST_UNREAD)
        goes_on = came not in (0, before) or came >= MOST_UNREAD
        if self._is_returned and self._returned is not None:
            if not goes_on and came > self._returned.under_way + size + FRAME and not self._is_the_same(came):
                return
            self._judge_returned(goes_on)
        elif self._busy >= self._most_busy:
            back, goes_on = self._returned, goes_on or came > FEW
            if back is not None and back.matched >= self._most_busy >> 1 and not goes_on:
                self._judge_returned(goes_on)
            else:
                self._judge_busy(goes_on)

    def _is_the_same(self, came: int) -> bool:
        """Where one message is like the other, nobody can say which of them is back, and so how much is under way. But
        of what goes in a circle nothing is lost and nothing is added: it is as much each time, to the byte."""
        self._looks += 1
        self._same = self._same + 1 if came == self._came else 0
        self._came = came
        if self._same >= MOST_SAME:
            return True
        self._pause = self._count + BETWEEN
        if self._looks % MOST_LOOKS == 0:
            self._most *= PATIENCE
        return False

    def _judge_returned(self, goes_on: bool) -> None:
        """goes_on: the other end does not wait for us."""
        count = max(self._count, self._returned.matched if self._returned is not None else 0)
        self._count, self._pause, self._returned = 0, 0, None
        if goes_on:
            self._most *= PATIENCE
            return
        self._circles = True
        name = self._owner.spec.name
        self._tell(
            Failure(
                "answer",
                "",
                f"{self._remote} sends every answer back",
                f'{self._remote} sent {count:,} answers of "{name}" back to it, one after the other and each at once, '
                f'so both sides answer by themselves and this would never end. "{name}" does not answer it any more.',
                f'Let only one side answer. To let "{name}" answer again, start it again, or set its program to none '
                "and back.",
            )
        )

    def _judge_busy(self, goes_on: bool) -> None:
        most, self._busy = self._most_busy, 0.0
        if goes_on:
            self._most_busy *= PATIENCE
            return
        self._slowed = True
        name = self._owner.spec.name
        self._tell(
            Failure(
                "answer",
                "",
                f"{self._remote} answers every answer",
                f'"{name}" answered {self._remote} more than {most:,} times without a pause, and each answer brought '
                "the next message at once. If both sides answer by themselves, this never ends. So the answers are "
                "slowed now, to at most 1,000 a second.",
                f'If nobody meant this, set the program of "{name}" to none. If it is a measurement, set the program '
                "to none and back: then the answers are not slowed until it went on for as long again.",
            )
        )

    def tell_unanswered(self) -> None:
        """Say how many answers the limit kept back since it was said last."""
        if self._limits is not None:
            self._limits.tell()

    def _tell(self, failure: Failure) -> None:
        record = self._owner.log.note(failure.means, self._number)
        self._owner.report(failure, record, self._number)
