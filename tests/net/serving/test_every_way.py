"""What a TCP server does, whichever way it serves."""

from __future__ import annotations

import random
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.core.calls import CallFlag, CallKind
from explorer.core.commands import ResumeCapture, SetPace, SetProgram, Start, Stop
from explorer.core.events import CaptureFull, ConnectionChanged, ConnectionOpened, SocketChanged
from explorer.core.filling import Filling
from explorer.core.pace import Pace
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, port_of, read, read_all, reset
from tests.net.test_storms import fill

WAYS = ("selectors", "iterative", "thread", "process", "asyncio")
THREADED = WAYS[1:]
ECHO, LINE, NONE = Choice("echo"), Choice("line"), Choice("none")


class Again:
    """A message without fields."""

    def fill(self, filling: Filling) -> bytes:
        return b"again"


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Choice:
    return Choice(str(request.param))


def serve(running: RunningEngine, way: Choice, **fields: object) -> tuple[int, int]:
    """(number, port) of a server that echoes lines, if not asked for anything else."""
    settings: dict[str, object] = {"framing": LINE, "program": ECHO, "buffer_size": 64, **fields}
    number, local = running.listen(SocketSpec("server", serving=way, **settings))  # type: ignore[arg-type]
    return number, local.port


def send_and_finish(peer: socket.socket, data: bytes) -> None:
    peer.sendall(data)
    peer.shutdown(socket.SHUT_WR)


def test_a_line_comes_back_and_every_call_is_recorded(running: RunningEngine, way: Choice) -> None:
    number, port = serve(running, way)
    with connect("127.0.0.1", port) as peer:
        for line in (b"one\n", b"two, in two parts\n"):
            peer.sendall(line[:2])
            peer.sendall(line[2:])
            assert read(peer, len(line)) == line
        opened = running.opened(number)
        assert (opened.remote.port, opened.accepted) == (port_of(peer), True)
    closed = running.closed(opened.connection)
    assert (closed.reason, closed.messages_in, closed.messages_out) == (CloseReason.EOF, 2, 2)
    assert running.bytes_of(opened.connection, received=True) == b"one\ntwo, in two parts\n"
    assert running.bytes_of(opened.connection, received=False) == b"one\ntwo, in two parts\n"
    receives = running.calls(CallKind.recv)
    assert {call.asked for call in receives} == {64}
    assert receives[-1].flags == CallFlag.END
    running.stop(number)
    running.state(number, State.CLOSED)
    kinds = [call.kind.name for call in running.calls() if call.kind not in (CallKind.recv, CallKind.send)]
    asked = [name for name in kinds if name != "worker"]
    assert asked == ["socket", "setsockopt", "bind", "listen", "accept", "close", "close"]
    assert kinds.count("worker") == (0 if way.kind == "selectors" else 2)
    assert not any(call.errno for call in running.calls())


def test_the_way_is_recorded_with_the_socket(running: RunningEngine, way: Choice) -> None:
    number, _ = serve(running, way)
    recorded = running.detail(CallKind.socket, number).get("serving")
    assert recorded == (None if way.kind == "selectors" else way.to_json())


@pytest.mark.needs("ncat", "socat")
@pytest.mark.parametrize("program", ["ncat", "socat"])
def test_programs_of_others_get_their_lines_back(running: RunningEngine, way: Choice, program: str) -> None:
    _, port = serve(running, way)
    asked = {"ncat": ["ncat", "127.0.0.1", str(port)], "socat": ["socat", "-t5", "-", f"TCP:127.0.0.1:{port}"]}
    done = subprocess.run(asked[program], input=b"hello\nworld\n", capture_output=True, timeout=15, check=True)
    assert done.stdout == b"hello\nworld\n"


def test_a_stream_larger_than_all_buffers_comes_back_whole(running: RunningEngine, way: Choice) -> None:
    number, port = serve(running, way, framing=Choice("raw"), buffer_size=65_536)
    data = random.Random(1).randbytes(6_000_000)
    with connect("127.0.0.1", port) as peer:
        sender = threading.Thread(target=send_and_finish, args=(peer, data))
        sender.start()
        assert read_all(peer) == data
        sender.join()
    closed = running.closed(running.opened(number).connection)
    assert (closed.received, closed.sent, closed.reason) == (len(data), len(data), CloseReason.EOF)


def test_what_is_left_to_send_is_sent_after_the_peer_has_finished(running: RunningEngine, way: Choice) -> None:
    number, port = serve(running, way, framing=Choice("raw"))
    data = bytes(100_000)
    with connect("127.0.0.1", port) as peer:
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == data
    assert running.closed(running.opened(number).connection).reason is CloseReason.EOF


