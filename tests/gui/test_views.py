"""What was chosen for the sockets of a capture: there again when it is opened, saved, recovered, looked at later."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.library import Library, open_capture
from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.views import FILE, View, ViewsFile
from explorer.capture.writer import Writer
from explorer.core.calls import CallKind
from explorer.core.errors import InputError
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.tally import Tally
from explorer.ui.capture_files import CaptureFiles
from explorer.ui.captured import Captured
from explorer.ui.entries import Notice
from explorer.ui.socket_encoding import encoding_of
from explorer.ui.workbench import Workbench
from tests.capture.making import accepted, closed, traffic
from tests.capture.test_timed_messages import Clock
from tests.fakes.any_framing import KINDS, SPECIAL, make, usual_choices
from tests.gui.conftest import FakeLink, set_framing

MODBUS = Choice("length", {"width": 2, "checksum": "crc16-modbus", "checksum_order": "little"})
RAW = Choice("raw")
LINES = Choice("line", {"ending": "lf"})
CHOSEN = [choice for kind in KINDS for choice in usual_choices(kind)[:: max(1, len(usual_choices(kind)) - 1)]]
Row = tuple[object, ...]


def name_of(choice: Choice) -> str:
    return f"{choice.kind} {dict(choice.settings)}"


def start(workbench: Workbench, writer: Writer, name: str = "server", framing: Choice = RAW) -> int:
    """A socket that is started, and recorded as the engine records it."""
    number = workbench.add_socket(SocketSpec(name, framing=framing))
    start_again(workbench, writer, number)
    return number


def start_again(workbench: Workbench, writer: Writer, number: int) -> None:
    workbench.start(number)
    entry = workbench.socket(number)
    assert entry is not None
    spec = entry.spec
    detail = {"name": spec.name, "transport": "tcp", "role": "server", "encoding": spec.encoding}
    writer.add_detail(CallKind.socket, number, 0, {**detail, "framing": spec.framing.to_json()})


def put_frames(writer: Writer, socket: int, choice: Choice) -> None:
    """Frames of one connection in both directions, noise behind some of them, silence between some."""
    chance, clock, framer = random.Random(7), Clock(writer), make(choice)
    accepted(writer, 1, socket=socket)
    for _ in range(20):
        clock.time += chance.choice((1, 500)) * 1_000_000
        try:
            frame = framer.encode(chance.choice((b"abcd", b"1234")))
        except InputError:  # another size is fixed
            frame = b"abcdefg"
        traffic(writer, chance.choice((CallKind.recv, CallKind.send)), frame + chance.choice((b"", *SPECIAL)))
    closed(writer, 1, socket=socket)


def stop(workbench: Workbench, number: int) -> None:
    workbench._sockets._change(number, starting=False)  # the engine's news of a stop


def set_encoding(workbench: Workbench, number: int, encoding: str) -> None:
    entry = workbench.socket(number)
    assert entry is not None
    workbench.edit_socket(number, replace(entry.spec, encoding=encoding))


def rows(workbench: Workbench, scope: Scope, qtbot: QtBot) -> list[Row]:
    """What the Messages table is made of."""
    looking = QObject()
    workbench.selection.choose_scope(scope)
    workbench.messages.use(looking)
    found = workbench.messages.messages
    assert found is not None
    qtbot.waitUntil(lambda: found.done == workbench.reader.count and workbench.indexer.idle)
    made: list[Row] = []
    for number in range(found.rows):
        message = found.message(number)
        made.append((message, found.payload(message)))
    workbench.messages.leave(looking)
    return made


def spec_of(workbench: Workbench, number: int) -> SocketSpec:
    entry = workbench.socket(number)
    assert entry is not None
    return entry.spec


@pytest.fixture
def reopen(qapp: object) -> Iterator[Callable[[Path], Workbench]]:
    made: list[Workbench] = []

    def work(folder: Path) -> Workbench:
        made.append(Workbench(open_capture(folder), None))
        return made[-1]

    yield work
    for one in made:
        one.shut_down()
        one.deleteLater()


@pytest.fixture
def save(workbench: Workbench, qtbot: QtBot, tmp_path: Path) -> Callable[[Path], Captured]:
    """Saves the capture as the File menu does, and opens the copy."""
    window = QWidget()
    qtbot.addWidget(window)
    files = CaptureFiles(workbench, Library(tmp_path / "library"), window)

    def work(folder: Path) -> Captured:
        files.save_to(folder)
        qtbot.waitUntil(folder.exists)
        with qtbot.waitSignal(files.opened) as opened:
            files.open_folder(folder)
        captured = opened.args[0]
        assert isinstance(captured, Captured)
        return captured

    return work


@pytest.fixture
def viewer_of(qapp: object) -> Iterator[Callable[[Captured], Workbench]]:
    made: list[Workbench] = []

    def work(captured: Captured) -> Workbench:
        made.append(Workbench(captured, None))
        return made[-1]

    yield work
    for one in made:
        one.shut_down()
        one.deleteLater()


@pytest.mark.parametrize("choice", CHOSEN, ids=name_of)
def test_a_saved_capture_reopens_with_the_same_messages(
    workbench: Workbench,
    writer: Writer,
    save: Callable[[Path], Captured],
    viewer_of: Callable[[Captured], Workbench],
    tmp_path: Path,
    qtbot: QtBot,
    choice: Choice,
) -> None:
    number = start(workbench, writer, framing=LINES if choice.kind != "line" else RAW)
    put_frames(writer, number, choice)
    started_with = rows(workbench, Scope(number), qtbot)
    set_framing(workbench, number, choice)
    set_encoding(workbench, number, "cp500")
    shown = [rows(workbench, scope, qtbot) for scope in (Scope(number), Scope())]
    assert shown[0] != started_with
    viewer = viewer_of(save(tmp_path / "saved"))
    spec = spec_of(viewer, number)
    assert (spec.framing, spec.encoding) == (choice, "cp500")
    assert [rows(viewer, scope, qtbot) for scope in (Scope(number), Scope())] == shown


def test_only_what_differs_from_the_record_is_written(workbench: Workbench, writer: Writer, qtbot: QtBot) -> None:
    first, second = start(workbench, writer, "first"), start(workbench, writer, "second", LINES)
    workbench.add_socket(SocketSpec("never started", framing=LINES))
    qtbot.waitUntil(lambda: workbench.catalog.done == writer.count)
    workbench.views.flush()
    assert not (writer.folder / FILE).exists()
    set_framing(workbench, first, MODBUS)
    set_encoding(workbench, second, "latin-1")
    workbench.views.flush()
    assert ViewsFile(writer.folder).load() == {first: View(MODBUS), second: View(None, "latin-1")}
    set_framing(workbench, first, RAW)
    set_encoding(workbench, second, "utf-8")
    workbench.views.flush()
    assert not (writer.folder / FILE).exists()


def test_a_change_is_written_soon_and_not_by_the_windows_thread(
    workbench: Workbench, writer: Writer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = start(workbench, writer)
    writers: list[int] = []
    saving = ViewsFile.save

    def watched(self: ViewsFile, views: dict[int, View]) -> Path | None:
        writers.append(threading.get_ident())
        return saving(self, views)

    monkeypatch.setattr(ViewsFile, "save", watched)
    with qtbot.waitSignal(workbench.views.saved):
        for framing in (LINES, Choice("slip"), MODBUS):
            set_framing(workbench, number, framing)
    assert ViewsFile(writer.folder).load() == {number: View(MODBUS)}
    assert len(writers) == 1
    assert writers[0] != threading.get_ident()


def test_a_late_writing_does_not_undo_a_later_one(
    workbench: Workbench, writer: Writer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The timer's job waits behind others while the window saves what was chosen since."""
    number = start(workbench, writer)
    go_on, waiting = threading.Event(), [threading.Event(), threading.Event()]

    def hold(event: threading.Event) -> Callable[[object], None]:
        def work(progress: object) -> None:
            event.set()
            go_on.wait(10)

        return work

    for event in waiting:
        workbench.jobs.start("Hold the line", hold(event))
    qtbot.waitUntil(lambda: all(event.is_set() for event in waiting))
    set_framing(workbench, number, LINES)
    workbench.views._save()
    set_framing(workbench, number, MODBUS)
    workbench.views.flush()
    go_on.set()
    workbench.jobs.shut_down()
    assert ViewsFile(writer.folder).load() == {number: View(MODBUS)}


