"""A question about a script that came with a file: it runs only after the user trusts it. Never modal."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.theme import Theme
from explorer.ui.widgets.flow_layout import FlowLayout

QUESTION = (
    "This socket has a script that came with a file. It could do anything that you may do on this computer, so it does "
    "not run before you trust it. Read it first."
)


class TrustBar(QFrame):
    """Signals: show_wanted(), trusted(), left_off()."""

    show_wanted = Signal()
    trusted = Signal()
    left_off = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("trust_bar")
        self.setAccessibleName("Script of unknown origin")
        self.setAccessibleDescription(QUESTION)
        text = QLabel(QUESTION)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.look = self._button("Show script", "Open it in the editor; nothing is run")
        self.trust = self._button(
            "Trust and start", "This script, as it is now, may run whenever its socket is started"
        )
        self.leave = self._button("Leave it off", "The socket stays as it is and does not start")
        buttons = QWidget()
        row = FlowLayout(buttons, gap=6)
        for button in (self.look, self.trust, self.leave):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 6)
        column.setSpacing(4)
        column.addWidget(text)
        column.addWidget(buttons)
        self.look.clicked.connect(self.show_wanted)
        self.trust.clicked.connect(self.trusted)
        self.leave.clicked.connect(self.left_off)
        theme.changed.connect(self._on_theme)
        self._on_theme()
        self.hide()

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def ask(self) -> None:
        """Show the question."""
        if self.isHidden():
            self.show()
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.setStyleSheet(
            f"#trust_bar {{ background: {colors.error_tint}; border: 0; border-left: 4px solid {colors.error}; }}"
            f"#trust_bar QLabel {{ color: {colors.text}; background: transparent; }}"
        )
