"""Paints the rows of a comparison: differing bytes bold and in a box, gaps as dashes, signs between the sides."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from explorer.ui.models.compare_models import (
    LEFT_HEX,
    LEFT_OFFSET,
    LEFT_TEXT,
    RIGHT_HEX,
    RIGHT_OFFSET,
    RIGHT_TEXT,
    SIGN,
    SIGNS,
    CompareModel,
    Index,
)
from explorer.ui.theme import Theme
from explorer.wire.compare import Kind
from explorer.wire.compare_rows import Part
from explorer.wire.visible import visible

PAD = 8  # pixels at both sides of a cell
_CENTER = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class CompareDelegate(QStyledItemDelegate):
    """For a view of a `CompareModel`. height: of a row, in pixels."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.refresh()

    def refresh(self) -> None:
        """Look at the theme again."""
        self._font = self._theme.mono
        self._bold = QFont(self._font)
        self._bold.setBold(True)
        metrics = QFontMetricsF(self._bold)
        self._char = max(metrics.horizontalAdvance("0"), metrics.horizontalAdvance("W") * 0.9)
        self.height = round(metrics.height() * 1.35)
        colors = self._theme.colors
        self._text, self._muted = QColor(colors.text), QColor(colors.muted)
        self._grounds = {
            "changed": QColor(colors.hit),
            "inserted": QColor(colors.highlights[2]),
            "deleted": QColor(colors.error_tint),
        }
        self._edges = {
            "changed": QColor(colors.warning),
            "inserted": QColor(colors.good),
            "deleted": QColor(colors.error),
        }
        self._now, self._on_now = QColor(colors.hit_now), QColor(colors.on_hit_now)
        self._line = QColor(colors.accent)

    def width(self, column: int, cells: int) -> int:
        """What a column needs for rows of so many cells."""
        characters = {SIGN: 4, LEFT_OFFSET: 7, RIGHT_OFFSET: 7, LEFT_TEXT: cells, RIGHT_TEXT: cells}
        return round(characters.get(column, cells * 3) * self._char) + 2 * PAD

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, CompareModel)
        rect: QRect = option.rect
        parts, column = model.rows.row(index.row()), index.column()
        painter.save()
        painter.setClipRect(rect)
        if column == SIGN:
            self._paint_signs(painter, rect, parts)
        elif column in (LEFT_OFFSET, RIGHT_OFFSET):
            painter.setFont(self._font)
            painter.setPen(self._muted)
            painter.drawText(rect.adjusted(PAD, 0, 0, 0), _LEFT, str(index.data()))
        else:
            for part in parts:
                self._paint_part(painter, rect, part, column, model.now)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._line)
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.restore()

    def _paint_signs(self, painter: QPainter, rect: QRect, parts: list[Part]) -> None:
        kinds: dict[Kind, None] = dict.fromkeys(part.kind for part in parts if part.kind)
        painter.setFont(self._bold)
        width = round(self._char * 1.2)
        left = rect.center().x() - width * len(kinds) // 2
        for place, kind in enumerate(kinds):
            painter.setPen(self._edges[kind])
            painter.drawText(QRect(left + place * width, rect.top(), width, rect.height()), _CENTER, SIGNS[kind])

    def _paint_part(self, painter: QPainter, rect: QRect, part: Part, column: int, now: int | None) -> None:
        data = part.old if column in (LEFT_HEX, LEFT_TEXT) else part.new
        each = self._char * (3 if column in (LEFT_HEX, RIGHT_HEX) else 1)
        texts = [f"{byte:02x}" for byte in data] if column in (LEFT_HEX, RIGHT_HEX) else list(visible(data))
        chosen = part.kind is not None and part.difference == now
        left = rect.left() + PAD + part.cell * each
        gap = self._char if column in (LEFT_HEX, RIGHT_HEX) else 0  # between bytes, not within the box
        if part.kind is not None:
            box = QRect(round(left) - 2, rect.top() + 1, round(part.size * each - gap) + 3, rect.height() - 3)
            painter.fillRect(box, self._now if chosen else self._grounds[part.kind])
            painter.setPen(self._edges[part.kind])
            painter.drawRect(box)
        painter.setFont(self._font if part.kind is None else self._bold)
        painter.setPen(self._on_now if chosen else self._text)
        wide = round(each - gap) + 1
        for place in range(part.size):
            text = texts[place] if place < len(texts) else "–" if not gap else "––"
            if place == len(texts) and not chosen:
                painter.setPen(self._muted)
            painter.drawText(QRect(round(left + place * each), rect.top(), wide, rect.height()), _CENTER, text)
