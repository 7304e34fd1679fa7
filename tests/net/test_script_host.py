from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from explorer.capture.reader import Reader
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.events import Event, ScriptOutput, SocketFailed
from explorer.core.fields import check
from explorer.core.socket_spec import Choice
from explorer.core.tally import Tally
from explorer.net import processes, script_host
from explorer.net.call_log import CallLog
from explorer.net.context import Context
from explorer.net.reactor import Reactor
from explorer.net.script_host import ScriptHost
from explorer.net.service import Service
from explorer.programs.script import FIELDS

PATIENCE = 15.0
ECHO = "def on_message(connection, message):\n    return message\n"


class Host:
    """A script on a loop of its own: ask it, look at what it answered and what was told."""

    def __init__(self, folder: Path) -> None:
        self.errors: list[Exception] = []
        self.events: list[Event] = []
        self.replies: list[dict[str, Any]] = []
        self.writer = Writer(folder, 100_000_000)
        self.reactor = Reactor(self.errors.append)
        self.context = Context(self.reactor, self.writer, self.events.append, Tally(), counting=False)
        self.log = CallLog(self.writer, 7)
        self.host: ScriptHost

    def use(self, source: str, **settings: int) -> Host:
        values = check(FIELDS, {"source": source, **settings})
        self.host = ScriptHost(self.context, 7, self.log, values)
        return self

    def ask(self, call: str = "on_message", connection: int = 1, message: bytes | None = b"hi") -> None:
        request: dict[str, object] = {"call": call, "peer": f"127.0.0.1:{connection}"}
        if call == "on_message" and message is not None:
            request["message"] = message.hex()
        self.host.ask(connection, request, lambda reply: self.replies.append(dict(reply)))

    def answer(self, *asked: Any, **more: Any) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        count = len(self.replies)
        self.ask(*asked, **more)
        self.until(lambda: len(self.replies) > count)
        return self.replies[-1]

    def said(self, *asked: Any, **more: Any) -> bytes:
        return b"".join(bytes.fromhex(value) for what, value in self.answer(*asked, **more)["do"] if what == "send")

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE

        def look() -> None:
            if true() or time.monotonic() > deadline:
                self.reactor.stop()
            else:
                self.reactor.call_later(0.002, look)

        self.reactor._running = True
        with self.reactor.lock:
            look()
            self.reactor.run()
        assert true(), (self.replies, self.events, self.errors)

    @property
    def pid(self) -> int:
        assert self.host._process is not None
        return self.host._process.pid

    @property
    def failures(self) -> list[SocketFailed]:
        return [event for event in self.events if isinstance(event, SocketFailed)]

    def printed(self, stream: str = "stdout") -> list[tuple[int, str]]:
        found = [event for event in self.events if isinstance(event, ScriptOutput)]
        return [(event.line, event.text) for event in found if event.stream == stream]

    def notes(self) -> list[dict[str, Any]]:
        reader = Reader.of(self.writer)
        try:
            return [reader.detail(call) for call in reader.calls(0, reader.count) if call.kind is CallKind.note]
        finally:
            reader.close()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path / "capture")
    yield made
    processes.end_all(made.reactor)
    assert not psutil.Process().children(recursive=True)
    made.reactor.close()
    made.writer.close()
    assert not made.errors


def test_the_example_answers(host: Host) -> None:
    host.use(str(FIELDS[0].default))
    assert host.said("on_open") == b"Hello! Say something, or bye."
    assert host.said(message="größer".encode()) == "1: GRÖSSER".encode()
    assert host.said(message=b"more") == b"2: MORE"
    assert host.said("on_open", 2) == b"Hello! Say something, or bye."
    assert host.said("on_message", 2, b"me") == b"1: ME"
    assert host.answer(message=b"bye")["do"] == [["send", b"Goodbye!".hex()], ["close", 0.0]]
    assert host.answer("on_close")["do"] == []
    assert [text for _, text in host.printed()] == [
        "127.0.0.1:1 says 'größer'", "127.0.0.1:1 says 'more'", "127.0.0.1:2 says 'me'", "127.0.0.1:1 says 'bye'",
        "127.0.0.1:1 said 2 things",
    ]  # fmt: skip
    assert host.printed()[0][0] == FIELDS_LINE
    assert not host.failures
    assert host.notes() == [{"text": f"The script runs in a process of its own, {host.pid}."}]


