"""The window of a setting that needs one (a table, code), as the form of its framing or program opens it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.theme import Theme

if TYPE_CHECKING:
    from explorer.ui.dialogs.setting_dialog import SettingDialog


class SettingWindow(QObject):
    """There is at most one of a form. parent: it stands over the window of this widget.

    Signals:
    edited(str, object): the setting of this name is to be this now.
    opened(SettingDialog): it is there.
    gone(): the user put it away, or somebody else did.
    undo_wanted(str), redo_wanted(): of the document, by its keys, in the window of the setting of this name.
    """

    edited = Signal(str, object)
    opened = Signal(object)
    gone = Signal()
    undo_wanted = Signal(str)
    redo_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._over = parent
        self._running = False
        self.dialog: SettingDialog | None = None

    def open(self, draft: ChoiceDraft, problems: Mapping[str, str], name: str, path: str) -> None:
        """Show the window of a setting; one that is open already comes to the front. path: of a cell where the
        keyboard goes, or ""."""
        field = next((one for one in draft.description.fields if one.name == name), None)
        if field is None:
            return
        if self.dialog is not None and self.dialog.field is not field:
            self.close()
        if self.dialog is None:
            from explorer.ui.dialogs.setting_dialogs import make_dialog  # seldom wanted: not at every start

            self.dialog = dialog = make_dialog(draft.kind, field, self._theme, self._over)
            dialog.setWindowTitle(_title(field.label, draft.description.label))
            dialog.edited.connect(self._on_edited)
            dialog.undo_wanted.connect(self._on_undo)
            dialog.redo_wanted.connect(self.redo_wanted)
            dialog.finished.connect(self._on_finished)
            dialog.set_running(self._running)
            dialog.show_value(draft, problems)
            self.opened.emit(dialog)
            dialog.show()
        else:
            self.dialog.raise_()
        self.dialog.activateWindow()
        self.dialog.go_to(path)

    def show_value(self, draft: ChoiceDraft, problems: Mapping[str, str]) -> None:
        """What stands in the form now."""
        if self.dialog is not None:
            self.dialog.show_value(draft, problems)

    def set_running(self, running: bool) -> None:
        """Whether what is changed here counts at once, for a socket that runs."""
        self._running = running
        if self.dialog is not None:
            self.dialog.set_running(running)

    def settle(self) -> None:
        """What was typed a moment ago is in the draft after this."""
        if self.dialog is not None:
            self.dialog.settle()

    def close(self) -> None:
        """Put it away; what was typed there is in the draft."""
        if self.dialog is not None:
            self.dialog.close()

    @Slot(object)
    def _on_edited(self, value: object) -> None:
        if self.dialog is not None and self.sender() is self.dialog:
            self.edited.emit(self.dialog.field.name, value)

    @Slot()
    def _on_undo(self) -> None:
        if self.dialog is not None:
            self.undo_wanted.emit(self.dialog.field.name)

    @Slot()
    def _on_finished(self) -> None:
        if self.sender() is self.dialog:
            self.dialog = None
            self.gone.emit()


def _title(field: str, kind: str) -> str:
    """E.g. ``Users of Login``; where both have the same name, that of the kind alone: ``Script (Python)``."""
    return kind if kind.partition(" (")[0] == field else f"{field} of {kind}"
