"""Calls that seldom fail, made to fail by sockets that stand in front of real ones."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest

from explorer.core.calls import CallFlag, CallKind
from explorer.core.events import AcceptPaused, DatagramsLost, SocketFailed
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import limits, reactor, tcp_server, udp, udp_outbox
from explorer.net import running as running_module
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import accept, connect, listener, port_of
from tests.net.peers import udp as udp_socket


class Failing(socket.socket):
    """A real socket; calls named in `fail` raise these errors, one each time, before they work."""

    fail: dict[str, list[int]]

    def _call(self, name: str, *given: Any) -> Any:
        waiting = self.fail.get(name)
        if waiting:
            number = waiting.pop(0)
            raise OSError(number, os.strerror(number))
        return getattr(super(), name)(*given)

    def accept(self) -> tuple[socket.socket, Any]:
        return self._call("accept")

    def listen(self, backlog: int = 0) -> None:
        self._call("listen", backlog)

    def connect(self, address: Any) -> None:
        self._call("connect", address)

    def close(self) -> None:
        super().close()
        waiting = self.fail.get("close")
        if waiting:
            number = waiting.pop(0)
            raise OSError(number, os.strerror(number))

    def getsockopt(self, *given: Any) -> Any:
        return self._call("getsockopt", *given)

    def recv_into(self, *given: Any) -> int:
        return self._call("recv_into", *given)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Every socket opened from now on fails as told: failing(accept=[errno, …])."""

    def use(**fail: list[int]) -> None:
        def made(family: int, kind: int) -> socket.socket:
            if fail.get("socket"):
                number = fail["socket"].pop(0)
                raise OSError(number, os.strerror(number))
            sock = Failing(family, kind)
            sock.fail = fail
            sock.setblocking(False)
            return sock

        monkeypatch.setattr(running_module, "non_blocking", made)

    return use


def test_out_of_files_pauses_accepting_and_says_when_it_goes_on(
    running: RunningEngine, failing: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp_server, "PAUSE", 0.05)
    failing(accept=[errno.EMFILE, errno.EMFILE])
    number, local = running.listen(SocketSpec("server"))
    with connect("127.0.0.1", local.port) as peer:
        opened = running.opened(number)
        assert opened.remote.port == port_of(peer)
    events = running.all(AcceptPaused)
    assert [bool(event.why) for event in events] == [True, False]
    assert "ulimit" in events[0].why
    assert [call.errno for call in running.calls(CallKind.accept)] == [errno.EMFILE, errno.EMFILE, 0]
    assert "Accepting pauses" in running.detail(CallKind.note)["text"]


def test_stop_during_a_pause(running: RunningEngine, failing: Callable[..., None]) -> None:
    failing(accept=[errno.ENFILE] * 100)
    number, local = running.listen(SocketSpec("server"))
    with connect("127.0.0.1", local.port):
        assert "whole system" in running.wait(AcceptPaused).why
        running.stop(number)
        running.state(number, State.CLOSED)


def test_a_selector_that_is_full_pauses_accepting(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp_server, "PAUSE", 0.05)
    number, local = running.listen(SocketSpec("server"))
    with monkeypatch.context() as patch:
        patch.setattr(reactor, "MOST_WATCHED", 1)
        peer = connect("127.0.0.1", local.port)
        assert "stay in the queue" in running.wait(AcceptPaused).why
    with peer:
        running.opened(number)
        assert running.wait(AcceptPaused, skip=1).why == ""


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("role", ["server", "client"])
def test_a_selector_that_takes_no_more_refuses_new_sockets(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch, transport: Any, role: Any
) -> None:
    monkeypatch.setattr(reactor, "MOST_WATCHED", 1)
    monkeypatch.setattr(reactor, "KEPT", 1)
    running.listen(SocketSpec("fits"))
    failed = running.failed(running.start(SocketSpec("x", transport=transport, role=role, port=9)))
    assert failed.fatal
    assert failed.failure.errno == "EMFILE"
    assert failed.failure.sentence == (
        "This system lets the program wait on 2 sockets at once, and all are in use. "
        "Stop some sockets or close some connections, then start this one again."
    )
    assert running.reader.call(failed.record).errno == errno.EMFILE


def test_a_client_that_gave_up_is_recorded_and_passed_over(
    running: RunningEngine, failing: Callable[..., None]
) -> None:
    failing(accept=[errno.ECONNABORTED])
    number, local = running.listen(SocketSpec("server"))
    with connect("127.0.0.1", local.port):
        running.opened(number)
    assert [call.errno for call in running.calls(CallKind.accept)] == [errno.ECONNABORTED, 0]
    assert running.all(AcceptPaused) == []


