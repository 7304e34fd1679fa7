"""Guesses of framings: what is said of them, what protocols of the world give, and that noise gives nothing."""

from __future__ import annotations

import base64
import json
import random
import struct
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Frame
from explorer.wire.framing.guess import guess, lengths
from explorer.wire.framing.registry import check_choice, make_framer
from tests.fakes.framed_streams import WORDS, blocks, borders, noise, stream, values
from tests.fakes.untraced import untraced


def kinds_of(samples: list[bytes], ended: bool = False) -> list[dict[str, object]]:
    return [dict(one.choice.to_json()) for one in guess(samples, ended)]


def varint(number: int) -> bytes:
    digits = bytearray()
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])


# What is said


def test_a_length_is_told_in_a_sentence_with_counts() -> None:
    [first, *_] = guess([stream(Choice("length", {"width": 2, "skip": 2}), values, 412, 1)])
    assert first.choice == Choice("length", {"width": 2, "order": "big", "skip": 2})
    assert first.label == "Length: 2 bytes big-endian"
    assert first.reason == (
        "Every message begins with its own length, 2 bytes big-endian, not counting itself: 412 of 412."
    )
    assert first.messages == 412


BEGINS, HOLDS = "Every message begins with its own length", "Every message holds its own length after"
LENGTHS = [
    ({"width": 1}, f"{BEGINS}, 1 byte, not counting itself"),
    ({"width": 4, "adjustment": -4}, f"{BEGINS}, 4 bytes big-endian, counting itself"),
    ({"width": 3, "adjustment": 6}, f"{BEGINS}, 3 bytes big-endian, which is 6 bytes less than what comes after it"),
    ({"width": 2, "offset": 3}, f"{HOLDS} 3 bytes of header, 2 bytes big-endian, counting what comes after it"),
    (
        {"width": 4, "offset": 1, "adjustment": -4},
        f"{HOLDS} 1 byte of header, 4 bytes big-endian, counting itself and what comes after it",
    ),
    (
        {"width": 2, "order": "little", "offset": 2, "adjustment": -4},
        f"{HOLDS} 2 bytes of header, 2 bytes little-endian, counting the whole message",
    ),
    (
        {"width": 2, "offset": 4, "adjustment": -3},
        f"{HOLDS} 4 bytes of header, 2 bytes big-endian, which is 3 bytes more than what comes after it",
    ),
]


@pytest.mark.parametrize(("header", "said"), LENGTHS)
def test_what_a_length_counts_is_told(header: dict[str, int], said: str) -> None:
    choice = check_choice({"kind": "length", **header})

    def made(rng: random.Random) -> bytes:
        return bytes(rng.choice((3, 7)) for _ in range(8)) + rng.randbytes(rng.randint(1, 60))

    [first, *_] = guess([stream(choice, made, 60, 2)])
    assert first.reason == f"{said}: 60 of 60."


def test_lines_are_told_in_a_sentence() -> None:
    [first] = guess([b"a line\r\nanother one\r\n" * 10])
    assert first.reason == "Every message ends with CR LF and what stands before it is text: 20 of 20."
    [first] = guess([b"one\r\ntwo\nthree\r\nfour\n"])
    assert (first.choice.settings["ending"], first.label) == ("any", "Lines (LF or CR LF)")


def test_lines_that_are_not_all_text_are_told_so() -> None:
    [first, *_] = guess([b"\xff\xfd\x18\xff\xfb\x01login: \n" + b"hello\n" * 19])
    assert first.reason == "Every message ends with LF, and what stands before it is text in 19 of 20."
    assert guess([b"\x01\x02\x00\x01\n" * 2 + b"\n" * 30]) == ()


def test_cobs_and_slip_are_told_in_a_sentence() -> None:
    [first, *_] = guess([stream(Choice("cobs"), noise, 120, 3)])
    assert first.reason == "Every message ends with 00 and decodes by COBS without an error: 120 of 120."
    [first, *_] = guess([stream(Choice("slip"), blocks, 20, 3)])
    assert first.reason.endswith("db is followed by dc or dd, as SLIP has it: 20 of 20.")


