"""Repeating: steady times, honest counts, and a good end in each case."""

from __future__ import annotations

import itertools
import socket
import struct
import time
from pathlib import Path

import pytest

from explorer.core.calls import CallKind
from explorer.core.commands import ResumeCapture
from explorer.core.errors import ShownError
from explorer.core.events import RepeatProgress, SendProgress
from explorer.core.filling import Filling
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.net import repeating, targets
from explorer.wire.templates import plain
from explorer.wire.typed_message import read_message
from tests.fakes.running_engine import RunningEngine
from tests.fakes.untraced import untraced
from tests.net.peers import accept, connect, listener, port_of, read, reset, udp

SMALL = SocketOptions(send_buffer=4096)
COUNTED = read_message("hex", "{{counter:u32be}}", "utf-8", fields=True)


def pair(running: RunningEngine, options: SocketOptions = SMALL) -> tuple[int, int, socket.socket]:
    """A client of the engine and the socket at its other end."""
    with listener() as listening:
        spec = SocketSpec("client", role="client", port=port_of(listening), options=options)
        number, connection = running.connect(spec)
        return number, connection, accept(listening)


def numbers(data: bytes) -> list[int]:
    return [number for (number,) in struct.iter_unpack(">I", data)]


def test_a_message_each_millisecond(running: RunningEngine) -> None:
    with untraced():
        number, connection, peer = pair(running)
        with peer:
            job = running.repeat(COUNTED, number, connection, every=0.001, times=300)
            assert numbers(read(peer, 1200)) == list(range(300))
            done = running.repeat_done(job)
    assert (done.messages, done.wanted, done.sent, done.end, done.problem) == (300, 300, 1200, "count", "")
    # Skipped beats take time and nothing else: each of the others stands in its place of the grid, or as much
    # later as is made up for.
    assert done.seconds == pytest.approx(0.001 * (299 + done.skipped), abs=repeating.CATCH_UP)
    assert done.rate == pytest.approx(299 / done.seconds)
    reports = [event for event in running.all(RepeatProgress) if event.job == job]
    assert [event.messages for event in reports] == sorted(event.messages for event in reports)
    assert 2 <= len(reports) <= 3 + done.seconds / repeating.Repetition.interval
    assert sum(event.done for event in reports) == 1


def test_beats_do_not_drift(running: RunningEngine) -> None:
    with untraced():
        number, connection, peer = pair(running)
        with peer:
            job = running.repeat(plain(b"x"), number, connection, every=0.004, times=100)
            assert read(peer, 100) == b"x" * 100
            done = running.repeat_done(job)
    times = [call.time for call in running.calls(CallKind.send)]
    off = [(moment - times[0]) / 1e9 - 0.004 * beat for beat, moment in enumerate(times)]
    # A tenth of a millisecond lost each time would make the last ones 8 ms later than the first.
    assert min(off[-20:]) - 0.004 * done.skipped < min(off[:20]) + 0.002


