"""The whole window over the real engine: what a new user clicks and types."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from explorer import workspace
from explorer.app import Program
from explorer.capture.stream import ByteStream, Scope
from explorer.core.commands import Target
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.settings import Settings
from explorer.ui.panes.sockets_pane import SocketsPane
from explorer.ui.theme import Theme
from explorer.ui.try_it import LINE

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    made = Program(Theme("light"), Settings(tmp_path))
    made.open(None, start=False)
    qtbot.waitExposed(made.window)
    yield made
    made.window.close()


def _state(program: Program, number: int) -> State:
    entry = program.workbench.socket(number)
    assert entry is not None
    return entry.state


def _received(program: Program, scope: Scope) -> bytes:
    stream = ByteStream(program.workbench.reader, scope, received=True, sent=False)
    while stream.index.advance():
        pass
    return stream.read(0, stream.size)


def test_first_start_offers_two_choices_and_one_button(program: Program) -> None:
    window = program.window
    assert window.stack.currentWidget() is window.welcome
    names = {button.accessibleName() for button in window.welcome.findChildren(QToolButton)}
    assert names == {"Wait for others", "Connect to something"}


def test_try_it_shows_a_line_coming_back(program: Program, qtbot: QtBot) -> None:
    button = next(b for b in program.window.welcome.findChildren(QPushButton) if "Try it" in b.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: program.live.tally.received == 2 * len(LINE), timeout=10_000)
    client = program.workbench.sockets[1]
    assert _received(program, Scope(client.number)) == LINE
    assert program.window.stack.currentIndex() == 1
    assert program.workbench.selection.scope == Scope(client.number)


def test_a_server_by_keyboard_alone(program: Program, qtbot: QtBot) -> None:
    window = program.window
    window.activateWindow()
    window.actions_["new_server"].trigger()
    (entry,) = program.workbench.sockets
    program.workbench.edit_socket(entry.number, SocketSpec("server", "tcp", "server", "127.0.0.1", 0))
    window.actions_["start"].trigger()
    qtbot.waitUntil(lambda: _state(program, entry.number) is State.LISTEN, timeout=10_000)
    local = program.workbench.sockets[0].local
    assert local is not None
    with socket.create_connection((local.host, local.port)) as peer:
        peer.sendall(b"\x00\xffhello")
        qtbot.waitUntil(lambda: _received(program, Scope(entry.number)) == b"\x00\xffhello", timeout=10_000)
    qtbot.waitUntil(window.actions_["stop"].isEnabled, timeout=10_000)
    window.actions_["stop"].trigger()
    qtbot.waitUntil(lambda: _state(program, entry.number) is State.CLOSED, timeout=10_000)


def test_add_remove_and_undo(program: Program) -> None:
    window, bench = program.window, program.workbench
    window.actions_["new_server"].trigger()
    window.actions_["new_client"].trigger()
    assert [entry.spec.name for entry in bench.sockets] == ["server", "client"]
    assert bench.sockets[1].spec.port == bench.sockets[0].spec.port
    window.actions_["remove"].trigger()
    assert [entry.spec.name for entry in bench.sockets] == ["server"]
    bench.undo.undo()
    assert [entry.spec.name for entry in bench.sockets] == ["server", "client"]
    window.actions_["duplicate"].setEnabled(True)
    bench.selection.choose_scope(Scope(bench.sockets[0].number))
    window.actions_["duplicate"].trigger()
    assert [entry.spec.name for entry in bench.sockets] == ["server", "client", "server 2"]


def test_an_address_in_use_says_whose_it_is(program: Program, qtbot: QtBot) -> None:
    bench = program.workbench
    first = bench.add_socket(SocketSpec("first", "tcp", "server", "127.0.0.1", 0))
    bench.start(first)
    qtbot.waitUntil(lambda: _state(program, first) is State.LISTEN, timeout=10_000)
    local = bench.sockets[0].local
    assert local is not None
    second = bench.add_socket(SocketSpec("second", "tcp", "server", "127.0.0.1", local.port))
    bench.start(second)
    qtbot.waitUntil(lambda: _state(program, second) is State.FAILED, timeout=10_000)
    failure = bench.sockets[1].failure
    assert failure is not None
    assert 'your socket "first"' in failure.sentence
    assert _state(program, first) is State.LISTEN


def test_a_new_capture_starts_again_what_ran(program: Program, qtbot: QtBot) -> None:
    bench = program.workbench
    number = bench.add_socket(SocketSpec("server", "tcp", "server", "127.0.0.1", 0))
    bench.start(number)
    qtbot.waitUntil(lambda: _state(program, number) is State.LISTEN, timeout=10_000)
    before = bench.reader
    program.window.actions_["new_capture"].trigger()
    assert bench.reader is not before
    qtbot.waitUntil(lambda: _state(program, number) is State.LISTEN, timeout=10_000)


def test_a_saved_capture_opens_in_a_window_of_its_own(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    program.window.socket_actions.try_it()
    qtbot.waitUntil(lambda: program.live.tally.received == 2 * len(LINE), timeout=10_000)
    folder = tmp_path / "saved"
    program.window.capture_files.save_to(folder)
    qtbot.waitUntil(folder.is_dir, timeout=10_000)
    with qtbot.waitSignal(program.window.capture_files.opened, timeout=10_000):
        program.window.capture_files.open_folder(folder)
    (viewer,) = program.window._viewers
    assert viewer.workbench.viewing
    assert [entry.spec.name for entry in viewer.workbench.sockets] == ["echo", "client"]
    assert not viewer.actions_["start"].isVisible()
    stream = ByteStream(viewer.workbench.reader, Scope(2), received=True, sent=False)
    stream.index.advance()
    assert stream.read(0, 100) == LINE


def test_a_saved_capture_is_shown_as_it_was_looked_at(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    """Another framing while it runs, saved while connections are open."""
    program.window.socket_actions.try_it()
    qtbot.waitUntil(lambda: program.live.tally.received == 2 * len(LINE), timeout=10_000)
    bench, slip = program.workbench, Choice("slip", {"checksum": "crc16-modbus"})
    number = bench.sockets[0].number
    assert bench.sockets[0].running
    bench.edit_socket(number, replace(bench.sockets[0].spec, framing=slip, encoding="latin-1"))
    folder = tmp_path / "saved"
    program.window.capture_files.save_to(folder)
    qtbot.waitUntil(folder.is_dir, timeout=10_000)
    with qtbot.waitSignal(program.window.capture_files.opened, timeout=10_000):
        program.window.capture_files.open_folder(folder)
    (viewer,) = program.window._viewers
    shown, other = viewer.workbench.sockets
    assert (shown.spec.framing, shown.spec.encoding) == (slip, "latin-1")
    assert other.spec.framing == bench.sockets[1].spec.framing
    tree = viewer.panes.get_as(SocketsPane, "sockets").tree.model()
    words = [str(tree.index(0, 0, tree.index(row, 0)).data(Qt.ItemDataRole.AccessibleTextRole)) for row in (1, 2)]
    assert all(", open at the end, close not captured" in one for one in words), words


@pytest.mark.parametrize("chosen", ["", "header"])
def test_the_capture_that_this_window_writes_is_not_a_stranger(program: Program, qtbot: QtBot, chosen: str) -> None:
    own = program.workbench.reader.folder
    program.window.capture_files.open_folder(next(own.iterdir()) if chosen else own)
    notice = program.window.notices.current
    assert notice is not None
    assert "this window is writing" in notice.text
    assert "Close" not in notice.text
    button = next(one for one in program.window.notices.findChildren(QPushButton) if one.text() == notice.action)
    assert button.text() == "Save capture as…"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = program.window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    dialog.close()


@pytest.mark.parametrize("suffix", [".pcapng", ".csv", ".jsonl", ".txt", ".bin"])
def test_export_from_the_window(program: Program, qtbot: QtBot, tmp_path: Path, suffix: str) -> None:
    program.window.socket_actions.try_it()
    qtbot.waitUntil(lambda: program.live.tally.received == 2 * len(LINE), timeout=10_000)
    path = tmp_path / f"out{suffix}"
    with qtbot.waitSignal(program.workbench.noticed, timeout=10_000) as told:
        program.window.capture_files.export_to(path)
    assert "Exported" in told.args[0].text
    assert path.stat().st_size > 0


def test_a_damaged_workspace_is_a_notice_and_nothing_is_lost(program: Program, tmp_path: Path) -> None:
    program.window.actions_["new_server"].trigger()
    path = tmp_path / "w.json"
    path.write_text('{"version": 1, "sockets": [{"name": "x", "port": 70000}]}', encoding="utf-8")
    assert not program.window.workspace_files.open_path(path)
    notice = program.window.notices.current
    assert notice is not None
    assert "$.sockets[0]" in notice.text
    assert [entry.spec.name for entry in program.workbench.sockets] == ["server"]


def answer(program: Program, qtbot: QtBot, button: QMessageBox.StandardButton) -> None:
    """Click it in the one question that is open."""
    (box,) = [box for box in program.window.findChildren(QMessageBox) if box.isVisible()]
    clicked = box.button(button)
    assert clicked is not None
    qtbot.mouseClick(clicked, Qt.MouseButton.LeftButton)


def test_a_workspace_is_saved_and_opened(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    bench = program.workbench
    bench.add_socket(SocketSpec("a", port=9001, framing=Choice("line", {"ending": "lf"}), program=Choice("echo")))
    files = program.window.workspace_files
    path = tmp_path / "w.json"
    assert files._save(path)
    assert not files.modified
    bench.edit_socket(bench.sockets[0].number, SocketSpec("b", port=9001))
    assert files.modified
    assert program.window.isWindowModified()
    assert files.open_path(path)
    answer(program, qtbot, QMessageBox.StandardButton.Discard)
    assert [entry.spec.name for entry in bench.sockets] == ["a"]
    assert program.settings.recent == [path]
    assert files.recent_menu.isEnabled()


def test_nothing_unsaved_is_lost_without_a_question(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    bench, window = program.workbench, program.window
    bench.add_socket(SocketSpec("untitled", port=9001))
    window.actions_["new_workspace"].trigger()
    answer(program, qtbot, QMessageBox.StandardButton.Cancel)
    assert [entry.spec.name for entry in bench.sockets] == ["untitled"]
    assert window.workspace_files._save(tmp_path / "w.json")
    bench.edit_socket(bench.sockets[0].number, SocketSpec("changed", port=9001))
    window.actions_["new_workspace"].trigger()
    answer(program, qtbot, QMessageBox.StandardButton.Save)
    assert bench.sockets == []
    assert workspace.load(tmp_path / "w.json").sockets[0].name == "changed"


def test_closing_with_unsaved_changes_asks_and_then_closes(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    bench, window = program.workbench, program.window
    bench.add_socket(SocketSpec("a", port=9001))
    assert window.workspace_files._save(tmp_path / "w.json")
    bench.edit_socket(bench.sockets[0].number, SocketSpec("b", port=9001))
    window.close()
    assert window.isVisible()
    window.close()  # asked already: no second question
    answer(program, qtbot, QMessageBox.StandardButton.Discard)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)


def test_closing_while_a_question_is_open(program: Program, qtbot: QtBot) -> None:
    program.workbench.add_socket(SocketSpec("untitled", port=9001))
    program.window.actions_["new_workspace"].trigger()
    program.window.close()
    assert not program.window.isVisible()


def test_the_session_is_there_at_the_next_start(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    program.workbench.add_socket(SocketSpec("kept", port=9003))
    program.theme.set_mode("dark")
    program.theme.zoom_in()
    program.window.close()
    again = Program(settings=Settings(tmp_path))
    again.open(None, start=False)
    assert [entry.spec.name for entry in again.workbench.sockets] == ["kept"]
    assert again.theme.mode == "dark"
    assert again.theme.zoom == pytest.approx(1.1)
    again.window.close()


def test_after_a_crash_the_capture_is_offered(program: Program, tmp_path: Path, qtbot: QtBot) -> None:
    from explorer.capture.writer import Writer
    from explorer.core.calls import CallKind

    writer = Writer(program.library.new_folder())
    writer.add_detail(CallKind.note, 1, 0, {"text": "before the crash"})
    writer._lock.release()  # the program has died: nobody holds it, and it was never closed
    with qtbot.waitSignal(program.workbench.noticed, timeout=10_000):
        program.window.capture_files.offer_leftovers()
    notice = program.window.notices.current
    assert notice is not None
    assert notice.action == "Reopen it"
    with qtbot.waitSignal(program.window.capture_files.opened, timeout=10_000) as opened:
        button = next(b for b in program.window.notices.findChildren(QPushButton) if b.text() == "Reopen it")
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    reader = opened.args[0].reader
    assert reader.count == 1
    assert any("without closing" in warning for warning in reader.warnings)
    assert program.library.leftovers() == []  # it was seen, and is not offered again


def test_freeze_stands_still_while_sockets_go_on(program: Program, qtbot: QtBot) -> None:
    program.window.socket_actions.try_it()
    qtbot.waitUntil(lambda: program.live.tally.received == 2 * len(LINE), timeout=10_000)
    program.window.actions_["freeze"].trigger()
    client = program.workbench.sockets[1]
    with qtbot.assertNotEmitted(program.workbench.ticked, wait=100):
        program.workbench.send(Target(client.number), LINE)
        qtbot.waitUntil(lambda: program.live.tally.received == 4 * len(LINE), timeout=10_000)
    with qtbot.waitSignal(program.workbench.ticked, timeout=5_000):
        program.window.actions_["freeze"].trigger()


def test_every_control_has_a_name_for_screen_readers(program: Program) -> None:
    from PySide6.QtGui import QAccessible
    from PySide6.QtWidgets import (
        QAbstractButton,
        QAbstractScrollArea,
        QAbstractSpinBox,
        QComboBox,
        QLabel,
        QLineEdit,
        QWidget,
    )

    program.window.actions_["new_server"].trigger()
    program.window.actions_["new_client"].trigger()
    buddies = {label.buddy() for label in program.window.findChildren(QLabel)}
    nameless = []
    for widget in program.window.findChildren(QWidget):
        if not isinstance(widget, (QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QAbstractScrollArea)):
            continue
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or widget.objectName().startswith("qt_"):
            continue
        inner = widget.parentWidget()
        if inner is not None and inner.inherits("QComboBoxPrivateContainer"):
            continue  # the list of a closed combo box, read out as part of it
        if isinstance(widget, QLineEdit) and isinstance(inner, (QComboBox, QAbstractSpinBox)):
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None or (not interface.text(QAccessible.Text.Name) and widget not in buddies):
            nameless.append(f"{type(widget).__name__} {widget.objectName()} in {type(inner).__name__}")
    assert not nameless


def test_a_server_that_runs_for_months_lists_its_newest_closed_connections_only(program: Program) -> None:
    from explorer.core import events
    from explorer.core.endpoint import Endpoint
    from explorer.core.states import CloseReason
    from explorer.ui.connection_book import CLOSED_KEPT

    bench = program.workbench
    number = bench.add_socket(SocketSpec("server", port=9000))
    here, there = Endpoint("127.0.0.1", 9000), Endpoint("127.0.0.1", 50_000)
    total = 5 * CLOSED_KEPT
    bench.take(events.ConnectionOpened(number, 1, here, there, True))
    for connection in range(2, total):
        bench.take(events.ConnectionOpened(number, connection, here, there, True))
        bench.take(events.ConnectionClosed(number, connection, CloseReason.EOF, 0, 0, 0, 0))
    known = bench.connections(number)
    assert known[1].open
    assert total - 1 in known
    assert CLOSED_KEPT <= len(known) <= 2 * CLOSED_KEPT + 1


def test_a_failed_call_tells_its_meaning_in_a_saved_capture_too(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    bench = program.workbench
    number = bench.add_socket(SocketSpec("client", "tcp", "client", "127.0.0.1", port))
    bench.start(number)
    qtbot.waitUntil(lambda: _state(program, number) is State.FAILED, timeout=10_000)
    program.window.capture_files.save_to(tmp_path / "saved")
    qtbot.waitUntil((tmp_path / "saved").is_dir, timeout=10_000)
    with qtbot.waitSignal(program.window.capture_files.opened, timeout=10_000) as opened:
        program.window.capture_files.open_folder(tmp_path / "saved")
    reader = opened.args[0].reader
    (failed,) = [call for call in reader.calls(0, reader.count) if call.errno and not call.flags & 8]
    assert "Nothing listens" in reader.detail(failed)["meaning"]


def test_an_empty_capture_of_a_killed_program_is_not_offered(program: Program, qtbot: QtBot) -> None:
    from explorer.capture.writer import Writer

    folder = program.library.new_folder()
    writer = Writer(folder)
    writer._lock.release()
    program.window.capture_files.offer_leftovers()
    qtbot.waitUntil(lambda: not folder.exists(), timeout=10_000)
    assert program.live.folder.exists()
    assert program.window.notices.current is None


def test_text_set_by_a_screen_reader_counts_as_typed(program: Program, qtbot: QtBot) -> None:
    """The accessibility interface sets a line's text without the signal that typing gives."""
    from explorer.ui.panes.settings_pane import SettingsPane

    program.window.actions_["new_server"].trigger()
    form = program.window.panes["settings"]
    assert isinstance(form, SettingsPane)
    form.port.setText("0")
    form.host.edit.setText("localhost")
    (entry,) = program.workbench.sockets
    assert (entry.spec.host, entry.spec.port) == ("localhost", 0)
    program.window.actions_["start"].trigger()
    qtbot.waitUntil(lambda: _state(program, entry.number) is State.LISTEN, timeout=10_000)


