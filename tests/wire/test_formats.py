"""Copying bytes out, and typing them in again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.formats import FORMATS, find_format
from explorer.wire.hexdump import dump, dump_lines
from explorer.wire.text import ENCODINGS

names = [encoding.name for encoding in ENCODINGS]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("hex", "48 69 00 ff"),
        ("plain_hex", "486900ff"),
        ("text", "Hi\0\ufffd"),
        ("escaped", r"Hi\0\xff"),
        ("python", r"b'Hi\x00\xff'"),
        ("dump", "00000000  48 69 00 ff" + " " * 39 + "|Hi··|\n"),
    ],
)
def test_each_format(name: str, written: str) -> None:
    assert find_format(name).render(b"Hi\0\xff", "utf-8") == written


@pytest.mark.parametrize("form", [form for form in FORMATS if form.parse], ids=lambda form: form.name)
@given(data=st.binary(max_size=70), encoding=st.sampled_from(names))
def test_what_is_copied_can_be_typed_in_again(form, data: bytes, encoding: str) -> None:
    assert form.parse(form.render(data, encoding), encoding) == data


def test_only_plain_text_may_lose_bytes() -> None:
    assert [form.name for form in FORMATS if not form.parse] == ["text"]


def test_an_unknown_name_is_a_bug() -> None:
    with pytest.raises(KeyError):
        find_format("morse")


def test_a_dump_has_offsets_two_halves_and_text() -> None:
    assert list(dump_lines(b"0123456789abcdef|\n", start=0x100)) == [
        "00000100  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|",
        "00000110  7c 0a                                             ||·|",
    ]
    assert dump(b"") == ""
    assert dump(memoryview(b"a"), start=1 << 32).startswith("100000000  61")
