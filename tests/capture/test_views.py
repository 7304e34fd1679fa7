"""Framings and encodings beside a capture: they come back as they were; what cannot be used is said, never lost."""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture import views as views_module
from explorer.capture.library import open_capture, save_as
from explorer.capture.views import FILE, View, ViewsFile
from explorer.core.calls import CallKind
from explorer.core.socket_spec import Choice
from explorer.wire.framing.registry import check_choice
from explorer.wire.text import ENCODINGS
from tests.capture.making import small_writer, traffic
from tests.fakes.any_framing import KINDS, some_choice

MODBUS = View(Choice("length", {"width": 2, "checksum": "crc16-modbus", "checksum_order": "little"}), "latin-1")
LINES = View(Choice("line", {"ending": "crlf"}))

CHOICES = st.builds(
    lambda kind, seed: some_choice(kind, random.Random(seed)), st.sampled_from(KINDS), st.integers(0, 1 << 32)
)
VIEWS = st.builds(
    View, st.none() | CHOICES, st.none() | st.sampled_from([encoding.name for encoding in ENCODINGS] + ["iso8859-2"])
)
WORDS = (
    "version", "views", "socket", "framing", "encoding", "kind", "width", "size", "ending", "hex", "max", "checksum",
    "line", "length", "fixed", "delimiter", "utf-8", "rot13", "a\0b",
)  # fmt: skip


def reopened(folder: Path) -> tuple[dict[int, View], str]:
    file = ViewsFile(folder)
    return file.load(), file.warning


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(1, (1 << 32) - 1), VIEWS, max_size=6))
def test_views_come_back_as_they_were(views):
    with tempfile.TemporaryDirectory() as folder:
        ViewsFile(Path(folder)).save(views)
        there = {socket: view for socket, view in views.items() if view != View()}
        assert reopened(Path(folder)) == (there, "")
        assert os.listdir(folder) == ([FILE] if there else [])


@settings(max_examples=300, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
))  # fmt: skip
def test_no_file_is_taken_for_more_than_it_is(inner):
    for given_json in (
        inner,
        {"version": 1, "views": inner},
        {"version": 1, "views": [inner, {"socket": 1, "framing": inner}, {"socket": 2, "encoding": inner}]},
    ):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, FILE).write_text(json.dumps(given_json))
            views, warning = reopened(Path(folder))
            for view in views.values():
                assert view.framing is None or check_choice(view.framing.to_json()) == view.framing
                assert view.encoding is None or "".encode(view.encoding) is not None
            entries = given_json.get("views") if isinstance(given_json, dict) else None
            asked = sum(
                (one.get("framing") is not None) + (one.get("encoding") is not None)
                for one in (entries if isinstance(entries, list) else [])
                if isinstance(one, dict)
            )
            taken = sum((view.framing is not None) + (view.encoding is not None) for view in views.values())
            assert warning or asked == taken, "what was left out is said"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read"),
        (b"\xff\xfe{}", "cannot be read"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"version": 2, "views": []}', "it has format 2, and this program reads format 1"),
        (b'{"version": 1}', "its list of views is missing"),
        (b'{"version": true, "views": []}', "no file of views"),
    ],
)
def test_a_damaged_file_is_set_aside_only_when_another_is_saved(tmp_path, content, sentence):
    path = tmp_path / FILE
    path.write_bytes(content)
    file = ViewsFile(tmp_path)
    assert file.load() == {}
    assert sentence in file.warning
    assert "sockets are shown as they were recorded" in file.warning
    assert "kept under another name" in file.warning
    assert path.read_bytes() == content
    aside = file.save({2: MODBUS})
    assert aside is not None
    assert aside.read_bytes() == content
    assert reopened(tmp_path) == ({2: MODBUS}, "")
    assert file.save({}) is None  # once is enough
    assert os.listdir(tmp_path) == [aside.name] == ["views-set-aside-1.json"]


