"""The Sequences dock: steps that are carried out one after the other, edited, recorded and run, with marks of how
each fared."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from explorer.capture.span import Span
from explorer.core.errors import InputError
from explorer.core.sequence import Case, Match, Sequence, Step
from explorer.ui import sequence_edits as edits
from explorer.ui.models.sequence_tree import CasePlace, Place
from explorer.ui.sequence_choice import SequenceChoice, add_case, add_otherwise, remove_case
from explorer.ui.sequence_edits import StepPlace
from explorer.ui.sequence_example import SequenceExample
from explorer.ui.sequence_play import SequencePlay
from explorer.ui.theme import Theme
from explorer.ui.undo import new_step
from explorer.ui.widgets.sequence_view import SequenceEmpty, SequenceView
from explorer.ui.workbench import Workbench
from explorer.workspace_sequences import check_sequence

ASK_AGAIN = "A sequence runs. Stop it before its steps are changed."


class SequencePane(QWidget):
    """view: the lists and fields. play: what runs and what is recorded. choice: what is looked at.

    LEAST_LINES: of text that it is high at least; in a lower dock it scrolls.
    """

    LEAST_LINES = 10

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self._theme = theme
        self._book = workbench.sequences
        self.play = SequencePlay(workbench)
        self.choice = SequenceChoice(workbench)
        self.view = SequenceView(theme)
        self.empty = SequenceEmpty(theme)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.view)
        self.stack.setMinimumSize(1, 1)
        self.recorded = QLabel()
        self.recorded.setTextFormat(Qt.TextFormat.PlainText)
        self.recorded.setWordWrap(True)
        self.recorded.setMinimumWidth(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.setSpacing(4)
        column.addWidget(self.stack, 1)
        column.addWidget(self.recorded)  # below, so that what ends the recording stands where it was begun
        self._editing: tuple[str, str, int] = ("", "", 0)  # what is typed at: name of the sequence, place, undo step
        self._connect()
        self._on_changed()

    def _connect(self) -> None:
        view = self.view
        self._book.changed.connect(self._on_changed)
        self._workbench.socket_added.connect(self._on_surroundings)
        self._workbench.socket_removed.connect(self._on_surroundings)
        self._workbench.document_changed.connect(self._on_surroundings)
        self.play.marked.connect(self._show_marks)
        self.play.recorded.connect(self._show_recording)
        for source in (view, self.empty):
            source.new_wanted.connect(self.add_sequence)
            source.record_wanted.connect(self.record)
            source.example_wanted.connect(self.make_example)
        view.sequence_chosen.connect(self._on_sequence_chosen)
        view.place_chosen.connect(self._on_place_chosen)
        view.form.edited.connect(self._on_edited)
        view.run_wanted.connect(self.run)
        view.stop_wanted.connect(self.stop)
        view.duplicate_wanted.connect(self.duplicate_sequence)
        view.remove_wanted.connect(self.remove_sequence)
        view.step_wanted.connect(self.add_step)
        view.case_wanted.connect(self.add_case)
        view.otherwise_wanted.connect(self.add_otherwise)
        view.copy_step_wanted.connect(self.duplicate_step)
        view.remove_step_wanted.connect(self.remove_step)
        view.move_wanted.connect(self.move_step)
        view.call_wanted.connect(self.show_call)
        view.python_wanted.connect(self.show_as_python)
        self._theme.changed.connect(self._show_marks)

    def focus_first(self) -> None:
        """Take the keyboard: in the steps, or at the first button of the empty pane."""
        if self.stack.currentWidget() is self.view:
            self.view.tree.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.empty.example.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def sequence(self) -> Sequence | None:
        """The one that is looked at."""
        return self.choice.sequence

    # -- showing ----------------------------------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        """A sequence is another, by whoever's doing."""
        self.choice.look()
        sequence = self.choice.sequence
        self.stack.setCurrentWidget(self.empty if sequence is None else self.view)
        self.view.show_names([one.name for one in self._book], self.choice.name)
        if sequence is not None:
            self.view.show_steps(sequence, self.choice.place)
            self._show_form()
        self._show_marks()
        self._show_recording()

    @Slot()
    def _on_surroundings(self) -> None:
        """Sockets or snippets are others: so is what can be chosen, and perhaps what is wrong."""
        self.choice.look()
        if self.choice.sequence is not None:
            self._show_form()
            self._show_state()

    def _show_form(self) -> None:
        self.choice.show_in(self.view.form)

    @Slot()
    def _show_marks(self) -> None:
        sequence = self.choice.sequence
        ours = sequence is not None and self.play.name == sequence.name
        self.view.show_marks(self.play.marks if ours else {}, self.play.running)
        self._show_state()

    def _show_state(self) -> None:
        """Which buttons can be pressed, and the line below the steps."""
        sequence, running = self.choice.sequence, self.play.running
        problem = self._problem(sequence) if sequence is not None else ""
        ours = sequence is not None and self.play.name == sequence.name
        self.view.show_state(running, bool(sequence and sequence.steps and not problem), self.choice.place)
        result = self.play.result if ours else None
        if running:
            self.view.show_result("Running …" if ours else f"“{self.play.name}” is running …", "muted")
        elif result is not None:
            took = f" ({result.seconds:.2f} s)" if result.seconds >= 1 else f" ({result.seconds * 1000:.0f} ms)"
            where = f" {self._spoken(result.path)}" if not result.passed and result.path else ""
            word = "Stopped" if result.cancelled else "Passed" if result.passed else "Failed"
            sentence = result.sentence.removeprefix("Passed: ") if result.passed else result.sentence
            kind = "good" if result.passed else "error"
            self.view.show_result(f"{word}{where}{took}: {sentence}", kind, result.record >= 0)
        elif problem:
            self.view.show_result(f"It cannot run yet. {problem}", "error")
        else:
            self.view.show_result("" if sequence and sequence.steps else "Add steps, or record them.", "muted")

    def _spoken(self, path: str) -> str:
        """E.g. ``at step 2``, as steps are counted in the list."""
        return self.view.spoken_place(path)

    def _problem(self, sequence: Sequence) -> str:
        """Why it cannot run, with the place; "" when it can."""
        try:
            check_sequence(sequence, self.choice.around())
        except InputError as error:
            where = self._spoken(error.path)
            return f"{where[0].upper()}{where[1:]}: {error.message}" if where else error.message
        return ""

    @Slot()
    def _show_recording(self) -> None:
        play = self.play
        self.view.show_recording(play.recording)
        self.empty.show_recording(play.recording)
        if play.recording:
            count = len(play.steps)
            what = "nothing so far" if not count else "1 step" if count == 1 else f"{count:,} steps"
            self.recorded.setText(
                f"● Recording: {what}. Start sockets and send messages as usual; press Stop recording to see the "
                f"steps. {play.note}"
            )
        self.recorded.setVisible(play.recording)

    # -- choosing and editing ---------------------------------------------------------------------------

    @Slot(str)
    def _on_sequence_chosen(self, name: str) -> None:
        self.choice.choose(name, None)
        self._on_changed()

    @Slot(object)
    def _on_place_chosen(self, place: Place) -> None:
        self.choice.choose(self.choice.name, place)
        self._show_form()
        self._show_state()

    @Slot(str)
    def _on_edited(self, field: str) -> None:
        """Something was typed or chosen in the form: it is taken over if it can be, else kept as it was typed."""
        sequence = self.choice.sequence
        if sequence is None:
            return
        after = self.choice.typed(self.view.form.values())
        if after is None or after == sequence:
            self._show_form()
            return
        place = self.choice.place
        where = "" if place is None else place.path
        if self._editing[:2] != (after.name, f"{where}.{field}"):
            self._editing = after.name, f"{where}.{field}", new_step()
        if self.play.name == sequence.name and after.name != sequence.name:
            self.play.renamed(after.name)
        self.choice.name = after.name
        self._book.change(sequence.name, after, step=self._editing[2])

    def _change(self, after: Sequence, text: str, place: Place) -> None:
        """Another shape of the steps; marks of an earlier run do not fit it."""
        sequence = self.choice.sequence
        if sequence is None:
            return
        if self.play.running and self.play.name == sequence.name:
            self._workbench.notice(ASK_AGAIN, key="sequence")
            return
        self.play.forget()
        self.choice.choose(sequence.name, place)
        self._book.change(sequence.name, after, text)

    @Slot(object)
    def add_step(self, step: Step) -> None:
        """Put it behind the chosen one, or at the end of the chosen block."""
        sequence = self.choice.sequence
        if sequence is not None:
            place = self.choice.place_for_new()
            self._change(edits.insert(sequence, place, step), "add step", place)
            self.view.form.focus_first()

    @Slot()
    def add_case(self) -> None:
        """Put one more case to the chosen branch."""
        sequence, branch = self.choice.sequence, self.choice.branch
        if sequence is not None and branch is not None:
            after, number = add_case(sequence, branch, Case(Match("starts", "ERROR")))
            self._change(after, "add case", CasePlace(branch, number))

    @Slot()
    def add_otherwise(self) -> None:
        sequence, branch = self.choice.sequence, self.choice.branch
        if sequence is not None and branch is not None:
            self._change(add_otherwise(sequence, branch), "add otherwise", CasePlace(branch, None))

    @Slot()
    def duplicate_step(self) -> None:
        sequence, place = self.choice.sequence, self.choice.place
        if sequence is not None and isinstance(place, StepPlace):
            behind = StepPlace(place.within, place.number + 1)
            self._change(edits.insert(sequence, behind, edits.step_at(sequence, place)), "duplicate step", behind)

    @Slot()
    def remove_step(self) -> None:
        sequence, place = self.choice.sequence, self.choice.place
        if sequence is None or place is None:
            return
        if isinstance(place, CasePlace):
            self._change(remove_case(sequence, place), "remove case", place.branch)
            return
        after = edits.remove(sequence, place)
        left = len(edits.steps_of(after, place.within))
        next_place: Place = place.within.owner
        if left:
            next_place = StepPlace(place.within, min(place.number, left - 1))
        self._change(after, "remove step", next_place)

    @Slot(int)
    def move_step(self, by: int) -> None:
        """Up (-1) or down (1), out of its block beyond the edge of that."""
        sequence, place = self.choice.sequence, self.choice.place
        if sequence is not None and isinstance(place, StepPlace):
            after, now = edits.move(sequence, place, by)
            if now != place:
                self._change(after, "move step", now)

    # -- whole sequences --------------------------------------------------------------------------------

    def _add(self, sequence: Sequence) -> None:
        self.play.forget()
        name = self._book.free_name(sequence.name)
        self.choice.choose(name, None)
        self._book.add(sequence)

    @Slot()
    def add_sequence(self) -> None:
        """An empty one, about the chosen socket."""
        current = self._workbench.current or next(iter(self._workbench.sockets), None)
        self._add(Sequence("Sequence", current.spec.name if current else ""))
        self.view.add.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def duplicate_sequence(self) -> None:
        if self.choice.sequence is not None:
            self._add(self.choice.sequence)

    @Slot()
    def remove_sequence(self) -> None:
        """Can be undone."""
        if self.choice.sequence is not None and not self.play.running:
            self._book.remove(self.choice.name)

    @Slot()
    def make_example(self) -> None:
        """An echo server, a client, and a sequence that talks with it."""
        example = SequenceExample(self._workbench)
        example.made.connect(self._on_example)
        example.begin()

    @Slot(str)
    def _on_example(self, name: str) -> None:
        self.choice.choose(name, None)
        self._on_changed()
        self.view.run.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- running and recording --------------------------------------------------------------------------

    @Slot()
    def run(self) -> None:
        """Carry out the chosen one."""
        sequence = self.choice.sequence
        if sequence is not None and not self.play.running and not self._problem(sequence):
            self.play.run(sequence)

    @Slot()
    def stop(self) -> None:
        self.play.stop()

    @Slot()
    def record(self) -> None:
        """Begin to record; or end it, and show what was recorded as a sequence of its own."""
        if not self.play.recording:
            self.play.record()
            return
        steps = self.play.end_recording()
        if steps:
            first = next((name for step in steps if (name := getattr(step, "socket", ""))), "")
            self._add(Sequence("Recorded", first, steps))
        else:
            self._workbench.notice("Nothing was recorded: no socket was started and nothing was sent.", key="sequence")

    @Slot()
    def show_call(self) -> None:
        """Select the call with which the last run ended in the whole window."""
        result = self.play.result
        reader = self._workbench.reader
        if result is not None and 0 <= result.record < reader.count:
            self._workbench.selection.choose_span(Span.of_call(reader.call(result.record)), self)

    @Slot()
    def show_as_python(self) -> None:
        """Have the chosen one shown as a script."""
        if self.choice.sequence is not None:
            self._workbench.python_wanted.emit(self.choice.name)
