"""One sequence under way, on the engine's loop: which step is next, what is waited for, what is told of it.

Nothing is polled: a run looks again when something came on its sockets, when something happened to them, and when
time is over. Steps that need no waiting follow each other in turns of a few milliseconds, so that sockets have theirs
between them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.core.commands import RunSequence
from explorer.core.events import (
    ConnectionClosed,
    ConnectionOpened,
    Event,
    SequenceEnded,
    SequenceStep,
    SocketFailed,
)
from explorer.core.sequence import RepeatStep, Step, sockets_of
from explorer.net.automation.inbox import Inbox
from explorer.net.automation.outcome import Ended, Failed, Waiting
from explorer.net.automation.steps import Steps
from explorer.net.os_errors import bug
from explorer.net.reactor import Timer
from explorer.wire.remembered import remembered_by

if TYPE_CHECKING:
    from explorer.net.automation.hub import Hub

TURN = 0.002  # seconds of steps before sockets have a turn …
REST = 0.002  # … and so long the loop is left to them and to other threads
NEWS_EVERY = 0.05  # seconds between two reports
LOOK_AGAIN = 0.01  # seconds before much that came is looked through again


@dataclass(slots=True)
class Frame:
    """A block that is being carried out. owner: the path of the repeat whose block it is."""

    path: str
    steps: tuple[Step, ...]
    place: int = 0
    repeat: RepeatStep | None = None
    owner: str = ""
    round: int = 0


@dataclass(slots=True)
class Happened:
    """What became of one socket since the sequence began."""

    opened: int = 0
    closed: ConnectionClosed | None = None  # the last one, unless another was opened since
    failed: SocketFailed | None = None  # why it could not run, if so


class Run:
    """known: what is remembered, by name. text, record: of the step at hand, for its report."""

    def __init__(self, hub: Hub, command: RunSequence) -> None:
        self.hub = hub
        self.context = hub.context
        self.command = command
        self.sequence = command.sequence
        self.known: dict[str, bytes] = {}
        self.inboxes: dict[str, Inbox] = {}
        self.happenings: dict[int, Happened] = {}
        self.text = ""
        self.record = -1
        self.names = remembered_by(self.sequence)
        self._remotes: dict[int, dict[int, str]] = {}  # of each socket: whom its connections are with
        self._names = {number: name for name, (number, _) in command.sockets.items()}
        self._steps = Steps(self)
        self._stack = [Frame("steps", self.sequence.steps)]
        self._path = ""
        self._waiting: Waiting | None = None
        self._timer: Timer | None = None
        self._news: dict[str, SequenceStep] = {}
        self._news_timer: Timer | None = None
        self._told = 0.0
        self._begun = 0.0
        self._count = 0
        self._scheduled = False
        self._over = False

    # -- life -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        self._begun = time.perf_counter()
        for name in sorted(sockets_of(self.sequence)):
            if name in self.command.sockets:
                number = self.command.sockets[name][0]
                self.happenings[number] = Happened()
                running = self.context.sockets.get(number)
                peers = {} if running is None else running.peers
                self._remotes[number] = {connection: str(peer.remote) for connection, peer in peers.items()}
                self.inboxes[name] = Inbox(self._raw(number), self.newest_record, self.wake)
                self.hub.listen(number, self.inboxes[name])
        self.wake()

    def _raw(self, number: int) -> Callable[[], bool]:
        def raw() -> bool:
            running = self.context.sockets.get(number)
            return running is not None and running.spec.transport == "tcp" and running.spec.framing.kind == "raw"

        return raw

    def newest_record(self) -> int:
        return self.context.writer.count - 1

    def cancel(self) -> None:
        """The user's wish."""
        self._finish(False, "Stopped before its end.", cancelled=True)

    def stop(self, sentence: str) -> None:
        self._finish(False, sentence, cancelled=True)

    def ready(self, events: int) -> None:
        """It watches no socket of its own."""

    def broke(self, error: Exception) -> None:
        self._finish(False, bug(error, f'the sequence "{self.sequence.name}"').sentence)

    def happened(self, event: Event) -> None:
        """One of the engine's news."""
        number = getattr(event, "socket", None)
        found = self.happenings.get(number) if isinstance(number, int) else None
        if found is None:
            return
        if isinstance(event, ConnectionOpened):
            found.opened += 1
            found.closed = None
            self._remotes.setdefault(event.socket, {})[event.connection] = str(event.remote)
            self.inboxes[self._names[event.socket]].connected(str(event.remote))
        elif isinstance(event, ConnectionClosed):
            found.closed = event
            self._remotes.get(event.socket, {}).pop(event.connection, None)
        elif isinstance(event, SocketFailed) and event.fatal:
            found.failed = event
        self.wake()

    def remotes(self, number: int) -> list[tuple[int, str]]:
        """The connections of a socket and whom they are with (``host:port``), the newest first."""
        return [*reversed(self._remotes.get(number, {}).items())]

    # -- steps ----------------------------------------------------------------------------------------

    @property
    def counter(self) -> int:
        """The round of the innermost repeat, from 0."""
        return next((frame.round for frame in reversed(self._stack) if frame.repeat is not None), 0)

    def wake(self) -> None:
        """Look soon whether it can go on."""
        waiting = self._waiting
        large = waiting is not None and waiting.inbox is not None and waiting.inbox.large
        self._schedule(LOOK_AGAIN if large else 0.0)

    def _schedule(self, delay: float) -> None:
        if self._scheduled or self._over:
            return
        self._scheduled = True
        if delay:
            self.context.reactor.call_later(delay, self._go, self)
        else:
            self.context.reactor.post(lambda: self.context.reactor.guarded(self._go, self))

    def _go(self) -> None:
        self._scheduled = False
        begun = time.perf_counter()
        try:
            while not self._over:
                if self._waiting is not None:
                    if not self._waiting.look():
                        break
                    self._passed()
                elif not self._step():
                    self._finish(True, self._success())
                if time.perf_counter() - begun > TURN:
                    self._schedule(REST)
                    break
        except (Failed, Ended) as end:
            self._end_by(end)
        self._tell_soon()

    def _step(self) -> bool:
        """Begin the next step. False when there is none."""
        while self._stack and self._stack[-1].place >= len(self._stack[-1].steps):
            self._block_over(self._stack[-1])
        if not self._stack:
            return False
        frame = self._stack[-1]
        step = frame.steps[frame.place]
        self._path = f"{frame.path}[{frame.place}]"
        frame.place += 1
        self._count += 1
        self.text, self.record = "", -1
        if isinstance(step, RepeatStep):
            self._repeat(step)
            return True
        waiting = self._steps.begin(step)
        if waiting is None:
            self._tell("passed")
        elif waiting.look():
            self._tell("passed")
            self._steps.done()
        else:
            self._tell("waiting")
            self._waiting = waiting
            self._timer = self.context.reactor.call_later(waiting.seconds, self._late, self)
        return True

    def _passed(self) -> None:
        """What was waited for is there."""
        self._stop_waiting()
        self._tell("passed")
        self._steps.done()

    def _late(self) -> None:
        self._timer = None
        waiting = self._waiting
        if waiting is None or self._over:
            return
        try:
            if not waiting.look():
                waiting.late()
            self._passed()
            self.wake()
        except (Failed, Ended) as end:
            self._end_by(end)
        self._tell_soon()

    def _stop_waiting(self) -> None:
        self._waiting = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- blocks ---------------------------------------------------------------------------------------

    def enter(self, block: str, steps: tuple[Step, ...]) -> None:
        """Carry out a block of the step at hand, then go on behind the step."""
        self._stack.append(Frame(f"{self._path}.{block}", steps))

    def _repeat(self, step: RepeatStep) -> None:
        if not step.steps:
            self._tell("passed")
            return
        frame = Frame(f"{self._path}.steps", step.steps, repeat=step, owner=self._path)
        self._stack.append(frame)
        self._begin_round(frame)

    def _begin_round(self, frame: Frame) -> None:
        assert frame.repeat is not None
        frame.place = 0
        if frame.repeat.counter:
            self.known[frame.repeat.counter] = str(frame.round + 1).encode("ascii")
        self._report(frame.owner, "waiting", f"Round {frame.round + 1:,} of {frame.repeat.times:,}.")

    def _block_over(self, frame: Frame) -> None:
        if frame.repeat is None:
            self._stack.pop()
        elif frame.round + 1 < frame.repeat.times:
            frame.round += 1
            self._begin_round(frame)
        else:
            self._stack.pop()
            rounds = "1 round" if frame.repeat.times == 1 else f"{frame.repeat.times:,} rounds"
            self._report(frame.owner, "passed", f"{rounds}.")

    # -- the end --------------------------------------------------------------------------------------

    def _success(self) -> str:
        self._path = ""
        self.record = -1
        return f"Passed: {self._count:,} {'step' if self._count == 1 else 'steps'}."

    def _end_by(self, end: Failed | Ended) -> None:
        self.text = end.sentence
        if isinstance(end, Failed):
            self.record = end.record if end.record >= 0 else self.newest_record()
            self._tell("failed")
        else:
            self._tell("passed")
        self._finish(isinstance(end, Ended), end.sentence)

    def _finish(self, passed: bool, sentence: str, cancelled: bool = False) -> None:
        if self._over:
            return
        self._over = True
        self._stop_waiting()
        if self._news_timer is not None:
            self._news_timer.cancel()
        for name, inbox in self.inboxes.items():
            self.hub.leave(self.command.sockets[name][0], inbox)
        self._tell_all()
        took = time.perf_counter() - self._begun
        self.hub.ended(self.command.job)
        self.hub.emit(SequenceEnded(self.command.job, passed, sentence, self._path, took, self.record, cancelled))

    # -- reports --------------------------------------------------------------------------------------

    def _tell(self, state: str) -> None:
        self._report(self._path, state, self.text, self.record)

    def _report(self, path: str, state: str, text: str, record: int = -1) -> None:
        self._news.pop(path, None)  # the order is that of the last news
        self._news[path] = SequenceStep(self.command.job, path, state, text, record)  # type: ignore[arg-type]

    def _tell_soon(self) -> None:
        if not self._news or self._over or self._news_timer is not None:
            return
        wait = self._told + NEWS_EVERY - time.perf_counter()
        if wait <= 0:
            self._tell_all()
        else:
            self._news_timer = self.context.reactor.call_later(wait, self._tell_all, self)

    def _tell_all(self) -> None:
        self._news_timer = None
        self._told = time.perf_counter()
        news, self._news = self._news, {}
        for event in news.values():
            self.hub.emit(event)
