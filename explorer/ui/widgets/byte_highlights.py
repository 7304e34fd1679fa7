"""Where highlights and notes stand in the bytes that a view shows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter

from explorer.capture.notes import Note
from explorer.capture.stream import CallPart
from explorer.ui.widgets.byte_scene import Highlight
from explorer.ui.widgets.byte_window import ByteWindow

_CALL = attrgetter("call")


def highlights_in(window: ByteWindow, notes: Iterable[Note]) -> tuple[Highlight, ...]:
    """Those of the notes whose bytes are in the window; neighbouring pieces of one as one."""
    parts = window.parts if window.in_order else tuple(sorted(window.parts, key=_CALL))
    calls = [part.call for part in parts]
    return tuple(one for note in notes for one in _of(note, parts, calls))


def _of(note: Note, parts: tuple[CallPart, ...], calls: list[int]) -> Iterator[Highlight]:
    span, whole = note.span, bool(note.text)
    begun = end = -1
    for part in parts[bisect_left(calls, span.first_call) : bisect_right(calls, span.last_call)]:
        if span.connection not in (None, part.connection) or span.received not in (None, part.received):
            continue
        first = max(part.skip, span.first_skip) if part.call == span.first_call else part.skip
        stop = part.skip + part.size
        last = min(stop, span.last_skip) if part.call == span.last_call else stop
        if first >= last:
            continue
        start = part.start + first - part.skip
        if start != end:
            if end > begun:
                yield Highlight(begun, end, note.color, whole)
            begun = start
        end = start + last - first
    if end > begun:
        yield Highlight(begun, end, note.color, whole)
