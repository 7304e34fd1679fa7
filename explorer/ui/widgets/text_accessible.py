"""What a screen reader is told of a text view, which paints itself and would else be silent.

The view is an object with a name, the text it shows as its description, the row of the cursor as its value, and a
help text. Where the cursor goes is announced.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from explorer.ui.widgets.text_rows import Row
from explorer.ui.widgets.text_view import TextView

KEYS = "Arrow keys move by character and row, with Shift they select. Ctrl+End goes to the newest text. Ctrl+C copies."
_MOST = 200  # characters of a selection that are read out
_NOTHING = "no text yet"


def describe_row(row: Row) -> str:
    """``received: Hello␊``"""
    return f"{'received' if row.received else 'sent'}: {row.text}"


def describe_shown(view: TextView) -> str:
    """Everything the view shows at present; a direction is named where it changes."""
    said: list[str] = []
    received: bool | None = None
    for row in view.shown_rows():
        said.append(row.text if row.received == received else describe_row(row))
        received = row.received
    return "\n".join(said) or _NOTHING


def describe_cursor_row(view: TextView) -> str:
    row = view.rows.row_of(view.cursor_offset) if view.rows else None
    return describe_row(row) if row else _NOTHING


def describe_cursor(view: TextView) -> str:
    """The cursor's character, or the selection, as it is announced."""
    row = view.rows.row_of(view.cursor_offset) if view.rows else None
    if row is None or view.rows is None:
        return _NOTHING
    chosen = view.selection
    index = row.index(view.cursor_offset)
    if chosen is None or (chosen[0] >= row.bytes_of(index)[0] and chosen[1] <= row.bytes_of(index)[1]):
        shown = row.shown[index]
        return f"{'space' if shown == ' ' else shown}, offset {row.starts[index]}"
    said = ""
    for one in view.rows.rows_from(chosen[0], 8):
        first = one.index(max(one.start, chosen[0]))
        last = one.index(min(one.stop, chosen[1]) - 1) + 1 if one.start < chosen[1] else 0
        said += "".join(one.shown[first:last])
        if one.stop >= chosen[1] or len(said) > _MOST:
            break
    return f"{chosen[1] - chosen[0]:,} bytes selected: {said[:_MOST]}"


class TextViewAccessible(QAccessibleWidget):
    """The interface of one view."""

    def __init__(self, view: TextView) -> None:
        super().__init__(view, QAccessible.Role.Document, "Text")
        self._view = view

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Name:
            return self._view.accessibleName()
        if kind == QAccessible.Text.Value:
            return describe_cursor_row(self._view)
        if kind == QAccessible.Text.Description:
            return describe_shown(self._view)
        if kind == QAccessible.Text.Help:
            return KEYS
        return super().text(kind)


_installed = False


def _make(key: str, thing: QObject | None) -> QAccessibleInterface | None:
    """Qt asks for the interface of any object; ours is for text views."""
    return TextViewAccessible(thing) if isinstance(thing, TextView) else None


def install() -> None:
    """Teach Qt about text views; once in a program."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_make)


def announce(view: TextView) -> None:
    """Tell a screen reader where the cursor is now, if one listens and the view is in use."""
    if QAccessible.isActive() and view.hasFocus():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, describe_cursor(view)))
