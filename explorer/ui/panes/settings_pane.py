"""The settings of the chosen socket: what it is, where it listens or connects, how its bytes are read.

The document takes valid values only, as they are typed; what is not valid stays in its field, with a sentence
under the form, also while another socket is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from explorer.capture.stream import Scope
from explorer.core.scripts import NOT_TRUSTED, source_of
from explorer.core.socket_spec import SocketSpec
from explorer.ui.choice_draft import ChoiceDraft
from explorer.ui.entries import SocketEntry
from explorer.ui.panes.settings_fold import FoldingForm
from explorer.ui.settings_hint import settings_hint
from explorer.ui.spec_draft import SpecDraft
from explorer.ui.theme import Theme
from explorer.ui.undo import new_step
from explorer.ui.widgets.choice_form import ChoiceForm
from explorer.ui.workbench import Workbench
from explorer.wire.framing import registry as framings
from explorer.workspace import PROGRAMS

if TYPE_CHECKING:
    from explorer.ui.dialogs.options_dialog import OptionsDialog
    from explorer.ui.dialogs.setting_dialog import SettingDialog
    from explorer.ui.panes.settings_trust import ScriptQuestion


class SettingsPane(FoldingForm):
    """Stands above the tables."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(workbench, theme, parent)
        self._drafts: dict[int, SpecDraft] = {}
        self._applying = False
        self._step = -1
        self._step_field = ""
        self._step_started: SocketSpec | None = None  # what the socket was started with last, when the step began
        self._dialog: OptionsDialog | None = None
        self._question: ScriptQuestion | None = None
        self._left_field: QWidget | None = None  # it had the keyboard when starting disabled it
        self._connect()
        self._on_scope()

    def _connect(self) -> None:
        for name, edit in self._edits.items():
            edit.setObjectName(name)
            edit.textChanged.connect(self._on_typed)
            edit.editingFinished.connect(self._on_left)
            edit.returnPressed.connect(self.start)
        self.host.activated.connect(self._on_host_chosen)
        self.transport.chosen.connect(self._on_transport)
        self.role.chosen.connect(self._on_role)
        self.encoding.activated.connect(self._on_encoding)
        for form in self._choices().values():
            form.edited.connect(self._on_choice_edited)
            form.left.connect(self._end_step)
            form.entered.connect(self.start)
            form.window.opened.connect(self._on_setting_opened)
            form.window.undo_wanted.connect(self._on_undo)
            form.window.redo_wanted.connect(self._workbench.undo.redo)
        self.advice_wanted.connect(self._on_advice)
        self.fold_changed.connect(self._check)
        self.pace.edited.connect(self._on_pace)
        self.pace.left.connect(self._end_step)
        self.pace.entered.connect(self.start)
        self.options.clicked.connect(self.open_options)
        self.header.action.clicked.connect(self._on_action)
        self.header.fold.clicked.connect(self.fold)
        self.errors.wanted.connect(self.focus_field)
        self.failure.call_wanted.connect(self._on_call_wanted)
        self.failure.dismissed.connect(self._on_dismissed)
        bench = self._workbench
        bench.selection.scope_changed.connect(self._on_scope)
        bench.socket_changed.connect(self._on_socket_changed)
        bench.socket_added.connect(self._on_scope)
        bench.socket_removed.connect(self._on_socket_removed)
        bench.script_printed.connect(self._on_script_printed)
        self._theme.changed.connect(self._on_theme)

    # -- what others ask for ----------------------------------------------------------------------

    @property
    def start_problem(self) -> str:
        """Why the chosen socket cannot start as its form stands; "" when it can."""
        return " ".join(self._read.problems.values()) if self._read is not None else ""

    @property
    def hosts(self) -> list[str]:
        """Hosts that were started lately, the latest first; for the settings."""
        return self.host.recent

    def set_hosts(self, hosts: Sequence[str]) -> None:
        self.host.set_recent(hosts)

    def focus_first(self) -> None:
        """Take the keyboard, where most begin: at the host, or at the first field that can be changed while the socket
        runs. Never at Stop: the next press of Space would end what runs."""
        self.fold(False)
        first = self.host if self.host.isEnabled() else self.framing.kinds
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot(str)
    def focus_field(self, name: str) -> None:
        """Move the keyboard to a field, e.g. ``port`` or ``framing.hex``; of ``options.linger``, in the dialog."""
        form, _, option = name.partition(".")
        if form == "options":
            self.open_options()
            if self._dialog is not None:
                self._dialog.focus_option(option)
            return
        if "[" in option:
            self._choices()[form].open_cell(option)
            return
        field = self.field(name)
        if field is not None:
            self.fold(False)
            if option and form in self._choices():
                self._choices()[form].toggle.setChecked(True)  # the user may have put its settings away
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            if isinstance(field, QLineEdit):
                field.selectAll()

    @Slot()
    def start(self) -> None:
        """Start the chosen socket; if the form holds a mistake, move the keyboard there instead."""
        for form in self._choices().values():
            form.window.settle()
        entry = self._workbench.socket(self._shown)
        if entry is None or entry.running or self._workbench.viewing:
            return
        if self._read is not None and self._read.problems:
            self.focus_field(next(iter(self._read.problems)))
            return
        if self._ask_for_trust(entry, again=True):
            return
        self.host.remember(entry.spec.host)
        self._workbench.start(entry.number)

    @Slot()
    def open_options(self) -> None:
        """Show the options of the chosen socket; a dialog that is open already comes to the front."""
        if self._shown is None:
            return
        if self._dialog is None:
            from explorer.ui.dialogs.options_dialog import OptionsDialog  # seldom wanted: not at every start

            self._dialog = OptionsDialog(self._workbench, self._theme, self._shown, self)
            self._dialog.finished.connect(self._on_dialog_finished)
            self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    # -- showing --------------------------------------------------------------------------------

    @Slot()
    def _on_scope(self) -> None:
        entry = self._workbench.current
        number = entry.number if entry is not None else None
        if number != self._shown:
            for form in self._choices().values():
                form.window.close()  # what is typed there belongs to the socket before
            self._end_step()
            self._left_field = None
            self._shown = number
            self._fold.begin()
            if self._dialog is not None:
                self._dialog.close()
        self._show()

    @Slot(int)
    def _on_socket_changed(self, number: int) -> None:
        draft, entry = self._drafts.get(number), self._workbench.socket(number)
        if draft is not None and entry is not None and not self._applying:
            draft.take(entry.spec)
        if number == self._shown:
            if not self._applying:  # else it is shown when the document has settled
                self._show()
        elif self._shown is not None:
            self._check()  # another's name may be free or taken now

    @Slot(int)
    def _on_socket_removed(self, number: int) -> None:
        self._drafts.pop(number, None)
        self._on_scope()

    @property
    def _draft(self) -> SpecDraft | None:
        return None if self._shown is None else self._drafts.get(self._shown)

    def _show(self) -> None:
        """Everything about the chosen socket, anew."""
        entry = self._workbench.socket(self._shown)
        self.body.setVisible(entry is not None)
        self.empty.setVisible(entry is None)
        if entry is None:
            self._read = None
            self.empty.setText(self._empty_text())
            self._fold_soon.start()
            return
        draft = self._drafts.get(entry.number)
        if draft is None:
            draft = self._drafts[entry.number] = SpecDraft(entry.spec, framings, PROGRAMS)
        self.show_draft(entry, draft, self._workbench.viewing)
        self._enable(entry)
        asks = self._ask_for_trust(entry)
        if entry.failure is not None and entry.failure.said == NOT_TRUSTED:
            source = source_of(entry.spec.program)
            if asks or source is None or self._workbench.scripts.trusts(source):
                self.failure.show_failure(None)  # the question says the same, or it is answered
        self._check()
        self._fold_soon.start()

    def _ask_for_trust(self, entry: SocketEntry, again: bool = False) -> bool:
        """Whether the user is asked now about a script that came with a file. again: the socket is to start."""
        if self._question is None:
            if source_of(entry.spec.program) is None:
                return False
            from explorer.ui.panes.settings_trust import ScriptQuestion  # few workspaces have scripts

            self._question = ScriptQuestion(self._workbench, self._theme, self._column, self.form)
            self._question.show_wanted.connect(self._on_script_wanted)
            self._question.answered.connect(self._on_answered)
        return self._question.ask(entry, again)

    @Slot()
    def _on_script_wanted(self) -> None:
        self.program.open_cell("source")

    @Slot(bool)
    def _on_answered(self, trusted: bool) -> None:
        self._show()
        if trusted:
            self.header.action.setFocus(Qt.FocusReason.OtherFocusReason)
            self.start()
        else:
            self.failure.dismiss()
            self.focus_first()

    def _empty_text(self) -> str:
        if self._workbench.sockets:
            return "Choose a socket on the left: its settings and what it does now will stand here."
        return "There is no socket yet. Add a server or a client: its settings will stand here."

    def _enable(self, entry: SocketEntry) -> None:
        viewing = self._workbench.viewing
        fixed = self.fixed()
        focus = QApplication.focusWidget()
        held = focus is not None and any(widget is focus or widget.isAncestorOf(focus) for widget in fixed)
        self.header.name.setEnabled(not viewing)
        for widget in fixed:
            widget.setEnabled(not viewing and not entry.running)
        self.program.set_enabled(not viewing)
        self.serving.set_enabled(not viewing)
        self.options.setEnabled(not viewing)
        if held and entry.running:  # Qt would move the keyboard to whatever comes next
            self._left_field = focus
            self.header.action.setFocus(Qt.FocusReason.OtherFocusReason)
        elif entry.failure is not None and not entry.running and self.header.action.hasFocus():
            if self._left_field is not None:  # back to where it was started from, to put it right
                self._left_field.setFocus(Qt.FocusReason.OtherFocusReason)
            self._left_field = None

    @Slot()
    def _check(self) -> None:
        """Read the form, and show what is wrong with it."""
        draft, entry = self._draft, self._workbench.socket(self._shown)
        if draft is None or entry is None:
            return
        self._read = read = draft.read(self._other_names(entry.number))
        self.show_read(read, "" if self.folded else settings_hint(entry, self._workbench.viewing))
        self.header.show_problem(self.start_problem)

    def _other_names(self, number: int) -> set[str]:
        return {entry.spec.name for entry in self._workbench.sockets if entry.number != number}

    # -- what the user does ---------------------------------------------------------------------

    def _put(self, name: str, text: str) -> None:
        if self._draft is not None:
            self._draft.put(name, text)
            self._apply(name)

    def _apply(self, field: str) -> None:
        """Give the document what is valid now; typing in one field is one step of undo."""
        draft, number = self._draft, self._shown
        entry = self._workbench.socket(number)
        if draft is None or entry is None or number is None:
            return
        if field != self._step_field or entry.started is not self._step_started:  # a start ends the step, too
            self._step_started = entry.started
            self._step, self._step_field = new_step(), field
        spec = draft.read(self._other_names(number)).spec
        self._applying = True
        try:
            self._workbench.edit_socket(number, spec, self._step)
        finally:
            self._applying = False
        draft.settle(spec)
        self._show()

    @Slot()
    def _end_step(self) -> None:
        self._step_field = ""

    @Slot(str)
    def _on_typed(self, text: str) -> None:
        self._put(self.sender().objectName(), text)

    @Slot()
    def _on_left(self) -> None:
        """The keyboard left a field, or Enter was pressed in it."""
        self._end_step()
        name, draft = self.sender().objectName(), self._draft
        if draft is not None and self._read is not None and name not in self._read.problems:
            draft.tidy(name)
            self._show()

    @Slot()
    def _on_host_chosen(self) -> None:
        self._put("host", self.host.currentText())
        self._end_step()

    @Slot(str)
    def _on_transport(self, value: str) -> None:
        self._put("transport", value)
        self._end_step()

    @Slot(str)
    def _on_role(self, value: str) -> None:
        self._put("role", value)
        self._end_step()

    @Slot()
    def _on_encoding(self) -> None:
        self._put("encoding", self.encoding.currentData())
        self._end_step()

    @Slot(int)
    def _on_script_printed(self, number: int) -> None:
        if number == self._shown and self.program.draft is not None:
            self._tell_failure(number, self.program.draft.kind)

    @Slot(str)
    def _on_choice_edited(self, name: str) -> None:
        form = self.sender()
        if name == "source" and self._shown is not None:
            self._workbench.script_output.forget_failure(self._shown)
        if form is self.program and self._draft is not None:
            self._note_written(self._draft.choices["program"], name)
        self._apply(f"{form.title}.{name}" if isinstance(form, ChoiceForm) else "")

    def _note_written(self, program: ChoiceDraft, name: str) -> None:
        """A script that stands in the document was written here only if its editor says so."""
        for field in program.description.fields:
            if field.name == name and field.type == "code":
                self._workbench.scripts.wrote(str(program.text(field)))

    @Slot(object)
    def _on_setting_opened(self, dialog: SettingDialog) -> None:
        if self._shown is not None:
            dialog.listen(self._workbench, self._shown)
            dialog.finished.connect(self._on_setting_closed)
            dialog.applied.connect(self._end_step)

    @Slot()
    def _on_setting_closed(self) -> None:
        if self._workbench.socket(self._shown) is not None and self._shown is not None:
            self._workbench.settle_script(self._shown)

    @Slot(str)
    def _on_undo(self, name: str) -> None:
        """By the keys in the window of a setting: what is wrong there and not in the document goes first."""
        form = next((one for one in self._choices().values() if one.window is self.sender()), None)
        if form is None or form.draft is None:
            return
        if form.is_wrong(name):
            form.draft.revert(name)
            self._show()
        else:
            self._workbench.undo.undo()

    @Slot(str)
    def _on_advice(self, what: str) -> None:
        """The user takes the framing, or the buffer size, that usually goes with the program."""
        draft = self._draft
        if draft is None:
            return
        kind = PROGRAMS.find_kind(draft.choices["program"].kind)
        if what == "framing" and kind.framing is not None:
            self.framing.take(kind.framing)
            self._apply("framing")
        elif what == "buffer_size" and kind.buffer_size is not None:
            draft.put("buffer_size", str(kind.buffer_size))
            self._apply("buffer_size")
        self._end_step()

    @Slot()
    def _on_pace(self) -> None:
        self._apply(f"pace.{self.pace.field}")

    @Slot()
    def _on_action(self) -> None:
        entry = self._workbench.socket(self._shown)
        if entry is not None and entry.running:
            self._workbench.stop(entry.number)
        else:
            self.start()

    @Slot(int)
    def _on_call_wanted(self, record: int) -> None:
        if self._shown is not None and 0 <= record < self._workbench.reader.count:
            self._workbench.selection.choose_scope(Scope(self._shown))
            self._workbench.selection.choose_call(self._workbench.reader.call(record), self)

    @Slot()
    def _on_dismissed(self) -> None:
        if self._shown is not None and self._trouble is not None:
            self._workbench.dismiss(self._shown, self._trouble)

    @Slot()
    def _on_dialog_finished(self) -> None:
        if self.sender() is self._dialog:
            self._dialog = None

    @Slot()
    def _on_theme(self) -> None:
        self._check()
