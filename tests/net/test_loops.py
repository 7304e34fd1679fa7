"""Sockets that would answer each other, or themselves, for ever; and what goes on all the same."""

from __future__ import annotations

import contextlib
import select
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.calls import CallKind
from explorer.core.commands import SetProgram
from explorer.core.endpoint import Endpoint
from explorer.core.events import SocketChanged, SocketFailed
from explorer.core.failure import Failure
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import State
from explorer.net import answer_limit, answer_watch
from explorer.net.answer_limit import AnswerLimits
from explorer.net.answer_watch import AnswerWatch
from explorer.net.loops import Loops, is_of_this_machine
from explorer.net.reactor import Timer
from explorer.net.returned import Returned
from explorer.programs.api import Action, Close, Send, Tell, Wait
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, port_of, read, unused_port
from tests.net.peers import udp as udp_socket

ECHO, NONE, LINE = Choice("echo"), Choice("none"), Choice("line")


def spec(name: str, transport: str, role: str, port: int = 0, program: Choice = ECHO, **more: object) -> SocketSpec:
    return SocketSpec(name, transport, role, port=port, program=program, **more)  # type: ignore[arg-type]


def reported(running: RunningEngine) -> list[Failure]:
    return [event.failure for event in running.all(SocketFailed)]


def calls_settle(running: RunningEngine, count: int) -> None:
    """No call was made besides these so many sends and receives, whatever time has passed."""
    traffic = (CallKind.send, CallKind.sendto, CallKind.recv, CallKind.recvfrom)
    running.until(lambda: len(running.calls(*traffic)) >= count, f"{count} calls")
    threading.Event().wait(0.05)
    assert len(running.calls(*traffic)) == count, running.log()


# -- both ends are ours -----------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::"])
def test_two_sockets_of_ours_that_answer_do_not_answer_each_other(
    running: RunningEngine, transport: str, host: str
) -> None:
    _, local = running.listen(spec("one", transport, "server", host=host))
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    number, _ = running.connect(spec("other", transport, "client", local.port, host=target))
    running.send(b"hello", number)
    failed = running.wait(SocketFailed)
    assert not failed.fatal
    assert failed.connection
    assert '"one" does not answer "other"' in failed.failure.sentence
    assert "without end" in failed.failure.sentence
    assert 'Set the program of "one" or of "other" to none' in failed.failure.sentence
    assert running.reader.detail(running.calls()[failed.record])["text"] == failed.failure.means
    calls_settle(running, 2)
    running.send(b"again", number)
    calls_settle(running, 4)
    assert len(reported(running)) == 1


def test_a_server_that_takes_ipv4_over_an_ipv6_socket_is_known_too(running: RunningEngine) -> None:
    _, local = running.listen(spec("one", "udp", "server", host="::", options=SocketOptions(ipv6_only=False)))
    number, _ = running.connect(spec("other", "udp", "client", local.port))
    running.send(b"hello", number)
    assert '"one" does not answer "other"' in running.wait(SocketFailed).failure.sentence
    calls_settle(running, 2)


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_it_answers_when_the_other_program_is_set_to_none(running: RunningEngine, transport: str) -> None:
    _, local = running.listen(spec("one", transport, "server"))
    number, connection = running.connect(spec("other", transport, "client", local.port))
    running.send(b"hello", number)
    running.wait(SocketFailed)
    running.post(SetProgram(number, NONE, Choice("raw")))
    running.send(b"again", number)
    assert running.received(connection, 5) == b"again"
    running.post(SetProgram(number, ECHO, Choice("raw")))
    running.send(b"more", number)
    assert '"one" does not answer' in running.wait(SocketFailed, skip=1).failure.sentence


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_client_of_ours_that_answers_nothing_is_answered(running: RunningEngine, transport: str) -> None:
    _, local = running.listen(spec("one", transport, "server"))
    running.connect(spec("answers", transport, "client", local.port))
    for program in (NONE, Choice("discard")):
        number, connection = running.connect(spec("asks", transport, "client", local.port, program))
        running.send(b"hello", number)
        running.until(lambda: running.tally.of(connection)[0] == 5, "the echo")  # noqa: B023
    assert reported(running) == []


def test_a_socket_does_not_answer_itself(running: RunningEngine) -> None:
    port = unused_port(socket.SOCK_DGRAM)
    number, _ = running.connect(spec("mirror", "udp", "client", port, options=SocketOptions(local_port=port)))
    running.send(b"hello", number)
    failure = running.wait(SocketFailed).failure
    assert "came back to it, and its program (echo) would answer it again and again" in failure.means
    calls_settle(running, 2)


