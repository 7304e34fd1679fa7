"""Finding bytes in a gigabyte of captured traffic."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from explorer.capture.reader import Reader
from explorer.capture.search import Search
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from tests.bench.row import Row

SIZE = 1 << 30
TARGET = 1.0  # s
_CALL = 64 << 10
_NEEDLE = b"the needle in it"


def make(folder: Path) -> Writer:
    """1 GiB of one stream in calls of 64 KiB, with one needle over the border of the last two."""
    writer = Writer(folder, quota=SIZE * 2)
    filler = bytes(range(256)) * (_CALL // 256)
    for number in range(SIZE // _CALL):
        room = writer.room(_CALL)
        if room is None:
            raise RuntimeError(writer.full)
        room[:] = filler
        if number == SIZE // _CALL - 2:
            room[-8:] = _NEEDLE[:8]
        elif number == SIZE // _CALL - 1:
            room[:8] = _NEEDLE[8:]
        room.release()
        writer.add(CallKind.recv, 1, 1, size=_CALL, asked=_CALL)
    return writer


def measure(reader: Reader, pattern: bytes, ignore_case: bool = False) -> tuple[float, int]:
    """(seconds, hits), the best of two."""
    best = float("inf")
    count = 0
    for _ in range(2):
        search = Search(ByteStream(reader, Scope()), pattern, ignore_case)
        begun = time.perf_counter()
        search.run()
        best = min(best, time.perf_counter() - begun)
        count = search.count
    return best, count


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        writer = make(Path(name) / "capture")
        reader = Reader.of(writer)
        exact, hits = measure(reader, _NEEDLE)
        folded, folded_hits = measure(reader, _NEEDLE.upper(), ignore_case=True)
        reader.close()
        writer.close()
    target = f"<= {TARGET:g} s"
    return [
        Row("find in 1 GiB, one hit over the border of two calls", exact, "s", target, exact <= TARGET and hits == 1),
        Row("find in 1 GiB, capitals or not", folded, "s", "(told)", folded_hits == 1),
    ]
