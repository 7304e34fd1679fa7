"""A short conversation in two lanes: what the peer says stands above, what the program says below, time goes right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.ui.theme import Theme

LANES = ("Peer", "Program")
GAP = 4  # pixels between two bubbles
MOST, LEAST = 36, 5  # characters of a bubble: of a long one, and where there is little room
_SPOKEN = {"peer": "The peer", "us": "The program"}


class Spoken(Protocol):
    """A line of a conversation: "peer" and "us" speak, a "note" says what happens besides."""

    @property
    def who(self) -> str: ...

    @property
    def text(self) -> str: ...


class Bubble(NamedTuple):
    """A line's place, and the words that are seen of it."""

    line: Spoken
    rect: QRect
    words: str


class ConversationPicture(QLabel):
    """Its text, for screen readers and as its tip, is the conversation in words. Where there is little room, lines are
    cut; those at the end that have none at all are left out behind an ellipsis."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: tuple[Spoken, ...] = ()
        self._old = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    def show_lines(self, lines: Sequence[Spoken], old: str = "") -> None:
        """old: why it is not what the settings as they stand now lead to; "" when it is."""
        if (tuple(lines), old) == (self._lines, self._old):
            return
        self._lines, self._old = tuple(lines), old
        said = [f"{_SPOKEN[line.who]}: {line.text}" if line.who in _SPOKEN else line.text for line in lines]
        self.setText("\n".join([*said, old] if old else said))
        self.setToolTip(self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, 2 * self._lane() + GAP)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    # -- where everything stands ----------------------------------------------------------------

    def _lane(self) -> int:
        return self.fontMetrics().height() + 6

    def _pad(self) -> int:
        return self.fontMetrics().height() // 2

    def bubbles(self) -> list[Bubble]:
        """What is seen, in the order of the conversation."""
        metrics, pad = self.fontMetrics(), self._pad()
        left = max(metrics.horizontalAdvance(lane) for lane in LANES) + 2 * pad
        room = self.width() - left - metrics.horizontalAdvance("…") - pad
        wanted = [self._wanted(line) for line in self._lines]
        widths = _shared(wanted, room - GAP * len(wanted), metrics.horizontalAdvance("x") * LEAST + 2 * pad)
        found = []
        lane = self._lane()
        for line, width in zip(self._lines, widths, strict=False):
            top = {"peer": 0, "us": lane + GAP}.get(line.who, (lane + GAP) // 2)
            words = metrics.elidedText(_shown(line.text), Qt.TextElideMode.ElideRight, width - 2 * pad)
            found.append(Bubble(line, QRect(left, top, width, lane), words))
            left += width + GAP
        return found

    def _wanted(self, line: Spoken) -> int:
        metrics = self.fontMetrics()
        text = metrics.horizontalAdvance(_shown(line.text))
        return min(text, metrics.averageCharWidth() * MOST) + 2 * self._pad() + 1

    # -- painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        colors, lane = self._theme.colors, self._lane()
        painter.setPen(QColor(colors.muted))
        for name, top in zip(LANES, (0, lane + GAP), strict=True):
            painter.drawText(QRect(0, top, self.width(), lane), Qt.AlignmentFlag.AlignVCenter, name)
        bubbles = self.bubbles()
        for bubble in bubbles:
            self._paint(painter, bubble)
        if len(bubbles) < len(self._lines) and bubbles:
            painter.setPen(QColor(colors.muted))
            rest = QRect(bubbles[-1].rect.right() + GAP, 0, self.width(), self.height())
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, "…")

    def _paint(self, painter: QPainter, bubble: Bubble) -> None:
        colors = self._theme.colors
        looks = {
            "peer": (colors.received_tint, colors.received, colors.text),
            "us": (colors.sent_tint, colors.sent, colors.text),
        }
        ground, edge, ink = looks.get(bubble.line.who, ("", "", colors.muted))
        if self._old or not self.isEnabled():
            ground, edge, ink = (colors.window if ground else ""), (colors.muted if edge else ""), colors.muted
        if edge:
            painter.setPen(QPen(QColor(edge)))
            painter.setBrush(QColor(ground))
            radius = bubble.rect.height() / 3
            painter.drawRoundedRect(QRectF(bubble.rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setPen(QColor(ink))
        painter.drawText(bubble.rect, Qt.AlignmentFlag.AlignCenter, bubble.words)

    @Slot()
    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()


def _shown(text: str) -> str:
    """In one line."""
    return text.replace("\r\n", "⏎").replace("\n", "⏎").replace("\r", "⏎").replace("\t", " ")


def _shared(wanted: Sequence[int], room: int, least: int) -> list[int]:
    """Widths: what is lacking is taken from the widest, down to `least`; then those at the end are left out."""
    widths = list(wanted)
    while widths and sum(widths) > room:
        widest = max(widths)
        if widest <= least:
            widths.pop()
            continue
        next_widest = max((width for width in widths if width < widest), default=least)
        count = widths.count(widest)
        target = max(next_widest, least, widest - -(-(sum(widths) - room) // count))
        widths = [target if width == widest else width for width in widths]
    return widths
