"""Sizes alone: what `measure` tells is what `feed` would find, at any chunking, and mixed with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, Frame, FramingError
from explorer.wire.framing.registry import make_framer
from explorer.wire.framing.runs import Run, measuring, runs_of

CHOICES = [
    Choice("line", {"ending": "lf", "max": 4}),
    Choice("line", {"ending": "crlf", "max": 4}),
    Choice("line", {"ending": "any", "max": 4}),
    Choice("delimiter", {"hex": "0a61", "max": 4}),
    Choice("delimiter", {"hex": "0a61", "keep": True, "max": 4}),
    Choice("fixed", {"size": 3}),
    Choice("length", {"width": 1, "max": 6}),
    Choice("length", {"width": 1, "skip": 2, "max": 6}),
    Choice("varint", {"max": 6}),
    Choice("netstring", {"max": 6}),
    Choice("slip", {"max": 6}),
    Choice("cobs", {"max": 6}),
    Choice("stx_etx", {"max": 6, "behind": 1}),
    Choice("line", {"ending": "lf", "max": 4, "checksum": "sum8", "checksum_as": "hex"}),
    Choice("length", {"width": 2, "order": "little", "offset": 1, "adjustment": -2, "skip": 1, "max": 300}),
]
PIECES = [b"a", b"\n", b"\r\n", b"\na", b"bcdefg", b"\0", b"\1", b"\2\0", b"\3ab", b"\xff", b"\xc0", b"1:a,", b"a61\n"]
CHUNKS = st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join)), max_size=8)


def flat(runs):
    """(offset, size, payload size) of each message; errors as they are."""
    for run in runs:
        if isinstance(run, FramingError):
            yield run
            continue
        at = run.offset
        assert len(run.sizes) == len(run.payload_sizes) > 0
        for size, payload_size in zip(run.sizes, run.payload_sizes, strict=True):
            yield at, size, payload_size
            at += size + run.gap


def plain(found):
    return [(one.offset, one.size, len(one.payload)) if isinstance(one, Frame) else one for one in found]


@given(choice=st.sampled_from(CHOICES), chunks=CHUNKS)
@settings(max_examples=400, deadline=None)
def test_measuring_finds_what_feeding_finds(choice, chunks):
    told, framer = make_framer(choice), measuring(make_framer(choice))
    assert framer is not None
    for measured, chunk in chunks:
        expected = plain(told.feed(chunk))
        if measured:
            assert list(flat(framer.measure(memoryview(chunk)))) == expected
        else:
            assert plain(framer.feed(chunk)) == expected
        assert framer.pending == told.pending
    assert plain(framer.end()) == plain(told.end())


def test_messages_that_follow_each_other_are_one_run():
    framer = measuring(make_framer(Choice("line", {"ending": "lf", "max": 4})))
    assert framer is not None
    error = framer.feed(b"toolong\n")[0]
    assert isinstance(error, FramingError)
    framer = measuring(make_framer(Choice("line", {"ending": "lf", "max": 4})))
    assert framer is not None
    assert framer.measure(b"a\nbc\n\ntoolong\nd\n") == [Run(0, [2, 3, 1], [1, 2, 0]), *_at(error, 6), Run(14, [2], [1])]
    assert framer.measure(b"") == []


def _at(error: FramingError, offset: int) -> list[FramingError]:
    return [FramingError(offset, error.size, error.message)]


def test_bytes_that_mean_nothing_between_messages_are_the_gap_of_a_run():
    framer = measuring(make_framer(Choice("slip")))
    assert framer is not None
    [run, *rest] = framer.measure(b"\xc0a\xc0\xc0bc\xc0\xc0d\xc0e\xc0")
    assert run == Run(1, [2, 3, 2], [1, 2, 1], 1)
    assert run.bounds() == ([1, 4, 8], [3, 7, 10])
    assert run.end == 10
    assert rest == [Run(10, [2], [1])]
    assert Run(5, [2, 3], [1, 2]).bounds() == ([5, 7], [7, 10])
    assert Run(5, [2, 3], [1, 2]).end == 10


def test_what_was_skipped_parts_a_run():
    found: list[Found] = [
        Frame(0, 2, b"a"),
        Frame(2, 3, b"bc"),
        Frame(7, 2, b"d"),
        FramingError(9, None, "x"),
        Frame(9, 1, b""),
    ]
    assert runs_of(found) == [Run(0, [2, 3], [1, 2]), Run(7, [2], [1]), found[3], Run(9, [1], [0])]


@pytest.mark.parametrize("kind", ["raw"])
def test_a_framer_need_not_measure(kind):
    assert measuring(make_framer(Choice(kind))) is None
