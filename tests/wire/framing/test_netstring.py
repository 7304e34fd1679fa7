"""Framing `netstring`: Bernstein's definition, what Twisted refuses, and the way back after a mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Frame, FramingError
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

SEARCH = "; the next netstring is searched after a comma."


# The first two from Bernstein's "Netstrings" (1997), the others from Twisted's NetstringReceiverTests.
@pytest.mark.parametrize(
    ("payload", "wire"),
    [
        (b"hello world!", bytes.fromhex("31 32 3a 68 65 6c 6c 6f 20 77 6f 72 6c 64 21 2c")),
        (b"", b"0:,"),
        (b"a", b"1:a,"),
        (b"ab", b"2:ab,"),
        (b"1:a,", b"4:1:a,,"),
        (b":today", b"6::today,"),
        (b"a" * 515, b"515:" + b"a" * 515 + b","),
    ],
)
def test_messages_are_what_others_make_them(payload: bytes, wire: bytes) -> None:
    netstring = framer("netstring")
    assert netstring.encode(payload) == netstring.restore(payload) == wire
    assert netstring.feed(wire * 2) == [Frame(0, len(wire), payload), Frame(len(wire), len(wire), payload)]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([b"4:aa", b"aa,"], [b"aaaa"]),
        ([b"1", b"0:01234", b"56789", b","], [b"0123456789"]),
        ([b"2", b":", b"a", b"b", b","], [b"ab"]),
        ([b"1:a,1", b":b,"], [b"a", b"b"]),
    ],
)
def test_messages_may_come_in_the_parts_of_twisted_s_tests(parts: list[bytes], expected: list[bytes]) -> None:
    found, pending = run(framer("netstring"), parts)
    assert (payloads(found), pending) == (expected, 0)


# Each is refused by Twisted (NetstringReceiverTests: illegalStrings, and those about wrong numbers and colons).
@pytest.mark.parametrize(
    ("wire", "sentence"),
    [
        (b"9999999999999999999999", "Expected a colon after at most 10 digits, but '9' (39) came"),
        (b"abc", "Expected a digit of the length, but 'a' (61) came"),
        (b"4:abcde", "Expected a comma after the 4 bytes of the message, but 'e' (65) came"),
        (b"2:aaa,", "Expected a comma after the 2 bytes of the message, but 'a' (61) came"),
        (b"0:a,", "Expected a comma after the 0 bytes of the message, but 'a' (61) came"),
        (b":aaa,", "Expected a digit of the length, but ':' (3a) came"),
        (b"3aaa,", "Expected a digit or a colon, but 'a' (61) came"),
        (b"aaa,", "Expected a digit of the length, but 'a' (61) came"),
        # Bernstein: extra zeros at the front are prohibited.
        (b"05:hello,", "Expected a colon after the length 0, but '5' (35) came"),
        (b"00:,", "Expected a colon after the length 0, but '0' (30) came"),
        (b"\n", "Expected a digit of the length, but 0a came"),
    ],
)
def test_what_others_refuse_is_one_error(wire: bytes, sentence: str) -> None:
    netstring = framer("netstring")
    found = netstring.feed(wire)
    assert facts(found) == [("error", 0, None, b"")]
    assert sentences(found) == [sentence + SEARCH]
    assert netstring.pending == 0


def test_exactly_the_maximum_is_legal_and_one_more_is_not() -> None:
    # Twisted's test_consumeLengthBorderCase1 and 2, and the last of its illegalStrings.
    assert payloads(framer("netstring", max=12).feed(b"12:hello world!,")) == [b"hello world!"]
    assert facts(framer("netstring", max=50).feed(b"51:" + b"a" * 50 + b"b,")) == [("error", 0, 55, b"")]
    found = framer("netstring", max=11).feed(b"12:hello world!,2:ok,")
    assert facts(found) == [("error", 0, 16, b""), ("frame", 16, 5, b"ok")]
    assert sentences(found) == ["The length says 12 bytes; expected at most 11. The netstring is skipped."]


def test_a_message_too_long_is_skipped_exactly_over_many_reads_whatever_it_holds() -> None:
    netstring = framer("netstring", max=100)
    found = netstring.feed(b"1000:")
    for _ in range(100):
        found += netstring.feed(b",5:hello,,")
        assert netstring.pending == 0
    assert facts(found + netstring.feed(b",2:ok,")) == [("error", 0, 1006, b""), ("frame", 1006, 5, b"ok")]


@pytest.mark.parametrize("parts", [[b"9:123456789x,2:ok,"], [b"9:123456789", b"x,2:ok,"]])
def test_a_message_too_long_without_its_comma_is_two_errors(parts: list[bytes]) -> None:
    found, pending = run(framer("netstring", max=5), parts)
    assert (facts(found), pending) == ([("error", 0, 12, b""), ("error", 12, None, b""), ("frame", 13, 5, b"ok")], 0)
    said = "Expected the comma that ends the skipped message in front of this, but 'x' (78) came"
    assert sentences(found)[1] == said + SEARCH


def test_a_missing_comma_is_told_of_the_bytes_behind_it() -> None:
    """What is skipped ends with the place of the comma; nothing is told of what has not come."""
    netstring = framer("netstring", max=5)
    assert facts(netstring.feed(b"9:123456789x")) == [("error", 0, 12, b"")]
    assert netstring.pending == 0
    assert facts(netstring.feed(b"2:no,2:ok,")) == [("error", 12, None, b""), ("frame", 17, 5, b"ok")]


@pytest.mark.parametrize(
    ("wire", "after"),
    [
        (b"oops, what?,3:abc,", [(12, b"abc")]),  # a comma alone is no beginning
        (b"5:hello,,3:abc,", [(9, b"abc")]),  # the comma that is one too many stands before the next
        (b"5:abc,3:xyz,", [(6, b"xyz")]),  # the length was wrong, and the next one stands inside
        (b"7:abc,2:xy,3:xyz,", [(6, b"xy"), (11, b"xyz")]),
        (b"x,05:hello,3:abc,", [(11, b"abc")]),  # zeros in front
        (b"x,99:abc,3:abc,", [(9, b"abc")]),  # longer than max
        (b"x,12345678901:,3:abc,", [(15, b"abc")]),  # more than ten digits
        (b"x,3abc,3:abc,", [(7, b"abc")]),
        (b"x5:hello,", []),  # the first after a mistake is found only behind a comma
    ],
)
def test_the_next_netstring_is_found_behind_a_comma(wire: bytes, after: list[tuple[int, bytes]]) -> None:
    found, pending = run(framer("netstring", max=20), [wire])
    assert [(item.offset, item.payload) for item in found if item.offset and isinstance(item, Frame)] == after
    assert len(sentences(found)) == 1
    assert pending == 0


def test_wrong_beginnings_are_errors_of_their_own() -> None:
    found = framer("netstring").feed(b"x,3:12,34:,2:ok,")
    assert [item.offset for item in found] == [0, 2]
    assert payloads(found) == [None, None]


def test_what_is_too_long_is_not_sent() -> None:
    with pytest.raises(InputError, match="4 bytes; this framing allows at most 3"):
        framer("netstring", max=3).encode(b"abcd")


def test_the_picture() -> None:
    assert picture("netstring") == "[length: digits][:][payload][,]"


def search(data: bytes, place: int, maximum: int) -> int:
    """Reference for the way back: where the next netstring may begin, or the end."""
    for at in range(place, len(data)):
        length, colon, _ = data[at + 1 :].partition(b":")
        number = int(length) if length.isdigit() and len(length) <= 10 else maximum + 1
        if data[at] == ord(",") and colon and number <= maximum and length == b"%d" % number:
            return at + 1
    return len(data)


def by_netstring(data: bytes, maximum: int) -> Outcome:
    """Reference: Bernstein's definition on the whole input."""
    found: list[Fact] = []
    start = 0
    while start < len(data):
        at = start
        while at < len(data) and at - start < 10 and chr(data[at]) in "0123456789" and data[start:at] != b"0":
            at += 1
        if at == len(data):
            return found, at - start
        if at == start or data[at] != ord(":"):
            found.append(("error", start, None, b""))
            start = search(data, at, maximum)
            continue
        size, begin = int(data[start:at]), at + 1
        stop = begin + size
        if size > maximum:
            found.append(("error", start, stop + 1 - start, b""))
            if stop + 1 < len(data) and data[stop] != ord(","):
                found.append(("error", stop + 1, None, b""))
                start = search(data, stop + 1, maximum)
            else:
                start = stop + 1
        elif stop >= len(data):
            return found, len(data) - start
        elif data[stop] == ord(","):
            found.append(("frame", start, stop + 1 - start, data[begin:stop]))
            start = stop + 1
        else:
            found.append(("error", start, None, b""))
            start = search(data, begin, maximum)
    return found, 0


