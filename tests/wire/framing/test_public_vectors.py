"""Streams that the tests and documents of other projects take apart, and what they find: here found as well.

Facts were taken from (each at the version of the commit that is named)

- Netty 0bb88a3e: LineBasedFrameDecoderTest, DelimiterBasedFrameDecoderTest, LengthFieldBasedFrameDecoderTest (both of
  each), and the documentation of LengthFieldBasedFrameDecoder, LengthFieldPrepender and FixedLengthFrameDecoder;
- tokio-util ea91b33c: tests/codecs.rs, tests/length_delimited.rs and the documentation of length_delimited;
- Twisted 64661601: protocols/test/test_basic.py.

Where these projects differ from each other or from this one, the difference stands by the vector.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from explorer.core.errors import InputError
from explorer.core.fields import Value
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Frame, Framer
from explorer.wire.framing.registry import make_framer


@dataclass(frozen=True, slots=True)
class Vector:
    """chunks: as they came. found: messages; None for an error. pending: bytes of a message that has no end yet."""

    name: str
    settings: dict[str, Value]
    chunks: tuple[bytes, ...]
    found: tuple[bytes | None, ...]
    pending: int = 0


def tokio(width: int = 4, offset: int = 0, adjustment: int = 0, skip: int | None = None) -> dict[str, Value]:
    """tokio-util's settings in ours: its frame has value + adjustment bytes after those that are skipped, which are
    by default the header; our adjustment counts from the end of the length field."""
    cut = offset + width if skip is None else skip
    return {"width": width, "offset": offset, "adjustment": cut + adjustment - offset - width, "skip": cut}


ANY: dict[str, Value] = {"ending": "any"}
LINES = (
    Vector("netty: multiple lines", ANY, (b"TestLine\r\ng\r\n",), (b"TestLine", b"g")),
    Vector("netty: incomplete lines", ANY, (b"Test", b"Line\r\ng\r\n"), (b"TestLine", b"g")),
    Vector("netty: decode", ANY, (b"first\r\nsecond\nthird",), (b"first", b"second"), 5),
    Vector("netty: the shortest of two ends", ANY, (b"ABC\nDEF\r\n",), (b"ABC", b"DEF")),
    Vector(
        "netty: too long line 1",
        {**ANY, "max": 16},
        (b"12345678901234567890\r\nfirst\nsecond",),
        (None, b"first"),
        6,
    ),
    Vector("netty: too long line 2", {**ANY, "max": 16}, (b"12345678901234567", b"890\r\nfirst\r\n"), (None, b"first")),
    Vector(
        "netty: too long, fail fast",
        {**ANY, "max": 16},
        (b"12345678901234567", b"890", b"123\r\nfirst\r\n"),
        (None, b"first"),
    ),
    Vector("netty: splits correctly", ANY, (b"line\r\n.\r\n",), (b"line", b".")),
    Vector("netty: fragmented", ANY, (b"huu", b"haa\r", b"\nhuuhaa\r\n"), (b"huuhaa", b"huuhaa")),
    Vector("netty: empty line", ANY, (b"\nabcna\r\n",), (b"", b"abcna")),
    Vector("netty: not fail fast", {**ANY, "max": 2}, (b"\0\1\2", b"\3\4", b"\n", b"5", b"\n"), (None, b"5")),
    # There, what is left at the end is a last line; here it is reported as unfinished.
    Vector(
        "tokio: lines",
        ANY,
        (b"line 1\nline 2\r\nline 3\n\r\n\r", b"k"),
        (b"line 1", b"line 2", b"line 3", b""),
        2,
    ),
    # There, a CR counts as a part of the line, so "line 3" and CR are too long; here CR LF ends it.
    Vector(
        "tokio: max length",
        {**ANY, "max": 6},
        (b"line 1 is too long\nline 2\nline 3\r\nline 4\n\r\n\r",),
        (None, b"line 2", b"line 3", b"line 4", b""),
        1,
    ),
    Vector("tokio: one character too long", {"max": 6}, (b"aaabbbc",), (None,)),
    Vector("tokio: underrun", {"max": 6}, (b"line ", b"too l", b"ong\n", b"line 2", b"\n"), (None, b"line 2")),
    Vector("tokio: bursts", {"max": 10}, (b"line ", b"too l", b"ong\n"), (None,)),
    Vector("tokio: big burst", {"max": 10}, (b"line ", b"too long!\n"), (None,)),
    Vector("tokio: newline between decodes", {"max": 5}, (b"hello", b"\nworld"), (b"hello",), 5),
    Vector("tokio: discard repeat", {"max": 1}, (b"aa", b"a"), (None,)),
    Vector(
        "tokio: underrun twice",
        {"max": 11},
        (b"line ", b"too very l", b"a" * 23, b"ong\nshort\n"),
        (None, b"short"),
    ),
    # Text is decoded after framing here: no line is wrong for its bytes.
    Vector("tokio: invalid utf-8", {}, (b"line 1\xc3\x28\n", b"line 2\n"), (b"line 1\xc3\x28", b"line 2")),
    Vector(
        "twisted: pausing",
        {},
        (b"twiddle1\ntwiddle2\npause\ntwiddle3\n",),
        (b"twiddle1", b"twiddle2", b"pause", b"twiddle3"),
    ),
    Vector(
        "twisted: as a producer",
        {},
        (b"produce\nhello world\nunproduce\ngoodbye\n",),
        (b"produce", b"hello world", b"unproduce", b"goodbye"),
    ),
    Vector(
        "twisted: line only",
        {},
        (b"foo\n    bleakness\n    desolation\n    plastic forks\n    ",),
        (b"foo", b"    bleakness", b"    desolation", b"    plastic forks"),
        4,
    ),
    Vector("twisted: buffer", {"ending": "crlf"}, (b"foo\r\nbar\r\nbaz", b"quux\r\n"), (b"foo", b"bar", b"bazquux")),
    # There, the connection is closed; here, the next line is found.
    Vector("twisted: maximum line length", {"ending": "crlf", "max": 16384}, (b"x" * 16385 + b"\r\nr",), (None,), 1),
    Vector("twisted: unfinished and too long", {"ending": "crlf", "max": 16384}, (b"x" * 16386,), (None,)),
    Vector("twisted: not quite too long", {"ending": "crlf", "max": 16384}, (b"x" * 16384 + b"\r",), (), 16385),
    Vector("twisted: an end at the maximum", {"max": 4}, (b"xxx", b"", b"\nxxx"), (b"xxx",), 3),
    Vector("twisted: long after short", {"ending": "crlf", "max": 6}, (b"x\r\n" + b"x" * 14,), (b"x", None)),
    Vector("twisted: long lines", {"ending": "crlf", "max": 6}, ((b"x" * 14 + b"\r\n") * 2,), (None, None)),
)

DELIMITERS = (
    Vector(
        "netty: delimiters stay", {"hex": "0d0a", "keep": True}, (b"TestLine\r\ng\r\n",), (b"TestLine\r\n", b"g\r\n")
    ),
    Vector(
        "netty: delimiters stay, incomplete",
        {"hex": "0d0a", "keep": True},
        (b"Test", b"Line\r\ng\r\n"),
        (b"TestLine\r\n", b"g\r\n"),
    ),
    Vector("netty: lines stay", {"hex": "0a", "keep": True}, (b"first\r\nsecond\nth",), (b"first\r\n", b"second\n"), 2),
    Vector(
        "netty: recovery, fail slow",
        {"hex": "00", "max": 1},
        (b"\1\2", b"\0", b"A\0") * 2,
        (None, b"A") * 2,
    ),
    Vector("netty: recovery, fail fast", {"hex": "00", "max": 1}, (b"\1\2", b"\0A\0") * 2, (None, b"A") * 2),
    # Those of several delimiters, of which we have one.
    Vector("tokio: between decodes", {"hex": "2c", "max": 5}, (b"hello", b",world"), (b"hello",), 5),
    Vector("tokio: bursts", {"hex": "0a", "max": 11}, (b"chunk ", b"too l", b"ong\n"), (None,)),
    Vector("tokio: big burst", {"hex": "0a", "max": 11}, (b"line ", b"too long!\n"), (None,)),
    Vector(
        "tokio: underrun twice",
        {"hex": "0a", "max": 11},
        (b"chunk ", b"too very l", b"a" * 23, b"ong\nshort\n"),
        (None, b"short"),
    ),
    Vector("tokio: discard repeat", {"hex": "2c", "max": 1}, (b"aa", b"a"), (None,)),
    Vector("tokio: sequence", {"hex": "3b2d2d3b"}, (b"chunk 1;--;chunk 2;--;",), (b"chunk 1", b"chunk 2")),
)

WORDS = (b"abcdefghi", b"123", b"hello world")
LONG = bytes(range(32))
LENGTHS = (
    Vector("netty: discard 1", {"max": 16}, (b"\0\0\0\x20" + LONG + b"\0\0\0\1a",), (None, b"\0\0\0\1a")),
    Vector(
        "netty: discard 2", {"max": 16}, (b"\0\0\0\x20" + LONG[:10], LONG[10:] + b"\0\0\0\1a"), (None, b"\0\0\0\1a")
    ),
    Vector(
        "netty: recovery, fail slow",
        {"max": 5, "skip": 4},
        (b"\0\0\0\2", b"\0\0", b"\0\0\0\1A") * 2,
        (None, b"A") * 2,
    ),
    Vector("netty: recovery, fail fast", {"max": 5, "skip": 4}, (b"\0\0\0\2", b"\0\0\0\0\0\1A") * 2, (None, b"A") * 2),
    Vector("tokio: one packet", tokio(), (b"\0\0\0\x09abcdefghi",), WORDS[:1]),
    Vector("tokio: little-endian", {**tokio(), "order": "little"}, (b"\x09\0\0\0abcdefghi",), WORDS[:1]),
    Vector(
        "tokio: three in one packet",
        tokio(),
        (b"\0\0\0\x09abcdefghi\0\0\0\x03123\0\0\0\x0bhello world",),
        WORDS,
    ),
    Vector("tokio: one in three packets", tokio(), (b"\0\0", b"\0\x09abc", b"defghi"), WORDS[:1]),
    Vector(
        "tokio: three in five packets",
        tokio(),
        (b"\0\0", b"\0\x09abc", b"defghi", b"\0\0\0\x0312", b"3\0\0\0\x0bhello world"),
        WORDS,
    ),
    # There, a stream that ends inside a frame is an error of reading; here, that is told by what is pending.
    Vector("tokio: incomplete head", tokio(), (b"\0\0",), (), 2),
    Vector("tokio: incomplete payload", tokio(), (b"\0\0\0\x09ab", b"cd"), (), 8),
    # There, the maximum does not count the header; here it does.
    Vector("tokio: maximum", {**tokio(), "max": 5 + 4}, (b"\0\0\0\x09abcdefghi",), (None,)),
    Vector("tokio: one byte of length", tokio(1), (b"\x09abcdefghi",), WORDS[:1]),
    Vector("tokio: header in front", tokio(2, offset=4), (b"zzzz\0\x09abcdefghi",), WORDS[:1]),
    Vector(
        "tokio: nothing skipped",
        tokio(2, offset=2, adjustment=4, skip=0),
        (b"xx\0\x09abcdefghiyy\0\x03123zz\0\x0bhello world",),
        (b"xx\0\x09abcdefghi", b"yy\0\x03123", b"zz\0\x0bhello world"),
    ),
    Vector("tokio: more skipped", tokio(3, skip=4), (b"\0\0\x0b\x0cHello world",), (b"Hello world",)),
    Vector(
        "tokio: length counts the head",
        tokio(2, adjustment=-2),
        (b"\0\x0babcdefghi\0\x05123\0\x0dhello world",),
        WORDS,
    ),
    Vector("tokio: example 1", tokio(2), (b"\0\x0bHello world",), (b"Hello world",)),
    Vector("tokio: example 2", tokio(2, adjustment=2, skip=0), (b"\0\x0bHello world",), (b"\0\x0bHello world",)),
    Vector("tokio: example 3", tokio(2, adjustment=-2), (b"\0\x0dHello world",), (b"Hello world",)),
    Vector(
        "tokio: example 4",
        tokio(3, adjustment=5, skip=0),
        (b"\0\0\x0b\xca\xfeHello world",),
        (b"\0\0\x0b\xca\xfeHello world",),
    ),
    Vector(
        "tokio: example 5",
        tokio(2, offset=1, adjustment=1, skip=3),
        (b"\xca\0\x0b\xfeHello world",),
        (b"\xfeHello world",),
    ),
    Vector(
        "tokio: example 6",
        tokio(2, offset=1, adjustment=-3, skip=3),
        (b"\xca\0\x0f\xfeHello world",),
        (b"\xfeHello world",),
    ),
    Vector("tokio: example 7", tokio(3, skip=4), (b"\0\0\x0b\xffHello world",), (b"Hello world",)),
    # Twisted's receivers with 4, 2 and 1 byte, whose tests have a maximum of 50 bytes without the length.
    Vector("twisted: int32", {"skip": 4}, (b"\0\0\0\1a\0\0\0\x10" + b"b" * 16,), (b"a", b"b" * 16)),
    Vector("twisted: int32 data", {"skip": 4}, (b"\0\0\0\4ubar",), (b"ubar",)),
    Vector("twisted: int32 illegal", {"skip": 4, "max": 54}, (b"\x10\0\0\0aaaaaa",), (None,)),
    Vector("twisted: int32 partial", {"skip": 4}, (b"\0\0\0",), (), 3),
    Vector("twisted: int32 limit", {"skip": 4, "max": 14}, (b"\0\0\0\x0b",), (None,)),
    Vector("twisted: int32 not delivered", {"skip": 4, "max": 14}, (b"\0\0\0\x0b" + b"x" * 11,), (None,)),
    Vector("twisted: int32 unfinished", {"skip": 4}, (b"\0\0\0\5aaaaa\0\0\0\5bbbb",), (b"aaaaa",), 8),
    Vector("twisted: int16", {"width": 2, "skip": 2}, (b"\0\1a\0\x10" + b"b" * 16,), (b"a", b"b" * 16)),
    Vector("twisted: int16 data", {"width": 2, "skip": 2}, (b"\0\4ubar",), (b"ubar",)),
    Vector("twisted: int16 illegal", {"width": 2, "skip": 2, "max": 52}, (b"\x10\0aaaaaa",), (None,)),
    Vector("twisted: int16 partial", {"width": 2, "skip": 2}, (b"hello there",), (), 11),
    Vector("twisted: int16 limit", {"width": 2, "skip": 2, "max": 12}, (b"\0\x0b",), (None,)),
    Vector("twisted: int8", {"width": 1, "skip": 1}, (b"\1a\x10" + b"b" * 16,), (b"a", b"b" * 16)),
    Vector("twisted: int8 data", {"width": 1, "skip": 1}, (b"\4ubar",), (b"ubar",)),
    Vector("twisted: int8 partial", {"width": 1, "skip": 1}, (b"dzadz",), (), 5),
    Vector("twisted: int8 limit", {"width": 1, "skip": 1, "max": 11}, (b"\x0b",), (None,)),
)
FIXED = (Vector("netty: fixed", {"size": 3}, (b"A", b"BC", b"DEFG", b"HI"), (b"ABC", b"DEF", b"GHI")),)

VECTORS = [
    pytest.param(kind, vector, id=f"{kind}-{vector.name}")
    for kind, vectors in (("line", LINES), ("delimiter", DELIMITERS), ("length", LENGTHS), ("fixed", FIXED))
    for vector in vectors
]


@pytest.mark.parametrize(("kind", "vector"), VECTORS)
def test_others_find_the_same(kind: str, vector: Vector) -> None:
    """In the chunks of the vector, whole, and, as Twisted's tests do, in packets of 1 to 9 bytes."""
    data = b"".join(vector.chunks)
    ways = [vector.chunks, (data,)]
    ways += [tuple(data[at : at + size] for at in range(0, len(data), size)) for size in range(1, 10)]
    for chunks in ways:
        framer = make_framer(Choice(kind, vector.settings))
        found = [item for chunk in chunks for item in framer.feed(chunk)]
        assert tuple(item.payload if isinstance(item, Frame) else None for item in found) == vector.found
        assert framer.pending == vector.pending


