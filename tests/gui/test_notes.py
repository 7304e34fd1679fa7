"""Highlights and notes: put on bytes, listed, edited, removed, undone; kept beside the capture and said when not."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDockWidget, QLineEdit, QMainWindow, QMenu
from pytestqt.qtbot import QtBot

from explorer.capture import notes as notes_module
from explorer.capture.library import Library, open_capture
from explorer.capture.notes import FILE, Note, NotesFile
from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.stream import CallPart
from explorer.capture.writer import Writer
from explorer.core.tally import Tally
from explorer.ui.capture_files import CaptureFiles
from explorer.ui.entries import Notice
from explorer.ui.models.notes_model import BYTES, COLOR, SIZE, TEXT, WHERE
from explorer.ui.note_actions import act_on_note, note_actions
from explorer.ui.panes.bytes_pane import BytesPane
from explorer.ui.panes.messages_pane import MessagesPane
from explorer.ui.panes.notes_pane import NotesPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.byte_highlights import highlights_in
from explorer.ui.widgets.byte_window import ByteWindow
from explorer.ui.workbench import Workbench
from tests.fakes.untraced import untraced
from tests.gui.test_messages_pane import put, wait_for_rows


@pytest.fixture
def pane(workbench: Workbench, theme: Theme, qtbot: QtBot) -> NotesPane:
    made = NotesPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.show()
    made.activateWindow()
    qtbot.waitActive(made)
    return made


def cells(pane: NotesPane, row: int) -> list[str]:
    return [str(pane.model.data(pane.model.index(row, column))) for column in range(pane.model.columnCount())]


def on_disk(workbench: Workbench) -> tuple[Note, ...]:
    workbench.notes.flush()
    return NotesFile(workbench.reader.folder).load()


def test_a_note_is_listed_with_its_place_size_and_bytes(pane: NotesPane, workbench: Workbench, writer: Writer) -> None:
    assert pane.stack.currentWidget() is pane.empty
    first = put(writer, b"hello there")
    put(writer, b"of another", connection=2)
    last = put(writer, b"and more")
    workbench.notes.add(Span(first, 6, last, 3, 1, True), 2, "a word")
    assert pane.stack.currentWidget() is pane.table
    assert cells(pane, 0) == ["Green", "a word", "socket 1 #1, recv #0 byte 6", "8", "thereand"]
    workbench.notes.add(Span(first, 0, first, 5), 5)
    assert [cells(pane, row)[COLOR] for row in range(2)] == ["Grey", "Green"]  # in the order of the bytes
    assert cells(pane, 0)[BYTES] == "hello"
    workbench.notes.add(Span(99, 0, 99, 1))
    assert cells(pane, 2)[WHERE:] == ["beyond the end of this capture", "", ""]


def test_the_keyboard_goes_to_what_is_there(pane: NotesPane, workbench: Workbench, writer: Writer) -> None:
    pane.focus_first()
    assert pane.empty.hasFocus()
    number = put(writer, b"hello")
    workbench.notes.add(Span(number, 0, number, 5))
    assert pane.table.hasFocus()  # the list took the sentence's place
    pane.focus_first()
    assert pane.table.hasFocus()


def test_enter_and_click_go_to_the_bytes(pane: NotesPane, workbench: Workbench, writer: Writer, qtbot: QtBot) -> None:
    spans = [Span(call, 0, call, 3) for call in (put(writer, b"one"), put(writer, b"two"))]
    for span in spans:
        workbench.notes.add(span)
    place = pane.table.visualRect(pane.model.index(1, WHERE)).center()
    qtbot.mouseClick(pane.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert workbench.selection.span == spans[1]
    pane.focus_first()
    qtbot.keyClick(pane.table, Qt.Key.Key_Up)
    qtbot.keyClick(pane.table, Qt.Key.Key_Return)
    assert workbench.selection.span == spans[0]


def test_a_note_is_typed_in_place_and_removed_by_key(
    pane: NotesPane, workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    call = put(writer, b"hello")
    workbench.selection.choose_span(Span(call, 0, call, 5), QObject())
    workbench.notes.note_selection()
    editor = pane.table.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "the greeting")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: cells(pane, 0)[TEXT] == "the greeting")
    assert workbench.selection.span == Span(call, 0, call, 5)
    assert on_disk(workbench) == (Note(Span(call, 0, call, 5), 0, "the greeting"),)
    pane.focus_first()
    qtbot.keyClick(pane.table, Qt.Key.Key_Delete)
    assert pane.model.rowCount() == 0
    assert on_disk(workbench) == ()
    assert not (workbench.reader.folder / FILE).exists()
    workbench.undo.undo()
    assert cells(pane, 0)[TEXT] == "the greeting"
    workbench.undo.undo()
    assert cells(pane, 0)[TEXT] == ""
    workbench.undo.undo()
    assert pane.model.rowCount() == 0
    workbench.undo.redo()
    assert pane.model.rowCount() == 1


def test_the_dock_shows_itself_when_a_note_is_to_be_typed(
    workbench: Workbench, theme: Theme, writer: Writer, qtbot: QtBot
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    dock = QDockWidget("Notes", window)
    pane = NotesPane(workbench, theme)
    dock.setWidget(pane)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.show()
    qtbot.waitExposed(window)
    dock.hide()
    call = put(writer, b"hello")
    workbench.selection.choose_span(Span(call, 0, call, 5), QObject())
    workbench.notes.highlight_selection()
    assert not dock.isVisible()
    workbench.notes.note_selection()
    assert dock.isVisible()


def test_menus_highlight_recolour_and_remove(
    pane: NotesPane, workbench: Workbench, theme: Theme, writer: Writer
) -> None:
    span = Span(put(writer, b"hello"), 0, 0, 5)

    def menu(of: Span | None) -> dict[str, object]:
        made = QMenu(pane)
        note_actions(made, workbench.notes, of, theme.colors)
        return {
            action.text(): action.data()
            for one in (made, *made.findChildren(QMenu))
            for action in one.actions()
            if action.isEnabled() and action.data()
        }

    assert menu(None) == {name: data for name, data in menu(span).items() if str(data).startswith("note color")}
    assert act_on_note(workbench.notes, span, menu(span)["Blue"])
    assert [cells(pane, 0)[COLOR], pane.model.rowCount()] == ["Blue", 1]
    assert act_on_note(workbench.notes, span, menu(span)["Green"])  # the same bytes: another colour, not another note
    assert [cells(pane, 0)[COLOR], pane.model.rowCount()] == ["Green", 1]
    act_on_note(workbench.notes, Span(0, 2, 0, 3), "note color 0")
    within = menu(Span(0, 1, 0, 4))
    assert "&Remove 2 highlights" in within
    assert not act_on_note(workbench.notes, span, "hex")
    act_on_note(workbench.notes, Span(0, 1, 0, 4), within["&Remove 2 highlights"])
    assert pane.model.rowCount() == 0
    pane.table.selectAll()
    pane.act("note color 3")  # nothing is selected: nothing happens
    workbench.undo.undo()
    pane.table.selectAll()
    pane.act("note color 3")
    assert {cells(pane, row)[COLOR] for row in range(2)} == {"Purple"}


def test_messages_can_be_highlighted(workbench: Workbench, theme: Theme, writer: Writer, qtbot: QtBot) -> None:
    pane = MessagesPane(workbench, theme)
    qtbot.addWidget(pane)
    pane.show()
    call = put(writer, b"hello")
    wait_for_rows(qtbot, pane, 1)
    pane.table.selectAll()
    pane.note_menu.aboutToShow.emit()
    marking = pane.note_menu.actions()[0].menu()
    assert isinstance(marking, QMenu)
    marking.actions()[1].trigger()
    assert workbench.notes.notes == (Note(Span(call, 0, call, 5, 1, True), 1),)


def test_without_a_selection_it_is_said(workbench: Workbench) -> None:
    heard: list[Notice] = []
    workbench.noticed.connect(heard.append)
    workbench.notes.highlight_selection()
    workbench.notes.note_selection()
    assert ["Nothing is selected" in notice.text for notice in heard] == [True, True]


def test_notes_between_calls_are_found_as_by_looking_at_all(workbench: Workbench) -> None:
    chance = random.Random(5)
    spans = []
    for _ in range(300):
        first = chance.randrange(1000)
        spans.append(Span(first, 0, first + chance.choice((0, 1, 2, 400)), 5))
        workbench.notes.add(spans[-1])
    for _ in range(200):
        low = chance.randrange(1400)
        high = low + chance.randrange(30)
        found = [note.span for note in workbench.notes.notes_between(low, high)]
        assert sorted(map(repr, found)) == sorted(
            repr(span) for span in spans if span.first_call <= high and span.last_call >= low
        )
        assert [span.first_call for span in found] == sorted(span.first_call for span in found)


def test_very_many_notes_cost_little(workbench: Workbench) -> None:
    for number in range(notes_module.MOST_NOTES):
        workbench.notes._items[number] = Note(Span(number, 0, number, 1), 0, "x" * 100)
    workbench.notes._arrange()
    heard: list[Notice] = []
    workbench.noticed.connect(heard.append)
    assert workbench.notes.add(Span(0, 0, 0, 1)) is None
    assert "2,000 highlights and notes" in heard[0].text
    workbench.notes.set_text(7, "seven")
    with untraced():
        begun = time.perf_counter()
        for _ in range(100):
            workbench.notes.notes_between(500, 540)
        each = (time.perf_counter() - begun) / 100
        begun = time.perf_counter()
        workbench.notes.flush()
        saving = time.perf_counter() - begun
    assert each < 0.001
    assert saving < 0.2


def test_a_reopened_capture_has_its_notes_and_another_one_its_own(
    pane: NotesPane, workbench: Workbench, writer: Writer, tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    call = put(writer, b"hello")
    workbench.notes.add(Span(call, 0, call, 5), 1, "kept")
    other = Writer(tmp_path / "other")
    workbench.set_capture(Reader.of(other), workbench.link, Tally())
    assert pane.model.rowCount() == 0
    workbench.undo.undo()  # of the capture before: does nothing here
    assert pane.model.rowCount() == 0
    writer.close()
    other.close()
    viewer = Workbench(open_capture(tmp_path / "capture"), None)
    shown = NotesPane(viewer, theme)
    qtbot.addWidget(shown)
    assert cells(shown, 0)[: SIZE + 1] == ["Orange", "kept", "socket 1 #1, recv #0", "5"]
    viewer.shut_down()


def test_a_damaged_file_is_told_and_kept(
    writer: Writer, tmp_path: Path, qtbot: QtBot, qapp: object, theme: Theme
) -> None:
    call = put(writer, b"hello")
    writer.close()
    (tmp_path / "capture" / FILE).write_text("{half")
    viewer = Workbench(open_capture(tmp_path / "capture"), None)
    heard: list[Notice] = []
    viewer.noticed.connect(heard.append)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard[0].text.startswith("The notes of this capture cannot be read (")
    assert heard[0].serious
    viewer.notes.add(Span(call, 0, call, 5))
    viewer.notes.flush()
    assert "kept as" in heard[-1].text
    assert (tmp_path / "capture" / "notes-set-aside-1.json").read_text() == "{half"
    viewer.shut_down()


def test_on_a_medium_that_cannot_be_written_notes_stay_in_memory_and_travel_with_a_copy(
    writer: Writer, tmp_path: Path, qtbot: QtBot, theme: Theme, qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = put(writer, b"hello")
    writer.close()
    viewer = Workbench(open_capture(tmp_path / "capture"), None)
    pane = NotesPane(viewer, theme)
    qtbot.addWidget(pane)
    pane.show()
    heard: list[Notice] = []
    viewer.noticed.connect(heard.append)

    def refuse(self: NotesFile, notes: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(NotesFile, "save", refuse)
    viewer.notes.add(Span(call, 0, call, 5), 0, "mine")
    viewer.notes.flush()
    assert heard[-1].text.startswith("Notes cannot be saved beside this capture: Read-only file system.")
    assert pane.problem.isVisible()
    assert pane.model.rowCount() == 1
    monkeypatch.undo()
    files = CaptureFiles(viewer, Library(tmp_path / "library"), pane)
    files.save_to(tmp_path / "copy")
    qtbot.waitUntil(lambda: (tmp_path / "copy").exists())
    assert NotesFile(tmp_path / "copy").load() == (Note(Span(call, 0, call, 5), 0, "mine"),)
    viewer.notes.set_text(viewer.notes.numbers[0], "yours")
    viewer.notes.flush()
    assert not pane.problem.isVisible()
    viewer.shut_down()


def test_bytes_are_highlighted_by_menu_and_key_and_painted(
    workbench: Workbench, theme: Theme, writer: Writer, qtbot: QtBot
) -> None:
    pane = BytesPane(workbench, theme)
    qtbot.addWidget(pane)
    pane.resize(900, 400)
    pane.show()
    qtbot.waitExposed(pane)
    put(writer, b"hello there, bytes")
    qtbot.waitUntil(lambda: pane.view.rows.size == 18)

    def painted() -> set[int]:
        picture = pane.view.viewport().grab().toImage()
        return {picture.pixel(x, y) for x in range(picture.width()) for y in range(0, picture.height(), 2)}

    colors = [QColor(color).rgb() for color in theme.colors.highlights]
    assert not painted() & {colors[1], colors[2]}
    pane.view.select(6, 11, by_user=True)
    menu = pane.menu.make_menu()
    marking = next(action for action in menu.actions() if action.text() == "&Highlight").menu()
    assert isinstance(marking, QMenu)
    pane.menu.act(str(next(action.data() for action in marking.actions() if action.text() == "Green")))
    assert workbench.notes.notes == (Note(workbench.selection.span or Span(0, 0, 0, 0), 2),)
    assert (workbench.notes.notes[0].span.first_skip, workbench.notes.notes[0].span.last_skip) == (6, 11)
    pane.view.put_cursor(0)
    assert colors[2] in painted()
    pane.view.select(7, 8, by_user=True)
    pane.menu.act("note remove")
    assert not workbench.notes.numbers
    pane.view.put_cursor(0)
    assert colors[2] not in painted()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 2), st.booleans(), st.integers(1, 4)), min_size=1, max_size=12),
    st.tuples(st.integers(0, 11), st.integers(0, 4)), st.tuples(st.integers(0, 11), st.integers(0, 4)),
    st.none() | st.integers(1, 2), st.none() | st.booleans(),
)  # fmt: skip
def test_highlights_stand_where_the_bytes_of_the_span_do(calls, one, other, connection, received):
    (first, first_skip), (last, last_skip) = sorted((one, other))
    note = Note(Span(first, first_skip, last, last_skip, connection, received), 3, "x")
    parts, wanted, at = [], set(), 0
    for number, (whose, way, length) in enumerate(calls):
        parts.append(CallPart(at, number, 0, length, at, whose, way))
        for skip in range(length):
            inside = (first, first_skip) <= (number, skip) < (last, last_skip)
            if inside and connection in (None, whose) and received in (None, way):
                wanted.add(at + skip)
        at += length
    found = highlights_in(ByteWindow(0, bytes(at), parts=tuple(parts)), [note])
    assert [place for mark in found for place in range(mark.start, mark.stop)] == sorted(wanted)
    assert all(mark.color == 3 and mark.note for mark in found)
    assert all(before.stop < after.start for before, after in pairwise(found))