def test_a_broadcast_that_comes_back_to_its_sender_is_not_answered(running: RunningEngine) -> None:
    """The socket is bound to all addresses, and the datagram comes from one of them."""
    number, local = running.listen(
        spec("shouts", "udp", "server", host="0.0.0.0", options=SocketOptions(broadcast=True))
    )
    with udp_socket() as peer:
        peer.sendto(b"here", ("127.0.0.1", local.port))
        assert peer.recv(10) == b"here"

        def shout() -> None:
            server = running.engine._context.sockets[number]
            server._sock.sendto(b"anybody?", ("127.255.255.255", local.port))  # type: ignore[attr-defined]

        running.engine._reactor.post(shout)
        assert 'A message of "shouts" came back to it' in running.wait(SocketFailed).failure.means
        peer.sendto(b"others are", ("127.0.0.1", local.port))
        assert peer.recv(20) == b"others are"


@pytest.mark.parametrize("port", [7, 19])
def test_services_that_answer_everything_are_not_answered(port: int) -> None:
    told: list[Failure] = []
    watch = watching(told, Endpoint("192.0.2.1", port), "udp")
    assert list(watch.screened(b"x", 1, (Send(b"x"), Close()))) == [Close()]
    assert list(watch.screened(b"x", 2, (Send(b"x"),))) == []
    assert f"port {port} is that of the service" in told[0].means
    assert len(told) == 1
    assert list(watching(told, Endpoint("192.0.2.1", port), "tcp").screened(b"x", 1, (Send(b"x"),))) == [Send(b"x")]


def test_which_addresses_are_of_this_machine() -> None:
    assert is_of_this_machine("127.0.0.1")
    assert is_of_this_machine("127.3.2.1")
    assert is_of_this_machine("::1")
    assert not is_of_this_machine("192.0.2.1")
    assert not is_of_this_machine("2001:db8::1")
    assert not is_of_this_machine("no address")


# -- the other end is another program ---------------------------------------------------------------


@contextlib.contextmanager
def outside_echo(transport: str) -> Iterator[int]:
    """socat, which sends back all it gets; its port."""
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    port = unused_port(kind)
    listen = f"UDP4-RECVFROM:{port},bind=127.0.0.1,fork" if transport == "udp" else f"TCP4-LISTEN:{port},bind=127.0.0.1"
    command = ["socat", "-b", "65536", listen, "PIPE" if transport == "tcp" else "EXEC:cat"]
    with subprocess.Popen(command) as process:
        try:
            yield port
        finally:
            process.kill()


@pytest.mark.needs("socat")
def test_an_echo_outside_is_found_out_and_explained(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_watch, "MOST_RETURNED", 200)
    with outside_echo("tcp") as port:
        for _ in range(100):
            number = running.start(spec("ours", "tcp", "client", port))
            if running.state(number, State.ESTABLISHED, State.FAILED).state is State.ESTABLISHED:
                break
            running.until_next_try()
        connection = running.opened(number).connection
        before = len(reported(running))
        running.send(b"hello", number)
        failed = running.wait(SocketFailed, lambda event: event.connection == connection)
        assert 'sent 200 answers of "ours" back to it' in failed.failure.means
        assert "set its program to none and back" in failed.failure.advice
        sent = running.tally.of(connection)[1]
        assert sent == 5 * 201
        running.send(b"again", number)  # by hand: that comes back, and is not answered
        running.until(lambda: running.tally.of(connection)[0] == 5 * 202, "what was sent by hand")
        assert running.tally.of(connection)[1] == sent + 5
        running.post(SetProgram(number, ECHO, Choice("raw")))
        running.send(b"third", number)
        running.wait(SocketFailed, lambda event: event.connection == connection, skip=1)
        assert len(reported(running)) == before + 2


def test_an_echo_over_udp_is_found_out_too(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_watch, "MOST_RETURNED", 100)
    number, local = running.listen(spec("ours", "udp", "server"))
    with udp_socket() as peer, udp_socket() as other:
        peer.sendto(b"hello", (local.host, local.port))
        for _ in range(100):
            peer.sendto(peer.recv(100), (local.host, local.port))
        failure = running.wait(SocketFailed).failure
        assert 'sent 100 answers of "ours" back to it' in failure.means
        peer.sendto(b"hello?", (local.host, local.port))
        other.sendto(b"and I?", (local.host, local.port))
        assert other.recv(100) == b"and I?"
        assert not select.select([peer], [], [], 0.05)[0]
        running.post(SetProgram(number, ECHO, Choice("raw")))
        for _ in range(100):  # until the program was set
            peer.sendto(b"now?", (local.host, local.port))
            if select.select([peer], [], [], 0.05)[0]:
                break
        assert peer.recv(100) == b"now?"


