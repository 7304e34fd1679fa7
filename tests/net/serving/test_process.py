"""What is special about a process for each client."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from explorer.core.calls import CallKind
from explorer.core.commands import SetProgram
from explorer.core.events import AcceptPaused, ConnectionClosed, ConnectionOpened, SocketFailed
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import processes
from explorer.net.serving import process as serving_process
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, port_of, read, read_all

LINE, ECHO = Choice("line"), Choice("echo")


def spec(most: int = 8, program: Choice = ECHO, **more: object) -> SocketSpec:
    serving = Choice("process", {"most": most})
    return SocketSpec("server", framing=LINE, program=program, serving=serving, **more)  # type: ignore[arg-type]


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


@pytest.fixture(autouse=True)
def none_is_left() -> Iterator[None]:
    yield
    processes.wait_for_all()
    assert not children()


def pid_of(running: RunningEngine, connection: int) -> int:
    [worker] = [call for call in running.calls(CallKind.worker) if call.connection == connection]
    detail = running.reader.detail(worker)
    assert detail["kind"] == "process"
    assert detail["worker"] == f"process client-{connection}"
    return int(detail["id"])


def connection_of(running: RunningEngine, peer: socket.socket) -> int:
    """The processes come up in any order."""
    return running.wait(ConnectionOpened, lambda event: event.remote.port == port_of(peer)).connection


def test_each_client_has_a_process_that_ends_with_it(running: RunningEngine) -> None:
    _, local = running.listen(spec())
    with connect(local.host, local.port) as one, connect(local.host, local.port) as other:
        for peer in (one, other):
            peer.sendall(b"hello\n")
            assert read(peer, 6) == b"hello\n"
        pids = [pid_of(running, connection_of(running, peer)) for peer in (one, other)]
        assert sorted(child.pid for child in children()) == sorted(pids)
        one.close()
        running.until(lambda: not psutil.pid_exists(pids[0]), "the end of its process")
        other.sendall(b"still here\n")
        assert read(other, 11) == b"still here\n"
    running.until(lambda: not children(), "the end of the other")


def test_a_process_that_is_killed_ends_its_connection_only(running: RunningEngine) -> None:
    _, local = running.listen(spec())
    with connect(local.host, local.port) as bad, connect(local.host, local.port) as good:
        for peer in (bad, good):
            peer.sendall(b"a\n")
            read(peer, 2)
        connection = connection_of(running, bad)
        pid = pid_of(running, connection)
        # A process tells a call once it is made: what one that is killed had not told yet, nobody knows.
        running.until(lambda: running.tally.of(connection) == (2, 2), "what it did, told")
        psutil.Process(pid).kill()
        assert read_all(bad) == b""
        closed = running.closed(connection)
        assert closed.reason is CloseReason.LOCAL
        assert closed.failure is not None
        assert f"The process {pid} that served" in closed.failure.means
        assert "its connection ended with it" in closed.failure.means
        assert (closed.received, closed.sent, closed.messages_in) == (2, 2, 1)
        good.sendall(b"b\n")
        assert read(good, 2) == b"b\n"
    calls = [call for call in running.calls(CallKind.recv, CallKind.send) if call.connection == connection]
    assert [(call.kind, call.size) for call in calls] == [(CallKind.recv, 2), (CallKind.send, 2)]
    detail = running.reader.detail(
        next(call for call in running.calls(CallKind.close) if call.connection == connection)
    )
    assert detail == {"reason": "local", "by": "the end of its process"}


def test_one_that_does_not_close_is_killed(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving_process, "PATIENCE", 0.1)
    number, local = running.listen(spec())
    with connect(local.host, local.port) as peer:
        peer.sendall(b"a\n")
        read(peer, 2)
        connection = running.opened(number).connection
        psutil.Process(pid_of(running, connection)).suspend()
        begun = time.monotonic()
        running.stop(number)
        assert running.state(number, State.CLOSED)
        assert time.monotonic() - begun < 3
        failure = running.closed(connection).failure
        assert failure is not None
        assert "was killed, for it did not close the connection" in failure.means


def test_no_more_than_so_many(running: RunningEngine) -> None:
    _, local = running.listen(spec(most=1))
    with connect(local.host, local.port) as first, connect(local.host, local.port) as second:
        first.sendall(b"a\n")
        assert read(first, 2) == b"a\n"
        second.sendall(b"b\n")
        assert "The only process serves a client, so accepting waits" in running.wait(AcceptPaused).why
        assert len(children()) == 1
        first.close()
        assert read(second, 2) == b"b\n"


def test_what_is_shared_is_refused_at_its_setting(running: RunningEngine) -> None:
    number = running.start(spec(program=Choice("script")))
    assert running.state(number, State.FAILED)
    failure = running.failed(number).failure
    assert failure.said.startswith("$.serving: ")
    assert "processes share no memory. Choose another way of serving." in failure.means
    other, local = running.listen(spec())
    running.post(SetProgram(other, Choice("script"), LINE))
    assert "processes share no memory" in running.failed(other).failure.means
    with connect(local.host, local.port) as peer:
        peer.sendall(b"echo\n")
        assert read(peer, 5) == b"echo\n"


def test_no_process_can_be_started(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str, inherit: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(serving_process, "Process", none)
    _, local = running.listen(spec())
    with connect(local.host, local.port) as peer:
        assert read_all(peer) == b""
        assert running.wait(AcceptPaused).why
    notes = [running.reader.detail(call)["text"] for call in running.calls(CallKind.note)]
    assert any("No process can serve this client" in note for note in notes)


def test_a_job_is_taken_back_from_the_process(running: RunningEngine) -> None:
    number, local = running.listen(spec(program=Choice("none")))
    with connect(local.host, local.port) as peer:
        connection = running.opened(number).connection
        job = running.send(bytes(12_000_000), number)
        behind = running.send(b"behind\n", number)
        running.until(lambda: running.tally.of(connection)[1] > 0, "the first bytes")
        running.cancel(job)
        assert running.job_done(job).problem.startswith("Cancelled: ")
        while not running.all(SocketFailed):
            data = peer.recv(1 << 20)
            if data.endswith(b"behind\n"):
                break
        assert not running.job_done(behind).problem


def test_somebody_here_may_hear_the_messages(running: RunningEngine) -> None:
    heard: list[tuple[str, object]] = []

    class Ear:
        def message(self, peer: str, payload: bytes) -> None:
            heard.append((peer, payload))

        def broken(self, peer: str, problem: str) -> None:
            heard.append((peer, problem))

    number, local = running.listen(spec())
    running.engine._context.sockets[number].service.tap = Ear()
    with connect(local.host, local.port) as peer:
        peer.sendall(b"one\ntw")
        assert read(peer, 4) == b"one\n"
        peer.sendall(b"o\n")
        assert read(peer, 4) == b"two\n"
        name = "{}:{}".format(*peer.getsockname())
    running.until(lambda: bool(running.all(ConnectionClosed)), "the end")
    assert heard == [(name, b"one"), (name, b"two")]


def test_a_bug_there_is_told(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    send = processes.WatchedProcess.send

    def broken(self: processes.WatchedProcess, head: dict[str, object], body: bytes = b"") -> None:
        send(self, {**head, "pace": {"no such": 1}} if "pace" in head else head, body)

    monkeypatch.setattr(processes.WatchedProcess, "send", broken)
    number, local = running.listen(spec())
    with connect(local.host, local.port) as peer:
        assert read_all(peer) == b""
    closed = running.closed(1)
    assert closed.failure is not None
    assert "TypeError" in closed.failure.means
    assert number


def test_the_engines_end_ends_all_of_them(tmp_path: Path) -> None:
    with RunningEngine(tmp_path / "capture") as running:
        _, local = running.listen(spec())
        peers = [connect(local.host, local.port) for _ in range(4)]
        for peer in peers:
            peer.sendall(b"a\n")
            read(peer, 2)
        assert running.shut_down() < 3
        assert not children()
        for peer in peers:
            assert read_all(peer) == b""
            peer.close()
