"""How the height between the docks is shared out: rows of tables and bytes come before the forms around them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, cast

from PySide6.QtCore import QEvent, QRect, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QSplitter, QVBoxLayout, QWidget

BYTE_ROWS = 4
TABLE_ROWS = 3
KEPT_ROWS = 2  # of tables, before anything else gets more than its least height
LINE_GAP = 4  # pixels beside a line


class _Rows(Protocol):
    """What shows rows. Its least height holds one."""

    @property
    def row_height(self) -> int:
        """Pixels."""
        ...


class _Line(Protocol):
    """A form of which one line is needed most."""

    @property
    def line_height(self) -> int:
        """Pixels."""
        ...


class RowSplitter(QSplitter):
    """Areas one below the other. When it gets another height, each keeps the rows that it wants, as far as there is
    room; where its handles stand, the user decides."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._wanted: dict[QWidget, tuple[_Rows, int, int]] = {}
        self._kept: dict[QWidget, int] = {}
        self.setChildrenCollapsible(False)

    def want_rows(self, area: QWidget, rows: QWidget, count: int, lines: int = 0, keep: int = 1) -> None:
        """Let `area`, which has been added, be high enough for so many of the rows in it, and for so many lines of text
        that it could do without. keep: rows that it has before others get more than their least height."""
        self._wanted[area] = cast(_Rows, rows), count, lines
        self._kept[area] = keep

    @property
    def wanted_height(self) -> int:
        """Pixels with which every area shows the rows that it wants."""
        return self.minimumSizeHint().height() + sum(self._more(self.widget(at)) for at in range(self.count()))

    @property
    def kept_height(self) -> int:
        """Pixels with which every area shows the rows that it keeps."""
        return self.minimumSizeHint().height() + sum(self._keeps(self.widget(at)) for at in range(self.count()))

    def _keeps(self, area: QWidget | None) -> int:
        """Pixels that an area keeps beyond its least height."""
        if area is None or area not in self._wanted:
            return 0
        return self._wanted[area][0].row_height * (self._kept[area] - 1)

    def _more(self, area: QWidget | None) -> int:
        """Pixels that an area wants beyond its least height."""
        if area is None or area not in self._wanted:
            return 0
        rows, count, lines = self._wanted[area]
        return rows.row_height * (count - 1) + (area.fontMetrics().height() + LINE_GAP) * lines

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._share()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        """Take what some areas lack from those that have more than they want."""
        areas = [self.widget(at) for at in range(self.count())]
        sizes = self.sizes()
        wanted = [area.minimumSizeHint().height() + self._more(area) for area in areas if area is not None]
        kept = [area.minimumSizeHint().height() + self._keeps(area) for area in areas if area is not None]
        changed = _shared(_shared(sizes, wanted), kept)
        if changed != sizes:
            self.setSizes(changed)


def _shared(sizes: list[int], wanted: list[int]) -> list[int]:
    """Heights after what some lack was taken from those that have more than is wanted."""
    lacking = sum(max(0, want - size) for want, size in zip(wanted, sizes, strict=True))
    spare = sum(max(0, size - want) for want, size in zip(wanted, sizes, strict=True))
    if not lacking or not spare:
        return sizes
    given = min(lacking, spare)
    return [
        size + given * (want - size) // lacking if want > size else size - given * (size - want) // spare
        for want, size in zip(wanted, sizes, strict=True)
    ]


class PaneColumn(QVBoxLayout):
    """Forms and a splitter of rows, which gets what the forms leave. Where the height is not enough for all, each gets
    its least height; the splitter keeps its most needed rows, and a form of which one line is needed (`keep_line`) that
    one. Then the rows that the splitter wants come first, or the forms (see `set_rows_first`), those below before those
    above.

    Signal: spare_changed(int): pixels beyond what everything wants; negative: that are lacking.
    """

    spare_changed = Signal(int)

    def __init__(self, parent: QWidget, splitter: RowSplitter) -> None:
        super().__init__(parent)
        self._splitter = splitter
        self._spare: int | None = None
        self._rows_first = True
        self._lines: dict[QWidget, _Line] = {}
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(0)

    @Slot(bool)
    def set_rows_first(self, first: bool) -> None:
        """Whether rows are more important than forms now, as when there is traffic to be seen."""
        if first != self._rows_first:
            self._rows_first = first
            self.invalidate()

    def keep_line(self, form: QWidget) -> None:
        """Let a form, which has been added, have its `line_height` before rows get more than they need."""
        self._lines[form] = cast(_Line, form)

    @property
    def kept_height(self) -> int:
        """Pixels with which what is needed most is seen: each form's least, the rows and lines that are kept."""
        widgets = [item.widget() for item in map(self.itemAt, range(self.count())) if item and not item.isEmpty()]
        return sum(self._kept(widget) for widget in widgets if widget is not None)

    def _kept(self, widget: QWidget) -> int:
        if widget is self._splitter:
            return self._splitter.kept_height
        least = widget.minimumSizeHint().height()
        return max(least, self._lines[widget].line_height) if widget in self._lines else least

    def setGeometry(self, rect: QRect) -> None:
        QLayout.setGeometry(self, rect)
        items = [item for item in map(self.itemAt, range(self.count())) if item is not None and not item.isEmpty()]
        widgets = [widget for item in items if (widget := item.widget()) is not None]
        heights, spare = self._heights(widgets, rect.height())
        top = rect.top()
        for widget in widgets:
            widget.setGeometry(rect.left(), top, rect.width(), heights[widget])
            top += heights[widget]
        if spare != self._spare:
            self._spare = spare
            self.spare_changed.emit(spare)

    def _heights(self, widgets: Iterable[QWidget], height: int) -> tuple[dict[QWidget, int], int]:
        splitter = self._splitter
        heights = {widget: widget.minimumSizeHint().height() for widget in widgets}
        wanted = {widget: widget.sizeHint().height() for widget in heights} | {splitter: splitter.wanted_height}
        left = height - sum(heights.values())
        forms = [widget for widget in reversed(heights) if widget is not splitter]
        for widget in (splitter, *forms):
            more = max(0, min(left, self._kept(widget) - heights[widget]))
            heights[widget] += more
            left -= more
        for widget in (splitter, *forms) if self._rows_first else (*forms, splitter):
            more = max(0, min(left, wanted[widget] - heights[widget]))
            heights[widget] += more
            left -= more
        heights[splitter] += left
        return heights, height - sum(wanted.values())
