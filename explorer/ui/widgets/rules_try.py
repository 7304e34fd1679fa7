"""A message tried against rules without a network: which rule decides, what it answers, why the others do not."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from explorer.core.errors import InputError
from explorer.core.fields import Value
from explorer.rules_trial import Step, Trial, trial
from explorer.ui.theme import Theme
from explorer.ui.widgets.inputs import mark_wrong, show_text
from explorer.ui.widgets.segmented import SegmentedButtons
from explorer.wire.escapes import escape, parse_escaped
from explorer.wire.hex_input import parse_hex

LINES, LEAST_LINES = 8, 2  # of what came of it, where there is room, and where there is little
MOST_BYTES = 64  # of an answer that are written as hex
MOST_CHARACTERS = 2000  # of an answer, and of what a group fits
INTRO = "Type a message above: here will stand which rule decides, what is answered, and why the other rules do not."
OLD = "A cell is wrong, so these are the rules as they were before."


class RulesTry(QWidget):
    """Stands under the table of the rules. Nothing is sent."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: Mapping[str, Value] | None = None
        self._old = False
        self.message = QLineEdit()
        self.message.setAccessibleName("Message to try")
        self.message.setPlaceholderText("ping")
        self.written = SegmentedButtons("Message written as", (("text", "Text"), ("hex", "Hex")), theme)
        self.result = QPlainTextEdit()
        self.result.setReadOnly(True)
        self.result.setAccessibleName("What comes of the message")
        self.result.setPlaceholderText(INTRO)
        self.result.setTabChangesFocus(True)
        label = QLabel("&Try a message")
        label.setBuddy(self.message)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.message, 1)
        row.addWidget(self.written)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.result)
        self.message.textChanged.connect(self._try)
        self.written.chosen.connect(self._on_written)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    @Slot()
    def _on_theme(self) -> None:
        self.result.setFont(self._theme.mono)
        self.message.setFont(self._theme.mono)
        line = self.result.fontMetrics().lineSpacing()
        self.result.setMinimumHeight(line * LEAST_LINES + 12)
        self.result.setMaximumHeight(line * LINES + 12)
        self._try()

    def show_rules(self, values: Mapping[str, Value] | None, old: bool) -> None:
        """values: all settings of the program, checked; None while they never were right. old: they are not what
        stands in the table now, because something is wrong there."""
        self._values, self._old = values, old
        self._try()

    @Slot(str)
    def _on_written(self, how: str) -> None:
        """What stands there is the same bytes, written the other way; what cannot be read so stays as it is."""
        self.message.setPlaceholderText("ping" if how == "text" else "70 69 6e 67")
        text, encoding = self.message.text(), str((self._values or {}).get("encoding", "utf-8"))
        try:
            written = parse_escaped(text, encoding).hex(" ") if how == "hex" else escape(parse_hex(text), encoding)
        except (InputError, UnicodeError):
            written = text
        show_text(self.message, written)
        self._try()

    @Slot()
    def _try(self) -> None:
        text, problem, said = self.message.text(), "", ""
        if self._values is None:
            said = "Put the rules right first; then messages can be tried."
        elif text:
            try:
                data = self._bytes(text, str(self._values.get("encoding", "utf-8")))
                said = self._tell(trial(self._values, data))
            except InputError as error:
                said = problem = error.message
        mark_wrong(self.message, problem, self._theme)
        if said != self.result.toPlainText():
            self.result.setPlainText(said)
            self.result.moveCursor(QTextCursor.MoveOperation.Start)

    def _bytes(self, text: str, encoding: str) -> bytes:
        if self.written.value == "hex":
            return parse_hex(text)
        return parse_escaped(text, encoding)

    def _tell(self, found: Trial) -> str:
        assert self._values is not None
        encoding = str(self._values.get("encoding", "utf-8"))
        lines = [OLD] if self._old else []
        lines.append(f"Row {found.row + 1} decides." if found.row is not None else "No rule fits.")
        groups = [f"{name} = {_cut(escape(data, encoding))}" for name, data in found.groups]
        lines += [f"Groups: {', '.join(groups)}"] if groups else []
        lines += [line for step in found.steps for line in _told(step, encoding)] or ["Nothing is answered."]
        lines += [f"Row {row + 1}: {sentence}" for row, sentence in found.why_not]
        return "\n".join(lines)


def _told(step: Step, encoding: str) -> list[str]:
    if step.payload is None:
        return [step.words]
    more = "…" if len(step.payload) > MOST_BYTES else ""
    return [
        f"Answer: {_cut(escape(step.payload, encoding))}",
        f"    hex {step.payload[:MOST_BYTES].hex(' ')}{more}  ({len(step.payload):,} bytes)",
    ]


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
