"""Which sequence is looked at, which of its steps, and what is typed for it. Knows no pane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from explorer.core.errors import InputError
from explorer.core.names import LONGEST_NAME
from explorer.core.sequence import BranchStep, Case, Match, PauseStep, RepeatStep, Sequence, Step, WaitStep
from explorer.ui import sequence_edits as edits
from explorer.ui import step_draft
from explorer.ui.models.sequence_tree import CasePlace, Place
from explorer.ui.sequence_edits import TOP, BlockPlace, StepPlace
from explorer.ui.sequence_words import title
from explorer.ui.workbench import Workbench
from explorer.wire.remembered import remembered_by
from explorer.workspace_sequences import Surroundings, check_sequence, check_step

Values = dict[str, str]


class Form(Protocol):
    """What shows fields (`explorer.ui.widgets.step_form`)."""

    def show_fields(self, title: str, names: tuple[str, ...], values: Mapping[str, str], about: str) -> None: ...

    def offer(self, name: str, choices: Mapping[str, str]) -> None: ...

    def offer_snippets(self, names: list[str]) -> None: ...

    def hint(self, name: str, text: str) -> None: ...

    def show_problems(self, problems: Mapping[str, str]) -> None: ...


class SequenceChoice:
    """name: of the sequence; "" while there is none. place: in it.

    What was typed and cannot be taken over is kept, so that it is there when its step is chosen again.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.name = ""
        self.place: Place = None
        self._drafts: dict[tuple[str, str], Values] = {}

    @property
    def sequence(self) -> Sequence | None:
        return self._workbench.sequences.find(self.name)

    def choose(self, name: str, place: Place) -> None:
        self.name, self.place = name, place

    def look(self) -> None:
        """The sequences are others: stay where it is, or go to what is nearest."""
        items = self._workbench.sequences.items
        if self.sequence is None:
            self.choose(items[0].name if items else "", None)
        if self.place is not None and not self._is_there():
            self.place = None

    def _is_there(self) -> bool:
        sequence, place = self.sequence, self.place
        if sequence is None:
            return False
        try:
            if isinstance(place, CasePlace):
                edits.steps_of(sequence, place.block)
            elif place is not None:
                edits.step_at(sequence, place)
        except (LookupError, StopIteration, AssertionError):
            return False
        return True

    def around(self) -> Surroundings:
        """What steps may name."""
        return Surroundings(
            {spec.name: spec.encoding for spec in self._workbench.specs},
            frozenset(snippet.name for snippet in self._workbench.snippets),
        )

    @property
    def step(self) -> Step | None:
        """The chosen one, if it is a step."""
        sequence = self.sequence
        return edits.step_at(sequence, self.place) if sequence and isinstance(self.place, StepPlace) else None

    @property
    def branch(self) -> StepPlace | None:
        """The branch that is chosen, or one of whose cases is."""
        if isinstance(self.place, CasePlace):
            return self.place.branch
        return self.place if isinstance(self.step, BranchStep) and isinstance(self.place, StepPlace) else None

    def place_for_new(self) -> StepPlace:
        """Where another step goes: behind the chosen one, or at the end of the block that is chosen."""
        sequence, place = self.sequence, self.place
        assert sequence is not None
        block = TOP
        if isinstance(place, CasePlace):
            block = place.block
        elif isinstance(place, StepPlace):
            if not isinstance(self.step, RepeatStep):
                return StepPlace(place.within, place.number + 1)
            block = BlockPlace(place, "steps")
        return StepPlace(block, len(edits.steps_of(sequence, block)))

    # -- the form ---------------------------------------------------------------------------------------

    @property
    def _key(self) -> tuple[str, str]:
        return self.name, "" if self.place is None else self.place.path

    def show_in(self, form: Form) -> None:
        """Show the chosen place, with what was typed there last, and what is wrong with it."""
        sequence = self.sequence
        if sequence is None:
            return
        names = [spec.name for spec in self._workbench.specs]
        whole = f"the sequence's ({sequence.socket})" if sequence.socket else "the sequence's"
        usual = "none" if self.place is None else whole
        kept, draft = self._values(sequence), self._drafts.get(self._key)
        values = kept if draft is None else {**kept, **draft}
        gone = {name: f"{name} (is not there)" for name in [values.get("socket", "")] if name and name not in names}
        form.offer("socket", {"": usual, **{name: name for name in names}, **gone})
        form.offer_snippets([*(snippet.name for snippet in self._workbench.snippets), *_gone(values, self._workbench)])
        form.hint("seconds", f"{sequence.timeout:g}" if not isinstance(self.step, PauseStep) else "")
        form.hint("most", "no limit")
        if isinstance(self.place, CasePlace):
            case = self.place.case is not None
            about = "If a message is like this, its steps are carried out. Add them while this case is chosen."
            if not case:
                about = "What is done when none of the cases came in time. Add steps while this is chosen."
            form.show_fields("Case" if case else "Otherwise", _case_fields(values) if case else (), values, about)
        elif self.step is not None:
            typed = step_draft.to_step(self.step, values)[0] if draft is not None else self.step
            form.show_fields(title(self.step), step_draft.fields_of(typed), values, step_draft.about(self.step))
        else:
            about = "Steps are about the socket of the sequence, unless they name another one."
            form.show_fields("Sequence", ("name", "socket", "timeout"), values, about)
        form.show_problems(self._problems(sequence, values))

    def _values(self, sequence: Sequence) -> Values:
        if isinstance(self.place, CasePlace):
            match = self._case(sequence)
            return {} if match is None else step_draft.match_values(match)
        if self.step is not None:
            return step_draft.to_values(self.step)
        return {"name": sequence.name, "socket": sequence.socket, "timeout": f"{sequence.timeout:g}"}

    def _case(self, sequence: Sequence) -> Match | None:
        assert isinstance(self.place, CasePlace)
        branch = edits.step_at(sequence, self.place.branch)
        assert isinstance(branch, BranchStep)
        return None if self.place.case is None else branch.cases[self.place.case].match

    def typed(self, values: Values) -> Sequence | None:
        """The sequence with what is typed in the form; None when that cannot be taken over, and is kept as a draft."""
        sequence = self.sequence
        if sequence is None:
            return None
        # Fields that are not shown now hold what belongs to other places.
        own = {name: value for name, value in values.items() if name in self._values(sequence)}
        after = self._with(sequence, own) if not self._problems(sequence, own) else None
        if after is None:
            self._drafts[self._key] = own
        else:
            self._drafts.pop(self._key, None)
        return after

    def _with(self, sequence: Sequence, values: Values) -> Sequence:
        if isinstance(self.place, CasePlace):
            return with_case(sequence, self.place, step_draft.to_match(values) or Match("contains", ""))
        if self.step is not None and isinstance(self.place, StepPlace):
            return edits.put(sequence, self.place, step_draft.to_step(self.step, values)[0])
        timeout = float(values["timeout"].replace(",", "."))
        return replace(sequence, name=values["name"].strip(), socket=values["socket"], timeout=timeout)

    def _problems(self, sequence: Sequence, values: Mapping[str, str]) -> Values:
        """What is wrong with what is typed, by field."""
        if isinstance(self.place, CasePlace):
            match = step_draft.to_match(values) if self.place.case is not None else None
            return {} if match is None else self._wrong(WaitStep(match, self._branch_socket(sequence)), sequence)
        if self.step is not None:
            step, problems = step_draft.to_step(self.step, values)
            return problems or self._wrong(step, sequence)
        return self._wrong_sequence(sequence, values)

    def _branch_socket(self, sequence: Sequence) -> str:
        assert isinstance(self.place, CasePlace)
        return str(getattr(edits.step_at(sequence, self.place.branch), "socket", ""))

    def _wrong(self, step: Step, sequence: Sequence) -> Values:
        here = replace(sequence, steps=(*sequence.steps, step))
        try:
            check_step(step, sequence, self.around(), remembered_by(here))
        except InputError as error:
            return {_FIELDS.get(error.path, error.path): error.message}
        return {}

    def _wrong_sequence(self, sequence: Sequence, values: Mapping[str, str]) -> Values:
        name = values["name"].strip()
        if name != sequence.name and self._workbench.sequences.find(name) is not None:
            return {"name": f"There is a sequence called {name!r} already; names are used once."}
        if not 1 <= len(name) <= LONGEST_NAME:
            return {"name": f"A sequence needs a name of 1 to {LONGEST_NAME} characters."}
        try:
            timeout = float(values["timeout"].replace(",", "."))
        except ValueError:
            return {"timeout": f"{values['timeout']!r} is no number of seconds. Write e.g. 5 or 0.5."}
        try:
            check_sequence(Sequence(name, values["socket"], (), timeout), self.around())
        except InputError as error:
            return {error.path: error.message}
        return {}


