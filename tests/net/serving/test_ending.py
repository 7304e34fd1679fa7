"""How servers end, whichever way they serve: nothing is told too late or not at all, and nobody is held up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from explorer.core.calls import CallKind
from explorer.core.commands import Start, Stop
from explorer.core.events import (
    CaptureFull,
    ConnectionClosed,
    ConnectionOpened,
    ScriptOutput,
    SocketChanged,
    SocketFailed,
)
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import processes
from explorer.net.serving import process as serving_process
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, read, read_all
from tests.net.test_storms import fill

WAYS = ("selectors", "iterative", "thread", "process", "asyncio")
LINE, ECHO = Choice("line"), Choice("echo")
GOODBYE = """\
def on_message(connection, message):
    return message
def on_close(connection):
    print("closed", connection.number)
"""


@pytest.fixture(autouse=True)
def none_is_left() -> Iterator[None]:
    yield
    processes.wait_for_all()
    assert not psutil.Process().children(recursive=True)


def spec(way: str, program: Choice = ECHO, **more: object) -> SocketSpec:
    settings = {"framing": LINE, **more}
    return SocketSpec("server", program=program, serving=Choice(way), **settings)  # type: ignore[arg-type]


def suspend(running: RunningEngine) -> None:
    for child in psutil.Process().children():
        child.suspend()


# -- what is told -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["stop", "shut down"])
@pytest.mark.parametrize("way", WAYS)
def test_all_that_were_accepted_are_told_opened_then_closed(tmp_path: Path, way: str, how: str) -> None:
    """Although some have hardly begun: threads and processes are still coming up."""
    with RunningEngine(tmp_path / "capture") as running, ExitStack() as stack:
        number, local = running.listen(spec(way))
        for _ in range(12):
            stack.enter_context(connect(local.host, local.port))
        running.until(lambda: len(running.calls(CallKind.accept)) >= (1 if way == "iterative" else 3), "some accepts")
        if how == "stop":
            running.stop(number)
            running.state(number, State.CLOSED)
        else:
            running.shut_down()
        told = [event for event in running.events if isinstance(event, ConnectionOpened | ConnectionClosed)]
        accepted = sorted(call.connection for call in running.calls(CallKind.accept))
        closed = sorted(call.connection for call in running.calls(CallKind.close) if call.connection)
        opened = [event.connection for event in told if isinstance(event, ConnectionOpened)]
        ended = [event.connection for event in told if isinstance(event, ConnectionClosed)]
        assert sorted(opened) == sorted(ended) == accepted == closed
        for connection in opened:
            mine = [type(event) for event in told if event.connection == connection]
            assert mine == [ConnectionOpened, ConnectionClosed]
        last = [event for event in running.events if isinstance(event, ConnectionClosed | SocketChanged)][-1]
        assert isinstance(last, SocketChanged)


@pytest.mark.parametrize("how", ["stop", "shut down"])
@pytest.mark.parametrize("way", [way for way in WAYS if way != "process"])
def test_a_script_is_told_of_connections_that_close_with_their_socket(tmp_path: Path, way: str, how: str) -> None:
    with RunningEngine(tmp_path / "capture") as running, ExitStack() as stack:
        number, local = running.listen(spec(way, Choice("script", {"source": GOODBYE, "time_limit": 10_000})))
        for _ in range(1 if way == "iterative" else 3):
            peer = stack.enter_context(connect(local.host, local.port))
            peer.sendall(b"a\n")
            assert read(peer, 2) == b"a\n"
        if how == "stop":
            running.stop(number)
            running.until(lambda: not psutil.Process().children(), "the end of the script")
        else:
            assert running.shut_down() < 2
        expected = {f"closed {event.connection}" for event in running.all(ConnectionOpened)}
        assert {event.text for event in running.all(ScriptOutput)} == expected
        assert not running.all(SocketFailed)


# -- processes --------------------------------------------------------------------------------------


def test_a_stuck_process_holds_up_nobody_else(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving_process, "PATIENCE", 0.6)
    _, other = running.listen(spec("selectors"))
    number, local = running.listen(spec("process"))
    with connect(local.host, local.port) as stuck, connect(other.host, other.port) as peer:
        stuck.sendall(b"a\n")
        assert read(stuck, 2) == b"a\n"
        suspend(running)
        running.stop(number)
        longest = 0.0
        while running.engine._context.sockets.get(number) is not None or number in running.engine._context.endings:
            begun = time.monotonic()
            peer.sendall(b"b\n")
            assert read(peer, 2) == b"b\n"
            longest = max(longest, time.monotonic() - begun)
        assert longest < 0.3
        failure = running.closed(running.opened(number).connection).failure
        assert failure is not None
        assert "was killed, for it did not close the connection within 0.6 s" in failure.means
        running.state(number, State.CLOSED)


def test_what_is_asked_of_a_server_that_ends_is_done_behind_its_end(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_process, "PATIENCE", 0.2)
    number, local = running.listen(spec("process"))
    with connect(local.host, local.port) as stuck:
        stuck.sendall(b"a\n")
        assert read(stuck, 2) == b"a\n"
        suspend(running)
        running.stop(number)
        running.stop(number)
        again = spec("selectors", port=local.port)
        for command in (Start(number, again), Stop(number), Start(number, again), Stop(number)):
            running.post(command)
        running.wait(SocketChanged, lambda event: event.state is State.CLOSED, skip=2)
    changes = [event.state for event in running.all(SocketChanged)]
    assert changes == [State.LISTEN, State.CLOSED] * 3


def test_a_full_capture_does_not_hold_up_the_end_of_a_process(tmp_path: Path) -> None:
    with RunningEngine(tmp_path / "small", quota=2 << 20, segment_bytes=1 << 19, segment_records=4096) as running:
        number, local = running.listen(spec("process", Choice("discard"), framing=Choice("raw")))
        with connect(local.host, local.port) as peer:
            fill(peer)
            running.wait(CaptureFull)
            begun = time.monotonic()
            running.stop(number)
            running.state(number, State.CLOSED)
            assert time.monotonic() - begun < 1.5
        closed = running.closed(running.opened(number).connection)
        assert (closed.reason, closed.failure) == (CloseReason.LOCAL, None)
        assert closed.received == len(running.bytes_of(closed.connection, received=True))
        [note] = [running.reader.detail(call)["text"] for call in running.calls(CallKind.note)]
        assert note.startswith("The capture was full when this connection ended: ")
        assert "and 0 bytes that it had sent are not kept." in note


def test_what_a_process_tells_must_make_sense(running: RunningEngine) -> None:
    number, local = running.listen(spec("process"))
    with connect(local.host, local.port) as peer:
        peer.sendall(b"a\n")
        assert read(peer, 2) == b"a\n"
        server = running.engine._context.sockets[number]
        assert isinstance(server, serving_process.ProcessServer)
        [client] = server._served.values()
        server.loop.post(lambda: client._process.broke(ValueError("no JSON")))
        assert read_all(peer) == b""
    failure = running.closed(client.number).failure
    assert failure is not None
    assert failure.means.endswith(
        "was ended, for what it told could not be used (no JSON); its connection ended with it."
    )
