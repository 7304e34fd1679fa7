"""A capture that takes no more: the disk is full, or the quota is reached. Nothing is lost, and it is said."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys

import pytest

from explorer.capture import segments
from explorer.capture.layout import RECORD
from explorer.capture.library import open_capture
from explorer.capture.reader import Reader
from explorer.capture.writer import RESERVE, Writer, default_quota
from explorer.core.calls import CallKind
from tests.capture.making import SEGMENT_BYTES, SEGMENT_RECORDS, small_writer, traffic

BASE = SEGMENT_BYTES + SEGMENT_RECORDS * RECORD.size


def fill(writer: Writer, size: int = 10_000) -> int:
    """Receive until the capture is full; how many calls were recorded."""
    calls = 0
    while calls < 10_000:
        pulled = writer.pull(lambda view: len(view), 1, 1, size, 5)
        calls += pulled.calls
        if pulled.blocked:
            break
    return calls


def test_the_quota_pauses_and_says_so(tmp_path):
    writer = small_writer(tmp_path / "capture", quota=2 * SEGMENT_BYTES + 100_000)
    calls = fill(writer)
    assert calls > 30
    assert writer.room(10_000) is None
    assert writer.full == (
        "The capture has reached its limit of 0.6 MB. Reading is paused, so nothing is lost. "
        "Raise the limit, or begin a new capture; reading goes on when there is room."
    )
    assert writer.taken <= writer.quota
    assert not writer.retry()
    number = writer.add_detail(CallKind.note, 1, 0, {"text": "rare calls still find room"})
    assert number == calls
    writer.quota = 100 * SEGMENT_BYTES
    assert writer.retry()
    assert writer.full == ""
    traffic(writer, CallKind.recv, b"on it goes")
    writer.close()
    reader = open_capture(writer.folder)
    assert reader.warnings == []
    assert reader.count == calls + 2


@pytest.mark.parametrize(
    ("quota", "told"),
    [(47_000_000, "47.0 MB"), (999_900_000, "999.9 MB"), (999_950_000, "1.0 GB"), (20 * 10**9, "20.0 GB")],
)
def test_the_limit_is_told_in_a_unit_that_fits(tmp_path, quota, told):
    writer = Writer(tmp_path / "capture", quota, SEGMENT_BYTES, SEGMENT_RECORDS)
    writer._taken = quota
    fill(writer)
    assert f"its limit of {told}." in writer.full


def test_records_run_out_before_bytes_and_some_are_kept_for_rare_calls(tmp_path):
    writer = small_writer(tmp_path / "capture", quota=BASE)
    calls = fill(writer, 1)
    assert calls == SEGMENT_RECORDS - SEGMENT_RECORDS // 4
    assert writer.room(1) is None
    for number in range(SEGMENT_RECORDS // 4):
        assert writer.add_detail(CallKind.close, 1, 1, {"reason": "local"}) == calls + number
    assert writer.add_detail(CallKind.close, 1, 1, {"reason": "local"}) == -1
    assert writer.add(CallKind.send, 1, 1) == -1
    assert writer.unrecorded == 2
    writer.quota = 4 * BASE
    assert writer.retry()
    assert writer.add(CallKind.send, 1, 1) == SEGMENT_RECORDS
    writer.close()
    assert open_capture(writer.folder).count == SEGMENT_RECORDS + 1


def test_bytes_for_rare_calls_run_out_at_last(tmp_path):
    writer = small_writer(tmp_path / "capture", quota=BASE + SEGMENT_RECORDS * RECORD.size)
    fill(writer)
    for _ in range(RESERVE // 10_000):
        assert writer.add_detail(CallKind.note, 1, 0, {"text": "x" * 10_000}) >= 0
    while writer.add_detail(CallKind.note, 1, 0, {"text": "x" * 10_000}) >= 0:
        pass
    assert writer.unrecorded == 1
    writer.close()
    assert open_capture(writer.folder).warnings == []


def test_a_spare_segment_that_was_not_needed_is_given_back(tmp_path):
    writer = small_writer(tmp_path / "capture")
    for _ in range(SEGMENT_RECORDS - 3):
        traffic(writer, CallKind.recv, b"x")
    assert len(list(writer.folder.glob("calls-*"))) == 2
    crashed = Reader.of(writer).count
    writer.close()
    assert len(list(writer.folder.glob("calls-*"))) == 1
    assert open_capture(writer.folder).count == crashed == SEGMENT_RECORDS - 3


def test_a_full_disk_is_a_sentence(tmp_path, monkeypatch):
    writer = small_writer(tmp_path / "capture")
    real = segments.create

    def no_space(path, size):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(segments, "create", no_space)
    calls = fill(writer)
    assert writer.full == (
        "The disk that holds the capture takes no more (No space left on device). Reading is paused, so nothing is "
        f"lost. Free space on the disk of {tmp_path}; reading goes on when there is room."
    )
    assert not writer.retry()
    monkeypatch.setattr(segments, "create", real)
    assert writer.retry()
    writer.close()
    assert open_capture(writer.folder).count == calls


def test_a_writer_that_cannot_begin_leaves_nothing(tmp_path, monkeypatch):
    def no_space(path, size):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(segments, "create", no_space)
    with pytest.raises(OSError, match="No space"):
        small_writer(tmp_path / "capture")
    assert list(tmp_path.iterdir()) == []


def test_the_default_quota_leaves_half_of_the_disk(tmp_path, monkeypatch):
    assert 0 < default_quota(tmp_path) <= 20_000_000_000
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(100, 50, 50))
    assert default_quota(tmp_path) == 25
    assert Writer(tmp_path / "capture", segment_bytes=SEGMENT_BYTES, segment_records=64).quota == 25


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 1 MiB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux may mount a small file system")
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    if made.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True, timeout=10)


def test_a_disk_that_is_really_full(tiny_disk):
    writer = small_writer(tiny_disk / "capture")
    calls = fill(writer)
    assert calls >= 30
    assert "The disk that holds the capture takes no more" in writer.full
    assert writer.add_detail(CallKind.close, 1, 1, {"reason": "local"}) == calls
    writer.close()
    reader = open_capture(writer.folder)
    assert (reader.count, reader.warnings) == (calls + 1, [])
    reader.close()


def test_segments_elsewhere_are_written_out_with_zeros(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    made = segments.create(tmp_path / "file", (1 << 20) + 5)
    assert len(made) == (1 << 20) + 5
    assert (tmp_path / "file").stat().st_blocks * 512 >= 1 << 20
    made.close()
