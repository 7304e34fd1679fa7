"""The message in two editors in step: written as text, hex or Python, and as bytes in a hex editor beside it.

Each edit in one is seen in the other at once, and so is what is selected. Undo goes over both.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QTextCursor
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from explorer.core.snippet import Mode
from explorer.ui.byte_places import Places
from explorer.ui.composer import Composer
from explorer.ui.theme import Theme
from explorer.ui.widgets.composer_edit import MOST_LINES, ComposerEdit
from explorer.ui.widgets.hex_edit import MOST_ROWS, HexEdit
from explorer.ui.widgets.hex_grid import WIDTHS
from explorer.ui.written import places_of, too_long

LEAST_TEXT = 28  # characters of the text editor with the hex editor at its side
BESIDE = WIDTHS[:2]
"""Bytes in a row of the hex editor with which it may stand beside the text."""
LINES_STACKED, ROWS_STACKED = 3, 4
"""Lines of text and rows of bytes that are seen at once where one editor stands below the other."""
FIELDS = "The message has fields, so its bytes are made at sending; these are the next ones. Edit the text beside them."
UNREADABLE = "The message cannot be read as bytes yet; correct it where it is underlined, then its bytes can be edited."


class MessageEditor(QWidget):
    """text: the editor for what is written; bytes: the hex editor. `composer` holds the message.

    Signals:
    changed(): the message is another, by the user's doing. problem_changed(): `problem` may be another.
    submitted(): Enter. refused(str): why a key or a paste did nothing. noted(str): what was pasted.
    back_wanted(), forward_wanted(): the arrows at the first and last line.
    """

    changed = Signal()
    problem_changed = Signal()
    submitted = Signal()
    refused = Signal(str)
    noted = Signal(str)
    back_wanted = Signal()
    forward_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composer = Composer()
        self.text = ComposerEdit(theme)
        self.bytes = HexEdit(theme)
        self._showing = False
        self._row = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addWidget(self.text, 1, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self.bytes, 0, Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.bytes.hide()
        for editor in (self.text, self.bytes):
            editor.submitted.connect(self.submitted)
            editor.back_wanted.connect(self.back_wanted)
            editor.forward_wanted.connect(self.forward_wanted)
            editor.undo_wanted.connect(self.undo)
            editor.redo_wanted.connect(self.redo)
            editor.noted.connect(self.noted)
        self.text.paste_refused.connect(self.refused)
        self.text.textChanged.connect(self._on_text)
        self.text.selectionChanged.connect(self._on_text_selection)
        self.bytes.refused.connect(self.refused)
        self.bytes.edited.connect(self._on_bytes)
        self.bytes.pending.connect(self.problem_changed)
        self.bytes.selected.connect(self._on_bytes_selection)

    # -- what the pane asks ------------------------------------------------------------------------

    @property
    def problem(self) -> str:
        """Why the message cannot be sent as it stands; "" when it can."""
        return self.composer.problem.message if self.composer.problem is not None else self.bytes.problem

    def set_encoding(self, encoding: str) -> None:
        self.composer.set_encoding(encoding)
        self.text.encoding = self.bytes.encoding = encoding
        self._show_bytes()

    def switch(self, mode: Mode) -> None:
        """Write the same bytes another way."""
        self.composer.switch(mode)
        self.show_composer()

    def recall(self, mode: Mode, text: str, fields: bool = False) -> None:
        """Another message; undo brings the present one back."""
        self.composer.recall(mode, text, fields)
        self.show_composer()

    def show_bytes_editor(self, shown: bool) -> None:
        if not shown and self.bytes.hasFocus():
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.bytes.setVisible(shown)
        self._show_bytes()
        self._turn()

    def insert_field(self, text: str) -> None:
        """Put a field where the cursor of the text editor is."""
        place = self.composer.insert_field(text, self.text.selection[1])
        self.show_composer()
        self.text.select(place, place)
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def use_fields(self, use: bool) -> None:
        self.composer.use_fields(use)
        self._show_bytes()
        self.changed.emit()

    def show_filled(self) -> None:
        """The fields of the message were filled anew."""
        self._show_bytes()

    def select_all(self) -> None:
        """So that typing begins another message."""
        self.text.selectAll()
        self.bytes.show_selection(0, len(self.composer.data))

    @Slot()
    def undo(self) -> None:
        if self.composer.undo():
            self.show_composer(at_end=False, at_change=True)
            self.changed.emit()

    @Slot()
    def redo(self) -> None:
        if self.composer.redo():
            self.show_composer(at_end=False, at_change=True)
            self.changed.emit()

    def show_composer(self, at_end: bool = True, at_change: bool = False) -> None:
        """The message was changed otherwise than by typing in one of the editors. at_end: the cursor of the text goes
        to its end; at_change: that of the bytes behind what is another."""
        self._showing = True
        self.text.mode = self.composer.mode
        if self.text.text != self.composer.text:
            self.text.show_text(self.composer.text)
            if at_end:
                self.text.moveCursor(QTextCursor.MoveOperation.End)
        self._showing = False
        self._show_bytes(at_change)

    # -- in step -----------------------------------------------------------------------------------

    @Slot()
    def _on_text(self) -> None:
        text = self.text.text
        if self._showing or text == self.composer.text:
            return
        problem = too_long(len(text)) if len(text) > len(self.composer.text) else ""
        if problem:
            self.show_composer(at_end=False)
            self.refused.emit(problem)
            return
        self.composer.edit(text)
        self._show_bytes()
        self.changed.emit()

    @Slot(bytes)
    def _on_bytes(self, data: bytes) -> None:
        problem = self.composer.edit_bytes(data)
        self.show_composer(at_end=False)
        if problem:
            self.refused.emit(problem)
        else:
            self.changed.emit()

    def _show_bytes(self, at_change: bool = False) -> None:
        composer = self.composer
        locked = UNREADABLE if composer.problem is not None else FIELDS if composer.has_fields else ""
        # Of fields that cannot be read, what was read last is half of what is typed now.
        data = b"" if composer.problem is not None and composer.fields else composer.data
        self.bytes.show_bytes(data, locked, at_change)

    def _places(self) -> Places | None:
        """Where each byte shown in one editor stands in the other; None where they are not in step."""
        composer = self.composer
        if (
            self._showing
            or not self.bytes.isVisible()
            or composer.problem is not None
            or composer.has_fields
            or self.text.text != composer.text
        ):
            return None
        return places_of(composer.written, composer.encoding)

    @Slot()
    def _on_text_selection(self) -> None:
        if not self.bytes.hasFocus() and (places := self._places()) is not None:
            self.bytes.show_selection(*places.bytes_of(*self.text.selection))

    @Slot(int, int)
    def _on_bytes_selection(self, start: int, stop: int) -> None:
        if (places := self._places()) is not None:
            self._showing = True
            self.text.select(*places.characters_of(start, stop))
            self._showing = False

    # -- side by side where there is room ------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        size = self._row.totalMinimumSize()
        if self.bytes.isVisibleTo(self):
            size.setWidth(max(self.text.minimumSizeHint().width(), self.bytes.minimumSizeHint().width()))
        return size

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        """Beside each other where both have room, if need be with fewer bytes in a row; else below each other."""
        text = self.text.fontMetrics().averageCharWidth() * LEAST_TEXT
        room = self.width() - text - self._row.spacing()
        wide = next((wide for per_row in BESIDE if (wide := self.bytes.width_of(per_row)) <= room), None)
        beside = wide is not None
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self.bytes.setMaximumWidth(wide or 16_777_215)
        stacked = self.bytes.isVisibleTo(self) and not beside  # then both are lower, for what stands above them
        self.text.set_most_lines(LINES_STACKED if stacked else MOST_LINES)
        self.bytes.set_most_rows(ROWS_STACKED if stacked else MOST_ROWS)
        if way != self._row.direction():
            self._row.setDirection(way)
        self._row.activate()  # at once, so that no frame shows it half turned
