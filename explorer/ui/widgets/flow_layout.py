"""A layout that fills lines from left to right, like words in a paragraph, so that a form fits any width."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

_GREEDY = (QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)


class FlowLayout(QLayout):
    """Items keep their preferred width. What is left of a line goes to its items that want to expand (or say that
    they have no width of their own: policy Ignored), up to their maximum width; items of one line stand on one
    bottom line."""

    def __init__(self, parent: QWidget | None = None, gap: int = 10, line_gap: int = 6) -> None:
        super().__init__(parent)
        self.setContentsMargins(QMargins(0, 0, 0, 0))
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._line_gap = line_gap

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        edge = self.contentsMargins()
        inner = width - edge.left() - edge.right()
        return edge.top() + self._arrange(QRect(0, 0, inner, 0), apply=False) + edge.bottom()

    def sizeHint(self) -> QSize:
        """One line with everything on it."""
        shown = self._shown()
        width = sum(_wanted(item) for item in shown) + self._gap * max(0, len(shown) - 1)
        size = QSize(width, max((item.sizeHint().height() for item in shown), default=0))
        return size.grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size.grownBy(self.contentsMargins())

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect.marginsRemoved(self.contentsMargins()), apply=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _lines(self, width: int) -> Iterator[list[QLayoutItem]]:
        line: list[QLayoutItem] = []
        used = 0
        for item in self._shown():
            wanted = _wanted(item)
            if line and used + self._gap + wanted > width:
                yield line
                line, used = [], 0
            used += wanted + (self._gap if line else 0)
            line.append(item)
        if line:
            yield line

    def _arrange(self, rect: QRect, apply: bool) -> int:
        """Height that is needed at this width; moves the items when `apply`."""
        top = rect.top()
        for number, line in enumerate(self._lines(rect.width())):
            if number:
                top += self._line_gap
            height = max(item.sizeHint().height() for item in line)
            if apply:
                self._place(line, rect, top, height)
            top += height
        return top - rect.top()

    def _place(self, line: list[QLayoutItem], rect: QRect, top: int, height: int) -> None:
        widths = self._widths(line, rect.width())
        left = rect.left()
        for item, width in zip(line, widths, strict=True):
            own = height if _wants_line(item) else item.sizeHint().height()
            item.setGeometry(QRect(left, top + height - own, width, own))
            left += width + self._gap

    def _widths(self, line: list[QLayoutItem], available: int) -> list[int]:
        widths = [min(_wanted(item), available) for item in line]
        spare = available - sum(widths) - self._gap * (len(line) - 1)
        growing = [place for place, item in enumerate(line) if _wants_more(item)]
        for left, place in zip(range(len(growing), 0, -1), growing, strict=True):
            more = max(0, min(spare // left, line[place].maximumSize().width() - widths[place]))
            widths[place] += more
            spare -= more
        return widths


def _wanted(item: QLayoutItem) -> int:
    """Its preferred width; that of an item with the policy Ignored is none, but it may have a least one."""
    return max(item.sizeHint().width(), item.minimumSize().width())


def _wants_line(item: QLayoutItem) -> bool:
    """Whether an item is as high as its line, rather than standing at its bottom."""
    widget = item.widget()
    return widget is not None and widget.sizePolicy().verticalPolicy() != QSizePolicy.Policy.Fixed


def _wants_more(item: QLayoutItem) -> bool:
    widget = item.widget()
    return widget is not None and widget.sizePolicy().horizontalPolicy() in _GREEDY
