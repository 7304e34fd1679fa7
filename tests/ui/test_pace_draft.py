"""A pace in a form and in words."""

from __future__ import annotations

import pytest

from explorer.core.pace import FULL_PACE, Pace
from explorer.core.socket_spec import Transport
from explorer.ui.pace_draft import PaceDraft, pace_text


@pytest.mark.parametrize(
    ("pace", "transport", "text"),
    [
        (FULL_PACE, "tcp", ""),
        (Pace(7, receive_pause=100), "tcp", "sends at most 7 bytes a call, waits 100 ms after each recv"),
        (Pace(1, True), "tcp", "sends at most 1 byte a call"),
        (Pace(2000, True), "tcp", "sends 1 to 2,000 bytes a call, at random"),
        (Pace(0, True), "tcp", ""),
        (Pace(7, False, 5, 1000), "udp", "waits 5 ms after each sendto and 1,000 ms after each recvfrom"),
        (Pace(7), "udp", ""),
    ],
)  # fmt: skip
def test_in_words(pace: Pace, transport: Transport, text: str) -> None:
    assert pace_text(pace, transport) == text


def test_what_is_typed_becomes_a_pace() -> None:
    draft = PaceDraft(FULL_PACE)
    assert [draft.text(name) for name in ("send_size", "send_pause", "send_random")] == ["", "", False]
    draft.put("send_size", " 1,000 ")
    draft.put("send_random", True)
    draft.put("receive_pause", "60000")
    checked = draft.check()
    assert (checked.pace, checked.problems) == (Pace(1000, True, 0, 60_000), {})
    draft.put("send_size", "")
    assert draft.check().pace == Pace(0, True, 0, 60_000)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("send_size", "1048577", "Cut sends must be from 0 to 1,048,576 bytes a call; 1,048,577 is not."),
        ("send_pause", "-1", "Pause after each send must be from 0 to 60,000 ms; -1 is not."),
        ("receive_pause", "60001", "Pause after each receive must be from 0 to 60,000 ms; 60,001 is not."),
        ("receive_pause", "soon", "Pause after each receive must be a whole number; 'soon' is not."),
    ],
)
def test_what_is_wrong_leaves_its_part_as_it_was(name: str, text: str, sentence: str) -> None:
    pace = Pace(7, False, 8, 9)
    draft = PaceDraft(pace)
    draft.put(name, text)
    checked = draft.check()
    assert (checked.pace, checked.problems) == (pace, {name: sentence})
    draft.tidy(name)
    assert draft.text(name) == text  # it is not valid: it stays


def test_what_was_typed_stays_until_the_document_says_otherwise() -> None:
    draft = PaceDraft(FULL_PACE)
    draft.put("send_size", "1,000")
    draft.put("send_pause", "x")
    draft.take(Pace(1000))
    assert (draft.text("send_size"), draft.text("send_pause")) == ("1,000", "x")
    draft.tidy("send_size")
    assert draft.text("send_size") == "1000"
    draft.take(Pace(2000, send_pause=3))
    assert (draft.text("send_size"), draft.text("send_pause")) == ("2000", "3")
