"""Asks where to go in the stream that is shown, and goes there: an offset, a distance, or a time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from explorer.core.errors import InputError
from explorer.ui.go_to import EXAMPLES, Moment, parse_go_to, parse_offset
from explorer.ui.theme import Theme
from explorer.ui.widgets.typing_bar import TypingBar

__all__ = ["GotoBar", "parse_offset"]


class GotoBar(TypingBar):
    """Signals:
    chosen(object): go to this offset.
    moment_chosen(object): go to the call nearest to this time, in nanoseconds since the capture began.
    """

    chosen = Signal(object)  # an int that may be larger than a C int
    moment_chosen = Signal(object)

    def __init__(self, theme: Theme, size: Callable[[], int], parent: QWidget | None = None) -> None:
        """size: of the stream, in bytes."""
        super().__init__(theme, "Go to:", EXAMPLES, "Close Go to", parent)
        self._size = size
        self.cursor_offset: Callable[[], int] = lambda: 0
        """Where the cursor stands: +16 counts from there."""
        self.started: Callable[[], int] = lambda: 0
        """When the capture began: nanoseconds since 1970."""
        self.field.setToolTip(
            "An offset (500 or 0x1F4), a distance from the cursor (+16, -16) or from the end (end-16), a time since "
            "the capture began (t=1.5s), or a time by the clock (14:03:07)"
        )
        self.go_button = self._button("Go", "Go there (Enter)", self.go)
        self._add(self.go_button)
        self._add_space(3)
        self.note = QLabel()
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setWordWrap(True)
        self.note.hide()
        column = self.layout()
        assert column is not None
        column.addWidget(self.note)
        theme.changed.connect(self._color_note)
        self._color_note()

    def set_note(self, sentence: str) -> None:
        """What offsets count from, where rows show other ones; "" for nothing."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))
        self.field.setAccessibleDescription(sentence)

    @Slot()
    def _color_note(self) -> None:
        self.note.setStyleSheet(f"color: {self._theme.colors.muted}")

    def _enter(self, backwards: bool) -> None:
        self.go()

    @Slot()
    def go(self) -> None:
        """Go to what is typed, or say what is wrong with it."""
        try:
            place = parse_go_to(self.field.text(), self._size(), self.cursor_offset(), self.started())
        except InputError as error:
            self.say_problem(error.message)
            return
        self.say_problem("")
        if isinstance(place, Moment):
            self.moment_chosen.emit(place.time)
        else:
            self.chosen.emit(place)

    def say_problem(self, sentence: str) -> None:
        """What is wrong with what is typed; "" for nothing."""
        self._say_problem(sentence)
