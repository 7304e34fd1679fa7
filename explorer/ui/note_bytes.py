"""How many bytes notes are on and the first of them, counted beside the window where there are many calls."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from explorer.bridge.jobs import Cancelled, Job, Progress
from explorer.capture.flow import LOOK, read_on
from explorer.capture.match import both, carries, of_connections
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.ui.workbench import Workbench

PREVIEW = 32  # bytes
AT_ONCE = 64  # calls that are looked at without a thread: it takes some microseconds
FAR = 1 << 16  # calls that are counted for the size of a note


@dataclass(frozen=True, slots=True)
class NoteBytes:
    """size: in bytes; None where the note goes over more than `FAR` calls. preview: the first ones."""

    size: int | None
    preview: bytes


NOT_COUNTED = NoteBytes(None, b"")


class NoteBytesFinder(QObject):
    """Remembers what it found: the bytes of a capture never change. Signal: found(): some more are known."""

    found = Signal()

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._known: dict[Span, NoteBytes] = {}
        self._wanted: dict[Span, None] = {}  # in the order they were asked for
        self._under_way: tuple[Span, ...] = ()
        self._job: Job | None = None
        self._soon = QTimer(self)  # a table asks for many at once
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._start)
        workbench.capture_changed.connect(self._on_capture_changed)

    def look(self, span: Span) -> NoteBytes | None:
        """What is known of a span that the capture holds; None: it is being counted, and `found` will tell."""
        known = self._known.get(span)
        if known is None and span.last_call - span.first_call <= AT_ONCE:
            known = self._known[span] = look_at(self._workbench.reader, span)
        if known is None and span not in self._under_way and span not in self._wanted:
            self._wanted[span] = None
            self._soon.start()
        return known

    @Slot()
    def _on_capture_changed(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job, self._under_way = None, ()
        self._known.clear()
        self._wanted.clear()

    @Slot()
    def _start(self) -> None:
        if self._job is not None or not self._wanted:
            return
        reader, spans = self._workbench.reader, tuple(self._wanted)
        self._wanted.clear()
        self._under_way = spans
        self._job = self._workbench.jobs.start(
            "Counting the bytes of notes", lambda told: _look_at_all(reader, spans, told)
        )
        self._job.succeeded.connect(self._on_counted)
        self._job.failed.connect(self._on_failed)

    @Slot(object)
    def _on_counted(self, counted: dict[Span, NoteBytes]) -> None:
        if self.sender() is self._job:
            self._take(counted)

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        """Or cancelled by the user: they are not counted again at every look."""
        if self.sender() is self._job:
            self._take(dict.fromkeys(self._under_way, NOT_COUNTED))
            if sentence:
                self._workbench.notice(sentence, serious=True, key="notes")

    def _take(self, counted: dict[Span, NoteBytes]) -> None:
        self._job, self._under_way = None, ()
        self._known.update(counted)
        self._soon.start()
        self.found.emit()


def _look_at_all(reader: Reader, spans: tuple[Span, ...], told: Progress) -> dict[Span, NoteBytes]:
    """Raises Cancelled."""
    counted: dict[Span, NoteBytes] = {}
    for done, span in enumerate(spans):
        if not told(done, len(spans)):
            raise Cancelled("")
        counted[span] = look_at(reader, span)
    return counted


def look_at(reader: Reader, span: Span) -> NoteBytes:
    """Count the bytes of a span that the capture holds, and read the first of them."""
    size = span_size(reader, span)
    most = PREVIEW if size is None else min(size, PREVIEW)
    return NoteBytes(size, read_on(reader, span.first, most, min(LOOK, span.last_call - span.first_call)))


def span_size(reader: Reader, span: Span) -> int | None:
    """Bytes of a span; None where it goes over more than `FAR` calls."""
    if span.first_call == span.last_call:
        return span.last_skip - span.first_skip
    if span.last_call - span.first_call > FAR:
        return None
    way = carries() if span.received is None else carries(span.received, not span.received)
    match = way if span.connection is None else both(of_connections([span.connection]), way)
    total, number = span.last_skip - span.first_skip, span.first_call
    while number < span.last_call:
        columns = reader.columns(number, span.last_call)
        mask = match(columns)
        total += sum(columns.sizes if mask is None else compress(columns.sizes, mask))
        number += columns.count
    return max(0, total)
