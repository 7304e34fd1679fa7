"""New, open, save and recent workspaces. Asks before anything unsaved would be lost."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from explorer import workspace
from explorer.core.errors import ShownError
from explorer.settings import Settings
from explorer.ui.workbench import Workbench

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
        self._saved = list(workbench.specs)
        self.recent_menu = QMenu("Open &recent", window)
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        workbench.document_changed.connect(self.title_changed)
        self._fill_recent()

    @property
    def modified(self) -> bool:
        """Whether there is a file and it differs from the window."""
        return self.path is not None and self._workbench.specs != self._saved

    @property
    def title(self) -> str:
        return f"{self.path.name if self.path else 'Untitled'}[*]"

    def may_discard(self) -> bool:
        """Ask when unsaved changes to a file would be lost. Whether to go on."""
        if not self.modified:
            return True
        button = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"Save the changes to {self.path.name if self.path else 'the workspace'}?")
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        answer = box.exec()
        if answer == button.Save:
            return self.save()
        return answer == button.Discard

    @Slot()
    def new(self) -> None:
        if self.may_discard():
            self._workbench.load([])
            self._set_path(None)

    @Slot()
    def open(self) -> None:
        start = str(self.path.parent if self.path else Path.home())
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open workspace", start, FILTER)
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> bool:
        """Open it; what is wrong with it becomes a notice and the present sockets stay."""
        try:
            specs = workspace.load(path)
        except ShownError as error:
            self._workbench.notice(str(error), serious=True, key="workspace")
            if not path.exists():
                self._settings.remove_recent(path)
            return False
        if not self.may_discard():
            return False
        numbers = self._workbench.load(specs)
        self._set_path(path)
        self._workbench.notice("", key="workspace")
        if numbers:
            from explorer.capture.stream import Scope

            self._workbench.selection.choose_scope(Scope(numbers[0]))
        return True

    @Slot()
    def save(self) -> bool:
        return self._save(self.path) if self.path else self.save_as()

    @Slot()
    def save_as(self) -> bool:
        start = str(self.path or Path.home() / "sockets.json")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save workspace", start, FILTER)
        if not chosen:
            return False
        path = Path(chosen)
        return self._save(path if path.suffix else path.with_suffix(".json"))

    def _save(self, path: Path) -> bool:
        try:
            workspace.save(path, self._workbench.specs)
        except ShownError as error:
            self._workbench.notice(str(error), serious=True, key="workspace")
            return False
        self._workbench.notice("", key="workspace")
        self._set_path(path)
        return True

    def _set_path(self, path: Path | None) -> None:
        self.path = path
        self._saved = list(self._workbench.specs)
        if path is not None:
            self._settings.add_recent(path.absolute())
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
