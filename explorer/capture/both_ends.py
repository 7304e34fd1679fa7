"""Which two connections of a capture are the two ends of one: a client and a server that both run in this program.

Only what is sure is paired. The addresses must be each other's, and both ends must have been there at one time,
because the system gives a port again to others. For TCP, one pair of addresses has one connection at a time
(RFC 9293, 3.4.1), so an accept belongs to the connect that began last before it. UDP has no such rule: where
several peers could be meant, none is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from explorer.capture.catalog import CapturedConnection, Catalog
from explorer.core.endpoint import Endpoint

_MAPPED = "::ffff:"  # an IPv4 address, as an IPv6 socket shows it (RFC 4291, 2.5.5.2)
_NEVER = 1 << 64


def other_end(catalog: Catalog, connection: CapturedConnection) -> CapturedConnection | None:
    """The other end of a connection, as far as the catalog has come; None where it is not in this capture, or not sure.

    It costs a look at the connections that have the same two ports, however many there are in all. A later look may
    find more: the server's end of a connection is known a moment after the client's.
    """
    known = catalog.connection(connection.number)
    if known is None:
        return None
    beside = [one for one in catalog.between(known.local.port, known.remote.port) if one.transport == known.transport]
    return _tcp_end(known, beside) if known.transport == "tcp" else _udp_end(known, beside)


def _tcp_end(known: CapturedConnection, beside: Sequence[CapturedConnection]) -> CapturedConnection | None:
    if not known.accepted:
        return _accepted(known, _facing(known, beside))
    clients = (one for one in _facing(known, beside) if not one.accepted and one.begun_at <= known.opened_at)
    client = max(clients, key=lambda one: one.begun_at, default=None)
    if client is None or _accepted(client, _facing(client, beside)) != known:
        return None
    return client


def _accepted(client: CapturedConnection, servers: Iterable[CapturedConnection]) -> CapturedConnection | None:
    """The server's end: the last that was accepted while the client had it open, or was opening it."""
    fit = (one for one in servers if one.accepted and client.begun_at <= one.opened_at <= _until(client))
    return max(fit, key=lambda one: one.opened_at, default=None)


def _udp_end(known: CapturedConnection, beside: Sequence[CapturedConnection]) -> CapturedConnection | None:
    found = _met(known, beside)
    if len(found) != 1 or len(_met(found[0], beside)) != 1:
        return None
    return found[0]


def _met(known: CapturedConnection, beside: Iterable[CapturedConnection]) -> list[CapturedConnection]:
    """Those with the right addresses that were there at the same time."""
    return [one for one in _facing(known, beside) if one.begun_at <= _until(known) and known.begun_at <= _until(one)]


def _until(connection: CapturedConnection) -> int:
    return _NEVER if connection.closed_at is None else connection.closed_at


def _facing(known: CapturedConnection, beside: Iterable[CapturedConnection]) -> list[CapturedConnection]:
    return [one for one in beside if one.number != known.number and _face(known, one)]


def _face(one: CapturedConnection, other: CapturedConnection) -> bool:
    """Whether each has the address that the other one talks with.

    A socket that is bound to all addresses of the machine has none of its own to compare, and "any" is no address
    to compare either: then the other way must tell that both are on this machine.
    """
    if not (_fits(one.local, other.remote) and _fits(other.local, one.remote)):
        return False
    either = _same(one.local, other.remote) or _same(other.local, one.remote)
    return either or (_plain(one.remote).is_loopback and _plain(other.remote).is_loopback)


def _fits(local: Endpoint, remote: Endpoint) -> bool:
    return local.port == remote.port and (local.is_wildcard or remote.is_wildcard or _plain(local) == _plain(remote))


def _same(local: Endpoint, remote: Endpoint) -> bool:
    return not local.is_wildcard and _plain(local) == _plain(remote)


def _plain(endpoint: Endpoint) -> Endpoint:
    """IPv4 addresses in one form, whatever the socket's family."""
    if endpoint.host.startswith(_MAPPED):
        return Endpoint(endpoint.host.removeprefix(_MAPPED), endpoint.port)
    return endpoint
