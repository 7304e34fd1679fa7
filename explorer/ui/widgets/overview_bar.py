"""The whole stream as a narrow strip beside the scroll bar: which direction, how fast; a click goes there.

Downwards stands the stream, from its first byte to its last. Received bytes stand in the left half and sent
ones in the right; the wider, the larger their share, and the stronger the colour, the more bytes a second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.capture.overview import Overview, Part
from explorer.ui.theme import Theme
from explorer.ui.units import rate_text, size_text

_PALEST = 0.3  # of the slowest part
_GAP = 2  # pixels that it stands off the scroll bar beside it
REST = 200  # milliseconds between two pictures of a stream that grows: all of it changes each time
_SHORTEST = 1_000  # nanoseconds that a part is taken to last at least
HINT = (
    "The whole stream at a glance: received at the left, sent at the right, stronger where it went faster.\n"
    "Click to go there."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of pixels. received: share of the bytes that were received, 0 to 1. pace: bytes a second."""

    received: float
    pace: float


def lines_of(parts: tuple[Part, ...], height: int) -> list[Line]:
    """What stands in each of `height` lines of pixels."""
    count = len(parts)
    lines = []
    for y in range(height if count else 0):
        first = y * count // height
        last = max(first + 1, (y + 1) * count // height)
        chosen = parts[first:last]
        received, size = sum(part.received for part in chosen), sum(part.size for part in chosen)
        ended = parts[last].began if last < count else chosen[-1].ended
        time = max(_SHORTEST, ended - chosen[0].began)
        lines.append(Line(received / size if size else 0.0, size * 1e9 / time))
    return lines


class OverviewBar(QWidget):
    """Signal: wanted(object): go to this offset of the overview's stream (an int, which may be large)."""

    wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._overview: Overview | None = None
        self._parts: tuple[Part, ...] = ()
        self._shown = (0, 0)
        self._picture: QPixmap | None = None
        self.setAccessibleName("Overview of the bytes")
        self.setAccessibleDescription(HINT)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST)
        self._resting.timeout.connect(self.refresh)
        theme.changed.connect(self._repaint)

    def set_overview(self, overview: Overview | None) -> None:
        """Show another one; somebody else advances it."""
        self._overview = overview
        self._shown = (0, 0)
        self._resting.stop()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Look whether there are more bytes. Cheap when there are not, or when that was drawn a moment ago."""
        parts = self._overview.parts if self._overview is not None else ()
        if parts is not self._parts and not self._resting.isActive():
            self._parts = parts
            self._repaint()
            self._resting.start()

    def set_shown(self, start: int, stop: int) -> None:
        """Bytes that the view beside it shows at present."""
        if (start, stop) != self._shown:
            self._shown = (start, stop)
            self.update()

    @property
    def shown(self) -> tuple[int, int]:
        """What was told by `set_shown` last."""
        return self._shown

    @property
    def size_shown(self) -> int:
        """Bytes from top to bottom."""
        return sum(part.size for part in self._parts[-1:]) + max(0, len(self._parts) - 1) * self._width()

    def _width(self) -> int:
        """Bytes of a part but the last."""
        return self._parts[0].size if self._parts else 0

    def offset_at(self, y: int) -> int:
        """The offset in the stream of a height."""
        size = self.size_shown
        return max(0, min(size - 1, y * size // max(1, self.height())))

    @property
    def _strip(self) -> QRect:
        """The strip with its edge."""
        return self.rect().adjusted(_GAP, 0, 0, 0)

    def shown_rect(self) -> QRect:
        """The frame around what the view shows, within the strip's edge; nowhere while the view shows everything."""
        if self._shown[0] <= 0 and self._shown[1] >= self.size_shown:
            return QRect()
        size, (start, stop) = max(1, self.size_shown), self._shown
        top, bottom = start * self.height() // size, -(-stop * self.height() // size)
        inner = self._strip.adjusted(1, 0, -1, 0)
        return QRect(inner.left(), min(top, self.height() - 5), inner.width(), max(5, bottom - top))

    # -- mouse ------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._parts:
            self.wanted.emit(self.offset_at(event.position().toPoint().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._parts:
            self.wanted.emit(self.offset_at(event.position().toPoint().y()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.describe(event.pos().y()), self)
            return True
        return super().event(event)

    def describe(self, y: int) -> str:
        """What stands at a height, in words."""
        if not self._parts:
            return HINT
        line = lines_of(self._parts, self.height())[max(0, min(y, self.height() - 1))]
        share = round(100 * line.received)
        what = "received" if share == 100 else "sent" if share == 0 else f"{share} % received, {100 - share} % sent"
        offset = self.offset_at(y)
        return f"Near offset 0x{offset:X} ({size_text(offset)}): {what}, {rate_text(line.pace)}.\n{HINT}"

    # -- painting ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(max(14, self.fontMetrics().height()) + _GAP, 60)

    @Slot()
    def _repaint(self) -> None:
        self._picture = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        scale = self.devicePixelRatioF()
        if self._picture is None or self._picture.size() != self.size() * scale:
            self._picture = self._draw(scale)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        frame = self.shown_rect()
        if self._parts and self._shown[1] > self._shown[0] and frame.isValid():
            painter.setPen(QColor(self._theme.colors.text))
            painter.drawRect(frame.adjusted(0, 0, -1, -1))
        painter.end()

    def _draw(self, scale: float) -> QPixmap:
        picture = QPixmap(self.size() * scale)
        picture.setDevicePixelRatio(scale)
        colors = self._theme.colors
        picture.fill(QColor(colors.window))
        lines = lines_of(self._parts, self.height())
        low = min((math.log(line.pace + 1) for line in lines), default=0.0)
        high = max((math.log(line.pace + 1) for line in lines), default=0.0)
        strip = self._strip
        middle, room = strip.center().x(), strip.width() // 2 - 2
        painter = QPainter(picture)
        for y, line in enumerate(lines):
            pace = (math.log(line.pace + 1) - low) / (high - low) if high > low else 1.0
            painter.setOpacity(_PALEST + (1 - _PALEST) * pace)
            if line.received:
                wide = max(1, round(room * line.received))
                painter.fillRect(middle - wide, y, wide, 1, QColor(colors.received))
            if line.received < 1:
                painter.fillRect(middle + 1, y, max(1, round(room * (1 - line.received))), 1, QColor(colors.sent))
        painter.setOpacity(1)
        painter.setPen(QColor(colors.muted if colors.dark else colors.border))
        painter.drawRect(strip.adjusted(0, 0, -1, -1))
        painter.end()
        return picture
