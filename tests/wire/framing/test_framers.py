"""What single framers do at their edges: exact maxima, skipping over many reads, speed, memory, sending."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Frame, Framer, FramingError
from explorer.wire.framing.registry import make_framer


def framer(kind: str, **settings: int | str | bool) -> Framer:
    return make_framer(Choice(kind, settings))


def payloads(found: list[Frame | FramingError]) -> list[bytes | None]:
    """Payloads; None for an error."""
    return [item.payload if isinstance(item, Frame) else None for item in found]


class TestLine:
    def test_three_endings_differ_in_what_a_cr_is(self) -> None:
        data = b"a\r\nb\nc\rd\r\n"
        assert payloads(framer("line", ending="lf").feed(data)) == [b"a\r", b"b", b"c\rd\r"]
        assert payloads(framer("line", ending="crlf").feed(data)) == [b"a", b"b\nc\rd"]
        assert payloads(framer("line", ending="any").feed(data)) == [b"a", b"b", b"c\rd"]

    def test_only_one_cr_belongs_to_the_ending(self) -> None:
        assert payloads(framer("line", ending="any").feed(b"a\r\r\n\r\n")) == [b"a\r", b""]

    @pytest.mark.parametrize(("ending", "wire"), [("lf", b"\n"), ("crlf", b"\r\n"), ("any", b"\r\n"), ("any", b"\n")])
    def test_exactly_the_maximum_is_legal_when_the_ending_comes_later(self, ending: str, wire: bytes) -> None:
        line = framer("line", ending=ending, max=4)
        assert line.feed(b"abcd") == []
        assert line.pending == 4
        for byte in wire[:-1]:
            assert line.feed(bytes([byte])) == []
        assert line.feed(wire[-1:]) == [Frame(0, 4 + len(wire), b"abcd")]
        assert line.pending == 0

    def test_one_byte_too_many_is_an_error_as_soon_as_it_is_certain(self) -> None:
        assert payloads(framer("line", max=4).feed(b"abcde")) == [None]
        line = framer("line", ending="any", max=4)
        assert line.feed(b"abcd\r") == []  # a line feed may follow
        assert payloads(line.feed(b"\r")) == [None]
        line = framer("line", ending="crlf", max=4)
        assert line.feed(b"abcd\r") == []
        assert payloads(line.feed(b"x")) == [None]

    def test_a_long_line_is_one_error_and_the_next_lines_are_found(self) -> None:
        line = framer("line", max=3)
        found = line.feed(b"ok\nabcd")
        for _ in range(100):
            found += line.feed(b"x" * 50)
            assert line.pending == 0
        found += line.feed(b"\nab\nabc\n")
        assert [(item.offset, item.size) for item in found] == [(0, 3), (3, None), (5008, 3), (5011, 4)]
        assert payloads(found) == [b"ok", None, b"ab", b"abc"]

    def test_an_ending_cut_in_two_ends_the_skipping(self) -> None:
        line = framer("line", ending="crlf", max=3)
        found = line.feed(b"abcdef\r") + line.feed(b"\nok\r\n")
        assert payloads(found) == [None, b"ok"]

    def test_the_error_says_what_was_expected(self) -> None:
        [error] = framer("line", ending="any", max=3).feed(b"abcde")
        assert isinstance(error, FramingError)
        assert error.message == (
            "Expected the line ending (LF or CR LF) after at most 3 bytes, but more bytes came without it; "
            "all up to the next one is skipped."
        )

    def test_a_rest_without_ending_stays_pending(self) -> None:
        line = framer("line")
        assert line.feed(b"a\nrest") == [Frame(0, 2, b"a")]
        assert line.end() == []
        assert line.pending == 4

    def test_encode_adds_the_ending(self) -> None:
        assert framer("line").encode(b"a\r") == b"a\r\n"
        assert framer("line", ending="crlf").encode(b"a\nb\r") == b"a\nb\r\r\n"
        assert framer("line", ending="any").encode(b"a") == b"a\n"
        assert framer("line", ending="any").encode(b"a\r") == b"a\r\r\n"

    def test_encode_refuses_what_would_be_cut_or_too_long(self) -> None:
        with pytest.raises(InputError, match=r"cut at byte 1: .* line ending \(LF\)"):
            framer("line").encode(b"a\nb")
        with pytest.raises(InputError, match="5 bytes; this framing allows at most 4"):
            framer("line", max=4).encode(b"abcde")


class TestDelimiter:
    def test_delimiters_that_overlap_themselves_are_found_from_the_left(self) -> None:
        assert payloads(framer("delimiter", hex="6161").feed(b"aaaaab")) == [b"", b""]

    def test_keep_leaves_it_at_the_end(self) -> None:
        assert payloads(framer("delimiter", hex="3b", keep=True).feed(b"a;b;")) == [b"a;", b"b;"]

    def test_max_does_not_count_the_delimiter(self) -> None:
        assert payloads(framer("delimiter", hex="00ff", keep=True, max=2).feed(b"ab\x00\xff")) == [b"ab\x00\xff"]

    def test_encode_adds_the_delimiter_once(self) -> None:
        assert framer("delimiter", hex="3b").encode(b"a") == b"a;"
        keeping = framer("delimiter", hex="3b", keep=True, max=2)
        assert keeping.encode(b"ab") == keeping.encode(b"ab;") == keeping.restore(b"ab;") == b"ab;"
        with pytest.raises(InputError, match="3 bytes"):
            keeping.encode(b"abc;")
        with pytest.raises(InputError, match=r"cut at byte 1: .* delimiter \(3b\)"):
            framer("delimiter", hex="3b", keep=True).encode(b"a;b;")

    def test_encode_refuses_a_payload_that_makes_an_earlier_delimiter(self) -> None:
        with pytest.raises(InputError, match="cut at byte 0"):
            framer("delimiter", hex="6161").encode(b"a")


class TestFixedAndRaw:
    def test_fixed_takes_only_its_size(self) -> None:
        fixed = framer("fixed", size=3)
        assert fixed.encode(b"abc") == fixed.restore(b"abc") == b"abc"
        with pytest.raises(InputError, match="exactly 3 bytes; this one has 2"):
            fixed.encode(b"ab")

    def test_raw_gives_the_rest_at_the_end_and_sends_anything(self) -> None:
        raw = framer("raw", max=4)
        assert raw.feed(b"abcdef") == [Frame(0, 4, b"abcd")]
        assert raw.pending == 2
        assert raw.end() == [Frame(4, 2, b"ef")]
        assert (raw.pending, raw.end()) == (0, [])
        assert raw.feed(b"ghij") == [Frame(6, 4, b"ghij")]
        assert raw.encode(b"abcdef") == raw.restore(b"abcdef") == b"abcdef"


class TestLength:
    def test_the_whole_frame_is_value_adjustment_offset_and_width(self) -> None:
        # HTTP/2's header: 3 bytes of length, then 6 that the length does not count.
        http2 = framer("length", width=3, adjustment=6)
        frame = b"\0\0\2" + b"\4\0\0\0\0\1" + b"hi"
        assert http2.feed(frame * 2) == [Frame(0, 11, frame), Frame(11, 11, frame)]
        # A value that counts the whole frame, little endian, after a two-byte header.
        counted = framer("length", width=2, order="little", offset=2, adjustment=-4, skip=4)
        assert counted.feed(b"hh\x07\x00abc") == [Frame(0, 7, b"abc")]

    def test_exactly_the_maximum_is_legal_and_one_more_is_not(self) -> None:
        exact = framer("length", width=1, max=5)
        assert payloads(exact.feed(b"\4abcd\5abcde\4abcd")) == [b"\4abcd", None, b"\4abcd"]

    def test_a_frame_too_long_is_skipped_exactly_over_many_reads(self) -> None:
        length = framer("length", width=4, max=100, skip=4)
        found = length.feed(b"\0\0\x27\x10")  # 10,000
        assert [(item.offset, item.size) for item in found] == [(0, 10_004)]
        for _ in range(99):
            assert length.feed(b"\0" * 100) == []
            assert length.pending == 0
        assert length.feed(b"\0" * 100 + b"\0\0\0\2ok") == [Frame(10_004, 6, b"ok")]

    def test_a_frame_shorter_than_its_header_costs_only_the_header(self) -> None:
        length = framer("length", width=1, adjustment=-3)
        found = length.feed(b"\2\4ab")
        assert found[0].offset == 0
        assert found[0].size == 1
        assert found[1:] == [Frame(1, 2, b"\4a")]

    def test_a_frame_shorter_than_what_is_cut_is_skipped(self) -> None:
        length = framer("length", width=1, skip=3)
        found = length.feed(b"\1a\2ab\3abc")
        assert [(item.offset, item.size) for item in found] == [(0, 2), (2, 3), (5, 4)]
        assert payloads(found) == [None, b"", b"c"]

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (b"\x09", "The length field says 9, so the whole frame would have 8 bytes; expected at most 6."),
            (b"\x01", "The length field says 1, so the whole frame would have 0 bytes; expected at least the 1 bytes"),
            (b"\x03", "says 3, so the whole frame would have 2 bytes; expected at least the 3 that are cut"),
        ],
    )
    def test_errors_say_what_was_expected_and_what_came(self, data: bytes, sentence: str) -> None:
        [error] = framer("length", width=1, adjustment=-2, skip=3, max=6).feed(data)
        assert isinstance(error, FramingError)
        assert sentence in error.message

    def test_the_largest_value_of_eight_bytes_is_one_error(self) -> None:
        length = framer("length", width=8)
        [error] = length.feed(b"\xff" * 8 + b"x" * 1000)
        assert error.size == (1 << 64) - 1 + 8
        assert length.end() == []
        assert length.pending == 0

    def test_a_declared_size_is_not_allocated(self) -> None:
        length = framer("length", width=4, max=1 << 30)
        tracemalloc.start()
        try:
            length.feed((0x3FFF_FF00).to_bytes(4, "big"))
            for _ in range(100):
                length.feed(b"x" * 1000)
            refused = framer("length", width=4)
            refused.feed(b"\xff" * 4)
            for _ in range(1000):
                refused.feed(b"x" * 65_536)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert length.pending == 100_004
        assert peak < 1_000_000

    def test_encode_puts_the_field_after_the_header_bytes(self) -> None:
        length = framer("length", width=2, order="little", offset=2, adjustment=-4, skip=4)
        assert length.encode(b"hhabc") == b"hh\x07\x00abc"
        with pytest.raises(InputError, match=r"begin with the 2 header bytes .* it has 1 bytes"):
            length.encode(b"h")

    def test_encode_refuses_what_the_field_cannot_say(self) -> None:
        with pytest.raises(InputError, match="say 256, but 1 bytes hold only 0 to 255"):
            framer("length", width=1).encode(b"x" * 256)
        with pytest.raises(InputError, match="say -1, but"):
            framer("length", width=1, adjustment=2).encode(b"x")
        with pytest.raises(InputError, match="allows at most 8"):
            framer("length", width=4, max=8).encode(b"12345")
        with pytest.raises(InputError, match="have 2 bytes, fewer than the 3 that are cut"):
            framer("length", width=1, skip=3).encode(b"x")

    def test_restore_gives_the_frame_a_message_was_found_in(self) -> None:
        wire = b"\0\3abc"
        for skip in (0, 1, 2):
            length = framer("length", width=2, skip=skip)
            [frame] = length.feed(wire)
            assert isinstance(frame, Frame)
            assert length.restore(frame.payload) == wire
        assert framer("length", width=2, offset=1).restore(b"h\0\1a") == b"h\0\1a"
        for settings in ({"skip": 3}, {"skip": 3, "offset": 1}, {"skip": 1, "offset": 1}):
            with pytest.raises(InputError, match="cannot be sent back as it came"):
                framer("length", width=2, **settings).restore(b"abc")


CODECS = [
    Choice("line", {"ending": "lf", "max": 20}),
    Choice("line", {"ending": "crlf", "max": 20}),
    Choice("line", {"ending": "any", "max": 20}),
    Choice("delimiter", {"hex": "6162", "max": 20}),
    Choice("delimiter", {"hex": "6161", "max": 20}),
    Choice("fixed", {"size": 3}),
    Choice("length", {"width": 1, "skip": 1, "max": 20}),
    Choice("length", {"width": 8, "order": "little", "adjustment": -8, "skip": 8}),
]


@pytest.mark.parametrize("choice", CODECS)
@given(messages=st.lists(st.text("ab\r\n", max_size=22).map(str.encode), max_size=6))
def test_what_is_encoded_is_found_again(choice: Choice, messages: list[bytes]) -> None:
    sender, receiver = make_framer(choice), make_framer(choice)
    wire, sent = b"", []
    for message in messages:
        try:
            wire += sender.encode(message)
        except InputError:
            continue
        sent.append(message)
    assert payloads(receiver.feed(wire)) == sent
    assert receiver.pending == 0


@given(
    body=st.binary(max_size=30),
    width=st.integers(1, 8),
    offset=st.integers(0, 3),
    adjustment=st.integers(-20, 20),
    order=st.sampled_from(["big", "little"]),
)
def test_a_length_is_always_the_one_that_is_read(
    body: bytes, width: int, offset: int, adjustment: int, order: str
) -> None:
    length = framer("length", width=width, offset=offset, adjustment=adjustment, order=order, skip=offset + width)
    try:
        wire = length.encode(body)
    except InputError:
        assume(False)
    assert length.feed(wire) == [Frame(0, len(wire), body[offset:])]


@pytest.mark.parametrize(
    "choice",
    [
        Choice("line"),
        Choice("line", {"ending": "crlf", "max": 1000}),
        Choice("delimiter", {"hex": "78" * 200 + "00"}),
        Choice("delimiter", {"hex": "78" * 200 + "00", "max": 100}),
        Choice("length", {"width": 4, "max": 1 << 30}),
        Choice("fixed", {"size": 1 << 20}),
        Choice("raw"),
    ],
)
def test_single_bytes_take_linear_time(choice: Choice) -> None:
    """Eight times the bytes may take about eight times as long; were it quadratic, it would be 64 times."""

    def seconds(size: int) -> float:
        one = make_framer(choice)
        begin = time.process_time()
        for _ in range(size):
            one.feed(b"x")
        return time.process_time() - begin

    small = min(seconds(12_500) for _ in range(3))
    assert seconds(100_000) < 30 * small
