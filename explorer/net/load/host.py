"""Loads on behalf of the engine: each is a process of its own, whose reports become events. On the engine's loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from explorer.core.commands import StartLoad
from explorer.core.errors import InputError
from explorer.core.events import Event, LoadProgress
from explorer.core.load import LoadPlan, LoadReport, report_from
from explorer.core.parcels import Parcel
from explorer.net.os_errors import said
from explorer.net.processes import Ended, Process, WatchedProcess
from explorer.net.reactor import Reactor, Timer
from explorer.wire.load_messages import check_plan

PATIENCE = 1.5  # seconds that a run gets to end its connections; then its process is killed


class Loads:
    """The loads under way, by the numbers of their jobs."""

    def __init__(self, reactor: Reactor, emit: Callable[[Event], None]) -> None:
        self.reactor = reactor
        self.emit = emit
        self.running: dict[int, HostedLoad] = {}

    def start(self, command: StartLoad) -> None:
        """Begin it, or tell why that cannot be done."""
        plan = command.plan
        if command.job in self.running:
            return
        try:
            check_plan(plan)
            self.running[command.job] = HostedLoad(self, command.job, plan)
        except InputError as error:
            self._refuse(command, error.message)
        except OSError as error:
            self._refuse(
                command,
                f"The system started no process for the load: {said(error)}. Close some programs or sockets, then try "
                "again.",
            )

    def _refuse(self, command: StartLoad, problem: str) -> None:
        plan = command.plan
        report = LoadReport(plan.clients, plan.total, waiting=plan.clients, problem=problem, end="failed")
        self.emit(LoadProgress(command.job, report))

    def stop(self, job: int) -> None:
        """End it in order. Of a number that is no load's, nothing."""
        found = self.running.get(job)
        if found is not None:
            found.stop()

    def close(self) -> None:
        """The engine ends: kill them all, tell nobody."""
        for load in tuple(self.running.values()):
            load.child.forget()
        self.running.clear()


class HostedLoad:
    """One load and its process."""

    def __init__(self, loads: Loads, job: int, plan: LoadPlan) -> None:
        self._loads = loads
        self._job = job
        self._killer: Timer | None = None
        self._last = LoadReport(plan.clients, plan.total, waiting=plan.clients)
        self.child = WatchedProcess(loads.reactor, Process("load"), self._told, self._ended)
        self.child.send(plan.to_json())

    def stop(self) -> None:
        if self._killer is None:
            self.child.send({"stop": True})
            self._killer = self._loads.reactor.call_later(PATIENCE, self.child.kill)

    def _told(self, parcel: Parcel) -> None:
        """Its last report waits until the process is gone: a run that is over leaves nothing behind."""
        self._last = report_from(parcel.head)
        if not self._last.over:
            self._loads.emit(LoadProgress(self._job, self._last))

    def _ended(self, ended: Ended) -> None:
        if self._killer is not None:
            self._killer.cancel()
        self._loads.running.pop(self._job, None)
        last = self._last
        if not last.over and ended.killed and self._killer is not None:
            last = replace(last, end="stopped")  # it did not get to its last report in time
        elif not last.over:
            why = ended.trouble.strip().rpartition("\n")[2]
            last = replace(
                last,
                end="failed",
                problem=f"The process that made the load ended {ended.how} before it was done"
                + (f" ({why})." if why else ".")
                + " What it had counted by then stands here; start it again.",
            )
        self._loads.emit(LoadProgress(self._job, last))
