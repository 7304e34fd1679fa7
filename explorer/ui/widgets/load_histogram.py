"""How long answers took, as bars over a logarithmic axis of time, with the percentiles marked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleInterface,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAccessibleWidget, QSizePolicy, QToolTip, QWidget

from explorer.core.latency import NO_LATENCIES, Latencies
from explorer.ui.load_words import PERCENTILES, time_text
from explorer.ui.models.load_bars import Bar, bars_of, ticks
from explorer.ui.theme import Theme

NOTHING = "How long answers take appears here as soon as there are some."
NO_ANSWERS = "No answer is waited for, so there is no time to measure."
LEAST_BAR = 2  # pixels of a bar that counts anything
LINES = 7  # of text that it is high at first
KEYS = "Left and right go from bar to bar. Press Table for the same as a table."


class LoadHistogram(QWidget):
    """The height of a bar is how many answers took so long; its tip says it in numbers. Left and right go from bar to
    bar. Marks stand at the percentiles.

    Signal: pointed(str): the pointer or the keyboard came to a bar, which is this in words; "" to none.
    """

    pointed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        install()
        self._theme = theme
        self._latencies = NO_LATENCIES
        self._bars: list[Bar] = []
        self._chosen = -1
        self._nothing = NOTHING
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Histogram of how long answers took")
        theme.changed.connect(self._on_theme)

    def show_latencies(self, latencies: Latencies, waits: bool = True) -> None:
        """waits: answers are waited for at all."""
        nothing = NOTHING if waits else NO_ANSWERS
        if latencies == self._latencies and nothing == self._nothing:
            return
        time = self._bars[self._chosen].start if 0 <= self._chosen < len(self._bars) else None
        self._latencies, self._nothing = latencies, nothing
        self._bars = bars_of(latencies)
        self._chosen = next((place for place, bar in enumerate(self._bars) if bar.start == time), -1)
        self.update()

    @property
    def bars(self) -> list[Bar]:
        return self._bars

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        return QSize(line * 24, line * LINES)

    def minimumSizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        return QSize(line * 8, line * 5)

    # -- words ------------------------------------------------------------------------------------

    def describe(self, place: int) -> str:
        """A bar in words."""
        bar, count = self._bars[place], self._latencies.count
        share = bar.count / count * 100
        until = (bar.below + bar.count) / count * 100
        return (
            f"{time_text(bar.start)} to {time_text(bar.end)}: {bar.count:,} of {count:,} answers ({share:.3g} %); "
            f"{until:.4g} % took no longer"
        )

    @property
    def current_text(self) -> str:
        """Where the keyboard or the pointer is."""
        return self.describe(self._chosen) if 0 <= self._chosen < len(self._bars) else "no bar is chosen"

    @property
    def summary(self) -> str:
        """All of it in a sentence."""
        found = self._latencies
        if not found.count:
            return self._nothing
        shares = ", ".join(f"{share:g} % within {time_text(found.percentile(share))}" for share, _ in PERCENTILES)
        return f"{found.count:,} answers, {time_text(found.least)} to {time_text(found.most)}: {shares}."

    # -- where everything stands --------------------------------------------------------------------

    @property
    def _plot(self) -> QRect:
        """Where bars stand; the labels of the marks are above, those of the axis below."""
        line = self.fontMetrics().height()
        return self.rect().adjusted(line // 2, line + 4, -line, -line - 5)

    def bar_rect(self, place: int) -> QRectF:
        """The place of a bar, from the axis to its top."""
        plot, most = self._plot, max(bar.count for bar in self._bars)
        wide = plot.width() / len(self._bars)
        wide = min(wide, plot.width() / 6)
        bar = self._bars[place]
        high = max(LEAST_BAR, bar.count / most * plot.height()) if bar.count else 0
        gap = 1 if wide >= 4 else 0
        return QRectF(plot.left() + wide * place, plot.bottom() + 1 - high, max(1.0, wide - gap), high)

    def _x_of(self, time: float) -> float:
        """Where a time stands on the axis."""
        from math import log10

        first, last = self._bars[0].start, self._bars[-1].end
        wide = self.bar_rect(len(self._bars) - 1).right() - self._plot.left()
        return self._plot.left() + log10(max(time, first) / first) / log10(last / first) * wide

    def _place_at(self, where: QPoint) -> int:
        plot = self._plot
        if not self._bars or not plot.adjusted(0, -plot.top(), 0, plot.top()).contains(where):
            return -1
        wide = min(plot.width() / len(self._bars), plot.width() / 6)
        place = int((where.x() - plot.left()) / wide) if wide else -1
        return place if 0 <= place < len(self._bars) else -1

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        colors = self._theme.colors
        painter.fillRect(self.rect(), QColor(colors.base))
        if not self._bars:
            painter.setPen(QColor(colors.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(8, 4, -8, -4), int(flags), self._nothing)
        else:
            for place in range(len(self._bars)):
                chosen = place == self._chosen
                painter.fillRect(self.bar_rect(place), QColor(colors.text if chosen else colors.received))
            self._paint_axis(painter)
            self._paint_marks(painter)
        painter.setPen(QPen(QColor(colors.accent if self.hasFocus() else colors.border), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_axis(self, painter: QPainter) -> None:
        plot, metrics, colors = self._plot, self.fontMetrics(), self._theme.colors
        painter.setPen(QColor(colors.muted))
        base = plot.bottom() + 1
        painter.drawLine(plot.left(), base, plot.right(), base)
        room = max(1, plot.width() // (metrics.horizontalAdvance("00.0 ms") + metrics.height()))
        free = -1.0
        for time in ticks(self._bars[0].start, self._bars[-1].end, room):
            x = self._x_of(time)
            words = _tick_text(time)
            wide = metrics.horizontalAdvance(words)
            left = min(max(x - wide / 2, 2), self.width() - wide - 2)
            painter.drawLine(QPointF(x, base), QPointF(x, base + 3))
            if left > free:
                painter.drawText(QPointF(left, base + 3 + metrics.ascent()), words)
                free = left + wide + metrics.averageCharWidth()

    def _paint_marks(self, painter: QPainter) -> None:
        plot, metrics, colors = self._plot, self.fontMetrics(), self._theme.colors
        pen = QPen(QColor(colors.sent), 1, Qt.PenStyle.DashLine)
        free = -1.0
        for share, name in PERCENTILES:
            x = self._x_of(self._latencies.percentile(share))
            painter.setPen(pen)
            painter.drawLine(QPointF(x, plot.top() - 2), QPointF(x, plot.bottom()))
            wide = metrics.horizontalAdvance(name)
            left = min(max(x - wide / 2, 2), self.width() - wide - 2)
            if left > free:
                painter.setPen(QColor(colors.text))
                painter.drawText(QPointF(left, plot.top() - 4 - metrics.descent() + 1), name)
                free = left + wide + metrics.averageCharWidth()

    # -- pointer and keyboard -------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._place_at(event.pos())
            QToolTip.showText(event.globalPos(), self.describe(place) if place >= 0 else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self._place_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        if not self.hasFocus():
            self._choose(-1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._choose(-1)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        filled = [place for place, bar in enumerate(self._bars) if bar.count]
        if event.key() not in moves or not filled:
            super().keyPressEvent(event)
            return
        if event.key() == Qt.Key.Key_Right:
            place = next((one for one in filled if one > self._chosen), filled[-1])
        else:
            place = next((one for one in reversed(filled) if one < self._chosen), filled[0])
        self._choose(place)
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.describe(place)))

    def _choose(self, place: int) -> None:
        if place != self._chosen:
            self._chosen = place
            self.pointed.emit(self.describe(place) if place >= 0 else "")
            self.update()

    @Slot()
    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()


def _tick_text(time: int) -> str:
    """A round time: ``50 µs``, ``2 ms``, ``10 s``."""
    for size, unit in ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")):
        if time >= size:
            return f"{time // size} {unit}"
    return f"{time} ns"


class _Accessible(QAccessibleWidget):
    """What a screen reader is told of the picture."""

    def __init__(self, view: LoadHistogram) -> None:
        super().__init__(view, QAccessible.Role.Graphic, "Histogram")
        self._view = view

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Name:
            return self._view.accessibleName()
        if kind == QAccessible.Text.Value:
            return self._view.current_text
        if kind == QAccessible.Text.Description:
            return self._view.summary
        if kind == QAccessible.Text.Help:
            return KEYS
        return super().text(kind)


_installed = False


def _make(key: str, thing: QObject | None) -> QAccessibleInterface | None:
    return _Accessible(thing) if isinstance(thing, LoadHistogram) else None


def install() -> None:
    """Teach Qt about them; once in a program."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_make)
