"""Framing by silence: a script of times and bytes goes in, messages come out."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.errors import InputError
from explorer.core.fields import check
from explorer.core.socket_spec import Choice
from explorer.wire.framing.api import Found, Frame, FramingError, TimedFramer, timed
from explorer.wire.framing.registry import find_kind, make_framer

MS = 1_000_000


def idle(ms: int = 10, **settings: int) -> TimedFramer:
    framer = timed(make_framer(Choice("idle", {"ms": ms, **settings})))
    assert framer is not None
    return framer


def test_bytes_without_a_silence_between_them_are_one_message() -> None:
    framer = idle()
    assert framer.at(0) == []
    assert framer.feed(b"ab") == []
    assert framer.at(9 * MS) == []
    assert framer.feed(b"c") == []
    assert (framer.pending, framer.due) == (3, 19 * MS)
    assert framer.at(19 * MS - 1) == []
    assert framer.at(19 * MS) == [Frame(0, 3, b"abc")]
    assert (framer.pending, framer.due) == (0, None)
    assert framer.at(1000 * MS) == []


def test_the_bytes_after_the_silence_begin_the_next_message() -> None:
    framer = idle()
    assert framer.at(5) == []
    assert framer.feed(b"one") == []
    assert framer.at(5 + 10 * MS) == [Frame(0, 3, b"one")]
    assert framer.feed(b"two") == []
    assert framer.end() == [Frame(3, 3, b"two")]
    assert (framer.pending, framer.due, framer.end()) == (0, None, [])


def test_where_no_time_is_told_all_came_at_one_moment() -> None:
    framer = idle()
    assert framer.feed(b"ab") + framer.feed(b"cd") == []
    assert (framer.pending, framer.due) == (4, None)
    assert framer.end() == [Frame(0, 4, b"abcd")]


def test_bytes_before_the_first_time_came_at_it() -> None:
    framer = idle()
    assert framer.feed(b"ab") == []
    assert framer.at(1000 * MS) == []
    assert framer.due == 1010 * MS
    assert framer.at(1010 * MS) == [Frame(0, 2, b"ab")]


def test_no_bytes_break_no_silence() -> None:
    framer = idle()
    framer.at(0)
    framer.feed(b"ab")
    framer.at(6 * MS)
    assert framer.feed(b"") == []
    assert framer.due == 10 * MS


def test_exactly_the_maximum_is_legal_and_more_is_one_error_up_to_the_silence() -> None:
    framer = idle(max=4)
    framer.at(0)
    assert framer.feed(b"abcd") == []
    assert framer.at(10 * MS) == [Frame(0, 4, b"abcd")]
    assert framer.feed(b"abc") == []
    [error] = framer.feed(b"de")
    assert error == FramingError(
        4,
        None,
        "Expected a silence of 10 ms after at most 4 bytes, but more bytes came without it; "
        "all up to the next silence is skipped.",
    )
    assert (framer.pending, framer.due) == (0, None)
    assert framer.at(19 * MS) == []
    assert framer.feed(b"fghijkl") == []
    assert framer.at(29 * MS) == []
    assert framer.feed(b"ok") == []
    assert framer.at(39 * MS) == [Frame(16, 2, b"ok")]


def test_what_is_sent_has_nothing_around_it_but_is_not_empty() -> None:
    framer = idle(max=4)
    assert framer.encode(b"abcd") == framer.restore(b"abcd") == b"abcd"
    with pytest.raises(InputError, match="An empty message cannot be sent"):
        framer.encode(b"")
    with pytest.raises(InputError, match="5 bytes; this framing allows at most 4"):
        framer.encode(b"abcde")


@given(
    calls=st.lists(st.tuples(st.integers(0, 12), st.binary(min_size=1, max_size=4)), max_size=20),
    cuts=st.lists(st.integers(0, 3), max_size=20),
    told=st.lists(st.integers(0, 300), max_size=5),
    maximum=st.integers(1, 9),
)
def test_only_bytes_and_their_times_matter(
    calls: list[tuple[int, bytes]], cuts: list[int], told: list[int], maximum: int
) -> None:
    """Neither how the bytes of one time are cut, nor how often the time is told."""
    groups: list[bytes] = []  # the reference: what stands between silences
    arrivals: list[tuple[int, bytes]] = []
    now = 0
    for pause, data in calls:
        now += pause
        arrivals.append((now, data))
        if groups and pause < 10:
            groups[-1] += data
        else:
            groups.append(data)
    expected: list[Found] = []
    starts = [0, *itertools.accumulate(map(len, groups))]
    for start, group in zip(starts, groups, strict=False):
        expected.append(Frame(start, len(group), group) if len(group) <= maximum else FramingError(start, None, ""))
    framer = idle(max=maximum)
    found: list[Found] = []
    last, places = 0, itertools.cycle(cuts or [0])
    for time, data in arrivals:
        for between in sorted(told):
            if last < between < time:
                found += framer.at(between * MS)
        found += framer.at(time * MS)
        place = next(places)
        found += framer.feed(data[:place]) + framer.feed(data[place:])
        last = time
    found += framer.end()
    assert [FramingError(one.offset, one.size, "") if isinstance(one, FramingError) else one for one in found] == (
        expected
    )


def test_silence_is_no_bytes_and_is_not_cut_off() -> None:
    kind = find_kind("idle")
    _, silence = kind.picture(check(kind.fields, {"ms": 7}))
    assert (silence.label, silence.role, silence.size, silence.cut) == ("silence: 7 ms", "silence", 0, False)
    _, checksum, silence = kind.picture(check(kind.fields, {"ms": 7, "checksum": "sum8"}))
    assert (checksum.label, checksum.cut, silence.cut) == ("sum8: 1", True, False)
