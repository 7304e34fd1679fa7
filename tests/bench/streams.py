"""The engine alone, without a window: one TCP stream into the capture against a bare loop, in one run."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from pathlib import Path

from explorer.core.socket_spec import SocketSpec
from tests.bench.bare import Speed, feed, receive
from tests.bench.row import Row
from tests.fakes.running_engine import RunningEngine

REPEATS = 3


def engine(buffer_size: int, total: int, chunk: int = 65_536) -> Speed:
    """The engine's own bytes and recv calls per second for one stream, captured to disk."""
    with (
        tempfile.TemporaryDirectory() as folder,
        RunningEngine(Path(folder) / "capture", quota=20_000_000_000) as running,
    ):
        server, local = running.listen(SocketSpec("bench", buffer_size=buffer_size))
        feeder = multiprocessing.get_context("spawn").Process(target=feed, args=(local.port, total, chunk))
        feeder.start()
        connection = running.opened(server).connection
        start = time.perf_counter()
        before = running.writer.count
        closed = running.closed(connection)
        seconds = time.perf_counter() - start
        calls = running.writer.count - before
        feeder.join()
        assert closed.received >= total, f"{closed.received} of {total} bytes arrived"
        return Speed(closed.received / seconds, calls / seconds)


def rows() -> list[Row]:
    bare, ours = compare(65_536, 1_000_000_000, to_file=True)
    ratio = ours.bytes / bare.bytes
    made = [
        Row(
            f"engine alone, 64 KiB buffer ({ours.bytes / 1e6:,.0f} of {bare.bytes / 1e6:,.0f} MB/s)",
            ratio, "×", "≥ 0.5", ratio >= 0.5,
        )
    ]  # fmt: skip
    bare, ours = compare(64, 60_000_000, to_file=False)
    ratio = ours.calls / bare.calls
    made.append(
        Row(
            f"engine alone, 64-byte buffer ({ours.calls / 1e3:,.0f} of {bare.calls / 1e3:,.0f} thousand calls/s)",
            ratio, "×", "≥ 0.4", ratio >= 0.4,
        )
    )  # fmt: skip
    return made


def compare(buffer_size: int, total: int, to_file: bool) -> tuple[Speed, Speed]:
    """The bare loop's speed and the engine's: the best of `REPEATS` of each, in turn. What disturbs a run (the
    disk writing back, other programs) only ever slows it down, so the best says most about the code."""
    runs = [(receive(buffer_size, total, to_file), engine(buffer_size, total)) for _ in range(REPEATS)]
    bare, ours = zip(*runs, strict=True)
    return max(bare, key=lambda speed: speed.bytes), max(ours, key=lambda speed: speed.bytes)
