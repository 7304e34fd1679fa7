from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.commands import ResumeCapture, Send, Shutdown, Stop, Target
from explorer.core.errors import InputError
from explorer.core.events import CaptureFull, ConnectionChanged, ConnectionClosed, EngineStopped, Event, SocketFailed
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.core.tally import Tally
from explorer.net import sending
from explorer.net.conversation import Conversation
from explorer.net.engine import Engine
from explorer.net.reactor import Reactor
from explorer.net.tcp_connection import TcpConnection
from explorer.programs.api import Action, Close, World
from explorer.programs.api import Send as Answer
from explorer.wire.framing.api import Framer
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import accept, connect, listener, port_of, read, read_all, udp

MIB = 1 << 20
SEGMENT = {"segment_bytes": MIB, "segment_records": 4096}
FIRST = MIB + 4096 * 48  # what the first segments take


@pytest.fixture
def small(tmp_path: Path) -> Iterator[RunningEngine]:
    """An engine whose capture takes one MiB, and not a byte more."""
    with RunningEngine(tmp_path / "capture", quota=FIRST, **SEGMENT) as engine:
        yield engine


@pytest.mark.parametrize("program", ["none", "discard", "echo"])
def test_a_full_capture_pauses_reading_and_loses_nothing(small: RunningEngine, program: str) -> None:
    number, local = small.listen(SocketSpec("server", buffer_size=65_536, program=Choice(program)))
    data = bytes(range(256)) * 12_000
    with connect("127.0.0.1", local.port) as peer:
        sender = threading.Thread(target=_exchange, args=(peer, data, program == "echo"))
        sender.start()
        full = small.wait(CaptureFull)
        assert "Reading is paused, so nothing is lost" in full.why
        connection = small.opened(number).connection
        paused_at = small.tally.of(connection)
        small.post(ResumeCapture())  # nothing has changed: it says so again
        again = small.wait(CaptureFull, skip=1)
        assert again.why == full.why
        assert small.tally.of(connection) == paused_at
        small.post(ResumeCapture(quota=100_000_000))
        assert small.wait(CaptureFull, lambda event: event.why == "")
        assert small.received(connection, len(data)) == data
        sender.join()
    assert small.closed(connection).received == len(data)


def _exchange(peer: socket.socket, data: bytes, back: bool) -> None:
    """Send everything and, with `back`, read it all again, both at once."""
    receiver = threading.Thread(target=read, args=(peer, len(data))) if back else None
    if receiver:
        receiver.start()
    peer.sendall(data)
    if receiver:
        receiver.join()


def test_a_full_capture_pauses_sending_too(small: RunningEngine) -> None:
    with listener() as listening:
        number, _ = small.connect(SocketSpec("client", role="client", port=port_of(listening)))
        peer = accept(listening)
    with peer:
        data = bytes(3 * MIB)
        job = small.send(data, number)
        small.wait(CaptureFull)
        small.post(ResumeCapture(quota=100_000_000))
        assert read(peer, len(data)) == data
        assert small.job_done(job).problem == ""


def test_a_full_capture_pauses_datagrams_and_accepting(small: RunningEngine) -> None:
    with listener() as listening:
        number, _ = small.connect(SocketSpec("client", role="client", port=port_of(listening)))
        peer = accept(listening)
    _, tcp = small.listen(SocketSpec("server"))
    udp_number, local = small.listen(SocketSpec("udp", transport="udp"))
    small.send(bytes(3 * MIB), number)
    small.wait(CaptureFull)
    with connect("127.0.0.1", tcp.port), udp() as other, peer:
        other.sendto(b"kept", (local.host, local.port))
        small.send(b"waits", udp_number)
        small.post(ResumeCapture(quota=100_000_000))
        opened = small.opened(udp_number)
        assert small.received(opened.connection, 4) == b"kept"
        small.send(b"goes", udp_number)
        assert other.recv(10) == b"goes"


