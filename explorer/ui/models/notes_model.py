"""Highlights and notes as table rows: colour, where they stand, how many bytes, the text, the first bytes."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from explorer.capture.describe import as_text, who
from explorer.capture.notes import Note
from explorer.ui.note_actions import color_icon
from explorer.ui.note_bytes import NoteBytesFinder
from explorer.ui.palettes import HIGHLIGHT_NAMES
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from explorer.wire.visible import visible_text

Index = QModelIndex | QPersistentModelIndex
HEADINGS = ("Colour", "Note", "Where", "Size", "Bytes")
COLOR, TEXT, WHERE, SIZE, BYTES = range(len(HEADINGS))
COUNTING = "counting…"


class NotesModel(QAbstractTableModel):
    """Follows `workbench.notes`; texts are edited in place."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._numbers = workbench.notes.numbers
        self._shown = workbench.notes.notes  # in the same order
        self._bytes = NoteBytesFinder(workbench, self)
        self._bytes.found.connect(self._on_bytes)
        self._icons = [color_icon(theme.colors, color) for color in range(len(HIGHLIGHT_NAMES))]
        workbench.notes.notes_changed.connect(self._on_notes_changed)
        theme.changed.connect(self._on_theme)

    @Slot()
    def _on_notes_changed(self) -> None:
        """Rows come and go one by one, and only what changed is told: a note that is being typed stays."""
        numbers, notes = self._workbench.notes.numbers, self._workbench.notes.notes
        before, after = dict(zip(self._numbers, self._shown, strict=True)), dict(zip(numbers, notes, strict=True))
        if not before.keys() & after.keys():
            self.beginResetModel()
            self._numbers, self._shown = numbers, notes
            self.endResetModel()
            return
        gone = [row for row, number in enumerate(self._numbers) if number not in after]
        for rows in reversed(_runs(gone)):
            self.beginRemoveRows(QModelIndex(), rows.start, rows.stop - 1)
            self._numbers = self._numbers[: rows.start] + self._numbers[rows.stop :]
            self.endRemoveRows()
        come = [row for row, number in enumerate(numbers) if number not in before]
        for rows in _runs(come):
            self.beginInsertRows(QModelIndex(), rows.start, rows.stop - 1)
            self._numbers = self._numbers[: rows.start] + numbers[rows.start : rows.stop] + self._numbers[rows.start :]
            self.endInsertRows()
        self._shown = notes
        for row, number in enumerate(numbers):
            old, new = before.get(number), after[number]
            if old is not None and old != new:
                self._tell(row, COLOR)
                if old.text != new.text:
                    self._tell(row, TEXT)

    def _tell(self, row: int, column: int) -> None:
        """A cell is another."""
        self.dataChanged.emit(self.index(row, column), self.index(row, column))

    @Slot()
    def _on_bytes(self) -> None:
        if self._numbers:
            self.dataChanged.emit(self.index(0, SIZE), self.index(len(self._numbers) - 1, BYTES))

    @Slot()
    def _on_theme(self) -> None:
        self._icons = [color_icon(self._theme.colors, color) for color in range(len(HIGHLIGHT_NAMES))]
        if self._numbers:
            self.dataChanged.emit(self.index(0, COLOR), self.index(len(self._numbers) - 1, COLOR))

    def number(self, row: int) -> int | None:
        """The number in `workbench.notes` of a row's note."""
        return self._numbers[row] if 0 <= row < len(self._numbers) else None

    def row_of(self, number: int) -> int | None:
        return self._numbers.index(number) if number in self._numbers else None

    def note(self, row: int) -> Note | None:
        number = self.number(row)
        return self._workbench.notes.note(number) if number is not None else None

    # -- Qt's questions -------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usual | Qt.ItemFlag.ItemIsEditable if index.column() == TEXT else usual

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        number = self.number(index.row())
        if role != Qt.ItemDataRole.EditRole or index.column() != TEXT or number is None:
            return False
        self._workbench.notes.set_text(number, str(value))
        return True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        note, column = self.note(index.row()), index.column()
        if note is None:
            return None
        if role == Qt.ItemDataRole.DecorationRole and column == COLOR:
            return self._icons[note.color]
        if role == Qt.ItemDataRole.EditRole and column == TEXT:
            return note.text
        if role == Qt.ItemDataRole.ToolTipRole and column == TEXT:
            return note.text or None
        if role == Qt.ItemDataRole.TextAlignmentRole and column == SIZE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(note, column)
        return None

    def _text(self, note: Note, column: int) -> str:
        if column == COLOR:
            return HIGHLIGHT_NAMES[note.color]
        if column == TEXT:
            return visible_text(note.text)
        span, reader = note.span, self._workbench.reader
        if span.last_call >= reader.count:
            return "beyond the end of this capture" if column == WHERE else ""
        if column == WHERE:
            call = reader.call(span.first_call)
            whose = visible_text(who(call, self._workbench.catalog))
            return f"{whose}, {call.kind.name} #{call.number:,}" + (
                f" byte {span.first_skip:,}" if span.first_skip else ""
            )
        known = self._bytes.look(span)
        if known is None:
            return COUNTING if column == SIZE else ""
        if column == SIZE:
            return "many" if known.size is None else f"{known.size:,}"
        entry = self._workbench.socket(reader.call(span.first_call).socket)
        return as_text(known.preview, entry.spec.encoding if entry else "utf-8")


def _runs(rows: list[int]) -> list[range]:
    """Rows, in order, as runs of neighbours."""
    runs = (list(run) for _, run in groupby(enumerate(rows), key=lambda at: at[1] - at[0]))
    return [range(run[0][1], run[-1][1] + 1) for run in runs]