_FIELDS = {"match": "how", "match.pattern": "pattern"}


def _gone(values: Mapping[str, str], workbench: Workbench) -> list[str]:
    name = values.get("snippet", "")
    return [name] if name and workbench.snippets.find(name) is None else []


def _case_fields(values: Mapping[str, str]) -> tuple[str, ...]:
    return ("how", "pattern") if values.get("how") == "regex" else ("how", "pattern", "written")


# -- cases of branches ---------------------------------------------------------------------------------


def with_case(sequence: Sequence, place: CasePlace, match: Match) -> Sequence:
    """The sequence with another pattern for a case."""
    branch = _branch_at(sequence, place.branch)
    cases = tuple(Case(match, case.steps) if number == place.case else case for number, case in enumerate(branch.cases))
    return edits.put(sequence, place.branch, replace(branch, cases=cases))


def add_case(sequence: Sequence, place: StepPlace, case: Case) -> tuple[Sequence, int]:
    """One more case of a branch, and its number."""
    branch = _branch_at(sequence, place)
    return edits.put(sequence, place, replace(branch, cases=(*branch.cases, case))), len(branch.cases)


def add_otherwise(sequence: Sequence, place: StepPlace) -> Sequence:
    branch = _branch_at(sequence, place)
    return edits.put(sequence, place, replace(branch, otherwise=branch.otherwise or ()))


def remove_case(sequence: Sequence, place: CasePlace) -> Sequence:
    """Without the case; the last one stays."""
    branch = _branch_at(sequence, place.branch)
    if place.case is None:
        return edits.put(sequence, place.branch, replace(branch, otherwise=None))
    if len(branch.cases) == 1:
        return sequence
    cases = (*branch.cases[: place.case], *branch.cases[place.case + 1 :])
    return edits.put(sequence, place.branch, replace(branch, cases=cases))


def _branch_at(sequence: Sequence, place: StepPlace) -> BranchStep:
    step = edits.step_at(sequence, place)
    assert isinstance(step, BranchStep)
    return step
