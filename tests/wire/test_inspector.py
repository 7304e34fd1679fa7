"""The inspector: each row against another way of reading the same bytes, and any bytes at all."""

from __future__ import annotations

import ipaddress
import math
import struct
import unicodedata
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.inspector.api import Look, Row, Value
from explorer.wire.inspector.numbers import float_text, read_varint
from explorer.wire.inspector.registry import KINDS, MOST, inspect
from explorer.wire.text import ENCODINGS

SIXTEEN = st.binary(min_size=16, max_size=32)
EAST = timezone(timedelta(hours=2))


def rows(data: bytes, look: Look | None = None) -> dict[str, Row]:
    return {row.kind.name: row for row in inspect(data, look or Look(zone=EAST))}


def value(data: bytes, name: str, look: Look | None = None) -> Value:
    return rows(data, look)[name].big


def leb128(number: int) -> bytes:
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


@given(st.binary(max_size=40), st.sampled_from([one.name for one in ENCODINGS]))
def test_any_bytes_give_every_row(data: bytes, encoding: str) -> None:
    found = inspect(data, Look(encoding))
    assert len(found) == len(KINDS) - (encoding == "utf-8")
    for row in found:
        for one in (row.little, row.big):
            assert bool(one.problem) != bool(one.text)
            assert one.size <= len(data)
            assert (one.size > 0) == bool(one.text)
            assert one.shown
            assert one.shown.isprintable()


@given(st.binary(max_size=15))
def test_too_few_bytes_are_said(data: bytes) -> None:
    for row in inspect(data):
        if row.kind.size > len(data):
            assert row.little.shown == row.big.shown == f"needs {row.kind.size}, {len(data)} left"


def test_the_largest_number_of_a_format_is_not_rounded_beyond_it() -> None:
    assert value(bytes.fromhex("7f7fffff"), "f32").text == "3.4028235e+38"


def test_bytes_that_only_switch_alphabets_are_no_character() -> None:
    assert value(b"\x1b(B" * 3, "text", Look("iso2022_jp")).problem == "no character in iso2022_jp"


@given(SIXTEEN)
def test_whole_numbers(data: bytes) -> None:
    found = rows(data)
    for bits in (8, 16, 24, 32, 48, 64):
        for name, signed in ((f"u{bits}", False), (f"i{bits}", True)):
            size = bits // 8
            row = found[name]
            assert row.little.text == str(int.from_bytes(data[:size], "little", signed=signed))
            assert row.big.text == str(int.from_bytes(data[:size], "big", signed=signed))
            assert row.size == size


@given(SIXTEEN)
def test_floating_point_numbers_are_the_same_when_stored_again(data: bytes) -> None:
    found = rows(data)
    for code, name in (("e", "f16"), ("f", "f32"), ("d", "f64")):
        size = struct.calcsize(code)
        for order, one in (("<", found[name].little), (">", found[name].big)):
            (expected,) = struct.unpack(order + code, data[:size])
            if math.isnan(expected):
                assert one.text == "NaN"
            else:
                assert struct.pack(order + code, float(one.text)) == data[:size]


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (0.1, "d", "0.1"), (struct.unpack(">f", struct.pack(">f", 0.1))[0], "f", "0.1"), (65504.0, "e", "65504.0"),
        (-0.0, "f", "-0.0"), (math.inf, "d", "Infinity"), (-math.inf, "e", "-Infinity"),
        (16777216.0, "f", "16777216.0"),
    ],
)  # fmt: skip
def test_floating_point_numbers_are_written_short(number: float, code: str, text: str) -> None:
    assert float_text(number, code) == text


@given(st.integers(0, (1 << 64) - 1), st.binary(max_size=6))
def test_varints(number: int, rest: bytes) -> None:
    data = leb128(number)
    found = rows(data + rest)
    assert found["varint"].big.text == str(number)
    assert found["varint"].size == len(data)
    signed = int(found["zigzag"].big.text)
    assert (signed << 1 if signed >= 0 else (-signed << 1) - 1) == number


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"\x80\x80", "needs 3, 2 left"),
        (b"\xff" * 9 + b"\x01", "18446744073709551615 · 10 bytes"),
        (b"\xff" * 9 + b"\x02", "no varint: does not fit into 64 bits"),
        (b"\x80" * 10 + b"\x00", "no varint: longer than 10 bytes"),
        (b"\x85\x80\x00", "5 · 3 bytes, 1 would do"),
        (b"\x05", "5 · 1 byte"),
    ],
)
def test_varints_at_their_limits(data: bytes, shown: str) -> None:
    assert value(data, "varint").shown == shown


