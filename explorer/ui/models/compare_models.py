"""A comparison as two tables: its rows side by side, and the list of its differences."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.wire.compare import Comparison, Kind
from explorer.wire.compare_rows import CompareRows, Part
from explorer.wire.visible import visible

Index = QModelIndex | QPersistentModelIndex
SIGNS: dict[Kind, str] = {"changed": "≠", "inserted": "+", "deleted": "−"}
HEADINGS = (" Offset", " Left", " Text", "", " Offset", " Right", " Text")
LEFT_OFFSET, LEFT_HEX, LEFT_TEXT, SIGN, RIGHT_OFFSET, RIGHT_HEX, RIGHT_TEXT = range(len(HEADINGS))
LISTED = ("No.", "What", "Left offset", "Right offset", "Left bytes", "Right bytes")
SHOWN = 12  # bytes of a difference in the list
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NOTHING = CompareRows(Comparison(b"", b"", (), aligned=True))


class CompareModel(QAbstractTableModel):
    """Rows of both sides. The cells' texts are for screen readers and copying; the view paints the parts.

    now: the difference that is looked at; None: none.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows = NOTHING
        self.now: int | None = None

    def show(self, rows: CompareRows) -> None:
        self.beginResetModel()
        self.rows = rows
        self.now = None
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self.rows.count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return HEADINGS[section]
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return HEADINGS[section].strip() or "What differs"
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(self.rows.row(index.row()), index.column(), role == Qt.ItemDataRole.AccessibleTextRole)
        return None

    def _text(self, parts: list[Part], column: int, spoken: bool) -> str:
        if column == SIGN:
            kinds = dict.fromkeys(part.kind for part in parts if part.kind)
            return ", ".join(kinds) if spoken else "".join(SIGNS[kind] for kind in kinds)
        left = column < SIGN
        if column in (LEFT_OFFSET, RIGHT_OFFSET):
            return f"{parts[0].start if left else parts[0].new_start:06x}"
        sides = [part.old if left else part.new for part in parts]
        if column in (LEFT_TEXT, RIGHT_TEXT):
            return visible(b"".join(sides))
        if spoken:  # what is marked by a box for the eye
            marked = zip(parts, sides, strict=True)
            return " ".join(f"[{side.hex(' ')}]" if part.kind else side.hex(" ") for part, side in marked)
        return b"".join(sides).hex(" ")


class DifferencesModel(QAbstractTableModel):
    """One row a difference: what it is, where it stands on both sides, and what became of what."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._comparison = NOTHING.comparison

    def show(self, comparison: Comparison) -> None:
        self.beginResetModel()
        self._comparison = comparison
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._comparison.differences)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(LISTED)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return LISTED[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (0, 2, 3):
            return _RIGHT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        one = self._comparison.differences[index.row()]
        old = self._comparison.old[one.start : one.start + SHOWN + 1 if one.stop > one.start + SHOWN else one.stop]
        new_stop = one.new_start + SHOWN + 1 if one.new_stop > one.new_start + SHOWN else one.new_stop
        new = self._comparison.new[one.new_start : new_stop]
        return (
            f"{index.row() + 1:,}",
            f"{SIGNS[one.kind]} {one.kind}",
            f"0x{one.start:X}",
            f"0x{one.new_start:X}",
            _bytes(old, one.stop - one.start),
            _bytes(new, one.new_stop - one.new_start),
        )[index.column()]


def _bytes(data: bytes, size: int) -> str:
    """As hex and text; of many, the first ones and how many there are."""
    if not size:
        return "nothing"
    shown = data[:SHOWN]
    return f"{shown.hex(' ')}{f' … ({size:,} bytes)' if size > SHOWN else ''}   {visible(shown)}"
