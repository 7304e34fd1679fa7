"""Framing by silence on running sockets, and framings that are changed while messages are on their way."""

from __future__ import annotations

import socket
import threading

import pytest

from explorer.core.calls import CallKind
from explorer.core.commands import SetPace, SetProgram
from explorer.core.pace import FULL_PACE, Pace
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import answers
from explorer.wire.framing.api import Frame, timed
from explorer.wire.framing.registry import make_framer
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, read, read_all, udp

ECHO, NONE, LINE = Choice("echo"), Choice("none"), Choice("line")
LONG = Choice("idle", {"ms": 600_000})  # longer than any test waits


def idle(ms: int) -> Choice:
    return Choice("idle", {"ms": ms})


def timers(running: RunningEngine) -> int:
    """Timers of the loop that something still waits for."""
    return sum(timer.action is not None for _, _, timer in running.engine._reactor._timers)


def replayed(running: RunningEngine, connection: int, framing: Choice) -> list[bytes]:
    """The messages that the capture's records hold, by their times."""
    framer = make_framer(framing)
    by_time = timed(framer)
    assert by_time is not None
    found = []
    for call in running.calls(CallKind.recv):
        if call.connection == connection and call.size:
            found += [*by_time.at(call.time), *framer.feed(running.reader.traffic(call))]
    return [item.payload for item in (*found, *framer.end()) if isinstance(item, Frame)]


def test_a_message_is_echoed_once_silence_has_passed(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("echo", framing=idle(30), program=ECHO))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        for message in (b"one message", b"and another"):
            peer.sendall(message)
            assert read(peer, 11) == message
        came = [call.time for call in running.calls(CallKind.recv)]
        running.until(lambda: running.tally.sent == 22, "both answers")
        went = [call.time for call in running.calls(CallKind.send)]
        assert [after - before >= 30_000_000 for before, after in zip(came, went, strict=True)] == [True, True]
        peer.sendall(b"the last one")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"the last one"
    closed = running.closed(connection)
    assert (closed.reason, closed.messages_in, closed.messages_out) == (CloseReason.EOF, 3, 3)
    assert replayed(running, connection, idle(30)) == [b"one message", b"and another", b"the last one"]
    assert timers(running) == 0


def test_messages_are_those_of_the_capture_however_they_came(running: RunningEngine) -> None:
    """Pauses near the silence: whether one was long enough, the live end and the capture see alike."""
    framing = idle(4)
    number, local = running.listen(SocketSpec("counts", framing=framing, buffer_size=100))
    pause = threading.Event()
    with connect("127.0.0.1", local.port) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = running.opened(number).connection
        for place in range(60):
            peer.sendall(b"%03d" % place)
            pause.wait(0.001 * (place % 7))
    closed = running.closed(connection)
    messages = replayed(running, connection, framing)
    assert closed.messages_in == len(messages)
    assert 1 < len(messages) < 60


def test_a_silence_that_never_ends_holds_up_nothing(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("waits", framing=LONG, program=ECHO))
    peers = [connect("127.0.0.1", local.port) for _ in range(3)]
    for place, peer in enumerate(peers):
        peer.sendall(b"x" * (place + 1))
    running.until(lambda: running.tally.received == 6, "all bytes")
    running.until(lambda: timers(running) == 3, "a timer for each")
    opened = [running.opened(number, skip) for skip in range(3)]
    running.end("reset", number, opened[0].connection)
    assert running.closed(opened[0].connection).messages_in == 1  # the end of a connection is silence too
    peers[1].close()
    assert running.closed(opened[1].connection).messages_in == 1
    running.stop(number)
    assert running.closed(opened[2].connection).messages_in == 1
    running.state(number, State.CLOSED)
    assert timers(running) == 0
    for peer in peers:
        peer.close()


def test_answers_that_take_turns_come_before_the_next_silence(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "TURN", 0)  # one message a turn
    number, local = running.listen(SocketSpec("echo", framing=LINE, program=ECHO))
    data = b"".join(b"%d\n" % place for place in range(500))
    with connect("127.0.0.1", local.port) as peer:
        running.opened(number)
        peer.sendall(data + b"rest")
        assert read(peer, len(data)) == data
        running.post(SetProgram(number, idle(5), ECHO))  # wrong order: refused, and nothing changes
        running.failed(number)
        running.post(SetProgram(number, ECHO, idle(5)))
        assert read(peer, 4) == b"rest"
        peer.sendall(b"more")
        assert read(peer, 4) == b"more"


def test_a_slow_reader_sees_silence_between_its_reads(running: RunningEngine) -> None:
    """By the capture's clock: bytes come when they are read."""
    spec = SocketSpec("slow", framing=idle(5), program=ECHO, buffer_size=4, pace=Pace(receive_pause=30))
    number, local = running.listen(spec)
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"onetwo!!")
        assert read(peer, 8) == b"onetwo!!"
        connection = running.opened(number).connection
        running.until(lambda: running.tally.of(connection)[1] == 8, "both answers")
        assert [call.size for call in running.calls(CallKind.send)] == [4, 4]
        running.post(SetPace(number, FULL_PACE))
        peer.sendall(b"at once!")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"at once!"
    assert running.closed(connection).messages_in == len(replayed(running, connection, idle(5)))


def test_a_datagram_is_not_waited_behind(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("echo", transport="udp", framing=LONG, program=ECHO))
    with udp() as peer:
        for data in (b"one", b"two"):
            peer.sendto(data, (local.host, local.port))
            assert peer.recv(10) == data
    connection = running.opened(number).connection
    running.stop(number)
    assert running.closed(connection).messages_in == 2


def notes(running: RunningEngine) -> list[str]:
    return [str(running.reader.detail(call)["text"]) for call in running.calls(CallKind.note)]


def test_what_an_old_framing_held_back_is_answered_under_the_new_one(running: RunningEngine) -> None:
    wrong = Choice("length", {"width": 4})
    number, local = running.listen(SocketSpec("echo", framing=wrong, program=ECHO))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        peer.sendall(b"\x00\x00one\ntwo\nth")  # as a length: 28,526 bytes are to follow
        running.received(connection, 12)
        running.post(SetProgram(number, ECHO, LINE))
        assert read(peer, 10) == b"\x00\x00one\ntwo\n"
        peer.sendall(b"ree\n")
        assert read(peer, 6) == b"three\n"
        running.post(SetProgram(number, NONE, LINE))
        running.post(SetProgram(number, ECHO, LINE))
        peer.sendall(b"four\n")
        assert read(peer, 5) == b"four\n"
    assert running.closed(connection).messages_in == 4
    assert notes(running) == [handed := notes(running)[0]]
    assert "The 12 bytes that the old one had begun to collect" in handed
    assert running.calls(CallKind.note)[0].connection == connection


def test_what_a_datagram_leaves_over_is_no_beginning_of_anything(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("echo", transport="udp", framing=LINE, program=ECHO))
    with udp() as peer:
        peer.sendto(b"one\nbegun", (local.host, local.port))
        assert peer.recv(10) == b"one\n"
        peer.sendto(b"two\nbegun", (local.host, local.port))
        assert peer.recv(10) == b"two\n"
        running.post(SetProgram(number, ECHO, Choice("raw")))
        connection = running.opened(number).connection
        running.job_done(running.send(b"changed", number, connection))  # commands are carried out one after another
        assert peer.recv(10) == b"changed"
        peer.sendto(b"whole", (local.host, local.port))
        assert peer.recv(10) == b"whole"
    running.stop(number)
    assert running.closed(connection).messages_in == 3
    assert notes(running) == []
