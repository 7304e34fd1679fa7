"""The scrolling and zooming of the chunk ruler's picture: by wheel, keys, scroll bar and dragging.

The place in the stream is kept in bytes (`scale`); the scroll bar follows it, in pixels as far as it can count them.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent, QPalette, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from explorer.capture.chunk_ruler_lanes import Range
from explorer.ui.theme import Theme
from explorer.ui.widgets.ruler_layout import PAD, RulerLayout, good_height, lay_out, least_height
from explorer.ui.widgets.ruler_painter import RulerPainter
from explorer.ui.widgets.ruler_scale import Scale
from explorer.ui.widgets.ruler_words import LaneWords

_MOST_STEPS = 10**9  # of the scroll bar
_NOTCH = 120  # QWheelEvent.angleDelta of one notch
_ZOOM = 1.5  # of one notch, or one key
_WIDEST, _USUAL = 4.0, 2.0  # characters that a byte is wide
_FRAME = 2  # pixels
_DRAG = 5  # pixels from which on a press is no click


class RulerArea(QAbstractScrollArea):
    """Signal: moved(): another stretch is seen, or there is more in it."""

    moved = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._painter = RulerPainter(theme)
        self.scale = Scale(self._finest, self._usual)
        self._words: Sequence[LaneWords] = ()
        self._pressed: QPoint | None = None
        self._dragged = 0.0
        self._syncing = False
        self.setFrameShape(QFrame.Shape.Box)
        self.setFrameShadow(QFrame.Shadow.Plain)
        self.setLineWidth(_FRAME)
        self._color_frame()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.horizontalScrollBar().valueChanged.connect(self._on_bar)
        theme.changed.connect(self._on_theme)

    @property
    def current_range(self) -> Range | None:
        """Where the keyboard is."""
        return None

    # -- zooming and scrolling ------------------------------------------------------------------------

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Bytes so many times as wide. x: the pixel of the picture that stays where it is; None: the current range, or
        else the middle."""
        if x is None:
            one = self.current_range
            x = self.scale.x((one.start + one.stop) / 2) if one is not None else -1.0
            x = x if 0 <= x < self.scale.width else self.scale.width / 2
        self.scale.zoom(factor, x)
        self._changed()

    @Slot()
    def zoom_in(self) -> None:
        self.zoom(_ZOOM)

    @Slot()
    def zoom_out(self) -> None:
        self.zoom(1 / _ZOOM)

    @Slot()
    def fit(self) -> None:
        """The whole stream, however long it gets."""
        self.scale.fit()
        self._changed()

    @Slot(bool)
    def follow(self, follow: bool = True) -> None:
        """Whether the newest bytes stay in sight."""
        if follow:
            self.scale.follow()
        else:
            self.scale.stay()
        self._changed()

    def _page(self, pages: int) -> None:
        self.scale.scroll_by(pages * self.scale.width * 0.9)
        self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            x = event.position().x() - self._layout.left
            self.zoom(_ZOOM ** (turned.y() / _NOTCH), max(0.0, min(x, float(self.scale.width))))
        else:
            way = turned.y() if abs(turned.y()) > abs(turned.x()) else turned.x()
            self.scale.scroll_by(-way / _NOTCH * self.scale.width / 10)
            self._changed()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position().toPoint(), 0.0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        moved = event.position().x() - self._pressed.x()
        if self._dragged or abs(moved) >= _DRAG:
            self.scale.scroll_by(self._dragged - moved)
            self._dragged = moved or 0.1
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._changed()

    # -- sizes --------------------------------------------------------------------------------------

    @property
    def _finest(self) -> float:
        """Bytes in a pixel where a byte is widest."""
        return 1 / (_WIDEST * self._painter.bytes.char)

    @property
    def _usual(self) -> float:
        return 1 / (_USUAL * self._painter.bytes.char)

    @property
    def _layout(self) -> RulerLayout:
        size, names = self.viewport().size(), self._painter.names_width(self._words)
        return lay_out(size.width(), size.height(), self._painter.line, names)

    def lane_rect(self, which: int) -> QRect:
        """Where a lane is painted, in the viewport."""
        return self._layout.lanes[which]

    def sizeHint(self) -> QSize:
        bar = self.horizontalScrollBar().sizeHint().height()
        return QSize(600, good_height(self._painter.line) + bar + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        bar = self.horizontalScrollBar().sizeHint().height()
        return QSize(160, least_height(self._painter.line) + bar + 2 * self.frameWidth() + PAD)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _color_frame(self) -> None:
        """It shows who has the keyboard."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self._painter.frame(self.hasFocus()))
        self.setPalette(palette)

    def _arrange(self) -> None:
        self.scale.resize(self._layout.width)
        self._changed()

    @Slot()
    def _on_theme(self) -> None:
        self._painter.refresh()
        self._color_frame()
        self.scale.set_steps(self._finest, self._usual)
        self.updateGeometry()
        self._arrange()

    def _changed(self) -> None:
        """Another stretch is seen."""
        bar, scale = self.horizontalScrollBar(), self.scale
        room = max(0.0, (scale.last - scale.first) / scale.per_pixel)
        steps = round(min(room, _MOST_STEPS))
        self._syncing = True
        bar.setRange(0, steps)
        bar.setPageStep(max(1, round(scale.width * steps / room)) if room else scale.width)
        bar.setSingleStep(max(1, bar.pageStep() // 20))
        bar.setValue(round((scale.left - scale.first) / (scale.last - scale.first) * steps) if steps else 0)
        self._syncing = False
        self.viewport().update()
        self.moved.emit()

    @Slot(int)
    def _on_bar(self, value: int) -> None:
        if self._syncing:
            return
        scale, steps = self.scale, max(1, self.horizontalScrollBar().maximum())
        scale.scroll_to(scale.first + (scale.last - scale.first) * value / steps)
        self._changed()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The picture is painted anew, not moved."""
