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
from explorer.ui.widgets.byte_rows import rule_text
from explorer.ui.widgets.byte_scene import Tie, View, VisibleRow, WindowText
from explorer.ui.widgets.byte_view import ByteView, Draft
from explorer.ui.widgets.byte_window import ByteWindow, load_window
from explorer.wire.visible import visible

KEYS = (
    "Arrow keys move by byte and row, with Ctrl by call, with Shift they select. C selects the call, M the message. "
    "Tab goes from hex to text. Ctrl+End goes to the newest bytes. Ctrl+C copies."
)
_MOST = 64  # selected bytes that are read out


def describe_row(view: ByteView, offset: int) -> str:
    """The row of a byte in words: ``offset 16, received, 48 65 6c, text Hel``; of the first row below a rule, what
    that says comes first."""
    rows, stream = view.rows, view.stream
    if stream is None or rows.count <= 0:
        return "no bytes yet"
    if rows.size <= 0:
        return "; ".join(row.rule for row in _lines(view) if row.rule)
    row = rows.row(min(offset, rows.size - 1))
    line = rows.line(row)
    said = describe(view, load_window(stream, line.start, line.stop), line.start - (line.label or 0))
    rule = rows.rule(row - 1) if row else None
    return f"{rule_text(rule, stream.reader.header.platform)}; {said}" if rule is not None else said


def describe_shown(view: ByteView) -> str:
    """Everything the view shows at present, in words: rules, and the bytes below each."""
    if view.stream is None or view.rows.count <= 0:
        return "no bytes yet"
    said: list[str] = []
    start = stop = base = 0
    for row in (*_lines(view), None):
        if row is not None and not row.rule:
            if start == stop:
                start, base = row.start, row.start - (row.label or 0)
            stop = row.stop
            continue
        if start < stop:
            said.append(describe(view, load_window(view.stream, start, stop), base))
        start = stop = 0
        if row is not None:
            said.append(row.rule)
    return "; ".join(said)


def _lines(view: ByteView) -> tuple[VisibleRow, ...]:
    return view.shown_view().rows


def describe(view: ByteView, window: ByteWindow, base: int = 0) -> str:
    """Bytes in words, run by run, with their text as the view shows it. base: where offsets count from."""
    said = []
    draft = Draft(View((), window))
    view.reading.emit(draft)
    text = draft.view.text
    for run in window.runs:
        data = window.data[run.start - window.start : run.stop - window.start]
        direction = "received" if run.received else "sent"
        lost = (
            ", partly missing from the damaged capture"
            if any(start < run.stop and run.start < stop for start, stop in window.missing)
            else ""
        )
        read = visible(data) if text is None else _read(text, run.start - window.start, run.stop - window.start)
        said.append(f"offset {run.start - base}, {direction}, {data.hex(' ')}, text {read}{lost}")
    return "; ".join(said)


def _read(text: WindowText, start: int, stop: int) -> str:
    """The characters of some bytes, each said once; a blank stands where the view paints nothing."""
    shown = zip(text.characters[start:stop], text.ties[start:stop], strict=True)
    return "".join(one or ("" if tie in (Tie.AMID, Tie.LAST) else " ") for one, tie in shown)


def describe_cursor(view: ByteView) -> str:
    """The cursor's byte, or the selection, as it is announced."""
    stream = view.stream
    if stream is None or view.rows.size <= 0:
        return "no bytes yet"
    ranges = view.ranges or ((view.cursor_offset, view.cursor_offset + 1),)
    first = min(ranges[0][0], view.rows.size - 1)
    line = view.rows.line(view.rows.row(first))
    base = line.start - (line.label or 0)
    said, room = [], _MOST
    for start, stop in ranges:
        said.append(describe(view, load_window(stream, start, min(stop, start + room)), base))
        room -= stop - start
        if room <= 0:
            break
    size = size_of(ranges)
    text = f"{size:,} bytes selected, {'; '.join(said)}" if size > 1 else said[0]
    rule = _rule_of(view, first)
    return f"{rule}; {text}" if rule else text


def _rule_of(view: ByteView, offset: int) -> str:
    """What stands above a byte that is the first of its call or message; else "": nobody wants it at each step."""
    row = view.rows.row(offset)
    stream = view.stream
    if not row or view.rows.start(row) != offset or stream is None:
        return ""
    rule = view.rows.rule(row - 1)
    return rule_text(rule, stream.reader.header.platform) if rule is not None else ""


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
