"""Edits of the steps of a sequence, wherever in its blocks they stand. Values in, values out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from explorer.core.sequence import BranchStep, Case, RepeatStep, Sequence, Step, blocks

Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """A list of steps: `steps` of the sequence itself, or a block of the step at `owner`. block: its path there."""

    owner: StepPlace | None = None
    block: str = "steps"

    @property
    def path(self) -> str:
        return self.block if self.owner is None else f"{self.owner.path}.{self.block}"


@dataclass(frozen=True, slots=True)
class StepPlace:
    """A step: the block that it stands in, and its number there."""

    within: BlockPlace
    number: int

    @property
    def path(self) -> str:
        """As the engine writes it, e.g. ``steps[2].cases[0].steps[1]``."""
        return f"{self.within.path}[{self.number}]"


TOP = BlockPlace()


def steps_of(sequence: Sequence, block: BlockPlace) -> Steps:
    """Raises LookupError when there is no such block."""
    if block.owner is None:
        return sequence.steps
    owner = step_at(sequence, block.owner)
    return next(one.steps for one in blocks(owner) if one.path == block.block)


def step_at(sequence: Sequence, place: StepPlace) -> Step:
    """Raises LookupError when there is no such step."""
    return steps_of(sequence, place.within)[place.number]


def edit_block(sequence: Sequence, block: BlockPlace, edit: Callable[[Steps], Steps]) -> Sequence:
    """The sequence with another list of steps in that place."""
    after = edit(steps_of(sequence, block))
    if block.owner is None:
        return replace(sequence, steps=after)
    return put(sequence, block.owner, with_block(step_at(sequence, block.owner), block.block, after))


def with_block(step: Step, block: str, steps: Steps) -> Step:
    """The step with other steps in one of its blocks."""
    if isinstance(step, RepeatStep):
        return replace(step, steps=steps)
    assert isinstance(step, BranchStep)
    if block == "otherwise":
        return replace(step, otherwise=steps)
    cases = tuple(
        Case(case.match, steps) if block == f"cases[{number}].steps" else case for number, case in enumerate(step.cases)
    )
    return replace(step, cases=cases)


def put(sequence: Sequence, place: StepPlace, step: Step) -> Sequence:
    """Another step in this place."""
    number = place.number
    return edit_block(sequence, place.within, lambda steps: (*steps[:number], step, *steps[number + 1 :]))


def insert(sequence: Sequence, place: StepPlace, step: Step) -> Sequence:
    """One more step, before the one that stands in this place."""
    number = place.number
    return edit_block(sequence, place.within, lambda steps: (*steps[:number], step, *steps[number:]))


def remove(sequence: Sequence, place: StepPlace) -> Sequence:
    number = place.number
    return edit_block(sequence, place.within, lambda steps: (*steps[:number], *steps[number + 1 :]))


def move(sequence: Sequence, place: StepPlace, by: int) -> tuple[Sequence, StepPlace]:
    """One place up (by -1) or down (by 1); beyond the edge of its block, out of it. The sequence, and where the step
    is then."""
    step, count = step_at(sequence, place), len(steps_of(sequence, place.within))
    to = place.number + by
    if 0 <= to < count:
        target = StepPlace(place.within, to)
        return insert(remove(sequence, place), target, step), target
    owner = place.within.owner
    if owner is None:
        return sequence, place
    target = StepPlace(owner.within, owner.number + (by > 0))
    moved = insert(remove(sequence, place), target, step)
    return moved, target


def rename_socket(sequence: Sequence, before: str, after: str) -> Sequence:
    """The sequence for a workspace in which that socket is called otherwise."""
    socket = after if sequence.socket == before else sequence.socket
    return replace(sequence, socket=socket, steps=_each(sequence.steps, "socket", before, after))


def rename_snippet(sequence: Sequence, before: str, after: str) -> Sequence:
    return replace(sequence, steps=_each(sequence.steps, "snippet", before, after))


def _each(steps: Steps, field: str, before: str, after: str) -> Steps:
    found: list[Step] = []
    for step in steps:
        made = step
        if getattr(made, field, None) == before:
            made = replace(made, **{field: after})  # type: ignore[arg-type]
        for block in blocks(made):
            made = with_block(made, block.path, _each(block.steps, field, before, after))
        found.append(made)
    return tuple(found)
