"""A line in the byte pane that says what came of copying or saving, with the way out where it failed."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from explorer.ui.theme import Theme

LINGER = 4000  # milliseconds that good news stays


class BytesNotice(QWidget):
    """Signal: save_wanted(): save the selection to a file instead."""

    save_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._problem = False
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.save_button = QPushButton("Save as…")
        self.save_button.setAutoDefault(False)
        self.save_button.clicked.connect(self._on_save)
        close = QToolButton()
        close.setText("✕")
        close.setAutoRaise(True)
        close.setAccessibleName("Dismiss")
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        row.addWidget(self.text, 1)
        row.addWidget(self.save_button)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LINGER)
        self._timer.timeout.connect(self.hide)
        theme.changed.connect(self._on_theme)
        self.hide()

    @Slot(str, bool)
    def show_problem(self, sentence: str, can_save: bool) -> None:
        """Stays until it is dismissed or something else happens."""
        self._show(sentence, True, can_save)
        self._timer.stop()

    @Slot(str)
    def show_done(self, sentence: str) -> None:
        """Goes away by itself."""
        self._show(sentence, False, False)
        self._timer.start()

    def _show(self, sentence: str, problem: bool, can_save: bool) -> None:
        self._problem = problem
        self.text.setText(sentence)
        self.save_button.setVisible(can_save)
        self._on_theme()
        self.show()

    @Slot()
    def _on_save(self) -> None:
        self.hide()
        self.save_wanted.emit()

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.text.setStyleSheet(f"color: {colors.error if self._problem else colors.muted}")
