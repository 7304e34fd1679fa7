"""Guessing on the bench: the work beside the window, and what its list says of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from explorer.bridge.jobs import Job
from explorer.core.socket_spec import Choice
from explorer.ui.models.bench_rows import BenchFlow
from explorer.ui.models.connection_choice import newest_of
from explorer.ui.units import count_text
from explorer.ui.widgets.bench_guesses import GuessList
from explorer.ui.workbench import Workbench

if TYPE_CHECKING:
    from explorer.ui.models.bench_samples import Guessed

LOOKING = "Looking at what was {way} so far…"
NO_BYTES = (
    "Nothing was {way} on this connection yet, so there is nothing to guess from. Let something come first, or look at "
    "the other direction."
)
NO_GUESS = (
    "No framing fits what was {way} so far ({size}). More messages would help, and so would the other direction. "
    "Where messages are told apart only by pauses, or not at all, no bytes show it: try Silence or Raw in a column."
)
GUESSED = "From the {size} that were {way} first, the likeliest at the top:"
CANCELLED = "Guessing was cancelled. Press Guess to begin again."


class BenchGuessing(QObject):
    """Fills a list. One guess is under way at a time: another takes its place."""

    def __init__(self, workbench: Workbench, shown: GuessList, parent: QObject) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._list = shown
        self._job: Job | None = None
        self._socket: int | None = None
        self._way = ""
        self._own: Choice | None = None

    @property
    def under_way(self) -> bool:
        return self._job is not None

    @property
    def socket(self) -> int | None:
        """Whose bytes the guess is of that is shown or under way; None where none is."""
        return self._socket

    def begin(self, flow: BenchFlow, own: Choice | None) -> None:
        """Propose framings for what this flow, and others of its socket, carried so far. own: the socket's framing."""
        from explorer.ui.models.bench_samples import guess_framing

        self._cancel()
        bench = self._workbench
        entry = bench.socket(flow.socket)
        others = newest_of(bench, [entry]) if entry is not None else []
        connections = [flow.connection, *(one.number for one in others if one.number != flow.connection)]
        self._socket = flow.socket
        self._way, self._own = "received" if flow.received else "sent", own
        self._list.show_working(LOOKING.format(way=self._way))
        self._list.show()
        work = partial(guess_framing, bench.reader, connections, flow.received)
        self._job = bench.jobs.start("Guess the framing", work)
        self._job.succeeded.connect(self._on_guessed)
        self._job.failed.connect(self._on_failed)

    def show_used(self, own: Choice | None) -> None:
        """own: the socket's framing now."""
        self._own = own
        self._list.show_used(own)

    def put_away(self) -> None:
        """The list is of other bytes, or nobody wants it any more."""
        self._cancel()
        self._socket = None
        self._list.hide()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    @Slot(object)
    def _on_guessed(self, found: Guessed) -> None:
        if self.sender() is not self._job:
            return
        self._job = None
        size = count_text(found.size, "byte")
        if found.guesses:
            sentence = GUESSED
        else:
            sentence = NO_GUESS if found.size else NO_BYTES
        self._list.show_guesses(found.guesses, sentence.format(size=size, way=self._way), self._own)

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        if self.sender() is self._job:
            self._job = None
            self._list.show_guesses((), sentence or CANCELLED, self._own)
