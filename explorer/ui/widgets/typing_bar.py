"""A line above the bytes into which something is typed: opened by a key, carried out by Enter, closed by Esc."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.ui.theme import Theme


class TypingBar(QWidget):
    """What finding and going to an offset have in common. A bar says what Enter does, and what to forget.

    Signal: closed(): the user is done.
    """

    closed = Signal()

    def __init__(
        self, theme: Theme, caption: str, placeholder: str, close_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        label = QLabel(caption)
        self.field = QLineEdit()
        self.field.setPlaceholderText(placeholder)
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(100)
        self.field.textChanged.connect(self._on_edited)
        label.setBuddy(self.field)
        self.problem = QLabel()
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setWordWrap(True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem.hide()
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.setAccessibleName(close_name)
        self._close.setToolTip("Close (Esc)")
        self._close.clicked.connect(self.close_bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 2, 6, 2)
        column.setSpacing(2)
        self._row = QHBoxLayout()
        column.addLayout(self._row)
        column.addWidget(self.problem)
        self._row.addWidget(label)
        self._row.addWidget(self.field, 2)
        self._row.addWidget(self._close)
        theme.changed.connect(self._color_problem)
        self._color_problem()
        self.hide()

    def _add(self, *widgets: QWidget, stretch: int = 0) -> None:
        """Put widgets before the button that closes the bar, for the eye and for Tab."""
        for widget in widgets:
            self._row.insertWidget(self._row.count() - 1, widget, stretch)
            self.setTabOrder(widget, self._close)

    def _add_space(self, stretch: int) -> None:
        self._row.insertStretch(self._row.count() - 1, stretch)

    def _button(self, text: str, tip: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    # -- what a bar says itself -------------------------------------------------------------------

    def _enter(self, backwards: bool) -> None:
        """Enter was pressed, with Shift when backwards."""
        raise NotImplementedError

    def _forget(self) -> None:
        """What was typed before counts no more."""
        self._say_problem("")

    # -- the same for all -------------------------------------------------------------------------

    def open_bar(self) -> None:
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    @Slot()
    def close_bar(self) -> None:
        self._forget()
        self.hide()
        self.closed.emit()

    def _say_problem(self, sentence: str) -> None:
        """What is wrong, in the line below the field; "" for nothing."""
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    @Slot()
    def _on_edited(self) -> None:
        self._forget()

    @Slot()
    def _color_problem(self) -> None:
        self.problem.setStyleSheet(f"color: {self._theme.colors.error}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QAbstractButton):
                focused.click()
            else:
                self._enter(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)
