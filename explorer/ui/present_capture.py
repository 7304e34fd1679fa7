"""The capture that is being written: begin another, and how large one may get."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QInputDialog, QMessageBox, QWidget

from explorer.settings import Settings
from explorer.ui.units import count_text
from explorer.ui.workbench import Workbench


class PresentCapture(QObject):
    """Signal: new_wanted(): put the present capture away and begin another; the user agreed."""

    new_wanted = Signal()

    def __init__(self, workbench: Workbench, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._workbench = workbench
        self._settings = settings
        self._window = window

    @Slot()
    def ask_new(self) -> None:
        """Ask first when that closes connections of others."""
        bench = self._workbench
        count = sum(entry.open for one in bench.sockets for entry in bench.connections(one.number).values())
        if count == 0:
            self.new_wanted.emit()
            return
        button = QMessageBox.StandardButton
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("New capture")
        box.setText(f"A new capture closes {count_text(count, 'open connection')}.")
        box.setInformativeText("Sockets that run are started again on it; their peers have to connect again.")
        box.setStandardButtons(button.Ok | button.Cancel)
        box.accepted.connect(self.new_wanted)
        box.show()

    @Slot()
    def ask_limit(self) -> None:
        writer = self._workbench.reader.writer
        dialog = QInputDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setWindowTitle("Capture limit")
        dialog.setLabelText("A capture may take so many gigabytes of disk; then reading pauses:")
        dialog.setDoubleDecimals(1)
        dialog.setDoubleRange(0.1, 10_000)
        dialog.setDoubleValue((writer.quota if writer else 0) / 1e9)
        dialog.doubleValueSelected.connect(self._set_limit)
        dialog.show()

    @Slot(float)
    def _set_limit(self, gigabytes: float) -> None:
        """From now on, for later captures too; reading that was paused by the limit goes on."""
        self._settings.quota = round(gigabytes * 1e9)
        self._workbench.resume_capture(self._settings.quota)
