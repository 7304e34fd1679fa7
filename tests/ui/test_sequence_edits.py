"""Steps are put, moved and taken out wherever they stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.core.sequence import BranchStep, Case, FailStep, Match, RepeatStep, SendStep, Sequence, Step, blocks, walk
from explorer.ui import sequence_edits as edits
from explorer.ui.sequence_edits import TOP, BlockPlace, StepPlace


def places(sequence: Sequence, block: BlockPlace = TOP) -> list[StepPlace]:
    found: list[StepPlace] = []
    for number, step in enumerate(edits.steps_of(sequence, block)):
        place = StepPlace(block, number)
        found.append(place)
        for one in blocks(step):
            found += places(sequence, BlockPlace(place, one.path))
    return found


def some(steps: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    lists = st.lists(steps, max_size=3).map(tuple)
    return st.one_of(
        st.builds(RepeatStep, st.just(2), lists),
        st.builds(BranchStep, st.lists(st.builds(Case, st.just(Match()), lists), min_size=1, max_size=2).map(tuple),
                  st.none() | lists),
    )  # fmt: skip


leaves = st.builds(SendStep, st.sampled_from("abcdef"))
sequences = st.lists(st.recursive(leaves, some, max_leaves=8), min_size=1, max_size=4).map(
    lambda steps: Sequence("s", "", tuple(steps))
)


@given(sequences, st.data())
def test_edits_do_what_they_say(sequence: Sequence, data: st.DataObject) -> None:
    all_places = places(sequence)
    assert [place.path for place in all_places] == [path for path, _ in walk(sequence.steps)]
    place = data.draw(st.sampled_from(all_places))
    step = edits.step_at(sequence, place)
    assert edits.put(sequence, place, step) == sequence
    other = FailStep("new")
    assert edits.step_at(edits.insert(sequence, place, other), place) == other
    assert edits.remove(edits.insert(sequence, place, other), place) == sequence
    moved, now = edits.move(sequence, place, data.draw(st.sampled_from([-1, 1])))
    assert edits.step_at(moved, now) == step
    texts = sorted(step.text for _, step in walk(sequence.steps) if isinstance(step, SendStep))
    assert sorted(step.text for _, step in walk(moved.steps) if isinstance(step, SendStep)) == texts


def test_names_are_changed_everywhere() -> None:
    inner = (SendStep(socket="a", snippet="x"),)
    before = Sequence("s", "a", (RepeatStep(1, (BranchStep((Case(Match(), inner),), inner, socket="a"),)),))
    after = edits.rename_socket(before, "a", "b")
    assert after.socket == "b"
    assert {getattr(step, "socket", "b") for _, step in walk(after.steps)} == {"b"}
    assert edits.rename_socket(after, "b", "a") == before
    snippets = {
        step.snippet for _, step in walk(edits.rename_snippet(before, "x", "y").steps) if isinstance(step, SendStep)
    }
    assert snippets == {"y"}
