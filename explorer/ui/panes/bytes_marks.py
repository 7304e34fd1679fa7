"""What the byte pane shows besides the bytes: text, hits, highlights, messages, and what values are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from explorer.capture.notes import Note
from explorer.capture.span import Span
from explorer.capture.stream import Ranges
from explorer.ui.panes.bytes_header import BytesHeader
from explorer.ui.panes.bytes_source import BytesSource
from explorer.ui.panes.bytes_text import BytesText
from explorer.ui.widgets.byte_highlights import highlights_in
from explorer.ui.widgets.byte_hints import Hint
from explorer.ui.widgets.byte_messages import WindowMessages
from explorer.ui.widgets.byte_scene import ColorMode
from explorer.ui.widgets.byte_view import ByteView, Draft
from explorer.ui.widgets.byte_window import EMPTY, ByteWindow, load_window
from explorer.ui.widgets.find_bar import FindBar
from explorer.ui.workbench import Workbench

if TYPE_CHECKING:
    from explorer.ui.widgets.text_view import TextMarks

LONGEST_HINT = 600
"""Characters of notes that are shown beside the mouse."""


class BytesMarks(QObject):
    """Signals: changed(): other marks are to be painted. messages_wanted(): `wants_messages` is another."""

    changed = Signal()
    messages_wanted = Signal()

    def __init__(
        self,
        workbench: Workbench,
        source: BytesSource,
        view: ByteView,
        header: BytesHeader,
        find_bar: FindBar,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._source = source
        self._view = view
        self._header = header
        self._find_bar = find_bar
        self._color: ColorMode = "direction"
        self._window = EMPTY  # that a page of text showed last
        self._messages = WindowMessages()
        self.text = BytesText(workbench, self)
        source.changed.connect(self._on_source_changed)
        view.composing.connect(self._on_composing)
        view.reading.connect(self._on_reading)
        view.hint_wanted.connect(self.on_hint)
        header.color_chosen.connect(self._on_color)
        header.marks_chosen.connect(self._on_marks_chosen)
        find_bar.marks_changed.connect(self.changed)
        workbench.finder.changed.connect(self.changed)
        workbench.notes.notes_changed.connect(self.changed)
        workbench.selection.covered_changed.connect(self.changed)
        self.changed.connect(view.viewport().update)
        self._show_legend()

    @property
    def wants_messages(self) -> bool:
        """Whether borders or colours of messages are shown."""
        return self._header.message_marks.isChecked() or self._color == "message"

    @property
    def outdated(self) -> bool:
        """Whether what was painted last may be better now."""
        return self.text.outdated or (self._messages.messages is not None and self._messages.outdated)

    def set_encoding(self, name: str) -> None:
        """Text is read in this encoding."""
        if self.text.set_encoding(name):
            self.changed.emit()

    def use_messages(self, wanted: bool) -> None:
        """Show the messages of the present scope, or none."""
        self._messages.messages = self._workbench.messages.messages if wanted else None
        self.changed.emit()

    @Slot()
    def _on_source_changed(self) -> None:
        self._window = EMPTY

    # -- choices ------------------------------------------------------------------------------------

    @Slot(str)
    def _on_color(self, color: ColorMode) -> None:
        self._color = color
        self.messages_wanted.emit()

    @Slot()
    def _on_marks_chosen(self) -> None:
        self._view.call_marks = self._header.call_marks.isChecked()
        self._messages.marks = self._header.message_marks.isChecked()
        self._show_legend()
        self.messages_wanted.emit()

    def _show_legend(self) -> None:
        self._view.legend = self._header.legend

    # -- painting -------------------------------------------------------------------------------------

    @Slot(object)
    def _on_composing(self, draft: Draft) -> None:
        """What is to be seen besides the bytes; asked at every painting."""
        window = draft.view.window
        marked = replace(
            draft.view,
            mode=self._color,
            hits=tuple(self._find_bar.ranges_in(window)),
            hit=self._find_bar.hit_in(window),
            covered=self._covered_in(window),
            highlights=highlights_in(window, self._notes_of(window.span)),
        )
        draft.view = self.text.decorate(self._messages.decorate(marked))

    @Slot(object)
    def _on_reading(self, draft: Draft) -> None:
        """Only the text."""
        draft.view = self.text.decorate(draft.view)

    @Slot(object)
    def on_marking(self, marks: TextMarks) -> None:
        """The same, on a page of text."""
        stream = self._source.stream
        if stream is None or marks.start >= min(marks.stop, stream.size):
            return
        span = stream.span_of(marks.start, min(marks.stop, stream.size))
        notes, covered = self._notes_of(span), self._workbench.selection.covered
        may_be_covered = covered is not None and covered[0].call <= span.last_call
        if not notes and not self._find_bar.isVisible() and not may_be_covered:
            return  # a page of text may be made of very many calls
        window = self._window
        if window.reader is not stream.reader or (window.start, window.stop) != (marks.start, marks.stop):
            window = self._window = load_window(stream, marks.start, marks.stop)
        marks.hits += tuple(self._find_bar.ranges_in(window))
        marks.hit = self._find_bar.hit_in(window)
        marks.covered = self._covered_in(window)
        marks.highlights = highlights_in(window, notes)

    def _notes_of(self, span: Span | None) -> Sequence[Note]:
        return self._workbench.notes.notes_between(span.first_call, span.last_call) if span is not None else ()

    def _covered_in(self, window: ByteWindow) -> Ranges:
        covered, reader = self._workbench.selection.covered, window.reader
        if covered is None or reader is None or covered[0].call >= reader.count:
            return ()
        call = reader.call(covered[0].call)
        return window.ranges_of(*covered, call.connection, call.received)

    # -- hints ------------------------------------------------------------------------------------------

    @Slot(object)
    def on_hint(self, hint: Hint) -> None:
        """What is noted on a byte."""
        stream = self._source.stream
        if stream is None or hint.offset >= stream.size:
            return
        place = stream.locate(hint.offset)
        call = self._workbench.reader.call(place.call)
        here = Span(place.call, place.skip, place.call, place.skip + 1, call.connection, call.received)
        notes = self._workbench.notes
        found = [note.text for number in notes.touching(here) if (note := notes.note(number)) and note.text]
        text = "\n\n".join(found)
        hint.text = text if len(text) <= LONGEST_HINT else f"{text[:LONGEST_HINT]}…"
