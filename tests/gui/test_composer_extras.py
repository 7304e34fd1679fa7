"""Snippets and repeating from the composer: kept, used, sent by their keys, refused; started, shown, stopped."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.core import commands, events
from explorer.core.filling import Filling
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import CloseReason
from explorer.ui import snippet_keys
from explorer.ui.dialogs.snippets_dialog import SnippetsDialog
from explorer.ui.panes.send_pane import SendPane
from explorer.ui.snippet_keys import normal, why_not
from explorer.ui.theme import Theme
from explorer.ui.widgets.repeat_bar import HINT, describe, read_every, read_times
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink, set_framing
from tests.gui.test_send_pane import connect, sent, type_in

CONTROL = Qt.KeyboardModifier.ControlModifier


def menu(pane: SendPane) -> dict[str, QAction]:
    return {action.text().split("\t")[0].replace("&", ""): action for action in pane.snippets.menu().actions()}


def dialog_of(pane: SendPane) -> SnippetsDialog:
    assert pane._snippets.dialog is not None
    return pane._snippets.dialog


# -- snippets -------------------------------------------------------------------------------------


def test_a_message_is_kept_named_and_used(send_pane: SendPane, workbench: Workbench) -> None:
    send_pane.mode.button("hex").click()
    type_in(send_pane, "01 02")
    send_pane.ending.choose("CRLF")
    menu(send_pane)["Save the message as a snippet…"].trigger()
    dialog = dialog_of(send_pane)
    assert dialog.name.text() == "Snippet"
    dialog.name.setText("Read & wait")
    dialog.keys.setText("ctrl+1")
    QTest.mouseClick(dialog.apply, Qt.MouseButton.LeftButton)
    assert workbench.snippets.items == (Snippet("Read & wait", "hex", "01 02", False, "crlf", True, "Ctrl+1"),)
    send_pane.mode.button("text").click()
    type_in(send_pane, "draft")
    send_pane.ending.choose("none")
    send_pane.framed.setChecked(False)
    [use] = [action for action in send_pane.snippets.menu().actions() if action.text().endswith("\tCtrl+1")]
    use.trigger()
    assert (send_pane.editor.text, send_pane._composer.data) == (r"\x01\x02", b"\x01\x02")
    assert (send_pane.ending.currentData(), send_pane.framed.isChecked()) == ("CRLF", True)
    QTest.keyClick(send_pane.editor, Qt.Key.Key_Z, CONTROL)
    assert send_pane.editor.text == "draft"


def test_a_snippet_is_sent_by_its_keys_and_the_draft_stays(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    set_framing(workbench, echo_server, Choice("line"))
    type_in(send_pane, "draft")
    workbench.snippets.add(Snippet("ping", "text", "n{{counter}}", True, "none", True, "Ctrl+1"))
    workbench.snippets.add(Snippet("raw", "hex", "00", framed=False, shortcut="Ctrl+2"))
    for key in (Qt.Key.Key_1, Qt.Key.Key_1, Qt.Key.Key_2):
        QTest.keyClick(send_pane.editor, key, CONTROL)
    assert sent(link) == [b"n0\n", b"n1\n", b"\0"]
    assert send_pane.editor.text == "draft"
    assert send_pane.status.text() == "Sent raw, 1 B."
    workbench.snippets.remove("raw")
    QTest.keyClick(send_pane.editor, Qt.Key.Key_2, CONTROL)
    assert len(sent(link)) == 3
    workbench.undo.undo()
    QTest.keyClick(send_pane.editor, Qt.Key.Key_2, CONTROL)
    assert len(sent(link)) == 4


def test_each_snippet_counts_on_its_own(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    ping = Snippet("ping", "text", "n{{counter}}", True, "none", False, "Ctrl+1")

    def press() -> bytes:
        QTest.keyClick(send_pane.editor, Qt.Key.Key_1, CONTROL)
        return sent(link)[-1]

    workbench.snippets.put([ping])
    assert [press(), press()] == [b"n0", b"n1"]
    workbench.snippets.put([replace(ping, text="other {{counter}}")])
    assert press() == b"other 0"
    workbench.snippets.put([ping])
    assert press() == b"n2"
    workbench.snippets.load([ping])  # another workspace has one that looks the same
    assert press() == b"n0"


def test_a_snippet_that_cannot_be_sent_says_why(
    workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    workbench.snippets.add(Snippet("ping", text="x", shortcut="Ctrl+1"))
    QTest.keyClick(send_pane.editor, Qt.Key.Key_1, CONTROL)
    assert send_pane.status.text() == "⚠ The snippet ping was not sent. Nobody is connected yet."
    assert sent(link) == []


def test_keys_of_the_window_are_refused_beside_the_field(send_pane: SendPane, workbench: Workbench) -> None:
    action = QAction("Save &workspace…", send_pane)
    action.setShortcut(QKeySequence("Ctrl+S"))
    workbench.snippets.add(Snippet("one", text="1", shortcut="Ctrl+1"))
    workbench.snippets.add(Snippet("two", text="2"))
    send_pane._snippets.manage()
    dialog = dialog_of(send_pane)
    dialog.choose("two")
    for keys, says in (
        ("Ctrl+S", "Ctrl+S is the shortcut of Save workspace already."),
        ("Ctrl+V", "Ctrl+V is the shortcut of Paste already."),
        ("Alt+L", "Alt+L is the shortcut of Send file already."),
        ("Ctrl+1", "Ctrl+1 sends 'one' already."),
        ("nonsense", "'nonsense' is no shortcut."),
        ("a", "'A' is no shortcut."),
    ):
        dialog.keys.setText(keys)
        assert says in dialog.errors.sentences[0]
        assert not dialog.apply.isEnabled()
        QTest.keyClick(dialog.keys, Qt.Key.Key_Return)
        assert workbench.snippets.find("two") == Snippet("two", text="2")
    dialog.keys.setText("ctrl + shift + 2")
    QTest.keyClick(dialog.keys, Qt.Key.Key_Return)
    assert workbench.snippets.find("two") == Snippet("two", text="2", shortcut="Ctrl+Shift+2")
    dialog.name.setText("one")
    assert "names are used once" in dialog.errors.sentences[0]


def test_a_snippet_with_keys_of_the_window_leaves_them_to_the_window(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    """A workspace that was edited by hand, or made with another version."""
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    action = QAction("Stop", send_pane)
    action.setShortcut(QKeySequence("Ctrl+9"))
    send_pane.addAction(action)
    workbench.snippets.put([Snippet("x", text="x", shortcut="Ctrl+9")])
    with qtbot.waitSignal(action.triggered, timeout=1000):
        QTest.keyClick(send_pane.editor, Qt.Key.Key_9, CONTROL)
    assert sent(link) == []
    assert why_not("Ctrl+9", send_pane)
    assert send_pane.snippets.menu().actions()[0].text() == "x"
    send_pane._snippets.manage()
    assert "Ctrl+9 is the shortcut of Stop already" in dialog_of(send_pane).errors.sentences[0]


def test_snippets_are_replaced_moved_removed_and_brought_back(send_pane: SendPane, workbench: Workbench) -> None:
    for name in ("one", "two", "three"):
        workbench.snippets.add(Snippet(name, text=name, shortcut="Ctrl+7" if name == "two" else ""))
    menu(send_pane)["Manage snippets…"].trigger()
    dialog = dialog_of(send_pane)
    dialog.choose("two")
    QTest.mouseClick(dialog.up, Qt.MouseButton.LeftButton)
    assert [one.name for one in workbench.snippets] == ["two", "one", "three"]
    type_in(send_pane, "new text")
    QTest.mouseClick(dialog.replace, Qt.MouseButton.LeftButton)
    assert workbench.snippets.find("two") == Snippet("two", text="new text", framed=True, shortcut="Ctrl+7")
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert workbench.snippets.find("two") is None
    for _ in range(3):
        workbench.undo.undo()
    assert [one.text for one in workbench.snippets] == ["one", "two", "three"]


def test_what_is_typed_about_a_snippet_is_not_lost(send_pane: SendPane, workbench: Workbench) -> None:
    book = workbench.snippets
    book.put([Snippet("a", text="x"), Snippet("b", text="y"), Snippet("c", text="z")])
    menu(send_pane)["Manage snippets…"].trigger()
    dialog = dialog_of(send_pane)
    # Leaving the row saves what can be saved (and undo takes it back).
    dialog.name.setText("login")
    dialog.keys.setText("ctrl+1")
    dialog.list.setCurrentRow(1)
    assert [(one.name, one.shortcut) for one in book] == [("login", "Ctrl+1"), ("b", ""), ("c", "")]
    assert (dialog.list.currentRow(), dialog.name.text()) == (1, "b")
    # What cannot be saved waits in its row.
    dialog.name.setText("c")
    dialog.list.setCurrentRow(0)
    assert dialog.list.item(1).text() == "b   (changes not saved)"
    assert dialog.name.text() == "login"
    dialog.list.setCurrentRow(1)
    assert dialog.name.text() == "c"
    assert not dialog.apply.isEnabled()
    # Another that comes, by undo or as New, takes nothing away.
    book.add(Snippet("d", text="z"))
    book.move("b", 0)
    assert (dialog.list.currentRow(), dialog.name.text()) == (0, "c")
    dialog.name.setText("pong")
    dialog.close()
    assert [one.name for one in book] == ["pong", "login", "c", "d"]


def test_the_list_of_snippets_follows_the_zoom(send_pane: SendPane, workbench: Workbench, theme: Theme) -> None:
    workbench.snippets.put([Snippet("a", text="x")])
    menu(send_pane)["Manage snippets…"].trigger()
    before = dialog_of(send_pane).message.font().pointSizeF()
    theme.zoom_in()
    theme.zoom_in()
    assert dialog_of(send_pane).message.font().pointSizeF() == theme.mono.pointSizeF() > before


def test_the_window_is_searched_once_for_the_keys_of_all_snippets(
    send_pane: SendPane, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[QWidget] = []
    find = snippet_keys.taken_keys

    def look(window: QWidget) -> dict[str, str]:
        searched.append(window)
        return find(window)

    monkeypatch.setattr(snippet_keys, "taken_keys", look)
    workbench.snippets.put([Snippet(f"s{n}", text="x", shortcut=f"Ctrl+Alt+F{n}") for n in range(1, 13)])
    assert len(searched) == 1
    assert len(send_pane._snippets._keys.heard) == 12
    workbench.snippets.put([Snippet("s", text="x", shortcut="Ctrl+Shift+V"), Snippet("t", text="x")])
    assert not send_pane._snippets._keys.heard


def test_what_cannot_be_kept_says_why(send_pane: SendPane, workbench: Workbench) -> None:
    menu(send_pane)["Save the message as a snippet…"].trigger()
    assert "The composer is empty" in send_pane.status.text()
    type_in(send_pane, r"a\q")
    menu(send_pane)["Save the message as a snippet…"].trigger()
    assert "The message was not kept as a snippet. Character 2" in send_pane.status.text()
    assert len(workbench.snippets) == 0
    assert send_pane.editor.text == r"a\q"


@pytest.mark.parametrize(
    ("typed", "keys"), [("ctrl+1", "Ctrl+1"), (" Ctrl + Shift + p ", "Ctrl+Shift+P"), ("f6", "F6"), ("", "")]
)
def test_keys_are_written_the_usual_way(typed: str, keys: str) -> None:
    assert normal(typed) == keys


# -- repeating ------------------------------------------------------------------------------------


def test_a_repeat_is_started_shown_and_stopped(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1, 2)
    set_framing(workbench, echo_server, Choice("line"))
    type_in(send_pane, "n=")
    send_pane.fields.inserted.emit("{{counter}}")
    QTest.keyClick(send_pane.editor, Qt.Key.Key_Return)
    QTest.mouseClick(send_pane.repeats, Qt.MouseButton.LeftButton)
    bar = send_pane.repeat
    assert bar.every.hasFocus()
    QTest.keyClicks(bar.every, "1")
    bar.times.selectAll()
    QTest.keyClicks(bar.times, "5000")
    QTest.keyClick(bar.times, Qt.Key.Key_Return)
    command = link.posted[-1]
    assert isinstance(command, commands.Repeat)
    assert (command.target, command.every, command.times) == (commands.Target(echo_server, None), 0.001, 5000)
    assert (command.framing, command.first) == (Choice("line"), 1)
    assert command.message.fill(Filling(7, 0, 0)) == b"n=7"
    assert bar.button.text() == "Stop"
    link.news.append(events.RepeatProgress(command.job, 1, 1240, 5000, 9, 1.3, 987.3, 3, 0))
    workbench.poll()
    assert bar.state.text().startswith("Sent 1,240 of 5,000 · 987.3 per second (wanted 1,000) · 3 late.")
    assert send_pane.filled.counter.text() == "Counter: 1,241"
    QTest.mouseClick(send_pane.repeats, Qt.MouseButton.LeftButton)
    assert bar.isVisible()  # what runs can be stopped
    QTest.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert link.posted[-1] == commands.CancelSend(command.job)
    link.news.append(events.RepeatProgress(command.job, 1, 1300, 5000, 9, 1.4, 980.0, 3, 0, "", "stopped"))
    workbench.poll()
    assert not bar.busy
    assert not bar.isVisible()
    assert bar.state.text().startswith("Stopped. Sent 1,300 of 5,000 · 980 per second")


def test_a_repeat_ends_with_the_connection_and_says_so(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    type_in(send_pane, "x")
    send_pane.repeats.click()
    send_pane.repeat.button.click()
    job = link.posted[-1].job  # type: ignore[union-attr]
    why = "The connection is closed."
    link.news.append(events.RepeatProgress(job, 1, 2, 0, 2, 1.0, 1.0, 0, 0, "", "failed", why))
    workbench.poll()
    assert send_pane.repeat.state.text().startswith("⚠ Ended early. Sent 2 · 1 per second (wanted 1). The connection")
    assert send_pane.repeat.isVisible()
    assert send_pane.repeat.button.text() == "Start"


@pytest.mark.parametrize("cause", ["framed", "framing", "ending", "text", "socket"])
def test_what_ended_a_repeat_is_said_until_its_cause_is_gone(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int, cause: str
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    other = workbench.add_socket(SocketSpec("other", port=9001))
    type_in(send_pane, "x")
    send_pane.repeats.click()
    send_pane.repeat.button.click()
    job = link.posted[-1].job  # type: ignore[union-attr]
    link.news.append(events.RepeatProgress(job, 1, 2, 0, 2, 1.0, 1.0, 0, 0, "", "failed", "The framing is wrong."))
    workbench.poll()
    send_pane.to.activated.emit(0)
    assert send_pane.repeat.state.text().startswith("⚠ Ended early.")
    match cause:
        case "framed":
            send_pane.framed.click()
        case "framing":
            set_framing(workbench, echo_server, Choice("line"))
        case "ending":
            send_pane.ending.choose("LF")
            send_pane.ending.activated.emit(1)
        case "text":
            QTest.keyClicks(send_pane.editor, "y")
        case "socket":
            workbench.selection.choose_scope(Scope(other))
    assert send_pane.repeat.state.text() == HINT


def test_a_repeat_that_lost_its_receivers_is_forgotten_when_there_are_others(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    type_in(send_pane, "x")
    send_pane.repeats.click()
    send_pane.repeat.button.click()
    job = link.posted[-1].job  # type: ignore[union-attr]
    link.news.append(events.RepeatProgress(job, 1, 2, 0, 2, 1.0, 1.0, 0, 0, "", "failed", "It is closed."))
    link.news.append(events.ConnectionClosed(echo_server, 1, CloseReason.EOF, 0, 0, 0, 0))
    workbench.poll()
    qtbot.waitUntil(lambda: send_pane.status.text() == "Nobody is connected any more.")
    assert send_pane.repeat.state.text().startswith("⚠ Ended early.")
    connect(qtbot, workbench, link, send_pane, echo_server, 2)
    assert send_pane.repeat.state.text() == HINT


def test_what_was_refused_for_one_socket_is_not_said_of_another(
    workbench: Workbench, send_pane: SendPane, echo_server: int
) -> None:
    other = workbench.add_socket(SocketSpec("other", port=9001))
    type_in(send_pane, "x")
    send_pane._refuse("No such file.")
    assert send_pane.status.text() == "⚠ No such file."
    workbench.selection.choose_scope(Scope(other))
    assert send_pane.status.text() == "Start the socket first."


def test_a_new_capture_ends_the_repeat(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    type_in(send_pane, "x")
    send_pane.repeats.click()
    send_pane.repeat.button.click()
    workbench.capture_changed.emit()
    assert not send_pane.repeat.busy
    assert "ended with the capture" in send_pane.repeat.state.text()


@pytest.mark.parametrize(
    ("every", "times"), [("0.5", "0"), ("x", "0"), ("", "0"), ("5", "-1"), ("5", "1.5"), ("5", "")]
)
def test_wrong_values_are_refused_beside_the_fields(
    qtbot: QtBot, workbench: Workbench, link: FakeLink, send_pane: SendPane, echo_server: int, every: str, times: str
) -> None:
    connect(qtbot, workbench, link, send_pane, echo_server, 1)
    type_in(send_pane, "x")
    send_pane.repeats.click()
    bar = send_pane.repeat
    bar.set_values(every, times)
    wrong, right = (bar.times, bar.every) if every == "5" else (bar.every, bar.times)
    assert bar.state.text().startswith("⚠ ")
    assert wrong.accessibleDescription() in bar.state.text()
    assert not right.accessibleDescription()
    assert not bar.button.isEnabled()
    QTest.keyClick(wrong, Qt.Key.Key_Return)
    assert not any(isinstance(command, commands.Repeat) for command in link.posted)
    bar.set_values("2.5", "1,000")
    assert bar.button.isEnabled()
    assert not bar.state.text().startswith("⚠ ")


def test_nothing_to_repeat_says_why(workbench: Workbench, send_pane: SendPane, echo_server: int) -> None:
    send_pane.repeats.click()
    assert not send_pane.repeat.button.isEnabled()
    assert send_pane.repeat.button.toolTip() == "Nobody is connected yet."
    QTest.keyClick(send_pane.repeat.every, Qt.Key.Key_Return)
    assert send_pane.repeat.state.text() == "⚠ Nobody is connected yet."


def test_values_are_read_strictly() -> None:
    assert read_every("1") == 0.001
    assert read_every(" 1,000 ") == 1.0
    assert read_every("3600000") == 3600.0
    for wrong in ("2,5", "1e3", "0.999", "3600001", "1_0", "nan", "٣"):
        assert isinstance(read_every(wrong), str), wrong
    assert (read_times("0"), read_times("1,000")) == (0, 1000)
    for wrong in ("1000000001", "٣", "1,0", "9" * 99):
        assert isinstance(read_times(wrong), str), wrong


def test_the_rate_is_said_with_the_digits_that_count() -> None:
    news = events.RepeatProgress(1, 1, 1, 0, 4, 0.0, 0.0, 0, 2)
    assert describe(news, 2.0) == "Sent 1 · wanted 0.5 per second · 2 left out."


def test_texts_of_the_clipboard_are_left_alone(send_pane: SendPane) -> None:
    """Opening menus reads the clipboard and never writes it."""
    QApplication.clipboard().setText("mine")
    send_pane.editor.make_menu()
    assert QApplication.clipboard().text() == "mine"
