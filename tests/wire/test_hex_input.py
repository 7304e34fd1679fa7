"""Hex in any usual way of writing it."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.hex_input import parse_hex
from explorer.wire.placed_error import PlacedError

HEXDUMP = """\
00000000  48 65 6c 6c 6f 20 77 6f  72 6c 64 20 7c 7c 20 7c  |Hello world || ||
00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00000040  61 62 63                                          |abc|
00000043
"""
XXD = """\
00000000: 4865 6c6c 6f20 776f 726c 6420 7c7c 207c  Hello world || |
00000010: 0000 0000 0000 0000 0000 0000 0000 0000  ................
*
00000040: 6162 63                                  abc
"""
DUMPED = b"Hello world || |" + bytes(48) + b"abc"


@pytest.mark.parametrize(
    "text",
    [
        "48 65 6c",
        "48656c",
        "48656C",
        "  4865\n6c\t",
        "48:65:6c",
        "48-65-6C",
        "48_65_6c",
        "48,65,6c",
        "0x48, 0x65, 0x6c",
        "0x48 0X65 0x6c",
        "0x48656c",
        "{0x48,0x65,0x6c}",
        "{ 0x48, 0x65, 0x6c };",
        "[0x48; 0x65; 0x6c]",
        r"\x48\x65\x6c",
        r'"\x48\x65\x6c"',
        r"b'\x48\x65\x6c'",
        "%48%65%6c",
        "48h 65h 6CH",
        "unsigned char a_dead[] = {\n  0x48, 0x65,\n  0x6c\n};\nunsigned int a_dead_len = 3;",
        "00000000  48 65 6c   |Hel|",
        "00000000: 4865 6c                                  Hel",
        "0x0000:  4865 6c                                  Hel",
        "\n\n00000000: 4865\n  \n00000002: 6c\n\n",
        "00001230: 4865\r\n00001232: 6c\r\n00001233:\r\n",
    ],
)
def test_usual_ways_of_writing(text: str) -> None:
    assert parse_hex(text) == b"Hel"


@pytest.mark.parametrize("text", ["", " \n", "{}", '""'])
def test_nothing_is_no_bytes(text: str) -> None:
    assert parse_hex(text) == b""


def test_one_digit_may_stand_alone_after_0x() -> None:
    assert parse_hex("{0x0, 0x5, 0xff}") == b"\x00\x05\xff"


@pytest.mark.parametrize("text", [HEXDUMP, XXD, HEXDUMP.replace("\n", "\r\n")])
def test_dumps_with_folded_lines(text: str) -> None:
    assert parse_hex(text) == DUMPED


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("48 6g", 4, "Character 5: 'g' is not a hex digit (0-9, a-f)."),
        ("48 g6", 3, "Character 4: 'g' is not a hex digit (0-9, a-f)."),
        ("48 5", 3, "'5' has 1 hex digit, an odd number"),
        ("48656", 0, "'48656' has 5 hex digits"),
        ("1" * 31, 0, "'" + "1" * 20 + "…' has 31 hex digits"),
        ("0x123", 0, "'123' has 3 hex digits"),
        ("48 0x", 3, "0x needs hex digits"),
        ("0xzz", 0, "0x needs hex digits"),
        (r"\x4", 0, r"\x needs exactly two hex digits"),
        (r"\x48abc", 0, "use Text or Python input"),
        ("%4", 0, "% needs two hex digits"),
        ("48 é", 3, "'é' is not a hex digit"),
        ("48 \u0664\u0668", 3, "is not a hex digit"),
        ("00000000: 4865\n00000003: 6c", 15, "says offset 3, but the bytes before it end at 2"),
        ("00000000: 4865\nhello", 15, "no line of the hex dump"),
        ("00000000: 4865\n*\n", 15, "ends with *"),
        ("*\n00000000: 4865", 0, "'*' is not a hex digit"),
        ("00000000: 4865\n*\nffffffff:", 17, "4,294,967,293 bytes; at most"),
        ("00000000: 4865\n*\n00000001:", 17, "says offset 1, but"),
        ("00000000: 48zz\n", 12, "'z' is not a hex digit"),
    ],
)
def test_mistakes_have_a_place(text: str, position: int, words: str) -> None:
    with pytest.raises(PlacedError) as caught:
        parse_hex(text)
    assert words in caught.value.message
    assert caught.value.position == position


@pytest.mark.parametrize("text", ["0000000 " + " " * 20_000, "0000000: " + "a " * 10_000 + ":", "=\t{" * 10_000])
def test_long_lines_take_linear_time(text: str) -> None:
    """A pattern that backtracks from every place would take most of a second for these."""
    begin = time.process_time()
    with contextlib.suppress(PlacedError):
        parse_hex(text)
    assert time.process_time() - begin < 0.3


@given(data=st.binary(max_size=40), separator=st.sampled_from(["", " ", ":", ", ", "\n", "-"]))
def test_any_bytes_survive(data: bytes, separator: str) -> None:
    assert parse_hex(separator.join(f"{byte:02x}" for byte in data)) == data


@given(st.text("0123456789abcdefxX{}[]%\\:*| \n\"'ghz", max_size=60))
def test_anything_gives_bytes_or_a_placed_error(text: str) -> None:
    position = 0
    try:
        parse_hex(text)
    except PlacedError as error:
        position = error.position
    assert 0 <= position <= max(0, len(text) - 1)
