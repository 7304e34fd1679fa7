"""The rows of the Notes dock: they stay while others come and go, and count their bytes beside the window."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from explorer.capture.reader import Reader
from explorer.capture.span import Span
from explorer.capture.writer import Writer
from explorer.core.socket_spec import SocketSpec
from explorer.core.tally import Tally
from explorer.ui import note_bytes
from explorer.ui.models.notes_model import COLOR, COUNTING, SIZE, TEXT
from explorer.ui.panes.notes_pane import NotesPane
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.test_messages_pane import put
from tests.gui.test_notes import cells, pane

__all__ = ["pane"]


def test_a_note_that_is_being_typed_stays_when_others_come_go_and_change(
    pane: NotesPane, workbench: Workbench, writer: Writer, qtbot: QtBot, theme: Theme
) -> None:
    spans = [Span(call, 0, call, 3) for call in (put(writer, b"one"), put(writer, b"two"), put(writer, b"three"))]
    workbench.notes.add(spans[2])
    workbench.notes.add_and_edit(spans[1])
    editor = pane.table.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "a long thought")
    first = workbench.notes.add(spans[0], 3)
    assert first is not None
    workbench.notes.set_color([first, *workbench.notes.touching(spans[1])], 1)
    workbench.notes.remove([first, *workbench.notes.touching(spans[2])])
    workbench.undo.undo()
    theme.changed.emit()
    assert editor.isVisible()
    assert editor.text() == "a long thought"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [note.text for note in workbench.notes.notes] == ["", "a long thought", ""])
    assert [cells(pane, row)[TEXT] for row in range(3)] == ["", "a long thought", ""]
    assert [cells(pane, row)[COLOR] for row in range(3)] == ["Orange", "Orange", "Yellow"]


def test_rows_come_and_go_as_the_notes_do(pane: NotesPane, workbench: Workbench, writer: Writer) -> None:
    spans = [Span(call, 0, call, 3) for call in [put(writer, b"abc") for _ in range(12)]]
    chance = random.Random(3)
    followed: dict[int, QPersistentModelIndex] = {}
    workbench.notes.add(spans[5])
    kept = workbench.notes.numbers[0]
    for _ in range(60):
        others = [number for number in workbench.notes.numbers if number != kept]
        if chance.random() < 0.6:
            workbench.notes.add(chance.choice(spans))
        else:
            workbench.notes.remove(chance.sample(others, min(len(others), chance.randrange(1, 5))))
        numbers = workbench.notes.numbers
        assert [pane.model.number(row) for row in range(pane.model.rowCount())] == list(numbers)
        for number, index in followed.items():
            assert index.row() == (numbers.index(number) if number in numbers else -1)
        followed = {number: QPersistentModelIndex(pane.model.index(row, 0)) for row, number in enumerate(numbers)}


def test_long_notes_are_counted_beside_the_window_and_once(
    pane: NotesPane, workbench: Workbench, writer: Writer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2000):
        put(writer, b"abcd", connection=1 + number % 2)
    threads: list[int] = []
    count = note_bytes.span_size

    def counted(reader: Reader, span: Span) -> int | None:
        threads.append(threading.get_ident())
        return count(reader, span)

    monkeypatch.setattr(note_bytes, "span_size", counted)
    workbench.notes.add(Span(0, 1, 1000, 2, 1, True))
    assert cells(pane, 0)[SIZE:] == [COUNTING, ""]
    qtbot.waitUntil(lambda: cells(pane, 0)[SIZE] != COUNTING)
    assert cells(pane, 0)[SIZE:] == ["2,001", ("abcd" * 9)[1:33]]
    for _ in range(3):
        pane.table.viewport().repaint()
        assert cells(pane, 0)[SIZE] == "2,001"
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


def test_edits_of_notes_of_another_capture_are_not_offered_to_be_undone(
    workbench: Workbench, writer: Writer, tmp_path: Path
) -> None:
    call = put(writer, b"hello")
    undo = workbench.undo
    workbench.notes.add(Span(call, 0, call, 1))
    workbench.add_socket(SocketSpec("echo"))
    workbench.notes.add(Span(call, 0, call, 5))
    workbench.notes.add(Span(call, 1, call, 5))
    undo.undo()  # this one could be redone
    other = Writer(tmp_path / "other")
    workbench.set_capture(Reader.of(other), workbench.link, Tally())
    assert (undo.undoText(), undo.redoText()) == ("add echo", "")
    undo.undo()
    assert (undo.undoText(), undo.redoText()) == ("", "add echo")
    assert not undo.canUndo()
    undo.redo()
    assert (undo.canUndo(), undo.canRedo(), len(workbench.sockets)) == (True, False, 1)
    other.close()
