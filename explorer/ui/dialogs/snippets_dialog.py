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
        self._shown = ""  # the name of the snippet that the fields are about
        self._drafts: dict[str, tuple[str, str]] = {}  # name and keys that were typed and cannot be saved, by snippet
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
        self._on_theme()
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
        self._theme.changed.connect(self._on_theme)
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
    def _on_theme(self) -> None:
        self.message.setFont(self._theme.mono)

    @Slot()
    def _on_changed(self) -> None:
        """The list is another: here, by undo, or by another workspace. What is being typed stays."""
        self._keep_draft()
        row = max(0, self.list.currentRow())
        self.list.blockSignals(True)
        self.list.clear()
        for place, snippet in enumerate(self._book):
            self.list.addItem(self._line(snippet))
            row = place if snippet.name == self._shown else row
        self.list.setCurrentRow(min(row, len(self._book) - 1))
        self.list.blockSignals(False)
        self._show()

    def _line(self, snippet: Snippet) -> str:
        keys = f"   {snippet.shortcut}" if snippet.shortcut else ""
        return f"{snippet.name}{keys}{'   (changes not saved)' if snippet.name in self._drafts else ''}"

    def _keep_draft(self) -> None:
        """Remember what is typed for the snippet that is shown."""
        before, typed = self._book.find(self._shown), (self.name.text(), self.keys.text())
        if before is not None and typed != (before.name, before.shortcut):
            self._drafts[before.name] = typed
        else:
            self._drafts.pop(self._shown, None)

    @Slot()
    def _on_row(self) -> None:
        """Another row is chosen. What was typed is saved; what cannot be is shown again when its row is."""
        before, after, wrong = self._typed()
        self._keep_draft()
        self._show()
        if before is not None and after is not None and before != after and not wrong:
            self._save(before, after)
        for row, snippet in enumerate(self._book):
            self.list.item(row).setText(self._line(snippet))

    def _save(self, before: Snippet, after: Snippet) -> None:
        del self._drafts[before.name]
        self._book.change(before.name, after)

    def _show(self) -> None:
        """The chosen snippet in the fields, as far as it was edited."""
        snippet = self.current
        self._shown = snippet.name if snippet else ""
        name, keys = self._drafts.get(self._shown, (snippet.name, snippet.shortcut) if snippet else ("", ""))
        show_text(self.name, name)
        show_text(self.keys, keys)
        text = snippet.text if snippet else ""
        self.message.setText(text if len(text) <= 400 else f"{text[:400]}…")
        for widget in (self.name, self.keys, self.use, self.send, self.replace, self.remove):
            widget.setEnabled(snippet is not None)
        self.up.setEnabled(self.list.currentRow() > 0)
        self.down.setEnabled(0 <= self.list.currentRow() < len(self._book) - 1)
        self._on_edited()

    def _typed(self) -> tuple[Snippet | None, Snippet | None, dict[str, str]]:
        """The snippet that is shown, as it is kept and as it was typed, and what is wrong with that, by field."""
        before = self._book.find(self._shown)
        if before is None:
            return None, None, {}
        after = replace(before, name=self.name.text().strip(), shortcut=normal(self.keys.text()))
        problems: dict[str, str] = {}
        try:
            self._book.check(after, before.name)
        except InputError as error:
            problems[error.path] = error.message
        if taken := why_not(after.shortcut, self._window):
            problems["shortcut"] = taken
        return before, after, problems

    @Slot()
    def _on_edited(self) -> None:
        before, after, problems = self._typed()
        mark_wrong(self.name, problems.get("name", ""), self._theme)
        mark_wrong(self.keys, problems.get("shortcut", ""), self._theme)
        self.errors.show_problems(problems, LABELS, HINT if before else EMPTY)
        self.apply.setEnabled(before != after and not problems)

    # -- what the user does ------------------------------------------------------------------------

    @Slot()
    def _on_apply(self) -> None:
        before, after, wrong = self._typed()
        if before is not None and after is not None and before != after and not wrong:
            self._keep_draft()
            self._shown = after.name
            self._save(before, after)

    def done(self, result: int) -> None:
        """What was typed is saved when the list is closed, if it can be."""
        self._on_apply()
        super().done(result)

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
