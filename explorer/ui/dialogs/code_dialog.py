"""A script in a window of its own: the editor, what is wrong with it, and what it printed while it ran."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from explorer.core.errors import InputError
from explorer.core.events import ScriptOutput
from explorer.core.fields import Field, check_value
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.dialogs.setting_dialog import SettingDialog
from explorer.ui.script_output import MOST_LINES, words
from explorer.ui.theme import Theme
from explorer.ui.widgets.code_editor import CodeEditor
from explorer.ui.widgets.field_error import FieldErrors
from explorer.ui.workbench import Workbench
from explorer.workspace import PROGRAMS

_LINE = re.compile(r"[Ll]ine (\d+)")
_SOON = 100  # milliseconds between two looks at what was printed
LEAVE = "Tab indents here; Esc leaves the editor."
STOPPED = f"What you write counts when the socket starts. {LEAVE}"
RUNNING = f"The script runs. Apply (Ctrl+Enter) lets the new one take its place. {LEAVE}"
HELD = f"What ran counts still: what you wrote since is not applied. Apply (Ctrl+Enter) lets it take its place. {LEAVE}"
LONG = 10_000  # characters of a script that is taken over, and read by Python, a moment after the last key
NO_OUTPUT = "What the script prints, and where it fails, will be listed here while it runs."


class CodeDialog(SettingDialog):
    """While the socket runs, what is typed is taken over by Apply, or when the window is closed; so is what was not
    applied yet when the socket stopped. Else it is taken over at once, of a long script a moment after the last key."""

    def __init__(self, field: Field, theme: Theme, parent: QWidget) -> None:
        super().__init__(field, theme, parent)
        self._kind = ""
        self._kept = ""  # the text that the form has
        self._shown = ""  # the same as the editor has it
        self._running = False
        self._held = False  # it ran until now, and what was typed meanwhile was not applied
        self._problem = ""
        self._text = (-1, "")  # of the editor, and the number of its change
        self._workbench: Workbench | None = None
        self._number = 0
        self._seen = 0
        self.editor = CodeEditor(field.label, theme)
        self.errors = FieldErrors(theme)
        self.output = QListWidget()
        self.output.setAccessibleName("Output of the script")
        self.no_output = QLabel(NO_OUTPUT, self.output.viewport())
        self.apply = QPushButton("&Apply")
        self.clear = QPushButton("C&lear output")
        self._check_soon = QTimer(self)
        self._check_soon.setSingleShot(True)
        self._check_soon.setInterval(300)
        self._apply_soon = QTimer(self)
        self._apply_soon.setSingleShot(True)
        self._apply_soon.setInterval(250)
        self._look_soon = QTimer(self)
        self._look_soon.setSingleShot(True)
        self._look_soon.setInterval(_SOON)
        self._lay_out()
        self._connect()
        self._on_theme()

    def _lay_out(self) -> None:
        self.no_output.setWordWrap(True)
        self.no_output.setContentsMargins(6, 4, 6, 4)
        inside = QVBoxLayout(self.output.viewport())
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.no_output)
        inside.addStretch(1)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.editor, 1)
        column.addWidget(self.errors)
        self.parts = QSplitter(Qt.Orientation.Vertical)
        self.parts.addWidget(upper)
        self.parts.addWidget(self.output)
        self.parts.setStretchFactor(0, 3)
        self.parts.setStretchFactor(1, 1)
        self.parts.setChildrenCollapsible(False)
        self.column.addWidget(self.parts, 1)
        row = QHBoxLayout()
        for button in (self.apply, self.clear):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.buttons)
        self.column.addLayout(row)
        self._fit(96, 40)

    def _connect(self) -> None:
        self.editor.textChanged.connect(self._on_typed)
        self.editor.left_wanted.connect(self._on_left_editor)
        self.errors.wanted.connect(self._on_error_wanted)
        self.output.itemActivated.connect(self._on_line_wanted)
        self.output.itemClicked.connect(self._on_line_wanted)
        self.apply.clicked.connect(self._apply)
        self.clear.clicked.connect(self._clear_output)
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.activated.connect(self._apply)
        self._check_soon.timeout.connect(self._check)
        self._apply_soon.timeout.connect(self._apply)
        self._look_soon.timeout.connect(self._look)
        self._theme.changed.connect(self._on_theme)

    def listen(self, workbench: Workbench, number: int) -> None:
        """Show what the script of this socket prints."""
        self._workbench, self._number = workbench, number
        workbench.script_printed.connect(self._on_printed)
        self._look()

    # -- showing --------------------------------------------------------------------------------

    def show_value(self, draft: ChoiceDraft, problems: Mapping[str, str]) -> None:
        self._kind = draft.kind
        text = str(draft.text(self.field))
        if text != self._kept:
            self._kept = text
            self.editor.show_text(text)
            self._shown = self.editor.toPlainText()  # with line ends and blanks of its own
        if self.unsaved is None:
            self._show_problem(problems.get(self.field.name, ""))
        self._update()

    def set_running(self, running: bool) -> None:
        if running != self._running:
            self._apply_soon.stop()
            self._held = not running and self.unsaved is not None
            self._running = running
            self._show_problem(self._problem)
        self._update()

    @property
    def unsaved(self) -> str | None:
        change = self.editor.document().revision()
        if change != self._text[0]:
            self._text = (change, self.editor.toPlainText())
        text = self._text[1]
        return None if text in (self._kept, self._shown) else text

    def settle(self) -> None:
        if not self._waits:
            self._apply()

    @property
    def _waits(self) -> bool:
        """Whether what is typed waits for Apply."""
        return self._running or self._held

    def _show_problem(self, sentence: str) -> None:
        self._problem = sentence
        found = _LINE.match(sentence)
        self.editor.mark_line(int(found[1]) if found else 0)
        problems = {self.field.name: sentence} if sentence else {}
        hint = RUNNING if self._running else HELD if self._held else STOPPED
        self.errors.show_problems(problems, {self.field.name: self.field.label}, hint)
        self.editor.setAccessibleDescription(sentence)

    def _update(self) -> None:
        self.apply.setVisible(self._waits)
        self.apply.setEnabled(self.unsaved is not None)
        self.clear.setEnabled(self.output.count() > 0)
        self.no_output.setVisible(not self.output.count())

    @Slot()
    def _on_theme(self) -> None:
        self.output.setFont(self._theme.mono)
        font, plain = self.no_output.font(), self.font()
        font.setFamilies([plain.family()])  # sentences stand in it, no output
        font.setPointSizeF(plain.pointSizeF())
        self.no_output.setFont(font)
        palette = self.no_output.palette()
        palette.setColor(self.no_output.foregroundRole(), QColor(self._theme.colors.muted))
        self.no_output.setPalette(palette)
        self._seen = 0
        self.output.clear()
        self._look()

    @Slot(str)
    def go_to(self, path: str) -> None:
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what the user does ---------------------------------------------------------------------

    @Slot()
    def _on_typed(self) -> None:
        text = self.unsaved
        if self._waits:
            self._check_soon.start()
            self._update()
        elif text is not None and len(text) > LONG:
            self._apply_soon.start()
        else:
            self._apply()

    @Slot()
    def _apply(self) -> None:
        text, waited, self._held = self.unsaved, self._waits, False
        self._apply_soon.stop()
        if text is not None:
            self._kept = self._shown = text
            if waited:
                self.applied.emit()  # what was typed before it ran is a step of its own
            self.edited.emit(text)
            if waited:
                self.applied.emit()

    @Slot()
    def _check(self) -> None:
        """What is wrong with text that the form does not have yet."""
        text = self.unsaved
        if text is None:
            return
        try:
            check_value(self.field, text, self.field.name)
            PROGRAMS.check_choice({"kind": self._kind, self.field.name: text}, "$")
        except InputError as error:
            self._show_problem(error.message)
        else:
            self._show_problem("")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.settle()  # before anything is started, saved or undone elsewhere

    def done(self, result: int) -> None:
        """What was typed is taken over when the window goes."""
        self._apply()
        super().done(result)

    @Slot()
    def _on_left_editor(self) -> None:
        """To what is wanted next: Apply, else what was printed. From there on, Tab goes through the window."""
        if self.apply.isVisible() and self.apply.isEnabled():
            self.apply.setFocus(Qt.FocusReason.TabFocusReason)  # this reason paints the focus
            return
        if self.output.count() and self.output.currentRow() < 0:
            self.output.setCurrentRow(self.output.count() - 1)
        self.output.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _on_error_wanted(self) -> None:
        self.editor.go_to_line(self.editor.marked_line)

    # -- output ---------------------------------------------------------------------------------

    @Slot(int)
    def _on_printed(self, number: int) -> None:
        if number == self._number and not self._look_soon.isActive():
            self._look_soon.start()

    @Slot()
    def _look(self) -> None:
        """List what was printed since the last look."""
        if self._workbench is None:
            return
        kept = self._workbench.script_output
        new = kept.since(self._number, self._seen)
        self._seen = kept.count(self._number)
        bar = self.output.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        for line in new:
            self._list(line)
        while self.output.count() > MOST_LINES:
            self.output.takeItem(0)
        if at_end:
            self.output.scrollToBottom()
        self._update()

    def _list(self, line: ScriptOutput) -> None:
        item = QListWidgetItem(words(line))
        item.setData(Qt.ItemDataRole.UserRole, line.line)
        if line.stream != "stdout":
            item.setForeground(QColor(self._theme.colors.error))
        if line.line:
            item.setToolTip(f"Enter, or a click, goes to line {line.line} of the script")
        self.output.addItem(item)

    @Slot(QListWidgetItem)
    def _on_line_wanted(self, item: QListWidgetItem) -> None:
        line = item.data(Qt.ItemDataRole.UserRole)
        if line:
            self.editor.go_to_line(line)

    @Slot()
    def _clear_output(self) -> None:
        if self._workbench is not None:
            self._workbench.script_output.clear(self._number)
        self.output.clear()
        self._update()
