"""Programs that answer, asked by programs of others: ncat, socat and Python's own sockets."""

from __future__ import annotations

import http.client
import itertools
import logging.handlers
import re
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.core import serving
from explorer.core.calls import CallKind
from explorer.core.fields import UNKEPT, Rows, Value
from explorer.core.socket_spec import Choice, SocketSpec, Transport
from explorer.core.states import CloseReason, State
from explorer.wire.log_lines import parse_line
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import connect, read, read_all, udp

PATIENCE = 20
LINES = Choice("line", {"ending": "any"})
USERS: Rows = ({"user": "ada", "password": "sesame", "greeting": "Good morning, NAME!"},)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "capture") as engine:
        yield engine


def serve(
    running: RunningEngine,
    kind: str,
    framing: Choice = LINES,
    transport: Transport = "tcp",
    buffer_size: int = 4096,
    **settings: Value,
) -> int:
    """Its port."""
    spec = SocketSpec(
        kind, transport=transport, framing=framing, program=Choice(kind, settings), buffer_size=buffer_size
    )
    return running.listen(spec)[1].port


def talk(*command: str, data: bytes = b"") -> bytes:
    """Run a program with `data` as its input; its output."""
    done = subprocess.run(command, input=data, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def ncat(port: int, data: bytes = b"") -> bytes:
    return talk("ncat", "127.0.0.1", str(port), data=data)


# -- echo ----------------------------------------------------------------------------------------------


@pytest.mark.needs("ncat")
@pytest.mark.parametrize(("buffer_size", "calls"), [(1, 26), (20, 2)])
def test_an_echo_with_a_small_buffer_reads_often(running: RunningEngine, buffer_size: int, calls: int) -> None:
    """26 bytes come in 26 calls of one byte, or in two of at most 20; what goes back is the same."""
    port = serve(running, "echo", Choice("raw"), buffer_size=buffer_size)
    text = b"abcdefghijklmnopqrstuvwxyz"
    assert ncat(port, text) == text
    running.closed(running.opened(1).connection)
    received = [call for call in running.calls(CallKind.recv) if call.size]
    assert len(received) == calls
    assert {call.asked for call in received} == {buffer_size}
    assert running.bytes_of(1, received=False) == text


# -- chargen -------------------------------------------------------------------------------------------


@pytest.mark.needs("socat")
def test_characters_come_until_the_last_line(running: RunningEngine) -> None:
    port = serve(running, "chargen", Choice("raw"), lines=5000)
    lines = talk("socat", "-u", f"TCP4:127.0.0.1:{port}", "-").split(b"\r\n")
    assert lines.pop() == b""
    assert len(lines) == 5000
    assert {len(line) for line in lines} == {72}
    assert all(after[:71] == before[1:] for before, after in itertools.pairwise(lines))


def test_characters_wait_for_who_does_not_read(running: RunningEngine) -> None:
    port = serve(running, "chargen", Choice("raw"), lines=1_000_000)
    with connect("127.0.0.1", port) as peer:
        begun = read(peer, 740)
        connection = running.opened(1).connection
        counts: list[int] = []

        def stands_still() -> bool:
            counts.append(running.tally.of(connection)[1])
            return len(counts) > 20 and counts[-20] == counts[-1]

        running.until(stands_still, "a pause")
        assert counts[-1] < 30_000_000, "it was sent to nobody"
    assert begun[:74].startswith(b' !"#$')
    assert running.closed(connection).reason is CloseReason.RESET


def test_a_datagram_brings_characters(running: RunningEngine) -> None:
    port = serve(running, "chargen", Choice("raw"), "udp")
    with udp() as peer:
        sizes = set()
        for _ in range(20):
            peer.sendto(b"?", ("127.0.0.1", port))
            sizes.add(len(peer.recv(2000)))
    assert len(sizes) > 5
    assert max(sizes) <= 512


# -- time ----------------------------------------------------------------------------------------------


@pytest.mark.needs("ncat")
def test_the_time_as_text(running: RunningEngine) -> None:
    said = talk("ncat", "--recv-only", "127.0.0.1", str(serve(running, "time", Choice("raw"))))
    assert re.fullmatch(rb"\w+day, \w+ \d+, 20\d\d \d\d:\d\d:\d\d [+-]\d{4}\r\n", said)
    assert running.closed(1).reason is CloseReason.LOCAL


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_the_time_as_four_bytes(running: RunningEngine, transport: Transport) -> None:
    port = serve(running, "time", Choice("raw"), transport, format="binary")
    if transport == "tcp":
        with connect("127.0.0.1", port) as peer:
            said = read_all(peer)
    else:
        with udp() as peer:
            peer.sendto(b"", ("127.0.0.1", port))
            said = peer.recv(100)
    [seconds] = struct.unpack(">I", said)
    assert abs(seconds - 2_208_988_800 - time.time()) < 3


@pytest.mark.needs("socat")
def test_the_time_over_udp_again_and_again(running: RunningEngine) -> None:
    port = serve(running, "time", Choice("raw"), "udp", format="iso")
    for _ in range(2):
        said = talk("socat", "-t0.3", "-", f"UDP4:127.0.0.1:{port}", data=b"?")
        assert re.fullmatch(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\r\n", said)


# -- greet, command ------------------------------------------------------------------------------------


@pytest.mark.needs("ncat")
@pytest.mark.parametrize("buffer_size", [1, 4096])
def test_ncat_is_asked_and_greeted(running: RunningEngine, buffer_size: int) -> None:
    port = serve(running, "greet", buffer_size=buffer_size)
    said = ncat(port, b"Ada\r\nGrace\nZo\xeb\n")
    assert said == b"What is your name?\nHi Ada\nHi Grace\nHi Zo\xeb\n"


@pytest.mark.needs("socat")
def test_a_datagram_is_greeted(running: RunningEngine) -> None:
    port = serve(running, "greet", Choice("raw"), "udp")
    assert talk("socat", "-t0.3", "-", f"UDP4:127.0.0.1:{port}", data=b"Ada\n") == b"Hi Ada\n"


@pytest.mark.needs("ncat")
def test_commands_over_ncat(running: RunningEngine) -> None:
    said = ncat(serve(running, "command"), b"R\nT\nL\nhelp\nE\n").split(b"\n")
    assert 1 <= int(said[0]) <= 10
    assert said[1].startswith(b"20")
    assert said[2].startswith(b"Python 3.")
    assert said[3:] == [
        b'"help" is no command here. These are:',
        b"R: a random number from 1 to 10",
        b"T: the system's time",
        b"L: the language's version",
        b"E: closes the connection",
        b"",
    ]
    assert running.closed(1).reason is CloseReason.LOCAL


def test_a_command_that_closes_is_the_last(running: RunningEngine) -> None:
    with connect("127.0.0.1", serve(running, "command")) as peer:
        peer.sendall(b"E\nR\nR\n")
        assert read_all(peer) == b""


# -- login ---------------------------------------------------------------------------------------------


def _everything(running: RunningEngine) -> bytes:
    """All that stands in the capture's files."""
    return b"".join(path.read_bytes() for path in sorted(running.writer.folder.iterdir()) if path.is_file())


@pytest.mark.needs("ncat")
@pytest.mark.parametrize("buffer_size", [1, 3, 4096])
def test_a_login_leaves_no_password_in_the_capture(running: RunningEngine, buffer_size: int) -> None:
    port = serve(running, "login", buffer_size=buffer_size, users=USERS)
    said = ncat(port, b"ada\nopen\nada\r\nsesame\r\nhello\n")
    assert said == (b"User:\nPassword:\nSorry, user and password do not match.\nUser:\nPassword:\nGood morning, ada!\n")
    running.closed(1)
    assert running.bytes_of(1, received=True) == b"ada\n****\nada\r\n******\r\nhello\n"
    assert b"sesame" not in _everything(running)
    assert running.detail(CallKind.socket)["program"]["users"][0]["password"] == UNKEPT


@pytest.mark.parametrize("way", [kind.name for kind in serving.kinds()])
def test_no_way_of_serving_keeps_a_password(running: RunningEngine, way: str) -> None:
    program = Choice("login", {"users": USERS})
    spec = SocketSpec("login", framing=LINES, program=program, buffer_size=7, serving=Choice(way))
    with connect("127.0.0.1", running.listen(spec)[1].port) as peer:
        peer.sendall(b"ada\nsesame\nhello\n")
        assert read(peer, 35) == b"User:\nPassword:\nGood morning, ada!\n"
    running.closed(1)
    assert running.bytes_of(1, received=True) == b"ada\n******\nhello\n"
    assert b"sesame" not in _everything(running)


def test_a_login_is_not_begun_over_udp(running: RunningEngine) -> None:
    """Nobody would be asked there, and nothing covered."""
    number = running.start(SocketSpec("login", transport="udp", program=Choice("login", {"users": USERS})))
    assert "works over TCP only" in running.failed(number).failure.said
    assert running.state(number, State.FAILED).state is State.FAILED
    assert b"sesame" not in _everything(running)


def test_a_password_that_comes_in_pieces_is_covered(running: RunningEngine) -> None:
    with connect("127.0.0.1", serve(running, "login", users=USERS)) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.sendall(b"ada\nses")
        assert read(peer, 16) == b"User:\nPassword:\n"
        assert running.received(1, 7) == b"ada\n***"
        peer.sendall(b"ame\n")
        assert read(peer, 19) == b"Good morning, ada!\n"
    assert running.received(1, 11) == b"ada\n******\n"


def test_what_lies_unread_behind_the_last_attempt_is_covered_too(running: RunningEngine) -> None:
    port = serve(running, "login", users=USERS, attempts=1, buffer_size=12)
    with connect("127.0.0.1", port) as peer:
        peer.sendall(b"ada\nopened!\nada\nsesame\n")
        assert read_all(peer).endswith(b"Too many attempts. Good-bye.\n")
    running.closed(1)
    assert b"sesame" not in _everything(running)


def test_a_login_can_be_recorded_whole(running: RunningEngine) -> None:
    with connect("127.0.0.1", serve(running, "login", users=USERS, mask=False, close=True)) as peer:
        peer.sendall(b"ada\nsesame\n")
        assert read_all(peer) == b"User:\nPassword:\nGood morning, ada!\n"
    assert running.received(1, 11) == b"ada\nsesame\n"


# -- log -----------------------------------------------------------------------------------------------


@pytest.mark.needs("socat")
def test_a_collector_takes_in_and_keeps_silent(running: RunningEngine) -> None:
    port = serve(running, "log", transport="udp", buffer_size=131_072)
    assert talk("socat", "-t0.1", "-", f"UDP4:127.0.0.1:{port}", data=b"<34>su: no\n") == b""
    assert running.received(1, 11) == b"<34>su: no\n"
    assert running.detail(CallKind.socket)["buffer_size"] == 131_072


def test_pythons_own_syslog_handler_is_taken_in(running: RunningEngine) -> None:
    port = serve(running, "log", transport="udp", buffer_size=131_072)
    handler = logging.handlers.SysLogHandler(("127.0.0.1", port))
    handler.emit(logging.LogRecord("tests", logging.ERROR, "", 0, "disk full", None, None))
    handler.close()
    line = parse_line(running.received(1, len(b"<11>disk full\0")))
    assert (line.level, line.facility, line.text) == ("error", "user", b"disk full")


@pytest.mark.needs("ncat")
def test_a_collector_may_say_that_it_has_it(running: RunningEngine) -> None:
    assert ncat(serve(running, "log", acknowledge="OK"), b"one\ntwo\n") == b"OK\nOK\n"


# -- http ----------------------------------------------------------------------------------------------


def curl(port: int, *options: str, paths: tuple[str, ...] = ("/page",), data: bytes = b"") -> str:
    urls = [f"http://127.0.0.1:{port}{path}" for path in paths]
    return talk("curl", "--silent", "--show-error", "--max-time", "20", *options, *urls, data=data).decode()


@pytest.mark.needs("curl")
@pytest.mark.parametrize("buffer_size", [1, 4096])
def test_curl_gets_its_own_request(running: RunningEngine, buffer_size: int) -> None:
    said = curl(serve(running, "http", Choice("raw"), buffer_size=buffer_size), "-H", "X-Colour: <blue>")
    assert "GET /page HTTP/1.1\n" in said
    assert "X-Colour: <blue>\n" in said
    assert "User-Agent: curl/" in said


@pytest.mark.needs("curl")
def test_curl_with_html_http_1_0_and_head(running: RunningEngine) -> None:
    port = serve(running, "http", Choice("raw"))
    assert "&lt;b&gt;" in curl(port, "-H", "Accept: text/html", "-H", "X: <b>")
    old = curl(port, "--http1.0", "-i")
    assert "GET /page HTTP/1.0\n" in old
    assert "Connection: close\r\n" in old
    head = curl(port, "-I")
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert head.endswith("\r\n\r\n")


@pytest.mark.needs("curl")
def test_curl_keeps_its_connection(running: RunningEngine) -> None:
    said = curl(serve(running, "http", Choice("raw")), paths=("/one", "/two", "/three"))
    assert [path in said for path in ("GET /one ", "GET /two ", "GET /three ")] == [True] * 3
    assert len(running.calls(CallKind.accept)) == 1


@pytest.mark.needs("curl")
@pytest.mark.parametrize("chunked", [False, True])
def test_curl_posts(running: RunningEngine, chunked: bool) -> None:
    port = serve(running, "http", Choice("raw"), max_body=3_000_000)
    assert "\n3 bytes of body:\na=b\n" in curl(port, "-d", "a=b")
    options = ("-H", "Transfer-Encoding: chunked") if chunked else ()
    said = curl(port, *options, "--data-binary", "@-", data=b"0123456789" * 200_000)
    assert "\n2,000,000 bytes of body:\n0123456789" in said
    assert "Expect: 100-continue" in said


@pytest.mark.needs("curl")
def test_curl_is_told_what_is_too_much(running: RunningEngine) -> None:
    port = serve(running, "http", Choice("raw"), max_body=10)
    assert curl(port, "-d", "x" * 11, "-o", "/dev/null", "-w", "%{http_code}") == "413"
    assert curl(port, "-X", "BREW", "-o", "/dev/null", "-w", "%{http_code}") == "501"


def test_pythons_http_client(running: RunningEngine) -> None:
    client = http.client.HTTPConnection("127.0.0.1", serve(running, "http", Choice("raw")), timeout=PATIENCE)
    for method, body in (("GET", None), ("POST", b"abc"), ("HEAD", None), ("PUT", b"x" * 1000)):
        client.request(method, f"/{method.lower()}", body, {"X-Name": "Ada"})
        answer = client.getresponse()
        text = answer.read().decode()
        assert answer.status == 200
        assert ("X-Name: Ada" in text) is (method != "HEAD")
    client.request("DELETE", "/", headers={"Connection": "close"})
    answer = client.getresponse()
    answer.read()
    assert answer.will_close
    client.close()
    assert len(running.calls(CallKind.accept)) == 1


def test_requests_that_come_together_are_answered_in_order(running: RunningEngine) -> None:
    with connect("127.0.0.1", serve(running, "http", Choice("raw"))) as peer:
        get = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
        peer.sendall(b"".join(get % number for number in range(50)) + b"nonsense\r\n")
        said = read_all(peer)
    assert re.findall(rb"GET /(\d+) ", said) == [b"%d" % number for number in range(50)]
    assert said.count(b"HTTP/1.1 200 OK") == 50
    assert said.count(b"HTTP/1.1 400 Bad Request") == 1
