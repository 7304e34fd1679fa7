"""One TCP connection: receives into the capture, sends from its queue, ends in one of four ways.

Reading stops at the end of each round so that other sockets get their turn, while answers to what
was read are not all given, while the queue of what a program answered is long (the peer does not
read, so we do not either), while the capture is full, and in the pauses of a pace.

When sending fails, the peer may have answered before it went away, and the system still holds that
(Linux keeps the receive queue of a connection that was reset): it is received first, at the
socket's pace, then the connection ends with the failure of the send.
"""

from __future__ import annotations

import socket
from functools import partial

from explorer.core.endpoint import Endpoint
from explorer.core.events import ConnectionChanged, ConnectionClosed, ConnectionOpened
from explorer.core.failure import Failure
from explorer.core.pace import FULL_PACE, Pace
from explorer.core.socket_spec import Choice
from explorer.core.states import CloseReason, State
from explorer.net import options
from explorer.net.answer_watch import AnswerWatch
from explorer.net.call_log import clock
from explorer.net.context import Context
from explorer.net.conversation import Conversation, handed_over
from explorer.net.jobs import Job
from explorer.net.os_errors import bug
from explorer.net.pacing import Pacing
from explorer.net.reactor import READ, WRITE, Timer
from explorer.net.running import How
from explorer.net.send_queue import PIECE_COST, BytesPiece, Piece
from explorer.net.service import Service
from explorer.net.tcp_endings import CLOSED_EARLY, ENDED, shut_down, why_lost
from explorer.net.tcp_inbox import TcpInbox
from explorer.net.tcp_outbox import TcpOutbox, too_much_waits
from explorer.net.tcp_owner import Owner
from explorer.net.tcp_speech import TcpSpeech

HIGH_WATER = 256 << 10  # bytes that wait to be sent, above which a program's connection is not read
LOW_WATER = 64 << 10


