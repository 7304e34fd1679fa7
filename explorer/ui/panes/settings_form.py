"""The controls of a socket's settings and where they stand; what they do is `explorer.ui.panes.settings_pane`'s."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from explorer.core import serving
from explorer.core.scripts import SCRIPT
from explorer.core.socket_spec import Role, Transport
from explorer.ui.entries import SocketEntry, Trouble
from explorer.ui.option_fields import count_set
from explorer.ui.pace_draft import pace_text
from explorer.ui.spec_draft import Read, SpecDraft, serves
from explorer.ui.theme import Theme
from explorer.ui.widgets.choice_form import ChoiceForm
from explorer.ui.widgets.elided_label import MutedLabel
from explorer.ui.widgets.encoding_choice import EncodingChoice
from explorer.ui.widgets.failure_box import FailureBox
from explorer.ui.widgets.field_error import FieldErrors
from explorer.ui.widgets.fitted import FittedPane
from explorer.ui.widgets.flow_layout import FlowLayout
from explorer.ui.widgets.host_choice import HostChoice
from explorer.ui.widgets.inputs import LabelledField, ShortEdit, mark_wrong, show_text
from explorer.ui.widgets.pace_form import PaceForm
from explorer.ui.widgets.segmented import SegmentedButtons
from explorer.ui.widgets.socket_header import SocketHeader
from explorer.ui.workbench import Workbench
from explorer.wire.framing import registry as framings
from explorer.workspace import PROGRAMS

if TYPE_CHECKING:
    from explorer.ui.widgets.framing_note import FramingNote
    from explorer.ui.widgets.program_note import ProgramNote

LABELS = {"name": "Name", "host": "Host", "port": "Port", "buffer_size": "Buffer size"}
PACE, SLOWED = "Pace…", "Pace (slowed)…"
LEAST_LINES = 1.7  # of text, of the form, where the window is low and the text large: its first line


class SettingsForm(FittedPane):
    """header … errors: the controls. body: all of them; form: the main ones; empty: what is there instead while no
    socket is chosen.

    Signal: advice_wanted(str): the user wants the framing, or the buffer size, that goes with the program.
    """

    advice_wanted = Signal(str)

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(LEAST_LINES, parent)
        self._workbench = workbench
        self._theme = theme
        self._make_controls()
        self._lay_out()

    def _make_controls(self) -> None:
        self._shown_draft: SpecDraft | None = None
        self._trouble: Trouble | None = None  # what the box of failures tells, of a connection that went on
        self.header = SocketHeader(self._theme)
        self.failure = FailureBox(self._theme)
        self.transport = SegmentedButtons("Transport", (("tcp", "TCP"), ("udp", "UDP")), self._theme)
        self.role = SegmentedButtons("Role", (("server", "Server"), ("client", "Client")), self._theme)
        self.host = HostChoice()
        self.port = ShortEdit(6, "Port")
        self.buffer_size = ShortEdit(7, "Buffer size in bytes")
        self.buffer_size.setToolTip("Bytes that recv or recvfrom is asked for, from 1 to 1,048,576")
        self.encoding = EncodingChoice()
        self.options = QPushButton("Opt&ions…")
        self.options.setAutoDefault(False)
        self.framing = ChoiceForm("Framing", framings, self._theme, self)
        self.program = ChoiceForm("Program", PROGRAMS, self._theme, self)
        self.serving = ChoiceForm("Serving", serving, self._theme, self, put_away=True)
        self.serving.explain(True)
        self._note: FramingNote | None = None
        self._program_note: ProgramNote | None = None
        self.way = MutedLabel(self._theme)  # what the way of serving is
        self.way.hide()
        self.framing.unfolded.connect(self._show_note)
        self.program.unfolded.connect(self._show_program_note)
        self.serving.unfolded.connect(self.way.setVisible)
        self.slow = QPushButton(PACE)
        self.slow.setCheckable(True)
        self.slow.setAutoDefault(False)
        self.slow.setToolTip("Cut sends and slow the socket down, to see what a network does")
        self.pace = PaceForm(self._theme)
        self.pace.hide()
        self.slow.toggled.connect(self._show_pace)
        self.errors = FieldErrors(self._theme)
        self.empty = QLabel()
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._edits: dict[str, QLineEdit] = {
            "name": self.header.name,
            "host": self.host.edit,
            "port": self.port,
            "buffer_size": self.buffer_size,
        }

    def _lay_out(self) -> None:
        self.form = QFrame()
        self._labelled: dict[str, LabelledField] = {}
        flow = FlowLayout(self.form, gap=8, line_gap=6)
        fields: tuple[tuple[str, QWidget, QWidget | None], ...] = (
            ("Transport", self.transport, None), ("Role", self.role, None), ("H&ost", self.host, None),
            ("&Port", self.port, None), ("&Buffer size", self.buffer_size, None),
            ("Framin&g", self.framing.picker, self.framing.kinds), ("En&coding", self.encoding, None),
            ("Progr&am", self.program.picker, self.program.kinds),
            ("Serving", self.serving.picker, self.serving.kinds),
        )  # fmt: skip
        for label, field, buddy in fields:
            self._labelled[label] = LabelledField(label, field, self._theme, buddy)
            flow.addWidget(self._labelled[label])
        flow.addWidget(self.options)
        flow.addWidget(self.slow)
        self.body = QWidget()
        self._column = column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for widget in (
            self.header, self.failure, self.form, self.framing.details, self.pace, self.program.details,
            self.way, self.serving.details, self.errors,
        ):  # fmt: skip
            column.addWidget(widget)
        outer = QVBoxLayout(self.content)
        outer.setContentsMargins(10, 8, 10, 6)
        outer.addWidget(self.body)
        outer.addWidget(self.empty)
        chain: list[QWidget] = [
            self.header.fold, self.header.name, *self.transport.buttons(), *self.role.buttons(),
            self.host, self.port, self.buffer_size,
            *self.framing.widgets(), self.encoding, *self.program.widgets(), *self.serving.widgets(), self.options,
            self.slow, *self.pace.widgets(), self.header.action,
        ]  # fmt: skip
        for before, after in itertools.pairwise(chain):
            QWidget.setTabOrder(before, after)

    # -- showing --------------------------------------------------------------------------------

    @property
    def note(self) -> FramingNote:
        """What the framing is. It is made when it is wanted, not at every start."""
        if self._note is None:
            from explorer.ui.widgets.framing_note import FramingNote

            self._note = FramingNote(self._workbench, self._theme)
            self._note.hide()
            self._column.insertWidget(self._column.indexOf(self.framing.details), self._note)
            if self.framing.draft is not None:
                self._note.show_draft(self.framing.draft)
        return self._note

    @Slot(bool)
    def _show_note(self, shown: bool) -> None:
        if shown or self._note is not None:
            self.note.setVisible(shown)

    @property
    def program_note(self) -> ProgramNote:
        """What the program is. It is made when it is wanted, not at every start."""
        if self._program_note is None:
            from explorer.ui.widgets.program_note import ProgramNote

            self._program_note = ProgramNote(self._theme)
            self._program_note.hide()
            self._column.insertWidget(self._column.indexOf(self.program.details), self._program_note)
            self._program_note.wanted.connect(self.advice_wanted)
            QWidget.setTabOrder(self.program.widgets()[-1], self._program_note.framing)
            QWidget.setTabOrder(self._program_note.framing, self._program_note.buffer)
        return self._program_note

    @Slot(bool)
    def _show_program_note(self, shown: bool) -> None:
        if shown or self._program_note is not None:
            self._show_conversation()
            self.program_note.setVisible(shown)

    def _show_conversation(self) -> None:
        """The program as it stands in the form, to whoever looks at it."""
        if self._shown_draft is not None and self._program_note is not None:
            self._program_note.show_draft(self._shown_draft)

    @Slot()
    def _show_pace(self) -> None:
        self.pace.setVisible(self.slow.isChecked() and not self.form.isHidden())

    def show_form(self, shown: bool) -> None:
        """Everything but the header and what is wrong."""
        self.form.setVisible(shown)
        for form in self._choices().values():
            form.fold(not shown)
        self._show_pace()

    def show_draft(self, entry: SocketEntry, draft: SpecDraft, viewing: bool) -> None:
        """What stands in the fields. viewing: the socket stands in a capture from disk."""
        self.header.show_entry(entry, viewing)
        self._show_failure(entry)
        self.transport.choose(draft.text("transport"))
        self.show_role(draft.text("role"))
        for name, edit in self._edits.items():
            show_text(edit, draft.text(name))
        self.encoding.show_name(draft.text("encoding"))
        self.framing.show_draft(draft.choices["framing"])
        if self._note is not None:
            self._note.show_draft(draft.choices["framing"])
        self._shown_draft = draft
        program = draft.choices["program"]
        self._tell_failure(entry.number, program.kind)
        self.program.explain(program.kind != "none")
        self.program.show_draft(program)
        self.program.window.set_running(entry.running)
        self._show_conversation()
        way = draft.choices["serving"]
        self.serving.show_draft(way)
        self.way.setText(way.description.summary)
        self._show_serving()
        count = count_set(entry.spec)
        self.options.setText(f"Opt&ions ({count})…" if count else "Opt&ions…")
        self.pace.show_draft(draft.pace, cast(Transport, draft.text("transport")))
        self.slow.setText(SLOWED if pace_text(entry.spec.pace, entry.spec.transport) else PACE)
        self.slow.setVisible(not viewing)
        if viewing:
            self.slow.setChecked(False)

    def _show_failure(self, entry: SocketEntry) -> None:
        """Why the socket ended; of one that runs, what was told of its connections comes first."""
        self._trouble = trouble = self._workbench.trouble(entry.number)
        ended = entry.failure is not None and not entry.running
        if trouble is None or ended:
            self._trouble = None
            self.failure.show_failure(entry.failure, entry.failed_record)
        else:
            self.failure.show_failure(trouble.failure, trouble.record)

    def _tell_failure(self, number: int, kind: str) -> None:
        """In which line the script of this socket failed."""
        line = self._workbench.script_output.failed_line(number) if kind == SCRIPT else 0
        self.program.tell("source", f", failed in line {line:,}" if line else "")

    def _show_serving(self) -> None:
        """Only a TCP server has a way of serving."""
        draft = self._shown_draft
        shown = draft is not None and serves(draft.text("transport"), draft.text("role"))
        self._labelled["Serving"].setVisible(shown)
        self.serving.fold(not shown or self.form.isHidden())

    def show_role(self, value: str) -> None:
        self.role.choose(value)
        self.host.offer(cast(Role, value))

    def show_read(self, read: Read, hint: str) -> None:
        """What is wrong with the fields; hint: a sentence for where nothing is."""
        labels = dict(LABELS)
        for name, form in self._choices().items():
            start = f"{name}."
            form.show_problems(
                {key.removeprefix(start): text for key, text in read.problems.items() if key.startswith(start)}
            )
            labels |= {start + field: label for field, label in form.labels().items()}
        for name in (*self._edits, "host"):
            field = self.field(name)
            if field is not None:
                mark_wrong(field, read.problems.get(name, ""), self._theme)
        if any(name.startswith("pace.") for name in read.problems):
            self.slow.setChecked(True)
        # Those of the pace stand in its form, where it is seen.
        elsewhere = not self.pace.isHidden()
        labels |= {f"pace.{name}": label for name, label in self.pace.labels().items()}
        problems = {name: text for name, text in read.problems.items() if not (elsewhere and name.startswith("pace."))}
        self.errors.show_problems(shortened(problems), labels, hint if not read.problems else "")
        self.errors.setVisible(bool(self.errors.sentences) or not self.form.isHidden())

    # -- fields ---------------------------------------------------------------------------------

    def _choices(self) -> dict[str, ChoiceForm]:
        return {"framing": self.framing, "program": self.program, "serving": self.serving}

    def field(self, name: str) -> QWidget | None:
        """The control for a setting, e.g. ``port`` or ``framing.hex``."""
        form, dot, field = name.partition(".")
        if dot:
            return self.pace.editor(field) if form == "pace" else self._choices()[form].editor(field)
        return self.host if name == "host" else self._edits.get(name)

    def fixed(self) -> list[QWidget]:
        """Controls of what a socket keeps while it runs."""
        return [self.transport, self.role, self.host, self.port, self.buffer_size]


def shortened(problems: Mapping[str, str]) -> dict[str, str]:
    """Of each table the first cell that is wrong, and how many more are: the table shows them all."""
    shown: dict[str, str] = {}
    firsts: dict[str, tuple[str, int]] = {}  # of each table: its first wrong cell, and how many others
    for name, sentence in problems.items():
        table, inside, _ = name.partition("[")
        if inside and table in firsts:
            firsts[table] = (firsts[table][0], firsts[table][1] + 1)
            continue
        if inside:
            firsts[table] = (name, 0)
        shown[name] = sentence
    for name, more in firsts.values():
        if more:
            shown[name] += f" {more:,} more cell{'s are' if more > 1 else ' is'} wrong."
    return shown
