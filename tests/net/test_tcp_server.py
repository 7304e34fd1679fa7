from __future__ import annotations

import json
import os
import random
import select
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer.core.calls import CallFlag, CallKind
from explorer.core.commands import SetProgram, Start
from explorer.core.events import AcceptPaused, ConnectionChanged, ConnectionOpened, OptionsApplied, SocketChanged
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason, State
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import accept, connect, listener, port_of, read, read_all, reset

ROOT = Path(__file__).resolve().parents[2]
ECHO = Choice("echo")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "0.0.0.0", "::"])
def test_bytes_in_the_capture_are_the_bytes_sent(running: RunningEngine, host: str) -> None:
    number, local = running.listen(SocketSpec("server", host=host))
    data = random.Random(host).randbytes(300_000)
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(local.host, local.host)
    with connect(reachable, local.port) as peer:
        opened = running.opened(number)
        assert opened.accepted
        assert opened.remote.port == port_of(peer)
        assert opened.local.host == reachable
        peer.sendall(data)
    closed = running.closed(opened.connection)
    assert closed.reason is CloseReason.EOF
    assert closed.received == len(data)
    assert running.bytes_of(opened.connection, received=True) == data
    assert running.tally.of(opened.connection) == (len(data), 0)


def test_calls_are_recorded_with_their_details(running: RunningEngine) -> None:
    spec = SocketSpec("recorded", framing=Choice("line"), program=ECHO, options=SocketOptions(backlog=7))
    number, local = running.listen(spec)
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"hello\n")
        assert read(peer, 6) == b"hello\n"
        mine = f"127.0.0.1:{port_of(peer)}"
    connection = running.opened(number).connection
    running.closed(connection)
    running.stop(number)
    running.state(number, State.CLOSED)
    assert running.detail(CallKind.socket) == {
        "name": "recorded", "transport": "tcp", "role": "server", "family": "AF_INET", "type": "SOCK_STREAM",
        "host": "127.0.0.1", "port": 0, "buffer_size": spec.buffer_size, "encoding": "utf-8",
        "framing": {"kind": "line"}, "program": {"kind": "echo"},
    }  # fmt: skip
    assert running.detail(CallKind.bind) == {"address": "127.0.0.1:0", "local": str(local)}
    assert running.detail(CallKind.listen) == {"backlog": 7}
    assert running.detail(CallKind.accept) == {"peer": mine, "local": str(local)}
    assert running.detail(CallKind.close) == {"reason": "eof"}
    assert running.detail(CallKind.close, place=1) == {"reason": "local"}
    kinds = [call.kind.name for call in running.calls()]
    assert kinds == [
        "socket", "setsockopt", "bind", "listen", "accept", "recv", "send", "recv", "close", "close",
    ]  # fmt: skip
    assert {call.socket for call in running.calls()} == {number}
    ending = running.calls(CallKind.recv)[-1]
    assert ending.flags == CallFlag.END
    assert ending.size == 0
    sent = running.calls(CallKind.send)[0]
    assert (sent.asked, sent.size, running.reader.traffic(sent)) == (6, 6, b"hello\n")


def test_recv_asks_for_exactly_the_buffer_size(running: RunningEngine) -> None:
    for program in ("none", "echo"):
        number, local = running.listen(SocketSpec(program, buffer_size=7, program=Choice(program)))
        with connect("127.0.0.1", local.port) as peer:
            peer.sendall(bytes(100))
            peer.shutdown(socket.SHUT_WR)
            read_all(peer)
        connection = running.opened(number).connection
        closed = running.closed(connection)
        calls = [call for call in running.calls(CallKind.recv) if call.connection == connection]
        assert {call.asked for call in calls} == {7}
        assert max(call.size for call in calls) == 7
        assert closed.messages_in == len(calls) - 1


