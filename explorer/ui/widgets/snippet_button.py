"""The button whose menu has the snippets: choosing one puts it into the composer."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from explorer.core.snippet import Snippet

MOST = 40  # snippets in the menu; all stand in the dialog


class SnippetButton(QPushButton):
    """Signals: chosen(str): put the snippet of this name into the composer. save_wanted(): keep the present message
    as a snippet. manage_wanted(): show them all."""

    chosen = Signal(str)
    save_wanted = Signal()
    manage_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Snippets", parent)
        self.setAutoDefault(False)
        self.setToolTip("Messages that are kept by name in the workspace")
        self.setMenu(QMenu(self))
        self.show_snippets(())

    def show_snippets(self, snippets: tuple[Snippet, ...], heard: frozenset[str] = frozenset()) -> None:
        """heard: the names of those whose keys work in this window."""
        menu = self.menu()
        menu.clear()
        for snippet in snippets[:MOST]:
            keys = f"\t{snippet.shortcut}" if snippet.name in heard else ""
            name = snippet.name.replace("&", "&&").replace("\t", " ")
            action = menu.addAction(f"{name}{keys}")
            action.setData(snippet.name)
            action.triggered.connect(self._on_snippet)
        if snippets:
            menu.addSeparator()
        menu.addAction("&Save the message as a snippet…").triggered.connect(self.save_wanted)
        menu.addAction("&Manage snippets…").triggered.connect(self.manage_wanted)

    @Slot()
    def _on_snippet(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.chosen.emit(action.data())