def test_listen_fails_on_a_port_that_another_socket_listens_on(
    running: RunningEngine, failing: Callable[..., None]
) -> None:
    failing(listen=[errno.EADDRINUSE])
    failed = running.failed(running.start(SocketSpec("server")))
    assert failed.failure.call.startswith("listen(")
    assert failed.failure.errno == "EADDRINUSE"
    assert running.calls(CallKind.listen)[0].errno == errno.EADDRINUSE
    assert running.reader.call(failed.record).kind is CallKind.listen
    assert len(running.calls(CallKind.close)) == 1


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("role", ["server", "client"])
def test_no_socket_can_be_made(running: RunningEngine, failing: Callable[..., None], transport: Any, role: Any) -> None:
    failing(socket=[errno.EMFILE])
    failed = running.failed(running.start(SocketSpec("x", transport=transport, role=role, port=9)))
    assert failed.failure.errno == "EMFILE"
    assert failed.failure.call.startswith("socket(")
    assert "ulimit" in failed.failure.advice
    assert running.reader.call(failed.record).errno == errno.EMFILE


def test_a_connect_that_is_refused_at_once(running: RunningEngine, failing: Callable[..., None]) -> None:
    failing(connect=[errno.ENETUNREACH])
    failed = running.failed(running.start(SocketSpec("client", role="client", host="192.0.2.9", port=9)))
    assert failed.failure.errno == "ENETUNREACH"
    assert "192.0.2.9" in failed.failure.means
    assert len(running.calls(CallKind.connect)) == 1


def test_a_connect_that_succeeds_at_once(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_module, "non_blocking", Prompt)
    with listener() as listening:
        number, connection = running.connect(SocketSpec("client", role="client", port=port_of(listening)))
        accept(listening).close()
    calls = running.calls(CallKind.connect)
    assert [(call.connection, call.errno, call.flags) for call in calls] == [(connection, 0, CallFlag.DETAIL)]
    assert running.state(number, State.ESTABLISHED)


class Prompt(socket.socket):
    """A socket whose connect is over when it returns, as on systems where loopback is that quick."""

    def connect(self, address: Any) -> None:
        self.setblocking(True)
        super().connect(address)
        self.setblocking(False)


def test_a_close_that_fails_is_recorded(running: RunningEngine, failing: Callable[..., None]) -> None:
    failing(close=[errno.EIO])
    number, _ = running.listen(SocketSpec("server"))
    running.stop(number)
    running.state(number, State.CLOSED)
    assert running.calls(CallKind.close)[0].errno == errno.EIO


def test_a_connection_given_up_by_the_system_is_a_timeout(running: RunningEngine, failing: Callable[..., None]) -> None:
    for program in ("none", "echo"):
        failing(recv_into=[errno.ETIMEDOUT])
        with listener() as listening:
            spec = SocketSpec("client", role="client", port=port_of(listening), program=Choice(program))
            _, connection = running.connect(spec)
            with accept(listening) as peer:
                peer.sendall(b"x")
                closed = running.closed(connection)
        assert closed.reason is CloseReason.TIMEOUT
        assert closed.failure is not None
        assert "gave the connection up" in closed.failure.means


def test_a_kernel_that_counts_no_drops(running: RunningEngine, failing: Callable[..., None]) -> None:
    failing(getsockopt=[errno.ENOPROTOOPT] * 10)
    number, local = running.listen(SocketSpec("server", transport="udp"))
    with udp_socket() as peer:
        for _ in range(3):
            peer.sendto(b"x", (local.host, local.port))
        running.received(running.opened(number).connection, 3)
    running.stop(number)
    running.state(number, State.CLOSED)
    assert running.all(DatagramsLost) == []


def test_a_udp_connect_that_fails(running: RunningEngine, failing: Callable[..., None]) -> None:
    failing(connect=[errno.ENETUNREACH])
    spec = SocketSpec("client", transport="udp", role="client", host="192.0.2.9", port=9)
    assert running.failed(running.start(spec)).failure.errno == "ENETUNREACH"
    assert running.calls(CallKind.connect)[0].errno == errno.ENETUNREACH


def test_the_same_failure_of_many_datagrams_is_told_once_in_a_while(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(udp, "QUIET", 100.0)

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(udp_outbox.Outbox, "_send", refuse)
    with udp_socket() as peer:
        number, _ = running.connect(
            SocketSpec("client", transport="udp", role="client", port=port_of(peer), options=SocketOptions())
        )
        for _ in range(5):
            job = running.send(b"x", number)
            assert "firewall" in running.job_done(job).problem
    assert len(running.all(SocketFailed)) == 1
    assert len(running.calls(CallKind.send)) == 5


def test_the_files_kept_back_are_held_while_a_server_listens(running: RunningEngine) -> None:
    running.listen(SocketSpec("server"))
    assert len(running.engine._context.reserve._held) == limits.KEPT_BACK
    running.shut_down()
    assert running.engine._context.reserve._held == []
