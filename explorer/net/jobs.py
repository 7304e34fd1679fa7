"""Sending as the user sees it: a job is one Send or SendFile, perhaps to many connections, with its progress."""

from __future__ import annotations

import time
from collections.abc import Callable

from explorer.core.events import Event, SendProgress
from explorer.net.reactor import Reactor, Timer

INTERVAL = 0.05  # seconds between two reports of one job


class Job:
    """One job. It ends when each of its parts (one per connection) is sent, dropped or taken back."""

    def __init__(self, jobs: Jobs, number: int, socket: int, total: int) -> None:
        self._jobs = jobs
        self._reported = 0.0
        self._timer: Timer | None = None
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
        if self._timer is None:
            wait = self._reported + INTERVAL - time.monotonic()
            if wait <= 0:
                self._report()
            else:
                self._timer = self._jobs.reactor.call_later(wait, self._report)

    def part_done(self, problem: str = "", parts: int = 1) -> None:
        """Parts are over; problem: why one ended before it was sent."""
        if self.over:
            return
        self.problem = self.problem or problem
        self._parts -= parts
        if self.over:
            if self._timer is not None:
                self._timer.cancel()
            self._jobs.forget(self)
            self._jobs.emit(SendProgress(self.number, self.socket, self.sent, self.total, True, self.problem))

    def _report(self) -> None:
        self._timer = None
        if not self.over and self._parts and self.sent < self.total:
            self._reported = time.monotonic()
            self._jobs.emit(SendProgress(self.number, self.socket, self.sent, self.total, False))


class Jobs:
    """The jobs under way, by number."""

    def __init__(self, reactor: Reactor, emit: Callable[[Event], None]) -> None:
        self.reactor = reactor
        self.emit = emit
        self._open: dict[int, Job] = {}

    def start(self, number: int, socket: int, total: int) -> Job:
        job = Job(self, number, socket, total)
        self._open[number] = job
        return job

    def find(self, number: int) -> Job | None:
        return self._open.get(number)

    def forget(self, job: Job) -> None:
        if self._open.get(job.number) is job:
            del self._open[job.number]
