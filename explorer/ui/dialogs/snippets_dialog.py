"""The snippets of the workspace in a list: name and keys are edited here, the message in the composer. Not modal."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from explorer.core.errors import InputError
from explorer.core.snippet import Snippet
from explorer.ui.snippet_book import SnippetBook
from explorer.ui.snippet_keys import normal, why_not
from explorer.ui.theme import Theme
from explorer.ui.widgets.field_error import FieldErrors
from explorer.ui.widgets.inputs import mark_wrong, show_text

EMPTY = "No snippets yet. Write a message in the composer, then press New here."
HINT = "Use puts a snippet into the composer. Undo in the Edit menu takes changes back."
LABELS = {"name": "Name", "shortcut": "Keys", "text": "Message"}


class SnippetsDialog(QDialog):
    """Signals: use_wanted(str), send_wanted(str): the snippet of this name. new_wanted(): keep the composer's message
    as another snippet. replace_wanted(str): as this one."""

    use_wanted = Signal(str)
    send_wanted = Signal(str)
    new_wanted = Signal()
    replace_wanted = Signal(str)

    def __init__(self, book: SnippetBook, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._book = book
        self._theme = theme
        self._window = parent.window()
        self.setWindowTitle("Snippets")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(640, 420)
        self.list = QListWidget()
        self.list.setAccessibleName("Snippets")
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        self.keys = QLineEdit()
        self.keys.setAccessibleName("Keys")
        self.keys.setPlaceholderText("Ctrl+1")
        self.message = QLabel()
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        self.message.setFont(theme.mono)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.errors = FieldErrors(theme)
        self.apply = self._button("Save changes", "Take over name and keys")
        self.use = self._button("Use", "Put the snippet into the composer")
        self.send = self._button("Send", "Send it at once")
        self.new = self._button("New", "Keep the composer's message as another snippet")
        self.replace = self._button("Replace message", "Keep the composer's message under this name")
        self.up = self._button("Up", "Before the one above")
        self.down = self._button("Down", "Behind the one below")
        self.remove = self._button("Remove", "Remove the snippet; Undo in the Edit menu brings it back")
        self._lay_out()
        self._connect()
        self._on_changed()

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Name", self.name)
        form.addRow("&Keys", self.keys)
        form.addRow("Message", self.message)
        side = QVBoxLayout()
        side.addLayout(form)
        side.addWidget(self.errors)
        side.addWidget(self.apply, 0, Qt.AlignmentFlag.AlignLeft)
        side.addStretch(1)
        rows = ((self.use, self.send, self.replace), (self.new, self.up, self.down, self.remove))
        for buttons in rows:
            row = QHBoxLayout()
            for button in buttons:
                row.addWidget(button)
            row.addStretch(1)
            side.addLayout(row)
        middle = QHBoxLayout()
        middle.addWidget(self.list, 2)
        middle.addLayout(side, 3)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addLayout(middle, 1)
        whole.addWidget(close)

    def _connect(self) -> None:
        self._book.changed.connect(self._on_changed)
        self.list.currentRowChanged.connect(self._on_row)
        self.list.itemActivated.connect(self._on_use)
        for field in (self.name, self.keys):
            field.textChanged.connect(self._on_edited)
            field.returnPressed.connect(self._on_apply)
        self.errors.wanted.connect(self._on_field_wanted)
        self.apply.clicked.connect(self._on_apply)
        self.use.clicked.connect(self._on_use)
        self.send.clicked.connect(self._on_send)
        self.new.clicked.connect(self.new_wanted)
        self.replace.clicked.connect(self._on_replace)
        self.up.clicked.connect(self._on_up)
        self.down.clicked.connect(self._on_down)
        self.remove.clicked.connect(self._on_remove)

    # -- what the pane asks ------------------------------------------------------------------------

    @property
    def current(self) -> Snippet | None:
        """The chosen one."""
        items, row = self._book.items, self.list.currentRow()
        return items[row] if 0 <= row < len(items) else None

    def choose(self, name: str, rename: bool = False) -> None:
        """Show the snippet of this name. rename: typing gives it another."""
        for row, snippet in enumerate(self._book):
            if snippet.name == name:
                self.list.setCurrentRow(row)
        if rename:
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            self.name.selectAll()

    def refuse(self, sentence: str) -> None:
        """Something the pane was asked for cannot be done."""
        self.errors.show_problems({"text": sentence}, LABELS)

    # -- showing -----------------------------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        """The list is another: here, by undo, or by another workspace."""
        row = max(0, self.list.currentRow())
        self.list.blockSignals(True)
        self.list.clear()
        for snippet in self._book:
            self.list.addItem(f"{snippet.name}   {snippet.shortcut}" if snippet.shortcut else snippet.name)
        self.list.setCurrentRow(min(row, len(self._book) - 1))
        self.list.blockSignals(False)
        self._on_row()

    @Slot()
    def _on_row(self) -> None:
        snippet = self.current
        show_text(self.name, snippet.name if snippet else "")
        show_text(self.keys, snippet.shortcut if snippet else "")
        text = snippet.text if snippet else ""
        self.message.setText(text if len(text) <= 400 else f"{text[:400]}…")
        for widget in (self.name, self.keys, self.use, self.send, self.replace, self.remove):
            widget.setEnabled(snippet is not None)
        self.up.setEnabled(self.list.currentRow() > 0)
        self.down.setEnabled(0 <= self.list.currentRow() < len(self._book) - 1)
        self._on_edited()

    def _edited(self) -> Snippet | None:
        snippet = self.current
        return snippet and replace(snippet, name=self.name.text().strip(), shortcut=normal(self.keys.text()))

    @Slot()
    def _on_edited(self) -> None:
        before, after = self.current, self._edited()
        problems: dict[str, str] = {}
        if before is not None and after is not None:
            try:
                self._book.check(after, before.name)
            except InputError as error:
                problems[error.path] = error.message
            if taken := why_not(after.shortcut, self._window):
                problems["shortcut"] = taken
        mark_wrong(self.name, problems.get("name", ""), self._theme)
        mark_wrong(self.keys, problems.get("shortcut", ""), self._theme)
        self.errors.show_problems(problems, LABELS, HINT if before else EMPTY)
        self.apply.setEnabled(before != after and not problems)

    # -- what the user does ------------------------------------------------------------------------

    @Slot()
    def _on_apply(self) -> None:
        before, after = self.current, self._edited()
        if before is not None and after is not None and self.apply.isEnabled():
            self._book.change(before.name, after)

    @Slot(str)
    def _on_field_wanted(self, name: str) -> None:
        {"name": self.name, "shortcut": self.keys}.get(name, self.list).setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_use(self) -> None:
        if self.current is not None:
            self.use_wanted.emit(self.current.name)

    @Slot()
    def _on_send(self) -> None:
        if self.current is not None:
            self.send_wanted.emit(self.current.name)

    @Slot()
    def _on_replace(self) -> None:
        if self.current is not None:
            self.replace_wanted.emit(self.current.name)

    @Slot()
    def _on_remove(self) -> None:
        if self.current is not None:
            self._book.remove(self.current.name)

    @Slot()
    def _on_up(self) -> None:
        self._move(-1)

    @Slot()
    def _on_down(self) -> None:
        self._move(1)

    def _move(self, by: int) -> None:
        snippet, row = self.current, self.list.currentRow()
        if snippet is not None:
            self._book.move(snippet.name, row + by)
            self.choose(snippet.name)
