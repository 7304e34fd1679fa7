"""Search over many connections that take turns, and of what is slow to find: little memory, short steps, same hits."""

from __future__ import annotations

import tempfile
import time
import tracemalloc
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.reader import Reader
from explorer.capture.search import Search
from explorer.capture.search_hits import HitList
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.wire.patterns import Pattern, PatternOptions, find_kind
from explorer.wire.patterns.compiled import AnyOf, Expression, Shape
from tests.capture.making import small_writer, traffic
from tests.capture.test_search import Calls, expression, naive, write
from tests.fakes.untraced import untraced


def calls_of(seed: int) -> Calls:
    """Up to 120 calls of nine connections; in most captures all but a few carry at least some bytes."""
    chance = Random(seed)
    least = chance.choice((0, 1, 3, 5))
    kinds = [CallKind.recv] * 20 + [CallKind.send] * 20 + [CallKind.note]
    calls = []
    for _ in range(chance.randrange(120)):
        size = chance.randint(least, 14) if chance.random() < 0.98 else 0
        calls.append((chance.choice(kinds), chance.randint(1, 9), bytes(chance.choices(b"abA\n", k=size))))
    return calls


CALLS = st.integers(0, 1 << 32).map(calls_of)
STEPS = st.sampled_from([7, 60, 1 << 62])
EXACT, ANY = PatternOptions(match_case=True), PatternOptions()
PATTERNS = st.one_of(
    st.text("abA", min_size=1, max_size=5).map(lambda typed: AnyOf([typed.encode()])),
    st.text("ab", min_size=1, max_size=5).map(lambda typed: find_kind("text").make(typed, ANY)),
    st.sampled_from([AnyOf([b"ab", b"ba"]), Shape(b"a\0b", b"\xff\0\xff"), Shape(b"\x40\x62", b"\xf0\xff")]),
)


def typed_expression(typed: str, options: PatternOptions, longest: int) -> Expression:
    """As the user types it: with what every match holds known. With a bound of its own, for few bytes."""
    made = find_kind("regex").make(typed, options)
    assert isinstance(made, Expression)
    made.longest = longest
    return made


def taking_turns(folder: Path, connections: int, rounds: int, size: int, byte: bytes = b".") -> Writer:
    """Calls of `size` bytes of each connection in turn."""
    writer = Writer(folder, 1 << 30)
    data = byte * size
    for _ in range(rounds):
        for connection in range(1, connections + 1):
            traffic(writer, CallKind.recv, data, connection)
    return writer


@given(calls=CALLS, pattern=PATTERNS, connection=st.sampled_from([None, None, 1]), both=st.booleans(), step=STEPS)
@settings(max_examples=200, deadline=None)
def test_many_flows_are_searched_as_a_naive_search_does(calls, pattern, connection, both, step):
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        write(writer, calls)
        search = Search(Reader.of(writer), pattern, Scope(connection=connection), sent=both)
        while search.advance(step):
            pass
        assert search.hits() == naive(calls, pattern, Scope(connection=connection), sent=both)
        writer.close()


EXPRESSIONS = ("ab", "ab{1,3}", "ab[ab]", "[ab]ba", "^ab", "ba$", "a?ab", "aba|b", r"\bab", "[^\n]{1,2}ab")


