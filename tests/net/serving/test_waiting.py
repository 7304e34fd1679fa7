"""Who waits: clients in the accept queue, threads for their clients, and servers for both."""

from __future__ import annotations

import errno
import itertools
import socket
import sys
import threading
import time
from collections.abc import Callable

import pytest

from explorer.capture.catalog import ENGINE, Catalog
from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.events import AcceptPaused, ConnectionOpened, QueueSampled, SocketFailed
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net.serving.accept_queue import Row, rows, waiting_at
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, port_of, read, read_all

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who waits")
ECHO, LINE = Choice("echo"), Choice("line")
WAYS = ("selectors", "iterative", "thread", "asyncio")


def spec(way: str, settings: dict[str, int] | None = None, **options: float) -> SocketSpec:
    chosen = SocketOptions(**options)  # type: ignore[arg-type]
    return SocketSpec("server", framing=LINE, program=ECHO, options=chosen, serving=Choice(way, settings or {}))


# -- the accept queue -----------------------------------------------------------------------------------


@LINUX
def test_a_backlog_of_5_takes_6_and_the_next_client_hangs(running: RunningEngine) -> None:
    number, local = running.listen(spec("iterative", backlog=5))
    peers = [connect("127.0.0.1", local.port) for _ in range(7)]
    running.opened(number)
    hangs = socket.socket()
    hangs.setblocking(False)
    assert hangs.connect_ex(("127.0.0.1", local.port)) == errno.EINPROGRESS
    waiting = [(port_of(peer), False) for peer in peers[1:]] + [(port_of(hangs), True)]
    sample = running.wait(
        QueueSampled,
        lambda event: sorted((client.peer.port, client.connecting) for client in event.clients) == sorted(waiting),
    )
    assert (sample.waiting, sample.backlog) == (6, 5)
    assert sample.clients[-1].connecting
    assert all(0 < client.since <= running.writer.now() for client in sample.clients)
    peers[0].close()  # served to its end, so the next one's turn comes
    peers[1].sendall(b"mine\n")
    assert read(peers[1], 5) == b"mine\n"
    hanging = port_of(hangs)  # the system asks again after a second, and finds a place
    running.wait(
        QueueSampled,
        lambda event: any(client.peer.port == hanging and not client.connecting for client in event.clients),
    )
    for peer in (*peers, hangs):
        peer.close()
    for place in range(8):
        running.closed(running.opened(number, skip=place).connection)
    samples = running.all(QueueSampled)
    assert all(one != other for one, other in itertools.pairwise(samples))


@LINUX
def test_a_queue_is_told_where_clients_wait_because_accepting_pauses(running: RunningEngine) -> None:
    number, local = running.listen(spec("thread", {"most": 1}, backlog=3))
    with connect("127.0.0.1", local.port), connect("127.0.0.1", local.port) as waits:
        running.opened(number)
        sample = running.wait(QueueSampled, lambda event: event.waiting == len(event.clients) == 1)
        assert sample.backlog == 3
        assert [client.peer.port for client in sample.clients] == [port_of(waits)]


def test_with_selectors_nothing_is_told_while_nobody_has_to_wait(running: RunningEngine) -> None:
    number, local = running.listen(spec("selectors", backlog=3))
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"x\n")
        assert read(peer, 2) == b"x\n"
    running.closed(running.opened(number).connection)
    assert not running.all(QueueSampled)


TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000006:00000000 00:00000000 00000000     0        0 100 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:C002 01 00000000:00000000 00:00000000 00000000     0        0 101 1 0 20 4 30 10 -1
   3: 0100007F:1F90 0100007F:C003 08 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   4: 0100007F:1F90 0100007F:C004 03 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   5: 0100007F:C005 0100007F:1F90 02 00000001:00000000 01:00000000 00000000     0        0 105 1 0 20 4 30 10 -1
   6: 0200007F:1F90 0100007F:C006 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   7: 0A0A0A0A:C007 0B0A0A0A:1F90 02 00000001:00000000 01:00000000 00000000     0        0 107 1 0 20 4 30 10 -1
   8: 0100007F:1F91 0100007F:C008 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