FIELDS_LINE = str(FIELDS[0].default).split("\n").index('    print(connection.peer, "says", repr(text))') + 1


def test_all_that_a_function_may_do(host: Host) -> None:
    host.use(
        "def on_message(connection, message):\n"
        "    connection.send('a', bytearray(b'b'), memoryview(b'c'))\n"
        "    connection.wait(0.5)\n"
        "    connection.tell('to all')\n"
        "    connection.reset()\n"
        "    return ['d', b'e', '']\n"
        "def on_open(connection):\n"
        "    yield 'one'\n"
        "    yield b'two'\n"
        "    print(repr(connection), connection.data)\n"
    )
    assert host.answer()["do"] == [
        ["send", "61"], ["send", "62"], ["send", "63"], ["wait", 0.5], ["tell", b"to all".hex()], ["reset", 0.0],
        ["send", "64"], ["send", "65"], ["send", ""],
    ]  # fmt: skip
    assert host.said("on_open") == b"onetwo"
    assert host.printed() == [(10, "<connection 1 with 127.0.0.1:1> {}")]


def test_an_endless_loop_is_ended_and_told(host: Host) -> None:
    host.use(
        "def spin():\n    while True:\n        pass\n"
        "def on_message(connection, message):\n    if message == b'spin':\n        spin()\n    return message\n",
        time_limit=300,
    )
    assert host.said(message=b"a") == b"a"
    before = host.pid
    host.ask(message=b"spin")
    host.ask(connection=2, message=b"waits")
    host.until(lambda: len(host.replies) == 3)
    assert host.replies[1:] == [{"do": [], "over": True}, {"do": [["send", b"waits".hex()]]}]
    [event] = host.failures
    assert (event.socket, event.connection, event.fatal) == (7, 1, False)
    means = event.failure.means
    assert means.startswith("on_message took longer than its limit of 0.3 s and was ended. It was in line ")
    assert "(while True:) then." in means or "(pass) then." in means
    assert "while True" in event.failure.advice
    assert {"text": event.failure.sentence} in host.notes()
    [line] = [one for one in host.events if isinstance(one, ScriptOutput)]
    assert (line.connection, line.stream, line.text) == (1, "traceback", means)
    assert line.line in (2, 3)
    assert f"in line {line.line} " in means
    assert not psutil.pid_exists(before)
    assert host.pid != before


def test_a_loop_inside_of_python_is_ended_too(host: Host) -> None:
    host.use("import itertools\ndef on_message(connection, message):\n    sum(itertools.count())\n", time_limit=100)
    assert host.answer() == {"do": [], "over": True}
    assert "inside one operation of Python's" in host.failures[0].failure.means


def test_lines_at_the_top_that_never_end(host: Host) -> None:
    host.use(f"while True: pass\n{ECHO}", time_limit=100)
    host.ask()
    assert host.answer(connection=2) == {"do": [], "over": True}
    assert len(host.replies) == 2
    assert host.failures[0].failure.means.startswith("The script, at its start, took longer than its limit of 0.1 s")
    assert "line 1 (while True: pass)" in host.failures[0].failure.means


@pytest.mark.skipif(sys.platform != "linux", reason="the system sets no limit")
def test_a_memory_bomb_is_an_exception(host: Host) -> None:
    host.use(
        "kept = []\ndef on_message(connection, message):\n    if message != b'bomb':\n        return message\n"
        "    while True:\n        kept.append(bytes(1_000_000))\n",
        memory_limit=64, time_limit=10_000,
    )  # fmt: skip
    assert host.answer(message=b"bomb") == {"do": []}
    assert host.failures[0].failure.means == "on_message failed in line 6: MemoryError"
    assert "64 MB" in host.failures[0].failure.advice
    assert host.said(message=b"and on") == b"and on"


