"""Which format pasted text is in."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from explorer.wire.formats import FORMATS, find_format
from explorer.wire.hex_input import parse_hex
from explorer.wire.pasting import parse_any, recognise
from explorer.wire.placed_error import PlacedError
from explorer.wire.text import ENCODINGS
from tests.fakes.untraced import untraced
from tests.wire.test_hex_input import DUMPED, HEXDUMP, XXD

SURE = [form for form in FORMATS if form.name not in ("text", "escaped", "base64")]

WIRESHARK = """\
0000   48 65 6c 6c 6f 20 77 6f 72 6c 64 20 61 62 20 63   Hello world ab c
0010   61 62 20 63 64                                    ab cd
"""
WIRESHARK_STREAM = """\
00000000  48 65 6c 6c 6f 20 77 6f  72 6c 64 20 61 62 20 63   Hello wo rld ab c
00000010  61 62 20 63 64                                     ab cd
"""
OD = "000000 48 65 6c 6c 6f 20 77 6f 72 6c 64 20 61 62 20 63\n000010 61 62 20 63 64\n000015\n"
SAID = b"Hello world ab cab cd"


@pytest.mark.parametrize("form", SURE, ids=lambda form: form.name)
@given(data=st.binary(min_size=1, max_size=70), encoding=st.sampled_from([one.name for one in ENCODINGS]))
def test_what_is_copied_is_recognised(form, data: bytes, encoding: str) -> None:
    found = recognise(form.render(data, encoding), encoding)
    assert found is not None
    assert found.data == data
    same = {"plain_hex": "hex", "hex_escapes": "hex"}
    assert found.name == same.get(form.name, form.name)


@given(data=st.binary(min_size=1, max_size=120))
def test_base64_is_recognised_but_where_it_is_hex_as_well(data: bytes) -> None:
    text = find_format("base64").render(data, "utf-8")
    found = recognise(text)
    assert found is not None
    if found.name == "base64":
        assert found.data == data
    else:
        assert found.name == "hex"
        assert parse_hex(text) == found.data


@given(data=st.binary(min_size=1, max_size=60), encoding=st.sampled_from([one.name for one in ENCODINGS]))
def test_text_with_escapes_is_recognised_by_its_backslashes(data: bytes, encoding: str) -> None:
    text = find_format("escaped").render(data, encoding)
    found = recognise(text, encoding)
    assume(found is None or found.name == "escaped")  # text may be written like anything else, e.g. like hex
    if found is None:
        assert "\\" not in text
    else:
        assert found.data == data


@pytest.mark.parametrize(
    ("text", "data", "label"),
    [
        (HEXDUMP, DUMPED, "Hex dump"),
        (XXD, DUMPED, "Hex dump"),
        (WIRESHARK, SAID, "Hex dump"),
        (WIRESHARK.replace("\n", "\r\n"), SAID, "Hex dump"),
        (WIRESHARK_STREAM, SAID, "Hex dump"),
        (OD, SAID, "Hex dump"),
        ("0000   48 69                                             Hi", b"Hi", "Hex dump"),
        ("dead beef", b"\xde\xad\xbe\xef", "Hex"),
        ("48:69", b"Hi", "Hex"),
        ("%48%69", b"Hi", "Hex"),
        ("{ 0x48 0x69 }", b"Hi", "Hex"),
        ("[72, 105]", b"Hi", "Array of numbers"),
        ("[10, 20]", b"\n\x14", "Array of numbers"),
        ("[48, 05]", b"H\x05", "Hex"),
        ('rb"\\n"', b"\\n", "Python bytes"),
        ("'Hi'", b"Hi", "Python bytes"),
        ('"Hi"', b"Hi", "JSON string"),
        (r"Hi\x00", b"Hi\0", "Text with escapes"),
        ("SGVsbG8=", b"Hello", "Base64"),
        ("data:;base64,SGVsbG8=", b"Hello", "Base64"),
    ],
)
def test_what_other_programs_write(text: str, data: bytes, label: str) -> None:
    assert parse_any(text) == (data, label)


@pytest.mark.parametrize("text", ["", " \n", "hello there!", "GET / HTTP/1.1\r\n", "x = y", "Grüße"])
def test_other_text_stays_text(text: str) -> None:
    assert recognise(text) is None
    with pytest.raises(PlacedError, match="Paste it as text instead"):
        parse_any(text)


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("48 65 6", 6, "an odd number"),
        ("0x48, 0xzz", 6, "0x needs hex digits"),
        ("[1, 2, 300]", 7, "300 does not fit into a byte"),
        ("let d: [u8; 3] = [1, 2];", 17, "declared with 3 bytes"),
        ("b'abc", 0, "not a Python literal"),
        ('"abc', 3, "has no end"),
        (WIRESHARK.replace("0010 ", "0020 "), 74, "says offset 20, but the bytes before it end at 10"),
        (r"a\q", 1, r"\q is not an escape"),
        ("SGVsbG8gd29ybGQgYWJjZGVmZ2hpag2", 30, "bits that belong to no byte"),
    ],
)
def test_mistakes_are_those_of_the_format_that_fits(text: str, position: int, words: str) -> None:
    with pytest.raises(PlacedError) as caught:
        parse_any(text)
    assert words in caught.value.message
    assert caught.value.position == position


@given(st.text("0123456789abcdefxX{}[]%\\:*| \n\"'bghz=+/,.€", max_size=60))
def test_anything_gives_bytes_or_a_placed_error(text: str) -> None:
    position = 0
    try:
        assert isinstance(parse_any(text)[0], bytes)
    except PlacedError as error:
        position = error.position
    assert 0 <= position <= max(0, len(text) - 1)


FRONTS = ("", "x", "[", "[-", "(", '"', "b'", "0x00", "data:", "vec!", "= {", "1,/*", "00000000  00 |", "00000000: ")
REPEATED = (
    " ", "\n", "\n ", "a_", "0", "00 ", "0x00 , ", "(", "[", '"', "'", 'b"" ', "\\", "\\x41", "/*", "// \n", "/**/",
    "= ", "={", "-", "- ", "| ", ": ", "%", "a  ", "(byte)", "byte[]", "[u8 ", "vec! ", "A= ", "1 ,", "*\n",
    "00000000\n", "\u2028",
)  # fmt: skip
ENDS = ("", "x", "}")


@pytest.mark.parametrize("front", FRONTS)
def test_hostile_text_is_read_or_refused_in_linear_time(front: str) -> None:
    """Each of these texts takes about a millisecond; one that took a time of its length squared would take a second."""
    with untraced():
        for repeated, end in itertools.product(REPEATED, ENDS):
            text = front + repeated * (8_000 // len(repeated)) + end
            started = time.thread_time()
            _try_all(text)
            assert time.thread_time() - started < 0.2, (front, repeated, end)


def _try_all(text: str) -> None:
    try:
        parse_any(text)
    except PlacedError:
        assert recognise(text) is None
    else:
        assert recognise(text) is not None


def test_a_long_front_of_white_space_is_no_burden() -> None:
    with untraced():
        started = time.thread_time()
        _try_all(" " * 131_000 + "x")
        assert time.thread_time() - started < 0.25


def test_a_dump_is_not_filled_in_without_end() -> None:
    lines = [f"{row << 20:08x}  {bytes(16).hex(' ')}  |................|\n*" for row in range(99)]
    with pytest.raises(PlacedError, match="at most 16,777,216 bytes of a dump are filled in"):
        parse_any("\n".join((*lines, f"{99 << 20:08x}")))