def test_a_reset_by_the_peer_is_told_with_its_failure(running: RunningEngine, way: Choice) -> None:
    number, port = serve(running, way)
    peer = connect("127.0.0.1", port)
    peer.sendall(b"begun")
    opened = running.opened(number)
    reset(peer)
    closed = running.closed(opened.connection)
    assert closed.reason is CloseReason.RESET
    assert closed.failure is not None
    assert closed.failure.errno == "ECONNRESET"


@pytest.mark.parametrize("how", ["finish", "close", "reset"])
def test_a_connection_is_ended_by_the_user(running: RunningEngine, way: Choice, how: str) -> None:
    number, port = serve(running, way)
    with connect("127.0.0.1", port) as peer:
        opened = running.opened(number)
        running.end(how, number, opened.connection)
        if how == "reset":
            with pytest.raises(ConnectionResetError):
                peer.recv(1)
        else:
            assert peer.recv(1) == b""
        if how == "finish":
            running.wait(ConnectionChanged, lambda event: event.state is State.FIN_WAIT)
            assert [running.reader.detail(call)["how"] for call in running.calls(CallKind.shutdown)] == ["SHUT_WR"]
    closed = running.closed(opened.connection)
    assert closed.reason is (CloseReason.EOF if how == "finish" else CloseReason.LOCAL)


def test_the_user_sends_while_the_server_waits_to_receive(running: RunningEngine, way: Choice, tmp_path: Path) -> None:
    number, port = serve(running, way, program=NONE)
    file = tmp_path / "file"
    file.write_bytes(random.Random(2).randbytes(3_000_000))
    with connect("127.0.0.1", port) as peer:
        connection = running.opened(number).connection
        first = running.send(b"by hand", number, connection)
        assert read(peer, 7) == b"by hand"
        assert running.job_done(first).problem == ""
        second = running.send_file(file, number, connection)
        assert read(peer, 3_000_000) == file.read_bytes()
        assert running.job_done(second).sent == 3_000_000
        repeated = running.repeat(Again(), number, connection, every=0.001, times=20)
        assert read(peer, 100) == b"again" * 20
        assert running.repeat_done(repeated).messages == 20
    assert running.closed(connection).sent == 3_000_107


def test_a_send_that_the_peer_does_not_read_is_taken_back(running: RunningEngine, way: Choice, tmp_path: Path) -> None:
    number, port = serve(running, way, program=NONE)
    file = tmp_path / "file"
    file.write_bytes(bytes(40_000_000))
    with connect("127.0.0.1", port) as peer:
        connection = running.opened(number).connection
        job = running.send_file(file, number, connection)
        assert read(peer, 1000) == bytes(1000)
        peer.sendall(b"we can talk meanwhile\n")  # the server receives although its sending is stuck
        assert running.received(connection, 22) == b"we can talk meanwhile\n"
        running.cancel(job)
        assert "Cancelled" in running.job_done(job).problem
        running.end("close", number, connection)
        running.closed(connection)


def test_a_stop_ends_everything_at_once(running: RunningEngine, way: Choice) -> None:
    """Clients that are silent, that do not read, and that were never accepted."""
    number, port = serve(running, way, framing=Choice("raw"))
    silent = connect("127.0.0.1", port)
    running.opened(number)
    stuck = connect("127.0.0.1", port)
    fill(stuck)
    if way.kind != "iterative":
        running.opened(number, skip=1)
    before = set(threading.enumerate())
    running.stop(number)
    running.state(number, State.CLOSED)
    opened = [event.connection for event in running.all(ConnectionOpened)]
    assert len(opened) == (1 if way.kind == "iterative" else 2)
    assert all(running.closed(number).reason is CloseReason.LOCAL for number in opened)
    assert silent.recv(1) == b""
    assert not [thread for thread in before if thread.name.startswith("server: ") and thread.is_alive()]
    silent.close()
    stuck.close()


def test_a_stopped_server_starts_again_under_its_number(running: RunningEngine, way: Choice) -> None:
    number, port = serve(running, way)
    with connect("127.0.0.1", port):
        running.opened(number)
        running.post(Stop(number))
        running.post(Start(number, SocketSpec("server", port=port, framing=LINE, program=ECHO, serving=way)))
        running.wait(SocketChanged, lambda event: event.state is State.LISTEN, skip=1)
    with connect("127.0.0.1", port) as peer:
        peer.sendall(b"again\n")
        assert read(peer, 6) == b"again\n"


