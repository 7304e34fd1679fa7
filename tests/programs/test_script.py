from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.fields import check
from explorer.core.scripts import not_trusted, source_of
from explorer.core.socket_spec import Choice
from explorer.programs.api import Ask, Close, Reset, Send, Tell, Wait
from explorer.programs.registry import check_choice, prepare
from explorer.programs.script import EXAMPLE, FIELDS, KIND, Script, check_source, limits, picture
from tests.fakes.world import world


def program(source: str = EXAMPLE) -> Script:
    made = prepare(Choice("script", {"source": source}))(world())
    assert isinstance(made, Script)
    return made


def test_what_happens_is_asked() -> None:
    script = program()
    assert list(script.opened("h:1")) == [Ask({"call": "on_open", "peer": "h:1"})]
    assert list(script.message(b"\0\xff")) == [Ask({"call": "on_message", "peer": "h:1", "message": "00ff"})]
    assert list(script.closed()) == [Ask({"call": "on_close", "peer": "h:1"})]


def test_functions_that_do_not_exist_are_not_asked_for() -> None:
    script = program("def on_close(connection): pass")
    assert list(script.opened("h:1")) == []
    assert list(script.message(b"x")) == []
    assert list(script.closed()) == [Ask({"call": "on_close", "peer": "h:1"})]


def test_answers_become_actions() -> None:
    steps = [["send", "6869"], ["tell", "00"], ["wait", 0.5], ["send", ""], ["reset", 0.0], ["send", "78"]]
    assert list(program().answered({"do": steps})) == [Send(b"hi"), Tell(b"\0"), Wait(0.5), Send(b""), Reset()]
    assert list(program().answered({"do": [["close", 0.0]]})) == [Close()]
    assert list(program().answered({"do": [], "over": True})) == [Close()]
    assert list(program().answered({})) == []


@given(st.binary(max_size=100))
def test_any_bytes_go_there_and_back(data: bytes) -> None:
    [ask] = program().message(data)
    assert isinstance(ask, Ask)
    assert list(program().answered({"do": [["send", ask.request["message"]]]})) == [Send(data)]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def on_message(connection, message)\n    pass", "Line 1, column 36: Expected ':'."),
        ("def on_open(connection):\npass", "Line 2, column 1: Expected an indented block after function definition"),
        ("x = (", "Line 1, column 5: '(' was never closed."),
        ("def on_open(connection):\n    await x", "Line 2, column 5: 'await' outside async function."),
        ("return 1", "Line 1, column 1: 'return' outside function."),
        ("x = 1", "The script defines none of on_open, on_message and on_close"),
        ("def OnMessage(connection, message): pass", "The script defines none of"),
        ("def outer():\n    def on_open(connection): pass", "The script defines none of"),
        (
            "def on_message(message): pass",
            "Line 1: on_message is called as on_message(connection, message). Write: def",
        ),
        ("\ndef on_open(): pass", "Line 2: on_open is called as on_open(connection)."),
        ("def on_open(connection, other): pass", "Line 1: on_open is called as"),
        ("def on_open(connection, *, other): pass", "Line 1: on_open is called as"),
        ("async def on_open(connection): pass", "Line 1: on_open must not be async."),
        ("-" * 100_000 + "1", "nested too deeply|too many nested|too complex|recursion"),
        ("x = 1\0", "null bytes"),
        ("x = '\ud800'", "Python cannot read the script"),
    ],
)
def test_what_is_no_script_is_told_with_its_line(source: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        check_source(source)
    assert caught.value.path == "source"
    assert any(part.lower() in caught.value.message.lower() for part in sentence.split("|")), caught.value.message


@pytest.mark.parametrize(
    "source",
    [
        EXAMPLE,
        "on_message = print",
        "from somewhere import handler as on_message",
        "if True:\n    def on_open(connection): yield 1",
        "def on_open(connection, more=None): pass",
        "def on_message(*all): pass",
        "def on_message(a, b, **more): pass",
        "@decorated\ndef on_message(): pass",
        "class on_open:\n    def __init__(self, connection): pass",
        "def on_open(connection):\n    return x is 1",  # a warning of Python's, which tests take for an error
        "#\n\ndef on_close(größe): 'äöü'",
    ],
)
def test_what_is_a_script(source: str) -> None:
    assert check_source(source)


def test_a_wrong_script_is_told_at_its_field() -> None:
    with pytest.raises(InputError) as caught:
        prepare(Choice("script", {"source": "x ="}), "$.sockets[0].program")
    assert caught.value.path.endswith("source")
    with pytest.raises(InputError, match="262,144 characters"):
        check_choice({"kind": "script", "source": EXAMPLE + "#" * 262_144})
    with pytest.raises(InputError, match="Time limit"):
        check_choice({"kind": "script", "time_limit": 1})


def test_limits_are_told_in_seconds_and_bytes() -> None:
    assert limits(check(FIELDS, {})) == (1.0, 256 << 20)


def test_its_picture() -> None:
    assert [line.text for line in picture({"source": EXAMPLE})][:2] == [
        "Hello! Say something, or bye.",
        "are you there?",
    ]
    own = picture({"source": "def on_message(connection, message): pass"})
    assert [line.who for line in own] == ["peer", "note", "us"]
    assert picture({"source": "x ="}) == ()
    assert KIND.shared


def test_what_needs_trust() -> None:
    assert source_of(Choice("script", {"source": "x"})) == "x"
    assert source_of(Choice("script")) is None  # the example
    assert source_of(Choice("echo")) is None
    assert "not trusted yet" in not_trusted("a").means
