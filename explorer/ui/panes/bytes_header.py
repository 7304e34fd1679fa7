"""The line above the bytes: whose they are, which direction, where the cursor stands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from explorer.ui.theme import Theme, make_palette
from explorer.ui.widgets.accessible_choice import make_choosable
from explorer.ui.widgets.byte_hints import CALL_LEGEND, MESSAGE_LEGEND, legend_of
from explorer.ui.widgets.byte_rows import WIDTHS
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import PlainCombo

LONGEST_NAME = 32
"""Characters of a scope's name that are seen, about."""
SHORTEST_POSITION = 52
"""Characters of the cursor's place that are seen at least; with less room it takes a line of its own."""
_DIRECTIONS = (
    ("both", "Both", "Bytes received and bytes sent, in the order in which they came"),
    ("received", "← &Received", "Only bytes that were received"),
    ("sent", "→ Sent", "Only bytes that were sent"),
)


_MOST_LINES = 2.5
"""Lines that may be taken; with more, what the window's menu offers too is left out here."""
FIT = 0
"""Stands for as many bytes a row as fit the pane."""
_ROWS = (
    ("continuous", "continuous", "Rows follow each other without a gap"),
    ("call", "per call", "Every recv and send begins a row, under a line that says which"),
    ("message", "per message", "Every message of the framing begins a row, under a line that says which"),
)
_COLORS = (
    ("direction", "By &direction", "Received and sent bytes have a colour each"),
    ("class", "By byte &class", "NUL, printable, white space, control and high bytes have a colour each"),
    ("message", "By &message", "Neighbouring messages differ"),
)


VIEW_TIP = "What is shown, and how"


