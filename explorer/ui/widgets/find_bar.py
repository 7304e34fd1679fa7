"""Finds bytes in the stream that is shown: typed as text or as hex, beside the run, with Cancel."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QProgressBar,
    QWidget,
)

from explorer.bridge.jobs import Job, JobRunner, JobState
from explorer.capture.search import Search
from explorer.capture.stream import ByteStream
from explorer.core.errors import InputError
from explorer.ui.theme import Theme
from explorer.ui.widgets.typing_bar import TypingBar
from explorer.wire.hex_input import parse_hex

_STEPS = 1000
_SPREAD = 4096
"""How far before a place hits are looked for that may reach into it."""


class FindBar(TypingBar):
    """Signals:
    found(int, int): go to this hit, given by the stream offsets of its first byte and the one behind its last.
    marks_changed(): `marks` gives other ranges now.
    """

    found = Signal(object, object)  # objects, because offsets may be larger than a C int
    marks_changed = Signal()

    def __init__(self, jobs: JobRunner, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Find:", "text", "Close the find bar", parent)
        self._jobs = jobs
        self._stream: ByteStream | None = None
        self._encoding = "utf-8"
        self._search: Search | None = None
        self._key: tuple[bytes, bool] | None = None
        self._job: Job | None = None
        self._forward = True
        self._hit: tuple[int, int] | None = None  # the hit that was gone to last
        self.position: Callable[[], int] = lambda: 0
        """Where the cursor stands: searches go on from there."""
        self._make_widgets()
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _make_widgets(self) -> None:
        self.kind = QComboBox()
        self.kind.addItems(["Text", "Hex"])
        self.kind.setAccessibleName("What is typed")
        self.kind.setToolTip("What is typed: text, or bytes as hex")
        self.kind.currentIndexChanged.connect(self._on_kind)
        self.case = QCheckBox("Match case")
        self.case.toggled.connect(self._on_edited)
        self.previous_button = self._button("Previous", "The hit before (Shift+Enter)", self.find_previous)
        self.next_button = self._button("Next", "The next hit (Enter)", self.find_next)
        self.status = QLabel()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setMaximumWidth(120)
        self.bar.setRange(0, _STEPS)
        self.bar.setAccessibleName("Progress of the search")
        self.cancel_button = self._button("Cancel", "Stop searching", self.cancel)
        self._add(self.kind, self.case, self.previous_button, self.next_button)
        self._add(self.status, stretch=1)
        self._add(self.bar, self.cancel_button)
        self._show_progress(False)

    # -- what is searched -----------------------------------------------------------------------

    def set_stream(self, stream: ByteStream | None, encoding: str = "utf-8") -> None:
        """Search another stream from now on; what was found is forgotten."""
        self._stream, self._encoding = stream, encoding
        self._forget()

    def set_encoding(self, encoding: str) -> None:
        """How typed text becomes bytes."""
        if encoding != self._encoding:
            self._encoding = encoding
            self._forget()

    def marks(self, start: int, stop: int) -> Iterable[tuple[int, int]]:
        """Hits that reach into the stream offsets `start` … `stop` - 1."""
        search = self._search
        if search is None or self._job is not None:
            return
        index = search.first_from(start - max(_SPREAD, len(search.pattern)))
        while index < search.count:
            hit = search.hit(index)
            if hit.offset >= stop:
                return
            if hit.stop > start:
                yield hit.offset, hit.stop
            index += 1

    def _enter(self, backwards: bool) -> None:
        self._find(not backwards)

    # -- searching --------------------------------------------------------------------------------

    @Slot()
    def find_next(self) -> None:
        self._find(True)

    @Slot()
    def find_previous(self) -> None:
        self._find(False)

    @Slot()
    def cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _find(self, forward: bool) -> None:
        if self._stream is None or self._job is not None:
            return
        self._forward = forward
        try:
            key = self._pattern(), self.kind.currentText() == "Text" and not self.case.isChecked()
            if key != self._key or self._search is None:
                self._search = Search(self._stream, key[0], ignore_case=key[1])
                self._key, self._hit = key, None
        except InputError as error:
            self._say(error.message, problem=True)
            return
        if self._search.done < self._stream.reader.count and not self._search.limited:
            self._start(self._search)
        else:
            self._go(self._search)

    def _pattern(self) -> bytes:
        """Raises InputError."""
        typed = self.field.text()
        if not typed:
            raise InputError("pattern", "Write what to find, then press Enter.")
        if self.kind.currentText() == "Hex":
            pattern = parse_hex(typed)
            if not pattern:
                raise InputError("pattern", "There are no hex digits here; write bytes such as 48 65 6c.")
            return pattern
        try:
            return typed.encode(self._encoding)
        except UnicodeEncodeError as error:
            raise InputError(
                "pattern",
                f"{typed[error.start]!r} does not exist in {self._encoding}, the encoding of this socket. "
                "Find it as Hex, or choose another encoding for the socket.",
            ) from None

    def _start(self, search: Search) -> None:
        self._job = self._jobs.start("Find", search.run)
        self._job.progressed.connect(self._on_progress)
        self._job.succeeded.connect(self._on_searched)
        self._job.failed.connect(self._on_failed)
        self.bar.setValue(0)
        self._say("Searching…")
        self._show_progress(True)

    @Slot(object)
    def _on_progress(self, state: JobState) -> None:
        if self.sender() is self._job and state.total:
            self.bar.setValue(state.done * _STEPS // state.total)

    @Slot(object)
    def _on_searched(self, whole: bool) -> None:
        if self.sender() is not self._job or self._search is None:
            return
        self._job = None
        self._show_progress(False)
        self.marks_changed.emit()
        if whole:
            self._go(self._search)
        else:
            count = self._search.count
            self._say(f"Stopped; {count:,} found so far. Press Enter to go on." if count else "Stopped.")

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        if self.sender() is self._job:
            self._job = None
            self._show_progress(False)
            self._say(sentence or "Stopped.", problem=bool(sentence))

    def _go(self, search: Search) -> None:
        """To the next hit from the cursor on, or the one before it."""
        if not search.count:
            self._say("Not found.", problem=True)
            return
        at = self.position()
        on_hit = self._hit is not None and self._hit[0] == at
        if self._forward:
            index = search.first_from(at + 1 if on_hit else at)
            wrapped = index == search.count
            index = 0 if wrapped else index
        else:
            index = search.first_from(at) - 1
            wrapped = index < 0
            index = search.count - 1 if wrapped else index
        hit = search.hit(index)
        self._hit = hit.offset, hit.stop
        total = f"the first {search.count:,}" if search.limited else f"{search.count:,}"
        around = " · went on from the " + ("beginning" if self._forward else "end") if wrapped else ""
        self._say(f"{index + 1:,} of {total}{around}")
        self.found.emit(hit.offset, hit.stop)

    def _forget(self) -> None:
        self.cancel()
        self._job = None
        self._search = self._key = self._hit = None
        self._show_progress(False)
        self._say("")
        self.marks_changed.emit()

    # -- looks and keys -----------------------------------------------------------------------------

    @Slot()
    def _on_kind(self) -> None:
        is_text = self.kind.currentText() == "Text"
        self.case.setEnabled(is_text)
        self.field.setPlaceholderText("text" if is_text else "hex, e.g. 0d 0a")
        self._forget()

    def _say(self, text: str, problem: bool = False) -> None:
        """How the search stands, beside the buttons; what is wrong, in the line below the field."""
        self.status.setText("" if problem else text)
        self._say_problem(text if problem else "")

    @Slot()
    def _on_theme(self) -> None:
        self.status.setStyleSheet(f"color: {self._theme.colors.muted}")

    def _show_progress(self, running: bool) -> None:
        if not running and self.cancel_button.hasFocus():
            self.field.setFocus()
        self.bar.setVisible(running)
        self.cancel_button.setVisible(running)
