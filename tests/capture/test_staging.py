"""Large reads go another way into the capture; what arrives is the same."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture.reader import Reader
from explorer.capture.staging import AVAILABLE, LARGE
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="no pwrite on this system")


class Source:
    """Gives these reads, one after the other, then blocks."""

    def __init__(self, reads: list[bytes]) -> None:
        self.reads = list(reads)

    def __call__(self, view: memoryview) -> int:
        if not self.reads:
            raise BlockingIOError
        data = self.reads.pop(0)
        view[: len(data)] = data
        return len(data)


def _pull_all(writer: Writer, source: Source, size: int) -> bool:
    ended = False
    while source.reads and not ended:
        ended = writer.pull(source, 1, 1, size, 3).ended
    return ended


def _captured(folder: Path) -> list[bytes]:
    reader = Reader(folder)
    return [reader.traffic(call) for call in reader.calls(0, reader.count)]


@given(
    st.integers(LARGE, 3 * LARGE),
    st.lists(st.integers(1, 3 * LARGE), max_size=12),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_every_read_stands_in_the_capture(
    tmp_path_factory: pytest.TempPathFactory, asked: int, sizes: list[int], end: bool
) -> None:
    folder = tmp_path_factory.mktemp("staging") / "capture"
    reads = [bytes([place + 1]) * min(size, asked) for place, size in enumerate(sizes)] + [b""] * end
    writer = Writer(folder, segment_bytes=256 << 10, segment_records=64)
    assert _pull_all(writer, Source(reads), asked) is end
    live = Reader.of(writer)
    assert [live.traffic(call) for call in live.calls(0, live.count)] == reads
    live.close()
    writer.close()
    assert _captured(folder) == reads


@pytest.mark.parametrize("asked", [1_000, LARGE])
@pytest.mark.parametrize("most", [1, 3, 1_000])
def test_what_a_pull_brought_is_counted_across_a_change_of_segment(tmp_path: Path, asked: int, most: int) -> None:
    """Of the byte segment (256 KiB) and, for small reads, of the record segment (64 records)."""
    writer = Writer(tmp_path / "capture", segment_bytes=256 << 10, segment_records=64)
    source = Source([b"x" * asked] * (700_000 // asked))
    calls = size = 0
    while source.reads:
        before, left = writer.count, len(source.reads)
        pulled = writer.pull(source, 1, 1, asked, most)
        assert pulled.calls == left - len(source.reads) == writer.count - before
        assert pulled.size == pulled.calls * asked
        calls, size = calls + pulled.calls, size + pulled.size
    assert len(list(writer.folder.glob("bytes-*"))) >= 3
    assert len(list(writer.folder.glob("calls-*"))) >= (11 if asked == 1_000 else 1)
    writer.close()
    reader = Reader(tmp_path / "capture")
    reader.verify()
    assert reader.warnings == []
    assert (reader.count, sum(call.size for call in reader.calls(0, calls))) == (calls, size)


def test_a_write_that_fails_or_falls_short_is_made_good_through_the_mapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pwrite
    answers = iter(["fails", "short", "whole"])

    def troubled(descriptor: int, data: memoryview, position: int) -> int:
        answer = next(answers)
        if answer == "fails":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(descriptor, data[: len(data) // 2] if answer == "short" else data, position)

    monkeypatch.setattr(os, "pwrite", troubled)
    reads = [bytes([value]) * LARGE for value in (1, 2, 3)]
    writer = Writer(tmp_path / "capture", segment_bytes=256 << 10, segment_records=64)
    pulled = writer.pull(Source(reads), 1, 1, LARGE, 3)
    assert (pulled.calls, pulled.error) == (3, None)
    writer.close()
    assert _captured(tmp_path / "capture") == reads


def test_without_a_free_file_descriptor_reads_go_straight_into_the_mapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(tmp_path / "capture", segment_bytes=256 << 10, segment_records=64)

    def exhausted(path: Path, size: int) -> memoryview:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(writer._staging, "begin", exhausted)
    reads = [b"x" * LARGE, b"y" * 7]
    assert writer.pull(Source(reads), 1, 1, LARGE, 3).size == LARGE + 7
    writer.close()
    assert _captured(tmp_path / "capture") == reads


def test_an_error_of_the_socket_is_recorded_after_what_came(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "capture", segment_bytes=256 << 10, segment_records=64)
    reads = [b"x" * LARGE]

    def receive(view: memoryview) -> int:
        if not reads:
            raise ConnectionResetError(errno.ECONNRESET, "reset")
        view[:] = reads.pop()
        return len(view)

    pulled = writer.pull(receive, 1, 1, LARGE, 9)
    assert isinstance(pulled.error, ConnectionResetError)
    assert (pulled.calls, pulled.ended) == (1, False)
    writer.close()
    assert [call.errno for call in Reader(tmp_path / "capture").calls(0, 2)] == [0, errno.ECONNRESET]


@pytest.mark.parametrize("size", [100, LARGE])
def test_after_any_exception_what_came_is_counted_and_nobody_waits(tmp_path: Path, size: int) -> None:
    writer = Writer(tmp_path / "capture", quota=1 << 30, segment_bytes=4 << 20)
    reader = Reader.of(writer)
    source = Source([b"a" * size, b"b" * size])

    def receive(view: memoryview) -> int:
        if not source.reads:
            raise ZeroDivisionError
        return source(view)

    with pytest.raises(ZeroDivisionError):
        writer.pull(receive, 1, 1, size, 64)
    with pytest.raises(struct.error):
        writer.add(CallKind.send, 1, 1, size=-1)
    assert reader.known_until() > 0  # no record is being made
    writer.add(CallKind.note, 1, 0)
    assert reader.count == 3
    assert [reader.data(call.offset, call.size)[:1] for call in reader.calls(0, 3)] == [b"a", b"b", b""]
    assert reader.call(2).kind is CallKind.note
    writer.close()
