"""Where the parts of the chunk ruler stand: names at the left, a line of positions above, three lanes below."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect

LANES = 3
MOST_LINES = 3  # of text in a lane: its name, its bytes as text, and as hex
PAD = 4  # pixels around text in a lane


@dataclass(frozen=True, slots=True)
class RulerLayout:
    """left: pixels for the names. axis: the line of positions. lanes: from above. lines: of text in a lane."""

    left: int
    axis: QRect
    lanes: tuple[QRect, ...]
    lines: int

    @property
    def width(self) -> int:
        """Pixels of the picture itself."""
        return self.axis.width()

    def lane_at(self, place: QPoint) -> int:
        """The lane at a place, or -1."""
        return next((which for which, rect in enumerate(self.lanes) if rect.contains(place)), -1)

    def name_rect(self, which: int) -> QRect:
        lane = self.lanes[which]
        return QRect(PAD, lane.top(), max(0, self.left - 2 * PAD), lane.height())


def lay_out(width: int, height: int, line: int, names: int) -> RulerLayout:
    """line: pixels of a line of text; names: those that the longest name of a lane needs."""
    left = min(names + 3 * PAD, width * 3 // 10)
    axis = QRect(left, 0, max(1, width - left), line + 2 * PAD)
    gap = line // 2
    room = (height - axis.height() - gap * (LANES - 1) - PAD) // LANES
    lines = max(1, min(MOST_LINES, (room - PAD) // line))
    lane_height = min(max(room, line + PAD), MOST_LINES * line + 3 * PAD)
    top = axis.bottom() + 1
    lanes = tuple(
        QRect(left, top + which * (lane_height + gap), axis.width(), lane_height) for which in range(LANES)
    )  # fmt: skip
    return RulerLayout(left, axis, lanes, lines)


def least_height(line: int) -> int:
    """Pixels with which every lane has one line of text."""
    return line + 3 * PAD + LANES * (line + PAD) + (LANES - 1) * (line // 2)


def good_height(line: int) -> int:
    """Pixels with which every lane has two lines."""
    return line + 3 * PAD + LANES * (2 * line + 2 * PAD) + (LANES - 1) * (line // 2)
