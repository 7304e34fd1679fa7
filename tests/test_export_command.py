"""``socket-explorer export``: exit status and sentences."""

from __future__ import annotations

import json
import os
import sys

import pytest

from explorer import export_command
from explorer.capture.catalog import Catalog
from explorer.capture.layout import RECORD
from explorer.core.calls import CallFlag, CallKind
from explorer.export_command import run_export
from tests.capture.making import accepted, echo_exchange, small_writer, socket_record, traffic


@pytest.fixture
def capture(tmp_path):
    return echo_exchange(tmp_path / "capture").folder


@pytest.mark.parametrize("suffix", ["pcapng", "csv", "jsonl", "txt", "bin"])
def test_every_format(capture, tmp_path, capsys, suffix):
    out = tmp_path / f"out.{suffix}"
    assert run_export(capture, out) == 0
    assert out.stat().st_size > 0
    assert capsys.readouterr() == ("", "")


def test_received_or_sent_bytes(capture, tmp_path):
    out = tmp_path / "out.bin"
    assert run_export(capture, out) == 0
    assert out.read_bytes() == b"hello\nworld\n"
    assert run_export(capture, out, sent=True, connection=1) == 0
    assert out.read_bytes() == b"hello\nworld\n"


def test_one_socket(tmp_path, capsys):
    writer = small_writer(tmp_path / "capture")
    for number, name in ((1, "a"), (2, "b"), (3, "b")):
        socket_record(writer, number, name)
    accepted(writer, 1)
    writer.close()
    out = tmp_path / "out.jsonl"
    assert run_export(writer.folder, out, socket="a") == 0
    assert {json.loads(line)["socket"] for line in out.read_text().splitlines()} == {1}
    assert run_export(writer.folder, out, socket="c") == 2
    assert "no socket called 'c' (it has: a, b)" in capsys.readouterr().err
    assert run_export(writer.folder, out, socket="b") == 2
    assert "2 sockets called 'b'" in capsys.readouterr().err
    assert run_export(writer.folder, out, connection=9) == 2
    assert "no connection 9 (they are numbered from 1 to 1)" in capsys.readouterr().err


def test_names_of_a_hostile_capture_do_not_reach_the_terminal(tmp_path, capsys):
    writer = small_writer(tmp_path / "capture")
    socket_record(writer, 1, "\x1b[2Jnothing")
    writer.close()
    assert run_export(writer.folder, tmp_path / "out.csv", socket="a") == 2
    assert "(it has: ␛[2Jnothing)" in capsys.readouterr().err


def test_wrong_usage_and_bad_captures(capture, tmp_path, capsys):
    assert run_export(capture, tmp_path / "out.xlsx") == 2
    assert "no export to .xlsx files" in capsys.readouterr().err
    assert run_export(tmp_path, tmp_path / "out.csv") == 1
    assert "is not a capture" in capsys.readouterr().err
    assert run_export(capture, tmp_path / "no" / "out.csv") == 1
    assert "cannot be written" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def test_an_empty_capture_has_no_connection(tmp_path, capsys):
    small_writer(tmp_path / "capture").close()
    assert run_export(tmp_path / "capture", tmp_path / "out.csv", connection=1) == 2
    assert "no connection 1 (it has none)" in capsys.readouterr().err
    assert run_export(tmp_path / "capture", tmp_path / "out.csv", socket="a") == 2
    assert "(it has: none)" in capsys.readouterr().err


def test_damage_is_told_and_the_rest_exported(capture, tmp_path, capsys):
    data = (capture / "calls-000000.log").read_bytes()
    (capture / "calls-000000.log").write_bytes(data[:-5])
    assert run_export(capture, tmp_path / "out.jsonl") == 0
    assert "cut short at its end" in capsys.readouterr().err
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 10


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("suffix", ["pcapng", "csv", "jsonl", "txt", "bin"])
def test_a_pipe_in_place_of_the_bytes_is_not_waited_for(capture, tmp_path, capsys, suffix):
    (capture / "bytes-000000.bin").unlink()
    os.mkfifo(capture / "bytes-000000.bin")
    assert run_export(capture, tmp_path / f"out.{suffix}") == 0
    assert "are missing or incomplete" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", ["pcapng", "csv", "jsonl", "txt", "bin"])
def test_text_that_is_none_and_times_that_cannot_be(tmp_path, suffix):
    """As a hostile or damaged capture may hold them."""
    writer = small_writer(tmp_path / "capture")
    data = b'{"name":"\\ud800","transport":"tcp","role":"server"}'
    traffic(writer, CallKind.socket, data, 0, flags=CallFlag.DETAIL)
    accepted(writer, 1)
    number = traffic(writer, CallKind.recv, b"late")
    writer.close()
    with (writer.folder / "calls-000000.log").open("r+b") as file:
        file.seek(number * RECORD.size)
        file.write(b"\xff" * 8)
    out = tmp_path / f"out.{suffix}"
    assert run_export(writer.folder, out) == 0
    assert out.stat().st_size > 0


def test_a_capture_that_cannot_be_read_on_is_a_sentence(capture, tmp_path, capsys, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Catalog, "advance", refuse)
    assert run_export(capture, tmp_path / "out.csv") == 1
    assert "cannot be read: Permission denied" in capsys.readouterr().err


def test_remarks_are_told(tmp_path, capsys):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"whose?")
    writer.close()
    assert run_export(writer.folder, tmp_path / "out.pcapng") == 0
    assert "Left out," in capsys.readouterr().err


def test_interrupted_from_the_keyboard(capture, tmp_path, capsys, monkeypatch):
    def interrupt(*given, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(export_command, "export", interrupt)
    assert run_export(capture, tmp_path / "out.csv") == 1
    assert "was interrupted" in capsys.readouterr().err


def test_a_program_without_a_console(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    assert run_export(tmp_path, tmp_path / "out.csv") == 1
