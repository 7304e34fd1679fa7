"""Paints a scene of the chunk ruler: bars for calls and messages, their bytes, and what is missing between them.

Nothing is told by colour alone: every bar has an edge and a number, what did not come is hatched and named, and lines
go up from the edges of the messages through the calls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication

from explorer.capture.chunk_ruler_lanes import Range
from explorer.ui.theme import Theme
from explorer.ui.widgets.ruler_bytes import RulerBytes
from explorer.ui.widgets.ruler_layout import PAD, RulerLayout
from explorer.ui.widgets.ruler_scale import Scale
from explorer.ui.widgets.ruler_scene import COLUMN, LaneScene, Scene
from explorer.ui.widgets.ruler_words import MESSAGES, SENT, SHORT_MISSING, LaneWords

_SHADES = 24  # of a lane that shows how many there are
_TICKS = 110  # pixels from one position to the next, at least
_MOST_GUIDES = 6  # pixels that messages are wide on average, at least, for lines to go up from their edges
_DASHES = (2, 3)
_NAMES = 26  # characters of a name beside a lane


@dataclass(frozen=True, slots=True)
class LaneLooks:
    """fills: of ranges in turn. edge: around them, and their names. shades: few to many of them in a pixel."""

    fills: tuple[QColor, QColor]
    edge: QColor
    name: QColor
    shades: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """selected: positions that are selected in the window. current: lane and row that the keyboard is at."""

    selected: tuple[int, int] | None = None
    current: tuple[int, int] | None = None
    focused: bool = False


class RulerPainter:
    """Painting takes a few calls for a lane, however many ranges it shows."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.refresh()

    def refresh(self) -> None:
        """The theme or the size of text is another."""
        colors = self._theme.colors
        self.font = QFont(QApplication.font())
        self.bold = QFont(self.font)
        self.bold.setBold(True)
        self.metrics = QFontMetricsF(self.font)
        self.bytes = RulerBytes(self._theme)
        ground = QColor(colors.base)
        self._looks = (
            _looks(colors.sent_tint, colors.sent, colors.sent_text, ground),
            _looks(colors.received_tint, colors.received, colors.received_text, ground),
            LaneLooks(
                (QColor(colors.messages[1]), QColor(colors.messages[2])), QColor(colors.muted), QColor(colors.text),
                _shades(QColor(colors.messages[1]), QColor(colors.muted)),
            ),
        )  # fmt: skip
        self.ground = ground
        self._text, self._muted, self._base = QColor(colors.text), QColor(colors.muted), ground
        self._error, self._error_tint = QColor(colors.error), QColor(colors.error_tint)
        self._accent, self._border = QColor(colors.accent), QColor(colors.border)
        self._band = QColor(colors.accent)
        self._band.setAlpha(48)

    def frame(self, focused: bool) -> QColor:
        """Of the line around the picture."""
        return self._accent if focused else self._border

    @property
    def line(self) -> int:
        """Pixels of a line of text."""
        return math.ceil(max(self.metrics.height(), self.bytes.height))

    def names_width(self, words: Sequence[LaneWords]) -> int:
        """Pixels that the longest of the names needs, or as many as it gets."""
        bold = QFontMetricsF(self.bold)
        widths = [max(bold.horizontalAdvance(one.title), self.metrics.horizontalAdvance(one.whose)) for one in words]
        return math.ceil(min(max(widths, default=0), self.metrics.averageCharWidth() * _NAMES))

    # -- all of it --------------------------------------------------------------------------------

    def paint(
        self, painter: QPainter, layout: RulerLayout, scale: Scale, scene: Scene, words: Sequence[LaneWords],
        absent: Sequence[str], marks: Marks,
    ) -> None:  # fmt: skip
        """absent: for each lane, why there is nothing in it."""
        self._paint_axis(painter, layout, scale)
        for which, lane in enumerate(scene.lanes):
            self._paint_name(painter, layout, which, words[which])
            rect = layout.lanes[which]
            painter.save()
            painter.setClipRect(rect.adjusted(0, -1, 1, 2))
            if lane is None:
                self._paint_absent(painter, rect, absent[which])
            else:
                self._paint_lane(painter, layout, scale, scene, which, words[which])
            painter.restore()
        painter.setClipRect(QRect(layout.left, 0, layout.width, layout.lanes[-1].bottom() + 2))
        self._paint_guides(painter, layout, scale, scene)
        self._paint_marks(painter, layout, scale, scene, marks)

    def _paint_name(self, painter: QPainter, layout: RulerLayout, which: int, words: LaneWords) -> None:
        rect = layout.name_rect(which)
        line = round(self.metrics.height())
        both = rect.height() >= 2 * line
        top = rect.top() + max(0, (rect.height() - line * (2 if both else 1)) // 2)
        painter.setFont(self.bold)
        painter.setPen(self._looks[which].name)
        painter.drawText(QRect(rect.left(), top, rect.width(), line), _LEFT, self._cut(words.title, rect, self.bold))
        if both:
            painter.setFont(self.font)
            painter.setPen(self._muted)
            below = QRect(rect.left(), top + line, rect.width(), line)
            painter.drawText(below, _LEFT, self._cut(words.whose, rect, self.font))

    def _cut(self, text: str, rect: QRect, font: QFont) -> str:
        return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())

    # -- the line of positions ----------------------------------------------------------------------

    def _paint_axis(self, painter: QPainter, layout: RulerLayout, scale: Scale) -> None:
        axis = layout.axis
        painter.setFont(self.font)
        painter.setPen(self._muted)
        painter.drawText(axis.adjusted(PAD - layout.left, 0, -axis.width(), 0), _LEFT, "byte")
        step = tick_step(scale.per_pixel * max(_TICKS, self.metrics.horizontalAdvance("0,000,000,000,000")))
        start, stop = scale.shown
        ticks, lines = range(-(-start // step) * step, stop + 1, step), []
        for position in ticks:
            x = axis.left() + scale.x(position)
            lines.append(QLineF(x, axis.bottom() - 4, x, axis.bottom()))
            if x + 3 + self.metrics.horizontalAdvance(text := f"{position:,}") <= axis.right():
                painter.drawText(QPointF(x + 3, axis.bottom() - PAD), text)
        painter.setPen(self._border if not self._theme.colors.contrast else self._text)
        painter.drawLines([*lines, QLineF(axis.left(), axis.bottom(), axis.right(), axis.bottom())])

    # -- lanes --------------------------------------------------------------------------------------

    def _paint_lane(
        self, painter: QPainter, layout: RulerLayout, scale: Scale, scene: Scene, which: int, words: LaneWords
    ) -> None:
        lane, rect, looks = scene.lanes[which], layout.lanes[which], self._looks[which]
        assert lane is not None
        painter.setFont(self.font)
        if lane.ranges is None:
            self._paint_counts(painter, rect, scale, lane, looks, words)
        else:
            self._paint_ranges(painter, rect, scale, lane.ranges, looks)
            self._paint_labels(painter, layout, scale, which, lane.ranges, words)
        for one in lane.missing:
            color = looks.edge if one.why == "way" else self._error
            name = SHORT_MISSING[one.why]
            self._paint_open(painter, layout, which, scale, (one.start, one.stop), name, color)
        if lane.unfinished[0] < lane.unfinished[1]:
            self._paint_open(painter, layout, which, scale, lane.unfinished, "not whole yet", self._muted)
        self.bytes.paint(painter, rect, layout.lines, scale, lane.texts)

    def _paint_ranges(
        self, painter: QPainter, rect: QRect, scale: Scale, ranges: Sequence[Range], looks: LaneLooks
    ) -> None:
        broken = [one for one in ranges if one.error]
        sound = [one for one in ranges if not one.error] if broken else ranges
        painter.setPen(looks.edge)
        for turn in (0, 1):
            painter.setBrush(looks.fills[turn])
            painter.drawRects([_bar(rect, scale, one.start, one.stop) for one in sound if one.row % 2 == turn])
        if broken:
            bars = [_bar(rect, scale, one.start, one.stop) for one in broken]
            painter.setPen(self._error)
            for brush in (QBrush(self._error_tint), _hatch(self._error)):
                painter.setBrush(brush)
                painter.drawRects(bars)

    def _paint_labels(
        self, painter: QPainter, layout: RulerLayout, scale: Scale, which: int, ranges: Sequence[Range],
        words: LaneWords,
    ) -> None:  # fmt: skip
        """As much as fits into each bar: what it is, its number, its bytes."""
        rect, least = layout.lanes[which], self.metrics.horizontalAdvance("0")
        if layout.lines == 1 and self.bytes.readable(scale):
            return  # the bytes are shown there
        for one in ranges:
            left = max(rect.left() + scale.x(one.start), rect.left())
            right = min(rect.left() + scale.x(one.stop), rect.right())
            room = right - left - 2 * PAD
            if room < least:
                continue
            text = next((text for text in _labels(one, words) if self.metrics.horizontalAdvance(text) <= room), "")
            if text:
                painter.setPen(self._error if one.error else self._text)
                place = QRectF(left + PAD, rect.top() + 1, room + PAD, self.metrics.height() + 2)
                if layout.lines == 1 or not self.bytes.readable(scale):
                    place = QRectF(left + PAD, rect.top(), room + PAD, rect.height())
                if one.error:
                    size = self.metrics.size(0, text)
                    ground = QRectF(place.left() - 2, place.center().y() - size.height() / 2, size.width() + 4, 0)
                    ground.setHeight(size.height())
                    painter.fillRect(ground, self._error_tint)
                painter.drawText(place, _LEFT, text)

    def _paint_open(
        self, painter: QPainter, layout: RulerLayout, which: int, scale: Scale, place: tuple[int, int], name: str,
        color: QColor,
    ) -> None:  # fmt: skip
        """Bytes that are not here, or not whole: hatched within a broken line, named where there is room."""
        rect = layout.lanes[which]
        bar = _bar(rect, scale, *place)
        bar.setLeft(max(bar.left(), rect.left() - 4.0))
        bar.setRight(min(bar.right(), rect.right() + 4.0))
        pen = QPen(color)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(_hatch(color))
        painter.drawRect(bar)
        size = place[1] - place[0]
        room = bar.width() - 2 * PAD - 2
        texts = (f"{name}: {size:,} B", name, f"{size:,} B")
        text = next((one for one in texts if self.metrics.horizontalAdvance(one) <= room), "")
        if not text:
            return
        line = self.metrics.height() + 2
        above = which == MESSAGES and layout.lines > 1 and self.bytes.readable(scale)  # its bytes are shown below
        top = rect.top() + 2 if above else rect.center().y() - line / 2
        sign = QRectF(max(bar.left(), rect.left()) + 2, top, self.metrics.horizontalAdvance(text) + 2 * PAD, line)
        painter.fillRect(sign, self._base)
        painter.setPen(self._error if color == self._error else self._text)
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_counts(
        self, painter: QPainter, rect: QRect, scale: Scale, lane: LaneScene, looks: LaneLooks, words: LaneWords
    ) -> None:
        """Where there are too many: the more begin in a column, the stronger its colour."""
        levels = bytes(map(shade_of, lane.counts))
        padded = levels.ljust(-(-len(levels) // 4) * 4, b"\0")  # QImage: lines of whole words
        image = QImage(padded, len(levels), 1, len(padded), QImage.Format.Format_Indexed8)
        image.setColorTable([QColor(self._base).rgba(), *looks.shades])
        bar = _bar(rect, scale, 0, lane.stop)
        painter.save()
        painter.setClipRect(bar, Qt.ClipOperation.IntersectClip)
        painter.drawImage(QRect(rect.left(), rect.top(), len(levels) * COLUMN, rect.height()), image)
        painter.restore()
        self._paint_sign(painter, rect, f"{lane.count:,} {words.title}: the stronger the colour, the more there are")

    def _paint_absent(self, painter: QPainter, rect: QRect, why: str) -> None:
        pen = QPen(self._muted)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -2, -1))
        painter.setFont(self.font)
        painter.setPen(self._muted)
        inner = rect.adjusted(2 * PAD, 0, -2 * PAD, 0)
        painter.drawText(inner, _LEFT, self._cut(why, inner, self.font))

    def _paint_sign(self, painter: QPainter, rect: QRect, text: str) -> None:
        """Words in the middle of a lane, with the ground behind them."""
        width, line = self.metrics.horizontalAdvance(text) + 4 * PAD, self.metrics.height() + 2
        sign = QRectF(rect.center().x() - width / 2, rect.center().y() - line / 2, width, line)
        painter.setPen(self._border)
        painter.setBrush(self._base)
        painter.drawRect(sign)
        painter.setPen(self._text)
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, text)

    # -- over the lanes -----------------------------------------------------------------------------

    def _paint_guides(self, painter: QPainter, layout: RulerLayout, scale: Scale, scene: Scene) -> None:
        """From the edges of messages up through the calls."""
        lane = scene.lanes[MESSAGES]
        if lane is None or not lane.ranges or len(lane.ranges) * _MOST_GUIDES > layout.width:
            return
        edges = {edge for one in lane.ranges for edge in (one.start, one.stop)}
        highest = next(which for which, one in enumerate(scene.lanes) if one is not None)
        top, bottom = layout.lanes[highest].top() - PAD, layout.lanes[MESSAGES].bottom() + 1
        pen = QPen(self._text)
        pen.setDashPattern(list(_DASHES))
        painter.setPen(pen)
        painter.drawLines([QLineF(x, top, x, bottom) for x in (layout.left + round(scale.x(at)) for at in edges)])

    def _paint_marks(
        self, painter: QPainter, layout: RulerLayout, scale: Scale, scene: Scene, marks: Marks
    ) -> None:  # fmt: skip
        if marks.selected is not None:
            start, stop = (layout.left + scale.x(one) for one in marks.selected)
            top, bottom = layout.lanes[SENT].top() - PAD, layout.lanes[MESSAGES].bottom() + PAD
            band = QRectF(max(start, layout.left - 4), top, 0, bottom - top)
            band.setRight(max(band.left() + 2, min(stop, layout.axis.right() + 4)))
            painter.fillRect(band, self._band)
            painter.setPen(QPen(self._accent, 2))
            painter.drawLines([QLineF(band.topLeft(), band.bottomLeft()), QLineF(band.topRight(), band.bottomRight())])
        if marks.current is not None and (one := _find(scene, *marks.current)) is not None:
            bar = _bar(layout.lanes[marks.current[0]], scale, one.start, one.stop).adjusted(1, 1, -1, -1)
            bar.setLeft(max(bar.left(), layout.left - 4.0))
            bar.setRight(min(bar.right(), layout.axis.right() + 4.0))
            painter.setPen(QPen(self._text if marks.focused else self._muted, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(bar)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def _find(scene: Scene, which: int, row: int) -> Range | None:
    lane = scene.lanes[which]
    if lane is None or not lane.ranges:
        return None
    return next((one for one in lane.ranges if one.row == row), None)


def _bar(rect: QRect, scale: Scale, start: int, stop: int) -> QRectF:
    """Where a range is drawn; one without bytes is a line."""
    left = rect.left() + round(scale.x(start))
    return QRectF(left, rect.top(), max(0, rect.left() + round(scale.x(stop)) - left), rect.height() - 1)


def _labels(one: Range, words: LaneWords) -> Iterator[str]:
    """From all to as little as tells it apart."""
    number = f"{one.row + 1:,}"
    if one.error:
        yield f"broken framing: {one.size:,} B"
        yield "broken"
    yield f"{words.one} {number} · {one.size:,} B"
    yield f"{number} · {one.size:,} B"
    yield number


@lru_cache(maxsize=4096)
def shade_of(count: int) -> int:
    """From pale to dark, darker with each half as many again."""
    return min(_SHADES, 1 + round(2 * math.log2(count + 1)))


def tick_step(least: float) -> int:
    """The first of 1, 2, 5, 10, 20, 50, … that is at least this."""
    power = 10 ** max(0, math.floor(math.log10(max(1.0, least))))
    return next(int(power * one) for one in (1, 2, 5, 10) if power * one >= least)


def _looks(tint: str, strong: str, name: str, ground: QColor) -> LaneLooks:
    pale, full = QColor(tint), QColor(strong)
    return LaneLooks((pale, _mixed(pale, full, 0.28)), full, QColor(name), _shades(pale, full))


def _shades(pale: QColor, full: QColor) -> tuple[int, ...]:
    return tuple(_mixed(pale, full, step / _SHADES).rgba() for step in range(_SHADES + 1))


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    parts = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + (b - a) * share) for a, b in parts))


def _hatch(color: QColor) -> QBrush:
    faint = QColor(color)
    faint.setAlpha(150)
    return QBrush(faint, Qt.BrushStyle.BDiagPattern)
