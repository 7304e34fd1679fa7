"""The base of tables that only grow: rows are made when they are looked at, and a few are kept.

A table of a hundred million rows costs what its visible rows cost. Subclasses say how many rows there
are (`available`) and make some of them (`make_rows`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from explorer.ui.time_format import TimeStyle

MOST_ROWS = 2**31 - 1  # what Qt can count
KEPT = 512  # made rows that are kept; more than any screen shows

Index = QModelIndex | QPersistentModelIndex


class Tone(Enum):
    """What a text or a mark is about; views choose the colour. The values name fields of `theme.Colors`."""

    TEXT = "text"
    MUTED = "muted"
    RECEIVED = "received_text"
    SENT = "sent_text"
    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Column:
    """width: in characters, to begin with; roomy: where the window is wide enough for it.

    right: numbers stand at the right.
    """

    title: str
    width: int
    right: bool = False
    tip: str = ""
    roomy: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row, ready to paint.

    number: what the row is about (a call's or a message's number).
    cells, tones: one for each column. mark: the gutter at the left, None for none.
    tip: shown when the mouse rests on the row. serious: it tells that something failed, and has the background of
    errors; tinted: it has that background although nothing failed, as what somebody else calls an error.
    runs_on: a text that is longer than its cell goes on over the empty cells behind it.
    settled: it stays as it is; else what comes later may change it, and it is made anew whenever it is looked at.
    """

    number: int
    cells: tuple[str, ...]
    tones: tuple[Tone, ...]
    mark: Tone | None = None
    tip: str = ""
    serious: bool = False
    settled: bool = True
    runs_on: bool = False
    tinted: bool = False


class LogModel(QAbstractTableModel):
    """Rows are announced by `grow`, so that the view hears of new ones once a frame."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._numbers = [place for place, column in enumerate(self.columns) if column.right]
        self._shown = 0
        self._made: dict[int, Row] = {}
        self._style = TimeStyle.CLOCK
        self.longest = [0] * len(self.columns)  # characters in each column of numbers, of all rows made so far

    # -- for subclasses -------------------------------------------------------------------------

    def available(self) -> int:
        """Rows there are by now."""
        raise NotImplementedError

    def make_rows(self, first: int, count: int) -> list[Row]:
        """Rows `first` … `first` + `count` - 1; fewer if they cannot be read yet."""
        raise NotImplementedError

    # -- rows -----------------------------------------------------------------------------------

    def grow(self) -> int:
        """Announce the rows that came since; how many."""
        available = min(self.available(), MOST_ROWS)
        new = available - self._shown
        if new > 0:
            self.beginInsertRows(QModelIndex(), self._shown, available - 1)
            self._shown = available
            self.endInsertRows()
        return max(0, new)

    def start_over(self) -> None:
        """Other rows altogether; to be called right after what `available` and `make_rows` tell is replaced."""
        self.beginResetModel()
        self._made.clear()
        self._shown = min(self.available(), MOST_ROWS)
        self.longest = [0] * len(self.columns)
        self.endResetModel()

    def set_time_style(self, style: TimeStyle) -> None:
        """How times are written from now on."""
        self._style = style
        self.repaint()

    @Slot()
    def repaint(self) -> None:
        """The same rows, to be written anew."""
        self._made.clear()
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(self._shown - 1, len(self.columns) - 1))

    def rows(self, first: int, count: int) -> list[Row]:
        """Rows to paint, from those kept and newly made."""
        last = min(first + count, self._shown)
        made = self._made
        missing = [row for row in range(first, last) if row not in made]
        if missing:
            start = missing[0]
            for place, row in enumerate(self.make_rows(start, missing[-1] + 1 - start), start):
                made[place] = row
                for at in self._numbers:
                    self.longest[at] = max(self.longest[at], len(row.cells[at]))
        found = [made[row] for row in range(first, last) if row in made]
        for place in missing:
            if place in made and not made[place].settled:
                del made[place]
        while len(made) > KEPT + count:
            del made[next(iter(made))]
        return found

    def row(self, place: int) -> Row | None:
        found = self.rows(place, 1)
        return found[0] if found else None

    # -- Qt's questions (accessibility, tooltips and tests ask them; painting does not) ----------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.DisplayRole or role == Qt.ItemDataRole.AccessibleTextRole:
            found = self.row(index.row())
            return found.cells[index.column()] if found else None
        if role == Qt.ItemDataRole.ToolTipRole or role == Qt.ItemDataRole.AccessibleDescriptionRole:
            found = self.row(index.row())
            return found.tip or None if found else None
        if role == Qt.ItemDataRole.TextAlignmentRole and self.columns[index.column()].right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:  # the blank puts headings above their cells, which stand further in
            return f"{column.title} " if column.right else f" {column.title}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None
