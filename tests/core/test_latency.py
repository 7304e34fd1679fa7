"""Percentiles of counted times against those of the sorted times themselves."""

from __future__ import annotations

from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from explorer.core.latency import LONGEST, Latencies, LatencyCount, bucket_of, bucket_start

TIMES = st.integers(0, LONGEST) | st.integers(0, 300) | st.integers(10_000, 10_000_000)
ERROR = 0.02


def counted(times: list[int]) -> Latencies:
    count = LatencyCount()
    for time in times:
        count.add(time)
    return count.snapshot()


def exact(times: list[int], share: float) -> int:
    """The time of the smallest rank that covers the share."""
    return sorted(times)[max(1, ceil(len(times) * share / 100 - 1e-9)) - 1]


@given(TIMES)
def test_each_time_has_one_bucket_and_it_is_narrow(time: int) -> None:
    number = bucket_of(time)
    start, end = bucket_start(number), bucket_start(number + 1)
    assert start <= time < end
    assert end - start == 1 or (end - start) <= start * ERROR


@given(st.integers(0, bucket_of(LONGEST)))
def test_buckets_lie_side_by_side(number: int) -> None:
    assert bucket_of(bucket_start(number)) == number
    assert bucket_of(bucket_start(number + 1) - 1) == number


@given(st.lists(TIMES, min_size=1, max_size=200), st.floats(0, 100) | st.sampled_from((50, 90, 99, 99.9, 100)))
def test_percentiles_are_those_of_the_sorted_times(times: list[int], share: float) -> None:
    found, wanted = counted(times).percentile(share), exact(times, share)
    assert abs(found - wanted) <= max(1, wanted * ERROR)
    assert min(times) <= found <= max(times)


@given(st.lists(TIMES, max_size=100))
def test_what_is_counted_exactly(times: list[int]) -> None:
    found = counted(times)
    assert found.count == len(times) == sum(count for _, _, count in found.ranges())
    assert (found.least, found.most) == ((min(times), max(times)) if times else (0, 0))
    assert found.total == sum(times)
    assert found.mean == (sum(times) / len(times) if times else 0)


def test_none_and_too_long() -> None:
    assert counted([]).percentile(50) == 0
    assert counted([-5, LONGEST + 10]).least == 0
    assert counted([-5, LONGEST + 10]).most == LONGEST


def test_a_million_times_take_no_more_room_than_a_few() -> None:
    count = LatencyCount()
    for time in range(0, 2_000_000, 40):
        count.add(time)
    assert len(count.snapshot().buckets) <= 1000