def test_memory_is_looked_at_where_no_system_limits_it(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_host, "HELD", False)
    monkeypatch.setattr(script_host, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(processes.WatchedProcess, "send", _with_more_memory(processes.WatchedProcess.send))
    host.use(
        "import time\ndef on_message(connection, message):\n    kept = b'x' * (200 << 20)\n    time.sleep(30)\n",
        memory_limit=64, time_limit=20_000,
    )  # fmt: skip
    assert host.answer() == {"do": [], "over": True}
    assert "took more than its limit of 64 MB of memory" in host.failures[0].failure.means
    [line] = [one for one in host.events if isinstance(one, ScriptOutput)]
    assert (line.stream, line.text) == ("traceback", host.failures[0].failure.means)


def _with_more_memory(send: Callable[..., None]) -> Callable[..., None]:
    """The child is told of more, so that the system does not stop it before."""

    def sent(self: object, head: dict[str, object], body: bytes = b"") -> None:
        send(self, {**head, **({"memory": 1 << 30} if "memory" in head else {})}, body)

    return sent


def test_a_flood_of_output_is_bounded(host: Host) -> None:
    host.use(
        "def on_message(connection, message):\n    for number in range(100_000):\n        print(number)\n"
        "    print('x' * 5000)\n    print('no end', end='')\n",
        time_limit=60_000,
    )  # fmt: skip
    host.answer()
    printed = host.printed()
    assert 400 <= len(printed) < 1000
    assert [text for _, text in printed[:400]] == [str(number) for number in range(400)]
    assert {line for line, _ in printed} <= {0, 3, 4, 5}
    assert any("more lines were printed" in text for line, text in printed if line == 0)
    assert max(len(text) for _, text in printed) <= 2001


def test_an_exception_is_told_with_its_line_and_the_script_goes_on(host: Host) -> None:
    host.use(
        "def number(text):\n    return int(text)\n"
        "def on_message(connection, message):\n    connection.send('before')\n"
        "    return str(number(message.decode()) + 1)\n"
    )
    assert host.said(message=b"41") == b"before42"
    assert host.said(message=b"x\xc3\xa4") == b"before"
    [event] = host.failures
    assert event.failure.means == (
        "on_message failed in line 2: ValueError: invalid literal for int() with base 10: 'xä'"
    )
    assert event.failure.call == "on_message"
    assert host.printed("traceback")[0] == (2, "Traceback (most recent call last):")
    assert (2, "    return str(number(message.decode()) + 1)") in host.printed("traceback")
    note = host.notes()[-1]
    assert note["text"] == event.failure.sentence
    assert 'File "<script>", line 5, in on_message' in note["traceback"]
    assert "explorer" not in note["traceback"]
    assert event.record >= 0


@pytest.mark.parametrize(
    ("returned", "what"),
    [
        ("12", "TypeError: on_message returned an int; bytes or text is sent, or a list of them, and None sends"),
        ("['a', None]", "TypeError: bytes or text is sent, or a list of them; not a NoneType"),
        ("connection.wait(-1)", "ValueError: wait takes from 0 to 3600 seconds, not -1"),
        ("b'x' * (17 << 20)", "ValueError: one call may send 16 MB at most"),
        ("['x'] * 200_000", "ValueError: one call may do 100,000 things at most"),
        ("exit(3)", "NameError: name 'exit' is not defined"),
        ("__import__('sys').exit('enough')", "SystemExit: enough"),
        ("input()", "EOFError"),
        ("'\\ud800'", "UnicodeEncodeError:"),
    ],
)
def test_what_functions_must_not_do(host: Host, returned: str, what: str) -> None:
    host.use(f"def on_message(connection, message):\n    return {returned}\n", time_limit=10_000)
    host.answer()
    means = host.failures[0].failure.means
    assert means.startswith("on_message failed")
    assert what in means


def test_failures_at_every_message_are_not_all_told(host: Host) -> None:
    host.use("def on_message(connection, message):\n    raise ValueError('each time')\n")
    for _ in range(50):
        host.ask()
    host.until(lambda: len(host.replies) == 50)
    assert len(host.failures) == script_host.FAILURES
    host.host._told.clear()
    host.answer()
    assert host.notes()[-1]["left out"].startswith("40 failures before this one")


def test_a_script_that_fails_at_its_start(host: Host) -> None:
    host.use(f"import no_such_module\n{ECHO}")
    host.ask()
    assert host.answer(connection=2) == {"do": [], "over": True}
    assert len(host.replies) == 2
    assert host.failures[0].failure.means == (
        "The script failed at its start in line 1: ModuleNotFoundError: No module named 'no_such_module'"
    )
    processes.wait_for_all()
    assert not psutil.Process().children()


def test_a_process_that_goes_by_itself(host: Host) -> None:
    host.use(f"import os\n{ECHO}def on_open(connection):\n    os._exit(3)\n")
    assert host.answer("on_open") == {"do": [], "over": True}
    means = host.failures[0].failure.means
    assert means.startswith("The script's process ended by itself while on_open ran, with exit status 3.")
    begun = time.perf_counter()
    assert host.said() == b"hi"
    assert time.perf_counter() - begun > 0.2  # not at once again and again


def test_no_process_can_be_started(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    host.use(ECHO)
    monkeypatch.setattr(script_host, "Process", none)
    host.ask()
    assert not host.replies
    host.until(lambda: bool(host.replies))
    assert host.replies == [{"do": [], "over": True}]
    assert "starts no process for the script: Resource temporarily unavailable." in host.failures[0].failure.means


def test_python_that_does_not_come_up(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_host, "START_TIME", 0.0001)
    monkeypatch.setattr(script_host, "WHERE_TIME", 0.0)
    host.use(ECHO)
    assert host.answer() == {"do": [], "over": True}
    assert "Python did not start for the script" in host.failures[0].failure.means


def test_functions_share_what_the_script_keeps(host: Host) -> None:
    host.use(
        "names = {}\ndef on_open(connection): names[connection.number] = connection.peer\n"
        "def on_message(connection, message): return ' '.join(names.values())\n"
        "def on_close(connection): names.pop(connection.number)\n"
    )
    host.answer("on_open", 1)
    host.answer("on_open", 2)
    assert host.said() == b"127.0.0.1:1 127.0.0.1:2"
    host.answer("on_close", 1)
    assert host.said(connection=2) == b"127.0.0.1:2"


def test_the_end_of_the_socket_ends_the_process(host: Host) -> None:
    host.use(f"{ECHO}def on_close(connection):\n    print('closed', connection.number)\n")
    host.answer()
    pid = host.pid
    host.ask()
    host.ask(connection=2)
    host.ask("on_close", 1)
    host.ask("on_close", 2)
    host.host.close()
    host.host.close()
    host.ask(connection=3)
    host.until(lambda: len(host.replies) == 6 and not psutil.pid_exists(pid))
    assert host.replies.count({}) == 2  # the message of connection 2, and what came too late
    assert [text for _, text in host.printed()] == ["closed 1", "closed 2"]


def test_a_last_function_that_never_ends(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_host, "CLOSE_TIME", 0.05)
    host.use(f"{ECHO}def on_close(connection):\n    while True: pass\n", time_limit=600_000)
    host.answer()
    pid = host.pid
    host.ask("on_close")
    host.host.close()
    host.until(lambda: not psutil.pid_exists(pid))


def test_threads_ask_with_the_engines_lock(host: Host) -> None:
    """As those of a server do that serves with threads."""
    service = Service(Choice("script", {"source": ECHO}))
    service.attach(host.context, 7, host.log)
    replies: list[Any] = []

    def ask(number: int) -> None:
        request = {"call": "on_message", "peer": "a", "message": f"{number:02x}"}
        with host.reactor.lock:
            service.ask(number, request, lambda reply: replies.append((number, reply, threading.get_ident())))

    host.reactor.lock.sharers = 4
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    host.until(lambda: len(replies) == 4)
    for thread in threads:
        thread.join()
    here = threading.get_ident()
    assert sorted(replies) == [(number, {"do": [["send", f"{number:02x}"]]}, here) for number in range(4)]
    service.close()