class TcpConnection:
    """An open connection; `begin` sets it going."""

    __slots__ = (
        "_answers", "_closed", "_finish_when_sent", "_held_back", "_inbox", "_lost_by", "_next_turn",
        "_outbox", "_owner", "_pacing", "_peer_finished", "_queue", "_silence", "_sock", "_speech", "_state", "_watch",
        "context", "number", "remote", "talk",
    )  # fmt: skip

    def __init__(
        self, owner: Owner, sock: socket.socket, number: int, remote: Endpoint, context: Context | None = None
    ) -> None:
        """context: the owner's, or one with another loop."""
        self._owner = owner
        self._sock = sock
        self.context = owner.context if context is None else context
        self.number = number
        self.remote = remote
        watch = AnswerWatch(owner.context.loops, owner, number, remote, self._unread)
        self.talk = Conversation(owner.spec.framing, owner.service, str(remote), self.context.counting, watch=watch)
        self._watch = self.context.reactor.watch(sock, self)
        whose = (owner.number, number)
        self._inbox = TcpInbox(self.context, sock, whose, owner.spec.buffer_size, self.talk)
        self._outbox = TcpOutbox(self.context, sock, whose, self.talk)
        self._queue = self._outbox.queue
        self._speech = TcpSpeech(self, owner)
        self._answers = self._speech.answers
        self._state = State.ESTABLISHED
        self._held_back = False  # not read, because too much waits to be sent
        self._peer_finished = False
        self._finish_when_sent = False
        self._lost_by: tuple[CloseReason, Failure] | None = None  # a failed send; what came is received first
        self._next_turn: Timer | None = None
        self._silence: Timer | None = None  # when the framing's silence may have passed
        self._pacing: Pacing | None = None  # most connections have none
        self._closed = False
        if owner.spec.pace != FULL_PACE:
            self._pace(owner.spec.pace)

    def begin(self, local: Endpoint, accepted: bool) -> None:
        """Tell of it, let its program speak first, and read."""
        self.context.emit(ConnectionOpened(self._owner.number, self.number, local, self.remote, accepted))
        self._answers.start_turn()
        self._speech.perform(self.talk.opened())
        self.refresh()

    def refresh(self) -> None:
        """Wait for what can be done now."""
        if self._closed:
            return
        if self._held_back and self._queue.held < LOW_WATER:
            self._held_back = False
        wanted = 0
        if not self.context.blocked:
            if self._lost_by is None:
                wanted = (READ if self._reads else 0) | (WRITE if self._queue and not self._outbox.paused else 0)
            if self._next_turn is None and self._has_turn:
                self._next_turn = self.context.reactor.call_later(0.0, self._take_turn, self)
        self._watch.want(wanted)
        self._await_silence()

    @property
    def _reads(self) -> bool:
        """Whether more may be received now."""
        if self._closed or self._peer_finished or self._held_back or self._answers:
            return False
        return self._pacing is None or not self._inbox.paused

    @property
    def _has_turn(self) -> bool:
        """Whether there is something to do now that does not wait for the system."""
        if self._answers:
            return self._speech.ready and (not self._held_back or self._lost_by is not None)
        return self._lost_by is not None and not self._inbox.paused

    def ready(self, events: int) -> None:
        self._answers.start_turn()
        if events & WRITE:
            self._outbox.waiting = False
            self._write()
        if events & READ and self._reads and self._lost_by is None:
            self._receive_round()
        self.refresh()

    def _take_turn(self) -> None:
        """Go on with what does not wait for the system: answers, or receiving what is left."""
        self._next_turn = None
        if self._closed or self.context.blocked:
            return
        self._answers.start_turn()
        if self._speech.ready:
            self._speech.go_on()
        elif self._lost_by is not None and not self._inbox.paused:
            self._receive_rest()
        self.refresh()

    def set_pace(self, pace: Pace) -> None:
        """Go on at this pace, at once; a pause under way becomes shorter or longer."""
        self._pace(pace)
        self._go_on()

    def _pace(self, pace: Pace) -> None:
        if self._pacing is None:
            self._pacing = Pacing(pace, self.context.reactor, self._go_on, self)
            self._inbox.pacing = self._outbox.pacing = self._pacing
        else:
            self._pacing.use(pace)

    def _go_on(self) -> None:
        """A pause is over, or another pace begins."""
        if self._queue and not self._outbox.waiting:
            self._write()
        self.refresh()

    def _await_silence(self) -> None:
        """Have a timer that looks whether the framing's silence has passed. It is not moved with each byte that comes:
        it looks again when it has come too early. Answers under way come first."""
        due = self.talk.due
        if due is not None and not (self._silence or self._answers or self._closed or self._speech.closes):
            wait = max(0, due - self.context.writer.now()) / 1e9
            self._silence = self.context.reactor.call_later(wait, self._look_for_silence, self)

    def _look_for_silence(self) -> None:
        self._silence = None
        now, due = self.context.writer.now(), self.talk.due
        if due is not None and due <= now and not (self._answers or self._speech.closes):
            self._answers.start_turn()
            self._speech.perform(self.talk.silent(now))
        self.refresh()

    def _receive_round(self) -> None:
        if self.talk.tight and not self._speech.closes:
            self._pull()
        else:
            self._read()

    def broke(self, error: Exception) -> None:
        record = self._owner.log.note(f"internal error: {error!r}", self.number)
        failure = bug(error, f"connection with {self.remote}")
        self._owner.report(failure, record, self.number)
        self.close(CloseReason.LOCAL, failure)

    # -- receiving ----------------------------------------------------------------------------------

    def _pull(self) -> None:
        """Receive straight into the capture; nobody looks at what comes."""
        pulled = self._inbox.pull()
        if self.talk.raw:
            self.talk.messages_in += pulled.calls - pulled.ended
        if pulled.ended:
            self._peer_has_finished()
        elif pulled.error is not None:
            self._lost(pulled.error, "recv")
        elif pulled.blocked:
            self.context.capture_is_full()

    def _read(self) -> None:
        """Receive piece by piece, and let the framer and the program have each."""
        for _ in range(self._inbox.reads):
            data = self._inbox.receive()
            if isinstance(data, OSError):
                self._lost(data, "recv")
                return
            if data is None:
                return
            if not data:
                self._peer_has_finished()
                return
            if not self._speech.closes and (actions := self.talk.received(data, self.context.writer.last_time)):
                self._speech.perform(actions)
            if len(data) < self._inbox.size or not self._reads or clock() >= self._answers.until:
                return

    def _peer_has_finished(self) -> None:
        """recv returned 0 bytes. What waits is still sent; then nothing keeps the connection."""
        self._peer_finished = True
        if not self._speech.closes:
            self._speech.perform(self.talk.ended())
        if self._closed:
            return
        if not self._queue and not self._answers:
            self.close(CloseReason.EOF)
        elif self._lost_by is None:
            self._set_state(State.CLOSE_WAIT)

    def _lost(self, error: OSError, call: str) -> None:
        """The connection is over by an error, which is recorded already. What came before is received first."""
        reason, failure = why_lost(error, call, self.remote)
        if call == "recv" or self._peer_finished:
            self.close(reason, failure)
            return
        self._lost_by = (reason, failure)
        self._held_back = False
        self._outbox.clear(failure.sentence)
        self._answers.hurry()
        self.refresh()

    def _receive_rest(self) -> None:
        """One round of receiving what the system holds of a connection on which sending failed."""
        before = self._inbox.received
        if not self._peer_finished:
            self._receive_round()
        over = self._peer_finished or (self._inbox.received == before and not self.context.blocked)
        if over and not self._answers:
            self.close(CloseReason.RESET)

    # -- sending ------------------------------------------------------------------------------------

    def queue(self, piece: Piece) -> str:
        return self._queue_if(piece, self._queue.takes(piece.held))

    def queue_told(self, piece: Piece) -> str:
        """Likewise, what another connection's program tells."""
        return self._queue_if(piece, self._queue.takes_told(piece.held))

    def _queue_if(self, piece: Piece, takes: bool) -> str:
        problem = self._refusal()
        if not problem and not takes:
            problem = too_much_waits(self._queue.held, self.remote, self._owner.spec.pace)
        if not problem:
            self._push(piece)
        return problem

    def has_room(self, size: int) -> bool:
        return self._queue.takes(size + PIECE_COST)

    def _refusal(self) -> str:
        if self._closed or self._speech.closes or self._lost_by is not None:
            return f"The connection with {self.remote} is closed."
        if self._finish_when_sent or self._state is State.FIN_WAIT:
            return f"Sending to {self.remote} was finished (shutdown); this connection can only receive now."
        return ""

    def _push(self, piece: Piece) -> None:
        self._queue.push(piece)
        if not self._outbox.waiting:
            self._write()
        self.refresh()

    # -- what the program says ----------------------------------------------------------------------

    @property
    def lost(self) -> bool:
        """Whether sending has failed, so that what came before is only received and counted."""
        return self._lost_by is not None

    @property
    def takes_more(self) -> bool:
        """Whether the program may say more now."""
        return not (self._held_back or self._closed or self.context.blocked)

    def say(self, data: bytes, last_words: bool) -> None:
        """Send what the program answers."""
        if data and (last_words or not self._refusal()):
            self._queue.push(BytesPiece(data, None))
            if not self._outbox.waiting:
                self._write()
        self._held_back = self._queue.held > HIGH_WATER

    def _unread(self, most: int) -> int:
        return self._inbox.unread(most)

    def tell(self, payload: bytes) -> None:
        """Another connection's program tells this one's peer something."""
        self.context.reactor.guarded(partial(self._speech.pass_on, payload), self)

    def _write(self) -> None:
        """Send what can be sent now."""
        error = self._outbox.write()
        if error is not None:
            self._lost(error, "send")
        elif not self._queue:
            self.after_sending()

    def after_sending(self) -> None:
        """What should follow when nothing is left to send and to say."""
        if self._queue or self._answers or self._closed or self._lost_by is not None:
            return
        if self._speech.closes:
            self._receive_unread()
            self.close(CloseReason.LOCAL)
        elif self._peer_finished:
            self.close(CloseReason.EOF)
        elif self._finish_when_sent:
            self._shut_down()

    def _receive_unread(self) -> None:
        """Into the capture with what lies unread: close(2) would answer it with a reset, and a reset takes from the
        peer what it has not read of our last words (RFC 2525, 2.17)."""
        error = None if self._peer_finished else self._inbox.receive_unread()
        if error is not None:
            self._lost(error, "recv")

    def cancel(self, job: Job) -> int:
        taken_back = self._queue.cancel(job)
        if taken_back and not self._queue:
            self.after_sending()
        self.refresh()
        return taken_back

    # -- ending -------------------------------------------------------------------------------------

    def end(self, how: How) -> None:
        if how == "finish":
            if not self._refusal():
                self._finish_when_sent = True
                self._speech.last_words = bool(self._answers)
                self.after_sending()
            return
        if how == "reset":
            options.set_reset_on_close(self._sock, self.number, self._owner.log)
        self.close(CloseReason.LOCAL)

    def _shut_down(self) -> None:
        """The peer reads the end of the stream; we go on reading."""
        self._finish_when_sent = False
        problem = shut_down(self._sock, self.number, self._owner.log)
        if problem is None:
            self._set_state(State.FIN_WAIT)
        else:
            self._lost(problem, "shutdown")

    def replace(self, framing: Choice, program: Service) -> None:
        handed = self.talk.replace(framing, program)
        self._speech.replaced()
        if handed:
            self._owner.log.note(handed_over(handed, framing), self.number)
        if not self._answers and not self._speech.closes:
            self._answers.start_turn()
            self._speech.perform(self.talk.take_over())
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        self.refresh()

    def _set_state(self, state: State) -> None:
        self._state = state
        self.context.emit(ConnectionChanged(self._owner.number, self.number, state))
        self._owner.connection_changed(state)

    def close(self, reason: CloseReason, failure: Failure | None = None, problem: str = CLOSED_EARLY) -> None:
        """close(2), at once. problem: why what waits is not sent."""
        if self._closed:
            return
        if self._lost_by is not None:
            reason, failure = self._lost_by
        self._closed = True
        self._answers.drop()
        self._watch.end()
        if self._silence is not None:
            self._silence.cancel()
        if self._pacing is not None:
            self._pacing.close()
        self._owner.close_socket(self._sock, reason, self.number)
        self._outbox.clear(failure.sentence if failure else problem)
        talk = self.talk
        talk.settle()
        self.context.emit(
            ConnectionClosed(
                self._owner.number, self.number, reason, self._inbox.received, self._outbox.sent, talk.messages_in,
                talk.messages_out, failure,
            )
        )  # fmt: skip
        self._owner.connection_closed(self.number)
        self.context.jobs.peer_left(self._owner.number, failure.sentence if failure else ENDED.get(reason, ""))
        self.context.reactor.guarded(self._speech.say_goodbye, self)
