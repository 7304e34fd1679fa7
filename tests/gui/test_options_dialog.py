"""The options of a socket: what applies, mistakes, Enter and Esc, and what the system made of them."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from explorer.core import events
from explorer.core.socket_spec import SocketOptions, SocketSpec
from explorer.core.states import State
from explorer.ui.dialogs.options_dialog import OptionsDialog
from explorer.ui.option_fields import OPTION_FIELDS
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink

Opener = Callable[[SocketSpec], tuple[OptionsDialog, int]]


@pytest.fixture
def open_dialog(qtbot: QtBot, workbench: Workbench, theme: Theme) -> Opener:
    """Opens the dialog for a new socket: the dialog, and the socket's number."""
    host = QWidget()
    qtbot.addWidget(host)

    def opener(spec: SocketSpec) -> tuple[OptionsDialog, int]:
        number = workbench.add_socket(spec)
        dialog = OptionsDialog(workbench, theme, number, host)
        with qtbot.waitActive(dialog):
            dialog.show()
            dialog.activateWindow()
        return dialog, number

    return opener


def options(workbench: Workbench, number: int) -> SocketOptions:
    entry = workbench.socket(number)
    assert entry is not None
    return entry.spec.options


def field(dialog: OptionsDialog, name: str) -> QWidget:
    found = dialog.findChild(QWidget, name)
    assert isinstance(found, QLineEdit | QComboBox)
    return found


def note(dialog: OptionsDialog, name: str) -> str:
    return dialog._notes[name].text()


def ok(dialog: OptionsDialog) -> QWidget:
    button: QWidget = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    return button


def test_every_option_has_a_label_and_a_reason(qtbot: QtBot, workbench: Workbench, open_dialog: Opener) -> None:
    dialog, _ = open_dialog(SocketSpec("echo", port=1))
    assert not dialog.isModal()
    buddies = {label.buddy() for label in dialog.findChildren(QLabel)}
    for described in OPTION_FIELDS:
        editor = field(dialog, described.name)
        assert editor in buddies
        assert editor.accessibleName() == described.label
        assert described.why in note(dialog, described.name)


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        (SocketSpec("a", "tcp", "server", "::", 1),
         {"local_host", "local_port", "timeout", "broadcast", "answer_limit"}),
        (SocketSpec("a", "tcp", "client", "::1", 1),
         {"backlog", "accept_timeout", "idle_timeout", "ipv6_only", "broadcast", "answer_limit"}),
        (SocketSpec("a", "udp", "server", "127.0.0.1", 1),
         {"local_host", "local_port", "timeout", "backlog", "accept_timeout", "idle_timeout", "keep_alive", "linger",
          "no_delay", "ipv6_only"}),
    ],
)  # fmt: skip
def test_what_does_not_apply_says_why(open_dialog: Opener, spec: SocketSpec, names: set[str]) -> None:
    dialog, _ = open_dialog(spec)
    disabled = {one.name for one in OPTION_FIELDS if not field(dialog, one.name).isEnabled()}
    assert disabled == names
    assert all(note(dialog, name).startswith("Only for ") for name in names)


def test_enter_takes_them_over_as_one_step(qtbot: QtBot, workbench: Workbench, open_dialog: Opener) -> None:
    dialog, number = open_dialog(SocketSpec("echo", port=1))
    field(dialog, "backlog").setFocus()
    QTest.keyClicks(field(dialog, "backlog"), "5")
    QTest.keyClick(field(dialog, "no_delay"), Qt.Key.Key_Down)
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(field(dialog, "backlog"), Qt.Key.Key_Return)
    assert options(workbench, number) == SocketOptions(backlog=5, no_delay=True)
    workbench.undo.undo()
    assert options(workbench, number) == SocketOptions()


def test_escape_leaves_them(qtbot: QtBot, workbench: Workbench, open_dialog: Opener) -> None:
    dialog, number = open_dialog(SocketSpec("echo", port=1))
    QTest.keyClicks(field(dialog, "backlog"), "5")
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert options(workbench, number) == SocketOptions()


def test_back_to_the_default(qtbot: QtBot, workbench: Workbench, open_dialog: Opener) -> None:
    dialog, number = open_dialog(SocketSpec("echo", port=1, options=SocketOptions(backlog=5, no_delay=False)))
    combo, edit = field(dialog, "no_delay"), field(dialog, "backlog")
    assert isinstance(combo, QComboBox)
    assert isinstance(edit, QLineEdit)
    assert (combo.currentText(), edit.text()) == ("off", "5")
    QTest.keyClick(combo, Qt.Key.Key_Home)
    edit.selectAll()
    QTest.keyClick(edit, Qt.Key.Key_Delete)
    assert combo.currentText() == edit.placeholderText() == "system default"
    dialog.accept()
    assert options(workbench, number) == SocketOptions()


def test_a_mistake_gets_its_sentence_and_enter_waits(qtbot: QtBot, workbench: Workbench, open_dialog: Opener) -> None:
    dialog, number = open_dialog(SocketSpec("echo", port=1))
    QTest.keyClicks(field(dialog, "receive_buffer"), "0")
    sentence = "Receive buffer must be from 1 to 2,147,483,647 bytes; 0 is not."
    assert note(dialog, "receive_buffer") == f"⚠ {sentence}"
    assert not ok(dialog).isEnabled()
    assert ok(dialog).toolTip() == sentence
    QTest.keyClick(field(dialog, "receive_buffer"), Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert options(workbench, number) == SocketOptions()


def test_what_the_system_made_of_it(workbench: Workbench, link: FakeLink, open_dialog: Opener) -> None:
    dialog, number = open_dialog(SocketSpec("echo", port=1))
    link.news.append(events.SocketChanged(number, State.LISTEN))
    link.news.append(events.OptionsApplied(number, (("receive_buffer", "4096", "8192"),)))
    workbench.poll()
    assert note(dialog, "receive_buffer").endswith("Last start: asked for 4096, got 8192.")
    assert not field(dialog, "receive_buffer").isEnabled()
    assert not ok(dialog).isEnabled()
    assert "stop it to change them" in dialog.intro.text()


def test_the_dialog_goes_with_its_socket(qtbot: QtBot, workbench: Workbench, open_dialog: Opener) -> None:
    dialog, number = open_dialog(SocketSpec("echo", port=1))
    with qtbot.waitSignal(dialog.destroyed):
        workbench.remove_socket(number)
