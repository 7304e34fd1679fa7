"""Highlights and notes as table rows: colour, where they stand, how many bytes, the text, the first bytes."""

from __future__ import annotations

from itertools import compress

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot

from explorer.capture.describe import as_text, who
from explorer.capture.flow import read_on
from explorer.capture.match import both, carries, of_connections
from explorer.capture.notes import Note
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.ui.note_actions import color_icon
from explorer.ui.palettes import HIGHLIGHT_NAMES
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from explorer.wire.visible import visible_text

Index = QModelIndex | QPersistentModelIndex
HEADINGS = ("Colour", "Note", "Where", "Size", "Bytes")
COLOR, TEXT, WHERE, SIZE, BYTES = range(len(HEADINGS))
PREVIEW = 32  # bytes
FAR = 1 << 16  # calls that are counted for the size of a note


class NotesModel(QAbstractTableModel):
    """Follows `workbench.notes`; texts are edited in place."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._numbers = workbench.notes.numbers
        self._icons = [color_icon(theme.colors, color) for color in range(len(HIGHLIGHT_NAMES))]
        workbench.notes.notes_changed.connect(self._on_notes_changed)
        theme.changed.connect(self._on_theme)

    @Slot()
    def _on_notes_changed(self) -> None:
        """Rows stay where they are when only their contents changed, so that the selection does."""
        numbers = self._workbench.notes.numbers
        if numbers == self._numbers:
            if numbers:
                self.dataChanged.emit(self.index(0, 0), self.index(len(numbers) - 1, len(HEADINGS) - 1))
            return
        self.beginResetModel()
        self._numbers = numbers
        self.endResetModel()

    @Slot()
    def _on_theme(self) -> None:
        self._icons = [color_icon(self._theme.colors, color) for color in range(len(HIGHLIGHT_NAMES))]
        self._on_notes_changed()

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
        size = span_size(reader, span)
        if column == SIZE:
            return "many" if size is None else f"{size:,}"
        entry = self._workbench.socket(reader.call(span.first_call).socket)
        data = read_on(reader, span.first, PREVIEW if size is None else min(size, PREVIEW))
        return as_text(data, entry.spec.encoding if entry else "utf-8")


def span_size(reader: Reader, span: Span) -> int | None:
    """Bytes of a span; None where it goes over more than `FAR` calls."""
    if span.first_call == span.last_call:
        return span.last_skip - span.first_skip
    if span.last_call - span.first_call > FAR:
        return None
    way = carries() if span.received is None else carries(span.received, not span.received)
    match = way if span.connection is None else both(of_connections([span.connection]), way)
    total, number = span.last_skip - span.first_skip, span.first_call
    while number < span.last_call:
        columns = reader.columns(number, span.last_call)
        mask = match(columns)
        total += sum(columns.sizes if mask is None else compress(columns.sizes, mask))
        number += columns.count
    return max(0, total)
