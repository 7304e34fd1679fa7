"""IP packets around TCP and UDP payloads, with right lengths and checksums.

RFC 791 (IPv4), RFC 8200 (IPv6), RFC 9293 (TCP), RFC 768 (UDP), RFC 7323 (window scale).
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

from explorer.core.endpoint import Endpoint

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
_TCP, _UDP = 6, 17
_WINDOW = 65_535
_WINDOW_SHIFT = 7  # offered in the SYN, so that a whole recv of 1 MiB fits the window
_LOOPBACK_MSS = 65_483
_V4 = struct.Struct(">BBHHHBBH4s4s")
_V6 = struct.Struct(">IHBB16s16s")
_TCP_HEADER = struct.Struct(">HHIIBBHHH")
_UDP_HEADER = struct.Struct(">HHHH")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Both ends as packets name them: addresses of 4 or of 16 bytes, and ports."""

    source: bytes
    source_port: int
    target: bytes
    target_port: int

    def back(self) -> Addresses:
        """The other way round."""
        return Addresses(self.target, self.target_port, self.source, self.source_port)

    @property
    def mss(self) -> int:
        """The most bytes a TCP segment carries: what Linux takes on loopback, and Ethernet's elsewhere."""
        if len(self.source) == 4:
            return _LOOPBACK_MSS if self.source[0] == self.target[0] == 127 else 1460
        return _LOOPBACK_MSS if self.source == self.target == _V6_LOOPBACK else 1440


_V6_LOOPBACK = bytes(15) + b"\1"


def addresses(local: Endpoint, remote: Endpoint) -> Addresses:
    """From `local` to `remote`. IPv4 addresses in IPv6 clothes are undressed; names become 0.0.0.0.

    A socket bound to all addresses is given the peer's own where that is loopback: the packets went there.
    """
    target = _packed(remote.host)
    source = target if local.is_wildcard and remote.is_loopback else _packed(local.host)
    if len(source) != len(target):
        source, target = _widened(source), _widened(target)
    return Addresses(source, local.port, target, remote.port)


def _packed(host: str) -> bytes:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return bytes(4)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.packed
    return address.packed


def _widened(packed: bytes) -> bytes:
    if len(packed) == 16:
        return packed
    return bytes(10) + b"\xff\xff" + packed if any(packed) else bytes(16)


def tcp_packet(way: Addresses, sequence: int, acknowledged: int, flags: int, payload: bytes = b"") -> bytes:
    """One IP packet with one TCP segment. A SYN offers the largest segment and the window scale."""
    options = struct.pack(">BBHBBBB", 2, 4, way.mss, 1, 3, 3, _WINDOW_SHIFT) if flags & SYN else b""
    offset = (20 + len(options)) << 2
    header = _TCP_HEADER.pack(
        way.source_port, way.target_port, sequence & 0xFFFF_FFFF, acknowledged & 0xFFFF_FFFF,
        offset, flags, _WINDOW, 0, 0,
    ) + options  # fmt: skip
    size = len(header) + len(payload)
    total = checksum(_pseudo(way, _TCP, size) + header, payload)
    return _ip_header(way, _TCP, size) + header[:16] + total.to_bytes(2, "big") + header[18:] + payload


def udp_packet(way: Addresses, payload: bytes, whole: int) -> bytes:
    """One IP packet with one datagram of `whole` bytes, of which `payload` was kept.

    Of a cut datagram the checksum cannot be known; 0 says that there is none.
    """
    size = _UDP_HEADER.size + whole
    header = _UDP_HEADER.pack(way.source_port, way.target_port, size & 0xFFFF, 0)
    total = checksum(_pseudo(way, _UDP, size) + header, payload) if whole == len(payload) else 0
    return _ip_header(way, _UDP, size) + header[:6] + total.to_bytes(2, "big") + payload


def checksum(head: bytes, payload: bytes = b"") -> int:
    """The internet checksum (RFC 1071) of `head`, whose length is even, and `payload`. Never 0.

    A sum of 16-bit words with end-around carry is the remainder by 65,535 of the number they form.
    """
    if len(payload) % 2:
        payload += b"\0"
    total = int.from_bytes(head, "big") + int.from_bytes(payload, "big")
    return 0xFFFF - total % 0xFFFF


def _pseudo(way: Addresses, protocol: int, size: int) -> bytes:
    if len(way.source) == 4:
        return way.source + way.target + struct.pack(">BBH", 0, protocol, size)
    return way.source + way.target + struct.pack(">II", size, protocol)


def _ip_header(way: Addresses, protocol: int, size: int) -> bytes:
    if len(way.source) == 16:
        return _V6.pack(0x6000_0000, size, protocol, 64, way.source, way.target)
    fields = (0x45, 0, 20 + size, 0, 0x4000, 64, protocol)
    total = checksum(_V4.pack(*fields, 0, way.source, way.target))
    return _V4.pack(*fields, total, way.source, way.target)
