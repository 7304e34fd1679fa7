"""Whom a message can go to: what the composer's list offers, and why nothing can be sent. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.states import State
from explorer.ui.entries import ConnectionEntry, SocketEntry
from explorer.ui.units import count_text

MOST = 200  # connections that are offered one by one, the newest

NOTE = -1  # stands for no connection: the item only says something
Item = tuple[int | None, str]  # a connection's number (None: all), and what the list says


@dataclass(frozen=True, slots=True)
class Targets:
    """What can be sent to. items: for the list, all first. open: how many connections there are to send to."""

    items: tuple[Item, ...]
    open: int


def can_be_sent_to(connection: ConnectionEntry) -> bool:
    return connection.open and connection.state is not State.FIN_WAIT


def find_targets(
    entry: SocketEntry, connections: Mapping[int, ConnectionEntry], wanted: frozenset[int] = frozenset()
) -> Targets:
    """wanted: connections that are offered whatever their age and state: the chosen one, the selected one."""
    sendable = [one for one in connections.values() if can_be_sent_to(one)]
    if entry.spec.role == "client":
        peer = str(sendable[-1].remote) if sendable else str(entry.remote or entry.spec.endpoint)
        return Targets(((None, peer),), len(sendable))
    offered = {one.number for one in sendable[-MOST:]} | (wanted & connections.keys())
    what = "connection" if entry.spec.transport == "tcp" else "sender"
    first = f"all {count_text(len(sendable), what)}" if len(sendable) != 1 else f"all (1 {what})"
    if not sendable:
        first = f"all {what}s"
    items: list[Item] = [(None, first)]
    for number in sorted(offered, reverse=True):
        one = connections[number]
        items.append((number, str(one.remote) + ("" if can_be_sent_to(one) else f" ({_why_not(one)})")))
    if len(sendable) > MOST:
        items.append((NOTE, f"the {MOST} newest of {len(sendable):,}; select an older one in the tree"))
    return Targets(tuple(items), len(sendable))


def why_nothing_can_be_sent(
    entry: SocketEntry | None, connections: Mapping[int, ConnectionEntry], targets: Targets, chosen: int | None
) -> str:
    """A sentence with the way out; "" when something can be sent to the chosen connection (None: all)."""
    if entry is None:
        return "Choose a socket on the left first."
    if not entry.running:
        return "Start the socket first."
    if chosen is not None:
        one = connections.get(chosen)
        if one is None or not can_be_sent_to(one):
            gone = "is gone" if one is None else f"is {_why_not(one)}"
            return f"The chosen connection {gone}; choose another receiver."
        return ""
    if targets.open:
        return ""
    if entry.spec.role == "client":
        if connections and any(one.open for one in connections.values()):
            return "You have finished sending on this connection; it only receives now. Stop and start to send again."
        return "Not connected yet."
    if entry.spec.transport == "udp":
        return "Nobody has sent anything yet; a UDP server knows whom to answer only then."
    return "Nobody is connected any more." if connections else "Nobody is connected yet."


def _why_not(connection: ConnectionEntry) -> str:
    return "finished sending" if connection.open else "closed"
