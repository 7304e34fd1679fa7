"""Sockets that send and receive slowly on purpose: which calls they make, and when."""

from __future__ import annotations

import contextlib
import errno
import itertools
import select
import selectors
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from explorer.core.calls import Call, CallKind
from explorer.core.commands import SetPace
from explorer.core.events import ConnectionChanged, RepeatProgress
from explorer.core.pace import FULL_PACE, Pace, describe
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net import repeating
from explorer.net.limits import raise_open_files
from explorer.net.reactor import MOST_WATCHED
from explorer.programs.api import Action, Close
from explorer.programs.api import Send as Answer
from explorer.wire.templates import plain
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import accept, connect, listener, port_of, read, read_all, reset, udp

FOR_EVER = 60_000  # milliseconds: longer than any test waits
MS = 1_000_000  # nanoseconds


def sends(running: RunningEngine, connection: int, size: int) -> list[Call]:
    """The calls by which so many bytes were sent; a peer may have read the last ones before they are recorded."""
    running.until(lambda: running.tally.of(connection)[1] >= size, f"{size} bytes sent")
    return [call for call in running.calls(CallKind.send, CallKind.sendto) if call.connection == connection]


def receives(running: RunningEngine, connection: int) -> list[Call]:
    return [call for call in running.calls(CallKind.recv, CallKind.recvfrom) if call.connection == connection]


def gaps(calls: list[Call]) -> list[float]:
    """Milliseconds between the ends of one call and the next."""
    return [(later.time - earlier.time) / MS for earlier, later in itertools.pairwise(calls)]


@pytest.mark.parametrize(
    ("pace", "words"),
    [
        (FULL_PACE, "Calls are made as soon as they can be."),
        (Pace(send_random=True), "Calls are made as soon as they can be."),
        (Pace(send_size=1), "Each send is given at most 1 byte."),
        (
            Pace(1000, True, 0, 2000),
            "Each send is given 1 to 1,000 bytes, at random, 2,000 ms pass after each receive.",
        ),
    ],
)
def test_a_pace_is_said_in_words(pace: Pace, words: str) -> None:
    assert describe(pace) == words


# -- sending over TCP --------------------------------------------------------------------------------


def test_cut_sends_are_read_apart_by_the_peer(running: RunningEngine) -> None:
    pace = Pace(send_size=7, send_pause=40)
    number, local = running.listen(SocketSpec("slow", pace=pace, options=SocketOptions(no_delay=True)))
    assert running.detail(CallKind.socket)["pace"] == {
        "send_size": 7, "send_random": False, "send_pause": 40, "receive_pause": 0,
    }  # fmt: skip
    with connect("127.0.0.1", local.port) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = running.opened(number).connection
        data = bytes(range(60))
        running.send(data, number, connection)
        running.end("finish", number, connection)
        parts = list(iter(lambda: peer.recv(1000), b""))
    made = sends(running, connection, len(data))
    assert [call.size for call in made] == [call.asked for call in made] == [7] * 8 + [4]
    assert min(gaps(made)) >= 40
    assert b"".join(parts) == data
    assert len(parts) >= 7  # a busy machine may let a pause or two go by unread
    assert len(parts[0]) == 7
    assert running.closed(connection).messages_out == 1


def test_without_a_pause_sends_are_only_cut(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("cut", pace=Pace(send_size=1000)))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        data = bytes(range(250)) * 400
        running.send(data, number, connection)
        assert read(peer, len(data)) == data
    assert {call.size for call in sends(running, connection, len(data))} == {1000}
    assert "pace" in running.detail(CallKind.socket)


def test_sizes_at_random_are_from_one_to_the_size(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("random", pace=Pace(send_size=7, send_random=True)))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        running.send(bytes(4000), number, connection)
        assert len(read(peer, 4000)) == 4000
    asked = [call.asked for call in sends(running, connection, 4000)][:-1]
    assert set(asked) == set(range(1, 8))  # of about 1,000 draws


def test_files_and_answers_are_cut_too(running: RunningEngine, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789" * 10)
    spec = SocketSpec("echo", framing=Choice("line"), program=Choice("echo"), pace=Pace(send_size=9, send_pause=1))
    number, local = running.listen(spec)
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"the first line\nthe second one\n")
        assert read(peer, 30) == b"the first line\nthe second one\n"
        connection = running.opened(number).connection
        job = running.send_file(tmp_path / "file", number, connection, piece=40)
        assert read(peer, 100) == b"0123456789" * 10
        assert running.job_done(job).sent == 100
    made = sends(running, connection, 130)
    assert [call.size for call in made] == [9, 6, 9, 6, 9, 9, 9, 9, 4, 9, 9, 9, 9, 4, 9, 9, 2]
    assert min(gaps(made)) >= 1