def test_the_counter_goes_on_and_the_framing_goes_around(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    message = read_message("text", "n={{counter:decimal}} {{length:decimal}}:abc", "utf-8", fields=True)
    with peer:
        job = running.repeat(
            message.ended(b"!"), number, connection, every=0.001, times=3, framing=Choice("line", {"ending": "crlf"}),
            first=9,
        )  # fmt: skip
        assert read(peer, 36) == b"n=9 4:abc!\r\nn=10 4:abc!\r\nn=11 4:abc!"[:36]
        assert running.repeat_done(job).sent == 12 + 13 + 13


def test_cancel_ends_it(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    with peer:
        job = running.repeat(COUNTED, number, connection, every=0.002)
        read(peer, 40)
        running.cancel(job)
        done = running.repeat_done(job)
        assert (done.end, done.problem, done.wanted) == ("stopped", "", 0)
        assert done.messages >= 10
        running.end("close", number)
        rest = numbers(b"".join(iter(lambda: peer.recv(4096), b"")))
        assert len(rest) == done.messages - 10
    running.cancel(job)  # over already: nothing happens


def test_the_peer_leaves_between_two_messages(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    job = running.repeat(plain(b"once"), number, connection, every=3600.0)
    assert read(peer, 4) == b"once"
    peer.close()
    done = running.repeat_done(job)
    assert (done.messages, done.end) == (1, "failed")
    assert done.problem == f"The peer ended the connection. {repeating.LEFT_ONE}"


def test_the_connection_is_reset_while_sending(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("server", options=SMALL))
    peer = connect("127.0.0.1", local.port)
    running.opened(number)
    job = running.repeat(plain(bytes(1000)), number, every=0.001)
    read(peer, 3000)
    reset(peer)
    done = running.repeat_done(job)
    assert done.end == "failed"
    assert done.messages >= 3
    assert "reset" in done.problem or "closed" in done.problem


def test_a_peer_that_does_not_read_makes_it_wait(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    size = 100_000
    with peer:
        job = running.repeat(plain(bytes(size)), number, connection, every=0.001)
        waiting = running.wait(RepeatProgress, lambda event: bool(event.waiting))
        assert waiting.waiting == repeating.NOT_TAKEN
        sent = len([call for call in running.calls(CallKind.send) if call.size])
        running.wait(RepeatProgress, lambda event: bool(event.waiting), skip=1)
        assert len([call for call in running.calls(CallKind.send) if call.size]) == sent  # nothing piles up
        read(peer, 3_000_000)
        going = running.wait(RepeatProgress, lambda event: event.messages > waiting.messages and not event.waiting)
        assert going.skipped >= 400  # the beats of half a second are over, and not made up for
        running.cancel(job)
        done = running.repeat_done(job)
        running.end("finish", number)
        rest = len(b"".join(iter(lambda: peer.recv(1 << 20), b"")))
        # Whole messages only: one that was partly out when it was stopped goes out to its end.
        assert (3_000_000 + rest) % size == 0
        assert 0 <= 3_000_000 + rest - done.messages * size <= size


def test_a_full_queue_is_waited_for(running: RunningEngine) -> None:
    number, connection, peer = pair(running, SocketOptions())
    with peer:
        for _ in range(8):
            running.send(bytes(4 << 20), number, connection)
        job = running.repeat(plain(b"x" * (8 << 20)), number, connection, every=0.5, times=1)
        assert running.wait(RepeatProgress, lambda event: bool(event.waiting)).waiting == repeating.NO_ROOM
        refused = sum(event.done and bool(event.problem) for event in running.all(SendProgress))
        assert 3 <= refused <= 5
        read(peer, (8 - refused) * (4 << 20))
        assert read(peer, 8 << 20) == b"x" * (8 << 20)
        assert (running.repeat_done(job).messages, running.repeat_done(job).end) == (1, "count")


def test_all_connections_get_it_and_those_that_leave_do_not_end_it(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("server"))
    with connect("127.0.0.1", local.port) as first:
        running.opened(number)
        with connect("127.0.0.1", local.port) as second:
            running.opened(number, skip=1)
            job = running.repeat(COUNTED, number, every=0.002)
            assert numbers(read(first, 40)) == numbers(read(second, 40)) == list(range(10))
        gone = numbers(read(first, 400))
        assert gone == list(range(10, 110))
        with connect("127.0.0.1", local.port) as late:
            assert numbers(read(late, 40))[0] >= 100
        running.stop(number)
        done = running.repeat_done(job)
        assert done.end == "failed"
        assert repeating.LEFT in done.problem or "stopped" in done.problem


def test_datagrams(running: RunningEngine) -> None:
    with udp() as peer:
        number, connection = running.connect(SocketSpec("udp", "udp", "client", port=port_of(peer)))
        job = running.repeat(COUNTED, number, connection, every=0.001, times=100)
        assert [peer.recv(100) for _ in range(100)] == [struct.pack(">I", n) for n in range(100)]
        done = running.repeat_done(job)
        assert (done.messages, done.sent, done.end) == (100, 400, "count")
        empty = running.repeat(plain(b""), number, connection, every=0.001, times=2)
        assert [peer.recv(100) for _ in range(2)] == [b"", b""]
        assert running.repeat_done(empty).messages == 2
        long = running.repeat(plain(bytes(70_000)), number, connection, every=0.001)
        assert running.repeat_done(long).end == "failed"
        assert "too" in running.repeat_done(long).problem or "long" in running.repeat_done(long).problem


def test_what_cannot_be_sent_is_told(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    narrow = read_message("hex", "{{length:u8}}" + "00" * 300, "utf-8", fields=True)
    with peer:
        failed = running.repeat_done(running.repeat(narrow, number, connection, every=0.1))
        assert (failed.messages, failed.end) == (0, "failed")
        assert failed.problem.startswith("Nothing is sent. Character 3: The length is 300")
        fixed = Choice("fixed", {"size": 4})
        failed = running.repeat_done(running.repeat(plain(b"12345"), number, connection, every=0.1, framing=fixed))
        assert failed.problem.startswith("Nothing is sent. ")
        wrong = running.repeat(plain(b"1"), number, connection, every=0.1, framing=Choice("none such"))
        assert "none such" in running.repeat_done(wrong).problem
        assert "empty" in running.repeat_done(running.repeat(plain(b""), number, connection, every=0.1)).problem
        assert "from 1 ms" in running.repeat_done(running.repeat(plain(b"1"), number, every=0.0001)).problem
        assert "from 1 ms" in running.repeat_done(running.repeat(plain(b"1"), number, every=float("nan"))).problem
        assert running.repeat_done(running.repeat(plain(b"1"), number, 99, every=1.0)).problem == targets.GONE
    assert running.repeat_done(running.repeat(plain(b"1"), 99, every=1.0)).problem == targets.NO_SOCKET


def test_a_message_that_fails_later_ends_it(running: RunningEngine) -> None:
    class Failing:
        def fill(self, filling: Filling) -> bytes:
            if filling.counter == 3:
                raise ShownError("Three is too many.")
            return bytes([filling.counter])

    number, connection, peer = pair(running)
    with peer:
        done = running.repeat_done(running.repeat(Failing(), number, connection, every=0.001))
        assert (done.messages, done.problem) == (3, "Nothing more is sent. Three is too many.")
        assert read(peer, 3) == b"\0\1\2"


def test_shutting_down_ends_it(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    with peer:
        job = running.repeat(COUNTED, number, connection, every=0.001)
        read(peer, 40)
        running.shut_down()
        assert running.repeat_done(job).end == "failed"


def test_the_beats_after_a_pause_are_few(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's thread is held up for 0.3 s: 50 ms of it are made up for, the rest is skipped and said so."""

    class Slow:
        def fill(self, filling: Filling) -> bytes:
            if filling.counter == 20:
                held = time.monotonic() + 0.3
                while time.monotonic() < held:
                    pass
            return b"x"

    number, connection, peer = pair(running)
    with peer:
        done = running.repeat_done(running.repeat(Slow(), number, connection, every=0.01, times=40))
        assert read(peer, 40) == b"x" * 40
    assert 22 <= done.skipped <= 60
    assert 3 <= done.late <= 20
    assert done.seconds == pytest.approx(0.01 * (39 + done.skipped), abs=0.05)
    times = [call.time for call in running.calls(CallKind.send)]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert max(gaps) >= 290_000_000


def test_a_message_that_takes_long_to_make_leaves_time_for_others(running: RunningEngine) -> None:
    turns: list[tuple[float, float]] = []

    class Slow:
        def fill(self, filling: Filling) -> bytes:
            began = time.monotonic()
            while time.monotonic() < began + 0.02:
                pass
            turns.append((began, time.monotonic()))
            return b"x"

    number, connection, peer = pair(running)
    with peer:
        done = running.repeat_done(running.repeat(Slow(), number, connection, every=0.001, times=6))
        assert read(peer, 6) == b"x" * 6
    assert all(after - before >= 0.02 for (_, before), (after, _) in itertools.pairwise(turns))
    assert done.skipped > 0


def test_a_full_capture_is_waited_for(tmp_path: Path) -> None:
    sizes = {"segment_bytes": 1 << 20, "segment_records": 4096}
    with RunningEngine(tmp_path / "capture", quota=(1 << 20) + 4096 * 48, **sizes) as small:
        number, connection, peer = pair(small, SocketOptions())
        with peer:
            job = small.repeat(plain(bytes(50_000)), number, connection, every=0.001, times=40)
            waiting = small.wait(RepeatProgress, lambda event: bool(event.waiting))
            assert waiting.waiting == repeating.CAPTURE_FULL
            assert waiting.messages <= 21
            small.post(ResumeCapture(quota=100_000_000))
            assert read(peer, 2_000_000) == bytes(2_000_000)
            assert (small.repeat_done(job).messages, small.repeat_done(job).end) == (40, "count")


def test_a_fault_in_what_makes_the_message_ends_it(running: RunningEngine, caplog: pytest.LogCaptureFixture) -> None:
    class Faulty:
        def fill(self, filling: Filling) -> bytes:
            return bytes([255 + filling.counter])

    number, connection, peer = pair(running)
    with peer:
        done = running.repeat_done(running.repeat(Faulty(), number, connection, every=0.001))
        assert (done.messages, done.end) == (1, "failed")
        assert "A fault inside Socket Explorer ended this (ValueError" in done.problem
        first = running.repeat_done(running.repeat(Faulty(), number, connection, every=0.001, first=1))
        assert (first.messages, first.end) == (0, "failed")
    assert "a handler of the engine failed" in caplog.text


def test_stopped_while_it_waits_behind_another_send(running: RunningEngine) -> None:
    number, connection, peer = pair(running, SocketOptions())
    with peer:
        first = running.send(bytes(12 << 20), number, connection)
        job = running.repeat(plain(b"never"), number, connection, every=0.001)
        assert running.wait(RepeatProgress, lambda event: bool(event.waiting)).waiting == repeating.NOT_TAKEN
        running.cancel(job)
        assert running.repeat_done(job).end == "stopped"
        assert running.repeat_done(job).messages == 0
        running.end("finish", number)
        assert b"".join(iter(lambda: peer.recv(1 << 20), b"")) == bytes(12 << 20)
        assert running.job_done(first).problem == ""


def test_a_finished_connection_takes_no_more(running: RunningEngine) -> None:
    number, connection, peer = pair(running)
    with peer:
        job = running.repeat(plain(b"x"), number, connection, every=0.01)
        read(peer, 3)
        running.end("finish", number)
        assert "was finished (shutdown)" in running.repeat_done(job).problem


def test_one_that_leaves_while_another_does_not_read(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("server", options=SMALL))
    message = plain(bytes(8_000_000))  # more than the system takes for a peer that does not read
    with connect("127.0.0.1", local.port):
        connection = running.opened(number).connection
        gone = connect("127.0.0.1", local.port)
        other = running.opened(number, skip=1).connection
        job = running.repeat(message, number, every=3600.0)
        running.wait(RepeatProgress, lambda event: bool(event.waiting))
        reset(gone)
        running.closed(other)
        running.end("close", number, connection)
        done = running.repeat_done(job)  # nobody is left, and it does not take an hour to notice
    assert (done.messages, done.end) == (0, "failed")
