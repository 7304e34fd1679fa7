"""Copying bytes out, and typing them in again."""

from __future__ import annotations

import base64
import json

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
        ("hex_escapes", r"\x48\x69\x00\xff"),
        ("text", "Hi\0\ufffd"),
        ("escaped", r"Hi\0\xff"),
        ("python", r"b'Hi\x00\xff'"),
        ("dump", "00000000  48 69 00 ff" + " " * 39 + "|Hi··|\n"),
        ("c", "unsigned char data[] = {0x48, 0x69, 0x00, 0xff};"),
        ("rust", "let data: [u8; 4] = [0x48, 0x69, 0x00, 0xff];"),
        ("go", "data := []byte{0x48, 0x69, 0x00, 0xff}"),
        ("java", "byte[] data = {0x48, 0x69, 0x00, (byte) 0xff};"),
        ("javascript", "new Uint8Array([0x48, 0x69, 0x00, 0xff])"),
        ("base64", "SGkA/w=="),
        ("json", r'"Hi\u0000\udcff"'),
    ],
)
def test_each_format(name: str, written: str) -> None:
    assert find_format(name).render(b"Hi\0\xff", "utf-8") == written


@pytest.mark.parametrize("form", [form for form in FORMATS if form.parse], ids=lambda form: form.name)
@given(data=st.binary(max_size=70), encoding=st.sampled_from(names))
def test_what_is_copied_can_be_typed_in_again(form, data: bytes, encoding: str) -> None:
    assert form.parse(form.render(data, encoding), encoding) == data


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@given(chunks=st.lists(st.binary(max_size=40), max_size=6), encoding=st.sampled_from(names))
def test_any_cutting_into_pieces_gives_the_same_text(form, chunks: list[bytes], encoding: str) -> None:
    data = b"".join(chunks)
    assert "".join(form.write(chunks, encoding, len(data))) == form.render(data, encoding)


def test_long_arrays_have_twelve_bytes_a_line_and_a_last_comma() -> None:
    assert find_format("rust").render(bytes(range(13)), "utf-8").splitlines() == [
        "let data: [u8; 13] = [",
        "    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,",
        "    0x0c,",
        "];",
    ]
    assert find_format("go").render(bytes(13), "utf-8").endswith("0x00,\n}\n")


def test_long_base64_and_python_have_lines() -> None:
    lines = find_format("base64").render(bytes(58), "utf-8").splitlines()
    assert [len(line) for line in lines] == [76, 4]
    written = find_format("python").render(bytes(range(200)), "utf-8")
    assert max(len(line) for line in written.splitlines()) < 300
    assert eval(written) == bytes(range(200))


@given(data=st.binary(max_size=60))
def test_other_programs_read_what_is_written(data: bytes) -> None:
    assert json.loads(find_format("json").render(data, "utf-8")).encode("utf-8", "surrogateescape") == data
    assert base64.b64decode(find_format("base64").render(data, "utf-8")) == data
    inside = find_format("javascript").render(data, "utf-8").removeprefix("new Uint8Array(").removesuffix("\n")
    assert bytes(eval(inside.removesuffix(")"))) == data


def test_names_suffixes_and_filters() -> None:
    assert len({form.name for form in FORMATS}) == len(FORMATS) == len({form.label for form in FORMATS})
    assert find_format("c").file_filter == "C source (*.c)"
    suffixes = {form.suffix for form in FORMATS}
    assert suffixes == {".hex", ".txt", ".py", ".c", ".rs", ".go", ".java", ".js", ".b64", ".json"}


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
