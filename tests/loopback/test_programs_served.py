"""Every program under every way of serving that it fits, asked by programs of others and by Python's own sockets."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from explorer.core import serving
from explorer.core.calls import CallKind
from explorer.core.fields import Value
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.programs.registry import find_kind, kinds
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, read_all

PATIENCE = 20
RAW, LINE = Choice("raw"), Choice("line", {"ending": "any"})
WAYS = [kind.name for kind in serving.kinds()]


def ncat(port: int, data: bytes) -> bytes:
    return _talk(["ncat", "127.0.0.1", str(port)], data)


def socat(port: int, data: bytes) -> bytes:
    """It reads on for some seconds after its input has ended."""
    return _talk(["socat", "-t10", "-", f"TCP4:127.0.0.1:{port}"], data)


def curl(port: int, data: bytes) -> bytes:
    url = f"http://127.0.0.1:{port}/place?name=value"
    return _talk(["curl", "--silent", "--show-error", "--noproxy", "*", "--data-binary", "@-", url], data)


def python(port: int, data: bytes) -> bytes:
    with connect("127.0.0.1", port) as peer:
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        return read_all(peer)


def _talk(command: list[str], data: bytes) -> bytes:
    done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


@dataclass(frozen=True)
class Talk:
    """What a peer says to a program, and what it must hear: all of it, as a regular expression."""

    program: str
    peer: Callable[[int, bytes], bytes]
    said: bytes
    heard: bytes
    framing: Choice = LINE
    settings: dict[str, Value] = field(default_factory=dict)


SCRIPT = """
count = 0

def on_open(connection):
    return "welcome"

def on_message(connection, message):
    global count
    count += 1
    return message.upper() + b" %d" % count
"""
ADA = ({"user": "ada", "password": "sesame", "greeting": "Good morning, NAME!"},)
TURN_ROUND = ({"match": "regex", "pattern": "^set (\\w+) (\\w+)$", "answer": "{{2}} {{1}}"},)
TALKS = (
    Talk("none", ncat, b"hello\n", b""),
    Talk("echo", ncat, b"one\ntwo\nthree\n", b"one\ntwo\nthree\n"),
    Talk("echo", socat, bytes(range(256)) * 200, re.escape(bytes(range(256)) * 200), RAW),
    Talk("discard", ncat, b"anybody?\n" * 100, b""),
    Talk("chargen", socat, b"", rb"([ -~]{72}\r\n){500}", RAW, {"lines": 500}),
    Talk("time", ncat, b"", rb"20\d\d-\d\d-\d\dT[\d:.+]+\r?\n?", RAW, {"format": "iso"}),
    Talk("greet", ncat, b"Ada\n", rb"[^\n]*\?\r?\n?Hi Ada!?\r?\n"),
    Talk("login", python, b"ada\nsesame\n", rb"(?s).*Good morning, ada!\r?\n.*", settings={"users": ADA}),
    Talk("command", ncat, b"R\nE\n", rb"(?s)(.*\n)?([1-9]|10)\r?\n.*"),
    Talk("log", ncat, b"<34>Nov 21 09:30:05 host app: it is on fire\n", b""),
    Talk("http", curl, b"a body", rb"(?s).*POST.*/place\?name=value.*a body.*", RAW),
    Talk("rules", python, b"set colour blue\n", b"blue colour\n", settings={"rules": TURN_ROUND}),
    Talk("script", python, b"a\nb\n", b"welcome\nA 1\nB 2\n", settings={"source": SCRIPT}),
)
TALKING = [
    (talk, way) for talk in TALKS for way in WAYS if not (way == "process" and find_kind(talk.program).shared)
]  # processes do not know of each other


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "capture") as engine:
        yield engine


def test_every_program_is_here() -> None:
    assert {talk.program for talk in TALKS} | {"chat"} == {kind.name for kind in kinds()}


@pytest.mark.needs("ncat", "socat", "curl")
@pytest.mark.parametrize(("talk", "way"), TALKING, ids=[f"{t.program}-{t.peer.__name__}-{way}" for t, way in TALKING])
def test_a_program_answers_its_peer(running: RunningEngine, talk: Talk, way: str) -> None:
    spec = SocketSpec(
        talk.program, framing=talk.framing, program=Choice(talk.program, talk.settings), serving=Choice(way)
    )
    number, local = running.listen(spec)
    assert re.fullmatch(talk.heard, heard := talk.peer(local.port, talk.said)), heard
    connection = running.opened(number).connection
    running.closed(connection)
    sent = running.bytes_of(connection, received=False)
    assert sent.endswith(heard) if talk.peer is curl else sent == heard  # curl keeps the head of an answer to itself
    if talk.program != "login":  # of which the password is covered
        assert running.bytes_of(connection, received=True).endswith(talk.said)
    workers = [call for call in running.calls(CallKind.worker) if call.connection == connection]
    assert len(workers) == (0 if way == "selectors" else 1)


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("iterative", "process")])
def test_a_room_passes_lines_on(running: RunningEngine, way: str) -> None:
    """One at a time nobody hears another, and processes do not know of each other."""
    assert find_kind("chat").shared
    _, local = running.listen(SocketSpec("room", framing=LINE, program=Choice("chat"), serving=Choice(way)))
    with connect("127.0.0.1", local.port) as ann:
        read_until(ann, b"Welcome, Guest1")
        with connect("127.0.0.1", local.port) as bob:
            read_until(ann, b"Guest2 joined.\n")
            bob.sendall(b"hello to all\n")
            assert read_until(ann, b"to all\n") == b"Guest2: hello to all\n"


def read_until(peer: socket.socket, end: bytes) -> bytes:
    data = b""
    while end not in data:
        part = peer.recv(4096)
        assert part, data
        data += part
    return data
