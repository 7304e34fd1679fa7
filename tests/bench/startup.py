"""From starting the program to its first window, and what it takes when idle."""

from __future__ import annotations

import statistics
import time

from tests.bench.row import Row
from tests.bench.running_window import RunningWindow

RUNS = 5


def rows() -> list[Row]:
    seconds, resident = [], []
    for _ in range(RUNS):
        with RunningWindow([]) as window:
            seconds.append(window.started)
            time.sleep(1.0)
            resident.append(window.process.memory_info().rss / 1e6)
    started, idle = statistics.median(seconds), statistics.median(resident)
    return [
        Row("start to first window, from source (median)", started, "s", "≤ 0.5", started <= 0.5),
        Row("resident memory when idle", idle, "MB", "≤ 120", idle <= 120),
    ]