def test_a_checksum_is_found_and_told() -> None:
    choice = Choice("line", {"ending": "crlf", "checksum": "xor8", "checksum_as": "hex"})
    choice = Choice("line", {**choice.settings, "checksum_from": 1, "checksum_mark": "2a"})
    [first, *_] = guess([stream(choice, lambda rng: b"$GPGGA,%d,%s" % (rng.randint(0, 9999), noise_word(rng)), 40, 4)])
    assert first.choice == choice
    assert first.label == "Lines (CR LF), Exclusive or of bytes (BCC, NMEA)"
    assert first.reason.endswith(
        "The end of each is its checksum (Exclusive or of bytes (BCC, NMEA), 2 hex digits, of what stands before it "
        "without the first byte and the 2a before it)."
    )


def noise_word(rng: random.Random) -> bytes:
    return rng.choice(WORDS).encode()


CHECKED: list[dict[str, object]] = [
    {"kind": "length", "width": 2, "skip": 2, "checksum": "crc16-modbus", "checksum_order": "little"},
    {"kind": "length", "width": 2, "order": "big", "checksum": "crc32"},
    {"kind": "length", "width": 1, "offset": 1, "checksum": "sum8", "checksum_from": 2},
    {"kind": "cobs", "checksum": "crc16-ccitt-false"},
    {"kind": "slip", "strict": True, "checksum": "crc16-x25", "checksum_order": "little"},
    {"kind": "stx_etx", "checksum": "lrc"},
    {"kind": "netstring", "checksum": "adler32"},
    {"kind": "fixed", "size": 8, "checksum": "crc16-modbus", "checksum_order": "little"},
    {"kind": "delimiter", "hex": "0d", "checksum": "sum8", "checksum_as": "hex"},
]


@pytest.mark.parametrize("wanted", CHECKED, ids=str)
def test_checksums_are_found(wanted: dict[str, object]) -> None:
    choice = check_choice(wanted)

    def made(rng: random.Random) -> bytes:
        if choice.kind == "delimiter":
            return b"T%d" % rng.randint(0, 99_999)
        size = 5 if choice.kind == "fixed" else rng.randint(4, 30)
        return bytes([rng.randint(1, 3)]) + rng.randbytes(size)

    [first, *_] = guess([stream(choice, made, 40, 5)])
    assert {"order": "big", **first.choice.to_json()} == {"order": "big", **wanted}
    assert first.messages == 40


def test_what_never_changes_is_no_checksum() -> None:
    """Zeros sum to zero: that would be a checksum of everything."""
    data = b"".join(struct.pack(">HB", size + 1, 0) + bytes(size) for size in range(40))
    assert "checksum" not in guess([data])[0].choice.settings


# Protocols of the world, by their public shapes


def tcp_ip(rng: random.Random) -> bytes:
    front = b"\x45\0" + struct.pack(">HHH", rng.randint(40, 99), rng.randint(0, 65535), 0x4000) + b"\x40\x06"
    return front + rng.randbytes(2) + b"\xc0\xa8\0\x01\xc0\xa8\0\x02" + rng.randbytes(rng.randint(20, 60))


def http(rng: random.Random) -> bytes:
    return b"HTTP/1.1 200 OK\r\nDate: Mon, %02d Jan 2024\r\nContent-Length: 0\r\n\r\n" % rng.randint(1, 31)


def redis(rng: random.Random) -> bytes:
    word = noise_word(rng)
    return rng.choice([b"+OK\r\n", b":%d\r\n" % rng.randint(0, 999), b"$%d\r\n%s\r\n" % (len(word), word), b"$-1\r\n"])


def modbus(rng: random.Random) -> bytes:
    said = rng.choice([b"\x03\x04" + rng.randbytes(4), b"\x01\x01\x05", b"\x83\x02", b"\x03\x02\0\x07"])
    return struct.pack(">HHHB", rng.randint(0, 99), 0, len(said) + 1, 1) + said


def dns(rng: random.Random) -> bytes:
    name = b"".join(bytes([len(part)]) + part for part in (noise_word(rng), noise_word(rng), b"org")) + b"\0"
    head = rng.randbytes(2) + b"\x81\x80\0\1\0\1\0\0\0\0" + name + b"\0\1\0\1"
    said = head + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + rng.randbytes(4)
    return struct.pack(">H", len(said)) + said