def test_a_socket_started_again_is_shown_by_its_latest_choice(
    workbench: Workbench, writer: Writer, qtbot: QtBot, reopen: Callable[[Path], Workbench]
) -> None:
    number = start(workbench, writer, framing=LINES)
    set_framing(workbench, number, MODBUS)
    stop(workbench, number)
    start_again(workbench, writer, number)  # recorded as it is now
    qtbot.waitUntil(lambda: workbench.catalog.done == writer.count)
    workbench.views.flush()
    assert not (writer.folder / FILE).exists()
    set_framing(workbench, number, LINES)  # as it was recorded first
    workbench.views.flush()
    assert ViewsFile(writer.folder).load() == {number: View(LINES)}
    writer.close()
    assert spec_of(reopen(writer.folder), number).framing == LINES


def test_a_start_that_failed_before_anything_was_recorded_is_no_record(
    workbench: Workbench, writer: Writer, qtbot: QtBot
) -> None:
    number = start(workbench, writer, framing=LINES)
    stop(workbench, number)
    set_framing(workbench, number, MODBUS)
    workbench.start(number)
    qtbot.waitUntil(lambda: workbench.catalog.done == writer.count)
    workbench.views.flush()
    assert ViewsFile(writer.folder).load() == {number: View(MODBUS)}


