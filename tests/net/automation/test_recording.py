"""What is done by hand becomes steps."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.commands import EndConnection, RecordSteps, Repeat, Send, SendFile, Start, Stop, Target
from explorer.core.events import ConnectionClosed, ConnectionOpened, StepRecorded
from explorer.core.sequence import CheckStep, ConnectStep, Match, SendStep, StartStep, Step, StopStep, WaitStep
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.net.automation.recorder import MOST_STEPS, match_for
from explorer.wire.matching import make_matcher
from explorer.wire.templates import plain
from tests.fakes.running_engine import RunningEngine
from tests.net.automation.test_running import LINE, Stage, client, peer
from tests.net.peers import read, unused_port


def recorded(running: RunningEngine) -> list[Step]:
    """The steps as a window would keep them."""
    found: list[Step] = []
    for event in running.all(StepRecorded):
        if event.step is not None:
            if event.again:
                found.pop()
            found.append(event.step)
    return found


def until(running: RunningEngine, steps: Iterable[Step]) -> None:
    wanted = list(steps)
    try:
        running.until(lambda: recorded(running) == wanted, "the recording")
    except AssertionError:
        assert recorded(running) == wanted


def test_a_conversation_is_recorded_and_runs(running: RunningEngine) -> None:
    port = unused_port()
    server, mine = SocketSpec("server", port=port, framing=LINE, program=Choice("echo")), client(port)
    running.post(RecordSteps({1: "server"}))
    running.post(RecordSteps({1: "server", 2: "client"}))  # it was added meanwhile
    running.post(Start(1, server))
    running.state(1, State.LISTEN)
    running.post(Start(2, mine))
    connection = running.opened(2).connection
    running.post(Send(Target(2), b"hello {{\n", 1))
    running.received(connection, 9)
    running.post(Send(Target(2), b"\x00\x01\x02\n", 2))
    running.received(connection, 13)
    running.post(Send(Target(2), b"no end", 3))
    running.post(Stop(1))
    running.closed(connection)
    until(
        running,
        [
            StartStep("server"),
            ConnectStep("client"),
            SendStep("hello {{}}", socket="client"),
            WaitStep(Match("exact", "hello {{"), "client"),
            SendStep("00 01 02", "hex", socket="client"),
            WaitStep(Match("exact", "00 01 02", "hex"), "client"),
            SendStep("no end", socket="client", framed=False),
            StopStep("server"),
            CheckStep("closed", socket="client"),
        ],
    )
    running.post(RecordSteps(None))
    steps = recorded(running)
    stage = Stage(running, server, mine)
    ended = stage.run(*steps, socket="")
    assert ended.passed, ended


def test_a_raw_stream_is_recorded_as_one_wait(running: RunningEngine) -> None:
    def talk(found: socket.socket) -> None:
        found.sendall(b"one two three")
        assert read(found, 2) == b"go"
        found.sendall("é".encode() * 40)
        found.recv(1)

    with peer(talk) as port:
        running.post(RecordSteps({1: "client"}))
        running.post(Start(1, client(port, Choice("raw"), buffer_size=3)))
        connection = running.opened(1).connection
        running.received(connection, 13)
        running.post(Send(Target(1), b"go", 1))
        running.received(connection, 93)
        running.post(EndConnection(Target(1), "close"))
        until(
            running,
            [
                ConnectStep("client"),
                WaitStep(Match("exact", "one two three"), "client"),
                SendStep("go", socket="client"),
                WaitStep(Match("exact", "é" * 40), "client"),
                StopStep("client"),
            ],
        )


def test_a_server_that_the_user_plays_is_recorded(running: RunningEngine) -> None:
    running.post(RecordSteps({1: "server"}))
    _, local = 1, None
    running.post(Start(1, SocketSpec("server", framing=LINE)))
    local = running.state(1, State.LISTEN).local
    assert local is not None
    with socket.create_connection((local.host, local.port)) as found:
        running.wait(ConnectionOpened)
        found.sendall(b"who is there?\n")
        running.until(lambda: len(recorded(running)) == 3, "the question")
        running.post(Send(Target(1), b"me\n", 1))
        assert read(found, 3) == b"me\n"
    running.wait(ConnectionClosed)
    until(
        running,
        [
            StartStep("server"),
            ConnectStep("server"),
            WaitStep(Match("exact", "who is there?"), "server"),
            SendStep("me", socket="server"),
        ],
    )


def test_what_has_no_step_is_said(running: RunningEngine) -> None:
    running.post(RecordSteps({1: "server"}))
    running.post(SendFile(Target(1), Path("none"), 1))
    running.post(Repeat(Target(1), plain(b"x"), 2, 1.0))
    number, _ = running.listen(SocketSpec("server"))
    assert number == 1
    running.post(Send(Target(1), b"x" * 9000, 3))
    running.until(lambda: len(running.all(StepRecorded)) == 4, "three notes and a step")
    notes = [event.note for event in running.all(StepRecorded) if event.step is None]
    assert "A file was sent." in notes[0]
    assert "again and again" in notes[1]
    assert "8,192 bytes" in notes[2]


def test_it_ends_when_there_are_too_many(running: RunningEngine) -> None:
    running.post(RecordSteps({1: "server"}))
    number, _ = running.listen(SocketSpec("server"))
    for _ in range(MOST_STEPS + 5):
        running.post(Send(Target(number), b"x", 1))
    last = running.wait(StepRecorded, lambda event: event.over)
    assert f"{MOST_STEPS} steps" in last.note
    assert len(recorded(running)) == MOST_STEPS


def test_sockets_of_nobody_are_left_alone(running: RunningEngine) -> None:
    running.post(RecordSteps({7: "other"}))
    running.listen(SocketSpec("server"))
    running.post(RecordSteps(None))
    running.post(Stop(1))
    running.state(1, State.CLOSED)
    assert not running.all(StepRecorded)
    assert running.engine._context.emit == running._sink


@given(st.binary(max_size=300), st.sampled_from(["utf-8", "latin-1", "utf-16", "utf-16-le", "cp500"]))
def test_what_is_recorded_matches_what_came(data: bytes, encoding: str) -> None:
    assert make_matcher(match_for(data, encoding), encoding).message(data) is not None
    assert make_matcher(match_for(data, encoding), encoding).message(data + b"!") is None


@pytest.mark.parametrize("size", [4097, 100_000])
def test_of_a_long_message_the_beginning_is_enough(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    match = match_for(data, "utf-8")
    assert match.how == "starts"
    assert make_matcher(match, "utf-8").message(data) is not None
