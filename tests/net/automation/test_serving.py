"""Sequences on servers, however they serve."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from explorer.core import serving
from explorer.core.commands import Start
from explorer.core.events import SequenceStep, SocketChanged
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
