"""Base64 as people paste it."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.base64_input import parse_base64
from explorer.wire.placed_error import PlacedError


@pytest.mark.parametrize(
    "text", ["+/8AaQ==", "-_8AaQ", " +/8A\r\naQ = =\n", "data:image/png;base64,+/8AaQ==", "DATA:;BASE64,-_8AaQ=="]
)
def test_usual_ways_of_writing(text: str) -> None:
    assert parse_base64(text) == b"\xfb\xff\x00i"


def test_nothing_is_no_bytes() -> None:
    assert parse_base64(" \n") == b""


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("SGk*", 3, "Character 4: '*' is not a character of base64"),
        ("SGk=SGk=", 4, "more stands behind it"),
        ("SGkAa", 4, "one or more are missing"),
        ("SGkA=", 4, "The end has 1 =, but 0 would be right."),
        ("SGk==", 4, "The end has 2 =, but 1 would be right."),
        ("SGl=", 3, "bits that belong to no byte"),
    ],
)
def test_mistakes_have_a_place(text: str, position: int, words: str) -> None:
    with pytest.raises(PlacedError) as caught:
        parse_base64(text)
    assert words in caught.value.message
    assert caught.value.position == position


@given(data=st.binary(max_size=200), width=st.integers(1, 80))
def test_any_bytes_survive(data: bytes, width: int) -> None:
    for text in (base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode().rstrip("=")):
        assert parse_base64("\n".join(text[at : at + width] for at in range(0, len(text), width))) == data


@given(st.text("AZaz09+/-_= \n*", max_size=30))
def test_anything_gives_bytes_or_a_placed_error(text: str) -> None:
    position = 0
    try:
        parse_base64(text)
    except PlacedError as error:
        position = error.position
    assert 0 <= position <= max(0, len(text) - 1)
