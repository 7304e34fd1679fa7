"""The process of the user's functions, on a thread here: what it answers. As a real process, with its limits:
test_script_host.py."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from explorer.core.parcels import Parcel
from explorer.core.scripts import FILE
from explorer.net import script_child
from explorer.net.script_child import GRACE, LINES, LONGEST_LINE, MOST_LINES, MOST_STEPS, NO_MEMORY, TRACE_LINES
from explorer.net.script_limits import OwnLimits
from tests.net.child_here import ChildHere, child_of


class Noted:
    """Limits that hold nobody; what was asked for."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.memories: list[int] = []

    def time(self, seconds: float) -> None:
        self.times.append(seconds)

    def memory(self, most: int) -> None:
        self.memories.append(most)


class Script:
    def __init__(self, child: ChildHere, limits: Noted) -> None:
        self.child = child
        self.limits = limits
        self.printed: list[tuple[str, int, str, int]] = []

    def begin(self, source: str, memory: int = 1000) -> dict[str, Any]:
        assert self.child.start().receive().head["ready"] > 0  # in the test: pytest sets sys.stdout before
        return self._ask({"call": "begin", "source": source, "seconds": 2.0, "memory": memory})

    def call(self, name: str = "on_message", message: bytes | None = b"hi", connection: int = 1) -> dict[str, Any]:
        asked: dict[str, object] = {"call": name, "connection": connection, "peer": f"127.0.0.1:{connection}"}
        if message is not None:
            asked["message"] = message.hex()
        return self._ask(asked)

    def failed(self, body: str) -> dict[str, Any]:
        """What is told of a function with this body that fails."""
        self.begin(f"def on_message(connection, message):\n    {body}\n")
        failed = self.call()["failed"]
        assert isinstance(failed, dict)
        return failed

    def _ask(self, asked: dict[str, object]) -> dict[str, Any]:
        self.child.send(asked)
        *told, done = self.child.until("done")
        self.printed += [_line(parcel) for parcel in told]
        return dict(done.head)


def _line(parcel: Parcel) -> tuple[str, int, str, int]:
    head = parcel.head
    return head["stream"], head["line"], head["printed"], head["connection"]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    limits = Noted()
    monkeypatch.setattr(script_child, "OwnLimits", lambda: limits)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))  # the child's own stand there meanwhile
    with child_of(monkeypatch, script_child.main) as child:
        yield Script(child, limits)
        if not child.left:
            child.send({})  # no question at all ends the thread that answers
            child.wait()
            assert isinstance(child.failed, KeyError)
    assert child.left[-1:] == [NO_MEMORY]  # the thread that listens found nobody


def test_functions_answer_and_keep_things(script: Script) -> None:
    source = (
        "def on_open(connection):\n"
        "    connection.data['seen'] = 0\n"
        "    return ['a', b'b', bytearray(b'c')]\n"
        "def on_message(connection, message):\n"
        "    connection.data['seen'] += 1\n"
        "    yield message.upper()\n"
        "    yield str(connection.data['seen'])\n"
        "def on_close(connection):\n"
        "    return None\n"
    )
    assert script.begin(source) == {"done": True, "do": []}
    assert script.call("on_open", None)["do"] == [["send", b"a".hex()], ["send", b"b".hex()], ["send", b"c".hex()]]
    for seen in (b"1", b"2"):
        assert script.call()["do"] == [["send", b"HI".hex()], ["send", seen.hex()]]
    assert script.call("on_close", None)["do"] == []
    assert script.call("on_open", None)["do"]  # another one of that number, from anew
    assert script.call()["do"][1] == ["send", b"1".hex()]


def test_what_is_not_there_does_nothing(script: Script) -> None:
    script.begin("def on_message(connection, message):\n    return memoryview(message)\n")
    assert script.call("on_close", None) == {"done": True, "do": []}
    assert script.call()["do"] == [["send", b"hi".hex()]]


def test_all_that_a_connection_can_be_told(script: Script) -> None:
    script.begin(
        "def on_message(connection, message):\n"
        "    connection.send('a', b'b')\n    connection.wait(0.5)\n    connection.tell('c')\n"
        "    connection.close()\n    connection.reset()\n    return repr(connection)\n"
    )
    assert script.call(connection=3)["do"] == [
        ["send", "61"], ["send", "62"], ["wait", 0.5], ["tell", "63"], ["close", 0.0], ["reset", 0.0],
        ["send", b"<connection 3 with 127.0.0.1:3>".hex()],
    ]  # fmt: skip


def test_each_call_has_its_time_and_the_process_its_memory(script: Script) -> None:
    script.begin("def on_message(connection, message):\n    return 1 // 0\n", memory=12_345)
    assert script.limits.memories == [12_345]
    assert "failed" in script.call()
    assert script.limits.times == [2 + GRACE, 0, 2 + GRACE, 0]


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("return 5", "TypeError: on_message returned an int; bytes or text is sent"),
        ("return {'a': 1}", "TypeError: on_message returned a dict;"),
        ("connection.send(None)", "TypeError: bytes or text is sent, or a list of them; not a NoneType"),
        ("connection.wait(-1)", "ValueError: wait takes from 0 to 3600 seconds, not -1"),
        ("connection.send(bytes(9 << 20), bytes(9 << 20))", "ValueError: one call may send 16 MB at most"),
        (f"for _ in range({MOST_STEPS + 1}): connection.close()", "ValueError: one call may do 100,000 things at most"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("print(1, file=None); import sys; sys.stdout.write(b'a')", "TypeError: write() argument must be str"),
    ],
)
def test_what_functions_must_not_do(script: Script, body: str, what: str) -> None:
    failed = script.failed(body)
    assert failed["what"].startswith(what)
    assert failed["line"] == (0 if body.startswith("return") else 2)  # of what is returned no line is to blame
    assert failed["memory"] is False


