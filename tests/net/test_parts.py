"""The small parts of the engine that need no loop: the send queue, jobs, peers, options, limits, owners, look-ups."""

from __future__ import annotations

import dataclasses
import io
import os
import queue
import resource
import socket
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.events import Event, SendProgress
from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketOptions, SocketSpec
from explorer.net import limits, lingering, options, owners, resolver, udp_peers
from explorer.net.background import Background
from explorer.net.conversation import Conversation
from explorer.net.jobs import Job, Jobs
from explorer.net.owners import Holder
from explorer.net.reactor import Reactor
from explorer.net.send_queue import LIMIT, TOLD_LIMIT, BytesPiece, FilePiece, SendQueue
from explorer.net.udp_peers import Peers, UdpPeer
from tests.fakes.untraced import untraced


class Told:
    """Takes the place of a CallLog: keeps what is written."""

    def __init__(self) -> None:
        self.written: list[tuple[CallKind, dict[str, Any], OSError | None]] = []

    def write(self, kind: CallKind, detail: dict[str, Any], **more: Any) -> int:
        self.written.append((kind, detail, more.get("error")))
        return len(self.written) - 1


# -- the send queue ---------------------------------------------------------------------------------


def test_the_queue_counts_what_it_holds() -> None:
    queue = SendQueue()
    assert not queue
    assert queue.held == 0
    queue.push(BytesPiece(bytes(1000), None))
    queue.push(BytesPiece(bytes(500), None))
    both = queue.held
    assert both >= 1500
    queue.drop_first()
    assert 500 <= queue.held < both
    queue.drop_first()
    assert queue.held == 0


def test_the_queue_takes_one_long_piece_but_not_two() -> None:
    queue = SendQueue()
    assert queue.takes(10 * LIMIT)
    queue.push(BytesPiece(bytes(LIMIT), None))
    assert not queue.takes(1)


def test_many_tiny_pieces_are_bounded_too() -> None:
    queue = SendQueue()
    count = 0
    while queue.takes(1):
        queue.push(BytesPiece(b"x", None))
        count += 1
    assert count < LIMIT / 64


def test_what_tiny_pieces_cost_is_not_more_than_is_counted() -> None:
    queue = SendQueue()
    with untraced():
        tracemalloc.start()
        try:
            for count in range(20_000):
                queue.push(BytesPiece(b"%07d" % count, None))
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert taken <= queue.held


def test_less_waits_of_what_others_tell() -> None:
    queue = SendQueue()
    assert queue.takes_told(2 * LIMIT)
    queue.push(BytesPiece(bytes(TOLD_LIMIT - 1000), None))
    assert queue.takes_told(2 << 20)  # one long message is in memory once for all
    queue.push(BytesPiece(bytes(1000), None))
    assert queue.takes(1)
    assert not queue.takes_told(1)


def test_cancel_takes_only_the_pieces_of_that_job() -> None:
    queue, (one, other) = SendQueue(), _two_jobs()
    queue.push(BytesPiece(b"aaa", one))
    queue.push(BytesPiece(b"bbb", other))
    queue.push(BytesPiece(b"ccc", one))
    assert queue.cancel(one) == 2
    assert queue.cancel(one) == 0
    assert bytes(queue.first.offer()) == b"bbb"
    assert queue.clear() == [other]
    assert queue.cancel(other) == 0


def test_a_file_is_read_piece_by_piece_up_to_its_size() -> None:
    one, _ = _two_jobs()
    file = io.BytesIO(b"0123456789 grown meanwhile")
    piece = FilePiece(file, 10, one, piece=4)
    got = b""
    while piece.left:
        offered = piece.offer()
        assert len(offered) <= 4
        got += bytes(offered[:3])
        piece.sent(min(3, len(offered)))
    assert got == b"0123456789"
    piece.close()
    assert file.closed


def _two_jobs() -> tuple[Job, Job]:
    reactor = Reactor(lambda error: None)
    reactor.close()
    jobs = Jobs(reactor, lambda event: None)
    return jobs.start(1, 1, 10), jobs.start(2, 1, 10)


