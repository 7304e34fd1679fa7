"""New, open, save and recent workspaces. Asks before anything unsaved would be lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QMenu, QMessageBox, QWidget
from shiboken6 import isValid

from explorer import workspace
from explorer.capture.stream import Scope
from explorer.core.errors import ShownError
from explorer.settings import Settings
from explorer.ui.dialogs.file_dialog import ask_file, ask_new
from explorer.ui.workbench import Workbench
from explorer.workspace import Workspace

FILTER = "Socket Explorer workspace (*.json);;All files (*)"


class WorkspaceFiles(QObject):
    """Signal: title_changed(): another file, or saved and unsaved."""

    title_changed = Signal()

    def __init__(self, workbench: Workbench, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._workbench = workbench
        self._settings = settings
        self._window = window
        self.path: Path | None = None
        self._saved = workbench.document
        self._closing = False
        self._question: QMessageBox | None = None
        self._go_on: Callable[[], object] | None = None
        self._after_save: Callable[[], object] | None = None
        self.recent_menu = QMenu("Open &recent", window)
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        workbench.document_changed.connect(self.title_changed)
        self._fill_recent()

    @property
    def modified(self) -> bool:
        """Whether sockets or snippets differ from the file's (or, without a file, from what the window began with)."""
        return self._workbench.document != self._saved

    @property
    def title(self) -> str:
        return f"{self.path.name if self.path else 'Untitled'}[*]"

    def take_session(self) -> None:
        """The sockets that are there now came from the last session."""
        self._set_path(None)

    def may_close(self, again: Callable[[], object]) -> bool:
        """Whether the window may close now; else the user is asked, and `again` is called when it may. Sockets
        without a file are kept for the next start and need no question."""
        if self._closing or self.path is None or not self.modified:
            return True

        def go_on() -> None:
            self._closing = True
            again()

        self._ask(go_on)
        return False

    def _when_saved(self, go_on: Callable[[], object]) -> None:
        """Go on now, or after asking when something unsaved would be lost."""
        if self.modified and self._workbench.document != Workspace():
            self._ask(go_on)
        else:
            go_on()

    def _ask(self, go_on: Callable[[], object]) -> None:
        """One question at a time; the window is not stopped meanwhile."""
        if self._question is not None and isValid(self._question):
            self._question.activateWindow()
            return
        button = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"Save the changes to {self.path.name if self.path else 'the sockets of this window'}?")
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        self._go_on = go_on
        box.buttonClicked.connect(self._on_answer)
        self._question = box
        box.show()

    @Slot(object)
    def _on_answer(self, clicked: QAbstractButton) -> None:
        box, go_on, self._go_on = self._question, self._go_on, None
        self._question = None
        if box is None or go_on is None:
            return
        answer = box.standardButton(clicked)
        if answer == QMessageBox.StandardButton.Discard:
            go_on()
        elif answer == QMessageBox.StandardButton.Save:
            if self.path is None:
                self._after_save = go_on
                self.save_as()
            elif self._save(self.path):
                go_on()

    @Slot()
    def new(self) -> None:
        self._when_saved(self._new)

    def _new(self) -> None:
        self._workbench.load([])
        self._set_path(None)

    @Slot()
    def open(self) -> None:
        start = self.path.parent if self.path else Path.home()
        ask_file(self._window, "Open workspace", start, FILTER, self._on_open_chosen)

    @Slot(str)
    def _on_open_chosen(self, path: str) -> None:
        self.open_path(Path(path))

    def open_path(self, path: Path) -> bool:
        """Open it; what is wrong with it becomes a notice and the present sockets stay."""
        try:
            found = workspace.load(path)
        except ShownError as error:
            self._workbench.notice(str(error), serious=True, key="workspace")
            if not path.exists():
                self._settings.remove_recent(path)
            return False
        self._when_saved(partial(self._show, found, path))
        return True

    def _show(self, found: Workspace, path: Path) -> None:
        numbers = self._workbench.load(found.sockets, found.snippets, found.sequences)
        self._set_path(path)
        self._workbench.notice("", key="workspace")
        if numbers:
            self._workbench.selection.choose_scope(Scope(numbers[0]))

    @Slot()
    def save(self) -> None:
        if self.path is None:
            self.save_as()
        else:
            self._save(self.path)

    @Slot()
    def save_as(self) -> None:
        start = self.path or Path.home() / "sockets.json"
        ask_new(self._window, "Save workspace", start, FILTER, self._on_save_chosen)

    @Slot(str)
    def _on_save_chosen(self, chosen: str) -> None:
        path = Path(chosen)
        go_on, self._after_save = self._after_save, None
        if self._save(path if path.suffix else path.with_suffix(".json")) and go_on is not None:
            go_on()

    def _save(self, path: Path) -> bool:
        try:
            workspace.save(path, self._workbench.document)
        except ShownError as error:
            self._workbench.notice(str(error), serious=True, key="workspace")
            return False
        self._workbench.notice("", key="workspace")
        self._set_path(path)
        return True

    def _set_path(self, path: Path | None) -> None:
        self.path = path
        self._saved = self._workbench.document
        if path is not None:
            self._settings.add_recent(path.absolute())
            self._fill_recent()
        self.title_changed.emit()

    @Slot()
    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for number, path in enumerate(self._settings.recent, 1):
            action = self.recent_menu.addAction(f"&{number} {path.name}")
            action.setData(str(path))
            action.setToolTip(str(path))
            action.triggered.connect(self._on_recent)
        self.recent_menu.setEnabled(bool(self._settings.recent))

    @Slot()
    def _on_recent(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.open_path(Path(action.data()))
