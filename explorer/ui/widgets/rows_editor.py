"""A table of settings to edit: a grid, what is done to its rows, and under it what is wrong with its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.core.fields import MOST_ROWS, Field
from explorer.ui.choice_draft import TypedRow, TypedRows
from explorer.ui.models.rows_model import RowsModel
from explorer.ui.theme import Theme
from explorer.ui.typed_rows import empty_row, from_text, parse_path, to_text
from explorer.ui.widgets.field_error import FieldErrors
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.rows_table import RowsTable

MOST_SENTENCES = 4  # that are shown under the table; the cells have theirs as tips
HINT = "Enter edits a cell, Alt with ↑ or ↓ moves a row. Rows can be pasted from a spreadsheet."

EMPTY = "There are no rows yet: Add makes the first, or paste rows from a spreadsheet."


class RowsEditor(QWidget):
    """It keeps no rows: it asks for a change, and shows what it is given.

    Signal: edited(TypedRows): the rows as the user wants them, each a step of its own.
    """

    edited = Signal(object)

    def __init__(self, field: Field, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._theme = theme
        self.model = RowsModel(field, theme, self)
        self.table = RowsTable(self.model, field.label, theme)
        self.empty = QLabel(f"{field.help} {EMPTY}".strip(), self.table.viewport())
        self.errors = FieldErrors(theme)
        self.add = self._button("&Add", "Add a row behind the current one (Ins)")
        self.duplicate = self._button("&Duplicate", "Add the chosen rows once more")
        self.remove = self._button("&Remove", "Remove the chosen rows (Del); undo brings them back")
        self.up = self._button("Move &up", "Before the row above (Alt+↑)")
        self.down = self._button("Move do&wn", "Behind the row below (Alt+↓)")
        self.reveal = self._button("&Show secrets", "Show in the clear what is hidden")
        self.reveal.setCheckable(True)
        self.reveal.setVisible(any(column.type == "secret" for column in field.columns))
        self._lay_out()
        self._connect()
        self._on_theme()
        self.show_rows((), {})

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.empty.setContentsMargins(8, 6, 8, 6)
        inside = QVBoxLayout(self.table.viewport())
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.empty)
        buttons = QWidget()
        row = FlowLayout(buttons, gap=6)
        for button in (self.add, self.duplicate, self.remove, self.up, self.down, self.reveal):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.errors)
        column.addWidget(buttons)

    def _connect(self) -> None:
        self.model.edited.connect(self.edited)
        self.table.add_wanted.connect(self.add_row)
        self.table.remove_wanted.connect(self.remove_rows)
        self.table.move_wanted.connect(self.move_rows)
        self.table.copy_wanted.connect(self.copy_rows)
        self.table.paste_wanted.connect(self.paste_rows)
        self.table.selectionModel().selectionChanged.connect(self._update)
        self.model.modelReset.connect(self._update)
        self.errors.wanted.connect(self.go_to)
        self.add.clicked.connect(self.add_row)
        self.duplicate.clicked.connect(self.duplicate_rows)
        self.remove.clicked.connect(self.remove_rows)
        self.up.clicked.connect(self._on_up)
        self.down.clicked.connect(self._on_down)
        self.reveal.toggled.connect(self.model.reveal)
        self._theme.changed.connect(self._on_theme)

    # -- showing --------------------------------------------------------------------------------

    @property
    def rows(self) -> TypedRows:
        return self.model.rows

    def show_rows(self, rows: TypedRows, problems: Mapping[str, str]) -> None:
        """problems: sentences by the path of their cell, of the field for the table as a whole."""
        current = self.table.currentIndex()
        row, column = max(0, current.row()), max(0, current.column())
        first = bool(rows) and not self.model.rows
        self.model.show(rows, problems)
        if first:
            self.table.fit()
        if not self.table.currentIndex().isValid():
            self.table.go_to(row, column)
        mine = {path: text for path, text in problems.items() if path.startswith(self._field.name)}
        shown = dict(list(mine.items())[:MOST_SENTENCES])
        labels = {path: self.label_of(path) for path in shown}
        if len(mine) > len(shown):
            last = list(shown)[-1]
            more = len(mine) - len(shown)
            shown[last] += f" {more:,} more cell{'s are' if more > 1 else ' is'} wrong, marked with ⚠."
        self.errors.show_problems(shown, labels, HINT)
        self._update()

    def label_of(self, path: str) -> str:
        """E.g. ``Row 3, Pattern``."""
        place = parse_path(path)
        if place is None:
            return self._field.label
        column = next((one.label for one in self._field.columns if one.name == place[2]), "")
        return f"Row {place[1] + 1}" + (f", {column}" if column else "")

    @Slot()
    def _update(self) -> None:
        chosen, count = self.table.chosen_rows(), len(self.rows)
        self.empty.setVisible(not count)
        self.add.setEnabled(count < (self._field.maximum or MOST_ROWS))
        self.duplicate.setEnabled(bool(chosen) and self.add.isEnabled())
        self.remove.setEnabled(bool(chosen))
        self.up.setEnabled(bool(chosen) and chosen[0] > 0)
        self.down.setEnabled(bool(chosen) and chosen[-1] < count - 1)

    @Slot()
    def _on_theme(self) -> None:
        palette = self.empty.palette()
        palette.setColor(self.empty.foregroundRole(), QColor(self._theme.colors.muted))
        self.empty.setPalette(palette)

    def focus_first(self) -> None:
        self.table.go_to(self.table.currentIndex().row())
        (self.table if self.rows else self.add).setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def go_to(self, path: str) -> None:
        """Move the keyboard to a cell."""
        place = parse_path(path)
        if place is not None:
            names = [column.name for column in self._field.columns]
            self.table.go_to(place[1], names.index(place[2]) if place[2] in names else 0)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what the user does ---------------------------------------------------------------------

    def _put(self, rows: Sequence[TypedRow], first: int, count: int = 1, column: int = 0) -> None:
        """Ask for other rows; then `count` of them from `first` on are the chosen ones."""
        self.edited.emit(tuple(rows))
        self.table.clearSelection()
        self.table.go_to(first, column)
        selection = self.table.selectionModel()
        for row in range(first, min(first + count, len(self.rows))):
            selection.select(self.model.index(row, column), selection.SelectionFlag.Select)
        self._update()

    def _behind(self) -> int:
        """Where new rows go."""
        chosen = self.table.chosen_rows()
        return chosen[-1] + 1 if chosen else len(self.rows)

    @Slot()
    def add_row(self) -> None:
        if not self.add.isEnabled():
            return
        place = self._behind()
        self._put([*self.rows[:place], empty_row(self._field), *self.rows[place:]], place)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def duplicate_rows(self) -> None:
        place, copies = self._behind(), [self.rows[row] for row in self.table.chosen_rows()]
        if copies and self.add.isEnabled():
            self._put([*self.rows[:place], *copies, *self.rows[place:]], place, len(copies))

    @Slot()
    def remove_rows(self) -> None:
        chosen = self.table.chosen_rows()
        if chosen:
            column = max(0, self.table.currentIndex().column())
            self._put([row for place, row in enumerate(self.rows) if place not in chosen], chosen[0], 1, column)

    @Slot(int)
    def move_rows(self, by: int) -> None:
        """Up (-1) or down (1), all chosen rows together."""
        chosen, rows = self.table.chosen_rows(), list(self.rows)
        if not chosen or not 0 <= (chosen[0] if by < 0 else chosen[-1]) + by < len(rows):
            return
        for place in chosen if by < 0 else reversed(chosen):
            rows.insert(place + by, rows.pop(place))
        column = max(0, self.table.currentIndex().column())
        together = chosen[-1] - chosen[0] + 1 == len(chosen)
        self._put(rows, chosen[0] + by, len(chosen) if together else 1, column)

    @Slot()
    def _on_up(self) -> None:
        self.move_rows(-1)

    @Slot()
    def _on_down(self) -> None:
        self.move_rows(1)

    @Slot()
    def copy_rows(self) -> None:
        rows = tuple(self.rows[row] for row in self.table.chosen_rows())
        if rows:
            QGuiApplication.clipboard().setText(to_text(self._field, rows))

    @Slot()
    def paste_rows(self) -> None:
        place, rows = self._behind(), from_text(self._field, QGuiApplication.clipboard().text())
        if rows:
            self._put([*self.rows[:place], *rows, *self.rows[place:]], place, len(rows))
