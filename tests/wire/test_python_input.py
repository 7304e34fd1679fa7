"""Bytes typed as a Python literal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.placed_error import PlacedError
from explorer.wire.python_input import parse_python


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('b"hello\\n"', b"hello\n"),
        ("  b'\\x00\\xff' ", b"\x00\xff"),
        ('"naïve"', "naïve".encode()),
        ('rb"\\n"', b"\\n"),
        ('b"a" b"b"', b"ab"),
        ('(b"a"\n b"b")', b"ab"),
        ('b""', b""),
        ('b"""two\nlines"""', b"two\nlines"),
    ],
)
def test_literals_are_bytes(text: str, data: bytes) -> None:
    assert parse_python(text) == data


def test_text_is_encoded() -> None:
    assert parse_python('"a€"', "cp1252") == b"a\x80"
    with pytest.raises(PlacedError, match=r"'€' \(U\+20AC\), which does not exist in ascii"):
        parse_python('"a€"', "ascii")


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "A Python literal is expected"),
        ("   ", 0, "A Python literal is expected"),
        ("hello", 0, "this is neither"),
        (" 42", 1, "this is neither"),
        ("[1, 2]", 0, "this is neither"),
        ('f"{1}"', 0, "this is neither"),
        ('b"a" + b"b"', 0, "this is neither"),
        ('__import__("os")', 0, "this is neither"),
        ('b"abc', 0, "not a Python literal: unterminated string literal"),
        ('  b"abc', 2, "not a Python literal: unterminated string literal"),
        ('b"é"', None, "not a Python literal"),
        ('b"\\x4"', None, "not a Python literal"),
        ('b"\\q"', None, "invalid escape sequence"),
        ('b"a" "b"', None, "cannot mix bytes and nonbytes"),
        ('"\ud800"', 0, "not a Python literal"),
        ("(" * 5000, None, "not a Python literal"),
        ("(b'a'\n!)", 6, "not a Python literal: invalid syntax"),
    ],
)
def test_mistakes_are_explained(text: str, position: int | None, words: str) -> None:
    with pytest.raises(PlacedError) as caught:
        parse_python(text)
    assert words in caught.value.message
    if position is not None:
        assert caught.value.position == position


@given(st.binary(max_size=40))
def test_any_bytes_survive(data: bytes) -> None:
    assert parse_python(repr(data)) == data


@given(st.text("b\"'\\x0(){}\n#\0 é", max_size=20))
def test_anything_gives_bytes_or_a_placed_error(text: str) -> None:
    position = 0
    try:
        parse_python(text)
    except PlacedError as error:
        position = error.position
    assert 0 <= position <= max(0, len(text) - 1)