def test_many_clients_are_served_alone_and_together(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("many"))
    peers = [connect("127.0.0.1", local.port) for _ in range(5)]
    of_port = {running.opened(number, skip).remote.port: running.opened(number, skip).connection for skip in range(5)}
    connections = [of_port[port_of(peer)] for peer in peers]
    assert len(set(connections)) == 5
    job = running.send(b"to all", number)
    for peer in peers:
        assert read(peer, 6) == b"to all"
    assert running.job_done(job).sent == 30
    running.send(b"only you", number, connections[2])
    assert read(peers[2], 8) == b"only you"
    running.end("close", number, connections[0])
    assert running.closed(connections[0]).reason is CloseReason.LOCAL
    assert read_all(peers[0]) == b""
    running.end("reset", number, connections[1])
    with pytest.raises(ConnectionResetError):
        peers[1].recv(1)
    running.end("finish", number, connections[2])
    assert peers[2].recv(1) == b""
    running.wait(ConnectionChanged, lambda event: event.state is State.FIN_WAIT)
    peers[2].sendall(b"still read")
    assert running.received(connections[2], 10) == b"still read"
    late = running.send(b"too late", number, connections[2])
    assert "finished" in running.job_done(late).problem
    peers[2].close()
    assert running.closed(connections[2]).reason is CloseReason.EOF
    gone = running.send(b"nobody", number, connections[2])
    assert "closed" in running.job_done(gone).problem
    running.end("close", number)
    assert running.closed(connections[4]).reason is CloseReason.LOCAL
    for peer in peers:
        peer.close()


def test_a_reset_in_mid_transfer_is_told_as_such(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("reset"))
    peer = connect("127.0.0.1", local.port)
    peer.sendall(b"abc")
    connection = running.opened(number).connection
    running.received(connection, 3)
    reset(peer)
    closed = running.closed(connection)
    assert closed.reason is CloseReason.RESET
    assert closed.failure is not None
    assert closed.failure.errno == "ECONNRESET"
    assert "reset" in closed.failure.sentence
    assert running.calls(CallKind.recv)[-1].errno > 0
    with connect("127.0.0.1", local.port):  # the server goes on
        running.opened(number, skip=1)


def test_a_reset_under_a_program_is_told_as_such(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("reset", program=ECHO))
    peer = connect("127.0.0.1", local.port)
    peer.sendall(b"abc")
    assert read(peer, 3) == b"abc"
    reset(peer)
    assert running.closed(running.opened(number).connection).reason is CloseReason.RESET


def test_echo_finishes_what_it_owes_after_the_peer_finished(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("echo", program=ECHO, options=SocketOptions(send_buffer=4096)))
    data = random.Random(1).randbytes(400_000)
    with connect("127.0.0.1", local.port) as peer:
        # One thread both sends and reads: the pieces are small enough for the buffers between.
        got = b""
        for start in range(0, len(data), 4000):
            peer.sendall(data[start : start + 4000])
            got += read(peer, min(4000, len(data) - start))
        peer.sendall(b"the end")
        peer.shutdown(socket.SHUT_WR)
        assert got + read_all(peer) == data + b"the end"
    closed = running.closed(running.opened(number).connection)
    assert (closed.received, closed.sent) == (len(data) + 7, len(data) + 7)
    assert closed.messages_in == closed.messages_out


def test_a_peer_that_sends_and_never_reads_is_not_read_for_ever(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("echo", buffer_size=65_536, program=ECHO))
    with connect("127.0.0.1", local.port) as peer:
        peer.setblocking(False)
        connection = running.opened(number).connection
        block, sent = bytes(65_536), 0
        while sent < 100_000_000 and select.select([], [peer], [], 0.5)[1]:
            sent += peer.send(block)
        assert sent < 60_000_000  # the systems' buffers and ours took some; then the peer had to stop
        received, answered = running.tally.of(connection)
        assert 0 < received - answered <= 512 << 10
        assert received < sent
        peer.settimeout(15)
        peer.shutdown(socket.SHUT_WR)
        assert len(read_all(peer)) == sent


