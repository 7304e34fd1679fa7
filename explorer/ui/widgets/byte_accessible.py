"""What a screen reader is told of a byte view, which paints itself and would else be silent.

The view is an object with a name, the bytes it shows as its description, the row of the cursor as its value,
and a help text.
Where the cursor goes is announced.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from explorer.capture.stream import size_of
from explorer.ui.widgets.byte_view import ByteView
from explorer.ui.widgets.byte_window import ByteWindow, load_window
from explorer.wire.visible import visible

KEYS = (
    "Arrow keys move by byte and row, with Shift they select. Tab goes from hex to text. "
    "Ctrl+End goes to the newest bytes. Ctrl+C copies."
)
_MOST = 64  # selected bytes that are read out


def describe_row(view: ByteView, offset: int) -> str:
    """The row of a byte in words: ``offset 16, received, 48 65 6c, text Hel``."""
    rows, stream = view.rows, view.stream
    if stream is None or rows.size <= 0:
        return "no bytes yet"
    row = rows.row(min(offset, rows.size - 1))
    return describe(load_window(stream, rows.start(row), rows.stop(row)))


def describe_shown(view: ByteView) -> str:
    """Everything the view shows at present, in words."""
    if view.stream is None or view.rows.size <= 0:
        return "no bytes yet"
    return describe(view.shown_window())


def describe(window: ByteWindow) -> str:
    """Bytes in words, run by run."""
    said = []
    for run in window.runs:
        data = window.data[run.start - window.start : run.stop - window.start]
        direction = "received" if run.received else "sent"
        lost = (
            ", partly missing from the damaged capture"
            if any(start < run.stop and run.start < stop for start, stop in window.missing)
            else ""
        )
        said.append(f"offset {run.start}, {direction}, {data.hex(' ')}, text {visible(data)}{lost}")
    return "; ".join(said)


def describe_cursor(view: ByteView) -> str:
    """The cursor's byte, or the selection, as it is announced."""
    stream = view.stream
    if stream is None or view.rows.size <= 0:
        return "no bytes yet"
    ranges = view.ranges or ((view.cursor_offset, view.cursor_offset + 1),)
    said, room = [], _MOST
    for start, stop in ranges:
        said.append(describe(load_window(stream, start, min(stop, start + room))))
        room -= stop - start
        if room <= 0:
            break
    size = size_of(ranges)
    return f"{size:,} bytes selected, {'; '.join(said)}" if size > 1 else said[0]


class ByteViewAccessible(QAccessibleWidget):
    """The interface of one view."""

    def __init__(self, view: ByteView) -> None:
        super().__init__(view, QAccessible.Role.Document, "Bytes")
        self._view = view

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Name:
            return self._view.accessibleName()
        if kind == QAccessible.Text.Value:
            return describe_row(self._view, self._view.cursor_offset)
        if kind == QAccessible.Text.Description:
            return describe_shown(self._view)
        if kind == QAccessible.Text.Help:
            return KEYS
        return super().text(kind)


_installed = False


def _make(key: str, thing: QObject | None) -> QAccessibleInterface | None:
    """Qt asks for the interface of any object; ours is for byte views."""
    if not isinstance(thing, ByteView):
        return None
    return ByteViewAccessible(thing)


def install() -> None:
    """Teach Qt about byte views; once in a program."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_make)


def announce(view: ByteView) -> None:
    """Tell a screen reader where the cursor is now, if one listens and the view is in use."""
    if QAccessible.isActive() and view.hasFocus():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, describe_cursor(view)))
