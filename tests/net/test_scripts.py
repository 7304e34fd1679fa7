"""Scripts on real sockets, under each way of serving that they fit."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from explorer.core.calls import CallKind
from explorer.core.commands import SetProgram, Start
from explorer.core.events import ConnectionClosed, ScriptOutput, SocketFailed
from explorer.core.serving import KINDS
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, read, read_all

SOURCE = """\
names = []
def on_open(connection):
    names.append(connection.peer)
    return f"{len(names)}: hello"
def on_message(connection, message):
    if message == b"spin":
        while True: pass
    if message == b"fail":
        raise ValueError("as asked")
    if message == b"all":
        connection.tell(f"{connection.number} speaks")
    if message == b"wait":
        connection.wait(0.05)
    if message == b"bye":
        connection.send("goodbye")
        connection.close()
        return
    if message == b"reset":
        connection.reset()
    return message.upper()
def on_close(connection):
    print("closed", names.index(connection.peer) if connection.peer in names else "after a new start")
"""
SCRIPT = Choice("script", {"source": SOURCE, "time_limit": 10_000})  # the machine may be busy
HURRIED = Choice("script", {"source": SOURCE, "time_limit": 150})
WAYS = [kind.name for kind in KINDS if kind.name != "process"]


def spec(serving: str = "selectors", script: Choice = SCRIPT) -> SocketSpec:
    return SocketSpec("script", framing=Choice("line"), program=script, serving=Choice(serving))


def pids() -> list[int]:
    return [child.pid for child in psutil.Process().children(recursive=True)]


@pytest.mark.parametrize("serving", WAYS)
def test_a_script_answers_under_each_way_of_serving(running: RunningEngine, serving: str) -> None:
    number, local = running.listen(spec(serving))
    with connect(local.host, local.port) as peer:
        assert read(peer, 9) == b"1: hello\n"
        peer.sendall(b"one\nwait\n\xc3\xa4\nbye\nnever\n")
        assert read_all(peer) == b"ONE\nWAIT\n\xc3\xa4\ngoodbye\n"
    closed = running.wait(ConnectionClosed)
    assert closed.reason is CloseReason.LOCAL
    assert running.wait(ScriptOutput).text == "closed 0"
    assert len(pids()) == 1
    running.stop(number)
    running.until(lambda: not pids(), "the end of the process")
    assert not running.all(SocketFailed)


@pytest.mark.parametrize("serving", [way for way in WAYS if way != "iterative"])
def test_many_clients_of_one_script(running: RunningEngine, serving: str) -> None:
    _, local = running.listen(spec(serving))
    with ExitStack() as open_sockets:
        peers = [open_sockets.enter_context(connect(local.host, local.port)) for _ in range(20)]
        # Threads may ask in any order.
        assert {line(peer) for peer in peers} == {f"{place}: hello".encode() for place in range(1, 21)}
        for text in (b"a\n", b"b\n", b"c\n"):
            for peer in peers:
                peer.sendall(text)
            for peer in peers:
                assert read(peer, 2) == text.upper()
        peers[0].sendall(b"all\n")
        assert read(peers[0], 4) == b"ALL\n"
        [told] = {line(peer) for peer in peers[1:]}
        assert told.endswith(b" speaks")
    running.until(lambda: len(running.all(ScriptOutput)) == 20, "20 calls of on_close")


def line(peer: socket.socket) -> bytes:
    """Up to the next line end."""
    got = b""
    while not got.endswith(b"\n"):
        got += read(peer, 1)
    return got[:-1]


def test_an_endless_loop_closes_its_connection_only(running: RunningEngine) -> None:
    number, local = running.listen(spec(script=HURRIED))
    with connect(local.host, local.port) as bad, connect(local.host, local.port) as good:
        read(bad, 9)
        read(good, 9)
        bad.sendall(b"spin\n")
        assert read_all(bad) == b""
        failed = running.failed(number)
        assert not failed.fatal
        assert failed.failure.means.startswith("on_message took longer than its limit of 0.15 s and was ended.")
        assert "line 7 (while True: pass)" in failed.failure.means
        good.sendall(b"fail\nstill here\n")
        assert read(good, 11) == b"STILL HERE\n"
    raised = running.wait(SocketFailed, skip=1)
    assert raised.failure.means == "on_message failed in line 9: ValueError: as asked"
    [note] = [call for call in running.calls(CallKind.note) if call.number == raised.record]
    assert "as asked" in running.reader.detail(note)["traceback"]


def test_a_reset_of_a_script(running: RunningEngine) -> None:
    _, local = running.listen(spec())
    with connect(local.host, local.port) as peer:
        read(peer, 9)
        peer.sendall(b"reset\n")
        with pytest.raises(ConnectionResetError):
            read_all(peer)


def test_a_script_over_udp(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("script", transport="udp", program=SCRIPT))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(10)
        peer.sendto(b"one", (local.host, local.port))
        assert {peer.recv(100), peer.recv(100)} == {b"1: hello", b"ONE"}
    running.stop(number)
    running.until(lambda: not pids(), "the end of the process")


def test_the_engines_end_ends_the_process(tmp_path: Path) -> None:
    with RunningEngine(tmp_path / "capture") as running:
        _, local = running.listen(spec())
        with connect(local.host, local.port) as peer:
            read(peer, 9)
            peer.sendall(b"spin\n")
            assert running.shut_down() < 2
            assert not pids()


def test_what_nobody_trusted_is_not_started(tmp_path: Path) -> None:
    trusted = "def on_message(connection, message): return b'trusted'\n"
    with RunningEngine(tmp_path / "capture", trusts=lambda source: source == trusted) as running:
        number = running.start(spec())
        assert running.state(number, State.FAILED)
        failed = running.failed(number)
        assert failed.fatal
        assert 'The script of socket "script" came with a file and was not trusted yet' in failed.failure.means
        assert "--trust-scripts" in failed.failure.advice
        assert not pids()
        other, local = running.listen(spec(script=Choice("script", {"source": trusted})))
        running.post(SetProgram(other, SCRIPT, Choice("line")))
        assert not running.failed(other).fatal
        with connect(local.host, local.port) as peer:
            peer.sendall(b"a\n")
            assert read(peer, 8) == b"trusted\n"
        example = running.start(spec(script=Choice("script")))  # our own: nobody need trust it
        assert running.state(example, State.LISTEN)


def test_another_program_ends_the_script(running: RunningEngine) -> None:
    number, local = running.listen(spec())
    with connect(local.host, local.port) as peer:
        read(peer, 9)
        running.post(SetProgram(number, Choice("echo"), Choice("line")))
        running.until(lambda: not pids(), "the end of the process")
        peer.sendall(b"echoed\n")
        assert read(peer, 7) == b"echoed\n"
        running.post(SetProgram(number, SCRIPT, Choice("line")))
        peer.sendall(b"and asked\n")
        found = read(peer, 10)
        while found != b"AND ASKED\n":  # either program may have got it
            peer.sendall(b"and asked\n")
            found = read(peer, 10)


def test_a_script_with_a_syntax_error_is_not_started(running: RunningEngine) -> None:
    number = running.start(spec(script=Choice("script", {"source": "def on_message(connection, message)\n  pass"})))
    assert running.state(number, State.FAILED)
    assert "Line 1, column 36: Expected ':'." in running.failed(number).failure.means
    running.post(Start(number, spec()))
    assert running.state(number, State.LISTEN)
