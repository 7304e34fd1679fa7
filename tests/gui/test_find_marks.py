"""Marks of what was found: the same bytes as those of each hit by itself, however many there are, in the time of a
frame."""

from __future__ import annotations

import tempfile
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.reader import Reader
from explorer.capture.search import Search
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.writer import Writer
from explorer.ui.find_marks import FindMarks, find_ranges
from explorer.ui.widgets.byte_window import ByteWindow, load_window
from explorer.wire.patterns import PatternOptions, find_kind
from tests.fakes.untraced import untraced
from tests.gui.byte_captures import RECEIVED, SENT, put, stream_of

CALLS = st.lists(
    st.tuples(st.sampled_from([RECEIVED, SENT]), st.integers(1, 2), st.text("ab", min_size=1, max_size=5)), max_size=30
)


def found(writer: Writer, kind: str, typed: str) -> Search:
    search = Search(Reader.of(writer), find_kind(kind).make(typed, PatternOptions()))
    search.run()
    return search


def positions(ranges: tuple[tuple[int, int], ...]) -> set[int]:
    return {position for start, stop in ranges for position in range(start, stop)}


def one_by_one(search: Search, window: ByteWindow) -> set[int]:
    """The bytes of each hit for itself."""
    marked: set[int] = set()
    for hit in search.hits():
        marked |= positions(window.ranges_of(hit.first, hit.size, hit.connection, hit.received))
    return marked


@given(
    calls=CALLS,
    what=st.sampled_from([("text", "a"), ("text", "aa"), ("text", "abab"), ("regex", "a+b"), ("regex", "b[ab]{9}")]),
    ends=st.tuples(st.integers(0, 60), st.integers(0, 60)),
    connection=st.sampled_from([None, 1, 2]),
)
@settings(max_examples=250, deadline=None)
def test_marks_are_the_bytes_of_the_hits(
    calls: list[tuple[object, int, str]], what: tuple[str, str], ends: tuple[int, int], connection: int | None
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = Writer(Path(folder) / "capture")
        for kind, number, data in calls:
            put(writer, kind, data.encode(), connection=number)  # type: ignore[arg-type]
        search = found(writer, *what)
        stream = ByteStream(Reader.of(writer), Scope(1, connection) if connection else Scope())
        stream.index.advance()
        window = load_window(stream, *sorted(ends))
        ranges = find_ranges(window, search)
        assert positions(ranges) == one_by_one(search, window)
        assert all(one[1] < other[0] for one, other in pairwise(ranges))
        writer.close()


@pytest.mark.parametrize("start", [0, 30_000, 65_536 - 6000])
def test_marks_are_there_behind_the_first_thousands_of_a_call(writer: Writer, start: int) -> None:
    stream = stream_of(writer, [(RECEIVED, b"0" * 65_536)])
    search = found(writer, "text", "0")
    assert search.count == 65_536
    assert find_ranges(load_window(stream, start, start + 6000), search) == ((start, start + 6000),)


@pytest.mark.parametrize(
    ("calls", "typed"),
    [
        ([(RECEIVED, b"01" * 32_768)] * 4, "0"),
        ([(RECEIVED, b"0")] * 20_000, "0"),
        ([(RECEIVED, b"0"), (SENT, b"0")] * 10_000, "00"),
        ([(RECEIVED, b"0")] * 20_000, "0" * 1000),
    ],
    ids=["every other byte", "calls of a byte", "in turn", "long hits over a thousand calls"],
)
def test_a_frame_of_hits_is_marked_in_its_time(writer: Writer, calls: list[tuple[object, bytes]], typed: str) -> None:
    stream = stream_of(writer, calls)  # type: ignore[arg-type]
    search = found(writer, "text", typed)
    assert search.count > 15_000
    times = []
    with untraced():
        for start in (10_000, 12_000, 14_000):
            window = load_window(stream, start, start + 5000)
            assert window.flows
            begun = time.perf_counter()
            ranges = find_ranges(window, search)
            times.append(time.perf_counter() - begun)
            assert len(positions(ranges)) >= 2500
    assert min(times) < 0.02


def test_marks_are_kept_until_there_are_others(writer: Writer) -> None:
    stream = stream_of(writer, [(RECEIVED, b"a.a")])
    marks, search = FindMarks(), found(writer, "text", "a")
    window = load_window(stream, 0, 3)
    assert marks.ranges_in(window, None) == ()
    ranges = marks.ranges_in(window, search)
    assert ranges == ((0, 1), (2, 3))
    assert marks.ranges_in(window, search) is ranges
    put(writer, RECEIVED, b"a")
    stream.index.advance()
    search.run()
    assert marks.ranges_in(load_window(stream, 0, 4), search) == ((0, 1), (2, 4))
