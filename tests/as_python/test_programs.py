"""Programs of scripts: a client gets the same bytes from the script as from the app's own server."""

from __future__ import annotations

import dataclasses
import os
import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from explorer.as_python.api import STYLES, NoScript, StyleName
from explorer.as_python.script import script
from explorer.core.fields import Rows, Value
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason
from tests.as_python.running_script import RunningScript
from tests.fakes.running_engine import RunningEngine

STYLE_NAMES = [style.name for style in STYLES]
USERS = ({"user": "ada", "password": "s3cret", "greeting": "Welcome, NAME."},)
COMMANDS = tuple(
    {"key": key, "does": does, "text": text}
    for key, does, text in (
        ("N", "count", ""), ("P", "text", "péng"), ("L", "version", ""), ("?", "list", ""), ("E", "close", "bye"),
    )
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Dialogue:
    """What a client says to a program, and what it gets. closes: the server ends the conversation."""

    program: str
    said: bytes
    got: bytes
    closes: bool = False
    settings: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    framing: str = "raw"
    transport: str = "tcp"
    name: str = ""


RULES: Rows = (
    {"match": "exact", "pattern": "ping", "answer": "pong {{counter}}", "ignore_case": True},
    {"match": "regex", "pattern": r"^set (?P<what>\w+) (\S+)(x)?", "answer": "{{what}}={{2}}{{3}} ({{message}})"},
    {"match": "starts", "pattern": "01 2? ?f", "written": "hex", "answer": "0B", "then": "send"},
    {"match": "contains", "pattern": r"\x41.", "answer": "a dot", "delay": 20},
    {"match": "ends", "pattern": "!", "then": "ignore"},
    {"match": "exact", "pattern": "off", "enabled": False, "answer": "wrong"},
    {"match": "exact", "pattern": "bye", "answer": "See you", "then": "send_close"},
)
LINES = b"".join((bytes(range(0x20, 0x7F)) * 2)[n : n + 72] + b"\r\n" for n in range(50))
DIALOGUES = (
    Dialogue("echo", b"abc\ndef\n", b"abc\ndef\n", framing="line"),
    Dialogue("chargen", b"", LINES, True, {"lines": 50}),
    Dialogue("greet", b"Ada\n", b"What is your name?Hi Ada\n", name="asks"),
    Dialogue("greet", b"Ada\n\n" + b"x" * 11 + b"\n", b"Hey!\nYour name is empty.\n"
             b"A name has at most 10 bytes here; yours has 11.\n", False,
             {"question": "", "answer": "Hey!", "longest": 10}, "line", name="silent"),
    Dialogue("greet", b"Ada\r\nBob\r\n", b"What is your name?Hi Ada\r\n", True, {"close": True}, name="closes"),
    Dialogue("greet", b"Ada", b"Hi Ada", transport="udp"),
    Dialogue("login", b"ada\ns3cret\nmore\n", b"User:\nPassword:\nWelcome, ada.\n", False, {"users": USERS}, "line"),
    Dialogue("login", b"ada\nwrong\neve\ns3cret\n", b"User:\nPassword:\nSorry, user and password do not match.\nUser:\n"
             b"Password:\nSorry, user and password do not match.\nToo many attempts. Good-bye.\n", True,
             {"users": USERS, "attempts": 2}, "line", name="wrong"),
    Dialogue("login", b"ada\ns3cret\n", b"Welcome, ada.\n", True,
             {"users": USERS, "close": True, "ask_user": "", "ask_password": ""}, "line", name="closes"),
    Dialogue("command", b"n\np\nN\nwhat\n?\nE\n",
             b'1\np\xc3\xa9ng\n3\n"what" is no command here. These are:\n' + b"".join(
             (help_text := (b"N: how many commands came on this connection\n", "P: péng\n".encode(),
              b"L: the language's version\n", b"?: this list\n", b"E: closes the connection\n")) * 2) + b"bye\n", True,
             {"commands": COMMANDS}, "line"),
    Dialogue("rules", b"PING\nset a bx\n\x01\x2a\x5f\nxA.x\nhey!\nping\noff\nbye\n",
             b"Hello\npong 1\na=bx (set a bx)\n\x0b\na dot\npong 5\n<off>\nSee you\n", True,
             {"rules": RULES, "otherwise": "send", "otherwise_answer": "<{{message}}>", "greeting": "Hello"}, "line"),
    Dialogue("log", b"one\ntwo\n", b"OK\nOK\n", False, {"acknowledge": "OK"}, "line"),
    Dialogue("log", b"one", b"OK", False, {"acknowledge": "OK"}, transport="udp"),
    Dialogue("time", b"x", b"", name="message", settings={"when": "message"}),
    Dialogue("time", b"", b"", True, {"format": "iso"}),
    Dialogue("time", b"x", b"", False, {"format": "binary"}, transport="udp"),
    Dialogue("script", b"are you there?\nbye\n", b"Hello! Say something, or bye.\n1: ARE YOU THERE?\nGoodbye!\n", True,
             framing="line"),
)  # fmt: skip
TIMES = {
    "text": rb"[A-Z][a-z]+day, [A-Z][a-z]+ \d+, \d{4} \d\d:\d\d:\d\d [+-]\d{4}\r\n",
    "iso": rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\r\n",
    "binary": rb"(?s)....",
}


def named(dialogue: Dialogue) -> str:
    return "-".join(filter(None, (dialogue.program, dialogue.name, dialogue.transport)))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path / "capture") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scripts"
    made.mkdir()
    return made


