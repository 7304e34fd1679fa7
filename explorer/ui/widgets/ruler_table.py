"""The table of the chunk ruler: one column of it may be left out, where it would be empty."""

from __future__ import annotations

from explorer.ui.widgets.column_widths import ColumnWidths
from explorer.ui.widgets.log_table import LogTable


class _Widths(ColumnWidths):
    """A column that is left out takes no room."""

    left_out = -1

    def leave_out(self, column: int) -> None:
        if column == self.left_out:
            return
        self._fitting = True  # no user did this
        for one, hidden in ((self.left_out, False), (column, True)):
            if one >= 0:
                self._table.setColumnHidden(one, hidden)
        self.left_out = column
        self._fitting = False
        self.fit()

    def _width(self, place: int, roomy: int = 0) -> int:
        return 0 if place == self.left_out else super()._width(place, roomy)


class RulerTable(LogTable):
    """See `LogTable`."""

    _widths: _Widths

    def _make_widths(self) -> _Widths:
        return _Widths(self, self._model.columns, self._looks)

    def leave_out(self, column: int) -> None:
        """Hide this column, and no other; -1: none."""
        self._widths.leave_out(column)
