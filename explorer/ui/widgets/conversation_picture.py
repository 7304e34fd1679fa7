"""A short conversation in two lanes: what the peer says stands above, what the program says below, time goes right.

What does not fit goes on in two more lanes below, where the window is high enough for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from explorer.ui.theme import Theme

LANES = ("Peer", "Program")
GAP = 4  # pixels between two bubbles
ROW_GAP = 8  # and between two rows of lanes
ROWS = ((2, 52), (3, 58))  # rows of lanes that there may be, in a window of so many lines of text
MOST, LEAST = 60, 5  # characters of a bubble: of a long one, and where there is little room
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
    """Its text, for screen readers and as its tip, is the conversation in words. It has as many rows of lanes as it
    needs and the window has room for. Where that is little, lines are cut; those at the end that have none at all are
    left out behind an ellipsis."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lines: tuple[Spoken, ...] = ()
        self._old = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._most_rows = 1
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

    @Slot()
    def fit(self) -> None:
        """Take as many rows as the window has room for now."""
        lines = self.window().height() // max(1, self.fontMetrics().lineSpacing())
        most = max((rows for rows, least in ROWS if lines >= least), default=1)
        if most != self._most_rows:
            self._most_rows = most
            self.updateGeometry()
            self.update()

    def showEvent(self, event: QShowEvent) -> None:
        self.fit()
        super().showEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(0, self._height(self._rows(self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._height(1))

    def heightForWidth(self, width: int) -> int:
        return self._height(self._rows(width))

    def _height(self, rows: int) -> int:
        return rows * (2 * self._lane() + GAP) + (rows - 1) * ROW_GAP

    # -- where everything stands ----------------------------------------------------------------

    def _lane(self) -> int:
        return self.fontMetrics().height() + 6

    def _pad(self) -> int:
        return self.fontMetrics().height() // 2

    def _left(self) -> int:
        """Where the first bubble begins."""
        return max(self.fontMetrics().horizontalAdvance(lane) for lane in LANES) + 2 * self._pad()

    def _room(self, width: int) -> int:
        """Pixels for the bubbles of a row."""
        return width - self._left() - self.fontMetrics().horizontalAdvance("…") - self._pad()

    def _rows(self, width: int) -> int:
        """Rows of lanes that are needed at this width, of those that there may be."""
        used = _rows_of([self._wanted(line) for line in self._lines], self._room(width))
        return min(used[-1] + 1 if used else 1, self._most_rows)

    def bubbles(self) -> list[Bubble]:
        """What is seen, in the order of the conversation."""
        metrics, pad, lane = self.fontMetrics(), self._pad(), self._lane()
        wanted = [self._wanted(line) for line in self._lines]
        least = metrics.horizontalAdvance("x") * LEAST + 2 * pad
        room = self._room(self.width())
        widths = _shared(wanted, room, self._rows(self.width()), least)
        found: list[Bubble] = []
        left, before = self._left(), 0
        for line, width, row in zip(self._lines, widths, _rows_of(widths, room), strict=False):
            if row != before:
                left, before = self._left(), row
            top = self._row_top(row) + {"peer": 0, "us": lane + GAP}.get(line.who, (lane + GAP) // 2)
            words = metrics.elidedText(_shown(line.text), Qt.TextElideMode.ElideRight, width - 2 * pad)
            found.append(Bubble(line, QRect(left, top, width, lane), words))
            left += width + GAP
        return found

    def _row_top(self, row: int) -> int:
        return row * (2 * self._lane() + GAP + ROW_GAP)

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
        for row in range(self._rows(self.width())):
            for name, top in zip(LANES, (0, lane + GAP), strict=True):
                place = QRect(0, self._row_top(row) + top, self.width(), lane)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
        bubbles = self.bubbles()
        for bubble in bubbles:
            self._paint(painter, bubble)
        if len(bubbles) < len(self._lines) and bubbles:
            painter.setPen(QColor(colors.muted))
            last = bubbles[-1].rect
            rest = QRect(last.right() + GAP, last.top(), self.width(), lane)
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


def _rows_of(widths: Sequence[int], room: int) -> list[int]:
    """The row that each stands in, when a row is as long as `room`."""
    rows: list[int] = []
    row, used = 0, 0
    for width in widths:
        if used and used + width > room:
            row, used = row + 1, 0
        rows.append(row)
        used += width + GAP
    return rows


def _shared(wanted: Sequence[int], room: int, rows: int, least: int) -> list[int]:
    """Widths that fit in so many rows: the widest are cut, all to the same width, down to `least`; then those at the
    end are left out."""

    def cut(most: int) -> list[int]:
        return [min(width, most) for width in wanted]

    def fits(widths: Sequence[int]) -> bool:
        return not widths or (max(widths) <= room and _rows_of(widths, room)[-1] < rows)

    low, high = least, max([least, *wanted])
    while low < high:  # the widest that fits
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(cut(middle)) else (low, middle - 1)
    widths = cut(low)
    while not fits(widths):
        widths.pop()
    return widths
