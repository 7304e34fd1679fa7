"""Framing `varint`: what protobuf's delimited streams are, and the way back from lengths that cannot be."""

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
    run,
    sentences,
)

# What one number is on the wire: 1, 150 and 300 as in protobuf's guide to its wire format ("Base 128 Varints"), 10,
# 266, 0x4000 and 0x200000 as in Netty's ProtobufVarint32LengthFieldPrependerTest.
NUMBERS = [
    (0, "00"),
    (1, "01"),
    (10, "0a"),
    (127, "7f"),
    (128, "80 01"),
    (150, "96 01"),
    (266, "8a 02"),
    (300, "ac 02"),
    (0x4000, "80 80 01"),
    (0x200000, "80 80 80 01"),
]


@pytest.mark.parametrize(("size", "prefix"), NUMBERS)
def test_lengths_are_written_as_others_write_them(size: int, prefix: str) -> None:
    wire = bytes.fromhex(prefix) + b"\1" * size
    varint = framer("varint", max=1 << 22)
    assert varint.encode(b"\1" * size) == varint.restore(b"\1" * size) == wire
    assert varint.feed(wire) == [Frame(0, len(wire), b"\1" * size)]


def test_a_message_may_come_in_the_parts_of_netty_s_tests() -> None:
    # ProtobufVarint32FrameDecoderTest: 4 bytes, and 2046 behind "fe 0f", in uneven parts.
    tiny = b"\4\1\1\1\1"
    assert run(framer("varint"), [tiny[:1], tiny[1:3], tiny[3:]]) == ([Frame(0, 5, b"\1" * 4)], 0)
    regular = b"\xfe\x0f" + b"\1" * 2046
    parts = [regular[:1], regular[1:128], regular[128:727], regular[727:]]
    assert run(framer("varint"), parts) == ([Frame(0, 2048, b"\1" * 2046)], 0)


@pytest.mark.parametrize("width", range(2, 11))
def test_a_length_may_be_longer_than_needed(width: int) -> None:
    prefix = b"\x82" + b"\x80" * (width - 2) + b"\0"
    assert framer("varint").feed(prefix + b"ok") == [Frame(0, width + 2, b"ok")]


def test_exactly_the_maximum_is_legal_and_one_more_is_not() -> None:
    assert payloads(framer("varint", max=3).feed(b"\3abc\4abcd\0\1x")) == [b"abc", None, b"", b"x"]


def test_a_frame_too_long_is_skipped_exactly_over_many_reads() -> None:
    varint = framer("varint", max=100)
    found = varint.feed(b"\x90\x4e")  # 10,000
    assert facts(found) == [("error", 0, 10_002, b"")]
    assert sentences(found) == ["The length says 10,000 bytes; expected at most 100. The frame is skipped."]
    for _ in range(99):
        assert (varint.feed(b"\2" * 100), varint.pending) == ([], 0)
    assert varint.feed(b"\2" * 100 + b"\2ok") == [Frame(10_002, 3, b"ok")]


def test_ten_bytes_that_all_say_that_another_follows_are_one_error_up_to_the_last() -> None:
    varint = framer("varint")
    assert varint.feed(b"\x80" * 9) == []
    assert varint.pending == 9
    found = varint.feed(b"\xff")
    assert facts(found) == [("error", 0, None, b"")]
    [sentence] = sentences(found)
    assert sentence == (
        "Expected a length of at most 10 bytes, of which the last is 00 to 7f, but all ten say that another follows; "
        "all up to such a last byte is skipped."
    )
    assert (varint.feed(b"\xff" * 1000), varint.pending) == ([], 0)
    assert varint.feed(b"\x05\2ok") == [Frame(1011, 3, b"ok")]


def test_a_number_of_more_than_64_bits_costs_only_its_own_bytes() -> None:
    found = framer("varint").feed(b"\xff" * 9 + b"\x02" + b"\2ok")
    assert facts(found) == [("error", 0, 10, b""), ("frame", 10, 3, b"ok")]
    assert sentences(found) == [
        "The length does not fit into 64 bits; expected at most 10 bytes that hold no more. They are skipped."
    ]
    [largest] = framer("varint").feed(b"\xff" * 9 + b"\x01" + b"\2ok")
    assert largest.size == 10 + (1 << 64) - 1