def postgres(rng: random.Random) -> bytes:
    kind, body = rng.choice(
        [
            (b"D", struct.pack(">HI", 1, 4) + rng.randbytes(4)),
            (b"C", b"SELECT %d\0" % rng.randint(1, 999)),
            (b"Z", b"I"),
        ]
    )
    return kind + struct.pack(">I", len(body) + 4) + body


def tls(rng: random.Random) -> bytes:
    body = rng.randbytes(rng.choice([24, 40, rng.randint(30, 900)]))
    return b"\x17\x03\x03" + struct.pack(">H", len(body)) + body


def http2(rng: random.Random) -> bytes:
    body = rng.randbytes(rng.choice([0, 4, rng.randint(0, 300)]))
    front = bytes([rng.choice([0, 1, 8]), rng.choice([0, 4])]) + struct.pack(">I", rng.choice([1, 3]))
    return len(body).to_bytes(3, "big") + front + body


def protobuf(rng: random.Random) -> bytes:
    name = noise_word(rng) * rng.choice([1, 1, 40])
    body = b"\x08" + varint(rng.randint(1, 99_999)) + b"\x12" + varint(len(name)) + name + b"\x1d" + rng.randbytes(4)
    return varint(len(body)) + body


def slip(rng: random.Random) -> bytes:
    return make_framer(Choice("slip")).encode(tcp_ip(rng))


def mllp(rng: random.Random) -> bytes:
    return b"\x0bMSH|^~\\&|%s|B\rPID|%d\r\x1c\r" % (noise_word(rng), rng.randint(0, 999))


def netconf(rng: random.Random) -> bytes:
    return b'<rpc id="%d"><%s/></rpc>]]>]]>' % (rng.randint(0, 99), noise_word(rng))


def tags(rng: random.Random) -> bytes:
    return b'<m id="%d">%s</m>' % (rng.randint(0, 999), noise_word(rng))


def objects(rng: random.Random) -> bytes:
    return json.dumps({"n": rng.randint(0, 9999), "s": rng.choice(WORDS)}).encode()


def display(rng: random.Random) -> bytes:
    """A serial display whose commands end with ff ff ff."""
    return rng.choice([b"\x01", b"\x65\1\2\1", b"\x71" + rng.randbytes(4)]) + b"\xff\xff\xff"


def hdlc(rng: random.Random) -> bytes:
    return b"\x10\x03" + rng.randbytes(20).replace(b"\x7e", b"\x7d\x5e") + b"\x7e"


PROTOCOLS: list[tuple[Callable[[random.Random], bytes], dict[str, object]]] = [
    (http, {"kind": "line", "ending": "crlf"}),
    (redis, {"kind": "line", "ending": "crlf"}),
    (modbus, {"kind": "length", "width": 2, "order": "big", "offset": 4}),
    (dns, {"kind": "length", "width": 2, "order": "big", "skip": 2}),
    (postgres, {"kind": "length", "width": 4, "order": "big", "offset": 1, "adjustment": -4}),
    (tls, {"kind": "length", "width": 2, "order": "big", "offset": 3}),
    (http2, {"kind": "length", "width": 3, "order": "big", "adjustment": 6}),
    (protobuf, {"kind": "varint"}),
    (slip, {"kind": "slip", "strict": True}),
    (mllp, {"kind": "delimiter", "hex": "1c0d"}),
    (netconf, {"kind": "delimiter", "hex": "5d5d3e5d5d3e"}),
    (tags, {"kind": "delimiter", "hex": "3c2f6d3e", "keep": True}),
    (objects, {"kind": "delimiter", "hex": "7d", "keep": True}),
    (display, {"kind": "delimiter", "hex": "ffffff"}),
    (hdlc, {"kind": "delimiter", "hex": "7e"}),
]


@pytest.mark.parametrize(("made", "wanted"), PROTOCOLS, ids=lambda given: getattr(given, "__name__", ""))
def test_protocols_are_found(made: Callable[[random.Random], bytes], wanted: dict[str, object]) -> None:
    rng = random.Random(6)
    assert kinds_of([b"".join(made(rng) for _ in range(60))])[0] == wanted


