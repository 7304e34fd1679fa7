"""Whom a command to send is about."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.core.commands import Target
from explorer.net.context import Context
from explorer.net.running import Peer, RunningSocket

NO_SOCKET = "Nothing was sent: the socket is not running. Start it, then send again."
NOBODY = "Nothing was sent: nobody is connected. Wait until a peer connects, then send again."
GONE = "Nothing was sent: that connection is closed. Choose another one."


def find_targets(context: Context, target: Target) -> tuple[RunningSocket | None, Sequence[Peer], str]:
    """The socket, those to send to, and why there is nobody, if so."""
    running = context.sockets.get(target.socket)
    if running is None:
        return None, (), NO_SOCKET
    if target.connection is None:
        peers = tuple(running.peers.values())
        return running, peers, "" if peers else NOBODY
    peer = running.peers.get(target.connection)
    return (running, (peer,), "") if peer is not None else (running, (), GONE)
