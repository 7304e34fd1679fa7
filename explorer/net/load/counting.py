"""Counts what the clients of a load do, and makes a report of it."""

from __future__ import annotations

from collections import deque

from explorer.core.failure import Failure
from explorer.core.latency import LatencyCount
from explorer.core.load import End, Failed, LoadPlan, LoadReport

SECOND = 1_000_000_000
RECENT = SECOND  # nanoseconds over which the present rate is measured
MOST_KINDS = 50  # of failures that are told apart


class Counting:
    """Times are nanoseconds of `time.perf_counter_ns`. The clients count up its fields themselves."""

    def __init__(self, plan: LoadPlan, now: int) -> None:
        self._plan = plan
        self.begun = now
        self.waiting = plan.clients
        self.connecting = self.open = self.done = self.failed = self.connections = self.peak = 0
        self.sent = self.answered = self.wrong = self.lost = self.late = self.unasked = self.settled = 0
        self.bytes_sent = self.bytes_received = 0
        self.first_sent = self.last_settled = 0
        self.latencies = LatencyCount()
        self.connects = LatencyCount()
        self.notes: list[str] = []
        self._failures: dict[Failure, int] = {}
        self._lately: deque[tuple[int, int]] = deque()

    def connected(self, took: int) -> None:
        """A connect was established after so many nanoseconds."""
        self.connects.add(took)
        self.connecting -= 1
        self.open += 1
        self.connections += 1
        self.peak = max(self.peak, self.connections)

    def fail(self, failure: Failure) -> None:
        """A client gave up because of this."""
        self.failed += 1
        if failure not in self._failures and len(self._failures) >= MOST_KINDS:
            failure = Failure("", "", "", "Clients failed in further ways.", "The first ones are listed.")
        self._failures[failure] = self._failures.get(failure, 0) + 1

    def report(self, now: int, scheduled: int, end: End = "", problem: str = "") -> LoadReport:
        """scheduled: messages that should have been sent by now; 0 without a rate."""
        counted = self.sent if self._plan.answers == "none" else self.answered + self.wrong
        self._lately.append((now, counted))
        while len(self._lately) > 2 and self._lately[1][0] <= now - RECENT:
            self._lately.popleft()
        then, before = self._lately[0]
        return LoadReport(
            clients=self._plan.clients,
            total=self._plan.total,
            waiting=self.waiting,
            connecting=self.connecting,
            open=self.open,
            done=self.done,
            failed=self.failed,
            connections=self.connections,
            sent=self.sent,
            answered=self.answered,
            wrong=self.wrong,
            lost=self.lost,
            late=self.late,
            unasked=self.unasked,
            settled=self.settled,
            bytes_sent=self.bytes_sent,
            bytes_received=self.bytes_received,
            seconds=(now - self.begun) / SECOND,
            sending=max(0, self.last_settled - self.first_sent) / SECOND,
            recent=(counted - before) * SECOND / (now - then) if now > then and not end else 0.0,
            behind=max(0, scheduled - self.sent),
            peak=self.peak,
            latencies=self.latencies.snapshot(),
            connects=self.connects.snapshot(),
            failures=tuple(
                Failed(failure, count) for failure, count in sorted(self._failures.items(), key=lambda one: -one[1])
            ),
            notes=tuple(self.notes),
            problem=problem,
            end=end,
        )
