"""Sequences as scripts, run for real: they send the same bytes and end the same way as in the app."""

from __future__ import annotations

import ast
import dataclasses
import itertools
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from explorer.as_python.api import STYLES, NoScript
from explorer.as_python.sequences.script import sequence_environment, sequence_script
from explorer.core.commands import RunSequence, Stop
from explorer.core.errors import InputError
from explorer.core.events import SequenceEnded
from explorer.core.fields import Rows
from explorer.core.sequence import (
    BranchStep,
    Case,
    CheckStep,
    ConnectStep,
    EndStep,
    FailStep,
    Match,
    PauseStep,
    RepeatStep,
    SendStep,
    Sequence,
    StartStep,
    Step,
    StopStep,
    WaitStep,
)
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import Choice, SocketOptions, SocketSpec
from tests.as_python.test_script import unknown_names
from tests.fakes.running_engine import RunningEngine
from tests.net.peers import unused_port

STYLE_NAMES = [style.name for style in STYLES]
LINE = Choice("line", {"ending": "lf"})
LENGTH = Choice("length", {"width": 2, "skip": 2, "checksum": "crc16-modbus"})
SNIPPETS = (
    Snippet("ping", "hex", "70 69 6e 67", ending="lf"),
    Snippet("filled", "text", "{{counter}}{{length:u8}}ab{{crc8}}", fields=True, framed=False, ending="crlf"),
    Snippet("python", "python", r'b"\x01\x02"'),
)
_jobs = itertools.count(1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "capture") as running:
        yield running


class Peer:
    """A server that says something, then reads all that comes: `heard`, one for each client, in order."""

    def __init__(self, says: bytes, closes: bool = False) -> None:
        self.says = says
        self.closes = closes
        self.heard: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(15)
        self.port = int(self.listener.getsockname()[1])
        self._threads: list[threading.Thread] = []

    def serve_one(self) -> None:
        def serve() -> None:
            connection, _ = self.listener.accept()
            connection.settimeout(15)
            with connection:
                connection.sendall(self.says)
                if self.closes:
                    connection.shutdown(socket.SHUT_WR)
                heard = b""
                try:
                    while data := connection.recv(65_536):
                        heard += data
                except ConnectionError:
                    pass
                self.heard.append(heard)

        self._threads.append(threading.Thread(target=serve))
        self._threads[-1].start()

    def end(self) -> None:
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()
        self.listener.close()


def run_in_app(
    engine: RunningEngine, sequence: Sequence, specs: dict[str, SocketSpec], snippets: tuple[Snippet, ...] = SNIPPETS
) -> SequenceEnded:
    job = next(_jobs)
    sockets = {name: (1000 * job + number, spec) for number, (name, spec) in enumerate(specs.items())}
    engine.post(RunSequence(sequence, job, sockets, snippets))
    ended = engine.wait(SequenceEnded, lambda event: event.job == job)
    for number, _ in sockets.values():
        engine.post(Stop(number))
    return ended


