"""The panes in their areas of the window, and how the keyboard comes to each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QFrame, QMainWindow, QMenu, QScrollArea, QTabWidget, QWidget

from explorer.ui.pane_places import PaneDock, PanePage
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.calls_pane import CallsPane
from explorer.ui.panes.registry import PANES, PaneSpec
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.pane_column import BYTE_ROWS, KEPT_ROWS, TABLE_ROWS, PaneColumn, RowSplitter
from explorer.ui.window_layout import PLACE, docks_of
from explorer.ui.workbench import Workbench

MIDDLE_LINES = 6  # of text that the middle is high at least beside a dock along the bottom
P = TypeVar("P", bound=QWidget)

SIDES = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "base": Qt.DockWidgetArea.BottomDockWidgetArea,
}


class _Middle(QWidget):
    """What stands between the docks. While it may scroll, it is as high as what is needed most of it."""

    def __init__(self) -> None:
        super().__init__()
        self.scrolls = False

    def minimumSizeHint(self) -> QSize:
        least, column = super().minimumSizeHint(), self.layout()
        if not self.scrolls or not isinstance(column, PaneColumn):
            return least
        return least.expandedTo(QSize(0, column.kept_height))


class MiddleRoom(QScrollArea):
    """Without docks along the bottom, the middle is never lower than it can be. With one, it gives way: what has no
    room then (the bytes, and what is to be sent) is scrolled to, and comes into sight with the keyboard."""

    def __init__(self, middle: _Middle) -> None:
        super().__init__()
        self._middle = middle
        self.setWidget(middle)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    def set_scrolls(self, scrolls: bool) -> None:
        """Whether the middle may get less room than it needs."""
        if scrolls == self._middle.scrolls:
            return
        self._middle.scrolls = scrolls
        self._middle.updateGeometry()
        self.settle()

    def settle(self) -> None:
        """Let everything around hold to the least size that there is now, at once: Qt tells it step by step."""
        self.updateGeometry()
        around = self.parentWidget()
        while around is not None:
            if (layout := around.layout()) is not None:
                layout.activate()
            around = around.parentWidget()

    def sizeHint(self) -> QSize:
        return self._middle.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """The scroll bar is not counted: a window as narrow as it can be is no wider for a dock along the bottom."""
        least = self._middle.minimumSizeHint()
        return QSize(least.width(), self.fontMetrics().lineSpacing() * MIDDLE_LINES) if self._middle.scrolls else least

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()  # what it holds needs another room
        return super().event(event)

    @Slot(QWidget, QWidget)
    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._middle.isAncestorOf(now):
            self.ensureWidgetVisible(now, 0, self.fontMetrics().lineSpacing() // 2)


class PaneAreas(Mapping[str, QWidget]):
    """The window's panes by name. Asking for one that is made late makes it.

    middle: what stands between the docks; room: where it stands, and scrolls while a dock along the bottom leaves it
    too little; splitter: in it, the tables and the areas below them; tables: the tabs; dock_menu: shows and hides the
    docks.
    """

    def __init__(self, window: QMainWindow, workbench: Workbench, theme: Theme) -> None:
        """Without an engine, panes that need one are left out."""
        self._window = window
        self._places: dict[str, QWidget | PaneDock | PanePage] = {}
        self.dock_menu = QMenu("&Docks", window)
        self.tables = QTabWidget()
        self.tables.setDocumentMode(True)
        self.tables.setAccessibleName("Calls and messages")
        self.tables.tabBar().setAccessibleName("Calls and messages")
        self.splitter = RowSplitter()
        self.splitter.addWidget(self.tables)
        self.splitter.setStretchFactor(0, 3)
        self.middle = _Middle()
        self.room = MiddleRoom(self.middle)
        self._column = PaneColumn(self.middle, self.splitter)
        self._column.addWidget(self.splitter, 1)
        for spec in PANES:
            if not (spec.live and workbench.viewing):
                self._add(spec, workbench, theme)
        # One line is the framing above the messages.
        self.splitter.want_rows(self.tables, self.get_as(CallsPane, "calls").table, TABLE_ROWS, lines=1, keep=KEPT_ROWS)
        self.splitter.want_rows(self["bytes"], self.get_as(BytesPane, "bytes").view, BYTE_ROWS)
        if "send" in self:
            self._column.keep_line(self["send"])
        settings = self.get_as(SettingsPane, "settings")
        settings.rows_wanted.connect(self._column.set_rows_first)
        self._column.spare_changed.connect(settings.set_spare, Qt.ConnectionType.QueuedConnection)

    def _add(self, spec: PaneSpec, workbench: Workbench, theme: Theme) -> None:
        if spec.area in SIDES:
            dock = self._places[spec.name] = PaneDock(spec, workbench, theme)
            self._add_dock(dock, SIDES[spec.area])
        elif spec.area == "tables":
            page = self._places[spec.name] = PanePage(spec, workbench, theme)
            self.tables.addTab(page, spec.title)
        else:
            assert not spec.late, "only docks and tabs can wait until they are looked at"
            pane = self._places[spec.name] = spec.make(workbench, theme)
            if spec.area == "top":
                self._column.insertWidget(self._column.indexOf(self.splitter), pane)
            elif spec.area == "bottom":
                self._column.addWidget(pane)
            else:
                self.splitter.addWidget(pane)
                self.splitter.setStretchFactor(self.splitter.count() - 1, spec.stretch)

    def _add_dock(self, dock: PaneDock, side: Qt.DockWidgetArea) -> None:
        """Docks of one side share a place, the first of the pane list in front; those of the base are hidden."""
        beside = [one for one in docks_of(self._window) if self._window.dockWidgetArea(one) is side]
        dock.setProperty(PLACE, len(self._places))
        self._window.addDockWidget(side, dock)
        if beside:
            self._window.tabifyDockWidget(beside[-1], dock)
            beside[0].raise_()
        if side is SIDES["base"]:
            dock.hide()
            # Else Qt gives it all that the window has to spare while it is put together.
            self._window.resizeDocks([dock], [dock.sizeHint().height()], Qt.Orientation.Vertical)
        self.dock_menu.addAction(dock.toggleViewAction())

    @property
    def kept_height(self) -> int:
        """Pixels that the middle needs to show what is needed most."""
        return self._column.kept_height

    def show_keys(self, keys: Mapping[str, QAction]) -> None:
        """Let the menu of docks show the keys that lead to each of them. keys: the actions that do, by pane."""
        for name, place in self._places.items():
            if isinstance(place, PaneDock) and name in keys:
                action = place.toggleViewAction()
                action.setShortcut(keys[name].shortcut())
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # seen, and left to the action that has it

    # -- by name ----------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> QWidget:
        place = self._places[name]
        return place.pane if isinstance(place, PaneDock | PanePage) else place

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def get_as(self, kind: type[P], name: str) -> P:
        """The pane of this name, which is of this class."""
        pane = self[name]
        assert isinstance(pane, kind)
        return pane

    def is_made(self, name: str) -> bool:
        """Whether it was looked at, or asked for, already."""
        place = self._places[name]
        return place.is_made if isinstance(place, PaneDock | PanePage) else True

    def is_dock(self, name: str) -> bool:
        """Whether it stands beside the middle, and can be seen without it."""
        return isinstance(self._places[name], PaneDock)

    # -- bringing them to the front -----------------------------------------------------------------

    def bring_to_front(self, name: str) -> None:
        """Let it be seen, if it is a dock or a tab."""
        place = self._places[name]
        if isinstance(place, PanePage):
            self.tables.setCurrentWidget(place)
        elif isinstance(place, PaneDock):
            place.show()
            place.raise_()

    def focus(self, name: str) -> None:
        """Move the keyboard to a pane, bringing it to the front."""
        self.bring_to_front(name)
        pane = self[name]
        if hasattr(pane, "focus_first"):
            pane.focus_first()
        else:
            pane.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_filter(self) -> None:
        """Move the keyboard to the filter of the table that is shown, if it has one."""
        page = self.tables.currentWidget()
        if isinstance(page, PanePage) and hasattr(page.pane, "focus_filter"):
            page.pane.focus_filter()
