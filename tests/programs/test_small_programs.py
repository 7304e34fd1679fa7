"""Programs that tell the time, greet, let in, take commands and make characters."""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.fields import UNKEPT, Rows, Value, check
from explorer.core.socket_spec import Choice, Transport
from explorer.programs.api import Action, Close, Line, Program, Send
from explorer.programs.registry import find_kind, prepare, without_secrets
from explorer.programs.speech import lines_of
from tests.fakes.world import MOMENT, world

USERS: Rows = (
    {"user": "ada", "password": "sesame", "greeting": "Good morning, NAME!"},
    {"user": "grace", "password": "C0BOL"},
)


def program(kind: str, transport: Transport = "tcp", **settings: Value) -> Program:
    return prepare(Choice(kind, settings))(world(transport=transport))


def said(actions: Iterable[Action]) -> list[bytes | str]:
    """What is sent, and the names of other actions."""
    return [action.payload if isinstance(action, Send) else type(action).__name__ for action in actions]


def picture(kind: str, **settings: Value) -> list[Line]:
    found = find_kind(kind)
    return list(found.picture(check(found.fields, settings)))


@pytest.mark.parametrize(
    ("payload", "lines"),
    [
        (b"ada", [(b"ada", b"")]),
        (b"", [(b"", b"")]),
        (b"ada\r\n", [(b"ada", b"\r\n")]),
        (b"ada\nbea\r\n", [(b"ada", b"\n"), (b"bea", b"\r\n")]),
        (b" ada \n\nbea", [(b"ada", b"\n"), (b"", b"\n"), (b"bea", b"")]),
        (b"ada\r", [(b"ada", b"")]),
    ],
)
def test_a_message_is_taken_line_by_line(payload: bytes, lines: list[tuple[bytes, bytes]]) -> None:
    assert [(line.text, line.ending) for line in lines_of(payload)] == lines


# -- chargen -------------------------------------------------------------------------------------------


def test_characters_turn_line_by_line() -> None:
    lines = said(program("chargen", lines=97).opened("127.0.0.1:9"))
    assert lines.pop() == "Close"
    sent = [line for line in lines if isinstance(line, bytes)]
    assert {len(line) for line in sent} == {74}
    assert sent[0] == b" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg\r\n"
    assert sent[1][:-2] == sent[0][1:-2] + b"h"
    assert sent[24].startswith(b"89:;")
    assert b"~ !" in sent[40]
    assert sent[95] == sent[0]


def test_characters_are_made_when_they_are_taken() -> None:
    endless = program("chargen", lines=10_000_000).opened("127.0.0.1:9")
    assert len(list(islice(endless, 3))) == 3


def test_characters_end_as_they_were_told_to() -> None:
    assert said(program("chargen", lines=1, then="stay").opened("127.0.0.1:9"))[-1] != "Close"
    assert said(program("chargen", lines=1).opened("127.0.0.1:9"))[-1] == "Close"
    assert said(program("chargen").message(b"anything")) == []


def test_each_datagram_brings_up_to_512_characters() -> None:
    chargen = program("chargen", transport="udp")
    assert said(chargen.opened("127.0.0.1:9")) == []
    answers = [answer for _ in range(200) for answer in said(chargen.message(b"?"))]
    sizes = {len(answer) for answer in answers}
    assert len(answers) == 200
    assert len(sizes) > 50
    assert max(sizes) <= 512
    longest = max(cast("list[bytes]", answers), key=len)
    assert b"\r\n!" in longest


# -- time ----------------------------------------------------------------------------------------------


