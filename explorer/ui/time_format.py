"""Times of calls as people read them: by the clock, since the capture began, or since the row before."""

from __future__ import annotations

import time
from enum import Enum
from functools import lru_cache

SECOND = 1_000_000_000


class TimeStyle(Enum):
    """How a time is written. The value is what the user chooses by."""

    CLOCK = "clock"
    SINCE_START = "since start"
    SINCE_PREVIOUS = "since row above"


def format_time(style: TimeStyle, moment: int, started: int, previous: int | None = None) -> str:
    """`moment` (nanoseconds since the capture began) in this style, to the microsecond.

    started: wall clock at moment 0, nanoseconds since 1970 (UTC); shown in the local time zone.
    previous: the moment of the row above; None for the first row, which has nothing to compare with.
    """
    if style is TimeStyle.CLOCK:
        second, rest = divmod(started + moment, SECOND)
        return f"{_clock(second)}.{rest // 1000:06d}"
    if style is TimeStyle.SINCE_START:
        return f"{moment // SECOND:,}.{moment % SECOND // 1000:06d}"
    if previous is None:
        return "–"
    passed = moment - previous
    sign, passed = ("+", passed) if passed >= 0 else ("−", -passed)
    return f"{sign}{passed // SECOND:,}.{passed % SECOND // 1000:06d}"


@lru_cache(maxsize=256)
def _clock(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))
