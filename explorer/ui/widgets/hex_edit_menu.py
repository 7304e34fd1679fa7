"""The context menu of the hex editor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from explorer.ui.widgets import hex_clipboard
from explorer.wire.formats import FORMATS, Format

if TYPE_CHECKING:
    from explorer.ui.widgets.hex_edit import HexEdit


def make_menu(edit: HexEdit) -> QMenu:
    """What can be done here now; the keys are those of the editor."""
    menu = QMenu(edit)
    editing = edit.editing
    some = bool(editing.selected)
    menu.addAction("&Undo\tCtrl+Z", edit.undo_wanted.emit)
    menu.addAction("&Redo\tCtrl+Shift+Z", edit.redo_wanted.emit)
    menu.addSeparator()
    menu.addAction("Cu&t\tCtrl+X", partial(hex_clipboard.cut, edit)).setEnabled(some and not edit.locked)
    menu.addAction("&Copy\tCtrl+C", partial(hex_clipboard.copy, edit)).setEnabled(some)
    forms = menu.addMenu("Copy &as")
    forms.setEnabled(some)
    for form in FORMATS:
        forms.addAction(form.label, partial(_copy_as, edit, form))
    menu.addAction("&Paste\tCtrl+V", partial(hex_clipboard.paste, edit)).setEnabled(not edit.locked)
    menu.addAction("Paste as &bytes\tCtrl+Shift+V", partial(hex_clipboard.paste, edit, True)).setEnabled(
        not edit.locked
    )
    menu.addSeparator()
    menu.addAction("&Select all\tCtrl+A", partial(_select_all, edit)).setEnabled(editing.size > 0)
    overwrite = menu.addAction("&Overwrite\tIns")
    overwrite.setCheckable(True)
    overwrite.setChecked(editing.overwrite)
    overwrite.triggered.connect(partial(_toggle_overwrite, edit))
    return menu


def open_menu(edit: HexEdit, place: QPoint) -> None:
    menu = make_menu(edit)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(place)


def _copy_as(edit: HexEdit, form: Format) -> None:
    QGuiApplication.clipboard().setText(form.render(edit.editing.selected, edit.encoding))


def _select_all(edit: HexEdit) -> None:
    edit.editing.select(0, edit.editing.size)
    edit.after_move()


def _toggle_overwrite(edit: HexEdit, checked: bool) -> None:
    edit.toggle_overwrite()
