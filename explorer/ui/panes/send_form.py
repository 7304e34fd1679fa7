"""The composer's controls and where they stand; what they do is `explorer.ui.panes.send_pane`'s."""

from __future__ import annotations

import itertools

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer.ui.composer import ENDINGS
from explorer.ui.theme import Theme
from explorer.ui.widgets.field_button import FieldButton
from explorer.ui.widgets.fields_line import FieldsLine
from explorer.ui.widgets.fitted import FittedPane
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.inputs import QuietCombo, make_bold
from explorer.ui.widgets.message_editor import MessageEditor
from explorer.ui.widgets.repeat_bar import RepeatBar
from explorer.ui.widgets.segmented import SegmentedButtons
from explorer.ui.widgets.send_progress import SendProgressLine
from explorer.ui.widgets.snippet_button import SnippetButton
from explorer.ui.widgets.target_box import TargetBox

GAP = 8  # pixels around the line to type in, both together
LEAST_LINES = 1.4  # of text, of the pane: its first line, where the window is low and the text large


class SendForm(FittedPane):
    """mode … progress: the controls. editor: the text editor, hex: the hex editor, both in `editors`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(LEAST_LINES, parent)
        self._theme = theme
        self._make_controls()
        self._lay_out()
        self._line_soon = QTimer(self)  # when the content has its place
        self._line_soon.setSingleShot(True)
        self._line_soon.timeout.connect(self._show_line)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_room)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _make_controls(self) -> None:
        self.mode = SegmentedButtons(
            "Write as", (("text", "Text"), ("hex", "Hex"), ("python", "Python")), self._theme
        )  # fmt: skip
        self.to = TargetBox()
        self.ending = QuietCombo("Ending")
        for name, characters in ENDINGS.items():
            self.ending.addItem(name, name)
            tip = "Nothing is put behind the message" if name == "none" else f"Puts {characters!r} behind the message"
            self.ending.setItemData(self.ending.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.framed = QCheckBox("Add framing")
        self.framed.setChecked(True)
        self.both = QCheckBox("Hex editor")
        self.both.setToolTip("Show the bytes in a hex editor beside the text; both can be edited")
        self.fields = FieldButton()
        self.snippets = SnippetButton()
        self.repeats = QPushButton("Repeat")
        self.repeats.setCheckable(True)
        self.repeats.setToolTip("Send the message again and again")
        self.file = QPushButton("Send fi&le…")
        self.editors = MessageEditor(self._theme)
        self.editor, self.hex = self.editors.text, self.editors.bytes
        self.button = QPushButton("Send")
        for button in (self.file, self.button, self.repeats):
            button.setAutoDefault(False)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.typing = QLabel()  # whether the hex editor inserts or overwrites
        self.typing.setToolTip("How the hex editor takes what is typed; Ins changes it")
        self.typing.setTextFormat(Qt.TextFormat.PlainText)
        self.typing.hide()
        self.count = QLabel()
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.filled = FieldsLine(self._theme)
        self.repeat = RepeatBar(self._theme)
        self.repeat.hide()
        self.progress = SendProgressLine(self._theme)

    def _lay_out(self) -> None:
        bar = QWidget()
        flow = FlowLayout(bar, gap=10)
        for label, field in (("", self.mode), ("Send &to", self.to), ("En&ding", self.ending)):
            flow.addWidget(_beside(label, field) if label else field)
        for widget in (self.framed, self.both, self.fields, self.snippets, self.repeats, self.file):
            flow.addWidget(widget)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.editors, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        below = QHBoxLayout()
        below.setSpacing(10)
        below.addWidget(self.status, 1)
        below.addWidget(self.typing, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(4)
        # The pane stands on the ground of its column and grows upwards: what comes and goes is above what is clicked.
        column.addWidget(self.progress)
        column.addLayout(below)
        column.addWidget(self.filled)
        column.addLayout(line)
        column.addWidget(self.repeat)
        column.addWidget(bar)
        chain: list[QWidget] = [
            self.progress.cancel, self.progress.dismiss, self.filled.reset, self.filled.use, self.editor, self.hex,
            self.button, self.repeat.every, self.repeat.times, self.repeat.button, *self.mode.buttons(), self.to,
            self.ending, self.framed, self.both, self.fields, self.snippets, self.repeats, self.file,
        ]  # fmt: skip
        for before, after in itertools.pairwise(chain):
            QWidget.setTabOrder(before, after)

    @property
    def line_height(self) -> int:
        """Pixels that the line to type in takes with its button: what is needed most of the pane in a low window."""
        return min(self.sizeHint().height(), max(self.editors.minimumSizeHint().height(), self.button.height()) + GAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where not all has room, the line to type in is seen."""
        super().resizeEvent(event)
        self._line_soon.start()

    @Slot()
    def _on_room(self) -> None:
        """What stands above the line takes another height. While somebody is in the form, that place stays in sight."""
        focus = QApplication.focusWidget()
        if focus is None or not self.content.isAncestorOf(focus):
            self._line_soon.start()

    @Slot()
    def _show_line(self) -> None:
        if self.height() < self.sizeHint().height():
            self._scroll.verticalScrollBar().setValue(
                self.editors.y() + self.editors.height() - self.height() + GAP // 2
            )

    def show_status(self, text: str, color: str) -> None:
        """The line above the editors; the editors say it too, to those who cannot see it."""
        self.status.setText(text)
        palette = self.status.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(color))
        self.status.setPalette(palette)
        self.editor.setAccessibleDescription(text)

    @Slot()
    def _on_theme(self) -> None:
        colors = self._theme.colors
        for label in (self.typing, self.count):
            palette = label.palette()
            palette.setColor(QPalette.ColorRole.WindowText, QColor(colors.muted))
            label.setPalette(palette)
        make_bold(self.button)
        self.button.setStyleSheet(
            f"QPushButton {{ background: {colors.accent}; color: {colors.on_accent};"
            f" border: 2px solid {colors.accent}; border-radius: 4px; padding: 3px 16px; }}"
            f"QPushButton:focus {{ border-color: {colors.text}; }}"
            f"QPushButton:disabled {{ background: {colors.window}; color: {colors.muted};"
            f" border-color: {colors.border}; }}"
        )


def _beside(label: str, field: QWidget) -> QWidget:
    """A field with its label to the left."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(5)
    name = QLabel(label)
    name.setBuddy(field)
    row.addWidget(name)
    row.addWidget(field)
    box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return box
