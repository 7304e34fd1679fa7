"""Framing `stx_etx`: both common ways of setting the escape, and the way back at the next start."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.fields import Value
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


# A DLE before each STX, ETX and DLE of the message: Allen-Bradley's manual of its 2-D bar code readers ("Transmit LRC
# Checksum"); with SOH and EOT, Microchip's of the MPLAB Harmony bootloader ("Control Characters").
@pytest.mark.parametrize(
    ("payload", "body"),
    [
        ("", ""),
        ("41 42", "41 42"),
        ("41 02 42", "41 10 02 42"),
        ("03", "10 03"),
        ("10", "10 10"),
        ("10 02", "10 10 10 02"),
        ("02 03 10 10 03", "10 02 10 03 10 10 10 10 10 03"),
    ],
)
def test_messages_are_what_others_make_them(payload: str, body: str) -> None:
    message = bytes.fromhex(payload)
    for settings, start, end in (({}, 2, 3), ({"start": "01", "end": "04"}, 1, 4)):
        table = bytes.maketrans(b"\2\3", bytes([start, end]))
        wire = bytes.fromhex(f"02 {body} 03").translate(table)
        stx_etx = framer("stx_etx", **settings)
        assert stx_etx.encode(message.translate(table)) == stx_etx.restore(message.translate(table)) == wire
        assert stx_etx.feed(wire * 2) == [
            Frame(0, len(wire), message.translate(table)),
            Frame(len(wire), len(wire), message.translate(table)),
        ]


# Only DLE is doubled: the first two are facts of the packages dlestxetx (its description) and dle-encoder
# ("Non-escaped mode", where only the message with STX and DLE in it is given).
@pytest.mark.parametrize(
    ("payload", "wire"),
    [
        ("01 10 05", "10 02 01 10 10 05 10 03"),
        ("00 02 10", "10 02 00 02 10 10 10 03"),
        ("", "10 02 10 03"),
        ("03 10 10 02", "10 02 03 10 10 10 10 02 10 03"),
    ],
)
def test_with_the_escape_in_the_marks_only_it_is_doubled(payload: str, wire: str) -> None:
    stx_etx = framer("stx_etx", prefixed=True)
    assert stx_etx.encode(bytes.fromhex(payload)) == stx_etx.restore(bytes.fromhex(payload)) == bytes.fromhex(wire)
    assert stx_etx.feed(bytes.fromhex(wire)) == [Frame(0, len(bytes.fromhex(wire)), bytes.fromhex(payload))]


# NEC's manuals of displays (LCD3215, 4.5 "Check code"): the exclusive or of all between SOH and the check, ETX too.
def test_a_check_behind_the_end_may_cover_the_end() -> None:
    body = b"0A0E0A\x0200100064"
    display = framer("stx_etx", start="01", end="03", behind=1, checksum="xor8", checksum_also="03")
    assert display.feed(b"\1" + body + b"\3\x77") == [Frame(0, 18, body)]
    found = display.feed(b"\1" + body + b"\3\x76")
    assert sentences(found)[0].startswith("Expected checksum 77 (xor8), got 76")


# Rockwell's manuals (5370-CVIM, "BCC"): the two's complement of the sum of the data.
def test_a_check_behind_the_end_may_be_any_byte_and_is_not_escaped() -> None:
    settings: dict[str, Value] = {"prefixed": True, "behind": 1, "checksum": "lrc"}
    wire = bytes.fromhex("10 02 08 09 06 00 02 04 03 10 03 e0")
    assert framer("stx_etx", **settings).feed(wire) == [Frame(0, 12, bytes.fromhex("08 09 06 00 02 04 03"))]
    for check in range(256):
        message = bytes([-check & 0xFF, 0])
        wire = framer("stx_etx", **settings).encode(message)
        assert wire.endswith(bytes([0x10, 3, check]))
        sender = framer("stx_etx", **settings)
        assert payloads([item for byte in wire * 2 for item in sender.feed(bytes([byte]))]) == [message, message]


def test_bytes_behind_the_end_are_the_end_of_the_message_where_there_is_no_checksum() -> None:
    stx_etx = framer("stx_etx", behind=2, max=5)
    assert stx_etx.feed(b"\2a\3\2") == []
    assert stx_etx.pending == 4
    assert stx_etx.feed(b"\3\2\3xy") == [Frame(0, 5, b"a\2\3"), Frame(5, 4, b"xy")]
    assert stx_etx.encode(b"a\2\3") == stx_etx.restore(b"a\2\3") == b"\2a\3\2\3"
    with pytest.raises(InputError, match=r"must end with the 2 bytes that stand behind the end mark; it has 1\."):
        stx_etx.encode(b"a")
    found = stx_etx.feed(b"\2abcd\3xy\2ab\3xy")
    assert facts(found) == [("error", 9, 8, b""), ("frame", 17, 6, b"abxy")]


def test_a_message_too_long_is_skipped_with_what_stands_behind_its_end() -> None:
    stx_etx = framer("stx_etx", behind=2, max=3)
    found = [item for byte in b"\2abcdefghij\3\2\2\2a\3xy" for item in stx_etx.feed(bytes([byte]))]
    assert facts(found) == [("error", 0, None, b""), ("frame", 14, 5, b"axy")]


def test_settings_of_what_stands_behind_the_end_must_fit() -> None:
    with pytest.raises(InputError, match="it ends with 4 bytes, and max allows 3"):
        framer("stx_etx", behind=4, max=3)
    with pytest.raises(InputError, match="takes 2 bytes, but there is room for 1 byte behind the end of the frame"):
        framer("stx_etx", behind=1, checksum="crc16-arc")
    with pytest.raises(InputError, match="from 0 to 8 bytes"):
        picture("stx_etx", behind=9)


def test_whatever_follows_the_escape_is_data() -> None:
    # Microchip: the byte that follows a DLE is always data.
    data = b"\2a\x10b\3\2\x10\x10\x10x\x10\x10\x10\x10\x10\2\3\2\x10a\x10\x10\x10b\x10\x10c\3"
    assert payloads(framer("stx_etx").feed(data)) == [b"ab", b"\x10x\x10\x10\2", b"a\x10b\x10c"]


def test_bytes_between_frames_are_one_error() -> None:
    found, pending = run(framer("stx_etx"), [b"\2a\3LRC\2b\3\r\n"])
    assert (facts(found), pending) == (
        [("frame", 0, 3, b"a"), ("error", 3, None, b""), ("frame", 6, 3, b"b"), ("error", 9, None, b"")],
        0,
    )
    assert sentences(found) == [
        "Expected the start 02, but 4c came; all up to the next start is skipped.",
        "Expected the start 02, but 0d came; all up to the next start is skipped.",
    ]


def test_a_start_inside_a_message_ends_what_came_before_it() -> None:
    found = framer("stx_etx").feed(b"\2ab\2c\3\2\2\2d\3")
    assert facts(found) == [("error", 0, 3, b""), ("frame", 3, 3, b"c"), ("frame", 8, 3, b"d")]
    assert sentences(found) == [
        "Expected the end 03 before the next start 02. What came before that is skipped.",
    ]


def test_another_byte_after_the_escape_is_an_error_where_marks_have_it() -> None:
    stx_etx = framer("stx_etx", prefixed=True)
    assert stx_etx.feed(b"\x10") == []
    assert stx_etx.pending == 1
    found = stx_etx.feed(b"\x06") + stx_etx.feed(b"x\x10") + stx_etx.feed(b"\2a\x10b\x10\3\x10\2c\x10\2d\x10\3")
    assert facts(found) == [
        ("error", 0, None, b""),
        ("error", 3, None, b""),
        ("error", 10, 3, b""),
        ("frame", 13, 5, b"d"),
    ]
    assert sentences(found) == [
        "Expected the start 10 02, but 10 06 came; all up to the next start is skipped.",
        "Expected the end 10 03 or 10 10, but 10 62 came; all up to the next start is skipped.",
        "Expected the end 10 03 before the next start 10 02. What came before that is skipped.",
    ]


def test_max_counts_the_message_and_not_its_escapes() -> None:
    found = framer("stx_etx", max=3).feed(b"\2\x10\2\x10\3\x10\x10\3\2abcd\3\2\x10\2abc\3\2abc\3")
    assert facts(found) == [
        ("frame", 0, 8, b"\2\3\x10"),
        ("error", 8, 6, b""),
        ("error", 14, 7, b""),
        ("frame", 21, 5, b"abc"),
    ]
    assert sentences(found)[0] == (
        "Expected the end 03 after at most 3 bytes, but more bytes came without it; "
        "all up to the next end or start is skipped."
    )


def test_a_message_too_long_that_comes_whole_is_the_same_error() -> None:
    assert facts(framer("stx_etx", max=3).feed(b"\2abcdefg\3\2ok\3")) == [
        ("error", 0, None, b""),
        ("frame", 9, 4, b"ok"),
    ]


@pytest.mark.parametrize("prefixed", [False, True])
@pytest.mark.parametrize("restart", [False, True])
def test_a_message_that_never_ends_is_one_error_and_is_not_held(prefixed: bool, restart: bool) -> None:
    mark = b"\x10" if prefixed else b""
    stx_etx = framer("stx_etx", max=3, prefixed=prefixed)
    assert stx_etx.feed(mark + b"\2abcdef") == []
    found = stx_etx.feed(b"g")
    for _ in range(100):
        found += stx_etx.feed(b"x\x10\x10" * 10)
        assert stx_etx.pending == 0
    found += stx_etx.feed((b"" if restart else mark + b"\3") + mark + b"\2ok" + mark + b"\3")
    after = len(mark) + 3008 + (0 if restart else len(mark) + 1)
    assert facts(found) == [("error", 0, None, b""), ("frame", after, 4 + 2 * len(mark), b"ok")]


def test_a_wrong_escape_in_a_message_that_is_too_long_is_no_second_error() -> None:
    found = framer("stx_etx", max=2, prefixed=True).feed(b"\x10\2abcdefg\x10hij\x10\3\x10\2ok\x10\3")
    assert facts(found) == [("error", 0, None, b""), ("frame", 15, 6, b"ok")]


def test_what_is_too_long_is_not_sent() -> None:
    with pytest.raises(InputError, match="4 bytes; this framing allows at most 3"):
        framer("stx_etx", max=3).encode(b"abcd")


def test_the_picture() -> None:
    assert picture("stx_etx") == "[start 02][payload][end 03]"
    assert picture("stx_etx", behind=3) == "[start 02][payload][end 03][behind: 3]"
    assert picture("stx_etx", behind=3, checksum="sum16") == "[start 02][payload][end 03][behind: 1][sum16: 2 BE]"
    assert picture("stx_etx", behind=1, checksum="sum8") == "[start 02][payload][end 03][sum8: 1]"
    assert picture("stx_etx", start="01", end="04", escape="1b", prefixed=True) == "[start 1b 01][payload][end 1b 04]"


def by_marks(data: bytes, start: bytes, end: bytes, escape: bytes, prefixed: bool, maximum: int) -> Outcome:
    """Reference: token after token of the whole input."""
    begin, finish = (escape + start, escape + end) if prefixed else (start, end)
    pairs = (escape * 2,) if prefixed else tuple(escape + bytes([byte]) for byte in range(256))
    found: list[Fact] = []
    at, lost = 0, False
    while at < len(data):
        if not data.startswith(begin, at):
            if prefixed and data[at:] == escape:
                return found, 0 if lost else 1
            if not lost:
                found.append(("error", at, None, b""))
            lost = True
            at += 1
            continue
        first = at = at + len(begin)
        lost, long, message = False, False, b""
        while at < len(data):
            token = data[at : at + 2] if data.startswith(escape, at) else data[at : at + 1]
            if token in pairs:
                message += token[1:]
            elif len(token) == 1 and token not in (begin, finish, escape):
                message += token
            else:
                break
            at += len(token)
            if at - first > 2 * maximum and not long:
                long = True
                found.append(("error", first - len(begin), None, b""))
        token = data[at : at + len(begin)]
        if len(token) < len(begin) or token == escape:
            return found, 0 if long else len(data) - first + len(begin)
        if token == finish:
            at += len(finish)
            if not long:
                bad = len(message) > maximum
                size = at - first + len(begin)
                found.append(("error" if bad else "frame", first - len(begin), size, b"" if bad else message))
        elif not long and token == begin:
            found += [("error", first - len(begin), at - first + len(begin), b"")] if at > first else []
        elif not long:
            found.append(("error", first - len(begin), None, b""))
        lost = token != finish
    return found, 0


tokens = [b"\2", b"\3", b"\x10", b"a", b"bc", b"\x10\2", b"\x10\3", b"\x10\x10", b"\2d\3"]
noise = st.lists(st.sampled_from(tokens), max_size=30).map(b"".join)


@given(data=noise, prefixed=st.booleans(), maximum=st.integers(1, 6))
def test_any_chunking_agrees_with_the_reference(data: bytes, prefixed: bool, maximum: int) -> None:
    choice = Choice("stx_etx", {"prefixed": prefixed, "max": maximum})
    check_law(choice, data, by_marks(data, b"\2", b"\3", b"\x10", prefixed, maximum))


@given(
    data=st.text("[]\\^-.", max_size=30).map(str.encode),
    marks=st.permutations([b"[", b"]", b"\\", b"^", b"-"]),
    prefixed=st.booleans(),
)
def test_any_bytes_can_be_the_marks(data: bytes, marks: list[bytes], prefixed: bool) -> None:
    start, end, escape, *_ = marks
    named = {"start": start.hex(), "end": end.hex(), "escape": escape.hex()}
    choice = Choice("stx_etx", {**named, "prefixed": prefixed, "max": 4})
    check_law(choice, data, by_marks(data, start, end, escape, prefixed, 4))
    sender = framer("stx_etx", prefixed=prefixed, max=30, **named)
    assert payloads(sender.feed(sender.encode(data) + sender.encode(b""))) == [data, b""]


@pytest.mark.parametrize("prefixed", [False, True])
def test_any_two_cuts_bring_the_same(prefixed: bool) -> None:
    data = b"\2ab\3x\x10\2a\x10\x10\x10\3\x10\2abcdefghij\x10\3\2ab\x10\2c\2\2d\3\2abcd\3\x10\2p\x10"
    check_two_cuts(Choice("stx_etx", {"prefixed": prefixed, "max": 3}), data)


@given(
    messages=st.lists(st.lists(st.sampled_from([b"\2", b"\3", b"\x10", b"a"])).map(b"".join)),
    prefixed=st.booleans(),
)
def test_what_is_sent_is_found(messages: list[bytes], prefixed: bool) -> None:
    wire = b"".join(map(framer("stx_etx", prefixed=prefixed).encode, messages))
    assert payloads(framer("stx_etx", prefixed=prefixed).feed(wire)) == messages


@pytest.mark.parametrize("prefixed", [False, True])
def test_memory_is_bounded(prefixed: bool) -> None:
    for chunk in (b"x" * 65_536, b"\x10\x10" * 32_768):
        endless, outside = (framer("stx_etx", max=65_536, prefixed=prefixed) for _ in range(2))
        assert endless.feed(b"\x10\2" if prefixed else b"\2") == []
        assert growth(partial(feed_all, endless, chunk, 300)) < 1_000_000
        assert growth(partial(feed_all, outside, chunk, 300)) < 1_000_000
        assert endless.pending == outside.pending == 0


@pytest.mark.parametrize("prefixed", [False, True])
@pytest.mark.parametrize("body", [b"x", b"\x10\x10", b"\2", b"\x10"])
def test_single_bytes_take_linear_time(body: bytes, prefixed: bool) -> None:
    begin = b"\x10\2" if prefixed else b"\2"
    check_linear(lambda: framer("stx_etx", prefixed=prefixed), lambda size: begin + (body * size)[:size])
