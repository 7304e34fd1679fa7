"""A pane that knows whether it is seen, in a dock too.

Of docks that share a place, Qt moves those behind out of the window and does not hide them: what they show takes
work that nobody looks at.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QDockWidget, QWidget


class DockedPane(QWidget):
    """seen: whether the user can look at it now. Subclasses hear of changes by `_on_seen`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seen = False

    def _on_seen(self) -> None:
        """`seen` changed."""
        raise NotImplementedError

    @Slot(bool)
    def _set_seen(self, seen: bool) -> None:
        if seen != self.seen:
            self.seen = seen
            self._on_seen()

    def _dock(self) -> QDockWidget | None:
        """The dock that it stands in, as in its scroll area."""
        around = self.parentWidget()
        while around is not None and not isinstance(around, QDockWidget):
            around = around.parentWidget()
        return around

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ParentChange and (dock := self._dock()) is not None:
            dock.visibilityChanged.connect(self._set_seen)
            self._set_seen(not dock.visibleRegion().isEmpty())  # it may be put into a dock that is seen already
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._dock() is None:
            self._set_seen(True)

    def hideEvent(self, event: QHideEvent) -> None:
        self._set_seen(False)
        super().hideEvent(event)
