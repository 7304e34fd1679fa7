"""The library: names, leftovers, old ones, saving, removing."""

from __future__ import annotations

import json
import os
import stat
import sys

import pytest

from explorer.capture.layout import HEADER, RECORD, Header
from explorer.capture.library import Library, is_being_written, open_capture, save_as, stored
from explorer.capture.reader import Reader
from explorer.core.calls import CallKind
from explorer.core.errors import CaptureError
from tests.capture.making import SEGMENT_BYTES, echo_exchange, small_writer, traffic

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")


def abandon(writer) -> None:
    """As if the program had been killed: the files stay as they are, the lock is free."""
    writer._lock.release()


def test_names_are_new_even_within_one_second(tmp_path):
    library = Library(tmp_path / "data" / "captures")
    folders = []
    for _ in range(3):
        folder = library.new_folder()
        small_writer(folder).close()
        folders.append(folder)
    assert len(set(folders)) == 3
    assert {folder.parent for folder in folders} == {library.folder}


@posix_only
def test_only_the_owner_may_look(tmp_path):
    library = Library(tmp_path / "captures")
    old = os.umask(0o022)
    try:
        writer = small_writer(library.new_folder())
        for _ in range(200):
            traffic(writer, CallKind.recv, b"x")
        writer.close()
        save_as(Reader(writer.folder), tmp_path / "copy")
    finally:
        os.umask(old)
    for folder in (library.folder, writer.folder, tmp_path / "copy"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    for file in (*writer.folder.iterdir(), *(tmp_path / "copy").iterdir()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_crash_leaves_a_leftover_and_a_running_program_none(tmp_path):
    library = Library(tmp_path / "captures")
    assert library.leftovers() == []
    crashed = small_writer(library.new_folder())
    traffic(crashed, CallKind.recv, b"precious")
    assert library.leftovers() == []
    assert is_being_written(crashed.folder)
    abandon(crashed)
    echo_exchange(library.new_folder())
    (library.folder / "no capture").mkdir()
    [left] = library.leftovers()
    assert (left.folder, left.calls) == (crashed.folder, 1)
    assert left.size >= SEGMENT_BYTES
    assert left.used == RECORD.size + len(b"precious")
    assert abs(left.started.timestamp() - crashed.header.started / 1e9) < 1
    reader = open_capture(left.folder)
    assert reader.warnings == ["The program ended without closing this capture; every whole record is here."]
    assert reader.traffic(reader.call(0)) == b"precious"


def test_old_ones_are_told_but_not_removed(tmp_path):
    library = Library(tmp_path / "captures", keep=2)
    folders = [echo_exchange(library.new_folder()).folder for _ in range(4)]
    in_use = small_writer(library.new_folder())
    assert [one.folder for one in library.old()] == [folders[2], folders[1], folders[0]][-3:]
    assert all(folder.exists() for folder in folders)
    in_use.close()
    library.remove(folders[0])
    assert not folders[0].exists()
    assert library.all() == [in_use.folder, folders[3], folders[2], folders[1]]


def test_what_may_not_be_removed(tmp_path, monkeypatch):
    library = Library(tmp_path / "captures")
    writer = small_writer(library.new_folder())
    with pytest.raises(CaptureError, match="being written by a running program"):
        library.remove(writer.folder)
    outside = echo_exchange(tmp_path / "elsewhere").folder
    with pytest.raises(CaptureError, match="not a capture of this library"):
        library.remove(outside)
    writer.close()

    def refuse(folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(CaptureError, match="cannot be removed: Permission denied"):
        library.remove(writer.folder)


def test_an_empty_capture_is_discarded_and_no_other(tmp_path):
    library = Library(tmp_path / "captures")
    empty = small_writer(library.new_folder())
    assert not library.discard_if_empty(empty.folder)
    empty.close()
    assert library.discard_if_empty(empty.folder)
    assert not empty.folder.exists()
    full = echo_exchange(library.new_folder())
    assert not library.discard_if_empty(full.folder)
    assert not library.discard_if_empty(tmp_path / "missing")


def test_a_killed_program_that_recorded_nothing_leaves_nothing(tmp_path):
    library = Library(tmp_path / "captures")
    killed, used, running = (small_writer(library.new_folder()) for _ in range(3))
    closed = small_writer(library.new_folder())
    closed.close()
    traffic(used, CallKind.recv, b"precious")
    abandon(killed)
    abandon(used)
    library.discard_empty()
    assert set(library.all()) == {used.folder, running.folder}
    running.close()


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize(
    "harm", ["records cut to nothing", "records cut", "records missing", "bytes missing", "records overwritten"]
)
def test_a_damaged_capture_is_never_taken_for_an_empty_one(tmp_path, closed, harm):
    library = Library(tmp_path / "captures")
    writer = small_writer(library.new_folder())
    if harm != "bytes missing":
        traffic(writer, CallKind.recv, b"precious")
    writer.close() if closed else abandon(writer)
    records, data = writer.folder / "calls-000000.log", writer.folder / "bytes-000000.bin"
    if harm.endswith("missing"):
        (records if harm.startswith("records") else data).unlink()
    elif harm == "records overwritten":
        records.write_bytes(bytes(records.stat().st_size))
    else:
        os.truncate(records, 0 if harm == "records cut to nothing" else 20)
    library.discard_empty()
    assert not library.discard_if_empty(writer.folder)
    assert library.all() == [writer.folder]
    assert [left.calls for left in library.leftovers()] == ([] if closed else [0])


def test_records_cut_to_nothing_keep_a_capture_even_where_no_bytes_stand(tmp_path):
    library = Library(tmp_path / "captures")
    writer = small_writer(library.new_folder())
    writer.add(CallKind.recv, 1, 1, asked=10)
    abandon(writer)
    os.truncate(writer.folder / "calls-000000.log", 0)
    library.discard_empty()
    assert library.all() == [writer.folder]


def test_saving_copies_what_is_used(tmp_path):
    writer = small_writer(tmp_path / "live")
    sent = [bytes([number % 251]) * 5_000 for number in range(150)]
    for data in sent:
        traffic(writer, CallKind.recv, data)
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> bool:
        told.append((done, total))
        return True

    assert save_as(Reader.of(writer), tmp_path / "copy", progress)
    assert told[-1][0] == told[-1][1]
    traffic(writer, CallKind.recv, b"later")
    reader = open_capture(tmp_path / "copy")
    assert reader.warnings == []
    assert [reader.traffic(call) for call in reader.calls(0, reader.count)] == sent
    assert stored(tmp_path / "copy").size < writer.taken
    assert not is_being_written(tmp_path / "copy")
    writer.close()


def test_saving_can_be_cancelled_and_refuses_to_overwrite(tmp_path):
    reader = Reader(echo_exchange(tmp_path / "capture").folder)
    assert not save_as(reader, tmp_path / "copy", lambda done, total: False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capture"]
    with pytest.raises(CaptureError, match="exists already"):
        save_as(reader, tmp_path / "capture")
    with pytest.raises(CaptureError, match=r"cannot be saved as .*No such file"):
        save_as(reader, tmp_path / "no" / "such" / "place")


def test_saving_keeps_damage_as_it_is(tmp_path):
    exchange = echo_exchange(tmp_path / "capture", tuple(b"%d\n" % number for number in range(100)))
    (exchange.folder / "calls-000001.log").unlink()
    last = exchange.folder / "calls-000003.log"
    last.write_bytes(last.read_bytes()[:-48] + bytes(34) + b"\xff" + bytes(13))
    reader = open_capture(exchange.folder)
    save_as(reader, tmp_path / "copy")
    copy = open_capture(tmp_path / "copy")
    assert copy.count == reader.count
    assert any("65 damaged records" in warning for warning in copy.warnings)


def test_opening(tmp_path, monkeypatch):
    exchange = echo_exchange(tmp_path / "capture")
    assert open_capture(exchange.folder / HEADER).count == open_capture(exchange.folder).count
    with pytest.raises(CaptureError, match="is not a capture"):
        open_capture(tmp_path)
    writer = small_writer(tmp_path / "live")
    with pytest.raises(CaptureError, match="being written by a running program"):
        open_capture(writer.folder)
    writer.close()

    def refuse(self, progress):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Reader, "verify", refuse)
    with pytest.raises(CaptureError, match="cannot be read: Input/output error"):
        open_capture(exchange.folder)


def header(**changed: object) -> str:
    sound = {
        "version": 1,
        "started": 1,
        "segment_bytes": 1,
        "segment_records": 1,
        "program": "",
        "closed": True,
        "platform": "linux",
    }
    return json.dumps(sound | changed)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "cannot be read"),
        ("[]", "is damaged: it is no JSON object"),
        ("{}", "'version' is missing"),
        ('{"version": "1"}', "is missing"),
        (
            '{"version":0,"started":1,"segment_bytes":1,"segment_records":1,"program":"","closed":true}',
            "not a positive whole number",
        ),
        (
            '{"version":1,"started":1,"segment_bytes":1,"segment_records":1,"program":"","closed":1}',
            "wrong type",
        ),
        (
            '{"version":2,"started":1,"segment_bytes":1,"segment_records":1,"program":"","closed":true}',
            "written by a later version",
        ),
        (header(started=10**30), "time at which it began"),
        (header(started=1 << 63), "time at which it began"),
        (header(segment_records=10**15), "its files would hold 1,000,000,000,000,000 calls each"),
        (header(program="\ud800"), "no text"),
        (header(platform=3), "wrong type"),
        (header(closed=None), "wrong type"),
        ("[" * 100_000, "cannot be read: it is nested too deeply"),
    ],
)
def test_a_damaged_header_is_a_sentence(tmp_path, text, sentence):
    (tmp_path / HEADER).write_text(text)
    with pytest.raises(CaptureError, match=sentence):
        Header.load(tmp_path)
    assert Library(tmp_path.parent).all() == []


@pytest.mark.parametrize("started", [1, (1 << 63) - 1])
def test_a_header_may_name_any_time_that_can_be_written(tmp_path, started):
    (tmp_path / HEADER).write_text(header(started=started))
    assert Header.load(tmp_path).started == started


@posix_only
def test_a_header_that_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / HEADER)
    with pytest.raises(CaptureError, match="is not a regular file"):
        Header.load(tmp_path)
