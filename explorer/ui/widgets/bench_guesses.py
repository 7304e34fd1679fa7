"""Likely framings on the bench: each with its reason, to be looked at in a column or used by the socket at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from explorer.core.socket_spec import Choice
from explorer.ui.icons import themed_icon
from explorer.ui.models.bench_choices import same_framing
from explorer.ui.theme import Theme
from explorer.ui.widgets.inputs import make_bold

if TYPE_CHECKING:
    from explorer.wire.framing.guess import Guess

WIDTH = 34  # characters


class GuessCard(QFrame):
    """Signals: show_wanted(), use_wanted()."""

    show_wanted = Signal()
    use_wanted = Signal()

    def __init__(self, guess: Guess, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.guess = guess
        self._theme = theme
        self.setObjectName("guess")
        self.label = _words(guess.label)
        self.reason = _words(guess.reason)
        self.show_button = QPushButton("Show")
        self.show_button.setAccessibleName(f"Show {guess.label}")
        self.show_button.setToolTip("See its messages in a column")
        self.use_button = QPushButton("Use")
        self.use_button.setToolTip("Let the socket have this framing; Ctrl+Z takes it back")
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.show_button)
        buttons.addWidget(self.use_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addWidget(self.label)
        column.addWidget(self.reason)
        column.addLayout(buttons)
        self.show_button.clicked.connect(self.show_wanted)
        self.use_button.clicked.connect(self.use_wanted)
        self.on_theme()

    def show_used(self, own: Choice | None) -> None:
        """own: the socket's framing now."""
        used = own is not None and same_framing(own, self.guess.choice)
        self.use_button.setText("In use" if used else "Use")
        self.use_button.setAccessibleName(f"{'In use:' if used else 'Use'} {self.guess.label}")

    def on_theme(self) -> None:
        colors = self._theme.colors
        make_bold(self.label)
        self.setStyleSheet(
            f"#guess {{ background: {colors.base}; border: 1px solid {colors.border}; border-radius: 4px; }}"
            f"#guess QLabel {{ color: {colors.text}; }}"
        )


class GuessList(QWidget):
    """Signals:
    show_wanted(Choice), use_wanted(Choice): the user pressed a button of one of them.
    closed(): the list was put away. cancel_wanted(): the guess under way is to stop.
    filled(): others are listed now.
    """

    show_wanted = Signal(object)
    use_wanted = Signal(object)
    closed = Signal()
    cancel_wanted = Signal()
    filled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.cards: list[GuessCard] = []
        self.setAccessibleName("Likely framings")
        self.title = QLabel("Likely framings")
        self.sentence = _words("")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setAccessibleName("Cancel guessing")
        self.close_button = QToolButton()
        self.close_button.setAutoRaise(True)
        self.close_button.setAccessibleName("Close likely framings")
        self.close_button.setToolTip("Put this list away")
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self._lay_out()
        self.close_button.clicked.connect(self.closed)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.cancel_button)
        head.addWidget(self.close_button)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(self.sentence)
        inner.addLayout(self._list)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(scroll, 1)

    def stops(self) -> list[QWidget]:
        """Where Tab comes to, in order."""
        buttons = [button for card in self.cards for button in (card.show_button, card.use_button)]
        return [self.cancel_button, self.close_button, *buttons]

    def show_working(self, sentence: str) -> None:
        """A guess is under way."""
        self.show_guesses((), sentence, None)
        self.cancel_button.show()

    def show_guesses(self, guesses: Sequence[Guess], sentence: str, own: Choice | None) -> None:
        """sentence: above them, or in their place. own: the socket's framing."""
        self.cancel_button.hide()
        for card in self.cards:
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [GuessCard(guess, self._theme) for guess in guesses]
        for card in self.cards:
            self._list.addWidget(card)
            card.show_wanted.connect(self._on_show)
            card.use_wanted.connect(self._on_use)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.setAccessibleDescription("\n".join([sentence, *(f"{one.label}: {one.reason}" for one in guesses)]))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        self.show_used(own)
        self.filled.emit()

    def show_used(self, own: Choice | None) -> None:
        """own: the socket's framing now."""
        for card in self.cards:
            card.show_used(own)

    @Slot()
    def _on_show(self) -> None:
        card = self.sender()
        if isinstance(card, GuessCard):
            self.show_wanted.emit(card.guess.choice)

    @Slot()
    def _on_use(self) -> None:
        card = self.sender()
        if isinstance(card, GuessCard):
            self.use_wanted.emit(card.guess.choice)

    @Slot()
    def _on_theme(self) -> None:
        make_bold(self.title)
        self.close_button.setIcon(themed_icon("close", self._theme))
        self.close_button.setIconSize(QSize(1, 1) * self.fontMetrics().height())
        for card in self.cards:
            card.on_theme()
        self.setFixedWidth(self.fontMetrics().averageCharWidth() * WIDTH)


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