pieces = [b"0:,", b"1:a,", b"3:abc,", b"3:", b"12:", b",", b":", b"0", b"5", b"1234567890", b"x", b",2:"]


@given(data=st.lists(st.sampled_from(pieces), max_size=14).map(b"".join), maximum=st.integers(1, 9))
def test_any_chunking_agrees_with_the_reference(data: bytes, maximum: int) -> None:
    check_law(Choice("netstring", {"max": maximum}), data, by_netstring(data, maximum))


@given(data=st.text("012:,a", max_size=40).map(str.encode), maximum=st.sampled_from([1, 3, 12, 200]))
def test_any_bytes_agree_with_the_reference(data: bytes, maximum: int) -> None:
    check_law(Choice("netstring", {"max": maximum}), data, by_netstring(data, maximum))


def test_any_two_cuts_bring_the_same() -> None:
    data = b"3:abc,0:,12:hello world!,4:abc,3:xyz,00,3:ab\xff,9:123456789,9:123456789x,1:y,5:par"
    check_two_cuts(Choice("netstring", {"max": 5}), data)


@given(messages=st.lists(st.binary(max_size=30), max_size=6))
def test_what_is_sent_is_found(messages: list[bytes]) -> None:
    wire = b"".join(map(framer("netstring").encode, messages))
    assert payloads(framer("netstring").feed(wire)) == messages


