"""What is done with snippets from the composer: keep one, show them, use or send one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from explorer.core.errors import InputError
from explorer.core.snippet import Snippet
from explorer.ui.snippet_book import SnippetBook
from explorer.ui.snippet_keys import SnippetKeys
from explorer.ui.theme import Theme
from explorer.ui.widgets.snippet_button import SnippetButton

if TYPE_CHECKING:
    from explorer.ui.dialogs.snippets_dialog import SnippetsDialog

NEW_NAME = "Snippet"


class Source(Protocol):
    """The composer, as far as snippets are made of it."""

    def present_snippet(self, name: str) -> Snippet: ...


class SnippetActions(QObject):
    """Signals: use_wanted(Snippet), send_wanted(Snippet). refused(str): why one was not kept."""

    use_wanted = Signal(object)
    send_wanted = Signal(object)
    refused = Signal(str)

    def __init__(self, book: SnippetBook, button: SnippetButton, theme: Theme, owner: QWidget, source: Source) -> None:
        super().__init__(owner)
        self._book = book
        self._button = button
        self._theme = theme
        self._owner = owner
        self._source = source
        self.dialog: SnippetsDialog | None = None
        self._keys = SnippetKeys(owner)
        self._keys.pressed.connect(self._on_send)
        button.chosen.connect(self._on_use)
        button.save_wanted.connect(self.save)
        button.manage_wanted.connect(self.manage)
        book.changed.connect(self.show_all)

    @Slot()
    def show_all(self) -> None:
        """In the menu, and to the keyboard."""
        self._keys.show_snippets(self._book.items)
        self._button.show_snippets(self._book.items, self._keys.heard)

    @Slot()
    def manage(self) -> None:
        """Show the list; traffic goes on meanwhile."""
        if self.dialog is None:
            from explorer.ui.dialogs.snippets_dialog import SnippetsDialog  # seldom wanted: not at every start

            self.dialog = SnippetsDialog(self._book, self._theme, self._owner)
            self.dialog.use_wanted.connect(self._on_use)
            self.dialog.send_wanted.connect(self._on_send)
            self.dialog.new_wanted.connect(self.save)
            self.dialog.replace_wanted.connect(self._on_replace)
            self.dialog.destroyed.connect(self._on_closed)
        self.dialog.show()
        self.dialog.activateWindow()

    @Slot()
    def _on_closed(self) -> None:
        self.dialog = None

    @Slot()
    def save(self) -> None:
        """Keep the composer's message under a new name, which is to be typed now."""
        try:
            name = self._book.add(self._present(NEW_NAME))
        except InputError as error:
            self._refuse(f"The message was not kept as a snippet. {error.message}")
            return
        self.manage()
        if self.dialog is not None:
            self.dialog.choose(name, rename=True)

    @Slot(str)
    def _on_replace(self, name: str) -> None:
        old = self._book.find(name)
        if old is None:
            return
        try:
            self._book.change(name, replace(self._present(name), shortcut=old.shortcut))
        except InputError as error:
            self._refuse(f"The message of {name} was not replaced. {error.message}")

    def _present(self, name: str) -> Snippet:
        snippet = self._source.present_snippet(name)
        if not snippet.text:
            raise InputError("text", "The composer is empty; type the message first.")
        return snippet

    def _refuse(self, sentence: str) -> None:
        if self.dialog is not None:
            self.dialog.refuse(sentence)
        self.refused.emit(sentence)

    @Slot(str)
    def _on_use(self, name: str) -> None:
        snippet = self._book.find(name)
        if snippet is not None:
            self.use_wanted.emit(snippet)

    @Slot(str)
    def _on_send(self, name: str) -> None:
        snippet = self._book.find(name)
        if snippet is not None:
            self.send_wanted.emit(snippet)
