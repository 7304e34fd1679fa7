"""Where a dock or a tab holds its pane, which may be made only when it is first looked at.

A pane that is made late takes the place in the order of Tab that it would have had from the start.
"""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractButton, QDockWidget, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.icons import themed_icon
from explorer.ui.panes.registry import PaneSpec
from explorer.ui.theme import Theme
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.workbench import Workbench

BASE_LINES = 20
"""Lines of text that a dock along the bottom is high at first; of a pane that was made, its size hint counts."""
LEAST_LINES = 2
"""To which the user can make it smaller."""
TITLE_BUTTONS = {"qt_dockwidget_floatbutton": "float", "qt_dockwidget_closebutton": "close"}
"""Icons of a dock's title, by Qt's names of the buttons."""


class _StandIn(QWidget):
    """Stands where a pane will stand."""

    def sizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().lineSpacing() * BASE_LINES)


class PaneDock(QDockWidget):
    """A dock at the left or right, as narrow as the user makes it, or along the bottom. Its pane is its widget."""

    def __init__(self, spec: PaneSpec, workbench: Workbench, theme: Theme) -> None:
        super().__init__(spec.title)
        self._spec, self._workbench, self._theme = spec, workbench, theme
        self._made: QWidget | None = None
        self.setObjectName(f"dock_{spec.name}")
        for changed in (theme.changed, self.topLevelChanged, self.featuresChanged):  # Qt puts its own icons there then
            changed.connect(self._show_buttons)
        self._show_buttons()
        if spec.late:
            self._put(_StandIn())
            # While docks are arranged, Qt says of each in turn that it can be seen: what counts is where that ends.
            self._look_soon = QTimer(self)
            self._look_soon.setSingleShot(True)
            self._look_soon.timeout.connect(self._look)
            self.visibilityChanged.connect(self._on_visible)
        else:
            _ = self.pane

    @property
    def pane(self) -> QWidget:
        """It is made now if it was not yet."""
        if self._made is None:
            self._made = self._spec.make(self._workbench, self._theme)
            stand_in = self.widget()
            self._put(self._made)
            if self._spec.late:
                join_tab_order(self._made, self)
                make_choosable(self._made)
                stand_in.deleteLater()
        return self._made

    @property
    def is_made(self) -> bool:
        return self._made is not None

    def _put(self, widget: QWidget) -> None:
        if self._spec.area == "base":
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            widget.setMinimumHeight(self.fontMetrics().lineSpacing() * LEAST_LINES)
        else:
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setWidget(widget)
        if self.isVisible():
            widget.show()

    @Slot()
    def _show_buttons(self) -> None:
        """Buttons of the title in the colour of its words: those of Fusion are nearly black in every theme."""
        for button, icon in TITLE_BUTTONS.items():
            found = self.findChild(QAbstractButton, button, Qt.FindChildOption.FindDirectChildrenOnly)
            if found is not None:
                found.setIcon(themed_icon(icon, self._theme))

    @Slot(bool)
    def _on_visible(self, visible: bool) -> None:
        if visible and not self.is_made:
            self._look_soon.start()

    @Slot()
    def _look(self) -> None:
        """Qt does not hide the docks that stand behind others."""
        if not self.visibleRegion().isEmpty():
            _ = self.pane


class PanePage(QWidget):
    """What a tab shows: its pane and nothing else."""

    def __init__(self, spec: PaneSpec, workbench: Workbench, theme: Theme) -> None:
        super().__init__()
        self._spec, self._workbench, self._theme = spec, workbench, theme
        self._made: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        if not spec.late:
            _ = self.pane

    @property
    def pane(self) -> QWidget:
        """It is made now if it was not yet."""
        if self._made is None:
            self._made = self._spec.make(self._workbench, self._theme)
            self._column.addWidget(self._made)
            if self._spec.late:
                join_tab_order(self._made, self)
                make_choosable(self._made)
        return self._made

    @property
    def is_made(self) -> bool:
        return self._made is not None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.pane.show()
        self._column.activate()  # in its size before it is painted


def join_tab_order(pane: QWidget, place: QWidget) -> None:
    """Let Tab come to the controls of `pane` where `place` stands, rather than behind all that was made before.

    Qt's own list of where Tab goes is not walked: PySide takes what `nextInFocusChain` returns for a child of the
    widget it was asked of, and so lets the wrong widgets go when that one goes.
    """
    inside = [
        control
        for control in pane.findChildren(QWidget)
        if control.focusPolicy() & Qt.FocusPolicy.TabFocus
        and control.focusProxy() is None
        and control.window() is place.window()  # no list that drops down
    ]
    policy = place.focusPolicy()
    place.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # else Qt puts nothing behind it
    for before, behind in pairwise([place, *inside]):
        QWidget.setTabOrder(before, behind)
    place.setFocusPolicy(policy)
