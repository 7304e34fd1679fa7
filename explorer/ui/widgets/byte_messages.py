"""Which messages the bytes of a window belong to: their borders, and their colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from explorer.capture.message_columns import MessagePlace
from explorer.capture.message_spans import rows_between
from explorer.capture.messages import Messages, RawMessages
from explorer.capture.nearby_messages import BegunMessages, completed_by, places_of
from explorer.capture.span import Place
from explorer.ui.widgets.byte_flow import Flow
from explorer.ui.widgets.byte_scene import MessagePart, View
from explorer.ui.widgets.byte_window import ByteWindow


class WindowMessages:
    """Finds the messages of a window, and keeps them while the window stays as it is.

    messages: None while nobody wants to see them. marks: whether borders are shown.
    """

    def __init__(self) -> None:
        self.messages: Messages | None = None
        self.marks = False
        self._of: tuple[ByteWindow, Messages] | None = None
        self._rows = 0  # messages that there were then
        self._final = False  # messages to come change nothing
        self._found: tuple[MessagePart, ...] = ()

    def decorate(self, view: View) -> View:
        """Add what is found to what is painted."""
        if self.messages is None or not (self.marks or view.mode == "message"):
            return view
        return replace(view, messages=self.parts(view.window), message_marks=self.marks)

    @property
    def outdated(self) -> bool:
        """Whether bytes that belonged to no message may belong to one by now."""
        if self._of is None or self.messages is None or self._of[1] is not self.messages:
            return self.messages is not None
        return not self._final and self.messages.rows > self._rows

    def parts(self, window: ByteWindow) -> tuple[MessagePart, ...]:
        """Parts of messages in a window, by position."""
        messages = self.messages
        if messages is None or not window.parts or window.reader is None:
            return ()
        known = self._of is not None and self._of[0] is window and self._of[1] is messages
        if not known or self.outdated:
            self._of, self._rows = (window, messages), messages.rows
            if isinstance(messages, RawMessages):
                found = list(_raw_parts(window, messages))
                self._final = messages.done > window.parts[-1].call
            else:
                found = self._framed_parts(window, messages)
            self._found = tuple(_apart(sorted(found)))
        return self._found

    def _framed_parts(self, window: ByteWindow, messages: Messages) -> list[MessagePart]:
        if window.messages is not None:
            self._final = True
            return _placed(window.flows, places_of(messages, window.messages))
        span, reader = window.span, window.reader
        if span is None or reader is None:
            return []
        end = span.last_call, span.last_skip
        rows = rows_between(messages, (span.first_call, span.first_skip), end)
        calls = dict.fromkeys(part.call for part in window.parts)
        found = _placed(window.flows, completed_by(messages, rows, calls))
        begun = BegunMessages(reader, messages, rows.stop, end, _unclaimed(window, found))
        found += _placed(window.flows, begun)
        self._final = begun.final
        return found


def _placed(flows: dict[tuple[int, bool], Flow], places: Iterable[MessagePlace]) -> list[MessagePart]:
    """What is seen of each message."""
    found: list[MessagePart] = []
    for number, first_call, skip, call, end, size, connection, received, error in places:
        flow = flows.get((connection, received))
        if flow is None or not size:
            continue
        first, stop = (first_call, skip), (call, end)
        if not end or (error and stop < flow.stop):
            found += _counted(flow, number, first, size)
            continue
        ranges = flow.ranges_between(first, stop)
        if not ranges:
            continue
        begins, ends = flow.start <= first and flow.holds(first), stop <= flow.stop and flow.holds((call, end - 1))
        if len(ranges) == 1:
            found.append(MessagePart(*ranges[0], number, begins, ends))
        else:
            found += _parts(ranges, number, begins, ends)
    return found


def _counted(flow: Flow, number: int, first: tuple[int, int], size: int) -> Iterator[MessagePart]:
    """What is seen of a message whose end its place does not tell: broken framing may skip what comes after it was
    found, and a message may end before the call that completes it."""
    ranges = flow.ranges_of(Place(*first), size)
    if ranges:
        begins = flow.holds(first)
        seen = sum(stop - start for start, stop in ranges)
        yield from _parts(ranges, number, begins, seen == size if begins else ranges[-1][1] < flow.behind)


def _parts(ranges: Sequence[tuple[int, int]], number: int, begins: bool, ends: bool) -> Iterator[MessagePart]:
    for at, (start, stop) in enumerate(ranges, 1):
        yield MessagePart(start, stop, number, begins and at == 1, ends and at == len(ranges))


def _unclaimed(window: ByteWindow, found: list[MessagePart]) -> list[tuple[int, bool]]:
    """The flows whose last byte in the window belongs to none of these; the one that is seen last first."""
    stops = {part.stop for part in found}
    return [key for key, flow in reversed(window.flows.items()) if flow.behind not in stops]


def _raw_parts(window: ByteWindow, messages: RawMessages) -> Iterator[MessagePart]:
    """What each call carried is a message."""
    first = messages.index.row(window.parts[0].call)
    last = window.parts[-1]
    whole = window.reader is None or last.skip + last.size == window.reader.call(last.call).size
    for number, (start, _, skip, size, _, _, _) in enumerate(window.parts, first):
        yield MessagePart(start, start + size, number, not skip, whole or start != last.start)


def _apart(parts: list[MessagePart]) -> list[MessagePart]:
    """Without what overlaps: where broken framing was reported of bytes that are a message too, that one stays."""
    found: list[MessagePart] = []
    for part in parts:
        if found and part.start < found[-1].stop:
            continue
        found.append(part)
    return found
