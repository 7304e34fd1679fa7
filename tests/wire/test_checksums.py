"""Checksums: the check values of the catalogue, and the sums that are made here."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.checksums import CHECKSUMS, Checksum, find_checksum
from tests.fakes.untraced import untraced


def of(name: str, data: bytes) -> int:
    checksum = find_checksum(name)
    assert checksum is not None
    return checksum.of(data)


@pytest.mark.parametrize("checksum", CHECKSUMS, ids=lambda checksum: checksum.name)
def test_the_check_value_is_that_of_the_catalogue(checksum: Checksum) -> None:
    assert checksum.of(b"123456789") == checksum.check
    assert checksum.of(memoryview(bytearray(b"123456789"))) == checksum.check
    assert 0 <= checksum.of(b"") < 1 << 8 * checksum.size


def test_names_and_labels_are_used_once() -> None:
    assert len({checksum.name for checksum in CHECKSUMS}) == len(CHECKSUMS)
    assert len({checksum.label for checksum in CHECKSUMS}) == len(CHECKSUMS)
    assert find_checksum("crc17") is None


def test_known_messages() -> None:
    assert of("crc16-modbus", bytes.fromhex("0103000000 0a")) == 0xCDC5  # on the wire: c5 cd
    assert of("lrc", bytes.fromhex("010300000001")) == 0xFB
    assert of("xor8", b"GPGLL,5300.97914,N,00259.98174,E,125926,A") == 0x28
    assert of("fletcher16", b"abcde") == 0xC8F0
    # The example of RFC 1071, section 3, whose sum is ddf2.
    assert of("inet16", bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF ^ 0xDDF2


@given(st.binary(max_size=300))
def test_the_quick_ways_give_what_the_plain_ones_give(data: bytes) -> None:
    plain = 0
    for byte in data:
        plain ^= byte
    assert of("xor8", data) == plain
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert of("inet16", data) == total ^ 0xFFFF
    assert (sum(data) + of("lrc", data)) % 256 == 0
    low = high = 0
    for byte in data:
        low = (low + byte) % 255
        high = (high + low) % 255
    assert of("fletcher16", data) == high << 8 | low


@pytest.mark.parametrize("checksum", CHECKSUMS, ids=lambda checksum: checksum.name)
def test_a_megabyte_is_summed_up_quickly(checksum: Checksum) -> None:
    data = bytes(range(256)) * 4096
    with untraced():
        times = []
        for _ in range(3):
            started = time.thread_time()
            checksum.of(data)
            times.append(time.thread_time() - started)
    assert min(times) < 0.015
