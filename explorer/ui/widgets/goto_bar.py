"""Asks for an offset in the stream that is shown, in decimal or hex, and goes there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from explorer.core.errors import InputError
from explorer.ui.theme import Theme


def parse_offset(text: str, size: int) -> int:
    """A byte's offset in a stream of `size` bytes: ``500``, ``1,000`` or ``0x1F4``. Raises InputError."""
    bare = "".join(text.split()).replace(",", "").replace("_", "").lower()
    if not bare:
        raise InputError("offset", "Write an offset: 500, or 0x1F4 in hex.")
    digits, base = (bare[2:], 16) if bare.startswith("0x") else (bare, 10)
    known = "0123456789abcdef"[:base]
    if not digits or any(digit not in known for digit in digits):
        if not bare.startswith("0x") and all(digit in "0123456789abcdef" for digit in bare):
            raise InputError("offset", f"{text.strip()!r} is no decimal number; as hex, write 0x{bare}.")
        raise InputError("offset", f"{text.strip()!r} is not an offset. Write 500, or 0x1F4 in hex.")
    offset = int(digits[:20], base)
    if offset >= size:
        if not size:
            raise InputError("offset", "There are no bytes here yet to go to.")
        raise InputError(
            "offset", f"Offset {offset:,} is beyond the end; the last byte is at {size - 1:,} (0x{size - 1:X})."
        )
    return offset


class GotoBar(QWidget):
    """Signals: chosen(object): go to this offset. closed(): the user is done."""

    chosen = Signal(object)  # an int that may be larger than a C int
    closed = Signal()

    def __init__(self, theme: Theme, size: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._size = size
        label = QLabel("Go to offset:")
        self.field = QLineEdit()
        self.field.setPlaceholderText("500 or 0x1F4")
        self.field.textEdited.connect(self._on_edited)
        label.setBuddy(self.field)
        self.go_button = QPushButton("Go")
        self.go_button.setAutoDefault(False)
        self.go_button.clicked.connect(self.go)
        self.status = QLabel()
        self.status.setWordWrap(True)
        close = QToolButton()
        close.setText("✕")
        close.setAutoRaise(True)
        close.setAccessibleName("Close Go to offset")
        close.setToolTip("Close (Esc)")
        close.clicked.connect(self.close_bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        row.addWidget(label)
        row.addWidget(self.field, 1)
        row.addWidget(self.go_button)
        row.addWidget(self.status, 3)
        row.addWidget(close)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    def open_bar(self) -> None:
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    @Slot()
    def close_bar(self) -> None:
        self.status.clear()
        self.hide()
        self.closed.emit()

    @Slot()
    def go(self) -> None:
        try:
            offset = parse_offset(self.field.text(), self._size())
        except InputError as error:
            self.status.setText(error.message)
            return
        self.status.clear()
        self.chosen.emit(offset)

    @Slot()
    def _on_edited(self) -> None:
        self.status.clear()

    @Slot()
    def _on_theme(self) -> None:
        self.status.setStyleSheet(f"color: {self._theme.colors.error}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QAbstractButton):
                focused.click()
            else:
                self.go()
        else:
            super().keyPressEvent(event)
