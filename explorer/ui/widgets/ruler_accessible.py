"""What a screen reader is told of the chunk ruler's picture: what is seen as its description, where the keyboard is as
its value. The same content is there as a table."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from explorer.ui.widgets.ruler_view import RulerView

KEYS = (
    "Left and right go from call to call or from message to message, up and down from lane to lane. Enter selects the "
    "bytes in the whole window. Plus and minus zoom, 0 shows everything. Press Table for the same as a table."
)
NOTHING = "no call is chosen"


class RulerAccessible(QAccessibleWidget):
    """The interface of one picture."""

    def __init__(self, view: RulerView) -> None:
        super().__init__(view, QAccessible.Role.Graphic, "Chunk ruler")
        self._view = view

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Name:
            return self._view.accessibleName()
        if kind == QAccessible.Text.Value:
            return self._view.describe_current() or NOTHING
        if kind == QAccessible.Text.Description:
            return self._view.accessibleDescription()
        if kind == QAccessible.Text.Help:
            return KEYS
        return super().text(kind)


_installed = False


def _make(key: str, thing: QObject | None) -> QAccessibleInterface | None:
    """Qt asks for the interface of any object; ours is for these pictures."""
    return RulerAccessible(thing) if isinstance(thing, RulerView) else None


def install() -> None:
    """Teach Qt about them; once in a program."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_make)


def announce(view: RulerView) -> None:
    """Tell a screen reader where the keyboard is now, if one listens and the view is in use."""
    if QAccessible.isActive() and view.hasFocus():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, view.describe_current()))
