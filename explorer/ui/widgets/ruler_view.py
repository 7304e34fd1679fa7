"""The chunk ruler's picture: send calls above, recv calls below them, messages underneath, over the same bytes.

Zoom with Ctrl and the wheel or + and -, scroll with the wheel or by dragging, choose by click or arrow keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from explorer.capture.chunk_ruler import ChunkRuler
from explorer.capture.chunk_ruler_lanes import Lane, Range
from explorer.ui.theme import Theme
from explorer.ui.widgets.ruler_layout import PAD, RulerLayout, good_height, lay_out, least_height
from explorer.ui.widgets.ruler_painter import Marks, RulerPainter
from explorer.ui.widgets.ruler_scale import Scale
from explorer.ui.widgets.ruler_scene import Scene, SceneMaker
from explorer.ui.widgets.ruler_words import MESSAGES, RECEIVED, SENT, WHY_MISSING, LaneWords, describe

REST = 60  # milliseconds between two pictures of a stream that grows
_REFINE = 20  # milliseconds until a picture is made more exact
_MOST_STEPS = 10**9  # of the scroll bar
_NOTCH = 120  # QWheelEvent.angleDelta of one notch
_ZOOM = 1.5  # of one notch, or one key
_WIDEST, _USUAL = 4.0, 2.0  # characters that a byte is wide
_DRAG = 5  # pixels from which on a press is no click


class RulerView(QAbstractScrollArea):
    """Signals:
    chosen(int, int): the user chose a range: its lane and row.
    moved(): another stretch is seen, or there is more in it.
    pointed(): the keyboard is at another range.
    """

    chosen = Signal(int, int)
    moved = Signal()
    pointed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._painter = RulerPainter(theme)
        self.scale = Scale(self._finest, self._usual)
        self._maker: SceneMaker | None = None
        self._words: Sequence[LaneWords] = ()
        self._absent: Sequence[str] = ("", "", "")
        self.selected: tuple[int, int] | None = None
        self.current: tuple[int, int] | None = None
        self._state: tuple[object, ...] = ()
        self._pressed: QPoint | None = None
        self._dragged = 0.0
        self._syncing = False
        self._resting = QTimer(self, singleShot=True, interval=REST)
        self._resting.timeout.connect(self.refresh)
        self._refine = QTimer(self, singleShot=True, interval=_REFINE)
        self._refine.timeout.connect(self.viewport().update)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Chunk ruler")
        self.horizontalScrollBar().valueChanged.connect(self._on_bar)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    # -- what is shown ------------------------------------------------------------------------------

    @property
    def ruler(self) -> ChunkRuler | None:
        return self._maker.ruler if self._maker is not None else None

    def show_ruler(self, ruler: ChunkRuler | None) -> None:
        """Another stream, from its newest bytes; somebody else advances it."""
        self._maker = SceneMaker(ruler) if ruler is not None else None
        self.selected = self.current = None
        self._state = ()
        self.scale.begin_anew()
        self.refresh(now=True)

    def set_words(self, words: Sequence[LaneWords], absent: Sequence[str]) -> None:
        """What stands beside the lanes, and in those of which nothing is known."""
        if (tuple(words), tuple(absent)) != (tuple(self._words), tuple(self._absent)):
            self._words, self._absent = tuple(words), tuple(absent)
            self._arrange()

    @Slot()
    def refresh(self, now: bool = False) -> None:
        """Look whether there is more. Cheap when there is not, or when that was drawn a moment ago."""
        if self._maker is None or (self._resting.isActive() and not now):
            return
        state = self._maker.state()
        if state != self._state:
            self._state = state
            self.scale.grow(self._maker.ruler.size)
            self._resting.start()
            self._changed()

    def select(self, selected: tuple[int, int] | None, reveal: bool) -> None:
        """Positions that are selected in the window. reveal: scroll there."""
        if selected != self.selected:
            self.selected = selected
            self.viewport().update()
        if selected is not None and reveal:
            self.scale.reveal(*selected)
            self._changed()

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

    def describe_current(self) -> str:
        """The range that the keyboard is at, in words."""
        if self.ruler is None or self.current is None:
            return ""
        return describe(self.ruler, *self.current)

    def scene(self) -> Scene | None:
        """What is seen at present."""
        if self._maker is None:
            return None
        return self._maker.make(self.scale, self._painter.bytes.readable(self.scale))

    # -- ranges -------------------------------------------------------------------------------------

    @property
    def current_range(self) -> Range | None:
        """Where the keyboard is."""
        lane = self._lane(self.current[0]) if self.current is not None else None
        if lane is None or self.current is None or self.current[1] >= lane.count:
            return None
        return lane.range(self.current[1])

    def _lane(self, which: int) -> Lane | None:
        return self.ruler.lanes[which] if self.ruler is not None else None

    def range_at(self, place: QPoint) -> tuple[int, int] | None:
        """Lane and row of what stands at a place of the viewport."""
        layout = self._layout
        which = layout.lane_at(place)
        lane = self._lane(which) if which >= 0 else None
        if lane is None or not 0 <= place.x() - layout.left < layout.width:
            return None
        exact = self.scale.left + (place.x() - layout.left) * self.scale.per_pixel
        position = self.scale.position(place.x() - layout.left)
        if not 0 <= exact < lane.stop:
            return None
        row = lane.row_at(position)
        return (which, row) if row < lane.count and lane.range(row).start <= position else None

    def point(self, which: int, row: int) -> None:
        """Move the keyboard to a range and show it."""
        lane = self._lane(which)
        if lane is None or not 0 <= row < lane.count:
            return
        self.current = which, row
        one = lane.range(row)
        following = self.scale.following
        self.scale.stay()
        self.scale.reveal(one.start, one.stop)
        if following and self.scale.left >= self.scale.last - self.scale.per_pixel:
            self.scale.follow()  # it was in sight
        self._changed()
        self.pointed.emit()

    def _step(self, rows: int) -> None:
        """To another range of the lane."""
        lane = self._lane(self.current[0]) if self.current is not None else None
        if lane is None or self.current is None:
            self._enter()
        elif lane.count:
            self.point(self.current[0], max(0, min(self.current[1] + rows, lane.count - 1)))

    def _change_lane(self, step: int) -> None:
        """To what holds the same bytes in the lane above or below."""
        one = self.current_range
        if one is None or self.current is None:
            self._enter()
            return
        which = self.current[0] + step
        while 0 <= which <= MESSAGES:
            lane = self._lane(which)
            if lane is not None and lane.count:
                self.point(which, min(lane.row_at(one.start), lane.count - 1))
                return
            which += step

    def _enter(self) -> None:
        """The first range that is seen whole."""
        for which in (RECEIVED, SENT, MESSAGES):
            lane = self._lane(which)
            if lane is not None and lane.count:
                row = min(lane.row_at(self.scale.shown[0]), lane.count - 1)
                if lane.range(row).start < self.scale.shown[0] and row + 1 < lane.count:
                    row += 1
                self.point(which, row)
                return

    # -- keyboard and mouse -------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        keys: dict[Qt.Key, Callable[[], None]] = {
            key.Key_Left: partial(self._step, -1),
            key.Key_Right: partial(self._step, 1),
            key.Key_Up: partial(self._change_lane, -1),
            key.Key_Down: partial(self._change_lane, 1),
            key.Key_Home: partial(self._step, -(1 << 62)),
            key.Key_End: partial(self._step, 1 << 62),
            key.Key_PageUp: partial(self._page, -1),
            key.Key_PageDown: partial(self._page, 1),
            key.Key_Plus: self.zoom_in,
            key.Key_Equal: self.zoom_in,
            key.Key_Minus: self.zoom_out,
            key.Key_Underscore: self.zoom_out,
            key.Key_0: self.fit,
        }
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if plain and (act := keys.get(Qt.Key(event.key()))) is not None:
            act()
        elif plain and event.key() in (key.Key_Return, key.Key_Enter, key.Key_Space) and self.current is not None:
            self.chosen.emit(*self.current)
        else:
            event.ignore()

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

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        self.unsetCursor()
        if pressed is None or self._dragged:
            return
        found = self.range_at(pressed)
        if found is not None:
            self.current = found
            self.viewport().update()
            self.pointed.emit()
            self.chosen.emit(*found)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)

    def tip_at(self, place: QPoint) -> str:
        """What is said of a place, "" for nothing."""
        found, scene = self.range_at(place), self.scene()
        if found is not None and self.ruler is not None:
            return describe(self.ruler, *found)
        which = self._layout.lane_at(place)
        lane = scene.lanes[which] if scene is not None and which >= 0 else None
        if lane is None:
            return self._absent[which] if which >= 0 else ""
        position = self.scale.position(place.x() - self._layout.left)
        for one in lane.missing:
            if one.start <= position < one.stop:
                return f"{one.size:,} B {WHY_MISSING[one.why]}"
        return ""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

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

    def _arrange(self) -> None:
        self.scale.resize(self._layout.width)
        self._changed()

    @Slot()
    def _on_theme(self) -> None:
        self._painter.refresh()
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

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self.palette().base())
        scene = self.scene()
        if scene is not None and self._words:
            marks = Marks(self.selected, self.current, self.hasFocus())
            self._painter.paint(painter, self._layout, self.scale, scene, self._words, self._absent, marks)
            if not scene.exact:
                self._refine.start()
        painter.end()
