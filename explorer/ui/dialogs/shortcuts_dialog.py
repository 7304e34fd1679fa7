"""Every key that does something, in one searchable list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

IN_PANES = (
    ("Send", "Enter", "Send what stands in the editor"),
    ("Earlier text", "Up", "In the editor's first line: what was sent before"),
    ("Paste as bytes", "Ctrl+Shift+V", "In the editor: hex, dumps, base64, arrays and strings of source code"),
    ("Hex or text column", "Ctrl+Left, Ctrl+Right", "In the hex editor: which one is typed into"),
    ("Overwrite", "Ins", "In the hex editor: type over bytes, or between them"),
    ("Select bytes", "Shift+arrows", "In the byte view"),
    ("Select all bytes", "Ctrl+A", "In the byte view"),
    ("Choose another row", "Ctrl+click, Space", "In Calls and Messages; Ctrl+Up, Ctrl+Down only move"),
    ("Compare messages", "Ctrl+K", "In Messages: the two chosen ones, or one and then another"),
    ("Next, previous difference", "F8, Shift+F8", "Where two messages are compared; Alt+Down, Alt+Up too"),
    ("Edit, remove a note", "F2, Delete", "In Notes; Enter goes to its bytes"),
    ("Next, previous hit", "Enter, Shift+Enter", "In the find bar"),
)


class ShortcutsDialog(QDialog):
    """A list of (action, key, what it does); not modal."""

    def __init__(self, rows: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 560)
        label = QLabel("&Search")
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        label.setBuddy(self.search)
        self.table = QTableWidget(0, 3)
        self.table.setAccessibleName("Keyboard shortcuts")
        self.table.setHorizontalHeaderLabels(["Action", "Keys", "What it does"])
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        for row, texts in enumerate([*rows, *IN_PANES]):
            self.table.insertRow(row)
            for column, text in enumerate(texts):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (label, self.search, self.table, buttons):
            layout.addWidget(widget)
        self.search.textChanged.connect(self._on_search)

    @Slot(str)
    def _on_search(self, text: str) -> None:
        for row in range(self.table.rowCount()):
            words = " ".join(item.text() for column in range(3) if (item := self.table.item(row, column)))
            self.table.setRowHidden(row, text.lower() not in words.lower())
