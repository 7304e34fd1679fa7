"""Why clients of a load failed, as far as their server of ours shows it: its accept queue was full, or it paused
accepting. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from explorer.core.load import LoadReport
from explorer.ui.entries import SocketEntry

TIMEOUTS = ("timeout", "ETIMEDOUT")
WHAT_THEN = (
    "Whom it has no room for is not answered: the system tries such a connect again after 1, 2, 4 s and so on, until "
    "the time limit of the load."
)
ADVICE = (
    "Serve more clients at a time, give it a longer accept queue (its option Backlog), or let fewer clients come at "
    "once."
)


@dataclass(frozen=True, slots=True)
class Crowding:
    """How full a server was during a run. waiting: the most in its accept queue when that was full; 0: it never was.

    room: how many the system was asked to keep. paused: why it accepted nobody for a while, as the engine told it.
    """

    waiting: int = 0
    room: int = 0
    paused: str = ""

    def seen(self, entry: SocketEntry) -> Crowding:
        """What the server's entry shows now, added to what was seen before."""
        queue, found = entry.queue, self
        if queue is not None and queue.waiting and queue.backlog is not None and queue.waiting >= queue.backlog:
            found = replace(found, waiting=max(found.waiting, queue.waiting), room=queue.backlog)
        return replace(found, paused=entry.paused) if entry.paused and not found.paused else found

    @property
    def short(self) -> str:
        """In a line with other things; "" when it had room."""
        if self.waiting:
            return "the server’s accept queue was full"
        return "the server paused accepting" if self.paused else ""

    @property
    def sentence(self) -> str:
        """The cause, what it means and what to try; "" when it had room."""
        parts = []
        if self.waiting:
            parts.append(f"The server’s accept queue was full ({self.waiting:,} waited, {self.room:,} were asked for).")
        if self.paused:
            parts.append(f"The server paused accepting: {self.paused}")
        return " ".join([*parts, WHAT_THEN, ADVICE]) if parts else ""


def explained(report: LoadReport, crowding: Crowding) -> LoadReport:
    """The report, whose clients that ran out of time have the full queue as the cause."""
    cause = crowding.sentence
    if not cause:
        return report
    return replace(
        report,
        failures=tuple(
            replace(one, failure=replace(one.failure, means=cause, advice=one.failure.means))
            if one.failure.errno in TIMEOUTS
            else one
            for one in report.failures
        ),
    )
