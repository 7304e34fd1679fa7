"""The Python dock: the script of the chosen socket, the line of the chosen call, and a run beside the app."""

from __future__ import annotations

import dataclasses
import select
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from explorer.capture.stream import Scope
from explorer.capture.writer import Writer
from explorer.core import events
from explorer.core.calls import CallKind
from explorer.core.commands import Stop
from explorer.core.endpoint import Endpoint
from explorer.core.sequence import ConnectStep, Match, SendStep, Sequence, StartStep, WaitStep
from explorer.core.snippet import Snippet
from explorer.core.socket_spec import Choice, SocketSpec
from explorer.core.states import State
from explorer.ui import python_runner
from explorer.ui.panes.python_pane import PythonPane
from explorer.ui.python_subject import file_of
from explorer.ui.theme import Theme
from explorer.ui.workbench import Workbench
from tests.gui.conftest import FakeLink


@pytest.fixture
def pane(qtbot: QtBot, workbench: Workbench, theme: Theme) -> Iterator[PythonPane]:
    made = PythonPane(workbench, theme)
    qtbot.addWidget(made)
    made.resize(520, 640)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.runner.shut_down()


def edit(workbench: Workbench, number: int, **changes: object) -> None:
    entry = workbench.socket(number)
    assert entry is not None
    workbench.edit_socket(number, dataclasses.replace(entry.spec, **changes))  # type: ignore[arg-type]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_empty_pane_says_what_will_appear(pane: PythonPane) -> None:
    assert pane.stack.currentWidget() is pane.empty
    assert "Choose a socket" in pane.empty.text()


def test_the_script_follows_the_chosen_socket_its_settings_and_the_style(
    pane: PythonPane, workbench: Workbench, echo_server: int
) -> None:
    assert "PORT = 9000" in pane.text.toPlainText()
    assert pane.where.text() == "echo · TCP server as echo_tcp_server.py"

    edit(workbench, echo_server, port=9001, program=Choice("echo"))
    assert "PORT = 9001" in pane.text.toPlainText()
    assert "def on_message" in pane.text.toPlainText()

    pane.style_choice.setCurrentIndex(pane.style_choice.findData("asyncio"))
    assert "asyncio.run(main())" in pane.text.toPlainText()

    other = workbench.add_socket(SocketSpec("client", role="client", port=9000))
    workbench.selection.choose_scope(Scope(other))
    assert "open_connection" in pane.text.toPlainText()


def test_a_sequence_is_shown_when_it_is_chosen(pane: PythonPane, workbench: Workbench, echo_server: int) -> None:
    assert pane.what.isHidden()
    steps = (ConnectStep(), SendStep("hello"), WaitStep(Match("exact", "hello")))
    workbench.add_socket(SocketSpec("client", role="client", port=9000, framing=Choice("line")))
    workbench.sequences.add(Sequence("Say hello", "client", steps))
    assert pane.what.isVisible()
    assert "def steps" not in pane.text.toPlainText()

    pane.show_sequence("Say hello")
    assert pane.where.text() == "Say hello · sequence as say_hello.py"
    assert 'client.wait_for("is", b"hello")' in pane.text.toPlainText()
    pane.style_choice.setCurrentIndex(pane.style_choice.findData("asyncio"))
    assert 'await client.wait_for("is", b"hello")' in pane.text.toPlainText()

    longer = (*steps, SendStep(snippet="bye"))
    workbench.sequences.change("Say hello", Sequence("Talk", "client", longer))
    assert pane.what.currentText() == "Sequence: Talk"
    assert "There is no snippet called" in pane.problem.text()
    workbench.snippets.add(Snippet("bye", "text", "good-bye"))
    assert 'encode(b"good-bye")' in pane.text.toPlainText()

    workbench.sequences.remove("Talk")
    assert pane.what.isHidden()
    assert "PORT = 9000" in pane.text.toPlainText()
    assert pane.where.text().startswith("echo")


