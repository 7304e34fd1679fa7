"""What programs want done besides sending, whichever way their server serves. Questions: tests/net/test_scripts.py."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack

import pytest

from explorer.core.calls import CallFlag, CallKind
from explorer.core.events import ConnectionOpened, SocketFailed
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, port_of, read, read_all

WAYS = ("selectors", "iterative", "thread", "process", "asyncio")
LINE = Choice("line")
PAUSE = 0.3  # seconds
RULES = Choice(
    "rules",
    {
        "rules": (
            {"match": "exact", "pattern": "later", "answer": "at last", "delay": int(PAUSE * 1000)},
            {"match": "exact", "pattern": "now", "answer": "at once"},
            {"match": "exact", "pattern": "off", "then": "reset"},
            {"match": "exact", "pattern": "bye", "then": "send_close", "answer": "goodbye"},
        )
    },
)


def serve(running: RunningEngine, way: str, program: Choice = RULES, **more: object) -> tuple[int, tuple[str, int]]:
    spec = SocketSpec("server", framing=LINE, program=program, serving=Choice(way), **more)  # type: ignore[arg-type]
    number, local = running.listen(spec)
    return number, (local.host, local.port)


def connection_of(running: RunningEngine, peer: socket.socket) -> int:
    return running.wait(ConnectionOpened, lambda event: event.remote.port == port_of(peer)).connection


@pytest.mark.parametrize("way", WAYS)
def test_a_wait_holds_back_one_connection_only(running: RunningEngine, way: str) -> None:
    _, where = serve(running, way)
    with connect(*where) as one, ExitStack() as stack:
        one.sendall(b"now\n")
        assert read(one, 8) == b"at once\n"
        begun = time.monotonic()
        one.sendall(b"later\nnow\n")
        if way != "iterative":
            other = stack.enter_context(connect(*where))
            other.sendall(b"now\n")
            assert read(other, 8) == b"at once\n"
        assert read(one, 16) == b"at last\nat once\n"
        assert time.monotonic() - begun >= PAUSE
    assert not running.all(SocketFailed)


@pytest.mark.parametrize("way", WAYS)
def test_a_wait_ends_with_its_connection(running: RunningEngine, way: str) -> None:
    number, where = serve(running, way, Choice("rules", {"rules": ({"match": "any", "answer": "x", "delay": 60_000},)}))
    with connect(*where) as peer:
        peer.sendall(b"a\n")
        connection = connection_of(running, peer)
        running.received(connection, 2)
        running.end("close", number, connection)
        assert read_all(peer) == b""
    assert running.closed(connection).reason is CloseReason.LOCAL


@pytest.mark.parametrize("way", WAYS)
def test_a_reset_reaches_the_peer_as_one(running: RunningEngine, way: str) -> None:
    _, where = serve(running, way)
    with connect(*where) as peer:
        peer.sendall(b"now\n")
        assert read(peer, 8) == b"at once\n"
        peer.sendall(b"off\n")
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
        closed = running.closed(connection_of(running, peer))
    assert (closed.reason, closed.failure, closed.sent) == (CloseReason.LOCAL, None, 8)


@pytest.mark.parametrize("way", WAYS)
def test_a_close_comes_behind_the_last_words(running: RunningEngine, way: str) -> None:
    _, where = serve(running, way)
    with connect(*where) as peer:
        peer.sendall(b"now\nbye\nnow\n")
        assert read_all(peer) == b"at once\ngoodbye\n"


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("iterative", "process")])
def test_what_one_says_all_others_are_told_in_one_order(running: RunningEngine, way: str) -> None:
    source = "def on_message(c, m):\n    c.tell(m)\n"
    _, where = serve(running, way, Choice("script", {"source": source, "time_limit": 10_000}))
    with ExitStack() as stack:
        peers = [stack.enter_context(connect(*where)) for _ in range(4)]
        for peer in peers:
            connection_of(running, peer)
        for place in range(20):
            for name, speaker in zip("ab", peers[:2], strict=True):
                speaker.sendall(f"{name}{place:02}\n".encode())
        heard = [read(listener, 160).decode().split() for listener in peers[2:]]
        assert heard[0] == heard[1]
        for name, speaker in zip("ab", peers[:2], strict=True):
            mine = [f"{name}{place:02}" for place in range(20)]
            assert [text for text in heard[0] if text[0] == name] == mine
            assert read(speaker, 80).decode().split() == [text for text in heard[0] if text[0] != name]


@pytest.mark.parametrize("way", WAYS)
def test_lingering_for_no_time_resets(running: RunningEngine, way: str) -> None:
    number, where = serve(running, way, options=SocketOptions(linger=0))
    with connect(*where) as peer:
        connection = connection_of(running, peer)
        running.end("close", number, connection)
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
    running.closed(connection)


@pytest.mark.parametrize("way", WAYS)
def test_lingering_holds_up_nobody_and_what_was_sent_comes(running: RunningEngine, way: str) -> None:
    """The peer does not read while the connection closes: close(2) waits for that where it is called."""
    number, where = serve(running, way, options=SocketOptions(linger=5, send_buffer=4096))
    _, other = serve(running, "selectors")
    with connect(*where) as slow, connect(*other) as quick:
        connection = connection_of(running, slow)
        job = running.send(bytes(6000), number, connection)
        running.job_done(job)
        begun = time.monotonic()
        running.end("close", number, connection)
        for _ in range(20):
            quick.sendall(b"now\n")
            assert read(quick, 8) == b"at once\n"
        assert time.monotonic() - begun < 2.0
        assert read_all(slow) == bytes(6000)
    running.closed(connection)
    [close] = [call for call in running.calls(CallKind.close) if call.connection == connection]
    assert bool(close.flags & CallFlag.PENDING) == (way != "process")  # a process may wait for it itself
