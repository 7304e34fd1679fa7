"""A conversation: what it counts and its program hears, by what comes and when, and what a new framing makes of it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.socket_spec import Choice
from explorer.net import conversation
from explorer.net.conversation import Conversation, handed_over
from explorer.programs.api import Action, Send

RAW, LINE, NONE, ECHO = Choice("raw"), Choice("line"), Choice("none"), Choice("echo")
LENGTH = Choice("length", {"width": 2, "skip": 2})
IDLE = Choice("idle", {"ms": 10})
MS = 1_000_000  # nanoseconds


def said(actions: Iterable[Action]) -> list[bytes]:
    """What is answered, before it is framed."""
    answers = []
    for action in actions:
        assert isinstance(action, Send)
        answers.append(action.payload)
    return answers


def heard(talk: Conversation, data: bytes, time: int = 0) -> list[bytes]:
    return said(talk.received(data, time))


# -- framing that goes by time -----------------------------------------------------------------------


def test_a_message_is_answered_when_silence_has_passed() -> None:
    talk = Conversation(IDLE, ECHO, "")
    assert talk.due is None
    assert heard(talk, b"one ", 5 * MS) == []
    assert talk.due == 15 * MS
    assert heard(talk, b"message", 14 * MS) == []
    assert talk.due == 24 * MS
    assert said(talk.silent(24 * MS - 1)) == []
    assert said(talk.silent(24 * MS)) == [b"one message"]
    assert (talk.due, talk.messages_in) == (None, 1)
    assert said(talk.silent(99 * MS)) == []


def test_bytes_after_a_silence_that_nobody_told_of_are_a_message_of_their_own() -> None:
    talk = Conversation(IDLE, ECHO, "")
    assert heard(talk, b"one", 5 * MS) == []
    assert heard(talk, b"two", 15 * MS) == [b"one"]
    assert said(talk.ended()) == [b"two"]
    talk.settle()
    assert talk.messages_in == 2


def test_what_a_close_leaves_behind_is_counted_and_not_answered() -> None:
    talk = Conversation(IDLE, ECHO, "")
    heard(talk, b"begun", 5 * MS)
    talk.settle()
    talk.settle()
    assert talk.messages_in == 1
    lines = Conversation(LINE, ECHO, "")
    heard(lines, b"begun")
    lines.settle()
    assert lines.messages_in == 0  # no end came: that is no line


def test_messages_are_counted_where_nobody_answers() -> None:
    talk = Conversation(IDLE, NONE, "")
    assert not talk.tight
    heard(talk, b"one", 0)
    heard(talk, b"two", 10 * MS)
    said(talk.silent(20 * MS))
    assert talk.messages_in == 2
    assert Conversation(IDLE, NONE, "", counting=False).tight


def test_a_datagram_is_a_message_at_once() -> None:
    talk = Conversation(IDLE, ECHO, "", datagrams=True)
    assert heard(talk, b"one", 5) == [b"one"]
    assert talk.due is None
    assert heard(talk, b"two", 6) == [b"two"]
    assert heard(talk, b"", 7) == []
    talk.settle()
    assert talk.messages_in == 2


@given(
    st.lists(st.tuples(st.binary(min_size=1, max_size=30), st.integers(0, 25)), max_size=20),
    st.lists(st.booleans(), max_size=20),
)
def test_timers_make_no_difference_to_the_messages(parts: list[tuple[bytes, int]], timers: list[bool]) -> None:
    """The capture knows only when bytes came. A timer may look in between or be late."""
    waited = [*timers, *[False] * (len(parts) - len(timers))]
    live, replayed = Conversation(IDLE, ECHO, ""), Conversation(IDLE, ECHO, "")
    found: tuple[list[bytes], list[bytes]] = ([], [])
    time = 0
    for (data, gap), timer in zip(parts, waited, strict=False):
        time += gap * MS
        if timer and live.due is not None and live.due <= time:
            found[0].extend(said(live.silent(live.due)))
        found[0].extend(heard(live, data, time))
        found[1].extend(heard(replayed, data, time))
    found[0].extend(said(live.ended()))
    found[1].extend(said(replayed.ended()))
    assert found[0] == found[1]
    assert b"".join(found[0]) == b"".join(data for data, _ in parts)
    assert live.messages_in == replayed.messages_in == len(found[0])


# -- broken frames -----------------------------------------------------------------------------------


def test_a_message_whose_checksum_is_wrong_is_none_for_a_program() -> None:
    talk = Conversation(Choice("line", {"checksum": "crc8", "checksum_as": "hex"}), ECHO, "")
    framed = talk.framer.encode(b"good")
    assert heard(talk, framed + b"bad?\n" + framed) == [b"good", b"good"]
    assert talk.messages_in == 2


# -- another framing ---------------------------------------------------------------------------------


def test_the_same_framing_goes_on_where_it_is() -> None:
    talk = Conversation(LINE, NONE, "")
    heard(talk, b"hel")
    assert talk.replace(LINE, ECHO) == 0
    assert said(talk.take_over()) == []
    assert heard(talk, b"lo\n") == [b"hello"]


def test_another_framing_gets_what_the_old_one_had_begun_to_collect() -> None:
    talk = Conversation(LENGTH, ECHO, "")
    assert heard(talk, b"\x00\x02okone\ntwo\nth") == [b"ok"]
    assert talk.replace(LINE, ECHO) == 10
    assert said(talk.take_over()) == [b"one", b"two"]
    assert heard(talk, b"ree\n") == [b"three"]
    assert talk.messages_in == 4


def test_raw_gets_it_as_one_message_and_leaves_nothing() -> None:
    talk = Conversation(LINE, ECHO, "")
    heard(talk, b"x" * 10_000)
    assert talk.replace(RAW, ECHO) == 10_000
    assert heard(talk, b"next") == [b"x" * 10_000, b"next"]  # if nobody asked before
    assert talk.replace(LINE, ECHO) == 0
    assert heard(talk, b"a\n") == [b"a"]


def test_silence_goes_on_from_the_last_bytes() -> None:
    talk = Conversation(LINE, ECHO, "")
    heard(talk, b"begun", 100 * MS)
    assert talk.replace(IDLE, ECHO) == 5
    assert said(talk.take_over()) == []
    assert talk.due == 110 * MS
    assert said(talk.silent(110 * MS)) == [b"begun"]
    heard(talk, b"more", 120 * MS)
    assert talk.replace(Choice("idle", {"ms": 500}), ECHO) == 4
    assert said(talk.take_over()) == []
    assert talk.due == 620 * MS


def test_after_the_end_of_the_stream_the_new_framing_is_told_of_it() -> None:
    talk = Conversation(LINE, ECHO, "")
    heard(talk, b"no end")
    assert said(talk.ended()) == []
    assert talk.replace(IDLE, ECHO) == 6
    assert said(talk.take_over()) == [b"no end"]


def test_what_was_skipped_after_an_error_stays_skipped() -> None:
    talk = Conversation(Choice("line", {"max": 4}), ECHO, "")
    heard(talk, b"too long")
    assert talk.replace(LENGTH, ECHO) == 0
    assert heard(talk, b"\x00\x01a") == [b"a"]


def test_two_changes_before_anyone_asks() -> None:
    talk = Conversation(LENGTH, ECHO, "")
    heard(talk, b"one\ntwo;")
    assert talk.replace(LINE, ECHO) == 8
    assert talk.replace(Choice("delimiter", {"hex": "3b"}), ECHO) == 0
    assert heard(talk, b"three;") == [b"one\ntwo", b"three"]


@pytest.mark.parametrize("framing", [RAW, LINE, LENGTH])
def test_a_change_while_answers_are_under_way(framing: Choice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "SLICE", 5)
    talk = Conversation(LINE, ECHO, "")
    answers = iter(talk.received(b"a\nb\nc\x00\x01dg\n", 0))
    first = next(answers)
    assert isinstance(first, Send)
    assert first.payload == b"a"
    assert talk.replace(framing, ECHO) == (0 if framing is LINE else 1)
    rest = said(answers)
    assert rest == {
        "raw": [b"b", b"c", b"\x00\x01dg\n"],
        "line": [b"b", b"c\x00\x01dg"],
        "length": [b"b"],
    }[framing.kind]  # fmt: skip


def test_the_log_says_what_was_handed_over() -> None:
    assert handed_over(1, LINE) == (
        "The framing is line from here on. The byte that the old one had begun to collect the new one gets first."
    )
    assert "The 1,200 bytes" in handed_over(1200, RAW)