def encoder(kind: str, settings: dict[str, Value]) -> Framer:
    return make_framer(Choice(kind, settings))


ENCODED = [
    ("line", {}, (b"line 1", b"line 2"), b"line 1\nline 2\n"),  # tokio: lines_encoder
    ("delimiter", {"hex": "3b2d2d3b"}, (b"chunk 1", b"chunk 2"), b"chunk 1;--;chunk 2;--;"),  # any_delimiter_encoder
    ("length", {"width": 2, "skip": 2}, (b"HELLO, WORLD",), b"\0\x0cHELLO, WORLD"),  # Netty: LengthFieldPrepender
    ("length", {"width": 2, "skip": 2, "adjustment": -2}, (b"HELLO, WORLD",), b"\0\x0eHELLO, WORLD"),
    ("length", tokio(), WORDS, b"\0\0\0\x09abcdefghi\0\0\0\x03123\0\0\0\x0bhello world"),
    ("length", {**tokio(), "order": "little"}, (b"abcdefghi",), b"\x09\0\0\0abcdefghi"),
    ("length", tokio(1), (b"abcdefghi",), b"\x09abcdefghi"),
    ("length", tokio(adjustment=-2), (b"abcdefghi",), b"\0\0\0\x0babcdefghi"),
    ("length", {"skip": 4}, (b"foo", b"b" * 16), b"\0\0\0\3foo\0\0\0\x10" + b"b" * 16),  # Twisted
    ("length", {"width": 2, "skip": 2}, (b"foo",), b"\0\3foo"),
    ("length", {"width": 1, "skip": 1}, (b"foo",), b"\3foo"),
]