"""


@pytest.mark.skipif(sys.byteorder != "little", reason="the table is written in the machine's order of bytes")
def test_the_system_s_table_tells_who_waits() -> None:
    def peers(where: Endpoint) -> dict[int, bool]:
        return {peer.port - 0xC000: connecting for peer, connecting in waiting_at(where, rows(TABLE, 8080)).items()}

    assert peers(Endpoint("127.0.0.1", 8080)) == {1: False, 3: False, 4: True, 5: True}
    assert peers(Endpoint("0.0.0.0", 8080)) == {1: False, 3: False, 4: True, 5: True, 6: False}
    line = "0: 0000000000000000FFFF00000100007F:0050 00000000000000000000000001000000:C001 01 0:0 0:0 0 0 0 7 1\n"
    assert list(rows("head\n" + line, 80)) == [Row(Endpoint("::ffff:127.0.0.1", 80), Endpoint("::1", 49153), "01", 7)]


# -- limits ---------------------------------------------------------------------------------------------


def test_threads_are_limited_and_the_next_client_waits_its_turn(running: RunningEngine) -> None:
    number, local = running.listen(spec("thread", {"most": 2}))
    first, second, third = (connect("127.0.0.1", local.port) for _ in "123")
    assert "All 2 threads" in running.wait(AcceptPaused).why
    third.sendall(b"wait\n")
    first.sendall(b"served\n")
    assert read(first, 7) == b"served\n"
    assert running.opened(number, skip=1).remote.port == port_of(second)
    assert len(running.all(ConnectionOpened)) == 2
    first.close()
    assert read(third, 5) == b"wait\n"
    assert running.wait(AcceptPaused, skip=1).why == ""
    assert running.opened(number, skip=2).remote.port == port_of(third)
    assert "All 2 threads" in running.detail(CallKind.note)["text"]
    second.close()
    third.close()


def test_one_client_at_a_time_is_served(running: RunningEngine) -> None:
    number, local = running.listen(spec("iterative"))
    peers = [connect("127.0.0.1", local.port) for _ in range(3)]
    for place, peer in enumerate(peers):
        peer.sendall(b"%d\n" % place)
    for place, peer in enumerate(peers):
        assert read(peer, 2) == b"%d\n" % place
        running.opened(number, skip=place)
        assert len(running.all(ConnectionOpened)) == place + 1
        peer.close()
    assert not running.all(AcceptPaused)


def no_thread(patch: pytest.MonkeyPatch, allowed: Callable[[str], bool]) -> None:
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if not allowed(thread.name):
            raise RuntimeError("can't start new thread")
        real(thread)

    patch.setattr(threading.Thread, "start", start)


def test_a_client_for_whom_the_system_has_no_thread_is_let_go(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, local = running.listen(spec("thread"))
    with monkeypatch.context() as patch:
        no_thread(patch, lambda name: "client" not in name)
        with connect("127.0.0.1", local.port) as peer:
            assert peer.recv(1) == b""
        assert "no more threads" in running.wait(AcceptPaused).why
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"later\n")
        assert read(peer, 6) == b"later\n"


def test_a_server_without_a_thread_to_accept_fails_with_a_sentence(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        no_thread(patch, lambda name: not name.startswith("server: "))
        number = running.start(spec("thread"))
        running.state(number, State.FAILED)
    failed = running.wait(SocketFailed)
    assert failed.fatal
    assert "no more threads" in failed.failure.sentence
    _, local = running.listen(spec("thread"))
    connect("127.0.0.1", local.port).close()


# -- who makes the calls --------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_capture_tells_who_made_the_calls(running: RunningEngine, way: str) -> None:
    number, local = running.listen(spec(way))
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"x\n")
        assert read(peer, 2) == b"x\n"
        opened = running.opened(number)
        threads = {thread.name: thread.native_id for thread in threading.enumerate()}
        catalog = Catalog(running.reader)
        catalog.advance()
        accepts, serves = catalog.socket(number), catalog.connection(opened.connection)
        assert accepts is not None
        assert serves is not None
        if way == "selectors":
            assert (accepts.worker, serves.worker) == (ENGINE, ENGINE)
            return
        expected = {
            "iterative": ("server", "thread server", "thread", "server: server"),
            "thread": ("accept", f"thread client-{opened.connection}", "thread", "server: client-1"),
            "asyncio": ("event loop", f"coroutine client-{opened.connection}", "coroutine", "server: event loop"),
        }
        accepting, name, kind, thread_name = expected[way]
        assert accepts.worker.name == f"thread {accepting}"
        assert accepts.worker.number == threads[f"server: {accepting}"]
        assert (serves.worker.name, serves.worker.kind) == (name, kind)
        assert serves.worker.number == threads[thread_name]


@pytest.mark.parametrize("way", WAYS[1:])
def test_a_call_s_duration_tells_how_long_it_was_waited_for(running: RunningEngine, way: str) -> None:
    number, local = running.listen(spec(way))
    pause = threading.Event()
    pause.wait(0.2)
    with connect("127.0.0.1", local.port) as peer:
        running.opened(number)
        pause.wait(0.2)
        peer.sendall(b"x\n")
        assert read(peer, 2) == b"x\n"
    running.closed(running.opened(number).connection)
    accepted, received = running.calls(CallKind.accept)[0], running.calls(CallKind.recv)[0]
    assert 100_000 < accepted.duration < 5_000_000  # it began after what we have seen happen
    assert 100_000 < received.duration < 5_000_000


# -- timeouts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_that_no_client_came_is_recorded_again_and_again(running: RunningEngine, way: str) -> None:
    number, local = running.listen(spec(way, accept_timeout=0.05))
    running.until(lambda: len(running.calls(CallKind.accept)) >= 2, "two accepts that timed out")
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"still here\n")
        assert read(peer, 11) == b"still here\n"
    running.closed(running.opened(number).connection)
    first, second = running.calls(CallKind.accept)[:2]
    assert (first.errno, second.errno) == (errno.ETIMEDOUT, errno.ETIMEDOUT)
    assert 50_000 <= first.duration < 5_000_000
    detail = running.reader.detail(first)
    assert detail["timeout"] == 0.05
    assert "No client came" in detail["meaning"]
    assert not running.all(SocketFailed)


@pytest.mark.parametrize("way", WAYS)
def test_a_silent_client_is_closed_and_a_busy_one_is_not(running: RunningEngine, way: str) -> None:
    number, local = running.listen(spec(way, idle_timeout=0.2))
    begun = time.monotonic()
    with connect("127.0.0.1", local.port) as busy:
        for _ in range(12):
            busy.sendall(b"x\n")
            assert read(busy, 2) == b"x\n"
            threading.Event().wait(0.03)
        assert time.monotonic() - begun > 0.3
        quiet_from = time.monotonic()
        assert read_all(busy) == b""
        assert 0.1 < time.monotonic() - quiet_from < 5
    closed = running.closed(running.opened(number).connection)
    assert (closed.reason, closed.received) == (CloseReason.TIMEOUT, 24)
    assert running.detail(CallKind.close)["reason"] == "timeout"
    assert running.detail(CallKind.note)["text"] == (
        "Nothing was received or sent for 0.2 s (idle timeout), so the connection is closed."
    )
    assert not running.all(SocketFailed)


@pytest.mark.parametrize("way", WAYS)
def test_a_client_that_connects_and_says_nothing_is_closed(running: RunningEngine, way: str) -> None:
    number, local = running.listen(spec(way, idle_timeout=0.05))
    with connect("127.0.0.1", local.port) as peer:
        assert peer.recv(1) == b""
    assert running.closed(running.opened(number).connection).reason is CloseReason.TIMEOUT
