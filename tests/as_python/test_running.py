"""Generated scripts run for real, against sockets of the app's own engine: the bytes are the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.as_python.api import STYLES, StyleName
from explorer.as_python.script import script
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from explorer.wire.framing.registry import make_framer
from tests.as_python.running_script import RunningScript
from tests.fakes.running_engine import RunningEngine

STYLE_NAMES = [style.name for style in STYLES]
SENT = (b"one\ntwo\n", b"\0\x01\xff" * 3000 + b"\n", b"three\n")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "capture") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scripts"
    made.mkdir()
    return made


def spec_of(transport: str, role: str, program: str = "echo", framing: str = "raw", **more: object) -> SocketSpec:
    spec = SocketSpec("s", program=Choice(program), framing=Choice(framing))
    return dataclasses.replace(spec, transport=transport, role=role, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("style", STYLE_NAMES)
@pytest.mark.parametrize("framing", ["raw", "line", "idle"])
def test_an_echo_server_sends_back_what_the_apps_client_sends(
    style: StyleName, framing: str, engine: RunningEngine, folder: Path
) -> None:
    sent = b"".join(SENT)
    with RunningScript(script(spec_of("tcp", "server", framing=framing), style), folder) as running:
        socket, connection = engine.connect(spec_of("tcp", "client", "none", port=running.port()))
        for piece in SENT:
            engine.send(piece, socket)

        assert engine.received(connection, len(sent)) == sent
        engine.stop(socket)
        running.said("is gone")


@pytest.mark.parametrize("serving", ["iterative", "thread", "process"])
def test_each_way_of_serving_is_real(serving: str, engine: RunningEngine, folder: Path) -> None:
    spec = spec_of("tcp", "server", serving=Choice(serving), options=SocketOptions(idle_timeout=30.0))
    with RunningScript(script(spec, "blocking"), folder) as running:
        port = running.port()
        clients = [engine.connect(spec_of("tcp", "client", "none", port=port)) for _ in range(2)]
        for socket, _ in clients:
            engine.send(b"hello", socket)
        assert engine.received(clients[0][1], 5) == b"hello"
        if serving == "iterative":  # the second one is served when the first one is gone
            assert engine.tally.of(clients[1][1])[0] == 0
            engine.stop(clients[0][0])
        assert engine.received(clients[1][1], 5) == b"hello"


@pytest.mark.parametrize("style", STYLE_NAMES)
@pytest.mark.parametrize("framing", ["raw", "length"])
def test_an_echo_client_sends_back_what_the_apps_server_sends(
    style: StyleName, framing: str, engine: RunningEngine, folder: Path
) -> None:
    server, local = engine.listen(spec_of("tcp", "server", "none"))
    sent = make_framer(Choice("length")).encode(b"x" * 20_000)
    with RunningScript(script(spec_of("tcp", "client", framing=framing, port=local.port), style), folder) as running:
        connection = engine.opened(server).connection
        engine.send(sent, server)

        assert engine.received(connection, len(sent)) == sent
        engine.stop(server)
        assert running.ended() == 0, running.lines


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_udp_server_and_client_send_datagrams_back(style: StyleName, engine: RunningEngine, folder: Path) -> None:
    with RunningScript(script(spec_of("udp", "server", framing="line"), style), folder) as running:
        socket, connection = engine.connect(spec_of("udp", "client", "none", port=running.port()))
        engine.send(b"one\ntwo\n", socket)
        assert engine.received(connection, 8) == b"one\ntwo\n"  # two datagrams, for each message is one

    server, local = engine.listen(spec_of("udp", "server", "echo"))
    spec = spec_of("udp", "client", "none", port=local.port)
    with RunningScript(script(spec, style), folder) as running:
        running.said("Receiving")
        running.type("hello")
        running.said(r"b'hello\\n'")
        connection = engine.opened(server).connection
        assert engine.received(connection, 6) == b"hello\n"


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_what_is_typed_is_sent_and_what_comes_is_printed(style: StyleName, engine: RunningEngine, folder: Path) -> None:
    with RunningScript(script(spec_of("tcp", "server", "none", "line"), style), folder) as server:
        port = server.port()
        with RunningScript(script(spec_of("tcp", "client", "none", "line", port=port), style), folder) as client:
            server.said("is connected")
            client.type("from the client")
            server.said("b'from the client'")
            server.type("from the server")
            client.said("b'from the server'")
            assert client.process.stdin
            client.process.stdin.close()  # the end of the input ends the conversation
            assert client.ended() == 0, client.lines


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_a_silent_client_is_closed(style: StyleName, engine: RunningEngine, folder: Path) -> None:
    spec = spec_of("tcp", "server", options=SocketOptions(idle_timeout=0.2))
    with RunningScript(script(spec, style), folder) as running:
        _, connection = engine.connect(spec_of("tcp", "client", "none", port=running.port()))
        running.said(r"was silent for 0\.2 s")
        engine.closed(connection)


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_a_port_that_is_taken_is_a_sentence(style: StyleName, engine: RunningEngine, folder: Path) -> None:
    _, local = engine.listen(spec_of("tcp", "server", options=SocketOptions(reuse_address=False)))
    with RunningScript(script(spec_of("tcp", "server", port=local.port), style), folder) as running:
        running.said(f"Cannot listen on 127.0.0.1:{local.port}: ")
        assert running.ended() == 1
    assert not any("Traceback" in line for line in running.lines)
