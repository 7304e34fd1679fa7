"""Where a socket is, as a script says it."""

from __future__ import annotations

import ipaddress

from explorer.core.socket_spec import SocketSpec


def family_of(spec: SocketSpec) -> str:
    """The address family; ``family`` where the name of the host tells it."""
    if not is_number(spec.host):
        return "family"
    return "socket.AF_INET6" if ":" in spec.host else "socket.AF_INET"


def is_number(host: str) -> bool:
    """Whether a host is an address already, and no name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def has_local(spec: SocketSpec) -> bool:
    """Whether a client binds to an address of its own choice."""
    return spec.role == "client" and bool(spec.options.local_host or spec.options.local_port)
