"""One of a few choices as a row of joined buttons. Tab comes to the chosen one, arrow keys go from one to the next.

No focus proxy here, nor on any other wrapper of controls: Qt's forward Tab takes a wrapper whose proxy can take the
keyboard, so it would throw the keyboard back into what it is about to leave.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from explorer.ui.theme import Theme


class SegmentedButtons(QWidget):
    """Signal: chosen(str): the user chose another value."""

    chosen = Signal(str)

    def __init__(
        self, name: str, choices: Sequence[tuple[str, str]], theme: Theme, parent: QWidget | None = None
    ) -> None:
        """choices: (value, label), the first is chosen."""
        super().__init__(parent)
        self._theme = theme
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        self.setAccessibleName(name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for value, label in choices:
            button = QPushButton(label)
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setAccessibleDescription(name)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self._group.addButton(button)
            self._buttons[value] = button
            layout.addWidget(button)
        first, last = next(iter(self._buttons.values())), list(self._buttons.values())[-1]
        first.setProperty("end", "left")
        last.setProperty("end", "right")
        first.setChecked(True)
        self._take_tab()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group.buttonToggled.connect(self._on_toggled)
        self._group.buttonClicked.connect(self._on_clicked)
        self._told = self.value
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @property
    def value(self) -> str:
        return next(value for value, button in self._buttons.items() if button.isChecked())

    def choose(self, value: str) -> None:
        """Show this choice, without telling anyone."""
        self._told = value
        self._buttons[value].setChecked(True)

    def buttons(self) -> list[QPushButton]:
        return list(self._buttons.values())

    def button(self, value: str) -> QPushButton:
        return self._buttons[value]

    @Slot(QAbstractButton)
    def _on_clicked(self, button: QAbstractButton) -> None:
        self._tell()

    @Slot(QAbstractButton, bool)
    def _on_toggled(self, button: QAbstractButton, checked: bool) -> None:
        if checked:
            self._take_tab()
            self._tell()

    def _take_tab(self) -> None:
        """Let Tab stop at the chosen button only."""
        for button in self._buttons.values():
            stops = button.isChecked()
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if stops else Qt.FocusPolicy.ClickFocus)

    def _tell(self) -> None:
        if self.value != self._told:
            self._told = self.value
            self.chosen.emit(self._told)

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        self.setStyleSheet(
            f"QPushButton {{ background: {colors.base}; color: {colors.text}; border: 1px solid {colors.border};"
            f" border-left-width: 0; padding: 3px 9px; border-radius: 0; }}"
            f"QPushButton[end='left'] {{ border-left-width: 1px;"
            f" border-top-left-radius: 3px; border-bottom-left-radius: 3px; }}"
            f"QPushButton[end='right'] {{ border-top-right-radius: 3px; border-bottom-right-radius: 3px; }}"
            f"QPushButton:checked {{ background: {colors.accent}; color: {colors.on_accent};"
            f" border-color: {colors.accent}; }}"
            f"QPushButton:hover:!checked {{ background: {colors.alternate}; }}"
            f"QPushButton:disabled {{ color: {colors.muted}; background: {colors.window}; }}"
            f"QPushButton:checked:disabled {{ color: {colors.window}; background: {colors.muted};"
            f" border-color: {colors.muted}; }}"
            f"QPushButton:focus {{ text-decoration: underline; border: 1px solid {colors.text}; }}"
        )
