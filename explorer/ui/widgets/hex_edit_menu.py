"""The context menu of the hex editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu

from explorer.ui.widgets import hex_clipboard
from explorer.wire.formats import FORMATS, find_format

if TYPE_CHECKING:
    from explorer.ui.widgets.hex_edit import HexEdit


class HexEditMenu(QMenu):
    """What can be done in an editor now; the keys are those of the editor."""

    def __init__(self, edit: HexEdit) -> None:
        super().__init__(edit)
        self._edit = edit
        some, free = bool(edit.editing.selected), not edit.locked
        self.addAction("&Undo\tCtrl+Z").triggered.connect(edit.undo_wanted)
        self.addAction("&Redo\tCtrl+Shift+Z").triggered.connect(edit.redo_wanted)
        self.addSeparator()
        cut = self.addAction("Cu&t\tCtrl+X")
        cut.setEnabled(some and free)
        cut.triggered.connect(self._on_cut)
        copy = self.addAction("&Copy\tCtrl+C")
        copy.setEnabled(some)
        copy.triggered.connect(self._on_copy)
        self.forms = self.addMenu("Copy &as")
        self.forms.setEnabled(some)
        for form in FORMATS:
            action = self.forms.addAction(form.label)
            action.setData(form.name)
            action.triggered.connect(self._on_form)
        paste = self.addAction("&Paste\tCtrl+V")
        paste.triggered.connect(self._on_paste)
        paste_bytes = self.addAction("Paste as &bytes\tCtrl+Shift+V")
        paste_bytes.triggered.connect(self._on_paste_bytes)
        for action in (paste, paste_bytes):
            action.setEnabled(free)
        self.addSeparator()
        every = self.addAction("&Select all\tCtrl+A")
        every.setEnabled(edit.editing.size > 0)
        every.triggered.connect(edit.select_all)
        overwrite = self.addAction("&Overwrite\tIns")
        overwrite.setCheckable(True)
        overwrite.setChecked(edit.editing.overwrite)
        overwrite.triggered.connect(edit.toggle_overwrite)

    @Slot()
    def _on_cut(self) -> None:
        hex_clipboard.cut(self._edit)

    @Slot()
    def _on_copy(self) -> None:
        hex_clipboard.copy(self._edit)

    @Slot()
    def _on_form(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        edit = self._edit
        QGuiApplication.clipboard().setText(find_format(action.data()).render(edit.editing.selected, edit.encoding))

    @Slot()
    def _on_paste(self) -> None:
        hex_clipboard.paste(self._edit)

    @Slot()
    def _on_paste_bytes(self) -> None:
        hex_clipboard.paste(self._edit, as_bytes=True)


def open_menu(edit: HexEdit, place: QPoint) -> None:
    menu = HexEditMenu(edit)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(place)
