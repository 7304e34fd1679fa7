"""Arrays of source code as bytes."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.array_input import find_head, parse_array
from explorer.wire.placed_error import PlacedError


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("unsigned char data[] = {0x48, 0x69};", "c"),
        ("static const uint8_t d[2] = {\n  72, // H\n  'i', /* i */\n};", "c"),
        ("unsigned char a_dead[] = {\n  0x48, 0x69\n};\nunsigned int a_dead_len = 2;", "c"),
        ("let data: [u8; 2] = [0x48, 0x69];", "rust"),
        ("const D: &[u8] = &[0x48u8, 0x69];", "rust"),
        ("vec![0x48, 0b0110_1001]", "rust"),
        ("data := []byte{0x48, 0x69,\n}", "go"),
        ("var d = [2]byte{'H', 'i'}", "go"),
        ("byte[] data = {(byte) 0x48, 105};", "java"),
        ("byte[] data = new byte[] { 0x48, 0x69 };", "java"),
        ("new Uint8Array([0x48, 0x69])", "javascript"),
        ("Buffer.from([72, 105])", "javascript"),
        ("bytes([72, 105])", "python"),
        ("[72, 105]", None),
        (" x = {0x48, 0x69}", None),
    ],
)
def test_declarations(text: str, language: str | None) -> None:
    assert parse_array(text) == b"Hi"
    head = find_head(text)
    assert (head[0] if head else None) == language


def test_negative_numbers_are_bytes_of_java() -> None:
    assert parse_array("byte[] x = {-1, -128, (byte) 0xFE, 127};") == b"\xff\x80\xfe\x7f"


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("hello", 0, "No array is found here"),
        ("", 0, "No array is found here"),
        ("{1, 256}", 4, "256 does not fit into a byte"),
        ("{1, -129}", 4, "-129 does not fit into a byte"),
        ("{1, 2", 4, "The array has no end; a } is missing there."),
        ("[1 2]", 3, "'2' cannot stand here"),
        ("[1, x]", 4, "'x' cannot stand here"),
        ("[010]", 1, "'0' cannot stand here"),
        ("let d: [u8; 3] = [1, 2];", 17, "declared with 3 bytes but holds 2"),
    ],
)
def test_mistakes_have_a_place(text: str, position: int, words: str) -> None:
    with pytest.raises(PlacedError) as caught:
        parse_array(text)
    assert words in caught.value.message
    assert caught.value.position == position


@pytest.mark.parametrize("text", ["[" + "0x48, " * 50_000, "w" * 100_000, "{1" + "/*" * 50_000, "a[ " * 30_000])
def test_long_texts_take_linear_time(text: str) -> None:
    begin = time.process_time()
    with contextlib.suppress(PlacedError):
        parse_array(text)
    assert time.process_time() - begin < 0.5


@given(st.text("[]{}0x19fF, -'Hu8()byte/*\n=", max_size=40))
def test_anything_gives_bytes_or_a_placed_error(text: str) -> None:
    position = 0
    try:
        parse_array(text)
    except PlacedError as error:
        position = error.position
    assert 0 <= position <= max(0, len(text) - 1)


@pytest.mark.parametrize("blank", ["\u2028", "\xa0", "\x1c", "\x0b", "\t"])
def test_any_white_space_may_stand_between_numbers(blank: str) -> None:
    assert parse_array(f"[{blank}0x48,{blank}0x69{blank}]") == b"Hi"
    assert parse_array(f"x[] = {{{blank}}}") == b""
