"""Framing `slip`: RFC 1055 as its own reader reads it, and strictly as sliplib does."""

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

END, ESC = b"\xc0", b"\xdb"


# Messages and packets as in sliplib's tests/unit/test_slip.py; the last is our own, with both bytes between others.
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("payload", "packet"),
    [
        (b"hallo", b"hallo"),
        (b"x", b"x"),
        (b"a\0b", b"a\0b"),
        (b"\xc0", b"\xdb\xdc"),
        (b"\xdb", b"\xdb\xdd"),
        (b"\xdb\xdc", b"\xdb\xdd\xdc"),
        (b"\xdb\xdd", b"\xdb\xdd\xdd"),
        (b"\xdb\xc0", b"\xdb\xdd\xdb\xdc"),
        (b"\xdb\xdb", b"\xdb\xdd\xdb\xdd"),
        (b"\x01\xdb\x49\xc0\x15", bytes.fromhex("01 db dd 49 db dc 15")),
    ],
)
def test_messages_are_what_others_make_them(payload: bytes, packet: bytes, strict: bool) -> None:
    slip = framer("slip", strict=strict)
    assert slip.encode(payload) == slip.restore(payload) == END + packet + END
    assert slip.feed(packet + END) == [Frame(0, len(packet) + 1, payload)]
    assert slip.feed(END + packet + END) == [Frame(len(packet) + 2, len(packet) + 1, payload)]


@pytest.mark.parametrize("strict", [False, True])
def test_repeated_end_is_no_message(strict: bool) -> None:
    # sliplib: test_multiple_end_bytes_are_ignored_during_decoding.
    data = END * 2 + b"hi" + END * 4 + b"there" + END * 3
    found, pending = run(framer("slip", strict=strict), [data])
    assert (found, pending) == ([Frame(2, 3, b"hi"), Frame(8, 6, b"there")], 0)


@pytest.mark.parametrize("strict", [False, True])
def test_bytes_before_the_first_end_are_a_message(strict: bool) -> None:
    # sliplib: test_single_message_decoding without a leading END.
    assert framer("slip", strict=strict).feed(b"hallo" + END) == [Frame(0, 6, b"hallo")]


def test_lenient_keeps_the_byte_after_a_wrong_escape() -> None:
    # RFC 1055's reader puts whatever follows ESC into the packet.
    slip = framer("slip")
    assert payloads(slip.feed(b"with\xdb error\xc0\xdb\xdb\xdc\xc0\xdb\0\xdb\xdc\xc0")) == [
        b"with error",
        b"\xdb\xdc",
        b"\0\xc0",
    ]


def test_an_end_after_an_escape_still_ends_the_message() -> None:
    assert payloads(framer("slip").feed(b"with trailing\xdb\xc0bye\xc0\xdb\xc0")) == [
        b"with trailing\xdb",
        b"bye",
        b"\xdb",
    ]


@pytest.mark.parametrize(
    ("wrong", "came"),
    [(b"with\xdb error", "20"), (b"abc\xdb", "END (c0)"), (b"\xdbx", "78"), (b"\xdb\xdc\xdb\xdb\xdd", "db")],
)
def test_strict_reports_a_wrong_escape_and_keeps_its_neighbours(wrong: bytes, came: str) -> None:
    # sliplib: test_subsequent_packets_with_wrong_escape_sequence.
    found = framer("slip", strict=True).feed(END.join([b"hallo", wrong, b"bye", b""]))
    size = len(wrong) + 1
    assert facts(found) == [("frame", 0, 6, b"hallo"), ("error", 6, size, b""), ("frame", 6 + size, 4, b"bye")]
    assert sentences(found) == [
        f"Expected dc or dd after ESC (db), but {came} came. The message is skipped up to its END (c0)."
    ]


def test_max_counts_the_message_and_not_its_escapes() -> None:
    found = framer("slip", max=3).feed(b"\xdb\xdc\xdb\xdd\xdb\xdc\xc0abcd\xc0\xdb\xdc\xdb\xddab\xc0abc\xc0")
    assert facts(found) == [
        ("frame", 0, 7, b"\xc0\xdb\xc0"),
        ("error", 7, 5, b""),
        ("error", 12, 7, b""),
        ("frame", 19, 4, b"abc"),
    ]
    assert sentences(found)[0] == (
        "Expected END (c0) after at most 3 bytes, but more bytes came without it; all up to the next one is skipped."
    )


