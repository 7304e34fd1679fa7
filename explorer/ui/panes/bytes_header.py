"""The line above the bytes: whose they are, which direction, where the cursor stands."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from explorer.ui.theme import Theme, make_palette
from explorer.ui.widgets.byte_rows import WIDTHS
from explorer.ui.widgets.elided_label import ElidedLabel
from explorer.ui.widgets.flow_layout import FlowLayout

LONGEST_NAME = 32
"""Characters of a scope's name that are seen, about."""
SHORTEST_POSITION = 12
"""Characters of the cursor's place that are seen at least; with less room it takes a line of its own."""
_DIRECTIONS = (
    ("both", "Both", "Bytes received and bytes sent, in the order in which they came"),
    ("received", "← &Received", "Only bytes that were received"),
    ("sent", "→ Sent", "Only bytes that were sent"),
)


class BytesHeader(QWidget):
    """Signals: direction_chosen(str): both, received or sent. width_chosen(int): bytes a row."""

    direction_chosen = Signal(str)
    width_chosen = Signal(int)

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
        label = QLabel("B&ytes per row:")
        self.width_box = QComboBox()
        for width in WIDTHS:
            self.width_box.addItem(str(width), width)
        self.width_box.setCurrentIndex(WIDTHS.index(16))
        self.width_box.currentIndexChanged.connect(self._on_width)
        label.setBuddy(self.width_box)
        pair = QWidget()
        beside = QHBoxLayout(pair)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(label)
        beside.addWidget(self.width_box)
        row.addWidget(pair)
        self.find_button = self._tool("Find…", "Find text or bytes (Ctrl+F)")
        self.goto_button = self._tool("Go to…", "Go to an offset (Ctrl+G)")
        row.addWidget(self.find_button)
        row.addWidget(self.goto_button)
        row.addWidget(self._indexing)
        row.addWidget(self._position)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _tool(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text.replace("&", "").strip("←→… "))
        button.setAccessibleDescription(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    @property
    def position(self) -> str:
        return self._position.text()

    @property
    def scope(self) -> str:
        return self._scope.text()

    @property
    def indexing(self) -> str:
        return self._indexing.text()

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
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def set_indexing(self, text: str) -> None:
        if text != self._indexing.text():
            self._indexing.setText(text)

    @Slot(QAbstractButton)
    def _on_direction(self, button: QAbstractButton) -> None:
        self.direction_chosen.emit(button.property("direction"))

    @Slot()
    def _on_width(self) -> None:
        self.width_chosen.emit(self.width_box.currentData())

    @Slot()
    def _on_theme(self) -> None:
        muted = f"color: {self._theme.colors.muted}"
        self._position.setStyleSheet(muted)
        self._indexing.setStyleSheet(muted)
        self._position.setMinimumWidth(self._position.fontMetrics().averageCharWidth() * SHORTEST_POSITION)
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
