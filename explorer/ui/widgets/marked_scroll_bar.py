"""A scroll bar on which places are marked, as those a search found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollBar, QStyle, QStyleOptionSlider, QWidget

THICK = 2  # pixels of a mark


@dataclass(frozen=True, slots=True)
class Mark:
    """fraction: how far down, from 0 to 1. color: as the theme writes it. side: of the bar, 0 left or 1 right."""

    fraction: float
    color: str
    side: int = 1


class MarkedScrollBar(QScrollBar):
    """Upright. Marks stand in the groove, over the handle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._marks: tuple[Mark, ...] = ()

    @property
    def marks(self) -> tuple[Mark, ...]:
        return self._marks

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Mark these places and no others."""
        new = tuple(marks)
        if new != self._marks:
            self._marks = new
            self.update()

    def groove(self) -> QRect:
        """Where the handle moves."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(
            QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarGroove, self
        )

    def mark_rect(self, mark: Mark) -> QRect:
        """Where a mark is painted."""
        groove = self.groove()
        half = groove.width() // 2
        left = groove.left() + (half if mark.side else 1)
        top = groove.top() + round(mark.fraction * (groove.height() - THICK))
        return QRect(left, top, groove.width() - half - 1, THICK)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._marks:
            return
        by_color: dict[str, list[QRect]] = {}
        for mark in self._marks:
            by_color.setdefault(mark.color, []).append(self.mark_rect(mark))
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        for color, rects in by_color.items():
            painter.setBrush(QColor(color))
            painter.drawRects(rects)
        painter.end()
