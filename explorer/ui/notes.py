"""The highlights and notes on the capture that is looked at: undoable edits, and the file beside the capture."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QUndoCommand

from explorer.capture.notes import MOST_NOTES, Note, NotesFile, bounded
from explorer.capture.span import Span
from explorer.ui.entries import Notice

if TYPE_CHECKING:
    from explorer.ui.workbench import Workbench

SAVE_AFTER = 300  # milliseconds from a change to its being written
FULL = f"A capture can have {MOST_NOTES:,} highlights and notes, and has so many. Remove some in the Notes dock first."
NOTHING = "Nothing is selected. Select bytes in Bytes, or a row in Calls or Messages, and try again."
Changes = Mapping[int, Note | None]


class Notes(QObject):
    """Notes by a number of their own, in the order of their bytes.

    problem: a sentence while they cannot be kept on disk; else "".
    Signals: notes_changed(): some came, went or changed, or it is another capture.
    edit_wanted(int): this note's text is to be typed now.
    """

    notes_changed = Signal()
    edit_wanted = Signal(int)

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._workbench = workbench
        self.color = 0  # chosen last
        self.problem = ""
        self._capture = 0  # how many there have been: edits of an earlier one cannot be undone in another
        self._numbers = itertools.count(1)
        self._unsaved = False
        self._items: dict[int, Note] = {}
        self._order: list[int] = []  # numbers, by where their bytes begin
        self._firsts: list[int] = []  # first calls in that order
        self._reach: list[int] = []  # the furthest last call up to each, so that it never falls
        self._save_soon = QTimer(self)
        self._save_soon.setSingleShot(True)
        self._save_soon.setInterval(SAVE_AFTER)
        self._save_soon.timeout.connect(self.flush)
        self._tell_soon = QTimer(self)
        self._tell_soon.setSingleShot(True)
        self._tell_soon.timeout.connect(self._tell_warning)
        workbench.capture_changed.connect(self._on_capture_changed)
        self._load()

    # -- looking --------------------------------------------------------------------------------

    @property
    def notes(self) -> tuple[Note, ...]:
        """In the order of their bytes."""
        return tuple(self._items[number] for number in self._order)

    @property
    def numbers(self) -> tuple[int, ...]:
        """In the same order."""
        return tuple(self._order)

    def note(self, number: int) -> Note | None:
        return self._items.get(number)

    def notes_between(self, first_call: int, last_call: int) -> list[Note]:
        """Notes on bytes of calls `first_call` … `last_call`, or around them, in order. Quick at any number."""
        return [self._items[number] for number in self._numbers_between(first_call, last_call)]

    def _numbers_between(self, first_call: int, last_call: int) -> list[int]:
        start, stop = bisect_left(self._reach, first_call), bisect_right(self._firsts, last_call)
        return [number for number in self._order[start:stop] if self._items[number].span.last_call >= first_call]

    def touching(self, span: Span) -> list[int]:
        """Numbers of the notes on bytes of a span."""
        return [
            number
            for number in self._numbers_between(span.first_call, span.last_call)
            if _touch(self._items[number].span, span)
        ]

    # -- edits, undoable ------------------------------------------------------------------------

    def add(self, span: Span, color: int | None = None, text: str = "") -> int | None:
        """Highlight bytes. color None: the one chosen last. Its number; None (and a notice) when there are too many."""
        return next(iter(self.add_all([span], color, text)), None)

    def add_all(self, spans: Sequence[Span], color: int | None = None, text: str = "") -> list[int]:
        """Highlight several stretches, in one step. Their numbers; none (and a notice) when there are too many."""
        if len(self._items) + len(spans) > MOST_NOTES:
            self._workbench.notice(FULL if len(self._items) >= MOST_NOTES else _too_many(len(spans)), key="notes")
            return []
        self.color = self.color if color is None else color
        added = {next(self._numbers): bounded(Note(span, self.color, text)) for span in spans}
        self._push("add highlight" if len(added) == 1 else f"add {len(added):,} highlights", added)
        return list(added)

    def add_and_edit(self, *spans: Span) -> None:
        """Highlight bytes, and have the note on them typed: of several stretches, on the first."""
        if numbers := self.add_all(spans):
            self.edit_wanted.emit(numbers[0])

    @Slot()
    def highlight_selection(self) -> None:
        """Highlight what is selected in the window, in the colour chosen last."""
        if parts := self._selected():
            self.add_all(parts)

    @Slot()
    def note_selection(self) -> None:
        """Have a note typed on what is selected in the window."""
        if parts := self._selected():
            self.add_and_edit(*parts)

    def _selected(self) -> tuple[Span, ...]:
        parts = self._workbench.selection.parts
        if not parts:
            self._workbench.notice(NOTHING, key="notes")
        return parts

    def set_text(self, number: int, text: str) -> None:
        if number in self._items:
            self._change("change note", {number: bounded(replace(self._items[number], text=text))})

    def set_color(self, numbers: Collection[int], color: int) -> None:
        self.color = color
        there = [number for number in numbers if number in self._items]
        self._change("change colour", {number: replace(self._items[number], color=color) for number in there})

    def remove(self, numbers: Collection[int]) -> None:
        what = "remove note" if len(numbers) == 1 else f"remove {len(numbers):,} notes"
        self._change(what, {number: None for number in numbers if number in self._items})

    def _change(self, text: str, after: Changes) -> None:
        changed = {number: note for number, note in after.items() if self._items.get(number) != note}
        if changed:
            self._push(text, changed)

    def _push(self, text: str, after: Changes) -> None:
        before = {number: self._items.get(number) for number in after}
        self._workbench.undo.push(_NotesChanged(self, text, self._capture, before, after))

    def put(self, capture: int, notes: Changes) -> bool:
        """Carry out an edit (for undo); None: not there. Whether it was an edit of this capture."""
        if capture != self._capture:
            return False
        for number, note in notes.items():
            if note is None:
                self._items.pop(number, None)
            else:
                self._items[number] = note
        self._arrange()
        self._unsaved = True
        self._save_soon.start()
        self.notes_changed.emit()
        return True

    def _arrange(self) -> None:
        self._order = sorted(self._items, key=lambda number: (_place_of(self._items[number].span), number))
        spans = [self._items[number].span for number in self._order]
        self._firsts = [span.first_call for span in spans]
        self._reach = list(itertools.accumulate((span.last_call for span in spans), max))

    # -- on disk --------------------------------------------------------------------------------

    @Slot()
    def _on_capture_changed(self) -> None:
        self.flush()
        self._load()
        self._workbench.undo.forget(_NotesChanged)
        self.notes_changed.emit()

    def _load(self) -> None:
        self._capture += 1
        self.problem = ""
        self._file = NotesFile(self._workbench.reader.folder)
        self._items = {next(self._numbers): note for note in self._file.load()}
        self._arrange()
        if self._file.warning:
            self._tell_soon.start()  # when somebody listens

    @Slot()
    def _tell_warning(self) -> None:
        self._workbench.noticed.emit(Notice(self._file.warning, serious=True, key="notes"))

    @Slot()
    def flush(self) -> None:
        """Write what is not written yet, now."""
        if not self._unsaved:
            return
        self._unsaved = False
        self._save_soon.stop()
        before = self.problem
        try:
            aside = self._file.save(self.notes)
        except OSError as error:
            self.problem = (
                f"Notes cannot be saved beside this capture: {error.strerror or error}. They stay as long as this "
                "window is open. Save the capture elsewhere (File menu) to keep them with it."
            )
        else:
            self.problem = ""
            if aside is not None:
                self._workbench.notice(f"The notes that could not be read are kept as {aside}.", key="notes")
        if self.problem != before:
            if self.problem:
                self._workbench.notice(self.problem, serious=True, key="notes")
            self.notes_changed.emit()


class _NotesChanged(QUndoCommand):
    """Some notes before and after an edit; None: not there."""

    def __init__(self, notes: Notes, text: str, capture: int, before: Changes, after: Changes) -> None:
        super().__init__(text)
        self._notes = notes
        self._capture = capture
        self._before = before
        self._after = after

    def redo(self) -> None:
        self.setObsolete(not self._notes.put(self._capture, self._after))

    def undo(self) -> None:
        self.setObsolete(not self._notes.put(self._capture, self._before))


def _too_many(parts: int) -> str:
    return (
        f"A capture can have {MOST_NOTES:,} highlights and notes; with these {parts:,} it would have more. "
        "Select fewer, or remove some in the Notes dock first."
    )


def _place_of(span: Span) -> tuple[int, int, int, int]:
    return span.first_call, span.first_skip, span.last_call, span.last_skip


def _touch(one: Span, other: Span) -> bool:
    """Whether they share bytes, as far as their places, connections and directions tell."""
    if None not in (one.connection, other.connection) and one.connection != other.connection:
        return False
    if None not in (one.received, other.received) and one.received != other.received:
        return False
    first, last = (one.first_call, one.first_skip), (one.last_call, one.last_skip)
    begin, end = (other.first_call, other.first_skip), (other.last_call, other.last_skip)
    return (first < end and begin < last) or first == begin
