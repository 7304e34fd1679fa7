"""A question beside a script: one of our own sockets holds the port that the script wants."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.widgets.flow_layout import FlowLayout


class PortClash(QFrame):
    """Signals: stop_wanted(): stop our socket, then run. other_wanted(): run on another port. cancelled()."""

    stop_wanted = Signal()
    other_wanted = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The port is taken")
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.stop_button = QPushButton("Stop it and run")
        self.other_button = QPushButton("Use another port")
        self.cancel_button = QPushButton("Do not run")
        buttons = QWidget()
        row = FlowLayout(buttons, gap=6, line_gap=2)
        for button, signal in (
            (self.stop_button, self.stop_wanted),
            (self.other_button, self.other_wanted),
            (self.cancel_button, self.cancelled),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(signal)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(3)
        column.addWidget(self.text)
        column.addWidget(buttons)
        self.hide()

    def ask(self, text: str) -> None:
        self.text.setText(text)
        self.show()
        self.stop_button.setFocus(Qt.FocusReason.OtherFocusReason)