def test_the_capture_limit_can_be_raised_while_it_runs(program: Program, qtbot: QtBot) -> None:
    program.window.actions_["capture_limit"].trigger()
    (dialog,) = program.window.findChildren(QInputDialog)
    dialog.setDoubleValue(1.5)
    dialog.accept()
    qtbot.waitUntil(lambda: program.live.writer.quota == 1_500_000_000, timeout=10_000)
    assert program.settings.quota == 1_500_000_000
    program.window.status_line.refresh()
    assert "of 1.5 GB" in program.window.status_line.text()


def test_high_contrast_is_a_choice_that_is_remembered(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    qtbot.keyClick(program.window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert program.window.actions_["high_contrast"].isChecked()
    assert program.theme.colors.contrast
    program.window.close()
    assert Settings(tmp_path).high_contrast
    program.theme.set_high_contrast(False)
    assert not program.window.actions_["high_contrast"].isChecked()


def test_every_socket_is_started_and_stopped_by_keys_and_by_menus(program: Program, qtbot: QtBot) -> None:
    bench, control = program.workbench, Qt.KeyboardModifier.ControlModifier
    one, other = bench.add_socket(SocketSpec("one", port=0)), bench.add_socket(SocketSpec("other", "udp", port=0))
    qtbot.keyClick(program.window, Qt.Key.Key_F5, control)
    qtbot.waitUntil(lambda: {_state(program, one), _state(program, other)} == {State.LISTEN, State.BOUND})
    qtbot.waitUntil(program.window.actions_["stop_all"].isEnabled)
    qtbot.keyClick(program.window, Qt.Key.Key_F5, control | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: {_state(program, one), _state(program, other)} == {State.CLOSED})
    bench.selection.choose_scope(Scope())
    sockets = program.window.panes["sockets"]
    assert isinstance(sockets, SocketsPane)

    def are(states: set[State]) -> bool:
        return {_state(program, one), _state(program, other)} == states

    for action, states in (("&Start all", {State.LISTEN, State.BOUND}), ("S&top all", {State.CLOSED})):
        menu = sockets.make_menu()
        next(one for one in menu.actions() if one.text() == action).trigger()
        qtbot.waitUntil(partial(are, states))
        menu.deleteLater()


def test_find_is_as_it_was_left(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    options = program.window.panes["bytes"].find_bar.options  # type: ignore[attr-defined]
    options.choose_kind("number")
    options.order.choose("big")
    options.case.setChecked(True)
    qtbot.waitUntil(lambda: Settings(tmp_path).find_choices.get("case") == "match")  # also without being closed
    other = Program(Theme("light"), Settings(tmp_path))
    try:
        other.open(None, start=False)
        kept = other.window.panes["bytes"].find_bar.options  # type: ignore[attr-defined]
        assert (kept.kind_name, kept.order.currentData(), kept.case.isChecked()) == ("number", "big", True)
    finally:
        other.window.close()