@pytest.mark.parametrize(
    ("entry", "left", "sentence"),
    [
        (
            '{"socket": 3, "framing": {"kind": "asn1"}}',
            View(),
            "Framing of socket 3: There is no framing called 'asn1'",
        ),
        ('{"socket": 3, "framing": {"kind": "line", "end": "\\u2028"}}', View(), "There is no setting called 'end'"),
        (
            '{"socket": 3, "framing": {"kind": "length", "width": 9}, "encoding": "cp037"}',
            View(None, "cp037"),
            "1 to 8",
        ),
        ('{"socket": 3, "framing": {"kind": "line"}, "encoding": "utf-99"}', View(Choice("line")), "called 'utf-99'"),
        ('{"socket": 3, "encoding": "rot13"}', View(), "no text encoding called 'rot13'"),
        ('{"socket": 3, "encoding": ["utf-8"]}', View(), "no text encoding"),
        ('{"socket": true, "encoding": "utf-8"}', View(), "no number of a socket"),
        ('{"socket": 0, "encoding": "utf-8"}', View(), "no number of a socket"),
        ('{"socket": 2, "encoding": "utf-8"}', View(), "Socket 2 is in it twice"),
        ("7", View(), "no number of a socket"),
    ],
)
def test_of_a_file_with_one_bad_choice_the_others_are_used(tmp_path, entry, left, sentence):
    ViewsFile(tmp_path).save({2: MODBUS, 4: LINES})
    path = tmp_path / FILE
    path.write_text(path.read_text().replace("\n]}", f",\n{entry}\n]}}"))
    before = path.read_bytes()
    file = ViewsFile(tmp_path)
    assert file.load() == {2: MODBUS, 4: LINES} | ({3: left} if left != View() else {})
    assert file.warning.startswith("1 choice of framing or encoding in this capture cannot be used (")
    assert sentence in file.warning
    assert "What was recorded is used instead." in file.warning
    aside = file.save({2: MODBUS})
    assert aside is not None
    assert aside.read_bytes() == before


def test_of_many_that_are_wrong_the_first_is_told(tmp_path):
    entries = [{"socket": number, "framing": {"kind": f"kind {number}"}} for number in (1, 2, 3)]
    (tmp_path / FILE).write_text(json.dumps({"version": 1, "views": entries}))
    views, warning = reopened(tmp_path)
    assert views == {}
    assert warning.startswith("3 choices of framing or encoding")
    assert ", the first because of this: Framing of socket 1:" in warning


def test_a_file_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(views_module, "_LARGEST", 10)
    ViewsFile(tmp_path).save({2: MODBUS})
    views, warning = reopened(tmp_path)
    assert views == {}
    assert "larger" in warning


def test_what_is_no_file_is_told(tmp_path):
    (tmp_path / FILE).mkdir()
    views, warning = reopened(tmp_path)
    assert views == {}
    assert "cannot be read" in warning


def test_a_saved_capture_has_the_views(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"hello")
    writer.close()
    (tmp_path / "capture" / "views-set-aside-1.json").write_text("kept")
    reader = open_capture(tmp_path / "capture")
    ViewsFile(tmp_path / "capture").save({1: LINES})
    assert save_as(reader, tmp_path / "same")  # those of the file
    assert reopened(tmp_path / "same") == ({1: LINES}, "")
    assert (tmp_path / "same" / "views-set-aside-1.json").read_text() == "kept"
    assert save_as(reader, tmp_path / "other", views={1: MODBUS})  # changed, but not yet written
    assert reopened(tmp_path / "other") == ({1: MODBUS}, "")
    assert save_as(reader, tmp_path / "none", views={})
    assert not (tmp_path / "none" / FILE).exists()
    (tmp_path / "capture" / FILE).write_text("damaged")
    assert save_as(reader, tmp_path / "third", views={})
    assert (tmp_path / "third" / FILE).read_text() == "damaged"
    reader.close()


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not closed by their mode there")
def test_only_the_owner_can_read_them(tmp_path):
    ViewsFile(tmp_path).save({1: LINES})
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
