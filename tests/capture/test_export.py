"""Exports other than pcapng: complete, safe to open, and never half a file."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re

import pytest

from explorer.capture.catalog import Catalog
from explorer.capture.export import api
from explorer.capture.export.api import ExportOptions
from explorer.capture.export.csv_table import COLUMNS, safe
from explorer.capture.export.registry import FORMATS, export, find_format
from explorer.capture.library import open_capture
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.core.calls import CallFlag, CallKind
from explorer.core.errors import CaptureError, InputError
from tests.capture.making import accepted, catalog_of, echo_exchange, small_writer, socket_record, traffic


@pytest.fixture
def reader(tmp_path):
    return open_capture(echo_exchange(tmp_path / "capture", (b"hello\n", b"=1+1\n")).folder)


def exported(reader: Reader, suffix: str, scope: Scope = Scope(), **options: bool) -> bytes:  # noqa: B008 - frozen
    out = io.BytesIO()
    result = export(reader, Catalog(reader), scope, out, form=find_format(suffix), options=ExportOptions(**options))
    assert not result.cancelled
    assert result.size == len(out.getvalue())
    return out.getvalue()


def test_csv(reader):
    rows = list(csv.DictReader(io.StringIO(exported(reader, "csv").decode())))
    assert len(rows) == reader.count
    assert tuple(rows[0]) == COLUMNS
    hello = rows[4]
    assert hello["call"] == "recv(1024)"
    assert (hello["who"], hello["result"], hello["bytes"]) == ("echo :51514", "6 bytes", "6")
    assert (hello["local"], hello["remote"]) == ("127.0.0.1:9000", "127.0.0.1:51514")
    assert hello["preview"] == r"hello\n"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", hello["time"])
    assert float(hello["seconds"]) == reader.call(4).time / 1e9


def test_no_cell_of_a_csv_runs_as_a_formula(reader):
    rows = list(csv.reader(io.StringIO(exported(reader, "csv").decode())))
    cells = [cell for row in rows for cell in row]
    assert "'=1+1\\n" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    plain = list(csv.reader(io.StringIO(exported(reader, "csv", formula_safe=False).decode())))
    assert "=1+1\\n" in [cell for row in plain for cell in row]


@pytest.mark.parametrize("cell", ["=cmd", "+1", "-1", "@SUM(1)", "\tx", "\rx"])
def test_every_dangerous_beginning(cell):
    assert safe(cell) == "'" + cell
    assert safe("a" + cell) == "a" + cell
    assert safe("") == ""


def test_a_name_from_outside_is_no_formula_either(tmp_path):
    writer = small_writer(tmp_path / "capture")
    socket_record(writer, name='=HYPERLINK("http://example.org")')
    text = exported(Reader.of(writer), "csv").decode()
    writer.close()
    assert '"\'=HYPERLINK(""http://example.org"")"' in text


def test_json_lines(reader):
    lines = [json.loads(line) for line in exported(reader, "jsonl").splitlines()]
    assert [line["number"] for line in lines] == list(range(reader.count))
    assert lines[0]["call"] == "socket"
    assert lines[0]["detail"]["name"] == "echo"
    assert lines[4]["data"] == b"hello\n".hex()
    assert (lines[4]["asked"], lines[4]["size"], lines[4]["connection"], lines[4]["name"]) == (1024, 6, 1, "echo")
    assert lines[8]["flags"] == ["end"]


def test_json_lines_tell_what_was_cut_and_what_failed(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recvfrom, b"abc", flags=CallFlag.CUT | CallFlag.DATAGRAM, extra=9)
    traffic(writer, CallKind.recvfrom, b"abc", flags=CallFlag.CUT | CallFlag.DATAGRAM)
    writer.add(CallKind.recv, 1, 1, errno=errno.ECONNRESET)
    lines = [json.loads(line) for line in exported(Reader.of(writer), "jsonl").splitlines()]
    writer.close()
    assert [line.get("cut_from") for line in lines] == [9, None, None]
    assert lines[0]["flags"] == ["cut", "datagram"]
    assert lines[2]["errno"] == "ECONNRESET"


def test_hex_dump(reader):
    text = exported(reader, "txt").decode()
    assert "<- echo :51514  recv(1024) = 6 bytes\n00000000  68 65 6c 6c 6f 0a " in text
    assert "-> echo :51514  send(6 bytes) = 6 bytes\n" in text
    assert '   echo  bind(("127.0.0.1", 0)) = ok, local address 127.0.0.1:9000\n' in text
    assert len([line for line in text.splitlines() if line.startswith("#")]) == reader.count


def test_raw_bytes_of_one_direction(tmp_path):
    writer = small_writer(tmp_path / "capture")
    socket_record(writer)
    accepted(writer, 1)
    accepted(writer, 2)
    for connection, kind, data in (
        (1, CallKind.recv, b"one"), (2, CallKind.recv, b"TWO"), (1, CallKind.send, b"sent"), (1, CallKind.recv, b"!"),
    ):  # fmt: skip
        traffic(writer, kind, data, connection)
    reader = Reader.of(writer)
    assert exported(reader, "bin") == b"oneTWO!"
    assert exported(reader, "bin", Scope(connection=1)) == b"one!"
    assert exported(reader, "bin", received=False) == b"sent"
    result = export(reader, catalog_of(reader), Scope(), tmp_path / "out.bin")
    assert "bytes of 2 connections follow each other" in result.remarks[0]
    writer.close()
    path = writer.folder / "bytes-000000.bin"
    path.write_bytes(path.read_bytes()[:-2])
    result = export(Reader(writer.folder), Catalog(Reader(writer.folder)), Scope(connection=1), tmp_path / "out.bin")
    assert result.remarks == ("Missing from the capture, and so from this file: 1 byte.",)


def test_the_ending_chooses(reader, tmp_path):
    for form in FORMATS:
        out = tmp_path / f"out{form.suffix.upper()}"
        assert export(reader, Catalog(reader), Scope(), out).size == out.stat().st_size > 0
    with pytest.raises(InputError, match=r"no export to \.xlsx files.*\.pcapng, \.csv"):
        export(reader, Catalog(reader), Scope(), tmp_path / "out.xlsx")
    with pytest.raises(InputError, match="has no ending"):
        export(reader, Catalog(reader), Scope(), io.BytesIO())


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.suffix)
def test_a_cancelled_export_leaves_no_file(reader, tmp_path, form, monkeypatch):
    monkeypatch.setattr(api, "_LOOK", 2)
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> bool:
        told.append((done, total))
        return done < 5

    out = tmp_path / f"out{form.suffix}"
    out.write_text("what was there before")
    assert export(reader, Catalog(reader), Scope(), out, stop).cancelled
    assert out.read_text() == "what was there before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capture", out.name]
    assert told == [(2, reader.count), (4, reader.count), (6, reader.count)]


def test_cancelled_before_it_began(reader, tmp_path):
    class Endless(Catalog):
        def advance(self, most: int = 1 << 62) -> bool:
            return True

    result = export(reader, Endless(reader), Scope(), tmp_path / "out.csv", lambda done, total: False)
    assert result.cancelled
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(errno.ENOSPC, "The disk is full: .*nothing of it was kept"), (errno.EIO, "cannot be written: Input/output")],
)
def test_a_disk_that_takes_no_more(reader, tmp_path, monkeypatch, number, sentence):
    def refuse(job, out):
        out.write(b"some")
        raise OSError(number, os.strerror(number))

    form = api.ExportFormat(".x", "x", "", refuse)
    with pytest.raises(CaptureError, match=sentence):
        export(reader, Catalog(reader), Scope(), tmp_path / "out.x", form=form)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capture"]


def test_a_place_that_does_not_exist(reader, tmp_path):
    with pytest.raises(CaptureError, match=r"No such file or directory\. Choose another place"):
        export(reader, Catalog(reader), Scope(), tmp_path / "no" / "out.csv")
