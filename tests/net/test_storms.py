"""Many tiny messages, and peers that go away in the middle: what came is kept, and others have their turn."""

from __future__ import annotations

import contextlib
import select
import socket
import sys
import threading
import time
from pathlib import Path
from typing import cast

import pytest

from explorer.core.calls import CallKind
from explorer.core.commands import ResumeCapture, SetProgram
from explorer.core.events import CaptureFull, ConnectionChanged
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import answers
from explorer.net.tcp_connection import TcpConnection
from tests.fakes.running_engine import RunningEngine
from tests.fakes.untraced import untraced
from tests.net.peers import accept, connect, listener, port_of, read, read_all

LINE, ECHO = Choice("line"), Choice("echo")
REPLY = bytes(range(250)) * 400  # 100,000 bytes: the queue of a socket on loopback takes them at once


# -- a send fails, and the peer had answered --------------------------------------------------------


def what_a_bare_socket_gets() -> int:
    """Bytes that this system still gives when the peer answered and went away with unread input."""
    with listener() as listening, connect("127.0.0.1", port_of(listening)) as ours:
        peer = accept(listening)
        fill(ours)
        peer.sendall(REPLY)
        peer.close()
        got = 0
        ours.setblocking(True)
        with contextlib.suppress(OSError):
            ours.send(b"x" * 10_000_000)
        with contextlib.suppress(OSError):
            while part := ours.recv(1 << 16):
                got += len(part)
        return got


def fill(sock: socket.socket) -> None:
    sock.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            sock.send(bytes(65_536))


@pytest.mark.parametrize("program", ["none", "echo"])
@pytest.mark.parametrize("size", [4096, 1 << 20])
def test_an_answer_is_kept_when_sending_fails(running: RunningEngine, program: str, size: int) -> None:
    """As an HTTP server does that refuses a long request: it answers, and closes with unread input."""
    if sys.platform != "linux" and not what_a_bare_socket_gets():
        pytest.skip("this system throws away what a reset connection had received")
    with listener() as listening:
        spec = SocketSpec(
            "client", role="client", port=port_of(listening), buffer_size=size, program=Choice(program),
            options=SocketOptions(receive_buffer=1 << 20),
        )  # fmt: skip
        number, connection = running.connect(spec)
        peer = accept(listening)
        job = running.send(bytes(12_000_000), number)
        assert read(peer, 1000)
        hold = hold_the_loop(running)
        peer.sendall(REPLY)
        peer.close()  # with unread input: a reset
        hold.set()
        closed = running.closed(connection)
    assert closed.reason is CloseReason.RESET
    assert closed.failure is not None
    assert closed.failure.call.startswith("send(")
    assert closed.received == len(REPLY)
    assert running.bytes_of(connection, received=True) == REPLY
    assert running.job_done(job).problem == closed.failure.sentence
    kinds = [call.kind for call in running.calls() if call.connection == connection]
    assert kinds[-1] is CallKind.close
    late = running.send(b"x", number, connection)
    assert "not running" in running.job_done(late).problem


def hold_the_loop(running: RunningEngine) -> threading.Event:
    """The engine waits until the event is set, so that it finds everything at once."""
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        go_on.wait(10)

    running.engine._reactor.post(hold)
    assert held.wait(10)
    return go_on


def test_an_answer_waits_for_room_when_sending_failed_and_the_capture_is_full(tmp_path: Path) -> None:
    sizes = {"segment_bytes": 1 << 18, "segment_records": 1 << 12}
    with RunningEngine(tmp_path / "capture", quota=1 << 20, **sizes) as running, listener() as listening:
        spec = SocketSpec(
            "client", role="client", port=port_of(listening), buffer_size=4096,
            options=SocketOptions(receive_buffer=1 << 21),
        )  # fmt: skip
        number, connection = running.connect(spec)
        peer = accept(listening)
        running.send(bytes(150_000), number)
        read(peer, 100_000)
        fill(peer)
        why = running.wait(CaptureFull).why
        assert why
        peer.close()
        running.send(bytes(100_000), number)
        received = running.tally.of(connection)[0]
        running.post(ResumeCapture(1 << 30))
        closed = running.closed(connection)
        assert closed.received > received
        assert len(running.bytes_of(connection, received=True)) == closed.received


# -- many tiny messages -----------------------------------------------------------------------------


class Storm:
    """A peer that sends newlines for as long as it lives, and reads answers or does not."""

    def __init__(self, host: str, port: int, reads: bool) -> None:
        self.sock = socket.socket()
        if not reads:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
        self.sock.connect((host, port))
        self._threads = [threading.Thread(target=self._send)]
        if reads:
            self._threads.append(threading.Thread(target=self._read))
        for thread in self._threads:
            thread.start()

    def _send(self) -> None:
        block = b"\n" * (1 << 20)
        with contextlib.suppress(OSError):
            while True:
                self.sock.sendall(block)

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while self.sock.recv(1 << 20):
                pass

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self.sock.close()


