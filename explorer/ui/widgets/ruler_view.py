"""The chunk ruler's picture: send calls above, recv calls below them, messages underneath, over the same bytes.

Zoom with Ctrl and the wheel or + and -, scroll with the wheel or by dragging, choose by click or arrow keys.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.capture.chunk_ruler import ChunkRuler
from explorer.capture.chunk_ruler_lanes import Lane, Range
from explorer.ui.theme import Theme
from explorer.ui.widgets.ruler_area import RulerArea
from explorer.ui.widgets.ruler_painter import Marks
from explorer.ui.widgets.ruler_scene import Scene, SceneMaker
from explorer.ui.widgets.ruler_words import MESSAGES, RECEIVED, SENT, WHY_MISSING, LaneWords, describe

REST = 60  # milliseconds between two pictures of a stream that grows
_REFINE = 20  # milliseconds until a picture is made more exact


class RulerView(RulerArea):
    """Signals, besides that of `RulerArea`:
    chosen(int, int): the user chose a range: its lane and row.
    pointed(): the keyboard is at another range.
    """

    chosen = Signal(int, int)
    pointed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._maker: SceneMaker | None = None
        self._absent: Sequence[str] = ("", "", "")
        self.selected: tuple[int, int] | None = None
        self.current: tuple[int, int] | None = None
        self._state: tuple[object, ...] = ()
        self._resting = QTimer(self, singleShot=True, interval=REST)
        self._resting.timeout.connect(self.refresh)
        self._refine = QTimer(self, singleShot=True, interval=_REFINE)
        self._refine.timeout.connect(self.viewport().update)
        self.setAccessibleName("Chunk ruler")

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
        layout = self._layout
        named = next((one for one in range(len(layout.lanes)) if layout.name_rect(one).contains(place)), -1)
        if 0 <= named < len(self._words):
            return f"{self._words[named].title} {self._words[named].whose}"
        which = layout.lane_at(place)
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
        self._color_frame()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._color_frame()
        self.viewport().update()

    # -- painting -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._painter.ground)
        scene = self.scene()
        if scene is not None and self._words:
            marks = Marks(self.selected, self.current, self.hasFocus())
            self._painter.paint(painter, self._layout, self.scale, scene, self._words, self._absent, marks)
            if not scene.exact:
                self._refine.start()
        painter.end()
