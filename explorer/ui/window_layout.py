"""What the window looks like is remembered: geometry, docks, splitter, theme, zoom, what was typed."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow

from explorer.settings import Settings
from explorer.ui.widgets.pane_column import RowSplitter

VERSION = 2  # of the saved layout
LEAST_SIZE, LARGEST = QSize(1024, 700), QSize(1500, 960)  # of a first window
ROOM = 0.95, 0.9  # of the screen's width and height that a first window takes at most; it has a frame around it
SIZES = (300, 270)  # heights of tables and bytes, in proportion
WIDTH = 50  # of a dock, in average characters
RIGHT_WIDTH = 68  # of one at the right, where there is room: the Inspector then shows 64 bits twice, side by side
LEAST = 24  # of a dock at the right that gives way
BASE_SHARE, BASE_LEAST = 0.45, 0.3  # of the window's height: what docks along the bottom take at most; and keep
MIDDLE = 119  # of what stands between the docks, so that 16 bytes a row are seen as hex and as text


PLACE = "place"
"""The property of a dock that tells its place among them all; Qt lists them as they were last raised."""


def docks_of(window: QMainWindow) -> list[QDockWidget]:
    """In the order of the pane list."""
    docks = [dock for dock in window.findChildren(QDockWidget) if dock.property(PLACE) is not None]
    return sorted(docks, key=lambda dock: int(dock.property(PLACE)))


class Room(Protocol):
    def set_scrolls(self, scrolls: bool) -> None:
        """Whether the middle may get less room than it needs."""

    def settle(self) -> None:
        """Let the window know the present least size."""


class Middle(Protocol):
    """What stands between the docks. kept_height: pixels with which what is needed most of it is seen. room: where
    it stands."""

    splitter: RowSplitter

    @property
    def room(self) -> Room: ...

    @property
    def kept_height(self) -> int: ...


class WindowLayout:
    """Saves and restores one window's layout. Made when the window is put together, before it is shown."""

    def __init__(self, window: QMainWindow, middle: Middle, settings: Settings) -> None:
        self._window = window
        self._middle = middle
        splitter = middle.splitter
        self._base_height = 0  # of docks along the bottom, as the user wants it; 0: not known yet
        self._splitter = splitter
        self._settings = settings
        self._taken = 0  # pixels that docks at the right gave to the middle
        self._chosen = QSize()  # of the window, before its text needed more
        self._given = QSize()  # that it was given last for its text
        splitter.setSizes(list(SIZES))
        self._first_state = window.saveState(VERSION)
        self._first_sizes = splitter.saveState()

    def restore(self) -> None:
        """As it was when the last window closed, or as large as is good. Qt checks each blob and leaves out what
        makes no sense."""
        room = QGuiApplication.primaryScreen().availableSize()
        fitting = QSize(int(room.width() * ROOM[0]), int(room.height() * ROOM[1]))
        self._window.resize(fitting.boundedTo(LARGEST).expandedTo(LEAST_SIZE))
        for name, put in (("geometry", self._window.restoreGeometry), ("splitter", self._splitter.restoreState)):
            blob = self._settings.blob(name)
            if blob is not None:
                put(blob)
        state = self._settings.blob("state")
        if state is not None and self._window.restoreState(state, VERSION):
            self._place_new(state)

    def _place_new(self, state: QByteArray) -> None:
        """Docks that a layout of an earlier version does not know: Qt would put them beside the others."""
        docks = docks_of(self._window)
        for dock in docks:
            if dock.objectName().encode("utf-16-be") in state.data():  # as QDataStream writes a text
                continue
            area = self._window.dockWidgetArea(dock)
            others = [one for one in docks if one is not dock and self._window.dockWidgetArea(one) is area]
            if others:
                self._window.tabifyDockWidget(others[0], dock)
            dock.setHidden(self._at_base(dock))

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
            dock.setHidden(self._at_base(dock))
        self._base_height = 0
        self.raise_first()
        self.fit_docks()

    # -- the window's size ------------------------------------------------------------------------

    def resized(self, before: QSize, now: QSize) -> None:
        """The window has another size: because somebody wanted so, or because its content needs at least that."""
        grown = before.isValid() and now == before.expandedTo(self._window.minimumSize())
        if not ((grown or now == self._given) and self._chosen.isValid()):
            self._chosen = now
        self.make_room()

    @property
    def has_grown(self) -> bool:
        """Whether the window is larger than somebody wanted it, for its content."""
        size = self._window.size()
        return self._chosen.isValid() and size != self._chosen and size == size.expandedTo(self._chosen)

    def give_back(self) -> None:
        """The text has another size: the window takes no more room than it needs beyond what it had before."""
        window = self._window
        self._middle.room.settle()
        wanted = self._chosen.expandedTo(window.minimumSizeHint())
        if self._chosen.isValid() and not (window.isMaximized() or window.isFullScreen()) and window.size() != wanted:
            self._given = wanted
            window.resize(wanted)

    # -- docks ------------------------------------------------------------------------------------

    def raise_first(self) -> None:
        """Of the docks that share a place, the first of the pane list in front."""
        for dock in reversed(docks_of(self._window)):
            dock.raise_()

    def fit_docks(self) -> None:
        """Docks as wide as their text needs at the present zoom; those at the right less where there is no room."""
        docks = [dock for dock in self._window.findChildren(QDockWidget) if not self._at_base(dock)]
        character = self._window.fontMetrics().averageCharWidth()
        wide, room = character * RIGHT_WIDTH, self._window.width() - character * (WIDTH + MIDDLE)
        narrow = max(character * LEAST, min(wide, room))
        self._taken = wide - narrow
        widths = [narrow if self._at_right(dock) else character * WIDTH for dock in docks]
        self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)
        self.make_room()

    def _at_right(self, dock: QDockWidget) -> bool:
        return self._window.dockWidgetArea(dock) is Qt.DockWidgetArea.RightDockWidgetArea and not dock.isFloating()

    def _at_base(self, dock: QDockWidget) -> bool:
        return self._window.dockWidgetArea(dock) is Qt.DockWidgetArea.BottomDockWidgetArea

    def make_room(self) -> None:
        """The window or its text has another size: where the middle would get too narrow, the docks at the right
        give way, and come back when there is room again. So do those along the bottom where it gets too low."""
        self._middle.room.set_scrolls(any(self._beside_middle(dock) for dock in docks_of(self._window)))
        self._fit_base()
        right = [dock for dock in self._window.findChildren(QDockWidget) if self._at_right(dock)]
        seen = next((dock for dock in right if not dock.visibleRegion().isEmpty()), None)
        middle = self._window.centralWidget()
        if seen is None or middle is None:
            return
        character = self._window.fontMetrics().averageCharWidth()
        lacking = character * MIDDLE - middle.width()
        width = seen.width()
        if lacking > 0:
            change = -max(0, min(lacking, width - max(seen.minimumWidth(), character * LEAST)))
        else:
            change = min(-lacking, self._taken)
        if change:
            self._taken -= change
            self._window.resizeDocks([seen], [width + change], Qt.Orientation.Horizontal)

    def let_come(self, dock: QDockWidget) -> None:
        """A dock is about to be shown. For one along the bottom the middle gives way; when it learned that later, the
        window would have got larger already."""
        if self._at_base(dock) and not dock.isFloating():
            self._middle.room.set_scrolls(True)

    def _beside_middle(self, dock: QDockWidget) -> bool:
        """Whether it takes height from the middle, in front or in a tab behind."""
        return self._at_base(dock) and not dock.isFloating() and not dock.isHidden()

    def _fit_base(self) -> None:
        """Docks along the bottom as high as the user wants them, as far as the middle can do without."""
        seen = self._seen_at_base()
        middle = self._window.centralWidget()
        if seen is None or middle is None:
            return
        height = self._window.height()
        room = min(round(height * BASE_SHARE), middle.height() + seen.height() - self._middle.kept_height)
        if not self._base_height:  # where it has less than it wants for want of room, that is not the user's wish
            hint = seen.sizeHint().height()
            self._base_height = max(seen.height(), hint) if room < hint else seen.height()
        wanted = min(self._base_height, max(room, round(height * BASE_LEAST)))
        if wanted != seen.height():
            self._window.resizeDocks([seen], [wanted], Qt.Orientation.Vertical)

    def dragged(self) -> None:
        """The user moved the edge of a dock: that is how high those along the bottom are to be."""
        seen = self._seen_at_base()
        if seen is not None:
            self._base_height = seen.height()

    def _seen_at_base(self) -> QDockWidget | None:
        docks = [dock for dock in docks_of(self._window) if self._at_base(dock) and not dock.isFloating()]
        return next((dock for dock in docks if not dock.visibleRegion().isEmpty()), None)
