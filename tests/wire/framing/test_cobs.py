"""Framing `cobs`: what the Python package cobs makes of messages, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Frame
from tests.fakes.framing_checks import (
    Fact,
    Outcome,
    check_law,
    check_linear,
    check_two_cuts,
    facts,
    feed_all,
    framer,
    growth,
    payloads,
    picture,
    sentences,
)

ONE_TO_254 = bytes(range(1, 255))
# Facts of cobs-python's src/cobs/cobs/test.py (PredefinedEncodingsTests, ZerosTest, NonZerosTest), each and the 00
# that ends a message; the last is the example of Cheshire and Baker's paper.
ENCODED = [
    (b"", b"\x01"),
    (b"1", b"\x021"),
    (b"12345", b"\x0612345"),
    (b"12345\x006789", b"\x0612345\x056789"),
    (b"\x0012345\x006789", b"\x01\x0612345\x056789"),
    (b"12345\x006789\x00", b"\x0612345\x056789\x01"),
    (b"\0", b"\1\1"),
    (b"\0\0\0", b"\1\1\1\1"),
    (bytes(519), b"\1" * 520),
    (ONE_TO_254[:-1], b"\xfe" + ONE_TO_254[:-1]),
    (ONE_TO_254, b"\xff" + ONE_TO_254),
    (ONE_TO_254 + b"\xff", b"\xff" + ONE_TO_254 + b"\x02\xff"),
    (b"\0" + ONE_TO_254 + b"\xff", b"\1\xff" + ONE_TO_254 + b"\x02\xff"),
    (ONE_TO_254 + b"\0", b"\xff" + ONE_TO_254 + b"\1\1"),
    (ONE_TO_254 * 2, (b"\xff" + ONE_TO_254) * 2),
    (ONE_TO_254 * 3 + b"ab", (b"\xff" + ONE_TO_254) * 3 + b"\3ab"),
    (bytes.fromhex("45 00 00 2c 4c 79 00 00 40 06 4f 37"), bytes.fromhex("02 45 01 04 2c 4c 79 01 05 40 06 4f 37")),
]


@pytest.mark.parametrize(("payload", "packet"), ENCODED, ids=range(len(ENCODED)))
def test_messages_are_what_others_make_them(payload: bytes, packet: bytes) -> None:
    cobs = framer("cobs")
    wire = packet + b"\0"
    assert cobs.encode(payload) == cobs.restore(payload) == wire
    assert cobs.feed(wire * 2) == [Frame(0, len(wire), payload), Frame(len(wire), len(wire), payload)]


def test_a_needless_last_block_is_accepted() -> None:
    wire = b"\xff" + ONE_TO_254 + b"\x01\0"
    assert framer("cobs", max=254).feed(wire) == [Frame(0, 257, ONE_TO_254)]


def test_repeated_zeros_are_no_messages() -> None:
    assert framer("cobs").feed(b"\0\0\x02a\0\0\x01\0") == [Frame(2, 3, b"a"), Frame(6, 2, b"")]


# cobs-python's PredefinedDecodeErrorTests: a code that reaches past the end, at once or after a whole block.
@pytest.mark.parametrize(
    ("wrong", "code", "says", "came"),
    [(b"\x05123", "05", 4, 3), (b"\x0512", "05", 4, 2), (b"\x021\x034", "03", 2, 1), (b"\x011\xff22", "31", 48, 3)],
)
def test_a_code_that_reaches_past_the_end_is_one_error(wrong: bytes, code: str, says: int, came: int) -> None:
    size = len(wrong) + 1
    found = framer("cobs").feed(b"\x02a\0" + wrong + b"\0\x02b\0")
    assert facts(found) == [("frame", 0, 3, b"a"), ("error", 3, size, b""), ("frame", 3 + size, 3, b"b")]
    [sentence] = sentences(found)
    assert sentence == (
        f"The code {code} says that {says} bytes follow it; expected them before the 00 that ends the message, "
        f"but only {came} came. The message is skipped."
    )


def test_max_counts_the_message_and_not_its_codes() -> None:
    cobs = framer("cobs", max=254)
    longest = ONE_TO_254
    assert payloads(cobs.feed(cobs.encode(longest) + b"\xff" + longest + b"\2a\0\x02b\0")) == [longest, None, b"b"]
    found = framer("cobs", max=3).feed(b"\4abc\0\5abcd\0\1\1\1\1\1\0\2x\0")
    assert facts(found) == [
        ("frame", 0, 5, b"abc"),
        ("error", 5, None, b""),
        ("error", 11, None, b""),
        ("frame", 17, 3, b"x"),
    ]
    assert sentences(found)[0] == (
        "Expected 00 after at most 3 bytes, but more bytes came without it; all up to the next one is skipped."
    )


def test_a_message_of_many_blocks_that_is_too_long_is_one_error_when_it_ends() -> None:
    # 255 bytes in blocks of one: 256 on the wire, as many as a legal message of 254 bytes may take.
    assert facts(framer("cobs", max=254).feed(b"\1" * 256 + b"\0\2x\0")) == [
        ("error", 0, 257, b""),
        ("frame", 257, 3, b"x"),
    ]


def test_a_message_that_never_ends_is_one_error_and_is_not_held() -> None:
    cobs = framer("cobs", max=3)
    found = cobs.feed(b"abcde")
    for _ in range(100):
        found += cobs.feed(b"x" * 50)
        assert cobs.pending == 0
    assert facts(found + cobs.feed(b"\0\x03ok\0")) == [("error", 0, None, b""), ("frame", 5006, 4, b"ok")]


def test_what_is_too_long_is_not_sent() -> None:
    with pytest.raises(InputError, match="4 bytes; this framing allows at most 3"):
        framer("cobs", max=3).encode(b"abcd")


def test_the_picture() -> None:
    assert picture("cobs") == "[code][payload][00]"


def by_cobs(data: bytes, maximum: int) -> Outcome:
    """Reference: block after block of each packet."""
    found: list[Fact] = []
    start = 0
    *packets, rest = data.split(b"\0")
    for packet in packets:
        if len(packet) > maximum + maximum // 254 + 1:
            found.append(("error", start, None, b""))
        elif packet:
            message, left = b"", packet
            while left:
                code, block, left = left[0], left[1 : left[0]], left[left[0] :]
                broken = len(block) + 1 < code
                message += block + (b"\0" if left and code < 255 else b"")
            bad = broken or len(message) > maximum
            found.append(("error" if bad else "frame", start, len(packet) + 1, b"" if bad else message))
        start += len(packet) + 1
    if len(rest) > maximum + maximum // 254 + 1:
        found.append(("error", start, None, b""))
        rest = b""
    return found, len(rest)


noise = st.lists(st.sampled_from([b"\0", b"\1", b"\2", b"\3", b"\4ab", b"\1\1\1", b"\2a\2b\2c", b"\xff"]), max_size=30)


@given(data=noise.map(b"".join), maximum=st.integers(1, 12))
def test_any_chunking_agrees_with_the_reference(data: bytes, maximum: int) -> None:
    check_law(Choice("cobs", {"max": maximum}), data, by_cobs(data, maximum))


block = st.sampled_from([b"\1", b"\2a", b"\xfe" + b"b" * 253, b"\xff" + b"c" * 254, b"\1" * 300, b"\3de" * 90, b"\xff"])


@given(blocks=st.lists(block, max_size=6), maximum=st.integers(1, 1600))
def test_large_blocks_agree_with_the_reference(blocks: list[bytes], maximum: int) -> None:
    data = b"".join(blocks) + b"\0\2x\0"
    found = framer("cobs", max=maximum).feed(data)
    assert (facts(found), 0) == by_cobs(data, maximum)


def test_any_two_cuts_bring_the_same() -> None:
    data = b"\2a\0\0\1\0\3ab\1\2c\0\5ab\0\5abcde\0abcdefghijkl\0\2y\0\4re"
    check_two_cuts(Choice("cobs", {"max": 5}), data)


@given(
    parts=st.lists(st.one_of(st.binary(max_size=5), st.sampled_from([bytes(300), ONE_TO_254, b"x" * 253])), max_size=6)
)
def test_what_is_sent_is_found(parts: list[bytes]) -> None:
    message = b"".join(parts)
    wire = framer("cobs").encode(message)
    assert wire.count(0) == 1
    assert 2 <= len(wire) - len(message) <= 2 + len(message) // 254
    assert framer("cobs").feed(wire) == [Frame(0, len(wire), message)]


def test_memory_is_bounded() -> None:
    cobs = framer("cobs", max=65_536)
    assert growth(lambda: feed_all(cobs, b"x" * 65_536, 500)) < 1_000_000
    assert cobs.pending == 0


@pytest.mark.parametrize("byte", [b"x", b"\1", b"\0"])
def test_single_bytes_take_linear_time(byte: bytes) -> None:
    check_linear(lambda: framer("cobs"), lambda size: byte * size)
