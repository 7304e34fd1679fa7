"""A client that a process serves, as its server and the engine see it: what is asked of the process, and what it tells.

Its calls are written into the capture in the order in which they come. No more of them are taken than the capture
takes, and then the process waits: it reads no more of its client either.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING, Any

from explorer.core.calls import PAYLOAD, RECEIVING, CallFlag, CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.events import ConnectionChanged, ConnectionClosed, SocketFailed
from explorer.core.failure import Failure
from explorer.core.pace import Pace
from explorer.core.parcels import Parcel
from explorer.core.socket_spec import Choice
from explorer.core.states import CloseReason, State
from explorer.net.call_log import clock
from explorer.net.conversation import Conversation
from explorer.net.jobs import Job
from explorer.net.processes import Ended, Process, WatchedProcess
from explorer.net.running import How
from explorer.net.send_queue import PIECE_COST, Piece, SendQueue, unreadable
from explorer.net.service import Service
from explorer.net.tcp_endings import CLOSED_EARLY, ENDED
from explorer.net.tcp_outbox import too_much_waits

if TYPE_CHECKING:
    from explorer.net.serving.process import ProcessServer

KEPT_RECORDS = 64  # whose numbers a failure may still name


class ProcessClient:
    """A client that a process serves, as the others see it (`Served`). Everything that tells the process something, and
    all that it tells, is done on the accepting loop."""

    def __init__(self, server: ProcessServer, process: Process, number: int, local: Endpoint, remote: Endpoint) -> None:
        self._server = server
        self._context = server.context
        self._loop = server.loop
        self.number = number
        self.local = local
        self.remote = remote
        self.pid = process.pid
        self._process = WatchedProcess(self._loop, process, self._told, self._ended)
        self._queue = SendQueue()
        self._given: Piece | None = None  # the process has a part of it
        self._busy = False  # the process has a part that it did not tell the end of
        self._held: deque[Parcel] = deque()  # told, but the capture had no room
        self._draining = False  # nothing is held any more
        self._lost = [0, 0]  # bytes received and sent that the capture had no room for
        self._late = 0.0  # seconds that it was given to end, when it did not
        self._records: dict[int, int] = {}  # numbers there and here
        self._messages = (0, 0)
        self._finished = False  # sending was
        self._ear: tuple[Choice, Service, Conversation] | None = None  # while somebody wants the messages
        self._closed = False
        spec, writer = server.spec, self._context.writer
        self._process.send(
            {
                "socket": server.number, "connection": number, "handle": process.handles[0], "name": spec.name,
                "buffer_size": spec.buffer_size, "framing": spec.framing.to_json(), "program": spec.program.to_json(),
                "pace": dataclasses.asdict(spec.pace), "counting": self._context.counting,
                "blocked": self._context.blocked, "began": clock() - writer.now(),
                "local": (local.host, local.port), "remote": (remote.host, remote.port),
            }
        )  # fmt: skip

    # -- what others ask of it ----------------------------------------------------------------------

    def queue(self, piece: Piece) -> str:
        problem = ""
        if self._closed:
            problem = f"The connection with {self.remote} is closed."
        elif self._finished:
            problem = f"Sending to {self.remote} was finished (shutdown); this connection can only receive now."
        elif not self._queue.takes(piece.held):
            problem = too_much_waits(self._queue.held, self.remote, self._server.spec.pace)
        if not problem:
            self._queue.push(piece)
            self._loop.do(self._give)
        return problem

    def has_room(self, size: int) -> bool:
        return self._queue.takes(size + PIECE_COST)

    def tell(self, payload: bytes) -> None:
        self._say({"do": "tell"}, payload)

    def cancel(self, job: Job) -> int:
        if self._given is not None and self._given.job is job:
            self._given = None
            self._say({"do": "take back"})
        return self._queue.cancel(job)

    def end(self, how: How) -> None:
        self._say({"do": "end", "how": how})

    def replace(self, framing: Choice, program: Service) -> None:
        self._say({"do": "replace", "framing": framing.to_json(), "program": program.choice.to_json()})

    def set_pace(self, pace: Pace) -> None:
        self._say({"do": "pace", "pace": dataclasses.asdict(pace)})

    def refresh(self) -> None:
        self._loop.do(self._look_again)

    def close(self, reason: CloseReason, failure: Failure | None = None, problem: str = CLOSED_EARLY) -> None:
        """As soon as the process does it."""
        plain = None if failure is None else dataclasses.asdict(failure)
        self._say({"do": "close", "reason": reason.value, "failure": plain, "problem": problem})

    def kill(self, patience: float) -> None:
        """On the accepting loop. It has not closed its connection for so many seconds; that ends with it."""
        self._late = patience
        self._process.kill()

    def drain(self) -> None:
        """On the accepting loop. The socket ends: whatever it tells is taken from now on, so that it need not wait
        before it can close; what a full capture has no room for is lost, and counted."""
        self._draining = True
        self._take_held()
        self._process.hold(False)

    def _say(self, head: dict[str, Any], body: bytes = b"") -> None:
        self._loop.do(lambda: self._process.send(head, body))

    # -- what is sent -------------------------------------------------------------------------------

    def _give(self) -> None:
        """The next part of what waits, once the process has sent the one before."""
        while self._queue and not self._busy and not self._closed:
            piece = self._queue.first
            try:
                data = bytes(piece.offer())
            except (OSError, EOFError) as error:
                self._end_piece(unreadable(error))
                continue
            if not data:
                self._end_piece("")
                continue
            self._given, self._busy = piece, True
            self._process.send({"do": "send", "last": piece.left <= len(data)}, data)

    def _part_over(self, problem: str) -> None:
        self._busy = False
        piece, self._given = self._given, None
        if piece is not None and (problem or not piece.left):
            self._end_piece(problem)
        self._give()

    def _end_piece(self, problem: str) -> None:
        job = self._queue.drop_first().job
        if job is not None:
            job.part_done(problem)

    # -- what the process tells ---------------------------------------------------------------------

    def _look_again(self) -> None:
        """The capture is full, or takes traffic again."""
        blocked = self._context.blocked
        self._process.send({"do": "blocked", "blocked": blocked})
        if blocked:
            return
        self._take_held()
        self._process.hold(bool(self._held))

    def _take_held(self) -> None:
        held, self._held = self._held, deque()
        for parcel in held:
            self._told(parcel)

    def _told(self, parcel: Parcel) -> None:
        if self._held or not self._take(parcel):
            self._held.append(parcel)
            self._process.hold()

    def _take(self, parcel: Parcel) -> bool:
        """Whether it could be taken: the capture may be full."""
        head = parcel.head
        if "detail" in head:
            self._add_detail(head)
        elif "record" in head:
            return self._add(head["record"], head["messages"], parcel.body)
        elif "taken" in head:
            if self._given is not None:
                self._given.sent(head["taken"])
                if self._given.job is not None:
                    self._given.job.progress(head["taken"])
        elif "part" in head:
            self._part_over(head["part"])
        else:
            self._event(head)
        return True

    def _add(self, record: dict[str, int], messages: list[int], body: bytes) -> bool:
        writer, kind, size = self._context.writer, CallKind(record["kind"]), len(body)
        if kind in PAYLOAD:
            room = None if any(self._lost) else writer.room(size)  # what is kept has no gaps
            if room is None and self._draining:
                self._lost[kind not in RECEIVING] += size
                return True
            if room is None:
                self._context.capture_is_full()
                return False
            room[:size] = body
        writer.add(
            kind, self._server.number, self.number, size=size, asked=record["asked"], errno=record["errno"],
            flags=CallFlag(record["flags"]), duration=record["duration"],
        )  # fmt: skip
        self._messages = (messages[0], messages[1])
        if kind is CallKind.recv and not record["errno"] and self._server.service.tap is not None:
            self._hear(body)
        count = self._context.tally.add_received if kind in RECEIVING else self._context.tally.add_sent
        count(self.number, size)
        return True

    def _hear(self, data: bytes) -> None:
        """Somebody here wants the messages, which the process keeps to itself: find them once more. Of a framing that
        goes by silence, a message is heard when the next one begins."""
        framing, tap = self._server.spec.framing, self._server.service.tap
        if self._ear is None or self._ear[0] != framing:
            listener = Service(Choice("none"))
            self._ear = framing, listener, Conversation(framing, listener, str(self.remote))
        _, listener, talk = self._ear
        listener.tap = tap
        found = talk.received(data, self._context.writer.last_time) if data else talk.ended()
        for _ in found:
            pass  # nobody answers here

    def _add_detail(self, head: Any) -> None:
        record = head["record"]
        number = self._context.writer.add_detail(
            CallKind(record["kind"]), self._server.number, self.number, head["detail"], errno=record["errno"],
            flags=CallFlag(record["flags"]), duration=record["duration"],
        )  # fmt: skip
        self._records[head["number"]] = number
        if len(self._records) > KEPT_RECORDS:
            del self._records[next(iter(self._records))]

    def _event(self, head: Any) -> None:
        socket_number, emit = self._server.number, self._context.emit
        match head["event"]:
            case "changed":
                state = State[head["state"]]
                self._finished = self._finished or state is State.FIN_WAIT
                emit(ConnectionChanged(socket_number, self.number, state))
            case "failed":
                record = self._records.get(head["record"], -1)
                emit(SocketFailed(socket_number, self.number, Failure(**head["failure"]), fatal=False, record=record))
            case "closed":
                self._messages = (head["messages"][0], head["messages"][1])
                failure = Failure(**head["failure"]) if head["failure"] else None
                self._over(CloseReason(head["reason"]), failure)

    def _ended(self, ended: Ended) -> None:
        """The process is over: mostly behind its connection, sometimes before."""
        self._draining = True
        self._take_held()
        if not self._closed:
            failure = self._why_ended(ended)
            detail = {"reason": CloseReason.LOCAL.value, "by": "the end of its process"}
            self._server.log.write(CallKind.close, detail, connection=self.number)
            self._over(CloseReason.LOCAL, failure)
        self._server.gone(self.number)

    def _why_ended(self, ended: Ended) -> Failure:
        why = ended.trouble.strip().split("\n")[-1] if ended.trouble else ended.how
        who = f"The process {self.pid} that served {self.remote}"
        if self._late:
            means = f"{who} was killed, for it did not close the connection within {self._late:g} s."
        elif ended.killed:
            means = f"{who} was ended, for what it told could not be used ({why}); its connection ended with it."
        else:
            means = f"{who} ended, {why}; its connection ended with it."
        return Failure("", "", why, means, "The server goes on with the next client.")

    def _tell_lost(self) -> None:
        received, sent = self._lost
        if received or sent:
            self._server.log.note(
                f"The capture was full when this connection ended: {received:,} bytes that its process had received "
                f"and {sent:,} bytes that it had sent are not kept.",
                self.number,
            )

    def _over(self, reason: CloseReason, failure: Failure | None) -> None:
        self._closed = True
        self._tell_lost()
        problem = failure.sentence if failure is not None else CLOSED_EARLY
        for job in self._queue.clear():
            job.part_done(problem)
        received, sent = self._context.tally.of(self.number)
        self._context.emit(
            ConnectionClosed(self._server.number, self.number, reason, received, sent, *self._messages, failure)
        )
        self._server.connection_closed(self.number)
        why = failure.sentence if failure is not None else ENDED.get(reason, "")
        self._context.jobs.peer_left(self._server.number, why)
