from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from explorer.core.calls import CallFlag, CallKind
from explorer.core.events import ConnectionClosed, ConnectionOpened, DatagramsLost, OptionsApplied, SocketFailed
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import answers, resolver, udp, udp_calls, udp_outbox, udp_peers, udp_speech
from explorer.net.resolver import Address
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, port_of, read, unused_port
from tests.net.peers import udp as udp_socket


def server(name: str = "server", **more: object) -> SocketSpec:
    return SocketSpec(name, transport="udp", **more)  # type: ignore[arg-type]


def client(port: int, host: str = "127.0.0.1", **more: object) -> SocketSpec:
    return SocketSpec("client", transport="udp", role="client", host=host, port=port, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_every_remote_address_is_a_connection(running: RunningEngine, host: str) -> None:
    number, local = running.listen(server(host=host))
    with udp_socket(local.host) as one, udp_socket(local.host) as other:
        one.sendto(b"first", (local.host, local.port))
        opened = running.opened(number)
        one.sendto(b"", (local.host, local.port))
        one.sendto(b"third", (local.host, local.port))
        other.sendto(b"from the other", (local.host, local.port))
        second = running.opened(number, skip=1)
        assert (opened.remote.port, second.remote.port) == (port_of(one), port_of(other))
        assert opened.accepted
        assert running.received(second.connection, 14) == b"from the other"
        running.send(b"answer", number, opened.connection)
        assert one.recv(100) == b"answer"
        job = running.send(b"to all", number)
        assert one.recv(100) == b"to all"
        assert other.recv(100) == b"to all"
        assert running.job_done(job).sent == 12
    calls = [call for call in running.calls(CallKind.recvfrom) if call.connection == opened.connection]
    assert [running.reader.traffic(call) for call in calls] == [b"first", b"", b"third"]
    assert all(call.flags == CallFlag.DATAGRAM for call in calls)
    assert running.detail(CallKind.peer) == {"peer": str(opened.remote), "local": str(local)}
    kinds = [call.kind for call in running.calls() if call.connection == opened.connection]
    assert kinds[0] is CallKind.peer
    running.stop(number)
    closed = running.closed(opened.connection)
    assert (closed.received, closed.messages_in, closed.messages_out) == (10, 3, 2)
    running.state(number, State.CLOSED)


def test_a_datagram_that_does_not_fit_is_shown_as_cut(running: RunningEngine) -> None:
    number, local = running.listen(server(buffer_size=10))
    with udp_socket() as peer:
        peer.sendto(b"0123456789", (local.host, local.port))
        peer.sendto(b"0123456789 and more", (local.host, local.port))
        connection = running.opened(number).connection
        running.received(connection, 20)
    fits, cut = running.calls(CallKind.recvfrom)
    assert (fits.size, fits.asked, fits.flags, fits.extra) == (10, 10, CallFlag.DATAGRAM, 0)
    assert (cut.size, cut.asked) == (10, 10)
    assert cut.flags == CallFlag.DATAGRAM | CallFlag.CUT
    assert running.reader.traffic(cut) == b"0123456789"
    if sys.platform == "linux":
        assert cut.extra == 19


def test_a_connected_client_and_its_echo(running: RunningEngine) -> None:
    _, local = running.listen(server("echo", program=Choice("echo")))
    number, connection = running.connect(client(local.port))
    running.send(b"hello", number)
    assert running.received(connection, 5) == b"hello"
    sent, got = running.calls(CallKind.send)[0], running.calls(CallKind.recv)[0]
    assert sent.flags == got.flags == CallFlag.DATAGRAM
    detail = running.detail(CallKind.connect)
    assert detail["address"] == str(local)
    assert detail["local"].startswith("127.0.0.1:")
    running.send(b"", number)  # an empty datagram is data: it comes back
    running.until(lambda: len(running.calls(CallKind.recv)) == 2, "an empty answer")
    running.end("close", number)
    assert running.closed(connection).reason is CloseReason.LOCAL
    running.state(number, State.CLOSED)


def test_each_datagram_is_framed_on_its_own(running: RunningEngine) -> None:
    """As the capture does it: datagrams may be lost or change places, so none goes on with what another began."""
    number, local = running.listen(server(framing=Choice("line"), program=Choice("echo")))
    with udp_socket() as peer:
        peer.sendto(b"one\ntw", (local.host, local.port))
        assert peer.recv(100) == b"one\n"
        peer.sendto(b"o\n", (local.host, local.port))
        assert peer.recv(100) == b"o\n"
    connection = running.opened(number).connection
    running.stop(number)
    assert running.closed(connection).messages_in == 2


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS tells it of another call")
def test_a_refused_datagram_is_told_and_the_socket_goes_on(running: RunningEngine) -> None:
    port = unused_port(socket.SOCK_DGRAM)
    number, connection = running.connect(client(port))
    running.send(b"anyone?", number)
    failed = running.failed(number)
    assert (failed.fatal, failed.connection) == (False, connection)
    assert failed.failure.errno == "ECONNREFUSED"
    assert "Start the receiver first" in failed.failure.advice
    assert running.reader.call(failed.record).errno > 0
    job = running.send(b"again?", number)
    running.job_done(job)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", port))
        peer.settimeout(15)
        last = running.send(b"now?", number)
        assert peer.recv(100) == b"now?"
        assert running.job_done(last).problem == ""


def test_an_error_of_an_earlier_datagram_does_not_eat_the_next(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = udp_outbox.Outbox._send
    failures = [ConnectionRefusedError(111, "Connection refused")]

    def send(self: udp_outbox.Outbox, sock: socket.socket, offered: memoryview, peer: udp_peers.UdpPeer) -> int:
        if failures:
            raise failures.pop()
        return real(self, sock, offered, peer)

    monkeypatch.setattr(udp_outbox.Outbox, "_send", send)
    with udp_socket() as peer:
        number, _ = running.connect(client(port_of(peer)))
        job = running.send(b"kept", number)
        assert peer.recv(100) == b"kept"
        assert running.job_done(job).problem == ""
    assert not running.failed(number).fatal


def test_a_datagram_that_is_too_long(running: RunningEngine) -> None:
    with udp_socket() as peer:
        number, _ = running.connect(client(port_of(peer)))
        for size in (65_508, 100_000):
            job = running.send(bytes(size), number)
            done = running.job_done(job)
            assert done.sent == 0
            assert "65,507" in done.problem
        assert running.failed(number).failure.errno == "EMSGSIZE"
        running.send(bytes(65_507), number)
        assert len(peer.recv(70_000)) == 65_507


def test_a_file_goes_as_one_datagram_a_piece(running: RunningEngine, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(os.urandom(2500))
    with udp_socket() as peer:
        number, _ = running.connect(client(port_of(peer)))
        job = running.send_file(file, number, piece=1000)
        parts = [peer.recv(2000) for _ in range(3)]
        assert [len(part) for part in parts] == [1000, 1000, 500]
        assert b"".join(parts) == file.read_bytes()
        assert running.job_done(job).sent == 2500
        number_of_datagrams = len(running.calls(CallKind.send))
        assert number_of_datagrams == 3
        broken = running.send_file(file, number, piece=70_000)
        assert running.job_done(broken).sent == 2500


def test_idle_addresses_expire_visibly(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp_peers, "IDLE", 0.05)
    monkeypatch.setattr(udp, "SWEEP", 0.05)
    number, local = running.listen(server())
    with udp_socket() as peer:
        peer.sendto(b"x", (local.host, local.port))
        first = running.opened(number).connection
        closed = running.closed(first)
        assert closed.reason is CloseReason.TIMEOUT
        assert "silent" in running.detail(CallKind.note)["text"]
        peer.sendto(b"back again", (local.host, local.port))
        assert running.opened(number, skip=1).connection != first


def test_an_address_that_is_silent_for_long_did_not_fail(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert udp_peers.IDLE == 3600
    monkeypatch.setattr(udp_peers, "IDLE", 0.05)
    monkeypatch.setattr(udp, "SWEEP", 0.05)
    number, local = running.listen(server())
    with udp_socket() as peer:
        peer.sendto(b"x", (local.host, local.port))
        assert running.closed(running.opened(number).connection).failure is None
    assert running.all(SocketFailed) == []


def test_answers_to_one_datagram_are_limited(running: RunningEngine) -> None:
    """Its sender may have forged its address: nobody shall be flooded through this socket."""
    number, local = running.listen(server(buffer_size=65_535, framing=Choice("line"), program=Choice("echo")))
    with udp_socket() as peer:
        peer.sendto(b"\n" * 60_000, (local.host, local.port))
        for _ in range(udp_speech.MOST_ANSWERS):
            assert peer.recv(10) == b"\n"
        peer.sendto(b"next\n", (local.host, local.port))
        assert peer.recv(10) == b"next\n"
    connection = running.opened(number).connection
    running.stop(number)  # which tells of answers that the limit of a second kept back; these are not of them
    closed = running.closed(connection)
    assert (closed.messages_in, closed.messages_out) == (60_001, udp_speech.MOST_ANSWERS + 1)
    notes = [running.reader.detail(call)["text"] for call in running.calls(CallKind.note)]
    assert notes == [udp_speech.TOO_MANY]


def test_datagrams_of_tiny_messages_let_others_have_their_turn(running: RunningEngine) -> None:
    number, local = running.listen(
        server(buffer_size=65_535, framing=Choice("line"), program=Choice("echo"),
               options=SocketOptions(receive_buffer=8 << 20))
    )  # fmt: skip
    _, quiet = running.listen(SocketSpec("quiet", program=Choice("echo")))
    with udp_socket() as peer, connect("127.0.0.1", quiet.port) as other:
        for _ in range(100):
            peer.sendto(b"\n" * 60_000, (local.host, local.port))
        running.opened(number)
        trips = []
        for _ in range(20):
            begun = time.monotonic()
            other.sendall(b"ping")
            assert read(other, 4) == b"ping"
            trips.append(time.monotonic() - begun)
        assert max(trips) < 0.5
        running.stop(number)
        begun = time.monotonic()
        running.state(number, State.CLOSED)
        assert time.monotonic() - begun < 1.0


def test_an_address_taken_off_the_list_gets_no_more_answers(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "TURN", 0)  # one message a turn
    number, local = running.listen(server(buffer_size=65_535, framing=Choice("line"), program=Choice("echo")))
    with udp_socket() as peer:
        peer.sendto(b"\n" * 60_000, (local.host, local.port))
        connection = running.opened(number).connection
        running.end("close", number, connection)
        closed = running.closed(connection)
        assert closed.messages_in < 60_000
        peer.sendto(b"again\n", (local.host, local.port))
        while peer.recv(10) != b"again\n":
            pass


def test_too_many_addresses_push_out_the_oldest(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp_peers, "MOST", 3)
    number, local = running.listen(server())
    peers = [udp_socket() for _ in range(5)]
    for peer in peers:
        peer.sendto(b"x", (local.host, local.port))
    running.wait(ConnectionClosed, skip=1)
    opened = [running.opened(number, skip).connection for skip in range(5)]
    assert [event.connection for event in running.all(ConnectionClosed)] == opened[:2]
    for peer in peers:
        peer.close()


def test_taking_an_address_off_the_list(running: RunningEngine) -> None:
    number, local = running.listen(server())
    with udp_socket() as peer:
        peer.sendto(b"x", (local.host, local.port))
        connection = running.opened(number).connection
        running.end("finish", number, connection)
        failed = running.failed(number)
        assert not failed.fatal
        assert "no end of a stream" in failed.failure.means
        running.end("close", number, connection)
        assert running.closed(connection).reason is CloseReason.LOCAL
        peer.sendto(b"y", (local.host, local.port))
        assert running.opened(number, skip=1).connection != connection


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts them for each socket")
def test_what_the_system_dropped_is_counted(running: RunningEngine) -> None:
    number, local = running.listen(server(buffer_size=2000, options=SocketOptions(receive_buffer=1)))
    stopped, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        stopped.set()
        go_on.wait(10)

    running.engine._reactor.post(hold)
    assert stopped.wait(10)
    with udp_socket() as peer:
        for _ in range(50):
            peer.sendto(bytes(1000), (local.host, local.port))
    go_on.set()
    lost = running.wait(DatagramsLost)
    assert lost.socket == number
    got = len(running.calls(CallKind.recvfrom))
    assert lost.count == 50 - got == running.tally.dropped


def test_broadcast_needs_its_option(running: RunningEngine) -> None:
    number, _ = running.listen(server())
    told = running.start(server("with it", options=SocketOptions(broadcast=True, no_delay=True)))
    options = running.wait(OptionsApplied, lambda event: event.socket == told).options
    assert ("broadcast", "on", "on") in options
    assert ("no_delay", "on", "not set: only for TCP") in options
    failure = running.failed(running.start(client(9, "255.255.255.255"))).failure
    assert failure.errno in ("EACCES", "ENETUNREACH")
    assert number


def test_an_address_in_use_names_our_socket(running: RunningEngine) -> None:
    _, local = running.listen(server("first"))
    failure = running.failed(running.start(server("second", port=local.port))).failure
    assert 'your socket "first"' in failure.means


def test_a_name_that_gives_several_addresses(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*_: object, **__: object) -> list[Address]:
        return [Address(socket.AF_INET, ("192.0.2.1", 0)), Address(socket.AF_INET, ("127.0.0.1", 0))]

    monkeypatch.setattr(resolver, "look_up", found)
    _, local = running.listen(server(host="several.example"))
    assert local.host == "127.0.0.1"
    monkeypatch.setattr(resolver, "look_up", lambda *_, **__: found()[:1] * 2)
    failure = running.failed(running.start(server(host="elsewhere.example"))).failure
    assert failure.errno == "EADDRNOTAVAIL"
    assert "(Tried: 192.0.2.1:0, 192.0.2.1:0.)" in failure.means


def test_a_client_binds_where_it_is_told(running: RunningEngine) -> None:
    port = unused_port(socket.SOCK_DGRAM)
    with udp_socket() as peer:
        for number, options in enumerate(
            (
                SocketOptions(local_port=port),
                SocketOptions(local_host="127.0.0.3"),
                SocketOptions(local_host="localhost"),
            )
        ):
            socket_number, _ = running.connect(client(port_of(peer), options=options))
            running.send(b"x", socket_number)
            _, address = peer.recvfrom(10)
            assert address[:2] == ("127.0.0.1", port) if number == 0 else address[0].startswith("127.")
        failed = running.failed(running.start(client(port_of(peer), options=SocketOptions(local_host="::1"))))
        assert failed.failure.errno == "EAFNOSUPPORT"


def test_the_queue_is_bounded_and_waits_for_the_system(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    real = udp_outbox.Outbox._send
    monkeypatch.setattr(udp_outbox.Outbox, "_send", busy)
    with udp_socket() as peer:
        number, connection = running.connect(client(port_of(peer)))
        jobs = [running.send(bytes(60_000), number) for _ in range(300)]
        assert "as fast as they come" in running.job_done(jobs[-1]).problem
        running.cancel(jobs[0])
        assert running.job_done(jobs[0]).problem.startswith("Cancelled")
        monkeypatch.setattr(udp_outbox.Outbox, "_send", real)
        assert running.job_done(jobs[1]).problem == ""
        assert len(peer.recv(70_000)) == 60_000
        running.stop(number)
        running.closed(connection)


def test_stopping_tells_what_was_not_sent(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp_outbox.Outbox, "write", lambda self: None)
    with udp_socket() as peer:
        number, _ = running.connect(client(port_of(peer)))
        job = running.send(b"x", number)
        running.stop(number)
        assert "stopped" in running.job_done(job).problem


def test_an_echo_that_cannot_answer_stops_reading(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    real = udp_outbox.Outbox._send

    def send(self: udp_outbox.Outbox, sock: socket.socket, offered: memoryview, peer: udp_peers.UdpPeer) -> int:
        if not free.is_set():
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real(self, sock, offered, peer)

    monkeypatch.setattr(udp_outbox.Outbox, "_send", send)
    monkeypatch.setattr(udp, "HIGH_WATER", 4000)
    monkeypatch.setattr(udp, "LOW_WATER", 2000)
    options = SocketOptions(receive_buffer=1 << 20)
    number, local = running.listen(server(program=Choice("echo"), options=options))
    with udp_socket() as peer:
        for _ in range(20):
            peer.sendto(bytes(1000), (local.host, local.port))
        connection = running.opened(number).connection
        running.received(connection, 4000)
        assert running.tally.of(connection)[0] == 4000
        free.set()
        for _ in range(20):
            assert len(peer.recv(2000)) == 1000


def test_a_bug_in_a_handler_ends_the_socket_and_not_the_engine(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, local = running.listen(server())

    def broken(*_: object) -> bool:
        raise ZeroDivisionError("on purpose")

    with monkeypatch.context() as patch, udp_socket() as peer:
        patch.setattr(udp.UdpSocket, "_receive", broken)
        peer.sendto(b"x", (local.host, local.port))
        failed = running.wait(SocketFailed)
        assert (failed.socket, failed.fatal) == (number, True)
        assert "on purpose" in failed.failure.said
    number, local = running.listen(server("next"))
    with udp_socket() as peer:
        peer.sendto(b"x", (local.host, local.port))
        assert running.wait(ConnectionOpened).socket == number


def test_windows_does_not_tell_whose_a_cut_datagram_was(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows' way, with sockets that fail as Windows' do."""

    class Wsa:
        def __init__(self, sock: socket.socket) -> None:
            self._sock = sock

        def recvfrom_into(self, room: memoryview) -> tuple[int, object]:
            data, address = self._sock.recvfrom(65_535)
            room[: min(len(data), len(room))] = data[: len(room)]
            if len(data) > len(room):
                raise OSError(udp_calls.WSAEMSGSIZE, "A message was larger than the buffer")
            return len(data), address

    def receive(sock: socket.socket, room: memoryview) -> tuple[int, bool, tuple[object, ...]]:
        return udp_calls.receive_on_windows(Wsa(sock), room)  # type: ignore[arg-type]

    monkeypatch.setattr(udp_calls, "receive_into", receive)
    monkeypatch.setattr(udp_calls, "TELLS_SIZE", False)
    number, local = running.listen(server(buffer_size=4))
    with udp_socket() as peer:
        peer.sendto(b"too long", (local.host, local.port))
        peer.sendto(b"fits", (local.host, local.port))
        running.received(running.opened(number).connection, 4)
        one, _ = running.connect(client(port_of(peer), buffer_size=4))
        running.send(b"x", one)
        _, address = peer.recvfrom(10)
        peer.sendto(b"too long", address)
        running.received(running.opened(one).connection, 4)
    cut, whole = running.calls(CallKind.recvfrom)
    assert (cut.connection, cut.size, cut.extra) == (0, 4, 0)
    assert cut.flags == CallFlag.DATAGRAM | CallFlag.CUT
    assert running.reader.traffic(whole) == b"fits"
    assert running.calls(CallKind.recv)[0].flags & CallFlag.CUT
