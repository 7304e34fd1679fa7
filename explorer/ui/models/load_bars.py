"""The bars of a histogram of latencies: even steps on a logarithmic axis of time. No Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from explorer.core.latency import Latencies

A_DECADE = 20  # bars, at most: each is then 12 % longer than the one before, and never finer than what is counted
TICKS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """start, end: nanoseconds, end not included. count: answers that took so long. below: those that were faster."""

    start: float
    end: float
    count: int
    below: int


def bars_of(latencies: Latencies, per_decade: int = A_DECADE) -> list[Bar]:
    """Bars from the fastest answer to the slowest, empty ones among them. [] when there is no answer."""
    if not latencies.count:
        return []
    first = _step(max(1, latencies.least), per_decade)
    last = _step(max(1, latencies.most), per_decade)
    counts = [0] * (last - first + 1)
    for start, end, count in latencies.ranges():
        middle = min(max((start + end - 1) / 2, latencies.least), latencies.most)
        counts[min(max(_step(max(1.0, middle), per_decade) - first, 0), last - first)] += count
    found, below = [], 0
    for place, count in enumerate(counts):
        step = first + place
        found.append(Bar(10 ** (step / per_decade), 10 ** ((step + 1) / per_decade), count, below))
        below += count
    return found


def _step(time: float, per_decade: int) -> int:
    return math.floor(math.log10(time) * per_decade + 1e-9)


def ticks(start: float, end: float, most: int) -> list[int]:
    """Round times (1, 2, 5 times a power of ten) between two, in nanoseconds; fewer of them when there are too many."""
    found = [
        factor * 10**power
        for power in range(math.floor(math.log10(max(1.0, start))), math.ceil(math.log10(max(1.0, end))) + 1)
        for factor in TICKS
        if start <= factor * 10**power <= end
    ]
    if len(found) > most:
        found = [time for time in found if str(time)[0] == "1"]
    while len(found) > max(1, most):
        found = found[::2]
    return found
