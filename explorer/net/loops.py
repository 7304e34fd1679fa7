"""Which sockets of ours would answer each other for ever: found by their addresses, before the first answer.

Two sockets whose programs both answer by themselves, with each other or one with itself, pass one message to and fro
without end: two echoes over UDP, a client that answers our own server, a datagram that a socket sent to its own
address. Where the other end is another program, only what it does can tell: see `explorer.net.answer_watch`.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Protocol

from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.socket_spec import SocketSpec
from explorer.net.service import Service

# Services that send something back for every datagram (RFC 862, 867, 865, 864, 868).
SERVICES = {7: "echo", 13: "daytime", 17: "quote of the day", 19: "characters", 37: "time"}


class Running(Protocol):
    """A socket that runs."""

    number: int
    spec: SocketSpec
    service: Service

    @property
    def local(self) -> Endpoint | None: ...
    @property
    def remote(self) -> Endpoint | None: ...


class Loops:
    """Of one engine. sockets: the running ones by their numbers. version: changes when its answers may."""

    def __init__(self, sockets: Mapping[int, Running]) -> None:
        self._sockets = sockets
        self.version = 0
        self._listed = -1  # the version of what follows
        self._by_port: dict[tuple[str, int], list[Running]] = {}

    def changed(self) -> None:
        """A socket came, went, or has another address or program."""
        self.version += 1

    def pair(self, number: int, remote: Endpoint) -> tuple[Running, Running] | None:
        """This socket and that of ours at the other end, if both answer by themselves; it may be one and the same."""
        mine = self._sockets.get(number)
        if mine is None or not mine.service.kind.answers:
            return None
        for other in self._at(mine.spec.transport, remote.port):
            if other.service.kind.answers and _meet(mine, other, remote):
                return mine, other
        return None

    def _at(self, transport: str, port: int) -> list[Running]:
        if self._listed != self.version:
            self._listed = self.version
            self._by_port = {}
            for one in self._sockets.values():
                if one.local is not None:
                    self._by_port.setdefault((one.spec.transport, one.local.port), []).append(one)
        return self._by_port.get((transport, port), [])


def _meet(mine: Running, other: Running, remote: Endpoint) -> bool:
    """Whether what `mine` sends to `remote` comes to `other`, whose port that is, and what that sends comes back."""
    if mine.local is None or other.local is None:
        return False
    if other.spec.role == "client" and (other.remote is None or other.remote.port != mine.local.port):
        return False  # it is connected to somebody else: the system keeps our messages from it
    if mine.spec.transport == "tcp" and mine.spec.role == other.spec.role:
        return False
    return _host(other.local) == _host(remote) or (other.local.is_wildcard and is_of_this_machine(remote.host))


def is_of_this_machine(host: str) -> bool:
    """Whether this machine has the address: the system lets nobody bind to those of others."""
    where = Endpoint(host, 0)
    if where.is_loopback:
        return True
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST | socket.AI_PASSIVE)
        family, kind, number, _, address = found[0]
        with socket.socket(family, kind, number) as probe:
            probe.bind(address)
    except OSError:
        return False
    return True


def _host(where: Endpoint) -> str:
    """An address as it is compared: one of IPv4 that came over an IPv6 socket is the same."""
    try:
        found = ipaddress.ip_address(where.host.partition("%")[0])
    except ValueError:
        return where.host
    return str(getattr(found, "ipv4_mapped", None) or found)


def answers_everything(mine: SocketSpec, remote: Endpoint) -> Failure | None:
    """What is told in place of an answer to a service that would answer it again; None where there is none."""
    service = SERVICES.get(remote.port)
    if mine.transport != "udp" or service is None:
        return None
    return Failure(
        "answer",
        "",
        f"{remote} would answer the answer",
        f'"{mine.name}" does not answer {remote}: port {remote.port} is that of the service {service}, which answers '
        "every datagram, so this would never end. Somebody may have forged the address to bring that about.",
        "To talk to the service, set the program to none and send to it yourself.",
    )


def would_never_end(mine: Running, other: Running, remote: Endpoint) -> Failure:
    """What is told in place of the first answer."""
    name, kind = mine.spec.name, mine.spec.program.kind
    if other is mine:
        said = f'"{name}" would answer itself at {remote}'
        why = f'A message of "{name}" came back to it, and its program ({kind}) would answer it again and again.'
        advice = "Set its program to none, or send to another address."
    else:
        theirs, its = other.spec.name, other.spec.program.kind
        said = f'"{name}" and "{theirs}" would answer each other'
        why = (
            f'"{name}" does not answer "{theirs}" at {remote}: the programs of both ({kind} and {its}) answer by '
            "themselves, so one message would go to and fro without end."
        )
        advice = f'Set the program of "{name}" or of "{theirs}" to none.'
    return Failure("answer", "", said, why, advice)
