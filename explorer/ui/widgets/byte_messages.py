"""Which messages the bytes of a window belong to: their borders, and their colours."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

from explorer.capture.message_spans import find_rows
from explorer.capture.messages import Message, Messages, RawMessages
from explorer.capture.span import Place
from explorer.ui.widgets.byte_scene import MessagePart, View
from explorer.ui.widgets.byte_window import ByteWindow

MOST = 4096
"""Messages of one window that are looked at."""


class WindowMessages:
    """Finds the messages of a window, and keeps them while the window stays as it is.

    messages: None while nobody wants to see them. marks: whether borders are shown.
    """

    def __init__(self) -> None:
        self.messages: Messages | None = None
        self.marks = False
        self._of: tuple[ByteWindow, Messages, int] | None = None  # and how many messages there were
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
        window, messages, rows = self._of
        return messages.rows > rows and sum(part.stop - part.start for part in self._found) < len(window.data)

    def parts(self, window: ByteWindow) -> tuple[MessagePart, ...]:
        """Parts of messages in a window, by position."""
        messages, span = self.messages, window.span
        if messages is None or span is None or window.reader is None:
            return ()
        of = window, messages, messages.rows
        if self._of is None or self._of[0] is not window or self._of[1] is not messages or self._of[2] != of[2]:
            self._of = of
            if isinstance(messages, RawMessages):
                found = list(_raw_parts(window, messages))
            else:
                rows = chain.from_iterable(find_rows(window.reader, messages, span))
                found = [
                    part
                    for row, _ in zip(rows, range(MOST), strict=False)
                    for part in _parts_of(window, messages.message(row))
                ]
            self._found = tuple(_apart(sorted(found)))
        return self._found


def _parts_of(window: ByteWindow, message: Message) -> list[MessagePart]:
    size = message.size
    if not size:
        return []
    first = Place(message.first_call, message.skip)
    ranges = window.ranges_of(first, size, message.connection, message.received)
    seen = sum(stop - start for start, stop in ranges)
    parts = [MessagePart(start, stop, message.number, False, False) for start, stop in ranges]
    if parts:
        begins = window.place(parts[0].start) == first
        ends = seen == size if begins else _ends_here(window, message, parts[-1].stop)
        parts[0] = parts[0]._replace(begins=begins)
        parts[-1] = parts[-1]._replace(ends=ends)
    return parts


def _ends_here(window: ByteWindow, message: Message, stop: int) -> bool:
    last = window.place(stop - 1)
    if message.end:
        return last == Place(message.call, message.end - 1)
    return stop < window.stop  # its last byte came before the call that completed it


def _raw_parts(window: ByteWindow, messages: RawMessages) -> list[MessagePart]:
    """What each call carried is a message."""
    found: list[MessagePart] = []
    number = 0
    for part in window.parts:
        number = messages.index.row(part.call) if not found else number + 1
        ends = part.start + part.size < window.stop or window.reader is None
        if not ends and window.reader is not None:
            ends = part.skip + part.size == window.reader.call(part.call).size
        found.append(MessagePart(part.start, part.start + part.size, number, not part.skip, ends))
    return found


def _apart(parts: list[MessagePart]) -> list[MessagePart]:
    """Without what overlaps: where broken framing was reported of bytes that are a message too, that one stays."""
    found: list[MessagePart] = []
    for part in parts:
        if found and part.start < found[-1].stop:
            continue
        found.append(part)
    return found
