"""A conversation as bubbles, at any number of messages and any rate.

To the model, the selection, the keyboard and screen readers it is a log table with columns; only its rows are painted
as bubbles, each as high as its text needs. Only those that are seen are measured and painted: the scroll bar counts
messages, and at its end the newest bubble stands at the bottom.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from explorer.ui.models.log_model import Index, LogModel
from explorer.ui.theme import Theme
from explorer.ui.widgets.bubble_painter import Bubble, BubblePainter
from explorer.ui.widgets.log_table import LogTable

KEPT = 200  # bubbles that stay laid out


class BubbleTable(LogTable):
    def __init__(self, model: LogModel, theme: Theme, parent: QWidget | None = None) -> None:
        self._bubbles: dict[int, tuple[object, Bubble]] = {}
        self._paints = BubblePainter(theme)
        super().__init__(model, theme, parent)
        self.horizontalHeader().hide()
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # -- measures -------------------------------------------------------------------------------

    def _bubble(self, row: int) -> Bubble | None:
        """None where the row cannot be read yet."""
        found = self._model.row(row)
        if found is None:
            return None
        size = self.viewport().size()
        kept = self._bubbles.get(row)
        if kept is not None and kept[0] == (found.cells, size.width(), size.height()):
            return kept[1]
        made = self._paints.lay_out(found, size.width(), size.height())
        if len(self._bubbles) >= KEPT:
            self._bubbles.clear()
        self._bubbles[row] = ((found.cells, size.width(), size.height()), made)
        return made

    def _height(self, row: int) -> int:
        bubble = self._bubble(row)
        return bubble.height if bubble is not None else self._paints.lowest

    def _fitting(self, last: int, room: int) -> int:
        """How many rows that end with this one have room; at least one."""
        count = 0
        while last - count >= 0 and (room := room - self._height(last - count)) >= 0:
            count += 1
        return max(1, count)

    @property
    def page(self) -> int:
        """Rows that are seen when the newest is."""
        return self._fitting(self._model.rowCount() - 1, self.viewport().height())

    @property
    def row_height(self) -> int:
        return self._paints.lowest

    def _tops(self) -> list[tuple[int, int]]:
        """Rows that are seen, at least in part, with the heights at which they begin."""
        found, row, top = list[tuple[int, int]](), self.first, 0
        while row < self._model.rowCount() and top < self.viewport().height():
            found.append((row, top))
            top += self._height(row)
            row += 1
        return found

    def row_at(self, y: int) -> int:
        return next((row for row, top in self._tops() if top <= y < top + self._height(row)), -1)

    def visualRect(self, index: Index) -> QRect:
        """The columns of a row share its bubble."""
        if not index.isValid():
            return QRect()
        top = dict(self._tops()).get(index.row())
        bubble = self._bubble(index.row()) if top is not None else None
        if top is None or bubble is None:
            away = -2 if index.row() < self.first else 2
            return QRect(0, away * self.viewport().height(), self.viewport().width(), self._paints.lowest)
        return self._paints.place(bubble, top, self.viewport().width())

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        row, bar, room = index.row(), self.verticalScrollBar(), self.viewport().height()
        if row < 0:
            return
        if hint is QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(row - self._fitting(row, room // 2) + 1)
        elif row < self.first:
            bar.setValue(row)
        elif row >= self.first + self._seen_whole():
            bar.setValue(row - self._fitting(row, room) + 1)

    def _seen_whole(self) -> int:
        room = self.viewport().height()
        return max(1, sum(top + self._height(row) <= room for row, top in self._tops()))

    def _arrange(self) -> None:
        self.setViewportMargins(0, 0, 0, 0)
        down = self.verticalScrollBar()
        self._moving = True
        page = self.page
        down.setPageStep(page)
        down.setRange(0, max(0, self._model.rowCount() - page))
        if self.following:
            down.setValue(down.maximum())
        self._moving = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(int(event.position().y()))
        if event.buttons() & Qt.MouseButton.LeftButton and row >= 0 and not event.modifiers():
            self._go(row, True)

    # -- looks ----------------------------------------------------------------------------------

    def _on_reset(self) -> None:
        self._bubbles.clear()
        super()._on_reset()

    def _on_theme_changed(self) -> None:
        self._paints.refresh()
        self._bubbles.clear()
        super()._on_theme_changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        chosen = self.selected_rows()
        current = self.currentIndex().row() if self.hasFocus() else -1
        for row, top in self._tops():
            bubble = self._bubble(row)
            if bubble is not None:
                where = self._paints.place(bubble, top, self.viewport().width())
                self._paints.paint(painter, bubble, where, any(row in part for part in chosen), row == current)
        painter.end()