def test_where_it_failed_is_told_from_the_scripts_first_line(script: Script) -> None:
    script.begin(
        "def on_message(connection, message):\n    return deeper(message)\n\ndef deeper(data):\n    int('x')\n"
    )
    failed = script.call()["failed"]
    assert failed["line"] == 5
    assert failed["what"] == "ValueError: invalid literal for int() with base 10: 'x'"
    assert failed["trace"][0] == "Traceback (most recent call last):"
    assert [line for line in failed["trace"] if "File" in line] == [
        f'  File "{FILE}", line 2, in on_message', f'  File "{FILE}", line 5, in deeper',
    ]  # fmt: skip
    assert "    int('x')" in failed["trace"]


def test_a_script_that_is_no_python(script: Script) -> None:
    failed = script.begin("a = 1\nb = = 2\n")["failed"]
    assert (failed["line"], failed["what"]) == (2, "SyntaxError: invalid syntax")


def test_long_tracebacks_are_cut_in_the_middle(script: Script) -> None:
    failed = script.failed("raise ValueError('\\n'.join(map(str, range(100))))")
    assert len(failed["trace"]) == TRACE_LINES + 1
    assert failed["trace"][TRACE_LINES // 2] == "  …"


def test_want_of_memory_is_known_as_such(script: Script) -> None:
    assert script.failed("raise MemoryError")["memory"] is True


def test_without_memory_even_to_tell_so_it_ends(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(most: int) -> None:
        raise MemoryError

    monkeypatch.setattr(script.limits, "memory", none_left)
    script.child.start().send({"call": "begin", "source": "", "seconds": 1.0, "memory": 1})
    script.child.wait()
    assert script.child.left == [NO_MEMORY]


def test_what_is_printed_is_told_with_its_line(script: Script) -> None:
    script.begin(
        "import sys\nprint('above')\ndef on_message(connection, message):\n"
        "    print('one\\ntwo', end='')\n    print(' and more')\n"
        "    sys.stderr.write('wrong')\n    print(sys.stdout.encoding, sys.stdout.writable(), 'x' * 3000)\n"
    )
    script.call(connection=4)
    assert script.printed[:3] == [("stdout", 2, "above", 0), ("stdout", 4, "one", 4), ("stdout", 5, "two and more", 4)]
    assert script.printed[3] == ("stdout", 7, ("utf-8 True " + "x" * 3000)[:LONGEST_LINE] + "…", 4)
    assert script.printed[4:] == [("stderr", 6, "wrong", 4)]  # its line has no end: it is told with that of the call


def test_a_flood_of_lines_is_bounded_and_the_rest_counted(script: Script) -> None:
    script.begin("def on_message(connection, message):\n    for n in range(5000): print(n)\n")
    script.call()
    shown = [text for _, _, text, _ in script.printed]
    assert shown[:MOST_LINES] == [str(number) for number in range(MOST_LINES)]
    counts = [text for text in shown if text.endswith(f"more lines were printed; {LINES} a second are shown.)")]
    left_out = sum(int(text[1:].split()[0].replace(",", "")) for text in counts)
    assert counts
    assert len(shown) - len(counts) + left_out == 5000


GOING = threading.Event()


def test_the_line_in_which_it_is_can_be_asked_for_meanwhile(script: Script) -> None:
    script.begin(
        "from tests.net.test_script_child import GOING\n"
        "def on_message(connection, message):\n"
        "    print('here')\n"
        "    GOING.wait(15)\n"
    )
    script.child.send({"call": "on_message", "connection": 1, "peer": "a", "message": ""})
    assert script.child.receive().head["printed"] == "here"
    line = 0
    while line != 4:
        script.child.send({"where": True})
        line = script.child.receive().head["where"]
        assert line in (3, 4)
    GOING.set()
    assert script.child.receive().head["done"]
    script.child.send({"where": True})
    assert script.child.receive().head["where"] == 0


# -- the limits themselves, none of which is set here ------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="the engine ends a call there")
def test_the_system_is_asked_to_end_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, float]] = []
    monkeypatch.setattr(signal, "setitimer", lambda which, seconds: asked.append((which, seconds)))
    OwnLimits().time(2.5)
    OwnLimits().time(0)
    assert asked == [(signal.ITIMER_REAL, 2.5), (signal.ITIMER_REAL, 0)]


@pytest.mark.skipif(sys.platform != "linux", reason="the engine looks at the memory there")
def test_the_system_is_asked_to_hold_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    asked: dict[int, tuple[int, int]] = {}

    def note(which: int, limits: tuple[int, int]) -> None:
        asked[which] = limits

    monkeypatch.setattr(resource, "setrlimit", note)
    OwnLimits().memory(1 << 30)
    assert asked[resource.RLIMIT_CORE] == (0, 0)
    soft, hard = asked[resource.RLIMIT_AS]
    assert soft == hard
    assert soft > (1 << 30)