# -- jobs -------------------------------------------------------------------------------------------


def test_progress_is_throttled_and_the_end_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    told: list[Event] = []
    reactor = Reactor(lambda error: None)
    jobs = Jobs(reactor, told.append)
    job = jobs.start(7, 1, 1000)
    job.add_part()
    job.part_done()
    for _ in range(10):
        job.progress(10)
    assert told == [SendProgress(7, 1, 10, 1000, done=False)]
    now += 1
    reactor._run_timers()
    assert told[1:] == [SendProgress(7, 1, 100, 1000, done=False)]
    job.progress(5)
    job.part_done("cut off")
    job.part_done("again")
    assert told[-1] == SendProgress(7, 1, 105, 1000, done=True, problem="cut off")
    assert sum(event.done for event in told if isinstance(event, SendProgress)) == 1
    assert jobs.find(7) is None
    job._report()  # a timer that comes too late
    assert told[-1] == SendProgress(7, 1, 105, 1000, done=True, problem="cut off")
    newer = jobs.start(7, 1, 1)
    jobs.forget(job)
    assert jobs.find(7) is newer
    reactor.close()


# -- peers ------------------------------------------------------------------------------------------


def test_peers_are_found_and_the_silent_ones_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp_peers, "MOST", 2)
    now = [0.0]
    peers = Peers(lambda: now[0])
    made = []
    for number in (1, 2, 3):
        talk = Conversation(SocketSpec("").framing, SocketSpec("").program, "")
        made.append(UdpPeer(None, number, ("127.0.0.1", number), talk))  # type: ignore[arg-type]
        peers.add(made[-1])
    peers.find(("127.0.0.1", 1))
    assert peers.stale() == [made[1]]
    assert peers.find(("127.0.0.1", 9)) is None
    peers.remove(made[1])
    peers.remove(made[1])
    assert len(peers) == 2
    now[0] = udp_peers.IDLE + 1
    peers.touch(made[2])
    assert peers.stale() == [made[0]]


# -- options ----------------------------------------------------------------------------------------


def test_defaults_touch_only_what_a_tcp_server_needs() -> None:
    names = [option.name for option, _ in options.asked_of(SocketSpec("x"))]
    assert names == (["exclusive_address"] if sys.platform == "win32" else ["reuse_address"])
    assert options.asked_of(SocketSpec("x", role="client")) == []
    assert options.asked_of(SocketSpec("x", transport="udp")) == []
    off = SocketSpec("x", options=SocketOptions(reuse_address=False))
    assert [value for _, value in options.asked_of(off)] == [False]


def test_on_windows_a_server_asks_for_the_port_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert options.asked_of(SocketSpec("x")) == [(options.EXCLUSIVE, True)]


def test_what_a_listener_has_is_passed_on_to_its_connections() -> None:
    """The engine sets options on the listener only; this system must hand them on."""
    wanted = SocketSpec("x", options=SocketOptions(no_delay=True, keep_alive=True, linger=2))
    with socket.socket() as listening, socket.socket() as peer:
        options.apply(listening, wanted, Told())  # type: ignore[arg-type]
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        peer.connect(listening.getsockname())
        accepted, _ = listening.accept()
        with accepted:
            for name, result in (("no_delay", "on"), ("keep_alive", "on"), ("linger", "on, 2 s")):
                assert options.read_back(accepted, options.BY_NAME[name]) == result


def test_an_option_that_this_system_lacks_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "SO_REUSEPORT", raising=False)
    with socket.socket() as sock:
        spec = SocketSpec("x", role="client", options=SocketOptions(reuse_port=True))
        assert options.apply(sock, spec, Told()) == ([("reuse_port", "on", options.NOT_HERE)], [])  # type: ignore[arg-type]


