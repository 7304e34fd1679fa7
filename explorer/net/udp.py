"""A UDP socket: a server that talks with whoever sends to it, or a client connected to one address.

With a pace, pauses lie between the calls of the socket, whoever its peers are; a datagram is sent as it is, in one
call.
"""

from __future__ import annotations

import errno
import socket
import time
from collections import deque
from collections.abc import Mapping

from explorer.core.calls import CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.events import ConnectionClosed, ConnectionOpened
from explorer.core.failure import Failure
from explorer.core.pace import FULL_PACE
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.net.answer_limit import AnswerLimits
from explorer.net.answer_watch import AnswerWatch
from explorer.net.call_log import clock
from explorer.net.context import Context
from explorer.net.conversation import Conversation
from explorer.net.jobs import Job
from explorer.net.os_errors import bug, error_of, explain
from explorer.net.pacing import Pacing
from explorer.net.reactor import READ, WRITE, Timer, Watch
from explorer.net.resolver import Address, Addresses, numeric
from explorer.net.running import CallFailed, How, RunningSocket
from explorer.net.send_queue import BytesPiece, Piece
from explorer.net.service import Service
from explorer.net.tcp_client import WILDCARD
from explorer.net.udp_inbox import UdpInbox
from explorer.net.udp_outbox import Outbox
from explorer.net.udp_peers import SWEEP, Peers, UdpPeer
from explorer.net.udp_speech import Speeches, UdpSpeech, size_of

DATAGRAMS = 256  # received in one round, at most …
ROUND_BYTES = 4 << 20  # … with so many bytes of room
HIGH_WATER = 256 << 10
LOW_WATER = 64 << 10
QUIET = 0.2  # seconds in which the same failure is not told again; its records are all there


