from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path

import pytest

from explorer.core.calls import CallFlag, CallKind
from explorer.core.events import OptionsApplied, SocketChanged
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import resolver
from explorer.net.resolver import Address
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import accept, listener, port_of, read, read_all, reset, unused_port


def client(port: int, host: str = "127.0.0.1", **more: object) -> SocketSpec:
    return SocketSpec("client", role="client", host=host, port=port, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_both_directions_are_captured(running: RunningEngine, host: str) -> None:
    with listener(host) as listening:
        number, connection = running.connect(client(port_of(listening), host))
        with accept(listening) as peer:
            job = running.send(b"to the server", number)
            assert read(peer, 13) == b"to the server"
            assert running.job_done(job).sent == 13
            peer.sendall(b"to the client")
            assert running.received(connection, 13) == b"to the client"
            assert running.bytes_of(connection, received=False) == b"to the server"
        closed = running.closed(connection)
    assert closed.reason is CloseReason.EOF
    assert (closed.messages_in, closed.messages_out) == (1, 1)
    running.state(number, State.CLOSED)


def test_connect_is_recorded_twice_when_it_had_to_wait(running: RunningEngine) -> None:
    with listener() as listening:
        number, connection = running.connect(client(port_of(listening)))
        accept(listening).close()
    running.closed(connection)
    calls = running.calls(CallKind.connect)
    address = f"127.0.0.1:{port_of_detail(running)}"
    if calls[0].flags & CallFlag.PENDING:
        assert calls[0].connection == 0
        assert calls[0].errno != 0
        assert running.reader.detail(calls[0]) == {"address": address}
    done = calls[-1]
    assert (done.connection, done.errno) == (connection, 0)
    detail = running.reader.detail(done)
    assert detail["address"] == address
    assert detail["local"].startswith("127.0.0.1:")
    changed = running.state(number, State.ESTABLISHED)
    assert str(changed.remote) == address
    assert str(changed.local) == detail["local"]


def port_of_detail(running: RunningEngine) -> str:
    return str(running.detail(CallKind.connect)["address"]).rpartition(":")[2]


def test_a_name_is_resolved_and_every_address_is_tried(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    with listener() as listening:
        port = port_of(listening)

        def found(where: object, kind: object, passive: bool = False) -> list[Address]:
            return [
                Address(socket.AF_INET6, ("::1", port, 0, 0)),
                Address(socket.AF_INET, ("127.0.0.2", port)),
                Address(socket.AF_INET, ("127.0.0.1", port)),
            ]

        monkeypatch.setattr(resolver, "look_up", found)
        number, _ = running.connect(client(port, "several.example"))
        accept(listening).close()
    winner = running.state(number, State.ESTABLISHED)
    assert winner.remote is not None
    assert winner.remote.host == "127.0.0.1"
    assert running.detail(CallKind.getaddrinfo) == {
        "host": "several.example", "port": port,
        "results": [f"[::1]:{port}", f"127.0.0.2:{port}", f"127.0.0.1:{port}"],
    }  # fmt: skip
    assert running.all(SocketChanged)[0].state is State.RESOLVING
    assert len(running.calls(CallKind.socket)) == 3


def test_when_every_address_fails_all_are_named(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    port = unused_port()
    both = [Address(socket.AF_INET, ("127.0.0.1", port)), Address(socket.AF_INET, ("127.0.0.2", port))]
    monkeypatch.setattr(resolver, "look_up", lambda *_, **__: both)
    failed = running.failed(running.start(client(port, "several.example")))
    assert failed.failure.errno == "ECONNREFUSED"
    assert f"127.0.0.1:{port} (ECONNREFUSED), 127.0.0.2:{port} (ECONNREFUSED)" in failed.failure.means


def test_refused(running: RunningEngine) -> None:
    port = unused_port()
    number = running.start(client(port))
    failed = running.failed(number)
    assert failed.fatal
    assert failed.failure.errno == "ECONNREFUSED"
    assert failed.failure.call == f'connect(("127.0.0.1", {port}))'
    assert "Start the server first" in failed.failure.advice
    record = running.reader.call(failed.record)
    assert (record.kind, record.connection) == (CallKind.connect, 0)
    assert record.errno > 0
    running.state(number, State.FAILED)


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a..b", "x" * 70 + ".invalid", "nul\0byte"])
def test_a_host_that_does_not_resolve(running: RunningEngine, name: str) -> None:
    failed = running.failed(running.start(client(9, name)))
    assert failed.failure.errno.startswith("EAI_")
    assert failed.failure.advice
    detail = running.detail(CallKind.getaddrinfo)
    assert detail["error"] == failed.failure.errno
    assert detail["message"]
    assert running.calls(CallKind.getaddrinfo)[0].errno > 0


@pytest.mark.skipif(sys.platform != "linux", reason="what the system says differs")
@pytest.mark.parametrize(("host", "errno"), [("fe80::1", "EINVAL"), ("255.255.255.255", "ENETUNREACH|EACCES|EINVAL")])
def test_an_address_that_cannot_be_reached(running: RunningEngine, host: str, errno: str) -> None:
    failure = running.failed(running.start(client(9, host))).failure
    assert failure.errno in errno.split("|")
    assert failure.means
    assert failure.advice


def test_stop_cancels_a_connect_under_way(running: RunningEngine) -> None:
    with _deaf() as (port, _):
        number = running.start(client(port))
        running.state(number, State.SYN_SENT)
        running.stop(number)
        running.state(number, State.CLOSED)
    assert running.calls(CallKind.connect)[0].flags & CallFlag.PENDING
    assert len(running.calls(CallKind.connect)) == 1
    assert running.detail(CallKind.close) == {"reason": "local"}


def test_the_option_timeout_ends_a_connect(running: RunningEngine) -> None:
    with _deaf() as (port, _):
        number = running.start(client(port, options=SocketOptions(timeout=0.2)))
        failure = running.failed(number).failure
    assert failure.errno == "ETIMEDOUT"
    assert "did not answer in time" in failure.means
    duration = running.calls(CallKind.connect)[-1].duration
    assert 150_000 < duration < 10_000_000  # microseconds


class _deaf:  # noqa: N801 (used like a function)
    """A listener whose queue is full: further connects get no answer (Linux drops their SYN)."""

    def __enter__(self) -> tuple[int, list[socket.socket]]:
        self.listening = listener(backlog=0)
        self.filling: list[socket.socket] = []
        port = port_of(self.listening)
        for _ in range(20):
            peer = socket.socket()
            peer.settimeout(0.2)
            self.filling.append(peer)
            try:
                peer.connect(("127.0.0.1", port))
            except TimeoutError:
                return port, self.filling
        pytest.skip("this system answers although the queue is full")

    def __exit__(self, *_: object) -> None:
        for peer in (*self.filling, self.listening):
            peer.close()


def test_stop_during_a_look_up_ignores_its_answer(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answer = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> list[Address]:
        asked.set()
        answer.wait(10)
        return [Address(socket.AF_INET, ("127.0.0.1", 1))]

    monkeypatch.setattr(resolver, "look_up", slow)
    number = running.start(client(1, "slow.example"))
    assert asked.wait(10)
    running.stop(number)
    running.state(number, State.CLOSED)
    answer.set()
    other = running.start(client(unused_port()))
    running.failed(other)
    assert [call.socket for call in running.calls(CallKind.socket)] == [other]


def test_a_bug_in_the_look_up_is_told_and_harms_nobody(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> list[Address]:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(resolver, "look_up", broken)
    failure = running.failed(running.start(client(1, "broken.example"))).failure
    assert "fault inside" in failure.means
    assert "on purpose" in failure.said


def test_a_connection_with_itself_is_detected(running: RunningEngine) -> None:
    port = unused_port()
    options = SocketOptions(local_host="127.0.0.1", local_port=port)
    number = running.start(client(port, options=options))
    failed = running.failed(number)
    assert failed.fatal
    assert "connected to itself" in failed.failure.means
    assert running.state(number, State.FAILED)
    assert "itself" in running.detail(CallKind.note)["text"]


def test_a_client_binds_where_it_is_told(running: RunningEngine) -> None:
    port = unused_port()
    with listener() as listening:
        running.connect(client(port_of(listening), options=SocketOptions(local_port=port)))
        peer = accept(listening)
        assert peer.getpeername() == ("127.0.0.1", port)
        peer.close()
        running.connect(client(port_of(listening), options=SocketOptions(local_host="127.0.0.3")))
        second = accept(listening)
        assert second.getpeername()[0] == "127.0.0.3"
        second.close()
        running.connect(client(port_of(listening), options=SocketOptions(local_host="localhost")))
        accept(listening).close()
    assert running.detail(CallKind.bind)["local"] == f"0.0.0.0:{port}"


def test_a_local_address_of_the_other_kind_is_refused(running: RunningEngine) -> None:
    with listener() as listening:
        number = running.start(client(port_of(listening), options=SocketOptions(local_host="::1")))
        failure = running.failed(number).failure
    assert failure.errno == "EAFNOSUPPORT"
    assert failure.call == 'bind(("::1", 0))'


def test_a_local_port_in_use_names_its_holder(running: RunningEngine) -> None:
    _, local = running.listen(SocketSpec("holder"))
    with listener() as listening:
        options = SocketOptions(local_host="127.0.0.1", local_port=local.port)
        number = running.start(client(port_of(listening), options=options))
        assert 'your socket "holder"' in running.failed(number).failure.means


def test_a_reset_ends_the_client(running: RunningEngine) -> None:
    with listener() as listening:
        number, connection = running.connect(client(port_of(listening), program=Choice("echo")))
        reset(accept(listening))
        assert running.closed(connection).reason is CloseReason.RESET
        running.state(number, State.CLOSED)


def test_our_reset_reaches_the_peer(running: RunningEngine) -> None:
    with listener() as listening:
        number, _ = running.connect(client(port_of(listening)))
        with accept(listening) as peer:
            running.end("reset", number)
            with pytest.raises(ConnectionResetError):
                peer.recv(1)
    running.state(number, State.CLOSED)
    detail = running.detail(CallKind.setsockopt)
    assert detail == {"level": "SOL_SOCKET", "option": "SO_LINGER", "asked": "on, 0 s", "got": "on, 0 s"}


def test_finish_waits_for_what_is_queued(running: RunningEngine, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(bytes(range(256)) * 20_000)
    with listener() as listening:
        number, _ = running.connect(client(port_of(listening)))
        peer = accept(listening)
        job = running.send_file(file, number)
        running.end("finish", number)
        assert read_all(peer) == file.read_bytes()
        assert running.job_done(job).problem == ""
        peer.close()


OPTIONS = SocketOptions(
    reuse_address=True, reuse_port=True, no_delay=True, keep_alive=True, linger=3, receive_buffer=4096,
    send_buffer=8192, broadcast=True, ipv6_only=True,
)  # fmt: skip


def test_options_are_set_and_read_back(running: RunningEngine) -> None:
    with listener() as listening:
        number, _ = running.connect(client(port_of(listening), options=OPTIONS))
        accept(listening).close()
    told = running.wait(OptionsApplied, lambda event: event.socket == number).options
    got = {name: (asked, result) for name, asked, result in told}
    assert got["no_delay"] == ("on", "on")
    assert got["keep_alive"] == ("on", "on")
    assert got["linger"] == ("on, 3 s", "on, 3 s")
    assert got["reuse_address"] == ("on", "on")
    assert got["broadcast"] == ("on", "not set: only for UDP")
    assert got["ipv6_only"] == ("on", "not set: only for IPv6")
    if sys.platform == "linux":
        assert got["receive_buffer"] == ("4096", "8192")
        assert got["send_buffer"] == ("8192", "16384")
    recorded = {
        running.reader.detail(call)["option"]: running.reader.detail(call)
        for call in running.calls(CallKind.setsockopt)
    }
    assert recorded["SO_RCVBUF"]["asked"] == "4096"
    assert recorded["SO_RCVBUF"]["level"] == "SOL_SOCKET"
    assert recorded["SO_RCVBUF"]["got"] == got["receive_buffer"][1]


def test_an_option_that_is_refused_is_told_and_the_socket_goes_on(running: RunningEngine) -> None:
    with listener() as listening:
        number, _ = running.connect(client(port_of(listening), options=SocketOptions(receive_buffer=1 << 40)))
        accept(listening).close()
    failed = running.failed(number)
    assert not failed.fatal
    assert failed.failure.call == "setsockopt(SOL_SOCKET, SO_RCVBUF, 1099511627776)"
    assert running.wait(OptionsApplied).options == (("receive_buffer", "1099511627776", "refused"),)
