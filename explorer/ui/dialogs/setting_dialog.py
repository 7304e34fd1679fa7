"""A setting with a window of its own: a table or code. Not modal; what is changed goes to the document at once."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from explorer.core.fields import Field
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.theme import Theme
from explorer.ui.widgets.rows_editor import RowsEditor
from explorer.ui.workbench import Workbench


class SettingDialog(QDialog):
    """field: the setting. Esc and Close put the window away.

    Signals:
    edited(object): the setting is to be this now. applied(): because the user said so; what comes is another step.
    undo_wanted(), redo_wanted(): of the document.
    """

    edited = Signal(object)
    applied = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self, field: Field, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.field = field
        self._theme = theme
        self.column = QVBoxLayout(self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.rejected.connect(self.reject)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)

    def _listen_to_undo(self) -> None:
        for keys, signal in (
            (QKeySequence.StandardKey.Undo, self.undo_wanted),
            (QKeySequence.StandardKey.Redo, self.redo_wanted),
        ):
            shortcut = QShortcut(keys, self)
            shortcut.activated.connect(signal)

    def _fit(self, characters: int, lines: int) -> None:
        """Be so large, where the screen has the room."""
        metrics, screen = self.fontMetrics(), self.screen().availableGeometry()
        wide, high = metrics.horizontalAdvance("0") * characters, metrics.lineSpacing() * lines
        self.resize(min(wide, screen.width() * 9 // 10), min(high, screen.height() * 8 // 10))

    def show_value(self, draft: ChoiceDraft, problems: Mapping[str, str]) -> None:
        """What stands in the form now. problems: sentences by the names of fields and the paths of cells."""
        raise NotImplementedError

    def go_to(self, path: str) -> None:
        """Take the keyboard, at a cell where the path has one."""
        raise NotImplementedError

    @property
    def unsaved(self) -> str | None:
        """What was typed and is not in the form yet; None: nothing."""
        return None

    def settle(self) -> None:
        """Give the form what was typed a moment ago and waits only for the next key."""

    def listen(self, workbench: Workbench, number: int) -> None:
        """It is the setting of this socket."""

    def set_running(self, running: bool) -> None:
        """Whether the socket runs, so that what is changed here counts at once."""


class RowsDialog(SettingDialog):
    """A table."""

    def __init__(self, field: Field, theme: Theme, parent: QWidget) -> None:
        super().__init__(field, theme, parent)
        self.editor = RowsEditor(field, theme, self)
        self.editor.edited.connect(self.edited)
        self.column.addWidget(self.editor, 1)
        self.column.addWidget(self.buttons)
        self._listen_to_undo()
        self._fit(100, 24)

    def show_value(self, draft: ChoiceDraft, problems: Mapping[str, str]) -> None:
        self.editor.show_rows(draft.rows(self.field), problems)

    @Slot(str)
    def go_to(self, path: str) -> None:
        if "[" in path:
            self.editor.go_to(path)
        else:
            self.editor.focus_first()