def server_of(dialogue: Dialogue) -> SocketSpec:
    spec = SocketSpec("s", framing=Choice(dialogue.framing), program=Choice(dialogue.program, dialogue.settings))
    return dataclasses.replace(spec, transport=dialogue.transport)  # type: ignore[arg-type]


def talk(dialogue: Dialogue, engine: RunningEngine, port: int) -> None:
    """Say it, and look at what comes."""
    client = dataclasses.replace(SocketSpec("c"), transport=dialogue.transport, role="client", port=port)  # type: ignore[arg-type]
    number, connection = engine.connect(client)
    if dialogue.said:
        engine.send(dialogue.said, number)
    if dialogue.program == "time":
        expression = TIMES[str(dialogue.settings.get("format", "text"))]
        engine.until(
            lambda: re.fullmatch(expression, engine.bytes_of(connection, received=True)) is not None, "the time"
        )
    else:
        got = engine.received(connection, len(dialogue.got))
        assert got == dialogue.got
    if dialogue.closes:
        assert engine.closed(connection).reason is CloseReason.EOF
    else:
        engine.stop(number)


# The user's own functions run in a process of their own in the app; that has tests of its own.
@pytest.mark.parametrize("dialogue", [one for one in DIALOGUES if one.program != "script"], ids=named)
def test_what_the_app_itself_answers(dialogue: Dialogue, engine: RunningEngine) -> None:
    _, local = engine.listen(server_of(dialogue))
    talk(dialogue, engine, local.port)


@pytest.mark.parametrize("style", STYLE_NAMES)
@pytest.mark.parametrize("dialogue", DIALOGUES, ids=named)
def test_a_script_answers_the_same(style: StyleName, dialogue: Dialogue, engine: RunningEngine, folder: Path) -> None:
    text = script(server_of(dialogue), style)
    environment = {**os.environ, "PASSWORD_1": "s3cret"} if dialogue.program == "login" else {}
    with RunningScript(text, folder, **environment) as running:
        talk(dialogue, engine, running.port())
        if dialogue.transport == "tcp":
            running.said("is gone")
    assert not any("Traceback" in line for line in running.lines), running.lines


REQUESTS = (
    b"GET /page?x=1 HTTP/1.1\r\nHost: a\r\nX-Odd:  <b>\xc3\xa9  \r\n\r\n"
    b"HEAD / HTTP/1.1\r\nhost: a\r\nAccept: text/html\r\n\r\n"
    b"\r\nPOST /form HTTP/1.1\nHost: a\nAccept: text/html\nContent-Length: 7\n\n<&\"'>\r\n"
    b"PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n"
)
ENDS = (
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n",
    b"nonsense\r\n\r\n",
    b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \x01\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n",
    b"GET /" + b"x" * 8178 + b" HTTP/1.1\r\nHost: a\r\n\r\nGET /" + b"x" * 8187,
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: 0123456789\r\n" * 2400,
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 4096,
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab",
)