def test_a_declared_size_is_not_allocated() -> None:
    refused, waiting, lost = framer("netstring"), framer("netstring", max=1 << 30), framer("netstring")
    assert len(refused.feed(b"4294967295:")) == 1
    assert waiting.feed(b"1073741823:") == []
    assert len(lost.feed(b"?")) == 1
    assert growth(lambda: feed_all(refused, b"x" * 65_536, 500)) < 1_000_000
    assert growth(lambda: feed_all(waiting, b"x" * 1000, 100)) < 1_000_000
    assert growth(lambda: feed_all(lost, b",123456789" * 6_554, 500)) < 1_000_000
    assert (refused.pending, waiting.pending, lost.pending) == (0, 100_011, 0)


def false_beginnings(size: int) -> bytes:
    """Very many lengths, one behind another, whose commas are missing one after another, a byte apart, much later."""
    half = size // 2
    made, at = [b"x"], 1
    while at < half - 8:
        comma = half + len(made)
        width = next(width for width in range(1, 8) if len(str(comma - at - width - 2)) == width)
        made.append(b",%d:" % (comma - at - width - 2))
        at += width + 2
    return b"".join(made).ljust(size, b"x")


def test_false_beginnings_are_an_error_each() -> None:
    stream = false_beginnings(2000)
    found = framer("netstring").feed(stream)
    assert len(found) == stream.count(b":") + 1 > 100
    assert {type(item) for item in found} == {FramingError}


@pytest.mark.parametrize("stream", [lambda size: b"1000000:" + b"x" * size, lambda size: b"," * size, false_beginnings])
def test_single_bytes_take_linear_time(stream) -> None:
    check_linear(lambda: framer("netstring"), stream)