@given(
    calls=CALLS,
    typed=st.sampled_from(EXPRESSIONS),
    match_case=st.booleans(),
    step=STEPS,
    window=st.integers(1, 9),
    live=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_expressions_with_something_plain_are_found_in_many_flows(calls, typed, match_case, step, window, live):
    pattern = typed_expression(typed, PatternOptions(match_case=match_case), 4)
    with tempfile.TemporaryDirectory() as name:
        writer = small_writer(Path(name) / "capture")
        search = Search(Reader.of(writer), pattern, window=window)
        for place in range(0, len(calls), 20):
            write(writer, calls[place : place + 20])
            if live:
                while search.advance(step):
                    pass
                assert search.hits() == naive(calls[: place + 20], pattern)
        while search.advance(step):
            pass
        assert search.hits() == naive(calls, pattern)
        writer.close()


@pytest.mark.parametrize("pattern", [AnyOf([b"needle"]), expression("ne+dlea$", 1 << 16), AnyOf([b"needlea\n" * 3])])
def test_no_bytes_of_many_flows_are_held(tmp_path, pattern):
    """They are read again: the hits are the same. Twelve megabytes; what is kept in memory is a tenth of it."""
    writer = taking_turns(tmp_path / "capture", 200, 1, 60_000)
    for _ in range(3):
        for part in (b"..ne", b"ed", b"le", b"a\n"):
            for connection in range(1, 201):
                traffic(writer, CallKind.recv, part.replace(b".", b""), connection)
    search = Search(Reader.of(writer), pattern)
    tracemalloc.start()
    try:
        while search.advance(256 << 10):
            pass
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert search.count == 200 * (1 if pattern.longest == 24 else 3)
    assert {hit.connection for hit in search.hits()} == set(range(1, 201))
    assert kept < 1_200_000
    writer.close()


def test_the_places_of_calls_are_forgotten(tmp_path):
    writer = taking_turns(tmp_path / "capture", 20, 400, 16)
    pattern = typed_expression("ne+dle", EXACT, 64)
    search = Search(Reader.of(writer), pattern, window=256)
    search.run()
    assert all(text.calls <= (256 + 64) // 16 + 2 for text in search._texts.values())
    writer.close()


def test_the_last_windows_are_searched_in_steps_too(tmp_path):
    """Each of a hundred flows is all last window: a search can be left between them."""
    writer = taking_turns(tmp_path / "capture", 100, 4, 8192)
    search = Search(Reader.of(writer), Expression(rb"[a-z]\d"))
    steps = 0
    while search.advance(64 << 10):
        steps += search.done == search.reader.count
        assert not search.finished
    assert steps > 100 * 32 / 64 / 2
    assert search.finished
    again = Search(Reader.of(writer), Expression(rb"[a-z]\d"))
    assert not again.run(lambda done, total: done < total)  # cancelled when only the ends are left
    assert not again.finished
    writer.close()


@pytest.mark.parametrize(
    "pattern",
    [
        find_kind("text").make("a" * 1600, ANY),
        find_kind("text").make("a" * 20_000, EXACT),
        find_kind("hex").make("61" * 1000 + "6?" + "61" * 900, ANY),
        Expression(b"a"),
    ],
)
def test_a_step_ends_where_everything_is_a_hit(tmp_path, pattern: Pattern):
    writer = taking_turns(tmp_path / "capture", 1, 1, 1 << 18, b"a")
    search = Search(Reader.of(writer), pattern)
    with untraced():
        longest = 0.0
        for _ in range(5):
            begun = time.perf_counter()
            assert search.advance(64 << 10)
            longest = max(longest, time.perf_counter() - begun)
    assert 0 < search.count < 2000
    assert longest < 0.25
    writer.close()


def test_a_long_shape_is_compared_in_one_go():
    pattern = find_kind("hex").make("61" * 1000 + "6?" + "61" * 1000, ANY)
    with untraced():
        begun = time.perf_counter()
        assert len(list(islice(pattern.find(b"a" * (1 << 16)), 5000))) == 5000
        taken = time.perf_counter() - begun
    assert taken < 0.2


def test_a_few_hits_between_a_million_are_put_there_quickly():
    hits = HitList()
    flow = hits.flow_number((1, 1, 1))
    first = [(number * 100, number * 100 + 3, 3, flow) for number in range(100_000)]
    hits.add(first)
    more = [(number * 400_000 + 50 + step, number, 3, flow) for step in range(20) for number in range(20)]
    with untraced():
        begun = time.perf_counter()
        for start in range(0, len(more), 20):
            hits.add(more[start : start + 20])
        hits.remove(more[::2])
        hits.remove(first[::10])
        taken = time.perf_counter() - begun
    left = sorted({*first, *more} - set(more[::2]) - set(first[::10]))
    assert [(hit.first.call << 32 | hit.first.skip, hit.size) for hit in hits.hits(0, 400_000)] == [
        (one[0], 3) for one in left
    ]
    assert taken < 0.25


def test_many_connections_take_about_as_long_as_one(tmp_path):
    """A hundred megabytes, more than could be held; with something plain in the expression, and without."""
    writer = taking_turns(tmp_path / "capture", 1000, 54, 2048)
    for typed, most in ((r"zz\d+z", 1.0), (r"[a-z]\d+z", 2.0)):
        search = Search(Reader.of(writer), find_kind("regex").make(typed, EXACT))
        with untraced():
            begun = time.perf_counter()
            while search.advance(4 << 20):
                assert time.perf_counter() - begun < most
    writer.close()
