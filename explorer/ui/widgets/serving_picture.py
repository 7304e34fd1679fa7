"""Who is being served, as a picture: those who still connect, the accept queue, and those who are served."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygon
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from explorer.ui.serving_scene import Client, ServingScene, duration
from explorer.ui.theme import Theme

SLOTS = 8  # places of the queue that are drawn, at most
LOOKED_AT = 50  # clients whose words decide how wide boxes are
GAP = 4  # pixels between two boxes


class Box(NamedTuple):
    """What is drawn. client None: an empty place of the queue, or how many more there are."""

    rect: QRect
    client: Client | None
    words: str


class ServingPicture(QWidget):
    """Signals: chosen(int): a connection was clicked.

    The table beside it holds the same for the keyboard and for screen readers. What does not fit is counted in the
    last box.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scene = ServingScene("selectors")
        self._current = 0
        self._one_host = True
        self.setAccessibleName("Picture of who is being served")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    def show_scene(self, scene: ServingScene, current: int) -> None:
        """current: the connection that is selected, 0 for none."""
        if (scene, current) == (self._scene, self._current):
            return
        higher = self._rows(scene) != self._rows(self._scene)
        self._scene, self._current = scene, current
        self._one_host = len({client.remote.rpartition(":")[0] for client in scene.clients}) <= 1
        self.setAccessibleDescription(scene.sentence)
        if higher:
            self.updateGeometry()
        self.update()

    # -- where everything stands ----------------------------------------------------------------

    @property
    def _line(self) -> int:
        return self.fontMetrics().height()

    @property
    def _box_height(self) -> int:
        return 2 * self._line + 6

    def _box_width(self, clients: list[Client | None]) -> int:
        """As wide as what the boxes of a lane say; all the same, and no narrower than a few words."""
        metrics = self.fontMetrics()
        words = [text for client in clients[:LOOKED_AT] if client for text in (self._name(client), below(client))]
        return max(metrics.horizontalAdvance(text) for text in (*words, "and 0,000 more")) + 14

    def _name(self, client: Client) -> str:
        """The port alone, while all come from this one host."""
        return ":" + client.remote.rpartition(":")[2] if self._one_host else client.remote

    @staticmethod
    def _rows(scene: ServingScene) -> int:
        return 2 if len(scene.served) > 1 or len(scene.queued) > 1 else 1

    def sizeHint(self) -> QSize:
        rows = self._rows(self._scene)
        return QSize(self._line * 40, self._line + GAP + rows * (self._box_height + GAP))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def lanes(self) -> list[tuple[str, QRect, list[Box]]]:
        """Heading, place and boxes of each lane, from left to right."""
        scene, arrow = self._scene, 2 * self._line
        served: list[Client | None] = [*scene.served]
        queue = self._queue()
        headings = [("Accept queue " + scene.fill, queue), ("Being served", served)]
        if scene.knocking:
            headings.insert(0, ("Still connecting", list(scene.knocking)))
        lanes, left = [], 0
        for place, (heading, clients) in enumerate(headings):
            width = self.width() - left if place == len(headings) - 1 else self._wish(heading, clients)
            rect = QRect(left, 0, max(1, width), self.height())
            lanes.append(
                (heading, rect, self._boxes(rect, clients, *(self._further(queue) if clients is queue else (0, 0))))
            )
            left += width + arrow
        return lanes

    def _wish(self, heading: str, clients: list[Client | None]) -> int:
        """How wide a lane of those who wait is, at most a part of the whole."""
        columns = -(-len(clients) // self._rows(self._scene))
        wanted = max(self.fontMetrics().horizontalAdvance(heading), columns * (self._box_width(clients) + GAP))
        return min(wanted, self.width() * 2 // 5)

    def _queue(self) -> list[Client | None]:
        """The clients in the queue, and places that are free."""
        scene = self._scene
        unnamed = max(0, (scene.waiting or 0) - len(scene.queued))
        clients: list[Client | None] = [*scene.queued, *[Client("queued", "?")] * min(unnamed, SLOTS)]
        free = 0 if scene.waiting is None or scene.room is None else scene.room - len(clients)
        return clients + [None] * max(0, min(free, SLOTS - len(clients)))

    def _further(self, queue: list[Client | None]) -> tuple[int, int]:
        """Who waits beyond those in this list, and how many places are free beyond those in it."""
        scene, waiting = self._scene, sum(client is not None for client in queue)
        if scene.waiting is None:
            return 0, 0
        more = max(0, scene.waiting - waiting)
        return more, max(0, (scene.room or 0) - len(queue) - more)

    def _boxes(self, lane: QRect, clients: list[Client | None], waiting: int = 0, free: int = 0) -> list[Box]:
        """waiting, free: beyond `clients`, only counted."""
        top, height = self._line + GAP, self._box_height
        width = min(self._box_width(clients), lane.width())
        fitting = max(1, (lane.height() - top + GAP) // (height + GAP))
        columns = max(1, (lane.width() + GAP) // (width + GAP))
        most = columns * fitting
        shown: list[tuple[Client | None, str]] = [(client, "") for client in clients]
        count = len(clients) + waiting + free
        if count > len(clients) or count > most:
            here = min(most - 1, len(clients))
            nobody = not waiting and not any(clients[here:])
            shown = [*shown[:here], (None, f"and {count - here:,} more{' free' if nobody else ''}")]
        return [
            Box(
                QRect(
                    lane.left() + place % columns * (width + GAP),
                    top + place // columns * (height + GAP),
                    width - 1,
                    height - 1,
                ),
                client,
                words,
            )
            for place, (client, words) in enumerate(shown)
        ]

    # -- painting -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        colors = self._theme.colors
        lanes = self.lanes()
        for place, (heading, rect, boxes) in enumerate(lanes):
            painter.setPen(QColor(colors.muted))
            line = QRect(rect.left(), 0, rect.width(), self._line)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, self._fit(heading, line.width()))
            for box in boxes:
                self._paint_box(painter, box)
            if place:
                self._paint_arrow(painter, rect.left() - self._line, self._line + GAP + self._box_height // 2)

    def _paint_box(self, painter: QPainter, box: Box) -> None:
        colors, client = self._theme.colors, box.client
        pen = QPen(QColor(colors.border))
        if client is None:
            pen.setStyle(Qt.PenStyle.NoPen if box.words else Qt.PenStyle.DashLine)
        elif client.place == "served":
            pen = QPen(QColor(colors.accent if client.connection == self._current else colors.good))
            pen.setWidth(3 if client.connection == self._current else 1)
        else:
            pen = QPen(QColor(colors.warning if client.place == "queued" else colors.error))
            if client.place == "knocking":
                pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(QColor(colors.base) if client is not None else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.rect, 4, 4)
        inner = box.rect.adjusted(6, 2, -6, -2)
        if client is None:
            painter.setPen(QColor(colors.muted))
            words = self._fit(box.words or "free", inner.width())
            painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, words)
            return
        upper = QRect(inner.left(), inner.top(), inner.width(), self._line)
        lower = upper.translated(0, self._line)
        painter.setPen(QColor(colors.text))
        painter.drawText(upper, Qt.AlignmentFlag.AlignLeft, self._fit(self._name(client), inner.width()))
        painter.setPen(QColor(colors.muted))
        painter.drawText(lower, Qt.AlignmentFlag.AlignLeft, self._fit(below(client), inner.width()))

    def _paint_arrow(self, painter: QPainter, middle: int, height: int) -> None:
        """From one lane to the next."""
        half, head = self._line * 3 // 4, max(3, self._line // 4)
        painter.setPen(QPen(QColor(self._theme.colors.muted), 2))
        painter.drawLine(middle - half, height, middle + half, height)
        painter.setBrush(QColor(self._theme.colors.muted))
        tip = QPoint(middle + half, height)
        painter.drawPolygon(QPolygon([tip, tip + QPoint(-head, -head), tip + QPoint(-head, head)]))

    def _fit(self, text: str, width: int) -> str:
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)

    # -- the pointer ----------------------------------------------------------------------------

    def client_at(self, place: QPoint) -> Client | None:
        for _, _, boxes in self.lanes():
            for box in boxes:
                if box.rect.contains(place):
                    return box.client
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        client = self.client_at(event.position().toPoint())
        if client is not None and client.connection and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(client.connection)
            return
        super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            client = self.client_at(event.pos())
            tip = f"{client.remote}: {client.doing}, for {duration(client.seconds)}" if client else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    @Slot()
    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()


def below(client: Client) -> str:
    """The second line of a box."""
    if client.place == "served":
        return f"{client.worker} · {duration(client.seconds)}" if client.worker else duration(client.seconds)
    return f"waits {duration(client.seconds)}"
