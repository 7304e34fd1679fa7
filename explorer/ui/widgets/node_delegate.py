"""Paints a row of the sockets tree: mark, name, what it is, a second line, and amounts at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from explorer.ui.models.log_model import Tone
from explorer.ui.models.socket_nodes import Node, Shape
from explorer.ui.models.sockets_model import NODE
from explorer.ui.theme import Theme

PAD = 4  # pixels
LEAST_TITLE = 8  # characters of a title, about, that an amount leaves room for, or it is left out
Index = QModelIndex | QPersistentModelIndex


class NodeDelegate(QStyledItemDelegate):
    """Fonts and colours are looked up when the theme changes, not for each row."""

    chosen: QColor  # the ground of the chosen row

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self._font = QApplication.font()
        self._bold = QFont(self._font)
        self._bold.setBold(True)
        self._metrics, self._bold_metrics = QFontMetrics(self._font), QFontMetrics(self._bold)
        self._line = max(self._metrics.height(), self._bold_metrics.height()) + 2
        colors = self._theme.colors
        self._pens = {tone: QColor(getattr(colors, tone.value)) for tone in Tone}
        self.chosen = _blend(QColor(colors.base), QColor(colors.accent), 0.30 if colors.dark else 0.17)
        self._accent = QColor(colors.accent)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = 1 if index.parent().isValid() or index.row() == 0 else 2
        return QSize(120, lines * self._line + 2 * PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        node = index.data(NODE)
        area = option.rect
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, self.chosen)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._accent)
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.save()
        line = QRect(area.left() + PAD, area.top() + PAD, area.width() - 2 * PAD, self._line)
        mark = self._metrics.ascent() - 2
        if node.shape is not Shape.NONE:
            place = QRectF(line.left() + 1, line.top() + (line.height() - mark) / 2, mark, mark)
            self._paint_mark(painter, node.shape, self._pens[node.tone], place)
            line.setLeft(line.left() + mark + 2 * PAD)
        self._paint_line(painter, node, line)
        if node.detail:
            line.translate(0, self._line)
            painter.setPen(self._pens[node.detail_tone])
            self._text(painter, line, node.detail)
        painter.restore()

    def _paint_line(self, painter: QPainter, node: Node, line: QRect) -> None:
        """Title, then its kind, then the amount at the right; what has no room is left out or shortened."""
        right = line.right()
        width = self._metrics.horizontalAdvance(node.amount)
        if node.amount and width + 2 * PAD + self._metrics.averageCharWidth() * LEAST_TITLE <= line.width():
            painter.setFont(self._font)
            painter.setPen(self._pens[Tone.MUTED])
            painter.drawText(
                QRect(right - width, line.top(), width + 1, line.height()), Qt.AlignmentFlag.AlignVCenter, node.amount
            )
            right -= width + 2 * PAD
        font, metrics = (self._bold, self._bold_metrics) if node.bold else (self._font, self._metrics)
        painter.setFont(font)
        painter.setPen(self._pens[Tone.MUTED if node.grey or node.more else Tone.TEXT])
        room = QRect(line.left(), line.top(), right - line.left(), line.height())
        title = metrics.elidedText(node.title, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(self._font)
        room.setLeft(room.left() + metrics.horizontalAdvance(title) + 2 * PAD)
        if node.kind and room.width() > self._metrics.averageCharWidth() * 4:
            painter.setPen(self._pens[Tone.MUTED])
            self._text(painter, room, node.kind)

    def _text(self, painter: QPainter, room: QRect, text: str) -> None:
        painter.setFont(self._font)
        shown = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_mark(self, painter: QPainter, shape: Shape, color: QColor, place: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, 2))
        inner = place.adjusted(1.5, 1.5, -1.5, -1.5)
        if shape is Shape.CROSS:
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
        else:
            painter.setBrush(color if shape in (Shape.FULL, Shape.LEFT) else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(inner)
            if shape is Shape.HALF:
                painter.setBrush(color)
                painter.drawPie(inner, 90 * 16, 180 * 16)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = super().createEditor(parent, option, index)
        editor.setAccessibleName("New name of the socket")
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        area = option.rect
        editor.setGeometry(area.left(), area.top(), area.width(), max(self._line + 2 * PAD, editor.sizeHint().height()))


def _blend(ground: QColor, color: QColor, share: float) -> QColor:
    """`color` laid over `ground`, as an opaque colour."""
    mixed = (one + (other - one) * share for one, other in zip(_rgb(ground), _rgb(color), strict=True))
    return QColor.fromRgbF(*mixed)


def _rgb(color: QColor) -> tuple[float, float, float]:
    return color.redF(), color.greenF(), color.blueF()
