"""Search: the same hits as a naive search in each connection's bytes, at every border."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture import search as search_module
from explorer.capture.reader import Reader
from explorer.capture.search import Hit, Search
from explorer.capture.search_hits import HitList, key_of, place_of
from explorer.capture.span import Place, Span
from explorer.capture.stream import Scope
from explorer.core.calls import CallKind
from explorer.wire.patterns import Pattern, PatternOptions, find_kind
from explorer.wire.patterns.compiled import AnyOf, Expression, Shape
from tests.capture.making import small_writer, traffic
from tests.fakes.untraced import untraced

Calls = list[tuple[CallKind, int, bytes]]
CALLS = st.lists(
    st.tuples(
        st.sampled_from([CallKind.recv, CallKind.send, CallKind.note]),
        st.integers(1, 2),
        st.binary(max_size=6).map(lambda data: bytes(b"abA\n"[byte % 4] for byte in data)),
    ),
    max_size=60,
)
STEPS = st.sampled_from([1, 3, 1 << 62])


EVERYTHING = Scope()


def flows_of(calls: Calls, scope: Scope, received: bool, sent: bool) -> dict[tuple[int, bool], list[tuple[int, Place]]]:
    """Each flow as a list of (byte, its place)."""
    flows: dict[tuple[int, bool], list[tuple[int, Place]]] = {}
    for number, (kind, connection, data) in enumerate(calls):
        is_received = kind is CallKind.recv
        if kind is CallKind.note or not (received if is_received else sent):
            continue
        if scope.connection not in (None, connection):
            continue
        flow = flows.setdefault((connection, is_received), [])
        flow += [(byte, Place(number, skip)) for skip, byte in enumerate(data)]
    return flows


def naive(
    calls: Calls, pattern: Pattern, scope: Scope = EVERYTHING, received: bool = True, sent: bool = True
) -> list[Hit]:
    """Hits in each flow's whole bytes, found in one go."""
    hits = []
    for (connection, is_received), flow in flows_of(calls, scope, received, sent).items():
        for begin, end in pattern.find(bytes(byte for byte, _ in flow)):
            last = flow[end - 1][1]
            after = Place(last.call, last.skip + 1)
            hits.append(Hit(flow[begin][1], after, end - begin, 1, connection, is_received))
    return sorted(hits, key=lambda hit: hit.first)


def write(writer, calls: Calls) -> None:
    for kind, connection, data in calls:
        if kind is CallKind.note:
            writer.add_detail(kind, 1, 0, {"text": "abab"})
        else:
            traffic(writer, kind, data, connection)


def literal(text: str) -> Pattern:
    return AnyOf([text.encode()])


def expression(text: str, longest: int) -> Expression:
    """With a bound of its own, so that few bytes are enough to come to it."""
    made = Expression(b"(?m)" + text.encode())
    made.longest = longest
    return made


PATTERNS = st.one_of(
    st.text("ab", min_size=1, max_size=7).map(literal),
    st.sampled_from([AnyOf([b"ab", b"ba"]), Shape(b"a\0b", b"\xff\0\xff"), Shape(b"\x40\x62", b"\xf0\xff")]),
    st.text("ab", min_size=1, max_size=7).map(lambda typed: find_kind("text").make(typed, PatternOptions())),
)


@given(
    calls=CALLS,
    pattern=PATTERNS,
    connection=st.sampled_from([None, 1, 2]),
    directions=st.sampled_from([(True, True), (True, False), (False, True)]),
    step=STEPS,
)
@settings(max_examples=150, deadline=None)
def test_search_finds_what_a_naive_search_finds(calls, pattern, connection, directions, step):
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        write(writer, calls)
        search = Search(Reader.of(writer), pattern, Scope(connection=connection), *directions)
        while search.advance(step):
            pass
        assert search.hits() == naive(calls, pattern, Scope(connection=connection), *directions)
        writer.close()


EXPRESSIONS = (
    "ab?",
    "a[ab]{0,3}",
    "^a",
    "b$",
    r"^.{1,4}$",
    "(?:ab){1,2}|b",
    r"\ba",
    r"[^\n]{2,4}",
    "a|ab",
    "A{1,2}b??",
)


