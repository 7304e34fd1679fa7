"""Where a dock or a tab holds its pane, which may be made only when it is first looked at.

A pane that is made late takes the place in the order of Tab that it would have had from the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDockWidget,
    QFrame,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

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


class _Whole(QWidget):
    """Holds a pane and is never lower than the pane can be, with some lines of what it shows.

    It has no layout: of one with texts that wrap, a scroll area wants all the height that would be good to have.
    """

    def __init__(self, pane: QWidget, lines: int) -> None:
        super().__init__()
        self._pane, self._lines = pane, lines

    def begin(self) -> None:
        self._pane.setParent(self)
        self._pane.setGeometry(self.rect())
        self._pane.show()

    def minimumSizeHint(self) -> QSize:
        return self._pane.minimumSizeHint().expandedTo(QSize(0, self.fontMetrics().lineSpacing() * self._lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._pane.setGeometry(self.rect())

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)


class BaseScroll(QScrollArea):
    """Where a dock along the bottom is lower than its pane can be, the pane scrolls: nothing in it is painted over
    something else, and what has the keyboard is seen."""

    def __init__(self, pane: QWidget, lines: int) -> None:
        """lines: of text that the pane is high at least."""
        super().__init__()
        self._pane = pane
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._whole = _Whole(pane, lines)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus)

    def begin(self) -> None:
        """Show the pane, once this stands in its dock: so the pane hears where it comes to be."""
        self.setWidget(self._whole)
        self._whole.begin()

    def sizeHint(self) -> QSize:
        return self._pane.sizeHint()

    @Slot(QWidget, QWidget)
    def _on_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._pane.isAncestorOf(now):
            self.ensureWidgetVisible(now, 0, self.fontMetrics().lineSpacing() // 2)


class PaneDock(QDockWidget):
    """A dock at the left or right, as narrow as the user makes it, or along the bottom. Its pane is its widget.

    Signals: dragged(): it got another size while the mouse is pressed, as by its edge. coming(PaneDock): it is about
    to be shown.
    """

    dragged = Signal()
    coming = Signal(object)

    def __init__(self, spec: PaneSpec, workbench: Workbench, theme: Theme) -> None:
        super().__init__(spec.title)
        self._spec, self._workbench, self._theme = spec, workbench, theme
        self._made: QWidget | None = None
        self.setObjectName(f"dock_{spec.name}")
        self._icons: Mapping[str, QIcon] = {}
        for changed in (self.topLevelChanged, self.featuresChanged):  # Qt puts its own icons there then
            changed.connect(self._show_icons)
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
            lines = getattr(self._made, "LEAST_LINES", 0)
            if self._spec.area == "base" and lines:
                scroll = BaseScroll(self._made, lines)
                self._put(scroll)
                scroll.begin()
            else:
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

    def setVisible(self, visible: bool) -> None:
        if visible and self.isHidden():
            self.coming.emit(self)
        super().setVisible(visible)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            self.dragged.emit()

    def take_icons(self, icons: Mapping[str, QIcon]) -> None:
        """Icons for the buttons of the title, by Qt's names of these: those of Fusion are dark in every theme."""
        self._icons = icons
        self._show_icons()

    @Slot()
    def _show_icons(self) -> None:
        for name, icon in self._icons.items():
            button = self.findChild(QAbstractButton, name, Qt.FindChildOption.FindDirectChildrenOnly)
            if button is not None:
                button.setIcon(icon)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_icons()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._show_icons()

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
