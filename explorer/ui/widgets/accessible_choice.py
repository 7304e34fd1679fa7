"""Lets a screen reader, or a test that acts as one, choose in a combo box.

Through the accessibility interface an item of the list is selected without becoming the current one, and
without the key press or click by which Qt takes a choice; so Qt shows it selected and changes nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QComboBox, QWidget


class AccessibleChoice(QObject):
    """Takes such a selection as the user's choice. Lives with its combo box."""

    def __init__(self, combo: QComboBox) -> None:
        super().__init__(combo)
        self._combo = combo
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._look)
        combo.view().selectionModel().selectionChanged.connect(self._later.start)

    @Slot()
    def _look(self) -> None:
        """By now a key or the mouse would have made the selected item the current one, too."""
        combo, view = self._combo, self._combo.view()
        chosen = view.selectionModel().selectedIndexes()
        if len(chosen) != 1 or chosen[0].row() == view.currentIndex().row():
            return
        row = chosen[0].row()
        view.setCurrentIndex(chosen[0])
        combo.hidePopup()
        if row != combo.currentIndex():
            combo.setCurrentIndex(row)
            combo.activated.emit(row)


def make_choosable(parent: QWidget) -> None:
    """Do so for every combo box in `parent` that has no such helper yet."""
    for combo in parent.findChildren(QComboBox):
        if combo.findChild(AccessibleChoice) is None:
            AccessibleChoice(combo)