@given(st.binary(max_size=12))
def test_a_varint_uses_no_byte_behind_its_end(data: bytes) -> None:
    number, size, problem = read_varint(data)
    if problem is None:
        assert read_varint(data[:size]) == (number, size, None)
        assert all(byte & 0x80 for byte in data[: size - 1])


def test_bits() -> None:
    row = rows(b"\xa5\x0f")
    assert row["bits 8"].big.text == "1010 0101"
    assert row["bits 16"].big.text == "1010 0101 0000 1111"
    assert row["bits 16"].little.text == "0000 1111 1010 0101"


@given(st.characters(exclude_categories=["Cs"]), st.binary(max_size=8))
def test_utf8_characters(character: str, rest: bytes) -> None:
    data = character.encode()
    one = value(data + rest, "UTF-8")
    assert one.size == len(data)
    assert f"U+{ord(character):04X} " in one.text
    assert one.text.endswith(unicodedata.name(character, ""))


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("é".encode(), "é U+00E9 LATIN SMALL LETTER E WITH ACUTE"),
        (b"\n", "␊ U+000A LINE FEED"),
        ("\u202e".encode(), "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("\u0301".encode(), "\u25cc\u0301 U+0301 COMBINING ACUTE ACCENT"),
        (b" ", "U+0020 SPACE"),
        ("\x85".encode(), "U+0085 CONTROL CHARACTER"),
        ("\U0010fffd".encode(), "U+10FFFD PRIVATE USE"),
        ("\U0001f600".encode()[:3], "needs 4, 3 left"),
        (b"\xa9", "0xA9 goes on a character that began before"),
        (b"\xff", "0xFF is no character in UTF-8"),
        (b"\xed\xa0\x80", "0xED 0xA0 0x80 is no character in UTF-8"),
    ],
)
def test_utf8_in_words(data: bytes, shown: str) -> None:
    assert value(data, "UTF-8").shown == shown


@given(st.sampled_from([one.name for one in ENCODINGS if one.name != "utf-8"]), st.characters(codec="ascii"))
def test_characters_of_other_encodings(encoding: str, character: str) -> None:
    data = character.encode(encoding)
    one = value(data + data, "text", Look(encoding))
    assert one.size == len(data)
    assert f"U+{ord(character):04X} " in one.text


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert value("\U0001f600".encode("utf-16-le"), "text", Look("utf-16-le")).text.endswith("GRINNING FACE")
    assert "text" not in rows(b"abcd")


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_times(count: int) -> None:
    found = rows(count.to_bytes(8, "little", signed=True))
    for name, here, seconds in (("time64", "local64", count), ("time ms", "local ms", count / 1000)):
        utc, local = found[name].little, found[here].little
        if seconds < -62_135_596_800:
            assert utc.problem == "before year 1"
        elif seconds >= 253_402_300_800:
            assert utc.problem == "after year 9999"
        else:
            when = datetime.fromisoformat(utc.text)
            per_second = 1 if name == "time64" else 1000
            assert (when - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1 / per_second) == count
            if not local.problem:
                assert datetime.fromisoformat(local.text) == when


def test_times_in_words() -> None:
    data = struct.pack("<q", 1_700_000_000)
    found = rows(data)
    assert found["time32"].little.text == "2023-11-14 22:13:20Z"
    assert found["local32"].little.text == "2023-11-15 00:13:20+02:00"
    assert found["time64"].little.text == "2023-11-14 22:13:20Z"
    milli = rows(struct.pack(">q", 1_700_000_000_123))
    assert milli["time ms"].big.text == "2023-11-14 22:13:20.123Z"
    edge = rows(struct.pack(">q", 253_402_300_799))
    assert edge["time64"].big.text == "9999-12-31 23:59:59Z"
    assert edge["local64"].big.problem == "not in this system's local time"
    assert rows(data, Look())["local64"].little.size == 8  # the machine's own zone


@given(SIXTEEN)
def test_addresses(data: bytes) -> None:
    found = rows(data)
    assert ipaddress.ip_address(found["IPv4"].big.text).packed == data[:4]
    assert ipaddress.ip_address(found["IPv4"].little.text).packed == data[3::-1]
    assert ipaddress.ip_address(found["IPv6"].big.text).packed == data[:16]
    assert bytes.fromhex(found["MAC"].big.text.replace(":", "")) == data[:6]
    assert uuid.UUID(found["UUID"].big.text).bytes == data[:16]
    assert uuid.UUID(found["GUID"].big.text).bytes_le == data[:16]


def test_only_the_first_bytes_matter() -> None:
    data = bytes(range(100))
    assert MOST == 16
    assert inspect(data) == inspect(data[:MOST])
