"""What is selected in the byte view is selected in the whole window, and the other way round.

The window gives bytes by calls, which mean the same in every view. What the index has not come to yet is
remembered until it has.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from explorer.capture.arrangement import CallRule, Rule
from explorer.capture.message_spans import MOST_PARTS, find_rows, span_of
from explorer.capture.nearest import nearest_call
from explorer.capture.places import MOST_RANGES
from explorer.capture.span import Place, Span
from explorer.capture.steps import Work
from explorer.capture.stream import Ranges, Stream, united
from explorer.ui.newest_work import NewestWork
from explorer.ui.panes.bytes_source import OF_MESSAGES, BytesSource
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.workbench import Workbench

TOO_MANY = (
    f"What is selected stands in more than {MOST_RANGES:,} pieces here, of which the first are selected. Choose its "
    "connection at the left and its direction above, to have it in one piece."
)
NO_MESSAGE = "This byte belongs to no message that is complete by now, or the framing skips it."


class BytesLink(QObject):
    """owner: the pane, as whose choice the window is told what is selected.

    pending: a selection that the index has not come to yet, or whose place is not found yet; else None.
    Signals:
    waiting(): something is pending now. looked(): the view was brought up to date.
    messages_wanted(): `wants_messages` is another.
    refused(str): why a message could not be selected, as a sentence.
    """

    waiting = Signal()
    looked = Signal()
    messages_wanted = Signal()
    refused = Signal(str)

    def __init__(self, workbench: Workbench, source: BytesSource, view: ByteView, owner: QWidget) -> None:
        super().__init__(owner)
        self._workbench = workbench
        self._selection = workbench.selection
        self._source = source
        self._view = view
        self._owner = owner
        self.pending: tuple[Span, ...] | None = None
        self._placing = NewestWork[Ranges](workbench)
        self._shown: Ranges = ()  # where what is selected in the window stands
        self._message_of: Place | None = None  # whose message is to be selected as soon as it is found
        self._top: Place | None = None  # to be at the top as soon as it is there
        self._selection.span_changed.connect(self._on_span)
        self._selection.cursor_changed.connect(self._on_cursor)
        view.selected.connect(self.tell)
        view.rule_chosen.connect(self._on_rule)
        view.message_wanted.connect(self.select_message)

    @property
    def wants_messages(self) -> bool:
        """Whether a message is looked for that is to be selected."""
        return self._message_of is not None

    def begin(self) -> None:
        """Another stream is shown: what is selected in the window stays so."""
        self._drop()
        self.pending = self._selection.parts or None
        self._top = None

    def look(self) -> None:
        """The index may have come to what is waited for. Quick when nothing is."""
        self._show_top()
        if self.pending is not None:
            self._show_pending(self.pending)
        if self._message_of is not None:
            self._select_message_of(self._message_of)

    # -- the window tells the view ------------------------------------------------------------------

    @Slot(object, object)
    def _on_span(self, span: Span | None, origin: object) -> None:
        if origin is self._owner:
            return
        self._drop()
        if span is None:
            self._view.clear_selection(by_user=False)
        else:
            self.show(*self._selection.parts)

    def _drop(self) -> None:
        """What was waited for is wanted no more."""
        self.pending = self._message_of = None
        self._placing.give_up()

    def show(self, *parts: Span) -> None:
        """Select these in the view, as soon as the index has come that far and their place is found."""
        self._placing.give_up()
        self.pending = parts
        self._show_pending(parts)

    def _show_pending(self, parts: tuple[Span, ...]) -> None:
        stream = self._source.stream
        last = max(span.last_call for span in parts)
        if stream is None or self._source.done <= last < self._workbench.reader.count:
            self.waiting.emit()
            return
        if not self._placing.under_way:
            self._placing.begin(_places(stream, parts))
        ranges = self._placing.take()
        if ranges is None and self._placing.under_way:
            self.waiting.emit()
            return
        self.pending = None
        self._view.refresh()
        self.looked.emit()
        self._shown = ranges or ()
        if ranges:
            self._view.select_ranges(ranges)
        else:
            self._view.put_cursor(stream.position(parts[0].first))
        if len(self._shown) >= MOST_RANGES:
            self.refused.emit(TOO_MANY)

    @Slot(object, object)
    def _on_cursor(self, cursor: Place | None, origin: object) -> None:
        """Another pane moved the cursor within what is selected."""
        stream = self._source.stream
        if origin is self._owner or cursor is None or stream is None or self.pending is not None:
            return
        if cursor.call >= self._source.done:
            return
        offset = stream.position(cursor)
        if offset != self._view.cursor_offset and offset < self._view.rows.size and stream.locate(offset) == cursor:
            self._view.stand_on(offset)

    # -- the view tells the window ------------------------------------------------------------------

    @Slot()
    def tell(self) -> None:
        """The user selected other bytes in the view."""
        self._drop()
        ranges, stream, here = self._view.ranges, self._source.stream, self._view.cursor_offset
        if stream is None or here >= stream.size:
            self._selection.choose_span(None, self._owner)
            return
        cursor, several = stream.locate(here), len(ranges) > 1
        if several and ranges == self._shown:  # only the cursor is another
            self._selection.choose_cursor(cursor, self._owner)
            return
        parts = [stream.span_of(*one) for one in ranges[:MOST_PARTS]]
        its = next((part for part, one in zip(parts, ranges, strict=False) if one[0] <= here < one[1]), None)
        span = its or (parts[0] if parts else None)
        self._selection.choose_span(span, self._owner, cursor, parts)

    def choose(self, span: Span, cursor: Place | None = None) -> None:
        """Select it here and in the window."""
        self.show(span)
        self._selection.choose_span(span, self._owner, cursor)

    @Slot(object)
    def _on_rule(self, rule: Rule) -> None:
        """The call or message of a rule, also one without bytes."""
        self.choose(Span.of_call(rule.call) if isinstance(rule, CallRule) else span_of(rule.message))

    @Slot(object)
    def select_message(self, offset: int) -> None:
        """Select the message that a byte belongs to, as soon as it is found."""
        stream = self._source.stream
        if isinstance(stream, OF_MESSAGES) and offset < stream.size:
            _, start, stop = stream.message_at(offset)
            self._view.select(start, stop, by_user=True)
        elif stream is not None and offset < stream.size:
            self._message_of = stream.locate(offset)
            self.messages_wanted.emit()
            self._select_message_of(self._message_of)

    def _select_message_of(self, place: Place) -> None:
        messages, reader = self._workbench.messages.messages, self._workbench.reader
        problem = self._workbench.messages.problem
        if messages is not None and messages.done <= place.call:
            return  # it is looked for in the next frame
        self._message_of = None
        if messages is not None:
            call = reader.call(place.call)
            here = Span(place.call, place.skip, place.call, place.skip + 1, call.connection, call.received)
            rows = next(iter(find_rows(reader, messages, here)), None)
            if rows is not None:
                self.choose(span_of(messages.message(rows.start)), place)
            else:
                problem = NO_MESSAGE
        if problem:
            self.refused.emit(problem)
        self.messages_wanted.emit()

    # -- places -------------------------------------------------------------------------------------

    def go_to_moment(self, moment: int) -> bool:
        """Select the call nearest to a time (nanoseconds since the capture began). False: there is none."""
        call = nearest_call(self._source.bytes, moment)
        if call is None or self._source.stream is None:
            return False
        self.choose(Span.of_call(call))
        return True

    def top(self) -> Place | None:
        """What stands at the top; None while the end is followed."""
        stream, offset = self._source.stream, self._view.rows.start(self._view.top)
        return None if self._view.following or stream is None or offset >= stream.size else stream.locate(offset)

    def keep_top(self, place: Place | None) -> None:
        """Show this at the top, as soon as its bytes are there."""
        self._top = place
        self._show_top()

    def _show_top(self) -> None:
        stream, place = self._source.stream, self._top
        if place is None or stream is None or self._source.done <= place.call:
            return
        self._top = None
        self._view.refresh()
        self._view.show_at_top(stream.position(place))


def _places(stream: Stream, parts: Sequence[Span]) -> Work[Ranges]:
    """Where these stand, in order and apart."""
    if len(parts) == 1:
        return (yield from stream.place_steps(parts[0]))
    found: list[tuple[int, int]] = []
    for span in parts:
        found += yield from stream.place_steps(span)
    return united(found)
