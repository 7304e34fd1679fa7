"""The remote addresses that a UDP socket talks with. UDP has no connections: these come with the first
datagram, and go when they were silent for long or when there are too many."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice
from explorer.net.conversation import Conversation
from explorer.net.jobs import Job
from explorer.net.running import How
from explorer.net.send_queue import PIECE_COST, Piece, SendQueue
from explorer.net.service import Service

if TYPE_CHECKING:
    from explorer.net.udp_speech import UdpSpeech

IDLE = 3600.0  # seconds of silence after which an address is forgotten
MOST = 10_000  # addresses remembered at once
SWEEP = 15.0  # seconds between two looks for idle ones


class Owner(Protocol):
    """The UDP socket."""

    def enqueue(self, peer: UdpPeer, piece: Piece) -> str: ...

    def take_back(self, peer: UdpPeer, job: Job) -> int: ...

    def end_peer(self, peer: UdpPeer, how: How) -> None: ...

    def replace_for(self, peer: UdpPeer, framing: Choice, program: Service) -> None: ...


class UdpPeer:
    """One remote address, with its queue and its conversation. speech: what its program says."""

    __slots__ = (
        "_owner", "address", "greeted", "last", "number", "received", "remote", "sending", "sent", "speech", "talk",
    )  # fmt: skip

    def __init__(self, owner: Owner, number: int, address: tuple[object, ...], talk: Conversation) -> None:
        self._owner = owner
        self.number = number
        self.address = address
        self.remote = Endpoint.of(address)
        self.talk = talk
        self.sending = SendQueue()
        self.greeted = False
        self.received = 0
        self.sent = 0
        self.last = time.perf_counter()
        self.speech: UdpSpeech

    def queue(self, piece: Piece) -> str:
        return self._owner.enqueue(self, piece)

    def has_room(self, size: int) -> bool:
        return self.sending.takes(size + PIECE_COST)

    def tell(self, payload: bytes) -> None:
        self.speech.pass_on(payload)

    def cancel(self, job: Job) -> int:
        return self._owner.take_back(self, job)

    def end(self, how: How) -> None:
        self._owner.end_peer(self, how)

    def replace(self, framing: Choice, program: Service) -> None:
        self._owner.replace_for(self, framing, program)


class Peers:
    """By address and by number; the one heard of longest ago comes first."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._by_address: OrderedDict[tuple[object, ...], UdpPeer] = OrderedDict()
        self.by_number: dict[int, UdpPeer] = {}

    def __len__(self) -> int:
        return len(self._by_address)

    def __iter__(self) -> Iterator[UdpPeer]:
        return iter(tuple(self._by_address.values()))

    def add(self, peer: UdpPeer) -> None:
        self._by_address[peer.address] = peer
        self.by_number[peer.number] = peer
        peer.last = self._clock()

    def find(self, address: tuple[object, ...]) -> UdpPeer | None:
        """Who that is; it counts as a sign of life."""
        peer = self._by_address.get(address)
        if peer is not None:
            self.touch(peer)
        return peer

    def touch(self, peer: UdpPeer) -> None:
        peer.last = self._clock()
        self._by_address.move_to_end(peer.address)

    def remove(self, peer: UdpPeer) -> None:
        self._by_address.pop(peer.address, None)
        self.by_number.pop(peer.number, None)

    def stale(self) -> list[UdpPeer]:
        """Who is to be forgotten now: silent for IDLE, or the oldest beyond MOST."""
        found: list[UdpPeer] = []
        limit = self._clock() - IDLE
        excess = len(self._by_address) - MOST
        for peer in self._by_address.values():
            if peer.last > limit and len(found) >= excess:
                break
            found.append(peer)
        return found
