"""Programs of scripts: a client gets the same bytes from the script as from the app's own server."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from explorer.as_python.api import STYLES, StyleName
from explorer.as_python.script import script
from explorer.core.fields import Value
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
    socket, connection = engine.connect(client)
    if dialogue.said:
        engine.send(dialogue.said, socket)
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
        engine.stop(socket)


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=named)
def test_what_the_app_itself_answers(dialogue: Dialogue, engine: RunningEngine) -> None:
    if dialogue.program == "script":
        pytest.skip("The app runs scripts in a process of their own; tests/net has its tests.")
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


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_no_password_is_ever_written_into_a_script(style: StyleName, folder: Path) -> None:
    text = script(server_of(next(one for one in DIALOGUES if one.program == "login")), style)

    assert "s3cret" not in text
    with RunningScript(text, folder) as running:
        running.said("Set the environment variable PASSWORD_1 to the password first.")
        assert running.ended() == 1


def test_the_users_names_must_not_be_those_of_the_script() -> None:
    from explorer.as_python.api import NoScript

    source = "def serve():\n    pass\n\ndef on_message(connection, message):\n    return message\n"
    spec = dataclasses.replace(SocketSpec("s"), program=Choice("script", {"source": source}))

    with pytest.raises(NoScript, match="both define serve"):
        script(spec, "blocking")
