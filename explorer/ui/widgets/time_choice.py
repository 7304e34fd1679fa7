"""Choosing how the times of a table are written."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from explorer.ui.time_format import TimeStyle
from explorer.ui.widgets.inputs import PlainCombo


class TimeChoice(QWidget):
    """A labelled choice. letter: whether Alt and a letter lead to it. Signal: style_chosen(TimeStyle)."""

    style_chosen = Signal(object)

    def __init__(self, letter: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = PlainCombo()
        for style in TimeStyle:
            self.box.addItem(style.value, style)
        self.box.setToolTip("How times are written: by the clock, since the capture began, or since the row above")
        label = QLabel("Ti&me" if letter else "Time")
        label.setBuddy(self.box)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(label)
        layout.addWidget(self.box)
        self.box.currentIndexChanged.connect(self._on_changed)

    @property
    def style_(self) -> TimeStyle:
        return TimeStyle(self.box.currentText())

    def choose(self, style: TimeStyle) -> None:
        self.box.setCurrentText(style.value)

    @Slot(int)
    def _on_changed(self, place: int) -> None:
        self.style_chosen.emit(self.style_)
