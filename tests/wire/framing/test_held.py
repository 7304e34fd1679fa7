"""What a framer of any kind holds back: the last bytes that came, and enough to go on from."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.wire.framing.api import Frame, FramingKind, timed
from tests.fakes.any_framing import KINDS, cut_up, make, run, some_choice, some_stream

REPEATED = {"slip": b"\xc0", "cobs": b"\0"}  # what may stand between two packets any number of times


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
@given(seed=st.integers(0, 1 << 32))
def test_what_is_held_back_are_the_last_bytes_that_came(kind: FramingKind, seed: int) -> None:
    chance = random.Random(seed)
    choice = some_choice(kind, chance)
    framer, came, done = make(choice), bytearray(), 0
    told = timed(framer)
    for time, data in [*cut_up(some_stream(choice, chance), chance)]:
        found = [*(told.at(time) if told else ()), *framer.feed(data)]
        came += data
        for item in found:
            done = item.offset + (item.size or 0)
        held = framer.held
        assert len(held) == framer.pending <= max(0, len(came) - done)
        assert came.endswith(held)
        if found and isinstance(found[-1], Frame):
            assert bytes(came[done:]).lstrip(REPEATED.get(kind.name, b"")) == held


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name != "idle"], ids=lambda kind: kind.name)
@given(seed=st.integers(0, 1 << 32))
def test_another_framer_goes_on_from_what_is_held_back(kind: FramingKind, seed: int) -> None:
    """As if it had been there from the beginning, wherever there is anything to go on from."""
    chance = random.Random(seed)
    choice = some_choice(kind, chance)
    chunks = [*cut_up(some_stream(choice, chance), chance)]
    place = chance.randint(0, len(chunks))
    framer = make(choice)
    for _, data in chunks[:place]:
        framer.feed(data)
    if not framer.pending:
        return
    other = [(0, framer.held), *chunks[place:]]
    rest, *_ = run(framer, chunks[place:])
    again, *_ = run(make(choice), other)
    assert [item.payload for item in rest] == [item.payload for item in again]
