"""The settings form as its user meets it: typing, choosing, mistakes, starting, another socket, undo."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from explorer.capture.reader import Reader
from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import commands, events
from explorer.core.calls import CallKind
from explorer.core.endpoint import Endpoint
from explorer.core.failure import Failure
from explorer.core.fields import Field
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui.dialogs.options_dialog import OptionsDialog
from explorer.ui.panes.settings_pane import SettingsPane
from explorer.ui.theme import Theme
from explorer.ui.widgets.choice_form import ChoiceForm
from explorer.ui.workbench import Workbench
from explorer.wire.framing import registry as framings
from explorer.wire.framing.api import FramingKind
from tests.gui.conftest import FakeLink


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> SettingsPane:
    made = SettingsPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(900, 300)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def echo(workbench: Workbench, pane: SettingsPane) -> int:
    number = workbench.add_socket(SocketSpec("echo", port=9000))
    workbench.selection.choose_scope(Scope(number))
    return number


def spec(workbench: Workbench, number: int) -> SocketSpec:
    entry = workbench.socket(number)
    assert entry is not None
    return entry.spec


def line_edit(field: QWidget) -> QLineEdit:
    edit = field.lineEdit() if isinstance(field, QComboBox) else field
    assert isinstance(edit, QLineEdit)
    return edit


def retype(field: QWidget, text: str) -> None:
    """Put the keyboard into a field, select what is there, type."""
    edit = line_edit(field)
    edit.setFocus()
    edit.selectAll()
    if text:
        QTest.keyClicks(edit, text)
    else:
        QTest.keyClick(edit, Qt.Key.Key_Delete)


def choose(combo: QComboBox, data: object) -> None:
    """As a user does with the keyboard."""
    place = combo.findData(data)
    assert place >= 0
    combo.setFocus()
    while combo.currentIndex() != place:
        QTest.keyClick(combo, Qt.Key.Key_Down if combo.currentIndex() < place else Qt.Key.Key_Up)


def run(workbench: Workbench, link: FakeLink, number: int) -> None:
    link.news.append(events.SocketChanged(number, State.LISTEN, Endpoint("127.0.0.1", 9000)))
    workbench.poll()


def test_nothing_chosen_says_what_to_do(pane: SettingsPane, workbench: Workbench) -> None:
    assert pane.empty.isVisible()
    assert "Add a server or a client" in pane.empty.text()
    workbench.add_socket(SocketSpec("echo", port=9000))
    assert "Choose a socket on the left" in pane.empty.text()
    assert not pane.body.isVisible()


def test_a_chosen_socket_is_shown(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    assert pane.header.name.text() == "echo"
    assert pane.header.title.text() == "TCP server"
    assert pane.header.status.text() == "not started"
    assert (pane.host.currentText(), pane.port.text(), pane.buffer_size.text()) == ("127.0.0.1", "9000", "4096")
    assert pane.errors.sentences == ["Only programs on this machine can connect. Enter starts it."]


def test_what_is_typed_goes_to_the_document_as_one_step_of_undo(
    pane: SettingsPane, workbench: Workbench, echo: int
) -> None:
    retype(pane.port, "4001")
    assert spec(workbench, echo).port == 4001
    retype(pane.host, "::1")
    assert spec(workbench, echo).host == "::1"
    workbench.undo.undo()
    assert (spec(workbench, echo).host, spec(workbench, echo).port) == ("127.0.0.1", 4001)
    assert pane.host.currentText() == "127.0.0.1"
    workbench.undo.undo()
    assert spec(workbench, echo).port == 9000
    assert pane.port.text() == "9000"
    workbench.undo.redo()
    assert pane.port.text() == "4001"


def test_typing_again_in_the_same_field_is_another_step(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    retype(pane.port, "4001")
    retype(pane.buffer_size, "10")
    retype(pane.port, "4002")
    retype(pane.header.name, "x")
    for name, port, size in (("echo", 4002, 10), ("echo", 4001, 10), ("echo", 4001, 4096), ("echo", 9000, 4096)):
        workbench.undo.undo()
        found = spec(workbench, echo)
        assert (found.name, found.port, found.buffer_size) == (name, port, size)


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("port", "70000", "Port 70,000 does not exist; ports go from 0 to 65,535."),
        ("port", "abc", "'abc' is not a port; a port is a whole number from 0 to 65,535."),
        ("port", "", "A port is needed: a whole number from 0 to 65,535."),
        ("host", "", "A host is needed: a name or an address, e.g. 127.0.0.1 for this machine."),
        (
            "host",
            "9007",
            (
                "9007 is a number, not a host. Is it the port? That has a field of its own. Write a name or an "
                "address, e.g. 127.0.0.1."
            ),
        ),
        ("buffer_size", "0", "Buffer size must be from 1 to 1,048,576 bytes; 0 is not."),
        ("buffer_size", "1048577", "Buffer size must be from 1 to 1,048,576 bytes; 1,048,577 is not."),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, echo: int, field: str, text: str, sentence: str
) -> None:
    before = spec(workbench, echo)
    widget = getattr(pane, field)
    shown = line_edit(widget)
    retype(widget, text)
    assert pane.errors.sentences == [sentence]
    assert widget.accessibleDescription() == sentence
    assert widget.property("wrong") is True
    assert shown.text() == text
    assert not pane.header.action.isEnabled()
    assert pane.header.action.toolTip() == sentence
    assert pane.start_problem == sentence
    # Digits before the wrong one were valid ports and sizes; the last valid value is in force.
    assert getattr(spec(workbench, echo), field) != text
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert not any(isinstance(command, commands.Start) for command in link.posted)
    retype(widget, str(getattr(before, field)))
    assert pane.errors.sentences == ["Only programs on this machine can connect. Enter starts it."]
    assert widget.property("wrong") is False
    assert pane.header.action.isEnabled()


def test_bad_input_stays_with_its_socket(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    other = workbench.add_socket(SocketSpec("other", port=9001))
    retype(pane.port, "abc")
    workbench.selection.choose_scope(Scope(other))
    assert pane.port.text() == "9001"
    assert pane.start_problem == ""
    workbench.selection.choose_scope(Scope(echo))
    assert pane.port.text() == "abc"
    assert "'abc' is not a port" in pane.start_problem


def test_several_mistakes_are_all_named(pane: SettingsPane, echo: int) -> None:
    retype(pane.port, "")
    retype(pane.buffer_size, "")
    assert len(pane.errors.sentences) == 2
    pane.errors.wanted.emit("port")
    assert pane.port.hasFocus()


def test_two_sockets_cannot_have_one_name(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    other = workbench.add_socket(SocketSpec("other", port=9001))
    retype(pane.header.name, "other")
    assert "Another socket is called 'other' already" in pane.start_problem
    assert spec(workbench, echo).name == "echo"  # half of a wrong name is not taken
    workbench.remove_socket(other)
    assert pane.start_problem == ""


def test_enter_starts(pane: SettingsPane, workbench: Workbench, link: FakeLink, echo: int) -> None:
    retype(pane.port, "4001")
    QTest.keyClick(pane.port, Qt.Key.Key_Return)
    [start] = link.posted
    assert isinstance(start, commands.Start)
    assert (start.socket, start.spec.port) == (echo, 4001)


def test_start_and_stop(pane: SettingsPane, workbench: Workbench, link: FakeLink, echo: int) -> None:
    QTest.mouseClick(pane.header.action, Qt.MouseButton.LeftButton)
    run(workbench, link, echo)
    assert pane.header.action.text() == "Stop"
    assert pane.header.status.text() == "listening on 127.0.0.1:9000"
    QTest.mouseClick(pane.header.action, Qt.MouseButton.LeftButton)
    assert [type(command) for command in link.posted] == [commands.Start, commands.Stop]


def test_while_it_runs_only_some_settings_change(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, echo: int
) -> None:
    pane.port.setFocus()
    workbench.start(echo)
    run(workbench, link, echo)
    for widget in (pane.host, pane.port, pane.buffer_size, pane.transport, pane.role):
        assert not widget.isEnabled()
    for other in (pane.header.name, pane.framing.kinds, pane.program.kinds, pane.encoding, pane.options):
        assert other.isEnabled()
    assert "Stop to change" in pane.errors.sentences[0]
    assert pane.header.action.hasFocus()
    pane.focus_first()  # as by Alt+2: not on Stop, which a press of Space would do
    assert pane.framing.kinds.hasFocus()
    choose(pane.program.kinds, "echo")
    assert link.posted[-1] == commands.SetProgram(echo, Choice("echo"), Choice("raw"))


def test_framing_settings_come_from_the_kind(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    assert not pane.framing.details.isVisible()
    choose(pane.framing.kinds, "delimiter")
    assert pane.framing.details.isVisible()
    assert spec(workbench, echo).framing == Choice("line")  # on the way down; a delimiter is missing
    assert "Delimiter is missing" in pane.start_problem
    digits = pane.framing.editor("hex")
    assert digits is not None
    retype(digits, "0d0")
    assert "Hex digits come in pairs" in pane.start_problem
    assert digits.property("wrong") is True
    QTest.keyClick(digits, Qt.Key.Key_A)
    assert spec(workbench, echo).framing == Choice("delimiter", {"hex": "0d0a"})
    keep = pane.framing.editor("keep")
    assert keep is not None
    keep.setFocus()
    QTest.keyClick(keep, Qt.Key.Key_Space)
    assert spec(workbench, echo).framing == Choice("delimiter", {"hex": "0d0a", "keep": True})
    workbench.undo.undo()
    workbench.undo.undo()
    assert spec(workbench, echo).framing == Choice("line")
    assert pane.framing.kinds.currentData() == "line"


def test_another_kind_needs_no_change_of_the_form(qtbot: QtBot, theme: Theme) -> None:
    from explorer.ui.choice_draft import ChoiceDraft

    class Registry:
        def kinds(self) -> tuple[FramingKind, ...]:
            fields = (
                Field("word", "text", "x", "Word", "Any word.", unit="letters"),
                Field("on", "bool", True, "Switch", "On or off."),
                Field("which", "choice", "a", "Which", "One of two.", choices=("a", "b")),
            )
            raw = framings.KINDS[0]
            return (FramingKind("new", "Something new", "New.", fields, raw.make, raw.picture),)

        def check_choice(self, given: object, path: str = "$") -> Choice:
            assert isinstance(given, dict)
            return Choice(given["kind"], {name: value for name, value in given.items() if name != "kind"})

    host = QWidget()
    qtbot.addWidget(host)
    form = ChoiceForm("Framing", Registry(), theme, host)
    draft = ChoiceDraft(Registry(), Choice("new"))
    form.show_draft(draft)
    assert [label.text() for label in form.details.findChildren(QLabel)] == ["Word", "letters", "Which"]
    word, switch, which = (form.editor(name) for name in ("word", "on", "which"))
    assert isinstance(word, QLineEdit)
    assert isinstance(which, QComboBox)
    assert switch is not None
    with qtbot.waitSignal(form.edited):
        QTest.keyClicks(word, "yz")
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    QTest.keyClick(which, Qt.Key.Key_Down)
    assert draft.check().choice == Choice("new", {"word": "xyz", "on": False, "which": "b"})


def test_transport_and_role(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    pane.transport.button("udp").click()
    pane.role.button("client").click()
    found = spec(workbench, echo)
    assert (found.transport, found.role) == ("udp", "client")
    assert pane.header.title.text() == "UDP client"
    assert pane.errors.sentences == ["Enter opens a socket that sends to 127.0.0.1:9000."]
    workbench.undo.undo()
    assert pane.role.value == "server"


def test_segments_follow_the_arrow_keys(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    pane.transport.button("tcp").setFocus()
    QTest.keyClick(pane.transport.button("tcp"), Qt.Key.Key_Right)
    assert spec(workbench, echo).transport == "udp"
    assert pane.transport.button("udp").hasFocus()


def test_port_zero_is_for_servers(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    retype(pane.port, "0")
    assert pane.errors.sentences[0].startswith("The system will choose a free port.")
    pane.role.button("client").click()
    assert "only a server can use" in pane.start_problem
    assert spec(workbench, echo).role == "server"
    retype(pane.port, "7")
    assert (spec(workbench, echo).role, spec(workbench, echo).port) == ("client", 7)


def test_wildcard_says_who_can_connect(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    pane.host.setFocus()
    while pane.host.currentText() != "0.0.0.0":
        QTest.keyClick(pane.host, Qt.Key.Key_Down)
    assert spec(workbench, echo).host == "0.0.0.0"
    assert pane.errors.sentences[0].startswith("Every machine that can reach this one can connect.")


def test_hosts_that_were_started_are_remembered(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, echo: int
) -> None:
    retype(pane.host, "192.0.2.7")
    QTest.keyClick(line_edit(pane.host), Qt.Key.Key_Return)
    assert pane.hosts == ["192.0.2.7"]
    assert pane.host.findText("192.0.2.7") >= 0
    assert pane.host.currentText() == "192.0.2.7"


def test_encoding(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    choose(pane.encoding, "latin-1")
    assert spec(workbench, echo).encoding == "latin-1"


def test_an_encoding_that_is_not_listed_is_shown(pane: SettingsPane, workbench: Workbench) -> None:
    number = workbench.add_socket(SocketSpec("k", port=1, encoding="cp866"))
    workbench.selection.choose_scope(Scope(number))
    assert pane.encoding.currentText() == "cp866"


def test_a_failure_is_told_whole_and_can_be_hidden(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, link: FakeLink, writer: Writer, echo: int
) -> None:
    QApplication.processEvents()  # the form was just filled: let its layout settle
    high = pane.heightForWidth(900)
    assert not pane.failure.isVisible()
    record = writer.add_detail(CallKind.bind, echo, 0, {"host": "127.0.0.1", "port": 9000}, errno=98)
    failure = Failure(
        'bind(("127.0.0.1", 9000))', "EADDRINUSE", "Address already in use", "Port 9000 is in use.", "Choose another."
    )
    link.news.append(events.SocketFailed(echo, 0, failure, True, record))
    link.news.append(events.SocketChanged(echo, State.FAILED))
    workbench.poll()
    assert pane.failure.sentences == [
        "Port 9000 is in use. Choose another.",
        'bind(("127.0.0.1", 9000)) → EADDRINUSE (Address already in use)',
    ]
    assert pane.header.status.text() == "failed"
    assert pane.heightForWidth(900) > high
    QTest.mouseClick(pane.failure._show, Qt.MouseButton.LeftButton)
    assert workbench.selection.span is not None
    assert workbench.selection.span.first_call == record
    QTest.mouseClick(pane.failure._close, Qt.MouseButton.LeftButton)
    assert not pane.failure.isVisible()
    qtbot.waitUntil(lambda: pane.heightForWidth(900) == high)


def test_in_a_capture_from_disk_only_the_views_change(
    qtbot: QtBot, writer: Writer, theme: Theme, qapp: QApplication
) -> None:
    writer.add_detail(CallKind.note, 1, 0, {"text": "opened", "name": "echo", "transport": "tcp", "role": "server"})
    writer.add_detail(CallKind.socket, 1, 0, {"family": "AF_INET", "type": "SOCK_STREAM"})
    bench = Workbench(Reader.of(writer), None)
    try:
        pane = SettingsPane(bench, theme)
        qtbot.addWidget(pane)
        pane.show()
        number = bench.sockets[0].number
        bench.selection.choose_scope(Scope(number))
        assert not pane.header.action.isVisible()
        for widget in (pane.host, pane.port, pane.buffer_size, pane.header.name, pane.program.kinds, pane.options):
            assert not widget.isEnabled()
        choose(pane.framing.kinds, "line")
        choose(pane.encoding, "ascii")
        found = spec(bench, number)
        assert (found.framing, found.encoding) == (Choice("line"), "ascii")
    finally:
        bench.shut_down()


def test_removing_the_chosen_socket(pane: SettingsPane, workbench: Workbench, echo: int) -> None:
    workbench.remove_socket(echo)
    assert pane.empty.isVisible()
    workbench.undo.undo()
    workbench.selection.choose_scope(Scope(echo))
    assert pane.port.text() == "9000"


def test_every_control_has_a_name_and_tab_reaches_it(pane: SettingsPane, echo: int) -> None:
    choose(pane.framing.kinds, "line")
    for widget in (
        pane.header.name, pane.host, pane.port, pane.buffer_size, pane.framing.kinds, pane.framing.toggle,
        pane.encoding, pane.program.kinds,
    ):  # fmt: skip
        assert widget.accessibleName()
    pane.header.name.setFocus()
    seen: list[QWidget | None] = []
    for _ in range(30):
        focus = QApplication.focusWidget()
        if focus is None or focus in seen:
            break
        seen.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    order = [
        pane.header.name, pane.transport.button("tcp"), pane.role.button("server"), pane.host, pane.port,
        pane.buffer_size, pane.framing.kinds, pane.framing.toggle, pane.framing.editor("ending"),
        pane.framing.editor("max"), pane.encoding, pane.program.kinds, pane.options, pane.header.action,
    ]  # fmt: skip
    assert [widget for widget in seen if widget in order] == order


def test_the_form_fits_a_narrow_window(pane: SettingsPane, echo: int) -> None:
    assert pane.heightForWidth(450) > pane.heightForWidth(1400)
    pane.resize(450, pane.heightForWidth(450))
    for widget in (pane.host, pane.port, pane.buffer_size, pane.options, pane.header.action):
        right = widget.mapTo(pane, widget.rect().topRight()).x()
        assert right <= pane.width()


def test_after_a_failure_the_keyboard_is_back_where_it_was(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, echo: int
) -> None:
    pane.port.setFocus()
    QTest.keyClick(pane.port, Qt.Key.Key_Return)
    run(workbench, link, echo)
    assert pane.header.action.hasFocus()
    link.news.append(events.SocketFailed(echo, 0, Failure("bind()", "EACCES", "", "Not allowed.", ""), True))
    link.news.append(events.SocketChanged(echo, State.FAILED))
    workbench.poll()
    assert pane.port.hasFocus()


def test_start_with_a_mistake_goes_to_it(pane: SettingsPane, link: FakeLink, echo: int) -> None:
    retype(pane.port, "x")
    pane.header.name.setFocus()
    pane.start()
    assert pane.port.hasFocus()
    assert link.posted == []


@pytest.mark.qt_log_ignore(r"does not support raise\(\)", extend=True)
def test_options_asked_for_twice_are_one_dialog(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, echo: int
) -> None:
    other = workbench.add_socket(SocketSpec("other", port=9001))
    pane.open_options()
    pane.open_options()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    [dialog] = pane.findChildren(OptionsDialog)
    assert dialog.isVisible()
    workbench.selection.choose_scope(Scope(other))
    assert not dialog.isVisible()
    pane.open_options()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    [dialog] = pane.findChildren(OptionsDialog)
    assert dialog.windowTitle() == "Options of other"
    dialog.reject()
    pane.open_options()
    assert any(found.isVisible() for found in pane.findChildren(OptionsDialog))


def test_what_undo_changes_under_a_running_socket_is_told(
    pane: SettingsPane, workbench: Workbench, link: FakeLink, echo: int
) -> None:
    retype(pane.port, "9001")
    workbench.start(echo)
    run(workbench, link, echo)
    assert "Stop to change" in pane.errors.sentences[0]
    workbench.undo.undo()
    assert pane.port.text() == "9000"
    assert pane.errors.sentences == [
        "Port: what stands here differs from what runs now, and counts from the next start on. Stop, then start."
    ]
    workbench.undo.redo()
    assert "differs" not in pane.errors.sentences[0]


def test_the_form_can_be_put_away_and_comes_back_where_it_is_needed(
    qtbot: QtBot, pane: SettingsPane, workbench: Workbench, echo: int
) -> None:
    QApplication.processEvents()  # the form was just filled: let its layout settle
    high = pane.sizeHint().height()
    qtbot.mouseClick(pane.header.fold, Qt.MouseButton.LeftButton)
    assert pane.folded
    assert not pane.form.isVisible()
    assert pane.header.name.isVisible()
    assert pane.header.action.isVisible()
    qtbot.waitUntil(lambda: pane.sizeHint().height() < high / 2)
    pane.focus_first()  # who goes to the settings wants to see them
    assert pane.form.isVisible()
    qtbot.waitUntil(lambda: pane.sizeHint().height() == high)
    pane.port.setText("70000")
    pane.fold(True)
    assert any("65,535" in sentence for sentence in pane.errors.sentences)  # what is wrong stays in sight
    pane.start()
    assert not pane.folded
    qtbot.waitUntil(pane.port.hasFocus)


def test_a_form_that_was_put_away_stays_so_for_the_next_socket(
    pane: SettingsPane, workbench: Workbench, echo: int
) -> None:
    pane.fold(True)
    other = workbench.add_socket(SocketSpec("other", port=7))
    workbench.selection.choose_scope(Scope(other))
    assert not pane.form.isVisible()
    assert pane.header.name.text() == "other"
