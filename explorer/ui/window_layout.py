"""What the window looks like is remembered: geometry, docks, splitter, theme, zoom, what was typed."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QSplitter

from explorer.settings import Settings

VERSION = 1  # of the saved layout
SIZES = (300, 270)  # heights of tables and bytes, in proportion


class WindowLayout:
    """Saves and restores one window's layout. Made when the window is put together, before it is shown."""

    def __init__(self, window: QMainWindow, splitter: QSplitter, settings: Settings) -> None:
        self._window = window
        self._splitter = splitter
        self._settings = settings
        splitter.setSizes(list(SIZES))
        self._first_state = window.saveState(VERSION)
        self._first_sizes = splitter.saveState()

    def restore(self) -> None:
        """As it was when the last window closed. Qt checks each blob and leaves out what makes no sense."""
        for name, put in (("geometry", self._window.restoreGeometry), ("splitter", self._splitter.restoreState)):
            blob = self._settings.blob(name)
            if blob is not None:
                put(blob)
        state = self._settings.blob("state")
        if state is not None:
            self._window.restoreState(state, VERSION)

    def remember(self, whole: bool) -> None:
        """whole: panes are shown, so their places count too."""
        self._settings.set_blob("geometry", self._window.saveGeometry())
        if whole:
            self._settings.set_blob("splitter", self._splitter.saveState())
            self._settings.set_blob("state", self._window.saveState(VERSION))

    def reset(self) -> None:
        """Every pane back to its place and size."""
        self._settings.forget_layout()
        self._window.restoreState(self._first_state, VERSION)
        self._splitter.restoreState(QByteArray(self._first_sizes))
        for dock in self._window.findChildren(QDockWidget):
            dock.show()
        self.fit_docks()

    def fit_docks(self) -> None:
        """Docks as wide as their text needs at the present zoom."""
        docks = self._window.findChildren(QDockWidget)
        wide = self._window.fontMetrics().averageCharWidth() * 50
        self._window.resizeDocks(docks, [wide] * len(docks), Qt.Orientation.Horizontal)