def test_datagrams_fill_the_capture_too(small: RunningEngine) -> None:
    with udp() as peer:
        number, connection = small.connect(
            SocketSpec("client", transport="udp", role="client", port=port_of(peer), buffer_size=MIB // 2)
        )
        for _ in range(40):
            small.send(bytes(50_000), number)
        small.wait(CaptureFull)
        small.post(ResumeCapture(quota=100_000_000))
        small.until(lambda: small.tally.sent == 2_000_000, "all of them")
        assert small.tally.of(connection) == (0, 2_000_000)


def test_commands_about_what_is_gone_are_ignored(running: RunningEngine) -> None:
    running.stop(77)
    running.end("close", 77)
    running.post(ResumeCapture())
    number, _ = running.listen(SocketSpec("server"))
    running.end("close", number, 99)
    running.stop(number)
    running.state(number, State.CLOSED)
    assert running.all(SocketFailed) == []


def test_after_its_end_the_engine_refuses_commands(tmp_path: Path) -> None:
    with RunningEngine(tmp_path / "capture") as running:
        running.shut_down()
        assert running.stopped() == EngineStopped("")
        assert not running.engine.post(Stop(1))


def test_a_bug_in_a_connection_ends_that_connection_alone(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, local = running.listen(SocketSpec("server", program=Choice("echo")))
    real = Conversation.received

    def broken(self: Conversation, data: bytes, time: int) -> object:
        if data == b"bug":
            raise ZeroDivisionError("on purpose")
        return real(self, data, time)

    monkeypatch.setattr(Conversation, "received", broken)
    with connect("127.0.0.1", local.port) as bad, connect("127.0.0.1", local.port) as good:
        wanted = port_of(bad)
        running.opened(number, skip=1)
        bad.sendall(b"bug")
        assert read_all(bad) == b""
        failed = running.failed(number)
        assert not failed.fatal
        closed = running.closed(failed.connection)
        assert closed.failure is not None
        assert "fault inside Socket Explorer" in closed.failure.means
        assert wanted
        good.sendall(b"fine")
        assert read(good, 4) == b"fine"


def test_a_bug_in_a_command_is_told(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(sending, "send", broken)
    running.post(Send(Target(1), b"", 1))
    failed = running.wait(SocketFailed)
    assert (failed.socket, failed.fatal) == (0, False)
    assert "on purpose" in failed.failure.said


def test_a_fault_of_the_loop_itself_closes_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RunningEngine(tmp_path / "capture") as running:
        number, local = running.listen(SocketSpec("server"))
        with connect("127.0.0.1", local.port) as peer:
            connection = running.opened(number).connection

            def broken(self: Reactor) -> None:
                raise ZeroDivisionError("on purpose")

            monkeypatch.setattr(Reactor, "_run_timers", broken)
            running.stop(99)  # wakes it
            assert "on purpose" in running.stopped().problem
            assert running.closed(connection).reason is CloseReason.LOCAL
            assert read_all(peer) == b""


def test_an_interrupt_leaves_the_loop_but_closes_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(tmp_path / "capture", 1_000_000_000)
    events: list[Event] = []
    engine = Engine(writer, events.append, Tally())

    def interrupted(self: Reactor) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Reactor, "_run_timers", interrupted)
    engine.post(Shutdown())
    with pytest.raises(KeyboardInterrupt):
        engine.run()
    writer.close()
    assert isinstance(events[-1], EngineStopped)


class Script:
    """A program that does what a test asks of it."""

    def __init__(self, answers: Sequence[Action], greeting: Sequence[Action] = ()) -> None:
        self._answers = answers
        self._greeting = greeting
        self.over = False

    def opened(self, peer: str) -> Sequence[Action]:
        return self._greeting

    def message(self, payload: bytes) -> Sequence[Action]:
        return self._answers

    def closed(self) -> Sequence[Action]:
        self.over = True
        return ()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_program_that_sends_and_closes(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    programs: list[Script] = []

    def make(world: World) -> Script:
        programs.append(Script([Answer(bytes(24 * MIB if transport == "tcp" else 3)), Close()]))
        return programs[-1]

    monkeypatch.setattr("explorer.net.service.prepare", lambda choice: make)
    spec = SocketSpec("server", transport=transport, program=Choice("echo"))  # type: ignore[arg-type]
    number, local = running.listen(spec)
    if transport == "udp":
        with udp() as other:
            other.sendto(b"x", (local.host, local.port))
            assert other.recv(10) == bytes(3)
    else:
        with connect("127.0.0.1", local.port) as peer:
            peer.sendall(b"x")
            running.opened(number)
            peer.sendall(b"more, which nobody answers")
            assert len(read_all(peer)) == 24 * MIB
    assert running.wait(ConnectionClosed).reason is CloseReason.LOCAL
    running.until(lambda: programs[-1].over, "the program was told")


def test_a_program_that_greets_and_closes_at_once(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "explorer.net.service.prepare", lambda choice: lambda world: Script([], [Answer(b"hello"), Close()])
    )
    _, local = running.listen(SocketSpec("server"))
    with connect("127.0.0.1", local.port) as peer:
        assert read_all(peer) == b"hello"


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_an_answer_that_cannot_be_framed_is_told(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    def refuse(self: Answer, framer: Framer) -> bytes:
        raise InputError("", "It is too long.")

    monkeypatch.setattr(Answer, "wire_bytes", refuse)
    spec = SocketSpec("server", transport=transport, program=Choice("echo"))  # type: ignore[arg-type]
    number, local = running.listen(spec)
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as peer:
        peer.connect((local.host, local.port))
        peer.send(b"x")
        failed = running.failed(number)
    assert failed.failure.means == "An answer was not sent: It is too long."
    assert not failed.fatal


def test_a_message_that_ends_with_the_stream_is_answered(running: RunningEngine) -> None:
    _, local = running.listen(SocketSpec("server", framing=Choice("line"), program=Choice("echo")))
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"one\nno end")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer).startswith(b"one\n")
    assert running.wait(ConnectionClosed).reason is CloseReason.EOF


def test_close_wait_is_told_while_something_is_still_to_be_sent(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("server"))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        job = running.send(bytes(8 * MIB), number, connection)
        running.until(lambda: running.tally.sent > 0, "the beginning")
        peer.shutdown(socket.SHUT_WR)
        changed = running.wait(ConnectionChanged)
        assert changed.state is State.CLOSE_WAIT
        running.cancel(job)
        assert running.closed(connection).reason is CloseReason.EOF


def test_shutdown_on_a_connection_that_was_lost(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    number, local = running.listen(SocketSpec("server"))
    with connect("127.0.0.1", local.port):
        connection = running.opened(number).connection

        class Lost:
            def shutdown(self, how: int) -> None:
                raise OSError(107, "Transport endpoint is not connected")

        held: list[TcpConnection] = []
        asked = threading.Event()

        def swap() -> None:
            found = running.engine._context.sockets[number].peers[connection]
            assert isinstance(found, TcpConnection)
            real = found._sock
            held.append(found)
            found._sock = Lost()  # type: ignore[assignment]
            monkeypatch.setattr(Lost, "close", lambda self: real.close(), raising=False)
            asked.set()

        running.engine._reactor.post(swap)
        assert asked.wait(10)
        running.end("finish", number, connection)
        closed = running.closed(connection)
        assert closed.failure is not None
        assert closed.failure.errno == "ENOTCONN"
        assert running.calls(CallKind.shutdown)[0].errno == 107
