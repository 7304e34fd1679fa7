"""The law of framing: any way of cutting the input gives the same frames, errors and offsets.

Every framer is compared with an independent reference in this file that looks at the whole stream
at once and is too simple to be wrong in the same way.
"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Frame, Framer, FramingError
from explorer.wire.framing.registry import make_framer

Facts = list[tuple[str, int, int | None, bytes]]


def facts_of(found: list[Frame | FramingError]) -> Facts:
    """Frames and errors without their sentences, which the reference does not write."""
    return [
        ("frame", item.offset, item.size, item.payload)
        if isinstance(item, Frame)
        else ("error", item.offset, item.size, b"")
        for item in found
    ]


def run(framer: Framer, chunks: list[bytes]) -> tuple[list[Frame | FramingError], int]:
    found: list[Frame | FramingError] = []
    for chunk in chunks:
        found += framer.feed(chunk)
    found += framer.end()
    return found, framer.pending


def by_ending(data: bytes, ending: bytes, maximum: int, *, keep: bool = False, drop_cr: bool = False) -> Facts:
    """Reference for line and delimiter, for input whose last message is whole."""
    facts: Facts = []
    start = 0
    while (at := data.find(ending, start)) >= 0:
        body = data[start:at]
        if drop_cr and body[-1:] == b"\r":
            body = body[:-1]
        stop = at + len(ending)
        if len(body) > maximum:
            facts.append(("error", start, None, b""))
        else:
            facts.append(("frame", start, stop - start, body + ending if keep else body))
        start = stop
    assert start == len(data), "the test must end its input with the ending"
    return facts


def by_length(data: bytes, width: int, order: str, offset: int, adjustment: int, skip: int, maximum: int) -> Facts:
    """Reference for length: byte by byte arithmetic on the whole input."""
    facts: Facts = []
    start = 0
    while start + offset + width <= len(data):
        digits = list(data[start + offset : start + offset + width])
        if order == "little":
            digits.reverse()
        value = 0
        for digit in digits:
            value = value * 256 + digit
        whole = value + adjustment + offset + width
        if whole < offset + width:
            facts.append(("error", start, offset + width, b""))
            start += offset + width
        elif whole > maximum or skip > whole:
            facts.append(("error", start, whole, b""))
            start += whole
        elif start + whole > len(data):
            break
        else:
            facts.append(("frame", start, whole, data[start + skip : start + whole]))
            start += whole
    return facts


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """`data` cut at `places` (taken modulo its size; repeated places give empty chunks)."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


places = st.lists(st.integers(0, 1000), max_size=12)
# Few different bytes make endings, half endings and overlaps common.
noise = st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"aa", b"ab"]), max_size=40).map(b"".join)


@given(data=noise, places=places, ending=st.sampled_from(["lf", "crlf", "any"]), maximum=st.integers(1, 6))
def test_lines_agree_with_the_reference(data: bytes, places: list[int], ending: str, maximum: int) -> None:
    closing = b"\r\n" if ending == "crlf" else b"\n"
    data += closing
    choice = Choice("line", {"ending": ending, "max": maximum})
    found, pending = run(make_framer(choice), cut(data, places))
    assert facts_of(found) == by_ending(data, closing, maximum, drop_cr=ending == "any")
    assert pending == 0


@given(
    data=st.text("ab", max_size=40).map(str.encode),
    places=places,
    delimiter=st.text("ab", min_size=1, max_size=5).map(str.encode),
    maximum=st.integers(1, 6),
    keep=st.booleans(),
)
def test_delimiters_agree_with_the_reference(
    data: bytes, places: list[int], delimiter: bytes, maximum: int, keep: bool
) -> None:
    choice = Choice("delimiter", {"hex": delimiter.hex(), "keep": keep, "max": maximum})
    found, pending = run(make_framer(choice), cut(data, places))
    whole_up_to = 0
    while (at := data.find(delimiter, whole_up_to)) >= 0:
        whole_up_to = at + len(delimiter)
    expected = by_ending(data[:whole_up_to], delimiter, maximum, keep=keep)
    rest = data[whole_up_to:]
    # A rest is too long when even its longest ending that may begin a delimiter leaves more than the maximum.
    least = min(at for at in range(len(rest) + 1) if delimiter.startswith(rest[at:]))
    if least > maximum:
        expected.append(("error", whole_up_to, None, b""))
    assert facts_of(found) == expected
    assert pending == (0 if least > maximum else len(rest))