def test_shutting_the_engine_down_leaves_no_thread(tmp_path: Path, way: Choice) -> None:
    with RunningEngine(tmp_path / "capture") as engine:
        _, port = serve(engine, way)
        peers = [connect("127.0.0.1", port) for _ in range(5)]
        peers[0].sendall(b"x\n")
        assert read(peers[0], 2) == b"x\n"
        assert engine.shut_down() < 2.0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("server: ")]
    for peer in peers:
        peer.close()


def test_program_and_framing_change_while_a_client_is_served(running: RunningEngine, way: Choice) -> None:
    number, port = serve(running, way, framing=Choice("fixed", {"size": 6}))
    with connect("127.0.0.1", port) as peer:
        peer.sendall(b"abc\ndef\nghi\n")
        assert read(peer, 12) == b"abc\ndef\nghi\n"
        peer.sendall(b"begun")
        running.received(running.opened(number).connection, 17)
        running.post(SetProgram(number, ECHO, LINE))
        running.until(lambda: len(running.calls(CallKind.note)) == 1, "a note of the new framing")
        peer.sendall(b"\n")
        assert read(peer, 6) == b"begun\n"
        running.post(SetProgram(number, Choice("discard"), LINE))
        peer.sendall(b"gone\n")
        peer.shutdown(socket.SHUT_WR)
        assert set(read_all(peer)) <= set(b"gone\n")


def test_silence_ends_a_message(running: RunningEngine, way: Choice) -> None:
    _, port = serve(running, way, framing=Choice("idle", {"ms": 30}))
    with connect("127.0.0.1", port) as peer:
        peer.sendall(b"no end mark")
        assert read(peer, 11) == b"no end mark"


def test_the_pace_cuts_sends_and_changes_at_once(running: RunningEngine, way: Choice) -> None:
    number, port = serve(running, way, pace=Pace(send_size=1, send_pause=60_000))
    with connect("127.0.0.1", port) as peer:
        peer.sendall(b"slow!\n")
        assert read(peer, 1) == b"s"
        running.post(SetPace(number, Pace(send_size=2, send_pause=1)))
        assert read(peer, 5) == b"low!\n"
    running.closed(running.opened(number).connection)
    assert [call.size for call in running.calls(CallKind.send)] == [1, 2, 2, 1]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "small", quota=1 << 20, segment_bytes=1 << 19, segment_records=4096) as engine:
        yield engine


def test_a_full_capture_stops_reading_and_loses_nothing(small: RunningEngine, way: Choice) -> None:
    number, port = serve(small, way, program=NONE, framing=Choice("raw"), buffer_size=4096)
    data = random.Random(3).randbytes(4_000_000)
    with connect("127.0.0.1", port) as peer:
        sender = threading.Thread(target=send_and_finish, args=(peer, data))
        sender.start()
        small.wait(CaptureFull, lambda event: bool(event.why))
        small.post(ResumeCapture(1 << 30))
        small.wait(CaptureFull, lambda event: not event.why)
        closed = small.closed(small.opened(number).connection)
        sender.join()
    assert closed.received == len(data)
    assert small.bytes_of(closed.connection, received=True) == data
    assert len(small.all(CaptureFull)) == 2


def test_two_servers_of_each_way_share_one_engine(running: RunningEngine) -> None:
    """Threads of many servers write one capture, and each byte stands where it belongs."""
    ports = [serve(running, Choice(name), framing=Choice("raw"), buffer_size=512)[1] for name in WAYS for _ in "ab"]

    def talk(port: int) -> None:
        data = random.Random(port).randbytes(60_000)
        for _ in range(2):
            with connect("127.0.0.1", port) as peer:
                for at in range(0, len(data), 4000):
                    peer.sendall(data[at : at + 4000])
                    got = read(peer, min(4000, len(data) - at))
                    assert got == data[at : at + 4000]
            done.append(port)

    done: list[int] = []
    talkers = [threading.Thread(target=talk, args=(port,)) for port in ports]
    for talker in talkers:
        talker.start()
    for talker in talkers:
        talker.join()
    assert len(done) == 2 * len(ports)
    for event in running.all(ConnectionOpened):
        running.closed(event.connection)
        data = random.Random(event.local.port).randbytes(60_000)
        assert running.bytes_of(event.connection, received=True) == data
        assert running.bytes_of(event.connection, received=False) == data
    times = [call.time for call in running.calls()]
    assert times == sorted(times)