@given(calls=CALLS, written=st.sampled_from(EXPRESSIONS), step=STEPS, window=st.integers(1, 9), live=st.booleans())
@settings(max_examples=200, deadline=None)
def test_an_expression_is_found_as_in_the_whole_flow(calls, written, step, window, live):
    """No match is longer than 4, which is the bound; windows are of a few bytes."""
    pattern = expression(written, 4)
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        search = Search(Reader.of(writer), pattern, window=window)
        for place, call in enumerate(calls):
            write(writer, [call])
            if live:
                while search.advance(step):
                    pass
                assert search.hits() == naive(calls[: place + 1], pattern)
        while search.advance(step):
            pass
        assert search.hits() == naive(calls, pattern)
        writer.close()


@given(
    data=st.text("ab", max_size=60).map(str.encode),
    cuts=st.lists(st.integers(0, 60)),
    written=st.sampled_from(("a+", "a.*b", "(?s)b.*", "a+b+")),
)
@settings(max_examples=100, deadline=None)
def test_matches_beyond_the_bound_do_not_depend_on_how_the_bytes_are_cut(data, cuts, written):
    whole = [(CallKind.recv, 1, data)]
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parts = [(CallKind.recv, 1, data[a:b]) for a, b in pairwise(edges)]
    found = []
    for calls in (whole, parts):
        with tempfile.TemporaryDirectory() as name:
            writer = small_writer(Path(name) / "capture")
            write(writer, calls)
            search = Search(Reader.of(writer), expression(written, 4), window=8)
            search.run()
            before = [sum(len(part) for _, _, part in calls[:at]) for at in range(len(calls))]
            found.append([(before[hit.first.call] + hit.first.skip, hit.size) for hit in search.hits()])
            writer.close()
    assert found[0] == found[1]
    assert all(size <= 12 for _, size in found[0])


def test_a_hit_at_every_border(tmp_path):
    """`needle` cut at each place, with the other direction in between, for each kind of pattern."""
    made = {
        "text": "NEEDLE",
        "hex": "6e 65 ?? 64 6c 6?",
        "regex": "ne+dle",
    }
    for kind, typed in made.items():
        for cut in range(1, 6):
            writer = small_writer(tmp_path / f"{kind}{cut}")
            write(writer, [(CallKind.recv, 1, b"xx" + b"needle"[:cut]), (CallKind.send, 1, b"needl")])
            write(writer, [(CallKind.recv, 2, b"needl"), (CallKind.recv, 1, b"needle"[cut:] + b"e")])
            search = Search(Reader.of(writer), find_kind(kind).make(typed, PatternOptions()))
            search.run()
            expected = Hit(Place(0, 2), Place(3, 6 - cut), 6, 1, 1, True)
            assert search.hits() == [expected]
            assert expected.span == Span(0, 2, 3, 6 - cut, 1, True)
            writer.close()


def test_a_hit_over_the_border_of_two_byte_files(tmp_path):
    writer = small_writer(tmp_path / "capture", segment_bytes=128 << 10)
    filler = bytes(30_000)
    traffic(writer, CallKind.recv, filler)
    traffic(writer, CallKind.recv, filler + b"nee")
    traffic(writer, CallKind.recv, b"dle" + filler)  # does not fit into the first file
    assert writer.used > 128 << 10
    for pattern in (literal("needle"), Expression(b"ne+dle")):
        search = Search(Reader.of(writer), pattern, Scope(1))
        assert search.run()
        assert search.hits() == [Hit(Place(1, 30_000), Place(2, 3), 6, 1, 1, True)]
    writer.close()