def test_values_out_of_range_are_refused_as_the_system_would() -> None:
    log = Told()
    with socket.socket() as sock:
        spec = SocketSpec("x", role="client", options=SocketOptions(linger=1 << 40))
        applied, troubles = options.apply(sock, spec, log)  # type: ignore[arg-type]
    assert applied == [("linger", "on, 1099511627776 s", "refused")]
    assert troubles[0].failure.errno == "EINVAL"
    assert isinstance(log.written[0][2], OSError)
    with pytest.raises(OSError, match="Invalid"):
        options._pack_linger(1 << 40)


def test_an_option_that_cannot_be_read_back() -> None:
    sock = socket.socket()
    sock.close()
    assert "could not be read back" in options.read_back(sock, options.BY_NAME["no_delay"])
    log = Told()
    options.set_reset_on_close(sock, 3, log)  # type: ignore[arg-type]
    assert log.written[0][1]["got"] == "refused"
    assert options.read_backlog(sock) == options.NOT_HERE
    assert options._linger(1) == "on, 0 s"


def test_the_backlog_is_read_where_the_system_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=3) as listening:
        if sys.platform == "linux":
            assert options.read_backlog(listening) == "3"
        monkeypatch.setattr(sys, "platform", "sunos5")
        assert options.read_backlog(listening) == options.NOT_HERE


# -- limits -----------------------------------------------------------------------------------------


def test_the_limit_of_files_is_raised_to_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda which, pair: asked.append(pair))
    assert limits.raise_open_files() == (1024, 4096)
    assert asked == [(4096, 4096)]
    monkeypatch.setattr(resource, "getrlimit", lambda which: (4096, 4096))
    assert limits.raise_open_files() == (4096, 4096)
    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, resource.RLIM_INFINITY))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert limits.raise_open_files() == (256, 10_240)

    def refuse(which: int, pair: tuple[int, int]) -> None:
        raise ValueError("not allowed")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert limits.raise_open_files() == (256, 256)
    monkeypatch.setattr(sys, "platform", "win32")
    assert limits.raise_open_files() == (0, 0)
    assert limits.FileReserve().hold()


def test_the_reserve_gives_back_what_it_held(monkeypatch: pytest.MonkeyPatch) -> None:
    reserve = limits.FileReserve()
    assert reserve.hold()
    assert reserve.hold()
    held = list(reserve._held)
    assert len(held) == limits.KEPT_BACK
    reserve.release()
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(held[0])

    def none_left(*_: object) -> int:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, "open", none_left)
    assert not reserve.hold()


# -- owners -----------------------------------------------------------------------------------------


def test_our_own_sockets_are_looked_at_first() -> None:
    mine = Holder("echo", "tcp", Endpoint("127.0.0.1", 9000))
    wide = Holder("wide", "udp", Endpoint("::", 9001))
    both = (mine, wide)
    assert owners.ours("tcp", Endpoint("127.0.0.1", 9000), both) is mine
    assert owners.ours("tcp", Endpoint("0.0.0.0", 9000), both) is mine
    assert owners.ours("udp", Endpoint("127.0.0.1", 9001), both) is wide
    assert owners.ours("udp", Endpoint("127.0.0.1", 9000), both) is None
    assert owners.ours("tcp", Endpoint("127.0.0.2", 9000), both) is None


def test_the_process_that_holds_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        where = Endpoint.of(listening.getsockname())
        assert owners.process_at("tcp", where).endswith(f"({os.getpid()})")
        datagrams.bind(("127.0.0.1", 0))
        assert str(os.getpid()) in owners.process_at("udp", Endpoint.of(datagrams.getsockname()))

        def gone(pid: int) -> object:
            raise psutil.NoSuchProcess(pid)

        monkeypatch.setattr(psutil, "Process", gone)
        assert owners.process_at("tcp", where) == f"process {os.getpid()}"
    assert owners.process_at("tcp", where) == ""

    def denied(kind: str) -> object:
        raise psutil.AccessDenied(1)

    monkeypatch.setattr(psutil, "net_connections", denied)
    assert owners.process_at("tcp", where) == ""