def test_a_sequence_runs_beside_the_app(pane: PythonPane, workbench: Workbench, link: FakeLink, qtbot: QtBot) -> None:
    port = free_port()
    number = workbench.add_socket(SocketSpec("server", port=port, program=Choice("echo"), framing=Choice("line")))
    workbench.add_socket(SocketSpec("client", role="client", port=port, framing=Choice("line")))
    steps = (StartStep("server"), ConnectStep(), SendStep("hello"), WaitStep(Match("exact", "hello")))
    workbench.sequences.add(Sequence("Say hello", "client", steps))
    pane.show_sequence("Say hello")
    workbench.start(number)
    link.news.append(events.SocketChanged(number, State.LISTEN, Endpoint("127.0.0.1", port)))
    workbench.poll()
    pane.run_button.click()
    assert pane.clash.isVisible()
    assert not pane.clash.other_button.isVisible()
    assert pane.clash.text.text().endswith("stop yours to run this.")

    pane.clash.stop_button.click()
    link.news.append(events.SocketChanged(number, State.CLOSED))
    workbench.poll()
    qtbot.waitUntil(lambda: "[It ended with exit status 0.]" in pane.run.output.toPlainText())
    assert "client <- b'hello'" in pane.run.output.toPlainText()
    assert "Passed." in pane.run.output.toPlainText()


def test_what_has_no_script_says_why(pane: PythonPane, workbench: Workbench, echo_server: int) -> None:
    edit(workbench, echo_server, program=Choice("echo"), framing=Choice("length", {"offset": 2, "skip": 6}))

    assert pane.text.toPlainText() == ""
    assert "nothing can be sent back as it came" in pane.problem.text()
    assert not pane.run_button.isEnabled()
    edit(workbench, echo_server, framing=Choice("raw"))
    assert pane.problem.isHidden()


def test_the_line_of_the_chosen_call_is_marked(
    pane: PythonPane, workbench: Workbench, writer: Writer, echo_server: int
) -> None:
    edit(workbench, echo_server, program=Choice("echo"))
    for kind in (CallKind.bind, CallKind.accept, CallKind.recv, CallKind.send):
        number = writer.add(kind, echo_server, 1)
        workbench.selection.choose_call(workbench.reader.call(number), None)
        line = pane.text.toPlainText().splitlines()[pane.text.call_line - 1]
        assert f".{kind.name}" in line, (kind, line)

    stranger = writer.add(CallKind.recv, 77, 1)
    workbench.selection.choose_call(workbench.reader.call(stranger), None)
    assert pane.text.call_line == 0


def test_copy_and_save(pane: PythonPane, echo_server: int, tmp_path: Path) -> None:
    pane.copy_button.click()
    assert QGuiApplication.clipboard().text() == pane.text.toPlainText()

    pane._save(str(tmp_path / "saved.py"))
    assert (tmp_path / "saved.py").read_text(encoding="utf-8") == pane.text.toPlainText()
    pane._save(str(tmp_path / "nowhere" / "saved.py"))
    assert "was not saved" in pane.problem.text()


def test_a_script_runs_beside_the_app_until_it_is_stopped(pane: PythonPane, workbench: Workbench, qtbot: QtBot) -> None:
    port = free_port()
    number = workbench.add_socket(SocketSpec("mine", port=port, program=Choice("echo")))
    workbench.selection.choose_scope(Scope(number))
    pane.run_button.click()
    qtbot.waitUntil(lambda: f"Listening on 127.0.0.1:{port}." in pane.run.output.toPlainText())
    assert pane.stop_button.isVisible()
    assert not pane.run_button.isVisible()
    with socket.create_connection(("127.0.0.1", port), 5) as peer:
        peer.sendall(b"hello")
        assert peer.recv(100) == b"hello"

    pane.stop_button.click()
    qtbot.waitUntil(lambda: not pane.runner.running)
    assert "Stopped." in pane.run.output.toPlainText()
    assert pane.run_button.isVisible()