def test_what_was_removed_is_shown_as_it_was_last(
    workbench: Workbench, writer: Writer, qtbot: QtBot, reopen: Callable[[Path], Workbench]
) -> None:
    number = start(workbench, writer)
    accepted(writer, 1, socket=number)
    traffic(writer, CallKind.recv, b"one\ntwo\n", socket=number)
    set_framing(workbench, number, LINES)
    set_encoding(workbench, number, "latin-1")
    shown = rows(workbench, Scope(), qtbot)
    assert len(shown) == 2
    workbench.remove_socket(number)
    assert rows(workbench, Scope(), qtbot) == shown
    assert encoding_of(workbench, number) == "latin-1"
    workbench.undo.undo()
    set_framing(workbench, number, MODBUS)
    assert rows(workbench, Scope(), qtbot) != shown
    workbench.undo.undo()
    workbench.remove_socket(number)
    writer.close()
    workbench.views.flush()
    viewer = reopen(writer.folder)
    assert (spec_of(viewer, number).framing, spec_of(viewer, number).encoding) == (LINES, "latin-1")
    assert rows(viewer, Scope(), qtbot) == shown


def test_after_a_crash_the_choice_is_there(
    workbench: Workbench, writer: Writer, qtbot: QtBot, tmp_path: Path, reopen: Callable[[Path], Workbench]
) -> None:
    number = start(workbench, writer)
    set_framing(workbench, number, MODBUS)
    qtbot.waitUntil((writer.folder / FILE).exists)
    shutil.copytree(writer.folder, tmp_path / "left")  # what a killed program leaves: not closed
    viewer = reopen(tmp_path / "left")
    assert any("without closing" in warning for warning in viewer.reader.warnings)
    assert spec_of(viewer, number).framing == MODBUS


def test_another_capture_has_views_of_its_own(
    workbench: Workbench, writer: Writer, link: FakeLink, tmp_path: Path
) -> None:
    number = start(workbench, writer)
    set_framing(workbench, number, MODBUS)
    other = Writer(tmp_path / "other")
    workbench.set_capture(Reader.of(other), link, Tally())
    assert ViewsFile(writer.folder).load() == {number: View(MODBUS)}
    assert workbench.views.of(number) is None
    start_again(workbench, other, number)
    workbench.views.flush()
    assert not (tmp_path / "other" / FILE).exists()
    set_framing(workbench, number, LINES)
    workbench.views.flush()
    assert ViewsFile(writer.folder).load() == {number: View(MODBUS)}
    assert ViewsFile(tmp_path / "other").load() == {number: View(LINES)}
    other.close()