def test_a_message_that_never_ends_is_one_error_and_is_not_held() -> None:
    slip = framer("slip", max=3)
    assert (slip.feed(b"abcdef"), slip.pending) == ([], 6)
    found = slip.feed(b"g")
    for _ in range(100):
        found += slip.feed(b"x" * 50)
        assert slip.pending == 0
    assert facts(found + slip.feed(b"\xc0ok\xc0")) == [("error", 0, None, b""), ("frame", 5008, 3, b"ok")]


def test_what_cannot_be_carried_is_not_sent() -> None:
    with pytest.raises(InputError, match="SLIP cannot carry a message of no bytes"):
        framer("slip").encode(b"")
    with pytest.raises(InputError, match="4 bytes; this framing allows at most 3"):
        framer("slip", max=3).encode(b"abcd")


def test_the_picture() -> None:
    assert picture("slip") == picture("slip", strict=True) == "[END c0][payload][END c0]"


def by_slip(data: bytes, strict: bool, maximum: int) -> Outcome:
    """Reference: one byte after the other, as RFC 1055's reader does."""
    found: list[Fact] = []
    start, message, escaped, broken, too_long = 0, b"", False, False, False
    for at, byte in enumerate(data):
        if byte == 0xC0:
            broken = broken or (escaped and strict)
            message += b"\xdb" if escaped else b""
            if at > start and not too_long:
                bad = broken or len(message) > maximum
                found.append(("error" if bad else "frame", start, at + 1 - start, b"" if bad else message))
            start, message, escaped, broken, too_long = at + 1, b"", False, False, False
        elif at - start == 2 * maximum:
            found.append(("error", start, None, b""))
            too_long = True
        elif escaped:
            broken = broken or (strict and byte not in (0xDC, 0xDD))
            message += {0xDC: b"\xc0", 0xDD: b"\xdb"}.get(byte, bytes([byte]))
            escaped = False
        elif byte == 0xDB:
            escaped = True
        else:
            message += bytes([byte])
    return found, 0 if too_long else len(data) - start


noise = st.lists(st.sampled_from([b"\xc0", b"\xdb", b"\xdc", b"\xdd", b"a", b"bc"]), max_size=40).map(b"".join)


@given(data=noise, strict=st.booleans(), maximum=st.integers(1, 6))
def test_any_chunking_agrees_with_the_reference(data: bytes, strict: bool, maximum: int) -> None:
    check_law(Choice("slip", {"strict": strict, "max": maximum}), data, by_slip(data, strict, maximum))


@pytest.mark.parametrize("strict", [False, True])
def test_any_two_cuts_bring_the_same(strict: bool) -> None:
    data = b"ab\xc0\xc0\xdb\xdc\xdb\xdd\xc0x\xdby\xc0abcdefghijklm\xc0abcd\xc0\xdb\xc0z\xc0re"
    check_two_cuts(Choice("slip", {"strict": strict, "max": 3}), data)


@given(
    messages=st.lists(st.lists(st.sampled_from([b"\xc0", b"\xdb", b"\xdc", b"\xdd", b"a"]), min_size=1).map(b"".join))
)
def test_what_is_sent_is_found(messages: list[bytes]) -> None:
    wire = b"".join(map(framer("slip").encode, messages))
    assert payloads(framer("slip").feed(wire)) == payloads(framer("slip", strict=True).feed(wire)) == messages


def test_memory_is_bounded() -> None:
    slip = framer("slip", max=65_536)
    assert growth(lambda: feed_all(slip, b"x" * 65_536, 500)) < 1_000_000
    assert growth(lambda: feed_all(framer("slip", max=65_536), b"\xdb" * 65_536, 500)) < 1_000_000
    assert slip.pending == 0


@pytest.mark.parametrize("byte", [b"x", b"\xdb", b"\xc0"])
def test_single_bytes_take_linear_time(byte: bytes) -> None:
    check_linear(lambda: framer("slip"), lambda size: byte * size)
