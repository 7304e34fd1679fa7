"""Bubbles: what was said, on the side of who said it, as high as its text needs."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QApplication

from explorer.ui.models.chat_model import SENT_TO, TEXT, TIME, WAY, WHO
from explorer.ui.models.log_model import Row, Tone
from explorer.ui.theme import Theme

PAD = 8  # pixels between a bubble's edge and its text, at the sides
PAD_HIGH = 3  # above and below it
GAP = 4  # between bubbles
MARGIN = 10  # at the sides of the view
MOST_LINES = 8
NARROWEST = 120
SHARE = 0.78  # of the width, that a bubble takes at most


@dataclass(frozen=True, slots=True)
class Bubble:
    """One row, laid out for a width of the view. height: pixels, with the gap below it. size: of the bubble alone."""

    row: Row
    lines: QTextLayout
    shown: int
    head: str
    mine: bool
    width: int
    height: int


class BubblePainter:
    """Measures in pixels, looked up once for each change of the theme."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.refresh()

    def refresh(self) -> None:
        self.font = QFont(QApplication.font())
        self._small = QFont(self.font)
        self._small.setPointSizeF(max(7.0, self.font.pointSizeF() * 0.88))
        self._metrics, self._head = QFontMetrics(self.font), QFontMetrics(self._small)
        self.lowest = self._head.height() + self._metrics.height() + 2 * PAD_HIGH + GAP
        colors = self._theme.colors
        self._grounds = {False: QColor(colors.received_tint), True: QColor(colors.sent_tint)}
        self._edges = {False: QColor(colors.received), True: QColor(colors.sent)}
        self._heads = {False: QColor(colors.received_text), True: QColor(colors.sent_text)}
        self._text, self._error = QColor(colors.text), QColor(colors.error)
        self._error_ground, self._accent = QColor(colors.error_tint), QColor(colors.accent)

    def lay_out(self, row: Row, width: int, height: int) -> Bubble:
        """For a view of this size: of a text that is longer than the view is high, what has room."""
        most = max(NARROWEST, int((width - 2 * MARGIN) * SHARE)) - 2 * PAD
        mine = row.cells[WAY].startswith("→")
        said = f"→ {row.cells[WHO]} to {row.cells[WAY].removeprefix(SENT_TO)}" if mine else f"← {row.cells[WHO]}"
        head = f"{said} · {row.cells[TIME]}"
        room = (height - GAP - 2 * PAD_HIGH - self._head.height()) // self._metrics.lineSpacing()
        layout = QTextLayout(row.cells[TEXT], self.font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        widest, shown, limit = float(self._head.horizontalAdvance(head)), 0, max(1, min(MOST_LINES, room))
        layout.beginLayout()
        while shown < limit and (line := layout.createLine()).isValid():
            line.setLineWidth(most)
            line.setPosition(QPointF(0, shown * self._metrics.lineSpacing()))
            widest = max(widest, line.naturalTextWidth())
            shown += 1
        layout.endLayout()
        wide = min(most, int(widest) + 1) + 2 * PAD
        high = self._head.height() + shown * self._metrics.lineSpacing() + 2 * PAD_HIGH
        return Bubble(row, layout, shown, head, mine, wide, high + GAP)

    def place(self, bubble: Bubble, top: int, width: int) -> QRect:
        """Where it stands: what was received at the left, what was sent at the right."""
        left = width - MARGIN - bubble.width if bubble.mine else MARGIN
        return QRect(left, top + GAP // 2, bubble.width, bubble.height - GAP)

    def paint(self, painter: QPainter, bubble: Bubble, where: QRect, chosen: bool, current: bool) -> None:
        serious = bubble.row.mark is Tone.ERROR
        edge = QRectF(where).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._accent, 3) if chosen else QPen(self._error if serious else self._edges[bubble.mine], 1)
        painter.setPen(pen)
        painter.setBrush(self._error_ground if serious else self._grounds[bubble.mine])
        painter.drawRoundedRect(edge, PAD, PAD)
        if current:
            painter.setPen(QPen(self._accent, 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(edge.adjusted(2, 2, -2, -2), PAD - 2, PAD - 2)
        inner = where.adjusted(PAD, PAD_HIGH, -PAD, -PAD_HIGH)
        painter.setFont(self._small)
        painter.setPen(self._heads[bubble.mine])
        head = self._head.elidedText(bubble.head, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner.left(), inner.top() + self._head.ascent(), head)
        painter.setPen(self._error if serious else self._text)
        bubble.lines.draw(painter, QPointF(inner.left(), inner.top() + self._head.height()))
