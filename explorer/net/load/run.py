"""A load under way: its clients, its clock, its loop. It runs on one thread of whatever process calls `run`."""

from __future__ import annotations

import contextlib
import gc
import heapq
import selectors
import socket
import sys
import time
from collections import deque
from collections.abc import Callable

from explorer.core.load import End, LoadPlan, LoadReport
from explorer.net.limits import raise_open_files
from explorer.net.load.client import LoadClient, Stage
from explorer.net.load.counting import SECOND, Counting
from explorer.net.load.tcp import TcpLoadClient
from explorer.net.load.udp import UdpLoadClient
from explorer.net.os_errors import explain
from explorer.net.reactor import MOST_WATCHED
from explorer.net.resolver import Addresses, look_up, numeric
from explorer.wire.load_messages import check_plan

EVERY = SECOND // 10  # nanoseconds between two reports
SLICE = 200  # clients that begin, or messages that are sent, before the sockets are looked at again
KEPT = 32  # files that this process keeps for itself
LARGE, SMALL = 65_536, 4_096  # bytes read at once
BURST = 100_000_000  # nanoseconds of messages that are sent at once, at most, when they are behind their time


class LoadRun:
    """One run of a plan. `run` once; `stop` from any thread.

    tell: told of each report, on the thread of `run`; the last one has an `end`.
    most_files: sockets that may be open at a time; None: as many as the system gives this process.
    Raises InputError when the plan cannot be carried out.
    """

    def __init__(self, plan: LoadPlan, tell: Callable[[LoadReport], None], most_files: int | None = None) -> None:
        self.plan = plan
        self.messages = check_plan(plan)
        self.waits = plan.answers != "none"
        self.timeout = plan.timeout * SECOND
        self.piece = LARGE if self.messages.largest > SMALL // 2 else SMALL
        self.addresses: Addresses = []
        self.best = 0  # the address that answered last
        self.ready: deque[LoadClient] = deque()  # those that may send
        self.held: list[LoadClient] = []
        self.counting = Counting(plan, time.perf_counter_ns())
        self._tell = tell
        self._kind = TcpLoadClient if plan.transport == "tcp" else UdpLoadClient
        self._room = most_files or _most_files()
        self._selector = selectors.DefaultSelector()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, None)
        self._clients: dict[int, LoadClient] = {}  # begun and not over
        self._deadlines: list[tuple[int, int, LoadClient]] = []
        self._begun = 0  # clients
        self._started = 0  # messages
        self._clock = 0  # when the first message was due
        self._forgiven = 0  # messages that will not be caught up with
        self._told = 0
        self._stopping = False
        self._stopped = False

    def stop(self) -> None:
        """End all connections in order; `run` returns within a second. From any thread."""
        self._stopping = True
        with contextlib.suppress(OSError):  # a wake-up is on its way already, or the run is over
            self._wake_out.send(b"\0")

    def run(self) -> None:
        """Work until all clients are over."""
        problem = ""
        try:
            problem = self._prepare()
            while not problem and (self._clients or (self._begun < self.plan.clients and not self._stopped)):
                self._turn()
        finally:
            for client in tuple(self._clients.values()):
                client.close()
            self._selector.close()
            self._wake_in.close()
            self._wake_out.close()
        self._report(time.perf_counter_ns(), "failed" if problem else "stopped" if self._stopping else "done", problem)

    def _prepare(self) -> str:
        """Find the addresses and see what is possible. What is in the way, as a sentence."""
        plan = self.plan
        kind = socket.SOCK_STREAM if plan.transport == "tcp" else socket.SOCK_DGRAM
        try:
            self.addresses = numeric(plan.endpoint, kind) or look_up(plan.endpoint, kind)
        except OSError as error:
            return explain(error, "getaddrinfo", plan.endpoint).sentence
        if plan.clients > self._room:
            allowed = f"This system lets one program have {self._room:,} sockets open"
            if plan.hold:
                return (
                    f"{allowed}, and {plan.clients:,} clients cannot stay connected until all are done. Take at most "
                    f"{self._room:,} clients, let them go when they are done, or raise the limit (ulimit -n)."
                )
            self.counting.notes.append(
                f"{allowed}: at most so many clients are connected at one time, and the others follow as these end."
            )
        gc.freeze()  # what is here stays; the collector need not look at it while clients come and go
        return ""

    # -- the loop -----------------------------------------------------------------------------------

    def _turn(self) -> None:
        for key, events in self._selector.select(self._patience()):
            client: LoadClient | None = key.data
            if client is None:
                with contextlib.suppress(OSError):
                    self._wake_in.recv(64)
            elif client.stage is not Stage.OVER:
                client.ready(events)
        now = time.perf_counter_ns()
        if self._stopping:
            self._wind_up()
        else:
            self._begin_clients(now)
            self._send(now)
        self._expire(now)
        if self.held and self.counting.done + self.counting.failed == self.plan.clients:
            held, self.held = self.held, []
            for client in held:
                if client.stage is Stage.HELD:
                    client.finish()
        if now - self._told >= EVERY:
            self._report(now)

    def _patience(self) -> float:
        """Seconds that the loop may sleep."""
        now = time.perf_counter_ns()
        until = self._told + EVERY
        if self._deadlines:
            until = min(until, self._deadlines[0][0])
        if not self._stopping:
            if self.ready:
                until = min(until, self._next_due(now))
            if self._begun < self.plan.clients:
                until = min(until, self._next_begin(now))
        return max(0, until - now) / SECOND

    def _wind_up(self) -> None:
        """Once: nobody begins or sends any more, and those that are connected end."""
        if self._stopped:
            return
        self._stopped = True
        self.ready.clear()
        self.held.clear()
        for client in tuple(self._clients.values()):
            if client.stage is Stage.CONNECTING:
                self.counting.connecting -= 1
                self.counting.waiting += 1
                client.close()
            elif client.stage < Stage.CLOSING:
                client.finish()

    # -- clients begin ------------------------------------------------------------------------------

    def _allowed(self, now: int) -> int:
        """How many clients may have begun by now."""
        plan = self.plan
        if plan.connect == "in_turn":
            most = self._begun + (not self._clients)
        elif plan.connect == "per_second":
            most = 1 + (now - self.counting.begun) * plan.per_second // SECOND
        else:
            most = plan.clients
        return min(most, plan.clients, self._begun + self._room - len(self._clients))

    def _next_begin(self, now: int) -> int:
        """When the next client may begin, as far as the clock decides that."""
        if self._begun < self._allowed(now):
            return now
        if self.plan.connect == "per_second" and len(self._clients) < self._room:
            return self.counting.begun + self._begun * SECOND // self.plan.per_second + 1
        return now + SECOND

    def _begin_clients(self, now: int) -> None:
        for _ in range(min(SLICE, self._allowed(now) - self._begun)):
            client = self._kind(self, self._begun)
            self._begun += 1
            self.counting.waiting -= 1
            self.counting.connecting += 1
            self._clients[client.number] = client
            client.begin()

    # -- messages are sent --------------------------------------------------------------------------

    def _scheduled(self, now: int) -> int:
        """Messages that should have been sent by now at the wanted rate."""
        if not self.plan.rate or not self._clock:
            return 0
        return min(self.plan.total, 1 + (now - self._clock) * self.plan.rate // SECOND)

    def _next_due(self, now: int) -> int:
        """When the next message is due."""
        if not self.plan.rate or not self._clock:
            return now
        return self._clock + (self._started + self._forgiven) * SECOND // self.plan.rate + 1

    def _send(self, now: int) -> None:
        if not self.ready:
            return
        rate = self.plan.rate
        count = len(self.ready)
        if rate:
            self._clock = self._clock or now
            due = 1 + (now - self._clock) * rate // SECOND - self._started - self._forgiven
            most = max(1, rate * BURST // SECOND)
            if due > most:  # they were all busy: what is missed is not sent in one great burst
                self._forgiven += due - most
                due = most
            count = min(count, due)
        for _ in range(min(count, SLICE)):
            client = self.ready.popleft()
            if client.stage is Stage.READY:
                self._started += 1
                client.send_next()

    # -- what clients ask for -----------------------------------------------------------------------

    def watch(self, client: LoadClient, events: int) -> None:
        """Tell the client of these events from now on."""
        assert client.sock is not None
        try:
            self._selector.modify(client.sock, events, client)
        except KeyError:
            self._selector.register(client.sock, events, client)

    def unwatch(self, client: LoadClient) -> None:
        """Close its present socket."""
        if client.sock is not None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(client.sock)
            client.sock.close()
            client.sock = None

    def forget(self, client: LoadClient) -> None:
        """It is over."""
        self.unwatch(client)
        self._clients.pop(client.number, None)

    def set_deadline(self, client: LoadClient, moment: int) -> None:
        """Have it expire at a moment of the clock, unless it sets another one, or none (0), before.

        A client has one place in the list; when that comes up too early, it gets another. So the list does not grow
        with the messages.
        """
        client.deadline = moment
        if not client.listed or client.listed > moment:
            client.listed = moment
            heapq.heappush(self._deadlines, (moment, client.number, client))

    def _expire(self, now: int) -> None:
        while self._deadlines and self._deadlines[0][0] <= now:
            moment, _, client = heapq.heappop(self._deadlines)
            if moment != client.listed:
                continue  # it got an earlier place
            client.listed = 0
            if client.deadline > now:
                self.set_deadline(client, client.deadline)
            elif client.deadline:
                client.deadline = 0
                client.expire()

    def _report(self, now: int, end: End = "", problem: str = "") -> None:
        self._told = now
        self._tell(self.counting.report(now, self._scheduled(now), end, problem))


def _most_files() -> int:
    """Sockets that this process can have open and wait for."""
    if sys.platform == "win32":
        return MOST_WATCHED
    _, now = raise_open_files()
    return now - KEPT if now > KEPT else 1 << 30