def test_the_time_is_told_once_and_the_connection_closed() -> None:
    time = program("time")
    assert said(time.opened("127.0.0.1:9")) == [b"Saturday, November 21, 2026 09:30:05 +0100\r\n", "Close"]
    assert said(time.message(b"again?")) == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"format": "iso"}, b"2026-11-21T09:30:05+01:00\r\n"),
        ({"format": "iso", "line_end": False}, b"2026-11-21T09:30:05+01:00"),
        ({"format": "binary"}, struct.pack(">I", 2_208_988_800 + int(MOMENT.timestamp()))),
    ],
)
def test_formats_of_the_time(settings: Mapping[str, Value], told: bytes) -> None:
    time = prepare(Choice("time", {"when": "message", **settings}))(world())
    assert said(time.opened("127.0.0.1:9")) == []
    assert said(time.message(b"?")) == [told]
    assert said(time.message(b"?")) == [told]


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("1970-01-01", 2_208_988_800),  # these three stand in RFC 868
        ("1976-01-01", 2_398_291_200),
        ("1983-05-01", 2_629_584_000),
        ("2036-02-07T06:28:16", 0),  # 2**32 seconds after 1900
    ],
)
def test_seconds_since_1900(moment: str, seconds: int) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    time = prepare(Choice("time", {"format": "binary"}))(world(now=now))
    assert said(time.opened("127.0.0.1:9"))[0] == struct.pack(">I", seconds)


def test_over_udp_each_datagram_is_told_the_time() -> None:
    time = program("time", transport="udp")
    assert said(time.opened("127.0.0.1:9")) == []
    assert said(time.message(b"")) == [b"Saturday, November 21, 2026 09:30:05 +0100\r\n"]


# -- greet ---------------------------------------------------------------------------------------------


def test_a_name_is_asked_for_and_greeted() -> None:
    greet = program("greet")
    assert said(greet.opened("127.0.0.1:9")) == [b"What is your name?"]
    assert said(greet.message(b"Ada")) == [b"Hi Ada"]
    assert said(greet.message(b"Grace\r\n")) == [b"Hi Grace\r\n"]


def test_a_name_may_be_taken_without_a_question() -> None:
    greet = program("greet", question="", answer="NAME, hello NAME", close=True)
    assert said(greet.opened("127.0.0.1:9")) == []
    assert said(greet.message(b"Ada\nGrace\n")) == [b"Ada, hello Ada\n", "Close"]
    assert said(program("greet", transport="udp").opened("127.0.0.1:9")) == []


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (b"  ", b"What is your name?"),
        (b"Zo\xc3\xab", b"Hi Zo\xc3\xab"),
        (b"Zo\xeb", b"Hi Zo\xeb"),
        (b"\xff\xfe", b"Hi \xff\xfe"),
        (b"NAME", b"Hi NAME"),
        (b"x" * 100, b"Hi " + b"x" * 100),
        (b"x" * 101, b"A name has at most 100 bytes here; yours has 101."),
    ],
)
def test_names_of_all_kinds(name: bytes, answer: bytes) -> None:
    assert said(program("greet").message(name)) == [answer]


def test_an_empty_name_is_told_where_nothing_is_asked() -> None:
    assert said(program("greet", question="").message(b"")) == [b"Your name is empty."]


# -- login ---------------------------------------------------------------------------------------------


def test_who_knows_the_password_is_greeted() -> None:
    login = program("login", users=USERS)
    assert said(login.opened("127.0.0.1:9")) == [b"User:"]
    assert said(login.message(b"ada")) == [b"Password:"]
    assert said(login.message(b"sesame")) == [b"Good morning, ada!"]
    assert said(login.message(b"anything else")) == []


@pytest.mark.parametrize("user", [b"ada", b"nobody", b"", b"\xff\xfe"])
def test_all_others_are_refused_alike_and_not_for_ever(user: bytes) -> None:
    login = program("login", users=USERS, attempts=2)
    assert said(login.message(user)) == [b"Password:"]
    assert said(login.message(b"open")) == [b"Sorry, user and password do not match.", b"User:"]
    assert said(login.message(user)) == [b"Password:"]
    assert said(login.message(b"C0BOL")) == [
        b"Sorry, user and password do not match.",
        b"Too many attempts. Good-bye.",
        "Close",
    ]
    assert said(login.message(b"ada")) == []