@pytest.mark.parametrize(("kind", "settings", "messages", "wire"), ENCODED)
def test_others_send_the_same(kind: str, settings: dict[str, Value], messages: tuple[bytes, ...], wire: bytes) -> None:
    framer = encoder(kind, settings)
    assert b"".join(framer.encode(message) for message in messages) == wire


@pytest.mark.parametrize("adjustment", [-1, 0, 1])
def test_the_longest_message_that_a_byte_can_count(adjustment: int) -> None:
    """tokio-util: runtime_max_frame_len_respects_length_field."""
    framer = encoder("length", tokio(1, adjustment=adjustment))
    assert framer.encode(bytes(255 + adjustment))[0] == 255
    with pytest.raises(InputError):
        framer.encode(bytes(256 + adjustment))


@pytest.mark.parametrize(("width", "size"), [(1, 257), (2, 65_537)])
def test_what_the_length_cannot_count_is_not_sent(width: int, size: int) -> None:
    """Twisted: test_tooLongSend. And tokio-util's write_max_frame_len: longer than the maximum."""
    with pytest.raises(InputError):
        encoder("length", {"width": width, "skip": width}).encode(b"b" * size)
    with pytest.raises(InputError):
        encoder("length", {"width": width, "skip": width, "max": 5 + width}).encode(b"abcdef")
