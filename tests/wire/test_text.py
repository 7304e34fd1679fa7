"""Encodings and the incremental decoder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.wire.text import ENCODINGS, REPLACEMENT, TextDecoder, check_encoding, decode

names = [encoding.name for encoding in ENCODINGS]


def test_the_offered_encodings() -> None:
    assert names[:6] == ["utf-8", "ascii", "latin-1", "cp1252", "utf-16-le", "utf-16-be"]
    assert names[6:] == ["gb18030", "shift_jis", "koi8-r", "cp037", "cp500"]
    assert all(check_encoding(name) == name for name in names)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("UTF8", "utf-8"),
        ("iso-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
        ("UTF-16LE", "utf-16-le"),
        ("GB18030", "gb18030"),
        ("Shift-JIS", "shift_jis"),
        ("sjis", "shift_jis"),
        ("KOI8_R", "koi8-r"),
        ("IBM037", "cp037"),
        ("ebcdic-cp-us", "cp037"),
        ("ibm500", "cp500"),
    ],
)
def test_aliases_are_understood(alias: str, name: str) -> None:
    assert check_encoding(alias) == name


@pytest.mark.parametrize("wrong", ["klingon", "", "utf-7", "base64", "a\0b", 8, None])
def test_other_encodings_are_refused_with_the_list(wrong: object) -> None:
    with pytest.raises(InputError, match="offered: utf-8, ascii") as caught:
        check_encoding(wrong, "$.sockets[0].encoding")
    assert caught.value.path == "$.sockets[0].encoding"


def test_a_character_over_two_reads_is_one_character() -> None:
    decoder = TextDecoder("utf-8")
    assert [decoder.feed(b"a\xe2"), decoder.feed(memoryview(b"\x82")), decoder.feed(b"\xac!")] == ["a", "", "€!"]
    assert decoder.end() == ""


def test_what_is_no_text_is_visible() -> None:
    decoder = TextDecoder("utf-8")
    assert decoder.feed(b"a\xffb\xe2") == f"a{REPLACEMENT}b"
    assert decoder.end() == REPLACEMENT
    assert decoder.feed(b"c") == "c"


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("gb18030", b"\xd6\xd0\x81\x30\x81\x30\x98\x39\xb5\x38", "中\x80\U0002b81c"),
        ("shift_jis", b"\x93\xfa\xb1", "日ｱ"),
        ("koi8-r", b"\xf0\xd2\xc9", "При"),
        ("cp037", b"\xc8\x85\x93\x93\x96\x25", "Hello\n"),
        ("cp500", b"\x4a\x5a", "[]"),
        ("utf-16-be", b"\xd8\x3d\xde\x00", "😀"),
    ],
)
def test_characters_of_each_encoding_arrive_byte_by_byte(name: str, data: bytes, text: str) -> None:
    decoder = TextDecoder(name)
    assert "".join(decoder.feed(data[at : at + 1]) for at in range(len(data))) == text
    assert decoder.end() == ""


# Bytes that begin characters of several bytes in one encoding or another.
_some_bytes = st.binary(max_size=6) | st.lists(
    st.sampled_from([0x30, 0x39, 0x41, 0x5C, 0x81, 0x82, 0x93, 0x98, 0xB5, 0xD8, 0xDE, 0xE2, 0xF0, 0xFF]), max_size=6
).map(bytes)


@given(name=st.sampled_from(names), chunks=st.lists(_some_bytes, max_size=8))
def test_any_cutting_gives_the_same_text(name: str, chunks: list[bytes]) -> None:
    decoder = TextDecoder(name)
    text = "".join(decoder.feed(chunk) for chunk in chunks) + decoder.end()
    assert text == decode(b"".join(chunks), name)