def fetch(port: int, request: bytes) -> bytes:
    """What a server answers, up to the end of the connection; without what differs from one moment to another."""
    with socket.create_connection(("127.0.0.1", port), 10) as peer:
        own = peer.getsockname()[1]
        step = max(50, len(request) // 40)
        for at in range(0, len(request), step):
            peer.sendall(request[at : at + step])
        peer.settimeout(10)
        with peer.makefile("rb") as stream:
            data = stream.read()
    data = data.replace(str(own).encode(), b"PORT")
    return re.sub(rb"Date: [^\r]*", b"Date: now", data)


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_a_page_over_http_is_the_same(style: StyleName, engine: RunningEngine, folder: Path) -> None:
    spec = dataclasses.replace(SocketSpec("web"), program=Choice("http"))
    _, local = engine.listen(spec)
    with RunningScript(script(spec, style), folder) as running:
        port = running.port()
        for request in ENDS:
            assert fetch(port, REQUESTS + request) == fetch(local.port, REQUESTS + request)


def chat(port: int) -> list[bytes]:
    """What two people read who talk to each other, and a third one who comes for a moment."""
    with socket.create_connection(("127.0.0.1", port), 10) as one, one.makefile("rb") as first:
        read = [first.readline()]  # wait until one is in, so that the order is certain
        with socket.create_connection(("127.0.0.1", port), 10) as two, two.makefile("rb") as second:
            read += [second.readline(), first.readline()]
            two.sendall("hello \x07é\n/nick Ann\n/nick a:b\n/who\n/odd\n".encode())
            read += [first.readline() for _ in range(2)] + [second.readline() for _ in range(4)]
            one.sendall(b"/nick ann\nbye\n" + b"x" * 2001 + b"\n")
            read += [first.readline() for _ in range(2)] + [second.readline()]
            with socket.create_connection(("127.0.0.1", port), 10) as three, three.makefile("rb") as third:
                read += [third.read()]
            two.sendall(b"/quit\n")
            read += [second.read(), first.readline()]
    return read


CHAT = {"most": 2}


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_people_who_chat_read_the_same(style: StyleName, engine: RunningEngine, folder: Path) -> None:
    spec = dataclasses.replace(SocketSpec("room"), program=Choice("chat", CHAT), framing=Choice("line"))
    _, local = engine.listen(spec)
    theirs = chat(local.port)
    with RunningScript(script(spec, style), folder) as running:
        assert chat(running.port()) == theirs


def turns(port: int) -> list[bytes]:
    with socket.create_connection(("127.0.0.1", port), 10) as one, one.makefile("rb") as first:
        read = [first.readline()]
        one.sendall(b"Bob\nanybody?\n")
        read += [first.readline() for _ in range(3)]
        with socket.create_connection(("127.0.0.1", port), 10) as two, two.makefile("rb") as second:
            read += [second.readline()]
            two.sendall(b"Ann\nfirst!\n")
            read += [second.readline() for _ in range(3)] + [first.readline() for _ in range(2)]
            one.sendall(b"hello\nhello?\n")
            read += [first.readline()] + [second.readline() for _ in range(2)]
        read += [first.readline()]
    return read


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_two_by_turns_read_the_same(style: StyleName, engine: RunningEngine, folder: Path) -> None:
    settings: Mapping[str, Value] = {"mode": "pair", "names": "asked"}
    spec = dataclasses.replace(SocketSpec("pair"), program=Choice("chat", settings), framing=Choice("line"))
    _, local = engine.listen(spec)
    theirs = turns(local.port)
    with RunningScript(script(spec, style), folder) as running:
        assert turns(running.port()) == theirs


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_no_password_is_ever_written_into_a_script(style: StyleName, folder: Path) -> None:
    text = script(server_of(next(one for one in DIALOGUES if one.program == "login")), style)

    assert "s3cret" not in text
    with RunningScript(text, folder) as running:
        running.said("Set the environment variable PASSWORD_1 to the password first.")
        assert running.ended() == 1


FIELDS: Rows = tuple(
    {"match": "starts", "pattern": key, "answer": answer, "written": written}
    for key, answer, written in (
        ("a", "{{counter:u16be}}{{counter start=9 step=-2}}/{{counter:HEX width=3}}|{{message}}", "text"),
        ("b", "{{length:u8}}{{message}}{{crc16-modbus:le}}", "text"),
        ("63", "02 {{length:u16be of=all add=-4}} {{message}} 03 {{crc32c:be}} {{fletcher16:HEX from=after to=end}}",
         "hex"),
        ("d", "{{length:decimal of=body}};{{length:hex width=4}}|{{message}}|{{counter}}{{crc8}}{{xor8:HEX from=1}}",
         "text"),
        ("65", "{{inet16 from=2 to=end}} 01 02 {{length:u8}} {{lrc:decimal}}", "hex"),
        ("f", "{{sum16:le from=0 to=4}} fixed {{adler32}}", "text"),
    )
)  # fmt: skip
MATCHES: Rows = (
    {"match": "exact", "pattern": "STRASSE Ä", "ignore_case": True, "answer": "folded"},
    {"match": "regex", "pattern": r"^(?i)é(\s+)[[:alpha:]_]{2}$", "answer": "re2 {{1}}|"},
    {"match": "regex", "pattern": r"(?U)<(?<what>.+)>\z", "answer": "lazy {{what}} {{length:u8}}{{what}}{{crc8}}"},
    {"match": "contains", "pattern": "0x41 ?2 b?", "written": "hex", "answer": "22 {{message}}"},
)
SPECIAL = (
    Dialogue("rules", b"", b"", name="fields", settings={"rules": FIELDS, "greeting": "Hi {{length:u8}}{{crc16-arc}}"}),
    Dialogue("rules", b"", b"", name="matches", settings={"rules": MATCHES, "otherwise": "send",
             "otherwise_answer": "no {{length:u8}}{{message}}{{crc32:hex}}", "encoding": "utf-8"}),
)  # fmt: skip
ASKED = {
    "fields": [b"a", b"a1", b"b", b"bcdef", b"b" + b"x" * 300, b"b2", b"c", b"cc\0", b"d", b"d12345", b"e", b"f", b"a"],
    "matches": ["straße ä".encode(), "STRAẞE Ä".encode(), "É\t ab".encode(), "é\vab".encode(), b"<a>b>", b"x>",
                b"zA\x12\xbf", b"zA\x13\xbf"],
}  # fmt: skip


def answers(port: int, asked: list[bytes]) -> bytes:
    """All that a server of rules says to these messages, framed by their lengths."""
    with socket.create_connection(("127.0.0.1", port), 10) as peer:
        peer.settimeout(10)
        for message in asked:
            peer.sendall(len(message).to_bytes(2, "big") + message)
        peer.shutdown(socket.SHUT_WR)
        with peer.makefile("rb") as stream:
            return stream.read()


@pytest.mark.parametrize("style", STYLE_NAMES)
@pytest.mark.parametrize("dialogue", SPECIAL, ids=named)
def test_rules_with_fields_and_expressions_answer_the_same(
    style: StyleName, dialogue: Dialogue, engine: RunningEngine, folder: Path
) -> None:
    spec = dataclasses.replace(server_of(dialogue), framing=Choice("length", {"width": 2, "skip": 2}))
    _, local = engine.listen(spec)
    theirs = answers(local.port, ASKED[dialogue.name])
    assert len(theirs) > 50
    with RunningScript(script(spec, style), folder) as running:
        assert answers(running.port(), ASKED[dialogue.name]) == theirs
        if dialogue.name == "fields":
            running.said("Not sent: the length has no room in u8")


def test_times_and_chance_are_written_out(engine: RunningEngine, folder: Path) -> None:
    answer = "{{time:u32be}}{{time:ms-u64le}}{{time:iso}}{{time:us-decimal}}{{random:4}}{{length:u8}}"
    rows: Rows = ({"match": "any", "answer": answer},)
    pattern = rb"(?s)(.{4})(.{8})\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(\d{16})(.{4})\0"
    spec = dataclasses.replace(
        SocketSpec("s"), program=Choice("rules", {"rules": rows}), framing=Choice("length", {"width": 2, "skip": 2})
    )
    _, local = engine.listen(spec)
    with RunningScript(script(spec, "blocking"), folder) as running:
        found = [re.fullmatch(pattern, answers(port, [b"x"])[2:]) for port in (local.port, running.port())]
    assert found[0]
    assert found[1]
    assert found[0][4] != found[1][4]
    for number, divisor in ((1, 1), (2, 1000)):
        order: Any = "big" if number == 1 else "little"
        seconds = [int.from_bytes(one[number], order) / divisor for one in found if one]
        assert 0 <= seconds[1] - seconds[0] < 60


def test_rules_that_no_script_can_follow_say_so() -> None:
    row: Mapping[str, Any] = {"match": "any", "answer": "{{message}}{{crc8 from=-9 to=4}}"}
    spec = dataclasses.replace(SocketSpec("s"), program=Choice("rules", {"rules": (row,)}))

    with pytest.raises(NoScript, match="depends on how long the message is"):
        script(spec, "blocking")
    row = {"match": "any", "answer": "{{time:u16be}}"}
    with pytest.raises(NoScript, match="has no room in u16be"):
        script(dataclasses.replace(spec, program=Choice("rules", {"rules": (row,)})), "blocking")


def test_the_users_names_must_not_be_those_of_the_script() -> None:
    source = "def serve():\n    pass\n\ndef on_message(connection, message):\n    return message\n"
    spec = dataclasses.replace(SocketSpec("s"), program=Choice("script", {"source": source}))

    with pytest.raises(NoScript, match="both define serve"):
        script(spec, "blocking")
