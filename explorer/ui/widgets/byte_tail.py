"""The button over the bytes that says how many newer ones are out of sight, and leads to them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

_MARGIN = 8  # pixels below it, and to its right


class TailButton(QPushButton):
    """Hidden while there are none."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._new = 0
        self.setAccessibleName("Show the newest bytes")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setToolTip("Go to the newest bytes and stay there (Ctrl+End)")
        self.hide()

    def show_new(self, new: int) -> None:
        """There are so many newer bytes."""
        if new > 0 and new != self._new:
            text = f"{new:,} new byte{'s' if new > 1 else ''}"
            self.setText(f"▼ {text}")
            self.setAccessibleName(f"{text}: go to the newest")
            self.place()
        self._new = new
        self.setVisible(new > 0)

    def place(self) -> None:
        """In the lower right corner, where rows seldom reach: the viewport or the font has another size."""
        self.adjustSize()
        size, room = self.size(), self._viewport.size()
        self.move(max(0, room.width() - size.width() - _MARGIN), max(0, room.height() - size.height() - _MARGIN))
