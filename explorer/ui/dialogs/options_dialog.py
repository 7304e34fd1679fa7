"""The options of one socket: what each is for, what is asked for, and what the system made of it last time."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from explorer.ui.entries import SocketEntry
from explorer.ui.option_fields import OPTION_FIELDS, OptionField, with_texts
from explorer.ui.theme import Theme
from explorer.ui.widgets.inputs import QuietCombo, ShortEdit, make_bold, mark_wrong, show_text
from explorer.ui.workbench import Workbench


class OptionsDialog(QDialog):
    """Not modal. Enter takes the options over as one step of undo, Esc leaves them as they were."""

    def __init__(self, workbench: Workbench, theme: Theme, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workbench = workbench
        self._theme = theme
        self._number = number
        self._inputs: dict[str, QWidget] = {}
        self._labels: dict[str, QLabel] = {}
        self._notes: dict[str, QLabel] = {}
        self._headings: list[QLabel] = []
        entry = self._entry
        assert entry is not None
        self._texts = {field.name: field.write(entry.spec.options) for field in OPTION_FIELDS}
        self._build()
        self._fill()
        workbench.socket_changed.connect(self._on_socket_changed)
        workbench.socket_removed.connect(self._on_socket_removed)
        theme.changed.connect(self._update)
        self._update()

    @property
    def _entry(self) -> SocketEntry | None:
        return self._workbench.socket(self._number)

    # -- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setModal(False)
        self.intro = QLabel()
        self.intro.setWordWrap(True)
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(4, 4, 12, 4)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(2, 1)
        group = ""
        for field in OPTION_FIELDS:
            if field.group != group:
                group = field.group
                heading = QLabel(group)
                make_bold(heading)
                heading.setContentsMargins(0, 8 if self._headings else 0, 0, 2)
                self._headings.append(heading)
                grid.addWidget(heading, grid.rowCount(), 0, 1, 3)
            self._add_row(grid, field)
        grid.setRowStretch(grid.rowCount(), 1)
        scroll = self._scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.intro)
        column.addWidget(scroll, 1)
        column.addWidget(self.buttons)
        high = self.fontMetrics().height()
        self.resize(high * 46, high * 44)

    def _add_row(self, grid: QGridLayout, field: OptionField) -> None:
        editor = self._make_input(field)
        editor.setObjectName(field.name)
        self._inputs[field.name] = editor
        label = QLabel(f"{field.label} ({field.unit})" if field.unit in ("bytes", "seconds") else field.label)
        label.setMinimumHeight(editor.sizeHint().height())
        label.setBuddy(editor)
        if field.system:
            label.setToolTip(field.system)
        note = QLabel()
        note.setWordWrap(True)
        note.setTextFormat(Qt.TextFormat.PlainText)
        note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._labels[field.name], self._notes[field.name] = label, note
        row = grid.rowCount()
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(editor, row, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(note, row, 2)

    def _make_input(self, field: OptionField) -> QWidget:
        if field.type == "switch":
            combo = QuietCombo(field.label)
            for label, value in ((field.empty, ""), ("on", "on"), ("off", "off")):
                combo.addItem(label, value)
            combo.activated.connect(self._on_edited)
            return combo
        edit = ShortEdit(16, field.label)
        edit.setPlaceholderText(field.empty)
        edit.textChanged.connect(self._on_edited)
        return edit

    def focus_option(self, name: str) -> None:
        """Move the keyboard to an option, which is brought into sight."""
        self._inputs[name].setFocus(Qt.FocusReason.OtherFocusReason)
        self._scroll.ensureWidgetVisible(self._inputs[name])

    # -- showing --------------------------------------------------------------------------------

    def _fill(self) -> None:
        for name, text in self._texts.items():
            editor = self._inputs[name]
            if isinstance(editor, QComboBox):
                editor.setCurrentIndex(editor.findData(text))
            elif isinstance(editor, QLineEdit):
                show_text(editor, text)

    @Slot()
    def _update(self) -> None:
        entry = self._entry
        if entry is None:
            return
        self.setWindowTitle(f"Options of {entry.spec.name}")
        running = "It is running: stop it to change them." if entry.running else "They are set when it starts."
        self.intro.setText(
            f"Options of “{entry.spec.name}”, a {entry.spec.title}. {running} "
            "What is left empty stays as the system has it."
        )
        _, problems = with_texts(entry.spec.options, self._texts)
        made = {name: (asked, got) for name, asked, got in entry.options}
        for field in OPTION_FIELDS:
            self._update_row(field, entry, problems.get(field.name, ""), made.get(field.name))
        accept = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        accept.setEnabled(not problems and not entry.running)
        accept.setToolTip(" ".join(problems.values()) or ("Stop the socket first." if entry.running else ""))

    def _update_row(self, field: OptionField, entry: SocketEntry, problem: str, made: tuple[str, str] | None) -> None:
        colors = self._theme.colors
        absent = field.absent(entry.spec)
        editor, note = self._inputs[field.name], self._notes[field.name]
        text = problem or (f"{absent} {field.why}" if absent else field.why)
        if made is not None and not problem:
            text += f"\nLast start: asked for {made[0]}, got {made[1]}."
        note.setText(("⚠ " if problem else "") + text)
        palette = note.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colors.error if problem else colors.muted))
        note.setPalette(palette)
        self._labels[field.name].setEnabled(not absent)
        mark_wrong(editor, problem, self._theme)
        editor.setEnabled(not absent and not entry.running)
        editor.setAccessibleDescription(text)

    # -- what happens ---------------------------------------------------------------------------

    @Slot()
    def _on_edited(self) -> None:
        editor = self.sender()
        if isinstance(editor, QComboBox):
            self._texts[editor.objectName()] = editor.currentData()
        elif isinstance(editor, QLineEdit):
            self._texts[editor.objectName()] = editor.text()
        self._update()

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        if number == self._number:
            self._update()

    @Slot(int)
    def _on_socket_removed(self, number: int) -> None:
        if number == self._number:
            self.close()

    @Slot()
    def accept(self) -> None:
        """Take the options over, if all can be used; else stay open with the keyboard at the first that cannot."""
        entry = self._entry
        if entry is None or entry.running:
            return
        options, problems = with_texts(entry.spec.options, self._texts)
        if problems:
            self._inputs[next(iter(problems))].setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._workbench.edit_socket(self._number, replace(entry.spec, options=options))
        super().accept()
