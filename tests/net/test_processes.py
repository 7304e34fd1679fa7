from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import explorer
from explorer import worker
from explorer.core.parcels import Parcel
from explorer.net import processes
from explorer.net.processes import Ended, Process, WatchedProcess, command, environment
from explorer.net.reactor import Reactor
from tests.fakes.untraced import untraced

PATIENCE = 15.0


class Loop:
    """A reactor that is run until something is so."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.reactor = Reactor(self.errors.append)
        self.parcels: list[Parcel] = []
        self.ended: list[Ended] = []

    def start(self, *inherit: socket.socket) -> WatchedProcess:
        made = WatchedProcess(self.reactor, Process("test", inherit), self.parcels.append, self.ended.append)
        self.until(lambda: bool(self.parcels))
        return made

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE

        def look() -> None:
            if true() or time.monotonic() > deadline:
                self.reactor.stop()
            else:
                self.reactor.call_later(0.002, look)

        self.reactor._running = True
        look()
        self.reactor.run()
        assert true(), (self.parcels, self.ended, self.errors)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    monkeypatch.setitem(worker.WORK, "test", "tests.fakes.child_work")
    made = Loop()
    yield made
    processes.wait_for_all()
    made.reactor.close()
    assert not made.errors


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_process_answers_and_ends_with_its_status(loop: Loop) -> None:
    child = loop.start()
    assert loop.parcels[0].head["ready"] == child.pid
    assert Path(loop.parcels[0].head["where"]) == Path(explorer.__file__)
    child.send({"do": "answer", "text": "grüße"}, b"\0\xff" * 100_000)
    loop.until(lambda: len(loop.parcels) == 2)
    assert loop.parcels[1] == Parcel({"answer": "grüße"}, b"\0\xff" * 100_000)
    child.send({"do": "end"})
    loop.until(lambda: bool(loop.ended))
    assert loop.ended == [Ended(0, killed=False)]
    assert not psutil.pid_exists(child.pid)
    child.send({"do": "answer"})  # nobody is there: nothing happens


def test_it_gets_no_descriptor_and_few_variables(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_DESKTOP", "x")
    with socket.socket() as ours:
        os.set_inheritable(ours.fileno(), True)
        child = loop.start()
        head = loop.parcels[0].head
        assert set(head["variables"]) <= {*environment(), "LC_CTYPE"}
        if sys.platform == "linux":  # its three standard ones, the socket, and what lists the folder
            assert len(head["open"]) == 5
            assert ours.fileno() not in head["open"]
        child.forget()


@pytest.mark.parametrize("how", ["kill", "forget"])
def test_an_endless_loop_is_killed_with_all_that_it_started(loop: Loop, how: str) -> None:
    child = loop.start()
    child.send({"do": "child"})
    loop.until(lambda: len(loop.parcels) == 2)
    other = loop.parcels[1].head["child"]
    child.send({"do": "spin"})
    with untraced():
        begun = time.monotonic()
        getattr(child, how)()
        assert time.monotonic() - begun < 0.2
    if how == "kill":
        loop.until(lambda: bool(loop.ended))
        assert loop.ended[0].killed
    processes.wait_for_all()
    assert not psutil.pid_exists(child.pid)
    if sys.platform != "win32":
        loop.until(lambda: gone(other))


def test_it_ends_when_our_end_is_closed(loop: Loop) -> None:
    """As the system does it when this program crashes."""
    child = Process("test")
    child.sock.close()
    assert child._popen.wait(PATIENCE) == worker.LOST


def test_one_that_goes_by_itself_tells_its_status(loop: Loop) -> None:
    child = loop.start()
    child.send({"do": "leave"})
    loop.until(lambda: bool(loop.ended))
    assert loop.ended == [Ended(7, killed=False)]
    assert loop.ended[0].how == "with exit status 7"
    assert "SIGKILL" in Ended(-9, True).how or sys.platform == "win32"
    assert Ended(-12345, True).how == "by signal 12345"
    child.kill()  # it is over


def test_a_bug_in_it_comes_back_as_a_traceback(loop: Loop) -> None:
    child = loop.start()
    child.send({"do": "fail"})
    loop.until(lambda: bool(loop.ended))
    assert loop.ended[0].status == 1
    assert "ValueError: as asked" in loop.ended[0].trouble


def test_what_is_held_waits_in_the_process(loop: Loop) -> None:
    child = loop.start()
    child.hold()
    child.send({"do": "flood", "parcels": 200})
    done = threading.Event()
    loop.reactor.call_later(0.1, done.set)
    loop.until(done.is_set)
    assert len(loop.parcels) == 1
    child.hold(False)
    loop.until(lambda: len(loop.parcels) == 201)
    assert [parcel.head["number"] for parcel in loop.parcels[1:]] == list(range(200))
    child.forget()


def test_more_than_it_takes_at_once_waits_here(loop: Loop) -> None:
    child = loop.start()
    for number in range(20):
        child.send({"do": "answer", "text": str(number)}, bytes(1_000_000))
    assert child.waiting > 0
    loop.until(lambda: len(loop.parcels) == 21)
    assert child.waiting == 0
    assert [parcel.head["answer"] for parcel in loop.parcels[1:]] == [str(number) for number in range(20)]
    child.forget()


def test_what_is_no_parcel_ends_it(loop: Loop) -> None:
    child = loop.start()
    child.broke(ValueError("a handler failed"))
    loop.until(lambda: bool(loop.ended))
    assert loop.ended[0].trouble == "a handler failed"


def test_there_is_work_of_known_names_only() -> None:
    with pytest.raises(ValueError, match="no work called"):
        command("other", 3)


def test_the_packaged_program_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command("script", 5) == [sys.executable, "--worker", "script", "5"]


def test_the_packaged_programs_entry_starts_the_work_without_qt(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--worker` comes before everything else."""
    monkeypatch.setattr(processes, "command", lambda name, handle: [
        sys.executable, "-m", "explorer", worker.OPTION, name, str(handle),
    ])  # fmt: skip
    monkeypatch.chdir(Path(explorer.__file__).parents[1])
    child = loop.start()
    child.send({"do": "end"})
    loop.until(lambda: bool(loop.ended))
    assert loop.ended[0].status == 0


def test_a_start_is_quick(loop: Loop) -> None:
    """From the wish to the first word of the child; the best of some, for others use this machine too."""
    with untraced():
        times = []
        for _ in range(4):
            loop.parcels.clear()
            begun = time.perf_counter()
            child = loop.start()
            times.append(time.perf_counter() - begun)
            child.forget()
    assert min(times) < 0.12, times
