"""What is selected in the byte view is selected in the whole window, and the other way round.

The window gives bytes by calls, which mean the same in every view. What the index has not come to yet is
remembered until it has.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from explorer.capture.arrangement import CallRule, Rule
from explorer.capture.message_spans import find_rows, span_of
from explorer.capture.nearest import nearest_call
from explorer.capture.span import Place, Span
from explorer.ui.panes.bytes_source import OF_MESSAGES, BytesSource
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.workbench import Workbench

NO_MESSAGE = "This byte belongs to no message that is complete by now, or the framing skips it."


class BytesLink(QObject):
    """owner: the pane, as whose choice the window is told what is selected.

    pending: a selection that the index has not come to yet.
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
        self.pending: Span | None = None
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
        self.pending = self._selection.span
        self._message_of = self._top = None

    def look(self) -> None:
        """The index may have come to what is waited for. Quick when nothing is."""
        self._show_top()
        if self.pending is not None:
            self.show(self.pending)
        if self._message_of is not None:
            self._select_message_of(self._message_of)

    # -- the window tells the view ------------------------------------------------------------------

    @Slot(object, object)
    def _on_span(self, span: Span | None, origin: object) -> None:
        if origin is self._owner:
            return
        self.pending = self._message_of = None
        if span is None:
            self._view.clear_selection(by_user=False)
        else:
            self.show(span)

    def show(self, span: Span) -> None:
        """Select it in the view, or remember it until the index has come that far."""
        stream = self._source.stream
        if stream is None or self._source.done <= span.last_call < self._workbench.reader.count:
            self.pending = span
            self.waiting.emit()
            return
        self.pending = None
        self._view.refresh()
        self.looked.emit()
        if ranges := stream.places(span):
            self._view.select_ranges(ranges)
        else:
            self._view.put_cursor(stream.position(span.first))

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
        self.pending = self._message_of = None
        chosen, stream = self._view.selection, self._source.stream
        span = cursor = None
        if stream is not None and self._view.cursor_offset < stream.size:
            cursor = stream.locate(self._view.cursor_offset)
            span = stream.span_of(*chosen) if chosen is not None else None
        self._selection.choose_span(span, self._owner, cursor)

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
