"""The engine and programs of others: ncat, socat and curl, over IPv4, IPv6 and UDP."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Scope
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import unused_port

DATA = random.Random(2).randbytes(500_000)
PATIENCE = 20


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "capture") as engine:
        yield engine


def talk(*command: str, data: bytes = b"") -> bytes:
    """Run a program with `data` as its input; its output."""
    done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def stream(running: RunningEngine, connection: int, received: bool) -> bytes:
    """What the capture's own views make of a connection, read again from disk."""
    reader = Reader(running.writer.folder)
    found = ByteStream(reader, Scope(connection=connection), received=received, sent=not received)
    found.index.advance()
    data = found.read(0, found.size)
    reader.close()
    return data


def socat_address(kind: str, where: Endpoint) -> str:
    return f"{kind}:{f'[{where.host}]' if ':' in where.host else where.host}:{where.port}"


@pytest.mark.needs("ncat")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_ncat_sends_to_our_server(running: RunningEngine, host: str) -> None:
    number, local = running.listen(SocketSpec("server", host=host, buffer_size=1000))
    talk("ncat", "--send-only", local.host, str(local.port), data=DATA)
    opened = running.opened(number)
    closed = running.closed(opened.connection)
    assert (closed.reason, closed.received) == (CloseReason.EOF, len(DATA))
    assert stream(running, opened.connection, received=True) == DATA


@pytest.mark.needs("ncat")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_ncat_is_echoed_and_ends(running: RunningEngine, host: str) -> None:
    number, local = running.listen(SocketSpec("echo", host=host, program=Choice("echo")))
    assert talk("ncat", local.host, str(local.port), data=b"line one\nline two\n") == b"line one\nline two\n"
    assert running.closed(running.opened(number).connection).reason is CloseReason.EOF


@pytest.mark.needs("socat")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_socat_is_echoed_in_full(running: RunningEngine, host: str) -> None:
    number, local = running.listen(SocketSpec("echo", host=host, program=Choice("echo")))
    kind = "TCP6" if ":" in host else "TCP4"
    assert talk("socat", "-t10", "-", socat_address(kind, local), data=DATA) == DATA
    connection = running.opened(number).connection
    running.closed(connection)
    assert stream(running, connection, received=True) == DATA
    assert stream(running, connection, received=False) == DATA


@pytest.mark.needs("socat")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_socat_over_udp(running: RunningEngine, host: str) -> None:
    number, local = running.listen(SocketSpec("echo", transport="udp", host=host, program=Choice("echo")))
    kind = "UDP6" if ":" in host else "UDP4"
    assert talk("socat", "-t0.3", "-", socat_address(kind, local), data=b"a datagram") == b"a datagram"
    connection = running.opened(number).connection
    assert stream(running, connection, received=True) == b"a datagram"
    assert stream(running, connection, received=False) == b"a datagram"


@pytest.mark.needs("ncat")
def test_ncat_over_udp(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("server", transport="udp"))
    talk("ncat", "-u", "--send-only", local.host, str(local.port), data=b"hello from ncat\n")
    assert running.received(running.opened(number).connection, 16) == b"hello from ncat\n"


@pytest.mark.needs("ncat")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_our_client_talks_to_ncat(running: RunningEngine, host: str) -> None:
    port = unused_port()
    command = [str(shutil.which("ncat")), "-l", host, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as peer:
        number = _connect(running, SocketSpec("client", role="client", host=host, port=port))
        connection = running.opened(number).connection
        assert peer.stdin is not None
        peer.stdin.write(b"from ncat\n")
        peer.stdin.flush()
        assert running.received(connection, 10) == b"from ncat\n"
        running.send(DATA, number)
        running.end("finish", number)
        assert peer.stdout is not None
        assert peer.stdout.read(len(DATA)) == DATA
        peer.stdin.close()
        peer.wait(PATIENCE)
    assert running.closed(connection).reason is CloseReason.EOF
    assert stream(running, connection, received=False) == DATA


def _connect(running: RunningEngine, spec: SocketSpec) -> int:
    """Try until the program that was just started listens."""
    for _ in range(500):
        number = running.start(spec)
        if running.state(number, State.ESTABLISHED, State.FAILED).state is State.ESTABLISHED:
            return number
        running.until_next_try()
    raise AssertionError("the other program did not listen")


@pytest.mark.needs("curl")
def test_curl_and_an_answer_that_was_sent_by_hand(running: RunningEngine) -> None:
    number, local = running.listen(SocketSpec("http"))
    command = ["curl", "--silent", "--max-time", str(PATIENCE), f"http://{local}/hello"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        connection = running.opened(number).connection
        running.until(lambda: running.tally.of(connection)[0] > 16, "the request")
        request = running.bytes_of(connection, received=True)
        assert request.startswith(b"GET /hello HTTP/1.1\r\n")
        running.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", number, connection)
        assert curl.stdout is not None
        assert curl.stdout.read() == b"hello"
    assert curl.returncode == 0
