"""The tables of the load dock: the histogram in numbers, why clients failed, the runs that are over."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from explorer.core.latency import Latencies
from explorer.core.load import LoadReport
from explorer.ui.load_words import COLUMNS, KeptRun, cells, time_text
from explorer.ui.models.load_bars import bars_of

Index = QModelIndex | QPersistentModelIndex
BARS = ("From", "To", "Answers", "Share", "No longer")
FAILURES = ("Clients", "Call", "Error", "What it means, and what to try")
KEPT = 20  # runs
_NONE = QModelIndex()


class TextTable(QAbstractTableModel):
    """Rows of texts under headings. right: columns of numbers. Every cell's tip is its text."""

    def __init__(self, headings: Sequence[str], right: Sequence[int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings = headings
        self._right = frozenset(right)
        self.rows: list[list[str]] = []

    def show_rows(self, rows: list[list[str]]) -> None:
        """Other rows; what is selected stays where there are as many as before."""
        if rows == self.rows:
            return
        if len(rows) == len(self.rows):
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(self._headings) - 1))
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NONE) -> int:
        return 0 if parent.isValid() else len(self._headings)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return None

    def _alignment(self, column: int) -> int:
        side = Qt.AlignmentFlag.AlignRight if column in self._right else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)


class BarsTable(TextTable):
    """The bars of the histogram that count anything."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(BARS, range(5), parent)

    def show_latencies(self, latencies: Latencies) -> None:
        count = latencies.count
        self.show_rows(
            [
                [
                    time_text(bar.start), time_text(bar.end), f"{bar.count:,}", f"{bar.count / count * 100:.3g} %",
                    f"{(bar.below + bar.count) / count * 100:.4g} %",
                ]
                for bar in bars_of(latencies)
                if bar.count
            ]
        )  # fmt: skip


class FailuresTable(TextTable):
    """Why clients failed, the commonest reason first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(FAILURES, (0,), parent)

    def show_report(self, report: LoadReport) -> None:
        self.show_rows(
            [
                [f"{one.count:,}", one.failure.call, one.failure.errno, one.failure.sentence]
                for one in report.failures
            ]
        )  # fmt: skip


class RunsTable(TextTable):
    """The runs that are over, the newest first, so many at most."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, (0, *range(3, len(COLUMNS) - 1)), parent)
        self.runs: list[KeptRun] = []

    def add(self, run: KeptRun) -> None:
        self.runs = [run, *self.runs][:KEPT]
        self.show_rows([cells(one) for one in self.runs])

    def remove(self, places: Sequence[int]) -> None:
        """Forget the runs in these rows."""
        self.runs = [run for place, run in enumerate(self.runs) if place not in set(places)]
        self.show_rows([cells(one) for one in self.runs])
