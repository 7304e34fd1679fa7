"""What a UDP socket has to send: one datagram of each peer's queue in turn, as fast as the system takes them, or as
slowly as the socket's pace wants it. A datagram is never cut."""

from __future__ import annotations

import errno
import socket
from collections import deque
from collections.abc import Callable

from explorer.core.calls import CallFlag, CallKind
from explorer.core.failure import Failure
from explorer.net.call_log import clock, since
from explorer.net.context import Context
from explorer.net.os_errors import explain
from explorer.net.pacing import Pacing
from explorer.net.send_queue import Piece
from explorer.net.udp_peers import UdpPeer

SENDS = 64  # datagrams sent in one round
LARGEST = 65_535  # the length field of UDP has 16 bits (RFC 768); a longer one is offered only to hear the refusal


class Outbox:
    """The peers with something in their queue.

    server: whether each datagram names its receiver. tell: reports a failure, with its record and connection.
    sent: told of each peer that something was sent to. waiting: the system takes no more at present.
    pacing: None for a socket that is not slowed.
    """

    def __init__(
        self,
        context: Context,
        number: int,
        server: bool,
        tell: Callable[[Failure, int, int], None],
        sent: Callable[[UdpPeer], None],
    ) -> None:
        self._context = context
        self._number = number
        self._server = server
        self._tell = tell
        self._told_sent = sent
        self._sock: socket.socket | None = None
        self._peers: deque[UdpPeer] = deque()
        self.waiting = False
        self.pacing: Pacing | None = None

    def __bool__(self) -> bool:
        return bool(self._peers)

    def open(self, sock: socket.socket) -> None:
        self._sock = sock

    def close(self) -> None:
        self._sock = None

    @property
    def paused(self) -> bool:
        """Whether the pace wants a pause before the next call."""
        return self.pacing is not None and self.pacing.send.shut

    @property
    def longest(self) -> int:
        """Bytes that the longest queue of a peer holds."""
        return max((peer.sending.held for peer in self._peers), default=0)

    def push(self, peer: UdpPeer, piece: Piece) -> None:
        """Queue this, and send what can be sent."""
        if not peer.sending:
            self._peers.append(peer)
        peer.sending.push(piece)
        if not self.waiting and not self._context.blocked:
            self.write()

    def forget(self, peer: UdpPeer) -> None:
        """Its queue is empty now, or nobody's any more."""
        if peer in self._peers:
            self._peers.remove(peer)

    def write(self) -> None:
        """Send until the system takes no more, a pause begins, or the round is over."""
        for _ in range(SENDS):
            if not self._peers or self.waiting or self._sock is None or self.paused:
                break
            peer = self._peers[0]
            if not self._offer(self._sock, peer):
                break
            if peer.sending:
                self._peers.rotate(-1)
            elif self._peers and self._peers[0] is peer:
                self._peers.popleft()

    def _offer(self, sock: socket.socket, peer: UdpPeer) -> bool:
        """One datagram of this peer's queue. Whether another may follow."""
        piece = peer.sending.first
        try:
            offered = piece.offer()
        except (OSError, EOFError) as error:
            self._end_piece(peer, f"The file could not be read to its end ({error or 'it became shorter'}).")
            return True
        writer, asked = self._context.writer, len(offered)
        possible = asked <= LARGEST
        room = writer.room(asked) if possible else None
        if room is None and possible:
            self._context.capture_is_full()
            return False
        kind = CallKind.sendto if self._server else CallKind.send
        started = clock()
        try:
            size = self._send(sock, offered, peer)
        except OSError as error:
            self.waiting = isinstance(error, BlockingIOError)
            record = writer.add(
                kind, self._number, peer.number,
                asked=asked, errno=error.errno or 0, flags=CallFlag.DATAGRAM, duration=since(started),
            )  # fmt: skip
            self._called()
            if self.waiting:
                return False
            self._send_failed(error, kind, peer, record)
            return True
        duration = since(started)
        if room is not None:
            room[:size] = offered[:size]
        writer.add(kind, self._number, peer.number, size=size, asked=asked, flags=CallFlag.DATAGRAM, duration=duration)
        self._called()
        self._sent(peer, piece, size)
        return True

    def _called(self) -> None:
        if self.pacing is not None:
            self.pacing.send.called()

    def _send(self, sock: socket.socket, offered: memoryview, peer: UdpPeer) -> int:
        return sock.sendto(offered, peer.address) if self._server else sock.send(offered)

    def _sent(self, peer: UdpPeer, piece: Piece, size: int) -> None:
        peer.sent += size
        peer.talk.messages_out += 1
        self._told_sent(peer)
        self._context.tally.add_sent(peer.number, size)
        piece.sent(size)
        if piece.job is not None:
            piece.job.progress(size)
        if not piece.left:
            self._end_piece(peer, "")

    def _send_failed(self, error: OSError, kind: CallKind, peer: UdpPeer, record: int) -> None:
        """This datagram did not go; except when the error was about an earlier one, which the system tells at
        the next call (udp(7)): then it is offered again."""
        failure = explain(error, kind.name, peer.remote)
        self._tell(failure, record, peer.number)
        if error.errno != errno.ECONNREFUSED:
            self._end_piece(peer, failure.sentence)

    def _end_piece(self, peer: UdpPeer, problem: str) -> None:
        job = peer.sending.drop_first().job
        if job is not None:
            job.part_done(problem)