def test_half_a_close_and_the_end_wait_for_what_is_sent_slowly(running: RunningEngine) -> None:
    pace = Pace(send_size=5, send_pause=20)
    number, local = running.listen(SocketSpec("slow", pace=pace))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        running.send(b"twelve bytes", number, connection)
        running.end("finish", number, connection)
        assert read_all(peer) == b"twelve bytes"
        running.wait(ConnectionChanged, lambda event: event.state is State.FIN_WAIT)
    assert running.closed(connection).reason is CloseReason.EOF
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number, skip=1).connection
        running.send(b"twelve bytes", number, connection)
        assert read(peer, 5) == b"twelv"  # else the end may be read before the wish to send is heard
        peer.shutdown(socket.SHUT_WR)
        running.wait(ConnectionChanged, lambda event: event.state is State.CLOSE_WAIT)
        assert read_all(peer) == b"e bytes"
    closed = running.closed(connection)
    assert (closed.reason, closed.sent) == (CloseReason.EOF, 12)


class LastWords:
    """A program that answers the first message and closes."""

    def opened(self, peer: str) -> Sequence[Action]:
        return ()

    def message(self, payload: bytes) -> Sequence[Action]:
        return Answer(b"last words"), Close()

    def closed(self) -> None:
        pass


def test_last_words_are_sent_slowly_and_reach_the_peer(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.net.service.prepare", lambda choice: lambda world: LastWords())
    pace = Pace(send_size=2, send_pause=5, receive_pause=FOR_EVER)
    number, local = running.listen(SocketSpec("polite", program=Choice("echo"), pace=pace, buffer_size=1))
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(b"unread")
        assert read_all(peer) == b"last words"  # no reset: what lay unread was received before the close
    connection = running.opened(number).connection
    assert running.closed(connection).reason is CloseReason.LOCAL
    assert [call.size for call in sends(running, connection, 10)] == [2] * 5
    assert running.bytes_of(connection, received=True) == b"unread"


def test_a_pause_under_way_is_cut_short_by_another_pace(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("slow", pace=Pace(send_size=3, send_pause=FOR_EVER)))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        running.send(b"0123456789", number, connection)
        assert peer.recv(100) == b"012"
        running.post(SetPace(number, Pace(send_size=4, send_pause=FOR_EVER - 1)))
        running.post(SetPace(number, Pace(send_size=4, send_pause=FOR_EVER - 1)))  # nothing new: not told again
        assert not select.select([peer], [], [], 0.05)[0]
        running.post(SetPace(number, FULL_PACE))
        assert read(peer, 7) == b"3456789"
    assert [call.size for call in sends(running, connection, 10)] == [3, 7]
    notes = [running.reader.detail(call)["text"] for call in running.calls(CallKind.note)]
    assert notes == [
        "The pace was changed. Each send is given at most 4 bytes, 59,999 ms pass after each send.",
        "The pace was changed. Calls are made as soon as they can be.",
    ]


def test_a_pace_may_come_later_and_holds_for_new_connections(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("later"))
    with connect("127.0.0.1", local.port) as before:
        first = running.opened(number).connection
        running.send(b"at once", number, first)
        assert read(before, 7) == b"at once"
        running.post(SetPace(number, Pace(send_size=2)))
        running.post(SetPace(99, Pace(send_size=2)))  # there is no such socket
        with connect("127.0.0.1", local.port) as after:
            second = running.opened(number, skip=1).connection
            running.send(b"pieces", number)
            assert read(before, 6) == read(after, 6) == b"pieces"
    assert [call.size for call in sends(running, first, 13)] == [7, 2, 2, 2]
    assert [call.size for call in sends(running, second, 6)] == [2, 2, 2]


def test_stop_close_and_cancel_do_not_wait_for_a_pause(running: RunningEngine) -> None:
    pace = Pace(send_size=1, send_pause=FOR_EVER, receive_pause=FOR_EVER)
    number, local = running.listen(SocketSpec("slow", pace=pace))
    peers = [connect("127.0.0.1", local.port) for _ in range(3)]
    of_port = {running.opened(number, skip).remote.port: running.opened(number, skip).connection for skip in range(3)}
    cancelled, closed, stopped = (of_port[port_of(peer)] for peer in peers)
    jobs = [running.send(b"not all", number, connection) for connection in (cancelled, closed, stopped)]
    for peer in peers:
        assert peer.recv(10) == b"n"
    running.cancel(jobs[0])
    assert running.job_done(jobs[0]).problem == "Cancelled: 1 of 7 bytes had been sent."
    running.end("finish", number, cancelled)
    assert peers[0].recv(10) == b""  # nothing waits any more, so the end is sent at once
    running.end("close", number, closed)
    assert running.closed(closed).reason is CloseReason.LOCAL
    assert "before everything was sent" in running.job_done(jobs[1]).problem
    running.stop(number)
    assert running.closed(stopped).sent == 1
    running.state(number, State.CLOSED)
    assert not [timer for _, _, timer in running.engine._reactor._timers if timer.action is not None]
    for peer in peers:
        peer.close()


def test_a_repeated_message_waits_for_the_pace_and_says_so(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("slow", pace=Pace(send_size=1, send_pause=FOR_EVER)))
    with connect("127.0.0.1", local.port) as peer:
        running.opened(number)
        job = running.repeat(plain(b"ab"), number, every=0.001, times=3)
        assert running.wait(RepeatProgress, lambda event: bool(event.waiting)).waiting == repeating.PACED
        running.post(SetPace(number, FULL_PACE))
        assert read(peer, 6) == b"ababab"
        assert running.repeat_done(job).messages == 3


def test_a_full_queue_of_a_slow_socket_says_why(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("slow", pace=Pace(send_size=1, send_pause=FOR_EVER)))
    with connect("127.0.0.1", local.port):
        running.opened(number)
        running.send(bytes(9 << 20), number)
        refused = running.job_done(running.send(bytes(9 << 20), number))
        assert "pace" in refused.problem
        assert "9 MiB wait already" in refused.problem


# -- receiving over TCP ------------------------------------------------------------------------------


@pytest.mark.parametrize("send_size", [0, 700])
def test_a_slow_reader_makes_the_sender_wait_and_nothing_is_lost(running: RunningEngine, send_size: int) -> None:
    small = SocketOptions(receive_buffer=4096, send_buffer=4096)
    server, local = running.listen(
        SocketSpec("slow", buffer_size=4096, options=small, pace=Pace(receive_pause=FOR_EVER))
    )
    client, mine = running.connect(
        SocketSpec("fast", role="client", port=local.port, options=small, pace=Pace(send_size=send_size))
    )
    theirs = running.opened(server).connection
    data = bytes(range(251)) * 2000  # far more than both buffers hold
    job = running.send(data, client)

    def blocked() -> bool:
        """The system took a part of what a call offered, or (EAGAIN) nothing."""
        last = sends(running, mine, 1)[-1]
        return last.errno == errno.EAGAIN or last.size < last.asked

    running.until(blocked, "a send that would block")
    waiting = running.tally.of(mine)[1]
    assert waiting < len(data)
    if send_size:
        assert sends(running, mine, 1)[-1].errno == errno.EAGAIN
    assert len(receives(running, theirs)) == 1  # one call, and then none while the pause lasts
    running.post(SetPace(server, FULL_PACE))
    assert running.received(theirs, len(data)) == data
    assert running.job_done(job).problem == ""
    assert {call.asked for call in receives(running, theirs)} == {4096}


def test_a_peer_cannot_send_on_while_nothing_is_read(running: RunningEngine) -> None:
    pace = Pace(receive_pause=FOR_EVER)
    number, local = running.listen(SocketSpec("slow", pace=pace, options=SocketOptions(receive_buffer=4096)))
    with connect("127.0.0.1", local.port) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        peer.settimeout(0.2)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 100 << 20:
                sent += peer.send(bytes(65_536))
        assert sent < 100 << 20
        connection = running.opened(number).connection
        assert len(receives(running, connection)) == 1
        running.post(SetPace(number, FULL_PACE))
        peer.settimeout(15)
        peer.shutdown(socket.SHUT_WR)
        assert running.closed(connection).received == sent


@pytest.mark.parametrize("program", ["none", "discard", "echo"])
def test_a_pause_follows_each_receive(running: RunningEngine, program: str) -> None:
    spec = SocketSpec("slow", buffer_size=10, program=Choice(program), pace=Pace(receive_pause=15))
    number, local = running.listen(spec)
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(bytes(45))
        peer.shutdown(socket.SHUT_WR)
        read_all(peer)
        connection = running.opened(number).connection
        closed = running.closed(connection)
    made = receives(running, connection)
    assert [call.size for call in made] == [10, 10, 10, 10, 5, 0]
    assert min(gaps(made)) >= 15
    assert (closed.reason, closed.messages_in) == (CloseReason.EOF, 5)


def test_what_the_system_holds_of_a_lost_connection_is_received_slowly(running: RunningEngine) -> None:
    with listener() as listening:
        spec = SocketSpec(
            "slow", role="client", port=port_of(listening), buffer_size=1000,
            pace=Pace(send_size=10, send_pause=30, receive_pause=10),
        )  # fmt: skip
        number = running.start(spec)
        peer = accept(listening)
        connection = running.opened(number).connection
        peer.sendall(bytes(8000))
        running.received(connection, 1000)
        running.send(bytes(10_000), number)
        reset(peer)
        closed = running.closed(connection)
    assert closed.reason is CloseReason.RESET
    assert closed.failure is not None
    assert closed.failure.call.startswith("send")
    made = [call for call in receives(running, connection) if not call.errno]
    assert [call.size for call in made if call.size] == [1000] * 8
    assert min(gaps(made)) >= 10


def test_paused_connections_cost_nothing_while_they_wait(
    running: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace, options = Pace(1, False, FOR_EVER, FOR_EVER), SocketOptions(backlog=1024)
    number, local = running.listen(
        SocketSpec("slow", program=Choice("echo"), buffer_size=4, pace=pace, options=options)
    )
    raise_open_files()
    peers = [connect("127.0.0.1", local.port) for _ in range(min(1000, MOST_WATCHED - 50))]
    for peer in peers:
        peer.sendall(b"0123456789")
    running.until(lambda: running.tally.sent == len(peers), "the first byte of each echo")
    reactor = running.engine._reactor
    rounds: list[float | None] = []
    real = reactor.selector.select

    def counted(timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        rounds.append(timeout)
        return real(timeout)

    monkeypatch.setattr(reactor.selector, "select", counted)
    select.select([], [], [], 0.2)
    assert len(rounds) <= 2
    assert len(reactor.selector.get_map()) == 2  # the listener and the wake-up
    assert running.tally.received == 4 * len(peers)
    running.stop(number)
    running.state(number, State.CLOSED)
    for peer in peers:
        reset(peer)


# -- UDP ---------------------------------------------------------------------------------------------


def test_datagrams_are_sent_whole_with_pauses_between_them(running: RunningEngine) -> None:
    spec = SocketSpec("slow", transport="udp", pace=Pace(send_size=3, send_random=True, send_pause=20))
    number, local = running.listen(spec)
    with udp() as one, udp() as other:
        for peer in (one, other):
            peer.sendto(b"hello", (local.host, local.port))
        connections = [running.opened(number, skip).connection for skip in (0, 1)]
        jobs = [running.send(data, number) for data in (b"a datagram", b"another")]
        for peer in (one, other):
            assert [peer.recv(100), peer.recv(100)] == [b"a datagram", b"another"]
        assert [running.job_done(job).sent for job in jobs] == [20, 14]
    made = running.calls(CallKind.sendto)
    assert sorted(call.size for call in made) == [7, 7, 10, 10]
    assert {call.connection for call in made} == set(connections)
    assert min(gaps(made)) >= 20  # the socket's own calls, whomever they are for


def test_datagrams_are_received_one_a_pause(running: RunningEngine) -> None:
    spec = SocketSpec("slow", transport="udp", program=Choice("echo"), pace=Pace(receive_pause=FOR_EVER))
    number, local = running.listen(spec)
    with udp() as peer:
        for data in (b"one", b"two", b"", b"four"):
            peer.sendto(data, (local.host, local.port))
        assert peer.recv(100) == b"one"
        connection = running.opened(number).connection
        running.post(SetPace(number, Pace(receive_pause=15)))
        assert [peer.recv(100) for _ in range(3)] == [b"two", b"", b"four"]
        made = receives(running, connection)
        assert len(made) == 4
        assert min(gaps(made)[1:]) >= 15
        running.post(SetPace(number, FULL_PACE))
        peer.sendto(b"five", (local.host, local.port))
        assert peer.recv(100) == b"five"


def test_a_pause_of_a_udp_client_ends_with_it(running: RunningEngine) -> None:
    with udp() as peer:
        number, connection = running.connect(SocketSpec("client", transport="udp", role="client", port=port_of(peer)))
        running.post(SetPace(number, Pace(send_pause=FOR_EVER, receive_pause=FOR_EVER)))
        running.send(b"one", number)
        waiting = running.send(b"two", number)
        assert peer.recv(10) == b"one"
        running.stop(number)
        assert running.closed(connection).sent == 3
        assert "before everything was sent" in running.job_done(waiting).problem
    assert not [timer for _, _, timer in running.engine._reactor._timers if timer.action is not None]


def test_a_pace_says_when_too_many_datagrams_wait(running: RunningEngine) -> None:
    with udp() as peer:
        spec = SocketSpec("client", transport="udp", role="client", port=port_of(peer), pace=Pace(send_pause=FOR_EVER))
        number, _ = running.connect(spec)
        jobs = [running.send(bytes(60_000), number) for _ in range(300)]
        assert "The pace of this socket" in running.job_done(jobs[-1]).problem
