"""JSON strings as bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.json_input import parse_json_string
from explorer.wire.placed_error import PlacedError


@pytest.mark.parametrize(
    ("text", "encoding", "data"),
    [
        ('"Hi\\n"', "utf-8", b"Hi\n"),
        (' "\\u20ac\\ud83d\\ude00\\/" \n', "utf-8", "€😀/".encode()),
        ('"\\u20ac\\udcff"', "cp1252", b"\x80\xff"),
        ('"\\udc00"', "utf-8", b"\0"),
        ('""', "utf-8", b""),
    ],
)
def test_strings_are_bytes(text: str, encoding: str, data: bytes) -> None:
    assert parse_json_string(text, encoding) == data


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "A JSON string is expected"),
        ("hello", 0, "A JSON string is expected"),
        ('"abc', 3, "has no end"),
        ('"a" b', 3, "More stands behind"),
        ('"a\\q"', 2, "\\q is not an escape of JSON"),
        ('"\\u12"', 1, "\\u needs four hex digits"),
        ('"a\nb"', 2, "A control character cannot stand"),
        ('"ab€"', 3, "(U+20AC) does not exist in ascii"),
        ('"\\ud800"', 1, "half of a surrogate pair"),
        ('"\\ude00"', 1, "half of a surrogate pair"),
    ],
)
def test_mistakes_have_a_place(text: str, position: int, words: str) -> None:
    with pytest.raises(PlacedError) as caught:
        parse_json_string(text, "ascii" if "€" in text else "utf-8")
    assert words in caught.value.message
    assert caught.value.position == position


@given(text=st.text(max_size=40), plain=st.booleans())
def test_what_other_programs_write_is_read(text: str, plain: bool) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert parse_json_string(json.dumps(text, ensure_ascii=plain)) == text.encode()


@given(st.text('"\\ud8dce0012nq \n€', max_size=30))
def test_anything_gives_bytes_or_a_placed_error(text: str) -> None:
    position = 0
    try:
        parse_json_string(text, "ascii")
    except PlacedError as error:
        position = error.position
    assert 0 <= position <= max(0, len(text) - 1)
