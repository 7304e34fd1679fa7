"""Chats and rules, with several real ncat clients."""

from __future__ import annotations

import binascii
import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.core.endpoint import Endpoint
from explorer.core.events import SocketFailed
from explorer.core.fields import Rows
from explorer.core.socket_spec import Choice, SocketSpec
from tests.fakes.running_engine import RunningEngine

LINES = Choice("line", {"ending": "any"})
PATIENCE = 20

pytestmark = pytest.mark.needs("ncat")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "capture") as engine:
        yield engine


class Ncat:
    """One person at a terminal."""

    def __init__(self, where: Endpoint) -> None:
        command = [str(shutil.which("ncat")), where.host, str(where.port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Ncat:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def say(self, *lines: str | bytes) -> None:
        assert self._process.stdin is not None
        for line in lines:
            self._process.stdin.write((line if isinstance(line, bytes) else line.encode()) + b"\n")
        self._process.stdin.flush()

    def read(self) -> str:
        """The next line; "" when the connection is over."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().rstrip("\n")

    def leave(self) -> None:
        """The end of its input."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(PATIENCE)


@pytest.mark.parametrize("serving", ["selectors", "thread", "asyncio"])
def test_people_talk_in_a_room(running: RunningEngine, serving: str) -> None:
    chat = Choice("chat", {"names": "asked", "greeting": "Hi NAME"})
    _, where = running.listen(SocketSpec("chat", program=chat, framing=LINES, serving=Choice(serving)))
    with contextlib.ExitStack() as stack:
        there: list[Ncat] = []
        for name in ("Ann", "Bob", "Eve"):
            person = stack.enter_context(Ncat(where))
            assert person.read() == "* What is your name?"
            person.say(name)
            assert person.read() == f"* Hi {name}"
            assert [other.read() for other in there] == [f"* {name} joined."] * len(there)
            there.append(person)
        ann, bob, eve = there
        ann.say("hello", "", b"\x1b[2Jred \xff", "/nosuch")
        for person in (bob, eve):
            assert [person.read(), person.read()] == ["Ann: hello", "Ann: [2Jred \ufffd"]
        assert "There is no /nosuch" in ann.read()
        bob.say(b"x" * 1_000_000, b"y" * 2_000_000, "still here")  # the second one is none: its framing refuses it
        assert "1,000,000 characters" in bob.read()
        assert ann.read() == eve.read() == "Bob: still here"
        bob.say("/quit")
        assert bob.read() == "* Good-bye."
        assert bob.read() == ""
        assert ann.read() == eve.read() == "* Bob left."
        eve.leave()
        assert ann.read() == "* Eve left."
    assert not running.all(SocketFailed)


def test_two_people_take_turns(running: RunningEngine) -> None:
    _, where = running.listen(SocketSpec("chat", program=Choice("chat", {"mode": "pair"}), framing=LINES))
    with Ncat(where) as ann:
        assert [ann.read()[:9], ann.read()[:15]] == ["* Welcome", "* You are alone"]
        with Ncat(where) as bob:
            assert [bob.read()[:9], bob.read()] == ["* Welcome", "* You talk with Guest1, who begins."]
            assert [ann.read(), ann.read()[-16:]] == ["* Guest2 joined.", "It is your turn."]
            with Ncat(where) as eve:
                assert eve.read() == "* Two people are talking here already. Come back later."
                assert eve.read() == ""
            bob.say("too early")
            assert "It is Guest1's turn" in bob.read()
            ann.say("hello")
            assert [bob.read(), bob.read()] == ["Guest1: hello", "* It is your turn."]
            bob.leave()
        assert ann.read() == "* Guest2 left. Wait for somebody else."
    assert not running.all(SocketFailed)


@pytest.mark.parametrize("serving", ["selectors", "iterative", "thread", "process", "asyncio"])
def test_rules_stand_in_for_a_device(running: RunningEngine, serving: str) -> None:
    rules: Rows = (
        {"match": "regex", "pattern": r"^SET (?P<channel>\d+) (?P<value>\S+)", "ignore_case": True,
         "answer": "{{channel}}={{value}} {{crc16-ccitt-false:HEX}}"},
        {"match": "starts", "pattern": "WAIT", "answer": "waited", "delay": 50},
        {"match": "exact", "pattern": "BYE", "answer": "bye", "then": "send_close"},
    )  # fmt: skip
    program = Choice("rules", {"rules": rules, "otherwise": "send", "otherwise_answer": "ERR {{message}}"})
    number, where = running.listen(SocketSpec("device", program=program, framing=LINES, serving=Choice(serving)))
    with Ncat(where) as engineer:
        engineer.say("set 3 1.5", "WAIT", "nonsense", "BYE", "too late")
        assert engineer.read() == "3=1.5 " + f"{binascii.crc_hqx(b'3=1.5 ', 0xFFFF):04X}"
        assert [engineer.read() for _ in range(4)] == ["waited", "ERR nonsense", "bye", ""]
    assert running.closed(running.opened(number).connection).failure is None
