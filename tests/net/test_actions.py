"""What programs want done besides sending and closing: waits, questions, resets, and messages to all others."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import cast

import pytest

from explorer.core.calls import CallKind
from explorer.core.commands import SetProgram
from explorer.core.events import ConnectionOpened, SocketFailed
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import answers, send_queue, tcp_inbox, udp_speech
from explorer.net.answers import Answers
from explorer.net.reactor import Reactor
from explorer.net.send_queue import BytesPiece
from explorer.net.service import Service
from explorer.net.tcp_connection import TcpConnection
from explorer.net.udp import UdpSocket
from explorer.programs.api import Action, Ask, Close, Reset, Send, Tell, Wait, World
from tests.fakes.running_engine import RunningEngine
from tests.fakes.untraced import untraced
from tests.net.peers import connect, read, read_all
from tests.net.peers import udp as udp_socket

LINE = Choice("line")


@contextlib.contextmanager
def several(count: int, make: Callable[[], socket.socket]) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(make()) for _ in range(count)]


Say = Callable[[bytes], Iterable[Action]]


class Acting:
    """A program that does what a test says."""

    def __init__(self, say: Say, bye: Sequence[Action] = (), reply: Callable[..., Iterable[Action]] = iter) -> None:
        self._say = say
        self._bye = bye
        self._reply = reply

    def opened(self, peer: str) -> Iterable[Action]:
        return ()

    def message(self, payload: bytes) -> Iterable[Action]:
        return self._say(payload)

    def answered(self, reply: Mapping[str, object]) -> Iterable[Action]:
        return self._reply(reply)

    def closed(self) -> Sequence[Action]:
        return self._bye


@pytest.fixture
def acting(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, tuple[str, int]]]:
    """Starts a server with such a program: its number and address."""

    def begin(
        say: Say,
        transport: str = "tcp",
        reply: Callable[..., Iterable[Action]] = iter,
        bye: Sequence[Action] = (),
        **spec: object,
    ) -> tuple[int, tuple[str, int]]:
        def make(world: World) -> Acting:
            return Acting(say, bye, reply)

        monkeypatch.setattr("explorer.net.service.prepare", lambda choice: make)
        settings = {"framing": LINE, "program": Choice("echo"), **spec}
        number, local = running.listen(SocketSpec("server", transport=transport, **settings))  # type: ignore[arg-type]
        return number, (local.host, local.port)

    return begin


Begin = Callable[..., tuple[int, tuple[str, int]]]


def slowly(payload: bytes) -> Iterator[Action]:
    if payload == b"wait":
        yield Send(b"first")
        yield Wait(0.2)
        yield Send(b"second")
    else:
        yield Send(b"heard " + payload)


# -- waiting ----------------------------------------------------------------------------------------


def test_a_wait_holds_back_what_comes_behind_it_and_nobody_else(acting: Begin, running: RunningEngine) -> None:
    _, where = acting(slowly)
    with connect(*where) as one, connect(*where) as other:
        begun = time.monotonic()
        one.sendall(b"wait\nmore\n")
        assert read(one, 6) == b"first\n"
        other.sendall(b"hello\n")
        assert read(other, 12) == b"heard hello\n"
        assert time.monotonic() - begun < 0.2
        assert read(one, 18) == b"second\nheard more\n"
        assert time.monotonic() - begun >= 0.2


def test_answers_that_wait_come_although_the_peer_has_finished(acting: Begin, running: RunningEngine) -> None:
    number, where = acting(slowly)
    with connect(*where) as peer:
        peer.sendall(b"wait\n")
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer) == b"first\nsecond\n"
    closed = running.closed(running.opened(number).connection)
    assert (closed.reason, closed.failure) == (CloseReason.EOF, None)


def test_a_connection_that_waits_is_not_read(acting: Begin, running: RunningEngine) -> None:
    number, where = acting(lambda payload: (Wait(600),))
    with connect(*where) as peer:
        peer.sendall(b"first\n")
        connection = running.opened(number).connection
        running.received(connection, 6)
        peer.sendall(b"second\n")
        with connect(*where) as other:  # when this one was read, the first one could have been
            other.sendall(b"x\n")
            running.received(running.opened(number, skip=1).connection, 2)
        assert running.tally.of(connection)[0] == 6
        running.stop(number)
        assert running.closed(connection).reason is CloseReason.LOCAL
        running.state(number, State.CLOSED)
    assert running.shut_down() < 1.0


def test_the_user_closes_a_connection_that_waits(acting: Begin, running: RunningEngine) -> None:
    number, where = acting(slowly)
    with connect(*where) as peer:
        peer.sendall(b"wait\n")
        assert read(peer, 6) == b"first\n"
        connection = running.opened(number).connection
        running.end("close", number, connection)
        assert read_all(peer) == b""
        with connect(*where) as other:  # until long after the wait would have been over
            other.sendall(b"wait\n")
            assert read(other, 13) == b"first\nsecond\n"
    assert running.closed(connection).messages_out == 1
    assert not running.all(SocketFailed)


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), 0.0])
def test_no_time_is_no_wait(acting: Begin, seconds: float) -> None:
    _, where = acting(lambda payload: (Wait(seconds), Send(payload)))
    with connect(*where) as peer:
        peer.sendall(b"x\n")
        assert read(peer, 2) == b"x\n"


def test_endless_waits_end_with_the_socket(acting: Begin, running: RunningEngine) -> None:
    number, where = acting(lambda payload: (Send(b"now"), Wait(float("inf"))))
    with connect(*where) as peer:
        peer.sendall(b"x\n")
        assert read(peer, 4) == b"now\n"
        running.stop(number)
        running.state(number, State.CLOSED)


def test_over_udp_a_wait_is_for_one_peer_and_its_datagrams_keep_their_order(
    acting: Begin, running: RunningEngine
) -> None:
    _, where = acting(slowly, "udp", framing=Choice("raw"))
    with udp_socket() as one, udp_socket() as other:
        one.sendto(b"wait", where)
        assert one.recv(100) == b"first"
        for text in (b"a", b"b", b"c"):
            one.sendto(text, where)
        other.sendto(b"hello", where)
        assert other.recv(100) == b"heard hello"
        assert [one.recv(100) for _ in range(4)] == [b"second", b"heard a", b"heard b", b"heard c"]


def test_over_udp_what_waits_is_bounded(acting: Begin, running: RunningEngine) -> None:
    number, where = acting(slowly, "udp", framing=Choice("raw"), options=SocketOptions(receive_buffer=1 << 20))
    with udp_socket() as peer:
        peer.sendto(b"wait", where)
        for count in range(100):
            peer.sendto(b"%d" % count, where)
        got = [peer.recv(100) for _ in range(66)]
        assert got[:3] == [b"first", b"second", b"heard 0"]
        peer.sendto(b"again", where)
        assert peer.recv(100) == b"heard again"
    notes = [running.reader.detail(call)["text"] for call in running.calls(CallKind.note, socket=number)]
    assert len(notes) == 1
    assert "too many of them wait" in notes[0]


# -- resets -----------------------------------------------------------------------------------------


def test_a_reset_ends_at_once(acting: Begin, running: RunningEngine) -> None:
    number, where = acting(lambda payload: (Send(b"bye"), Reset(), Send(b"never")))
    with connect(*where) as peer:
        peer.sendall(b"x\n")
        with pytest.raises(ConnectionResetError):
            read_all(peer)
    closed = running.closed(running.opened(number).connection)
    assert (closed.reason, closed.messages_out) == (CloseReason.LOCAL, 1)


def test_over_udp_a_reset_forgets_the_peer(acting: Begin, running: RunningEngine) -> None:
    number, where = acting(lambda payload: (Reset(),), "udp", framing=Choice("raw"))
    with udp_socket() as peer:
        peer.sendto(b"x", where)
        assert running.closed(running.opened(number).connection).reason is CloseReason.LOCAL
        peer.sendto(b"x", where)
        running.opened(number, skip=1)


def test_over_udp_the_last_words_are_sent_before_the_end(acting: Begin, running: RunningEngine) -> None:
    """A pace makes them wait in the queue."""
    from explorer.core.pace import Pace

    number, where = acting(
        lambda payload: (Send(b"1"), Send(b"2"), Send(b"3"), Close()), "udp", framing=Choice("raw"),
        pace=Pace(send_pause=20),
    )  # fmt: skip
    with udp_socket() as peer:
        peer.sendto(b"x", where)
        assert [peer.recv(10) for _ in range(3)] == [b"1", b"2", b"3"]
    assert running.closed(running.opened(number).connection).messages_out == 3


# -- telling others ---------------------------------------------------------------------------------


def pass_on(payload: bytes) -> Iterable[Action]:
    return (Tell(payload), Send(b"told"))


def read_as_much(peer: socket.socket, expected: bytes) -> bytes:
    """So many bytes, of a stream or of whole datagrams."""
    got = b""
    while len(got) < len(expected):
        got += peer.recv(100)
    return got


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_all_others_are_told(acting: Begin, running: RunningEngine, transport: str) -> None:
    _, where = acting(pass_on, transport)
    with several(4, (lambda: connect(*where)) if transport == "tcp" else udp_socket) as peers:
        if transport == "tcp":  # of the others, each is known to the server from its first datagram on
            running.until(lambda: len(running.all(ConnectionOpened)) == 4, "all four")
        for place, peer in enumerate(peers):
            peer.connect(where) if transport == "udp" else None
            peer.sendall(b"%d\n" % place)
            # What comes behind a Tell is done once all others were told, which may take several turns.
            before = b"" if transport == "udp" else b"".join(b"%d\n" % one for one in range(place))
            assert read_as_much(peer, before + b"told\n") == before + b"told\n"
        peers[0].sendall(b"hello\n")
        for place, peer in enumerate(peers[1:], 1):
            expected = b"".join(b"%d\n" % one for one in range(place + 1, 4)) + b"hello\n"
            assert read_as_much(peer, expected) == expected
    assert not running.all(SocketFailed)


def test_those_who_stay_are_told_who_leaves(acting: Begin, running: RunningEngine) -> None:
    number, where = acting(lambda payload: (), bye=(Tell(b"one left"), Send(b"nobody gets this")))
    with connect(*where) as stays:
        running.opened(number)
        with connect(*where):
            running.opened(number, skip=1)
        assert read(stays, 9) == b"one left\n"
        running.stop(number)
        assert read_all(stays) == b""
    assert not running.all(SocketFailed)


def test_who_does_not_read_misses_messages_and_holds_up_nobody(
    acting: Begin, running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_queue, "LIMIT", 1 << 20)
    number, where = acting(pass_on, options=SocketOptions(send_buffer=4096), buffer_size=1 << 16)
    with socket.socket() as deaf, connect(*where) as talks, connect(*where) as hears:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(where)
        for skip in range(3):
            running.opened(number, skip)
        line = b"x" * 50_000
        for _ in range(60):
            talks.sendall(line + b"\n")
            assert read(hears, len(line) + 1) == line + b"\n"
            assert read(talks, 5) == b"told\n"
        [failed] = running.all(SocketFailed)
        assert not failed.fatal
        assert "was not passed on" in failed.failure.sentence
        assert "The others got it" in failed.failure.sentence
        reads = threading.Thread(target=read_all, args=(deaf,))
        deaf.settimeout(15)
        reads.start()
        running.until(
            lambda: any("From here on they are again" in text for text in told_notes(running, number, talks, hears)),
            "the note that messages are passed on again",
        )
        running.stop(number)
        reads.join()
    assert len(running.all(SocketFailed)) == 1


@pytest.mark.parametrize(("patience", "calls"), [(0, 2), (1 << 62, 65)])
def test_what_lies_unread_before_a_close_is_received_for_a_limited_time(
    acting: Begin, running: RunningEngine, monkeypatch: pytest.MonkeyPatch, patience: int, calls: int
) -> None:
    monkeypatch.setattr(tcp_inbox, "LEAVING", patience)
    number, where = acting(lambda payload: (Close(),), framing=Choice("raw"), buffer_size=16)
    with connect(*where) as peer:
        peer.sendall(bytes(10_000))
        closed = running.closed(running.opened(number).connection)
    assert closed.reason is CloseReason.LOCAL
    assert len(running.calls(CallKind.recv)) == calls


def test_little_waits_for_many_who_do_not_read(acting: Begin, running: RunningEngine) -> None:
    """What others tell is in memory once for all of them, and not much of it."""
    number, where = acting(pass_on, options=SocketOptions(send_buffer=4096), buffer_size=1 << 16)

    def deaf() -> socket.socket:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(where)
        return sock

    with several(3, deaf), connect(*where) as talks:
        peers = [running.opened(number, skip).connection for skip in range(4)][:3]
        connections = [cast(TcpConnection, running.engine._context.sockets[number].peers[peer]) for peer in peers]
        line = b"x" * 10_000 + b"\n"
        for _ in range(200):
            talks.sendall(line)
            assert read(talks, 5) == b"told\n"
        missing = lambda: {failed.connection for failed in running.all(SocketFailed)}  # noqa: E731 - told again later
        running.until(lambda: missing() == set(peers), "all of them missing messages")
        assert all("1 MiB wait already" in failed.failure.sentence for failed in running.all(SocketFailed))
        waiting = [[cast(BytesPiece, piece) for piece in one._queue._pieces] for one in connections]
        assert all(one._queue.held < send_queue.TOLD_LIMIT + 2 * len(line) for one in connections)
        in_memory = {id(piece._data): len(piece._data) for pieces in waiting for piece in pieces}
        assert sum(in_memory.values()) < 1.5 * send_queue.TOLD_LIMIT


def test_datagrams_of_all_peers_that_wait_share_one_bound(
    acting: Begin, running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(udp_speech, "MOST_UNHEARD_IN_ALL", 3 * (1000 + udp_speech.UNHEARD_COST))
    number, where = acting(lambda payload: (Wait(600),), "udp", framing=Choice("raw"))
    with several(5, udp_socket) as peers:
        for skip, peer in enumerate(peers):
            for _ in range(2):
                peer.sendto(bytes(1000), where)
            running.received(running.opened(number, skip).connection, 2000)
        speeches = cast(UdpSocket, running.engine._context.sockets[number]).speeches
        assert speeches.unheard == 3 * (1000 + udp_speech.UNHEARD_COST)
        texts = [str(running.reader.detail(call)["text"]) for call in running.calls(CallKind.note)]
        assert any("too many of them wait already" in text for text in texts)
        running.end("close", number, running.opened(number).connection)
        running.until(lambda: speeches.unheard == 2 * (1000 + udp_speech.UNHEARD_COST), "room again")
    running.stop(number)
    running.state(number, State.CLOSED)
    assert speeches.unheard == 0


def told_notes(running: RunningEngine, number: int, talks: socket.socket, hears: socket.socket) -> list[str]:
    talks.sendall(b"y\n")
    read(hears, 2)
    read(talks, 5)
    return [running.reader.detail(call)["text"] for call in running.calls(CallKind.note, socket=number)]


def test_a_message_to_very_many_takes_turns(
    acting: Begin, running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "TURN", 0)  # one connection a turn
    _, where = acting(pass_on)
    with several(20, lambda: connect(*where)) as peers:
        peers[0].sendall(b"".join(b"%d\n" % count for count in range(10)))
        for peer in peers[1:]:
            assert read(peer, 20) == b"".join(b"%d\n" % count for count in range(10))
        assert read(peers[0], 50) == b"told\n" * 10


def test_many_who_leave_at_once_tell_each_other_without_end_of_stack(acting: Begin, running: RunningEngine) -> None:
    number, where = acting(lambda payload: (), bye=(Tell(b"left"),))
    with several(150, lambda: connect(*where)) as peers:
        running.opened(number, skip=149)
        for peer in peers:
            peer.shutdown(socket.SHUT_WR)
        for skip in range(150):
            running.closed(running.opened(number, skip).connection)
    assert not running.all(SocketFailed)


# -- asking -----------------------------------------------------------------------------------------


class Oracle:
    """Answers when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, running: RunningEngine, at_once: bool = False) -> None:
        self.asked: list[tuple[Mapping[str, object], Callable[[Mapping[str, object]], None]]] = []
        self._running = running

        def ask(_: Service, connection: int, request: Mapping[str, object], done: Callable[..., None]) -> None:
            self.asked.append((request, done))
            if at_once:
                done({"said": request["of"]})

        monkeypatch.setattr(Service, "ask", ask, raising=False)

    def answer(self, place: int, said: str) -> None:
        self._running.until(lambda: len(self.asked) > place, "a question")
        self._running.engine._reactor.post(lambda: self.asked[place][1]({"said": said}))


