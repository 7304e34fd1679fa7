"""Text with escapes to bytes and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.escapes import escape, parse_escaped
from explorer.wire.placed_error import PlacedError
from explorer.wire.text import ENCODINGS

names = [encoding.name for encoding in ENCODINGS]


@pytest.mark.parametrize(
    ("text", "encoding", "data"),
    [
        ("", "utf-8", b""),
        (r"a\n\r\t\0\\b", "utf-8", b"a\n\r\t\0\\b"),
        (r"\x00\xFF", "utf-8", b"\x00\xff"),
        (r"€\u20ac\u{20AC}", "utf-8", "€€€".encode()),
        (r"\u{1f600}\ud83d\ude00", "utf-8", "😀😀".encode()),
        (r"\n", "utf-16-le", b"\n\0"),
        (r"\xff€", "cp1252", b"\xff\x80"),
        (r"\01", "ascii", b"\x001"),
        ("two\nlines", "ascii", b"two\nlines"),
    ],
)
def test_escapes_stand_for_bytes(text: str, encoding: str, data: bytes) -> None:
    assert parse_escaped(text, encoding) == data


@pytest.mark.parametrize(
    ("text", "encoding", "position", "words"),
    [
        (r"ab\q", "utf-8", 2, r"Character 3: \q is not an escape"),
        ("ab\\", "utf-8", 2, "A backslash stands at the end"),
        (r"\x4", "utf-8", 0, r"\x needs two hex digits"),
        (r"a\u12", "utf-8", 1, r"\u needs four hex digits"),
        (r"\u{}", "utf-8", 0, r"\u needs four hex digits"),
        (r"\u{110000}", "utf-8", 0, "U+110000 is no character"),
        (r"ok\ud800", "utf-8", 2, "half of a surrogate pair"),
        ("ab€", "ascii", 2, "(U+20AC) does not exist in ascii"),
        (r"ab\u20ac", "latin-1", 2, "(U+20AC) does not exist in latin-1"),
    ],
)
def test_mistakes_have_a_place(text: str, encoding: str, position: int, words: str) -> None:
    with pytest.raises(PlacedError) as caught:
        parse_escaped(text, encoding)
    assert caught.value.position == position
    assert words in caught.value.message


def test_escape_shows_what_cannot_be_seen() -> None:
    assert escape(b"a\\b\r\n\0\x1b\xff", "utf-8") == r"a\\b\r\n\0\x1b\xff"
    assert escape("\x1b".encode("utf-16-le"), "utf-16-le") == r"\u{1b}"
    assert escape("pay\u202efdp".encode(), "utf-8") == r"pay\u{202e}fdp"
    assert escape("naïve €".encode(), "utf-8") == "naïve €"
    assert escape(b"\x81", "cp1252") == r"\x81"
    assert escape(b"a\0\0\xd8b", "utf-16-le") == r"a\x00\xd8\x62"


@given(data=st.binary(max_size=40), name=st.sampled_from(names))
def test_any_bytes_survive(data: bytes, name: str) -> None:
    assert parse_escaped(escape(data, name), name) == data


@given(text=st.text(max_size=30))
def test_any_text_survives(text: str) -> None:
    data = text.encode("utf-8", "replace")
    assert parse_escaped(escape(data, "utf-8"), "utf-8") == data


def test_the_decoding_rule_for_bytes_is_for_decoding_only() -> None:
    with pytest.raises(UnicodeEncodeError):
        "€".encode("ascii", "socket-explorer.keep-bytes")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_byte_order_mark_comes_once(encoding: str) -> None:
    assert parse_escaped(r"a\nb\u20ac", encoding) == "a\nb€".encode(encoding)
