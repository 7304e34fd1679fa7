"""The composer as its user meets it: typing, switching, sending, history, receivers, files, what stands in the way."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core import commands, events
from explorer.core.endpoint import Endpoint
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason, State
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.pasting import LONGEST_PASTE
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink, set_framing

HERE = Endpoint("127.0.0.1", 9000)


@pytest.fixture
def pane(send_pane: SendPane) -> SendPane:
    send_pane.resize(900, 120)
    return send_pane


@pytest.fixture
def echo(echo_server: int, pane: SendPane) -> int:
    return echo_server


def connect(qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, socket: int, *numbers: int) -> None:
    """These connections come; the list has them."""
    for number in numbers:
        peer = Endpoint("127.0.0.1", 50_000 + number % 10_000)
        link.news.append(events.ConnectionOpened(socket, number, HERE, peer, True))
    while link.news:
        workbench.poll()
    qtbot.waitUntil(lambda: pane.to.findData(numbers[-1]) > 0)


def sent(link: FakeLink) -> list[bytes]:
    return [command.data for command in link.posted if isinstance(command, commands.Send)]


def type_in(pane: SendPane, text: str) -> None:
    pane.editor.selectAll()
    QTest.keyClicks(pane.editor, text)


def press(pane: SendPane, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(pane.editor, key, modifier)


def test_enter_sends_to_all_and_again(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1, 2)
    type_in(pane, r"hello\r\n")
    assert pane.count.text() == "7 bytes"
    press(pane, Qt.Key.Key_Return)
    assert link.posted[-1] == commands.Send(commands.Target(echo, None), b"hello\r\n", 1)
    assert pane.editor.textCursor().selectedText() == r"hello\r\n"
    press(pane, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    QTest.keyClicks(pane.editor, "x")
    QTest.mouseClick(pane.button, Qt.MouseButton.LeftButton)
    assert sent(link) == [b"hello\r\n", b"hello\r\n", b"x"]


def test_the_three_ways_are_kept_in_step(pane: SendPane) -> None:
    type_in(pane, r"Hi\x00")
    pane.mode.button("hex").click()
    assert pane.editor.text == "48 69 00"
    pane.mode.button("python").click()
    assert pane.editor.text == r"b'Hi\x00'"
    assert pane.editor.hasFocus()
    pane.mode.button("text").click()
    assert pane.editor.text == r"Hi\x00"


@pytest.mark.parametrize(
    ("mode", "text", "says"),
    [
        ("text", r"ab\q", r"⚠ Character 3: \q is not an escape"),
        ("hex", "48 6", "⚠ Character 4: '6' has 1 hex digit, an odd number"),
        ("python", "[1]", "⚠ Character 1: Only a bytes or str literal can be sent"),
    ],
)
def test_a_mistake_gets_its_place_and_sends_nothing(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int, mode: str, text: str, says: str
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    pane.mode.button(mode).click()
    type_in(pane, text)
    assert pane.status.text().startswith(says)
    assert len(pane.editor.extraSelections()) == 1
    assert not pane.button.isEnabled()
    press(pane, Qt.Key.Key_Return)
    assert sent(link) == []
    assert pane.editor.text == text


def test_the_wrong_character_is_marked_behind_an_emoji(pane: SendPane) -> None:
    pane.editor.insertPlainText("😀\\q")
    [mark] = pane.editor.extraSelections()
    assert mark.cursor.selectedText() == "\\"


def test_framing_is_added_and_counted(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    set_framing(workbench, echo, Choice("line"))
    assert pane.framed.text() == "Add framing (Lines)"
    type_in(pane, "hello world!")
    assert pane.count.text() == "12 bytes (+1 framing)"
    press(pane, Qt.Key.Key_Return)
    QTest.mouseClick(pane.framed, Qt.MouseButton.LeftButton, pos=pane.framed.rect().center() * 0.2)
    assert pane.count.text() == "12 bytes"
    press(pane, Qt.Key.Key_Return)
    assert sent(link) == [b"hello world!\n", b"hello world!"]


def test_whether_framing_is_added_is_the_sockets(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    set_framing(workbench, echo, Choice("line"))
    slip = workbench.add_socket(SocketSpec("device", port=9001, framing=Choice("slip")))
    link.news.append(events.SocketChanged(slip, State.LISTEN, Endpoint("127.0.0.1", 9001)))
    link.news.append(events.ConnectionOpened(slip, 9, HERE, Endpoint("127.0.0.1", 50_009), True))
    while link.news:
        workbench.poll()
    pane.framed.click()
    type_in(pane, "hi")
    assert pane.count.text() == "2 bytes"
    assert pane.status.text().startswith("Without framing (Lines).")
    press(pane, Qt.Key.Key_Return)
    workbench.selection.choose_scope(Scope(slip))
    assert pane.framed.isChecked()
    assert pane.framed.text() == "Add framing (SLIP)"
    assert pane.editor.text == "hi"  # the draft goes along
    assert pane.count.text() == "2 bytes (+2 framing)"
    assert "Without" not in pane.status.text()
    press(pane, Qt.Key.Key_Return)
    workbench.selection.choose_scope(Scope(echo))
    assert not pane.framed.isChecked()
    assert pane.count.text() == "2 bytes"
    assert sent(link) == [b"hi", b"\xc0hi\xc0"]
    workbench.selection.choose_scope(Scope())
    workbench.selection.choose_scope(Scope(echo))
    assert not pane.framed.isChecked()


def test_what_the_framing_cannot_carry_says_the_way_out(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    set_framing(workbench, echo, Choice("line"))
    type_in(pane, r"a\nb")
    assert "The framing cannot carry this." in pane.status.text()
    assert "send without framing" in pane.status.text()
    pane.framed.setChecked(False)
    assert pane.button.isEnabled()


def test_endings(qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    type_in(pane, "x")
    for _ in range(pane.ending.count() - 1):
        QTest.keyClick(pane.ending, Qt.Key.Key_Down)
        press(pane, Qt.Key.Key_Return)
    assert sent(link) == [b"x\n", b"x\r\n", b"x\r", b"x\0"]
    assert pane.count.text() == "1 byte (+1 ending)"


def test_the_encoding_is_the_sockets(workbench: Workbench, pane: SendPane, echo: int) -> None:
    other = workbench.add_socket(SocketSpec("other", port=1, encoding="utf-16-le"))
    type_in(pane, "ab")
    assert pane.count.text() == "2 bytes"
    workbench.selection.choose_scope(Scope(other))
    assert pane.count.text() == "4 bytes"


def test_arrows_go_through_what_was_sent(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    for text in ("one", "two", "three"):
        type_in(pane, text)
        press(pane, Qt.Key.Key_Return)
    type_in(pane, "draft")
    found = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down):
        press(pane, key)
        found.append(pane.editor.text)
    assert found == ["three", "two", "one", "one", "two"]
    press(pane, Qt.Key.Key_Down)
    press(pane, Qt.Key.Key_Down)
    assert pane.editor.text == "draft"
    assert pane.history() == ["text:one", "text:two", "text:three"]


def test_arrows_move_within_several_lines_first(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    pane.set_history(["text:old"])
    type_in(pane, "a")
    press(pane, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(pane.editor, "b")
    press(pane, Qt.Key.Key_Up)
    assert pane.editor.text == "a\nb"
    press(pane, Qt.Key.Key_Up)
    assert pane.editor.text == "old"


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier])
def test_new_lines_grow_the_editor_up_to_six(qtbot: QtBot, pane: SendPane, modifier: Qt.KeyboardModifier) -> None:
    heights = [pane.editor.sizeHint().height()]
    for _ in range(8):
        press(pane, Qt.Key.Key_Return, modifier)
        heights.append(pane.editor.sizeHint().height())
    assert heights[:6] == sorted(set(heights[:6]))
    assert len(set(heights[5:])) == 1
    assert pane.count.text() == "8 bytes"


def test_escape_clears_and_undo_brings_it_back(pane: SendPane) -> None:
    type_in(pane, "precious")
    press(pane, Qt.Key.Key_Escape)
    assert pane.editor.text == ""
    press(pane, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert pane.editor.text == "precious"
    assert pane.count.text() == "8 bytes"


def paste(pane: SendPane, text: str) -> None:
    data = QMimeData()
    data.setText(text)
    pane.editor.insertFromMimeData(data)


def test_a_dump_pasted_as_hex(pane: SendPane) -> None:
    pane.mode.button("hex").click()
    paste(pane, "00000000: 4865 6c6c 6f20 776f 726c 6421 0a0d 0000  Hello world!....\n00000010: 01  .\n")
    assert pane.editor.text == "48 65 6c 6c 6f 20 77 6f 72 6c 64 21 0a 0d 00 00 01"
    assert pane.count.text() == "17 bytes"


def test_pasted_text_keeps_every_byte(pane: SendPane) -> None:
    paste(pane, "a\r\nb\u00a0c\0\u202e")
    assert pane.editor.text == "a\\r\nb\u00a0c\\0\\u{202e}"
    assert pane._composer.data == "a\r\nb\u00a0c\0\u202e".encode()


def test_a_huge_paste_is_refused_with_the_way_out(pane: SendPane) -> None:
    type_in(pane, "kept")
    paste(pane, "x" * (LONGEST_PASTE + 1))
    assert pane.editor.text == "kept"
    assert "Send file" in pane.status.text()


# -- who it goes to -------------------------------------------------------------------------------


def test_what_stands_in_the_way_is_said(workbench: Workbench, link: FakeLink, pane: SendPane) -> None:
    type_in(pane, "x")
    assert pane.status.text() == "Choose a socket on the left first."
    number = workbench.add_socket(SocketSpec("echo", port=9000))
    workbench.selection.choose_scope(Scope(number))
    assert pane.status.text() == "Start the socket first."
    assert pane.button.toolTip() == pane.file.toolTip() == "Start the socket first."
    link.news.append(events.SocketChanged(number, State.LISTEN, HERE))
    workbench.poll()
    assert pane.status.text() == "Nobody is connected yet."
    press(pane, Qt.Key.Key_Return)
    assert sent(link) == []
    assert pane.editor.text == "x"


def test_one_connection_can_be_chosen_and_stays_chosen_when_it_closes(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1, 2, 3)
    assert pane.to.currentText() == "all 3 connections"
    QTest.keyClick(pane.to, Qt.Key.Key_Down)
    QTest.keyClick(pane.to, Qt.Key.Key_Down)
    type_in(pane, "x")
    press(pane, Qt.Key.Key_Return)
    assert link.posted[-1] == commands.Send(commands.Target(echo, 2), b"x", 1)
    link.news.append(events.ConnectionClosed(echo, 2, CloseReason.EOF, 0, 0, 0, 0))
    workbench.poll()
    qtbot.waitUntil(lambda: pane.to.currentText() == "127.0.0.1:50002 (closed)")
    assert "The chosen connection is closed; choose another receiver." in pane.status.text()
    press(pane, Qt.Key.Key_Return)
    assert len(sent(link)) == 1


def test_selecting_a_connection_chooses_it(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1, 2)
    workbench.selection.choose_scope(Scope(echo, 1))
    assert pane.to.currentText() == "127.0.0.1:50001"
    workbench.selection.choose_scope(Scope(echo))
    assert pane.to.currentText() == "all 2 connections"


def test_ten_thousand_connections(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, *range(1, 10_001))
    qtbot.waitUntil(lambda: pane.to.itemText(0) == "all 10,000 connections")
    assert pane.to.count() == 202
    workbench.selection.choose_scope(Scope(echo, 5))
    assert pane.to.currentText() == "127.0.0.1:50005"
    assert pane.to.count() == 203


def test_a_client_sends_to_its_peer(workbench: Workbench, link: FakeLink, pane: SendPane) -> None:
    number = workbench.add_socket(SocketSpec("client", role="client", port=9000))
    workbench.selection.choose_scope(Scope(number))
    type_in(pane, "x")
    link.news.append(events.SocketChanged(number, State.SYN_SENT, None, HERE))
    workbench.poll()
    assert pane.status.text() == "Not connected yet."
    link.news.append(events.ConnectionOpened(number, 1, Endpoint("127.0.0.1", 50_000), HERE, False))
    link.news.append(events.SocketChanged(number, State.ESTABLISHED, Endpoint("127.0.0.1", 50_000), HERE))
    workbench.poll()
    assert [pane.to.itemText(place) for place in range(pane.to.count())] == ["127.0.0.1:9000"]
    press(pane, Qt.Key.Key_Return)
    assert link.posted[-1] == commands.Send(commands.Target(number, None), b"x", 1)


def test_an_empty_datagram_can_be_sent_and_an_empty_stream_message_not(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    assert not pane.button.isEnabled()
    press(pane, Qt.Key.Key_Return)
    assert pane.status.text() == "Type what to send."
    udp = workbench.add_socket(SocketSpec("udp", "udp", port=9001))
    workbench.selection.choose_scope(Scope(udp))
    link.news.append(events.SocketChanged(udp, State.BOUND, HERE))
    connect(qtbot, workbench, link, pane, udp, 7)
    press(pane, Qt.Key.Key_Return)
    assert link.posted[-1] == commands.Send(commands.Target(udp, None), b"", 1)


# -- files and progress ---------------------------------------------------------------------------


def test_a_file_with_progress_and_cancel(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int, tmp_path: Path
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1, 2)
    path = tmp_path / "big.bin"
    path.write_bytes(bytes(3000))
    pane.send_path(path)
    assert link.posted[-1] == commands.SendFile(commands.Target(echo, None), path, 1)
    qtbot.waitUntil(pane.progress.isVisible)
    link.news.append(events.SendProgress(1, echo, 1500, 6000, False))
    workbench.poll()
    assert pane.progress.text.text() == "big.bin: 1.5 kB of 6.0 kB sent"
    assert pane.progress.bar.value() == 250
    QTest.mouseClick(pane.progress.cancel, Qt.MouseButton.LeftButton)
    assert commands.CancelSend(1) in link.posted
    link.news.append(events.SendProgress(1, echo, 2000, 6000, True, "You took the rest back."))
    workbench.poll()
    assert pane.progress.text.text() == "big.bin: 2.0 kB of 6.0 kB sent. You took the rest back."
    QTest.mouseClick(pane.progress.dismiss, Qt.MouseButton.LeftButton)
    assert not pane.progress.isVisible()


def test_a_quick_send_shows_no_progress(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    type_in(pane, "x")
    press(pane, Qt.Key.Key_Return)
    link.news.append(events.SendProgress(1, echo, 1, 1, True))
    workbench.poll()
    assert not pane.progress.busy
    assert not pane.progress.isVisible()


def test_a_send_that_ends_early_says_so_at_once(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    type_in(pane, "x")
    press(pane, Qt.Key.Key_Return)
    link.news.append(events.SendProgress(1, echo, 0, 1, True, "The peer reset the connection."))
    workbench.poll()
    assert pane.progress.isVisible()
    assert "The peer reset the connection." in pane.progress.text.text()


def test_files_over_udp_go_in_small_pieces(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, tmp_path: Path
) -> None:
    udp = workbench.add_socket(SocketSpec("udp", "udp", port=9001))
    workbench.selection.choose_scope(Scope(udp))
    link.news.append(events.SocketChanged(udp, State.BOUND, HERE))
    connect(qtbot, workbench, link, pane, udp, 7)
    path = tmp_path / "small"
    path.write_bytes(b"x")
    pane.send_path(path)
    assert link.posted[-1] == commands.SendFile(commands.Target(udp, None), path, 1, 1400)


def test_files_that_cannot_be_sent(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    pane.send_path(empty)
    assert "empty was not sent. Nobody is connected yet." in pane.status.text()
    connect(qtbot, workbench, link, pane, echo, 1)
    pane.send_path(empty)
    assert "is empty" in pane.status.text()
    pane.send_path(tmp_path / "missing")
    assert "missing cannot be read: No such file" in pane.status.text()
    assert not any(isinstance(command, commands.SendFile) for command in link.posted)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes in folders")
def test_a_pipe_is_refused_without_opening_it(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int, tmp_path: Path
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    os.mkfifo(tmp_path / "pipe")
    pane.send_path(tmp_path / "pipe")
    assert "pipe is not a file with a content of its own" in pane.status.text()
    pane.send_path(tmp_path)
    assert "choose a regular file" in pane.status.text()
    assert not any(isinstance(command, commands.SendFile) for command in link.posted)


def test_a_new_capture_ends_the_progress_of_sends(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, pane: SendPane, echo: int, tmp_path: Path
) -> None:
    connect(qtbot, workbench, link, pane, echo, 1)
    path = tmp_path / "big.bin"
    path.write_bytes(bytes(3000))
    pane.send_path(path)
    link.news.append(events.SendProgress(1, echo, 1500, 3000, False))
    workbench.poll()
    workbench.capture_changed.emit()
    assert not pane.progress.busy
    assert "big.bin: 1.5 kB of 3.0 kB sent. The rest ended with the capture" in pane.progress.text.text()
    assert not pane.progress.cancel.isVisible()


def test_every_control_has_a_name(pane: SendPane) -> None:
    for widget in (pane.to, pane.ending, pane.editor, pane.mode):
        assert widget.accessibleName()
    pane.file.setFocus()
    pane.focus_first()
    assert pane.editor.hasFocus()
    QTest.keyClick(pane.editor, Qt.Key.Key_Tab)
    assert not pane.editor.hasFocus()
    assert pane.editor.text == ""


def test_zoom_reaches_every_text(workbench: Workbench, qtbot: QtBot, theme: Theme) -> None:
    pane = SendPane(workbench, theme)  # not shown yet, as behind the first page
    qtbot.addWidget(pane)
    try:
        theme.zoom_in()
        theme.zoom_in()
        pane.show()
        texts = (pane.button, pane.file, pane.status, pane.editor, pane.to)
        size = QApplication.font().pointSizeF()
        qtbot.waitUntil(lambda: {text.font().pointSizeF() for text in texts} == {size})
    finally:
        theme.zoom_reset()