def ask_of(payload: bytes) -> Iterable[Action]:
    return (Ask({"of": payload.decode()}), Send(b"asked " + payload))


def repeat_reply(reply: Mapping[str, object]) -> Iterable[Action]:
    return (Send(str(reply["said"]).encode()),)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_what_follows_a_question_waits_for_its_answer(
    acting: Begin, running: RunningEngine, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    oracle = Oracle(monkeypatch, running)
    _, where = acting(ask_of, transport, repeat_reply)
    with connect(*where) if transport == "tcp" else udp_socket() as peer:
        peer.connect(where) if transport == "udp" else None
        peer.sendall(b"one\n")
        oracle.answer(0, "reply one")
        peer.sendall(b"two\n")
        oracle.answer(1, "reply two")
        got = [peer.recv(100) for _ in range(4)] if transport == "udp" else [read(peer, 40)]
        assert b"".join(got) == b"reply one\nasked one\nreply two\nasked two\n"
    assert [request for request, _ in oracle.asked] == [{"of": "one"}, {"of": "two"}]


def test_an_answer_that_comes_when_the_connection_is_over_does_nothing(
    acting: Begin, running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = Oracle(monkeypatch, running)
    number, where = acting(ask_of, reply=repeat_reply)
    with connect(*where) as peer, connect(*where) as other:
        peer.sendall(b"one\n")
        running.until(lambda: len(oracle.asked) == 1, "the question")
        connection = running.opened(number).connection
        running.end("close", number, connection)
        running.closed(connection)
        oracle.answer(0, "too late")
        other.sendall(b"two\n")
        oracle.answer(1, "in time")
        assert read(other, 18) == b"in time\nasked two\n"
    assert not running.all(SocketFailed)


def test_another_program_does_not_wait_for_what_the_earlier_one_asked(
    acting: Begin, running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = Oracle(monkeypatch, running)
    number, where = acting(ask_of, reply=repeat_reply)
    with connect(*where) as peer:
        peer.sendall(b"one\n")
        running.until(lambda: len(oracle.asked) == 1, "the question")
        monkeypatch.setattr("explorer.net.service.prepare", lambda choice: lambda world: Acting(slowly))
        running.post(SetProgram(number, Choice("discard"), LINE))
        running.post(SetProgram(number, Choice("echo"), LINE))
        peer.sendall(b"hello\n")
        assert read(peer, 22) == b"asked one\nheard hello\n"


def test_a_program_may_ask_again_and_again(
    acting: Begin, running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    Oracle(monkeypatch, running, at_once=True)
    left = list(range(5000))

    def again(reply: Mapping[str, object]) -> Iterable[Action]:
        return (Ask({"of": left.pop()}),) if left else (Send(b"enough"),)

    _, where = acting(lambda payload: (Ask({"of": 0}),), reply=again)
    with connect(*where) as peer:
        peer.sendall(b"x\n")
        assert read(peer, 7) == b"enough\n"


# -- the queue of actions itself --------------------------------------------------------------------


class Nobody:
    def ready(self, events: int) -> None: ...

    def broke(self, error: Exception) -> None:
        raise error


@pytest.fixture
def given() -> Iterator[Answers]:
    reactor = Reactor(print)
    yield Answers(reactor, lambda: None, Nobody())
    reactor.close()


def sent(result: bytes) -> Iterable[Action]:
    return (Send(result),)


def test_a_result_comes_once_and_not_after_the_end(given: Answers) -> None:
    done: list[Action] = []

    def do(action: Action) -> bool:
        done.append(action)
        return True

    given.until = 1 << 62
    given.begin((Send(b"1"), Send(b"2")))
    told = given.expect(sent)
    given.take(do)
    assert (done, given.suspended) == ([], True)
    told(b"0")
    told(b"twice")
    given.take(do)
    assert done == [Send(b"0"), Send(b"1"), Send(b"2")]
    given.begin((Send(b"3"),))
    late = given.expect(sent)
    given.drop()
    late(b"late")
    assert not given
    assert not given.suspended


def test_answers_that_are_asked_for_last_leave_nothing_behind(given: Answers) -> None:
    given.until = 1 << 62
    given.begin([Ask({})])
    for _ in range(1000):
        given.take(lambda action: False)
        given.expect(lambda result: [Ask({})])(None)
    assert len(given._actions) == 1


def test_endless_answers_are_taken_in_turns(given: Answers) -> None:
    with untraced():
        given.start_turn()
        given.begin(repeat(Send(b"x")))
        begun = time.monotonic()
        given.take(lambda action: True)
        assert time.monotonic() - begun < 0.5
    assert given