def test_a_holder_that_cannot_be_seen_is_said_so() -> None:
    failure = Failure("bind()", "EADDRINUSE", "said", "means", "advice")
    told = owners.held_by_process(failure, Endpoint("127.0.0.1", 9000), "")
    assert "only an administrator" in told.means
    assert told.errno == "EADDRINUSE"


# -- look-ups ---------------------------------------------------------------------------------------


def test_numbers_need_no_look_up() -> None:
    stream = socket.SOCK_STREAM
    found = resolver.numeric(Endpoint("127.0.0.1", 80), stream)
    assert found is not None
    assert [str(address.endpoint) for address in found] == ["127.0.0.1:80"]
    assert resolver.numeric(Endpoint("localhost", 80), stream) is None
    assert resolver.numeric(Endpoint("a..b", 80), stream) is None
    everywhere = resolver.numeric(Endpoint("", 80), stream, passive=True)
    assert everywhere is not None
    assert all(address.endpoint.is_wildcard for address in everywhere)


def test_a_name_without_usable_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(999, 1, 6, "", ("x",))])
    with pytest.raises(socket.gaierror, match="no IPv4 or IPv6"):
        resolver.look_up(Endpoint("odd.example", 80), socket.SOCK_STREAM)


def test_a_cancelled_task_is_not_told() -> None:
    posted: queue.Queue[Callable[[], None]] = queue.Queue()

    def post(action: Callable[[], None]) -> bool:
        posted.put(action)
        return True

    answers: list[object] = []
    background = Background(post)
    background.call("test", lambda: 42, answers.append).cancel()
    background.call("test", lambda: 43, answers.append)
    for _ in range(2):
        posted.get(timeout=15)()
    assert answers == [43]


class Recorded:
    """A socket that keeps what is set on it."""

    def __init__(self) -> None:
        self.set: dict[tuple[int, int], Any] = {}

    def setsockopt(self, level: int, number: int, value: Any) -> None:
        self.set[level, number] = value

    def getsockopt(self, level: int, number: int, size: int = 0) -> Any:
        return self.set[level, number]


def test_lingering_counts_seconds_on_macos_too() -> None:
    assert options.linger_constant("linux") == options.linger_constant("win32") == "SO_LINGER"
    linger = dataclasses.replace(options.BY_NAME["linger"], constant=options.linger_constant("darwin"))
    sock, told = Recorded(), Told()
    got, trouble = options._set(sock, linger, 3, "on, 3 s", told)  # type: ignore[arg-type]
    assert (got, trouble) == ("on, 3 s", None)
    assert sock.set == {(socket.SOL_SOCKET, 0x1080): options.LINGER.pack(1, 3)}
    assert told.written[0][1]["option"] == "SO_LINGER_SEC"


class Lingers:
    """A socket whose close takes until it is allowed."""

    def __init__(self, allowed: threading.Event, closed: list[str]) -> None:
        self._allowed = allowed
        self._closed = closed

    def shutdown(self, how: int) -> None:
        self._closed.append("told")
        raise OSError(107, "not connected")

    def setblocking(self, wanted: bool) -> None:
        assert wanted

    def close(self) -> None:
        assert self._allowed.wait(10)
        self._closed.append("closed")
        raise OSError(5, "Input/output error")


def test_lingering_closes_share_a_few_threads() -> None:
    allowed, closed = threading.Event(), list[str]()
    before = threading.active_count()
    closes = lingering.LingeringCloses()
    for _ in range(100):
        closes.close(Lingers(allowed, closed))  # type: ignore[arg-type]
    assert threading.active_count() - before == lingering.MOST
    assert closed == ["told"] * (100 - lingering.MOST)  # those that wait: their peers need not
    allowed.set()
    deadline = time.monotonic() + 10
    while closed.count("closed") < 100 and time.monotonic() < deadline:
        threading.Event().wait(0.005)
    assert closed.count("closed") == 100