class BytesHeader(QWidget):
    """Signals:
    direction_chosen(str): both, received or sent. width_chosen(int): bytes a row, or FIT.
    rows_chosen(str): continuous, call or message. view_chosen(str): the name of a page.
    color_chosen(str): direction, class or message. marks_chosen(): other borders are to be shown.

    view_menu: holds the rarer choices; others may be added.
    """

    direction_chosen = Signal(str)
    width_chosen = Signal(int)
    rows_chosen = Signal(str)
    view_chosen = Signal(str)
    color_chosen = Signal(str)
    marks_chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scope = ElidedLabel()
        self._scope.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        font = self._scope.font()
        font.setBold(True)
        self._scope.setFont(font)
        self._position = ElidedLabel()
        self._position.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._position.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._indexing = QLabel()
        self._fitted: tuple[object, ...] = ()
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        row = FlowLayout(self, gap=6, line_gap=2)
        row.setContentsMargins(0, 3, 0, 3)
        row.addWidget(self._scope)
        for name, text, tip in _DIRECTIONS:
            button = self._tool(text, tip)
            button.setCheckable(True)
            button.setProperty("direction", name)
            button.toggled.connect(self._show_checked)
            self._group.addButton(button)
            self._buttons[name] = button
            row.addWidget(button)
        self._buttons["both"].setChecked(True)
        self._group.buttonClicked.connect(self._on_direction)
        self.view_button = self._tool("View", VIEW_TIP)
        self.view_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.view_menu = QMenu(self)
        self.view_button.setMenu(self.view_menu)
        self._make_menu()
        self.marks_chosen.connect(self._show_legend)
        self._show_legend()
        row.addWidget(self.view_button)
        self.rows_box = PlainCombo()
        for name, text, tip in _ROWS:
            self.rows_box.addItem(text, name)
            self.rows_box.setItemData(self.rows_box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.rows_box.currentIndexChanged.connect(self._on_rows)
        row.addWidget(_labelled("Rows:", self.rows_box))
        self.width_box = PlainCombo()
        for width in WIDTHS:
            self.width_box.addItem(str(width), width)
        self.width_box.addItem("Fit", FIT)
        self.width_box.setCurrentIndex(WIDTHS.index(16))
        self.width_box.setToolTip("Bytes per row; Fit: as many as there is room for")
        self.width_box.currentIndexChanged.connect(self._on_width)
        row.addWidget(_labelled("&Width:", self.width_box))
        make_choosable(self)
        self.find_button = self._tool("Find…", "Find text or bytes (Ctrl+F)")
        self.goto_button = self._tool("Go to…", "Go to an offset (Ctrl+G)")
        row.addWidget(self.find_button)
        row.addWidget(self.goto_button)
        row.addWidget(self._indexing)
        row.addWidget(self._position)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _make_menu(self) -> None:
        menu = self.view_menu
        self._views = QActionGroup(self)
        self._views.triggered.connect(self._on_view)
        self._views_end = menu.addSeparator()
        self._views_end.setVisible(False)
        menu.setToolTipsVisible(True)
        self.call_marks = self._toggle("&Call borders", _sentence(CALL_LEGEND), True)
        self.message_marks = self._toggle("M&essage borders", _sentence(MESSAGE_LEGEND), False)
        menu.addSeparator()
        self._colors = QActionGroup(self)
        for name, text, tip in _COLORS:
            action = menu.addAction(f"Colour {text[0].lower()}{text[1:]}")
            action.setToolTip(tip)
            action.setStatusTip(tip)
            action.setCheckable(True)
            action.setChecked(name == "direction")
            action.setData(name)
            self._colors.addAction(action)
        self._colors.triggered.connect(self._on_color)

    def _toggle(self, text: str, tip: str, on: bool) -> QAction:
        action = self.view_menu.addAction(text)
        action.setToolTip(tip)
        action.setStatusTip(tip)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(self.marks_chosen)
        return action

    @property
    def legend(self) -> str:
        """What the borders mean that are shown."""
        return legend_of(self.call_marks.isChecked(), self.message_marks.isChecked())

    @Slot()
    def _show_legend(self) -> None:
        self.view_button.setToolTip("\n".join(filter(None, (VIEW_TIP, self.legend))))

    def set_views(self, views: Sequence[tuple[str, str]]) -> None:
        """Offer these pages, by name and title; the first is shown."""
        for name, title in views:
            action = QAction(title, self)
            action.setCheckable(True)
            action.setChecked(not self._views.actions())
            action.setData(name)
            self._views.addAction(action)
            self.view_menu.insertAction(self._views_end, action)
        self._views_end.setVisible(True)

    def _tool(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text.replace("&", "").strip("←→… "))
        button.setAccessibleDescription(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    @property
    def rows(self) -> str:
        return str(self.rows_box.currentData())

    @property
    def width_choice(self) -> int:
        return int(self.width_box.currentData())

    @property
    def color(self) -> str:
        return _checked(self._colors)

    @property
    def view(self) -> str:
        return _checked(self._views)

    def show_choices(self, rows: str, width: int, color: str, view: str) -> None:
        """Show these as chosen, and tell so; what does not exist is left out."""
        for box, value in ((self.rows_box, rows), (self.width_box, width)):
            if (at := box.findData(value)) >= 0:
                box.setCurrentIndex(at)
        for group, name in ((self._colors, color), (self._views, view)):
            for action in group.actions():
                if action.data() == name and not action.isChecked():
                    action.trigger()

    @property
    def position(self) -> str:
        return self._position.text()

    @property
    def scope(self) -> str:
        return self._scope.text()

    @property
    def indexing(self) -> str:
        return self._indexing.text()

    @property
    def indexing_tip(self) -> str:
        return self._indexing.toolTip()

    def button(self, direction: str) -> QToolButton:
        return self._buttons[direction]

    def set_direction(self, direction: str) -> None:
        self._buttons[direction].setChecked(True)

    def set_scope(self, text: str) -> None:
        if text != self._scope.text():
            self._scope.setText(text)
            self._fit_scope()
            self._fit_height()

    def set_position(self, text: str) -> None:
        self._position.setText(text)

    def _fit_scope(self) -> None:
        """As wide as the name, up to a limit."""
        metrics = self._scope.fontMetrics()
        widest = metrics.averageCharWidth() * LONGEST_NAME
        self._scope.setFixedWidth(min(widest, metrics.horizontalAdvance(self._scope.text()) + 4))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        """A splitter knows nothing of lines that wrap: as high as they are now, at least."""
        lines = self.fontMetrics().height(), self._scope.text(), self.width()
        if lines != self._fitted:
            self._fitted = lines
            self._show_more(True)
            if self.heightForWidth(self.width()) > _MOST_LINES * self.find_button.sizeHint().height():
                self._show_more(False)
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def _show_more(self, visible: bool) -> None:
        """The buttons that stand in the window's menu, too."""
        for button in (self.find_button, self.goto_button):
            button.setVisible(visible)

    def set_indexing(self, text: str, tip: str = "") -> None:
        if text != self._indexing.text():
            self._indexing.setText(text)
            self._indexing.setToolTip(tip)

    @Slot(QAbstractButton)
    def _on_direction(self, button: QAbstractButton) -> None:
        self.direction_chosen.emit(button.property("direction"))

    @Slot()
    def _on_rows(self) -> None:
        self.rows_chosen.emit(self.rows)

    @Slot(QAction)
    def _on_view(self, action: QAction) -> None:
        self.view_chosen.emit(action.data())

    @Slot(QAction)
    def _on_color(self, action: QAction) -> None:
        self.color_chosen.emit(action.data())

    @Slot()
    def _on_width(self) -> None:
        self.width_chosen.emit(self.width_box.currentData())

    @Slot()
    def _on_theme(self) -> None:
        muted = f"color: {self._theme.colors.muted}"
        self._position.setStyleSheet(muted)
        self._indexing.setStyleSheet(muted)
        characters = SHORTEST_POSITION / max(1.0, self._theme.zoom) ** 2
        self._position.setMinimumWidth(round(self._position.fontMetrics().averageCharWidth() * characters))
        self._show_checked()
        self._fit_scope()
        self._fit_height()

    @Slot()
    def _show_checked(self) -> None:
        """The chosen direction in the accent colour: pressed or not is hard to see in the dark palette."""
        colors = self._theme.colors
        for button in self._buttons.values():
            palette = make_palette(colors)
            if button.isChecked():
                palette.setColor(QPalette.ColorRole.Button, QColor(colors.accent))
                palette.setColor(QPalette.ColorRole.ButtonText, QColor(colors.on_accent))
            button.setPalette(palette)


def _labelled(text: str, box: PlainCombo) -> QWidget:
    """A choice with its label beside it."""
    label = QLabel(text)
    label.setBuddy(box)
    pair = QWidget()
    beside = QHBoxLayout(pair)
    beside.setContentsMargins(0, 0, 0, 0)
    beside.addWidget(label)
    beside.addWidget(box)
    return pair


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _checked(group: QActionGroup) -> str:
    action = group.checkedAction()
    return str(action.data()) if action is not None else ""
