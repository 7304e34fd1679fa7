"""Notes beside a capture: they come back as they were; what cannot be read is said, and never lost."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.capture import notes as notes_module
from explorer.capture.library import open_capture, save_as
from explorer.capture.notes import COLORS, FILE, MOST_TEXT, Note, NotesFile, bounded
from explorer.capture.span import Span
from explorer.core.calls import CallKind
from tests.capture.making import small_writer, traffic

NUMBERS = st.integers(0, 1 << 40)
PLACES = st.tuples(NUMBERS, NUMBERS)


def span_between(one: tuple[int, int], other: tuple[int, int], connection: int | None, received: bool | None) -> Span:
    (first, first_skip), (last, last_skip) = sorted((one, other))
    return Span(first, first_skip, last, last_skip, connection, received)


SPANS = st.builds(span_between, PLACES, PLACES, st.none() | NUMBERS, st.none() | st.booleans())
NOTES = st.builds(Note, SPANS, st.integers(0, COLORS - 1), st.text(max_size=40)).map(bounded)
SOUND = Note(Span(1, 0, 2, 5, 3, True), 4, "the greeting")


@settings(max_examples=50, deadline=None)
@given(st.lists(NOTES, max_size=8))
def test_notes_come_back_as_they_were(notes):
    with tempfile.TemporaryDirectory() as folder:
        NotesFile(Path(folder)).save(notes)
        file = NotesFile(Path(folder))
        assert file.load() == tuple(notes)
        assert not file.warning
        assert os.listdir(folder) == ([FILE] if notes else [])


@settings(max_examples=200, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(("version", "notes", "first", "last", "connection", "received", "color", "text")), inner
    ),
))  # fmt: skip
def test_no_file_is_taken_for_more_than_it_is(given_json):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, FILE).write_text(json.dumps(given_json))
        file = NotesFile(Path(folder))
        for note in file.load():
            assert 0 <= note.color < COLORS
        sound = isinstance(given_json, dict) and given_json.get("notes") == []
        # True and 1.0 are equal to 1, but no number of a format.
        sound = sound and repr(given_json.get("version")) == "1"
        assert bool(file.warning) is not sound


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read"),
        (b"\xff\xfe{}", "cannot be read"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"version": 2, "notes": []}', "it has format 2, and this program reads format 1"),
        (b'{"version": 1}', "its list of notes is missing"),
        (b'{"version": true, "notes": []}', "no file of notes"),
    ],
)
def test_a_damaged_file_is_set_aside_only_when_others_are_saved(tmp_path, content, sentence):
    path = tmp_path / FILE
    path.write_bytes(content)
    file = NotesFile(tmp_path)
    assert file.load() == ()
    assert sentence in file.warning
    assert path.read_bytes() == content
    aside = file.save([SOUND])
    assert aside is not None
    assert aside.read_bytes() == content
    assert NotesFile(tmp_path).load() == (SOUND,)
    assert file.save([]) is None  # once is enough
    assert sorted(os.listdir(tmp_path)) == [aside.name]


def test_of_a_file_with_one_bad_note_the_others_are_read(tmp_path):
    NotesFile(tmp_path).save([SOUND, SOUND])
    path = tmp_path / FILE
    path.write_text(path.read_text().replace('"color": 4', '"color": 99', 1))
    before = path.read_bytes()
    file = NotesFile(tmp_path)
    assert file.load() == (SOUND,)
    assert file.warning.startswith("1 note of this capture cannot be read")
    aside = file.save([])
    assert aside is not None
    assert aside.read_bytes() == before


def test_a_file_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(notes_module, "_LARGEST", 10)
    NotesFile(tmp_path).save([SOUND])
    file = NotesFile(tmp_path)
    assert file.load() == ()
    assert "larger" in file.warning


def test_text_that_no_file_can_hold_is_replaced(tmp_path):
    note = bounded(Note(SOUND.span, 0, "half \ud800" + "x" * MOST_TEXT))
    assert len(note.text) == MOST_TEXT
    NotesFile(tmp_path).save([note])
    assert NotesFile(tmp_path).load() == (note,)


def test_a_saved_capture_has_the_notes(tmp_path):
    writer = small_writer(tmp_path / "capture")
    traffic(writer, CallKind.recv, b"hello")
    writer.close()
    (tmp_path / "capture" / "notes-set-aside-1.json").write_text("kept")
    reader = open_capture(tmp_path / "capture")
    note = Note(Span(0, 0, 0, 5), 1, "said")
    assert save_as(reader, tmp_path / "copy", notes=[note])
    assert NotesFile(tmp_path / "copy").load() == (note,)
    assert (tmp_path / "copy" / "notes-set-aside-1.json").read_text() == "kept"
    NotesFile(tmp_path / "capture").save([note])
    assert save_as(reader, tmp_path / "other", notes=[])  # removed, but not yet written
    assert NotesFile(tmp_path / "other").load() == ()
    (tmp_path / "capture" / FILE).write_text("damaged")
    assert save_as(reader, tmp_path / "third", notes=[])
    assert (tmp_path / "third" / FILE).read_text() == "damaged"
    reader.close()


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not closed by their mode there")
def test_only_the_owner_can_read_them(tmp_path):
    NotesFile(tmp_path).save([SOUND])
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
