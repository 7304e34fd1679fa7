"""How many answers a second a UDP socket sends to one host: a sender's address may be forged, and its owner must not
be flooded.

The limit is the host's, whatever ports the datagrams come from, and it outlives what is known of a peer. It also ends
two programs that answer each other over UDP: the first answer that is kept back is one that nobody answers any more. So
it is told soon after, without waiting for another datagram, and then at most once a second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from explorer.core.failure import Failure
from explorer.core.socket_spec import DEFAULT_ANSWER_LIMIT, SocketSpec
from explorer.net.call_log import CallLog
from explorer.net.reactor import Timer

MOST_HOSTS = 10_000  # whose answers are counted at once; the one answered longest ago is forgotten
SOON = 0.5  # seconds until the first answer that was kept back is told
AGAIN = 1.0  # seconds until the next are
SECOND = 1_000_000_000


class Owner(Protocol):
    """The socket."""

    spec: SocketSpec
    log: CallLog

    def report(self, failure: Failure, record: int = -1, connection: int = 0) -> None: ...


class AnswerLimits:
    """Of one socket. Times are nanoseconds of the capture's clock; each host may have the answers of one second at
    once."""

    def __init__(self, owner: Owner, call_later: Callable[[float, Callable[[], None]], Timer]) -> None:
        given = owner.spec.options.answer_limit
        self.limit = DEFAULT_ANSWER_LIMIT if given is None else given
        self._owner = owner
        self._call_later = call_later
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._kept_back: dict[str, int] = {}  # answers that were not told yet, by host
        self._connection = 0  # the last one that they were kept back from
        self._timer: Timer | None = None

    def allows(self, host: str, time: int, connection: int) -> bool:
        """Whether another answer may be sent there now; if not, that is counted, and told."""
        if not self.limit:
            return True
        found = self._hosts.get(host)
        if found is None:
            found = self._hosts[host] = _Host(float(self.limit), time)
            if len(self._hosts) > MOST_HOSTS:
                self._hosts.popitem(last=False)
        else:
            self._hosts.move_to_end(host)
            if time > found.time:
                found.tokens = min(float(self.limit), found.tokens + (time - found.time) * self.limit / SECOND)
                found.time = time
        if found.tokens >= 1:
            found.tokens -= 1
            return True
        self._kept_back[host] = self._kept_back.get(host, 0) + 1
        self._connection = connection
        if self._timer is None:
            self._timer = self._call_later(SOON, self._tell_in_time)
        return False

    def _tell_in_time(self) -> None:
        self._timer = None
        if self._kept_back:
            self.tell()
            self._timer = self._call_later(AGAIN, self._tell_in_time)

    def tell(self) -> None:
        """Say now how many answers were kept back since it was said last."""
        kept_back, self._kept_back = self._kept_back, {}
        if not kept_back:
            return
        count = sum(kept_back.values())
        what = "1 answer was" if count == 1 else f"{count:,} answers were"
        whom = next(iter(kept_back)) if len(kept_back) == 1 else f"{len(kept_back):,} addresses"
        failure = Failure(
            "answer",
            "",
            f"more than {self.limit:,} answers a second",
            f"{what} not sent to {whom}: {self.limit:,} a second is the limit for one address, so that nobody who "
            "forges a sender's address can flood its owner, and so that two programs that answer each other come to "
            "an end.",
            "If both sides answer by themselves, set the program of one to none. If all of this is meant, raise the "
            "answer limit among the options.",
        )
        self._owner.report(failure, self._owner.log.note(failure.means, self._connection), self._connection)

    def close(self) -> None:
        """The socket is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.tell()


class _Host:
    """tokens: answers that it may have at once. time: when they were counted."""

    __slots__ = ("time", "tokens")

    def __init__(self, tokens: float, time: int) -> None:
        self.tokens = tokens
        self.time = time
