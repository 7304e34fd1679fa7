"""What a script that runs beside the app prints, and a line to type for it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from explorer.ui.theme import Theme

MOST_LINES = 2000


class ScriptRun(QWidget):
    """Signal: typed(str): a line for the script."""

    typed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.output = QPlainTextEdit()
        self.output.setReadOnly(True)
        self.output.setTabChangesFocus(True)
        self.output.setMaximumBlockCount(MOST_LINES)
        self.output.setAccessibleName("What the script prints")
        self.output.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.line = QLineEdit()
        self.line.setPlaceholderText("Enter sends the line to the script")
        label = QLabel("Type for it:")
        label.setBuddy(self.line)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.line, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.output, 1)
        column.addWidget(self._row)
        self.line.returnPressed.connect(self._on_entered)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def set_typing(self, possible: bool) -> None:
        """Whether there is a script that reads what is typed."""
        self._row.setVisible(possible)

    def begin(self, text: str) -> None:
        """Another script starts: what the last one printed goes."""
        self.output.setPlainText("")
        self.add(text)

    @Slot(str)
    def add(self, text: str) -> None:
        """It printed this. The end stays in view where it was."""
        bar = self.output.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        cursor = QTextCursor(self.output.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)
        if follows:
            bar.setValue(bar.maximum())

    @Slot()
    def _on_entered(self) -> None:
        text = self.line.text()
        self.line.clear()
        self.add(f"> {text}\n")
        self.typed.emit(text)

    @Slot()
    def _on_theme(self) -> None:
        self.output.setFont(self._theme.mono)