@pytest.mark.parametrize(
    "pattern", [literal("pattern"), Expression(b"pat+ern"), Shape(b"patt\0rn", b"\xff" * 4 + b"\0\xff\xff")]
)
def test_hits_inside_long_calls_and_over_chunks(tmp_path, pattern):
    writer = small_writer(tmp_path / "capture", segment_bytes=4 << 20)
    data = bytearray(2_000_000)
    places = [0, (1 << 18) - 3, (1 << 19) - 1, 999_993, (1 << 20) - 6]
    for place in places:
        data[place : place + 7] = b"pattern"
    for start in (0, 1_000_000):
        traffic(writer, CallKind.recv, bytes(data[start : start + 1_000_000]))
    search = Search(Reader.of(writer), pattern)
    search.run()
    assert [hit.first.call * 1_000_000 + hit.first.skip for hit in search.hits()] == places
    writer.close()


def test_matches_as_long_as_the_bound_are_whole(tmp_path):
    writer = small_writer(tmp_path / "capture", segment_bytes=4 << 20)
    data = b"x" * 500_000 + b"a" * 65_536 + b"x" * 500_000 + b"a" * 65_536
    for start in range(0, len(data), 10_000):
        traffic(writer, CallKind.recv, data[start : start + 10_000])
    search = Search(Reader.of(writer), Expression(b"a+"))
    search.run()
    assert [hit.size for hit in search.hits()] == [65_536, 65_536]
    writer.close()


