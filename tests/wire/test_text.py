"""Encodings and the incremental decoder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.wire.text import ENCODINGS, REPLACEMENT, TextDecoder, check_encoding, decode

names = [encoding.name for encoding in ENCODINGS]


def test_the_offered_encodings() -> None:
    assert names == ["utf-8", "ascii", "latin-1", "cp1252", "utf-16-le", "utf-16-be"]
    assert all(check_encoding(name) == name for name in names)


@pytest.mark.parametrize(("alias", "name"), [("UTF8", "utf-8"), ("iso-8859-1", "latin-1"), ("windows-1252", "cp1252")])
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


@given(name=st.sampled_from(names), chunks=st.lists(st.binary(max_size=6), max_size=8))
def test_any_cutting_gives_the_same_text(name: str, chunks: list[bytes]) -> None:
    decoder = TextDecoder(name)
    text = "".join(decoder.feed(chunk) for chunk in chunks) + decoder.end()
    assert text == decode(b"".join(chunks), name)