def test_what_is_typed_reaches_the_script(pane: PythonPane, workbench: Workbench, qtbot: QtBot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        spec = SocketSpec("c", role="client", port=listener.getsockname()[1])
        workbench.selection.choose_scope(Scope(workbench.add_socket(spec)))
        pane.run_button.click()
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(5)
            qtbot.waitUntil(lambda: "is connected" in pane.run.output.toPlainText())
            pane.run.line.setText("hello")
            pane.run.line.returnPressed.emit()
            qtbot.waitUntil(lambda: bool(select.select([peer], [], [], 0)[0]))  # the line is on its way while Qt runs
            assert peer.recv(100) == b"hello\n"
        qtbot.waitUntil(lambda: not pane.runner.running)
    assert "[It ended with exit status 0.]" in pane.run.output.toPlainText()


def test_a_password_is_handed_over_and_not_written(pane: PythonPane, workbench: Workbench, qtbot: QtBot) -> None:
    users = ({"user": "ada", "password": "s3cret-word"},)
    port = free_port()
    spec = SocketSpec("in", port=port, framing=Choice("line"), program=Choice("login", {"users": users}))
    workbench.selection.choose_scope(Scope(workbench.add_socket(spec)))
    assert "s3cret-word" not in pane.text.toPlainText()
    pane.run_button.click()
    qtbot.waitUntil(lambda: "Listening" in pane.run.output.toPlainText())
    with socket.create_connection(("127.0.0.1", port), 5) as peer:
        peer.sendall(b"ada\ns3cret-word\n")
        with peer.makefile("rb") as lines:
            assert [lines.readline() for _ in range(3)][-1] == b"Welcome, ada.\n"


def test_a_port_that_our_own_socket_holds_is_asked_about(
    pane: PythonPane, workbench: Workbench, link: FakeLink, qtbot: QtBot
) -> None:
    port = free_port()
    number = workbench.add_socket(SocketSpec("ours", port=port, program=Choice("echo")))
    workbench.selection.choose_scope(Scope(number))
    workbench.start(number)
    link.news.append(events.SocketChanged(number, State.LISTEN, Endpoint("127.0.0.1", port)))
    workbench.poll()

    pane.run_button.click()
    assert pane.clash.isVisible()
    assert f'Port {port} is in use by your socket "ours".' in pane.clash.text.text()
    assert not pane.runner.running
    pane.clash.cancel_button.click()
    assert not pane.clash.isVisible()

    pane.run_button.click()
    pane.clash.other_button.click()
    qtbot.waitUntil(lambda: "Listening on" in pane.run.output.toPlainText())
    assert f":{port}." not in pane.run.output.toPlainText()
    pane.stop_button.click()
    qtbot.waitUntil(lambda: not pane.runner.running)

    pane.run_button.click()
    pane.clash.stop_button.click()
    assert link.posted[-1] == Stop(number)
    link.news.append(events.SocketChanged(number, State.CLOSED))
    workbench.poll()
    qtbot.waitUntil(lambda: f"Listening on 127.0.0.1:{port}." in pane.run.output.toPlainText())


def test_without_python_it_says_so(pane: PythonPane, workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QStandardPaths, "findExecutable", lambda _name: "")
    workbench.selection.choose_scope(Scope(workbench.add_socket(SocketSpec("x"))))
    pane.run_button.click()

    assert "No Python was found on this computer" in pane.problem.text()
    assert not pane.runner.running


def test_a_packaged_app_gives_the_script_the_environment_it_was_started_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/the/app")
    assert not python_runner.outer_environment({}).contains("LD_LIBRARY_PATH")

    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/theirs")
    assert python_runner.outer_environment({}).value("LD_LIBRARY_PATH") == "/theirs"


def test_names_of_files() -> None:
    assert file_of(SocketSpec("My échò 2!", "udp", "client")) == "my_ch_2_udp_client.py"
    assert file_of(SocketSpec("…")) == "socket_tcp_server.py"
