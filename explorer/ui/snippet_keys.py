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
IN_LATE_PANES = {"Ctrl+K": "Compare"}
"""Keys of panes that may not be made yet, so that their actions are not found in the window."""


def normal(keys: str) -> str:
    """The usual writing of keys: ``ctrl + 1`` is ``Ctrl+1``. What is none comes back as it is."""
    found = QKeySequence(keys.replace(" ", "")).toString(QKeySequence.SequenceFormat.PortableText)
    return found or keys.strip()


def taken_keys(window: QWidget) -> dict[str, str]:
    """The keys that this window uses already, in their usual writing, and what for. It looks at every control."""
    taken: dict[str, str] = {}
    for action in window.findChildren(QAction):
        keys = action.shortcuts()
        if action.menu() is not None:
            keys.append(QKeySequence.mnemonic(action.text()))
        _add(taken, keys, action.text())
    labels = [label.text() for label in window.findChildren(QLabel) if label.buddy() is not None]
    for text in labels + [button.text() for button in window.findChildren(QAbstractButton)]:
        _add(taken, [QKeySequence.mnemonic(text)], text)
    return taken | IN_LATE_PANES | EDITING


def _add(taken: dict[str, str], keys: list[QKeySequence], text: str) -> None:
    for one in keys:
        if not one.isEmpty():
            taken.setdefault(one.toString(QKeySequence.SequenceFormat.PortableText), _plain(text))


def why_not(keys: str, window: QWidget) -> str:
    """Why a snippet cannot have these keys, as a sentence; "" when it can."""
    other = taken_keys(window).get(normal(keys), "") if keys else ""
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
        wanted = [snippet for snippet in snippets if snippet.shortcut]
        taken = taken_keys(self._owner.window()) if wanted else {}
        for snippet in wanted:
            if normal(snippet.shortcut) not in taken:
                shortcut = QShortcut(QKeySequence(snippet.shortcut), self._owner)
                shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
                shortcut.setAutoRepeat(False)
                shortcut.setObjectName(snippet.name)
                shortcut.activated.connect(self._on_pressed)
                self._shortcuts.append(shortcut)

    @Slot()
    def _on_pressed(self) -> None:
        self.pressed.emit(self.sender().objectName())