@pytest.mark.parametrize("reads", [True, False])
def test_a_storm_of_tiny_messages_lets_others_have_their_turn(tmp_path: Path, reads: bool) -> None:
    spec = SocketSpec(
        "storm", buffer_size=1 << 20, options=SocketOptions(receive_buffer=4 << 20), framing=LINE, program=ECHO
    )
    with untraced(), RunningEngine(tmp_path / "capture") as running:
        number, local = running.listen(spec)
        _, quiet = running.listen(SocketSpec("quiet", program=ECHO))
        storm = Storm(local.host, local.port, reads)
        try:
            connection = running.opened(number).connection
            running.until(lambda: running.tally.of(connection)[1] > 1000, "the storm")
            trips = []
            with connect("127.0.0.1", quiet.port) as peer:
                for _ in range(30):
                    begun = time.monotonic()
                    peer.sendall(b"ping")
                    assert read(peer, 4) == b"ping"
                    trips.append(time.monotonic() - begun)
            assert max(trips) < 0.5
            assert running.shut_down() < 1.0
        finally:
            storm.end()


def test_peers_that_send_tiny_messages_and_never_read_cost_little_memory(running: RunningEngine) -> None:
    spec = SocketSpec("storm", buffer_size=1 << 20, options=SocketOptions(send_buffer=4096), framing=LINE, program=ECHO)
    number, local = running.listen(spec)
    storms = [Storm(local.host, local.port, reads=False) for _ in range(4)]
    try:
        peers = [running.opened(number, skip).connection for skip in range(4)]
        connections = [cast(TcpConnection, running.engine._context.sockets[number].peers[peer]) for peer in peers]

        running.until(lambda: all(connection._held_back for connection in connections), "waiting for all of them")
        for peer, connection in zip(peers, connections, strict=True):
            assert running.tally.of(peer)[0] <= 3 << 20  # a read or few: not what the peer would send
            assert connection._queue.held < 300 << 10
    finally:
        for storm in storms:
            storm.end()


def test_the_end_of_the_stream_waits_for_the_answers_before_it(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "TURN", 0)  # one message a turn
    number, local = running.listen(SocketSpec("echo", buffer_size=1 << 16, program=ECHO))
    running.post(SetProgram(number, ECHO, LINE))
    data = b"".join(b"%d\n" % place for place in range(3000))
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(data + b"unfinished")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == data
    closed = running.closed(running.opened(number).connection)
    assert (closed.reason, closed.messages_in, closed.messages_out) == (CloseReason.EOF, 3000, 3000)
    assert closed.failure is None


def test_a_finish_waits_for_the_answers_that_were_due(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "TURN", 0)
    number, local = running.listen(SocketSpec("echo", buffer_size=1 << 16, framing=LINE, program=ECHO))
    data = b"".join(b"%d\n" % place for place in range(2000))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        hold = hold_the_loop(running)
        peer.sendall(data)
        running.end("finish", number, connection)
        hold.set()
        assert read_all(peer) == data
        running.wait(ConnectionChanged, lambda event: event.state is State.FIN_WAIT)
        peer.sendall(b"no answer\n")
        running.received(connection, len(data) + 10)
    closed = running.closed(connection)
    assert (closed.messages_in, closed.messages_out) == (2001, 2000)


def test_closing_in_a_storm_drops_what_was_not_answered(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "TURN", 0)
    number, local = running.listen(SocketSpec("echo", buffer_size=1 << 16, framing=LINE, program=ECHO))
    storm = Storm(local.host, local.port, reads=True)
    try:
        connection = running.opened(number).connection
        running.until(lambda: running.tally.sent > 10, "answers")
        running.end("close", number, connection)
        assert running.closed(connection).reason is CloseReason.LOCAL
    finally:
        storm.end()


def test_a_peer_that_resets_in_a_storm_leaves_what_came(running: RunningEngine) -> None:
    """Its messages are counted without being answered."""
    number, local = running.listen(SocketSpec("echo", buffer_size=1 << 16, framing=LINE, program=ECHO))
    peer = connect("127.0.0.1", local.port)
    connection = running.opened(number).connection
    peer.setblocking(False)
    sent = 0
    while sent < 50_000_000 and select.select([], [peer], [], 0.5)[1]:
        sent += peer.send(b"\n" * 65_536)
    peer.close()  # with unread answers: a reset
    closed = running.closed(connection)
    assert closed.reason is CloseReason.RESET
    assert closed.messages_in == closed.received
    assert len(running.bytes_of(connection, received=True)) == closed.received
    assert closed.received > closed.sent