def test_what_is_chosen_in_a_viewer_is_kept(
    workbench: Workbench, writer: Writer, reopen: Callable[[Path], Workbench], tmp_path: Path
) -> None:
    first, second = start(workbench, writer, "first"), start(workbench, writer, "second")
    writer.close()
    viewer = reopen(writer.folder)
    set_framing(viewer, first, MODBUS)
    set_encoding(viewer, second, "koi8-r")
    viewer.undo.undo()
    set_encoding(viewer, second, "cp037")
    viewer.shut_down()
    again = reopen(writer.folder)
    assert (spec_of(again, first).framing, spec_of(again, second).encoding) == (MODBUS, "cp037")
    set_framing(again, first, RAW)
    again.shut_down()
    assert ViewsFile(writer.folder).load() == {second: View(None, "cp037")}


def test_choices_of_a_later_version_are_told_and_kept(
    workbench: Workbench, writer: Writer, reopen: Callable[[Path], Workbench], qtbot: QtBot
) -> None:
    number = start(workbench, writer, framing=LINES)
    writer.close()
    later = '{"version": 1, "views": [{"socket": 1, "framing": {"kind": "asn1"}}]}'
    (writer.folder / FILE).write_text(later)
    viewer = reopen(writer.folder)
    heard: list[Notice] = []
    viewer.noticed.connect(heard.append)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard[0].serious
    assert "There is no framing called 'asn1'" in heard[0].text
    assert spec_of(viewer, number).framing == LINES
    set_framing(viewer, number, MODBUS)
    viewer.undo.undo()
    viewer.views.flush()
    assert (writer.folder / FILE).read_text() == later
    set_framing(viewer, number, MODBUS)
    viewer.views.flush()
    assert heard[-1].text.startswith("What could not be read is kept as ")
    assert (writer.folder / "views-set-aside-1.json").read_text() == later
    assert ViewsFile(writer.folder).load() == {number: View(MODBUS)}


def test_choices_for_sockets_that_the_capture_does_not_tell_of_stay(
    workbench: Workbench, writer: Writer, reopen: Callable[[Path], Workbench]
) -> None:
    number = start(workbench, writer)
    writer.close()
    ViewsFile(writer.folder).save({77: View(LINES)})  # its record is damaged
    viewer = reopen(writer.folder)
    set_framing(viewer, number, MODBUS)
    viewer.views.flush()
    assert ViewsFile(writer.folder).load() == {number: View(MODBUS), 77: View(LINES)}


def test_on_a_medium_that_cannot_be_written_choices_stay_in_memory_and_travel_with_a_copy(
    workbench: Workbench,
    writer: Writer,
    save: Callable[[Path], Captured],
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number = start(workbench, writer)
    heard: list[Notice] = []
    workbench.noticed.connect(heard.append)

    def refuse(self: ViewsFile, views: object) -> None:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(ViewsFile, "save", refuse)
        with qtbot.waitSignal(workbench.views.saved):
            set_framing(workbench, number, MODBUS)
        assert [notice.text for notice in heard] == [workbench.views.problem]
        assert heard[0].text.startswith("The framings and encodings chosen here cannot be saved beside this capture: R")
        assert heard[0].serious
        with qtbot.waitSignal(workbench.views.saved):
            set_framing(workbench, number, LINES)
        assert len(heard) == 1  # once is enough
    captured = save(tmp_path / "copy")
    assert captured.views == {number: View(LINES)}
    captured.reader.close()
    set_framing(workbench, number, MODBUS)
    workbench.views.flush()
    assert workbench.views.problem == ""
    assert ViewsFile(writer.folder).load() == {number: View(MODBUS)}
