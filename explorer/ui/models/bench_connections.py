"""The connections that the bench offers: those of what is chosen in the window, the newest first. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.capture.stream import Scope
from explorer.ui.entries import ConnectionEntry, SocketEntry
from explorer.ui.workbench import Workbench
from explorer.wire.visible import visible_text

MOST = 100  # connections that are offered one by one
NEWEST = 0  # stands for whichever is the newest; connections are numbered from 1 on


@dataclass(frozen=True, slots=True)
class Offered:
    """items: numbers of connections, the newest first, and what the list says. shown: the one that is looked at, where
    there is any. hidden: how many more there are."""

    items: tuple[tuple[int, str], ...] = ()
    shown: ConnectionEntry | None = None
    hidden: int = 0


def offered(workbench: Workbench, chosen: int) -> Offered:
    """chosen: a connection's number, or `NEWEST`. One that the window is about comes before all."""
    scope = workbench.selection.scope
    sockets = [entry for entry in workbench.sockets if scope.socket in (None, entry.number)]
    found = newest_of(workbench, sockets)
    count = sum(len(workbench.connections(entry.number)) for entry in sockets)
    shown = workbench.connection(scope.connection or chosen) if scope.connection or chosen else None
    if shown is not None and scope.socket not in (None, shown.socket):
        shown = None
    if shown is None and found:
        shown = found[0]
    if shown is not None and shown not in found:
        found.append(shown)
    names = {entry.number: entry.spec.name for entry in sockets}
    several = len(sockets) > 1
    items = tuple((one.number, _label(one, names.get(one.socket, "") if several else "")) for one in found)
    return Offered(items, shown, max(0, count - len(found)))


def newest_of(workbench: Workbench, sockets: list[SocketEntry], most: int = MOST) -> list[ConnectionEntry]:
    """Up to `most` connections of these sockets, the newest first."""
    found: list[ConnectionEntry] = []
    for entry in sockets:
        known = workbench.connections(entry.number)
        numbers = list(known)[-most:]
        found += map(known.__getitem__, numbers)
    return sorted(found, key=lambda one: -one.number)[:most]


def scope_of(connection: ConnectionEntry) -> Scope:
    """What the window is about when it is about this connection."""
    return Scope(connection.socket, connection.number)


def _label(connection: ConnectionEntry, name: str) -> str:
    closed = "" if connection.open else " (closed)"
    return f"{visible_text(name)} · {connection.remote}{closed}" if name else f"{connection.remote}{closed}"
