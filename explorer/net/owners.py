"""Who holds a port: one of our sockets, another process, or nobody we can see."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from explorer.core.endpoint import WILDCARDS, Endpoint
from explorer.core.failure import Failure
from explorer.core.socket_spec import Transport


@dataclass(frozen=True, slots=True)
class Holder:
    """A socket of ours that has an address."""

    name: str
    transport: Transport
    local: Endpoint


def ours(transport: Transport, where: Endpoint, holders: Iterable[Holder]) -> Holder | None:
    """Which of our sockets holds an address that keeps others from `where`."""
    for holder in holders:
        if holder.transport == transport and holder.local.port == where.port and _overlap(holder.local, where):
            return holder
    return None


def _overlap(one: Endpoint, other: Endpoint) -> bool:
    return one.host == other.host or one.host in WILDCARDS or other.host in WILDCARDS


def process_at(transport: Transport, where: Endpoint) -> str:
    """The process that holds `where`, e.g. ``python3 (1234)``; "" when it cannot be told. Slow: may take 100 ms."""
    import psutil  # seldom needed: not a part of every start

    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    try:
        table = psutil.net_connections(kind="inet")
    except (psutil.Error, OSError):
        return ""  # macOS tells only the administrator
    for row in table:
        if row.type != kind or not row.laddr or row.laddr.port != where.port or not row.pid:
            continue
        if transport == "tcp" and row.status != psutil.CONN_LISTEN:
            continue
        if _overlap(Endpoint(row.laddr.ip, row.laddr.port), where):
            try:
                return f"{psutil.Process(row.pid).name()} ({row.pid})"
            except (psutil.Error, OSError):
                return f"process {row.pid}"
    return ""


def held_by_ours(failure: Failure, where: Endpoint, holder: Holder) -> Failure:
    """`failure` (address in use) with the sentence about our own socket."""
    return dataclasses.replace(
        failure,
        means=f'Port {where.port} is in use by your socket "{holder.name}".',
        advice="Stop it, or choose another port.",
    )


def held_by_process(failure: Failure, where: Endpoint, process: str) -> Failure:
    """`failure` (address in use) with the sentence about another process; process "" when it is not known."""
    if process:
        means, advice = f"Port {where.port} is in use by {process}.", "Stop that program, or choose another port."
    else:
        means = f"Port {where.port} is in use by another program, which only an administrator can see the name of."
        advice = "Choose another port, or find the program with administrator rights."
    return dataclasses.replace(failure, means=means, advice=advice)