def begin(text: str, path: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a script; `ended` waits for its end."""
    path.write_text(text, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-I", "-W", "error", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit status, and the last thing that it said."""
    out, err = process.communicate(timeout=30)
    assert "Traceback" not in err, err
    assert "Error" not in err, err
    return process.returncode, (out + err).splitlines()[-1]


def sound(text: str) -> str:
    """The script, which is Python 3.8 and names nothing that is not there."""
    tree = ast.parse(text, feature_version=(3, 8))
    assert not unknown_names(tree), unknown_names(tree)
    assert "#?" not in text
    assert not re.search(r"\$[a-z]", text)
    assert max(map(len, text.splitlines())) <= 120
    assert not any(line != line.rstrip() for line in text.splitlines())
    return text


def client(framing: Choice = LINE, **more: object) -> SocketSpec:
    return SocketSpec("client", role="client", framing=framing, **more)  # type: ignore[arg-type]


@dataclasses.dataclass(frozen=True)
class Story:
    """A sequence of a client with a peer that says something. end: what the script says last."""

    name: str
    says: bytes
    steps: tuple[Step, ...]
    passes: bool
    end: str
    client: SocketSpec = dataclasses.field(default_factory=client)
    closes: bool = False
    timeout: float = 5.0


GROUPS = (
    WaitStep(Match("regex", r"user=(?P<user>\w+) id=(\d+)(x)?")), SendStep("{{user}}/{{2}}/{{3}}|{{1}}"),
    WaitStep(Match("exact", "{{user}}!")), WaitStep(Match("regex", r"^{{2}}+[[:space:]]{{user}}\.$")),
    CheckStep("group", Match("exact", "7"), "2"), CheckStep("group", group="user"),
    CheckStep("message", Match("ends", ".")),
)  # fmt: skip
CASES = (
    Case(Match("starts", "ERROR"), (FailStep("It failed."),)),
    Case(Match("regex", r"OK (?P<n>\d+)"), (SendStep("got {{n}}"), EndStep("Fine."))),
)
RAW = Choice("raw")
STORIES = (
    Story("pass", b"hello\nworld\n", (ConnectStep(), SendStep("hi"), WaitStep(Match("exact", "hello")),
          CheckStep("message", Match("starts", "hel")), WaitStep(Match("ends", "ld")),
          CheckStep("count", least=2, most=2),
          CheckStep("open"), PauseStep(0.01), SendStep("01 ff", "hex"), StopStep()), True, "Passed."),
    Story("groups", b"first\nuser=ann id=7\nann!\n7 ann.\n", (ConnectStep(), *GROUPS), True, "Passed."),
    Story("repeat", b"", (ConnectStep(), RepeatStep(3, (
              SendStep("{{n}} {{counter:decimal width=4}}"), RepeatStep(2, (SendStep("{{counter}}.{{n}} {{m}}"),), "m"),
              SendStep("{{m}}")), "n"), SendStep("{{n}}{{counter}}"), StopStep()), True, "Passed."),
    Story("fields", b"", (ConnectStep(), RepeatStep(2, (
              SendStep("{{length:u16be}}{{counter:u32le start=7}}x{{crc16-modbus:le}}", framed=False),
              SendStep(snippet="filled"), SendStep(snippet="ping", framed=False), SendStep(snippet="python"),
              SendStep("é{{}}", framed=False))),
              StopStep()), True, "Passed."),
    Story("branch", b"else\nOK 5\n", (ConnectStep(), BranchStep(CASES), FailStep("never here")), True, "Passed: Fine."),
    Story("failing branch", b"ERROR\n", (ConnectStep(), BranchStep(CASES)), False, "Failed: It failed."),
    Story("otherwise", b"else\n", (ConnectStep(), BranchStep(CASES, (SendStep("x"),), seconds=0.1), SendStep("y"),
          StopStep()), True, "Passed."),
    Story("no case", b"else\n", (ConnectStep(), BranchStep(CASES, seconds=0.1)), False,
          "fits one of the cases came on client within 0.1 s. Instead came b'else'."),
    Story("timeout", b"no 1\nno 2\n", (ConnectStep(), WaitStep(Match("regex", r"yes (\d)"), seconds=0.2)), False,
          "within 0.2 s. Instead came b'no 1', b'no 2'."),
    Story("nothing", b"", (ConnectStep(), WaitStep(seconds=0.1)), False,
          "No message came on client within 0.1 s. Nothing came."),
    Story("peer closes", b"bye\n", (ConnectStep(), WaitStep(Match("exact", "welcome"))), False,
          "while it was connected. Instead came b'bye'.", closes=True, timeout=60),
    Story("peer has closed", b"bye\n", (ConnectStep(), WaitStep(), CheckStep("closed")), True, "Passed.", closes=True),
    Story("sent to nobody", b"bye\n", (ConnectStep(), WaitStep(), CheckStep("closed"), SendStep("x")), False,
          "not connected|nobody is connected", closes=True),
    Story("still open", b"", (ConnectStep(), CheckStep("closed", seconds=0.1)), False,
          "the other side closes the connection of client. It is not."),
    Story("again", b"a\n", (ConnectStep(), WaitStep(), StopStep(), CheckStep("message", Match("exact", "a")),
          CheckStep("closed", expect="It ends.")), False, "Expected: It ends. It was closed by this side."),
    Story("wrong", b"hi\n", (ConnectStep(), WaitStep(),
          CheckStep("message", Match("exact", "bye"), expect="It says bye.")), False,
          "Expected: It says bye. The last message is b'hi'."),
    Story("too many", b"hi\nhi\n", (ConnectStep(), WaitStep(), CheckStep("count", least=0, most=0)), False,
          r"Expected: 0 messages on client. \d came."),
    Story("too few", b"hi\n", (ConnectStep(), CheckStep("count", least=2, seconds=0.1)), False, "1 came."),
    Story("unknown", b"", (ConnectStep(), SendStep("x {{later}}")), False, "Nothing is remembered as 'later' yet"),
    Story("unframed", b"", (ConnectStep(), SendStep("two\\nlines")), False, "holds the delimiter"),
    Story("up before", b"a\n", (SendStep("x"), WaitStep(Match("exact", "a")), StopStep()), True, "Passed."),
    Story("framed", b"\0\4de\0\0\0\5abd\x95\x08", (ConnectStep(), SendStep("abc"), WaitStep(),
          CheckStep("count", least=1, most=1), CheckStep("message", Match("exact", "abd")), StopStep()), True,
          "Passed.", client(LENGTH)),
    Story("idle", b"abc", (ConnectStep(), SendStep("x"), WaitStep(Match("exact", "abc")), StopStep()), True, "Passed.",
          client(Choice("idle", {"ms": 30}))),
    Story("stream", b"+OK ready\r\nabcabc?x7890yes\0\xff end", (
              ConnectStep(), WaitStep(Match("starts", "+OK")), WaitStep(Match("contains", "\\r\\n")),
              WaitStep(Match("exact", "abc")),
              WaitStep(Match("exact", "abc")), WaitStep(Match("regex", r"x(\d{4})yes")),
              CheckStep("group", Match("exact", "7890"), "1"), CheckStep("message", Match("exact", "?x7890yes")),
              WaitStep(Match("exact", "00 f?", "hex")), BranchStep((
                  Case(Match("contains", "d"), (FailStep(),)),
                  Case(Match("contains", "n"), (EndStep("n is first"),))))),
          True, "Passed: n is first", client(RAW, buffer_size=3)),
    Story("other stream", b"+ERR", (ConnectStep(), WaitStep(Match("exact", "+OK"), seconds=0.2)), False,
          r"starts with b'\+OK' came on client within 0.2 s. Instead came b'\+ERR'.", client(RAW)),
    Story("options", b"a", (ConnectStep(seconds=3), WaitStep(), SendStep("b"), StopStep()), True, "Passed.",
          client(RAW, host="localhost", options=SocketOptions(no_delay=True, timeout=2.5, local_host="127.0.0.1"))),
)  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_client_does_the_same(story: Story, engine: RunningEngine, tmp_path: Path) -> None:
    peer = Peer(story.says, story.closes)
    specs = {"client": dataclasses.replace(story.client, port=peer.port)}
    sequence = Sequence("test", "client", story.steps, story.timeout)
    with ExitStack() as stack:
        stack.callback(peer.end)
        peer.serve_one()
        if not isinstance(story.steps[0], ConnectStep):
            sequence = dataclasses.replace(sequence, steps=(ConnectStep(), *story.steps))
        in_app = run_in_app(engine, sequence, specs)
        assert in_app.passed is story.passes, in_app.sentence
        given = dataclasses.replace(sequence, steps=story.steps)
        texts = {style: sound(sequence_script(given, specs, SNIPPETS, style)) for style in STYLE_NAMES}
        running = {style: begin(text, tmp_path / f"{style}.py") for style, text in texts.items()}
        for _ in running:
            peer.serve_one()
        for style, process in running.items():
            status, last = ended(process)
            assert status == (0 if story.passes else 1), (style, last)
            assert re.search(story.end, last), (style, last)
    assert len(peer.heard) == 4
    assert set(peer.heard) == {peer.heard[0]}


# -- sequences with servers ------------------------------------------------------------------------------

RULES: Rows = (
    {"match": "exact", "pattern": "wait", "answer": "waited", "delay": 50},
    {"match": "exact", "pattern": "bye", "answer": "See you", "then": "send_close"},
    {"match": "exact", "pattern": "reset", "then": "reset"},
)
ADA: Rows = ({"user": "ada", "password": "s3cret", "greeting": "Hi"},)
ROOM = Choice("chat", {"mode": "room"})
UP = (StartStep("server"), ConnectStep())


def pair(program: str | Choice, framing: Choice = LINE, transport: str = "tcp") -> dict[str, SocketSpec]:
    """A server with a program, and its client."""
    port = unused_port(socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM)
    choice = Choice(program) if isinstance(program, str) else program
    server = SocketSpec("server", port=port, framing=framing, program=choice)
    server = dataclasses.replace(server, transport=transport)  # type: ignore[arg-type]
    return {"server": server, "client": dataclasses.replace(client(framing, port=port), transport=transport)}  # type: ignore[arg-type]


def says(text: str, answer: str) -> tuple[Step, ...]:
    return SendStep(text), WaitStep(Match("exact", answer))


TALKS: dict[str, tuple[dict[str, SocketSpec], tuple[Step, ...], str]] = {
    "echo": (pair("echo"), (*UP, *says("hello", "hello"), CheckStep("count", least=1, most=1), StopStep("server"),
             CheckStep("closed")), "Passed."),
    "raw echo": (pair("echo", RAW), (*UP, SendStep("hello"), WaitStep(Match("contains", "llo")),
                 WaitStep(Match("starts", "hel"), "server")), "Passed."),
    "fails": (pair("echo"), (*UP, SendStep("hello"), WaitStep(Match("exact", "hullo"), seconds=0.3)),
              r"Failed: No message that is b'hullo' .*Instead came b'hello'"),
    "idle": (pair("echo", Choice("idle", {"ms": 20})), (*UP, *says("a", "a"), PauseStep(0.05),
             *says("b", "b")), "Passed."),
    "rules": (pair(Choice("rules", {"rules": RULES, "greeting": "Hi"})), (*UP, WaitStep(Match("exact", "Hi")),
              *says("wait", "waited"), *says("bye", "See you"), CheckStep("closed"), ConnectStep(), WaitStep(),
              SendStep("reset"), CheckStep("closed")), "Passed."),
    "command": (pair("command"), (*UP, SendStep("T"), WaitStep(Match("regex", r"^\d{4}-")), SendStep("E"),
                CheckStep("closed")), "Passed."),
    "login": (pair(Choice("login", {"users": ADA})),
              (*UP, WaitStep(), SendStep("ada"), WaitStep(), *says("s3cret", "Hi")), "Passed."),
    "checksums": (pair("echo", LENGTH), (*UP, *says("hello", "hello")), "Passed."),
    "udp": (pair("echo", RAW, "udp"), (*UP, SendStep("one"), *says("two", "two"), SendStep("x", socket="server"),
            WaitStep(Match("exact", "x")), ConnectStep("server"), CheckStep("count", least=3, most=3)), "Passed."),
    "udp closed": (pair("echo", RAW, "udp"), (*UP, CheckStep("closed")), "UDP has no connections"),
    "udp rules": (pair(Choice("rules", {"rules": RULES}), LINE, "udp"), (*UP, *says("wait", "waited"),
                  *says("bye", "See you"), *says("wait", "waited")), "Passed."),
    "own words": (pair("none"), (*UP, SendStep("hi"), WaitStep(Match("regex", "(?P<said>.*)"), "server"),
                  SendStep("{{said}}!", socket="server"), WaitStep(Match("exact", "hi!")), StopStep(),
                  CheckStep("closed", socket="server")), "Passed."),
    "nobody": (pair("none"), (StartStep("server"), ConnectStep("server", seconds=0.1)), "Nobody connected to server"),
    "up before": (pair("echo"), (ConnectStep(), *says("hello", "hello"), WaitStep(socket="server")), "Passed."),
    "room": ({**pair(ROOM), "other": SocketSpec("other", role="client", framing=LINE)},
             (*UP, WaitStep(), ConnectStep("other"), WaitStep(Match("contains", "2")), SendStep("hello"),
              WaitStep(Match("contains", "hello"), "other"), StopStep(), WaitStep(socket="other")), "Passed."),
}  # fmt: skip
TALKS["room"][0]["other"] = dataclasses.replace(TALKS["room"][0]["other"], port=TALKS["room"][0]["server"].port)


@pytest.mark.parametrize("name", list(TALKS))
def test_servers_of_a_sequence_work(name: str, engine: RunningEngine, tmp_path: Path) -> None:
    specs, steps, end = TALKS[name]
    sequence = Sequence("test", "client", steps, 5.0)
    given = dataclasses.replace(sequence, steps=(StartStep("server"), *steps))
    in_app = run_in_app(engine, given, specs)
    assert in_app.passed is end.startswith("Passed"), in_app
    environment = sequence_environment(sequence, specs)
    for style in STYLE_NAMES:  # one after the other: they listen on the same port
        text = sound(sequence_script(sequence, specs, SNIPPETS, style))
        status, last = ended(begin(text, tmp_path / f"{style}.py", environment))
        assert re.search(end, last), (style, last)
        assert status == (0 if in_app.passed else 1), (style, last)


def test_messages_that_are_framed_in_two_ways_say_so() -> None:
    specs = pair("echo", Choice("length", {"width": 2}))
    steps = (*UP, SendStep("x"), SendStep("y", socket="server"))

    assert "wire=bytes" in sequence_script(Sequence("test", "client", steps[:3]), specs)
    with pytest.raises(NoScript, match="sends messages back as they came"):
        sequence_script(Sequence("test", "client", steps), specs)


@pytest.mark.parametrize("steps", [(PauseStep(),), (WaitStep(socket="gone"),), (ConnectStep(), SendStep(snippet="x"))])
def test_what_has_no_script_says_so(steps: tuple[Step, ...]) -> None:
    with pytest.raises(InputError, match=r"no step about a socket|There is no socket|There is no snippet"):
        sequence_script(Sequence("test", "client" if len(steps) > 1 else "", steps), {"client": client()})


ECHOES = {
    "socat": ("socat", "TCP-LISTEN:{},bind=127.0.0.1,reuseaddr,fork", "EXEC:cat"),
    "ncat": ("ncat", "-k", "-l", "127.0.0.1", "{}", "-c", "cat"),
}


@pytest.mark.parametrize(
    "peer", [pytest.param(name, marks=pytest.mark.needs(name)) for name in ECHOES] + ["rules", "command"]
)
def test_the_servers_of_others_and_of_the_app(peer: str, engine: RunningEngine, tmp_path: Path) -> None:
    port = unused_port()
    steps: tuple[Step, ...] = (*says("hello", "hello"), SendStep("a b"), WaitStep(Match("regex", r"a (?P<x>\w)")),
                               *says("{{x}}", "b"))  # fmt: skip
    with ExitStack() as stack:
        if peer in ECHOES:
            process = subprocess.Popen([word.format(port) for word in ECHOES[peer]])
            stack.callback(process.wait, 15)
            stack.callback(process.terminate)
            wait_for_port(port)
        else:
            settings = {"rules": ({"match": "regex", "pattern": "(.*)", "answer": "{{1}}"},)} if peer == "rules" else {}
            engine.listen(SocketSpec("s", port=port, framing=LINE, program=Choice(peer, settings)))
            if peer == "command":
                steps = (SendStep("E"), CheckStep("closed"))
        specs = {"client": client(port=port)}
        sequence = Sequence("test", "client", (ConnectStep(), *steps), 10.0)
        in_app = run_in_app(engine, sequence, specs)
        assert in_app.passed, in_app
        for style in STYLE_NAMES:
            script = begin(sequence_script(sequence, specs, (), style), tmp_path / f"{style}.py")
            assert ended(script) == (0, "Passed.")


def wait_for_port(port: int) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline
        else:
            return
