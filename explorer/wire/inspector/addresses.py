"""Bytes as addresses and identifiers: IPv4, IPv6, Ethernet, UUID."""

from __future__ import annotations

import ipaddress
import uuid


def ipv4(data: bytes) -> str:
    return str(ipaddress.IPv4Address(data))


def ipv6(data: bytes) -> str:
    """As RFC 5952 asks for."""
    return str(ipaddress.IPv6Address(data))


def mac(data: bytes) -> str:
    return data.hex(":")


def uuid_text(data: bytes) -> str:
    """All fields in network order (RFC 9562)."""
    return str(uuid.UUID(bytes=data))


def guid_text(data: bytes) -> str:
    """The first three fields in little endian, as Microsoft's GUID structure lies in memory."""
    return str(uuid.UUID(bytes_le=data))
