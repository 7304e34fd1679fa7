"""What a screen reader is told of the hex editor, which paints itself and would else be silent.

Its value is the message as pairs of hex digits; where the cursor goes is announced. (The same bytes can be read
and set as text in the editor beside it.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from explorer.wire.visible import visible

if TYPE_CHECKING:
    from explorer.ui.widgets.hex_edit import HexEdit

KEYS = (
    "Type hex digits; Insert switches between inserting and overwriting. Ctrl+Right types into the text column, "
    "Ctrl+Left into hex. Enter sends."
)
_MOST = 1024  # bytes that are read out


def describe_cursor(edit: HexEdit) -> str:
    """The byte behind the cursor, or the selection."""
    editing = edit.editing
    start, stop = editing.selection
    if editing.pending:
        return f"offset {start}, half a byte, {editing.pending}"
    if stop > start:
        data = editing.selected[:64]
        return f"{stop - start:,} bytes selected from offset {start}, {data.hex(' ')}, text {visible(data)}"
    if editing.cursor == editing.size:
        return f"offset {editing.cursor}, end"
    byte = editing.data[start : start + 1]
    return f"offset {start}, {byte.hex()}, text {visible(byte)}"


class HexEditAccessible(QAccessibleWidget):
    """The interface of one editor."""

    def __init__(self, edit: HexEdit) -> None:
        super().__init__(edit, QAccessible.Role.Document, "Bytes of the message")
        self._edit = edit

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Value:
            data = self._edit.editing.data
            rest = f" and {len(data) - _MOST:,} more bytes" if len(data) > _MOST else ""
            return (data[:_MOST].hex(" ") or "no bytes") + rest
        if kind == QAccessible.Text.Description:
            return self._edit.locked or describe_cursor(self._edit)
        if kind == QAccessible.Text.Help:
            return KEYS
        return super().text(kind)


_installed = False


def _make(key: str, thing: QObject | None) -> QAccessibleInterface | None:
    """Qt asks for the interface of any object; ours is for hex editors."""
    from explorer.ui.widgets.hex_edit import HexEdit

    return HexEditAccessible(thing) if isinstance(thing, HexEdit) else None


def install() -> None:
    """Teach Qt about hex editors; once in a program."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_make)


def announce(edit: HexEdit) -> None:
    """Tell a screen reader where the cursor is now, if one listens and the editor is in use."""
    if QAccessible.isActive() and edit.hasFocus():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(edit, describe_cursor(edit)))
