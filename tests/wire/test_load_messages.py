"""What the clients of a load send, and which answers are right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.load import LoadPlan
from explorer.core.socket_spec import Choice
from explorer.wire.load_messages import Answer, LoadMessages, check_plan

PLAN = LoadPlan("tcp", "127.0.0.1", 9000, clients=20, messages=5)
LINES = Choice("line", {"ending": "lf"})
FRAMINGS = (
    Choice("raw"),
    LINES,
    Choice("length", {"width": 2}),
    Choice("length", {"width": 2, "skip": 0}),
    Choice("delimiter", {"hex": "03", "keep": True}),
    Choice("netstring"),
    Choice("slip"),
    Choice("cobs"),
    Choice("fixed", {"size": 64}),
)


@pytest.mark.parametrize("framing", FRAMINGS, ids=lambda framing: framing.kind)
@given(st.data())
def test_an_echo_is_right_however_it_is_cut(framing: Choice, data: st.DataObject) -> None:
    messages = LoadMessages(replace(PLAN, framing=framing))
    answers = messages.answers()
    for number in range(3):
        wire, expected = messages.wire(7, number), messages.expected(7, number)
        at = data.draw(st.integers(1, len(wire)))
        found = [answers.feed(piece, expected) for piece in (wire[:at], wire[at:]) if piece]
        whole = [answer for answer in found if answer is not None]
        assert whole == [Answer(True, expected)]


def test_messages_have_their_size_and_differ() -> None:
    messages = LoadMessages(replace(PLAN, size=30, begin=r"GET\x20"))
    assert messages.payload(0, 0) == b"GET 1.1 1.1 1.1 1.1 1.1 1.1 1."
    assert messages.payload(11, 2)[:9] == b"GET 12.3 "
    assert len({messages.payload(client, number) for client in range(20) for number in range(5)}) == 100


def test_a_command_is_sent_exactly() -> None:
    messages = LoadMessages(replace(PLAN, size=1, begin="T", framing=LINES, answers="any"))
    assert messages.wire(3, 4) == b"T\n"
    assert messages.answers().feed(b"12:30\n", b"T") == Answer(True, b"12:30")


def test_a_wrong_answer_is_found_out() -> None:
    messages = LoadMessages(PLAN)
    other = messages.wire(1, 0)
    assert messages.answers().feed(other, messages.expected(0, 0)) == Answer(False, other)
    longer = messages.answers().feed(messages.wire(0, 0) + b"!", messages.expected(0, 0))
    assert longer is not None
    assert not longer.right
    lines = LoadMessages(replace(PLAN, framing=LINES))
    assert lines.answers().feed(b"Sorry?\n", lines.expected(0, 0)) == Answer(False, b"Sorry?")


def test_what_comes_unasked_is_counted() -> None:
    lines = LoadMessages(replace(PLAN, framing=LINES, answers="any"))
    assert lines.answers().feed(b"one\ntwo\nthree\n", b"") == Answer(True, b"one", 2)


def test_what_breaks_the_framing_is_wrong() -> None:
    strings = LoadMessages(replace(PLAN, framing=Choice("netstring")))
    found = strings.answers().feed(b"hello,", strings.expected(0, 0))
    assert found is not None
    assert not found.right


def test_datagrams_are_answers_each() -> None:
    messages = LoadMessages(replace(PLAN, transport="udp", framing=LINES))
    answers = messages.answers()
    assert answers.feed(messages.wire(0, 0), messages.expected(0, 0)) == Answer(True, messages.payload(0, 0))
    assert answers.feed(b"half a line", messages.expected(0, 0)) == Answer(False, b"half a line")
    assert answers.feed(messages.wire(0, 0), messages.expected(0, 0)) == Answer(True, messages.payload(0, 0))


def test_without_boundaries_any_bytes_are_an_answer() -> None:
    answers = LoadMessages(replace(PLAN, answers="any")).answers()
    assert answers.feed(b"", b"") is None
    assert answers.feed(b"what", b"") == Answer(True, b"what")


def test_a_datagram_is_an_answer_as_it_is() -> None:
    messages = LoadMessages(replace(PLAN, transport="udp"))
    assert messages.answers().feed(messages.wire(1, 2), messages.expected(1, 2)) == Answer(True, messages.payload(1, 2))
    assert messages.answers().feed(b"else", messages.expected(1, 2)) == Answer(False, b"else")


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"begin": r"\q"}, "$.begin", "Begins with"),
        ({"begin": "hello", "size": 3}, "$.size", "5 bytes already"),
        ({"framing": Choice("fixed", {"size": 5})}, "$.framing", "exactly 5 bytes"),
        ({"framing": Choice("idle")}, "$.framing", "when nothing comes for a while"),
        ({"framing": LINES, "begin": r"a\nb"}, "$.framing", "cannot carry"),
        ({"framing": Choice("nothing")}, "$.framing.kind", "nothing"),
        ({"transport": "udp", "size": 65_507, "framing": LINES}, "$.size", "65,508"),
        ({"port": 0}, "port", "Port 0"),
    ],
)
def test_what_cannot_be_sent_is_told_before(change: dict[str, object], path: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        check_plan(replace(PLAN, **change))  # type: ignore[arg-type]
    assert caught.value.path == path
    assert says in caught.value.message
