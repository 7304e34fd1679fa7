"""What a program is: a short conversation with it, drawn from the settings, a sentence, and what goes with it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.core.errors import InputError
from explorer.core.fields import Value, check
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.spec_draft import SpecDraft
from explorer.ui.theme import Theme
from explorer.ui.widgets.conversation_picture import ConversationPicture
from explorer.ui.widgets.elided_label import MutedLabel
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.wire.framing.registry import find_kind as find_framing
from explorer.workspace import PROGRAMS

BEFORE = "So it was before a setting became wrong."
EXAMPLE = "An example: a setting is still missing."
KIB = 1024


class ProgramNote(QWidget):
    """Stands under the settings of a program. Signal: wanted(str): "framing" or "buffer_size" that goes with it."""

    wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.summary = MutedLabel(theme)
        self.picture = ConversationPicture(theme)
        self.framing = QPushButton()
        self.buffer = QPushButton()
        self._framing_words, self._buffer_words = QLabel(), QLabel()
        self._drawn: tuple[str, Mapping[str, Value] | None, str] | None = None  # what the picture was made of
        told = QWidget()
        row = FlowLayout(told, gap=8, line_gap=4)
        row.addWidget(self.summary)  # as much of it as fits beside the others
        for words, button in ((self._framing_words, self.framing), (self._buffer_words, self.buffer)):
            button.setAutoDefault(False)
            row.addWidget(words)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(told)
        column.addWidget(self.picture)
        self.framing.clicked.connect(self._on_framing)
        self.buffer.clicked.connect(self._on_buffer)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def show_draft(self, draft: SpecDraft) -> None:
        """What stands in the form now, right or wrong."""
        program = draft.choices["program"]
        self.summary.setText(program.description.summary)
        self._draw(program)
        self._advise(draft)

    def _draw(self, program: ChoiceDraft) -> None:
        values, old = _settings(program)
        before, self._drawn = self._drawn, (program.kind, values, old)
        if before is not None and before[0] == program.kind and before[1] is values and before[2] == old:
            return  # the same settings, which may be long
        lines = PROGRAMS.find_kind(program.kind).picture(values) if values is not None else ()
        self.picture.show_lines(lines, old)
        self.picture.setVisible(bool(lines))

    def _advise(self, draft: SpecDraft) -> None:
        """The framing and the buffer size that usually go with it, where others are chosen."""
        kind = PROGRAMS.find_kind(draft.choices["program"].kind)
        wanted, now = kind.framing, draft.choices["framing"].kind
        framing = wanted is not None and wanted.kind != now and draft.text("transport") in kind.framed
        if wanted is not None:
            label = find_framing(wanted.kind).label
            self._framing_words.setText(f"Usually with the framing {label}:")
            self.framing.setText("Use it")
            self.framing.setAccessibleName(f"Use the framing {label}")
        buffer = kind.buffer_size is not None and draft.text("buffer_size") != str(kind.buffer_size)
        if kind.buffer_size is not None:
            size = f"{kind.buffer_size // KIB} KiB" if kind.buffer_size % KIB == 0 else f"{kind.buffer_size:,} bytes"
            self._buffer_words.setText(f"Usually with a buffer of {size}:")
            self.buffer.setText("Use it")
            self.buffer.setAccessibleName(f"Use a buffer of {size}")
        self._framing_words.setVisible(framing)
        self.framing.setVisible(framing)
        self._buffer_words.setVisible(buffer)
        self.buffer.setVisible(buffer)

    @Slot()
    def _on_framing(self) -> None:
        self.wanted.emit("framing")

    @Slot()
    def _on_buffer(self) -> None:
        self.wanted.emit("buffer_size")

    @Slot()
    def _on_theme(self) -> None:
        for label in (self._framing_words, self._buffer_words):
            palette = label.palette()
            palette.setColor(QPalette.ColorRole.WindowText, QColor(self._theme.colors.muted))
            label.setPalette(palette)


def _settings(draft: ChoiceDraft) -> tuple[Mapping[str, Value] | None, str]:
    """What the picture of a program is made of; and where a setting is wrong, what it is a picture of."""
    old = "" if draft.check().choice is not None else BEFORE
    if draft.values is not None:
        return draft.values, old
    try:
        return check(PROGRAMS.find_kind(draft.kind).fields, {}), EXAMPLE
    except InputError:
        return None, ""