def test_what_is_too_long_is_not_sent() -> None:
    with pytest.raises(InputError, match="4 bytes; this framing allows at most 3"):
        framer("varint", max=3).encode(b"abcd")


def test_the_picture() -> None:
    assert picture("varint") == "[length: varint][payload]"


def by_varint(data: bytes, maximum: int) -> Outcome:
    """Reference: one byte after the other, as the guide explains it."""
    found: list[Fact] = []
    start = 0
    while start < len(data):
        value = place = 0
        while place < 10 and start + place < len(data):
            value += (data[start + place] % 128) * 128**place
            place += 1
            if data[start + place - 1] < 128:
                break
        begin = start + place
        if data[begin - 1] >= 128 and place < 10:
            return found, len(data) - start
        if data[begin - 1] >= 128:
            found.append(("error", start, None, b""))
            while begin < len(data) and data[begin] >= 128:
                begin += 1
            start = begin + 1
        elif value >= 2**64:
            found.append(("error", start, 10, b""))
            start = begin
        elif value > maximum:
            found.append(("error", start, place + value, b""))
            start = begin + value
        elif begin + value > len(data):
            return found, len(data) - start
        else:
            found.append(("frame", start, place + value, data[begin : begin + value]))
            start = begin + value
    return found, 0


pieces = [b"\0", b"\1a", b"\3abc", b"\x83\x80\0abc", b"\6", b"\x80", b"\x80" * 9, b"\xff" * 8, b"\2", b"\x7f", b"xyz"]


@given(data=st.lists(st.sampled_from(pieces), max_size=12).map(b"".join), maximum=st.integers(1, 8))
def test_any_chunking_agrees_with_the_reference(data: bytes, maximum: int) -> None:
    check_law(Choice("varint", {"max": maximum}), data, by_varint(data, maximum))


@given(data=st.binary(max_size=60), maximum=st.integers(1, 70))
def test_any_bytes_agree_with_the_reference(data: bytes, maximum: int) -> None:
    check_law(Choice("varint", {"max": maximum}), data, by_varint(data, maximum))


def test_any_two_cuts_bring_the_same() -> None:
    data = b"\3abc\x82\x80\0ok\5abcde\0" + b"\xff" * 12 + b"\0\1x" + b"\xff" * 9 + b"\x7f\2yz\4pa"
    check_two_cuts(Choice("varint", {"max": 4}), data)


@given(messages=st.lists(st.binary(max_size=300), max_size=6))
def test_what_is_sent_is_found(messages: list[bytes]) -> None:
    varint = framer("varint", max=300)
    wire = b"".join(map(varint.encode, messages))
    assert payloads(framer("varint", max=300).feed(wire)) == messages


def test_a_declared_size_is_not_allocated() -> None:
    declared = b"\xff\xff\xff\xff\x0f"  # 2**32 - 1
    refused, waiting, endless = framer("varint"), framer("varint", max=1 << 30), framer("varint")
    assert len(refused.feed(declared)) == 1
    assert waiting.feed(b"\xff\xff\xff\xff\x03") == []  # 2**30 - 1
    assert len(endless.feed(b"\xff" * 10)) == 1
    assert growth(lambda: feed_all(refused, b"x" * 65_536, 500)) < 1_000_000
    assert growth(lambda: feed_all(waiting, b"x" * 1000, 100)) < 1_000_000
    assert growth(lambda: feed_all(endless, b"\xff" * 65_536, 500)) < 1_000_000
    assert (refused.pending, waiting.pending, endless.pending) == (0, 100_005, 0)


@pytest.mark.parametrize("stream", [lambda size: b"\xff\xff\x3f" + b"x" * size, lambda size: b"\xff" * size])
def test_single_bytes_take_linear_time(stream) -> None:
    check_linear(lambda: framer("varint"), stream)
