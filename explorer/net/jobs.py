"""Sending as the user sees it: a job is one Send, SendFile or Repeat, to one or many connections, with progress."""

from __future__ import annotations

import time
from collections.abc import Callable

from explorer.core.events import Event, SendProgress
from explorer.net.reactor import Reactor, Timer

INTERVAL = 0.05  # seconds between two reports of one job


class Job:
    """One job. It ends when each of its parts (one per connection) is sent, dropped or taken back.

    sent: bytes that the system took, over all connections.
    """

    interval = INTERVAL

    def __init__(self, jobs: Jobs, number: int, socket: int, total: int) -> None:
        self.jobs = jobs
        self._asked = time.perf_counter()
        self._reported = 0.0
        self._report_timer: Timer | None = None
        self._parts = 1  # one is the starter's own, done when all others are added
        self.number = number
        self.socket = socket
        self.total = total
        self.sent = 0
        self.problem = ""

    @property
    def over(self) -> bool:
        return self._parts <= 0

    def add_part(self) -> None:
        self._parts += 1

    def progress(self, size: int) -> None:
        """So many bytes more were taken by the system."""
        self.sent += size
        self.report_soon()

    def part_done(self, problem: str = "", parts: int = 1) -> None:
        """Parts are over; problem: why one ended before it was sent."""
        if self.over:
            return
        self.problem = self.problem or problem
        self._parts -= parts
        if self.over:
            self.finish(self._progress(done=True))

    def peer_left(self, problem: str) -> None:
        """A connection of its socket closed; problem: why, as a sentence. What waited on it was told already."""

    # -- reports ------------------------------------------------------------------------------------

    def news(self) -> Event | None:
        """How far it is; None when the end, which is told anyway, is about to come."""
        if self.sent >= self.total:
            return None
        return self._progress(done=False)

    def _progress(self, done: bool) -> SendProgress:
        seconds = time.perf_counter() - self._asked
        problem = self.problem if done else ""
        return SendProgress(self.number, self.socket, self.sent, self.total, done, problem, seconds)

    def report_soon(self) -> None:
        """Tell the news now, or an interval after the last ones."""
        if self._report_timer is not None or self.over:
            return
        wait = self._reported + self.interval - time.perf_counter()
        if wait <= 0:
            self._report()
        else:
            self._report_timer = self.jobs.reactor.call_later(wait, self._report)

    def finish(self, last: Event) -> None:
        """It is over: tell the last news."""
        if self._report_timer is not None:
            self._report_timer.cancel()
        self.jobs.forget(self)
        self.jobs.emit(last)

    def _report(self) -> None:
        self._report_timer = None
        news = None if self.over else self.news()
        if news is not None:
            self._reported = time.perf_counter()
            self.jobs.emit(news)


class Jobs:
    """The jobs under way, by number."""

    def __init__(self, reactor: Reactor, emit: Callable[[Event], None]) -> None:
        self.reactor = reactor
        self.emit = emit
        self._open: dict[int, Job] = {}

    def start(self, number: int, socket: int, total: int) -> Job:
        return self.open(Job(self, number, socket, total))

    def open(self, job: Job) -> Job:
        self._open[job.number] = job
        return job

    def find(self, number: int) -> Job | None:
        return self._open.get(number)

    def forget(self, job: Job) -> None:
        if self._open.get(job.number) is job:
            del self._open[job.number]

    def peer_left(self, socket: int, problem: str) -> None:
        """A connection of this socket is not among its peers any more; problem: why, as a sentence."""
        for job in tuple(self._open.values()):
            if job.socket == socket:
                job.peer_left(problem)
