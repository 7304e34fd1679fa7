"""Names to addresses, off the loop. An address written in numbers needs no look-up and no thread."""

from __future__ import annotations

import encodings.idna  # noqa: F401  getaddrinfo loads it at its first use, which may be too late for a frozen program
import socket
from collections.abc import Callable
from dataclasses import dataclass

from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.net.background import Background, Task
from explorer.net.call_log import CallLog, clock


@dataclass(frozen=True, slots=True)
class Address:
    """One way to reach an endpoint. sockaddr is what bind and connect take."""

    family: socket.AddressFamily
    sockaddr: tuple[str, int] | tuple[str, int, int, int]

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint.of(self.sockaddr)


Addresses = list[Address]


def numeric(where: Endpoint, kind: socket.SocketKind, passive: bool = False) -> Addresses | None:
    """Addresses of a host in numbers (or of no host: all interfaces when passive, else loopback); None for a
    name. Never asks a name server."""
    try:
        return _ask(where, kind, passive, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError, ValueError):
        return None


def look_up(where: Endpoint, kind: socket.SocketKind, passive: bool = False) -> Addresses:
    """What getaddrinfo says. Blocks, for half a minute at worst. Raises OSError."""
    try:
        return _ask(where, kind, passive, 0)
    except (UnicodeError, ValueError):
        # A name that cannot even be asked for: a label that is empty or longer than 63 bytes, a NUL inside.
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None


def _ask(where: Endpoint, kind: socket.SocketKind, passive: bool, flags: int) -> Addresses:
    if passive:
        flags |= socket.AI_PASSIVE
    found = socket.getaddrinfo(where.host or None, where.port, type=kind, flags=flags)
    addresses: Addresses = []
    for family, _, _, _, sockaddr in found:
        if family in (socket.AF_INET, socket.AF_INET6):
            address = Address(family, sockaddr)  # type: ignore[arg-type]
            if address not in addresses:
                addresses.append(address)
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, "The name has no IPv4 or IPv6 address")
    return addresses


def resolve(
    background: Background,
    log: CallLog,
    where: Endpoint,
    kind: socket.SocketKind,
    done: Callable[[Addresses | Exception, int], None],
    passive: bool = False,
) -> Task[Addresses]:
    """Look a name up on a thread, record the call, and tell `done` the addresses or the error, and the
    number of the record."""
    started = clock()
    detail: dict[str, object] = {"host": where.host, "port": where.port}

    def answer(found: Addresses | Exception) -> None:
        if isinstance(found, list):
            results = [str(address.endpoint) for address in found]
            record = log.write(CallKind.getaddrinfo, {**detail, "results": results}, started=started)
        else:
            error = found if isinstance(found, OSError) else None
            record = log.write(CallKind.getaddrinfo, detail, error=error, started=started)
        done(found, record)

    return background.call("name look-up", lambda: look_up(where, kind, passive), answer)
