"""The context menu of the byte pane: what can be done with the selection. It only says what was chosen."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from explorer.ui.copying import SAVE_CHOICES
from explorer.wire.formats import FORMATS, Format, find_format

CALL, MESSAGE, ALL = "call", "message", "all"
SAVE = "save "
"""Goes before the name of a choice of `explorer.ui.copying.SAVE_CHOICES`."""
_KINDS = {"text": "text", "escaped": "text", "base64": "encoded", "json": "encoded"}


def make_menu(parent: QWidget, some: bool, usual: str) -> QMenu:
    """A menu whose actions' data say what to do. some: whether anything is selected. usual: the format's name that
    the copy key takes."""
    menu = QMenu(parent)
    copy = menu.addAction(f"Copy as {find_format(usual).label}")
    copy.setData(usual)
    copy.setEnabled(some)
    copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
    copying = menu.addMenu("Copy as")
    copying.setEnabled(some)
    before = FORMATS[0]
    for form in FORMATS:
        if _kind(form) != _kind(before):
            copying.addSeparator()
        copying.addAction(form.label).setData(form.name)
        before = form
    saving = menu.addMenu("Save selection as")
    saving.setEnabled(some)
    for choice in SAVE_CHOICES:
        saving.addAction(f"{choice.label}…").setData(SAVE + choice.name)
        if choice.form is None:
            saving.addSeparator()
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


def _kind(form: Format) -> str:
    """Formats of one kind stand together: hex, text, source code, others."""
    if form.suffix == ".hex" or form.name in ("dump", "hex_escapes"):
        return "hex"
    return _KINDS.get(form.name, "source")
