"""Sequences on servers, however they serve."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

import pytest

from explorer.core import serving
from explorer.core.commands import RecordSteps, Start
from explorer.core.events import ConnectionClosed, SequenceStep, SocketChanged, StepRecorded
from explorer.core.sequence import CheckStep, ConnectStep, Match, SendStep, StartStep, WaitStep
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from tests.fakes.running_engine import RunningEngine
from tests.net.automation.test_running import LINE, Stage
from tests.net.peers import read


@pytest.mark.parametrize("kind", [kind.name for kind in serving.kinds()])
@pytest.mark.parametrize("framing", [LINE, Choice("raw")], ids=["line", "raw"])
def test_messages_are_heard_and_answered(tmp_path: Path, kind: str, framing: Choice) -> None:
    with RunningEngine(tmp_path / "capture") as running:
        spec = SocketSpec("server", framing=framing, serving=Choice(kind))
        stage = Stage(running, spec)
        number = stage.sockets["server"][0]
        first = stage.begin(
            StartStep(), ConnectStep(), WaitStep(Match("contains", "hello")), SendStep("hi\\n", framed=False),
            WaitStep(Match("starts", "again" if framing == LINE else "\\nagain")), CheckStep("closed"), socket="server",
        )  # fmt: skip
        local = running.wait(SocketChanged, lambda event: event.socket == number and event.state is State.LISTEN).local
        assert local is not None
        with socket.create_connection((local.host, local.port)) as peer:
            running.wait(SequenceStep, lambda event: event.path == "steps[2]")
            peer.sendall(b"hello\n")
            assert read(peer, 3) == b"hi\n"
            peer.sendall(b"again\n")
            running.wait(SequenceStep, lambda event: event.path == "steps[5]")
        ended = stage.end(first)
        assert ended.passed, ended


@pytest.mark.parametrize("kind", [kind.name for kind in serving.kinds()])
def test_a_connection_that_waits_already_is_heard(tmp_path: Path, kind: str) -> None:
    """Nobody looked at what it receives when it began to wait."""
    with RunningEngine(tmp_path / "capture") as running:
        spec = SocketSpec("server", serving=Choice(kind))
        stage = Stage(running, spec)
        number = stage.sockets["server"][0]
        running.post(Start(number, spec))
        local = running.wait(SocketChanged, lambda event: event.socket == number and event.state is State.LISTEN).local
        assert local is not None
        with socket.create_connection((local.host, local.port)) as peer:
            peer.sendall(b"before")
            running.received(running.opened(number).connection, 6)
            job = stage.begin(WaitStep(Match("exact", "now")), socket="server", timeout=2)
            running.wait(SequenceStep, lambda event: event.job == job)
            peer.sendall(b"now")
            ended = stage.end(job)
        assert ended.passed, ended


def listen(running: RunningEngine, stage: Stage) -> tuple[int, tuple[str, int]]:
    """Start its server: number and address."""
    number, spec = stage.sockets["server"]
    running.post(Start(number, spec))
    local = running.state(number, State.LISTEN).local
    assert local is not None
    return number, (local.host, local.port)


@pytest.mark.parametrize("before", [True, False], ids=["accepted before", "accepted later"])
@pytest.mark.parametrize("kind", [kind.name for kind in serving.kinds()])
def test_whoever_asked_is_answered_and_its_end_is_noticed(tmp_path: Path, kind: str, before: bool) -> None:
    """Of two clients, where two are served; the sequence began before or after they were accepted."""
    with RunningEngine(tmp_path / "capture") as running, contextlib.ExitStack() as stack:
        stage = Stage(running, SocketSpec("server", framing=LINE, serving=Choice(kind)))
        number, where = listen(running, stage)

        def come() -> list[socket.socket]:
            peers = []
            for place in range(1 if kind == "iterative" else 2):
                peers.append(stack.enter_context(socket.create_connection(where)))
                running.opened(number, skip=place)
            return peers

        peers = come() if before else []
        job = stage.begin(
            WaitStep(Match("exact", "who")), SendStep("you"), CheckStep("closed", seconds=5), socket="server",
        )  # fmt: skip
        running.wait(SequenceStep, lambda event: event.path == "steps[0]")
        peers = peers or come()
        peers[0].sendall(b"who\n")
        peers[0].settimeout(10)
        assert read(peers[0], 4) == b"you\n"
        peers[0].close()
        ended = stage.end(job)
        assert ended.passed, ended
        for other in peers[1:]:
            other.setblocking(False)
            with pytest.raises(BlockingIOError):
                other.recv(1)


@pytest.mark.parametrize("kind", [kind.name for kind in serving.kinds()])
def test_clients_that_come_are_recorded(tmp_path: Path, kind: str) -> None:
    """Recording began when the server had accepted already, and goes on behind its end."""
    with RunningEngine(tmp_path / "capture") as running:
        stage = Stage(running, SocketSpec("server", framing=LINE, serving=Choice(kind)))
        number, where = listen(running, stage)
        with socket.create_connection(where):
            running.opened(number)
        running.wait(ConnectionClosed)
        emit = running.engine._context.emit
        running.post(RecordSteps({number: "server"}))
        running.until(lambda: running.engine._context.emit != emit, "the beginning")
        with socket.create_connection(where):
            running.opened(number, skip=1)
        assert isinstance(running.wait(StepRecorded).step, ConnectStep)
        running.post(RecordSteps(None))