@given(
    data=st.lists(st.sampled_from([b"\0", b"\1", b"\2", b"\5", b"\xff", b"xyz"]), max_size=40).map(b"".join),
    places=places,
    width=st.integers(1, 8),
    order=st.sampled_from(["big", "little"]),
    offset=st.integers(0, 3),
    adjustment=st.integers(-12, 12),
    skip=st.integers(0, 14),
    maximum=st.integers(14, 40),
)
def test_lengths_agree_with_the_reference(
    data: bytes, places: list[int], width: int, order: str, offset: int, adjustment: int, skip: int, maximum: int
) -> None:
    choice = Choice(
        "length",
        {"width": width, "order": order, "offset": offset, "adjustment": adjustment, "skip": skip, "max": maximum},
    )
    found, pending = run(make_framer(choice), cut(data, places))
    expected = by_length(data, width, order, offset, adjustment, skip, maximum)
    assert facts_of(found) == expected
    done = sum(size or 0 for _, _, size, _ in expected)
    assert pending == max(0, len(data) - done)


@given(data=st.binary(max_size=60), places=places, size=st.integers(1, 20))
def test_fixed_and_raw_cut_equal_pieces(data: bytes, places: list[int], size: int) -> None:
    pieces: Facts = [("frame", at, len(data[at : at + size]), data[at : at + size]) for at in range(0, len(data), size)]
    found, pending = run(make_framer(Choice("raw", {"max": size})), cut(data, places))
    assert (facts_of(found), pending) == (pieces, 0)
    found, pending = run(make_framer(Choice("fixed", {"size": size})), cut(data, places))
    whole = [piece for piece in pieces if piece[2] == size]
    assert (facts_of(found), pending) == (whole, len(data) % size)


EVERY_SPLIT = [
    (Choice("line", {"ending": "any", "max": 3}), b"abc\r\nabc\nabcd\r\nabc\r\r\nab\r\r\n\n\r\nx\ry\nrest"),
    (Choice("line", {"ending": "crlf", "max": 3}), b"abc\r\nabcd\r\nab\r\r\na\nb\r\n\r\n\r\r\r\n\r"),
    (Choice("line", {"ending": "lf", "max": 3}), b"abc\nabcd\nab\r\n\nabcdefg"),
    (Choice("delimiter", {"hex": "616162", "max": 2}), b"aaabaaaabxxaabxxaaabaab"),
    (Choice("delimiter", {"hex": "6161", "max": 2, "keep": True}), b"aaaabaabbaabbbaaabbba"),
    (Choice("fixed", {"size": 4}), b"abcdefghij"),
    (Choice("raw", {"max": 4}), b"abcdefghij"),
    (
        Choice("length", {"width": 2, "max": 6, "skip": 2}),
        b"\0\4abcd\0\5abcde\0\0\0\1x\0\x0fabcdefghijklmno\0\2ok\0\3pa",
    ),
    (Choice("length", {"width": 1, "offset": 1, "adjustment": -2, "skip": 3}), b"h\5abch\0h\2h\3xh\4xyh\1"),
]


@pytest.mark.parametrize(("choice", "data"), EVERY_SPLIT)
def test_every_two_cuts_give_the_same(choice: Choice, data: bytes) -> None:
    whole = run(make_framer(choice), [data])
    assert whole[0], "the example must bring something"
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            assert run(make_framer(choice), [data[:first], data[first:second], data[second:]]) == whole
    assert run(make_framer(choice), [data[at : at + 1] for at in range(len(data))]) == whole


@pytest.mark.parametrize(("choice", "data"), EVERY_SPLIT)
def test_views_are_taken_like_bytes(choice: Choice, data: bytes) -> None:
    framer = make_framer(choice)
    whole = run(make_framer(choice), [data])
    buffer = bytearray(data)
    found = framer.feed(memoryview(buffer)[:7]) + framer.feed(memoryview(buffer)[7:])
    buffer[:] = bytes(len(buffer))  # what was found must not look into a buffer that is used again
    assert (found + framer.end(), framer.pending) == whole
