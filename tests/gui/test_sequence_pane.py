"""The Sequences dock, by clicks and keys, on a real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from explorer import workspace
from explorer.app import Program
from explorer.capture.stream import Scope
from explorer.core.commands import Target
from explorer.core.sequence import BranchStep, CheckStep, ConnectStep, Match, RepeatStep, SendStep, Sequence, WaitStep
from explorer.core.socket_spec import SocketSpec
from explorer.core.states import State
from explorer.settings import Settings
from explorer.ui.models.sequence_tree import RESULT, STEP, items
from explorer.ui.panes.python_pane import PythonPane
from explorer.ui.panes.sequence_pane import SequencePane
from explorer.ui.theme import Theme


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("SOCKET_EXPLORER_DATA", str(tmp_path))
    made = Program(Theme("light"), Settings(tmp_path))
    made.open(None, start=False)
    with qtbot.waitActive(made.window):
        made.window.activateWindow()
    yield made
    made.window.close()


@pytest.fixture
def pane(program: Program) -> SequencePane:
    program.window.actions_["go_sequences"].trigger()
    found = program.window.findChild(SequencePane)
    assert isinstance(found, SequencePane)
    return found


def click(qtbot: QtBot, button: QPushButton) -> None:
    assert button.isEnabled(), button.text()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def add(pane: SequencePane, text: str) -> None:
    """Choose from the menu of Add step."""
    action = next(one for one in pane.view.add_menu.actions() if one.text().replace("&", "").startswith(text))
    assert action.isEnabled()
    action.trigger()


def choose(pane: SequencePane, path: str) -> None:
    """Go to the step with this path; "" for the sequence itself."""
    for item, place in items(pane.view.tree):
        if ("" if place is None else place.path) == path:
            pane.view.tree.setCurrentItem(item)
            return
    raise AssertionError(f"no step {path}")


def enter(pane: SequencePane, name: str, value: str) -> None:
    """Type, or choose, in the form."""
    field = pane.view.form.fields[name]
    assert not field.isHidden()
    if isinstance(field, QLineEdit):
        field.setText(value)
    elif isinstance(field, QComboBox):
        field.setCurrentIndex(field.findData(value))


def rows(pane: SequencePane) -> list[str]:
    return [item.text(STEP) for item, _ in items(pane.view.tree)]


def results(pane: SequencePane) -> list[str]:
    return [item.text(RESULT) for item, _ in items(pane.view.tree)]


def made_example(pane: SequencePane, qtbot: QtBot) -> Sequence:
    click(qtbot, pane.empty.example)
    qtbot.waitUntil(lambda: pane.sequence is not None, timeout=10_000)
    assert pane.sequence is not None
    return pane.sequence


def has_ended(pane: SequencePane) -> Callable[[], bool]:
    return lambda: pane.play.result is not None and not pane.play.running


def test_the_example_works_at_once(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    assert "test without code" in pane.empty.text.text()
    made_example(pane, qtbot)
    click(qtbot, pane.view.run)
    qtbot.waitUntil(has_ended(pane), timeout=10_000)
    result = pane.play.result
    assert result is not None
    assert result.passed, result
    assert all(text.startswith("✓ passed") for text in results(pane)[1:])
    assert "Passed (" in pane.view.result.text()
    client = next(entry for entry in program.workbench.sockets if entry.spec.name == "client")
    assert client.state is State.ESTABLISHED
    assert client.started == client.spec


def test_the_example_talks_with_the_sockets_of_try_it(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    program.window.actions_["try_it"].trigger()
    qtbot.waitUntil(lambda: len(program.workbench.sockets) == 2, timeout=10_000)
    qtbot.waitUntil(lambda: program.live.tally.received > 20, timeout=10_000)
    made_example(pane, qtbot)
    assert len(program.workbench.sockets) == 2
    click(qtbot, pane.view.run)
    qtbot.waitUntil(has_ended(pane), timeout=10_000)
    assert pane.play.result is not None
    assert pane.play.result.passed


def test_no_key_means_two_things(pane: SequencePane, qtbot: QtBot) -> None:
    """The letters of the window are taken by panes that are always there."""
    made_example(pane, qtbot)
    labels = [one for one in pane.findChildren(QLabel) if one.buddy() is not None]
    assert labels
    for text in (*(one.text() for one in pane.findChildren(QAbstractButton)), *(one.text() for one in labels)):
        assert QKeySequence.mnemonic(text).isEmpty(), text
    for field in pane.view.form.fields.values():
        assert field.accessibleName() or isinstance(field, QAbstractButton)


def test_a_step_that_fails_is_marked_and_its_call_shown(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    made_example(pane, qtbot)
    choose(pane, "steps[3]")
    enter(pane, "how", "exact")
    enter(pane, "pattern", "Something else")
    enter(pane, "seconds", "0.1")
    choose(pane, "steps[4]")
    assert "Nothing is remembered as 'name'" in pane.view.form.errors.sentences[0]
    assert not pane.view.run.isEnabled()
    assert "It cannot run yet. At “Check: name" in pane.view.result.text()
    qtbot.keyClick(pane.view.tree, Qt.Key.Key_Delete)
    choose(pane, "steps[4]")
    qtbot.keyClick(pane.view.tree, Qt.Key.Key_Delete)
    click(qtbot, pane.view.run)
    qtbot.waitUntil(has_ended(pane), timeout=10_000)
    assert results(pane)[4].startswith("✗ failed: No message that is exactly")
    assert results(pane)[5] == ""
    assert "Hello, my name is Ann" in pane.view.result.text()
    pane.view.result.linkActivated.emit("call")
    span = program.workbench.selection.span
    assert span is not None
    call = program.workbench.reader.call(span.first_call)
    assert program.workbench.reader.traffic(call) == b"Hello, my name is Ann\n"


def test_steps_are_added_edited_moved_and_undone(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    bench = program.workbench
    bench.add_socket(SocketSpec("one", role="client", port=9))
    click(qtbot, pane.empty.new)
    add(pane, "Connect")
    add(pane, "Send")
    enter(pane, "text", "hello")
    add(pane, "Wait")
    add(pane, "Repeat")
    enter(pane, "times", "5")
    add(pane, "Check")
    enter(pane, "what", "count")
    enter(pane, "least", "2")
    expected = (
        ConnectStep(),
        SendStep("hello"),
        WaitStep(),
        RepeatStep(5, (CheckStep("count", least=2),)),
    )
    assert pane.sequence == Sequence("Sequence", "one", expected)
    assert rows(pane) == [
        "Sequence on one", "Connect", "Send “hello”", "Wait for any message", "Repeat 5 times",
        "Check: at least 2 messages came",
    ]  # fmt: skip
    click(qtbot, pane.view.up)  # out of the repeat
    assert pane.sequence is not None
    assert pane.sequence.steps[3:] == (CheckStep("count", least=2), RepeatStep(5))
    click(qtbot, pane.view.copy)
    assert len(pane.sequence.steps) == 6
    bench.undo.undo()
    bench.undo.undo()
    assert pane.sequence == Sequence("Sequence", "one", expected)
    bench.undo.undo()  # typing is one step
    assert pane.sequence is not None
    assert list(pane.sequence.steps[3:]) == [RepeatStep(5, (CheckStep("count", least=0),))]
    while bench.undo.canUndo():
        bench.undo.undo()
    assert pane.stack.currentWidget() is pane.empty
    while bench.undo.canRedo():
        bench.undo.redo()
    assert pane.sequence is not None
    assert len(pane.sequence.steps) == 6


def test_branches_have_cases(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    program.workbench.add_socket(SocketSpec("one", role="client", port=9))
    click(qtbot, pane.empty.new)
    add(pane, "Branch")
    add(pane, "Case")
    enter(pane, "how", "regex")
    enter(pane, "pattern", "(?P<why>.*)")
    add(pane, "Fail")
    enter(pane, "text", "No")
    choose(pane, "steps[0]")
    add(pane, "Otherwise")
    add(pane, "End")
    assert rows(pane) == [
        "Sequence on one", "Branch by the next message", "If it starts with “OK”",
        "If it fits the regex “(?P<why>.*)”", "Fail: No", "Otherwise", "End",
    ]  # fmt: skip
    choose(pane, "steps[0].cases[0].steps")
    click(qtbot, pane.view.remove)
    choose(pane, "steps[0].otherwise")
    click(qtbot, pane.view.remove)
    assert pane.sequence is not None
    branch = pane.sequence.steps[0]
    assert isinstance(branch, BranchStep)
    assert [case.match for case in branch.cases] == [Match("regex", "(?P<why>.*)")]
    assert branch.otherwise is None


def test_what_is_wrong_stands_beside_its_field_and_is_kept(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    program.workbench.add_socket(SocketSpec("one", role="client", port=9))
    click(qtbot, pane.empty.new)
    add(pane, "Wait")
    enter(pane, "how", "regex")
    enter(pane, "pattern", "(x")
    field = pane.view.form.fields["pattern"]
    assert "has no )" in pane.view.form.errors.sentences[0]
    assert field.property("wrong")
    choose(pane, "")
    enter(pane, "timeout", "soon")
    assert "is no number of seconds" in pane.view.form.errors.sentences[0]
    enter(pane, "timeout", "2")
    assert pane.view.form.errors.sentences == []
    choose(pane, "steps[0]")
    assert isinstance(field, QLineEdit)
    assert field.text() == "(x"
    enter(pane, "pattern", "(x)")
    assert pane.sequence is not None
    assert (pane.sequence.timeout, pane.sequence.steps) == (2, (WaitStep(Match("regex", "(x)")),))


def test_sockets_and_snippets_that_are_renamed_are_found_again(
    pane: SequencePane, qtbot: QtBot, program: Program
) -> None:
    from dataclasses import replace

    bench = program.workbench
    number = bench.add_socket(SocketSpec("one", role="client", port=9))
    click(qtbot, pane.empty.new)
    entry = bench.socket(number)
    assert entry is not None
    bench.edit_socket(number, replace(entry.spec, name="two"))
    assert pane.sequence is not None
    assert pane.sequence.socket == "two"
    bench.undo.undo()
    assert pane.sequence.socket == "one"


def test_a_recording_is_ended_where_it_was_begun(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    def place(button: QPushButton) -> tuple[QPoint, QSize]:
        QApplication.sendPostedEvents()
        pane.layout().activate()  # type: ignore[union-attr]
        return button.mapTo(pane, QPoint()), button.size()

    for button in (pane.empty.record, pane.view.record):
        if button is pane.view.record:
            made_example(pane, qtbot)
        assert button.isVisible()
        before = place(button)
        click(qtbot, button)
        assert button.text() == "Stop recording"
        assert pane.recorded.isVisible()
        assert place(button) == before
        assert pane.recorded.mapTo(pane, QPoint()).y() > before[0].y()
        click(qtbot, button)
        assert button.text() == "Record"
        assert place(button) == before


def test_what_is_done_by_hand_is_recorded(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    made_example(pane, qtbot)
    bench = program.workbench
    click(qtbot, pane.view.record)
    assert "Recording" in pane.recorded.text()
    client = next(entry.number for entry in bench.sockets if entry.spec.name == "client")
    bench.start(client)
    qtbot.waitUntil(lambda: len(bench.connections(client)) == 1, timeout=10_000)
    bench.selection.choose_scope(Scope(client))
    bench.send(Target(client), b"by hand\n")
    qtbot.waitUntil(lambda: len(pane.play.steps) == 3, timeout=10_000)
    assert "3 steps" in pane.recorded.text()
    click(qtbot, pane.view.record)
    assert pane.sequence == Sequence(
        "Recorded",
        "client",
        (
            ConnectStep("client"),
            SendStep("by hand", socket="client"),
            WaitStep(Match("exact", "by hand"), "client"),
        ),
    )
    assert pane.recorded.isHidden()
    click(qtbot, pane.view.run)
    qtbot.waitUntil(has_ended(pane), timeout=10_000)
    assert pane.play.result is not None
    assert pane.play.result.passed


def test_a_long_one_can_be_stopped(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    made_example(pane, qtbot)
    choose(pane, "")
    add(pane, "Pause")
    enter(pane, "seconds", "600")
    click(qtbot, pane.view.run)
    qtbot.waitUntil(lambda: any(text.startswith("…") for text in results(pane)), timeout=10_000)
    assert not pane.view.run.isEnabled()
    before = pane.sequence
    qtbot.keyClick(pane.view.tree, Qt.Key.Key_Delete)  # not while it runs
    assert pane.sequence == before
    click(qtbot, pane.view.stop)
    qtbot.waitUntil(has_ended(pane), timeout=10_000)
    assert "Stopped" in pane.view.result.text()
    assert pane.view.run.isEnabled()


def test_they_are_saved_with_the_workspace(pane: SequencePane, qtbot: QtBot, program: Program, tmp_path: Path) -> None:
    before = made_example(pane, qtbot)
    bench, path = program.workbench, tmp_path / "kept.json"
    workspace.save(path, bench.document)
    bench.load([])
    assert pane.stack.currentWidget() is pane.empty
    found = workspace.load(path)
    bench.load(found.sockets, found.snippets, found.sequences)
    assert pane.sequence == before
    client = next(entry.number for entry in bench.sockets if entry.spec.name == "client")
    bench.remove_socket(client)
    assert "There is no socket called 'client'" in pane.view.result.text()
    assert not pane.view.run.isEnabled()
    with pytest.raises(workspace.WorkspaceError, match=r"\$\.sequences\[0\]\.socket"):
        workspace.save(path, bench.document)
    bench.undo.undo()
    workspace.save(path, bench.document)


def test_it_is_shown_as_python(pane: SequencePane, qtbot: QtBot, program: Program) -> None:
    example = made_example(pane, qtbot)
    action = next(one for one in pane.view.more.menu().actions() if one.text() == "Show as Python")
    action.trigger()

    python = program.window.findChild(PythonPane)
    assert isinstance(python, PythonPane)
    assert python.isVisible()
    assert python.what.currentData() == example.name
    assert "def steps():" in python.text.toPlainText()