FLOOD = """
import contextlib, socket, sys
peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
block = bytes(1 << 20)
with contextlib.suppress(OSError):
    for _ in range(3000):
        peer.sendall(block)
"""


def test_a_peer_that_sends_for_ever_lets_others_have_their_turn(running: RunningEngine) -> None:
    _, loud = running.listen(SocketSpec("loud", buffer_size=1 << 20))
    _, quiet = running.listen(SocketSpec("quiet", program=ECHO))
    flood = subprocess.Popen([sys.executable, "-c", FLOOD, str(loud.port)])
    try:
        running.until(lambda: running.tally.received > 10_000_000, "flood")
        with connect("127.0.0.1", quiet.port) as peer:
            for _ in range(20):
                peer.sendall(b"ping")
                assert read(peer, 4) == b"ping"
        assert flood.poll() is None  # it was still under way
    finally:
        flood.kill()
        flood.wait()


def test_shutdown_with_1000_connections_takes_less_than_a_second(tmp_path: Path) -> None:
    with RunningEngine(tmp_path / "capture") as running:
        number, local = running.listen(SocketSpec("crowd", options=SocketOptions(backlog=2000)))
        peers = [connect("127.0.0.1", local.port) for _ in range(1000)]
        running.wait(ConnectionOpened, skip=999)
        assert running.shut_down() < 1.0
        assert running.stopped().problem == ""
        assert len(running.calls(CallKind.close)) == 1001
        assert running.state(number, State.CLOSED)
        for peer in peers:
            assert peer.recv(1) == b""
            peer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="sockets are no files there")
