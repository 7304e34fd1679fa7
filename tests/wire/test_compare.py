"""Comparing: the differences lead from the old bytes to the new ones; few are found where there are few."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.wire import compare as compare_module
from explorer.wire.compare import Comparison, Difference, Stopped, compare
from explorer.wire.compare_rows import CompareRows
from tests.fakes.untraced import untraced

SMALL = st.lists(st.sampled_from(b"aabc\0"), max_size=60).map(bytes)


def applied(comparison: Comparison) -> bytes:
    """The old bytes with all differences carried out."""
    made, place = b"", 0
    for one in comparison.differences:
        made += comparison.old[place : one.start] + comparison.new[one.new_start : one.new_stop]
        place = one.stop
    return made + comparison.old[place:]


def check(comparison: Comparison) -> None:
    assert applied(comparison) == comparison.new
    place = new_place = 0
    for number, one in enumerate(comparison.differences):
        assert one.size > 0
        if number:
            assert one.start > place or one.new_start > new_place
        assert one.start - place == one.new_start - new_place  # what lies between is equal on both sides
        assert comparison.old[place : one.start] == comparison.new[new_place : one.new_start]
        place, new_place = one.stop, one.new_stop


@settings(max_examples=150, deadline=None)
@given(SMALL, SMALL, st.booleans(), st.integers(0, 20), st.integers(1, 3000))
def test_the_differences_lead_from_one_to_the_other(old, new, aligned, edits, steps):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare_module, "MOST_EDITS", edits)
        patch.setattr(compare_module, "MOST_STEPS", steps)
        patch.setattr(compare_module, "_BLOCKS", (6, 3))
        comparison = compare(old, new, aligned)
    check(comparison)
    assert (old == new) == (comparison.differences == ())
    if not aligned:
        both = list(zip(old, new, strict=False))
        unlike = sum(one != other for one, other in both) + abs(len(old) - len(new))
        assert comparison.size == unlike


@settings(max_examples=100, deadline=None)
@given(SMALL, SMALL, st.booleans(), st.integers(1, 20))
def test_rows_hold_every_byte_once_and_in_order(old, new, aligned, width):
    comparison = compare(old, new, aligned)
    rows = CompareRows(comparison, width)
    parts = [part for number in range(rows.count) for part in rows.row(number)]
    assert b"".join(part.old for part in parts) == old
    assert b"".join(part.new for part in parts) == new
    place = new_place = 0
    for part in parts:
        assert (part.start, part.new_start) == (place, new_place)
        place, new_place = place + len(part.old), new_place + len(part.new)
        assert part.size == max(len(part.old), len(part.new)) > 0 or part.difference is not None
        if part.difference is None:
            assert part.old == part.new
    for number in range(rows.count):
        cells = [cell for part in rows.row(number) for cell in range(part.cell, part.cell + part.size)]
        assert cells == list(range(len(cells)))
        assert len(cells) == width or number == rows.count - 1
    for number, one in enumerate(comparison.differences):
        row = rows.row_of(number)
        assert number in {part.difference for part in rows.row(row)}
        assert not row or number not in {part.difference for part in rows.row(row - 1)}
        assert one.kind in ("changed", "inserted", "deleted")
    with pytest.raises(IndexError):
        rows.row(rows.count)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"hello", b"hello", []),
        (b"hello", b"hallo", [("changed", 1, 2, 1, 2)]),
        (b"hello world", b"hello big world", [("inserted", 6, 6, 6, 10)]),
        (b"hello big world", b"hello world", [("deleted", 6, 10, 6, 6)]),
        (b"", b"abc", [("inserted", 0, 0, 0, 3)]),
        (b"abc", b"", [("deleted", 0, 3, 0, 0)]),
        (b"id=1234;x", b"id=99;x", [("changed", 3, 7, 3, 5)]),
        (b"\0\1\2\3\0\5", b"\0\1\x09\3\0\7", [("changed", 2, 3, 2, 3), ("changed", 5, 6, 5, 6)]),
    ],
)
def test_what_a_person_would_say_differs(old, new, expected):
    found = [(one.kind, one.start, one.stop, one.new_start, one.new_stop) for one in compare(old, new).differences]
    assert found == expected


def test_at_the_same_offset_nothing_moves():
    comparison = compare(b"abcdef", b"xabcdef", aligned=False)
    assert comparison.differences == (Difference(0, 6, 0, 7),)
    assert comparison.size == 7


def test_blocks_far_apart_are_aligned():
    chance = random.Random(1)
    pieces = [chance.randbytes(3000) for _ in range(6)]
    old = b"".join(pieces)
    new = pieces[0] + chance.randbytes(1500) + pieces[1] + pieces[3] + chance.randbytes(900) + pieces[4] + pieces[5]
    comparison = compare(old, new)
    check(comparison)
    assert [one.kind for one in comparison.differences] == ["inserted", "deleted", "inserted"]
    assert comparison.rough == 0
    assert comparison.size == 1500 + 3000 + 900


def test_of_blocks_that_overlap_in_the_new_string_the_first_holds(monkeypatch):
    monkeypatch.setattr(compare_module, "MOST_EDITS", 0)
    monkeypatch.setattr(compare_module, "_BLOCKS", (6,))
    comparison = compare(b"abcdefdefghi1", b"0abcdefghi2")
    check(comparison)
    assert comparison.differences == (Difference(0, 0, 0, 1), Difference(6, 13, 7, 11))


def test_what_cannot_be_aligned_is_said():
    chance = random.Random(2)
    comparison = compare(chance.randbytes(5000), chance.randbytes(6000))
    check(comparison)
    assert comparison.rough >= 5900


@pytest.mark.parametrize("kind", ["few", "many", "random", "zeros"])
def test_a_megabyte_takes_seconds_at_most(kind):
    chance = random.Random(3)
    size = 1 << 20
    old = chance.randbytes(size)
    if kind == "few":
        new = old[:1000] + b"!" + old[1000 : size // 2] + old[size // 2 + 5 :]
    elif kind == "many":
        made = bytearray(old)
        for place in range(0, size, 700):
            made[place : place + 1] = b"ab"
        new = bytes(made)
    elif kind == "zeros":
        old, new = bytes(size), bytes(size // 2) + b"\1" * 500 + bytes(size // 3)
    else:
        new = chance.randbytes(size)
    with untraced():
        begun = time.perf_counter()
        comparison = compare(old, new)
        taken = time.perf_counter() - begun
    assert applied(comparison) == new
    assert taken < 5


def test_it_can_be_stopped():
    chance = random.Random(4)
    with pytest.raises(Stopped):
        compare(chance.randbytes(100_000), chance.randbytes(100_000), progress=lambda done, total: False)


def test_it_can_be_stopped_between_blocks():
    chance = random.Random(5)
    told = []

    def once(done: int, total: int) -> bool:
        told.append((done, total))
        return len(told) < 2

    with pytest.raises(Stopped):
        compare(chance.randbytes(3000), chance.randbytes(4000), progress=once)
    assert told == [(0, 3000)] * 2