class UdpSocket(RunningSocket):
    """Both roles. The server's peers come with their datagrams; the client has one from the start."""

    def __init__(self, context: Context, number: int, spec: SocketSpec) -> None:
        super().__init__(context, number, spec)
        self._server = spec.role == "server"
        self._sock: socket.socket | None = None
        self._watch: Watch | None = None
        self._peers = Peers()
        self._limits = AnswerLimits(self, lambda delay, then: context.reactor.call_later(delay, then, self))
        self._inbox = UdpInbox(context, number, self, self._server, spec.buffer_size)
        self._outbox = Outbox(context, number, self._server, self._tell, self._peers.touch)
        self.speeches = Speeches(self)
        self._closing: list[UdpPeer] = []  # once everything is sent to them
        self._own: Addresses = []
        self._held_back = False
        self._next_turn: Timer | None = None
        self._sweep: Timer | None = None
        self._told: tuple[str, float] = ("", 0.0)
        self._pacing: Pacing | None = None
        if spec.pace != FULL_PACE:
            self._pace()

    @property
    def peers(self) -> Mapping[int, UdpPeer]:
        return self._peers.by_number

    # -- opening ------------------------------------------------------------------------------------

    def begin(self, addresses: Addresses) -> None:
        own = self.spec.options
        if self._server or not own.local_host:
            self._open_first(addresses)
            return
        where = Endpoint(own.local_host, own.local_port or 0)

        def then(found: Addresses) -> None:
            self._own = found
            self._open_first(addresses)

        found = numeric(where, self.kind, passive=True)
        if found is not None:
            then(found)
        else:
            self.look_up(where, then, passive=True)

    def _open_first(self, addresses: Addresses) -> None:
        failed: list[CallFailed] = []
        for address in addresses:
            try:
                self._open(address)
                return
            except CallFailed as problem:
                failed.append(problem)
        tried = ", ".join(str(problem.where) for problem in failed)
        self.fail_call(failed[0], f"(Tried: {tried}.)" if len(failed) > 1 else "")

    def _open(self, address: Address) -> None:
        """Raises CallFailed, with the socket closed."""
        try:
            sock = self.open_socket(address.family)
        except OSError as error:
            raise CallFailed(error, "socket", address.endpoint, self.context.writer.count - 1) from None
        try:
            if self._server:
                self.bind(sock, address)
            else:
                self._bind_own(sock, address)
                number = self._connect(sock, address)
        except CallFailed:
            self.close_socket(sock, CloseReason.LOCAL)
            raise
        self._sock = sock
        self._inbox.open(sock)
        self._outbox.open(sock)
        self._watch = self.context.reactor.watch(sock, self)
        self.local = Endpoint.of(sock.getsockname())
        if self._server:
            self.set_state(State.BOUND)
        else:
            self.remote = address.endpoint
            self.set_state(State.ESTABLISHED)
            self.speeches.start_turn()
            self.speeches.perform(self._add_peer(number, address.sockaddr), ())
        self.refresh()

    def _bind_own(self, sock: socket.socket, address: Address) -> None:
        own = self.spec.options
        local = next((found for found in self._own if found.family == address.family), None)
        if local is not None:
            self.bind(sock, local)
        elif own.local_host:
            error = error_of(errno.EAFNOSUPPORT)
            record = self.log.note(f"{own.local_host} is not of the same kind as {address.endpoint}.")
            raise CallFailed(error, "bind", Endpoint(own.local_host, own.local_port or 0), record)
        elif own.local_port:
            self.bind(sock, Address(address.family, (WILDCARD[address.family], own.local_port)))

    def _connect(self, sock: socket.socket, address: Address) -> int:
        """connect(2): the system keeps the address for send and filters what comes. The connection's number."""
        started, detail = clock(), {"address": str(address.endpoint)}
        try:
            sock.connect(address.sockaddr)
        except OSError as error:
            record = self.log.write(CallKind.connect, detail, error=error, started=started)
            raise CallFailed(error, "connect", address.endpoint, record) from None
        number = self.context.new_connection()
        local = str(Endpoint.of(sock.getsockname()))
        self.log.write(CallKind.connect, {**detail, "local": local}, connection=number, started=started)
        return number

    def refresh(self) -> None:
        if self._watch is None or self._sock is None:
            return
        if self._held_back and self._outbox.longest < LOW_WATER:
            self._held_back = False
        wanted = 0
        if not self.context.blocked:
            wanted = (READ if self._reads else 0) | (WRITE if self._outbox and not self._outbox.paused else 0)
            if self.speeches and not self._held_back and self._next_turn is None:
                self._next_turn = self.context.reactor.call_later(0.0, self._take_turn, self)
        self._watch.want(wanted)
        if self._closing:
            for peer in [peer for peer in self._closing if not peer.sending]:
                self.end_peer(peer, "close")

    def pace_changed(self) -> None:
        self._pace()
        self._go_on()

    def _pace(self) -> None:
        if self._pacing is None:
            self._pacing = Pacing(self.spec.pace, self.context.reactor, self._go_on, self)
            self._inbox.pacing = self._outbox.pacing = self._pacing
        else:
            self._pacing.use(self.spec.pace)

    def _go_on(self) -> None:
        """A pause is over, or another pace begins."""
        if not self._outbox.waiting and not self.context.blocked:
            self._outbox.write()
        self.refresh()

    # -- receiving ----------------------------------------------------------------------------------

    @property
    def _reads(self) -> bool:
        """Whether another datagram may be received now."""
        return not (self._held_back or self.speeches or self._inbox.paused)

    def ready(self, events: int) -> None:
        self.speeches.start_turn()
        if events & WRITE:
            self._outbox.waiting = False
            self._outbox.write()
        if events & READ and self._sock is not None:
            for _ in range(min(DATAGRAMS, max(1, ROUND_BYTES // self.spec.buffer_size))):
                if self._sock is None or not self._reads or not self._receive(self._sock):
                    break
            self._inbox.look_for_drops()
        self.refresh()

    def _take_turn(self) -> None:
        """Go on with answers that were too many for one turn."""
        self._next_turn = None
        if not self.context.blocked:
            self.speeches.start_turn()
            self.speeches.take_turn()
            self.refresh()

    def _receive(self, sock: socket.socket) -> bool:
        """One datagram. Whether there may be another."""
        try:
            found = self._inbox.receive(sock)
        except BlockingIOError:
            return False
        except OSError as error:
            return self._receive_failed(error)
        if found is None:
            return not self.context.blocked
        peer, data = found
        if peer.speech.answers:
            peer.speech.keep(data, self.context.writer.last_time)
        elif peer.talk.tight:
            peer.talk.messages_in += peer.talk.raw
            self.speeches.perform(peer, ())
        else:
            self.speeches.perform(peer, peer.talk.received(data, self.context.writer.last_time))
        return True

    def _receive_failed(self, error: OSError) -> bool:
        """An ICMP error about an earlier datagram (udp(7)), or worse. The socket goes on."""
        kind = self._inbox.kind
        number = 0 if self._server else next(iter(self._peers.by_number), 0)
        record = self.context.writer.add(
            kind, self.number, number, asked=self.spec.buffer_size, errno=error.errno or 0, flags=CallFlag.DATAGRAM
        )
        self._tell(explain(error, kind.name, self.remote, text=f"{kind.name}()"), record, number)
        return True

    def _tell(self, failure: Failure, record: int, connection: int) -> None:
        """Report a failure that may come with every datagram."""
        now = time.perf_counter()
        if failure.errno == self._told[0] and now - self._told[1] < QUIET:
            return
        self._told = (failure.errno, now)
        self.report(failure, record, connection)

    # -- peers --------------------------------------------------------------------------------------

    def find_peer(self, address: tuple[object, ...]) -> UdpPeer | None:
        """Whose a datagram from there is, if that is known; all that a client receives is its one peer's."""
        return self._peers.find(address) if self._server else next(iter(self._peers), None)

    def meet(self, address: tuple[object, ...]) -> UdpPeer:
        """An address that is seen for the first time."""
        number = self.context.new_connection()
        detail = {"peer": str(Endpoint.of(address)), "local": str(self.local)}
        self.log.write(CallKind.peer, detail, connection=number)
        peer = self._add_peer(number, address)
        if self._sweep is None:
            self._sweep = self.context.reactor.call_later(SWEEP, self._forget_stale, self)
        for stale in self._peers.stale():
            self._close_peer(stale, CloseReason.TIMEOUT)
        return peer

    def _add_peer(self, number: int, address: tuple[object, ...]) -> UdpPeer:
        whom = str(Endpoint.of(address))
        unheard: deque[tuple[bytes, int]] = deque()
        remote = Endpoint.of(address)
        watch = AnswerWatch(
            self.context.loops, self, number, remote, lambda most: size_of(unheard, most), self._limits,
            lambda: peer.speech.full,
        )  # fmt: skip
        talk = Conversation(self.spec.framing, self.service, whom, self.context.counting, datagrams=True, watch=watch)
        peer = UdpPeer(self, number, address, talk)
        peer.speech = UdpSpeech(self, peer, unheard)
        self._peers.add(peer)
        local = self.local or Endpoint("", 0)
        self.context.emit(ConnectionOpened(self.number, number, local, peer.remote, accepted=self._server))
        return peer

    def _forget_stale(self) -> None:
        self._sweep = None
        for peer in self._peers.stale():
            self.log.note(f"{peer.remote} was silent for long and is not listed any more.", peer.number)
            self._close_peer(peer, CloseReason.TIMEOUT)
        if len(self._peers):
            self._sweep = self.context.reactor.call_later(SWEEP, self._forget_stale, self)

    def _close_peer(self, peer: UdpPeer, reason: CloseReason, problem: str = "") -> None:
        self._peers.remove(peer)
        self._outbox.forget(peer)
        self.speeches.forget(peer)
        if peer in self._closing:
            self._closing.remove(peer)
        for job in peer.sending.clear():
            job.part_done(problem or f"{peer.remote} was taken off the list before everything was sent.")
        talk = peer.talk
        talk.settle()
        self.context.emit(
            ConnectionClosed(
                self.number, peer.number, reason, peer.received, peer.sent, talk.messages_in, talk.messages_out
            )
        )
        self.context.jobs.peer_left(self.number, "")
        self.context.reactor.guarded(peer.speech.say_goodbye, self)
        self.refresh()

    def end_peer(self, peer: UdpPeer, how: How) -> None:
        if how == "finish":
            text = "UDP has no end of a stream, so there is nothing to finish."
            record = self.log.note(text, peer.number)
            failure = Failure("shutdown(SHUT_WR)", "", text, text, "Send a datagram that says so, or close.")
            self.report(failure, record, peer.number)
        elif self._server:
            self._close_peer(peer, CloseReason.LOCAL)
        else:
            self.stop()

    # -- sending ------------------------------------------------------------------------------------

    @property
    def takes_more(self) -> bool:
        """Whether programs may say more now."""
        return not (self._held_back or self.context.blocked or self._sock is None)

    def say(self, peer: UdpPeer, data: bytes) -> None:
        """Send what its program answers."""
        self._outbox.push(peer, BytesPiece(data, None, whole=True))
        self._held_back = self._held_back or peer.sending.held > HIGH_WATER

    def end_when_sent(self, peer: UdpPeer) -> None:
        """Its program wants an end."""
        if peer.sending:
            self._closing.append(peer)
        else:
            self.end_peer(peer, "close")

    def enqueue(self, peer: UdpPeer, piece: Piece, told: bool = False) -> str:
        """told: another peer's program tells it this."""
        if self._sock is None or peer.number not in self._peers.by_number:
            return f"{peer.remote} is not on the list any more."
        if not (peer.sending.takes_told(piece.held) if told else peer.sending.takes(piece.held)):
            what = "The pace of this socket" if self.spec.pace.slows_sending else "The system"
            return f"{what} does not take datagrams for {peer.remote} as fast as they come. Wait, or cancel some."
        self._outbox.push(peer, piece)
        self.refresh()
        return ""

    def take_back(self, peer: UdpPeer, job: Job) -> int:
        count = peer.sending.cancel(job)
        if count and not peer.sending:
            self._outbox.forget(peer)
        self.refresh()
        return count

    def replace_for(self, peer: UdpPeer, framing: Choice, program: Service) -> None:
        """Another program goes on with this peer, and another framing from its next datagram on."""
        peer.talk.replace(framing, program)
        peer.speech.replaced()

    # -- the end ------------------------------------------------------------------------------------

    def broke(self, error: Exception) -> None:
        self.fail(bug(error, f'socket "{self.spec.name}"'), self.log.note(f"internal error: {error!r}"))

    def release(self, reason: CloseReason, problem: str) -> None:
        for timer in (self._sweep, self._next_turn):
            if timer is not None:
                timer.cancel()
        if self._pacing is not None:
            self._pacing.close()
        sock, self._sock = self._sock, None
        self._inbox.close()
        self._outbox.close()
        if self._watch is not None:
            self._watch.end()
        number = 0 if self._server else next(iter(self._peers.by_number), 0)
        if sock is not None:
            self.close_socket(sock, reason, number)
        for peer in self._peers:
            self._close_peer(peer, reason, problem)
        self._limits.close()
