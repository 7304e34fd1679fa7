"""Room for the settings of a column of the bench: as high as that of the other columns, so that tables stand level."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class BenchRoom(QWidget):
    """Signal: changed(): `wanted` may be another.

    Its height is that which `level` gave it.
    """

    changed = Signal()

    def __init__(self, shown: Sequence[QWidget], parent: QWidget | None = None) -> None:
        """shown: from top to bottom."""
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        for widget in shown:
            self._column.addWidget(widget)
        self._column.addStretch(1)

    @property
    def wanted(self) -> int:
        """Pixels that what is shown in it needs at its present width."""
        column = self._column
        if column.isEmpty():
            return 0
        return column.heightForWidth(self.width()) if column.hasHeightForWidth() else column.sizeHint().height()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.changed.emit()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.changed.emit()


def level(rooms: Sequence[BenchRoom]) -> None:
    """Give all of them the height that the one needs that needs most."""
    height = max((room.wanted for room in rooms), default=0)
    for room in rooms:
        room.setFixedHeight(height)
