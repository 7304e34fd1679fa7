"""What a UDP socket receives: each datagram by one call into the capture, and how many the system threw away.

Each datagram is received by recvmsg with exactly `buffer_size` bytes of room; on Linux MSG_TRUNC tells how long a
datagram was that did not fit (recv(2)). What the kernel dropped before we could read it is asked for by SO_MEMINFO
(Linux; socket(7) describes the counter).
"""

from __future__ import annotations

import socket
from typing import Protocol

from explorer.core.calls import CallFlag, CallKind
from explorer.core.events import DatagramsLost
from explorer.net import udp_calls
from explorer.net.context import Context
from explorer.net.pacing import Pacing
from explorer.net.reactor import Timer, Watcher
from explorer.net.udp_peers import UdpPeer

DETAIL_ROOM = 1024  # bytes that the record of a new peer takes in the capture, at most
DROPS_EVERY = 0.05  # seconds between two looks at the kernel's counter


class Owner(Watcher, Protocol):
    """The UDP socket."""

    def find_peer(self, address: tuple[object, ...]) -> UdpPeer | None:
        """Whose a datagram from there is, if that is known."""

    def meet(self, address: tuple[object, ...]) -> UdpPeer:
        """Take note of an address that is seen for the first time."""


class UdpInbox:
    """The socket decides when to receive, and what becomes of it.

    server: whether datagrams come from anywhere. size: bytes of room for each. pacing: None for a socket that is not
    slowed.
    """

    def __init__(self, context: Context, number: int, owner: Owner, server: bool, size: int) -> None:
        self._context = context
        self._number = number
        self._owner = owner
        self.kind = CallKind.recvfrom if server else CallKind.recv
        self._size = size
        self._sock: socket.socket | None = None
        self._drops: Timer | None = None
        self._dropped = 0
        self.pacing: Pacing | None = None

    def open(self, sock: socket.socket) -> None:
        self._sock = sock

    def close(self) -> None:
        self._sock = None
        if self._drops is not None:
            self._drops.cancel()

    @property
    def paused(self) -> bool:
        """Whether the pace wants a pause before the next call."""
        return self.pacing is not None and self.pacing.receive.shut

    def receive(self, sock: socket.socket) -> tuple[UdpPeer, bytes] | None:
        """One call. Whose datagram it was, with a copy if anyone looks at it; None when it has no owner, or no room.
        Raises OSError: BlockingIOError when none is there."""
        room = self._context.writer.room(self._size + DETAIL_ROOM)
        if room is None:
            self._context.capture_is_full()
            return None
        try:
            found = self._receive_into(sock, room[: self._size])
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                self._called()
            raise
        finally:
            del room  # while a view of it lives, the capture cannot be closed
        self._called()
        return found

    def _called(self) -> None:
        """A call was made."""
        if self.pacing is not None:
            self.pacing.receive.called()

    def _receive_into(self, sock: socket.socket, room: memoryview) -> tuple[UdpPeer, bytes] | None:
        writer, asked = self._context.writer, len(room)
        size, cut, address = udp_calls.receive_into(sock, room)
        kept = min(size, asked)
        peer = self._owner.find_peer(address)
        data = b"" if peer is not None and peer.talk.tight else bytes(room[:kept])
        if peer is None:
            if not address:
                self._keep_nameless(asked)
                return None
            peer = self._owner.meet(address)  # its own record now stands where the datagram was
            again = writer.room(kept)
            if again is None:
                self._context.tally.dropped += 1
                self._context.capture_is_full()
                return None
            again[:] = data
        flags = CallFlag.DATAGRAM | (CallFlag.CUT if cut else CallFlag.NONE)
        writer.add(
            self.kind, self._number, peer.number,
            size=kept, asked=asked, flags=flags, extra=size if cut and udp_calls.TELLS_SIZE else 0,
        )  # fmt: skip
        peer.received += kept
        self._context.tally.add_received(peer.number, kept)
        return peer, data

    def _keep_nameless(self, size: int) -> None:
        """Windows does not tell whose a datagram was that did not fit: it belongs to no connection."""
        flags = CallFlag.DATAGRAM | CallFlag.CUT
        self._context.writer.add(CallKind.recvfrom, self._number, size=size, asked=size, flags=flags)

    def look_for_drops(self) -> None:
        """Ask the kernel soon what it threw away."""
        if self._drops is None and udp_calls.TELLS_SIZE:
            self._drops = self._context.reactor.call_later(DROPS_EVERY, self._count_drops, self._owner)

    def _count_drops(self) -> None:
        self._drops = None
        if self._sock is None:
            return
        told = udp_calls.dropped(self._sock)
        if told is not None and told != self._dropped:
            self._context.tally.dropped += told - self._dropped
            self._dropped = told
            self._context.emit(DatagramsLost(self._number, told))
