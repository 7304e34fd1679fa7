"""Loads that the engine hosts: each a process of its own, gone when it is over, stopped, or the engine ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from explorer.core.commands import StartLoad
from explorer.core.events import LoadProgress
from explorer.core.load import LoadPlan
from explorer.core.parcels import pack
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.net.processes import Process
from explorer.worker import LOST
from tests.fakes.running_engine import RunningEngine
from tests.net.load.answering import Server, echo


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "capture") as made:
        yield made


def children() -> list[psutil.Process]:
    return psutil.Process().children()


def start(running: RunningEngine, plan: LoadPlan, job: int = 77) -> int:
    running.post(StartLoad(plan, job))
    return job


def over(running: RunningEngine, job: int = 77) -> LoadProgress:
    return running.wait(LoadProgress, lambda event: event.job == job and event.report.over)


def test_a_load_on_one_of_our_servers(running: RunningEngine) -> None:
    _, where = running.listen(SocketSpec("echo", program=Choice("echo")))
    start(running, LoadPlan("tcp", where.host, where.port, clients=20, messages=10))
    report = over(running).report
    assert (report.end, report.answered, report.failed) == ("done", 200, 0)
    assert running.tally.received == 200 * 64
    assert not children()


def test_it_is_stopped_and_its_process_is_gone(running: RunningEngine) -> None:
    with Server(echo) as server:
        job = start(running, LoadPlan("tcp", "127.0.0.1", server.port, clients=20, messages=1_000_000))
        running.wait(LoadProgress, lambda event: event.report.answered > 100)
        asked = time.monotonic()
        running.cancel(job)
        report = over(running).report
        assert time.monotonic() - asked < 1.5
    assert report.end == "stopped"
    assert server.ends == ["eof"] * 20
    assert not children()


def test_one_whose_process_is_killed_says_so(running: RunningEngine) -> None:
    with Server(echo) as server:
        start(running, LoadPlan("tcp", "127.0.0.1", server.port, clients=5, messages=1_000_000))
        running.wait(LoadProgress, lambda event: event.report.answered > 10)
        os.kill(children()[0].pid, signal.SIGKILL)
        report = over(running).report
    assert report.end == "failed"
    assert "ended by the signal SIGKILL" in report.problem
    assert report.answered > 10


def test_the_end_of_the_engine_ends_it(tmp_path: Path) -> None:
    with Server(echo) as server:
        with RunningEngine(tmp_path / "capture") as running:
            start(running, LoadPlan("tcp", "127.0.0.1", server.port, clients=5, messages=1_000_000))
            running.wait(LoadProgress, lambda event: event.report.answered > 10)
            process = children()[0]
        assert process.wait(5) is not None or not process.is_running()


def test_a_plan_that_cannot_be_carried_out_is_refused(running: RunningEngine) -> None:
    start(running, LoadPlan("tcp", "0.0.0.0", 9000))
    assert "127.0.0.1" in over(running).report.problem
    start(running, LoadPlan("tcp", "127.0.0.1", 9000, begin="too long", size=2), job=78)
    report = over(running, 78).report
    assert (report.end, report.waiting, report.sent) == ("failed", 100, 0)
    assert not children()


def test_two_at_one_time(running: RunningEngine) -> None:
    with Server(echo) as one, Server(echo, "udp") as other:
        start(running, LoadPlan("tcp", "127.0.0.1", one.port, clients=5, messages=50), job=1001)
        start(running, LoadPlan("udp", "127.0.0.1", other.port, clients=5, messages=50), job=1002)
        assert over(running, 1001).report.answered == 250
        assert over(running, 1002).report.answered == 250


def test_it_ends_when_nobody_listens_any_more() -> None:
    """As after a crash of the program."""
    with Server(echo) as server:
        process = Process("load")
        plan = LoadPlan("tcp", "127.0.0.1", server.port, clients=5, messages=1_000_000)
        process.sock.sendall(pack(plan.to_json()))
        process.sock.settimeout(10)
        assert process.sock.recv(65_536)  # it works
        assert process.reap() == LOST
        assert not process.killed
