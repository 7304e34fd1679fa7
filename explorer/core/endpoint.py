"""Addresses as people write them: a host and a port."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from explorer.core.errors import InputError

MAX_PORT = 65_535
WILDCARDS = frozenset({"0.0.0.0", "::", ""})


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """A host (a name, or an IPv4 or IPv6 address, scope included) and a port (0 … 65,535)."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @classmethod
    def of(cls, address: object) -> Endpoint:
        """From what the socket module gives: (host, port) or (host, port, flow, scope)."""
        if isinstance(address, tuple) and len(address) >= 2:
            host, port = str(address[0]), int(address[1])
            if len(address) == 4 and address[3] and "%" not in host:
                host = f"{host}%{address[3]}"
            return cls(host, port)
        return cls("", 0)

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """From ``host:port`` or ``[v6]:port``. Raises InputError."""
        host, colon, port = text.strip().rpartition(":")
        if not colon:
            raise InputError("", f"{text!r} has no port; write host:port, e.g. 127.0.0.1:9000.")
        return cls(host.removeprefix("[").removesuffix("]"), parse_port(port))

    @property
    def is_wildcard(self) -> bool:
        """Whether binding here means all interfaces of the machine."""
        return self.host in WILDCARDS

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can reach it (names other than localhost: unknown, so no)."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.partition("%")[0]).is_loopback
        except ValueError:
            return False


def parse_port(text: str, lowest: int = 0) -> int:
    """A port from what was typed. Raises InputError with a sentence that stands beside the field."""
    text = text.strip()
    if not text:
        raise InputError("port", f"A port is needed: a whole number from {lowest} to {MAX_PORT:,}.")
    if not (text.isascii() and text.isdigit()):
        raise InputError("port", f"{text!r} is not a port; a port is a whole number from {lowest} to {MAX_PORT:,}.")
    return check_port(int(text[:12]), lowest)


def check_port(port: int, lowest: int = 0) -> int:
    """`port` itself, if it is one. Raises InputError."""
    if port == 0 and lowest:
        raise InputError("port", "Port 0 lets the system choose, which only a server can use; give the peer's port.")
    if not lowest <= port <= MAX_PORT:
        raise InputError("port", f"Port {port:,} does not exist; ports go from {lowest} to {MAX_PORT:,}.")
    return port
