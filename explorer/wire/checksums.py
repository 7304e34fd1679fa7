"""Checksums over bytes, by name. Another one is one line in `CHECKSUMS`.

CRCs carry the names of Greg Cook's catalogue of parametrised CRC algorithms, in which each is given by its
check value: the CRC of the nine bytes ``123456789``.

In which order the bytes of one are sent says the protocol that it is known from: Modbus over serial line 1.02, 2.5.1.2
(low byte first), RFC 1662 for X.25, USB 2.0, DNP3, MAVLink for MCRF4XX, LHA for ARC, 1-Wire and Ethernet likewise;
EN 13757-4, GENIbus, XMODEM, bzip2, MPEG-2 sections, RFC 1950 for Adler-32 and RFC 1071 have the high byte first.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

Bytes = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Checksum:
    """One way of summing up bytes in a number.

    size: bytes that the number takes. check: the number for ``123456789``. order: in which its bytes usually go over
    the wire; None where that is not settled, or where there is one byte.
    """

    name: str
    label: str
    size: int
    check: int
    compute: Callable[[bytes], int]
    order: Literal["big", "little"] | None = None

    def of(self, data: Bytes) -> int:
        """The checksum of `data`."""
        return self.compute(bytes(data))


def find_checksum(name: str) -> Checksum | None:
    """The checksum called `name`; None if there is none."""
    return _BY_NAME.get(name)


@cache
def _native(family: str, name: str) -> Callable[[bytes], int]:
    import fastcrc  # not before a CRC is wanted: names alone are needed at every start

    found: Callable[[bytes], int] = getattr(getattr(fastcrc, family), name)
    return found


def _crc(family: str, name: str) -> Callable[[bytes], int]:
    return lambda data: _native(family, name)(data)


def _sum(size: int) -> Callable[[bytes], int]:
    mask = (1 << 8 * size) - 1
    return lambda data: sum(data) & mask


def _negative_sum8(data: bytes) -> int:
    """What makes the sum of all bytes 0 in eight bits (LRC of Modbus over serial line 1.02, 2.5.2.2)."""
    return -sum(data) & 0xFF


def _xor8(data: bytes) -> int:
    """All bytes combined by exclusive or; halves first, as wide numbers, because that is quick."""
    while len(data) > 8:
        half = (len(data) + 1) // 2
        folded = int.from_bytes(data[:half], "little") ^ int.from_bytes(data[half:], "little")
        data = folded.to_bytes(half, "little")
    result = 0
    for byte in data:
        result ^= byte
    return result


def _internet(data: bytes) -> int:
    """The one's complement of the one's complement sum of big-endian 16-bit words (RFC 1071)."""
    words = int.from_bytes(data + bytes(len(data) % 2), "big")
    total = words % 0xFFFF  # 0x10000 is 1 modulo 0xFFFF: the remainder is the sum with its carries added
    return (~total & 0xFFFF) if total or not words else 0


def _fletcher16(data: bytes) -> int:
    """The sum of the bytes and the sum of all sums on the way, both modulo 255, as one number: that is quick.

    256 to the power k is 1 + 255k modulo 255², so the remainder of all bytes, read as one number, is their sum and
    255 times the sum of each byte times the number of bytes behind it.
    """
    total = sum(data)
    behind = (int.from_bytes(data, "big") % (255 * 255) - total) // 255
    return (behind + total) % 255 << 8 | total % 255


CHECKSUMS: tuple[Checksum, ...] = (
    Checksum("crc8", "CRC-8/SMBUS", 1, 0xF4, _crc("crc8", "smbus")),
    Checksum("crc8-maxim", "CRC-8/MAXIM-DOW (1-Wire)", 1, 0xA1, _crc("crc8", "maxim_dow")),
    Checksum("crc8-autosar", "CRC-8/AUTOSAR", 1, 0xDF, _crc("crc8", "autosar")),
    Checksum("crc8-bluetooth", "CRC-8/BLUETOOTH", 1, 0x26, _crc("crc8", "bluetooth")),
    Checksum("crc8-cdma2000", "CRC-8/CDMA2000", 1, 0xDA, _crc("crc8", "cdma2000")),
    Checksum("crc8-darc", "CRC-8/DARC", 1, 0x15, _crc("crc8", "darc")),
    Checksum("crc8-dvb-s2", "CRC-8/DVB-S2", 1, 0xBC, _crc("crc8", "dvb_s2")),
    Checksum("crc8-itu", "CRC-8/I-432-1 (ITU)", 1, 0xA1, _crc("crc8", "i_432_1")),
    Checksum("crc8-rohc", "CRC-8/ROHC", 1, 0xD0, _crc("crc8", "rohc")),
    Checksum("crc8-j1850", "CRC-8/SAE-J1850", 1, 0x4B, _crc("crc8", "sae_j1850")),
    Checksum("crc8-wcdma", "CRC-8/WCDMA", 1, 0x25, _crc("crc8", "wcdma")),
    Checksum("crc16-arc", "CRC-16/ARC (IBM, LHA)", 2, 0xBB3D, _crc("crc16", "arc"), "little"),
    Checksum("crc16-ccitt-false", "CRC-16/IBM-3740 (CCITT-FALSE)", 2, 0x29B1, _crc("crc16", "ibm_3740"), "big"),
    Checksum("crc16-xmodem", "CRC-16/XMODEM", 2, 0x31C3, _crc("crc16", "xmodem"), "big"),
    Checksum("crc16-modbus", "CRC-16/MODBUS", 2, 0x4B37, _crc("crc16", "modbus"), "little"),
    Checksum("crc16-kermit", "CRC-16/KERMIT (CCITT)", 2, 0x2189, _crc("crc16", "kermit"), "little"),
    Checksum("crc16-x25", "CRC-16/IBM-SDLC (X.25)", 2, 0x906E, _crc("crc16", "ibm_sdlc"), "little"),
    Checksum("crc16-usb", "CRC-16/USB", 2, 0xB4C8, _crc("crc16", "usb"), "little"),
    Checksum("crc16-dnp", "CRC-16/DNP", 2, 0xEA82, _crc("crc16", "dnp"), "little"),
    Checksum("crc16-en13757", "CRC-16/EN-13757 (M-Bus)", 2, 0xC2B7, _crc("crc16", "en_13757"), "big"),
    Checksum("crc16-genibus", "CRC-16/GENIBUS", 2, 0xD64E, _crc("crc16", "genibus"), "big"),
    Checksum("crc16-maxim", "CRC-16/MAXIM-DOW (1-Wire)", 2, 0x44C2, _crc("crc16", "maxim_dow"), "little"),
    Checksum("crc16-mcrf4xx", "CRC-16/MCRF4XX", 2, 0x6F91, _crc("crc16", "mcrf4xx"), "little"),
    Checksum("crc16-profibus", "CRC-16/PROFIBUS", 2, 0xA819, _crc("crc16", "profibus")),
    Checksum("crc16-fujitsu", "CRC-16/SPI-FUJITSU (AUG-CCITT)", 2, 0xE5CC, _crc("crc16", "spi_fujitsu")),
    Checksum("crc32", "CRC-32/ISO-HDLC (Ethernet, zip)", 4, 0xCBF43926, _crc("crc32", "iso_hdlc"), "little"),
    Checksum("crc32c", "CRC-32/ISCSI (CRC-32C)", 4, 0xE3069283, _crc("crc32", "iscsi")),
    Checksum("crc32-bzip2", "CRC-32/BZIP2", 4, 0xFC891918, _crc("crc32", "bzip2"), "big"),
    Checksum("crc32-mpeg2", "CRC-32/MPEG-2", 4, 0x0376E6E7, _crc("crc32", "mpeg_2"), "big"),
    Checksum("crc32-cksum", "CRC-32/CKSUM (POSIX)", 4, 0x765E7680, _crc("crc32", "cksum")),
    Checksum("crc32-jamcrc", "CRC-32/JAMCRC", 4, 0x340BC6D9, _crc("crc32", "jamcrc")),
    Checksum("crc32-autosar", "CRC-32/AUTOSAR", 4, 0x1697D06A, _crc("crc32", "autosar")),
    Checksum("sum8", "Sum of bytes, 8 bits", 1, 0xDD, _sum(1)),
    Checksum("sum16", "Sum of bytes, 16 bits", 2, 0x01DD, _sum(2)),
    Checksum("sum32", "Sum of bytes, 32 bits", 4, 0x000001DD, _sum(4)),
    Checksum("lrc", "Sum of bytes, negated (LRC, Modbus ASCII)", 1, 0x23, _negative_sum8),
    Checksum("xor8", "Exclusive or of bytes (BCC, NMEA)", 1, 0x31, _xor8),
    Checksum("inet16", "Internet checksum (RFC 1071)", 2, 0xF62A, _internet, "big"),
    Checksum("fletcher16", "Fletcher-16", 2, 0x1EDE, _fletcher16),
    Checksum("adler32", "Adler-32 (zlib)", 4, 0x091E01DE, zlib.adler32, "big"),
)

_BY_NAME = {checksum.name: checksum for checksum in CHECKSUMS}