def test_a_name_and_its_password_may_come_together() -> None:
    login = program("login", users=USERS, close=True, ask_user="", ask_password="")
    assert said(login.opened("127.0.0.1:9")) == []
    assert said(login.message(b"grace\r\nC0BOL\r\n")) == [b"Welcome, grace.\r\n", "Close"]


def test_the_comparison_takes_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest is compared for users that do not exist, too."""
    compared: list[tuple[int, int]] = []

    def compare(given: bytes, known: bytes) -> bool:
        compared.append((len(given), len(known)))
        return given == known

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for user, password in ((b"ada", b"sesame"), (b"ada", b"x" * 900), (b"nobody", b"")):
        login = program("login", users=USERS)
        for line in (user, password):
            list(login.message(line))
    assert compared == [(32, 32)] * 3


@pytest.mark.parametrize(
    ("users", "path", "words"),
    [
        ((), "$.program.users", "there are no users"),
        (({"user": "ada", "password": ""},), "$.program.users[0].password", '"ada" has no password'),
        (({"user": " ", "password": "x"},), "$.program.users[0].user", "row 1 has no name"),
        ((*USERS, {"user": "ada ", "password": "x"}), "$.program.users[2].user", '"ada" is in the table twice'),
        (({"user": "ada", "password": " x"},), "$.program.users[0].password", "begins or ends with a blank"),
        (({"user": "ada", "password": UNKEPT},), "$.program.users[0].password", "did not keep the password"),
    ],
)
def test_a_login_that_could_not_work_is_refused(users: Rows, path: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        prepare(Choice("login", {"users": users}))
    assert caught.value.path == path
    assert words in caught.value.message
    assert "sesame" not in caught.value.message


def test_what_a_capture_says_of_settings_has_no_secrets() -> None:
    users = [{"user": "ada", "password": "sesame"}, {"user": "bea", "password": ""}]
    shown = without_secrets(Choice("login", {"users": users, "attempts": 2}))  # type: ignore[dict-item]
    assert shown == {
        "kind": "login",
        "users": ({"user": "ada", "password": UNKEPT}, {"user": "bea", "password": ""}),
        "attempts": 2,
    }
    assert without_secrets(Choice("greet", {"question": ""})) == {"kind": "greet", "question": ""}


# -- command -------------------------------------------------------------------------------------------


def test_commands_are_answered() -> None:
    command = program("command")
    assert said(command.opened("127.0.0.1:9")) == []
    numbers = {int(cast("bytes", answer)) for _ in range(300) for answer in said(command.message(b"R"))}
    assert numbers == set(range(1, 11))
    assert said(command.message(b"T")) == [b"2026-11-21 09:30:05+01:00"]
    assert said(command.message(b"l")) == [b"Python 3.11.2"]
    assert said(command.message(b"E\nT\n")) == ["Close"]


@pytest.mark.parametrize("unknown", [b"X", b"\xff", b"RR"])
def test_what_is_unknown_brings_the_list(unknown: bytes) -> None:
    assert said(program("command").message(unknown)) == [
        b'"' + unknown + b'" is no command here. These are:',
        b"R: a random number from 1 to 10",
        b"T: the system's time",
        b"L: the language's version",
        b"E: closes the connection",
    ]


def test_a_long_unknown_command_is_not_repeated_whole() -> None:
    first = said(program("command").message(b"x" * 5000))[0]
    assert len(first) < 120
    assert said(program("command").message(b""))[0] == b"The commands are:"


def test_a_table_of_ones_own() -> None:
    table: Rows = (
        {"key": "who", "does": "peer", "text": ""},
        {"key": "n", "does": "count", "text": ""},
        {"key": "hi", "does": "text", "text": "Hello there"},
        {"key": "?", "does": "list", "text": ""},
        {"key": "bye", "does": "close", "text": "See you"},
    )
    command = program("command", commands=table, any_case=False)
    list(command.opened("10.0.0.7:4000"))
    assert said(command.message(b"who\r\n")) == [b"10.0.0.7:4000\r\n"]
    assert said(command.message(b"n")) == [b"2"]
    assert said(command.message(b"hi")) == [b"Hello there"]
    assert said(command.message(b"HI"))[0] == b'"HI" is no command here. These are:'
    assert said(command.message(b"?"))[1:3] == [b"n: how many commands came on this connection", b"hi: Hello there"]
    assert said(command.message(b"bye")) == [b"See you", "Close"]


@pytest.mark.parametrize(
    ("rows", "any_case", "path", "words"),
    [
        ((), True, "$.program.commands", "no commands"),
        (({"key": "", "does": "time"},), True, "$.program.commands[0].key", "row 1 is empty"),
        (({"key": "a"}, {"key": "A"}), True, "$.program.commands[1].key", "twice (capitals do not matter)"),
        (({"key": "a"}, {"key": "a"}), False, "$.program.commands[1].key", "twice; only one"),
    ],
)
def test_a_table_that_could_not_be_asked_is_refused(rows: Rows, any_case: bool, path: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        prepare(Choice("command", {"commands": rows, "any_case": any_case}))
    assert caught.value.path == path
    assert words in caught.value.message


def test_capitals_may_matter() -> None:
    rows: Rows = ({"key": "a", "text": "small"}, {"key": "A", "text": "large"})
    command = program("command", commands=rows, any_case=False)
    assert said(command.message(b"a")) + said(command.message(b"A")) == [b"small", b"large"]


@given(st.binary(max_size=200))
def test_no_bytes_upset_a_program_of_text(payload: bytes) -> None:
    for choice in (Choice("greet"), Choice("command"), Choice("login", {"users": USERS})):
        for action in prepare(choice)(world()).message(payload):
            assert isinstance(action, Send | Close)


# -- log -----------------------------------------------------------------------------------------------


def test_a_collector_is_silent_unless_it_shall_answer() -> None:
    assert said(program("log").message(b"<34>x")) == []
    assert said(program("log", acknowledge="OK").message(b"<34>x")) == [b"OK"]
    assert picture("log")[1] == Line("note", "critical · router · su: access denied")
    assert picture("log", acknowledge="OK")[1] == Line("us", "OK")
    found = find_kind("log")
    assert found.buffer_size == 131_072


# -- pictures ------------------------------------------------------------------------------------------


def test_pictures_show_the_settings() -> None:
    assert Line("us", "Hello Ada") in picture("greet", answer="Hello NAME")
    assert picture("greet", question="")[0] == Line("peer", "Ada")
    assert Line("us", "2026-11-21T09:30:05+01:00") in picture("time", format="iso")
    assert Line("us", "ee ab d5 0d") in picture("time", format="binary", when="message")
    assert Line("note", "… 5,000 lines in all") in picture("chargen", lines=5000)
    assert Line("us", "Good morning, ada!") in picture("login", users=USERS)
    assert not any("sesame" in line.text for line in picture("login", users=USERS))
    shown = picture("command", commands=({"key": "hi", "does": "text", "text": "Hello"},))
    assert shown == [Line("peer", "hi"), Line("us", "Hello")]
    assert picture("command")[-2:] == [Line("peer", "E"), Line("note", "The connection is closed.")]


def test_pictures_are_those_of_the_programs() -> None:
    """What the picture of a table says is what the program answers."""
    table: Rows = ({"key": "hi", "does": "text", "text": "Hello"}, {"key": "E", "does": "close", "text": "Bye"})
    command, shown = program("command", commands=table), picture("command", commands=table)
    for line, answer in zip(shown[::2], shown[1::2], strict=False):
        assert said(command.message(line.text.encode()))[0] == answer.text.encode()