def test_more_connections_than_files_pauses_accepting_and_goes_on(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.net.few_files", str(tmp_path / "capture")],
        cwd=ROOT, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    told = json.loads(result.stdout)
    assert "ulimit" in told["why"]
    assert told["segments_made"] > 0  # the capture found files left to open
    assert told["went_on"]
    assert told["emfile_records"] >= 1
    assert told["served_in_the_end"] == told["clients"]


def test_address_in_use_names_our_socket(running: RunningEngine) -> None:
    _, local = running.listen(SocketSpec("echo"))
    number = running.start(SocketSpec("second", port=local.port))
    failed = running.failed(number)
    assert failed.fatal
    assert failed.failure.errno == "EADDRINUSE"
    assert (
        failed.failure.sentence
        == f'Port {local.port} is in use by your socket "echo". Stop it, or choose another port.'
    )
    assert running.reader.call(failed.record).kind is CallKind.bind
    running.state(number, State.FAILED)


def test_address_in_use_names_the_process(running: RunningEngine) -> None:
    with listener() as taken:
        number = running.start(SocketSpec("second", port=port_of(taken)))
        failure = running.failed(number).failure
        assert f"({os.getpid()})" in failure.means
        assert str(port_of(taken)) in failure.means


def test_stop_while_it_is_looked_up_who_holds_the_port(running: RunningEngine) -> None:
    with listener() as taken:
        number = running.start(SocketSpec("second", port=port_of(taken)))
        running.stop(number)
        end = running.wait(SocketChanged, lambda event: event.socket == number)
    assert end.state in (State.CLOSED, State.FAILED)


def test_an_address_that_is_not_ours(running: RunningEngine) -> None:
    number = running.start(SocketSpec("elsewhere", host="192.0.2.1", port=9000))
    failure = running.failed(number).failure
    assert failure.errno == "EADDRNOTAVAIL"
    assert failure.call == 'bind(("192.0.2.1", 9000))'
    assert "not an address of this machine" in failure.means


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other rules for low ports")
def test_port_80_without_the_right() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.net.no_rights"],
        cwd=ROOT, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    told = json.loads(result.stdout)
    if told["lowest"] <= 80:
        pytest.skip("this system lets everyone use port 80")
    assert told["errno"] == "EACCES"
    assert "port 80" in told["sentence"]
    assert "1024" in told["sentence"]


def test_another_program_goes_on_with_open_connections(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("changing"))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        peer.sendall(b"silence")
        running.received(connection, 7)
        running.post(SetProgram(number, ECHO, Choice("line")))
        running.post(SetProgram(number, Choice("no such"), Choice("line")))
        failure = running.failed(number).failure
        assert "no such" in failure.means
        peer.sendall(b"one\ntwo\n")
        assert read(peer, 8) == b"one\ntwo\n"


def test_a_lingering_close_does_not_hold_up_the_others(running: RunningEngine) -> None:
    options = SocketOptions(linger=3, send_buffer=4096)
    number, local = running.listen(SocketSpec("lingers", options=options))
    _, other = running.listen(SocketSpec("echo", program=ECHO))
    with connect("127.0.0.1", local.port) as deaf:
        connection = running.opened(number).connection
        running.send(bytes(8_000_000), number, connection)
        running.until(lambda: running.tally.sent > 0, "the beginning")
        running.end("close", number, connection)
        begun = time.monotonic()
        assert running.closed(connection).reason is CloseReason.LOCAL
        with connect("127.0.0.1", other.port) as peer:
            peer.sendall(b"x")
            assert read(peer, 1) == b"x"
        assert time.monotonic() - begun < 1.5
        assert len(read_all(deaf)) == running.tally.of(connection)[1]
    closing = next(call for call in running.calls(CallKind.close) if call.connection == connection)
    assert closing.flags & CallFlag.PENDING


def test_options_of_a_server(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("v6", host="::", options=SocketOptions(ipv6_only=True, backlog=9)))
    applied = [row for event in running.all(OptionsApplied) if event.socket == number for row in event.options]
    assert ("ipv6_only", "on", "on") in applied
    assert ("reuse_address", "on", "on") in applied
    if sys.platform == "linux":
        assert ("backlog", "9", "9") in applied
    with pytest.raises(ConnectionRefusedError):
        connect("127.0.0.1", local.port)
    connect("::1", local.port).close()


def test_stop_closes_the_connections_first(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("stopping"))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        running.stop(number)
        assert running.closed(connection).reason is CloseReason.LOCAL
        running.state(number, State.CLOSED)
        assert peer.recv(1) == b""
    again = running.start(SocketSpec("again", port=local.port))  # SO_REUSEADDR is on by default
    running.state(again, State.LISTEN)


def test_a_client_that_resets_before_it_is_accepted_harms_nobody(running: RunningEngine) -> None:
    _, local = running.listen(SocketSpec("early", host="0.0.0.0"))
    for _ in range(20):
        reset(connect("127.0.0.1", local.port))
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"x")
        wanted = port_of(peer)
        opened = running.wait(ConnectionOpened, lambda event: event.remote.port == wanted)
        running.received(opened.connection, 1)
    assert running.all(AcceptPaused) == []


def test_a_wrong_framing_is_refused(running: RunningEngine) -> None:
    number = running.start(SocketSpec("wrong", framing=Choice("fixed")))
    assert "size" in running.failed(number).failure.said
    running.state(number, State.FAILED)


def test_a_number_in_use_is_not_started_twice(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("first"))
    running.post(Start(number, SocketSpec("impostor")))
    with connect("127.0.0.1", local.port):
        running.opened(number)
    assert len(running.calls(CallKind.listen)) == 1


def test_half_close_lets_both_directions_end_on_their_own(running: RunningEngine) -> None:
    with listener() as listening:
        number = running.start(SocketSpec("client", role="client", port=port_of(listening)))
        peer = accept(listening)
        connection = running.opened(number).connection
        running.send(b"question", number)
        running.end("finish", number)
        assert read_all(peer) == b"question"
        running.state(number, State.FIN_WAIT)
        peer.sendall(b"a long answer" * 1000)
        peer.close()
        assert running.closed(connection).received == 13_000
        running.state(number, State.CLOSED)
    assert running.detail(CallKind.shutdown) == {"how": "SHUT_WR"}
