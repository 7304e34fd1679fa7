"""What the program of a UDP socket says to each of its peers.

The socket is not read while answers are under way that wait for nothing but their turn. Answers to one peer may be
suspended: then the datagrams of the others are read on, and those of this one wait in order, a bounded number of them.

Answers to one datagram are limited: its sender's address may be forged, and a datagram full of tiny messages would
otherwise bring many thousands down on whoever it belongs to.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from explorer.net import answers
from explorer.net.call_log import clock
from explorer.net.send_queue import BytesPiece
from explorer.net.speech import Speech
from explorer.programs.api import Action

if TYPE_CHECKING:
    from explorer.net.udp import UdpSocket
    from explorer.net.udp_peers import UdpPeer

MOST_ANSWERS = 64  # datagrams that one may bring back
MOST_UNHEARD = 64  # datagrams of a peer that wait while the answers to it are suspended …
MOST_UNHEARD_BYTES = 1 << 20  # … or so many bytes
MOST_UNHEARD_IN_ALL = 16 << 20  # bytes of memory that those of all peers of a socket take
UNHEARD_COST = 256  # bytes of memory that one takes besides its content
TOO_MANY = (
    f"This datagram brought more than {MOST_ANSWERS} answers. The others are not sent, so that nobody can use this "
    "socket to flood somebody else."
)
UNHEARD = (
    "Datagrams came while the program waits before it goes on with this peer, and too many of them wait already: "
    "the program is not told of this one and those that follow until then."
)


def size_of(unheard: Collection[tuple[bytes, int]], most: int) -> int:
    """Bytes of these datagrams; `most` where there may have been more that were not kept."""
    return most if len(unheard) >= MOST_UNHEARD else sum(len(data) for data, _ in unheard)


class UdpSpeech(Speech):
    """To one peer. unheard: datagrams that the program was not told yet, with their times."""

    __slots__ = ("_given", "_overflowed", "_peer", "_socket", "unheard")

    def __init__(self, socket: UdpSocket, peer: UdpPeer, unheard: deque[tuple[bytes, int]]) -> None:
        super().__init__(socket, peer.number, peer.talk, socket.context.reactor, socket)
        self._socket = socket
        self._peer = peer
        self._given = 0  # answers to the datagram at hand
        self._overflowed = False  # datagrams that came while too many waited
        self.unheard = unheard

    def begin(self, actions: Iterable[Action]) -> None:
        """Do this next, as the answer to one datagram. None may be left to do. The program speaks first, once; for a
        server that is after the first datagram was recorded."""
        if not self._peer.greeted:
            self._peer.greeted = True
            actions = itertools.chain(self.talk.opened(), actions)
        self._given = 0
        self.answers.begin(actions)

    def keep(self, data: bytes, time: int) -> None:
        """Tell the program of this datagram later."""
        held = sum(len(waiting) for waiting, _ in self.unheard)
        fits = len(self.unheard) < MOST_UNHEARD and held + len(data) <= MOST_UNHEARD_BYTES
        if fits and self._socket.speeches.has_room(len(data)):
            self._socket.speeches.unheard += len(data) + UNHEARD_COST
            self.unheard.append((data, time))
        elif not self._overflowed:
            self._overflowed = True
            self._socket.log.note(UNHEARD, self.number)

    def next_datagram(self) -> bool:
        """Go on with the next of those that wait. Whether there was one."""
        if not self.unheard or self.closes:
            return False
        data, time = self.unheard.popleft()
        self._socket.speeches.unheard -= len(data) + UNHEARD_COST
        self._overflowed = False
        self.begin(self.talk.received(data, time))
        return True

    @property
    def _goes_on(self) -> bool:
        return self._socket.takes_more

    def _resumed(self) -> None:
        self._socket.speeches.resumed(self._peer)

    @property
    def full(self) -> bool:
        """Whether the datagram at hand has brought as many answers as one may."""
        return self._given >= MOST_ANSWERS

    def _say(self, data: bytes) -> None:
        self._given += 1
        if self._given <= MOST_ANSWERS:
            self._socket.say(self._peer, data)
        elif self._given == MOST_ANSWERS + 1:
            self._socket.log.note(TOO_MANY, self.number)

    def _pass_on(self, data: bytes) -> str:
        return self._socket.enqueue(self._peer, BytesPiece(data, None, whole=True), told=True)

    def _close(self) -> None:
        self._socket.end_when_sent(self._peer)

    def _reset(self) -> None:
        self._socket.end_peer(self._peer, "reset")


class Speeches:
    """Those of all peers of a socket, which share one turn. True while any has something to say at once.

    unheard: bytes of memory that the datagrams take which programs were not told yet.
    """

    def __init__(self, socket: UdpSocket) -> None:
        self._socket = socket
        self._ready: deque[UdpPeer] = deque()
        self._until = 0
        self.unheard = 0

    def has_room(self, size: int) -> bool:
        """Whether a datagram of so many bytes may wait. Each peer alone may have a few, but there are thousands."""
        return self.unheard + size + UNHEARD_COST <= MOST_UNHEARD_IN_ALL

    def __bool__(self) -> bool:
        return bool(self._ready)

    def start_turn(self) -> None:
        self._until = clock() + answers.TURN

    def perform(self, peer: UdpPeer, actions: Iterable[Action]) -> None:
        """Do what its program answers to one datagram, as much as this turn allows."""
        if peer.speech.closes:
            return
        peer.speech.begin(actions)
        self._go_on(peer)

    def take_turn(self) -> None:
        """Go on with answers that were too many for one turn."""
        for _ in range(len(self._ready)):
            self._go_on(self._ready.popleft())
            if clock() >= self._until or not self._socket.takes_more:
                return

    def resumed(self, peer: UdpPeer) -> None:
        """Its answers are not suspended any more."""
        if peer not in self._ready:
            self._ready.append(peer)
        self._socket.refresh()

    def forget(self, peer: UdpPeer) -> None:
        """It is gone."""
        peer.speech.answers.drop()
        self.unheard -= sum(len(data) + UNHEARD_COST for data, _ in peer.speech.unheard)
        peer.speech.unheard.clear()
        if peer in self._ready:
            self._ready.remove(peer)

    def _go_on(self, peer: UdpPeer) -> None:
        speech = peer.speech
        speech.answers.until = self._until
        while True:
            if speech.answers:
                speech.answers.take(speech.do)
            if speech.answers or (speech.unheard and not self._takes_another):
                if not speech.answers.suspended and peer not in self._ready:
                    self._ready.append(peer)
                return
            if not speech.next_datagram():
                return

    @property
    def _takes_another(self) -> bool:
        return self._socket.takes_more and clock() < self._until
