"""A sentence below or above a table that must be seen whole: it wraps, takes the room it needs, and is hidden while
there is nothing to say. Where it stays for a while it can be reached, selected and copied by keyboard."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

MOST_LINES = 6


class SaidLine(QLabel):
    """Hidden while its text is empty."""

    def __init__(self, *, stays: bool = False, parent: QWidget | None = None) -> None:
        """stays: it changes only when the user does something, and Tab comes to it."""
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if stays:
            flags = Qt.TextInteractionFlag
            self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def say(self, text: str) -> None:
        if text != self.text():
            self.setText(text)
            self.updateGeometry()
        self.setVisible(bool(text))

    def hasHeightForWidth(self) -> bool:
        return False  # the height that it needs is a size hint: splitters above know nothing of heights for widths

    def sizeHint(self) -> QSize:
        needed = self.heightForWidth(max(1, self.width()))
        return QSize(super().sizeHint().width(), min(needed, MOST_LINES * self.fontMetrics().lineSpacing()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