def test_the_empty_line_between_heads_is_proposed_besides_lines() -> None:
    rng = random.Random(7)
    assert kinds_of([b"".join(http(rng) for _ in range(30))]) == [
        {"kind": "line", "ending": "crlf"},
        {"kind": "delimiter", "hex": "0d0a0d0a"},
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_length_that_no_kind_can_express_is_not_proposed(seed: int) -> None:
    """MQTT has a varint at offset 1, WebSocket one byte that is 126 where two more tell the length."""
    rng = random.Random(seed)
    packets, frames = [], []
    for _ in range(100):
        text = rng.choice(WORDS).encode() * rng.choice([1, 1, 1, 2, 60]) + b"%d" % rng.randint(0, 999)
        body = b"\0\x05topic" + text
        packets.append(b"\x30" + varint(len(body)) + body)
        size = bytes([len(text)]) if len(text) < 126 else b"\x7e" + struct.pack(">H", len(text))
        frames.append(b"\x81" + size + text)
    for data in (b"".join(packets), b"".join(frames)):
        assert not [one for one in guess([data]) if one.choice.kind in ("length", "varint", "fixed")]


# Noise and little


def some(rng: random.Random, letters: bytes) -> bytes:
    return bytes(rng.choice(letters) for _ in range(rng.choice([30, 100, 300, 600])))


NOISE: dict[str, Callable[[random.Random], list[bytes]]] = {
    "any bytes": lambda rng: [rng.randbytes(rng.choice([20, 60, 100, 300, 1000]))],
    "several": lambda rng: [rng.randbytes(rng.randint(1, 200)) for _ in range(rng.randint(2, 12))],
    "many zeros": lambda rng: [some(rng, bytes((0, 0, 0, 0, 1, 2, 4, rng.randrange(256))))],
    "hex digits": lambda rng: [some(rng, b"0123456789abcdef")],
    "base64": lambda rng: [base64.b64encode(rng.randbytes(rng.randint(20, 600)))],
    "prose": lambda rng: [" ".join(rng.choice(WORDS) + rng.choice(["", "", ",", "."]) for _ in range(70)).encode()],
    "small and large": lambda rng: [bytes(min(255, int(rng.expovariate(0.05))) for _ in range(200))],
}


@pytest.mark.parametrize("kind", NOISE)
def test_noise_gives_no_guess(kind: str) -> None:
    """Over many seeds, hardly one in a hundred; over these none."""
    wrong = [seed for seed in range(20) if guess(NOISE[kind](random.Random(seed)), ended=seed % 2 == 0)]
    assert wrong == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"hello\n",
        b"\x05hello\x03abc\x04four",
        b"\0\x05hello\0\x03abc\0\x04four",
        b"5:hello,",
        b"\0" * 9,
        b"ab",
    ],
)
def test_too_little_gives_no_guess(data: bytes) -> None:
    """Three short messages may fit by luck, and one is none."""
    assert guess([data], ended=True) == ()


def test_no_samples_give_no_guess() -> None:
    assert guess([]) == guess([b"", b""]) == ()


def test_netstrings_that_are_cut_or_broken() -> None:
    assert kinds_of([b"5:hello,3:abc,5:hel"]) == [{"kind": "netstring"}]
    assert kinds_of([b"5:hello,3:abc,5:hello;"]) == []
    assert kinds_of([b"5:hello,3:abc,", b"x5:hello,"]) == []


LITTLE = {
    "three short packets that decode by COBS": b"\2\x80\0\2\x81\0\2\x82\0",
    "three short packets between c0": b"\x80\xc0\x81\xc0\x82\xc0",
    "a line feed and a CR": b"one\ntwo\r",
    "lines, and then a long one without an end": b"a\nb\n" + b"x" * 1000,
}


@pytest.mark.parametrize("name", LITTLE)
def test_what_tells_too_little(name: str) -> None:
    assert guess([LITTLE[name]]) == ()


def test_the_size_of_the_messages_of_a_late_sample_is_not_looked_for() -> None:
    late = b"".join(b"\xaa\x01" + bytes([number]) * 2 for number in range(100))
    assert guess([*(b"x" for _ in range(8)), late]) == ()


