"""The rows of the inspector, in the order in which they are shown. Adding one is one line here."""

from __future__ import annotations

from explorer.wire.inspector import addresses, characters, numbers, times
from explorer.wire.inspector.api import Look, Row, fixed, of, unordered

WIDTHS = (8, 16, 24, 32, 48, 64)
UTF8 = characters.utf8()
IN_ENCODING = characters.in_encoding()

KINDS = (
    *(numbers.whole(width, signed) for width in WIDTHS for signed in (False, True)),
    numbers.floating("e", "half"),
    numbers.floating("f", "single"),
    numbers.floating("d", "double"),
    numbers.varint("varint", "Base-128 number (LEB128, Protocol Buffers), unsigned", zigzag=False),
    numbers.varint("zigzag", "Base-128 number, signed by zigzag (Protocol Buffers sint64)", zigzag=True),
    numbers.bits(1),
    numbers.bits(2),
    UTF8,
    IN_ENCODING,
    times.moment("time32", "Seconds since 1970, 32 bits signed, as UTC", 4, 1, local=False),
    times.moment("local32", "Seconds since 1970, 32 bits signed, as local time", 4, 1, local=True),
    times.moment("time64", "Seconds since 1970, 64 bits, as UTC", 8, 1, local=False),
    times.moment("local64", "Seconds since 1970, 64 bits, as local time", 8, 1, local=True),
    times.moment("time ms", "Milliseconds since 1970, 64 bits, as UTC", 8, 1000, local=False),
    times.moment("local ms", "Milliseconds since 1970, 64 bits, as local time", 8, 1000, local=True),
    fixed("IPv4", "IPv4 address; big endian is the order on the wire", 4, addresses.ipv4),
    unordered("IPv6", "IPv6 address", 16, addresses.ipv6),
    unordered("MAC", "Ethernet address", 6, addresses.mac),
    unordered("UUID", "UUID, fields in network order (RFC 9562)", 16, addresses.uuid_text),
    unordered("GUID", "UUID, first three fields in little endian (Microsoft GUID)", 16, addresses.guid_text),
)
MOST = max(kind.size for kind in KINDS)
"""Bytes from the cursor on that can matter to any row."""


def inspect(data: bytes, look: Look = Look()) -> tuple[Row, ...]:  # noqa: B008  a frozen value
    """What the bytes from the cursor on mean; of more than `MOST` bytes, the first. Never raises.

    The row of the socket's encoding is left out where it would repeat that of UTF-8.
    """
    data = data[:MOST]
    return tuple(of(kind, data, look) for kind in KINDS if kind is not IN_ENCODING or look.encoding != "utf-8")
