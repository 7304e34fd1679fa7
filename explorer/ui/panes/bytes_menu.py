"""The context menu of the byte pane: what can be done with the selection. It only says what was chosen."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from explorer.wire.formats import FORMATS

CALL, MESSAGE, ALL = "call", "message", "all"
SAVE = "save "
"""Goes before the name of a format, or before `RAW`."""
RAW = "raw"


def make_menu(parent: QWidget, some: bool, usual: str) -> QMenu:
    """A menu whose actions' data say what to do. some: whether anything is selected. usual: the format's name that
    the copy key takes."""
    menu = QMenu(parent)
    for form in FORMATS:
        action = menu.addAction(f"Copy as {form.label}")
        action.setData(form.name)
        action.setEnabled(some)
        if form.name == usual:
            action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
    menu.addSeparator()
    saving = menu.addMenu("Save selection as")
    saving.setEnabled(some)
    for label, name in (("Bytes as they are…", RAW), *((f"{form.label}…", form.name) for form in FORMATS)):
        saving.addAction(label).setData(SAVE + name)
    menu.addSeparator()
    for label, what, key in (
        ("Select the whole call", CALL, QKeySequence("C")),
        ("Select the whole message", MESSAGE, QKeySequence("M")),
        ("Select all", ALL, QKeySequence(QKeySequence.StandardKey.SelectAll)),
    ):
        action = menu.addAction(label)
        action.setData(what)
        action.setShortcut(key)
    return menu
