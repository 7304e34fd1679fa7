from __future__ import annotations

import itertools
import os
import select
import socket
import sys
from pathlib import Path

import pytest

from explorer.core.calls import CallKind
from explorer.core.events import SendProgress
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason
from explorer.net import send_queue, targets
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import accept, connect, listener, port_of, read, reset

SMALL = SocketOptions(send_buffer=4096)


def pair(running: RunningEngine) -> tuple[int, int, socket.socket]:
    """A client of the engine and the socket at its other end."""
    with listener() as listening:
        spec = SocketSpec("client", role="client", port=port_of(listening), options=SMALL)
        number, connection = running.connect(spec)
        return number, connection, accept(listening)


def test_a_large_send_goes_in_parts_with_progress(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    data = os.urandom(1_500_000)
    with peer:
        job = running.send(data, number, connection)
        assert read(peer, len(data)) == data
        done = running.job_done(job)
        assert (done.sent, done.total, done.problem) == (len(data), len(data), "")
        assert running.bytes_of(connection, received=False) == data
    reports = [event for event in running.all(SendProgress) if event.job == job]
    assert [event.sent for event in reports] == sorted(event.sent for event in reports)
    assert sum(event.done for event in reports) == 1
    calls = running.calls(CallKind.send)
    assert all(call.asked <= send_queue.OFFER for call in calls)
    assert any(call.size < call.asked for call in calls)


def test_a_peer_that_never_reads_leaves_the_queue_bounded(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    with peer:
        jobs = [running.send(bytes(4 << 20), number, connection) for _ in range(8)]
        refused = running.wait(SendProgress, lambda event: event.done)
        assert "Wait until the peer reads" in refused.problem
        assert "16 MiB" in refused.problem or "MiB wait" in refused.problem
        took = 4 << 20
        assert jobs[0] != refused.job
        running.end("close", number, connection)
        assert running.closed(connection).reason is CloseReason.LOCAL
        first = running.job_done(jobs[0])
        assert "before everything was sent" in first.problem
        assert first.sent < 2 * took
    # EAGAIN is recorded at most once per wait for writability.
    errors = [call.errno for call in running.calls(CallKind.send)]
    assert all(not (one and other) for one, other in itertools.pairwise(errors))


def test_cancel_takes_back_what_is_not_sent(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    with peer:
        first = running.send(bytes(1 << 20), number, connection)
        second = running.send(b"after it", number, connection)
        running.cancel(first)
        done = running.job_done(first)
        assert done.problem.startswith("Cancelled: ")
        assert done.sent < done.total
        assert read(peer, done.sent + 8) == bytes(done.sent) + b"after it"
        assert running.job_done(second).problem == ""
        running.cancel(second)  # over already: nothing happens
        running.cancel(12_345)


def test_after_a_cancel_an_echo_reads_on(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("echo", program=Choice("echo"), options=SMALL))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        job = running.send(bytes(12 << 20), number, connection)
        running.until(lambda: running.tally.sent > 0, "the beginning")
        peer.sendall(b"held back")
        running.received(connection, 9)
        running.cancel(job)
        sent = running.job_done(job).sent
        assert read(peer, sent + 9)[sent:] == b"held back"
        peer.sendall(b"read on")
        assert read(peer, 7) == b"read on"


def test_cancel_of_all_that_waits_lets_a_finish_happen(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    with peer:
        job = running.send(bytes(1 << 20), number, connection)
        running.end("finish", number)
        running.cancel(job)
        sent = running.job_done(job).sent
        assert read(peer, sent + 1) == bytes(sent)


def test_a_file_is_read_as_the_peer_takes_it(running: RunningEngine, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(os.urandom(1_000_000))
    number, connection, peer = pair(running)
    with peer:
        job = running.send_file(file, number, connection)
        assert read(peer, 1_000_000) == file.read_bytes()
        done = running.job_done(job)
        assert done.sent == 1_000_000
        assert done.rate == pytest.approx(1_000_000 / done.seconds)
        assert 0 < done.seconds < 15


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_file_of_200_mb_takes_less_than_16_mb_of_memory(running: RunningEngine, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with file.open("wb") as out:
        out.truncate(200_000_000)
    with listener() as listening:
        number, connection = running.connect(SocketSpec("client", role="client", port=port_of(listening)))
        peer = accept(listening)
    with peer:
        buffer = bytearray(1 << 20)
        before = worst = _private_memory()
        job = running.send_file(file, number, connection)
        got = 0
        while got < 200_000_000:
            got += peer.recv_into(buffer)
            if got % 16 == 0:
                worst = max(worst, _private_memory())
        assert running.job_done(job).problem == ""
        assert worst - before < 16_000_000


def _private_memory() -> int:
    """Bytes of memory that no file stands behind: the capture's mapped segments are the system's to drop."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no RssAnon")


def test_a_file_that_cannot_be_sent(running: RunningEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number, connection, peer = pair(running)
    with peer:
        assert "cannot be read" in running.job_done(running.send_file(tmp_path / "none", number)).problem
        assert "not a file" in running.job_done(running.send_file(tmp_path, number)).problem
        empty = tmp_path / "empty"
        empty.touch()
        done = running.job_done(running.send_file(empty, number, connection))
        assert (done.sent, done.total, done.problem) == (0, 0, "")

        def refuse(*_: object, **__: object) -> object:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        assert "Permission denied" in running.job_done(running.send_file(empty, number)).problem


def test_a_file_that_shrinks_ends_its_job(running: RunningEngine, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(30_000_000))
    number, connection, peer = pair(running)
    with peer:
        job = running.send_file(file, number, connection)
        running.until(lambda: running.tally.sent > 0, "the beginning")
        file.write_bytes(b"")
        done_at = running.tally.sent
        while not any(event.done for event in running.all(SendProgress)):
            if select.select([peer], [], [], 0.05)[0]:
                done_at += len(peer.recv(1 << 20))
        assert "became shorter" in running.job_done(job).problem


def test_nobody_to_send_to(running: RunningEngine) -> None:
    number, _ = running.listen(SocketSpec("server"))
    assert running.job_done(running.send(b"x", number)).problem == targets.NOBODY
    assert running.job_done(running.send(b"x", number, 99)).problem == targets.GONE
    assert running.job_done(running.send(b"x", 99)).problem == targets.NO_SOCKET


def test_an_empty_send_is_done_at_once(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    with peer:
        assert running.job_done(running.send(b"", number, connection)).problem == ""
    assert running.calls(CallKind.send) == []


def test_sending_to_a_peer_that_has_gone(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("server", options=SMALL))
    peer = connect("127.0.0.1", local.port)
    connection = running.opened(number).connection
    job = running.send(bytes(1 << 20), number, connection)
    running.until(lambda: running.tally.sent > 0, "the beginning")
    reset(peer)
    closed = running.closed(connection)
    assert closed.reason is CloseReason.RESET
    assert "reset" in running.job_done(job).problem


def test_after_the_peer_finished_what_waits_is_still_sent(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("server", options=SMALL))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        data = os.urandom(1 << 20)
        job = running.send(data, number, connection)
        running.until(lambda: running.tally.sent > 0, "the beginning")
        peer.shutdown(socket.SHUT_WR)
        assert read(peer, len(data) + 1) == data
        assert running.job_done(job).problem == ""
    assert running.closed(connection).reason is CloseReason.EOF
