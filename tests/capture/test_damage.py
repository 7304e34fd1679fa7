"""Damaged captures: every whole record is there, a warning says what is not, and nothing fails."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.capture.block_index import BlockIndex
from explorer.capture.layout import KIND_AT, RECORD
from explorer.capture.library import open_capture
from explorer.capture.match import everything
from explorer.capture.reader import Reader
from explorer.capture.stream import ByteStream, Scope
from explorer.capture.words import counted
from explorer.core.calls import Call, CallKind
from tests.capture.making import SEGMENT_RECORDS, catalog_of, small_writer, socket_record, traffic

COUNT = 200
SIZE = 3_001


@pytest.fixture
def folder(tmp_path):
    """200 calls over four record files and three byte files."""
    writer = small_writer(tmp_path / "capture")
    socket_record(writer)
    for number in range(1, COUNT):
        traffic(writer, CallKind.recv, data_of(number))
    writer.close()
    return writer.folder


def data_of(number: int) -> bytes:
    return bytes([number]) * SIZE


def overwrite(folder: Path, number: int, data: bytes, at: int = 0) -> None:
    segment, place = divmod(number, SEGMENT_RECORDS)
    with (folder / f"calls-{segment:06d}.log").open("r+b") as file:
        file.seek(place * RECORD.size + at)
        file.write(data)


def is_damaged(reader: Reader, call: Call) -> bool:
    return call.kind is CallKind.note


def check(reader: Reader, damaged: set[int], count: int = COUNT) -> None:
    """All records but `damaged` are whole, and every view can look at the rest."""
    assert reader.count == count
    calls = list(reader.calls(0, reader.count))
    assert {call.number for call in calls if is_damaged(reader, call)} == damaged
    for call in calls[1:]:
        if call.number in damaged:
            assert reader.detail(call) == {"text": "A damaged record stood here."}
            assert reader.traffic(call) == b""
        else:
            assert reader.traffic(call) == data_of(call.number)
    index = BlockIndex(reader, everything)
    index.advance()
    assert index.rows == count
    stream = ByteStream(reader, Scope())
    stream.index.advance()
    assert stream.size == SIZE * (count - 1 - len(damaged - {0}))
    assert len(stream.read(0, stream.size)) == stream.size
    catalog_of(reader)
    if damaged:
        assert any(f"Found {counted(len(damaged), 'damaged record')}" in warning for warning in reader.warnings)
    else:
        assert not any("damaged" in warning for warning in reader.warnings)


def test_a_sound_capture_has_no_warning(folder):
    reader = open_capture(folder)
    check(reader, set())
    assert reader.warnings == []


@pytest.mark.parametrize("number", [1, 2, 62, 63, 64, 66, 100, 127, 128, 150, 198, 199])
@pytest.mark.parametrize(
    ("what", "data", "at"),
    [
        ("garbage", b"\xff" * RECORD.size, 0),
        ("zeros", bytes(RECORD.size), 0),
        ("an unknown kind", b"\x77", KIND_AT),
        ("an offset too large", (1 << 40).to_bytes(8, "little"), 8),
        ("an offset too small", (1).to_bytes(8, "little"), 8),
        ("an offset a little further", None, 8),
        ("a size too large", (1 << 30).to_bytes(4, "little"), 16),
        ("a size a little smaller", (SIZE - 5).to_bytes(4, "little"), 16),
        ("a size a little larger", (SIZE + 5).to_bytes(4, "little"), 16),
    ],
)
def test_one_damaged_record_takes_no_other_with_it(folder, number, what, data, at):
    if data is None:
        data = (Reader(folder).call(number).offset + 9_000).to_bytes(8, "little")
    overwrite(folder, number, data, at)
    reader = open_capture(folder)
    if number == COUNT - 1 and what == "zeros":  # as if it had never been written
        check(reader, set(), COUNT - 1)
        assert any("cut short at its end" in warning for warning in reader.warnings)
    elif number == COUNT - 1 and what == "a size a little smaller":
        assert any("cut short at its end" in warning for warning in reader.warnings)
    elif number == COUNT - 1 and what == "a size a little larger":
        assert any("bytes of 1 call are missing" in warning for warning in reader.warnings)
    else:
        check(reader, {number})


@pytest.mark.parametrize("data", [b"\xff" * RECORD.size, bytes(RECORD.size)])
def test_the_last_record_of_a_byte_file(folder, data):
    """Nothing but its size says how far it goes, for the next one begins in the next file."""
    reader = Reader(folder)
    length = reader.header.segment_bytes
    number = next(n for n in range(COUNT) if reader.call(n + 1).offset // length > reader.call(n).offset // length)
    overwrite(folder, number, data)
    check(open_capture(folder), {number})
    overwrite(folder, number, (reader.call(number - 1).offset + 9_000).to_bytes(8, "little"), 8)
    check(open_capture(folder), {number})


def test_the_first_record_may_be_damaged_too(folder):
    overwrite(folder, 0, b"\xff" * RECORD.size)
    check(open_capture(folder), {0})


@pytest.mark.parametrize("run", [(10, 11), (60, 70), (63, 64), (5, 130), (190, 200)])
def test_garbage_over_several_records(folder, run):
    noise = random.Random(7)
    for number in range(*run):
        overwrite(folder, number, noise.randbytes(RECORD.size))
    check(open_capture(folder), set(range(*run)))


def test_scattered_damage(folder):
    damaged = {3, 5, 7, 64, 66, 100, 101, 103}
    for number in damaged:
        overwrite(folder, number, b"\xee" * RECORD.size)
    check(open_capture(folder), damaged)


@pytest.mark.parametrize("size", [*range(0, 3 * RECORD.size, 7), 64 * 48 - 1, 64 * 48])
def test_records_cut_short_in_the_last_file(folder, size):
    path = folder / "calls-000003.log"
    whole = path.stat().st_size // RECORD.size
    os.truncate(path, min(size, path.stat().st_size))
    there = min(size // RECORD.size, whole)
    reader = open_capture(folder)
    check(reader, set(), 3 * SEGMENT_RECORDS + there)
    assert any("cut short" in warning for warning in reader.warnings) == (there < whole)


@pytest.mark.parametrize("size", [0, 1, 47, 48, 49, 1000, 64 * 48 - 1])
def test_records_cut_short_in_the_middle(folder, size):
    os.truncate(folder / "calls-000001.log", size)
    lost = set(range(SEGMENT_RECORDS + size // RECORD.size, 2 * SEGMENT_RECORDS))
    check(open_capture(folder), lost)


def test_a_missing_file_of_records(folder):
    (folder / "calls-000002.log").unlink()
    check(open_capture(folder), set(range(2 * SEGMENT_RECORDS, 3 * SEGMENT_RECORDS)))
    reader = Reader(folder)  # not checked yet: nothing fails either
    assert reader.call(2 * SEGMENT_RECORDS).kind is CallKind.note
    assert all(reader.calls(0, reader.count))


def test_no_file_of_records_at_all(folder):
    for path in folder.glob("calls-*"):
        path.unlink()
    reader = open_capture(folder)
    assert reader.count == 0
    assert any("cut short" in warning for warning in reader.warnings)


@pytest.mark.parametrize("segment", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [None, 0, 1, 100, SIZE - 1, SIZE, 3 * SIZE + 1, 60_000])
def test_bytes_cut_short(folder, segment, size):
    path = folder / f"bytes-{segment:06d}.bin"
    length = Reader(folder).header.segment_bytes
    if size is None:
        path.unlink()
    else:
        os.truncate(path, min(size, path.stat().st_size))
    reader = open_capture(folder)
    assert reader.count == COUNT
    cut = 0
    for call in reader.calls(1, COUNT):
        begin = call.offset - segment * length
        kept = SIZE if not 0 <= begin < length else max(0, min(SIZE, (size or 0) - begin))
        assert reader.traffic(call) == data_of(call.number)[:kept]
        cut += kept < SIZE
    cut += segment == 0 and (size or 0) < reader.call(0).size
    told = [warning for warning in reader.warnings if "are missing or incomplete" in warning]
    assert len(told) == (cut > 0)
    if cut:
        assert f"The bytes of {counted(cut, 'call')} are" in told[0]
    assert reader.warnings == told
    stream = ByteStream(reader, Scope())
    stream.index.advance()
    whole = stream.read(0, stream.size)
    assert len(whole) == stream.size == SIZE * (COUNT - 1)
    catalog_of(reader)


def test_no_bytes_at_all(folder):
    for path in folder.glob("bytes-*"):
        path.unlink()
    reader = open_capture(folder)
    assert not any(is_damaged(reader, call) for call in reader.calls(0, COUNT))
    [warning] = reader.warnings
    assert f"The bytes of {COUNT} calls are missing" in warning


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
@pytest.mark.parametrize("name", ["calls-000001.log", "bytes-000001.bin"])
def test_what_is_no_regular_file_counts_as_missing(folder, make, name):
    """Nobody writes to the pipe: opening it would take for ever."""
    (folder / name).unlink()
    told = open_capture(folder).warnings
    make(folder / name)
    reader = open_capture(folder)
    assert reader.warnings == told != []
    for call in reader.calls(0, COUNT):
        reader.traffic(call)


def test_details_that_cannot_be_decoded_are_empty(folder):
    with (folder / "bytes-000000.bin").open("r+b") as file:
        file.write(b"[" * 200_000)
    overwrite(folder, 0, (200_000).to_bytes(4, "little"), 16)
    reader = Reader(folder)
    assert reader.detail(reader.call(0)) == {}


def test_records_that_tell_of_bytes_far_beyond_the_last_file_are_damaged_even_in_a_row(folder):
    reader = Reader(folder)
    length = reader.header.segment_bytes
    for number in (100, 101, 102):
        call = reader.call(number)
        overwrite(folder, number, (call.offset + 1_000 * length).to_bytes(8, "little"), 8)
    check(open_capture(folder), {100, 101, 102})


def test_a_damaged_last_record_does_not_look_like_missing_ones(folder):
    overwrite(folder, COUNT - 1, b"\xff" * RECORD.size)
    reader = open_capture(folder)
    check(reader, {COUNT - 1})
    assert len(reader.warnings) == 1


def test_the_check_can_be_stopped(folder):
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> bool:
        told.append((done, total))
        return False

    open_capture(folder, stop)
    assert told == [(SEGMENT_RECORDS, COUNT)]


def test_damaged_details_are_empty(folder):
    with (folder / "bytes-000000.bin").open("r+b") as file:
        file.write(b"[1]  ")
    reader = open_capture(folder)
    assert reader.detail(reader.call(0)) == {}
    size = reader.call(0).size
    with (folder / "bytes-000000.bin").open("r+b") as file:
        file.write(b"[1]".ljust(size))
    assert reader.detail(reader.call(0)) == {}
    assert catalog_of(reader).sockets[0].name == "socket 1"


WRITER = """
import sys
from pathlib import Path
from explorer.core.calls import CallKind
from tests.capture.making import small_writer, traffic
writer = small_writer(Path(sys.argv[1]))
number = 0
while True:
    traffic(writer, CallKind.recv, number.to_bytes(4, "big") * 50)
    number += 1
    if number % 1000 == 0:
        print(number, file=sys.stderr, flush=True)
    if number == 1000:
        print("going", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_program_loses_nothing(tmp_path):
    folder = tmp_path / "capture"
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline() == "going\n"
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)
        told = [int(line) for line in child.stderr.read().split()]
    reader = open_capture(folder)
    assert reader.warnings == ["The program ended without closing this capture; every whole record is here."]
    assert reader.count >= max(told)
    for call in reader.calls(0, reader.count):
        assert reader.traffic(call) == call.number.to_bytes(4, "big") * 50