def test_records_whose_first_bytes_happen_to_be_their_size_but_for_the_first() -> None:
    """The column that says 7 is a length for all but the beginning: that is a constant of records."""
    rng = random.Random(9)
    records = [b"\x07\xaa\xbb" + rng.randbytes(5) for _ in range(60)]
    data = b"\x07\x01\x02" + rng.randbytes(5) + b"".join(records)
    assert kinds_of([data])[0] == {"kind": "fixed", "size": 8}


# Bounds


SLOW = {
    "random": random.Random(1).randbytes(1 << 18),
    "zeros": bytes(1 << 18),
    "ff": b"\xff" * (1 << 18),
    "period of two": b"\0\1" * (1 << 17),
    "period of four": b"\0\0\0\4" * (1 << 16),
    "line feeds": b"\n" * (1 << 18),
    "marks": b"\2\3" * (1 << 17),
    "ends": b"\xc0" * (1 << 18),
    "netstrings": b"1:a," * (1 << 16),
    "lengths": (stream(Choice("length", {"width": 2}), values, 3_000, 1) * 5)[: 1 << 18],
    "few bytes": bytes(random.Random(2).choices((0, 0, 0, 0, 0, 1, 2, 4), k=1 << 18)),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_guess_takes_little_time(name: str) -> None:
    with untraced():
        begun = time.thread_time()
        guess([SLOW[name]])
        took = time.thread_time() - begun
    assert took < 0.6  # seconds; 0.3 on the machine that this was written on


def test_more_than_256_kib_of_a_sample_is_not_looked_at() -> None:
    first, *_ = guess([b"a line\n" * 50_000])
    assert first.messages == (1 << 18) // 7


def test_a_guess_can_be_cancelled_at_any_time() -> None:
    data = stream(Choice("length", {"width": 2, "skip": 2, "checksum": "crc16-modbus"}), values, 20, 8)
    asks = Asks(1 << 30)
    assert guess([data], cancelled=asks)
    every = asks.asked
    for most in (*range(0, every, every // 12), *range(every - 40, every, 2)):
        asks = Asks(most)
        assert guess([data], cancelled=asks) == ()
        assert asks.asked <= most + 20


class Asks:
    """Says that the guess is cancelled once it has been asked so many times."""

    def __init__(self, most: int) -> None:
        self.asked = 0
        self._most = most

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked > self._most


# Whatever comes


parts = st.sampled_from([b"\0", b"\n", b"\r\n", b"\1", b"\2", b"\3", b"\x10", b"\xc0", b"\xdb\xdc", b"5:hello,", b"ab"])


@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(parts | st.binary(max_size=4), max_size=60).map(b"".join), max_size=4), st.booleans())
def test_what_is_proposed_works_as_said(samples: list[bytes], ended: bool) -> None:
    guesses = guess(samples, ended)
    assert len(guesses) <= 6
    assert [one.score for one in guesses] == sorted((one.score for one in guesses), reverse=True)
    for one in guesses:
        assert check_choice(one.choice.to_json()) == Choice(
            one.choice.kind, check_choice(one.choice.to_json()).settings
        )
        found = [item for sample in samples for item in make_framer(one.choice).feed(sample)]
        assert all(isinstance(item, Frame) for item in found)
        assert len(found) == one.messages >= 2
        assert one.reason.endswith(".")
    cuts = [borders(one.choice, samples) for one in guesses if one.choice.kind == "length"]
    assert len(cuts) == len({str(cut) for cut in cuts})


def test_headers_are_tried_once_each_and_those_of_presets_cost_less() -> None:
    lengths.headers.cache_clear()  # whoever guessed first has filled them
    lengths.fields.cache_clear()
    found = lengths.headers()
    places = [(one.width, one.order, one.offset, one.adjustment) for one in found]
    assert len(set(places)) == len(places)
    assert all(one.cost > 0 and one.added >= 0 for one in found)
    costs = {place: one.cost for place, one in zip(places, found, strict=True)}
    assert costs[2, "big", 0, 0] < costs[2, "big", 5, 0]  # that before the length stands first is a preset
    assert costs[2, "big", 0, 0] < costs[2, "big", 0, 3]
    same = lengths.fields()
    assert sorted(map(id, found)) == sorted(id(one) for ones in same for one in ones)
    for ones in same:
        assert len({(one.width, one.order, one.offset) for one in ones}) == 1
        assert [one.adjustment for one in ones] == sorted(one.adjustment for one in ones)
