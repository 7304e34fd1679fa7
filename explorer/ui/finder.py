"""The window's one search: started in the find bar, shown in it, in the byte view and in the list of results.

It runs as a job beside the window; when that has come to the end, the search goes on with the capture as it grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from explorer.bridge.jobs import Job, JobRunner, JobState
from explorer.capture.indexer import Indexer
from explorer.capture.reader import Reader
from explorer.capture.search import Hit, Search
from explorer.capture.stream import Scope
from explorer.ui.find_history import FindHistory
from explorer.ui.selection import SelectionHub
from explorer.wire.patterns import Pattern


class Bench(Protocol):
    """What the finder needs of the workbench."""

    @property
    def reader(self) -> Reader: ...

    @property
    def jobs(self) -> JobRunner: ...

    @property
    def indexer(self) -> Indexer: ...

    @property
    def selection(self) -> SelectionHub: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, and where. kind, typed: as in the find bar; they tell what `pattern` was made of."""

    kind: str
    typed: str
    pattern: Pattern
    scope: Scope
    received: bool = True
    sent: bool = True


class Finder(QObject):
    """Signals:
    changed(): another search, or none; it began, went on, was stopped or came to its end.
    hits_changed(): there are more hits, or others; at most once a frame.
    list_wanted(): the user wants to see the list of results.
    """

    changed = Signal()
    hits_changed = Signal()
    list_wanted = Signal()

    def __init__(self, bench: Bench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._job: Job | None = None
        self._told: tuple[int, int] = (0, 0)
        self.search: Search | None = None
        self.wanted: Wanted | None = None
        self.current: Hit | None = None  # that was gone to last
        self.problem = ""  # why the search failed
        self.stopped = False  # by Cancel
        self.percent = 0
        self.history = FindHistory()

    @property
    def searching(self) -> bool:
        """Whether the bytes that are there are being looked at."""
        return self._job is not None

    @property
    def count(self) -> int:
        """Hits so far."""
        return self.search.count if self.search is not None else 0

    # -- searching ------------------------------------------------------------------------------

    def start(self, wanted: Wanted) -> None:
        """Look for something; what was found before is forgotten."""
        self._let_go()
        self.wanted = wanted
        self.search = Search(self._bench.reader, wanted.pattern, wanted.scope, wanted.received, wanted.sent)
        self.go_on()
        self.hits_changed.emit()

    def go_on(self) -> None:
        """From where the search was stopped, or with what came since."""
        search = self.search
        if search is None or self._job is not None:
            return
        self._bench.indexer.unregister(search)
        self.stopped, self.problem, self.percent = False, "", 0
        self._job = self._bench.jobs.start("Find", search.run)
        self._job.progressed.connect(self._on_progress)
        self._job.succeeded.connect(self._on_searched)
        self._job.failed.connect(self._on_failed)
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Stop; what was found stays."""
        if self._job is not None:
            self._job.cancel()

    @Slot()
    def clear(self) -> None:
        """Look for nothing."""
        if self.search is not None:
            self._let_go()
            self.changed.emit()
            self.hits_changed.emit()

    def _let_go(self) -> None:
        self.cancel()
        self._job = None
        if self.search is not None:
            self._bench.indexer.unregister(self.search)
        self.search = self.wanted = self.current = None
        self.stopped, self.problem, self._told = False, "", (0, 0)

    @Slot(object)
    def _on_progress(self, state: JobState) -> None:
        if self.sender() is self._job and state.total:
            self.percent = state.done * 100 // state.total
            self.changed.emit()
            self.look()

    @Slot(object)
    def _on_searched(self, whole: bool) -> None:
        if self.sender() is not self._job or self.search is None:
            return
        self._job = None
        self.stopped = not whole
        if whole:
            self._bench.indexer.register(self.search)
        self.look()
        self.changed.emit()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        if self.sender() is self._job:
            self._job = None
            self.stopped, self.problem = True, sentence
            self.changed.emit()

    @Slot()
    def look(self) -> None:
        """Tell of hits that came since this was last asked (each frame)."""
        if self.search is not None:
            state = self.search.count, self.search.list.version
            if state != self._told:
                self._told = state
                self.hits_changed.emit()

    # -- hits -----------------------------------------------------------------------------------

    def index_of(self, hit: Hit | None) -> int:
        """Which one it is, from 0; -1 if it is none, or no more."""
        if hit is None or self.search is None:
            return -1
        index = self.search.list.first_from(hit.first)
        found = self.search.list.hits(index, index + 1)
        return index if found and found[0].first == hit.first else -1

    def choose(self, hit: Hit) -> None:
        """Select a hit in the whole window, which looks at its socket or connection then."""
        selection = self._bench.selection
        self.current = hit
        scope = selection.scope
        if scope.connection not in (None, hit.connection):
            selection.choose_scope(Scope(hit.socket, hit.connection or None))
        elif scope.socket not in (None, hit.socket):
            selection.choose_scope(Scope(hit.socket))
        selection.choose_span(hit.span, self)
        self.changed.emit()
