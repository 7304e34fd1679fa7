"""What sequences and the recorder need of the engine: they hear what comes, what happens, and what the user asks for.

While there is none of them, the engine has no hub and messages are not looked at for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from explorer.core.commands import CancelSequence, Command, RecordSteps, RunSequence
from explorer.core.events import Event, SocketChanged
from explorer.net.automation.recorder import Recorder
from explorer.net.automation.runner import Run
from explorer.net.context import Context
from explorer.net.service import Tap


class Fan:
    """A tap that tells several. Its owners add and remove themselves."""

    def __init__(self) -> None:
        self.taps: list[Tap] = []

    def message(self, peer: str, payload: bytes) -> None:
        for tap in tuple(self.taps):
            tap.message(peer, payload)

    def broken(self, peer: str, problem: str) -> None:
        for tap in tuple(self.taps):
            tap.broken(peer, problem)


class Hub:
    """carry_out: what the engine does with a command."""

    def __init__(self, context: Context, carry_out: Callable[[Command], None]) -> None:
        self.context = context
        self.carry_out = carry_out
        self._sink = context.emit
        self._runs: dict[int, Run] = {}
        self._recorder: Recorder | None = None
        self._fans: dict[int, Fan] = {}
        self._listening = False

    # -- the engine -----------------------------------------------------------------------------------

    def automate(self, command: RunSequence | CancelSequence | RecordSteps) -> None:
        """Begin or end something."""
        match command:
            case RunSequence():
                run = Run(self, command)
                self._runs[command.job] = run
                self._look()
                self.context.reactor.guarded(run.begin, run)
            case CancelSequence(job):
                if (found := self._runs.get(job)) is not None:
                    found.cancel()
            case RecordSteps(names):
                self._record(names)

    def _record(self, names: Mapping[int, str] | None) -> None:
        if names is None:
            if self._recorder is not None:
                self._recorder.end()
            self._recorder = None
        elif self._recorder is None:
            self._recorder = Recorder(self)
            self._recorder.use(names)
        else:
            self._recorder.use(names)  # a socket was added meanwhile, or has another name
        self._look()

    def asked(self, command: Command) -> None:
        """The user asks for this; it was not carried out yet."""
        if self._recorder is not None:
            self._recorder.asked(command)

    def shut_down(self) -> None:
        """The engine ends."""
        for run in tuple(self._runs.values()):
            run.stop("The engine ended before the sequence did.")
        self._recorder = None
        self._look()

    def _take(self, event: Event) -> None:
        """One of the engine's news, on its way to whoever hears them all."""
        self._sink(event)
        if isinstance(event, SocketChanged) and event.socket in self._fans:
            self._attach(event.socket)
        if self._recorder is not None:
            self._recorder.happened(event)
        for run in tuple(self._runs.values()):
            run.happened(event)

    def _look(self) -> None:
        """Hear the news only while somebody wants them."""
        wanted = bool(self._runs) or self._recorder is not None
        if wanted != self._listening:
            self._listening = wanted
            self.context.emit = self._take if wanted else self._sink

    # -- runs and the recorder ------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """Tell whoever hears the engine's news."""
        self._sink(event)

    def ended(self, job: int) -> None:
        self._runs.pop(job, None)
        self._look()

    def listen(self, number: int, tap: Tap) -> None:
        """Be told what comes on this socket, whenever it runs."""
        fan = self._fans.setdefault(number, Fan())
        if tap not in fan.taps:
            fan.taps.append(tap)
        self._attach(number)

    def leave(self, number: int, tap: Tap) -> None:
        fan = self._fans.get(number)
        if fan is None or tap not in fan.taps:
            return
        fan.taps.remove(tap)
        if not fan.taps:
            del self._fans[number]
            running = self.context.sockets.get(number)
            if running is not None:
                running.service.tap = None

    def _attach(self, number: int) -> None:
        running = self.context.sockets.get(number)
        if running is not None:
            running.service.tap = self._fans[number]