def test_case_is_ignored_when_asked(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for part in (b"GET / hT", b"Tp/1.1 http HTTP"):
        traffic(writer, CallKind.recv, part)
    reader = Reader.of(writer)
    any_case, exact = (find_kind("text").make("HTTP", PatternOptions(match_case=case)) for case in (False, True))
    assert [hit.first for hit in _all(Search(reader, any_case))] == [Place(0, 6), Place(1, 7), Place(1, 12)]
    assert [hit.first for hit in _all(Search(reader, exact))] == [Place(1, 12)]
    writer.close()


def test_progress_cancels_and_the_search_goes_on_with_the_capture(tmp_path, monkeypatch):
    monkeypatch.setattr(search_module, "STEP", 10)
    writer = small_writer(tmp_path / "capture")
    for _ in range(10):
        traffic(writer, CallKind.recv, b"needle")
    search = Search(Reader.of(writer), literal("needle"))
    told: list[tuple[int, int]] = []

    def stop_half_way(done: int, total: int) -> bool:
        told.append((done, total))
        return done < 30

    assert not search.run(stop_half_way)
    assert 0 < search.count < 10
    assert told[-1][1] == 60
    assert not search.finished
    assert search.run()
    assert search.count == 10
    traffic(writer, CallKind.recv, b"needle")
    assert not search.advance()
    assert search.count == 11
    assert search.progress == (66, 66)
    assert search.list.first_from(Place(0, 0)) == 0
    assert search.list.first_from(Place(1, 1)) == 2
    assert search.list.first_from(Place(10, 1)) == 11
    writer.close()


def test_what_grows_while_it_is_a_match_stays_one_hit(tmp_path):
    writer = small_writer(tmp_path / "capture")
    search = Search(Reader.of(writer), Expression(rb"\d+"))
    sizes = []
    for data in (b"a1", b"2", b"3 4", b"x"):
        traffic(writer, CallKind.recv, data)
        search.advance()
        sizes.append([hit.size for hit in search.hits()])
    assert sizes == [[1], [2], [3, 1], [3, 1]]
    version = search.list.version
    traffic(writer, CallKind.recv, b" 77")
    search.advance()
    assert search.count == 3
    assert search.list.version == version  # the others are still what they were
    writer.close()


def test_too_many_hits_are_said(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, bytes(100))
    for pattern in (AnyOf([b"\0"]), Expression(rb"\x00")):
        search = Search(Reader.of(writer), pattern, most_hits=10)
        assert search.run()
        assert (search.count, search.limited) == (10, True)
        assert [hit.first.skip for hit in search.hits()] == list(range(10))
    writer.close()


def test_hits_for_a_view_and_for_a_scroll_bar(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for _ in range(100):
        traffic(writer, CallKind.recv, b"ab")
    search = Search(Reader.of(writer), literal("ba"))
    search.run()
    assert search.count == 99
    calls = [(key_of(call, 0), key_of(call, 2)) for call in range(100)]
    seen = search.list.seen(calls[10:13])
    assert [place_of(first) for first, _, _ in seen] == [(9, 1), (10, 1), (11, 1), (12, 1)]
    assert [place_of(last) for _, last, _ in seen] == [(10, 1), (11, 1), (12, 1), (13, 1)]
    assert {flow for _, _, flow in seen} == {(1, 1, 1)}
    assert len(search.list.seen(calls)) == 99
    assert len(search.list.seen(calls[5:90:10])) == 9 * 2
    assert search.list.seen([(key_of(200, 0), key_of(201, 0))]) == []
    assert [place.call for place in search.hit_places(3)] == [0, 33, 66]
    assert len(search.hit_places(1000)) == 99
    writer.close()


def test_a_damaged_capture_is_searched_as_far_as_it_goes(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"needle")
    traffic(writer, CallKind.recv, b"needle")
    writer.close()
    (tmp_path / "capture").glob("*")
    path = next(one for one in sorted((tmp_path / "capture").iterdir()) if one.stat().st_size == 12)
    path.write_bytes(path.read_bytes()[:8])
    search = Search(Reader(tmp_path / "capture"), literal("needle"))
    search.run()
    assert [hit.first.call for hit in search.hits()] == [0]


def test_re2_searches_windows_in_their_surroundings():
    """What the windows rest on: bytes around a window decide about borders of lines and words."""
    pattern = re2.compile(b"(?m)^b$")
    assert pattern.search(b"ab\n", 1) is None
    assert pattern.search(b"\nbc", 1, 2) is None
    assert pattern.search(b"\nb\n", 1, 2) is not None


def _all(search: Search) -> list[Hit]:
    search.run()
    return search.hits()


HITS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=60, unique_by=lambda hit: hit[0])


@given(
    batches=st.lists(HITS, max_size=4), gone=st.sets(st.integers(0, 40)), bounds=st.sets(st.integers(0, 42), max_size=8)
)
@settings(max_examples=300, deadline=None)
def test_hits_added_in_any_order_are_in_order_and_seen_where_they_are(batches, gone, bounds):
    hits = HitList()
    flow = hits.flow_number((1, 1, 1))
    known: dict[int, int] = {}
    for batch in batches:
        new = {first: first + size for first, size in batch if first not in known}
        known |= new
        hits.add([(first, last, last - first, flow) for first, last in new.items()])
    hits.remove([(first, known.pop(first), 1, flow) for first in sorted(gone & known.keys())])
    assert [(key_of(0, hit.first.skip), hit.last.skip) for hit in hits.hits(0, 99)] == sorted(known.items())
    ends = sorted(bounds)
    ranges = list(zip(ends[::2], ends[1::2], strict=False))
    seen = {(first, last) for first, last, _ in hits.seen(ranges)}
    assert seen >= {one for one in known.items() for begin, end in ranges if one[0] < end and one[1] > begin}
    begun = [one for one in known.items() if any(begin <= one[0] < end for begin, end in ranges)]
    assert seen >= set(begun)


def test_no_other_thread_waits_long_while_a_million_hits_are_told(tmp_path):
    """Calls of two connections in turn: the hits of one come between those of the other."""
    writer = small_writer(tmp_path / "capture", segment_bytes=8 << 20)
    for number in range(16):
        traffic(writer, CallKind.recv, bytes(64 << 10), 1 + number % 2)
    search = Search(Reader.of(writer), AnyOf([b"\0"]))
    gaps, before = [], sys.getswitchinterval()
    sys.setswitchinterval(0.0005)  # as in the program
    try:
        with untraced():
            thread = threading.Thread(target=search.run)
            thread.start()
            while thread.is_alive():
                begun = time.perf_counter()
                search.list.seen([(key_of(0, 100), key_of(0, 200))])
                search.count, search.list.first_from(Place(3, 0))
                gaps.append(time.perf_counter() - begun)
                time.sleep(0.001)
    finally:
        sys.setswitchinterval(before)
    thread.join()
    assert search.count == 1_000_000
    assert search.limited
    gaps.sort()
    assert gaps[-1 - len(gaps) // 100] < 0.016
    writer.close()
