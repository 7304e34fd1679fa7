"""A frame in one line: a box for each part that stands on the wire, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Slot
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QWidget

from explorer.capture.words import counted
from explorer.ui.palettes import Colors
from explorer.ui.theme import Theme
from explorer.wire.framing.api import Part, Role, picture_text

CUT = "cut off"
GAP = 3  # pixels between two boxes
LEAST = 3  # digits that are seen of a box at least
_HUES: dict[Role, int] = {"header": 5, "length": 4, "end": 1, "escape": 3, "checksum": 2, "silence": 0}
"""Places in `Colors.highlights`; the payload has the ground of tables."""


def role_colors(colors: Colors, role: Role) -> tuple[str, str]:
    """(ground, edge) of what has this role. Text in `Colors.text` can be read on the ground."""
    if role == "payload":
        return colors.base, colors.text
    place = _HUES[role]
    return colors.highlights[place], colors.highlight_marks[place]


class _Box(NamedTuple):
    part: Part
    rect: QRect
    words: str


class FramePicture(QLabel):
    """Its text, for screen readers too, is the picture in characters; a box's tip says what the part is for.

    What is cut off before a message is shown is hatched, its edge is broken, and it says so. A narrow picture leaves
    out words, the longest first; the tips have them.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: tuple[Part, ...] = ()
        self._old = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    @property
    def parts(self) -> tuple[Part, ...]:
        return self._parts

    @property
    def old(self) -> bool:
        """Whether it is shown greyed, because it does not follow from what stands in the fields now."""
        return bool(self._old)

    def show_parts(self, parts: Sequence[Part], old: str = "") -> None:
        """old: why the picture is not that of the settings as they stand now, a sentence; "" when it is."""
        if (tuple(parts), old) == (self._parts, self._old):
            return
        self._parts, self._old = tuple(parts), old
        self.setText(picture_text(parts))
        notes = [_note(part) for part in parts]
        self.setAccessibleDescription(" ".join([old, *notes]) if old else " ".join(notes))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(sum(map(self._wanted, self._parts)) + self._gaps, self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._least() * max(1, min(4, len(self._parts))), self._height())

    # -- where everything stands ----------------------------------------------------------------

    def boxes(self) -> list[tuple[QRect, str]]:
        """Each part's place and the words that are seen in it."""
        return [(box.rect, box.words) for box in self._boxes()]

    @property
    def _gaps(self) -> int:
        """Pixels between the boxes, and those of the last one's edge."""
        return GAP * max(0, len(self._parts) - 1) + 1

    def _height(self) -> int:
        return self.fontMetrics().height() + 2 * self._pad()

    def _pad(self) -> int:
        return max(3, self.fontMetrics().height() // 4)

    def _least(self) -> int:
        return self.fontMetrics().horizontalAdvance("0") * LEAST + 2 * self._pad()

    def _wanted(self, part: Part) -> int:
        edges = 8 if _is_cut(part) else 4  # room for the hatching
        return self.fontMetrics().horizontalAdvance(_words(part)) + edges * self._pad()

    def _boxes(self) -> list[_Box]:
        widths = self._widths(self.width() - self._gaps)
        boxes, left = [], 0
        metrics, height = self.fontMetrics(), min(self.height(), self._height()) - 1
        for part, width in zip(self._parts, widths, strict=True):
            room = max(0, width - 2 * self._pad())
            words = next((one for one in (_words(part), part.label) if metrics.horizontalAdvance(one) <= room), "")
            words = words or metrics.elidedText(part.label, Qt.TextElideMode.ElideRight, room)
            boxes.append(_Box(part, QRect(left, 0, width, height), words))
            left += width + GAP
        return boxes

    def _widths(self, room: int) -> list[int]:
        """What is lacking is taken from the widest boxes, down to one common width."""
        wanted = [self._wanted(part) for part in self._parts]
        if sum(wanted) <= room:
            return wanted
        narrow = sorted(wanted)
        for place, width in enumerate(narrow):
            common = room // (len(narrow) - place)
            if width > common:
                return [min(one, max(1, common)) for one in wanted]
            room -= width
        return wanted

    # -- painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        for box in self._boxes():
            self._paint(painter, box)

    def _paint(self, painter: QPainter, box: _Box) -> None:
        colors = self._theme.colors
        ground, edge = role_colors(colors, box.part.role)
        ink = colors.text
        if self._old or not self.isEnabled():
            ground, edge, ink = colors.window, colors.muted, colors.muted
        if box.part.role != "silence":  # which is no bytes
            painter.fillRect(box.rect, QColor(ground))
        if _is_cut(box.part):
            self._hatch(painter, box, edge, ground)
        pen = QPen(QColor(edge))
        pen.setStyle(Qt.PenStyle.SolidLine)
        if box.part.role == "silence":
            pen.setStyle(Qt.PenStyle.DotLine)
        elif box.part.cut:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.rect)
        painter.setPen(QColor(ink))
        painter.drawText(box.rect, Qt.AlignmentFlag.AlignCenter, box.words)

    def _hatch(self, painter: QPainter, box: _Box, edge: str, ground: str) -> None:
        """Beside the words, not behind them."""
        painter.fillRect(box.rect, QBrush(QColor(edge), Qt.BrushStyle.BDiagPattern))
        wide = self.fontMetrics().horizontalAdvance(box.words) + self._pad()
        words = QRect(box.rect.center().x() - wide // 2, box.rect.top(), wide, box.rect.height())
        painter.fillRect(words.intersected(box.rect), QColor(ground))

    # -- telling --------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            over = next((box for box in self._boxes() if box.rect.contains(event.pos())), None)
            QToolTip.showText(event.globalPos(), self.tip(over.part) if over else "", self)
            return True
        return super().event(event)

    def tip(self, part: Part) -> str:
        """What the pointer is told about a part."""
        return f"{_note(part)}\n{self._old}" if self._old else _note(part)

    @Slot()
    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()


def _is_cut(part: Part) -> bool:
    """Whether bytes are cut off: silence is none."""
    return part.cut and part.role != "silence"


def _words(part: Part) -> str:
    return f"{part.label} · {CUT}" if _is_cut(part) else part.label


def _note(part: Part) -> str:
    """E.g. ``length: 2 BE (2 bytes): Its value counts the bytes that follow it. It is cut off.``"""
    size = f" ({counted(part.size, 'byte')})" if part.size else ""
    cut = " It is no part of the message." if _is_cut(part) else ""
    return f"{part.label}{size}: {part.note}{cut}"
