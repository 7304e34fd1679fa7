"""A chat: who is told what, whatever its members send."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.fields import check
from explorer.programs.api import Action, Close, Send, Tell
from explorer.programs.chat import HELP, KIND, Chatter
from explorer.programs.chat_names import LONGEST_LINE, LONGEST_NAME, clean, key_of, wrong_with
from tests.fakes.world import world


class Told(list[str]):
    """What one connection was told."""

    def news(self) -> list[str]:
        """Since the last look."""
        found = list(self)
        self.clear()
        return found


class Party:
    """A chat and everybody on it, as the engine would carry their messages."""

    def __init__(self, **settings: Any) -> None:
        self._setup = KIND.make(check(KIND.fields, settings))
        self.open: dict[int, Chatter] = {}
        self.told: dict[int, Told] = {}

    def come(self) -> tuple[int, Told]:
        number = len(self.told) + 1
        program = self._setup(world())
        assert isinstance(program, Chatter)
        self.open[number], self.told[number] = program, Told()
        self._do(number, program.opened(f"127.0.0.1:{number}"))
        return number, self.told[number]

    def say(self, number: int, *lines: str | bytes) -> None:
        for line in lines:
            if number in self.open:
                self._do(number, self.open[number].message(line if isinstance(line, bytes) else line.encode()))

    def go(self, number: int) -> None:
        program = self.open.pop(number, None)
        if program is not None:
            self._do(number, program.closed())

    def _do(self, number: int, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Send(payload):
                    assert number in self.open, "nothing can be sent any more"
                    self.told[number].append(payload.decode())
                case Tell(payload):
                    for other in self.open:
                        if other != number:
                            self.told[other].append(payload.decode())
                case Close():
                    self.go(number)
                    return


WELCOME = "* Welcome, {}. /help tells what you can do."


def test_lines_go_to_all_others_with_the_name_of_who_said_them() -> None:
    party = Party()
    (ann, to_ann), (bob, to_bob), (_, to_eve) = party.come(), party.come(), party.come()
    assert to_ann.news() == [WELCOME.format("Guest1"), "* Guest2 joined.", "* Guest3 joined."]
    assert to_eve.news() == [WELCOME.format("Guest3")]
    to_bob.news()
    party.say(ann, "/nick Ann", "hello")
    assert to_ann.news() == ["* You are Ann now."]
    assert to_bob.news() == to_eve.news() == ["* Guest1 is Ann now.", "Ann: hello"]
    party.say(bob, "/who")
    assert to_bob.news() == ["* Here are Guest2, Guest3, Ann."]
    party.say(bob, "/QUIT", "too late")
    assert to_bob.news() == ["* Good-bye."]
    assert to_ann.news() == to_eve.news() == ["* Guest2 left."]
    party.go(ann)
    assert to_eve.news() == ["* Ann left."]


def test_a_name_may_be_asked_for_first() -> None:
    party = Party(names="asked", greeting="Hi NAME, NAME!")
    (ann, to_ann), (bob, to_bob) = party.come(), party.come()
    party.say(ann, "", "Ann")
    assert to_ann.news() == ["* What is your name?", "* Hi Ann, Ann!"]
    party.say(bob, "ANN", "/who", "/nick Bob", "hello")
    assert to_bob.news() == [
        "* What is your name?",
        "* Ann joined.",
        "* Somebody is called ANN already. What is your name?",
        "* Here are Ann.",
        "* Hi Bob, Bob!",
    ]
    assert to_ann.news() == ["* Bob joined.", "Bob: hello"]
    party.come()
    nameless, _ = party.come()
    to_ann.news()
    party.go(nameless)
    assert to_ann.news() == []


def test_two_take_turns() -> None:
    party = Party(mode="pair", greeting="")
    ann, to_ann = party.come()
    party.say(ann, "anybody?")
    assert to_ann.news() == [
        "* You are alone here. Wait for somebody to talk to.",
        "* Nobody is here yet, so your line was not passed on. Wait for somebody to talk to.",
    ]
    bob, to_bob = party.come()
    assert to_ann.news() == ["* Guest2 joined.", "* You talk with Guest2. It is your turn."]
    assert to_bob.news() == ["* You talk with Guest1, who begins."]
    party.say(bob, "hello")
    assert to_bob.news() == ["* It is Guest1's turn, so your line was not passed on. Wait for an answer."]
    party.say(ann, "first", "second")
    assert to_ann.news() == ["* It is Guest2's turn, so your line was not passed on. Wait for an answer."]
    assert to_bob.news() == ["Guest1: first", "* It is your turn."]
    third, to_third = party.come()
    assert to_third.news() == ["* Two people are talking here already. Come back later."]
    assert third not in party.open
    assert to_ann.news() == to_bob.news() == []
    party.say(bob, "answer")
    assert to_ann.news() == ["Guest2: answer", "* It is your turn."]
    party.go(ann)
    assert to_bob.news() == ["* Guest1 left. Wait for somebody else."]
    _, to_eve = party.come()
    assert to_eve.news() == ["* You talk with Guest2, who begins."]
    party.say(bob, "again")
    assert to_eve.news() == ["Guest2: again", "* It is your turn."]


def test_a_full_room_says_so() -> None:
    party = Party(most=2, greeting="")
    (ann, _), (_, to_bob), (full, to_full) = party.come(), party.come(), party.come()
    assert to_full.news() == ["* The room is full: 2 are here. Come back later."]
    assert full not in party.open
    to_bob.news()
    party.go(ann)
    party.come()
    assert to_bob.news() == ["* Guest1 left.", "* Guest3 joined."]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("/nick", "needs a letter"),
        ("/nick :-)", "one word"),
        ("/nick two words", "one word"),
        ("/nick " + "x" * (LONGEST_NAME + 1), "at most 24"),
        ("/nick guest2", "Somebody is called guest2"),
        ("/nick Ｇuest2", "Somebody is called"),
        ("/nosuch", "There is no /nosuch here"),
        ("/" + "x" * 1000, "There is no /xxxxxxxxxxxxxxxxxxxxxxxx here"),
        ("x" * (LONGEST_LINE + 1), "2,001 characters; 2,000 at most"),
        (b"x" * (1 << 20), "1,048,576 characters"),
    ],
)
def test_what_is_not_possible_is_told_to_who_tried_it_alone(said: str | bytes, words: str) -> None:
    party = Party(greeting="")
    (ann, to_ann), (_, to_bob) = party.come(), party.come()
    to_ann.clear()
    party.say(ann, said)
    [told] = to_ann.news()
    assert words in told
    assert len(told) < 300
    assert to_bob == []
    party.say(ann, "/help")
    assert to_ann.news() == [f"* {HELP}"]


@pytest.mark.parametrize(
    ("said", "passed"),
    [
        (b"\x1b[31mred\x07\0", "[31mred"),
        ("a\u202eb\u2028c\r".encode(), "abc"),
        (b"\xff\xfe text", "\ufffd\ufffd text"),
        ("👩\u200d🚀 größe\tok".encode(), "👩\u200d🚀 größe ok"),
    ],
)
def test_what_would_spoil_screens_is_not_passed_on(said: bytes, passed: str) -> None:
    party = Party(greeting="")
    (ann, _), (_, to_bob) = party.come(), party.come()
    to_bob.clear()
    party.say(ann, said)
    assert to_bob.news() == [f"Guest1: {passed}"]


@pytest.mark.parametrize("said", [b"", b"   ", b"\0\x1b\r", "\u200f".encode()])
def test_empty_lines_are_passed_over(said: bytes) -> None:
    party = Party(greeting="")
    (ann, to_ann), (_, to_bob) = party.come(), party.come()
    to_ann.clear()
    to_bob.clear()
    party.say(ann, said)
    assert to_ann == to_bob == []


def test_several_lines_may_come_at_once_and_keep_their_ends() -> None:
    party = Party(greeting="")
    (ann, to_ann), (_, to_bob) = party.come(), party.come()
    to_ann.clear()
    to_bob.clear()
    party.say(ann, b"one\r\ntwo\r\n/quit\r\nthree\r\n")
    assert to_bob.news() == ["Guest1: one\r\n", "Guest1: two\r\n", "* Guest1 left."]
    assert to_ann.news() == ["* Good-bye.\r\n"]


def test_a_chat_may_begin_while_connections_are_open() -> None:
    setup = KIND.make(check(KIND.fields, {"greeting": ""}))
    one, other = setup(world()), setup(world())
    assert list(one.message(b"hello")) == [Tell(b"* Guest1 joined."), Tell(b"Guest1: hello")]
    assert list(other.closed()) == []  # it never said a word
    assert list(one.closed()) == [Tell(b"* Guest1 left.")]
    assert list(one.closed()) == []


@given(
    st.sampled_from(["room", "pair"]),
    st.sampled_from(["given", "asked"]),
    st.lists(
        st.tuples(
            st.integers(1, 5),
            st.sampled_from(
                ["come", "go", "/quit", "/who", "hello", "/nick A", "/nick a", "/nick b", "A", "b", "", "/"]
            )
            | st.binary(max_size=30),
        ),
        max_size=30,
    ),
)
def test_whatever_they_do_names_stay_apart_and_lines_clean(
    mode: str, names: str, steps: list[tuple[int, str | bytes]]
) -> None:
    party = Party(mode=mode, names=names, most=3)
    for number, what in steps:
        if what == "come":
            party.come()
        elif what == "go":
            party.go(number)
        else:
            party.say(number, what)
        named = [program.name for program in party.open.values() if program.name]
        assert len({key_of(name) for name in named}) == len(named)
        assert not any(wrong_with(name) for name in named)
        assert len(party.open) <= (2 if mode == "pair" else 3)
    for told in party.told.values():
        for line in told:
            assert line.startswith("* ") or ": " in line
            for part in line.replace("\r", "").split("\n"):
                assert clean(part.encode()) == part.strip()
    for number in tuple(party.open):
        party.go(number)
    _, news = party.come()
    assert "full" not in news[0]
    assert "already" not in news[0]


def test_pictures_show_both_modes() -> None:
    for mode in ("room", "pair"):
        for names in ("given", "asked"):
            lines = KIND.picture(check(KIND.fields, {"mode": mode, "names": names}))
            assert {line.who for line in lines} == {"peer", "us", "note"}
            assert any("Hello Bob!" in line.text for line in lines)
