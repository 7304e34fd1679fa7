"""The sequences of `socket-explorer run`, one after the other, and their lines.

Lines: ``step`` for each step that is over ("sequence" is its name, "path" the step's place, "state" passed or failed,
"message" what came), at most about 20 times a second for one that is repeated, and ``sequence`` at the end of each
("name", "passed", "message", "path" where it ended, "seconds").

They begin when every server listens and every client is connected (or has failed). Clients that a sequence connects,
and all sockets that it has a start step for, are left to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping

from explorer.core.commands import CancelSequence, Command, RunSequence
from explorer.core.events import SequenceEnded, SequenceStep
from explorer.core.sequence import ConnectStep, Sequence, StartStep, walk
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import SocketSpec

Line = Callable[[Mapping[str, object]], None]


class SequenceRuns:
    """post: has the engine carry out a command. line: prints one.

    failed: whether one of them did not pass.
    """

    def __init__(
        self,
        sequences: Iterable[Sequence],
        specs: Mapping[int, SocketSpec],
        snippets: tuple[Snippet, ...],
        post: Callable[[Command], object],
        line: Line,
    ) -> None:
        self._waiting = deque(sequences)
        self._sockets = {spec.name: (number, spec) for number, spec in specs.items()}
        self._snippets = snippets
        self._post = post
        self._line = line
        self._job = 0
        self._running: Sequence | None = None
        self.failed = False

    @property
    def busy(self) -> bool:
        """Whether one is under way, or has yet to begin."""
        return self._running is not None or bool(self._waiting)

    def starts(self) -> frozenset[int]:
        """The numbers of the sockets that they start themselves."""
        names = set()
        for sequence in self._waiting:
            for _, step in walk(sequence.steps):
                if isinstance(step, StartStep | ConnectStep):
                    name = step.socket or sequence.socket
                    _, spec = self._sockets[name]
                    if isinstance(step, StartStep) or spec.role == "client":
                        names.add(name)
        return frozenset(self._sockets[name][0] for name in names)

    def begin(self) -> None:
        """Begin the next one, if none is under way."""
        if self._running is None and self._waiting:
            self._running = self._waiting.popleft()
            self._job += 1
            self._post(RunSequence(self._running, self._job, self._sockets, self._snippets))

    def take(self, event: SequenceStep | SequenceEnded) -> None:
        """News of the one under way."""
        if self._running is None or event.job != self._job:
            return
        name = self._running.name
        if isinstance(event, SequenceStep):
            if event.state != "waiting":
                self._line(
                    {"event": "step", "sequence": name, "path": event.path, "state": event.state, "message": event.text}
                )
            return
        self._running = None
        self._end(name, event.passed, event.sentence, event.path, event.seconds)
        self.begin()

    def stop(self) -> None:
        """The time of the run is over: what is under way ends, and the others are not begun."""
        waiting, self._waiting = self._waiting, deque()
        if self._running is not None:
            self._post(CancelSequence(self._job))
        for sequence in waiting:
            self._end(sequence.name, False, "It was not begun: the run ended before.", "", 0.0)

    def _end(self, name: str, passed: bool, message: str, path: str, seconds: float) -> None:
        self.failed = self.failed or not passed
        self._line(
            {
                "event": "sequence", "name": name, "passed": passed, "message": message, "path": path,
                "seconds": round(seconds, 3),
            }
        )  # fmt: skip
