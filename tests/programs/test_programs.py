"""Programs: told of connections and messages, they answer."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from explorer.core.errors import InputError
from explorer.core.fields import Field
from explorer.core.socket_spec import Choice
from explorer.programs import registry
from explorer.programs.api import ProgramKind, Send, Setup
from explorer.programs.registry import check_choice, find_kind, kinds, prepare
from explorer.wire.framing.api import Frame
from explorer.wire.framing.registry import make_framer
from tests.fakes.world import world


def test_kinds_are_listed_as_their_files_say() -> None:
    names = [kind.name for kind in kinds()]
    assert names[:3] == ["none", "echo", "discard"]
    assert len(set(names)) == len(names)
    for kind in kinds():
        assert find_kind(kind.name).name == kind.name
        assert kind.label
        assert kind.summary.endswith(".")
    assert find_kind("echo").answers
    assert not find_kind("discard").answers


def test_echo_answers_every_message_with_itself() -> None:
    echo = prepare(Choice("echo"))(world())
    assert list(echo.opened("127.0.0.1:9")) == []
    assert list(echo.message(b"hello")) == [Send(b"hello", as_found=True)]
    assert list(echo.message(b"")) == [Send(b"", as_found=True)]
    echo.closed()


@pytest.mark.parametrize("kind", ["none", "discard"])
def test_none_and_discard_never_answer(kind: str) -> None:
    program = prepare(Choice(kind))(world())
    assert list(program.opened("127.0.0.1:9")) == []
    assert list(program.message(b"hello")) == []
    program.closed()


@pytest.mark.parametrize(
    ("framing", "wire"),
    [
        (Choice("raw"), b"abc"),
        (Choice("line"), b"abc\r\n"),
        (Choice("line", {"ending": "crlf"}), b"abc\r\n"),
        (Choice("delimiter", {"hex": "3b", "keep": True}), b"abc;"),
        (Choice("fixed", {"size": 3}), b"abc"),
        (Choice("length", {"width": 2}), b"\0\3abc"),
        (Choice("length", {"width": 2, "skip": 2}), b"\0\3abc"),
    ],
)
def test_what_echo_sends_is_what_came(framing: Choice, wire: bytes) -> None:
    framer = make_framer(framing)
    [frame] = framer.feed(wire) + framer.end()
    assert isinstance(frame, Frame)
    [action] = prepare(Choice("echo"))(world()).message(frame.payload)
    assert isinstance(action, Send)
    assert action.wire_bytes(framer) == wire


def test_a_new_message_is_encoded() -> None:
    assert Send(b"abc").wire_bytes(make_framer(Choice("length", {"width": 2}))) == b"\0\3abc"


def test_a_choice_keeps_what_was_given() -> None:
    assert check_choice({"kind": "echo"}) == Choice("echo")


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ([], "$.program", "must be an object"),
        ({}, "$.program.kind", "kind is missing"),
        ({"kind": "ech"}, "$.program.kind", "no program called 'ech' (known: none, echo, discard"),
        ({"kind": "echo", "loud": 1}, "$.program.loud", "no setting called 'loud'"),
    ],
)
def test_mistakes_are_named_with_their_place(given: object, path: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        check_choice(given)
    assert caught.value.path == path
    assert words in caught.value.message


def test_what_a_program_refuses_is_named_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(values: object) -> Setup:
        raise InputError("text", "The text is too long.")

    field = Field("text", "text", "", "Text", "What to say.")
    kind = ProgramKind("say", (field,), make, answers=True, wants_messages=False)
    module = ModuleType("explorer.programs.say")
    module.KIND = kind  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "explorer.programs.say", module)
    monkeypatch.setattr(registry, "KINDS", (registry.Listed("say", "Say", "Says something."),))
    with pytest.raises(InputError) as caught:
        prepare(Choice("say"), "$.sockets[0].program")
    assert caught.value.path == "$.sockets[0].program.text"
