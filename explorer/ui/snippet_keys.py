"""The keyboard shortcuts of snippets: which keys are free, and what happens when they are pressed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from explorer.core.snippet import Snippet

EDITING = {
    "Ctrl+A": "Select all", "Ctrl+C": "Copy", "Ctrl+V": "Paste", "Ctrl+X": "Cut", "Ctrl+Z": "Undo",
    "Ctrl+Y": "Redo", "Ctrl+Shift+Z": "Redo", "Ctrl+Shift+V": "Paste as bytes",
}  # fmt: skip
"""Keys that editors use themselves, and what for."""


def normal(keys: str) -> str:
    """The usual writing of keys: ``ctrl + 1`` is ``Ctrl+1``. What is none comes back as it is."""
    found = QKeySequence(keys.replace(" ", "")).toString(QKeySequence.SequenceFormat.PortableText)
    return found or keys.strip()


def taken_by(keys: str, window: QWidget) -> str:
    """What uses these keys in this window already; "" when they are free."""
    if keys in EDITING:
        return EDITING[keys]
    wanted = QKeySequence(keys)
    for action in window.findChildren(QAction):
        if wanted in action.shortcuts():
            return _plain(action.text())
        if action.menu() is not None and QKeySequence.mnemonic(action.text()) == wanted:
            return _plain(action.text())
    labels = [label.text() for label in window.findChildren(QLabel) if label.buddy() is not None]
    buttons = [button.text() for button in window.findChildren(QAbstractButton)]
    return next((_plain(text) for text in labels + buttons if QKeySequence.mnemonic(text) == wanted), "")


def why_not(keys: str, window: QWidget) -> str:
    """Why a snippet cannot have these keys, as a sentence; "" when it can."""
    other = taken_by(keys, window) if keys else ""
    return f"{keys} is the shortcut of {other} already. Choose other keys, e.g. Ctrl+1." if other else ""


def _plain(text: str) -> str:
    return text.replace("&", "").split("\t")[0].rstrip("…")


class SnippetKeys(QObject):
    """Listens for the shortcuts of snippets in the window of `owner`. Signal: pressed(str): of this snippet."""

    pressed = Signal(str)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._shortcuts: list[QShortcut] = []

    @property
    def heard(self) -> frozenset[str]:
        """The names of the snippets whose keys are listened for."""
        return frozenset(shortcut.objectName() for shortcut in self._shortcuts)

    def show_snippets(self, snippets: tuple[Snippet, ...]) -> None:
        """Listen for these. Keys that the window uses itself stay the window's."""
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._shortcuts = []
        window = self._owner.window()
        for snippet in snippets:
            if snippet.shortcut and not taken_by(snippet.shortcut, window):
                shortcut = QShortcut(QKeySequence(snippet.shortcut), self._owner)
                shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
                shortcut.setAutoRepeat(False)
                shortcut.setObjectName(snippet.name)
                shortcut.activated.connect(self._on_pressed)
                self._shortcuts.append(shortcut)

    @Slot()
    def _on_pressed(self) -> None:
        self.pressed.emit(self.sender().objectName())
