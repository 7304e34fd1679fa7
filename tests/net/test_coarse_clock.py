"""Pauses and times where `time.monotonic` goes in steps: of 15.6 ms, on Windows before Python 3.13."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator

import pytest

from explorer.core.calls import CallKind
from explorer.core.pace import Pace
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.read_ahead import ReadAhead
from explorer.wire.templates import plain
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, read

STEP = 15_625_000  # nanoseconds


@pytest.fixture(autouse=True)
def coarse_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    exact = time.monotonic_ns
    monkeypatch.setattr(time, "monotonic_ns", lambda: exact() // STEP * STEP)
    monkeypatch.setattr(time, "monotonic", lambda: time.monotonic_ns() / 1e9)
    yield
    monkeypatch.undo()


def test_pauses_are_as_long_as_they_were_wanted(running: RunningEngine) -> None:
    spec = SocketSpec("slow", buffer_size=10, program=Choice("echo"), pace=Pace(send_pause=3, receive_pause=3))
    number, local = running.listen(spec)
    with connect("127.0.0.1", local.port) as peer:
        peer.sendall(bytes(200))
        assert read(peer, 200) == bytes(200)
        running.opened(number)
    for kind in (CallKind.recv, CallKind.send):
        times = [call.time for call in running.calls(kind) if call.size]
        apart = sorted(later - earlier for earlier, later in itertools.pairwise(times))
        assert apart[0] >= 3_000_000
        assert apart[len(apart) // 2] < 10_000_000


def test_a_message_is_repeated_in_even_steps(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("says"))
    with connect("127.0.0.1", local.port) as peer:
        connection = running.opened(number).connection
        job = running.repeat(plain(b"x"), number, connection, every=0.004, times=30)
        assert read(peer, 30) == b"x" * 30
        done = running.repeat_done(job)
    # In steps of 15.6 ms, three of four would come too late, and at once.
    times = [call.time for call in running.calls(CallKind.send)]
    apart = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    assert apart[len(apart) // 2] > 2_000_000
    assert done.messages == 30


def test_input_has_the_time_at_which_it_came() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as source, open(writing, "wb", buffering=0) as sink:
        ahead = ReadAhead(source, 10)
        before = time.perf_counter_ns()
        sink.write(b"x")
        came = ahead.next(None)
        assert came is not None
        assert before <= came.time <= time.perf_counter_ns()
        assert ahead.next(time.perf_counter_ns() + 5_000_000) is None
        assert time.perf_counter_ns() >= before + 5_000_000
        sink.close()
        ended = ahead.next(None)
        assert ended is not None
        assert ended.data == b""