def send_back(peer: socket.socket, size: int) -> int:
    """All that comes, cut in pieces of so many bytes, until nothing does for a while. How many came."""
    peer.settimeout(1.0)
    count = 0
    with contextlib.suppress(TimeoutError):
        while data := peer.recv(size):
            peer.sendall(data)
            count += len(data)
    return count


@pytest.mark.parametrize(
    ("first", "framing", "buffer_size"),
    [
        (b"x" * 20_000, Choice("raw"), 1024),  # nobody can say which is back
        (bytes(range(256)) * 4, Choice("raw"), 60),
        (b"".join(b"%d, " % count for count in range(4000)), Choice("raw"), 1000),
        (b"".join(b"line %d\n" % count for count in range(50)), LINE, 65_536),
        (b"one\ntwo\n", LINE, 65_536),
    ],
)
def test_an_echo_is_found_out_whatever_is_under_way_and_however_it_is_cut(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch, first: bytes, framing: Choice, buffer_size: int
) -> None:
    monkeypatch.setattr(answer_watch, "MOST_RETURNED", 2000)
    monkeypatch.setattr(answer_watch, "BETWEEN", 100)
    _, local = running.listen(spec("ours", "tcp", "server", framing=framing, buffer_size=buffer_size))
    with connect(local.host, local.port) as peer:
        peer.sendall(first)
        assert send_back(peer, 700) > len(first)
        assert "sends every answer back" in running.wait(SocketFailed).failure.said
        peer.sendall(b"and now?\n")
        assert not select.select([peer], [], [], 0.05)[0]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_programs_that_answer_each_other_are_slowed(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    """Nothing of ours comes back, so it may be a measurement: it goes on."""
    monkeypatch.setitem(answer_watch.MOST_ANSWERED, "server", 300)
    rules = Choice("rules", {"rules": ({"match": "starts", "pattern": "ping", "answer": "pong"},)})
    _, local = running.listen(spec("ours", transport, "server", program=rules, framing=LINE))
    with connect(local.host, local.port) if transport == "tcp" else udp_socket() as peer:
        if transport == "udp":
            peer.connect((local.host, local.port))
        asked = 0
        while not reported(running):
            assert asked < 100_000, "it was never slowed"
            peer.sendall(b"ping %d\n" % asked)
            assert peer.recv(100) == b"pong\n"
            asked += 1
        (failure,) = reported(running)
        assert failure.said.endswith("answers every answer")
        assert 'set the program of "ours" to none' in failure.advice
        begun = time.perf_counter()
        for _ in range(50):
            peer.sendall(b"ping\n")
            assert peer.recv(100) == b"pong\n"
        assert time.perf_counter() - begun > 49 * answer_watch.SLOWED
    assert len(reported(running)) == 1


def test_a_stream_of_one_message_is_no_echo(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not wait for the answers: one is held back for a moment, and more comes all the same."""
    monkeypatch.setattr(answer_watch, "MOST_RETURNED", 50)
    _, local = running.listen(spec("ours", "tcp", "server", framing=LINE))
    with connect(local.host, local.port) as peer:
        pause = threading.Event()
        for _ in range(150):
            peer.sendall(b"0.0\n")
            pause.wait(0.004)
        assert read(peer, 600) == b"0.0\n" * 150
    assert reported(running) == []


@pytest.mark.parametrize("buffer_size", [1 << 16, 100])
def test_many_equal_messages_at_once_are_no_echo(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch, buffer_size: int
) -> None:
    monkeypatch.setattr(answer_watch, "MOST_RETURNED", 1000)
    _, local = running.listen(spec("ours", "tcp", "server", framing=LINE, buffer_size=buffer_size))
    with connect(local.host, local.port) as peer:
        peer.sendall(b"\n" * 100_000)
        assert read(peer, 100_000) == b"\n" * 100_000
    assert reported(running) == []


def test_a_benchmark_that_waits_for_each_answer_goes_on(running: RunningEngine) -> None:
    for transport in ("tcp", "udp"):
        _, local = running.listen(spec("ours", transport, "server"))
        with connect(local.host, local.port) if transport == "tcp" else udp_socket() as peer:
            peer.connect((local.host, local.port)) if transport == "udp" else None
            for count in range(3000):
                peer.sendall(b"%08d" % count)
                assert peer.recv(100) == b"%08d" % count
    assert reported(running) == []


# -- the limit --------------------------------------------------------------------------------------


def test_a_flood_is_answered_up_to_the_limit_and_that_is_told(running: RunningEngine) -> None:
    options = SocketOptions(answer_limit=50, receive_buffer=1 << 20)
    number, local = running.listen(spec("ours", "udp", "server", options=options))
    host = "127.0.0.2" if is_of_this_machine("127.0.0.2") else "127.0.0.1"
    with udp_socket() as peer, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.settimeout(10)
        other.bind((host, 0))
        for count in range(500):
            peer.sendto(b"%d" % count, (local.host, local.port))
        connection = running.opened(number).connection
        running.until(lambda: len(running.calls(CallKind.recvfrom)) == 500, "all datagrams")
        if is_of_this_machine("127.0.0.2"):
            other.sendto(b"I am somebody else", (local.host, local.port))
            assert other.recv(100) == b"I am somebody else"
        sent = running.tally.of(connection)[1]
        assert sent < 3 * 120
        running.end("close", number, connection)
        running.closed(connection)
    failure = reported(running)[-1]
    assert "were not sent to 127.0.0.1" in failure.means
    assert "50 a second is the limit" in failure.means
    assert "raise the answer limit" in failure.advice


def test_the_limit_is_that_of_the_host_whatever_its_ports(running: RunningEngine) -> None:
    options = SocketOptions(answer_limit=5)
    running.listen(spec("ours", "udp", "server", options=options))
    local = running.wait(SocketChanged, lambda event: event.local is not None).local
    assert local is not None
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(udp_socket()) for _ in range(40)]
        for peer in peers:
            peer.sendto(b"x", (local.host, local.port))
        running.until(lambda: len(running.calls(CallKind.recvfrom)) == 40, "all datagrams")
        failure = running.wait(SocketFailed).failure  # nothing else comes: it is told all the same
        assert len(running.calls(CallKind.sendto)) <= 10
    assert "to 127.0.0.1: 5 a second is the limit" in failure.means
    assert "come to an end" in failure.means


def test_no_more_hosts_are_remembered_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_limit, "MOST_HOSTS", 3)
    told: list[Failure] = []
    limits = AnswerLimits(Watched(told, "udp", 1), never)  # type: ignore[arg-type]
    assert all(limits.allows(f"192.0.2.{count}", 0, 1) for count in range(5))
    assert len(limits._hosts) == 3
    assert not limits.allows("192.0.2.4", 0, 1)
    assert not limits.allows("192.0.2.3", 0, 1)
    assert limits.allows("192.0.2.3", answer_limit.SECOND, 1)
    limits.close()
    assert "2 answers were not sent to 2 addresses" in told[0].means


@given(st.binary(min_size=1, max_size=200), st.lists(st.integers(1, 50), min_size=1, max_size=20), st.integers(0, 9))
def test_bytes_that_are_sent_back_are_known_however_they_are_cut(sent: bytes, cuts: list[int], size: int) -> None:
    returned = Returned()
    for start in range(0, len(sent), size + 1):
        returned.answered(sent[start : start + size + 1])
    assert returned.heard(sent[: size + 1])
    left, at, before = sent[size + 1 :], 0, returned.matched
    for cut in cuts:
        if at < len(left):
            assert returned.heard(left[at : at + cut])
            at, before = at + cut, before + 1
            assert returned.matched == before
    assert len(left[at:]) <= returned.under_way


def test_there_is_no_limit_over_tcp_nor_where_it_is_0(running: RunningEngine) -> None:
    _, tcp = running.listen(spec("ours", "tcp", "server", framing=LINE, options=SocketOptions(answer_limit=1)))
    with connect(tcp.host, tcp.port) as peer:
        peer.sendall(b"x\n" * 1000)
        assert read(peer, 2000) == b"x\n" * 1000
    told: list[Failure] = []
    watch = watching(told, Endpoint("192.0.2.1", 5000), "udp", answer_limit=0)
    assert all(list(watch.screened(b"%d" % count, 1, (Send(b""),))) for count in range(20_000))
    assert told == []


# -- the watch itself -------------------------------------------------------------------------------


class Watched:
    """A socket that keeps what it is told."""

    number = 1

    def __init__(self, told: list[Failure], transport: str, answer_limit: int | None) -> None:
        self.spec = spec("ours", transport, "server", options=SocketOptions(answer_limit=answer_limit))
        self._told = told
        self.log = self

    def note(self, text: str, connection: int = 0) -> int:
        return 0

    def report(self, failure: Failure, record: int = -1, connection: int = 0) -> None:
        self._told.append(failure)


def watching(
    told: list[Failure], remote: Endpoint, transport: str = "udp", more: bool = False, answer_limit: int | None = None
) -> AnswerWatch:
    owner = Watched(told, transport, answer_limit)
    limits = AnswerLimits(owner, never) if transport == "udp" else None  # type: ignore[arg-type]
    return AnswerWatch(Loops({}), owner, 1, remote, lambda most: most * more, limits)  # type: ignore[arg-type]


def never(delay: float, action: Callable[[], None]) -> Timer:
    return Timer(action, None)


PEER = Endpoint("192.0.2.1", 5000)


@given(st.lists(st.tuples(st.integers(0, 40_000_000), st.integers(0, 3)), min_size=1, max_size=60))
def test_the_limit_is_kept_and_every_answer_counted(steps: list[tuple[int, int]]) -> None:
    told: list[Failure] = []
    watch = watching(told, PEER, answer_limit=10)
    now, asked, given_at = 5 * answer_watch.SECOND, 0, list[int]()
    for passed, count in steps:
        now += passed
        answers = list(watch.screened(b"?", now, [Send(b"a%d" % one) for one in range(count)]))
        asked += count
        given_at += [now] * len(answers)
    watch.tell_unanswered()
    for begin in given_at:
        assert sum(begin <= moment <= begin + answer_watch.SECOND for moment in given_at) <= 21  # a burst and a second
    unanswered = sum(int(failure.means.split()[0].replace(",", "")) for failure in told)
    assert len(given_at) + unanswered == asked
    assert len(told) <= 2 + (now - 5 * answer_watch.SECOND) // answer_watch.SECOND


@given(st.integers(1, 16), st.booleans())
def test_answers_that_come_back_are_counted_however_many_are_in_flight(tokens: int, more: bool) -> None:
    told: list[Failure] = []
    watch = watching(told, PEER, "tcp", more)
    watch._most = 50
    flying = [b"message %d" % token for token in range(tokens)]
    held = now = 0
    for _ in range(60 // tokens + 4):
        back = []
        for message in flying:
            now += 1_000_000
            actions: list[Action] = list(watch.screened(message, now, (Send(message),)))
            held += Wait(answer_watch.HELD_BACK) in actions
            back += [action.payload for action in actions if isinstance(action, Send)]
        flying = back
    assert held == 1
    assert (len(told) == 1, flying == []) == (not more, not more)


@given(st.lists(st.binary(min_size=1, max_size=4), min_size=200, max_size=200))
def test_who_says_something_new_is_never_taken_for_an_echo(messages: list[bytes]) -> None:
    told: list[Failure] = []
    watch = watching(told, PEER, "tcp")
    watch._most = 50
    for count, message in enumerate(messages):
        asked = b"%d:" % count + message
        assert list(watch.screened(asked, count * 1000, (Tell(asked), Send(asked)))) == [Tell(asked), Send(asked)]
    assert told == []


def test_people_may_repeat_themselves_for_days() -> None:
    told: list[Failure] = []
    watch = watching(told, PEER, "udp")
    watch._most = 50
    for count in range(1000):
        assert list(watch.screened(b"poll", count * 60_000_000, (Send(b"poll"),))) == [Send(b"poll")]
    assert told == []


def test_a_device_that_is_polled_as_fast_as_possible_goes_on() -> None:
    told: list[Failure] = []
    watch = watching(told, PEER, "tcp")
    watch._most = 50
    for count in range(1000):
        assert list(watch.screened(b"READ 1", count * 1000, (Send(b"1"),))) == [Send(b"1")]
    assert told == []


def test_sockets_that_are_connected_to_somebody_else_are_no_partners(running: RunningEngine) -> None:
    """A client that is connected elsewhere hears nothing from this server, whoever forged its address."""
    with udp_socket() as elsewhere:
        number, connection = running.connect(spec("client", "udp", "client", port_of(elsewhere)))
        address = running.opened(number).local
        server, _ = running.listen(spec("server", "udp", "server"))
        loops = running.engine._context.loops
        assert loops.pair(server, address) is None
        assert loops.pair(server, Endpoint("127.0.0.1", port_of(elsewhere))) is None
        assert connection
